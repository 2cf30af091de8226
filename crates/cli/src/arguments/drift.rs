//! `drift`: its flags.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::*;

/// Reports what recordings contain and the contract does not describe, with an edit for each
#[derive(Debug, Args)]
#[command(after_help = "\
The exit code is 1 if there are novelties that were not applied. Edits that loosen a bound, a format or a required key need --loosen.
--apply edits documents in place: comments, order and layout of the other parts remain.

Examples:
  {program} drift recordings                  # reports what is not documented
  {program} drift recordings --unseen --seen  # also what is unused or could be stricter
  {program} drift traffic.har --apply         # writes the edits into the contract's documents
  {program} drift traffic.har --new openapi.yaml  # starts a contract from traffic alone
  {program} drift traffic.har --report json=drift.json")]
pub(crate) struct Drift {
    /// Files, folders, glob patterns, or - for standard input
    #[arg(required = true)]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Operation that a recording of bodies belongs to
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<String>,
    /// Write the proposed edits into the contract's documents
    #[arg(long)]
    pub(crate) apply: bool,
    /// Also apply edits that loosen a bound, a format, a pattern or a required key
    #[arg(long, requires = "apply")]
    pub(crate) loosen: bool,
    /// Write a new OpenAPI document that describes the traffic, instead of comparing it with a contract
    #[arg(long, value_name = "FILE", conflicts_with_all = ["contract", "operation", "apply"])]
    pub(crate) new: Option<Utf8PathBuf>,
    /// What makes the command fail with exit code 1
    #[arg(long, value_enum, default_value = "novelty")]
    pub(crate) fail_on: FailOnDrift,
    /// Also show parts of the contract that never occur
    #[arg(long)]
    pub(crate) unseen: bool,
    /// Also show constraints that the contract could add
    #[arg(long)]
    pub(crate) seen: bool,
    /// Report format (text or json), to standard output or to FILE
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) report: Vec<DriftReport>,
    /// Maximum size of a line, document or entry after decompression: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOnDrift {
    /// Nothing
    Never,
    /// Novelties that were not applied
    Novelty,
}

/// A report format and its target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DriftReport {
    pub(crate) json: bool,
    pub(crate) file: Option<Utf8PathBuf>,
}

impl std::str::FromStr for DriftReport {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("file name missing after `=`".to_owned()),
            Some((format, file)) => (format, Some(file.into())),
            None => (text, None),
        };
        match format {
            "text" => Ok(Self { json: false, file }),
            "json" => Ok(Self { json: true, file }),
            other => Err(super::reporting::unknown_format(other, &["text", "json"])),
        }
    }
}
