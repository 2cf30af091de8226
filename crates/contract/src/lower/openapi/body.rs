//! Request bodies, responses and their media types.

use indexmap::IndexMap;
use serde_json::Value;

use super::follow;
use super::parameter::{headers, style};
use crate::error::Fault;
use crate::lower::node::Node;
use crate::lower::schemas::Builder;
use crate::model::{Content, Encoding, Example, MediaTypeSpec, RequestBody, ResponseSpec, StatusRange};

pub(super) fn request_body<'d>(builder: &mut Builder<'d>, operation: &Node<'d>) -> Option<RequestBody> {
    let body = follow(builder, operation.child("requestBody")?)?;
    Some(RequestBody { required: body.is("required"), content: content(builder, &body), location: body.location })
}

pub(super) fn responses<'d>(builder: &mut Builder<'d>, operation: &Node<'d>) -> Vec<ResponseSpec> {
    let mut responses = Vec::new();
    for (status, at) in operation.members("responses").filter(|(status, _)| !status.starts_with("x-")) {
        let Some(range) = StatusRange::parse(status) else {
            builder.report(&at.location, Fault::Form(format!("`{status}` is not a status: write 200, 4XX or default")));
            continue;
        };
        let Some(response) = follow(builder, at) else { continue };
        let content = content(builder, &response);
        let headers = headers(builder, &response);
        responses.push(ResponseSpec { status: range, content, headers, location: response.location });
    }
    responses
}

/// The media types under `content`.
pub(super) fn content<'d>(builder: &mut Builder<'d>, owner: &Node<'d>) -> Content {
    let mut content = IndexMap::new();
    for (name, at) in owner.members("content") {
        // OpenAPI 3.2 allows a reference here.
        let Some(media_type) = follow(builder, at) else { continue };
        let spec = MediaTypeSpec {
            schema: media_type.child("schema").and_then(|schema| builder.embedded(schema)),
            item_schema: media_type.child("itemSchema").and_then(|schema| builder.embedded(schema)),
            encoding: encodings(builder, &media_type),
            prefix_encoding: prefix_encodings(builder, &media_type),
            item_encoding: media_type.child("itemEncoding").map(|at| encoding(builder, at)),
            examples: examples(builder, &media_type),
            location: media_type.location,
        };
        content.insert(name.clone(), spec);
    }
    Content(content)
}

fn encodings<'d>(builder: &mut Builder<'d>, media_type: &Node<'d>) -> IndexMap<String, Encoding> {
    media_type.members("encoding").map(|(name, at)| (name.clone(), encoding(builder, at))).collect()
}

fn prefix_encodings<'d>(builder: &mut Builder<'d>, media_type: &Node<'d>) -> Vec<Encoding> {
    let Some(list) = media_type.child("prefixEncoding") else { return Vec::new() };
    let items = list.value.as_array().into_iter().flatten().enumerate();
    items.map(|(index, value)| encoding(builder, Node::new(list.location.child(index), value))).collect()
}

fn encoding<'d>(builder: &mut Builder<'d>, at: Node<'d>) -> Encoding {
    let value = at.value;
    Encoding {
        content_type: value.get("contentType").and_then(Value::as_str).map(str::to_owned),
        headers: headers(builder, &at),
        style: style(value),
        explode: value.get("explode").and_then(Value::as_bool),
        allows_reserved: at.is("allowReserved"),
        location: at.location,
    }
}

/// The `example` and `examples` of a media type, a parameter or a header field.
pub(super) fn examples<'d>(builder: &mut Builder<'d>, owner: &Node<'d>) -> Vec<Example> {
    let mut examples = Vec::new();
    if owner.value.get("example").is_some() {
        examples.push(Example { name: None, location: owner.location.child("example"), serialized: false });
    }
    for (name, at) in owner.members("examples") {
        let Some(example) = follow(builder, at) else { continue };
        // An external value is not read: nothing is fetched.
        let key = ["value", "dataValue", "serializedValue"].into_iter().find(|key| example.value.get(key).is_some());
        if let Some(key) = key {
            let location = example.location.child(key);
            examples.push(Example { name: Some(name.clone()), location, serialized: key == "serializedValue" });
        }
    }
    examples
}
