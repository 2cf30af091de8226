//! Promises that the server breaks on request: each fault is named after its rule, and touches nothing else.
//!
//! | module | whose promises |
//! |---|---|
//! | `answer` | none: an answer that is about to be sent, and where in it a fault has its place |
//! | `section` | what of a run is shown when: output, files, error, sections that are asked for |
//! | `kind` | what belongs to runs of workflows alone, and what to those of agents |
//! | `timing`, `figure`, `value` | what a run's values are, and how they go together |
//! | `over_time` | two answers about one run |
//! | `around` | the operations around a run |
//! | `head` | what stands before a body: who is served, header fields, downloads |
//! | `keyword` | those of the schemas, each fault named after its keyword |

mod answer;
mod around;
mod figure;
mod head;
mod keyword;
mod kind;
mod over_time;
mod section;
mod timing;
mod value;

pub(crate) use answer::{Answer, Subject};
pub(crate) use head::{gives_files, is_silent, lets_in, needs_a_run_in_flight};

use answer::Fault;
use charter_contract::nearest;

use crate::error::Error;
use crate::network::NetworkFault;

/// The faults in bodies, by subject.
const IN_BODIES: [&[Fault]; 8] =
    [section::FAULTS, kind::FAULTS, timing::FAULTS, figure::FAULTS, value::FAULTS, over_time::FAULTS, around::FAULTS, keyword::FAULTS];

/// The names of the faults that one body about a run shows by itself, whatever was asked for and answered before.
pub(crate) fn in_run_bodies() -> Vec<&'static str> {
    const ABOUT_THE_REQUEST: [&str; 3] = ["-asked", "-asked-for", "const"];
    let faults = [section::FAULTS, kind::FAULTS, timing::FAULTS, figure::FAULTS, value::FAULTS, keyword::FAULTS].into_iter().flatten();
    faults.map(|(name, _)| *name).filter(|name| !ABOUT_THE_REQUEST.iter().any(|end| name.ends_with(end))).collect()
}

/// The names of the faults that only two answers about one run show.
pub(crate) fn over_time() -> Vec<&'static str> {
    over_time::FAULTS.iter().map(|(name, _)| *name).collect()
}

/// The names of all faults: the contract's rules, and the keywords that its schemas assert.
pub fn faults() -> Vec<&'static str> {
    let in_bodies = IN_BODIES.into_iter().flatten().map(|(name, _)| *name);
    let mut names: Vec<&str> = in_bodies.chain(head::FAULTS).collect();
    names.sort_unstable();
    names
}

/// Whether there is such a fault, of a promise or of the network.
pub(crate) fn is_known(name: &str) -> Result<(), Error> {
    let known: Vec<&str> = faults().into_iter().chain(NetworkFault::ALL.map(NetworkFault::name)).collect();
    if known.contains(&name) {
        return Ok(());
    }
    // What stands behind the last dot may be all that was remembered.
    let last = |known: &&&str| known.rsplit_once('.').is_some_and(|(_, last)| last == name);
    let meant = nearest(name, known.iter().copied()).or_else(|| known.iter().find(last).map(|known| format!("did you mean `{known}`?")));
    let remedy = meant.map_or_else(String::new, |meant| format!("{meant} ")) + "serve --list-faults names them all";
    Err(Error::UnknownFault { name: name.to_owned(), remedy })
}

/// Breaks a promise where the answer has a place for it.
pub(crate) fn breaks(fault: &str, answer: &mut Answer) {
    if let Some((_, break_)) = IN_BODIES.into_iter().flatten().find(|(name, _)| *name == fault) {
        break_(answer);
    }
}
