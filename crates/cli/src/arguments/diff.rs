//! `diff`: two contracts, and how the report is shown.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::*;

/// Says what changed between two contracts, whom it breaks, and shows the document that does
#[derive(Debug, Args)]
#[command(after_help = "\
A contract is a folder, an OpenAPI document or a JSON Schema, or stands in git: a revision means the contract's folder in it.

Examples:
  diff main HEAD                                 the contract's folder in two revisions
  diff HEAD schema                               what is not committed yet
  diff v1.2:schema other/schema --verbose        with every note
  diff old/openapi.yaml new/openapi.yaml --fail-on breaking
  diff main HEAD --report markdown=diff.md --recordings recordings
  diff main HEAD --changelog CHANGELOG.md        writes an entry above the others")]
pub(crate) struct Diff {
    /// A folder, a file, a revision, or REVISION:PATH
    pub(crate) old: String,
    /// The same
    pub(crate) new: String,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Only these operations
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Vec<String>,
    /// How the client reads [default: `mode` under [generate] in the new contract's charter.toml, else strict]
    #[arg(long, value_enum)]
    pub(crate) mode: Option<ModeName>,
    /// Recordings to judge under both contracts: files, folders, patterns
    #[arg(long, value_name = "PATH")]
    pub(crate) recordings: Vec<String>,
    /// A report: text, markdown or json, to standard output or to a file
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) report: Vec<DiffReport>,
    /// What makes the command fail with exit code 1
    #[arg(long, value_enum, default_value = "never")]
    pub(crate) fail_on: FailOnChange,
    /// Whom a change must break to make the command fail
    #[arg(long = "for", value_enum, default_value = "client")]
    pub(crate) party: PartyName,
    /// Write an entry of a changelog, above the earlier ones
    #[arg(long, value_name = "FILE")]
    pub(crate) changelog: Option<Utf8PathBuf>,
    /// Show every note
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnChange {
    /// Nothing
    Never,
    /// A change that breaks
    Breaking,
    /// A change of which it is not known whether it breaks, too
    Unknown,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartyName {
    /// A client that keeps to the old contract
    Client,
    /// A server that keeps to the old contract
    Server,
    /// Either
    Both,
}

/// A report's format and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DiffReport {
    pub(crate) format: DiffFormat,
    pub(crate) file: Option<Utf8PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DiffFormat {
    Text,
    Markdown,
    Json,
}

impl std::str::FromStr for DiffReport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing behind the =".to_owned()),
            Some((format, file)) => (format, Some(file.into())),
            None => (text, None),
        };
        let format = match format {
            "text" => DiffFormat::Text,
            "markdown" => DiffFormat::Markdown,
            "json" => DiffFormat::Json,
            other => return Err(format!("`{other}` is no format: text, markdown or json")),
        };
        Ok(Self { format, file })
    }
}
