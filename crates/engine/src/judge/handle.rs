//! The public handle: a reference path, and a fast path if there is a compiled reader of the contract.

use std::rc::Rc;
use std::sync::Arc;

use charter_contract::{Contract, Direction, Operation};
use charter_reader::Compiled;

use super::example::ExampleFailure;
use super::fast_path::FastPath;
use super::heads::{Buffers, Decider};
use super::judgement::Judgement;
use super::mutant::Mutant;
use super::outcome::Verdict;
use super::over_time::{Compared, Entry, History};
use super::reference::{Reference, nearest_rule};
use crate::coverage::Plan;
use crate::error::{Error, FastPathUnavailable};
use crate::operation;
use crate::validate::Validators;
use charter_traffic::exchange::Exchange;

/// A compiled contract that judges exchanges. Cheap to clone; threads can share it.
#[derive(Clone, Debug)]
pub struct Judge {
    reference: Arc<Reference>,
    fast_path: Result<Arc<FastPath>, FastPathUnavailable>,
}

impl Judge {
    /// Loads the contract of a folder and compiles it.
    ///
    /// # Errors
    /// The contract is invalid, or its schemas or rules cannot be compiled.
    pub fn load(folder: impl AsRef<camino::Utf8Path>) -> Result<Self, Error> {
        Self::new(&charter_rules::load(folder.as_ref())?)
    }

    /// Compiles a contract's schemas and rules. The schemas of a contract with more than 2,000 are compiled at the first exchange that
    /// needs them; [`Judge::check_schemas`] compiles all of them.
    ///
    /// # Errors
    /// The contract describes no operation, or a schema or rule cannot be compiled.
    pub fn new(contract: &Contract) -> Result<Self, Error> {
        Self::with(contract, Validators::new)
    }

    /// Like [`Judge::new`], but compiles schemas lazily, at the first response that needs them. Use it with a compiled reader, which
    /// decides most responses alone. If `compiled` was generated from another contract, the schemas are compiled at once, because only
    /// generating a reader proves that they compile. If a lazily compiled schema fails, the responses that need it are reported as
    /// unreadable.
    ///
    /// # Errors
    /// As [`Judge::new`], but for schemas that are compiled lazily.
    pub fn with_lazy_schemas(contract: &Contract, compiled: &Compiled) -> Result<Self, Error> {
        if contract.digest() != compiled.contract {
            return Self::new(contract);
        }
        Self::with(contract, |contract, schemas| Ok(Validators::lazy(contract, schemas)))
    }

    fn with(
        contract: &Contract,
        validators: impl FnOnce(&Contract, Vec<charter_contract::SchemaId>) -> Result<Validators, Error>,
    ) -> Result<Self, Error> {
        let reference = Arc::new(Reference::new(contract, validators)?);
        Ok(Self { reference, fast_path: Err(FastPathUnavailable::NoReader) })
    }

    /// Adds a compiled reader as the fast path, if it was generated from this contract. Reports say why if it was not.
    #[must_use]
    pub fn with_reader(self, compiled: &'static Compiled) -> Self {
        let fast_path = FastPath::new(&self.reference, compiled).map(Arc::new);
        Self { fast_path, ..self }
    }

    /// Removes the fast path. Reports give the reason.
    #[must_use]
    pub fn without_reader(self, reason: &str) -> Self {
        Self { fast_path: Err(FastPathUnavailable::Disabled(reason.to_owned())), ..self }
    }

    /// Judges every body on the reference path alone: a tree and the reference validator. Reports give the reason.
    #[must_use]
    pub fn without_fast_path(self, reason: &str) -> Self {
        let reference = Arc::new(self.reference.without_programs());
        Self { reference, fast_path: Err(FastPathUnavailable::Disabled(reason.to_owned())) }
    }

    /// The same judge with bare bodies as responses of another operation.
    ///
    /// # Errors
    /// No operation has the id.
    pub fn for_operation(&self, id: &str) -> Result<Self, Error> {
        let reference = Arc::new(self.reference.for_operation(id)?);
        let fast_path = match &self.fast_path {
            Ok(fast_path) => FastPath::new(&reference, fast_path.compiled()).map(Arc::new),
            Err(reason) => Err(reason.clone()),
        };
        Ok(Self { reference, fast_path })
    }

    /// The same judge for a live server, which has every operation below its base URL.
    #[must_use]
    pub fn with_base_url(&self, url: &str) -> Self {
        Self { reference: Arc::new(self.reference.with_base_url(url)), fast_path: self.fast_path.clone() }
    }

    /// The contract.
    pub fn contract(&self) -> &Contract {
        &self.reference.contract
    }

    /// The operation of an exchange; `None` if the contract describes none for it.
    pub fn operation_of(&self, exchange: &Exchange) -> Option<&Operation> {
        match (exchange.bare, &exchange.request) {
            (true, _) => self.bare_operation(),
            (false, Some(request)) => operation::operation_for(self.contract(), request).ok().map(|matched| matched.operation),
            (false, None) => None,
        }
    }

    /// The error of every schema that does not compile. [`Judge::new`] and [`Judge::check_schemas`] return the first one.
    pub fn schema_errors(contract: &Contract) -> Vec<Error> {
        let reference = match Reference::new(contract, |contract, wanted| Ok(Validators::lazy(contract, wanted))) {
            Ok(reference) => reference,
            Err(error) => return vec![error],
        };
        let mut errors: Vec<Error> = Vec::new();
        for error in [Direction::Response, Direction::Request].into_iter().flat_map(|direction| reference.validators(direction).errors()) {
            if errors.iter().all(|known| known.to_string() != error.to_string()) {
                errors.push(error);
            }
        }
        errors
    }

    /// Compiles the schemas that [`Judge::new`] does not compile: those of requests, and of a large contract those of responses.
    ///
    /// # Errors
    /// A schema cannot be compiled.
    pub fn check_schemas(&self) -> Result<(), Error> {
        [Direction::Response, Direction::Request].into_iter().try_for_each(|direction| self.reference.validators(direction).check())
    }

    /// Evaluates the examples of every rule; returns those whose verdict differs from their heading.
    pub fn examples(&self) -> Vec<ExampleFailure> {
        let Reference { contract, rules, .. } = &*self.reference;
        (0..rules.len()).flat_map(|rule| rules.examples(contract, rule)).collect()
    }

    /// Changes a rule in every way that its examples should detect, and reports which changes they did not.
    ///
    /// # Errors
    /// No rule has the id.
    pub fn mutants(&self, id: &str) -> Result<Vec<Mutant>, Error> {
        let Reference { contract, rules, .. } = &*self.reference;
        let index = contract.invariants().invariants.iter().position(|rule| rule.id == id);
        let index = index.ok_or_else(|| Error::UnknownRule { id: id.to_owned(), remedy: nearest_rule(contract, id) })?;
        Ok(rules.mutants(contract, index))
    }

    /// Judges one exchange: a program validates its JSON bodies, or the reference validator if the program is not certain.
    pub fn judge(&self, exchange: &Exchange) -> Judgement {
        self.reference.judge(exchange)
    }

    /// Judges one exchange as a request to the URL of these callbacks.
    pub(crate) fn judge_callback(&self, exchange: &Exchange, callbacks: &[&Operation]) -> Judgement {
        self.reference.judge_callback(exchange, callbacks)
    }

    /// The verdict of each rule at each instance it applies to, by the rule's id. Every rule of the contract has at least one.
    pub fn verdicts<'j>(&'j self, judgement: &'j Judgement) -> impl Iterator<Item = (&'j str, &'j Verdict)> {
        let rules = &self.contract().invariants().invariants;
        judgement.outcomes.iter().map(|outcome| (rules[outcome.rule].id.as_str(), &outcome.verdict))
    }

    /// Decides exchanges by plans of their heads.
    pub(crate) fn decider(&self) -> Decider<'_> {
        self.decider_with(Buffers::default())
    }

    /// The same, with the buffers of an earlier decider of this judge.
    pub(crate) fn decider_with(&self, buffers: Buffers) -> Decider<'_> {
        Decider::new(&self.reference, buffers)
    }

    /// The fast path, or why there is none.
    pub(crate) fn fast_path(&self) -> Result<&FastPath, &FastPathUnavailable> {
        self.fast_path.as_deref()
    }

    /// Whether programs decide bodies.
    pub(crate) fn has_programs(&self) -> bool {
        self.reference.has_programs()
    }

    /// The operation that bare bodies are responses of: the one that was named, or the only operation with a JSON response. Without such
    /// an operation, a JSON document without a format is an unknown form.
    pub fn bare_operation(&self) -> Option<&Operation> {
        self.reference.bare_operation()
    }

    /// Whether the operation of bare bodies is assumed because no other operation has a JSON response.
    pub(crate) fn assumes_operation(&self) -> bool {
        self.reference.assumes_operation()
    }

    /// Whether a rule is evaluated only if there is an earlier observation.
    pub(crate) fn needs_earlier_observation(&self, rule: usize) -> bool {
        self.reference.rules.needs_earlier_observation(rule)
    }

    /// Compares an observation with the earlier ones of its resource.
    pub(crate) fn compare<T>(&self, history: &mut History<T>, entry: Rc<Entry<T>>) -> Compared<T> {
        self.reference.rules.compare(self.contract(), history, entry)
    }

    /// The cases that the contract makes reachable.
    pub(crate) fn plan(&self) -> &Plan {
        &self.reference.plan
    }

    /// Whether any rule compares observations.
    pub(crate) fn has_rules_over_time(&self) -> bool {
        self.reference.rules.has_rules_over_time()
    }
}
