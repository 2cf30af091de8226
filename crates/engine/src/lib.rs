//! Judges HTTP exchanges against a contract: match operation → validate → judge invariants → compare → collect.
//!
//! | stage | module | owns |
//! |---|---|---|
//! | match | `operation` | method, path, status, media type |
//! | decode | `wire` | parameters, header fields and bodies as JSON values |
//! | observe | [`body_value()`] | the value of a body alone, for programs that do not judge |
//! | validate | `validate` | the keywords of the schema |
//! | judge | [`Judge`] | the rules, each at every instance it applies to |
//! | compare | `timeline`, `artifact` | observations of one resource over time; downloads |
//! | examples | `examples` | the documented examples: whether they match their schemas, and as exchanges |
//! | cover | `coverage` | the cases reached of those that the contract makes reachable |
//! | collect | [`Collector`] | judgements → report |
//! | split | [`judge_split()`], [`over_time()`] | splits of the inputs → reports of parts, for `charter_report::merge` |
//! | check | [`check()`] | sources → report, on several threads |
//!
//! A violation is a [`Finding`](charter_report::Finding), which is data. An error prevents judging.
//!
//! Modules use only modules before them: `error`, `ordered_parallel_map`; `scope`; `wire`; `body_value`; `operation`; `validate`; `coverage`; `judge`;
//! `surroundings`; `artifact`, `partition`; `timeline`; `collect`; `examples`; `split`; `check`.

mod artifact;
mod body_value;
mod callback;
mod check;
mod collect;
mod coverage;
mod error;
mod examples;
mod judge;
mod operation;
mod ordered_parallel_map;
mod partition;
mod scope;
mod split;
mod surroundings;
mod timeline;
mod validate;
mod wire;

pub use body_value::body_value;
pub use charter_contract::Contract;
pub use check::{
    CheckOptions, DocumentJudge, DocumentVerdict, Progress, check, check_exchanges, check_live, check_sources, check_then_live,
    judge_documents, judge_split, observe_live,
};
pub use collect::Collector;
pub use error::{Error, FastPathUnavailable};
pub use examples::{BrokenExample, broken_examples};
pub use judge::{CelValue, EvaluationError, evaluate};
pub use judge::{ExampleFailure, Judge, Judgement, Mutant, MutantOutcome, NotJudged, Observation, SkipReason, Verdict};
pub use scope::OutOfScope;
pub use split::{JudgedSplit, ListedArgument, Observations, ObservationsFile, OverTime, SplitError, SplitPlan, over_time, over_time_of};
