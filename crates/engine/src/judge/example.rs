//! The examples of a rule: each must have the verdict of its heading, with the rule as written and with no mutant of it.

use charter_contract::Contract;
use charter_contract::invariant::{Case, Invariant, Node, Site};
use serde_json::Value;

use super::bind::OPEN;
use super::evaluate::{Program, Scope, Variable};
use super::outcome::Verdict;
use super::rule::{Rules, tables, verdict};

/// An example whose verdict differs from its heading.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ExampleFailure {
    /// The invariant's id.
    pub id: String,
    /// `pass`, `fail` or `skip`.
    pub heading: &'static str,
    /// Which example under the heading, from 0.
    pub index: usize,
    /// The actual verdict.
    pub outcome: String,
}

impl Rules {
    /// Evaluates every example of a rule; returns those whose verdict differs from their heading.
    pub(super) fn examples(&self, contract: &Contract, rule: usize) -> Vec<ExampleFailure> {
        let invariant = &contract.invariants().invariants[rule];
        let verdict =
            |case: &Case| self.example(contract, invariant, case, invariant.when.as_ref().map(|when| &when.root), &invariant.rule.root);
        let mut failures = Vec::new();
        for (heading, cases, wanted) in headings(invariant) {
            for (index, case) in cases.iter().enumerate() {
                let outcome = verdict(case);
                if outcome != wanted {
                    failures.push(ExampleFailure { id: invariant.id.clone(), heading, index, outcome: describe(&outcome) });
                }
            }
        }
        failures
    }

    /// Whether an example distinguishes a changed rule from the one as written.
    pub(super) fn kills(&self, contract: &Contract, rule: usize, when: Option<&Node>, changed: &Node) -> bool {
        let invariant = &contract.invariants().invariants[rule];
        headings(invariant)
            .into_iter()
            .any(|(_, cases, wanted)| cases.iter().any(|case| self.example(contract, invariant, case, when, changed) != wanted))
    }

    fn example(&self, contract: &Contract, invariant: &Invariant, case: &Case, when: Option<&Node>, rule: &Node) -> Verdict {
        let (node, operation) = match &invariant.on {
            Site::Schema(id) => {
                (self.binder.root(*id), invariant.uses.iter().find(|site| site.excluded.is_none()).map(|site| site.operation.as_str()))
            }
            Site::Response { operations, status } => {
                let operation = operations.first().and_then(|operation| contract.operation(operation));
                let response = operation.and_then(|operation| operation.responses.iter().find(|response| response.status == *status));
                let schema = response.and_then(|response| response.content.schemas().next());
                (schema.map_or(OPEN, |schema| self.binder.root(schema)), operation.map(|operation| operation.id.as_str()))
            }
        };
        let old_node = invariant.earlier.map_or(node, |earlier| self.binder.root(earlier));
        let tables = tables(&self.slots, invariant);
        let compile = |node: &Node| Program::compile(node, tables);
        let (when, rule) = match (when.map(compile).transpose(), compile(rule)) {
            (Ok(when), Ok(rule)) => (when, rule),
            (Err(error), _) | (_, Err(error)) => return Verdict::Errored(error.to_string()),
        };
        let mut scope = Scope::new(&self.binder);
        let old = case.old_self.as_ref().unwrap_or(&Value::Null);
        scope.set("self", Variable::new(&case.self_, &self.binder, node, tables.self_));
        scope.set("oldSelf", Variable::new(old, &self.binder, old_node, tables.old_self));
        if let Some(request) = &case.request {
            let node = operation.map_or(OPEN, |operation| self.binder.request(operation));
            scope.set("request", Variable::new(request, &self.binder, node, tables.request));
        }
        if let Some(response) = &case.response {
            scope.set("response", Variable::new(response, &self.binder, OPEN, tables.response));
        }
        verdict(when.as_ref(), &rule, None, &scope)
    }
}

/// The examples with their expected verdicts.
fn headings(invariant: &Invariant) -> [(&'static str, &[Case], Verdict); 3] {
    let examples = &invariant.examples;
    [
        ("pass", &examples.pass, Verdict::Passed),
        ("fail", &examples.fail, Verdict::Failed),
        ("skip", &examples.skip, Verdict::NotApplicable("when-false")),
    ]
}

fn describe(verdict: &Verdict) -> String {
    match verdict {
        Verdict::Passed | Verdict::Vacuous => "passed".to_owned(),
        Verdict::Failed => "failed".to_owned(),
        Verdict::NotApplicable(reason) => format!("not applicable ({reason})"),
        Verdict::Blocked => "blocked".to_owned(),
        Verdict::Errored(message) => format!("errored: {message}"),
    }
}
