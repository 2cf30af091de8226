//! Bodies that are sent slowly, in part, or without end.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;

/// The delay between two bytes of a slow body.
const DRIP: Duration = Duration::from_millis(100);
/// The delay before the connection ends, so that written bytes are sent.
const FLUSH: Duration = Duration::from_millis(20);
/// One chunk of an endless body.
const CHUNK: Bytes = Bytes::from_static(&[b'x'; 1 << 16]);

/// A body that is sent one byte at a time.
pub(super) fn slow(bytes: Bytes) -> Body {
    Body::from_stream(stream::unfold(bytes, async |mut left| {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(DRIP).await;
        Some((Ok::<_, io::Error>(left.split_to(1)), left))
    }))
}

/// A body that ends with an aborted connection after these bytes.
pub(super) fn cut(bytes: Bytes) -> Body {
    Body::from_stream(stream::unfold(Some(bytes), async |left| match left {
        Some(bytes) => Some((Ok(bytes), None)),
        None => {
            tokio::time::sleep(FLUSH).await;
            Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
        }
    }))
}

/// An endless JSON object.
pub(super) fn endless() -> Body {
    let begun = Bytes::from_static(br#"{"id":"run_"#);
    Body::from_stream(stream::unfold(begun, async |chunk| Some((Ok::<_, io::Error>(chunk), CHUNK))))
}
