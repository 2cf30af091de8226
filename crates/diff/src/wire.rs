//! An exchange in outline, and whether a contract promises it: the witness of a change that is not one of a body.

use charter_contract::{Operation, ParameterPlace, SchemaId};
use indexmap::IndexMap;
use serde::Serialize;
use serde_json::Value;

use crate::Side;

/// A request, or an answer to one, as far as a change is about it.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Sketch {
    /// The method.
    pub method: String,
    /// The path, parameters filled in.
    pub path: String,
    /// Parameters of the query, of headers and of cookies, by place and name: `query.limit`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub parameters: IndexMap<String, Value>,
    /// Whether credentials are sent.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub credentials: bool,
    /// The status of the answer; a request alone where there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// The media type of the body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// The body.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Value>,
    /// Header fields of the answer.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub headers: Vec<String>,
}

/// Whether a contract promises the exchange; `None` where a schema cannot be asked.
pub fn promises(side: &Side<'_>, sketch: &Sketch) -> Option<bool> {
    let operation = side
        .contract()
        .operations()
        .iter()
        .find(|operation| operation.method.0 == sketch.method && operation.captures(&sketch.path).is_some());
    let Some(operation) = operation else { return Some(false) };
    match sketch.status {
        None => request(side, operation, sketch),
        Some(status) => answer(side, operation, sketch, status),
    }
}

fn request(side: &Side<'_>, operation: &Operation, sketch: &Sketch) -> Option<bool> {
    if operation.secured && !sketch.credentials {
        return Some(false);
    }
    for parameter in operation.parameters.iter().filter(|parameter| parameter.place != ParameterPlace::Path) {
        let name = format!("{}.{}", place(parameter.place), parameter.name);
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

fn answer(side: &Side<'_>, operation: &Operation, sketch: &Sketch, status: u16) -> Option<bool> {
    let Some(response) = operation.response_for(status) else { return Some(false) };
    let lacks =
        response.headers.iter().any(|header| header.required && !sketch.headers.iter().any(|name| name.eq_ignore_ascii_case(&header.name)));
    if lacks {
        return Some(false);
    }
    match (&sketch.media_type, &sketch.body) {
        (None, None) => Some(true),
        (_, body) => content(side, &response.content, sketch, body.as_ref()),
    }
}

fn content(side: &Side<'_>, content: &IndexMap<String, Option<SchemaId>>, sketch: &Sketch, body: Option<&Value>) -> Option<bool> {
    let Some(media_type) = &sketch.media_type else { return Some(content.is_empty()) };
    let Some(schema) = content.get(media_type) else { return Some(false) };
    match (schema, body) {
        (Some(schema), Some(body)) => side.accepts(*schema, body),
        _ => Some(true),
    }
}

/// The word for a parameter's place.
pub fn place(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::Path => "path",
        ParameterPlace::Query => "query",
        ParameterPlace::Header => "header",
        ParameterPlace::Cookie => "cookie",
    }
}

/// A path with each parameter replaced by its name.
pub(crate) fn filled(operation: &Operation) -> String {
    operation.path.0.split('/').map(|segment| segment.trim_matches(['{', '}'])).collect::<Vec<_>>().join("/")
}
