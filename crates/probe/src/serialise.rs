//! How a request contains the value of a parameter: by its `style` and `explode`, or by its `content`.
//!
//! # Source
//! OpenAPI 3.1.1, "Style Values" and "Parameter Object", `content`.

use charter_contract::{Parameter, Style, is_json};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

/// The characters that are percent-encoded in a path segment.
const SEGMENT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
/// The characters that are percent-encoded in a query value; commas stay readable.
const QUERY: &AsciiSet = &SEGMENT.remove(b',');

/// A value of a parameter.
#[derive(Clone, Debug)]
pub(crate) enum Known {
    /// As given: the text that the request contains before percent-encoding.
    Text(String),
    /// As documented.
    Json(Value),
}

/// A value as one path segment.
pub(crate) fn segment(value: &str) -> String {
    utf8_percent_encode(value, SEGMENT).to_string()
}

/// A value as a path contains it in a style.
pub(crate) fn path_value(style: Style, name: &str, value: &str) -> String {
    match style {
        Style::Label => format!(".{}", segment(value)),
        Style::Matrix => format!(";{name}={}", segment(value)),
        _ => segment(value),
    }
}

/// A query with one parameter.
pub(crate) fn query_parameter(name: &str, value: &str) -> String {
    format!("{}={}", utf8_percent_encode(name, QUERY), utf8_percent_encode(value, QUERY))
}

/// A query with the value of a parameter; `None` if its style cannot express the value.
pub(crate) fn query(parameter: &Parameter, value: &Known) -> Option<String> {
    match value {
        Known::Json(Value::Array(items)) if parameter.content.is_empty() && parameter.style == Style::Form && parameter.explode => {
            let items: Option<Vec<String>> = items.iter().map(|item| Some(query_parameter(&parameter.name, &scalar(item)?))).collect();
            items.filter(|items| !items.is_empty()).map(|items| items.join("&"))
        }
        value => Some(query_parameter(&parameter.name, &text(parameter, value)?)),
    }
}

/// A cookie with the value of a parameter; `None` if its style cannot express the value.
pub(crate) fn cookie(parameter: &Parameter, value: &Known) -> Option<String> {
    let is_exploded = matches!(value, Known::Json(Value::Array(_))) && parameter.content.is_empty() && parameter.explode;
    if is_exploded { None } else { Some(format!("{}={}", parameter.name, segment(&text(parameter, value)?))) }
}

/// The value of a parameter as one text; `None` if its style cannot express it.
pub(crate) fn text(parameter: &Parameter, value: &Known) -> Option<String> {
    let value = match value {
        Known::Text(text) => return Some(text.clone()),
        Known::Json(value) => value,
    };
    if parameter.content.keys().any(|media_type| is_json(media_type)) {
        return Some(value.to_string());
    }
    let between = match parameter.style {
        Style::SpaceDelimited => " ",
        Style::PipeDelimited => "|",
        Style::TabDelimited => "\t",
        _ => ",",
    };
    match value {
        Value::Array(items) if !items.is_empty() => items.iter().map(scalar).collect::<Option<Vec<_>>>().map(|items| items.join(between)),
        value => scalar(value),
    }
}

/// The text of a string, a number or a boolean.
pub(crate) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use charter_contract::from_documents;
    use serde_json::json;

    use super::*;

    /// A documented value of a parameter, as a request contains it.
    fn written(parameter: Value, value: Value) -> Option<String> {
        let mut parameter = parameter;
        parameter["name"] = json!("p");
        let document = json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
            "paths": {"/a": {"get": {"operationId": "a", "parameters": [parameter], "responses": {"200": {"description": "d"}}}}}
        });
        let contract = from_documents(vec![("openapi.json".to_owned(), document.to_string().into_bytes())]).expect("a contract");
        let parameter = &contract.operation("a").expect("an operation").parameters[0];
        match parameter.place.as_str() {
            "query" => query(parameter, &Known::Json(value)),
            "cookie" => cookie(parameter, &Known::Json(value)),
            _ => text(parameter, &Known::Json(value)),
        }
    }

    #[test]
    fn values_are_written_by_the_style_of_their_parameter() {
        let schema = json!({"type": "array", "items": {}});
        let in_query = |style: &str, explode: bool| json!({"in": "query", "style": style, "explode": explode, "schema": schema});
        let list = || json!(["a", "b c"]);
        for (parameter, value, wanted) in [
            (json!({"in": "query", "schema": {}}), json!("a&b"), Some("p=a%26b")),
            (json!({"in": "query", "schema": {}}), json!(1.5), Some("p=1.5")),
            (in_query("form", true), list(), Some("p=a&p=b%20c")),
            (in_query("form", false), list(), Some("p=a,b%20c")),
            (in_query("pipeDelimited", false), list(), Some("p=a%7Cb%20c")),
            (in_query("spaceDelimited", false), json!(["a", "b"]), Some("p=a%20b")),
            (in_query("form", true), json!([]), None),
            (in_query("form", true), json!([{"a": 1}]), None),
            (json!({"in": "query", "style": "deepObject", "schema": {}}), json!({"a": 1}), None),
            (json!({"in": "query", "content": {"application/json": {"schema": {}}}}), json!({"a": "b"}), Some("p=%7B%22a%22%3A%22b%22%7D")),
            (json!({"in": "header", "schema": schema}), list(), Some("a,b c")),
            (json!({"in": "cookie", "schema": {}}), json!("a;b"), Some("p=a%3Bb")),
            (json!({"in": "cookie", "schema": schema}), list(), None),
        ] {
            assert_eq!(written(parameter.clone(), value.clone()).as_deref(), wanted, "{parameter} {value}");
        }
    }

    #[test]
    fn paths_have_the_prefix_of_their_style() {
        assert_eq!(path_value(Style::Simple, "id", "a/b"), "a%2Fb");
        assert_eq!(path_value(Style::Label, "id", "2"), ".2");
        assert_eq!(path_value(Style::Matrix, "id", "2"), ";id=2");
    }
}
