//! What a run of the generator is asked for beside the contract.

use charter_schema::Contract;

/// How types are generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The Rust path of the support library, as generated code names it.
    pub support: String,
    /// The command that the first line of every file names.
    pub command: String,
    /// Whether types give their schemas back for schemars.
    pub schemars: Schemars,
}

/// When generated types implement `schemars::JsonSchema`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schemars {
    /// Under the feature `schemars` of the crate that holds the types.
    Feature,
    /// Never: nothing of schemars is generated.
    Never,
}

impl Options {
    /// What the contract's own configuration asks for.
    pub fn of(contract: &Contract) -> Self {
        Self { support: contract.config().generate.support.clone(), ..Self::default() }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self { support: "crate::support".to_owned(), command: "cargo xtask generate".to_owned(), schemars: Schemars::Feature }
    }
}
