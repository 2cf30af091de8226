//! Error responses: a status, the error envelope, the id of the request.

use axum::http::StatusCode;
use serde_json::{Value, json};

/// An error response.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    code: &'static str,
    field: &'static str,
    message: &'static str,
}

impl Refusal {
    pub(crate) const NO_KEY: Self = Self::new(StatusCode::UNAUTHORIZED, "unauthorized", "<root>", "the API key is missing or wrong");
    pub(crate) const FORBIDDEN: Self = Self::new(StatusCode::FORBIDDEN, "forbidden", "<root>", "this API key may only read");
    pub(crate) const NOT_FOUND: Self = Self::new(StatusCode::NOT_FOUND, "not_found", "<root>", "unknown run, file or path");
    pub(crate) const TOO_LARGE: Self = Self::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", "<root>", "the request is too large");
    pub(crate) const TOO_MANY: Self = Self::new(StatusCode::TOO_MANY_REQUESTS, "rate_limited", "<root>", "too many requests");
    pub(crate) const FAILED: Self = Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal_error", "<root>", "the server failed");
    pub(crate) const UNAVAILABLE: Self = Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "<root>", "the server is busy");

    pub(crate) const METHOD: Self =
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", "<root>", "the path has no operation with this method");

    const fn new(status: StatusCode, code: &'static str, field: &'static str, message: &'static str) -> Self {
        Self { status, code, field, message }
    }

    /// An invalid parameter or member of the request.
    pub(crate) const fn invalid(field: &'static str, message: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_value", field, message)
    }

    pub(crate) fn envelope(&self, request_id: &str) -> Value {
        let issue = json!({ "field": self.field, "message": self.message, "code": self.code, "severity": "error" });
        json!({ "issues": [issue], "requestId": request_id })
    }
}
