//! The body of a message, and its location in the source.

use charter_json::Position;

use crate::position::offset;

/// A body, or the reason why its bytes are not known.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub enum Body {
    /// The bytes as sent. A message without a body has none.
    Bytes {
        /// The bytes.
        bytes: Vec<u8>,
        /// Their location in the source.
        location: BodyLocation,
    },
    /// The recording has no body for the message.
    #[default]
    Missing,
    /// The recording has only a digest.
    Digest {
        /// The digest, behind the name of its algorithm.
        digest: String,
        /// The body's length in bytes.
        size: u64,
    },
    /// The recorder truncated the body.
    Truncated,
}

impl Body {
    /// A body without a source.
    pub fn from_bytes(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Bytes { bytes: bytes.into(), location: BodyLocation::Verbatim(Position { byte: 0, line: 1, column: 1 }) }
    }

    /// The bytes, if they are known.
    pub fn bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Bytes { bytes, .. } => Some(bytes),
            _ => None,
        }
    }

    /// The reason why there are no bytes to check, as the end of a sentence. Empty if there are.
    pub fn why_absent(&self) -> &'static str {
        match self {
            Self::Bytes { .. } => "",
            Self::Missing => "the recording holds no body; record with response bodies",
            Self::Digest { .. } => "the recording holds only a digest of the body",
            Self::Truncated => "the body is longer than the recorder was allowed to keep; record again with a larger --max-body",
        }
    }

    /// The position in the source of an offset of the body.
    pub fn position(&self, offset: usize) -> Option<Position> {
        match self {
            Self::Bytes { bytes, location } => location.position(bytes, offset),
            _ => None,
        }
    }
}

/// The location of a body in its source.
#[derive(Clone, Debug)]
pub enum BodyLocation {
    /// Byte for byte, beginning at this position.
    Verbatim(Position),
    /// Inside a JSON string, with escapes.
    Escaped {
        /// The position after the opening quote.
        start: Position,
        /// The string as written, without its quotes.
        raw: Box<str>,
    },
    /// In a text whose offsets are in step with the body only from certain offsets on, such as a YAML scalar with escapes and folded lines.
    Stepped {
        /// The position of the text.
        start: Position,
        /// The text.
        raw: Box<str>,
        /// Offsets in the body and in the text, ascending.
        steps: Vec<(usize, usize)>,
    },
    /// Encoded: no byte of the body is in the source as such.
    Encoded,
}

impl BodyLocation {
    fn position(&self, body: &[u8], offset: usize) -> Option<Position> {
        match self {
            Self::Verbatim(start) => Some(after(*start, &body[..offset.min(body.len())])),
            Self::Escaped { start, raw } => Some(after(*start, &raw.as_bytes()[..escaped_offset(raw, offset)])),
            Self::Stepped { start, raw, steps } => {
                let (body, text) = steps.iter().rev().find(|(body, _)| *body <= offset)?;
                Some(after(*start, &raw.as_bytes()[..raw.len().min(text + offset - body)]))
            }
            Self::Encoded => None,
        }
    }
}

/// The position after some bytes that begin at `start`.
fn after(start: Position, bytes: &[u8]) -> Position {
    offset(start, Position::of(bytes, bytes.len()))
}

/// The offset in an escaped JSON string of a byte of its text.
fn escaped_offset(raw: &str, wanted: usize) -> usize {
    let bytes = raw.as_bytes();
    let (mut at, mut decoded) = (0, 0);
    while at < bytes.len() && decoded < wanted {
        let (written, length) = match (bytes[at], bytes.get(at + 1)) {
            (b'\\', Some(b'u')) => {
                let unit = raw.get(at + 2..at + 6).and_then(|digits| u32::from_str_radix(digits, 16).ok()).unwrap_or(0);
                match unit {
                    // A surrogate pair is one character of four bytes.
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
    fn an_offset_of_an_escaped_body_has_a_position_in_the_source() {
        let raw = r#"{\"a\":\u00e9\ud83d\ude00x}"#;
        let body: String = serde_json::from_str(&format!("\"{raw}\"")).expect("a string");
        let at = body.find('x').expect("an x");
        assert_eq!(&raw[escaped_offset(raw, at)..][..1], "x");
    }
}
