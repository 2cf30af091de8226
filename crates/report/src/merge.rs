//! Merges the reports of partitions or of splits into the report that a single run would have written, byte for byte.
//!
//! Counts are added. Samples are chosen again: each partition shows at least the samples that the single run would show of it, and its
//! report has the positions of its findings among all inputs.

mod error;
mod findings;
mod partitions;
mod splits;

use indexmap::IndexMap;

pub use error::MergeError;

use crate::coverage::{CoverageReport, OperationCoverage, SchemaCoverage, sections_parameter};
use crate::limits::{RESOURCES, fold_reasons};
use crate::model::{BaselineReport, InputInfo, Report, ResourceTimeline};
use crate::part::Part;
use crate::rule::RuleCounts;
use partitions::{Read, Sorted, sorted};
use splits::Joined;

/// The result of a merge.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct Merged {
    /// The merged report.
    pub report: Report,
    /// Whether samples are missing because a partition had no room for them. Counts are exact.
    pub cut: bool,
}

/// Merges the reports of all partitions of one run, or of all its splits and their rules over time, in any order. A single report of a whole run is returned unchanged.
///
/// # Errors
/// The reports belong to different runs, one is missing, or one is repeated.
pub fn merge(reports: Vec<(String, Report)>) -> Result<Merged, MergeError> {
    let (mut parts, joined) = match sorted(reports)? {
        Sorted::Whole(report) => return Ok(Merged { report: *report, cut: false }),
        Sorted::Parts(parts) => {
            alike(&parts)?;
            (parts, None)
        }
        Sorted::Splits(mut parts) => {
            alike(&parts)?;
            let joined = splits::join(&mut parts)?;
            (parts, Some(joined))
        }
    };
    let inputs = if joined.is_some() { Vec::new() } else { inputs(&parts)? };
    let cut = parts.iter().any(|part| part.own.cut && part.own.settings.samples.is_some());
    let groups = findings::merge(&mut parts);
    let parameter = sections_parameter(parts.iter().map(|part| &part.report.coverage)).unwrap_or_default();
    let mut reports = parts.into_iter().map(|part| (part.report, part.own));
    let Some((mut whole, own)) = reports.next() else { return Err(MergeError::Nothing) };
    let mut timelines = take_timelines(&mut whole, &own);
    for (mut report, own) in reports {
        whole.complete &= report.complete;
        whole.reader.compiled &= report.reader.compiled;
        whole.reader.reason = whole.reader.reason.or_else(|| report.reader.reason.take());
        whole.reader.decided += report.reader.decided;
        whole.assumed_operation = whole.assumed_operation.or_else(|| report.assumed_operation.take());
        // A partition that was interrupted has fewer files.
        if report.skipped_files.len() > whole.skipped_files.len() {
            whole.skipped_files = std::mem::take(&mut report.skipped_files);
        }
        let (sum, more) = (&mut whole.summary, &report.summary);
        sum.exchanges += more.exchanges;
        sum.kept += more.kept;
        sum.broken += more.broken;
        sum.unreadable += more.unreadable;
        sum.out_of_scope += more.out_of_scope;
        sum.refused_requests += more.refused_requests;
        sum.errors += more.errors;
        sum.warnings += more.warnings;
        for part in &report.not_judged {
            whole.count_not_judged(&part.part, &part.reason, part.count);
        }
        whole.rules.iter_mut().zip(&report.rules).for_each(|(sum, more)| add_rule(sum, more));
        whole.schema.iter_mut().zip(&report.schema).for_each(|(sum, more)| add_schema(sum, more));
        whole.coverage.operations.iter_mut().zip(&report.coverage.operations).for_each(|(sum, more)| add_operation(sum, more));
        timelines.extend(take_timelines(&mut report, &own));
        whole.timeline_count += report.timeline_count;
        whole.baseline = add_baseline(whole.baseline.take(), report.baseline);
    }
    whole.rules.iter_mut().for_each(fold_reasons);
    let unreachable: Vec<_> = whole.coverage.unreachable.iter().map(|entry| (entry.case.clone(), entry.reason.clone())).collect();
    let operations = std::mem::take(&mut whole.coverage.operations);
    whole.coverage = CoverageReport::new(&whole.schema, operations, &parameter, &whole.rules, &unreachable);
    timelines.sort_by(|(one, _), (other, _)| one.cmp(other));
    whole.timelines = timelines.into_iter().take(RESOURCES).map(|(_, timeline)| timeline).collect();
    (whole.inputs, whole.groups, whole.partition, whole.part) = (inputs, groups, None, None);
    if let Some(Joined { inputs, skipped_files, newly_broken: (broken, undecided) }) = joined {
        (whole.inputs, whole.skipped_files) = (inputs, skipped_files);
        whole.summary.kept = whole.summary.kept.saturating_sub(broken);
        whole.summary.broken += broken;
        whole.reader.decided = whole.reader.decided.saturating_sub(undecided);
    }
    Ok(Merged { report: whole, cut })
}

/// Checks that all partitions were judged with the same version, contract and flags.
fn alike(parts: &[Read]) -> Result<(), MergeError> {
    let Some((first, others)) = parts.split_first() else { return Ok(()) };
    let own = env!("CARGO_PKG_VERSION");
    if let Some(part) = parts.iter().find(|part| part.report.tool.version != own) {
        return Err(MergeError::Version { name: part.name.clone(), version: part.report.tool.version.clone(), own });
    }
    for part in others {
        let names = || (first.name.clone(), part.name.clone());
        if part.report.contract != first.report.contract {
            let digests = (first.report.contract.digest.clone(), part.report.contract.digest.clone());
            return Err(MergeError::Contract { names: names(), digests });
        }
        let ids = |part: &Read| part.report.rules.iter().map(|rule| rule.id.clone()).collect::<Vec<_>>();
        let places = |part: &Read| part.report.schema.iter().map(|place| place.location.clone()).collect::<Vec<_>>();
        if part.own.settings != first.own.settings || ids(part) != ids(first) || places(part) != places(first) {
            return Err(MergeError::Settings { names: names() });
        }
    }
    Ok(())
}

/// Merges the inputs, which every partition has read. The error of an input is the most severe one.
fn inputs(parts: &[Read]) -> Result<Vec<InputInfo>, MergeError> {
    // A partition that was interrupted has fewer inputs.
    let Some(longest) = parts.iter().max_by_key(|part| part.report.inputs.len()) else { return Ok(Vec::new()) };
    let mut inputs = Vec::new();
    for (index, input) in longest.report.inputs.iter().enumerate() {
        let mut whole = InputInfo { exchanges: 0, error: None, ..input.clone() };
        // An unreadable input is more severe than an exchange that could not be judged.
        let mut worst: Option<((u8, usize), String)> = None;
        for part in parts {
            let Some(own) = part.report.inputs.get(index) else {
                if part.report.complete {
                    return Err(MergeError::Inputs { names: (longest.name.clone(), part.name.clone()), source_name: input.source.clone() });
                }
                continue;
            };
            let same = own.digest.is_none() || whole.digest.is_none() || own.digest == whole.digest;
            if own.source != whole.source || !same {
                return Err(MergeError::Inputs { names: (longest.name.clone(), part.name.clone()), source_name: input.source.clone() });
            }
            whole.exchanges += own.exchanges;
            whole.digest = whole.digest.take().filter(|_| own.digest.is_some());
            let rank = match (&own.digest, part.own.unjudged[index]) {
                (None, None) => (0, 0),
                (_, None) => (1, 0),
                (_, Some(exchange)) => (2, exchange),
            };
            if let Some(error) = own.error.as_ref().filter(|_| worst.as_ref().is_none_or(|(known, _)| rank < *known)) {
                worst = Some((rank, error.clone()));
            }
        }
        whole.error = worst.map(|(_, error)| error);
        inputs.push(whole);
    }
    Ok(inputs)
}

/// Takes the timelines of a report with their sort keys: those with findings first.
fn take_timelines(report: &mut Report, own: &Part) -> Vec<((bool, String), ResourceTimeline)> {
    let timelines = std::mem::take(&mut report.timelines);
    let is_kept = |timeline: &ResourceTimeline| timeline.observations.iter().all(|entry| entry.broken.is_empty());
    timelines.into_iter().zip(&own.timelines).map(|(timeline, key)| ((is_kept(&timeline), key.clone()), timeline)).collect()
}

fn add_rule(sum: &mut RuleCounts, more: &RuleCounts) {
    sum.passed += more.passed;
    sum.failed += more.failed;
    sum.vacuous += more.vacuous;
    sum.not_applicable += more.not_applicable;
    sum.blocked += more.blocked;
    sum.errored += more.errored;
    add(&mut sum.reasons, &more.reasons);
}

fn add_schema(sum: &mut SchemaCoverage, more: &SchemaCoverage) {
    sum.seen += more.seen;
    let lists = [
        (&mut sum.kinds, &more.kinds),
        (&mut sum.values, &more.values),
        (&mut sum.branches, &more.branches),
        (&mut sum.bounds, &more.bounds),
    ];
    lists.into_iter().for_each(|(sum, more)| add(sum, more));
}

fn add_operation(sum: &mut OperationCoverage, more: &OperationCoverage) {
    sum.seen += more.seen;
    add(&mut sum.statuses, &more.statuses);
    add(&mut sum.sections, &more.sections);
    add(&mut sum.parameters, &more.parameters);
    add(&mut sum.request_bodies, &more.request_bodies);
    add(&mut sum.media_types, &more.media_types);
    add(&mut sum.security, &more.security);
}

fn add(sum: &mut IndexMap<String, u64>, more: &IndexMap<String, u64>) {
    for (key, count) in more {
        *sum.entry(key.clone()).or_default() += count;
    }
}

/// An entry of a baseline is stale if it is stale in every partition.
fn add_baseline(sum: Option<BaselineReport>, more: Option<BaselineReport>) -> Option<BaselineReport> {
    let (Some(mut sum), Some(more)) = (sum, more) else { return None };
    sum.accepted += more.accepted;
    sum.stale.retain(|entry| more.stale.contains(entry));
    Some(sum)
}
