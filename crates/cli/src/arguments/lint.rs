//! `lint`: its flags.

use clap::Args;

use super::ContractFlag;

/// Checks the contract itself: examples of rules and schemas, unknown keywords, unused definitions
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  {program} lint                  # the contract in schema/\n  {program} lint --contract api   # the contract in api/"
)]
pub(crate) struct Lint {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
}
