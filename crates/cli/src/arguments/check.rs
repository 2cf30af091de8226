//! `check`: its flags.

use charter_contract::{AssertedFormats, TrafficPattern, WebhookPattern};
use charter_report::Partition;
use clap::Args;

use super::*;

/// Checks recorded HTTP exchanges against the contract
#[derive(Debug, Args)]
#[command(after_help = "\
The format of a recording is detected from its content: HAR, NDJSON, VCR, vcrpy, Betamax, nock, Postman, Newman, Pact, WireMock, MockServer, mitmproxy, OTLP JSON, \
Schemathesis; plain, gzip, zstd, bzip2, xz or br. A JSON document without a format is a body if its operation is named, or is the only one with a JSON response. In a \
folder, files of unknown form are skipped; -v lists them. Requests and responses are checked. A wrong request that the server refused with a 4xx status is counted and has no findings.

Exchanges with hosts that no server of the contract names, CORS preflight requests and requests that the browser aborted are counted as out \
of scope. [traffic] in charter.toml and the flags --include and --exclude select exchanges by host, path and method. [traffic] webhooks and the flag --webhook name the requests of webhooks and callbacks.

Without a path, the command checks the contract's own recordings. If charter.toml has [check.simulator] and the program contains a \
simulator, it then checks the simulator's responses over HTTP on this machine. Both are one report, which is the same on every run.

Examples:
  {program} check                                   # the contract's own recordings
  {program} check traffic.har                       # a browser's export
  {program} check 'archive/**/*.ndjson.zst'         # a glob pattern
  curl -s $URL | {program} check -                  # one body from standard input
  {program} check traffic.har --include 'host=*.example.com' --exclude path=/health
  {program} check hooks.har --webhook name=orderPaid,path=/hooks
  {program} check archive --report json=out.json    # JSON to a file, text to the terminal
  {program} check --examples                        # the documented examples of responses
  {program} check archive --fail-on warning --samples all
  {program} check archive --formats=date-time,uuid  # asserts two formats; --formats asserts all
  {program} check archive --report html=report.html --report sarif=report.sarif
  {program} check archive --report github --quiet   # annotations and a job summary
  {program} check archive --fail-under 80           # fails if coverage is below 80 %
  {program} check archive --baseline accepted.json  # ignores findings that a review accepted
  {program} check archive --baseline accepted.json --write-baseline
  {program} check archive --partition 2/4 --report json=part-2.json   # for `merge`
  {program} check archive --split 2/4 --observations results --report json=results/split-2.json
  {program} check --over-time 1/2 results --report json=results/over-time-1.json  # after all splits")]
pub struct Check {
    /// Files, folders, glob patterns, or - for standard input [default: the settings under [check] in charter.toml]
    pub(crate) paths: Vec<String>,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Operation that a recording of bodies belongs to
    #[arg(long, value_name = "ID")]
    pub(crate) operation: Option<String>,
    /// Also check the documented examples of responses, as exchanges of an input called examples; without a path, only these
    #[arg(long)]
    pub(crate) examples: bool,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Check only partition K of N; `merge` merges the reports of all partitions
    #[arg(long, value_name = "K/N", conflicts_with_all = ["require_exercised", "fail_under", "write_baseline"])]
    pub(crate) partition: Option<Partition>,
    /// Check only split K of N, and read only its bytes; `merge` merges the reports of all splits and of --over-time
    #[arg(long, value_name = "K/N", requires = "observations", conflicts_with_all = ["partition", "require_exercised", "fail_under", "write_baseline"])]
    pub(crate) split: Option<Partition>,
    /// Folder where --split stores what rules over time compare
    #[arg(long, value_name = "DIR", requires = "split")]
    pub(crate) observations: Option<Utf8PathBuf>,
    /// After all splits, evaluate the rules over time for share B of M of the resources; the path is the folder of --observations
    #[arg(long, value_name = "B/M", requires = "paths", conflicts_with_all = ["partition", "split", "examples", "require_exercised", "fail_under", "write_baseline"])]
    pub(crate) over_time: Option<Partition>,
    /// Maximum size of a line, document or entry after decompression: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
    /// Maximum ratio of decompressed to compressed size
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    /// Memory for what rules over time compare; more is stored in temporary files [default: a quarter of the machine's memory, at most 1G]
    #[arg(long, value_name = "SIZE")]
    pub(crate) memory: Option<Size>,
    /// Check only exchanges that match: host=PATTERN, path=PATTERN or method=METHOD, separated by commas; a host accepts hosts that no server names
    #[arg(long, value_name = "PATTERN")]
    pub(crate) include: Vec<TrafficPattern>,
    /// Do not check exchanges that match: host=PATTERN, path=PATTERN or method=METHOD, separated by commas
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<TrafficPattern>,
    /// Check matching exchanges as requests of a webhook or callback: name=WEBHOOK, then members as for --include
    #[arg(long, value_name = "PATTERN")]
    pub(crate) webhook: Vec<WebhookPattern>,
    /// Assert `format`: all known formats, none, or those in a list with commas [default: the setting under [check] in charter.toml]
    #[arg(long, value_name = "all|none|LIST", num_args = 0..=1, require_equals = true, default_missing_value = "all")]
    pub(crate) formats: Option<AssertedFormats>,
    /// Use only the reference path; slower, and the report differs only in its member `reader`
    #[arg(long)]
    pub(crate) no_fast_path: bool,
}
