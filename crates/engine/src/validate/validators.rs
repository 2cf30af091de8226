//! Compiled schemas.

use std::collections::hash_map::Entry;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use charter_contract::{Bundle, BundleError, Bundles, Contract, Direction, Location, SchemaId};
use jsonschema::{Registry, Validator};
use serde_json::Value;

use super::explain::explain;
use super::location::BASE;
use crate::error::Error;
use charter_report::Finding;

/// The largest number of schemas of a contract whose schemas are compiled together.
const TOGETHER: usize = 2000;

/// Compiled schemas.
#[derive(Debug)]
pub(crate) enum Validators {
    /// All schemas at once.
    Together(Box<Together>),
    /// Each schema at its first use: a contract has many schemas that no exchange of a run needs.
    Single(Box<Single>),
}

#[derive(Debug)]
pub(crate) struct Together {
    contract: Contract,
    direction: Direction,
    wanted: Vec<SchemaId>,
    compiled: OnceLock<Result<HashMap<SchemaId, Validator>, Error>>,
}

#[derive(Debug)]
pub(crate) struct Single {
    contract: Contract,
    direction: Direction,
    wanted: Vec<SchemaId>,
    /// Whether the schemas are known to compile.
    is_certain: bool,
    bundles: OnceLock<Bundles>,
    compiled: RwLock<HashMap<SchemaId, Arc<Result<Validator, Error>>>>,
}

impl Validators {
    /// Compiles schemas. Those of a large contract, and those that certainly compile, are compiled at their first use.
    pub(crate) fn new(contract: &Contract, wanted: Vec<SchemaId>) -> Result<Self, Error> {
        let mut validators = Self::lazy(contract, wanted);
        match &mut validators {
            Self::Together(together) => together.compiled = Ok(together.compile()?).into(),
            Self::Single(single) if single.is_certain && single.contract.schemas().len() <= TOGETHER => {
                debug_assert!(validators.check().is_ok(), "{:?}", validators.check().err());
            }
            Self::Single(_) => {}
        }
        Ok(validators)
    }

    /// Compiles schemas at the first use. Use it for schemas that are known to compile.
    pub(crate) fn lazy(contract: &Contract, wanted: Vec<SchemaId>) -> Self {
        Self::of(contract, Direction::Response, wanted)
    }

    /// The same for requests.
    pub(crate) fn for_requests(contract: &Contract, wanted: Vec<SchemaId>) -> Self {
        Self::of(contract, Direction::Request, wanted)
    }

    fn of(contract: &Contract, direction: Direction, wanted: Vec<SchemaId>) -> Self {
        let contract = contract.clone();
        let is_certain = contract.certainly_compiles();
        if contract.schemas().len() <= TOGETHER && !is_certain {
            Self::Together(Box::new(Together { contract, direction, wanted, compiled: OnceLock::new() }))
        } else {
            let (bundles, compiled) = (OnceLock::new(), RwLock::default());
            Self::Single(Box::new(Single { contract, direction, wanted, is_certain, bundles, compiled }))
        }
    }

    /// Compiles the schemas that are compiled together, unless they are compiled.
    ///
    /// # Errors
    /// A schema does not compile.
    pub(crate) fn ready(&self) -> Result<(), &Error> {
        match self {
            Self::Together(together) => together.compiled().map(drop),
            Self::Single(_) => Ok(()),
        }
    }

    /// Compiles every schema.
    ///
    /// # Errors
    /// A schema does not compile.
    pub(crate) fn check(&self) -> Result<(), Error> {
        let single = match self {
            Self::Together(together) if matches!(together.compiled.get(), Some(Ok(_))) => return Ok(()),
            Self::Together(together) => return together.compile().map(drop),
            Self::Single(single) => single,
        };
        let compiler = Compiler::for_direction(&single.contract, single.direction);
        let registry = compiler.registry()?;
        let wanted: BTreeSet<SchemaId> = single.wanted.iter().copied().filter(|id| !single.contract.has_problem(*id)).collect();
        wanted.into_iter().try_for_each(|id| compiler.validator(&registry, id).map(drop))
    }

    /// The error of every schema that does not compile, each message once: a schema that refers to another one has its error too.
    pub(crate) fn errors(&self) -> Vec<Error> {
        let (contract, direction, wanted) = match self {
            Self::Together(together) => (&together.contract, together.direction, &together.wanted),
            Self::Single(single) => (&single.contract, single.direction, &single.wanted),
        };
        let compiler = Compiler::for_direction(contract, direction);
        let registry = match compiler.registry() {
            Ok(registry) => registry,
            Err(error) => return vec![error],
        };
        let wanted: BTreeSet<SchemaId> = wanted.iter().copied().filter(|id| !contract.has_problem(*id)).collect();
        let mut messages = BTreeSet::new();
        let errors = wanted.into_iter().filter_map(|id| compiler.validator(&registry, id).err());
        errors.filter(|error| messages.insert(error.to_string())).collect()
    }

    /// Compiles these schemas if each is compiled at its first use and may not compile. Returns the message of the first that does not compile.
    pub(crate) fn first_error(&self, mut schemas: impl Iterator<Item = SchemaId>) -> Option<String> {
        match self {
            Self::Together(_) => None,
            Self::Single(single) if single.is_certain => None,
            Self::Single(single) => schemas.find_map(|id| single.validator(id)?.as_ref().as_ref().err().map(ToString::to_string)),
        }
    }

    /// Uses a validator; `None` if the schema has a problem or does not compile.
    fn with<R>(&self, schema: SchemaId, use_validator: impl FnOnce(&Validator) -> R) -> Option<R> {
        match self {
            Self::Together(together) => together.compiled().ok()?.get(&schema).map(use_validator),
            Self::Single(single) => single.validator(schema)?.as_ref().as_ref().ok().map(use_validator),
        }
    }

    /// Whether a value is valid under a compiled schema.
    pub(crate) fn is_valid(&self, schema: SchemaId, value: &Value) -> bool {
        self.with(schema, |validator| validator.is_valid(value)).unwrap_or(true)
    }

    /// Every violated keyword, in the order of the schema.
    pub(crate) fn findings(&self, contract: &Contract, schema: SchemaId, body: &Value) -> Vec<Finding> {
        self.with(schema, |validator| findings_of(contract, validator, body)).unwrap_or_default()
    }
}

impl Together {
    fn compiled(&self) -> Result<&HashMap<SchemaId, Validator>, &Error> {
        self.compiled.get_or_init(|| self.compile()).as_ref()
    }

    fn compile(&self) -> Result<HashMap<SchemaId, Validator>, Error> {
        let compiler = Compiler::for_direction(&self.contract, self.direction);
        let registry = compiler.registry()?;
        let mut compiled = HashMap::new();
        for id in self.wanted.iter().filter(|id| !self.contract.has_problem(**id)) {
            if let Entry::Vacant(vacant) = compiled.entry(*id) {
                vacant.insert(compiler.validator(&registry, *id)?);
            }
        }
        Ok(compiled)
    }
}

impl Single {
    /// The validator of a schema; `None` if the schema has a problem.
    fn validator(&self, id: SchemaId) -> Option<Arc<Result<Validator, Error>>> {
        let known = self.compiled.read().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        if known.is_some() {
            return known;
        }
        if self.contract.has_problem(id) {
            return None;
        }
        // Without a lock: another thread may need a validator that is compiled. The first result of two threads is used.
        let compiled = Arc::new(self.compile(id));
        Some(self.compiled.write().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert(compiled).clone())
    }

    fn compile(&self, id: SchemaId) -> Result<Validator, Error> {
        let bundles = self.bundles.get_or_init(|| self.contract.bundles_for(self.direction));
        let compiler = Compiler { contract: &self.contract, bundle: bundles.of(id) };
        compiler.validator(&compiler.registry()?, id)
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
