//! Bodies, by the kind of their media type.
//!
//! | file | owns |
//! |---|---|
//! | `charset` | bytes → text |
//! | `sequence` | JSON Lines and JSON text sequences |
//! | `event_stream` | server-sent events |
//! | `form` | `application/x-www-form-urlencoded` |
//! | `multipart` | parts and their values |
//! | `multipart_syntax` | the syntax of multipart bodies |

mod charset;
mod event_stream;
mod form;
mod multipart;
mod multipart_syntax;
mod sequence;

use std::ops::Range;

use charter_contract::{MediaTypeSpec, Schemas, json};
use charter_traffic::exchange::{Body, BodyLocation};
use serde_json::Value;

use super::Malformed;
use super::candidates::Candidates;
use super::described::{Described, Types};
use super::media_type::{BodyKind, MediaType};
use super::text::leaf;

pub(crate) use multipart::Part;

/// How the source stores a body.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stored {
    /// The bytes as sent.
    Bytes,
    /// A text, as most HAR files store it. The recorder decoded its charset.
    Text,
}

impl Stored {
    /// How a source stores a body: as a text if it is in a JSON string.
    pub(crate) fn of(body: &Body) -> Self {
        match body {
            Body::Bytes { location: BodyLocation::Escaped { .. }, .. } => Self::Text,
            _ => Self::Bytes,
        }
    }
}

/// A decoded body.
#[derive(Clone, Debug)]
pub(crate) enum Content {
    /// One value.
    Value(Candidates),
    /// The items of a stream, each with its bytes.
    Items(Vec<(Value, Range<usize>)>),
    /// A multipart body.
    Parts {
        /// The whole body: an object for `multipart/form-data`, else an array. The error says why a part has no value.
        value: Result<Candidates, String>,
        /// The parts, in order.
        parts: Vec<Part>,
        /// Parts that violate the encoding that is described for them.
        violations: Vec<Malformed>,
    },
}

/// The reason why a body has no value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Undecoded {
    /// It violates the syntax of its media type.
    Malformed(Malformed),
    /// It is not judged, and the reason.
    NotJudged(String),
}

impl From<Malformed> for Undecoded {
    fn from(malformed: Malformed) -> Self {
        Self::Malformed(malformed)
    }
}

impl Content {
    /// The whole body. The items of a stream are an array, OpenAPI 3.2, "Sequential Media Types".
    pub(crate) fn into_value(self) -> Result<Candidates, Undecoded> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Parts { value, .. } => value.map_err(Undecoded::NotJudged),
            Self::Items(items) => Ok(Candidates::one(items.into_iter().map(|(item, _)| item).collect::<Value>())),
        }
    }
}

/// The value of a body without content coding. A body of more than `limit` bytes is not judged.
pub(crate) fn decode_body(
    schemas: &Schemas,
    spec: &MediaTypeSpec,
    media_type: &MediaType,
    bytes: &[u8],
    stored: Stored,
    limit: usize,
) -> Result<Content, Undecoded> {
    if bytes.len() > limit {
        return Err(Undecoded::NotJudged(format!("the body is larger than {limit} bytes")));
    }
    let described = || Described::new(schemas, spec.schema);
    let text = || charset::decode(bytes, media_type.parameter("charset"), stored);
    let not_judged = || Undecoded::NotJudged(format!("a body of the media type {} is judged by its media type only", media_type.essence()));
    let kind = media_type.kind();
    if matches!(kind, BodyKind::JsonLines | BodyKind::JsonSequence | BodyKind::EventStream)
        && spec.item_schema.is_none()
        && !described().types().has(Types::ARRAY)
    {
        // Each item is JSON, whatever the schema describes.
        match kind {
            BodyKind::JsonLines => drop(sequence::lines(bytes)?),
            BodyKind::JsonSequence => drop(sequence::records(bytes)?),
            _ => {}
        }
        // Before OpenAPI 3.2, no version says what the schema of a stream describes, if not an array.
        return match described().types().has(Types::STRING) {
            true => Ok(Content::Value(Candidates::one(text()?))),
            false => Err(Undecoded::NotJudged("the schema of the stream describes neither an array of its items nor a text".to_owned())),
        };
    }
    Ok(match kind {
        BodyKind::Json => Content::Value(Candidates::one(parse_json(bytes, 0)?)),
        BodyKind::JsonLines => Content::Items(sequence::lines(bytes)?),
        BodyKind::JsonSequence => Content::Items(sequence::records(bytes)?),
        BodyKind::EventStream => Content::Items(event_stream::events(bytes)),
        BodyKind::Form => Content::Value(form::decode(spec, &described(), bytes)?),
        BodyKind::Multipart => {
            let (value, parts, violations) = multipart::decode(spec, &described(), media_type, bytes)?;
            Content::Parts { value, parts, violations }
        }
        BodyKind::Text => Content::Value(leaf(&text()?, described().types())),
        BodyKind::Xml | BodyKind::Binary => return Err(not_judged()),
    })
}

/// A strict JSON value that begins at an offset of the body.
fn parse_json(bytes: &[u8], offset: usize) -> Result<Value, Malformed> {
    json::parse(bytes).map_err(|error| {
        let at = offset + error.position.byte.min(bytes.len());
        Malformed::new(format!("invalid JSON: {}", error.message), "RFC 8259").at(at)
    })
}

#[cfg(test)]
mod tests;
