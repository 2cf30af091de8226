//! One HTTP exchange, whatever it was read from: request, answer, and where it stood in its source.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use charter_json::Position;
use serde::{Deserialize, Serialize};
use url::Url;

use crate::mask::is_secret;

/// One exchange.
#[derive(Clone, Debug)]
pub struct Exchange {
    /// Where it was read.
    pub origin: Origin,
    /// When it began, as recorded.
    pub started: Option<jiff::Timestamp>,
    /// How long it took, in milliseconds.
    pub time_ms: Option<f64>,
    /// What was asked. `None` for a bare body.
    pub request: Option<Request>,
    /// What was answered. `None` where there was no answer.
    pub response: Option<Response>,
    /// The kind of failure on the network, where there was one.
    pub error: Option<String>,
    /// JSON Pointers into the exchange whose values the recorder has masked.
    pub masked: Vec<String>,
    /// Only the body is known: it is taken for a 200 answer.
    pub bare: bool,
    /// Which refusal the request asks for, where it asks for one on purpose.
    pub provoked: Option<Provoked>,
}

/// A request that a server must refuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Provoked {
    /// It carries no key.
    NoKey,
    /// It carries a key that is none.
    WrongKey,
    /// It asks for a resource that there is not.
    UnknownId,
    /// It asks for a section that there is not.
    BadExpand,
}

impl Provoked {
    /// The word of the recording.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoKey => "no-key",
            Self::WrongKey => "wrong-key",
            Self::UnknownId => "unknown-id",
            Self::BadExpand => "bad-expand",
        }
    }
}

impl Exchange {
    /// The bytes of a bare body.
    pub fn bare_body(&self) -> Option<&[u8]> {
        match &self.response.as_ref().filter(|_| self.bare)?.body {
            Body::Bytes { bytes, .. } => Some(bytes),
            _ => None,
        }
    }
}

/// Where an exchange stood.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The source as given: a path, or `<stdin>`.
    pub source: Arc<str>,
    /// Which exchange of the source, from 0.
    pub index: usize,
    /// The line it begins on, from 1.
    pub line: Option<usize>,
    /// The column, from 1.
    pub column: Option<usize>,
    /// Its bytes in the source, decompressed.
    pub bytes: Range<u64>,
}

/// A request.
#[derive(Clone)]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The URL, as sent; perhaps only a path.
    pub url: String,
    /// The header fields.
    pub headers: Headers,
}

impl Request {
    /// The query's names and values, decoded, in the order sent.
    pub fn query(&self) -> Vec<(String, String)> {
        let base = Url::options()
            .base_url(None)
            .parse(&self.url)
            .or_else(|_| Url::parse("http://localhost/").and_then(|base| base.join(&self.url)));
        base.map(|url| url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()).unwrap_or_default()
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Request").field("method", &self.method).field("url", &self.url).field("headers", &self.headers).finish()
    }
}

/// An answer.
#[derive(Clone, Debug)]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

/// Header fields, in the order sent.
#[derive(Clone, Default)]
pub struct Headers {
    /// Names as sent, and values.
    pub fields: Vec<(String, String)>,
    /// Whether every field was recorded, so that an absent one was not sent.
    pub complete: bool,
}

impl Headers {
    /// Every value of a field, whatever the case of its name.
    pub fn get_all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.fields.iter().map(|(name, value)| (name, if is_secret(name) { "***" } else { value.as_str() }));
        formatter.debug_map().entries(shown).finish()
    }
}

/// A body, or why there is none.
#[derive(Clone, Debug)]
pub enum Body {
    /// The bytes as sent.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
        /// Where they stand in the source.
        place: BodyPlace,
    },
    /// The recorder kept none.
    Missing,
    /// The recorder kept a digest only.
    Digest {
        /// The digest, behind the name of its method.
        digest: String,
        /// The body's length in bytes.
        size: u64,
    },
    /// The recorder cut it off.
    Truncated,
}

impl Body {
    /// Why there are no bytes to judge, as the end of a sentence.
    pub fn why_absent(&self) -> &'static str {
        match self {
            Self::Bytes { .. } => "",
            Self::Missing => "the recording holds no body; record with response bodies",
            Self::Digest { .. } => "the recording holds only a digest of the body",
            Self::Truncated => "the body is longer than the recorder was allowed to keep; record again with a larger --max-body",
        }
    }

    /// Where an offset of the body stands in the source.
    pub fn position(&self, offset: usize) -> Option<Position> {
        match self {
            Self::Bytes { bytes, place } => place.position(bytes, offset),
            _ => None,
        }
    }
}

/// Where a body stands in its source.
#[derive(Clone, Debug)]
pub enum BodyPlace {
    /// Byte for byte, beginning at this position.
    Verbatim(Position),
    /// Inside a JSON string, escaped, beginning behind the quote at this position.
    Escaped {
        /// Where the string begins, behind its quote.
        start: Position,
        /// The string as written, without its quotes.
        raw: Box<str>,
    },
    /// Encoded, so that no byte of it stands in the source.
    Encoded,
}

impl BodyPlace {
    fn position(&self, body: &[u8], offset: usize) -> Option<Position> {
        match self {
            Self::Verbatim(start) => Some(beyond(*start, &body[..offset.min(body.len())])),
            Self::Escaped { start, raw } => Some(beyond(*start, &raw.as_bytes()[..escaped_offset(raw, offset)])),
            Self::Encoded => None,
        }
    }
}

/// The position behind some bytes that begin at another.
fn beyond(start: Position, bytes: &[u8]) -> Position {
    let within = Position::of(bytes, bytes.len());
    let column = if within.line == 1 { start.column + within.column - 1 } else { within.column };
    Position { byte: start.byte + within.byte, line: start.line + within.line - 1, column }
}

/// The offset in an escaped JSON string of a byte of the text it stands for.
fn escaped_offset(raw: &str, wanted: usize) -> usize {
    let bytes = raw.as_bytes();
    let (mut at, mut decoded) = (0, 0);
    while at < bytes.len() && decoded < wanted {
        let (written, length) = match (bytes[at], bytes.get(at + 1)) {
            (b'\\', Some(b'u')) => {
                let unit = raw.get(at + 2..at + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0);
                match unit {
                    // A pair of surrogates stands for one character of four bytes.
                    0xD800..=0xDBFF => (12, 4),
                    _ => (6, char::from_u32(unit).map_or(3, char::len_utf8)),
                }
            }
            (b'\\', Some(_)) => (2, 1),
            _ => (1, 1),
        };
        at += written;
        decoded += length;
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_escaped_body_leads_back_to_its_source() {
        let raw = r#"{\"a\":\u00e9\ud83d\ude00x}"#;
        let body: String = serde_json::from_str(&format!("\"{raw}\"")).expect("a string");
        let at = body.find('x').expect("an x");
        assert_eq!(&raw[escaped_offset(raw, at)..][..1], "x");
    }

    #[test]
    fn a_query_is_decoded_from_a_url_or_a_path() {
        let request = |url: &str| Request { method: "GET".to_owned(), url: url.to_owned(), headers: Headers::default() };
        let wanted = vec![("expand".to_owned(), "input,usage".to_owned())];
        assert_eq!(request("https://host/a?expand=input%2Cusage").query(), wanted);
        assert_eq!(request("/a?expand=input,usage").query(), wanted);
        assert_eq!(request("::").query(), vec![]);
    }

    #[test]
    fn secrets_are_not_shown() {
        let headers = Headers {
            fields: vec![("Authorization".to_owned(), "Bearer s3cret".to_owned()), ("accept".to_owned(), "*/*".to_owned())],
            complete: true,
        };
        let shown = format!("{headers:?}");
        assert!(!shown.contains("s3cret") && shown.contains("*/*"), "{shown}");
    }
}
