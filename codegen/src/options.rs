//! What a run of the generator is asked for beside the contract.

use charter_schema::{Contract, Mode};

use crate::name::NameLock;

/// How types are generated.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// The Rust path of the support library, as generated code names it.
    pub support: String,
    /// The command that the first line of every file names.
    pub command: String,
    /// What happens to keys and values that the contract does not know.
    pub mode: Mode,
    /// The names of an earlier run, which stay what they were.
    pub names: NameLock,
    /// Traits that every type derives beside its own, as Rust paths.
    pub derives: Vec<String>,
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
        let config = &contract.config().generate;
        Self { support: config.support.clone(), derives: config.derives.clone(), mode: config.mode, ..Self::default() }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            support: "crate::support".to_owned(),
            command: "cargo xtask generate".to_owned(),
            mode: Mode::default(),
            names: NameLock::default(),
            derives: Vec::new(),
            schemars: Schemars::Feature,
        }
    }
}
