//! `bench`: its flags.

use camino::Utf8PathBuf;
use clap::Args;

use charter_cli::Size;

/// Measures checking relative to parsing, or writes the corpus
#[derive(Debug, Args)]
#[command(after_help = "\
Without --corpus, builds and runs the optimised benchmark of the workspace, from finding newlines to the full check. The variants run in \
turn, so that a change of the machine's speed affects all of them alike: compare the ratios.

Examples:
  {program} bench                                          # a table of ratios on 200 MB of runs
  {program} bench --size 20MB --report md=docs/book/src/speed.md    # writes the table to a file
  {program} bench --corpus runs.ndjson --size 200MB        # writes the corpus only
  {program} bench --corpus bad.ndjson --broken 1           # one body in a hundred has a violation
  {program} bench --corpus archive.ndjson --exchanges      # whole exchanges, for rules over time
  {program} bench --corpus large.ndjson --body-size 1MB    # bodies of about one megabyte")]
pub(crate) struct Bench {
    /// Write the corpus to this file, one body per line, and exit; - for standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) corpus: Option<Utf8PathBuf>,
    /// Minimum size of the corpus
    #[arg(long, value_name = "SIZE", default_value = "200MB")]
    pub(crate) size: Size,
    /// Random seed
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Percentage of bodies with one injected violation
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) broken: u8,
    /// Approximate size of every body
    #[arg(long, value_name = "SIZE")]
    pub(crate) body_size: Option<Size>,
    /// Write whole exchanges with times, so that rules over time apply
    #[arg(long, requires = "corpus")]
    pub(crate) exchanges: bool,
    /// Number of rounds, of which the median is reported
    #[arg(long, value_name = "N", default_value_t = 5, conflicts_with = "corpus", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rounds: u32,
    /// Also count instructions with valgrind, which takes minutes
    #[arg(long, conflicts_with = "corpus")]
    pub(crate) instructions: bool,
    /// Also measure runs of other sizes, up to ten megabytes
    #[arg(long, conflicts_with = "corpus")]
    pub(crate) sizes: bool,
    /// Also write the figures: md=FILE, json=FILE or svg=FILE; may be repeated
    #[arg(long, value_name = "FORMAT=FILE", conflicts_with = "corpus", value_parser = report)]
    pub(crate) report: Vec<String>,
}

fn report(text: &str) -> Result<String, String> {
    let is_valid = text.split_once('=').is_some_and(|(format, file)| ["md", "json", "svg"].contains(&format) && !file.is_empty());
    if is_valid { Ok(text.to_owned()) } else { Err("expected md=FILE, json=FILE or svg=FILE".to_owned()) }
}
