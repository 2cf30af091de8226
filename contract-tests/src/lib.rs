//! Judges recorded HTTP exchanges against a contract: read → match operation → validate → judge invariants → compare → report.
//!
//! | stage | module | what it owns |
//! |---|---|---|
//! | read | [`read`] | files, formats, compression; one exchange at a time |
//! | match | `operation` | method, path, status, media type |
//! | validate | `validate` | the keywords of the schema |
//! | judge | [`Judge`] | the invariants, each at each of its places |
//! | compare | `timeline`, `artifact` | observations of one resource in the order of their time; downloads with what was said of them |
//! | cover | [`coverage`] | what was looked at, of all that the contract makes reachable |
//! | mask, record | [`mask`], [`record`] | what a live server answers, written down without secrets, then judged |
//! | report | [`report`] | counts, groups, text and JSON; no verdict is made there |
//!
//! A broken promise is a [`Finding`], which is data; only what keeps judging from happening is an error.
//!
//! # In a test of your own
//!
//! ```
//! use charter_contract_tests::{Exchange, Judge, assert_kept};
//!
//! let judge = Judge::load("../schema")?;
//! # let body = include_str!("../recordings/kept/bare-body.json");
//! assert_kept!(judge, Exchange::bare(body));
//! # Ok::<(), charter_contract_tests::Error>(())
//! ```
//!
//! A whole answer is judged with its request, and a recording by its path:
//!
//! ```
//! use charter_contract_tests::{Exchange, Judge, Recording, assert_kept};
//!
//! let judge = Judge::load("../schema")?;
//! let refused = r#"{"issues": [], "requestId": "req_1"}"#;
//! assert_kept!(judge, Exchange::get("/api/v1/runs/run_1").answered(404, refused).header("x-request-id", "req_1"));
//! assert_kept!(judge, Recording("recordings/kept/workflow.ndjson"));
//! # Ok::<(), charter_contract_tests::Error>(())
//! ```

mod artifact;
mod check;
pub mod coverage;
mod digest;
mod error;
pub mod exchange;
mod finding;
mod harness;
mod judge;
mod live;
pub mod mask;
mod operation;
mod partition;
pub mod read;
pub mod record;
mod relay;
pub mod report;
pub mod sample;
mod ticks;
mod timeline;
mod validate;

pub use charter_schema::{self as schema, Contract};
pub use check::{CheckOptions, Progress, check, check_live, check_then_live};
pub use error::Error;
pub use exchange::Exchange;
pub use finding::{Caret, Finding, Kind, PromiseSource};
pub use harness::{Judgeable, Recording, kept};
pub use judge::{CelValue, EvaluationError, evaluate};
pub use judge::{ExampleFailure, Judge, Judgement, Mutant, MutantOutcome, Observation, Outcome, Verdict};
pub use live::{Live, Next};
pub use partition::{Partition, PartitionError};
pub use ticks::Ticks;
