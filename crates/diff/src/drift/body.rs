//! Bodies of messages: the media type, and the value as JSON. Forms, multiple parts and streams have a value, too.

use charter_contract::{JsonType, Location, MediaTypeSpec, Schemas, is_json};
use charter_engine::body_value;
use charter_traffic::exchange::Message;
use charter_traffic::read::Limits;
use serde_json::Value;

use super::first::value_of_text;
use crate::side::Side;

/// A body.
pub(super) struct Body {
    /// The media type without parameters, in lower case.
    pub(super) media_type: String,
    /// The value.
    pub(super) value: Option<Value>,
    /// Whether the value consists of texts without types: a form, or a text.
    pub(super) is_text: bool,
}

/// The media type of a body; `None` without a body.
pub(super) fn media_type(message: &Message) -> Option<String> {
    message.body.bytes().filter(|bytes| !bytes.is_empty())?;
    let field = message.headers.get("content-type").unwrap_or("application/json");
    Some(field.split(';').next().unwrap_or_default().trim().to_lowercase())
}

/// A body that is documented with a schema: its value, or why it has none.
pub(super) fn documented(side: &Side<'_>, spec: &MediaTypeSpec, message: &Message, limits: &Limits) -> Result<Value, String> {
    let value =
        body_value(side.contract().schemas(), spec, message, limit(limits), |schema, value| side.accepts(schema, value) == Some(true))?;
    // The schema of Swagger 2.0 applies to all media types of an operation, although a table is not an object.
    let is_text = value.is_string() && !media_type(message).is_some_and(|media_type| is_json(&media_type));
    let allows_text = |schema| {
        let types = side.contract().types_of(schema);
        [JsonType::String, JsonType::Integer, JsonType::Number, JsonType::Boolean].iter().any(|type_| types.contains(type_))
    };
    if is_text && !spec.schema.is_some_and(allows_text) {
        return Err("a text, which the schema does not describe".to_owned());
    }
    Ok(value)
}

/// A body that no contract documents; `None` without a body. The texts of forms have the types that they most likely mean.
pub(super) fn undocumented(message: &Message, limits: &Limits) -> Option<Body> {
    let media_type = media_type(message)?;
    let is_text = is_form(&media_type);
    let spec = MediaTypeSpec::without_schema(Location::root(""));
    let value = (is_text || is_json(&media_type))
        .then(|| body_value(&Schemas::default(), &spec, message, limit(limits), |_, _| true).ok())
        .flatten();
    Some(Body { value: if is_text { value.map(typed) } else { value }, media_type, is_text })
}

fn limit(limits: &Limits) -> usize {
    usize::try_from(limits.max_body).unwrap_or(usize::MAX)
}

/// Whether a media type is that of a form.
pub(super) fn is_form(media_type: &str) -> bool {
    matches!(media_type, "application/x-www-form-urlencoded" | "multipart/form-data")
}

/// A value whose texts have the types that they most likely mean.
pub(super) fn typed(value: Value) -> Value {
    match value {
        Value::String(text) => value_of_text(&text),
        Value::Array(items) => items.into_iter().map(typed).collect(),
        Value::Object(members) => Value::Object(members.into_iter().map(|(name, member)| (name, typed(member))).collect()),
        other => other,
    }
}
