//! `extract`: its flags.

use camino::Utf8PathBuf;
use clap::Args;

use super::*;

/// Writes the exchange of a finding as a recording
#[derive(Debug, Args)]
#[command(after_help = "\
Reads a JSON report, finds the exchange in the recording that the report names, and writes it alone, so that `{program} check` reproduces the finding. For a rule \
over time, the earlier exchange is written too. The path of the recording is relative to the current folder, as it was for `{program} check`. Nothing is masked: run \
`{program} scrub` on the output before it is shared. If the recording was changed after the report was made, the command fails.

Examples:
  {program} check traffic.har --report json=report.json
  {program} extract report.json schema.required -o one.har && {program} check one.har
  {program} extract report.json 5a1f0c62d3e94b78 --sample 3 -o one.har   # the third sample of a group
  {program} extract report.json http.unknown-path -o one.ndjson")]
pub(crate) struct Extract {
    /// JSON report of `check` or `merge`
    #[arg(value_name = "REPORT")]
    pub(crate) report: Utf8PathBuf,
    /// Id or fingerprint of the finding, as reports print it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Output file: .har, .ndjson or .jsonl; any other name for the body of a finding in a recording of bodies
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Utf8PathBuf,
    /// Number of the sample in the group
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) sample: u64,
    /// Maximum size of a line, document or entry after decompression: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
    /// Maximum ratio of decompressed to compressed size
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Suppress output on success
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
