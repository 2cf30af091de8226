//! The contract's rules, compiled, and how each is asked at its places.

use std::collections::BTreeSet;

use charter_schema::invariant::{Case, Expression, Invariant, Node, Piece, Site};
use charter_schema::{Contract, Operation, SchemaId, StatusRange};
use serde_json::Value;

use super::bind::{Binder, OPEN};
use super::environment::{Environment, Needs};
use super::evaluate::{Compiled, Engine, Evaluated, Scope};
use super::outcome::{Outcome, Verdict};
use super::place::{Place, Places};
use super::{ExampleFailure, NotAsked};
use crate::error::Error;
use crate::finding::{Finding, Kind, PromiseSource};
use crate::validate::Validators;

/// Every rule of a contract.
#[derive(Debug)]
pub(crate) struct Rules {
    engine: Engine,
    rules: Vec<Rule>,
    binder: Binder,
    places: Places,
    targets: BTreeSet<SchemaId>,
    branches: Vec<SchemaId>,
}

#[derive(Debug)]
struct Rule {
    needs: Needs,
    when: Option<Compiled>,
    rule: Compiled,
    /// Where the rule is true: whether it has looked at something.
    interest: Option<Compiled>,
    message: Vec<Part>,
}

#[derive(Debug)]
enum Part {
    Text(String),
    Value(Compiled),
}

/// What asking the rules of one exchange came to.
#[derive(Debug, Default)]
pub(super) struct Asked {
    pub(super) outcomes: Vec<Outcome>,
    pub(super) findings: Vec<Finding>,
}

/// How an example came out.
#[derive(Clone, Debug, PartialEq)]
enum ExampleOutcome {
    Passed,
    Failed,
    NotApplicable,
    Errored(String),
}

impl Rules {
    pub(crate) fn compile(contract: &Contract) -> Result<Self, Error> {
        let refused = |id: &str, message: String| Error::Rule { id: id.to_owned(), message };
        let engine = Engine::new().map_err(|message| refused("isInstant", message))?;
        let mut rules = Vec::new();
        for invariant in &contract.invariants().invariants {
            if invariant.old.is_some() {
                return Err(Error::OverTime(invariant.id.clone()));
            }
            let lower = |node: &Node| engine.compile(node).map_err(|message| refused(&invariant.id, message));
            let compile = |expression: &Expression| lower(&expression.root);
            let message = invariant.message.pieces.iter().map(|piece| match piece {
                Piece::Text(text) => Ok(Part::Text(text.clone())),
                Piece::Value(expression) => compile(expression).map(Part::Value),
            });
            rules.push(Rule {
                needs: Needs::of(invariant.when.iter().chain([&invariant.rule]).map(|expression| &expression.root)),
                when: invariant.when.as_ref().map(compile).transpose()?,
                rule: compile(&invariant.rule)?,
                interest: invariant.interest.as_ref().map(lower).transpose()?,
                message: message.collect::<Result<_, _>>()?,
            });
        }
        let targets: BTreeSet<SchemaId> = contract
            .invariants()
            .invariants
            .iter()
            .filter_map(|invariant| match invariant.on {
                Site::Schema(id) => Some(id),
                Site::Response { .. } => None,
            })
            .collect();
        let places = Places::new(contract, &targets);
        let branches = places.branches(contract);
        let bodies = contract
            .operations()
            .iter()
            .flat_map(|operation| &operation.responses)
            .flat_map(|response| response.content.values().flatten().copied());
        let binder = Binder::new(contract, targets.iter().copied().chain(bodies).collect::<BTreeSet<_>>());
        Ok(Self { engine, rules, binder, places, targets, branches })
    }

    /// How many rules there are.
    pub(crate) fn len(&self) -> usize {
        self.rules.len()
    }

    /// Union branches whose validators tell where rules apply.
    pub(crate) fn branches(&self) -> &[SchemaId] {
        &self.branches
    }

    /// Asks every rule that has a place in a body. `broken` are the schema's findings: what they touch is blocked.
    #[expect(clippy::too_many_arguments, reason = "the judge hands over what it has matched, each piece once")]
    pub(super) fn ask(
        &self,
        contract: &Contract,
        validators: &Validators,
        environment: &Environment<'_>,
        operation: &Operation,
        status: StatusRange,
        schema: Option<SchemaId>,
        broken: &[Finding],
    ) -> Asked {
        let mut asked = Asked::default();
        let Some(body) = environment.body else { return asked };
        let places = schema.map(|schema| self.places.walk(contract, validators, schema, body, &self.targets)).unwrap_or_default();
        for place in places {
            let scope = self.scope(environment, Some(&place));
            let blocked = broken.iter().any(|finding| is_within(&finding.instance_location, &place.pointer));
            for (index, invariant) in contract.invariants().invariants.iter().enumerate() {
                if invariant.on == Site::Schema(place.schema) {
                    self.ask_one(index, invariant, &scope, environment, &place.pointer, place.value, blocked, &mut asked);
                }
            }
        }
        let mut scope = self.scope(environment, None);
        scope.set("self", body, &self.binder, schema.map_or(OPEN, |schema| self.binder.root(schema)));
        for (index, invariant) in self.at_response(contract, operation, status) {
            let blocked = self.rules[index].needs.self_ && !broken.is_empty();
            self.ask_one(index, invariant, &scope, environment, "", body, blocked, &mut asked);
        }
        asked
    }

    /// Asks the rules of an answer that do not read its body.
    pub(super) fn ask_without_body(
        &self,
        contract: &Contract,
        environment: &Environment<'_>,
        operation: &Operation,
        status: StatusRange,
        reason: NotAsked,
    ) -> Asked {
        let mut asked = Asked::default();
        let scope = self.scope(environment, None);
        for (index, invariant) in contract.invariants().invariants.iter().enumerate() {
            let here =
                matches!(&invariant.on, Site::Response { operation: id, status: wanted } if *id == operation.id && *wanted == status);
            if here && !self.rules[index].needs.self_ {
                self.ask_one(index, invariant, &scope, environment, "", &Value::Null, false, &mut asked);
            } else {
                asked.outcomes.push(Outcome { rule: index, verdict: Verdict::NotApplicable(reason) });
            }
        }
        asked
    }

    fn at_response<'c>(&self, contract: &'c Contract, operation: &Operation, status: StatusRange) -> Vec<(usize, &'c Invariant)> {
        let rules = contract.invariants().invariants.iter().enumerate();
        rules.filter(|(_, rule)| matches!(&rule.on, Site::Response { operation: id, status: wanted } if *id == operation.id && *wanted == status)).collect()
    }

    fn scope<'v>(&'v self, environment: &'v Environment<'_>, place: Option<&Place<'v>>) -> Scope<'v> {
        let mut scope = self.engine.scope();
        if let Some(place) = place {
            scope.set("self", place.value, &self.binder, self.binder.root(place.schema));
        }
        for (name, value) in [("request", &environment.request), ("response", &environment.response)] {
            if let Some(value) = value {
                scope.set(name, value, &self.binder, OPEN);
            }
        }
        scope
    }

    #[expect(clippy::too_many_arguments, reason = "the parts of one question, each from another owner")]
    fn ask_one(
        &self,
        index: usize,
        invariant: &Invariant,
        scope: &Scope<'_>,
        environment: &Environment<'_>,
        pointer: &str,
        value: &Value,
        blocked: bool,
        asked: &mut Asked,
    ) {
        let verdict = if blocked {
            Verdict::Blocked
        } else if let Some(reason) = environment.lacks(&self.rules[index].needs) {
            Verdict::NotApplicable(reason)
        } else {
            self.evaluate(index, scope)
        };
        if verdict == Verdict::Failed {
            asked.findings.push(self.finding(index, invariant, scope, pointer, value));
        }
        asked.outcomes.push(Outcome { rule: index, verdict });
    }

    fn evaluate(&self, index: usize, scope: &Scope<'_>) -> Verdict {
        let rule = &self.rules[index];
        let boolean = |compiled| match scope.evaluate(compiled) {
            Ok(Evaluated::Bool(value)) => Ok(value),
            Ok(Evaluated::Text(text)) => Err(format!("a boolean is expected, not {text}")),
            Err(message) => Err(message),
        };
        match rule.when.as_ref().map(boolean) {
            Some(Ok(false)) => return Verdict::NotApplicable("when-false"),
            Some(Err(message)) => return Verdict::Errored(format!("when: {message}")),
            Some(Ok(true)) | None => {}
        }
        match boolean(&rule.rule) {
            // What cannot be told of an interest was at least looked for.
            Ok(true) => match rule.interest.as_ref().map(boolean) {
                Some(Ok(false)) => Verdict::Vacuous,
                _ => Verdict::Passed,
            },
            Ok(false) => Verdict::Failed,
            Err(message) => Verdict::Errored(message),
        }
    }

    fn finding(&self, index: usize, invariant: &Invariant, scope: &Scope<'_>, pointer: &str, value: &Value) -> Finding {
        let mut message = String::new();
        for part in &self.rules[index].message {
            match part {
                Part::Text(text) => message.push_str(text),
                Part::Value(compiled) => match scope.evaluate(compiled) {
                    Ok(Evaluated::Bool(value)) => message.push_str(&value.to_string()),
                    Ok(Evaluated::Text(text)) => message.push_str(&text),
                    // A message that cannot be told must not hide the finding.
                    Err(_) => message.push('…'),
                },
            }
        }
        Finding {
            kind: Kind::Invariant,
            rule: Some(invariant.id.clone()),
            keyword: None,
            severity: invariant.severity,
            operation: None,
            promise: PromiseSource { kind: invariant.promise.kind, where_: invariant.promise.where_.clone() },
            keyword_location: None,
            absolute_keyword_location: invariant.restates.as_ref().map(ToString::to_string),
            message,
            instance_location: format!("{pointer}{}", invariant.path),
            found: value.pointer(&invariant.path).cloned(),
            promised: invariant.promise.quote.clone(),
            branch: None,
            position: None,
            excerpt: None,
        }
    }

    /// Runs every example and returns those that do not come out as their heading says.
    pub(super) fn examples(&self, contract: &Contract) -> Vec<ExampleFailure> {
        let mut failures = Vec::new();
        for (rule, invariant) in contract.invariants().invariants.iter().enumerate() {
            let headings =
                [("pass", &invariant.examples.pass, ExampleOutcome::Passed), ("fail", &invariant.examples.fail, ExampleOutcome::Failed)];
            for (heading, cases, wanted) in headings {
                for (index, case) in cases.iter().enumerate() {
                    let outcome = self.example(contract, rule, invariant, case);
                    if outcome != wanted {
                        failures.push(ExampleFailure { id: invariant.id.clone(), heading, index, outcome: format!("{outcome:?}") });
                    }
                }
            }
        }
        failures
    }

    fn example(&self, contract: &Contract, rule: usize, invariant: &Invariant, case: &Case) -> ExampleOutcome {
        let schema = match &invariant.on {
            Site::Schema(id) => Some(*id),
            Site::Response { operation, status } => contract
                .operation(operation)
                .and_then(|operation| operation.responses.iter().find(|response| response.status == *status))
                .and_then(|response| response.content.values().flatten().next().copied()),
        };
        let mut scope = self.engine.scope();
        scope.set("self", &case.self_, &self.binder, schema.map_or(OPEN, |schema| self.binder.root(schema)));
        for (name, value) in [("request", &case.request), ("response", &case.response)] {
            if let Some(value) = value {
                scope.set(name, value, &self.binder, OPEN);
            }
        }
        match self.evaluate(rule, &scope) {
            Verdict::Passed | Verdict::Vacuous => ExampleOutcome::Passed,
            Verdict::Failed => ExampleOutcome::Failed,
            Verdict::NotApplicable(_) | Verdict::Blocked => ExampleOutcome::NotApplicable,
            Verdict::Errored(message) => ExampleOutcome::Errored(message),
        }
    }
}

/// Whether a finding's place lies at or below a place.
fn is_within(instance_location: &str, pointer: &str) -> bool {
    instance_location.strip_prefix(pointer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
