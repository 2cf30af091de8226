//! Bodies as streams of bytes.

use bytes::Bytes;
use futures_util::Stream;

use crate::error::Failure;

/// The body of a response, which is read as it arrives.
#[derive(Debug)]
pub struct Body(Option<reqwest::Response>);

impl Body {
    pub(crate) fn new(response: reqwest::Response) -> Self {
        Self(Some(response))
    }

    /// The next bytes; `None` at the end.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        let Some(response) = &mut self.0 else { return Ok(None) };
        // Without the feature `stream`, `reqwest` reads whole bodies in a browser.
        #[cfg(target_arch = "wasm32")]
        {
            let _ = response;
            let Some(response) = self.0.take() else { return Ok(None) };
            Ok(Some(response.bytes().await?))
        }
        #[cfg(not(target_arch = "wasm32"))]
        {
            let chunk = response.chunk().await?;
            if chunk.is_none() {
                self.0 = None;
            }
            Ok(chunk)
        }
    }

    /// The remaining bytes.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn bytes(self) -> Result<Bytes, Failure> {
        match self.0 {
            Some(response) => Ok(response.bytes().await?),
            None => Ok(Bytes::new()),
        }
    }

    /// The body as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Bytes, Failure>> {
        futures_util::stream::unfold(Some(self), |body| async move {
            let mut body = body?;
            match body.chunk().await {
                Ok(Some(bytes)) => Some((Ok(bytes), Some(body))),
                Ok(None) => None,
                Err(failure) => Some((Err(failure), None)),
            }
        })
    }
}
