//! `lint`: its flags.

use clap::Args;

use super::ContractFlag;

/// Looks at the contract itself: examples of rules, unknown keywords, definitions that nothing uses
#[derive(Debug, Args)]
pub(crate) struct Lint {
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
}
