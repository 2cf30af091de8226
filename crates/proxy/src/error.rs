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
    /// The certificate authority of a forward proxy cannot be used.
    #[error("cannot use the certificate authority")]
    Authority(#[source] AuthorityError),
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

/// Why a certificate authority cannot be used. No message contains a part of its key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AuthorityError {
    /// A file cannot be read or written.
    #[error("{}", .path.display())]
    File {
        /// The file or the folder.
        path: PathBuf,
        /// The error of the operating system.
        source: io::Error,
    },
    /// Others than its owner can read the key.
    #[error("others than its owner can read {}; run `chmod 600` on it", .0.display())]
    Readable(PathBuf),
    /// The file is not a private key in PEM.
    #[error("{} is not a private key in PEM; remove the folder to create a new authority", .0.display())]
    Key(PathBuf),
    /// The certificate is not that of the key.
    #[error("{} is not the certificate of the key next to it; remove the folder to create a new authority", .0.display())]
    Unequal(PathBuf),
    /// A certificate cannot be made.
    #[error("a certificate cannot be made")]
    Certificate(#[source] rcgen::Error),
    /// The key cannot be used for TLS.
    #[error("the key cannot be used for TLS")]
    Tls(#[source] rustls::Error),
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
