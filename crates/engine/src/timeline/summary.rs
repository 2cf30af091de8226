//! The timelines that a report shows: a bounded number, those with findings first.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::origin::Origin;
use crate::judge::Entry;
use charter_report::{Change, RESOURCES, ResourceTimeline, TimelineChange, TimelineEntry};

/// Maximum number of observations of a timeline.
const OBSERVATIONS: usize = 60;
/// Maximum number of changes of an observation.
const CHANGES: usize = 12;
/// Maximum bytes of JSON of a shown value.
const SHORT: usize = 120;

/// Collects timelines.
#[derive(Debug, Default)]
pub(super) struct TimelineSummaries {
    broken: Vec<(String, ResourceTimeline)>,
    kept: Vec<(String, ResourceTimeline)>,
    total: u64,
    current: Option<Current>,
}

#[derive(Debug)]
struct Current {
    key: String,
    timeline: ResourceTimeline,
    /// The last values by operation: operations return different parts of a resource.
    values: BTreeMap<String, BTreeMap<String, Value>>,
    broken: bool,
    /// Observations without violations that are shown only if a later one has a violation.
    waiting: Vec<Rc<Entry<Origin>>>,
}

impl TimelineSummaries {
    /// Adds an observation. The observations of a resource are consecutive; `first` is the resource's sort key, at its first observation.
    pub(super) fn add(&mut self, first: Option<String>, entry: &Rc<Entry<Origin>>, broken: Vec<String>) {
        let observation = &entry.observation;
        if first.is_some() {
            self.close();
        }
        let current = self.current.get_or_insert_with(|| {
            let (operation, resource) = observation.resource.split_once('\0').unwrap_or(("", &observation.resource));
            let resource = serde_json::from_str::<String>(resource).unwrap_or_else(|_| resource.to_owned());
            let timeline = ResourceTimeline { operation: operation.to_owned(), resource, count: 0, observations: Vec::new() };
            Current { key: first.unwrap_or_default(), timeline, values: BTreeMap::new(), broken: false, waiting: Vec::new() }
        });
        current.timeline.count += 1;
        current.broken |= !broken.is_empty();
        let list = if current.broken { &self.broken } else { &self.kept };
        if has_room(list, &current.key) {
            for entry in std::mem::take(&mut current.waiting) {
                current.record(&entry, Vec::new());
            }
            current.record(entry, broken);
        } else if !current.broken && current.waiting.len() < OBSERVATIONS {
            current.waiting.push(entry.clone());
        }
    }

    /// The timelines with their sort keys, and the number of all timelines.
    pub(super) fn finish(mut self) -> (Vec<(String, ResourceTimeline)>, u64) {
        self.close();
        let mut all = self.broken;
        all.extend(self.kept);
        all.truncate(RESOURCES);
        (all, self.total)
    }

    fn close(&mut self) {
        let Some(current) = self.current.take().filter(|current| current.timeline.count > 1 || current.broken) else { return };
        self.total += 1;
        let list = if current.broken { &mut self.broken } else { &mut self.kept };
        if has_room(list, &current.key) {
            let at = list.partition_point(|(key, _)| *key < current.key);
            list.insert(at, (current.key, current.timeline));
            list.truncate(RESOURCES);
        }
    }
}

/// Whether a list has room for the timeline of a resource. Those with the first sort keys are shown, in any order of the resources.
fn has_room(list: &[(String, ResourceTimeline)], key: &str) -> bool {
    list.len() < RESOURCES || list.last().is_some_and(|(last, _)| key < last.as_str())
}

impl Current {
    /// Adds an observation to the list.
    fn record(&mut self, entry: &Entry<Origin>, broken: Vec<String>) {
        let (observation, origin) = (&entry.observation, &entry.origin);
        let full = self.timeline.observations.len() >= OBSERVATIONS;
        // If the list is full, observations with violations replace the last one.
        if full && broken.is_empty() {
            return;
        }
        let mut values = BTreeMap::new();
        for instance in &observation.instances {
            short_scalars(&instance.pointer, &instance.tree(), &mut values);
        }
        // A response without a JSON body has no values.
        values.retain(|at, value| !(at.is_empty() && value.is_null()));
        let before = self.values.entry(observation.operation.clone()).or_default();
        let places: BTreeSet<&String> = values.keys().chain(before.keys()).collect();
        let changes = places.into_iter().filter_map(|at| change(at, before.get(at), values.get(at))).take(CHANGES).collect();
        *before = values;
        let entry = TimelineEntry {
            started_date_time: observation.started_text(),
            exchange: origin.info.clone(),
            changes,
            broken,
            kept: origin.kept,
        };
        if full {
            self.timeline.observations.pop();
        }
        self.timeline.observations.push(entry);
    }
}

/// The change of one value; `None` if it is equal.
fn change(at: &str, from: Option<&Value>, to: Option<&Value>) -> Option<TimelineChange> {
    let change = match (from, to) {
        (None, Some(_)) => Change::Set,
        (Some(_), None) => Change::Removed,
        (from, to) if from != to => Change::Changed,
        _ => return None,
    };
    Some(TimelineChange { at: at.to_owned(), change, from: from.cloned(), to: to.cloned() })
}

/// The short scalars of a value, by JSON Pointer.
fn short_scalars(at: &str, value: &Value, found: &mut BTreeMap<String, Value>) {
    match value {
        Value::Object(entries) => {
            for (key, child) in entries {
                let mut pointer = at.to_owned();
                charter_contract::push_token(&mut pointer, key);
                short_scalars(&pointer, child, found);
            }
        }
        Value::Array(items) => {
            found.insert(format!("{at} (items)"), Value::from(items.len()));
        }
        scalar if scalar.to_string().len() <= SHORT => {
            found.insert(at.to_owned(), scalar.clone());
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn null_differs_from_absence() {
        let of = |from: Option<Value>, to: Option<Value>| change("/a", from.as_ref(), to.as_ref()).map(|change| change.change);
        assert_eq!(of(None, Some(Value::Null)), Some(Change::Set));
        assert_eq!(of(Some(Value::Null), None), Some(Change::Removed));
        assert_eq!(of(Some(Value::Null), Some(json!(1))), Some(Change::Changed));
        assert_eq!(of(Some(Value::Null), Some(Value::Null)), None);
    }
}
