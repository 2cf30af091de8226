//! Collects observations, sorts them by resource and time, and compares them by the rules over time.

use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use indexmap::IndexSet;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::decided::DecidedRows;
use super::origin::{EntryPlace, Origin};
use super::sort::{KEY, Sorter};
use super::stored;
use super::summary::TimelineSummaries;
use crate::artifact::DeferredFinding;
use crate::judge::{
    Earlier, Entry, Found, History, Judge, NO_EARLIER_OBSERVATION, Observation, ObservedBatch, ObservedState, Outcome, Verdict,
};
use crate::surroundings::Surroundings;
use charter_report::Finding;
use charter_report::{ExchangeInfo, ResourceTimeline, SHOWN};

/// Collects observations.
#[derive(Debug)]
pub(crate) struct Timeline {
    sorter: Sorter,
    samples: Option<u64>,
    /// The rules to evaluate at an observation, by the number that its record begins with.
    rules: IndexSet<Vec<usize>, foldhash::fast::RandomState>,
    /// What the observations of exchanges that plans decided share.
    decided: DecidedRows,
}

/// Bytes of a record before its observation: the number of its rules, and its form.
const PREFIX: usize = 5;
/// The forms of a record: an exchange that a plan decided, an exchange that the reference path judged, and one with deferred findings.
const DECIDED: u8 = 0;
const JUDGED: u8 = 1;
const DEFERRED: u8 = 2;

/// Findings that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// A rule, and the operation of the response.
    Rule(usize, String),
    /// A deferred finding, by its fingerprint.
    Deferred(String),
}

/// A finding of a rule over time.
#[derive(Debug)]
pub(crate) struct Transition {
    pub(crate) finding: Finding,
    pub(crate) info: ExchangeInfo,
    /// The earlier observation, if there is one.
    pub(crate) previous: Option<Value>,
    /// What the report shows around the value, if its source could be read again.
    pub(crate) around: Surroundings,
    /// The index among the entries of all inputs, and the index of the finding in its exchange.
    pub(crate) place: (u64, usize),
    /// The first byte of the line of the exchange, and of the earlier one, if the sources can be read from there.
    pub(crate) bytes: (Option<u64>, Option<u64>),
}

impl Transition {
    /// The later exchange's index, if it belongs to the source.
    pub(crate) fn index_in(&self, source: &str) -> Option<usize> {
        (self.info.source == source).then_some(self.info.index)
    }

    /// The earlier exchange's index, if it belongs to the source.
    pub(crate) fn earlier_index_in(&self, source: &str) -> Option<usize> {
        let previous = self.previous.as_ref().filter(|previous| previous["source"].as_str() == Some(source))?;
        usize::try_from(previous["index"].as_u64()?).ok()
    }
}

/// The shown findings of a rule, in input order.
type Shown = BTreeMap<(u64, usize), Transition>;

/// The results of all comparisons.
#[derive(Debug, Default)]
pub(crate) struct Comparisons {
    pub(crate) outcomes: Vec<(Outcome, u64)>,
    /// Number of findings of a group, and the first ones in input order.
    pub(crate) findings: BTreeMap<Group, (u64, Vec<Transition>)>,
    /// Exchanges whose only violations are of rules over time.
    pub(crate) newly_broken: u64,
    /// The shown timelines with their sort keys, and the number of timelines.
    pub(crate) timelines: (Vec<(String, ResourceTimeline)>, u64),
}

impl Timeline {
    /// A timeline that shows `samples` findings of each rule, and uses about `memory` bytes for observations. Those beyond it are stored on disk.
    pub(crate) fn new(samples: Option<u64>, memory: usize) -> Self {
        Self { sorter: Sorter::new(memory), samples, rules: IndexSet::default(), decided: DecidedRows::default() }
    }

    /// Adds an observation with its deferred findings. `sequence` is the index of its exchange among all entries.
    pub(crate) fn add(
        &mut self,
        sequence: u64,
        observation: Observation,
        info: ExchangeInfo,
        operation: String,
        kept: bool,
        deferred: Vec<DeferredFinding>,
    ) -> io::Result<()> {
        let mut key = [0; KEY];
        key[..16].copy_from_slice(&resource_key(&observation));
        key[16..24].copy_from_slice(&time_key(observation.started));
        key[24..].copy_from_slice(&sequence.to_be_bytes());
        let origin = Origin { sequence, info, byte: None, operation, kept };
        let rules: Vec<usize> = observation.instances.iter().flat_map(|instance| &instance.rules).copied().collect();
        let rules = number_of(&mut self.rules, rules)?;
        self.sorter.add(key, |out| {
            out.extend_from_slice(&rules.to_le_bytes());
            out.push(if deferred.is_empty() { JUDGED } else { DEFERRED });
            stored::write(&observation, &origin, &deferred, out)
        })
    }

    /// Adds an observation of an exchange that a plan decided.
    pub(crate) fn add_decided(
        &mut self,
        sequence: u64,
        batch: &ObservedBatch,
        state: &ObservedState,
        source: &Arc<str>,
        place: EntryPlace,
    ) -> io::Result<()> {
        let template = batch.template(state).ok_or(io::ErrorKind::InvalidData)?;
        let mut key = [0; KEY];
        key[..16].copy_from_slice(&state.resource);
        key[16..24].copy_from_slice(&time_key(state.started));
        key[24..].copy_from_slice(&sequence.to_be_bytes());
        let (template, rules) = self.decided.template(template, |rules| number_of(&mut self.rules, rules))?;
        self.sorter.add(key, |out| {
            out.extend_from_slice(&rules.to_le_bytes());
            out.push(DECIDED);
            self.decided.write(template, source, place, batch.content(state), out)
        })
    }

    /// Compares all observations.
    pub(crate) fn finish(self, judge: &Judge) -> io::Result<Comparisons> {
        // By number of rules: whether each of them needs an earlier observation, and the number of observations that have none.
        let alone: Vec<(bool, Cell<u64>)> =
            self.rules.iter().map(|rules| (rules.iter().all(|rule| judge.needs_earlier_observation(*rule)), Cell::default())).collect();
        let mut records = self.sorter.finish()?;
        let mut before: Option<[u8; 16]> = None;
        // The current record, and the next one, whose key decides whether the current one is the last of its resource.
        let (mut value, mut next_value) = (Vec::new(), Vec::new());
        let mut next = records.next_into(&mut next_value)?;
        let rows = std::iter::from_fn(|| {
            loop {
                let key = next.take()?;
                std::mem::swap(&mut value, &mut next_value);
                next = match records.next_into(&mut next_value) {
                    Ok(next) => next,
                    Err(error) => return Some(Err(error)),
                };
                let mut resource = [0; 16];
                resource.copy_from_slice(&key[..16]);
                let is_first = before.replace(resource) != Some(resource);
                let is_last = next.is_none_or(|next| next[..16] != resource);
                let Some((prefix, value)) = value.split_first_chunk::<PREFIX>() else {
                    return Some(Err(io::ErrorKind::InvalidData.into()));
                };
                let [number @ .., form] = prefix;
                // The only observation of a resource is compared with none.
                if let Some((true, times)) =
                    alone.get(u32::from_le_bytes(*number) as usize).filter(|_| is_first && is_last && *form != DEFERRED)
                {
                    times.update(|times| times + 1);
                    continue;
                }
                if *form == DECIDED {
                    let sequence = key.last_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes));
                    let row = self.decided.read(sequence, value);
                    return Some(row.map(|(observation, origin)| Row { resource, observation, origin, deferred: Vec::new() }));
                }
                return Some(stored::read(value).map(|(observation, origin, deferred)| Row { resource, observation, origin, deferred }));
            }
        });
        compare_rows(judge, self.samples, rows, || {
            let of_rules = self.rules.iter().zip(&alone).filter(|(_, (_, times))| times.get() > 0);
            let outcome = |rule: &usize| Outcome { rule: *rule, verdict: Verdict::NotApplicable(NO_EARLIER_OBSERVATION) };
            of_rules.flat_map(|(rules, (_, times))| rules.iter().map(move |rule| (outcome(rule), times.get()))).collect()
        })
    }
}

/// An observation with its deferred findings.
#[derive(Debug)]
pub(crate) struct Row {
    /// The key of its resource.
    pub(crate) resource: [u8; 16],
    pub(crate) observation: Observation,
    pub(crate) origin: Origin,
    pub(crate) deferred: Vec<DeferredFinding>,
}

/// The key of the resource of an observation.
pub(crate) fn resource_key(observation: &Observation) -> [u8; 16] {
    let mut key = [0; 16];
    key.copy_from_slice(&Sha256::digest(observation.resource.as_bytes())[..16]);
    key
}

/// The time of an observation; the order of the bytes is that of time.
pub(super) fn time_key(started: i64) -> [u8; 8] {
    // Flipping the sign bit makes the byte order equal the time order.
    (started.cast_unsigned() ^ (1 << 63)).to_be_bytes()
}

/// The number of a list of rules.
fn number_of(known: &mut IndexSet<Vec<usize>, foldhash::fast::RandomState>, rules: Vec<usize>) -> io::Result<u32> {
    let number = match known.get_index_of(&rules) {
        Some(number) => number,
        None => known.insert_full(rules).0,
    };
    u32::try_from(number).map_err(io::Error::other)
}

/// Compares the observations of each resource. Those of a resource follow each other, in the order of their time. `alone` has the outcomes
/// of the observations that `rows` leaves out because they are compared with none; it is called after the last row.
pub(crate) fn compare_rows(
    judge: &Judge,
    samples: Option<u64>,
    rows: impl Iterator<Item = io::Result<Row>>,
    alone: impl FnOnce() -> Vec<(Outcome, u64)>,
) -> io::Result<Comparisons> {
    let mut comparisons = Comparisons::default();
    let mut counts: BTreeMap<usize, Vec<(Outcome, u64)>> = BTreeMap::new();
    let mut first: BTreeMap<Group, (u64, Shown)> = BTreeMap::new();
    let mut timelines = TimelineSummaries::default();
    let mut resource: Option<[u8; 16]> = None;
    let mut history = History::default();
    let mut rows = rows.peekable();
    while let Some(row) = rows.next() {
        let Row { resource: own, observation, origin, deferred } = row?;
        let is_first = resource.replace(own) != Some(own);
        if is_first {
            history = History::default();
        }
        let is_last = rows.peek().is_none_or(|next| next.as_ref().is_ok_and(|next| next.resource != own));
        let entry = Rc::new(Entry { observation, origin: origin.clone() });
        let compared = judge.compare(&mut history, entry.clone());
        for outcome in compared.outcomes {
            add(&mut counts, outcome, 1);
        }
        let ids: Vec<String> = compared.findings.iter().filter_map(|found| found.finding.rule.clone()).collect();
        // A resource with one observation has a timeline only if the observation has a violation.
        if !(is_first && is_last && ids.is_empty()) {
            let key = is_first.then(|| own.iter().map(|byte| format!("{byte:02x}")).collect::<String>());
            timelines.add(key, &entry, ids);
        }
        let mut broken = BTreeSet::new();
        let is_not_covered = |deferred: &DeferredFinding| compared.findings.iter().all(|found| found.rule != deferred.rule);
        let deferred: Vec<_> = deferred.into_iter().filter(is_not_covered).map(|deferred| deferred.finding).collect();
        let deferred = deferred.into_iter().map(|finding| (Group::Deferred(finding.fingerprint()), finding, None, None));
        let found = compared.findings.into_iter().map(|Found { rule, mut finding, earlier }| {
            finding.operation = Some(origin.operation.clone());
            let byte = earlier.as_ref().and_then(|earlier| earlier.entry.origin.byte);
            (Group::Rule(rule, origin.operation.clone()), finding, earlier.as_ref().map(previous), byte)
        });
        for (index, (group, finding, previous, byte)) in found.chain(deferred).enumerate() {
            broken.insert(finding.severity);
            let (count, shown) = first.entry(group).or_default();
            *count += 1;
            shown.insert(
                (origin.sequence, index),
                Transition {
                    finding,
                    info: origin.info.clone(),
                    previous,
                    around: Surroundings::default(),
                    place: (origin.sequence, index),
                    bytes: (origin.byte, byte),
                },
            );
            if shown.len() as u64 > samples.unwrap_or(u64::MAX).min(SHOWN) {
                shown.pop_last();
            }
        }
        if origin.kept && broken.contains(&charter_contract::invariant::Severity::Error) {
            comparisons.newly_broken += 1;
        }
    }
    for (outcome, times) in alone() {
        add(&mut counts, outcome, times);
    }
    comparisons.timelines = timelines.finish();
    // The order of the reasons in a report does not depend on the order of the exchanges.
    counts.values_mut().for_each(|of_rule| of_rule.sort_by_cached_key(|(outcome, _)| format!("{:?}", outcome.verdict)));
    comparisons.outcomes = counts.into_values().flatten().collect();
    comparisons.findings = first.into_iter().map(|(group, (count, shown))| (group, (count, shown.into_values().collect()))).collect();
    Ok(comparisons)
}

/// Counts an outcome of a rule.
fn add(counts: &mut BTreeMap<usize, Vec<(Outcome, u64)>>, outcome: Outcome, times: u64) {
    let of_rule = counts.entry(outcome.rule).or_default();
    match of_rule.iter_mut().find(|(known, _)| *known == outcome) {
        Some((_, count)) => *count += times,
        None => of_rule.push((outcome, times)),
    }
}

/// The earlier observation as the report shows it.
fn previous(earlier: &Earlier<Origin>) -> Value {
    let origin = &earlier.entry.origin;
    json!({
        "instanceLocation": earlier.pointer,
        "source": origin.info.source,
        "index": origin.info.index,
        "line": origin.info.line,
        "startedDateTime": earlier.entry.observation.started_text(),
        "found": earlier.value,
    })
}
