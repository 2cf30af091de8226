//! Why a simulator does not start.

use std::net::SocketAddr;

/// Why a simulator does not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address, port 0 takes any that is free")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: std::io::Error,
    },
    /// No thread to serve on.
    #[error("cannot start a thread to serve on")]
    Runtime(#[source] std::io::Error),
    /// A fault that there is not.
    #[error("no fault is called `{name}`; {remedy}")]
    UnknownFault {
        /// What was asked for.
        name: String,
        /// What may have been meant, and where all are named.
        remedy: String,
    },
}
