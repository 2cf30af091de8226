//! Judges one exchange: match the operation, parse the body, validate it, evaluate the rules.
//!
//! | file | owns |
//! |---|---|
//! | `handle` | [`Judge`]: the reference path and, where there is one, the fast path |
//! | `reference` | the contract, its compiled schemas and rules, and its coverage plan |
//! | `stages` | the stages of the reference path for one exchange |
//! | `fast_path` | one pass of a compiled reader over a bare body |
//! | `heads` | decides exchanges by plans of their heads |
//! | `rule` | compiled rules, and their evaluation at each instance |
//! | `instance` | the instances of a body that rules apply to |
//! | `over_time` | rules that compare two observations of a resource |
//! | `project` | the parts of an observation that such rules read |
//! | `located` | the same for values that a program locates |
//! | `checksum` | the checksum of a value that such rules only compare |
//! | `bind`, `environment` | the variables of a rule and their types |
//! | `evaluate` | CEL |
//! | `example`, `mutant` | the examples of a rule, and changes of the rule that they must detect |
//! | `snippet` | the position of a finding in its body, and the bytes around it |
//! | `judgement`, `observation`, `outcome` | the results |
//!
//! A rule is blocked, not evaluated, at an instance where a value that it reads violates its schema: the schema finding already explains the fault. A rule
//! without an instance is blocked only if such a fault can hide an instance; otherwise it is not applicable.
//!
//! Order of use, from the bottom: `outcome`, `bind`, `observation`, `snippet`; `evaluate`, `environment`, `instance`, `checksum`, `project`; `rule`;
//! `judgement`, `example`, `over_time`; `mutant`; `reference`; `stages`; `fast_path`, `heads`; `handle`.

mod bind;
mod checksum;
mod environment;
mod evaluate;
mod example;
mod fast_path;
mod handle;
mod heads;
mod instance;
mod judgement;
mod located;
mod message;
mod mutant;
mod observation;
mod outcome;
mod over_time;
mod programs;
mod project;
mod reference;
mod request;
mod rule;
mod snippet;
mod stages;

pub(crate) use environment::parameter;
pub use evaluate::{CelValue, EvaluationError, evaluate};
pub use example::ExampleFailure;
pub(crate) use fast_path::FastPathCounts;
pub use handle::Judge;
pub(crate) use heads::{Buffers, Decided, DecidedCounts, Decider, Failed, Observed, ObservedBatch, ObservedState, Template};
pub use judgement::{Judgement, NotJudged};
pub use mutant::{Mutant, MutantOutcome};
pub use observation::Observation;
pub(crate) use outcome::Outcome;
pub use outcome::{SkipReason, Verdict};
pub(crate) use over_time::{Earlier, Entry, Found, History, NO_EARLIER_OBSERVATION};
pub(crate) use snippet::{locate_in_exchange, value_at};
