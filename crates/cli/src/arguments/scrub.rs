//! `scrub`: its flags.

use camino::Utf8PathBuf;
use clap::Args;

use super::*;

/// Masks secrets and personal data in recordings
#[derive(Debug, Args)]
#[command(after_help = "\
The output has the same format and the same compression as the input; all other bytes are unchanged. Secrets are found by the names of header \
fields, cookies, parameters and members, and by their shape; the page Masking of the book lists the names, the shapes and the encodings that are decoded. Known keys are \
masked everywhere. Personal data is found by the pointers under [mask] in charter.toml; e-mail addresses are masked everywhere. Equal values \
stay equal within one call. The masked recording has the same findings as the original, and masking it again changes nothing.

Examples:
  {program} scrub traffic.har --in-place             # replaces the file
  {program} scrub traffic.har --output clean.har     # to another file
  {program} scrub orders.ndjson.zst --in-place --pointer /customer/name --header x-account
  CHARTER_API_KEY=… {program} scrub 'archive/*.ndjson' --in-place --secret-file old-keys.txt
  {program} scrub orders.ndjson --check              # exits with 1 if secrets are found
  {program} scrub - < orders.ndjson > clean.ndjson   # from standard input to standard output")]
pub(crate) struct Scrub {
    /// Recordings: files, folders, glob patterns, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<String>,
    /// Output file for one input; - for standard output, which is the default for standard input
    #[arg(short, long, value_name = "FILE", conflicts_with = "in_place")]
    pub(crate) output: Option<Utf8PathBuf>,
    /// Replace each input by its masked form, atomically
    #[arg(long, conflicts_with = "check")]
    pub(crate) in_place: bool,
    /// Write nothing; exit with 1 if something has to be masked
    #[arg(long, conflicts_with = "output")]
    pub(crate) check: bool,
    /// File that contains only the key [default: the environment variable CHARTER_API_KEY]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<Utf8PathBuf>,
    /// File of more secrets, one per line
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Vec<Utf8PathBuf>,
    /// Additional header field to mask
    #[arg(long, value_name = "NAME")]
    pub(crate) header: Vec<String>,
    /// Additional query parameter to mask
    #[arg(long, value_name = "NAME")]
    pub(crate) query: Vec<String>,
    /// JSON Pointer to personal data in bodies; * matches any key or item, ** any number of levels
    #[arg(long, value_name = "POINTER")]
    pub(crate) pointer: Vec<String>,
    /// Do not mask e-mail addresses, except at pointers
    #[arg(long)]
    pub(crate) keep_emails: bool,
    /// Maximum size of a line after decompression: bytes, or with K, M or G
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
