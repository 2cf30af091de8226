//! The value of a body, for programs that observe bodies and do not judge them.

use charter_contract::{MediaTypeSpec, SchemaId, Schemas};
use charter_traffic::coding;
use charter_traffic::exchange::Message;
use serde_json::Value;

use crate::wire::{self, MediaType, Stored, Undecoded};

/// The media type of a message without `Content-Type`.
const JSON: &str = "application/json";

/// The value of the body of a message, decoded by its media type as [`check`](crate::check()) decodes it. The items of a stream are an
/// array. The texts of forms and parts have no types: `accepts` decides between the values that they may mean. If none is accepted, or
/// without a schema, the value is the most natural one. A message without `Content-Type` is JSON.
///
/// # Errors
/// The reason why the body has no value, as a part of a sentence. Bodies of more than `limit` bytes have none.
pub fn body_value(
    schemas: &Schemas,
    spec: &MediaTypeSpec,
    message: &Message,
    limit: usize,
    mut accepts: impl FnMut(SchemaId, &Value) -> bool,
) -> Result<Value, String> {
    let stored = message.body.bytes().ok_or_else(|| message.body.why_absent().to_owned())?;
    let codings = message.headers.get_all("content-encoding");
    // Many recorders store the decoded body and keep the field.
    let decoded = coding::decode(stored, &codings, limit);
    let (bytes, form) = match &decoded {
        Ok(std::borrow::Cow::Owned(bytes)) => (bytes.as_slice(), Stored::Bytes),
        _ => (stored, Stored::of(&message.body)),
    };
    let field = message.headers.get("content-type").unwrap_or(JSON);
    let media_type = MediaType::parse(field).ok_or("the value of `Content-Type` is not a media type")?;
    let decoded = wire::decode_body(schemas, spec, &media_type, bytes, form, limit).and_then(wire::Content::into_value);
    let candidates = decoded.map_err(|undecoded| match undecoded {
        // The message can quote the body.
        Undecoded::Malformed(_) => "the body violates the syntax of its media type".to_owned(),
        Undecoded::NotJudged(reason) => reason,
    })?;
    let Some(schema) = spec.schema else { return Ok(candidates.natural()) };
    Ok(candidates.choose(|value| accepts(schema, value)).unwrap_or_else(|natural| natural))
}
