//! `lint`: its flags.

use clap::Args;

use super::ContractFlag;

/// Looks at the contract itself: examples of rules, unknown keywords, definitions that nothing uses
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  lint                    the contract in schema/\n  lint --contract api     another one")]
pub(crate) struct Lint {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
}
