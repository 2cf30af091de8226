//! Schemas that no type enforces.

use std::sync::OnceLock;

use jsonschema::Validator;
use serde_json::Value;

/// A JSON Schema of draft 2020-12. It is compiled on first use.
#[derive(Debug)]
pub struct Schema {
    text: &'static str,
    validator: OnceLock<Option<Validator>>,
}

/// A violation of a schema.
pub(crate) struct Failure {
    pub(crate) pointer: String,
    pub(crate) keyword: String,
    pub(crate) detail: String,
}

impl Schema {
    /// A schema as JSON.
    #[must_use]
    pub const fn new(text: &'static str) -> Self {
        Self { text, validator: OnceLock::new() }
    }

    /// The violations of a value.
    pub(crate) fn failures(&self, value: &Value) -> Vec<Failure> {
        let compile = || {
            let schema = serde_json::from_str(self.text).ok()?;
            jsonschema::draft202012::options().should_validate_formats(false).build(&schema).ok()
        };
        let Some(validator) = self.validator.get_or_init(compile) else {
            let detail = "the schema of the generated code does not compile".to_owned();
            return vec![Failure { pointer: String::new(), keyword: "$schema".to_owned(), detail }];
        };
        let failure = |error: jsonschema::ValidationError<'_>| {
            let pointer = error.instance_path().as_str().to_owned();
            let keyword = error.kind().keyword().to_owned();
            Failure { pointer, keyword, detail: error.to_string() }
        };
        validator.iter_errors(value).map(failure).collect()
    }
}
