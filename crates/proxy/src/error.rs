//! Errors that prevent a proxy from starting, or its recording from being written. A violation is a finding, not an error.

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

/// An error of a proxy.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The upstream URL cannot be used.
    #[error("invalid upstream URL; expected http://host or https://host/base")]
    Upstream(#[source] UpstreamError),
    /// The address cannot be bound.
    #[error("cannot listen on {address}")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The error of the operating system.
        source: io::Error,
    },
    /// The thread of the proxy cannot be started.
    #[error("cannot start the thread of the proxy")]
    Thread(#[source] io::Error),
    /// The file of trusted certificates cannot be used.
    #[error(transparent)]
    Certificates(charter_probe::Error),
    /// TLS cannot be set up, such as on a machine without root certificates.
    #[error("cannot set up TLS for the upstream")]
    Tls(#[source] rustls::Error),
    /// `[mask]` is malformed.
    #[error(transparent)]
    Mask(#[from] charter_traffic::mask::MaskError),
    /// Both recordings have the same path.
    #[error("both recordings have the path {}: give each a file of its own", .0.display())]
    SameFile(PathBuf),
    /// The recording cannot be written.
    #[error(transparent)]
    Record(#[from] charter_traffic::record::RecordError),
}

impl Error {
    /// Whether the arguments are wrong, rather than the environment.
    pub fn is_usage(&self) -> bool {
        matches!(self, Self::Upstream(_) | Self::Certificates(_) | Self::Mask(_) | Self::SameFile(_))
    }
}

/// Why an upstream URL cannot be used. No message contains the URL, which may have a password.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum UpstreamError {
    /// It is malformed.
    #[error("malformed URL")]
    Malformed,
    /// It has no host.
    #[error("the URL has no host")]
    NoHost,
    /// It has a query or a fragment.
    #[error("the URL has a query or a fragment")]
    QueryOrFragment,
    /// It has a user name or a password.
    #[error("the URL has credentials; remove them and send them with the requests")]
    Credentials,
    /// It has another scheme than http and https.
    #[error("the URL has the scheme {0}")]
    Scheme(String),
}
