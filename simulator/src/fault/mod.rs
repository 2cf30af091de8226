//! Faults that the server injects on request: each is named after the rule or keyword that it violates, and violates no other.
//!
//! | module | faults in |
//! |---|---|
//! | `response` | none: the response before it is sent, and helpers that change it |
//! | `section` | presence of members: output, files, error, the sections of `expand` |
//! | `kind` | members of workflows only or of agents only |
//! | `timing`, `numbers`, `value` | values of a run, and relations between them |
//! | `over_time` | two responses about the same run |
//! | `operations` | the operations around a run |
//! | `http` | authorisation, header fields, downloads |
//! | `keyword` | keywords of the schemas, each fault named after its keyword |

mod http;
mod keyword;
mod kind;
mod numbers;
mod operations;
mod over_time;
mod response;
mod section;
mod timing;
mod value;

pub(crate) use http::{accepts_without_key, hides_retry_after, needs_a_run_in_flight, serves_unfinished_files};
pub(crate) use response::{PendingResponse, Subject};

use charter_contract::nearest;
use response::Fault;

use crate::error::Error;
use crate::network::NetworkFault;

/// The faults in bodies, by subject.
const IN_BODIES: [&[Fault]; 8] =
    [section::FAULTS, kind::FAULTS, timing::FAULTS, numbers::FAULTS, value::FAULTS, over_time::FAULTS, operations::FAULTS, keyword::FAULTS];

/// The names of the faults that can be found in one run body alone, without the request and without earlier responses.
pub(crate) fn in_run_bodies() -> Vec<&'static str> {
    const ABOUT_THE_REQUEST: [&str; 3] = ["-asked", "-asked-for", "const"];
    let faults = [section::FAULTS, kind::FAULTS, timing::FAULTS, numbers::FAULTS, value::FAULTS, keyword::FAULTS].into_iter().flatten();
    faults.map(|(name, _)| *name).filter(|name| !ABOUT_THE_REQUEST.iter().any(|end| name.ends_with(end))).collect()
}

/// The names of the faults that need two responses about the same run.
pub(crate) fn over_time() -> Vec<&'static str> {
    over_time::FAULTS.iter().map(|(name, _)| *name).collect()
}

/// The names of all faults: the contract's rules, and the keywords that its schemas assert.
pub fn faults() -> Vec<&'static str> {
    let in_bodies = IN_BODIES.into_iter().flatten().map(|(name, _)| *name);
    let mut names: Vec<&str> = in_bodies.chain(http::FAULTS).collect();
    names.sort_unstable();
    names
}

/// Checks the name of a fault.
///
/// # Errors
/// No fault of the contract or of the network has the name.
pub(crate) fn check_name(name: &str) -> Result<(), Error> {
    let known: Vec<&str> = faults().into_iter().chain(NetworkFault::ALL.map(NetworkFault::name)).collect();
    if known.contains(&name) {
        return Ok(());
    }
    // Users may give only the part after the last dot.
    let last = |known: &&&str| known.rsplit_once('.').is_some_and(|(_, last)| last == name);
    let meant = nearest(name, known.iter().copied()).or_else(|| known.iter().find(last).map(|known| format!("did you mean `{known}`?")));
    let remedy = meant.map_or_else(String::new, |meant| format!("{meant} ")) + "`charter serve --list-faults` lists all";
    Err(Error::UnknownFault { name: name.to_owned(), remedy })
}

/// Injects a fault, if the response has a location for it.
pub(crate) fn inject(fault: &str, response: &mut PendingResponse) {
    if let Some((_, inject)) = IN_BODIES.into_iter().flatten().find(|(name, _)| *name == fault) {
        inject(response);
    }
}
