//! Classifies failed requests. Messages contain neither the URL nor the key.

use std::error::Error as StdError;
use std::io::ErrorKind;

use tokio::time::Instant;

use crate::trust::is_authority;

/// The message of a request that exceeded its time limit.
pub(crate) const TIMEOUT: &str = "timeout";

/// The message if the certificate of the server is a certificate authority, as that of `openssl req -x509`.
const AUTHORITY: &str = "certificate refused: it is a certificate authority (CA:TRUE), not the certificate of a server; add this \
                         certificate to the trusted certificates, or issue one with `basicConstraints=CA:FALSE`";

/// Why a request has no response, or an incomplete one.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) message: String,
    /// Whether a retry may succeed.
    pub(crate) is_transient: bool,
}

impl Failure {
    pub(crate) fn permanent(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_transient: false }
    }

    pub(crate) fn transient(message: impl Into<String>) -> Self {
        Self { message: message.into(), is_transient: true }
    }
}

/// Waits for a part of a response until the deadline.
pub(crate) async fn within<T>(deadline: Instant, part: impl Future<Output = reqwest::Result<T>>) -> Result<T, Failure> {
    match tokio::time::timeout_at(deadline, part).await {
        Ok(Ok(part)) => Ok(part),
        Ok(Err(error)) => Err(classify(&error)),
        Err(_) => Err(Failure::transient(TIMEOUT)),
    }
}

fn classify(error: &reqwest::Error) -> Failure {
    for cause in causes(error) {
        let io = cause.downcast_ref::<std::io::Error>();
        let tls = cause.downcast_ref::<rustls::Error>().or_else(|| tls_error_in(io?));
        match tls {
            Some(rustls::Error::InvalidCertificate(reason)) if is_authority(reason) => return Failure::permanent(AUTHORITY),
            Some(rustls::Error::InvalidCertificate(reason)) => return Failure::permanent(format!("certificate refused: {reason}")),
            Some(other) => return Failure::permanent(format!("TLS: {other}")),
            None => {}
        }
        match io.map(std::io::Error::kind) {
            Some(ErrorKind::ConnectionRefused) => return Failure::transient("connection refused"),
            Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe) => {
                return Failure::transient("connection reset");
            }
            Some(ErrorKind::UnexpectedEof) => return Failure::transient("connection closed early"),
            Some(ErrorKind::TimedOut) => return Failure::transient(TIMEOUT),
            _ => {}
        }
        // The HTTP client has no typed errors for these cases.
        let text = cause.to_string();
        if text.starts_with("dns error") {
            return Failure::transient("cannot resolve the host name");
        }
        if text.contains("connection closed before message completed") || text.contains("end of file before message length reached") {
            return Failure::transient("connection closed early");
        }
    }
    if error.is_timeout() {
        return Failure::transient(TIMEOUT);
    }
    Failure { message: root_cause(error), is_transient: error.is_connect() }
}

/// The TLS error within an I/O error, at any depth. `io::Error::source` skips the error that it wraps.
fn tls_error_in(io: &std::io::Error) -> Option<&rustls::Error> {
    let inner = io.get_ref()?;
    inner.downcast_ref::<rustls::Error>().or_else(|| tls_error_in(inner.downcast_ref::<std::io::Error>()?))
}

/// The message of the root cause. The messages above it may contain URLs.
fn root_cause(error: &reqwest::Error) -> String {
    causes(error).last().map_or_else(|| "the request failed".to_owned(), ToString::to_string)
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    let mut cause = error.source();
    std::iter::from_fn(move || {
        let found = cause?;
        cause = found.source();
        Some(found)
    })
}
