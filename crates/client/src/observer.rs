//! Observers: programs that get each exchange, such as one that judges it with the contract.

use std::fmt::Debug;
use std::sync::Arc;

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode, Url};

/// Gets each exchange of a client: every attempt, once its response is read or dropped, or once it failed.
///
/// It is called on the thread that makes the call, so that it should return soon. An exchange has the credentials of the request.
///
/// ```
/// use charter_client::{Exchange, Observer};
///
/// #[derive(Debug)]
/// struct Log;
///
/// impl Observer for Log {
///     fn observe(&self, exchange: &Exchange) {
///         let status = exchange.response.as_ref().map(|response| response.status);
///         println!("{} {}: {status:?}", exchange.request.method, exchange.request.url);
///     }
/// }
/// ```
pub trait Observer: Debug + Send + Sync {
    /// Gets an exchange.
    fn observe(&self, exchange: &Exchange);
}

impl<T: Observer + ?Sized> Observer for Arc<T> {
    fn observe(&self, exchange: &Exchange) {
        (**self).observe(exchange);
    }
}

/// A request and its response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// The request.
    pub request: SentRequest,
    /// The response; `None` if the server did not respond.
    pub response: Option<ReceivedResponse>,
}

/// A request as it was sent.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct SentRequest {
    /// The method.
    pub method: Method,
    /// The URL.
    pub url: Url,
    /// The header fields that the client sets. `reqwest` adds others, such as `Host`.
    pub headers: HeaderMap,
    /// The body.
    pub body: Option<Bytes>,
}

/// A response as it was received.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ReceivedResponse {
    /// The status.
    pub status: StatusCode,
    /// The header fields.
    pub headers: HeaderMap,
    /// The bytes of the body that the program read.
    pub body: Bytes,
    /// Whether the body was read to its end.
    pub complete: bool,
}

/// Collects the body of a response, and passes the exchange on when it is dropped.
#[derive(Debug)]
pub(crate) struct Watch {
    observer: Arc<dyn Observer>,
    request: Option<SentRequest>,
    response: Option<ReceivedResponse>,
    body: Vec<u8>,
}

impl Watch {
    /// A watch of a request that has no response yet.
    pub(crate) fn new(observer: Arc<dyn Observer>, request: &reqwest::Request, body: Option<Bytes>) -> Self {
        let request =
            SentRequest { method: request.method().clone(), url: request.url().clone(), headers: request.headers().clone(), body };
        Self { observer, request: Some(request), response: None, body: Vec::new() }
    }

    pub(crate) fn responded(&mut self, response: &reqwest::Response) {
        let (status, headers) = (response.status(), response.headers().clone());
        self.response = Some(ReceivedResponse { status, headers, body: Bytes::new(), complete: false });
    }

    pub(crate) fn received(&mut self, bytes: &[u8]) {
        self.body.extend_from_slice(bytes);
    }

    pub(crate) fn ended(&mut self) {
        if let Some(response) = &mut self.response {
            response.complete = true;
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        if let Some(request) = self.request.take() {
            let mut response = self.response.take();
            if let Some(response) = &mut response {
                response.body = std::mem::take(&mut self.body).into();
            }
            self.observer.observe(&Exchange { request, response });
        }
    }
}
