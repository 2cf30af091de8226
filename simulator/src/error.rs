//! Errors at the start of a simulator.

use std::net::SocketAddr;

/// An error at the start of a simulator.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}; choose another address, or port 0 for a free one")]
    Listen {
        /// The address.
        address: SocketAddr,
        /// The cause.
        source: std::io::Error,
    },
    /// A thread or the runtime cannot be started.
    #[error("cannot start a thread to serve on")]
    Runtime(#[source] std::io::Error),
    /// A fault has an unknown name.
    #[error("unknown fault `{name}`; {remedy}")]
    UnknownFault {
        /// The name.
        name: String,
        /// A similar name, if there is one, and where all names are listed.
        remedy: String,
    },
}
