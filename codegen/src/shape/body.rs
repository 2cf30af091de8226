//! The inline bodies of operations. The document gives them no name: their types are named after the operation, or after the component
//! that holds the request body or the response.

use std::collections::HashSet;

use charter_contract::{Content, Contract, Direction, Location, Operation, SchemaId, is_json};

use super::conjunction::Conjunction;

/// An inline schema of a body or of a parameter.
pub(super) struct Inline {
    /// The schema.
    pub(super) schema: SchemaId,
    /// The words of its name.
    pub(super) name: String,
    /// The direction of the message.
    pub(super) direction: Direction,
}

/// The inline bodies of all operations, in the order of the document, each schema once.
pub(super) fn bodies(contract: &Contract) -> Vec<Inline> {
    let mut bodies = Vec::new();
    for operation in contract.operations().iter().chain(contract.webhooks()) {
        of_operation(contract, operation, &mut bodies);
    }
    let mut seen = HashSet::new();
    bodies.retain(|body| seen.insert(body.schema));
    bodies
}

fn of_operation(contract: &Contract, operation: &Operation, bodies: &mut Vec<Inline>) {
    if let Some(body) = &operation.request_body {
        let name = component(&body.location, "request").unwrap_or_else(|| format!("{} request", operation.id));
        of_content(contract, &body.content, &name, Direction::Request, bodies);
    }
    let main = operation.responses.iter().find(|response| response.status.is_success() && !response.content.is_empty());
    for response in &operation.responses {
        let name = component(&response.location, "response").unwrap_or_else(|| match main {
            Some(main) if main.status == response.status => format!("{} response", operation.id),
            _ => format!("{} {} response", operation.id, response.status),
        });
        of_content(contract, &response.content, &name, Direction::Response, bodies);
    }
}

fn of_content(contract: &Contract, content: &Content, name: &str, direction: Direction, bodies: &mut Vec<Inline>) {
    let is_inline = |schema: &SchemaId| is_inline(contract, *schema);
    let mut is_first = true;
    for (media_type, described) in content.iter() {
        if let Some(schema) = described.item_schema.filter(is_inline) {
            bodies.push(Inline { schema, name: format!("{name} item"), direction });
        }
        let Some(format) = format(media_type) else { continue };
        let is_main = std::mem::take(&mut is_first);
        if let Some(schema) = described.schema.filter(is_inline) {
            let name = if is_main { name.to_owned() } else { format!("{name} {format}") };
            bodies.push(Inline { schema, name, direction });
        }
    }
}

/// Whether a schema is not just a reference to another one: a reference with siblings has assertions of its own.
pub(super) fn is_inline(contract: &Contract, schema: SchemaId) -> bool {
    let reference = contract.schema(schema).keywords.reference;
    reference.is_none_or(|next| Conjunction::of(contract, [schema]) != Conjunction::of(contract, [next]))
}

/// The word for a media type whose bodies are read as JSON values: JSON and forms. Bodies of other media types are text or bytes.
fn format(media_type: &str) -> Option<String> {
    let essence = media_type.split(';').next().unwrap_or_default().trim();
    if essence.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Some("form".to_owned());
    }
    is_json(essence).then(|| essence.split_once('/').map_or(essence, |(_, subtype)| subtype).replace('+', " "))
}

/// The name after the component that holds a request body or a response.
fn component(location: &Location, kind: &str) -> Option<String> {
    let tokens: Vec<String> = location.tokens().collect();
    let key = match tokens.as_slice() {
        [components, kinds, key] if components == "components" && matches!(kinds.as_str(), "responses" | "requestBodies") => key,
        [kinds, key] if kinds == "responses" => key,
        _ => return None,
    };
    let is_said = key.to_ascii_lowercase().ends_with(kind);
    Some(if is_said { key.clone() } else { format!("{key} {kind}") })
}
