//! A body and its header fields against their schemas: every broken keyword as a finding, with its three locations.

mod explain;
mod header;

use std::collections::HashMap;

use charter_schema::{Contract, Location, SchemaId};
use jsonschema::{Draft, Registry, ValidationError, Validator};
use serde_json::{Value, json};

pub(crate) use explain::shown;
pub(crate) use header::check as check_headers;

use crate::error::Error;
use crate::finding::Finding;

/// Documents are registered under this base, so that references resolve among them and nowhere else.
const BASE: &str = "charter:///";

/// Compiled schemas.
#[derive(Debug, Default)]
pub(crate) struct Validators {
    by_schema: HashMap<SchemaId, Validator>,
}

impl Validators {
    /// Compiles the schemas that are wanted.
    pub(crate) fn new(contract: &Contract, wanted: impl IntoIterator<Item = SchemaId>) -> Result<Self, Error> {
        let refused = |location: &Location, message: String| Error::Schema { location: location.clone(), message };
        let mut registry = Registry::new().draft(Draft::Draft202012);
        let documents: Vec<(String, Value)> = contract
            .documents()
            .names()
            .filter_map(|name| Some((format!("{BASE}{}", encoded(name)), anonymous(contract.documents().value(name)?))))
            .collect();
        for (uri, value) in &documents {
            registry = registry.add(uri, value).map_err(|error| refused(&Location::root(uri.as_str()), error.to_string()))?;
        }
        let registry = registry.prepare().map_err(|error| refused(&Location::root(BASE), error.to_string()))?;
        let mut by_schema = HashMap::new();
        for id in wanted {
            let location = &contract.schema(id).location;
            let schema = json!({ "$ref": format!("{BASE}{}#{}", encoded(location.document()), encoded(location.pointer())) });
            let built = jsonschema::options()
                .with_draft(Draft::Draft202012)
                .with_registry(&registry)
                .with_base_uri("charter:///.entry")
                .should_validate_formats(false)
                .build(&schema)
                .map_err(|error| refused(location, error.to_string()))?;
            by_schema.insert(id, built);
        }
        Ok(Self { by_schema })
    }

    /// Whether a value is valid under a schema that was wanted.
    pub(crate) fn is_valid(&self, schema: SchemaId, value: &Value) -> bool {
        self.by_schema.get(&schema).is_none_or(|validator| validator.is_valid(value))
    }

    /// Every broken keyword, in the order of the schema.
    pub(crate) fn findings(&self, contract: &Contract, schema: SchemaId, body: &Value) -> Vec<Finding> {
        let Some(validator) = self.by_schema.get(&schema) else { return Vec::new() };
        if validator.is_valid(body) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for error in validator.iter_errors(body) {
            explain::explain(contract, body, &error, None, &mut findings);
        }
        findings
    }
}

/// A document without the `$id` of its root: it is known by its name, from which its references are resolved.
fn anonymous(document: &Value) -> Value {
    let mut document = document.clone();
    if let Value::Object(keywords) = &mut document {
        keywords.shift_remove("$id");
    }
    document
}

/// A name or a JSON Pointer as a part of a URI.
fn encoded(pointer: &str) -> String {
    percent_encoding::utf8_percent_encode(pointer, POINTER).to_string()
}

/// What a fragment may not hold as it stands.
const POINTER: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The keyword's place in its document, as the contract writes locations.
fn absolute_location(error: &ValidationError<'_>) -> Option<String> {
    let uri = error.absolute_keyword_location()?.as_str().strip_prefix(BASE)?.to_owned();
    let decoded = percent_encoding::percent_decode_str(&uri).decode_utf8_lossy().into_owned();
    Some(decoded)
}
