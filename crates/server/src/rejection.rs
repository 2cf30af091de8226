//! Requests that no method gets, as problem details.
//!
//! # Source
//! RFC 9457, "Problem Details for HTTP APIs".

use axum::body::Body;
use axum::response::{IntoResponse, Response};
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde_json::{Value, json};

/// The part of a request that contains a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Place {
    /// The path.
    Path,
    /// The query.
    Query,
    /// The header.
    Header,
    /// A cookie.
    Cookie,
    /// The body.
    Body,
}

impl Place {
    /// The name: `path`, `query`, `header`, `cookie` or `body`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::Header => "header",
            Self::Cookie => "cookie",
            Self::Body => "body",
        }
    }
}

/// What is wrong with a value of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Violation {
    /// The part of the request.
    pub place: Place,
    /// The name of the parameter; `None` for a body.
    pub name: Option<&'static str>,
    /// The location in the value, as a JSON Pointer.
    pub pointer: String,
    /// The violated keyword, if a schema is violated.
    pub keyword: Option<String>,
    /// What is wrong.
    pub detail: String,
}

impl Violation {
    fn json(&self) -> Value {
        let mut json = json!({ "in": self.place.as_str() });
        if let Some(name) = self.name {
            json["name"] = name.into();
        }
        json["pointer"] = self.pointer.as_str().into();
        if let Some(keyword) = &self.keyword {
            json["keyword"] = keyword.as_str().into();
        }
        json["detail"] = self.detail.as_str().into();
        json
    }
}

/// A request that no method gets. As a response, it is a document of the media type `application/problem+json`:
///
/// ```
/// use charter_server::axum::response::IntoResponse;
/// use charter_server::{Rejection, StatusCode};
///
/// let response = Rejection::new(StatusCode::NOT_FOUND, "no operation has the path `/parcel`").into_response();
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Rejection {
    /// The status.
    pub status: StatusCode,
    /// What is wrong with the request as a whole.
    pub detail: String,
    /// Additional header fields, such as `Allow`.
    pub headers: HeaderMap,
    /// What is wrong with single values.
    pub violations: Vec<Violation>,
}

impl Rejection {
    /// A rejection without violations of single values.
    pub fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        Self { status, detail: detail.into(), headers: HeaderMap::new(), violations: Vec::new() }
    }

    /// The rejection with a header field. A value with characters that HTTP does not allow is left out.
    #[must_use]
    pub fn with_header(mut self, name: http::HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.append(name, value);
        }
        self
    }

    /// The problem details: `type`, `title`, `status`, `detail`, and the violations as `errors`.
    pub fn problem(&self) -> Value {
        let mut problem = json!({
            "type": "about:blank",
            "title": self.status.canonical_reason().unwrap_or("Error"),
            "status": self.status.as_u16(),
            "detail": self.detail,
        });
        if !self.violations.is_empty() {
            problem["errors"] = self.violations.iter().map(Violation::json).collect();
        }
        problem
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        let mut response = Response::new(Body::from(self.problem().to_string()));
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        response
    }
}
