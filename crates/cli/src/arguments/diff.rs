//! `diff`: its flags.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::*;

/// Reports the changes between two contracts and which of them break clients or servers
#[derive(Debug, Args)]
#[command(after_help = "\
A contract is a folder, an OpenAPI document, a JSON Schema, or a git revision. A revision means the contract's folder at that revision.

Each change has a level. The reading decides what breaks: a strict client refuses everything unknown, a tolerant one ignores unknown keys,
values and statuses, and with `described` both parties also send only what their contract describes. [diff] in the new charter.toml, or a file
.charter-diff.toml in the current folder, sets the reading, the levels and the accepted changes.

Examples:
  {program} diff main HEAD                                 # two revisions
  {program} diff HEAD schema                               # uncommitted changes
  {program} diff v1.2:schema other/schema --verbose        # with every note
  {program} diff old/openapi.yaml new/openapi.yaml --fail-on breaking
  {program} diff main HEAD --report markdown=diff.md --recordings recordings
  {program} diff main HEAD --changelog CHANGELOG.md        # adds an entry at the top")]
pub(crate) struct Diff {
    /// The old contract: a folder, a file, a git revision, or REVISION:PATH
    pub(crate) old: String,
    /// The new contract: a folder, a file, a git revision, or REVISION:PATH
    pub(crate) new: String,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Compare only this operation; may be repeated
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Vec<String>,
    /// The reading of clients and servers [default: `reading` under [diff], else that of --mode, else described]
    #[arg(long, value_enum)]
    pub(crate) reading: Option<ReadingName>,
    /// The mode of the generated code [default: `mode` under [generate] in the new charter.toml, or strict]
    #[arg(long, value_enum)]
    pub(crate) mode: Option<ModeName>,
    /// File with levels and accepted changes [default: .charter-diff.toml, if it exists]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<Utf8PathBuf>,
    /// Recordings to check against both contracts: files, folders or glob patterns
    #[arg(long, value_name = "PATH")]
    pub(crate) recordings: Vec<String>,
    /// Report format (text, markdown, json, html, sarif or github), to standard output or to FILE; may be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) report: Vec<DiffReport>,
    /// Which changes make the command fail with exit code 1
    #[arg(long, value_enum, default_value = "never")]
    pub(crate) fail_on: FailOnChange,
    /// Which side `--fail-on` considers: client, server or both
    #[arg(long = "for", value_enum, default_value = "client")]
    pub(crate) party: PartyName,
    /// Add an entry to this changelog, above the earlier entries
    #[arg(long, value_name = "FILE")]
    pub(crate) changelog: Option<Utf8PathBuf>,
    /// Show every note
    #[arg(short, long)]
    pub(crate) verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnChange {
    /// No change
    Never,
    /// Changes with the level error
    Breaking,
    /// Changes with the level error, and changes whose effect is unknown
    Unknown,
    /// Changes with the level error or warning
    Warning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReadingName {
    /// A client refuses unknown keys, values and statuses, and may send whatever its contract allows
    Strict,
    /// A client ignores unknown keys, strings of enumerations and statuses
    Tolerant,
    /// As tolerant, and both parties send only what their contract describes
    Described,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartyName {
    /// A client of the old contract
    Client,
    /// A server of the old contract
    Server,
    /// Client or server
    Both,
}

/// A report format and its target.
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
    Html,
    Sarif,
    Github,
}

impl std::str::FromStr for DiffReport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("file name missing after `=`".to_owned()),
            Some((format, file)) => (format, Some(file.into())),
            None => (text, None),
        };
        let format = match format {
            "text" => DiffFormat::Text,
            "markdown" => DiffFormat::Markdown,
            "json" => DiffFormat::Json,
            "html" => DiffFormat::Html,
            "sarif" => DiffFormat::Sarif,
            "github" => DiffFormat::Github,
            other => return Err(super::reporting::unknown_format(other, &["text", "markdown", "json", "html", "sarif", "github"])),
        };
        Ok(Self { format, file })
    }
}
