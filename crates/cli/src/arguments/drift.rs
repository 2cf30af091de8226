//! `drift`: which recordings are compared with the contract, and what is done about it.

use camino::Utf8PathBuf;
use clap::Args;

use super::*;

/// Says what recordings show that the contract does not say, with an edit for each
#[derive(Debug, Args)]
#[command(after_help = "\
Exits with 1 where something new was seen and not applied. What loosens a bound, a format or a required key is applied with --loosen alone.

Examples:
  drift recordings                      what is new: keys, values, types, bounds, statuses
  drift recordings --unseen --seen      promises that never occur; what could be promised
  drift traffic.har --apply             write the edits into the contract's documents
  drift traffic.har --report json=drift.json")]
pub(crate) struct Drift {
    /// Files, folders, patterns, or - for standard input
    #[arg(required = true)]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// The operation that a bare body is an answer of
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<String>,
    /// Write the proposed edits into the documents
    #[arg(long)]
    pub(crate) apply: bool,
    /// Apply also what loosens a bound, a format, a pattern or what is required
    #[arg(long, requires = "apply")]
    pub(crate) loosen: bool,
    /// Show promises that never occur, too
    #[arg(long)]
    pub(crate) unseen: bool,
    /// Show what the contract leaves open and could promise, too
    #[arg(long)]
    pub(crate) seen: bool,
    /// A report: text or json, to standard output or to a file
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) report: Vec<DriftReport>,
    /// The largest line, document or entry, decompressed: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
}

/// A report's format and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DriftReport {
    pub(crate) json: bool,
    pub(crate) file: Option<Utf8PathBuf>,
}

impl std::str::FromStr for DriftReport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing behind the =".to_owned()),
            Some((format, file)) => (format, Some(file.into())),
            None => (text, None),
        };
        match format {
            "text" => Ok(Self { json: false, file }),
            "json" => Ok(Self { json: true, file }),
            other => Err(format!("`{other}` is no format: text or json")),
        }
    }
}
