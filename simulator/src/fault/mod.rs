//! Promises that the server breaks on request: each fault is named after its rule, and touches nothing else.
//!
//! | module | whose promises |
//! |---|---|
//! | `answer` | none: an answer that is about to be sent, and where in it a fault has its place |
//! | `section` | what of a run is shown when: output, files, error, sections that are asked for |
//! | `value` | what a run's values are |
//! | `over_time` | two answers about one run |
//! | `around` | the operations around a run |

mod answer;
mod around;
mod over_time;
mod section;
mod value;

pub(crate) use answer::Answer;
use answer::Fault;

/// The faults in bodies, by subject.
const IN_BODIES: [&[Fault]; 4] = [section::FAULTS, value::FAULTS, over_time::FAULTS, around::FAULTS];

/// Faults elsewhere: in the head of an answer, in who is served.
const ELSEWHERE: [&str; 7] = [
    "artifact.can-be-downloaded",
    "artifact.length-as-stated",
    "artifact.type-as-stated",
    "error.request-id-is-the-header",
    "operations.say-when-to-retry",
    "runs.get.needs-a-key",
    "runs.get.says-when-to-retry",
];

/// The names of all faults.
pub fn faults() -> Vec<&'static str> {
    let in_bodies = IN_BODIES.into_iter().flatten().map(|(name, _)| *name);
    let mut names: Vec<&str> = in_bodies.chain(ELSEWHERE).collect();
    names.sort_unstable();
    names
}

/// Breaks a promise where the answer has a place for it.
pub(crate) fn breaks(fault: &str, answer: &mut Answer) {
    if let Some((_, break_)) = IN_BODIES.into_iter().flatten().find(|(name, _)| *name == fault) {
        break_(answer);
    }
}
