//! The contract's rules, compiled, and their evaluation at each instance.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use charter_contract::invariant::{BinaryOperator, Expression, Invariant, Node, NodeKind, Old, Piece, Site};
use charter_contract::{Contract, Operation, SchemaId, StatusRange, unescape_token};
use serde_json::Value;

use super::bind::{Binder, OPEN};
use super::environment::{Environment, Needs, without_secrets};
use super::evaluate::{CompileError, Evaluated, Fault, Json, Program, Scope, Tables, Variable};
use super::instance::{Instance, Instances};
use super::observation::ObservedInstance;
use super::outcome::{Outcome, SkipReason, Verdict};
use super::project::{Projection, projections, request_body_projection, sites};
use crate::error::Error;
use crate::validate::{Validators, missing_key};
use charter_report::{Finding, FindingKind, PromiseSource};
use charter_rules::slots::ContractSlots;

/// All rules of a contract.
#[derive(Debug)]
pub(crate) struct Rules {
    pub(super) slots: ContractSlots,
    pub(super) rules: Vec<Rule>,
    pub(super) binder: Binder,
    instances: Instances,
    targets: BTreeSet<SchemaId>,
    /// By schema, the rules about its instances and those that compare with them, in their order.
    by_schema: HashMap<SchemaId, Vec<usize>>,
    /// By operation, the rules about its responses, in their order.
    by_operation: HashMap<String, Vec<usize>>,
    about_credentials: Vec<usize>,
    branches: Vec<SchemaId>,
    /// The values that rules over time read, by schema.
    projections: HashMap<SchemaId, Projection>,
    /// The parts of request bodies that rules over time read.
    request_body: Option<Projection>,
    /// Whether rules over time read the request, and the response's header fields.
    reads_heads: (bool, bool),
}

#[derive(Debug)]
pub(super) struct Rule {
    needs: Needs,
    /// The parts of `self` that the guard and the rule read.
    reads: Projection,
    /// The parts of `self` that the guard reads.
    guard_reads: Projection,
    /// The parts of `oldSelf` that the guard and the rule read.
    reads_old: Projection,
    pub(super) when: Option<Program>,
    pub(super) rule: Program,
    /// If the rule is true: whether it examined a value.
    pub(super) interest: Option<Program>,
    message: Vec<MessagePart>,
    /// Whether the rule compares two observations.
    pub(super) old: Option<Old>,
    /// The parts of the guard that read only `oldSelf`: they select the observations to compare with.
    pub(super) worth: Option<Program>,
    /// The responses that the rule can never apply to, and why.
    excluded: Vec<(String, StatusRange, &'static str)>,
}

#[derive(Debug)]
enum MessagePart {
    Text(String),
    Value(Program),
}

/// The results of the rules for one exchange.
#[derive(Debug, Default)]
pub(super) struct RuleResults {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) findings: Vec<Finding>,
    /// The instances for rules over time.
    pub(super) observed: Vec<ObservedInstance>,
}

/// The rules of a body of bytes need its tree: a rule failed, so that its finding needs a location, or rules over time observe a part of the body.
#[derive(Clone, Copy, Debug)]
pub(super) struct NeedsTree;

/// An instance that rules are about.
struct Subject<'v> {
    schema: SchemaId,
    json: Json<'v>,
    /// Its JSON Pointer and its identity; `None` for a part of a body of bytes.
    place: Option<(String, String)>,
}

impl<'v> Subject<'v> {
    /// An instance that a program located.
    fn at(text: &'v str, instance: &charter_program::Instance) -> Option<Self> {
        let json = Json::Raw(text.get(instance.start..instance.end)?);
        let is_root = instance.start == 0 && instance.end == text.len();
        Some(Self { schema: instance.schema, json, place: is_root.then(Default::default) })
    }
}

/// The variables that all instances of an exchange share.
struct Heads<'v> {
    request: Option<Rc<Variable<'v>>>,
    response: Option<Rc<Variable<'v>>>,
}

/// The current response: its operation, its status, and the documented status it matched.
#[derive(Clone, Copy, Debug)]
pub(super) struct ResponseContext<'a> {
    pub(super) operation: &'a Operation,
    pub(super) status: u16,
    pub(super) promised: StatusRange,
}

impl ResponseContext<'_> {
    pub(super) fn is_site(&self, invariant: &Invariant) -> bool {
        matches!(&invariant.on, Site::Response { operations, status } if operations.contains(&self.operation.id) && status.covers(self.status, self.promised))
    }
}

impl Rule {
    /// Why the rule can never apply to a response.
    fn excluded(&self, context: ResponseContext<'_>) -> Option<&'static str> {
        let here =
            |(operation, status, _): &&(String, StatusRange, &str)| *operation == context.operation.id && *status == context.promised;
        self.excluded.iter().find(here).map(|(_, _, reason)| *reason)
    }
}

impl Rules {
    pub(crate) fn compile(contract: &Contract) -> Result<Self, Error> {
        let slots = ContractSlots::of(contract);
        let mut rules = Vec::new();
        for invariant in &contract.invariants().invariants {
            let refused = |error: CompileError| Error::Rule { id: invariant.id.clone(), message: error.to_string() };
            let tables = tables(&slots, invariant);
            let lower = |node: &Node| Program::compile(node, tables).map_err(refused);
            let compile = |expression: &Expression| lower(&expression.root);
            let message = invariant.message.pieces.iter().map(|piece| match piece {
                Piece::Text(text) => Ok(MessagePart::Text(text.clone())),
                Piece::Value(expression) => compile(expression).map(MessagePart::Value),
            });
            let reads_of = |expressions: &[&Expression], variable| {
                let mut reads = Projection::default();
                expressions.iter().for_each(|expression| reads.read_below(&expression.root, variable));
                reads
            };
            let guard: Vec<&Expression> = invariant.when.iter().collect();
            let both: Vec<&Expression> = invariant.when.iter().chain([&invariant.rule]).collect();
            rules.push(Rule {
                reads: reads_of(&both, "self"),
                guard_reads: reads_of(&guard, "self"),
                reads_old: reads_of(&both, "oldSelf"),
                needs: Needs::of(invariant.when.iter().chain([&invariant.rule]).map(|expression| &expression.root)),
                when: invariant.when.as_ref().map(compile).transpose()?,
                rule: compile(&invariant.rule)?,
                interest: invariant.interest.as_ref().map(lower).transpose()?,
                message: message.collect::<Result<_, _>>()?,
                old: invariant.old,
                worth: invariant.when.as_ref().and_then(|when| worth(&when.root)).as_ref().map(lower).transpose()?,
                excluded: excluded(invariant),
            });
        }
        let targets: BTreeSet<SchemaId> = contract.invariants().invariants.iter().flat_map(sites).collect();
        let instances = Instances::new(contract, &targets);
        let branches = instances.branches(contract);
        let bodies =
            contract.operations().iter().flat_map(|operation| &operation.responses).flat_map(|response| response.content.schemas());
        // Without rules nothing is bound, and a large contract has many schemas.
        let binder = match rules.is_empty() {
            true => Binder::open(),
            false => Binder::new(contract, targets.iter().copied().chain(bodies).collect::<BTreeSet<_>>()),
        };
        let over_time = || contract.invariants().invariants.iter().filter(|invariant| invariant.old.is_some());
        let rules_over_time: Vec<_> = over_time().collect();
        let projections = projections(&rules_over_time);
        let request_body = request_body_projection(&rules_over_time);
        let reads_heads = (over_time().any(|rule| rule.mentions("request")), over_time().any(|rule| rule.mentions("response")));
        let mut by_schema: HashMap<SchemaId, Vec<usize>> = HashMap::new();
        for (index, invariant) in contract.invariants().invariants.iter().enumerate() {
            for schema in sites(invariant).collect::<BTreeSet<_>>() {
                by_schema.entry(schema).or_default().push(index);
            }
        }
        let mut by_operation: HashMap<String, Vec<usize>> = HashMap::new();
        for (index, invariant) in contract.invariants().invariants.iter().enumerate() {
            if let Site::Response { operations, .. } = &invariant.on {
                for operation in operations.iter().collect::<BTreeSet<_>>() {
                    by_operation.entry(operation.clone()).or_default().push(index);
                }
            }
        }
        let reads_credentials = |rule: &Rule| rule.needs.reads_request_header("authorization");
        let about_credentials = rules.iter().enumerate().filter(|(_, rule)| reads_credentials(rule)).map(|(index, _)| index).collect();
        Ok(Self {
            by_schema,
            by_operation,
            about_credentials,
            slots,
            rules,
            binder,
            instances,
            targets,
            branches,
            projections,
            request_body,
            reads_heads,
        })
    }

    /// The number of rules.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// The schemas whose instances rules are about.
    pub(super) fn targets(&self) -> &BTreeSet<SchemaId> {
        &self.targets
    }

    /// The union branches whose validators decide where rules apply.
    pub(crate) fn branches(&self) -> &[SchemaId] {
        &self.branches
    }

    /// The rules about the instances of a schema, and those that compare with them.
    pub(super) fn at_schema(&self, schema: SchemaId) -> &[usize] {
        self.by_schema.get(&schema).map_or(&[], Vec::as_slice)
    }

    /// Whether rules over time read the request, and the head of the response.
    pub(super) fn observes_heads(&self) -> (bool, bool) {
        self.reads_heads
    }

    /// The parts of an instance of a schema that rules over time read; `None` if they read none.
    pub(super) fn projection(&self, schema: SchemaId) -> Option<&Projection> {
        self.projections.get(&schema)
    }

    /// Whether any rule compares observations.
    pub(super) fn has_rules_over_time(&self) -> bool {
        !self.projections.is_empty()
    }

    /// Evaluates every rule at its instances in a body. `broken` are the schema findings; they block the rules that read the faulty values.
    /// `instances` are those that a program located in a body of bytes. Rules over time are not evaluated here: the values that they read are
    /// observed, or the reason why not is recorded.
    #[expect(clippy::too_many_arguments, reason = "the judge hands over what it has matched, each piece once")]
    pub(super) fn apply(
        &self,
        contract: &Contract,
        validators: &Validators,
        environment: &Environment<'_>,
        context: ResponseContext<'_>,
        schema: Option<SchemaId>,
        instances: &[charter_program::Instance],
        broken: &[Finding],
        observable: Result<(), SkipReason>,
    ) -> Result<RuleResults, NeedsTree> {
        let mut results = RuleResults::default();
        let Some(body) = environment.body else { return Ok(results) };
        let subjects = match (body, schema) {
            (Json::Tree(body), Some(schema)) => self.subjects(contract, validators, schema, body),
            (Json::Raw(text), _) => instances.iter().filter_map(|instance| Subject::at(text, instance)).collect(),
            (Json::Tree(_), None) => Vec::new(),
        };
        let heads = self.heads(environment);
        for instance in subjects {
            let node = self.binder.root(instance.schema);
            let mut scope = self.scope(&heads);
            scope.set("self", Variable::new(instance.json, &self.binder, node, self.slots.schemas.get(&instance.schema)));
            let place = instance.place.as_ref();
            let pointer = place.map_or("", |(pointer, _)| pointer.as_str());
            let faults = Faults::within(broken, pointer, is_union(contract, instance.schema));
            let (mut later, mut earlier) = (Vec::new(), Vec::new());
            for &index in self.by_schema.get(&instance.schema).into_iter().flatten() {
                let invariant = &contract.invariants().invariants[index];
                let is_old_blocked = faults.meet(&self.rules[index].reads_old);
                if invariant.earlier == Some(instance.schema) && !is_old_blocked && observable.is_ok() {
                    earlier.push(index);
                }
                if invariant.on != Site::Schema(instance.schema) {
                    continue;
                }
                if self.rules[index].old.is_none() {
                    self.apply_one(index, invariant, &scope, environment, context, pointer, instance.json, &faults, &mut results)?;
                    continue;
                }
                let blocked = faults.meet(&self.rules[index].reads);
                let verdict = match (blocked, self.rules[index].excluded(context), observable, environment.lacks(&self.rules[index].needs))
                {
                    (_, Some(reason), ..) | (_, _, Err(reason), _) | (_, _, _, Some(reason)) => Verdict::NotApplicable(reason),
                    (true, ..) => Verdict::Blocked,
                    _ => {
                        later.push(index);
                        if invariant.earlier.is_none() && !is_old_blocked {
                            earlier.push(index);
                        }
                        continue;
                    }
                };
                results.outcomes.push(Outcome { rule: index, verdict });
            }
            let is_read = !later.is_empty() || !earlier.is_empty();
            if let (true, Some(projection)) = (is_read, self.projections.get(&instance.schema)) {
                let value = projection.of(instance.json);
                let (pointer, identity) = instance.place.ok_or(NeedsTree)?;
                results.observed.push(ObservedInstance { rules: later, earlier, identity, pointer, value });
            }
        }
        let node = schema.map_or(OPEN, |schema| self.binder.root(schema));
        let mut scope = self.scope(&heads);
        scope.set("self", Variable::new(body, &self.binder, node, Some(&self.slots.response_bodies)));
        self.observe_response(contract, environment, context, observable, &mut results);
        let faults = Faults::within(broken, "", schema.is_some_and(|schema| is_union(contract, schema)));
        for (index, invariant) in self.at_response(contract, context).into_iter().filter(|(_, invariant)| invariant.old.is_none()) {
            self.apply_one(index, invariant, &scope, environment, context, "", body, &faults, &mut results)?;
        }
        Ok(results)
    }

    /// The instances of a tree.
    fn subjects<'v>(&self, contract: &Contract, validators: &Validators, schema: SchemaId, body: &'v Value) -> Vec<Subject<'v>> {
        let instances = self.instances.walk(contract, validators, schema, body, &self.targets);
        let subject = |instance: Instance<'v>| Subject {
            schema: instance.schema,
            json: Json::Tree(instance.value),
            place: Some((instance.pointer, instance.identity)),
        };
        instances.into_iter().map(subject).collect()
    }

    /// The parts of the request and of the response, without its body, that rules over time read. Secrets are replaced.
    pub(super) fn observed_heads(&self, environment: &Environment<'_>) -> (Option<String>, Option<String>) {
        let keep = |wanted: bool, value: &Option<Value>| if wanted { value.as_ref().map(without_secrets) } else { None };
        let mut request = keep(self.reads_heads.0, &environment.request);
        let body = request.as_mut().and_then(Value::as_object_mut).and_then(|request| request.remove("body"));
        if let (Some(projection), Some(request), Some(body)) = (&self.request_body, request.as_mut(), body) {
            request["body"] = Json::Raw(&projection.of((&body).into())).to_tree().into_owned();
        }
        let response = keep(self.reads_heads.1, &environment.response);
        (request.map(|request| request.to_string()), response.map(|response| response.to_string()))
    }

    /// Evaluates the rules of a response that do not read its body.
    pub(super) fn apply_without_body(
        &self,
        contract: &Contract,
        environment: &Environment<'_>,
        context: ResponseContext<'_>,
        reason: SkipReason,
        observable: Result<(), SkipReason>,
    ) -> RuleResults {
        let mut results = RuleResults::default();
        let scope = self.scope(&self.heads(environment));
        self.observe_response(contract, environment, context, observable, &mut results);
        for (index, invariant) in contract.invariants().invariants.iter().enumerate() {
            if context.is_site(invariant) && invariant.old.is_some() {
                continue;
            }
            if context.is_site(invariant) && !self.rules[index].needs.self_ {
                // A tree never needs another one.
                let (body, faults) = (Json::Tree(&Value::Null), Faults::default());
                let _ = self.apply_one(index, invariant, &scope, environment, context, "", body, &faults, &mut results);
            } else {
                results.outcomes.push(Outcome { rule: index, verdict: Verdict::NotApplicable(reason) });
            }
        }
        results
    }

    /// The rules about a response.
    pub(super) fn at_response<'c>(&self, contract: &'c Contract, context: ResponseContext<'_>) -> Vec<(usize, &'c Invariant)> {
        let candidates = self.by_operation.get(&context.operation.id).into_iter().flatten();
        let all = candidates.map(|index| (*index, &contract.invariants().invariants[*index]));
        all.filter(|(_, invariant)| context.is_site(invariant)).collect()
    }

    /// Observes a response for the rules that compare its header fields with an earlier body.
    fn observe_response(
        &self,
        contract: &Contract,
        environment: &Environment<'_>,
        context: ResponseContext<'_>,
        observable: Result<(), SkipReason>,
        results: &mut RuleResults,
    ) {
        let mut later = Vec::new();
        for (index, _) in self.at_response(contract, context).into_iter().filter(|(_, invariant)| invariant.old.is_some()) {
            match (observable, environment.lacks(&self.rules[index].needs)) {
                (Err(reason), _) | (_, Some(reason)) => {
                    results.outcomes.push(Outcome { rule: index, verdict: Verdict::NotApplicable(reason) });
                }
                _ => later.push(index),
            }
        }
        if !later.is_empty() {
            results.observed.push(ObservedInstance::of_response(later));
        }
    }

    /// The schemas below which violations in a body can hide instances.
    pub(super) fn hidden(&self, contract: &Contract, root: SchemaId, findings: &[&Finding]) -> BTreeSet<SchemaId> {
        let hidden =
            |finding: &&Finding| self.instances.hidden(contract, root, &finding.instance_location, missing_key(finding).as_deref());
        findings.iter().flat_map(hidden).collect()
    }

    /// Whether instances that a rule applies to may be below hidden schemas.
    pub(super) fn may_be_hidden(
        &self,
        contract: &Contract,
        rule: usize,
        context: ResponseContext<'_>,
        hidden: &BTreeSet<SchemaId>,
    ) -> bool {
        let Site::Schema(target) = contract.invariants().invariants[rule].on else { return false };
        self.rules[rule].excluded(context).is_none() && self.instances.is_below(target, hidden)
    }

    /// Why a rule is not evaluated, as far as the body does not matter.
    pub(super) fn skip_reason(
        &self,
        index: usize,
        context: ResponseContext<'_>,
        observable: Result<(), SkipReason>,
        environment: &Environment<'_>,
    ) -> Option<SkipReason> {
        let rule = &self.rules[index];
        let unseen = if rule.old.is_some() { observable.err() } else { None };
        rule.excluded(context).or(unseen).or_else(|| environment.lacks(&rule.needs))
    }

    /// `request` and `response` of an exchange: the scopes of its instances share the values that rules have read.
    fn heads<'v>(&'v self, environment: &'v Environment<'_>) -> Heads<'v> {
        let head = |name, value: &'v Option<Value>, table| {
            value.as_ref().map(|value| Variable::new(value, &self.binder, environment.node(&self.binder, name), Some(table)))
        };
        Heads {
            request: head("request", &environment.request, &self.slots.request),
            response: head("response", &environment.response, &self.slots.response),
        }
    }

    fn scope<'v>(&'v self, heads: &Heads<'v>) -> Scope<'v> {
        let mut scope = Scope::new(&self.binder);
        for (name, head) in [("request", &heads.request), ("response", &heads.response)] {
            if let Some(head) = head {
                scope.set(name, head.clone());
            }
        }
        scope
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one question, each from another owner")]
    fn apply_one(
        &self,
        index: usize,
        invariant: &Invariant,
        scope: &Scope<'_>,
        environment: &Environment<'_>,
        context: ResponseContext<'_>,
        pointer: &str,
        value: Json<'_>,
        faults: &Faults,
        results: &mut RuleResults,
    ) -> Result<(), NeedsTree> {
        let rule = &self.rules[index];
        let verdict = if let Some(reason) = rule.excluded(context).or_else(|| environment.lacks(&rule.needs)) {
            Verdict::NotApplicable(reason)
        } else if faults.meet(&rule.reads) {
            // A guard that reads no faulty value decides whether the rule applies.
            match &rule.when {
                Some(when) if !faults.meet(&rule.guard_reads) && boolean(scope, when) == Ok(false) => Verdict::NotApplicable("when-false"),
                _ => Verdict::Blocked,
            }
        } else {
            match self.evaluate(index, scope) {
                // The types of the rule hold for valid bodies only: the schema finding explains the fault.
                Verdict::Errored(_) if !faults.is_empty() => Verdict::Blocked,
                verdict => verdict,
            }
        };
        match (&verdict, value) {
            (Verdict::Failed | Verdict::Errored(_), Json::Raw(_)) => return Err(NeedsTree),
            (Verdict::Failed, Json::Tree(_)) => results.findings.push(self.finding(index, invariant, scope, pointer, value)),
            _ => {}
        }
        results.outcomes.push(Outcome { rule: index, verdict });
        Ok(())
    }

    /// The rules that read the header field for credentials.
    pub(super) fn about_credentials(&self) -> &[usize] {
        &self.about_credentials
    }

    pub(super) fn evaluate(&self, index: usize, scope: &Scope<'_>) -> Verdict {
        self.guard(index, scope).unwrap_or_else(|| self.without_guard(index, scope))
    }

    /// The verdict of a rule whose guard does not hold; `None` if it holds.
    pub(super) fn guard(&self, index: usize, scope: &Scope<'_>) -> Option<Verdict> {
        guard(self.rules[index].when.as_ref(), scope)
    }

    /// The verdict of a rule whose guard holds.
    pub(super) fn without_guard(&self, index: usize, scope: &Scope<'_>) -> Verdict {
        let rule = &self.rules[index];
        verdict_of(&rule.rule, rule.interest.as_ref(), scope)
    }

    /// The finding of a rule that failed at an instance.
    pub(super) fn finding(&self, index: usize, invariant: &Invariant, scope: &Scope<'_>, pointer: &str, instance: Json<'_>) -> Finding {
        let mut message = String::new();
        for part in &self.rules[index].message {
            match part {
                MessagePart::Text(text) => message.push_str(text),
                MessagePart::Value(compiled) => match scope.evaluate(compiled) {
                    Ok(Evaluated::Bool(value)) => message.push_str(&value.to_string()),
                    Ok(Evaluated::Text(text)) => message.push_str(&text),
                    // An error in the message must not hide the finding.
                    Err(_) => message.push('…'),
                },
            }
        }
        let promise = PromiseSource { kind: invariant.promise.kind, where_: invariant.promise.where_.clone() };
        let mut finding = Finding::new(FindingKind::Invariant, invariant.severity, promise, message);
        finding.rule = Some(invariant.id.clone());
        finding.absolute_keyword_location = invariant.restates.as_ref().map(ToString::to_string);
        finding.instance_location = format!("{pointer}{}", invariant.path);
        finding.found = instance.pointer(&invariant.path).map(|found| found.to_tree().into_owned());
        finding.promised = invariant.promise.quote.clone();
        finding
    }
}

/// The schema findings within an instance.
#[derive(Default)]
struct Faults {
    /// The tokens of each location below the instance, with the key that is missing there.
    places: Vec<Vec<String>>,
    /// Whether no branch of a union that describes the instance itself matches, so that every value of it may have another type.
    whole: bool,
}

impl Faults {
    fn within(broken: &[Finding], pointer: &str, is_union: bool) -> Self {
        let mut faults = Self::default();
        for finding in broken {
            let below = finding.instance_location.strip_prefix(pointer).filter(|rest| rest.is_empty() || rest.starts_with('/'));
            if let Some(below) = below {
                faults.whole |= is_union && finding.branch.is_some();
                faults.places.push(below.split('/').skip(1).map(unescape_token).chain(missing_key(finding)).collect());
            }
        }
        faults
    }

    fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether a rule that reads these parts of the instance is blocked.
    fn meet(&self, reads: &Projection) -> bool {
        !self.is_empty() && !reads.is_empty() && (self.whole || self.places.iter().any(|tokens| reads.meets(tokens)))
    }
}

/// Whether a union describes an instance of a schema itself.
fn is_union(contract: &Contract, schema: SchemaId) -> bool {
    contract.in_place([schema]).iter().any(|id| {
        let keywords = &contract.schema(*id).keywords;
        !keywords.any_of.is_empty() || !keywords.one_of.is_empty()
    })
}

/// The slot tables of the variables of a rule.
pub(super) fn tables<'s>(slots: &'s ContractSlots, invariant: &Invariant) -> Tables<'s> {
    let self_ = slots.self_at(&invariant.on);
    let old_self = invariant.earlier.map_or(self_, |earlier| slots.schemas.get(&earlier));
    Tables { self_, old_self, request: Some(&slots.request), response: Some(&slots.response) }
}

fn excluded(invariant: &Invariant) -> Vec<(String, StatusRange, &'static str)> {
    let uses = invariant.uses.iter();
    uses.filter_map(|site| Some((site.operation.clone(), site.status, site.excluded?.as_str()))).collect()
}

/// The terms of a guard's conjunction that read only `oldSelf`.
fn worth(when: &Node) -> Option<Node> {
    if let NodeKind::Binary { operator: BinaryOperator::And, left, right } = &when.kind {
        return match (worth(left), worth(right)) {
            (Some(left), Some(right)) => Some(left.joined(BinaryOperator::And, right)),
            (left, right) => left.or(right),
        };
    }
    let alone = when.mentions("oldSelf") && !["self", "request", "response"].iter().any(|variable| when.mentions(variable));
    alone.then(|| when.clone())
}

/// The verdict of a guard and a rule in a scope.
pub(super) fn verdict(when: Option<&Program>, rule: &Program, interest: Option<&Program>, scope: &Scope<'_>) -> Verdict {
    guard(when, scope).unwrap_or_else(|| verdict_of(rule, interest, scope))
}

/// The verdict if a guard does not hold.
fn guard(when: Option<&Program>, scope: &Scope<'_>) -> Option<Verdict> {
    match boolean(scope, when?) {
        Ok(true) => None,
        Ok(false) => Some(Verdict::NotApplicable("when-false")),
        Err(error) => Some(Verdict::Errored(format!("when: {error}"))),
    }
}

/// The verdict of a rule without its guard.
fn verdict_of(rule: &Program, interest: Option<&Program>, scope: &Scope<'_>) -> Verdict {
    match boolean(scope, rule) {
        // If the interest cannot be evaluated, the rule counts as passed.
        Ok(true) => match interest.map(|interest| boolean(scope, interest)) {
            Some(Ok(false)) => Verdict::Vacuous,
            _ => Verdict::Passed,
        },
        Ok(false) => Verdict::Failed,
        Err(error) => Verdict::Errored(error.to_string()),
    }
}

/// Why a condition has no truth value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum ConditionError {
    /// Its evaluation failed.
    #[error("{0}")]
    Fault(#[from] Fault),
    /// It is not a condition.
    #[error("a boolean is expected, not {0}")]
    NotBoolean(String),
}

pub(super) fn boolean(scope: &Scope<'_>, condition: &Program) -> Result<bool, ConditionError> {
    match scope.evaluate(condition)? {
        Evaluated::Bool(value) => Ok(value),
        Evaluated::Text(text) => Err(ConditionError::NotBoolean(text)),
    }
}
