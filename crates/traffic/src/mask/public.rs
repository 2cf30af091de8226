//! The values that a contract lists. They are not secret, and a mask instead of one would be a violation.

use std::collections::HashSet;
use std::sync::Arc;

use charter_contract::{Contract, MaskConfig};
use serde_json::Value;

use super::{MaskError, Masker, Secret};

impl Masker {
    /// A masker of reports with the names of a contract and the known secrets. Personal data stays.
    ///
    /// # Errors
    /// A setting is malformed.
    pub fn of_contract(contract: &Contract, secrets: &[Secret]) -> Result<Self, MaskError> {
        let mut config = MaskConfig::default();
        config.headers.clone_from(&contract.config().mask.headers);
        config.query.clone_from(&contract.config().mask.query);
        Ok(Self::new(&config, secrets)?.for_reports().with_contract(contract))
    }

    /// Leaves the strings of `enum` and `const` in the documents of a contract unmasked.
    #[must_use]
    pub fn with_contract(mut self, contract: &Contract) -> Self {
        let documents = contract.documents();
        let mut values = HashSet::new();
        documents.every_name().filter_map(|name| documents.value(name)).for_each(|document| collect(document, &mut values));
        self.public = Arc::new(values);
        self
    }
}

fn collect(value: &Value, values: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                match (name.as_str(), member) {
                    ("const", Value::String(text)) => {
                        values.insert(text.clone());
                    }
                    ("enum", Value::Array(items)) => values.extend(items.iter().filter_map(Value::as_str).map(str::to_owned)),
                    _ => collect(member, values),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        _ => {}
    }
}
