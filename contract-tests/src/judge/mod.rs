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

use std::collections::HashMap;
use std::sync::Arc;

use charter_reader::Compiled;
use charter_schema::invariant::{Severity, Site};
use charter_schema::{Contract, Operation, ResponseSpec, SchemaId, json};
use serde_json::Value;

pub(crate) use environment::parameter;
pub use evaluate::{CelValue, EvaluationError, evaluate};
pub use example::ExampleFailure;
pub use mutant::{Mutant, MutantOutcome};
pub use observation::Observation;
pub use outcome::{Outcome, Verdict};
pub(crate) use over_time::{Earlier, Entry, Found, History};
pub(crate) use quick::{Counted, Quick};

use crate::coverage::Plan;
use crate::error::Error;
use crate::exchange::{Body, Exchange, Response};
use crate::finding::{Caret, Finding, Kind};
use crate::operation::{self, Promised, http};
use crate::validate::{Validators, check_headers};
use environment::Environment;
use observation::ObservedPlace;
use rule::{Answer, Rules};

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
    pub fn operation_of(&self, exchange: &Exchange) -> Option<&charter_schema::Operation> {
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
            let nearest = charter_schema::nearest(id, invariants.invariants.iter().map(|rule| rule.id.as_str()));
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

    /// Judges what can be judged; says why rules were not asked where they were not.
    fn judge(&self, exchange: &Exchange, judgement: &mut Judgement) -> Result<(), NotAsked> {
        if let Err(error) = self.validators.ready() {
            judgement.unreadable = Some(error.to_string());
            return Err("schema-refused");
        }
        let (operation, path) = if exchange.bare {
            (&self.contract.operations()[self.bare], None)
        } else {
            let Some(request) = &exchange.request else {
                judgement.unreadable = Some("the recording holds no request".to_owned());
                return Err("no-request");
            };
            match operation::operation_for(&self.contract, request) {
                Ok(matched) => (matched.operation, Some(matched.path)),
                Err(finding) => {
                    judgement.findings.push(*finding);
                    return Err("unmatched");
                }
            }
        };
        judgement.operation = Some(operation.id.clone());
        let Some(response) = &exchange.response else {
            let message = format!("no answer: {}", exchange.error.as_deref().unwrap_or("the recording holds none"));
            let mut finding = http("http.no-answer", Severity::Error, message, "an answer".to_owned(), "");
            finding.promise = crate::finding::PromiseSource::documented(&operation.location);
            self.add(judgement, exchange, operation, vec![finding]);
            return Err("no-answer");
        };
        let spec = match operation::response_for(operation, response.status) {
            Ok(spec) => spec,
            Err(finding) => {
                self.add(judgement, exchange, operation, vec![*finding]);
                return Err("undocumented-status");
            }
        };
        let query = exchange.request.as_ref().map(|request| request.query());
        self.plan.note(&operation.id, response.status, query.as_deref(), &mut judgement.seen);
        self.add(judgement, exchange, operation, check_headers(&self.contract, &self.validators, spec, response));
        let environment = |body| Environment::new(&self.contract, operation, path.clone(), exchange, response, body);
        let answer = Answer { operation, status: response.status, promised: spec.status };
        let schema = match operation::schema_for(operation, spec, exchange) {
            Ok(schema) => schema,
            Err(finding) => {
                self.add(judgement, exchange, operation, vec![*finding]);
                self.ask_without_body(&environment(None), answer, spec, exchange, judgement, "content-type");
                return Ok(());
            }
        };
        let body = match schema {
            Promised::Bytes => None,
            Promised::Json(schema) => self.body(exchange, operation, response, schema, judgement),
        };
        let Some(body) = body else {
            self.ask_without_body(&environment(None), answer, spec, exchange, judgement, "no-body");
            return Ok(());
        };
        let schema = schema.schema();
        let broken = schema.map(|schema| self.validators.findings(&self.contract, schema, &body)).unwrap_or_default();
        if let Some(schema) = schema {
            self.plan.walk(&self.validators, schema, &body, &mut judgement.seen);
        }
        let environment = environment(Some(&body));
        let observed = self.observe(exchange, answer, spec, &environment);
        let observable = observed.as_ref().map(|_| ()).map_err(|reason| *reason);
        let asked = self.rules.ask(&self.contract, &self.validators, &environment, answer, schema, &broken, observable);
        judgement.observation = self.observation(observed, asked.observed, &environment);
        self.add(judgement, exchange, operation, broken);
        let findings = asked.findings;
        judgement.outcomes = asked.outcomes;
        self.add(judgement, exchange, operation, findings);
        Ok(())
    }

    /// A request that was to be refused and was not, where no rule of the contract has said so already.
    fn refused(&self, exchange: &Exchange, judgement: &mut Judgement) {
        let Some(response) = exchange.response.as_ref().filter(|_| exchange.provoked.is_some()) else { return };
        let invariants = &self.contract.invariants().invariants;
        let about_answers = |id: &String| invariants.iter().any(|rule| rule.id == *id && matches!(rule.on, Site::Response { .. }));
        if judgement.findings.iter().any(|finding| finding.kind == Kind::Invariant && finding.rule.as_ref().is_some_and(about_answers)) {
            return;
        }
        let operation = self.contract.operations().iter().find(|operation| Some(&operation.id) == judgement.operation.as_ref());
        let Some(operation) = operation.filter(|operation| operation.response_for(response.status).is_some()) else { return };
        let finding = operation::not_refused(operation, exchange, response.status);
        self.add(judgement, exchange, operation, finding.into_iter().collect());
    }

    fn ask_without_body(
        &self,
        environment: &Environment<'_>,
        answer: Answer<'_>,
        spec: &ResponseSpec,
        exchange: &Exchange,
        judgement: &mut Judgement,
        reason: NotAsked,
    ) {
        let observed = self.observe(exchange, answer, spec, environment);
        let observable = observed.as_ref().map(|_| ()).map_err(|reason| *reason);
        let asked = self.rules.ask_without_body(&self.contract, environment, answer, reason, observable);
        judgement.observation = self.observation(observed, asked.observed, environment);
        judgement.outcomes = asked.outcomes;
        self.add(judgement, exchange, answer.operation, asked.findings);
    }

    /// An observation with what is read of it, where something is.
    fn observation(
        &self,
        observed: Result<Observation, NotAsked>,
        places: Vec<ObservedPlace>,
        environment: &Environment<'_>,
    ) -> Option<Box<Observation>> {
        let observation = observed.ok().filter(|_| !places.is_empty())?;
        let (request, response) = self.rules.kept(environment);
        Some(Box::new(Observation { places, request, response, ..observation }))
    }

    /// Which resource an exchange shows, and when, where it shows one: still without what is read of it.
    fn observe(
        &self,
        exchange: &Exchange,
        answer: Answer<'_>,
        spec: &ResponseSpec,
        environment: &Environment<'_>,
    ) -> Result<Observation, NotAsked> {
        let invariants = self.contract.invariants();
        let resource = invariants.resource_of(&self.contract, answer.operation, spec).ok_or("no-resource")?;
        let named = resource.operations.get(&answer.operation.id).zip(environment.request.as_ref()).and_then(|(parameter, request)| {
            let (place, name) = parameter.split_once('.')?;
            request.get(place)?.get(name)
        });
        let identity = named.or_else(|| environment.body?.pointer(&resource.identity)).ok_or("no-identity")?;
        let nanoseconds = |instant: jiff::Timestamp| i64::try_from(instant.as_nanosecond()).ok();
        // Without a time nothing tells which of two observations came first.
        let started = exchange.started.and_then(nanoseconds).ok_or("time-unknown")?;
        // Lengths that no exchange has are taken for none.
        let took = exchange.time_ms.filter(|time| (0.0..1e12).contains(time)).unwrap_or(0.0);
        let resource = format!("{}\0{identity}", self.contract.schema(resource.schema).location);
        let operation = answer.operation.id.clone();
        let ended = started.saturating_add((took * 1e6) as i64);
        Ok(Observation { resource, operation, started, ended, places: Vec::new(), request: None, response: None })
    }

    /// The body as JSON, read strictly. What is no JSON is a finding where JSON is promised.
    fn body(
        &self,
        exchange: &Exchange,
        operation: &Operation,
        response: &Response,
        schema: Option<SchemaId>,
        judgement: &mut Judgement,
    ) -> Option<Value> {
        let bytes = match &response.body {
            Body::Bytes { bytes, .. } => bytes,
            Body::Truncated if exchange.error.is_some() => {
                let message = format!("the answer breaks off: {}", exchange.error.as_deref().unwrap_or_default());
                let mut finding = http("http.cut-off", Severity::Error, message, "a whole answer".to_owned(), "");
                finding.promise = crate::finding::PromiseSource::documented(&operation.location);
                self.add(judgement, exchange, operation, vec![finding]);
                return None;
            }
            _ if schema.is_none() => return None,
            other => {
                judgement.unreadable = Some(other.why_absent().to_owned());
                return None;
            }
        };
        let declared_json = response.headers.get_all("content-type").first().is_none_or(|field| operation::is_json(field));
        if schema.is_none() && !declared_json {
            return None;
        }
        match json::parse(bytes) {
            Ok(body) => {
                let rounded = json::roundings(bytes).into_iter().map(|rounding| {
                    let message = format!(
                        "the number {} is read as {}: what it stands for beyond that is lost",
                        rounding.written,
                        Value::from(rounding.read)
                    );
                    let mut finding = http(
                        "syntax.rounded-number",
                        Severity::Warning,
                        message,
                        "a number that a double holds".to_owned(),
                        "RFC 8259, section 6",
                    );
                    finding.kind = Kind::Syntax;
                    finding.found = Some(Value::from(rounding.written));
                    finding.position = response.body.position(rounding.bytes.start);
                    finding
                });
                self.add(judgement, exchange, operation, rounded.collect());
                Some(body)
            }
            Err(error) => {
                let mut finding = http(
                    "syntax.json",
                    Severity::Error,
                    format!("the body is no strict JSON: {}", error.message),
                    "JSON".to_owned(),
                    "RFC 8259",
                );
                finding.kind = Kind::Syntax;
                finding.position = response.body.position(error.position.byte).or(Some(error.position));
                let at = error.position.byte.min(bytes.len());
                let (text, caret) = excerpt(bytes, at..bytes.len().min(at + 1));
                let met: String = String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 80)]).chars().take(20).collect();
                finding.found = Some(if met.trim().is_empty() { "the end of the body".into() } else { met.into() });
                (finding.excerpt, finding.caret) = (Some(text), Some(caret));
                self.add(judgement, exchange, operation, vec![finding]);
                None
            }
        }
    }

    /// Fills in what every finding of an exchange shares.
    fn add(&self, judgement: &mut Judgement, exchange: &Exchange, operation: &Operation, findings: Vec<Finding>) {
        let body = exchange.response.as_ref().map(|response| &response.body);
        for mut finding in findings {
            finding.operation.get_or_insert_with(|| operation.id.clone());
            if let Some(Body::Bytes { bytes, .. }) = body {
                locate(&mut finding, bytes, |offset| body.and_then(|body| body.position(offset)));
            }
            judgement.findings.push(finding);
        }
    }

    /// Every rule has an outcome in every exchange, if only why it was not asked.
    fn complete_outcomes(&self, judgement: &mut Judgement, asked: Result<(), NotAsked>) {
        let mut seen: HashMap<usize, ()> = HashMap::new();
        for outcome in &judgement.outcomes {
            seen.insert(outcome.rule, ());
        }
        // What is compared with other exchanges has its outcome then.
        for place in judgement.observation.iter().flat_map(|observation| &observation.places) {
            seen.extend(place.rules.iter().map(|rule| (*rule, ())));
        }
        let broken = judgement.findings.iter().any(|finding| finding.kind == Kind::Schema);
        for rule in 0..self.rules.len() {
            if !seen.contains_key(&rule) {
                let verdict = match asked {
                    Err(reason) => Verdict::NotApplicable(reason),
                    // A broken body may hide the place that a rule is about.
                    Ok(()) if broken => Verdict::Blocked,
                    Ok(()) => Verdict::NotApplicable("absent"),
                };
                judgement.outcomes.push(Outcome { rule, verdict });
            }
        }
        judgement.outcomes.sort_by_key(|outcome| outcome.rule);
    }
}

/// Shows a finding about an exchange's body where it stands, with what was found there.
pub(crate) fn place_finding(finding: &mut Finding, exchange: &Exchange) {
    if finding.kind != Kind::Invariant {
        return;
    }
    let Some(body @ Body::Bytes { bytes, .. }) = exchange.response.as_ref().map(|response| &response.body) else { return };
    // Of what was compared as a whole only a digest was kept.
    finding.found = value_at(exchange, &finding.instance_location).or(finding.found.take());
    locate(finding, bytes, |offset| body.position(offset));
}

/// The value at a place of an exchange's body.
pub(crate) fn value_at(exchange: &Exchange, pointer: &str) -> Option<Value> {
    let Some(Body::Bytes { bytes, .. }) = exchange.response.as_ref().map(|response| &response.body) else { return None };
    serde_json::from_slice(&bytes[json::locate(bytes, pointer)?]).ok()
}

/// Where a finding about the body stands in the source, and the bytes around it.
fn locate(finding: &mut Finding, body: &[u8], position: impl Fn(usize) -> Option<charter_schema::Position>) {
    if !matches!(finding.kind, Kind::Schema | Kind::Invariant) {
        return;
    }
    // What is missing is shown at the nearest place that is there.
    let mut pointer = finding.instance_location.as_str();
    let range = loop {
        let range = json::locate_key(body, pointer).filter(|_| finding.keyword.as_deref() == Some("additionalProperties"));
        match range.or_else(|| json::locate(body, pointer)) {
            Some(range) => break range,
            None => match pointer.rsplit_once('/') {
                Some((parent, _)) => pointer = parent,
                None => return,
            },
        }
    };
    finding.position = position(range.start);
    let (text, caret) = excerpt(body, range);
    finding.excerpt = Some(text);
    finding.caret = Some(caret);
}

/// The bytes around a place, on one line, shortened, and where the place is among them.
fn excerpt(body: &[u8], range: std::ops::Range<usize>) -> (String, Caret) {
    const BEFORE: usize = 30;
    const LENGTH: usize = 90;
    let line_start = body[..range.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line_end = body[range.start..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |at| range.start + at);
    let clean = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace([char::REPLACEMENT_CHARACTER, '\r'], "");
    let start = line_start.max(range.start.saturating_sub(BEFORE));
    let end = line_end.min(start + LENGTH);
    let before = clean(&body[start..range.start]);
    let (cut_before, cut_after) = (if start > line_start { "…" } else { "" }, if end < line_end { "…" } else { "" });
    // Indentation says nothing here.
    let before = if cut_before.is_empty() { before.trim_start().to_owned() } else { before };
    let meant = clean(&body[range.start..range.end.clamp(range.start, end)]);
    let after = clean(&body[range.end.clamp(range.start, end)..end]);
    let caret = Caret { start: cut_before.chars().count() + before.chars().count(), length: meant.chars().count().max(1) };
    (format!("{cut_before}{before}{meant}{}{cut_after}", after.trim_end()), caret)
}
