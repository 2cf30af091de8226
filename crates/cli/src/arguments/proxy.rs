//! `proxy`: its flags.

use std::ffi::OsString;
use std::net::SocketAddr;

use camino::Utf8PathBuf;
use charter_contract::TrafficPattern;
use clap::Args;

use super::*;

/// Forwards HTTP traffic to a server and checks it as it passes
#[derive(Debug, Args)]
#[command(after_help = "\
Send requests to the URL that the command prints; it forwards them to --upstream, and checks requests and responses. With a COMMAND, it runs \
the command with this URL in the environment variable CHARTER_PROXY_URL, and ends when the command ends. Without a COMMAND, Ctrl-C, SIGTERM or \
SIGHUP ends it; a second signal stops it at once, with exit code 130. In both cases, it then prints the report.

Findings are printed to standard error when they are found, and do not change the traffic. With --enforce, a response with an error is replaced \
by status 502 and a body of application/problem+json with the findings; event streams are never held back. Bodies longer than --max-body pass, \
and are not checked. WebSocket connections pass, and are counted.

With --forward, requests go to the server that each of them names. Clients use the URL as their proxy, and have to trust FOLDER/ca.pem, which is \
created with its private key. A COMMAND gets both in the usual environment variables, such as HTTPS_PROXY and SSL_CERT_FILE.

HTTP/1.1 and HTTP/2 without TLS are accepted. TLS negotiates the version with an https upstream; an http upstream gets HTTP/1.1, or HTTP/2 with \
--http2. Recordings are masked. The key in CHARTER_API_KEY is not sent, but masked everywhere.

The exit code is that of the verdict, as for `check`: 3 if no exchange was checked. If there are no violations and the COMMAND fails, it is the \
exit code of the COMMAND, or 128 and the number of the signal that ended it.

Examples:
  {program} proxy --upstream https://api.example.com                     # until Ctrl-C
  {program} proxy --upstream http://127.0.0.1:8080 -- npm test           # reads CHARTER_PROXY_URL
  {program} proxy --upstream http://127.0.0.1:8080 -- sh -c 'curl -s \"$CHARTER_PROXY_URL/orders\"'
  {program} proxy --upstream https://api.example.com --addr 127.0.0.1:9000 --record traffic.ndjson
  {program} proxy --upstream https://api.example.com --enforce           # status 502 for violations
  {program} proxy --forward authority -- npm test                        # a forward proxy
  {program} check traffic.ndjson   # the same findings, from the recording")]
pub(crate) struct Proxy {
    /// URL of the server; the path of each request is appended
    #[arg(long, value_name = "URL", required_unless_present = "forward", conflicts_with = "forward")]
    pub(crate) upstream: Option<String>,
    /// Be a forward proxy for any server, with a certificate authority in FOLDER
    #[arg(long, value_name = "FOLDER")]
    pub(crate) forward: Option<Utf8PathBuf>,
    /// Address to listen on; port 0 is any free port
    #[arg(long, value_name = "ADDR", default_value = "127.0.0.1:0")]
    pub(crate) addr: SocketAddr,
    /// Record the masked exchanges as NDJSON
    #[arg(long, value_name = "FILE")]
    pub(crate) record: Option<Utf8PathBuf>,
    /// Record the masked exchanges as HAR
    #[arg(long, value_name = "FILE")]
    pub(crate) record_har: Option<Utf8PathBuf>,
    /// Replace responses with errors by status 502 and the findings
    #[arg(long)]
    pub(crate) enforce: bool,
    /// Send HTTP/2 to an http upstream, without negotiation
    #[arg(long)]
    pub(crate) http2: bool,
    /// Maximum size of a body that is checked: bytes, or with K, M or G
    #[arg(long, value_name = "SIZE", default_value = "16M")]
    pub(crate) max_body: Size,
    /// Additional trusted certificates, as PEM: of authorities, or of the server itself
    #[arg(long, value_name = "FILE")]
    pub(crate) ca_file: Option<Utf8PathBuf>,
    /// Check only exchanges that match: host=PATTERN, path=PATTERN or method=METHOD, separated by commas
    #[arg(long, value_name = "PATTERN")]
    pub(crate) include: Vec<TrafficPattern>,
    /// Do not check exchanges that match: host=PATTERN, path=PATTERN or method=METHOD, separated by commas
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<TrafficPattern>,
    #[command(flatten)]
    pub(crate) contract: ContractFlag,
    #[command(flatten)]
    pub(crate) reporting: Reporting,
    #[command(flatten)]
    pub(crate) judging: Judging,
    /// Program to run and its arguments, after --
    #[arg(last = true, value_name = "COMMAND")]
    pub(crate) command: Vec<OsString>,
}
