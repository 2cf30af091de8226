//! From the result of a method to a response.

use std::convert::Infallible;

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use serde::Serialize;

use crate::events::Events;
use crate::rejection::Rejection;

/// The result of a method: a documented body, and the header fields that are sent with it. `T` is the same type that a generated client
/// receives.
///
/// ```
/// use charter_server::Reply;
///
/// let plain: Reply<String> = "placed".to_owned().into();
/// let located = Reply::new("placed".to_owned()).with_header("location", "/orders/1");
/// assert!(plain.headers().is_empty() && located.headers().contains_key("location"));
/// ```
#[derive(Debug)]
pub struct Reply<T>(Box<Content<T>>);

#[derive(Debug)]
enum Content<T> {
    Documented { status: Option<StatusCode>, headers: HeaderMap, body: T },
    Raw { response: Response, headers: HeaderMap },
}

impl<T> Reply<T> {
    /// A reply with a documented body. Its status is the documented one.
    pub fn new(body: T) -> Self {
        Self(Box::new(Content::Documented { status: None, headers: HeaderMap::new(), body }))
    }

    /// A response that the program makes itself, such as one of another media type. It is sent as it is.
    pub fn raw(response: impl IntoResponse) -> Self {
        Self(Box::new(Content::Raw { response: response.into_response(), headers: HeaderMap::new() }))
    }

    /// The reply with a status, for bodies that are documented for a class such as `4XX` or for `default`. Without it, their status is the
    /// first of the class, 200 for successes of `default`, and 500 for its errors.
    #[must_use]
    pub fn with_status(mut self, status: StatusCode) -> Self {
        match &mut *self.0 {
            Content::Documented { status: own, .. } => *own = Some(status),
            Content::Raw { response, .. } => *response.status_mut() = status,
        }
        self
    }

    /// The reply with another header field. A name or a value with characters that HTTP does not allow is left out.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        if let (Ok(name), Ok(value)) = (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_str(value)) {
            self.headers_mut().append(name, value);
        }
        self
    }

    /// The header fields.
    pub fn headers(&self) -> &HeaderMap {
        match &*self.0 {
            Content::Documented { headers, .. } | Content::Raw { headers, .. } => headers,
        }
    }

    /// The header fields, to change them.
    pub fn headers_mut(&mut self) -> &mut HeaderMap {
        match &mut *self.0 {
            Content::Documented { headers, .. } | Content::Raw { headers, .. } => headers,
        }
    }

    /// The response, whose body is encoded by a function.
    pub fn respond(self, encode: impl FnOnce(T) -> Encoded) -> Response {
        let (status, headers, body) = match *self.0 {
            Content::Documented { status, headers, body } => (status, headers, body),
            Content::Raw { mut response, headers } => {
                response.headers_mut().extend(headers);
                return response;
            }
        };
        let encoded = encode(body);
        let status = status.unwrap_or(encoded.statuses.usual());
        if !encoded.statuses.contains(status) {
            return defect(&format!("the program set the status {}, which is not the documented one of the body", status.as_u16()));
        }
        let body = match encoded.body {
            Ok(body) => body,
            Err(error) => return defect(&format!("the body of the response cannot be serialised: {error}")),
        };
        let mut response = Response::new(body);
        *response.status_mut() = status;
        if let Some(media_type) = encoded.media_type {
            response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        }
        if headers.contains_key(CONTENT_TYPE) {
            response.headers_mut().remove(CONTENT_TYPE);
        }
        response.headers_mut().extend(headers);
        response
    }
}

/// The response for a defect of the program.
fn defect(detail: &str) -> Response {
    Rejection::new(StatusCode::INTERNAL_SERVER_ERROR, detail).into_response()
}

impl<T> From<T> for Reply<T> {
    fn from(body: T) -> Self {
        Self::new(body)
    }
}

/// The statuses that a body is documented for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Statuses {
    /// One status.
    Exact(u16),
    /// A class: 4 for `4XX`.
    Class(u8),
    /// The successes of `default`.
    OtherSuccess,
    /// The errors of `default`: every other status.
    Other,
}

impl Statuses {
    fn usual(self) -> StatusCode {
        let status = match self {
            Self::Exact(status) => status,
            Self::Class(class) => u16::from(class) * 100,
            Self::OtherSuccess => 200,
            Self::Other => 500,
        };
        StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn contains(self, status: StatusCode) -> bool {
        match self {
            Self::Exact(exact) => status.as_u16() == exact,
            Self::Class(class) => status.as_u16() / 100 == u16::from(class),
            Self::OtherSuccess => status.is_success(),
            Self::Other => !status.is_success(),
        }
    }
}

/// A documented body as bytes.
#[derive(Debug)]
pub struct Encoded {
    statuses: Statuses,
    media_type: Option<&'static str>,
    body: Result<Body, serde_json::Error>,
}

impl Encoded {
    /// A JSON body.
    pub fn json(statuses: Statuses, media_type: &'static str, body: &impl Serialize) -> Self {
        Self { statuses, media_type: Some(media_type), body: serde_json::to_vec(body).map(Body::from) }
    }

    /// A body of text.
    pub fn text(statuses: Statuses, media_type: &'static str, body: String) -> Self {
        Self { statuses, media_type: Some(media_type), body: Ok(Body::from(body)) }
    }

    /// A body of bytes.
    pub fn bytes(statuses: Statuses, media_type: &'static str, body: Bytes) -> Self {
        Self { statuses, media_type: Some(media_type), body: Ok(Body::from(body)) }
    }

    /// A body that is sent as it is produced.
    pub fn stream(statuses: Statuses, media_type: &'static str, body: Body) -> Self {
        Self { statuses, media_type: Some(media_type), body: Ok(body) }
    }

    /// A body of events.
    pub fn events(statuses: Statuses, media_type: &'static str, body: Events) -> Self {
        Self { statuses, media_type: Some(media_type), body: Ok(body.into_body()) }
    }

    /// No body.
    pub fn empty(statuses: Statuses) -> Self {
        Self { statuses, media_type: None, body: Ok(Body::empty()) }
    }

    /// The body of an operation without documented ones.
    pub fn never(body: Infallible) -> Self {
        match body {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn status(reply: Reply<()>, statuses: Statuses) -> u16 {
        reply.respond(|()| Encoded::empty(statuses)).status().as_u16()
    }

    #[test]
    fn a_status_is_one_that_the_body_is_documented_for() {
        for (statuses, usual) in
            [(Statuses::Exact(201), 201), (Statuses::Class(4), 400), (Statuses::OtherSuccess, 200), (Statuses::Other, 500)]
        {
            assert_eq!(status(Reply::new(()), statuses), usual, "{statuses:?}");
        }
        assert_eq!(status(Reply::new(()).with_status(StatusCode::NOT_FOUND), Statuses::Class(4)), 404);
        assert_eq!(status(Reply::new(()).with_status(StatusCode::NOT_FOUND), Statuses::Exact(201)), 500);
        assert_eq!(status(Reply::raw(StatusCode::IM_A_TEAPOT), Statuses::Exact(201)), 418);
    }

    #[test]
    fn the_media_type_of_the_program_replaces_the_documented_one() {
        let reply = Reply::new(Bytes::from_static(b"x")).with_header("content-type", "image/png").with_header("bad name", "x");
        let response = reply.respond(|body| Encoded::bytes(Statuses::Exact(200), "application/octet-stream", body));
        let fields: Vec<_> = response.headers().iter().map(|(name, value)| (name.as_str(), value.as_bytes())).collect();
        assert_eq!(fields, [("content-type", &b"image/png"[..])]);
    }
}
