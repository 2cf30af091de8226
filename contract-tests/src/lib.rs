//! The test harness of contract checks: [`assert_kept!`] checks an exchange or a recording and prints the report if it fails.
//!
//! ```
//! use charter_contract_tests::{Exchange, Judge, assert_kept};
//!
//! let judge = Judge::load("../schema")?;
//! # let body = std::fs::read("recordings/kept/bare-body.json").expect("a recording");
//! assert_kept!(judge, Exchange::bare(body));
//! # Ok::<(), charter_contract_tests::Error>(())
//! ```
//!
//! A response is checked with its request, and a recording by its path:
//!
//! ```
//! use charter_contract_tests::{Exchange, Judge, Recording, assert_kept};
//!
//! let judge = Judge::load("../schema")?;
//! let refused = r#"{"issues": [], "requestId": "req_1"}"#;
//! assert_kept!(judge, Exchange::get("/api/v1/runs/run_1").response(404, refused).response_header("x-request-id", "req_1"));
//! assert_kept!(judge, Recording("recordings/kept/workflow.ndjson"));
//! # Ok::<(), charter_contract_tests::Error>(())
//! ```

mod harness;

pub use charter_contract as schema;
pub use charter_engine::{
    CelValue, CheckOptions, Contract, Error, EvaluationError, ExampleFailure, Judge, Judgement, Mutant, MutantOutcome, Observation,
    Progress, Verdict, check, check_live, check_then_live, evaluate,
};
pub use charter_report::{self as report, Caret, Finding, FindingKind, Partition, PartitionError, PromiseSource};
pub use charter_traffic::{Exchange, Live, ManualClock, Next, exchange, mask, read, record, scrub};
pub use harness::{Judgeable, NotKept, Recording, kept};
