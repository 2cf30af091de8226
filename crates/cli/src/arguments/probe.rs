//! `probe`: which server is asked for what.

use camino::Utf8PathBuf;
use clap::Args;

use super::*;

/// Judges a live server
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("subjects").args(["id", "ids", "list"]).required(true).multiple(true),
    after_help = "\
The key is read from the environment variable CHARTER_API_KEY, or from a --key-file, and sent as a bearer token. It appears in
no recording, report or message. Plain http is allowed to this machine alone; redirects of downloads leave the key behind.
A proxy is taken from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; this machine is asked without one.

What was asked for and not shown (unreachable, refused, unknown, not finished in time) makes the exit code 3.

Examples:
  probe --base-url https://api.example.com run_1 run_2 --expand input,usage
  probe --base-url https://api.example.com --list --limit 100 --expand all --artifacts --record run.ndjson
  probe --base-url http://127.0.0.1:8080 run_1 --until-finished --interval 200ms --wait 5m
  probe --base-url https://api.example.com --ids ids.txt --concurrency 16 --rate 50/s --report json=report.json
  check run.ndjson                        the same findings, from the recording"
)]
pub(crate) struct Probe {
    /// The server; the paths of the contract are added
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: String,
    /// Ids of resources
    #[arg(value_name = "ID")]
    pub(crate) id: Vec<String>,
    /// Ids from a file, one a line; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<Utf8PathBuf>,
    /// Ids that the server lists
    #[arg(long, conflicts_with_all = ["id", "ids"])]
    pub(crate) list: bool,
    /// At most so many of those listed
    #[arg(long, value_name = "N", requires = "list")]
    pub(crate) limit: Option<usize>,
    /// Sections to ask for, between commas; all asks for every combination, one after another
    #[arg(long, value_name = "LIST|all", value_delimiter = ',')]
    pub(crate) expand: Vec<String>,
    /// Ask again until each resource is finished, and judge its transitions
    #[arg(long)]
    pub(crate) until_finished: bool,
    /// Download every artifact, and compare its length, content type and name
    #[arg(long)]
    pub(crate) artifacts: bool,
    /// Ask the contract's other questions about each resource, whatever only reads and needs nothing but the id, and of the list
    #[arg(long)]
    pub(crate) related: bool,
    /// Ask for refusals on purpose: no key (with --related everywhere), a wrong key, an unknown id, an unknown section
    #[arg(long)]
    pub(crate) errors: bool,
    /// Write the exchanges down, masked, one a line
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<Utf8PathBuf>,
    /// Write the exchanges down, masked, as a HAR
    #[arg(long, value_name = "FILE")]
    pub(crate) record_har: Option<Utf8PathBuf>,
    /// A file that holds the key and nothing else [default: the environment variable CHARTER_API_KEY]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<Utf8PathBuf>,
    /// Requests on their way at once
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
    /// Requests in a second at most: a number, or one for each unit, such as 10/s or 300/m
    #[arg(long, value_name = "N/s")]
    pub(crate) rate: Option<Rate>,
    /// How often a request is repeated that was answered with 429 or 5xx, or not at all; one that ran out of time is repeated once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) retries: u8,
    /// How long a request may take, its body included
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    pub(crate) timeout: Span,
    /// How long to wait between two looks at a resource
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    pub(crate) interval: Span,
    /// How long to wait for a resource to be finished
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub(crate) wait: Span,
    /// The longest Retry-After that is followed
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub(crate) max_retry_after: Span,
    /// The largest body: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "16M")]
    pub(crate) max_body: Size,
    /// Certificates to trust beside those of the system, as PEM
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<Utf8PathBuf>,
    /// Send the key over plain http to other machines too
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    #[command(flatten)]
    pub(crate) judging: Judging,
}
