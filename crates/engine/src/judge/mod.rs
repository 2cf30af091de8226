//! One exchange to findings and outcomes: match, read strictly, validate, judge the invariants.
//!
//! A rule whose subtree breaks its schema is blocked, not run: a finding about a value of the wrong type says enough.

mod bind;
mod environment;
mod evaluate;
mod example;
mod mutant;
mod observation;
mod outcome;
mod over_time;
mod place;
mod project;
mod quick;
mod rule;
mod shown;
mod stages;

use std::sync::Arc;

use charter_contract::invariant::Severity;
use charter_contract::{Contract, Operation, SchemaId};
use charter_reader::Compiled;

pub(crate) use environment::parameter;
pub use evaluate::{CelValue, EvaluationError, evaluate};
pub use example::ExampleFailure;
pub use mutant::{Mutant, MutantOutcome};
pub use observation::Observation;
pub use outcome::{Outcome, Verdict};
pub(crate) use over_time::{Earlier, Entry, Found, History};
pub(crate) use quick::{Counted, Quick};
pub(crate) use shown::{place_finding, value_at};

use crate::coverage::Plan;
use crate::error::Error;
use crate::operation;
use crate::validate::Validators;
use charter_report::Finding;
use charter_traffic::exchange::Exchange;
use rule::Rules;

/// A contract, ready to judge by. Cheap to clone, and the same from every thread.
#[derive(Clone, Debug)]
pub struct Judge {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    contract: Contract,
    validators: Arc<Validators>,
    rules: Arc<Rules>,
    plan: Arc<Plan>,
    /// The operation that a bare body is an answer of.
    bare: usize,
    /// The compiled reader, or why it does not stand in.
    quick: Result<Quick, String>,
}

/// What one exchange came to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgement {
    /// Every broken promise, in the order of the stages.
    pub findings: Vec<Finding>,
    /// How each rule came out at each place it was asked; one entry at least for every rule of the contract.
    pub outcomes: Vec<Outcome>,
    /// Why the body could not be judged, where it could not.
    pub unreadable: Option<String>,
    /// The operation it was matched to.
    pub operation: Option<String>,
    /// What rules over time compare with other exchanges; its outcomes and findings come of that.
    pub observation: Option<Box<Observation>>,
    /// The cases of the contract that it showed.
    pub(crate) seen: Vec<u32>,
}

impl Judgement {
    /// Whether no promise was broken, warnings aside, and everything could be read.
    pub fn is_kept(&self) -> bool {
        self.unreadable.is_none() && !self.findings.iter().any(|finding| finding.severity == Severity::Error)
    }

    /// Whether a rule is broken, by its place in the contract's list.
    pub(crate) fn breaks(&self, rule: usize) -> bool {
        self.outcomes.iter().any(|outcome| outcome.rule == rule && outcome.verdict == Verdict::Failed)
    }

    /// Whether a rule will be asked when observations are compared.
    pub(crate) fn asks_over_time(&self, rule: usize) -> bool {
        self.observation.iter().flat_map(|observation| &observation.places).any(|place| place.rules.contains(&rule))
    }
}

impl Judge {
    /// Loads the contract of a folder and compiles it.
    ///
    /// # Errors
    /// The contract is invalid, or its schemas or rules cannot be compiled.
    pub fn load(folder: impl AsRef<camino::Utf8Path>) -> Result<Self, Error> {
        Self::new(&charter_rules::load(folder.as_ref())?)
    }

    /// Compiles a contract's schemas and rules.
    ///
    /// # Errors
    /// The contract describes no operation, or a schema or rule cannot be compiled.
    pub fn new(contract: &Contract) -> Result<Self, Error> {
        Self::built(contract, Validators::new)
    }

    /// The same for a contract that there may be a compiled reader of. Where it is of this contract, whose schemas have been read to
    /// make it, they are compiled once the first answer asks for them: most never do. Where one does not compile all the same,
    /// what was to be judged by it is unreadable.
    ///
    /// # Errors
    /// As [`Judge::new`].
    pub fn beside(contract: &Contract, compiled: &Compiled) -> Result<Self, Error> {
        if contract.digest() != compiled.contract {
            return Self::new(contract);
        }
        Self::built(contract, |contract, wanted| Ok(Validators::later(contract, wanted)))
    }

    fn built(contract: &Contract, validators: impl FnOnce(&Contract, Vec<SchemaId>) -> Result<Validators, Error>) -> Result<Self, Error> {
        let contract = contract.clone();
        named_rules(&contract)?;
        let rules = Rules::compile(&contract)?;
        let plan = Plan::new(&contract);
        let validators = validators(&contract, wanted(&contract, &rules, &plan))?;
        let named = contract.config().check.operation.clone();
        let bare = match named {
            Some(id) => Self::position(&contract, &id)?,
            None if contract.operations().is_empty() => return Err(Error::NoOperation),
            None => 0,
        };
        let (validators, rules, plan) = (validators.into(), rules.into(), plan.into());
        Ok(Self { inner: Arc::new(Inner { contract, validators, rules, plan, bare, quick: Err(NO_READER.to_owned()) }) })
    }

    /// The same judge, with a compiled reader before it where that is of the same contract.
    ///
    /// # Errors
    /// None that [`Judge::new`] has not told of the same contract.
    pub fn with_reader(self, compiled: &'static Compiled) -> Result<Self, Error> {
        let mut inner = self.own();
        inner.quick = Quick::new(&inner, compiled);
        Ok(Self { inner: Arc::new(inner) })
    }

    /// The same judge without a compiled reader; reports say why.
    ///
    /// # Errors
    /// None that [`Judge::new`] has not told of the same contract.
    pub fn without_reader(self, reason: &str) -> Result<Self, Error> {
        let mut inner = self.own();
        inner.quick = Err(reason.to_owned());
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What is in it, or the same again where others hold it too.
    fn own(self) -> Inner {
        Arc::try_unwrap(self.inner).unwrap_or_else(|shared| shared.again(shared.bare))
    }

    /// The compiled reader, or why it does not stand in.
    pub(crate) fn quick(&self) -> Result<&Quick, &str> {
        self.inner.quick.as_ref().map_err(String::as_str)
    }

    /// The same judge, taking bare bodies as answers of another operation.
    ///
    /// # Errors
    /// No operation has the id.
    pub fn for_operation(&self, id: &str) -> Result<Self, Error> {
        let bare = Self::position(&self.inner.contract, id)?;
        let mut inner = self.inner.again(bare);
        inner.quick = match &self.inner.quick {
            Ok(quick) => Quick::new(&inner, quick.compiled()),
            Err(reason) => Err(reason.clone()),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    fn position(contract: &Contract, id: &str) -> Result<usize, Error> {
        let found = contract.operations().iter().position(|operation| operation.id == id);
        found.ok_or_else(|| {
            let known = contract.operations().iter().map(|operation| operation.id.as_str()).collect::<Vec<_>>().join(", ");
            Error::UnknownOperation { id: id.to_owned(), known }
        })
    }

    /// The contract.
    pub fn contract(&self) -> &Contract {
        &self.inner.contract
    }

    /// The operation that a bare body is an answer of.
    pub(crate) fn bare_operation(&self) -> &Operation {
        &self.inner.contract.operations()[self.inner.bare]
    }

    /// The operation that an exchange belongs to, where the contract has one.
    pub fn operation_of(&self, exchange: &Exchange) -> Option<&charter_contract::Operation> {
        let Inner { contract, bare, .. } = &*self.inner;
        match (exchange.bare, &exchange.request) {
            (true, _) => contract.operations().get(*bare),
            (false, Some(request)) => operation::operation_for(contract, request).ok().map(|matched| matched.operation),
            (false, None) => None,
        }
    }

    /// Runs the examples of every invariant; what does not come out as its heading says is returned.
    pub fn examples(&self) -> Vec<ExampleFailure> {
        let Inner { contract, rules, .. } = &*self.inner;
        (0..rules.len()).flat_map(|rule| rules.examples(contract, rule)).collect()
    }

    /// Changes a rule in every way that its examples should notice, and says which did not.
    pub fn mutants(&self, rule: usize) -> Vec<Mutant> {
        let Inner { contract, rules, .. } = &*self.inner;
        rules.mutants(contract, rule)
    }

    /// Compares an observation with the earlier ones of its resource.
    pub(crate) fn compare<T>(&self, history: &mut History<T>, entry: Entry<T>) -> over_time::Compared<T> {
        self.inner.rules.compare(&self.inner.contract, history, entry)
    }

    /// The cases that the contract makes reachable.
    pub(crate) fn plan(&self) -> &Plan {
        &self.inner.plan
    }

    /// Whether any rule compares observations.
    pub(crate) fn is_over_time(&self) -> bool {
        self.inner.rules.over_time()
    }

    /// Judges one exchange.
    pub fn judge(&self, exchange: &Exchange) -> Judgement {
        let mut judgement = Judgement::default();
        let asked = self.inner.judge(exchange, &mut judgement);
        self.inner.refused(exchange, &mut judgement);
        self.inner.complete_outcomes(&mut judgement, asked);
        judgement
    }
}

/// Rules that settings name are there.
fn named_rules(contract: &Contract) -> Result<(), Error> {
    let Some(artifacts) = &contract.config().probe.artifacts else { return Ok(()) };
    let invariants = contract.invariants();
    match artifacts.rules.named().find(|(_, id)| invariants.get(id).is_none()) {
        None => Ok(()),
        Some((key, id)) => {
            let nearest = charter_contract::nearest(id, invariants.invariants.iter().map(|rule| rule.id.as_str()));
            let remedy = nearest.map(|nearest| format!("; {nearest}")).unwrap_or_default();
            Err(Error::UnknownRule { setting: format!("probe.artifacts.rules.{key}"), id: id.to_owned(), remedy })
        }
    }
}

/// The schemas that bodies, headers and union branches are validated against.
fn wanted(contract: &Contract, rules: &Rules, plan: &Plan) -> Vec<SchemaId> {
    let responses = contract.operations().iter().flat_map(|operation| &operation.responses);
    let mut wanted: Vec<SchemaId> = responses
        .flat_map(|response| response.content.values().flatten().chain(response.headers.iter().filter_map(|header| header.schema.as_ref())))
        .copied()
        .collect();
    wanted.extend(rules.branches());
    wanted.extend(plan.branches());
    wanted
}

/// Why no rule was asked.
type NotAsked = &'static str;

/// Why no compiled reader stands in where none was given.
const NO_READER: &str = "this build has no compiled reader";

impl Inner {
    /// The same, for bare bodies of some operation, and without a compiled reader.
    fn again(&self, bare: usize) -> Self {
        let Self { contract, validators, rules, plan, .. } = self;
        let (validators, rules, plan) = (validators.clone(), rules.clone(), plan.clone());
        Self { contract: contract.clone(), validators, rules, plan, bare, quick: Err(NO_READER.to_owned()) }
    }
}
