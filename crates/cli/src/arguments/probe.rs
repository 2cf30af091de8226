//! `probe`: its flags.

use camino::Utf8PathBuf;
use clap::Args;

use super::*;

/// Sends requests to a live server and checks its responses
#[derive(Debug, Args)]
#[command(
    group = clap::ArgGroup::new("subjects").args(["id", "ids", "list", "all", "operation"]).required(true).multiple(true),
    after_help = "\
The API key is read from the environment variable CHARTER_API_KEY or from --key-file, and sent as the security schemes of the \
contract say: in a header field, a query parameter or a cookie, as user:password, or else as a bearer token; it is written without \
the prefix `Bearer`. --credential names an environment variable for each security scheme. Credentials appear in no recording, report \
or message. Plain http is allowed to this machine only. Redirects of \
downloads are followed without the key. Proxies are read from HTTPS_PROXY, HTTP_PROXY, ALL_PROXY and NO_PROXY; requests to this machine use no proxy.

The exit code is 3 if a requested resource could not be fetched: unreachable, refused, unknown, or not finished in time; and if no \
request was sent.

Examples:
  {program} probe --base-url https://api.example.com order_1 --sections items,history
  {program} probe --base-url https://api.example.com --list --limit 100 --record orders.ndjson
  {program} probe --base-url https://api.example.com --all --limit 20
  {program} probe --base-url http://127.0.0.1:8080 order_1 --until-finished --wait 5m
  {program} probe --base-url https://api.example.com --ids ids.txt --rate 50/s
  {program} check orders.ndjson   # the same findings, from the recording"
)]
pub(crate) struct Probe {
    /// URL of the server, without the paths of the contract
    #[arg(long, value_name = "URL")]
    pub(crate) base_url: String,
    /// Ids of resources
    #[arg(value_name = "ID")]
    pub(crate) id: Vec<String>,
    /// File of ids, one per line; - for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) ids: Option<Utf8PathBuf>,
    /// Use the ids that the server lists
    #[arg(long, conflicts_with_all = ["id", "ids"])]
    pub(crate) list: bool,
    /// Request every GET operation; the ids that lists return are the values of path parameters
    #[arg(long, conflicts_with_all = ["id", "ids", "list", "operation", "sections", "until_finished", "artifacts", "related"])]
    pub(crate) all: bool,
    /// Request this operation; with ids or --list, the operation that returns one resource
    #[arg(long, value_name = "OPERATION")]
    pub(crate) operation: Vec<String>,
    /// Maximum number of ids of a list
    #[arg(long, value_name = "N", conflicts_with_all = ["id", "ids"])]
    pub(crate) limit: Option<usize>,
    /// Values of the query parameter that selects sections of the response; `all` requests every combination
    #[arg(long, alias = "expand", value_name = "LIST|all", value_delimiter = ',')]
    pub(crate) sections: Vec<String>,
    /// Repeat requests until each resource is finished, and check its transitions
    #[arg(long)]
    pub(crate) until_finished: bool,
    /// Download every artifact and compare its length, content type and name
    #[arg(long)]
    pub(crate) artifacts: bool,
    /// Also call the other read-only operations that need only the id, and those of the list
    #[arg(long)]
    pub(crate) related: bool,
    /// Also send requests that must be refused: no key, a wrong key, an unknown id, an unknown section
    #[arg(long)]
    pub(crate) errors: bool,
    /// Record the masked exchanges as NDJSON
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<Utf8PathBuf>,
    /// Record the masked exchanges as HAR
    #[arg(long, value_name = "FILE")]
    pub(crate) record_har: Option<Utf8PathBuf>,
    /// File that contains only the key [default: the environment variable CHARTER_API_KEY]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<Utf8PathBuf>,
    /// Environment variable with the credentials of a security scheme
    #[arg(long, value_name = "SCHEME=VARIABLE", value_parser = pair)]
    pub(crate) credential: Vec<(String, String)>,
    /// Header field of every request; use --header-env for secrets
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) header: Vec<(String, String)>,
    /// Header field of every request whose value is an environment variable; it is masked
    #[arg(long, value_name = "NAME=VARIABLE", value_parser = pair)]
    pub(crate) header_env: Vec<(String, String)>,
    /// Value of a parameter, or of a parameter of one operation as OPERATION.NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE", value_parser = pair)]
    pub(crate) param: Vec<(String, String)>,
    /// Maximum number of concurrent requests
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u16).range(1..=1024))]
    pub(crate) concurrency: u16,
    /// Maximum request rate, such as 10/s or 300/m [default unit: per second]
    #[arg(long, value_name = "N/s")]
    pub(crate) rate: Option<Rate>,
    /// Retries after status 429, status 5xx or no response; a timeout is retried once
    #[arg(long, value_name = "N", default_value_t = 4, value_parser = clap::value_parser!(u8).range(0..=100))]
    pub(crate) retries: u8,
    /// Timeout of a request, including its body
    #[arg(long, value_name = "DURATION", default_value = "30s")]
    pub(crate) timeout: Span,
    /// Interval between two requests for the same resource
    #[arg(long, value_name = "DURATION", default_value = "1s")]
    pub(crate) interval: Span,
    /// Maximum time to wait until a resource is finished
    #[arg(long, value_name = "DURATION", default_value = "10m")]
    pub(crate) wait: Span,
    /// Longest Retry-After that is respected
    #[arg(long, value_name = "DURATION", default_value = "2m")]
    pub(crate) max_retry_after: Span,
    /// Maximum size of a body: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "16M")]
    pub(crate) max_body: Size,
    /// Additional trusted certificates, as PEM: of authorities, or of the server itself
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<Utf8PathBuf>,
    /// Allow plain http, which exposes the key, to other machines
    #[arg(long)]
    pub(crate) allow_plain_http: bool,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    #[command(flatten)]
    pub(crate) judging: Judging,
}

/// A name and a value, separated by the first `=`.
fn pair(text: &str) -> Result<(String, String), &'static str> {
    let pair = text.split_once('=').map(|(name, value)| (name.trim(), value.trim()));
    let (name, value) = pair.filter(|(name, value)| !name.is_empty() && !value.is_empty()).ok_or("expected NAME=VALUE")?;
    Ok((name.to_owned(), value.to_owned()))
}
