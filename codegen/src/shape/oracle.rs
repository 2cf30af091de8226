//! The `jsonschema` crate at generation time: which of a few listed values are valid under a schema.

use std::collections::HashMap;

use charter_contract::{Bundle, BundleError, Contract, SchemaId};
use serde_json::Value;

use crate::Error;

/// Validators, built on first use.
pub(super) struct Oracle<'c> {
    contract: &'c Contract,
    bundle: Option<Bundle>,
    validators: HashMap<SchemaId, jsonschema::Validator>,
}

impl<'c> Oracle<'c> {
    pub(super) fn new(contract: &'c Contract) -> Self {
        Self { contract, bundle: None, validators: HashMap::new() }
    }

    /// Whether a value is valid under a schema.
    pub(super) fn is_valid(&mut self, id: SchemaId, value: &Value) -> Result<bool, Error> {
        if !self.validators.contains_key(&id) {
            let bundle = self.bundle.get_or_insert_with(|| self.contract.bundle());
            let location = || self.contract.schema(id).location.clone();
            let refused = |error: BundleError| Error::Unreadable { location: location(), message: error.to_string() };
            let registry = bundle.registry().map_err(refused)?;
            let validator =
                bundle.validator(&registry, self.contract, id, self.contract.config().generate.formats.assert).map_err(refused)?;
            self.validators.insert(id, validator);
        }
        Ok(self.validators[&id].is_valid(value))
    }
}
