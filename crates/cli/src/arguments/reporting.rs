//! Flags of every command that reports findings.

use std::ffi::OsStr;

use camino::Utf8PathBuf;
use charter_report::{FORMATS, ReportFormat, find_format};
use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Args, Command, ValueEnum};

use super::Samples;

/// Which reports are written, and what makes the command fail.
#[derive(Debug, Args)]
pub(crate) struct Reporting {
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text", help = report_help(), value_parser = ReportTargets, hide_possible_values = true)]
    pub(crate) report: Vec<ReportTarget>,
    /// Lowest severity that makes the command fail
    #[arg(long, value_enum, default_value = "error")]
    pub(crate) fail_on: FailOn,
    /// Fail if an error rule neither passed nor failed anywhere
    #[arg(long)]
    pub(crate) require_exercised: bool,
    /// Fail if coverage is below PERCENT
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) fail_under: Option<u8>,
    /// File of accepted findings
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<Utf8PathBuf>,
    /// Write all findings to the baseline; reasons already in it are preserved
    #[arg(long, requires = "baseline")]
    pub(crate) write_baseline: bool,
    /// What to do when no exchanges were checked
    #[arg(long, value_enum, default_value = "fail")]
    pub(crate) no_exchanges: NoExchanges,
    /// Show the result of every rule
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Print no text report and no progress; files are still written
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// How exchanges are checked.
#[derive(Debug, Args)]
pub(crate) struct Judging {
    /// Samples per group of findings: a number, or all; limited to 48 MiB in total and 2,000 per rule over time
    #[arg(long, value_name = "N|all", default_value = "5")]
    pub(crate) samples: Samples,
    /// Number of worker threads [default: one per core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Errors
    Error,
    /// Errors and warnings
    Warning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NoExchanges {
    /// Fail with exit code 3
    Fail,
    /// Pass with a warning
    Warn,
    /// Pass
    Pass,
}

/// A report format and its target.
#[derive(Clone, Debug)]
pub(crate) struct ReportTarget {
    pub(crate) format: &'static dyn ReportFormat,
    pub(crate) file: Option<Utf8PathBuf>,
}

impl ReportTarget {
    /// The report for terminals, to standard output.
    pub(crate) fn terminal() -> Option<Self> {
        FORMATS.iter().copied().find(|format| format.is_for_terminals()).map(|format| Self { format, file: None })
    }
}

/// Parses report targets, and offers the names of the formats to shells for completion.
#[derive(Clone)]
struct ReportTargets;

impl TypedValueParser for ReportTargets {
    type Value = ReportTarget;

    fn parse_ref(&self, command: &Command, argument: Option<&Arg>, value: &OsStr) -> Result<ReportTarget, clap::Error> {
        StringValueParser::new().try_map(|text| text.parse::<ReportTarget>()).parse_ref(command, argument, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(FORMATS.iter().map(|format| PossibleValue::new(format.name()).help(format.help()))))
    }
}

impl std::str::FromStr for ReportTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("file name missing after `=`".to_owned()),
            Some((format, file)) => (format, Some(file.into())),
            None => (text, None),
        };
        let format = find_format(format).ok_or_else(|| unknown_format(format, &format_names().collect::<Vec<_>>()))?;
        Ok(Self { format, file })
    }
}

/// The error for an unknown report format.
pub(super) fn unknown_format(name: &str, known: &[&str]) -> String {
    let meant = charter_contract::nearest(name, known.iter().copied()).map_or_else(String::new, |meant| format!("{meant} "));
    format!("unknown report format `{name}`; {meant}expected one of {}", known.join(", "))
}

fn format_names() -> impl Iterator<Item = &'static str> {
    FORMATS.iter().map(|format| format.name())
}

fn report_help() -> String {
    let names: Vec<&str> = format_names().collect();
    let names = names.split_last().map_or_else(String::new, |(last, others)| format!("{} or {last}", others.join(", ")));
    format!("Report format ({names}), to standard output or to FILE; may be repeated")
}
