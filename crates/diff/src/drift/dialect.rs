//! Proposed schemas in the terms of a document: JSON Schema, OpenAPI 3.0 or Swagger 2.0. Before OpenAPI 3.1, `type` is one type and null
//! is allowed by a keyword.

use charter_contract::Contract;
use serde_json::{Map, Value, json};

/// How the schemas of a document are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// JSON Schema, and OpenAPI from 3.1 on.
    JsonSchema,
    OpenApi30,
    Swagger2,
}

impl Dialect {
    /// The dialect of a document of a contract. The main document decides for the files that it refers to.
    pub(super) fn of(contract: &Contract, name: &str, document: &Value) -> Self {
        if name.ends_with(".schema.json") || document.get("$schema").is_some() {
            return Self::JsonSchema;
        }
        let own = ["openapi", "swagger"].iter().find_map(|key| document.get(*key)?.as_str());
        match own {
            Some(version) if version.starts_with("3.0") => Self::OpenApi30,
            Some(version) if version.starts_with("2.") => Self::Swagger2,
            Some(_) => Self::JsonSchema,
            None => match contract.openapi_version() {
                Some((3, 0)) => Self::OpenApi30,
                Some((2, _)) => Self::Swagger2,
                _ => Self::JsonSchema,
            },
        }
    }

    /// Writes a schema, and the schemas below it, in this dialect.
    pub(super) fn write(self, value: &mut Value) {
        if self == Self::JsonSchema {
            return;
        }
        match value {
            Value::Array(items) => items.iter_mut().for_each(|item| self.write(item)),
            Value::Object(members) => {
                for (key, member) in members.iter_mut() {
                    // Values, not schemas.
                    if !matches!(key.as_str(), "example" | "examples" | "default" | "enum" | "const" | "required") {
                        self.write(member);
                    }
                }
                if let Some(types) = types_of(members) {
                    self.write_types(members, &types);
                }
                for (bound, exclusive) in [("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")] {
                    if let Some(limit @ Value::Number(_)) = members.get(exclusive).cloned() {
                        members.insert(bound.to_owned(), limit);
                        members.insert(exclusive.to_owned(), json!(true));
                    }
                }
            }
            _ => {}
        }
    }

    /// The keyword that allows null next to a type.
    fn nullable(self) -> &'static str {
        if self == Self::Swagger2 { "x-nullable" } else { "nullable" }
    }

    /// Adds types to a schema as written. An integer is a number.
    pub(super) fn add_types(self, schema: &mut Map<String, Value>, wanted: &[String]) {
        let mut types = self.written_types(schema);
        types.extend(wanted.iter().filter(|type_| !types.contains(type_)).cloned().collect::<Vec<_>>());
        if types.iter().any(|type_| type_ == "number") {
            types.retain(|type_| type_ != "integer");
        }
        self.set_types(schema, &types);
    }

    /// Replaces the types of a schema as written.
    pub(super) fn set_types(self, schema: &mut Map<String, Value>, types: &[String]) {
        if schema.get("anyOf").is_some_and(is_union_of_types) {
            schema.shift_remove("anyOf");
        }
        let (lists, is_null) = (schema.get("enum").cloned(), types.iter().any(|type_| type_ == "null"));
        self.write_types(schema, types);
        if let Some(Value::Array(mut values)) = lists
            && is_null
            && !values.contains(&Value::Null)
        {
            values.push(Value::Null);
            schema.insert("enum".to_owned(), Value::Array(values));
        }
    }

    /// The types of a schema as written, also those of an earlier edit.
    fn written_types(self, schema: &Map<String, Value>) -> Vec<String> {
        let mut types = types_of(schema).unwrap_or_default();
        let branches = schema.get("anyOf").filter(|union| is_union_of_types(union)).and_then(Value::as_array);
        let all = branches.into_iter().flatten().filter_map(Value::as_object).chain([schema]);
        let mut is_null = false;
        for part in all {
            types.extend(types_of(part).unwrap_or_default());
            is_null |= part.get(self.nullable()) == Some(&Value::Bool(true));
        }
        types.extend(is_null.then(|| "null".to_owned()));
        let mut seen = Vec::new();
        types.retain(|type_| !seen.contains(type_) && (seen.push(type_.clone()), true).1);
        types
    }

    fn write_types(self, schema: &mut Map<String, Value>, types: &[String]) {
        let is_null = types.iter().any(|type_| type_ == "null");
        let rest: Vec<&String> = types.iter().filter(|type_| *type_ != "null").collect();
        schema.shift_remove(self.nullable());
        match rest[..] {
            // A type is needed for the keyword to have an effect, and the list of values refuses its other values.
            [] => {
                schema.insert("type".to_owned(), json!("string"));
                schema.insert("enum".to_owned(), json!([null]));
            }
            [one] => drop(schema.insert("type".to_owned(), json!(one))),
            // Swagger 2.0 has no unions.
            _ if self == Self::Swagger2 => {
                schema.shift_remove("type");
                return;
            }
            _ => {
                schema.shift_remove("type");
                let mut branches: Vec<Value> = rest.iter().map(|type_| json!({ "type": type_ })).collect();
                if is_null {
                    branches[0][self.nullable()] = json!(true);
                }
                schema.insert("anyOf".to_owned(), Value::Array(branches));
                return;
            }
        }
        if is_null {
            schema.insert(self.nullable().to_owned(), Value::Bool(true));
        }
    }
}

/// The value of `type`: a type or a list of types. A property may have this name, too.
fn types_of(schema: &Map<String, Value>) -> Option<Vec<String>> {
    match schema.get("type")? {
        Value::String(one) => Some(vec![one.clone()]),
        Value::Array(types) => types.iter().map(|type_| type_.as_str().map(str::to_owned)).collect(),
        _ => None,
    }
}

/// Whether each branch of a union is a type alone.
fn is_union_of_types(union: &Value) -> bool {
    let is_type = |branch: &Value| {
        branch.as_object().is_some_and(|branch| {
            branch.get("type").is_some_and(Value::is_string) && branch.keys().all(|key| matches!(key.as_str(), "type" | "nullable"))
        })
    };
    union.as_array().is_some_and(|branches| branches.iter().all(is_type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_schema_of_openapi_3_0_has_one_type_and_nullable() {
        for (schema, expected) in [
            (json!({"type": ["string", "null"]}), json!({"type": "string", "nullable": true})),
            (json!({"type": "null"}), json!({"type": "string", "enum": [null], "nullable": true})),
            (json!({"type": ["integer", "string"]}), json!({"anyOf": [{"type": "integer"}, {"type": "string"}]})),
            (
                json!({"type": ["null", "integer", "string"], "maxLength": 3}),
                json!({"maxLength": 3, "anyOf": [{"type": "integer", "nullable": true}, {"type": "string"}]}),
            ),
            (
                json!({"anyOf": [{"$ref": "#/a"}, {"type": "null"}]}),
                json!({"anyOf": [{"$ref": "#/a"}, {"type": "string", "enum": [null], "nullable": true}]}),
            ),
            (
                json!({"properties": {"type": {"type": ["array", "null"], "items": {"exclusiveMinimum": 1}}}}),
                json!({"properties": {"type": {"type": "array", "nullable": true, "items": {"exclusiveMinimum": true, "minimum": 1}}}}),
            ),
            (json!({"default": {"type": ["a", "null"]}}), json!({"default": {"type": ["a", "null"]}})),
        ] {
            let mut written = schema.clone();
            Dialect::OpenApi30.write(&mut written);
            assert_eq!(written, expected, "{schema}");
        }
        let mut written = json!({"type": ["string", "null"]});
        Dialect::Swagger2.write(&mut written);
        assert_eq!(written, json!({"type": "string", "x-nullable": true}));
    }

    #[test]
    fn types_are_added_one_after_the_other() {
        let mut schema = json!({"type": "integer", "enum": [1]});
        for wanted in ["null", "string", "number"] {
            Dialect::OpenApi30.add_types(schema.as_object_mut().expect("a schema"), &[wanted.to_owned()]);
        }
        assert_eq!(schema, json!({"enum": [1, null], "anyOf": [{"type": "string", "nullable": true}, {"type": "number"}]}));
    }
}
