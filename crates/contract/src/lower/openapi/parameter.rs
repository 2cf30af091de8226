//! Parameters and header fields.

use serde_json::Value;

use super::body::{content, examples};
use super::follow;
use crate::error::Fault;
use crate::location::Location;
use crate::lower::entries;
use crate::lower::schemas::Builder;
use crate::model::{HeaderSpec, Parameter, ParameterPlace, Style};

/// The parameters of a path item or an operation.
pub(super) fn parameters(builder: &mut Builder<'_>, at: &Location, owner: &Value) -> Vec<Parameter> {
    let count = owner.get("parameters").and_then(Value::as_array).map_or(0, Vec::len);
    (0..count).filter_map(|index| parameter(builder, &at.child("parameters").child(index))).collect()
}

fn parameter(builder: &mut Builder<'_>, at: &Location) -> Option<Parameter> {
    let location = follow(builder, at)?;
    let value = builder.documents.at(&location)?;
    // Swagger 2.0: the request body of the operation contains them.
    if matches!(value.get("in").and_then(Value::as_str), Some("body" | "formData")) {
        return None;
    }
    let Some(place) = value.get("in").and_then(Value::as_str).and_then(ParameterPlace::parse) else {
        builder.report(&location, Fault::Form("a parameter needs `in`: path, query, header, cookie or querystring".to_owned()));
        return None;
    };
    let Some(name) = value.get("name").and_then(Value::as_str) else {
        builder.report(&location, Fault::Form("a parameter needs a `name`".to_owned()));
        return None;
    };
    // `lint` reports a style that is not allowed here.
    let style = style(value).filter(|style| style.is_allowed_in(place)).unwrap_or_else(|| Style::default_of(place));
    let is = |key: &str| value.get(key) == Some(&Value::Bool(true));
    Some(Parameter {
        name: name.to_owned(),
        place,
        required: is("required") || place == ParameterPlace::Path,
        deprecated: is("deprecated"),
        style,
        explode: value.get("explode").and_then(Value::as_bool).unwrap_or(matches!(style, Style::Form | Style::Cookie)),
        allows_reserved: is("allowReserved"),
        allows_empty: is("allowEmptyValue"),
        schema: builder.embedded(&location.child("schema")),
        content: content(builder, &location, value),
        examples: examples(builder, &location, value),
        location,
    })
}

/// The `style` of a parameter or an encoding, if it is known.
pub(super) fn style(owner: &Value) -> Option<Style> {
    owner.get("style").and_then(Value::as_str).and_then(Style::parse)
}

/// The header fields of a response or an encoding.
pub(super) fn headers(builder: &mut Builder<'_>, at: &Location, owner: &Value) -> Vec<HeaderSpec> {
    let mut headers = Vec::new();
    for (name, _) in entries(owner.get("headers")) {
        let Some(location) = follow(builder, &at.child("headers").child(name)) else { continue };
        let Some(value) = builder.documents.at(&location) else { continue };
        headers.push(HeaderSpec {
            name: name.clone(),
            required: value.get("required") == Some(&Value::Bool(true)),
            explode: value.get("explode") == Some(&Value::Bool(true)),
            schema: builder.embedded(&location.child("schema")),
            content: content(builder, &location, value),
            examples: examples(builder, &location, value),
            location,
        });
    }
    headers
}
