//! Outlines of requests, as witnesses.

use charter_contract::{Operation, Parameter, ParameterPlace};
use serde_json::json;

use crate::side::Side;
use crate::wire::{Sketch, filled};
use crate::witness::minimal;

/// A minimal request: every required parameter and the required body.
pub(super) fn minimal_request(side: &Side<'_>, operation: &Operation) -> Sketch {
    let mut sketch = Sketch { method: operation.method.0.clone(), path: filled(operation), credentials: true, ..Sketch::default() };
    let is_sent = |parameter: &&Parameter| parameter.required && parameter.place != ParameterPlace::Path && !parameter.is_ignored();
    for parameter in operation.parameters.iter().filter(is_sent) {
        let value = parameter.schema.and_then(|schema| minimal(side, schema)).unwrap_or_else(|| json!("a"));
        sketch.parameters.insert(named(parameter), value);
    }
    if let Some(body) = operation.request_body.as_ref().filter(|body| body.required)
        && let Some((media_type, described)) = body.content.first()
    {
        sketch.media_type = Some(media_type.clone());
        sketch.body = Some(described.schema.and_then(|schema| minimal(side, schema)).unwrap_or_else(|| json!({})));
    }
    sketch
}

/// A parameter as it appears in summaries, such as `query.limit`.
pub(super) fn named(parameter: &Parameter) -> String {
    format!("{}.{}", parameter.place.as_str(), parameter.name)
}
