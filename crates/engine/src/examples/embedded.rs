//! The examples and defaults of a contract, each with its schema.

use std::borrow::Cow;
use std::collections::HashSet;

use charter_contract::{Content, Contract, Direction, Example, HeaderSpec, JsonType, Location, Operation, SchemaId, is_json};
use serde_json::Value;

/// A value that the contract documents for a schema.
#[derive(Debug)]
pub(super) struct Embedded<'c> {
    pub(super) schema: SchemaId,
    /// The location of the value.
    pub(super) location: Location,
    /// The value: that in the document, or what its serialised text contains.
    pub(super) value: Cow<'c, Value>,
    /// What the value is, for messages.
    pub(super) what: &'static str,
    /// The direction of the message that it is part of; `None` if it may be part of both.
    pub(super) direction: Option<Direction>,
}

/// Every example and default. Examples of a media type that is not JSON are included only if they are data.
pub(super) fn embedded(contract: &Contract) -> Vec<Embedded<'_>> {
    let mut list = List { contract, found: Vec::new(), seen: HashSet::new() };
    for operation in contract.operations().iter().chain(contract.webhooks()) {
        list.operation(operation);
    }
    for (id, schema) in contract.schemas().iter().filter(|(_, schema)| !contract.documents().is_built_in(schema.location.document())) {
        let written = schema.source().get("examples").and_then(Value::as_array).map_or(0, Vec::len);
        for (index, value) in schema.examples().enumerate() {
            let at = if index < written { schema.location.child("examples").child(index) } else { schema.location.child("example") };
            list.push(id, at, Cow::Borrowed(value), "example", None);
        }
        if let Some(value) = schema.default_value() {
            list.push(id, schema.location.child("default"), Cow::Borrowed(value), "default", None);
        }
    }
    list.found
}

struct List<'c> {
    contract: &'c Contract,
    found: Vec<Embedded<'c>>,
    /// Components are used by several operations.
    seen: HashSet<Location>,
}

impl<'c> List<'c> {
    fn operation(&mut self, operation: &'c Operation) {
        for parameter in &operation.parameters {
            self.values(parameter.schema, &parameter.examples, true, Direction::Request);
            self.content(&parameter.content, Direction::Request);
        }
        if let Some(body) = &operation.request_body {
            self.content(&body.content, Direction::Request);
        }
        for response in &operation.responses {
            self.headers(&response.headers, Direction::Response);
            self.content(&response.content, Direction::Response);
        }
    }

    fn headers(&mut self, headers: &'c [HeaderSpec], direction: Direction) {
        for header in headers {
            self.values(header.schema, &header.examples, true, direction);
            self.content(&header.content, direction);
        }
    }

    fn content(&mut self, content: &'c Content, direction: Direction) {
        for (media_type, spec) in content.iter() {
            self.values(spec.schema, &spec.examples, is_json(media_type) || media_type.ends_with('*'), direction);
            spec.encodings().for_each(|encoding| self.headers(&encoding.headers, direction));
        }
    }

    fn values(&mut self, schema: Option<SchemaId>, examples: &'c [Example], is_json: bool, direction: Direction) {
        let Some(schema) = schema else { return };
        for example in examples {
            let Some(value) = self.contract.documents().at(&example.location) else { continue };
            let value = match value {
                // A text that is not JSON is not reported here: it may have another syntax.
                Value::String(text) if example.serialized => match serde_json::from_str::<Value>(text) {
                    Ok(value) if is_json => Cow::Owned(value),
                    _ => continue,
                },
                // The text of a media type such as XML.
                Value::String(_) if !is_json && !self.contract.types_of(schema).contains(&JsonType::String) => continue,
                value => Cow::Borrowed(value),
            };
            self.push(schema, example.location.clone(), value, "example", Some(direction));
        }
    }

    fn push(&mut self, schema: SchemaId, location: Location, value: Cow<'c, Value>, what: &'static str, direction: Option<Direction>) {
        if self.seen.insert(location.clone()) {
            self.found.push(Embedded { schema, location, value, what, direction });
        }
    }
}
