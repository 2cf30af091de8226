//! The draft of a schema and its asserting vocabularies.

use std::sync::LazyLock;

use jsonschema::Validator;
use referencing::meta;
use serde_json::Value;

use crate::draft::Draft;
use crate::load::Documents;
use crate::model::JsonType;

/// A draft, and whether its validation vocabulary is in use: a custom meta-schema may omit it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Dialect {
    pub(super) draft: Draft,
    pub(super) validation: bool,
}

impl Dialect {
    pub(super) fn of(draft: Draft) -> Self {
        Self { draft, validation: true }
    }

    /// Whether `$ref` hides its siblings, and `$id` may be an anchor.
    pub(super) fn is_legacy(self) -> bool {
        self.draft <= Draft::Draft7
    }

    /// The keyword of a schema's identifier.
    pub(super) fn id_keyword(self) -> &'static str {
        if self.draft == Draft::Draft4 { "id" } else { "$id" }
    }

    /// The dialect of a `$schema` URI: a draft, or a meta-schema among the documents.
    pub(super) fn named(uri: &str, documents: &Documents) -> Option<Self> {
        if let Some(draft) = Draft::from_uri(uri) {
            return Some(Self::of(draft));
        }
        let meta = documents.value(uri.trim_end_matches('#'))?;
        let draft = Draft::from_uri(meta.get("$schema")?.as_str()?)?;
        let validation = match meta.get("$vocabulary").and_then(Value::as_object) {
            Some(vocabularies) => vocabularies.keys().any(|name| name.ends_with("/vocab/validation")),
            None => true,
        };
        Some(Self { draft, validation })
    }

    /// Whether a schema certainly has no fault. The meta-schema decides about the others; it takes much longer.
    pub(super) fn is_surely_valid(self, schema: &Value) -> bool {
        let is_valid = self.draft == Draft::Draft202012 && is_surely_schema(schema);
        debug_assert!(!is_valid || self.faults(schema).is_empty(), "{schema}");
        is_valid
    }

    /// Violations of the draft's meta-schema that affect validation: instance location, keyword, message.
    pub(super) fn faults(self, schema: &Value) -> Vec<(String, String, String)> {
        let mut faults = errors(self.draft, schema);
        faults.retain(|(place, keyword, _)| !is_annotation(place) && !is_harmless(self.draft, place, keyword));
        faults
    }
}

/// Whether a value is a schema of 2020-12 without a violation of the meta-schema, except of annotations.
fn is_surely_schema(value: &Value) -> bool {
    let Value::Object(members) = value else { return value.is_boolean() };
    members.iter().all(|(keyword, value)| match keyword.as_str() {
        "$ref" | "$schema" | "$comment" | "$dynamicRef" | "pattern" => value.is_string(),
        "items"
        | "contains"
        | "additionalProperties"
        | "propertyNames"
        | "unevaluatedItems"
        | "unevaluatedProperties"
        | "not"
        | "if"
        | "then"
        | "else"
        | "contentSchema" => is_surely_schema(value),
        "properties" | "patternProperties" | "dependentSchemas" | "$defs" | "definitions" => {
            value.as_object().is_some_and(|schemas| schemas.values().all(is_surely_schema))
        }
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
            value.as_array().is_some_and(|schemas| !schemas.is_empty() && schemas.iter().all(is_surely_schema))
        }
        "type" => match value {
            Value::String(name) => JsonType::from_word(name).is_some(),
            Value::Array(names) => {
                let is_name = |name: &Value| name.as_str().and_then(JsonType::from_word).is_some();
                !names.is_empty() && names.iter().all(is_name) && are_distinct(names)
            }
            _ => false,
        },
        "enum" => value.is_array(),
        // A repeated name is not a fault.
        "required" => value.as_array().is_some_and(|names| names.iter().all(Value::is_string)),
        "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => value.is_number(),
        "multipleOf" => value.as_f64().is_some_and(|number| number > 0.0),
        "minLength" | "maxLength" | "minItems" | "maxItems" | "minContains" | "maxContains" | "minProperties" | "maxProperties" => {
            value.is_u64()
        }
        "uniqueItems" => value.is_boolean(),
        // A fragment would be a fault.
        "$id" => value.as_str().is_some_and(|id| !id.contains('#')),
        "$anchor" | "$dynamicAnchor" | "$vocabulary" | "$recursiveRef" | "$recursiveAnchor" | "dependencies" | "dependentRequired" => false,
        // Annotations and keywords that the meta-schema does not have.
        _ => true,
    })
}

fn are_distinct(values: &[Value]) -> bool {
    values.iter().enumerate().all(|(index, value)| !values[..index].contains(value))
}

/// Whether a violation leaves the meaning of the schema clear: a repeated name in `required`, or a keyword that the draft no longer has.
fn is_harmless(draft: Draft, place: &str, keyword: &str) -> bool {
    let (above, last) = place.rsplit_once('/').unwrap_or_default();
    match last {
        "required" => keyword == "uniqueItems",
        "$recursiveAnchor" | "$recursiveRef" => draft == Draft::Draft202012 && !has_names(above.rsplit('/').next().unwrap_or_default()),
        _ => false,
    }
}

/// Whether the keys of the keyword's value are names, which can equal those of keywords.
pub(super) fn has_names(keyword: &str) -> bool {
    ["properties", "patternProperties", "$defs", "definitions", "dependentSchemas", "dependencies"].contains(&keyword)
}

fn is_annotation(place: &str) -> bool {
    let last = place.rsplit('/').next().unwrap_or_default();
    let above = place.rsplit('/').nth(1).unwrap_or_default();
    let annotations = [
        "examples",
        "deprecated",
        "readOnly",
        "writeOnly",
        "title",
        "description",
        "$comment",
        "format",
        "contentEncoding",
        "contentMediaType",
    ];
    annotations.contains(&last) && !has_names(above)
}

/// Validates against the meta-schema of a draft, compiled on first use. Formats are not asserted: references are checked when they are
/// resolved, patterns when they are compiled.
fn errors(draft: Draft, schema: &Value) -> Vec<(String, String, String)> {
    static OLDER: [LazyLock<Validator>; 3] =
        [LazyLock::new(|| older(&meta::DRAFT4)), LazyLock::new(|| older(&meta::DRAFT6)), LazyLock::new(|| older(&meta::DRAFT7))];
    let report = |validator: &Validator| {
        let errors = validator.iter_errors(schema);
        errors.map(|error| (error.instance_path().as_str().to_owned(), error.kind().keyword().to_owned(), error.to_string())).collect()
    };
    match draft {
        Draft::Draft4 | Draft::Draft6 | Draft::Draft7 => report(&OLDER[draft as usize]),
        Draft::Draft201909 => report(&jsonschema::draft201909::meta::validator()),
        Draft::Draft202012 => report(&jsonschema::draft202012::meta::validator()),
    }
}

fn older(meta: &Value) -> Validator {
    let built = jsonschema::options().should_validate_formats(false).build(meta);
    built.unwrap_or_else(|error| unreachable!("the meta-schemas compile: {error}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn schemas_that_are_certainly_valid_have_no_fault() {
        let values = [
            json!(true),
            json!(null),
            json!(0),
            json!(-1),
            json!(1.5),
            json!(2.0),
            json!(""),
            json!("string"),
            json!("#a"),
            json!([]),
            json!({}),
            json!(["a"]),
            json!(["a", "a"]),
            json!(["string", "null"]),
            json!(["null", "null"]),
            json!([{}]),
            json!([1]),
            json!({"a": 1}),
            json!({"a": {}}),
            json!({"a": ["b", "b"]}),
            json!({"a": ["b"]}),
        ];
        let keywords = crate::keywords::all().chain([
            "definitions",
            "dependencies",
            "additionalItems",
            "$recursiveRef",
            "$recursiveAnchor",
            "id",
            "x-a",
        ]);
        let dialect = Dialect::of(Draft::Draft202012);
        let mut certain = 0;
        for keyword in keywords {
            for value in &values {
                for schema in [
                    json!({keyword: value}),
                    json!({"properties": {keyword: value}}),
                    json!({"items": {"properties": {"a": {keyword: value}}}}),
                ] {
                    if is_surely_schema(&schema) {
                        certain += 1;
                        assert_eq!(dialect.faults(&schema), [], "{schema}");
                    }
                }
            }
        }
        assert!(certain > 500, "{certain}");
    }
}
