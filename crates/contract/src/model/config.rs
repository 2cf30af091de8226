//! `charter.toml`: the settings of a contract. Flags override settings; an unknown key is an error.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use serde::{Deserialize, Serialize};

use super::traffic::TrafficConfig;
use crate::formats::AssertedFormats;

/// The configuration of a contract.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Config {
    /// `[generate]`
    pub generate: GenerateConfig,
    /// `[check]`
    pub check: CheckConfig,
    /// `[traffic]`
    pub traffic: TrafficConfig,
    /// `[mask]`
    pub mask: MaskConfig,
    /// `[sections]`
    pub sections: Option<SectionsConfig>,
    /// `[probe]`
    pub probe: ProbeConfig,
    /// `[diff]`
    pub diff: DiffConfig,
}

/// Options and output folder of generated code.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct GenerateConfig {
    /// The folder that generated files are written to, relative to the contract's folder.
    pub out: Utf8PathBuf,
    /// The Rust path of the runtime library in generated code.
    pub support: String,
    /// The Rust path of the reader library in generated code. If set, the compiled reader is generated alongside the types, under
    /// the feature `reader` of their crate.
    pub reader: Option<String>,
    /// The library of the client of the operations. If set, a client is generated alongside the types.
    pub client: Option<ClientLibrary>,
    /// The library of the server of the operations. If set, a server is generated alongside the types.
    pub server: Option<ServerLibrary>,
    /// Additional traits that every type derives, as Rust paths.
    pub derives: Vec<String>,
    /// Whether the structs of open objects are `#[non_exhaustive]`: then an optional property that is added is a minor change of the
    /// generated crate, but other crates cannot write struct expressions.
    pub non_exhaustive: bool,
    /// The treatment of keys and values that the contract does not define.
    pub mode: Mode,
    /// The map type of objects without known keys, and of the unknown keys of open objects.
    pub map: MapType,
    /// The integer type of bounded integers.
    pub integers: Integers,
    /// What is written. If unset, the files for the library that `support` names; with `vendor`, a module.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub layout: Option<LayoutOfCode>,
    /// Whether the source of the runtime is copied into the output.
    pub vendor: bool,
    /// Whether equal types of different places are one type. If unset, they are in a contract with many types.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub share: Option<bool>,
    /// Which objects have a builder. If unset, those of requests in a contract with many types, and all objects in every other one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builders: Option<Builders>,
    /// Whether the operations of each tag, and the types that only they use, have a cargo feature. For crates only.
    pub tag_features: bool,
    /// `[generate.formats]`
    pub formats: FormatsConfig,
    /// `[generate.rename]`: names of types and fields, by the location of the schema or property.
    pub rename: BTreeMap<String, String>,
    /// `[generate.replace]`: existing types, as Rust paths, by the location of the schema that each replaces.
    pub replace: BTreeMap<String, String>,
}

impl Default for GenerateConfig {
    fn default() -> Self {
        Self {
            out: "generated".into(),
            support: "::charter_runtime".to_owned(),
            reader: None,
            client: None,
            server: None,
            derives: Vec::new(),
            non_exhaustive: true,
            mode: Mode::default(),
            map: MapType::default(),
            integers: Integers::default(),
            layout: None,
            vendor: false,
            share: None,
            builders: None,
            tag_features: false,
            formats: FormatsConfig::default(),
            rename: BTreeMap::new(),
            replace: BTreeMap::new(),
        }
    }
}

/// What generated code is written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LayoutOfCode {
    /// A module.
    Module,
    /// A crate with its Cargo.toml.
    Crate,
}

/// The library of generated clients.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ClientLibrary {
    /// `reqwest`, by the crate `charter-client`.
    Reqwest,
}

/// The library of generated servers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ServerLibrary {
    /// `axum`, by the crate `charter-server`.
    Axum,
}

/// Which objects have a builder.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Builders {
    /// All objects.
    All,
    /// The objects that parameters and bodies of requests contain.
    Requests,
}

/// The map type of objects without known keys.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MapType {
    /// `indexmap::IndexMap`: keys in document order.
    #[default]
    Index,
    /// `std::collections::BTreeMap`: sorted keys.
    BTree,
    /// `std::collections::HashMap`: unordered keys.
    Hash,
}

/// The integer type of bounded integers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Integers {
    /// `i64`
    #[default]
    Wide,
    /// The smallest Rust integer type that holds every value within the bounds.
    Narrow,
}

/// The treatment of `format`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct FormatsConfig {
    /// Whether strings that do not match their `format` are refused. If not, `format` is an annotation, as in the standard.
    pub assert: bool,
    /// The Rust type of the format `date-time`.
    pub date_time: TimeCrate,
    /// The Rust type of the format `date`.
    pub date: TimeCrate,
    /// The Rust type of the format `uuid`.
    pub uuid: UuidCrate,
    /// The Rust type of the formats `ipv4` and `ipv6`.
    pub ip: IpTypes,
}

/// The crate of date and time types.
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

/// The type of UUIDs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UuidCrate {
    /// Nothing: they stay text.
    #[default]
    String,
    /// `uuid`
    Uuid,
}

/// The type of IP addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum IpTypes {
    /// Nothing: they stay text.
    #[default]
    String,
    /// `std::net`
    Std,
}

/// The treatment of keys and values that the contract does not define.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Mode {
    /// A type accepts exactly the instances that its schema accepts.
    #[default]
    Strict,
    /// Unknown keys of closed objects and unknown values of string enumerations are preserved, and checks that need the reference
    /// path are skipped: a client continues to work when the server adds keys or values.
    Client,
}

impl Mode {
    /// The name on the command line and in the manifest.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Client => "client",
        }
    }
}

/// The input of `check` and its base paths.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct CheckConfig {
    /// The recordings to check if no path is given, relative to the contract's folder.
    pub recordings: Option<Utf8PathBuf>,
    /// The operation whose response a bare body is. Default: the only operation with a JSON response.
    pub operation: Option<String>,
    /// Additional base paths, such as `/eu`, next to those of the servers.
    pub base_paths: Vec<String>,
    /// The formats that are asserted: `true` for all, or a list.
    pub formats: AssertedFormats,
    /// Cases that no response can reach, by their name in the report. They are excluded from the coverage.
    pub unreachable: Vec<UnreachableConfig>,
    /// `[check.simulator]`: if no path is given, the simulator of the program is checked after the recordings.
    pub simulator: Option<SimulatorConfig>,
}

/// The simulator that is checked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
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

/// A case that no response can reach.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct UnreachableConfig {
    /// The name of the case in the report.
    pub case: String,
    /// The reason.
    pub reason: String,
}

/// Which changes between two contracts matter: the settings of `[diff]`, and of the file `.charter-diff.toml`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct DiffConfig {
    /// The assumptions about both parties.
    pub reading: Option<Reading>,
    /// `[diff.levels]`: the level of changes, by kind, or by `request.KIND` and `response.KIND`.
    pub levels: BTreeMap<String, Level>,
    /// `[[diff.accept]]`: changes that are accepted.
    pub accept: Vec<AcceptedChange>,
}

impl DiffConfig {
    /// Reads the file `.charter-diff.toml`, which has the members of `[diff]`.
    ///
    /// # Errors
    /// The text is not TOML, or has an unknown member.
    pub fn parse(text: &str) -> Result<Self, DiffConfigError> {
        Ok(toml::from_str(text)?)
    }
}

/// The text is not a `.charter-diff.toml`.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct DiffConfigError(#[from] toml::de::Error);

/// The assumptions about both parties, when a change is judged.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reading {
    /// A client refuses unknown keys, values and statuses, and may send every document that its contract allows.
    Strict,
    /// As strict, but a client ignores unknown keys, strings of enumerations and statuses.
    Tolerant,
    /// As tolerant, and both parties send only keys that their contract describes.
    #[default]
    Described,
}

impl Reading {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Strict => "strict",
            Self::Tolerant => "tolerant",
            Self::Described => "described",
        }
    }
}

/// The weight of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    /// It needs no attention.
    Info,
    /// It needs a look.
    Warning,
    /// `--fail-on breaking` fails.
    Error,
}

impl Level {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// A change that is accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct AcceptedChange {
    /// The id of the change: 12 hexadecimal digits.
    pub id: Option<String>,
    /// Or its kind, such as `property-removed`.
    pub kind: Option<String>,
    /// With `kind`: only changes of this operation, or of schemas that no other operation uses.
    pub operation: Option<String>,
    /// The reason.
    pub reason: String,
    /// The last day on which the change is accepted, as `2027-01-31`.
    pub expires: Option<String>,
}

/// Data to mask in recordings, in addition to credentials.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct MaskConfig {
    /// Additional header fields whose values are secret.
    pub headers: Vec<String>,
    /// Additional query parameters whose values are secret.
    pub query: Vec<String>,
    /// JSON Pointers to personal data in bodies; `*` matches any key or item, `**` any number of levels.
    pub pointers: Vec<String>,
    /// Whether e-mail addresses are masked everywhere.
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
#[non_exhaustive]
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

/// How `probe` reads a live server.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ProbeConfig {
    /// The operation that returns one resource. Default: the operation of `[check]`, or the first `GET` operation with one path parameter
    /// without a value.
    pub operation: Option<String>,
    /// When the resource no longer changes: a JSON Pointer to a boolean of the body, or an expression of the rule language on `self`, the
    /// body.
    pub finished: Option<String>,
    /// The values of parameters in paths, queries, header fields and cookies, by name or as `operation.name`.
    pub parameters: BTreeMap<String, String>,
    /// Header fields of every request, by name. Do not write secrets here.
    pub headers: BTreeMap<String, String>,
    /// The environment variables that contain credentials, by the name of their security scheme.
    pub credentials: BTreeMap<String, String>,
    /// How resources are listed.
    pub list: Option<ListConfig>,
    /// How other resources are listed, for requests to all operations.
    pub lists: Vec<ListConfig>,
    /// How artifacts of a resource are listed and downloaded.
    pub artifacts: Option<ArtifactsConfig>,
    /// The former spelling of `[sections]`; `lower` moves it there.
    #[serde(rename = "expand", skip_serializing)]
    pub(crate) former_sections: Option<FormerSections>,
}

/// An operation that lists resources, page by page.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ListConfig {
    /// The operation.
    pub operation: String,
    /// The ids on a page: a JSON Pointer with `*` for any item.
    pub ids: String,
    /// The path parameter that the ids are values of, in every path. Default: the parameter that follows the path of the list.
    pub parameter: Option<String>,
    /// The cursor of the next page in the body: a JSON Pointer.
    pub next: Option<String>,
    /// The query parameter for the cursor.
    pub cursor: Option<String>,
    /// The URL of the next page in the body: a JSON Pointer. It may be relative.
    pub next_url: Option<String>,
    /// Whether the header field `Link` has the URL of the next page, with `rel="next"` (RFC 8288).
    #[serde(default)]
    pub link_header: bool,
    /// The query parameter for the number of the page. The first page is requested without it.
    pub page: Option<String>,
    /// The number of the first page.
    #[serde(default = "first_page")]
    pub first_page: u64,
    /// The query parameter for the number of the resources before the page.
    pub offset: Option<String>,
    /// Additional queries, sent once each: the checks include the resources that a query must exclude.
    #[serde(default)]
    pub queries: Vec<String>,
}

fn first_page() -> u64 {
    1
}

/// Artifacts that a resource lists and an operation downloads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct ArtifactsConfig {
    /// The operation that downloads one.
    pub operation: String,
    /// Its path parameter for the artifact's path.
    pub parameter: String,
    /// The list of artifacts in a resource: a JSON Pointer.
    pub files: String,
    /// The path within a list item: a JSON Pointer.
    pub path: String,
    /// The length in bytes within a list item: a JSON Pointer.
    pub size: Option<String>,
    /// The media type within a list item: a JSON Pointer.
    pub content_type: Option<String>,
    /// `[probe.artifacts.rules]`
    #[serde(default)]
    pub rules: ArtifactRules,
}

/// Rules of the contract that repeat a built-in check of downloads. A violation is reported under the rule only.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct ArtifactRules {
    /// The rule for a missing artifact.
    pub missing: Option<String>,
    /// The rule for a different length.
    pub length: Option<String>,
    /// The rule for a different media type.
    pub content_type: Option<String>,
    /// The rule for a different name.
    pub name: Option<String>,
}

impl ArtifactRules {
    /// The rules that are set, each with its key.
    pub fn named(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Self { missing, length, content_type, name } = self;
        let named = [("missing", missing), ("length", length), ("content-type", content_type), ("name", name)];
        named.into_iter().filter_map(|(key, rule)| Some((key, rule.as_deref()?)))
    }
}
