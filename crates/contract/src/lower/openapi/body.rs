//! Request bodies, responses and their media types.

use indexmap::IndexMap;
use serde_json::Value;

use super::follow;
use super::parameter::{headers, style};
use crate::error::Fault;
use crate::location::Location;
use crate::lower::entries;
use crate::lower::schemas::Builder;
use crate::model::{Content, Encoding, Example, MediaTypeSpec, RequestBody, ResponseSpec, StatusRange};

pub(super) fn request_body(builder: &mut Builder<'_>, at: &Location, operation: &Value) -> Option<RequestBody> {
    operation.get("requestBody")?;
    let location = follow(builder, &at.child("requestBody"))?;
    let value = builder.documents.at(&location)?;
    let required = value.get("required") == Some(&Value::Bool(true));
    Some(RequestBody { required, content: content(builder, &location, value), location })
}

pub(super) fn responses(builder: &mut Builder<'_>, at: &Location, operation: &Value) -> Vec<ResponseSpec> {
    let mut responses = Vec::new();
    for (status, _) in entries(operation.get("responses")).filter(|(status, _)| !status.starts_with("x-")) {
        let at = at.child("responses").child(status);
        let Some(range) = StatusRange::parse(status) else {
            builder.report(&at, Fault::Form(format!("`{status}` is not a status: write 200, 4XX or default")));
            continue;
        };
        responses.extend(response(builder, &at, range));
    }
    responses
}

fn response(builder: &mut Builder<'_>, at: &Location, status: StatusRange) -> Option<ResponseSpec> {
    let location = follow(builder, at)?;
    let value = builder.documents.at(&location)?;
    let content = content(builder, &location, value);
    let headers = headers(builder, &location, value);
    Some(ResponseSpec { status, content, headers, location })
}

/// The media types under `content`.
pub(super) fn content(builder: &mut Builder<'_>, at: &Location, owner: &Value) -> Content {
    let mut content = IndexMap::new();
    for (media_type, _) in entries(owner.get("content")) {
        // OpenAPI 3.2 allows a reference here.
        let Some(location) = follow(builder, &at.child("content").child(media_type)) else { continue };
        let Some(value) = builder.documents.at(&location) else { continue };
        let spec = MediaTypeSpec {
            schema: builder.embedded(&location.child("schema")),
            item_schema: builder.embedded(&location.child("itemSchema")),
            encoding: encodings(builder, &location, value),
            examples: examples(builder, &location, value),
            location,
        };
        content.insert(media_type.clone(), spec);
    }
    Content(content)
}

fn encodings(builder: &mut Builder<'_>, at: &Location, media_type: &Value) -> IndexMap<String, Encoding> {
    let mut encodings = IndexMap::new();
    for (name, value) in entries(media_type.get("encoding")) {
        let location = at.child("encoding").child(name);
        let encoding = Encoding {
            content_type: value.get("contentType").and_then(Value::as_str).map(str::to_owned),
            headers: headers(builder, &location, value),
            style: style(value),
            explode: value.get("explode").and_then(Value::as_bool),
            allows_reserved: value.get("allowReserved") == Some(&Value::Bool(true)),
            location,
        };
        encodings.insert(name.clone(), encoding);
    }
    encodings
}

/// The `example` and `examples` of a media type, a parameter or a header field.
pub(super) fn examples(builder: &mut Builder<'_>, at: &Location, owner: &Value) -> Vec<Example> {
    let mut examples = Vec::new();
    if owner.get("example").is_some() {
        examples.push(Example { name: None, location: at.child("example"), serialized: false });
    }
    for (name, _) in entries(owner.get("examples")) {
        let Some(location) = follow(builder, &at.child("examples").child(name)) else { continue };
        let Some(value) = builder.documents.at(&location) else { continue };
        // An external value is not read: nothing is fetched.
        let key = ["value", "dataValue", "serializedValue"].into_iter().find(|key| value.get(key).is_some());
        if let Some(key) = key {
            examples.push(Example { name: Some(name.clone()), location: location.child(key), serialized: key == "serializedValue" });
        }
    }
    examples
}
