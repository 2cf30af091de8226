//! Parameters and header fields.

use serde_json::Value;

use super::body::{content, examples};
use super::follow;
use crate::error::Fault;
use crate::lower::node::Node;
use crate::lower::schemas::Builder;
use crate::model::{HeaderSpec, Parameter, ParameterPlace, Style};

/// The parameters of a path item or an operation.
pub(super) fn parameters<'d>(builder: &mut Builder<'d>, owner: &Node<'d>) -> Vec<Parameter> {
    let Some(list) = owner.child("parameters") else { return Vec::new() };
    let items = list.value.as_array().into_iter().flatten().enumerate();
    items.filter_map(|(index, value)| parameter(builder, Node::new(list.location.child(index), value))).collect()
}

fn parameter<'d>(builder: &mut Builder<'d>, at: Node<'d>) -> Option<Parameter> {
    let parameter = follow(builder, at)?;
    let value = parameter.value;
    // Swagger 2.0: the request body of the operation contains them.
    if matches!(value.get("in").and_then(Value::as_str), Some("body" | "formData")) {
        return None;
    }
    let Some(place) = value.get("in").and_then(Value::as_str).and_then(ParameterPlace::parse) else {
        let message = "a parameter needs `in`: path, query, header, cookie or querystring".to_owned();
        builder.report(&parameter.location, Fault::Form(message));
        return None;
    };
    let Some(name) = value.get("name").and_then(Value::as_str) else {
        builder.report(&parameter.location, Fault::Form("a parameter needs a `name`".to_owned()));
        return None;
    };
    // `lint` reports a style that is not allowed here.
    let style = style(value).filter(|style| style.is_allowed_in(place)).unwrap_or_else(|| Style::default_of(place));
    Some(Parameter {
        name: name.to_owned(),
        place,
        required: parameter.is("required") || place == ParameterPlace::Path,
        deprecated: parameter.is("deprecated"),
        style,
        explode: value.get("explode").and_then(Value::as_bool).unwrap_or(matches!(style, Style::Form | Style::Cookie)),
        allows_reserved: parameter.is("allowReserved"),
        allows_empty: parameter.is("allowEmptyValue"),
        schema: parameter.child("schema").and_then(|schema| builder.embedded(schema)),
        content: content(builder, &parameter),
        examples: examples(builder, &parameter),
        location: parameter.location,
    })
}

/// The `style` of a parameter or an encoding, if it is known.
pub(super) fn style(owner: &Value) -> Option<Style> {
    owner.get("style").and_then(Value::as_str).and_then(Style::parse)
}

/// The header fields of a response or an encoding.
pub(super) fn headers<'d>(builder: &mut Builder<'d>, owner: &Node<'d>) -> Vec<HeaderSpec> {
    let mut headers = Vec::new();
    for (name, at) in owner.members("headers") {
        let Some(header) = follow(builder, at) else { continue };
        headers.push(HeaderSpec {
            name: name.clone(),
            required: header.is("required"),
            explode: header.is("explode"),
            schema: header.child("schema").and_then(|schema| builder.embedded(schema)),
            content: content(builder, &header),
            examples: examples(builder, &header),
            location: header.location,
        });
    }
    headers
}
