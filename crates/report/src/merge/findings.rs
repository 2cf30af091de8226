//! Merges groups and samples into the order in which a single run would have collected them.

use std::collections::HashMap;

use indexmap::IndexMap;

use super::partitions::Read;
use crate::limits::{CONTEXTS, Room, SHOWN};
use crate::model::{Group, Sample};
use crate::part::ReportPosition;

/// The order of a single run: findings in input order, then findings over time, rule by rule.
type Order = (bool, OverTime, ReportPosition);

/// For findings over time: rules in the contract's order, then deferred findings.
type OverTime = Option<(usize, Option<String>, String)>;

/// A group and the samples of all partitions.
struct Gathered {
    group: Group,
    first: Order,
    samples: Vec<(Order, Sample)>,
}

/// Merges the groups of all partitions.
pub(super) fn merge(parts: &mut [Read]) -> Vec<Group> {
    let Some(cap) = parts.first().map(|part| part.own.settings.samples) else { return Vec::new() };
    let rules: HashMap<String, usize> = parts[0].report.rules.iter().enumerate().map(|(index, rule)| (rule.id.clone(), index)).collect();
    let mut gathered: IndexMap<String, Gathered> = IndexMap::new();
    for part in parts {
        let groups = std::mem::take(&mut part.report.groups).into_iter().zip(std::mem::take(&mut part.own.groups));
        for (mut group, own) in groups {
            let rule = group.rule.as_ref().and_then(|id| rules.get(id)).copied().unwrap_or(usize::MAX);
            let promise = (rule, group.operation.clone(), group.fingerprint.clone());
            let order = |place: ReportPosition| (place.over_time, place.over_time.then(|| promise.clone()), place);
            let samples = std::mem::take(&mut group.samples).into_iter().zip(own.samples).map(|(sample, place)| (order(place), sample));
            let (samples, first) = (samples.collect::<Vec<_>>(), order(own.first));
            match gathered.get_mut(&group.fingerprint) {
                Some(known) => {
                    known.group.count += group.count;
                    known.group.accepted = known.group.accepted.take().or(group.accepted);
                    // The members of a group come from its first finding.
                    if first < known.first {
                        known.first = first;
                        known.group = Group { count: known.group.count, accepted: known.group.accepted.take(), shown: 0, ..group };
                    }
                    known.samples.extend(samples);
                }
                None => {
                    group.shown = 0;
                    gathered.insert(group.fingerprint.clone(), Gathered { group, first, samples });
                }
            }
        }
    }
    gathered.sort_by(|_, one, _, other| one.first.cmp(&other.first));
    let mut all: Vec<(Order, usize, Sample)> = Vec::new();
    for (index, known) in gathered.values_mut().enumerate() {
        let mut samples = std::mem::take(&mut known.samples);
        samples.sort_by(|(one, _), (other, _)| one.cmp(other));
        let mut over_time = 0;
        samples.retain(|((is_over_time, ..), _)| {
            over_time += u64::from(*is_over_time);
            !is_over_time || over_time <= SHOWN
        });
        all.extend(samples.into_iter().map(|(order, sample)| (order, index, sample)));
    }
    all.sort_by(|(one, ..), (other, ..)| one.cmp(other));
    let mut room = Room::new();
    for (_, index, mut sample) in all {
        let group = &mut gathered[index].group;
        if cap.is_none_or(|cap| group.shown < cap) && room.takes(group.shown) {
            group.shown += 1;
            if group.shown > CONTEXTS {
                (sample.context, sample.request) = (None, None);
            }
            room.take(&sample);
            group.samples.push(sample);
        }
    }
    gathered.into_values().map(|known| known.group).collect()
}
