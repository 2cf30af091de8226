//! Rules over time: each observation of a resource is compared with an earlier one, in the order of the requests.
//!
//! An observation is compared with the latest earlier one that satisfies the following: its response was complete before this request
//! began, its instance is valid, and the part of the guard that reads only `oldSelf` holds. Requests that overlap are not compared,
//! because their order is unknown.

use std::collections::HashMap;
use std::rc::Rc;

use charter_contract::Contract;
use charter_contract::invariant::{Old, Site};
use serde_json::Value;

use super::bind::OPEN;
use super::evaluate::{Json, Scope, Variable};
use super::observation::{Observation, ObservedInstance};
use super::outcome::{Outcome, Verdict};
use super::rule::{Rules, boolean, tables};
use charter_report::Finding;

/// Maximum number of observations that have not ended; beyond it, the oldest is treated as ended.
const OVERLAPPING: usize = 1_000;

/// The results of comparing one observation.
#[derive(Debug, Default)]
pub(crate) struct Compared<T> {
    pub(crate) outcomes: Vec<Outcome>,
    pub(crate) findings: Vec<Found<T>>,
}

/// A finding, and the observation that it was compared with.
#[derive(Debug)]
pub(crate) struct Found<T> {
    pub(crate) rule: usize,
    pub(crate) finding: Finding,
    pub(crate) earlier: Option<Earlier<T>>,
}

/// The earlier observation.
#[derive(Debug)]
pub(crate) struct Earlier<T> {
    pub(crate) entry: Rc<Entry<T>>,
    /// The location in its body.
    pub(crate) pointer: String,
    /// The value there, as far as it was stored.
    pub(crate) value: Option<Value>,
}

/// An observation with the caller's data.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    pub(crate) observation: Observation,
    pub(crate) origin: T,
}

/// An observation and the index of one of its instances.
type Part<T> = (Rc<Entry<T>>, usize);

/// The observations of one resource so far.
#[derive(Debug)]
pub(crate) struct History<T> {
    /// The latest observation to compare with, by rule and instance identity.
    known: HashMap<(usize, String), Part<T>>,
    /// Observations that had not ended when the last one began.
    waiting: Vec<Rc<Entry<T>>>,
}

impl<T> Default for History<T> {
    fn default() -> Self {
        Self { known: HashMap::new(), waiting: Vec::new() }
    }
}

impl Rules {
    /// Compares an observation with the earlier ones and adds it. Observations must be in the order of their requests.
    pub(crate) fn compare<T>(&self, contract: &Contract, history: &mut History<T>, entry: Rc<Entry<T>>) -> Compared<T> {
        self.settle(contract, history, &entry.observation);
        let mut compared = Compared { outcomes: Vec::new(), findings: Vec::new() };
        for instance in &entry.observation.instances {
            for &rule in &instance.rules {
                let earlier = history.known.get(&(rule, instance.identity.clone())).cloned();
                let old = earlier.as_ref().map(|(entry, index)| entry.observation.instances[*index].json());
                if old.is_none() && self.rules[rule].old == Some(Old::Required) {
                    compared.outcomes.push(Outcome { rule, verdict: Verdict::NotApplicable("no-earlier-observation") });
                    continue;
                }
                let invariant = &contract.invariants().invariants[rule];
                let scope = self.scope_over_time(contract, rule, &entry.observation, instance, old.unwrap_or(Json::Raw("null")));
                let verdict = self.evaluate(rule, &scope);
                if verdict == Verdict::Failed {
                    let finding = self.finding(rule, invariant, &scope, &instance.pointer, &instance.tree());
                    let earlier = earlier.clone().map(|(entry, index)| {
                        let instance = &entry.observation.instances[index];
                        let pointer = format!("{}{}", instance.pointer, invariant.path);
                        let value = instance.tree().pointer(&invariant.path).cloned();
                        Earlier { pointer, value, entry: entry.clone() }
                    });
                    compared.findings.push(Found { rule, finding, earlier });
                }
                compared.outcomes.push(Outcome { rule, verdict });
            }
        }
        history.waiting.push(entry);
        compared
    }

    /// Makes observations available that ended before the next one begins.
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
        let scope = self.scope_over_time(contract, rule, observation, instance, instance.json());
        boolean(&scope, worth) == Ok(true)
    }

    pub(super) fn scope_over_time<'v>(
        &'v self,
        contract: &Contract,
        rule: usize,
        observation: &'v Observation,
        instance: &'v ObservedInstance,
        old: Json<'v>,
    ) -> Scope<'v> {
        let invariant = &contract.invariants().invariants[rule];
        let node = match invariant.on {
            Site::Schema(schema) => self.binder.root(schema),
            Site::Response { .. } => OPEN,
        };
        let old_node = invariant.earlier.map_or(node, |earlier| self.binder.root(earlier));
        let tables = tables(&self.slots, invariant);
        let mut scope = Scope::new(&self.binder);
        scope.set("self", Variable::new(instance.json(), &self.binder, node, tables.self_));
        scope.set("oldSelf", Variable::new(old, &self.binder, old_node, tables.old_self));
        if let Some(request) = &observation.request {
            scope.set(
                "request",
                Variable::new(Json::Raw(request), &self.binder, self.binder.request(&observation.operation), tables.request),
            );
        }
        if let Some(response) = &observation.response {
            scope.set("response", Variable::new(Json::Raw(response), &self.binder, OPEN, tables.response));
        }
        scope
    }
}
