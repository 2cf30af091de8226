//! The flags of the development commands, as clap reads them: one file a command.

mod bench;
mod conformance;
mod serve;

pub(crate) use bench::*;
pub(crate) use conformance::*;
pub(crate) use serve::*;
