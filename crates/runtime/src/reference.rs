//! Checks by the `jsonschema` crate, for keywords that no Rust type expresses.

use std::sync::OnceLock;

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::Violation;

/// The schema documents of a contract, as part of the generated code.
#[derive(Debug)]
pub struct Documents {
    texts: &'static [(&'static str, &'static str)],
    formats: bool,
    registry: OnceLock<Result<Registry<'static>, String>>,
}

impl Documents {
    /// Documents by URI. Each names its draft.
    pub const fn new(texts: &'static [(&'static str, &'static str)]) -> Self {
        Self { texts, formats: false, registry: OnceLock::new() }
    }

    /// As `new`, with `format` as an assertion.
    pub const fn asserting_formats(texts: &'static [(&'static str, &'static str)]) -> Self {
        Self { texts, formats: true, registry: OnceLock::new() }
    }

    fn registry(&self) -> Result<&Registry<'static>, &str> {
        let made = self.registry.get_or_init(|| {
            let mut registry = Registry::new();
            for (uri, text) in self.texts {
                let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
                // Built once for the life of the process.
                let value: &'static Value = Box::leak(Box::new(value));
                registry = registry.add(*uri, value).map_err(|error| error.to_string())?;
            }
            registry.prepare().map_err(|error| error.to_string())
        });
        made.as_ref().map_err(String::as_str)
    }
}

/// The memory of a compiled pattern at most; the limit of the regex engine is too small for large repeat counts.
const PATTERN_SIZE_LIMIT: usize = 1 << 28;

/// One schema of the documents. It is compiled on first use.
#[derive(Debug)]
pub struct Reference {
    documents: &'static Documents,
    address: &'static str,
    validator: OnceLock<Result<Validator, String>>,
}

impl Reference {
    /// The schema at an absolute reference.
    pub const fn new(documents: &'static Documents, address: &'static str) -> Self {
        Self { documents, address, validator: OnceLock::new() }
    }

    /// Validates a value.
    ///
    /// # Errors
    /// The first violation, with its location in the value.
    pub fn check(&self, value: &Value) -> Result<(), Violation> {
        let made = self.validator.get_or_init(|| {
            let registry = self.documents.registry()?;
            let patterns = jsonschema::PatternOptions::fancy_regex().size_limit(PATTERN_SIZE_LIMIT);
            let options = jsonschema::options()
                .with_registry(registry)
                .with_pattern_options(patterns)
                .should_validate_formats(self.documents.formats);
            // A whole document is compiled directly: a wrapping schema would change the dynamic scope of its references.
            let whole = self.documents.texts.iter().find(|(uri, _)| *uri == self.address);
            let (options, schema) = match whole {
                Some((uri, text)) => (options.with_base_uri(*uri), serde_json::from_str(text).map_err(|error| error.to_string())?),
                None => (options.with_base_uri("charter:///.entry"), json!({ "$ref": self.address })),
            };
            options.build(&schema).map_err(|error| error.to_string())
        });
        match made {
            Ok(validator) => validator.validate(value).map_err(|error| {
                let violation = match error.kind() {
                    ValidationErrorKind::OneOfMultipleValid { context } => {
                        let valid = context.iter().enumerate().filter(|(_, errors)| errors.is_empty());
                        let valid: Vec<String> = valid.map(|(index, _)| index.to_string()).collect();
                        let found = format!("{} matching branches ({})", valid.len(), valid.join(", "));
                        Violation::new("oneOf", "exactly one matching branch", found)
                    }
                    kind => {
                        let found = value.pointer(error.instance_path().as_str()).unwrap_or(value);
                        Violation::new(keyword(kind.keyword()), "a value that the schema accepts", found)
                    }
                };
                violation.below(error.instance_path().as_str())
            }),
            Err(message) => Err(Violation::new("$ref", "a schema", message)),
        }
    }
}

/// The keyword as a static string.
fn keyword(found: &str) -> &'static str {
    const KNOWN: [&str; 40] = [
        "additionalItems",
        "additionalProperties",
        "allOf",
        "anyOf",
        "const",
        "contains",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "else",
        "enum",
        "exclusiveMaximum",
        "exclusiveMinimum",
        "false schema",
        "falseSchema",
        "format",
        "if",
        "items",
        "maxContains",
        "maxItems",
        "maxLength",
        "maxProperties",
        "maximum",
        "minContains",
        "minItems",
        "minLength",
        "minProperties",
        "minimum",
        "multipleOf",
        "not",
        "oneOf",
        "pattern",
        "patternProperties",
        "prefixItems",
        "propertyNames",
        "required",
        "then",
        "type",
        "unevaluatedItems",
        "unevaluatedProperties",
    ];
    KNOWN.into_iter().find(|known| *known == found).unwrap_or("uniqueItems")
}
