//! `rules`: its actions.

use clap::{Args, Subcommand};

use super::ContractFlag;

/// Lists the invariants, shows one, or tests them
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  rules                                     every rule, its severity and where it applies
  rules show run.finished-iff-terminal      its promise, its text, its examples
  rules test                                run the examples, then change each rule and see whether one notices
  rules test run.finished-iff-terminal -v   with every change that was tried")]
pub(crate) struct Rules {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(subcommand)]
    pub(crate) action: Option<RulesAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// Names every rule
    List {
        /// As JSON, for machines
        #[arg(long)]
        json: bool,
    },
    /// Tells one rule whole
    Show {
        /// The rule
        id: String,
    },
    Test(RulesTest),
}

/// Runs the examples, then changes each rule in small ways that an example should notice; exits with 1 where none does
#[derive(Debug, Args)]
pub(crate) struct RulesTest {
    /// The rules [default: all]
    pub(crate) ids: Vec<String>,
    /// Show every change that was tried
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
