//! `schemars::JsonSchema` of generated types: the schema of the contract, with each reference in the form of the `schemars` generator.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// The JSON Pointer of a reference in the text of a schema, and the function that makes the reference.
pub type Hole = (&'static str, fn(&mut SchemaGenerator) -> Schema);

/// The schema of a type, as a reference if the generator uses one.
pub fn subschema<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// The schema of the contract with the references of the generator.
pub fn json_schema(generator: &mut SchemaGenerator, source: &str, holes: &[Hole]) -> Schema {
    // The generator wrote the text from a JSON value.
    let mut schema: Value = serde_json::from_str(source).unwrap_or(Value::Bool(false));
    for (pointer, refer) in holes {
        let target = refer(generator).to_value();
        if let Some(reference) = schema.pointer_mut(pointer) {
            *reference = moved(reference, target);
        }
    }
    Schema::try_from(schema).unwrap_or_else(|_| Schema::from(false))
}

/// A reference with its sibling keywords.
fn moved(written: &Value, target: Value) -> Value {
    let mut keywords = match written {
        Value::Object(keywords) => keywords.clone(),
        _ => Map::new(),
    };
    keywords.remove("$ref");
    match target.get("$ref") {
        Some(reference) => {
            keywords.insert("$ref".to_owned(), reference.clone());
        }
        // An inlined schema with siblings becomes a part of `allOf`.
        None if keywords.is_empty() => return target,
        None => {
            keywords.insert("allOf".to_owned(), Value::Array(vec![target]));
        }
    }
    Value::Object(keywords)
}
