//! The tests of the Run contract and of the test harness, as one binary: one module for each subject.

mod artifacts;
mod baselines;
mod binding;
mod bounded_samples;
mod contracts;
mod coverage;
mod differential;
mod drift;
mod lazy_schemas;
mod masking;
mod merging;
mod messages;
mod over_time;
mod parallel;
mod reading;
mod recordings;
mod splits;
