//! What a run of the generator is asked for beside the contract.

use std::collections::BTreeMap;

use charter_contract::{Contract, FormatsConfig, Integers, MapType, Mode};

use crate::name::NameLock;
use crate::package::Runtime;

/// How types are generated. `Options::of` takes the settings of a contract, `Options::default` those of an empty `charter.toml`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Options {
    /// The Rust path of the runtime, as generated code names it.
    pub support: String,
    /// Where a module or a package gets the runtime from.
    pub runtime: Runtime,
    /// The Rust path of the reader's library; the compiled reader is generated where it is given.
    pub reader: Option<String>,
    /// The command that the first line of every file names.
    pub command: String,
    /// What happens to keys and values that the contract does not know.
    pub mode: Mode,
    /// What holds objects without known keys.
    pub map: MapType,
    /// What holds integers that have bounds.
    pub integers: Integers,
    /// What reads texts of a format. Whether formats are asserted is part of the contract.
    pub formats: FormatsConfig,
    /// Names of types and of their members, as `charter.toml` gives them.
    pub rename: BTreeMap<String, String>,
    /// Types of one's own, by the place of the schema that each stands for.
    pub replace: BTreeMap<String, String>,
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
        Self {
            support: config.support.clone(),
            reader: config.reader.clone(),
            derives: config.derives.clone(),
            mode: config.mode,
            map: config.map,
            integers: config.integers,
            formats: config.formats.clone(),
            rename: config.rename.clone(),
            replace: config.replace.clone(),
            ..Self::default()
        }
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            support: "::charter_runtime".to_owned(),
            runtime: Runtime::default(),
            reader: None,
            command: "charter generate".to_owned(),
            mode: Mode::default(),
            map: MapType::default(),
            integers: Integers::default(),
            formats: FormatsConfig::default(),
            rename: BTreeMap::new(),
            replace: BTreeMap::new(),
            names: NameLock::default(),
            derives: Vec::new(),
            schemars: Schemars::Feature,
        }
    }
}
