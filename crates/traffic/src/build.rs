//! Builders of exchanges, for tests.

use charter_json::Position;

use crate::exchange::{Body, BodyPlace, Exchange, Headers, Origin, Request, Response};

impl Exchange {
    /// A body of which nothing else is known: an answer of status 200 to the contract's operation.
    pub fn bare(body: impl Into<Vec<u8>>) -> Self {
        Self { request: None, bare: true, ..Self::get("").answered(200, body) }
    }

    /// A GET request with a key, still without an answer.
    pub fn get(url: impl Into<String>) -> Self {
        let headers = Headers { fields: vec![("authorization".to_owned(), "Bearer ***".to_owned())], complete: true };
        Self {
            origin: Origin { source: "<test>".into(), index: 0, line: None, column: None, bytes: 0..0 },
            started: None,
            time_ms: None,
            request: Some(Request { method: "GET".to_owned(), url: url.into(), headers }),
            response: None,
            error: None,
            masked: Vec::new(),
            bare: false,
            provoked: None,
        }
    }

    /// The same request with an answer of JSON.
    #[must_use]
    pub fn answered(mut self, status: u16, body: impl Into<Vec<u8>>) -> Self {
        let headers = Headers { fields: vec![("content-type".to_owned(), "application/json".to_owned())], complete: true };
        let place = BodyPlace::Verbatim(Position { byte: 0, line: 1, column: 1 });
        self.response = Some(Response { status, headers, body: Body::Bytes { bytes: body.into(), place } });
        self
    }

    /// The same exchange, begun at an instant.
    #[must_use]
    pub fn at(mut self, started: jiff::Timestamp) -> Self {
        self.started = Some(started);
        self
    }

    /// The same exchange with a header field of the answer.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Some(response) = &mut self.response {
            response.headers.fields.push((name.into(), value.into()));
        }
        self
    }
}
