//! `scrub`: what is masked.

use camino::Utf8PathBuf;
use clap::Args;

use super::*;

/// Masks the secrets of a recording or a HAR
#[derive(Debug, Args)]
#[command(after_help = "\
The file is replaced as a whole, in the same form and with the same compression; every byte that is neither secret nor personal
stays. Credentials are found by the names of header fields, cookies and query parameters; keys that are known, in whatever
encoding, are masked wherever they stand; personal data by the pointers under [mask] in charter.toml, and e-mail addresses
everywhere. Equal values stay equal within one call. What is masked is judged like the original.

Examples:
  scrub traffic.har                          in place
  scrub traffic.har --output clean.har       beside it
  scrub run.ndjson.zst --pointer /output/customer/name --header x-tenant
  CHARTER_API_KEY=… scrub 'archive/*.ndjson' --secret-file old-keys.txt
  scrub run.ndjson --check                   write nothing; exit with 1 where something is to be masked
  scrub - < run.ndjson > clean.ndjson        from standard input to standard output")]
pub(crate) struct Scrub {
    /// Recordings: files, folders, patterns, or - for standard input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) paths: Vec<String>,
    /// Where to write, for one file: a file, or - for standard output [default: the file itself]
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<Utf8PathBuf>,
    /// Write nothing; exit with 1 where something is to be masked
    #[arg(long, conflicts_with = "output")]
    pub(crate) check: bool,
    /// A file that holds the key and nothing else [default: the environment variable CHARTER_API_KEY, where it is set]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<Utf8PathBuf>,
    /// More secrets, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) secret_file: Vec<Utf8PathBuf>,
    /// A header field whose value is a secret, beside those that always are
    #[arg(long, value_name = "NAME")]
    pub(crate) header: Vec<String>,
    /// A query parameter whose value is a secret, beside those that always are
    #[arg(long, value_name = "NAME")]
    pub(crate) query: Vec<String>,
    /// Personal data in bodies: a JSON Pointer in which * stands for any key or item, ** for any number of levels
    #[arg(long, value_name = "POINTER")]
    pub(crate) pointer: Vec<String>,
    /// Leave e-mail addresses as they are, unless a pointer leads to them
    #[arg(long)]
    pub(crate) keep_emails: bool,
    /// The largest line, decompressed: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "64M")]
    pub(crate) max_body: Size,
    /// How many times larger content may be than its compressed form
    #[arg(long, value_name = "N", default_value_t = 200, value_parser = clap::value_parser!(u64).range(1..))]
    pub(crate) max_ratio: u64,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    /// Say nothing where nothing is wrong
    #[arg(short, long)]
    pub(crate) quiet: bool,
}
