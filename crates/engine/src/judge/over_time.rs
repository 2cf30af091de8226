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

use super::bind::{NodeId, OPEN};
use super::evaluate::{Json, Scope, Variable};
use super::observation::{Observation, ObservedInstance};
use super::outcome::{Outcome, Verdict};
use super::rule::{Rules, boolean, tables};
use charter_report::Finding;
use charter_rules::slots::SlotTable;

/// Maximum number of observations that have not ended; beyond it, the oldest is treated as ended.
const OVERLAPPING: usize = 1_000;

/// Why a rule is not evaluated at the first observation of a resource.
pub(crate) const NO_EARLIER_OBSERVATION: &str = "no-earlier-observation";

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
    /// Whether a rule is evaluated only if there is an earlier observation.
    pub(super) fn needs_earlier_observation(&self, rule: usize) -> bool {
        self.rules[rule].old == Some(Old::Required)
    }

    /// Compares an observation with the earlier ones and adds it. Observations must be in the order of their requests.
    pub(crate) fn compare<T>(&self, contract: &Contract, history: &mut History<T>, entry: Rc<Entry<T>>) -> Compared<T> {
        self.settle(contract, history, &entry.observation);
        let mut compared = Compared { outcomes: Vec::new(), findings: Vec::new() };
        for instance in &entry.observation.instances {
            // The rules of an instance share the values that they read.
            let known = |rule: &usize| match history.known.is_empty() {
                true => None,
                false => history.known.get(&(*rule, instance.identity.clone())).cloned(),
            };
            let earlier: Vec<Option<Part<T>>> = instance.rules.iter().map(known).collect();
            let mut variables = Variables::new(self, contract, &entry.observation, instance);
            for (&rule, earlier) in instance.rules.iter().zip(&earlier) {
                let old = earlier.as_ref().map(|(entry, index)| entry.observation.instances[*index].json());
                if old.is_none() && self.rules[rule].old == Some(Old::Required) {
                    compared.outcomes.push(Outcome { rule, verdict: Verdict::NotApplicable(NO_EARLIER_OBSERVATION) });
                    continue;
                }
                let invariant = &contract.invariants().invariants[rule];
                let scope = variables.scope(rule, old.unwrap_or(Json::Raw("null")));
                let verdict = self.evaluate(rule, &scope);
                if verdict == Verdict::Failed {
                    let finding = self.finding(rule, invariant, &scope, &instance.pointer, instance.json());
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
                let mut variables = Variables::new(self, contract, &entry.observation, instance);
                for &rule in &instance.earlier {
                    let is_worth = match &self.rules[rule].worth {
                        None => true,
                        Some(worth) => boolean(&variables.scope(rule, instance.json()), worth) == Ok(true),
                    };
                    if is_worth {
                        history.known.insert((rule, instance.identity.clone()), (entry.clone(), index));
                    }
                }
            }
        }
    }
}

/// The variables of the rules over time at one instance. Rules share a variable, and the values that were read of it, if it has the same value and the
/// same slots.
struct Variables<'v> {
    rules: &'v Rules,
    contract: &'v Contract,
    observation: &'v Observation,
    instance: &'v ObservedInstance,
    /// `self` and `oldSelf`: the beginning of the text, the slots, and the variable.
    known: Vec<(*const u8, *const SlotTable, Rc<Variable<'v>>)>,
    /// `request` and `response`, made for the first rule.
    heads: Option<[Option<Rc<Variable<'v>>>; 2]>,
}

impl<'v> Variables<'v> {
    fn new(rules: &'v Rules, contract: &'v Contract, observation: &'v Observation, instance: &'v ObservedInstance) -> Self {
        Self { rules, contract, observation, instance, known: Vec::new(), heads: None }
    }

    /// The scope of a rule. `old` is the value of the earlier observation.
    fn scope(&mut self, rule: usize, old: Json<'v>) -> Scope<'v> {
        let (rules, observation) = (self.rules, self.observation);
        let invariant = &self.contract.invariants().invariants[rule];
        let node = match invariant.on {
            Site::Schema(schema) => rules.binder.root(schema),
            Site::Response { .. } => OPEN,
        };
        let old_node = invariant.earlier.map_or(node, |earlier| rules.binder.root(earlier));
        let tables = tables(&rules.slots, invariant);
        let mut scope = Scope::new(&rules.binder);
        scope.set("self", self.variable(self.instance.json(), node, tables.self_));
        scope.set("oldSelf", self.variable(old, old_node, tables.old_self));
        let [request, response] = self.heads.get_or_insert_with(|| {
            let head = |text: &'v Option<String>, node, table| {
                text.as_ref().map(|text| Variable::new(Json::Raw(text), &rules.binder, node, Some(table)))
            };
            let request = head(&observation.request, rules.binder.request(&observation.operation), &rules.slots.request);
            [request, head(&observation.response, OPEN, &rules.slots.response)]
        });
        for (name, head) in [("request", request), ("response", response)] {
            if let Some(head) = head {
                scope.set(name, head.clone());
            }
        }
        scope
    }

    fn variable(&mut self, json: Json<'v>, node: NodeId, table: Option<&'v SlotTable>) -> Rc<Variable<'v>> {
        // Each text begins at its own address, and each schema with rules has its own slots.
        let (Json::Raw(text), Some(slots)) = (json, table) else { return Variable::new(json, &self.rules.binder, node, table) };
        let key = (text.as_ptr(), std::ptr::from_ref(slots));
        if let Some((.., known)) = self.known.iter().find(|(text, slots, _)| (*text, *slots) == key) {
            return known.clone();
        }
        let variable = Variable::new(json, &self.rules.binder, node, table);
        self.known.push((key.0, key.1, variable.clone()));
        variable
    }
}
