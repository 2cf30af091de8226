//! The differences between programs with this command line.

use std::ops::ControlFlow;

use charter_contract::SimulatorConfig;
use charter_engine::{CheckOptions, Judge, Progress};
use charter_reader::Compiled;
use charter_report::Report;

/// Checks recordings, then a live server that the program starts itself.
pub type LivePass = fn(
    judge: &Judge,
    recordings: &[String],
    config: &SimulatorConfig,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report, LiveError>;

/// Why the live pass could not run.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct LiveError {
    /// The error and its context.
    pub message: String,
    /// Whether the settings are wrong, rather than the environment.
    pub usage: bool,
}

/// A program: its name, and its additions to the product commands.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Program {
    /// The name that users type, such as `charter`. Help texts and remedies contain it.
    pub name: &'static str,
    /// The compiled reader of one contract, or the reason why there is none.
    pub compiled: Result<&'static Compiled, &'static str>,
    /// The live pass of `check`, for contracts with `[check.simulator]`.
    pub live: Option<LivePass>,
}

impl Program {
    /// A program without a compiled reader and without a live pass.
    pub const fn new(name: &'static str) -> Self {
        Self { name, compiled: Err("this program has no compiled reader of this contract"), live: None }
    }
}
