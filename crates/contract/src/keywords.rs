//! The keywords of schemas, as JSON Schema 2020-12 and OpenAPI 3.1 define them.

use serde_json::Value;

use crate::draft::Draft;

/// The keywords that have a meaning in the dialect or in OpenAPI.
const KEYWORDS: [&str; 61] = [
    "$schema",
    "$id",
    "$ref",
    "$defs",
    "$anchor",
    "$dynamicRef",
    "$dynamicAnchor",
    "$vocabulary",
    "$comment",
    "type",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "propertyNames",
    "minProperties",
    "maxProperties",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedProperties",
    "items",
    "prefixItems",
    "contains",
    "minContains",
    "maxContains",
    "minItems",
    "maxItems",
    "uniqueItems",
    "unevaluatedItems",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "contentEncoding",
    "contentMediaType",
    "contentSchema",
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "then",
    "else",
    "title",
    "description",
    "default",
    "deprecated",
    "readOnly",
    "writeOnly",
    "examples",
    "discriminator",
    "xml",
    "externalDocs",
    "example",
];

/// Whether a keyword has a meaning, or is an extension with the prefix `x-`. All other keywords are ignored by validators.
pub fn is_known(keyword: &str) -> bool {
    keyword.starts_with("x-") || KEYWORDS.contains(&keyword)
}

/// Every keyword that has a meaning.
pub fn all() -> impl Iterator<Item = &'static str> {
    KEYWORDS.into_iter()
}

/// Whether a keyword has no effect because of its value: `exclusiveMinimum` and `exclusiveMaximum` are booleans in draft 4 alone.
pub fn is_ignored(keyword: &str, value: &Value, draft: Draft) -> bool {
    draft > Draft::Draft4 && matches!(keyword, "exclusiveMinimum" | "exclusiveMaximum") && value.is_boolean()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_and_extensions_are_known_and_misspellings_are_not() {
        assert!(is_known("minLength") && is_known("discriminator") && is_known("x-order"));
        assert!(!is_known("minlength") && !is_known("order"));
    }
}
