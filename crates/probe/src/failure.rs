//! Why there is no answer, or no whole one: in few words that hold neither URL nor key.

use std::error::Error as StdError;
use std::io::ErrorKind;

use tokio::time::Instant;

/// Time has run out.
pub(crate) const TIMEOUT: &str = "timeout";

/// What kept an answer from coming.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: String,
    /// Whether it may pass.
    pub(crate) is_passing: bool,
}

/// Waits for a part of an answer until the deadline.
pub(crate) async fn within<T>(deadline: Instant, part: impl Future<Output = reqwest::Result<T>>) -> Result<T, Failure> {
    match tokio::time::timeout_at(deadline, part).await {
        Ok(Ok(part)) => Ok(part),
        Ok(Err(error)) => Err(classify(&error)),
        Err(_) => Err(Failure { kind: TIMEOUT.to_owned(), is_passing: true }),
    }
}

fn classify(error: &reqwest::Error) -> Failure {
    let passing = |kind: &str| Failure { kind: kind.to_owned(), is_passing: true };
    for cause in causes(error) {
        let io = cause.downcast_ref::<std::io::Error>();
        let tls = cause.downcast_ref::<rustls::Error>().or_else(|| tls_within(io?));
        match tls {
            Some(rustls::Error::InvalidCertificate(reason)) => {
                return Failure { kind: format!("certificate refused: {reason}"), is_passing: false };
            }
            Some(other) => return Failure { kind: format!("TLS: {other}"), is_passing: false },
            None => {}
        }
        match io.map(std::io::Error::kind) {
            Some(ErrorKind::ConnectionRefused) => return passing("connection refused"),
            Some(ErrorKind::ConnectionReset | ErrorKind::ConnectionAborted | ErrorKind::BrokenPipe) => return passing("connection reset"),
            Some(ErrorKind::UnexpectedEof) => return passing("connection closed early"),
            Some(ErrorKind::TimedOut) => return passing(TIMEOUT),
            _ => {}
        }
        let text = cause.to_string();
        if text.starts_with("dns error") {
            return Failure { kind: "the host's name is not resolved".to_owned(), is_passing: true };
        }
        if text.contains("connection closed before message completed") || text.contains("end of file before message length reached") {
            return passing("connection closed early");
        }
    }
    if error.is_timeout() {
        return passing(TIMEOUT);
    }
    Failure { kind: deepest(error), is_passing: error.is_connect() }
}

/// An error of TLS inside of one of input or output, however deep: such an error does not name what it wraps as its cause.
fn tls_within(io: &std::io::Error) -> Option<&rustls::Error> {
    let inner = io.get_ref()?;
    inner.downcast_ref::<rustls::Error>().or_else(|| tls_within(inner.downcast_ref::<std::io::Error>()?))
}

/// What lies at the bottom of an error; what stands above it may name URLs.
pub(crate) fn deepest(error: &reqwest::Error) -> String {
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
