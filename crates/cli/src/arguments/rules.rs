//! `rules`: its subcommands and flags.

use clap::{Args, Subcommand};

use super::ContractFlag;

/// Lists, shows or tests the rules of the contract
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  {program} rules                                # every rule, its severity and where it applies
  {program} rules show order.total-is-sum        # its source, its expression and its examples
  {program} rules test                           # examples and mutation tests
  {program} rules test order.total-is-sum -v     # with every mutant")]
pub(crate) struct Rules {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(subcommand)]
    pub(crate) action: Option<RulesAction>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// Lists every rule
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Shows one rule
    Show {
        /// Id of the rule
        id: String,
    },
    Test(RulesTest),
}

/// Runs the examples and mutation tests of the rules; exits with 1 if a mutant survives
#[derive(Debug, Args)]
pub(crate) struct RulesTest {
    /// Ids of the rules [default: all]
    pub(crate) ids: Vec<String>,
    /// Show every mutant
    #[arg(short, long)]
    pub(crate) verbose: bool,
}
