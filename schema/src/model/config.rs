//! `charter.toml`: what a contract's owner sets once. Flags win; an unknown key is an error.

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
}

/// Where generated code goes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GenerateConfig {
    /// The folder that generated files are written to, relative to the contract's folder.
    pub out: Utf8PathBuf,
    /// The Rust path of the support library, as generated code names it.
    pub support: String,
    /// Traits that every type derives beside its own, as Rust paths.
    pub derives: Vec<String>,
    /// What happens to keys and values that the contract does not know.
    pub mode: Mode,
}

impl Default for GenerateConfig {
    fn default() -> Self {
        Self { out: "generated".into(), support: "crate::support".to_owned(), derives: Vec::new(), mode: Mode::Strict }
    }
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
}
