//! A body and its header fields against their schemas: every broken keyword as a finding, with its three locations.

mod explain;
mod header;

use std::collections::HashMap;

use charter_schema::{Contract, Location, SchemaId};
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

pub(crate) use explain::shown;
pub(crate) use header::check as check_headers;

use crate::error::Error;
use crate::finding::Finding;

/// Documents are registered under this base, so that references resolve among them and nowhere else.
const BASE: &str = "charter:///";

/// Compiled schemas.
#[derive(Debug, Default)]
pub(crate) struct Validators {
    by_schema: HashMap<SchemaId, Validator>,
}

impl Validators {
    /// Compiles the schemas that are wanted.
    pub(crate) fn new(contract: &Contract, wanted: impl IntoIterator<Item = SchemaId>) -> Result<Self, Error> {
        let bundle = contract.bundle();
        let registry = bundle.registry().map_err(|message| Error::Schema { location: Location::root(BASE), message })?;
        let mut by_schema = HashMap::new();
        for id in wanted {
            let refused = |message| Error::Schema { location: contract.schema(id).location.clone(), message };
            by_schema.insert(id, bundle.validator(&registry, contract, id, false).map_err(refused)?);
        }
        Ok(Self { by_schema })
    }

    /// Whether a value is valid under a schema that was wanted.
    pub(crate) fn is_valid(&self, schema: SchemaId, value: &Value) -> bool {
        self.by_schema.get(&schema).is_none_or(|validator| validator.is_valid(value))
    }

    /// Every broken keyword, in the order of the schema.
    pub(crate) fn findings(&self, contract: &Contract, schema: SchemaId, body: &Value) -> Vec<Finding> {
        let Some(validator) = self.by_schema.get(&schema) else { return Vec::new() };
        if validator.is_valid(body) {
            return Vec::new();
        }
        let mut findings = Vec::new();
        for error in validator.iter_errors(body) {
            explain::explain(contract, body, &error, None, &mut findings);
        }
        findings
    }
}

/// The keyword's place in its document, as the contract writes locations.
fn absolute_location(error: &ValidationError<'_>) -> Option<String> {
    let uri = error.absolute_keyword_location()?.as_str();
    let uri = uri.strip_prefix(BASE).unwrap_or(uri).to_owned();
    let decoded = percent_encoding::percent_decode_str(&uri).decode_utf8_lossy().into_owned();
    Some(decoded)
}
