//! Schemas given back: the contract's own text, with each reference moved to the generator's place.

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde_json::{Map, Value};

/// A place in a schema's text where a reference stands, and what makes the reference.
pub type Hole = (&'static str, fn(&mut SchemaGenerator) -> Schema);

/// The schema of a type, as a reference where the generator wants one.
pub fn refer<T: JsonSchema>(generator: &mut SchemaGenerator) -> Schema {
    generator.subschema_for::<T>()
}

/// A schema as the contract wrote it, its references moved to the generator's place.
pub fn give_back(generator: &mut SchemaGenerator, source: &str, holes: &[Hole]) -> Schema {
    // The text was JSON when it was generated, and a test reads every schema back.
    let mut schema: Value = serde_json::from_str(source).unwrap_or(Value::Bool(false));
    for (pointer, refer) in holes {
        let target = refer(generator).to_value();
        if let Some(place) = schema.pointer_mut(pointer) {
            *place = moved(place, target);
        }
    }
    Schema::try_from(schema).unwrap_or_else(|_| Schema::from(false))
}

/// A reference with the keywords that stand beside it.
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
        // Where the generator writes the type out, it stands beside its siblings as a part.
        None if keywords.is_empty() => return target,
        None => {
            keywords.insert("allOf".to_owned(), Value::Array(vec![target]));
        }
    }
    Value::Object(keywords)
}
