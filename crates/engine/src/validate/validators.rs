//! Compiled schemas.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::OnceLock;

use charter_contract::{Bundle, BundleError, Contract, Direction, Location, SchemaId};
use jsonschema::{Registry, Validator};
use serde_json::Value;

use super::explain::explain;
use super::location::BASE;
use crate::error::Error;
use charter_report::Finding;

/// Compiled schemas.
#[derive(Debug)]
pub(crate) struct Validators {
    contract: Contract,
    direction: Direction,
    wanted: Vec<SchemaId>,
    compiled: OnceLock<Result<HashMap<SchemaId, Validator>, Error>>,
}

impl Validators {
    /// Compiles schemas.
    pub(crate) fn new(contract: &Contract, wanted: Vec<SchemaId>) -> Result<Self, Error> {
        let compiled = Ok(compile(contract, Direction::Response, &wanted)?).into();
        Ok(Self { contract: contract.clone(), direction: Direction::Response, wanted, compiled })
    }

    /// Compiles schemas at the first use. Use it for schemas that are known to compile.
    pub(crate) fn lazy(contract: &Contract, wanted: Vec<SchemaId>) -> Self {
        Self { contract: contract.clone(), direction: Direction::Response, wanted, compiled: OnceLock::new() }
    }

    /// The same for requests.
    pub(crate) fn for_requests(contract: &Contract, wanted: Vec<SchemaId>) -> Self {
        Self { direction: Direction::Request, ..Self::lazy(contract, wanted) }
    }

    /// Compiles the schemas that are not compiled yet.
    pub(crate) fn ready(&self) -> Result<&HashMap<SchemaId, Validator>, &Error> {
        self.compiled.get_or_init(|| compile(&self.contract, self.direction, &self.wanted)).as_ref()
    }

    fn of(&self, schema: SchemaId) -> Option<&Validator> {
        self.ready().ok()?.get(&schema)
    }

    /// Whether a value is valid under a compiled schema.
    pub(crate) fn is_valid(&self, schema: SchemaId, value: &Value) -> bool {
        self.of(schema).is_none_or(|validator| validator.is_valid(value))
    }

    /// Every violated keyword, in the order of the schema.
    pub(crate) fn findings(&self, contract: &Contract, schema: SchemaId, body: &Value) -> Vec<Finding> {
        self.of(schema).map(|validator| findings_of(contract, validator, body)).unwrap_or_default()
    }
}

/// Every keyword that a value violates, in the order of the schema.
pub(crate) fn findings_of(contract: &Contract, validator: &Validator, value: &Value) -> Vec<Finding> {
    if validator.is_valid(value) {
        return Vec::new();
    }
    let mut findings = Vec::new();
    for error in validator.iter_errors(value) {
        explain(contract, value, &error, None, &mut findings);
    }
    findings
}

/// Compiles schemas of a contract, one at a time.
pub(crate) struct Compiler<'c> {
    contract: &'c Contract,
    bundle: Bundle,
}

impl<'c> Compiler<'c> {
    pub(crate) fn new(contract: &'c Contract) -> Self {
        Self { contract, bundle: contract.bundle() }
    }

    /// The same for messages of one direction.
    pub(crate) fn for_direction(contract: &'c Contract, direction: Direction) -> Self {
        Self { contract, bundle: contract.bundle_for(direction).unwrap_or_else(|| contract.bundle()) }
    }

    /// The documents of the contract.
    pub(crate) fn registry(&self) -> Result<Registry<'_>, Error> {
        self.bundle.registry().map_err(|error| Error::Schema { location: Location::root(BASE), message: error.to_string() })
    }

    pub(crate) fn validator(&self, registry: &Registry<'_>, id: SchemaId) -> Result<Validator, Error> {
        let location = || self.contract.schema(id).location.clone();
        let refused = |error: BundleError| Error::Schema { location: location(), message: error.to_string() };
        self.bundle.validator_for_check(registry, self.contract, id).map_err(refused)
    }
}

fn compile(contract: &Contract, direction: Direction, wanted: &[SchemaId]) -> Result<HashMap<SchemaId, Validator>, Error> {
    let compiler = Compiler::for_direction(contract, direction);
    let registry = compiler.registry()?;
    let mut compiled = HashMap::new();
    for id in wanted.iter().filter(|id| !contract.has_problem(**id)) {
        if let Entry::Vacant(vacant) = compiled.entry(*id) {
            vacant.insert(compiler.validator(&registry, *id)?);
        }
    }
    Ok(compiled)
}
