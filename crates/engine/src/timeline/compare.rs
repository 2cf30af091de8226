//! Observations of all exchanges, brought into order by resource and time, and compared by the rules over time.
//!
//! What it holds does not grow with the archive: observations are reduced to what is read of them and sorted outside memory,
//! and the findings that are shown are the first of each rule in input order.

use std::collections::{BTreeMap, BTreeSet};
use std::io;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::origin::Origin;
use super::sort::{KEY, Sorter};
use super::summary::TimelineSummaries;
use crate::artifact::DeferredFinding;
use crate::judge::{Earlier, Entry, Found, History, Judge, Observation, Outcome};
use charter_report::Finding;
use charter_report::{Context, ExchangeInfo, ResourceTimeline, SHOWN};

/// Bytes of observations that are kept in memory.
const MEMORY: usize = 8 << 20;

/// Collects observations.
#[derive(Debug)]
pub(crate) struct Timeline {
    sorter: Sorter,
    samples: Option<u64>,
}

#[derive(Serialize, Deserialize)]
struct Stored {
    observation: Observation,
    origin: Origin,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    deferred: Vec<DeferredFinding>,
}

/// What findings have in common that are counted together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Group {
    /// A rule, in answers of an operation.
    Rule(usize, String),
    /// What waited for a rule that turned out not to say it, by its fingerprint.
    Deferred(String),
}

/// A finding of a rule over time.
#[derive(Debug)]
pub(crate) struct Transition {
    pub(crate) finding: Finding,
    pub(crate) info: ExchangeInfo,
    /// The earlier observation, where there is one.
    pub(crate) previous: Option<Value>,
    /// The answer with the place, where its source could be read again.
    pub(crate) context: Option<Context>,
    /// Which entry of all inputs it is of, and which finding of that.
    pub(crate) place: (u64, usize),
}

impl Transition {
    /// The later exchange's index, where it came from a source.
    pub(crate) fn index_in(&self, source: &str) -> Option<usize> {
        (self.info.source == source).then_some(self.info.index)
    }

    /// The earlier exchange's index, where it came from a source.
    pub(crate) fn earlier_index_in(&self, source: &str) -> Option<usize> {
        let previous = self.previous.as_ref().filter(|previous| previous["source"].as_str() == Some(source))?;
        usize::try_from(previous["index"].as_u64()?).ok()
    }
}

/// The findings of a rule that are shown, in input order.
type Shown = BTreeMap<(u64, usize), Transition>;

/// What all comparisons came to.
#[derive(Debug, Default)]
pub(crate) struct Comparisons {
    pub(crate) outcomes: Vec<(Outcome, u64)>,
    /// How many findings of a group there are, and the first of them in input order.
    pub(crate) findings: BTreeMap<Group, (u64, Vec<Transition>)>,
    /// Exchanges that keep the contract but for a rule over time.
    pub(crate) newly_broken: u64,
    /// Resources as they are timelines, each behind what sorts it, and how many there are.
    pub(crate) timelines: (Vec<(String, ResourceTimeline)>, u64),
}

impl Timeline {
    /// A timeline that shows so many findings of each rule.
    pub(crate) fn new(samples: Option<u64>) -> Self {
        Self::within(samples, MEMORY)
    }

    fn within(samples: Option<u64>, memory: usize) -> Self {
        Self { sorter: Sorter::new(memory), samples }
    }

    /// Adds an observation, by which entry of all inputs it is, with findings that give way to rules.
    pub(crate) fn add(
        &mut self,
        sequence: u64,
        observation: Observation,
        info: ExchangeInfo,
        operation: String,
        kept: bool,
        deferred: Vec<DeferredFinding>,
    ) -> io::Result<()> {
        let started = jiff::Timestamp::from_nanosecond(observation.started.into()).map_or_else(|_| String::new(), |at| at.to_string());
        let mut key = [0; KEY];
        key[..16].copy_from_slice(&Sha256::digest(observation.resource.as_bytes())[..16]);
        // Signed times in the order of unsigned bytes.
        key[16..24].copy_from_slice(&(observation.started.cast_unsigned() ^ (1 << 63)).to_be_bytes());
        key[24..].copy_from_slice(&sequence.to_be_bytes());
        let origin = Origin { sequence, info, operation, started, kept };
        let payload = serde_json::to_vec(&Stored { observation, origin, deferred })?;
        self.sorter.add(key, payload)
    }

    /// Compares them all.
    pub(crate) fn finish(self, judge: &Judge) -> io::Result<Comparisons> {
        let mut comparisons = Comparisons::default();
        let mut counts: BTreeMap<String, (Outcome, u64)> = BTreeMap::new();
        let mut first: BTreeMap<Group, (u64, Shown)> = BTreeMap::new();
        let mut timelines = TimelineSummaries::default();
        let mut resource: Option<[u8; 16]> = None;
        let mut history = History::default();
        for record in self.sorter.finish()? {
            let (key, payload) = record?;
            let mut own = [0; 16];
            own.copy_from_slice(&key[..16]);
            let is_first = resource.replace(own) != Some(own);
            if is_first {
                history = History::default();
            }
            let Stored { observation, origin, deferred } = serde_json::from_slice(&payload)?;
            let observed = observation.clone();
            let compared = judge.compare(&mut history, Entry { observation, origin: origin.clone() });
            for outcome in compared.outcomes {
                let name = format!("{} {:?}", outcome.rule, outcome.verdict);
                counts.entry(name).or_insert_with(|| (outcome, 0)).1 += 1;
            }
            let ids = compared.findings.iter().filter_map(|found| found.finding.rule.clone()).collect();
            let key = own.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
            timelines.add(is_first.then_some(key), &observed, &origin, ids);
            let mut broken = BTreeSet::new();
            let is_not_covered = |deferred: &DeferredFinding| compared.findings.iter().all(|found| found.rule != deferred.rule);
            let deferred: Vec<_> = deferred.into_iter().filter(is_not_covered).map(|deferred| deferred.finding).collect();
            let deferred = deferred.into_iter().map(|finding| (Group::Deferred(finding.fingerprint()), finding, None));
            let found = compared.findings.into_iter().map(|Found { rule, mut finding, earlier }| {
                finding.operation = Some(origin.operation.clone());
                (Group::Rule(rule, origin.operation.clone()), finding, earlier.as_ref().map(previous))
            });
            for (index, (group, finding, previous)) in found.chain(deferred).enumerate() {
                broken.insert(finding.severity);
                let (count, shown) = first.entry(group).or_default();
                *count += 1;
                shown.insert(
                    (origin.sequence, index),
                    Transition { finding, info: origin.info.clone(), previous, context: None, place: (origin.sequence, index) },
                );
                if shown.len() as u64 > self.samples.unwrap_or(u64::MAX).min(SHOWN) {
                    shown.pop_last();
                }
            }
            if origin.kept && broken.contains(&charter_contract::invariant::Severity::Error) {
                comparisons.newly_broken += 1;
            }
        }
        comparisons.timelines = timelines.finish();
        comparisons.outcomes = counts.into_values().collect();
        comparisons.findings = first.into_iter().map(|(group, (count, shown))| (group, (count, shown.into_values().collect()))).collect();
        Ok(comparisons)
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
        "startedDateTime": origin.started,
        "found": earlier.value,
    })
}
