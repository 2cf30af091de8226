//! `charter.toml`: what a contract's owner sets once. Flags win; an unknown key is an error.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

/// The configuration of a contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// `[generate]`
    pub generate: GenerateConfig,
    /// `[check]`
    pub check: CheckConfig,
    /// `[mask]`
    pub mask: MaskConfig,
    /// `[sections]`
    pub sections: Option<SectionsConfig>,
    /// `[probe]`
    pub probe: ProbeConfig,
}

/// What generated code is like, and where it goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct GenerateConfig {
    /// The folder that generated files are written to, relative to the contract's folder.
    pub out: Utf8PathBuf,
    /// The Rust path of the runtime, as generated code names it.
    pub support: String,
    /// The Rust path of the reader's library, as generated code names it: where it is given, the compiled reader is generated
    /// beside the types, under the feature `reader` of the crate that holds them.
    pub reader: Option<String>,
    /// Traits that every type derives beside its own, as Rust paths.
    pub derives: Vec<String>,
    /// What happens to keys and values that the contract does not know.
    pub mode: Mode,
    /// What holds objects without known keys, and the unknown keys of open ones.
    pub map: MapType,
    /// What holds integers that have bounds.
    pub integers: Integers,
    /// `[generate.formats]`
    pub formats: FormatsConfig,
    /// `[generate.rename]`: names of types, by the place of their schema, and of fields, by the place of the property.
    pub rename: BTreeMap<String, String>,
    /// `[generate.replace]`: types of one's own, as Rust paths, by the place of the schema that each stands for.
    pub replace: BTreeMap<String, String>,
}

impl Default for GenerateConfig {
    fn default() -> Self {
        Self {
            out: "generated".into(),
            support: "::charter_runtime".to_owned(),
            reader: None,
            derives: Vec::new(),
            mode: Mode::default(),
            map: MapType::default(),
            integers: Integers::default(),
            formats: FormatsConfig::default(),
            rename: BTreeMap::new(),
            replace: BTreeMap::new(),
        }
    }
}

/// What holds objects without known keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MapType {
    /// `indexmap::IndexMap`: keys in the order read.
    #[default]
    Index,
    /// `std::collections::BTreeMap`: keys in the order of their text.
    BTree,
    /// `std::collections::HashMap`: keys in no order.
    Hash,
}

/// What holds integers that have bounds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Integers {
    /// `i64`
    #[default]
    Wide,
    /// The smallest of Rust's integers that holds every value within the bounds.
    Narrow,
}

/// What becomes of `format`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FormatsConfig {
    /// Whether a text that is not of its format is refused. As in the standard, `format` is an annotation otherwise.
    pub assert: bool,
    /// What reads texts of the format `date-time`.
    pub date_time: TimeCrate,
    /// What reads texts of the format `date`.
    pub date: TimeCrate,
    /// What reads texts of the format `uuid`.
    pub uuid: UuidCrate,
    /// What reads texts of the formats `ipv4` and `ipv6`.
    pub ip: IpTypes,
}

/// What reads dates and times.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum TimeCrate {
    /// Nothing: they stay text.
    #[default]
    String,
    /// `jiff`
    Jiff,
    /// `chrono`
    Chrono,
    /// `time`
    Time,
}

/// What reads UUIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UuidCrate {
    /// Nothing: they stay text.
    #[default]
    String,
    /// `uuid`
    Uuid,
}

/// What reads addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IpTypes {
    /// Nothing: they stay text.
    #[default]
    String,
    /// `std::net`
    Std,
}

/// What happens to keys and values that the contract does not know.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// They are refused where the schema refuses them: a type accepts exactly what its schema accepts.
    #[default]
    Strict,
    /// Keys of closed objects are kept, other values of enumerations of strings are kept as they are, and what only the
    /// reference reader could say is not asked: a client survives what the server adds.
    Client,
}

impl Mode {
    /// The word for it on the command line and in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Client => "client",
        }
    }
}

/// What is judged, and against which base paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct CheckConfig {
    /// The recordings judged where no path is given, relative to the contract's folder.
    pub recordings: Option<Utf8PathBuf>,
    /// The operation a bare body is judged as an answer of; the contract's first where none is named.
    pub operation: Option<String>,
    /// Base paths beside those of the servers, such as `/eu`.
    pub base_paths: Vec<String>,
    /// Cases that no answer can show, as the report names them: they are left out of the coverage.
    pub unreachable: Vec<UnreachableConfig>,
    /// `[check.simulator]`: where no path is given, the embedded simulator is judged as well, behind the recordings.
    pub simulator: Option<SimulatorConfig>,
}

/// The simulator that is judged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct SimulatorConfig {
    /// The random seed.
    pub seed: u64,
    /// The number of simulated resources. `runs` is the former name of this key.
    #[serde(alias = "runs")]
    pub resources: usize,
    /// The ids of the rules that the simulator violates.
    pub faults: Vec<String>,
}

impl Default for SimulatorConfig {
    fn default() -> Self {
        Self { seed: 1, resources: 16, faults: Vec::new() }
    }
}

/// A case that no answer can show.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnreachableConfig {
    /// The case, as the report names it.
    pub case: String,
    /// Why no answer can show it.
    pub reason: String,
}

/// What leaves no trace in a recording, beside credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct MaskConfig {
    /// Header fields whose values are secrets, beside those that always are.
    pub headers: Vec<String>,
    /// Query parameters whose values are secrets, beside those that always are.
    pub query: Vec<String>,
    /// JSON Pointers to personal data in bodies; `*` stands for any key or item, `**` for any number of levels.
    pub pointers: Vec<String>,
    /// Whether e-mail addresses are masked wherever they stand.
    pub emails: bool,
}

impl Default for MaskConfig {
    fn default() -> Self {
        Self { headers: Vec::new(), query: Vec::new(), pointers: Vec::new(), emails: true }
    }
}

/// A query parameter whose values, separated by commas, select sections of the response.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct SectionsConfig {
    /// The name of the query parameter.
    pub parameter: String,
    /// The values that the parameter accepts: one section each.
    pub values: Vec<String>,
}

/// The former spelling of `[sections]`: `[probe.expand]`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FormerSections {
    parameter: String,
    sections: Vec<String>,
}

impl From<FormerSections> for SectionsConfig {
    fn from(former: FormerSections) -> Self {
        Self { parameter: former.parameter, values: former.sections }
    }
}

/// How a live server is asked.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ProbeConfig {
    /// The operation that shows one resource; the contract's first where none is named.
    pub operation: Option<String>,
    /// Where a body says that its resource will not change any more: a JSON Pointer to a boolean.
    pub finished: Option<String>,
    /// How resources are listed.
    pub list: Option<ListConfig>,
    /// How artifacts of a resource are named and downloaded.
    pub artifacts: Option<ArtifactsConfig>,
    /// The former spelling of `[sections]`; `lower` moves it there.
    #[serde(rename = "expand", skip_serializing)]
    pub(crate) former_sections: Option<FormerSections>,
}

/// An operation that lists resources, page by page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ListConfig {
    /// The operation.
    pub operation: String,
    /// The ids on a page: a JSON Pointer with `*` for any item.
    pub ids: String,
    /// What leads to the next page, in the body: a JSON Pointer.
    pub next: Option<String>,
    /// The query parameter that takes it.
    pub cursor: Option<String>,
    /// Queries that are asked beside the pages, once each, where other questions are: what they leave out is judged.
    #[serde(default)]
    pub queries: Vec<String>,
}

/// Artifacts that a resource names and an operation downloads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ArtifactsConfig {
    /// The operation that downloads one.
    pub operation: String,
    /// Its path parameter that takes the artifact's path.
    pub parameter: String,
    /// The list of artifacts in a resource: a JSON Pointer.
    pub files: String,
    /// The path in an entry: a JSON Pointer.
    pub path: String,
    /// The length in bytes in an entry: a JSON Pointer.
    pub size: Option<String>,
    /// The media type in an entry: a JSON Pointer.
    pub content_type: Option<String>,
    /// `[probe.artifacts.rules]`
    #[serde(default)]
    pub rules: ArtifactRules,
}

/// Rules of the contract that say what is said of downloads anyway: where one of them is broken, it alone is told.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ArtifactRules {
    /// The rule that says that an artifact is missing.
    pub missing: Option<String>,
    /// The rule that says that its length is another.
    pub length: Option<String>,
    /// The rule that says that its media type is another.
    pub content_type: Option<String>,
    /// The rule that says that its name is another.
    pub name: Option<String>,
}

impl ArtifactRules {
    /// Each rule that is named, with the key that names it.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { missing, length, content_type, name } = self;
        let named = [("missing", missing), ("length", length), ("content-type", content_type), ("name", name)];
        named.into_iter().filter_map(|(key, rule)| Some((key, rule.as_deref()?)))
    }
}
