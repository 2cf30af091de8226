//! The flags of the development commands. In `after_help`, `{program}` stands for the name of the program.

mod bench;
mod conformance;
mod serve;

pub(crate) use bench::*;
pub(crate) use conformance::*;
pub(crate) use serve::*;
