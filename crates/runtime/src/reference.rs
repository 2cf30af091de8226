//! What Rust cannot say, asked of the reference reader: a schema among the contract's documents.

use std::sync::OnceLock;

use jsonschema::{Registry, Validator};
use serde_json::{Value, json};

use super::Violation;

/// The documents of a contract, as the generated code carries them.
#[derive(Debug)]
pub struct Documents {
    texts: &'static [(&'static str, &'static str)],
    formats: bool,
    registry: OnceLock<Result<Registry<'static>, String>>,
}

impl Documents {
    /// Documents by URI; each names its draft.
    pub const fn new(texts: &'static [(&'static str, &'static str)]) -> Self {
        Self { texts, formats: false, registry: OnceLock::new() }
    }

    /// The same, and a text that is not of its format is refused.
    pub const fn asserting_formats(texts: &'static [(&'static str, &'static str)]) -> Self {
        Self { texts, formats: true, registry: OnceLock::new() }
    }

    fn registry(&self) -> Result<&Registry<'static>, &str> {
        let made = self.registry.get_or_init(|| {
            let mut registry = Registry::new();
            for (uri, text) in self.texts {
                let value: Value = serde_json::from_str(text).map_err(|error| error.to_string())?;
                // Made once and kept as long as the program runs.
                let value: &'static Value = Box::leak(Box::new(value));
                registry = registry.add(*uri, value).map_err(|error| error.to_string())?;
            }
            registry.prepare().map_err(|error| error.to_string())
        });
        made.as_ref().map_err(String::as_str)
    }
}

/// One schema of the documents, compiled when first used.
#[derive(Debug)]
pub struct Reference {
    documents: &'static Documents,
    address: &'static str,
    validator: OnceLock<Result<Validator, String>>,
}

impl Reference {
    /// The schema that an absolute reference names.
    pub const fn new(documents: &'static Documents, address: &'static str) -> Self {
        Self { documents, address, validator: OnceLock::new() }
    }

    /// Asks whether a value is valid.
    ///
    /// # Errors
    /// The first keyword that the value breaks, with its place in the value.
    pub fn check(&self, value: &Value) -> Result<(), Violation> {
        let made = self.validator.get_or_init(|| {
            let registry = self.documents.registry()?;
            let options = jsonschema::options().with_registry(registry).should_validate_formats(self.documents.formats);
            // A document is asked as it stands: a schema around it would be one more that references are seen from.
            let whole = self.documents.texts.iter().find(|(uri, _)| *uri == self.address);
            let (options, schema) = match whole {
                Some((uri, text)) => (options.with_base_uri(*uri), serde_json::from_str(text).map_err(|error| error.to_string())?),
                None => (options.with_base_uri("charter:///.entry"), json!({ "$ref": self.address })),
            };
            options.build(&schema).map_err(|error| error.to_string())
        });
        match made {
            Ok(validator) => validator.validate(value).map_err(|error| {
                let found = value.pointer(error.instance_path().as_str()).unwrap_or(value);
                Violation::new(keyword(error.kind().keyword()), "what the schema says", found).below(error.instance_path().as_str())
            }),
            Err(message) => Err(Violation::new("$ref", "a schema", message)),
        }
    }
}

/// The keyword as one that lives as long as the program.
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
