//! `convert`: its flags.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum};

use super::*;

/// Converts recordings of other programs to HAR or NDJSON
#[derive(Debug, Args)]
#[command(after_help = "\
Reads every format that `{program} check` reads and writes all exchanges of all inputs to one file, in order. Nothing is masked: run `{program} scrub` on the \
output before it is shared. Bodies without a request cannot be converted. If an input has a malformed entry, nothing is written. Logs and Parquet files \
are read by [traffic.columns] in charter.toml of the contract.

HAR has no place for masked locations and digests of bodies; NDJSON (one charter-exchange/1 object on each line) has.

Examples:
  {program} convert cassette.yaml -o traffic.har              # vcrpy to HAR
  {program} convert flows.mitm -o traffic.ndjson              # mitmproxy to NDJSON
  {program} convert cassettes collection.json -o all.har      # a folder and a Postman collection
  {program} convert journal.json --to ndjson -o - | jq .request.url")]
pub(crate) struct Convert {
    /// Recordings: files, folders, glob patterns, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<String>,
    /// Output file; - for standard output
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Utf8PathBuf,
    /// Form of the output [default: har for a file that ends with .har, ndjson for .ndjson or .jsonl]
    #[arg(long, value_enum, value_name = "FORM")]
    pub(crate) to: Option<OutputForm>,
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

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputForm {
    /// HAR 1.2
    Har,
    /// One charter-exchange/1 object on each line
    Ndjson,
}
