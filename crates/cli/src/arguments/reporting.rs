//! What every command that judges reports, and what makes it fail.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::Samples;

/// What is reported, and what makes a command fail that judges.
#[derive(Debug, Args)]
pub(crate) struct Reporting {
    /// A report: text, json, junit, sarif, github, markdown or html, to standard output or to a file; several at once
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text")]
    pub(crate) report: Vec<ReportTarget>,
    /// What makes the command fail
    #[arg(long, value_enum, default_value = "error")]
    pub(crate) fail_on: FailOn,
    /// Fail where an error rule was exercised by nothing
    #[arg(long)]
    pub(crate) require_exercised: bool,
    /// Fail where less than so many per cent were seen of what the contract makes reachable
    #[arg(long, value_name = "PERCENT", value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) fail_under: Option<u8>,
    /// Findings that a review has accepted
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<Utf8PathBuf>,
    /// Write everything found to the baseline, keeping the reasons that stand there
    #[arg(long, requires = "baseline")]
    pub(crate) write_baseline: bool,
    /// What judging nothing means
    #[arg(long, value_enum, default_value = "fail")]
    pub(crate) no_exchanges: NoExchanges,
    /// Show every rule and how it came out
    #[arg(short, long)]
    pub(crate) verbose: bool,
    /// Print no report and no progress to the terminal; files are still written
    #[arg(short, long)]
    pub(crate) quiet: bool,
}

/// How it is judged what is reported.
#[derive(Debug, Args)]
pub(crate) struct Judging {
    /// How many samples each group of findings shows: a number, or all. Together they take 48 MiB at most, of each rule over time
    /// no more than 2,000; what is beyond is counted and not shown
    #[arg(long, value_name = "N|all", default_value = "5")]
    pub(crate) samples: Samples,
    /// Threads that judge [default: one for each core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) jobs: Option<u16>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FailOn {
    /// Broken promises of severity error
    Error,
    /// Warnings too
    Warning,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum NoExchanges {
    /// It fails with exit code 3
    Fail,
    /// It passes with a warning
    Warn,
    /// It passes
    Pass,
}

/// A report's format and where it goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReportTarget {
    pub(crate) format: ReportFormat,
    pub(crate) file: Option<Utf8PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    Text,
    Json,
    Junit,
    Sarif,
    Github,
    Markdown,
    Html,
}

impl std::str::FromStr for ReportTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (format, file) = match text.split_once('=') {
            Some((_, "")) => return Err("a file name is missing behind the =".to_owned()),
            Some((format, file)) => (format, Some(file.into())),
            None => (text, None),
        };
        let known = ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value);
        let known = known.map(|value| value.get_name().to_owned()).collect::<Vec<_>>();
        let format = ReportFormat::from_str(format, false).map_err(|_| format!("`{format}` is no format: {}", known.join(", ")))?;
        Ok(Self { format, file })
    }
}
