//! Outlines of exchanges, and whether a contract allows them: witnesses for changes of operations.

use charter_contract::{Content, Operation, Parameter, ParameterPlace};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::side::Side;

/// The parts of a request or response that a change is about.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sketch {
    /// The method.
    pub method: String,
    /// The path, with values for its parameters.
    pub path: String,
    /// Query, header and cookie parameters, such as `query.limit`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, Value>,
    /// Whether credentials are sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub credentials: bool,
    /// The status of the response; `None` for a request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The media type of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Header fields of the response.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
}

/// Whether a contract allows the exchange; `None` if a schema has no validator.
pub fn promises(side: &Side<'_>, sketch: &Sketch) -> Option<bool> {
    let operation = side
        .contract()
        .operations()
        .iter()
        .find(|operation| operation.method.0 == sketch.method && operation.captures(&sketch.path).is_some());
    let Some(operation) = operation else { return Some(false) };
    match sketch.status {
        None => request(side, operation, sketch),
        Some(status) => response(side, operation, sketch, status),
    }
}

fn request(side: &Side<'_>, operation: &Operation, sketch: &Sketch) -> Option<bool> {
    if operation.secured && !sketch.credentials {
        return Some(false);
    }
    let is_judged = |parameter: &&Parameter| parameter.place != ParameterPlace::Path && !parameter.is_ignored();
    for parameter in operation.parameters.iter().filter(is_judged) {
        let name = format!("{}.{}", parameter.place.as_str(), parameter.name);
        match (sketch.parameters.get(&name), parameter.schema) {
            (None, _) if parameter.required => return Some(false),
            (Some(value), Some(schema)) if !side.accepts(schema, value)? => return Some(false),
            _ => {}
        }
    }
    let Some(wanted) = &operation.request_body else { return Some(sketch.body.is_none()) };
    match &sketch.body {
        None => Some(!wanted.required),
        Some(body) => content(side, &wanted.content, sketch, Some(body)),
    }
}

fn response(side: &Side<'_>, operation: &Operation, sketch: &Sketch, status: u16) -> Option<bool> {
    let Some(described) = operation.response_for(status) else { return Some(false) };
    let lacks = described.headers.iter().any(|header| {
        header.required && !header.is_ignored() && !sketch.headers.iter().any(|name| name.eq_ignore_ascii_case(&header.name))
    });
    if lacks {
        return Some(false);
    }
    match (&sketch.media_type, &sketch.body) {
        (None, None) => Some(true),
        (_, body) => content(side, &described.content, sketch, body.as_ref()),
    }
}

fn content(side: &Side<'_>, content: &Content, sketch: &Sketch, body: Option<&Value>) -> Option<bool> {
    let Some(media_type) = &sketch.media_type else { return Some(content.is_empty()) };
    let Some(described) = crate::operations::covering(content, media_type) else { return Some(false) };
    match (described.schema, body) {
        (Some(schema), Some(body)) => side.accepts(schema, body),
        _ => Some(true),
    }
}

/// A path with each parameter replaced by its name.
pub(crate) fn filled(operation: &Operation) -> String {
    operation.path.fill(str::to_owned)
}
