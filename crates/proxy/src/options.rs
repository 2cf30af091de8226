//! How a proxy listens, forwards and records.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use charter_traffic::mask::Secret;

/// How a proxy listens, forwards and records.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProxyOptions {
    /// The URL of the server. The path and the query of each request are appended. A forward proxy ignores it.
    pub upstream: String,
    /// The folder with the certificate authority of a forward proxy, which is created if it does not exist. `None`: a reverse proxy.
    pub authority: Option<PathBuf>,
    /// The address to listen on. Port 0 is any free port.
    pub address: SocketAddr,
    /// The maximum size of a body in bytes that is judged, decoded. Longer bodies pass, and are not judged.
    pub max_body: usize,
    /// Whether a response with an error is replaced by status 502 and the findings.
    pub enforce: bool,
    /// Whether an http upstream gets HTTP/2 without negotiation. With an https upstream, TLS negotiates the version.
    pub http2: bool,
    /// A PEM file of certificates to trust, in addition to those of the system.
    pub ca_file: Option<PathBuf>,
    /// The file of the NDJSON recording.
    pub record: Option<PathBuf>,
    /// The file of the HAR recording.
    pub record_har: Option<PathBuf>,
    /// Secrets that must not be recorded.
    pub secrets: Vec<Secret>,
}

impl ProxyOptions {
    /// A forward proxy on a free port of this machine, with the certificate authority in a folder. Clients have to trust `ca.pem` in it.
    pub fn forward(authority: impl Into<PathBuf>) -> Self {
        Self { authority: Some(authority.into()), ..Self::new("") }
    }

    /// A reverse proxy on a free port of this machine, which forwards to a server.
    pub fn new(upstream: impl Into<String>) -> Self {
        Self {
            upstream: upstream.into(),
            authority: None,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            max_body: 16 << 20,
            enforce: false,
            http2: false,
            ca_file: None,
            record: None,
            record_har: None,
            secrets: Vec::new(),
        }
    }
}
