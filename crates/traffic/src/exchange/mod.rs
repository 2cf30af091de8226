//! One HTTP exchange, independent of the format it was read from.

mod body;
mod build;
mod convert;
mod message;

use std::ops::Range;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use body::{Body, BodyLocation};
pub use message::{Headers, Message, Request, Response};

/// One request and its response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Exchange {
    /// The request. `None` for a bare body.
    pub request: Option<Request>,
    /// The response. `None` if none arrived.
    pub response: Option<Response>,
    /// When the exchange started and how long it took.
    pub timing: Timing,
    /// The location in the source.
    pub origin: Origin,
    /// The kind of the network failure, if there was one.
    pub error: Option<String>,
    /// JSON Pointers into the exchange whose values the recorder masked.
    pub masked: Vec<String>,
    /// Only a response body is known. It is checked as the body of a response with status 200.
    pub bare: bool,
    /// The refusal that the request provokes on purpose.
    pub provoked: Option<Provoked>,
    /// The earlier attempts to send the request. The response is that of the last one.
    pub attempts: Vec<Attempt>,
}

/// An attempt to send a request, after which the request was sent again.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Attempt {
    /// When the attempt started and how long it took.
    pub timing: Timing,
    /// The status code of the response. `None` if none arrived.
    pub status: Option<u16>,
    /// The kind of the network failure, if there was one.
    pub error: Option<String>,
}

/// When an exchange took place, as recorded.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timing {
    /// The instant at which the request began.
    pub started: Option<jiff::Timestamp>,
    /// From the start of the request to the end of the response, in milliseconds.
    pub duration_ms: Option<f64>,
}

/// The location of an exchange in its source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The source as given: a path, or `<stdin>`.
    pub source: Arc<str>,
    /// The index of the exchange in the source, from 0.
    pub index: usize,
    /// The line on which it begins, from 1.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
    /// Its byte range in the decompressed source.
    pub bytes: Range<u64>,
}

/// A request that the server must refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Provoked {
    /// It has no credentials.
    #[serde(rename = "no-key")]
    NoCredentials,
    /// Its credentials are wrong.
    #[serde(rename = "wrong-key")]
    WrongCredentials,
    /// It names a resource that does not exist.
    UnknownId,
    /// It selects a section that the resource does not have.
    // The word is a value of the stable recording format and older than the neutral name.
    #[serde(rename = "bad-expand")]
    UnknownSection,
}

impl Provoked {
    /// The value in a recording.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoCredentials => "no-key",
            Self::WrongCredentials => "wrong-key",
            Self::UnknownId => "unknown-id",
            // A value of the stable recording format, as above.
            Self::UnknownSection => "bad-expand",
        }
    }
}

impl Exchange {
    /// An exchange of which only the location is known.
    pub fn new(origin: Origin) -> Self {
        Self {
            request: None,
            response: None,
            timing: Timing::default(),
            origin,
            error: None,
            masked: Vec::new(),
            bare: false,
            provoked: None,
            attempts: Vec::new(),
        }
    }

    /// The bytes of a bare body.
    pub fn bare_body(&self) -> Option<&[u8]> {
        self.response.as_ref().filter(|_| self.bare)?.body().bytes()
    }
}

impl Attempt {
    /// The attempt that resulted in an exchange.
    pub fn of(exchange: &Exchange) -> Self {
        let status = exchange.response.as_ref().map(|response| response.status);
        Self { timing: exchange.timing, status, error: exchange.error.clone() }
    }
}

impl Default for Origin {
    /// No source.
    fn default() -> Self {
        Self { source: "".into(), index: 0, line: None, column: None, bytes: 0..0 }
    }
}
