//! Splits of the inputs: each process judges some of them, and other processes evaluate the rules over time across all splits.
//!
//! | file | owns |
//! |---|---|
//! | `plan` | the inputs, and which part of them belongs to a split |
//! | `observations` | what a split stores for rules over time, as a file |
//! | `over_time` | the observations of all splits → the report of a share of the resources |
//!
//! `charter_report::merge` merges the reports of all splits and shares to the report of a single run. [`judge_split`](crate::judge_split) judges a split.

mod observations;
mod over_time;
mod plan;

pub(crate) use observations::Header;
pub use observations::{JudgedSplit, Observations, ObservationsFile, SplitError};
pub use over_time::{OverTime, over_time, over_time_of};
pub use plan::{ListedArgument, SplitPlan};
pub(crate) use plan::{Share, ShareContent};
