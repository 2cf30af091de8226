//! Bodies as streams of bytes.

use bytes::Bytes;
use futures_util::Stream;

use crate::error::Failure;
use crate::observer::Watch;

/// The body of a response, which is read as it arrives.
#[derive(Debug)]
pub struct Body {
    response: Option<reqwest::Response>,
    watch: Option<Watch>,
}

impl Body {
    pub(crate) fn new(response: reqwest::Response, watch: Option<Watch>) -> Self {
        Self { response: Some(response), watch }
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let Some(response) = &mut self.response else { return Ok(None) };
        // Without the feature `stream`, `reqwest` reads whole bodies in a browser.
        #[cfg(target_arch = "wasm32")]
        let chunk = {
            let _ = response;
            let Some(response) = self.response.take() else { return Ok(None) };
            Some(response.bytes().await?)
        };
        #[cfg(not(target_arch = "wasm32"))]
        let chunk = response.chunk().await?;
        if let (Some(watch), Some(bytes)) = (&mut self.watch, &chunk) {
            watch.received(bytes);
        }
        if chunk.is_none() || cfg!(target_arch = "wasm32") {
            self.response = None;
            if let Some(mut watch) = self.watch.take() {
                watch.ended();
            }
        }
        Ok(chunk)
    }

    /// The next bytes, as the items of a stream are read: `while let Some(chunk) = body.next().await`.
    pub async fn next(&mut self) -> Option<Result<Bytes, Failure>> {
        self.chunk().await.transpose()
    }

    /// The remaining bytes.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn bytes(self) -> Result<Bytes, Failure> {
        let Some(response) = self.response else { return Ok(Bytes::new()) };
        let bytes = response.bytes().await?;
        if let Some(mut watch) = self.watch {
            watch.received(&bytes);
            watch.ended();
        }
        Ok(bytes)
    }

    /// The body as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Failure>> + Unpin {
        Box::pin(futures_util::stream::unfold(Some(self), |body| async move {
            let mut body = body?;
            match body.chunk().await {
                Ok(Some(bytes)) => Some((Ok(bytes), Some(body))),
                Ok(None) => None,
                Err(failure) => Some((Err(failure), None)),
            }
        }))
    }
}
