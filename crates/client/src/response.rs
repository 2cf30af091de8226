//! Received responses, and decoding their bodies.

use bytes::Bytes;
use reqwest::StatusCode;
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde::de::DeserializeOwned;

use crate::body::Body;
use crate::error::{Error, Failure, Undecodable};
use crate::events::Events;
use crate::observer::Watch;

/// A response with a decoded body. It dereferences to the body: `order.status` is the property `status` of an order, and `order.status()` the
/// status of the response.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Response<T> {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    /// The body.
    pub body: T,
}

impl<T> Response<T> {
    /// The status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// The header fields.
    pub fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The same response with a changed body.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Response<U> {
        Response { status: self.status, headers: self.headers, body: change(self.body) }
    }

    /// The body without the status and the header fields.
    pub fn into_inner(self) -> T {
        self.body
    }
}

impl<T> std::ops::Deref for Response<T> {
    type Target = T;

    /// The body.
    fn deref(&self) -> &T {
        &self.body
    }
}

/// A response whose body is not yet read.
#[derive(Debug)]
pub struct Incoming {
    pub(crate) response: reqwest::Response,
    pub(crate) watch: Option<Watch>,
}

impl Incoming {
    /// The status.
    pub fn status(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Whether the media type has a type and a subtype.
    pub fn is(&self, media_type: &str) -> bool {
        let value = self.response.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        value.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(media_type)
    }

    /// The response with the bytes of its body.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn bytes(self) -> Result<Response<Bytes>, Failure> {
        let Response { status, headers, body } = self.stream();
        Ok(Response { status, headers, body: body.bytes().await? })
    }

    /// The response with its JSON body decoded.
    ///
    /// # Errors
    /// The connection failed, or the body is not JSON of the type.
    pub async fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Failure> {
        self.received().await?.json()
    }

    /// The response with its body as text.
    ///
    /// # Errors
    /// The connection failed, or the body is not UTF-8.
    pub async fn text(self) -> Result<Response<String>, Failure> {
        self.received().await?.text()
    }

    /// The response without its body.
    pub fn empty(self) -> Response<()> {
        Response { status: self.response.status(), headers: self.response.headers().clone(), body: () }
    }

    /// The response with its body as a stream of bytes.
    pub fn stream(self) -> Response<Body> {
        let (status, headers) = (self.response.status(), self.response.headers().clone());
        Response { status, headers, body: Body::new(self.response, self.watch) }
    }

    /// The response with its body as a stream of events.
    pub fn events(self) -> Response<Events> {
        self.stream().map(Events::new)
    }

    /// The error for a status that is not documented.
    pub async fn unexpected<E: std::fmt::Debug>(self) -> Error<E> {
        self.received().await.map_or_else(Error::Failure, Received::unexpected)
    }

    /// The response with its body complete, to be decoded.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn received(self) -> Result<Received, Failure> {
        self.bytes().await.map(Received)
    }
}

/// A response whose body is complete. Generated clients decode it without further suspension points: each of those makes a method slower to
/// compile.
#[derive(Clone, Debug)]
pub struct Received(Response<Bytes>);

impl Received {
    /// The status.
    pub fn status(&self) -> u16 {
        self.0.status.as_u16()
    }

    /// The response with its JSON body decoded.
    ///
    /// # Errors
    /// The body is not JSON of the type.
    pub fn json<T: DeserializeOwned>(self) -> Result<Response<T>, Failure> {
        self.decoded(|bytes| Ok(serde_json::from_slice(bytes)?))
    }

    /// The response with its body as text.
    ///
    /// # Errors
    /// The body is not UTF-8.
    pub fn text(self) -> Result<Response<String>, Failure> {
        self.decoded(|bytes| Ok(std::str::from_utf8(bytes)?.to_owned()))
    }

    /// The response with the bytes of its body.
    pub fn bytes(self) -> Response<Bytes> {
        self.0
    }

    /// The response without its body.
    pub fn empty(self) -> Response<()> {
        self.0.map(|_| ())
    }

    /// A documented error with a JSON body.
    pub fn json_error<T: DeserializeOwned, E: std::fmt::Debug>(self, variant: impl FnOnce(T) -> E) -> Error<E> {
        self.json::<T>().map_or_else(Error::Failure, |response| Error::documented(response.map(variant)))
    }

    /// A documented error with a text.
    pub fn text_error<E: std::fmt::Debug>(self, variant: impl FnOnce(String) -> E) -> Error<E> {
        self.text().map_or_else(Error::Failure, |response| Error::documented(response.map(variant)))
    }

    /// A documented error with bytes.
    pub fn bytes_error<E: std::fmt::Debug>(self, variant: impl FnOnce(Bytes) -> E) -> Error<E> {
        Error::documented(self.0.map(variant))
    }

    /// A documented error without a body.
    pub fn empty_error<E: std::fmt::Debug>(self, variant: E) -> Error<E> {
        Error::documented(self.0.map(|_| variant))
    }

    /// The error for a status that is not documented.
    pub fn unexpected<E: std::fmt::Debug>(self) -> Error<E> {
        Error::Unexpected(Box::new(self.0))
    }

    fn decoded<T>(self, decode: impl FnOnce(&[u8]) -> Result<T, Box<dyn std::error::Error + Send + Sync>>) -> Result<Response<T>, Failure> {
        let Self(response) = self;
        match decode(&response.body) {
            Ok(body) => Ok(Response { status: response.status, headers: response.headers, body }),
            Err(source) => Err(Failure::Undecodable(Box::new(Undecodable { response, source }))),
        }
    }
}
