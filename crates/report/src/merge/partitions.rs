//! The reports of the partitions of one run, sorted and complete.

use super::error::MergeError;
use crate::model::Report;
use crate::part::Part;
use crate::partition::Partition;
use crate::split::SplitPart;

/// A report of a partition, with the name of its file.
pub(super) struct Read {
    pub(super) name: String,
    pub(super) partition: Partition,
    pub(super) own: Part,
    pub(super) report: Report,
}

pub(super) enum Sorted {
    Whole(Box<Report>),
    Parts(Vec<Read>),
    /// Splits, and shares of their rules over time, in any order.
    Splits(Vec<Read>),
}

/// The partitions sorted by number, each exactly once.
pub(super) fn sorted(reports: Vec<(String, Report)>) -> Result<Sorted, MergeError> {
    let is_single = reports.len() == 1;
    let mut parts: Vec<Read> = Vec::new();
    for (name, mut report) in reports {
        let (partition, own) = match (report.partition.take(), report.part.take()) {
            (None, _) if is_single => return Ok(Sorted::Whole(Box::new(report))),
            (None, _) => return Err(MergeError::Whole { name }),
            (Some(text), Some(own)) => match text.parse::<Partition>() {
                Ok(partition) if own.fits(&report) => (partition, own),
                _ => return Err(MergeError::Unfit { name }),
            },
            (Some(_), None) => return Err(MergeError::Unfit { name }),
        };
        let is_repeated = |part: &&Read| part.partition == partition && part.own.split.is_none() && own.split.is_none();
        if let Some(same) = parts.iter().find(is_repeated) {
            return Err(MergeError::Repeated { partition, one: same.name.clone(), other: name });
        }
        parts.push(Read { name, partition, own, report });
    }
    let Some(first) = parts.first() else { return Err(MergeError::Nothing) };
    if parts.iter().any(|part| part.own.split.is_some()) {
        return Ok(Sorted::Splits(parts));
    }
    let of = first.partition.of();
    if let Some(other) = parts.iter().find(|part| part.partition.of() != of) {
        let named = |part: &Read| format!("{} ({})", part.name, part.partition);
        return Err(MergeError::Divided { one: named(first), other: named(other) });
    }
    parts.sort_by_key(|part| part.partition.number());
    let missing: Vec<u32> = (1..=of).filter(|number| parts.iter().all(|part| part.partition.number() != *number)).collect();
    if missing.is_empty() { Ok(Sorted::Parts(parts)) } else { Err(MergeError::Missing { missing, of }) }
}

impl Part {
    /// Whether it has an entry for each group, sample, input and timeline of the report.
    fn fits(&self, report: &Report) -> bool {
        let samples = self.groups.iter().zip(&report.groups).all(|(own, group)| own.samples.len() == group.samples.len());
        samples
            && self.groups.len() == report.groups.len()
            && self.unjudged.len() == report.inputs.len()
            && self.timelines.len() == report.timelines.len()
            && match &self.split {
                Some(SplitPart::Split(own)) => own.inputs.len() == report.inputs.len() && own.skipped.len() == report.skipped_files.len(),
                Some(SplitPart::OverTime(_)) => report.inputs.is_empty(),
                None => true,
            }
    }
}
