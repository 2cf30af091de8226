//! Rules over time: observations of one resource, in the order of their requests, each compared with an earlier one.
//!
//! An observation is compared with the latest earlier one that a rule can be compared with: the answer had come before this
//! request began, the part is not broken, and what the guard asks of `oldSelf` alone holds. Requests that overlap are not
//! compared with each other, because nothing says which of the two saw the resource first.

use std::collections::HashMap;
use std::rc::Rc;

use charter_contract::Contract;
use charter_contract::invariant::{Old, Site};
use serde_json::Value;

use super::bind::OPEN;
use super::evaluate::Scope;
use super::observation::{Observation, ObservedInstance};
use super::outcome::{Outcome, Verdict};
use super::rule::{Rules, boolean};
use charter_report::Finding;

/// Observations that wait for the end of others; beyond it the oldest is taken as ended.
const OVERLAPPING: usize = 1_000;

/// What comparing one observation came to.
#[derive(Debug, Default)]
pub(crate) struct Compared<T> {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) findings: Vec<Found<T>>,
}

/// A finding, and what was compared.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) rule: usize,
    pub(crate) finding: Finding,
    pub(crate) earlier: Option<Earlier<T>>,
}

/// What an observation was compared with.
#[derive(Debug)]
pub(crate) struct Earlier<T> {
    pub(crate) entry: Rc<Entry<T>>,
    /// The place in its body.
    pub(crate) pointer: String,
    /// What was there, as far as it was kept.
    pub(crate) value: Option<Value>,
}

/// An observation with what its owner knows of it.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) observation: Observation,
    pub(crate) origin: T,
}

/// An observation, and which of its places.
type Part<T> = (Rc<Entry<T>>, usize);

/// The observations of one resource so far.
#[derive(Debug)]
pub(crate) struct History<T> {
    /// The latest observation worth comparing with, by rule and part.
    known: HashMap<(usize, String), Part<T>>,
    /// Those that had not ended when the last one began.
    waiting: Vec<Rc<Entry<T>>>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), waiting: Vec::new() }
    }
}

impl Rules {
    /// Compares an observation with the earlier ones and adds it to them. They come in the order of their requests.
    pub(crate) fn compare<T>(&self, contract: &Contract, history: &mut History<T>, entry: Entry<T>) -> Compared<T> {
        self.settle(contract, history, &entry.observation);
        let mut compared = Compared { outcomes: Vec::new(), findings: Vec::new() };
        for instance in &entry.observation.instances {
            for &rule in &instance.rules {
                let earlier = history.known.get(&(rule, instance.identity.clone())).cloned();
                let old = earlier.as_ref().map(|(entry, index)| &entry.observation.instances[*index].value);
                if old.is_none() && self.rules[rule].old == Some(Old::Required) {
                    compared.outcomes.push(Outcome { rule, verdict: Verdict::NotApplicable("no-earlier-observation") });
                    continue;
                }
                let invariant = &contract.invariants().invariants[rule];
                let scope = self.scope_over_time(contract, rule, &entry.observation, instance, old.unwrap_or(&Value::Null));
                let verdict = self.evaluate(rule, &scope);
                if verdict == Verdict::Failed {
                    let finding = self.finding(rule, invariant, &scope, &instance.pointer, &instance.value);
                    let earlier = earlier.clone().map(|(entry, index)| {
                        let instance = &entry.observation.instances[index];
                        let pointer = format!("{}{}", instance.pointer, invariant.path);
                        let value = instance.value.pointer(&invariant.path).cloned();
                        Earlier { pointer, value, entry: entry.clone() }
                    });
                    compared.findings.push(Found { rule, finding, earlier });
                }
                compared.outcomes.push(Outcome { rule, verdict });
            }
        }
        history.waiting.push(Rc::new(entry));
        compared
    }

    /// Takes in what had ended when an observation began.
    fn settle<T>(&self, contract: &Contract, history: &mut History<T>, next: &Observation) {
        let waiting = std::mem::take(&mut history.waiting);
        let spare = waiting.len().saturating_sub(OVERLAPPING);
        for (index, entry) in waiting.into_iter().enumerate() {
            let ended = entry.observation.ended <= next.started && entry.observation.started < next.started;
            if !ended && index >= spare {
                history.waiting.push(entry);
                continue;
            }
            for (index, instance) in entry.observation.instances.iter().enumerate() {
                for &rule in &instance.earlier {
                    if self.is_worth(contract, rule, &entry.observation, instance) {
                        history.known.insert((rule, instance.identity.clone()), (entry.clone(), index));
                    }
                }
            }
        }
    }

    fn is_worth(&self, contract: &Contract, rule: usize, observation: &Observation, instance: &ObservedInstance) -> bool {
        let Some(worth) = &self.rules[rule].worth else { return true };
        let scope = self.scope_over_time(contract, rule, observation, instance, &instance.value);
        boolean(&scope, worth) == Ok(true)
    }

    pub(super) fn scope_over_time<'v>(
        &'v self,
        contract: &Contract,
        rule: usize,
        observation: &'v Observation,
        instance: &'v ObservedInstance,
        old: &'v Value,
    ) -> Scope<'v> {
        let invariant = &contract.invariants().invariants[rule];
        let node = match invariant.on {
            Site::Schema(schema) => self.binder.root(schema),
            Site::Response { .. } => OPEN,
        };
        let old_node = invariant.earlier.map_or(node, |earlier| self.binder.root(earlier));
        let mut scope = self.engine.scope();
        scope.set("self", &instance.value, &self.binder, node);
        scope.set("oldSelf", old, &self.binder, old_node);
        if let Some(request) = &observation.request {
            scope.set("request", request, &self.binder, self.binder.request(&observation.operation));
        }
        if let Some(response) = &observation.response {
            scope.set("response", response, &self.binder, OPEN);
        }
        scope
    }
}
