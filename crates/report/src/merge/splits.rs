//! The reports of the splits of one run, and of their rules over time.

use super::error::MergeError;
use super::partitions::Read;
use crate::digest;
use crate::model::{InputInfo, SkippedFile};
use crate::split::{CutInput, MapPart, OverTimePart, SplitArgument, SplitInput, SplitPart, shifts};

/// What the splits of a run are merged to, besides what all parts are merged to.
pub(super) struct Joined {
    pub(super) inputs: Vec<InputInfo>,
    pub(super) skipped_files: Vec<SkippedFile>,
    /// Exchanges that a split counted as kept, and that have a violation; those of them that it counted as decided.
    pub(super) newly_broken: (u64, u64),
}

/// Checks that each split and each share of the rules over time is there once, and corrects the positions of the splits.
pub(super) fn join(parts: &mut [Read]) -> Result<Joined, MergeError> {
    if let Some(other) = parts.iter().find(|part| part.own.split.is_none()) {
        return Err(MergeError::Mixed { name: other.name.clone() });
    }
    let is_map = |part: &Read| matches!(part.own.split, Some(SplitPart::Split(_)));
    parts.sort_by_key(|part| (!is_map(part), part.partition.of(), part.partition.number()));
    let maps = parts.iter().filter(|part| is_map(part)).count();
    let (splits, shares) = parts.split_at(maps);
    complete(splits, "splits", "--split", None)?;
    for (one, other) in splits.iter().chain(shares).zip(splits.iter().chain(shares).skip(1)) {
        if one.own.split.as_ref().map(SplitPart::run) != other.own.split.as_ref().map(SplitPart::run) {
            return Err(MergeError::Runs { names: (one.name.clone(), other.name.clone()) });
        }
    }
    let own: Vec<&MapPart> = splits.iter().filter_map(|part| part.own.split.as_ref()?.as_map()).collect();
    let shifts = shifts(own.iter().copied()).map_err(|split| {
        let Read { name, report, .. } = &splits[split];
        let source_name = report.inputs.first().map(|input| input.source.clone()).unwrap_or_default();
        MergeError::Ranges { name: name.clone(), source_name }
    })?;
    let over_time: Vec<&OverTimePart> = shares.iter().filter_map(|part| part.own.split.as_ref()?.as_over_time()).collect();
    let records: u64 = own.iter().map(|part| part.records).sum();
    if records > 0 || !shares.is_empty() {
        complete(shares, "shares of the rules over time", "--over-time", Some(records))?;
        let compared: u64 = over_time.iter().map(|part| part.records).sum();
        if let Some(part) = over_time.iter().zip(shares).find(|(part, _)| part.splits as usize != maps).map(|(_, part)| part) {
            return Err(MergeError::Observations { name: part.name.clone(), wanted: records, found: compared });
        }
        if compared != records {
            return Err(MergeError::Observations { name: shares[0].name.clone(), wanted: records, found: compared });
        }
    }
    let newly_broken = over_time.iter().fold((0, 0), |sum, part| (sum.0 + part.newly_broken, sum.1 + part.newly_undecided));
    let arguments = own.first().map(|part| part.arguments.clone()).unwrap_or_default();
    for (part, shift) in parts.iter_mut().zip(shifts) {
        shift.report(&mut part.report, &mut part.own);
    }
    let inputs = joined_inputs(&parts[..maps], &arguments)?;
    let skipped_files = skipped_files(&parts[..maps], arguments.len());
    Ok(Joined { inputs, skipped_files, newly_broken })
}

/// Checks that each part is there once. `needed`: the number of records that make them necessary.
fn complete(parts: &[Read], what: &'static str, flag: &'static str, needed: Option<u64>) -> Result<(), MergeError> {
    let Some(first) = parts.first() else {
        return Err(match needed {
            Some(records) => MergeError::NoShares { records },
            None => MergeError::NoSplits,
        });
    };
    let of = first.partition.of();
    if let Some(other) = parts.iter().find(|part| part.partition.of() != of) {
        let named = |part: &Read| format!("{} ({})", part.name, part.described());
        return Err(MergeError::Divided { one: named(first), other: named(other) });
    }
    if let Some(pair) = parts.windows(2).find(|pair| pair[0].partition == pair[1].partition) {
        return Err(MergeError::RepeatedSplit { part: pair[0].described(), one: pair[0].name.clone(), other: pair[1].name.clone() });
    }
    let missing: Vec<u32> = (1..=of).filter(|number| parts.iter().all(|part| part.partition.number() != *number)).collect();
    if missing.is_empty() { Ok(()) } else { Err(MergeError::MissingSplits { missing, of, what, flag }) }
}

/// The inputs of all splits. Ranges of an input follow each other.
fn joined_inputs(splits: &[Read], arguments: &[SplitArgument]) -> Result<Vec<InputInfo>, MergeError> {
    let mut joined: Vec<(usize, InputInfo, Option<CutInput>)> = Vec::new();
    for part in splits {
        let own = part.own.split.as_ref().and_then(SplitPart::as_map);
        for (input, SplitInput { argument, cut }) in part.report.inputs.iter().zip(own.into_iter().flat_map(|own| &own.inputs)) {
            match (joined.last_mut(), cut) {
                (Some((known, whole, Some(before))), Some(cut)) if cut.start > 0 => {
                    if *known != *argument || whole.source != input.source || before.end != cut.start {
                        return Err(MergeError::Ranges { name: part.name.clone(), source_name: input.source.clone() });
                    }
                    whole.exchanges += input.exchanges;
                    // An input that was not read to its end is more severe than an exchange that could not be judged.
                    let is_read = |cut: &CutInput| cut.blocks.is_some();
                    let replaces = whole.error.is_none() || is_read(before) && !is_read(cut);
                    whole.error = if replaces { input.error.clone().or(whole.error.take()) } else { whole.error.take() };
                    before.end = cut.end;
                    match (&mut before.blocks, &cut.blocks) {
                        (Some(known), Some(more)) => known.extend(more.iter().cloned()),
                        (known, _) => *known = None,
                    }
                }
                (_, cut) => joined.push((*argument, input.clone(), cut.clone())),
            }
        }
    }
    let mut inputs = Vec::new();
    let mut joined = joined.into_iter().peekable();
    let is_complete = splits.iter().all(|part| part.report.complete);
    for (number, argument) in arguments.iter().enumerate() {
        let before = inputs.len();
        while let Some((_, mut input, cut)) = joined.next_if(|(own, ..)| *own == number) {
            if let Some(cut) = cut {
                input.digest = cut.blocks.as_ref().filter(|_| cut.end == cut.size).and_then(|blocks| digest::of_blocks(blocks));
            }
            inputs.push(input);
        }
        if inputs.len() == before && argument.is_folder && is_complete {
            let error = Some(InputInfo::NO_RECORDING.to_owned());
            inputs.push(InputInfo { source: argument.text.clone(), digest: None, exchanges: 0, error });
        }
    }
    // The documented examples belong to no argument.
    inputs.extend(joined.map(|(_, input, _)| input));
    Ok(inputs)
}

/// The skipped files of all splits, in the order of the arguments.
fn skipped_files(splits: &[Read], arguments: usize) -> Vec<SkippedFile> {
    let mut by_argument = vec![Vec::new(); arguments];
    for part in splits {
        let own = part.own.split.as_ref().and_then(SplitPart::as_map);
        for (file, argument) in part.report.skipped_files.iter().zip(own.into_iter().flat_map(|own| &own.skipped)) {
            if let Some(files) = by_argument.get_mut(*argument) {
                files.push(file.clone());
            }
        }
    }
    by_argument.into_iter().flatten().collect()
}

impl Read {
    fn described(&self) -> String {
        self.own.split.as_ref().map_or_else(|| format!("partition {}", self.partition), |split| split.describe(self.partition))
    }
}

impl SplitPart {
    fn as_map(&self) -> Option<&MapPart> {
        match self {
            Self::Split(part) => Some(part),
            Self::OverTime(_) => None,
        }
    }

    fn as_over_time(&self) -> Option<&OverTimePart> {
        match self {
            Self::OverTime(part) => Some(part),
            Self::Split(_) => None,
        }
    }
}
