//! `bench`: what the corpus is, or how it is measured.

use camino::Utf8PathBuf;
use clap::Args;

use charter_cli::Size;

/// Measures checking beside parsing, as ratios in one run; or writes the corpus that is measured
#[derive(Debug, Args)]
#[command(after_help = "\
Without --corpus it builds the benchmark of the workspace, optimised, and runs it: from finding newlines to the full check.
Every variant is measured in turn, so that a change of the machine's speed meets all of them: read the ratios.

Examples:
  bench                                        a table of ratios on 200 MB of runs
  bench --size 20MB --report md=docs/speed.md   a smaller corpus, the table as a file
  bench --corpus runs.ndjson --size 200MB      writes the corpus and measures nothing
  bench --corpus bad.ndjson --broken 1         one body in a hundred breaks a promise
  bench --corpus archive.ndjson --exchanges     exchanges, for rules over time
  bench --corpus large.ndjson --body-size 1MB  bodies of about a megabyte each")]
pub(crate) struct Bench {
    /// Write the corpus to this file, one body of a run a line, and end; `-` is standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) corpus: Option<Utf8PathBuf>,
    /// How large the corpus is, at least
    #[arg(long, value_name = "SIZE", default_value = "200MB")]
    pub(crate) size: Size,
    /// What the runs are made from
    #[arg(long, value_name = "NUMBER", default_value_t = 1)]
    pub(crate) seed: u64,
    /// So many bodies in a hundred break one promise
    #[arg(long, value_name = "PERCENT", default_value_t = 0, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) broken: u8,
    /// Make every body about this large
    #[arg(long, value_name = "SIZE")]
    pub(crate) body_size: Option<Size>,
    /// Write whole exchanges with their times, so that runs seen twice are compared over time
    #[arg(long, requires = "corpus")]
    pub(crate) exchanges: bool,
    /// Rounds of measuring; the median of them counts
    #[arg(long, value_name = "N", default_value_t = 5, conflicts_with = "corpus", value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pub(crate) rounds: u32,
    /// Count instructions too, with valgrind, which takes minutes
    #[arg(long, conflicts_with = "corpus")]
    pub(crate) instructions: bool,
    /// Measure runs of other sizes too, from the shortest there are to ten megabytes
    #[arg(long, conflicts_with = "corpus")]
    pub(crate) sizes: bool,
    /// Also write the figures: md=FILE, json=FILE or svg=FILE; may be given again
    #[arg(long, value_name = "FORMAT=FILE", conflicts_with = "corpus", value_parser = report)]
    pub(crate) report: Vec<String>,
}

fn report(text: &str) -> Result<String, String> {
    let known = text.split_once('=').is_some_and(|(format, file)| ["md", "json", "svg"].contains(&format) && !file.is_empty());
    if known { Ok(text.to_owned()) } else { Err("md=FILE, json=FILE or svg=FILE is expected".to_owned()) }
}
