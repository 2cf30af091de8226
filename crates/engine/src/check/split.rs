//! Judges a split of the inputs, and stores what is compared with other splits.

use std::io;
use std::ops::{ControlFlow, Range};
use std::sync::Arc;

use charter_report::{CutInput, MapPart, Partition, Settings, SplitInput, SplitPart};
use charter_traffic::exchange::Exchange;
use charter_traffic::read::{Division, Extent, Limits, RangeSummary, ReadError, Reading, Source, SourceRange, read_ahead};

use super::options::{CheckOptions, Progress};
use super::run::{Run, with_remedy};
use crate::artifact::ArtifactRecord;
use crate::collect::Collector;
use crate::judge::{Observed, ObservedBatch};
use crate::split::{Header, JudgedSplit, Observations, Share, ShareContent, SplitPlan};
use crate::timeline::{EntryPlace, Origin, SplitRecords, read_decided};
use crate::{Judge, Judgement};

/// What a split adds to a run.
pub(super) struct SplitRun {
    records: SplitRecords,
    part: MapPart,
    /// Whether the lines of the current source can be read again by their positions.
    pub(super) has_ranges: bool,
    /// The first error that another attempt may not have.
    passing_error: Option<String>,
}

/// Judges split `K` of `N` of the inputs. Rules over time are not evaluated: [`over_time`](crate::over_time) evaluates them across all splits, and
/// `charter_report::merge` merges the reports. A partition in the options is ignored.
///
/// # Errors
/// Observations cannot be stored in temporary files.
pub fn judge_split(
    judge: &Judge,
    plan: &SplitPlan,
    split: Partition,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> io::Result<JudgedSplit> {
    let options = CheckOptions { partition: None, contract_details: true, ..options.clone() };
    let Limits { max_body, max_ratio } = options.limits;
    let operation = judge.bare_operation().map(|operation| operation.id.clone()).unwrap_or_default();
    let settings = Settings { operation, samples: options.samples, max_body, max_ratio };
    let mut run = Run::new(judge, &options, progress);
    run.collector = run.collector.of_split(split, settings.clone(), SplitPart::Split(MapPart::default()));
    run.split = Some(SplitRun {
        records: SplitRecords::new(usize::try_from(options.memory).unwrap_or(usize::MAX)),
        part: plan.part(),
        has_ranges: false,
        passing_error: None,
    });
    // A split does not see the exchanges that announce the URLs.
    run.callbacks = None;
    run.total_bytes = Some(plan.bytes(split));
    let mut flow = plan.shares(split).into_iter().try_for_each(|share| run.share(&share));
    if flow.is_continue() && options.examples && split.number() == split.of() {
        flow = run.examples();
        run.note_inputs(plan.part().arguments.len(), None);
    }
    if flow.is_break() {
        run.collector.interrupt();
    }
    run.finish_split(judge, split, settings)
}

impl Run<'_> {
    fn share(&mut self, share: &Share<'_>) -> ControlFlow<()> {
        for (name, reason) in share.skipped {
            self.collector.skip_file(name, reason);
        }
        let flow = match &share.content {
            ShareContent::Error(error) => {
                let argument = self.argument(share.argument);
                self.collector.begin_input(&argument);
                self.collector.finish_input(None, Some((*error).to_owned()));
                ControlFlow::Continue(())
            }
            ShareContent::Whole(source) => self.read_all(vec![(*source).clone()], share.is_folder),
            ShareContent::Range(source, range, size) => {
                let division = self.open(source, share.is_folder).and_then(|reading| reading.division(source));
                match division {
                    Ok(Some(division)) => return self.range(source, division, range.clone(), *size, share.argument),
                    // Another process may have no error, so that it judges only its part.
                    Err(error) if range.start > 0 && error.may_pass() => {
                        return self.failed_range(source, range.clone(), *size, share.argument, &error);
                    }
                    // The split with the beginning judges all of it.
                    Ok(None) | Err(_) if range.start > 0 => return ControlFlow::Continue(()),
                    Ok(None) | Err(_) => self.read_all(vec![(*source).clone()], share.is_folder),
                }
            }
        };
        self.note_inputs(share.argument, None);
        flow
    }

    /// Notes an error that another attempt may not have.
    pub(super) fn note_failure(&mut self, error: &ReadError) {
        if let Some(split) = &mut self.split
            && error.may_pass()
        {
            split.passing_error.get_or_insert_with(|| with_remedy(error));
        }
    }

    fn argument(&self, number: usize) -> String {
        self.split.as_ref().and_then(|split| split.part.arguments.get(number)).map_or_else(String::new, |argument| argument.text.clone())
    }

    /// Notes to which argument the new inputs and skipped files belong.
    fn note_inputs(&mut self, argument: usize, cut: Option<CutInput>) {
        let (inputs, skipped) = (self.collector.inputs(), self.collector.skipped_files());
        let Some(SplitRun { part, .. }) = &mut self.split else { return };
        part.inputs.resize_with(inputs, || SplitInput { argument, cut: cut.clone() });
        part.skipped.resize(skipped, argument);
    }

    /// Judges the lines, frames or row groups that begin in a range of a source.
    fn range(&mut self, source: &Source, division: Division, range: Range<u64>, size: u64, argument: usize) -> ControlFlow<()> {
        let name = source.name();
        let length = range.end - range.start;
        if let Some(split) = &mut self.split {
            split.has_ranges = division.has_positions();
        }
        let SourceRange { reading, extent, .. } = match division.open(source, range.clone(), size, &self.options.limits) {
            Ok(Some(opened)) => opened,
            Ok(None) => {
                self.bytes = (self.bytes.0 + length, 0);
                return self.report_progress(&name);
            }
            Err(error) => return self.failed_range(source, range, size, argument, &error),
        };
        self.begin_input(&name);
        let result = self.read_range(reading, &extent, &name);
        self.judge(&name);
        self.bytes = (self.bytes.0 + length, 0);
        let flow = self.report_progress(&name);
        let entries = self.collector.exchanges_of_input();
        let mut cut = CutInput { start: extent.start(), end: range.end, size, entries, ..CutInput::default() };
        let flow = match result {
            Ok((summary, own_flow)) => {
                let hex = |block: [u8; 32]| block.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
                (cut.entries, cut.lines) = (summary.entries as u64, summary.lines as u64);
                // An interrupted process may not have reached the end.
                cut.end = if own_flow.is_break() { extent.end_after_failure(source).unwrap_or(range.end) } else { summary.bytes.end };
                cut.decompressed = summary.decompressed;
                cut.blocks = summary.blocks.map(|blocks| blocks.into_iter().map(hex).collect());
                self.collector.finish_input(None, None);
                if own_flow.is_break() { own_flow } else { flow }
            }
            Err(error) => {
                self.note_failure(&error);
                // The next split begins with the next part that can be recognized.
                cut.end = extent.end_after_failure(source).unwrap_or(range.end);
                cut.error_line = error.position().map(|position| position.line as u64);
                self.collector.finish_input(None, Some(with_remedy(&error)));
                flow
            }
        };
        self.note_inputs(argument, Some(cut));
        flow
    }

    /// Reads and judges a range, except for entries that are still in the batch.
    fn read_range(&mut self, reading: Reading, extent: &Extent, name: &Arc<str>) -> Result<(RangeSummary, ControlFlow<()>), ReadError> {
        let mut flow = ControlFlow::Continue(());
        let summary = match reading {
            Reading::Archive(mut archive) => {
                let entries;
                (entries, flow) = self.archive(&mut archive, name)?;
                extent.of_archive(archive, entries, flow)?
            }
            reading => {
                let jobs = self.options.jobs;
                let mut take = |item| {
                    flow = self.take(item, name);
                    flow
                };
                let read = if jobs <= 1 { reading.items(&mut take)? } else { read_ahead(reading, &mut take)? };
                extent.of_content(read)
            }
        };
        Ok((summary, flow))
    }

    /// Adds the error of a range that cannot be opened.
    fn failed_range(&mut self, source: &Source, range: Range<u64>, size: u64, argument: usize, error: &ReadError) -> ControlFlow<()> {
        self.begin_input(&source.name());
        self.note_failure(error);
        self.collector.finish_input(None, Some(with_remedy(error)));
        self.note_inputs(argument, Some(CutInput { start: range.start, end: range.end, size, ..CutInput::default() }));
        ControlFlow::Continue(())
    }

    /// Adds an exchange, and stores what is compared with other splits.
    pub(super) fn add_to_split(&mut self, entry: u64, exchange: &Exchange, mut judgement: Judgement) {
        let info = Collector::info(exchange);
        let record = self.artifacts.as_ref().and_then(|artifacts| artifacts.record(self.judge.contract(), exchange, &judgement, &info));
        if let Some((resource, record)) = record {
            self.store(|records, _| records.artifact(entry, &resource, &record));
        }
        if let Some(observation) = judgement.observation.take() {
            let (operation, kept) = (judgement.operation.clone().unwrap_or_default(), judgement.is_kept());
            let byte = exchange.origin.bytes.start;
            self.store(|records, has_ranges| {
                let byte = has_ranges.then_some(byte);
                records.observation(&observation, &Origin { sequence: entry, info, byte, operation, kept })
            });
        }
        self.collector.add(exchange, judgement);
    }

    /// Stores what is compared with other splits, of an exchange that was decided.
    pub(super) fn add_observed_to_split(
        &mut self,
        entry: u64,
        batch: &ObservedBatch,
        observed: &Observed,
        source: &str,
        place: EntryPlace,
    ) {
        if let Some(stated) = batch.artifacts(observed) {
            self.store(|records, _| records.artifact(entry, &stated.resource, &ArtifactRecord::Stated(stated.files)));
        }
        if let Some(state) = &observed.state {
            self.store(|records, has_ranges| {
                let template = batch.template(state).ok_or(io::ErrorKind::InvalidData)?;
                let (observation, mut origin) = read_decided(template, entry, source, place, batch.content(state))?;
                origin.byte = has_ranges.then_some(place.byte);
                records.observation(&observation, &origin)
            });
        }
    }

    fn store(&mut self, add: impl FnOnce(&mut SplitRecords, bool) -> io::Result<()>) {
        let Some(split) = &mut self.split else { return };
        if let Err(error) = add(&mut split.records, split.has_ranges) {
            self.timeline_error.get_or_insert_with(|| error.to_string());
        }
    }

    fn finish_split(mut self, judge: &Judge, split: Partition, settings: Settings) -> io::Result<JudgedSplit> {
        self.add_counts();
        if let Some(error) = self.timeline_error {
            return Err(io::Error::other(format!("observations cannot be stored for rules over time: {error}")));
        }
        let Some(SplitRun { records, mut part, passing_error, .. }) = self.split.take() else {
            return Err(io::Error::other("not a split"));
        };
        let (records, count) = records.finish()?;
        (part.entries, part.records) = (self.entries.0, count);
        self.collector.set_split(SplitPart::Split(part.clone()));
        let header = Header::new(judge, split, settings, part);
        Ok(JudgedSplit { report: self.collector.finish(), observations: Observations { header, records }, passing_error })
    }
}
