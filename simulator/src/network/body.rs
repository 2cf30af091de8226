//! Bodies that are sent slowly, in part, or without end.

use std::io;
use std::time::Duration;

use axum::body::{Body, Bytes};
use futures_util::stream;

/// Between two bytes of a slow body.
const DRIP: Duration = Duration::from_millis(100);
/// What has been written until then has left, before the connection ends.
const LEAVES: Duration = Duration::from_millis(20);
/// Of an endless body, at once.
const PIECE: Bytes = Bytes::from_static(&[b'x'; 1 << 16]);

/// One byte after another.
pub(super) fn slow(bytes: Bytes) -> Body {
    Body::from_stream(stream::unfold(bytes, async |mut left| {
        if left.is_empty() {
            return None;
        }
        tokio::time::sleep(DRIP).await;
        Some((Ok::<_, io::Error>(left.split_to(1)), left))
    }))
}

/// These bytes, then the end of the connection, whatever length was announced.
pub(super) fn cut(bytes: Bytes) -> Body {
    Body::from_stream(stream::unfold(Some(bytes), async |left| match left {
        Some(bytes) => Some((Ok(bytes), None)),
        None => {
            tokio::time::sleep(LEAVES).await;
            Some((Err(io::Error::from(io::ErrorKind::ConnectionAborted)), None))
        }
    }))
}

/// An object that is still open when whoever reads it has gone.
pub(super) fn endless() -> Body {
    let begun = Bytes::from_static(br#"{"id":"run_"#);
    Body::from_stream(stream::unfold(begun, async |piece| Some((Ok::<_, io::Error>(piece), PIECE))))
}
