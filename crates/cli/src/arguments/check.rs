//! `check`: what is judged.

use charter_report::Partition;
use clap::Args;

use super::*;

/// Judges recordings, and without a path the embedded simulator as well
#[derive(Debug, Args)]
#[command(after_help = "\
Recordings are told apart by their content: a bare JSON body, NDJSON of bodies or exchanges, HAR; plain, gzip or zstd.

With no path the contract's own recordings are judged and then, where charter.toml has [check.simulator], the embedded simulator, over
HTTP on this machine: every run, every combination of sections, what belongs to a run, downloads, the list, refusals. All of it is one
report, the same every time.

Examples:
  check                                   the bundled recordings, and the simulator
  check traffic.har                       a browser's export
  check 'archive/**/*.ndjson.zst'         a pattern
  curl -s $URL | … check -                a body from standard input
  check archive --report json=out.json    for machines, and text for people
  check archive --fail-on warning --samples all
  check archive --report html=report.html --report junit=report.xml --report sarif=report.sarif
  check archive --report github --quiet          annotations, and the job summary
  check archive --fail-under 80                  how much of the contract was seen
  check archive --baseline accepted.json         findings that a review has accepted
  check archive --baseline accepted.json --write-baseline
  check archive --partition 2/4 --report json=part-2.json   one part of four; `merge` joins them")]
pub(crate) struct Check {
    /// Files, folders, patterns, or - for standard input [default: `recordings` and `simulator` under [check] in charter.toml]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// The operation that a bare body is an answer of
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<String>,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Judge one part of N: the exchanges of the resources that fall to it. `merge` joins the reports of all parts
    #[arg(long, value_name = "K/N", conflicts_with_all = ["require_exercised", "fail_under", "write_baseline"])]
    pub(crate) partition: Option<Partition>,
    /// The largest line, document or entry, decompressed: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
    /// How many times larger content may be than its compressed form
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    /// Judges everything by the reference reader: the report is the same but for `reader`, and comes later
    #[arg(long)]
    pub(crate) no_fast_path: bool,
}
