//! Small contracts for the tests of this module.

use charter_contract::{Contract, Operation, SchemaId, Sources, from_sources};
use serde_json::{Value, json};

/// A contract with one schema.
pub(super) fn contract_of(schema: &Value) -> (Contract, SchemaId) {
    let document = json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {},
        "components": {"schemas": {
            "Subject": schema,
            "N": {"type": "integer"},
            "Tree": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        }},
    });
    let contract = load(&document);
    let id = contract.schemas().iter().find(|(_, schema)| schema.location.to_string().ends_with("/schemas/Subject"));
    let id = id.map(|(id, _)| id).unwrap_or_else(|| panic!("no schema in {document}"));
    (contract, id)
}

/// A contract with one operation, of which the parts are given.
pub(super) fn operation(path: &str, parts: &Value) -> Contract {
    let mut operation = json!({"operationId": "subject", "responses": {"200": {"description": "ok"}}});
    if let (Value::Object(operation), Value::Object(parts)) = (&mut operation, parts) {
        operation.extend(parts.clone());
    }
    load(&json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "paths": {path: {"post": operation}},
        "components": {"schemas": {"N": {"type": "integer"}}},
    }))
}

/// The operation of a contract.
pub(super) fn only(contract: &Contract) -> &Operation {
    &contract.operations()[0]
}

fn load(document: &Value) -> Contract {
    from_sources(Sources::of("openapi.json", document.to_string())).unwrap_or_else(|error| panic!("{error}: {document}"))
}
