//! Generator options.

use std::collections::BTreeMap;

use charter_contract::{Builders, Contract, FormatsConfig, Integers, MapType, Mode};

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
    /// The Rust path of the crate `charter-reader`. The compiled reader is generated if it is set.
    pub reader: Option<String>,
    /// The command that the first line of every file names.
    pub command: String,
    /// How unknown properties and values are handled.
    pub mode: Mode,
    /// The map type of objects without known keys.
    pub map: MapType,
    /// The types of integers with bounds.
    pub integers: Integers,
    /// Whether equal types of different places are one type; if `None`, they are in a contract with many types. Types with a name of an
    /// earlier run stay, and the compiled reader excludes it.
    pub share: Option<bool>,
    /// Which objects have a builder; if `None`, those of requests in a contract with operations and many types, unless a server is
    /// generated, and all objects in every other contract.
    pub builders: Option<Builders>,
    /// The types of strings with a `format`. Whether formats are asserted is part of the contract.
    pub formats: FormatsConfig,
    /// Names of types and of their members from `charter.toml`.
    pub rename: BTreeMap<String, String>,
    /// The user's own types, by the location of the schema that each replaces.
    pub replace: BTreeMap<String, String>,
    /// The names of an earlier run. They do not change.
    pub names: NameLock,
    /// Additional traits that every type derives, as Rust paths.
    pub derives: Vec<String>,
    /// Whether the structs of open objects are `#[non_exhaustive]`.
    pub non_exhaustive: bool,
    /// Whether a client of the operations is generated alongside the types.
    pub client: bool,
    /// Whether a server of the operations is generated alongside the types.
    pub server: bool,
    /// Whether the operations of each tag, and the types that only they use, have a cargo feature. For packages only: the features are
    /// declared in a Cargo.toml.
    pub tag_features: bool,
    /// Whether types implement `schemars::JsonSchema`.
    pub schemars: Schemars,
    /// Whether a package has a test with snapshots of the generated code.
    pub snapshot_test: bool,
}

/// When generated types implement `schemars::JsonSchema`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schemars {
    /// Under the feature `schemars` of the crate that contains the types.
    Feature,
    /// Never.
    Never,
}

impl Options {
    /// The settings of the contract's `charter.toml`.
    pub fn of(contract: &Contract) -> Self {
        let config = &contract.config().generate;
        Self {
            support: config.support.clone(),
            reader: config.reader.clone(),
            derives: config.derives.clone(),
            non_exhaustive: config.non_exhaustive,
            mode: config.mode,
            map: config.map,
            integers: config.integers,
            share: config.share,
            builders: config.builders,
            formats: config.formats.clone(),
            rename: config.rename.clone(),
            replace: config.replace.clone(),
            client: config.client.is_some(),
            server: config.server.is_some(),
            tag_features: config.tag_features,
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
            share: None,
            builders: None,
            formats: FormatsConfig::default(),
            rename: BTreeMap::new(),
            replace: BTreeMap::new(),
            names: NameLock::default(),
            derives: Vec::new(),
            non_exhaustive: true,
            client: false,
            server: false,
            tag_features: false,
            schemars: Schemars::Feature,
            snapshot_test: false,
        }
    }
}
