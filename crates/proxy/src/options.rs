//! How a proxy listens, forwards and records.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use charter_traffic::mask::Secret;

/// How a proxy listens, forwards and records.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ProxyOptions {
    /// The URL of the server. The path and the query of each request are appended.
    pub upstream: String,
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
    /// A proxy on a free port of this machine, which forwards to a server.
    pub fn new(upstream: impl Into<String>) -> Self {
        Self {
            upstream: upstream.into(),
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
