//! Sources → report: reads blocks or batches, judges them, and collects the results in order.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;

use charter_contract::invariant::Severity;

use super::batch::{BufferPool, Judged, JudgedBatch};
use super::options::{CheckOptions, Progress};
use super::split::SplitRun;
use crate::artifact::{Artifacts, DeferredFinding};
use crate::callback::CallbackUrls;
use crate::collect::Collector;
use crate::judge::{Decided, DecidedCounts, Decider, FastPathCounts, Observed, ObservedBatch};
use crate::operation::http;
use crate::ordered_parallel_map::ordered_parallel_map;
use crate::timeline::{EntryPlace, Timeline, locate_transitions};
use crate::{Judge, Judgement, Observation};
use charter_report::{ExchangeInfo, Finding, FindingKind, InputInfo};
use charter_report::{Report, Settings};
use charter_traffic::exchange::Exchange;
use charter_traffic::read::{
    Archive, EntryError, ExchangeView, Forms, Found, Item, Limits, ReadError, Reading, SkippedFile, Source, SourceSummary, find, read_ahead,
};
use charter_traffic::record::{RecordError, Recorder};
use charter_traffic::{Live, Next};

/// Exchanges per thread in a batch, for sources that do not come in blocks.
const BATCH: usize = 256;
/// Entries per work item.
const CHUNK: usize = 64;
/// Maximum bytes of bodies in a batch.
const BATCH_BYTES: usize = 8 << 20;
/// Bytes of bodies that each thread may be ahead of the collector. The results take several times as much memory.
const READ_AHEAD_BYTES: usize = 512 << 10;

/// Bytes of the lines of a live server that one thread judges together.
const LIVE_BLOCK_BYTES: usize = 64 << 10;

/// Maximum number of exchanges still accepted after a live run is stopped.
const DRAIN_LIMIT: usize = 4_096;

/// A function that gets each exchange with findings and its judgement.
pub(super) type Observe<'r> = dyn FnMut(&Exchange, &Judgement) + 'r;

/// A run over sources.
pub(super) struct Run<'r> {
    pub(super) judge: &'r Judge,
    pub(super) options: &'r CheckOptions,
    pub(super) collector: Collector,
    timeline: Timeline,
    pub(super) artifacts: Option<Artifacts>,
    /// The URLs of callbacks; `None` if the contract has no callbacks or only a partition of the exchanges is judged.
    pub(super) callbacks: Option<CallbackUrls>,
    /// For a split of the inputs: what is compared with other splits.
    pub(super) split: Option<SplitRun>,
    /// Why observations could not be stored.
    pub(super) timeline_error: Option<String>,
    /// The sources, in order, for positions of findings over time.
    read: Vec<Source>,
    batch: Vec<Item>,
    /// Counts of the fast path.
    counts: FastPathCounts,
    /// Counts of the exchanges that the plans of their heads decided.
    decided: DecidedCounts,
    pool: Arc<BufferPool>,
    batch_bytes: usize,
    /// Entries judged, and how many of them belong to earlier inputs.
    pub(super) entries: (u64, u64),
    /// Bytes of completed sources, and of the current one.
    pub(super) bytes: (u64, u64),
    pub(super) total_bytes: Option<u64>,
    progress: &'r mut dyn FnMut(&Progress) -> ControlFlow<()>,
    /// Called with each judgement that has findings.
    pub(super) observe: Option<&'r mut Observe<'r>>,
}

impl<'r> Run<'r> {
    pub(super) fn new(judge: &'r Judge, options: &'r CheckOptions, progress: &'r mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Self {
        let mut collector = Collector::new(judge, options.samples, options.contract_details);
        if let Some(partition) = options.partition {
            let Limits { max_body, max_ratio } = options.limits;
            let operation = judge.bare_operation().map(|operation| operation.id.clone()).unwrap_or_default();
            collector = collector.of_partition(partition, Settings { operation, samples: options.samples, max_body, max_ratio });
        }
        let timeline = Timeline::new(options.samples, usize::try_from(options.memory).unwrap_or(usize::MAX));
        Self {
            judge,
            options,
            collector,
            timeline,
            artifacts: Artifacts::new(judge.contract()),
            callbacks: CallbackUrls::new(judge.contract()).filter(|_| options.partition.is_none()),
            split: None,
            timeline_error: None,
            read: Vec::new(),
            batch: Vec::new(),
            counts: FastPathCounts::default(),
            decided: DecidedCounts::default(),
            pool: Arc::default(),
            batch_bytes: 0,
            entries: (0, 0),
            bytes: (0, 0),
            total_bytes: None,
            progress,
            observe: None,
        }
    }

    pub(super) fn arguments(&mut self, arguments: &[String]) -> ControlFlow<()> {
        let found: Vec<_> = arguments.iter().map(|argument| (argument, find(argument))).collect();
        let sources = found.iter().filter_map(|(_, found)| found.as_ref().ok()).flat_map(|found| &found.sources);
        self.total_bytes = sources.map(Source::size).sum();
        for (argument, found) in found {
            match found {
                Ok(found) => self.found(argument, found)?,
                Err(error) => {
                    self.collector.begin_input(argument);
                    self.collector.finish_input(None, Some(with_remedy(&error)));
                }
            }
        }
        ControlFlow::Continue(())
    }

    fn found(&mut self, argument: &str, found: Found) -> ControlFlow<()> {
        for SkippedFile { source, reason, .. } in &found.skipped_files {
            self.collector.skip_file(source, reason);
        }
        let inputs = self.collector.inputs();
        self.read_all(found.sources, found.is_folder)?;
        if self.collector.inputs() == inputs {
            self.collector.begin_input(argument);
            self.collector.finish_input(None, Some(InputInfo::NO_RECORDING.to_owned()));
        }
        ControlFlow::Continue(())
    }

    pub(super) fn sources(&mut self, sources: Vec<Source>) -> ControlFlow<()> {
        self.read_all(sources, false)
    }

    /// Reads and judges sources. Those of a folder are skipped if their form is not known.
    pub(super) fn read_all(&mut self, sources: Vec<Source>, is_folder: bool) -> ControlFlow<()> {
        for source in sources {
            let name = source.name();
            let opened = self.open(&source, is_folder);
            if let (Some(split), Ok(reading)) = (&mut self.split, &opened) {
                split.has_ranges = reading.has_ranges();
            }
            if is_folder && let Err(ReadError::UnknownForm(reason)) = &opened {
                self.collector.skip_file(&name, reason);
                self.bytes.0 += source.size().unwrap_or_default();
                continue;
            }
            self.begin_input(&name);
            let result = opened.and_then(|reading| self.read(reading, &name));
            self.judge(&name);
            let size = source.size();
            self.bytes = (self.bytes.0 + size.unwrap_or(self.bytes.1), 0);
            let flow = self.report_progress(&name);
            if self.judge.has_rules_over_time() && self.split.is_none() {
                self.read.push(source);
            }
            match result {
                Ok(summary) => {
                    // Every partition reads every source. One of them counts.
                    if self.options.partition.is_none_or(|partition| partition.number() == 1) {
                        for (kind, count) in &summary.skipped {
                            self.collector.skip(kind, *count);
                        }
                    }
                    self.collector.finish_input(summary.digest, None);
                }
                Err(error) => {
                    self.note_failure(&error);
                    self.collector.finish_input(None, Some(with_remedy(&error)));
                }
            }
            flow?;
        }
        ControlFlow::Continue(())
    }

    /// Opens a source. JSON documents without a format are an unknown form if no operation is known that they are responses of. In a
    /// folder, so are strings, numbers and literals, which other programs store next to recordings.
    pub(super) fn open(&self, source: &Source, is_folder: bool) -> Result<Reading, ReadError> {
        let columns = self.judge.contract().config().traffic.columns.as_ref();
        let reading = Reading::open_with_columns(source, &self.options.limits, columns)?;
        let has_operation = self.judge.bare_operation().is_some();
        let refused = reading.bare().filter(|bare| !has_operation || is_folder && !bare.is_structured());
        match refused.map(|bare| bare.unknown_form()) {
            Some(error) => Err(error),
            None => Ok(reading),
        }
    }

    /// Reads a source and judges it, except for entries that are still in the batch.
    fn read(&mut self, reading: Reading, name: &Arc<str>) -> Result<SourceSummary, ReadError> {
        let is_alone = self.options.jobs <= 1;
        match reading {
            // Even with one job, a compressed archive is decompressed in a second thread.
            Reading::Archive(mut archive) if !(is_alone && archive.is_compressed()) => {
                let (entries, flow) = self.archive(&mut archive, name)?;
                archive.summary(entries, flow)
            }
            reading if !is_alone || reading.is_compressed() => read_ahead(reading, &mut |item| self.take(item, name)),
            reading => reading.items(&mut |item| self.take(item, name)),
        }
    }

    /// The thread that judges a block also reads it, for cache locality.
    pub(super) fn archive(&mut self, archive: &mut Archive, source: &Arc<str>) -> Result<(usize, ControlFlow<()>), ReadError> {
        let (judge, partition, jobs, pool) = (self.judge, self.options.partition, self.options.jobs, self.pool.clone());
        let (mut entries, mut failure) = (0, None);
        let mut next = || {
            let item = archive.next_item().unwrap_or_else(|error| {
                failure = Some(error);
                None
            })?;
            entries += item.entries();
            Some((item.byte_len(), item))
        };
        let work = |item| JudgedBatch::of(judge, &pool, partition, vec![item], source);
        let flow = ordered_parallel_map(jobs, (jobs * READ_AHEAD_BYTES).min(BATCH_BYTES), &mut next, &work, &mut |judged| {
            self.collect(judged);
            self.report_progress(source)
        });
        failure.map_or(Ok((entries, flow)), Err)
    }

    pub(super) fn live(&mut self, live: Live<'_>) -> Result<ControlFlow<()>, RecordError> {
        let Live { name, recorder, next, unseen } = live;
        self.begin_input(&name);
        let judge = self.judge;
        // Nothing is read again of an exchange that is kept.
        let is_compared = judge.has_rules_over_time() || self.artifacts.is_some();
        let mut decider = (!recorder.is_kept() && !is_compared).then(|| judge.decider().without_observations());
        let mut flow = ControlFlow::Continue(());
        while flow.is_continue() {
            flow = match next() {
                Next::Exchange(exchange) => match decider.as_mut().map(|decider| is_kept(decider, &exchange)) {
                    Some(true) => self.count_kept(recorder, &name),
                    Some(false) | None => self.record(recorder, &exchange, &name)?,
                },
                Next::NotJudged { part, reason } => {
                    self.collector.count_not_judged(part, reason);
                    ControlFlow::Continue(())
                }
                Next::Idle => {
                    self.batch.extend(recorder.take_lines().map(Item::Block));
                    self.flush(&name)
                }
                Next::End => break,
            };
        }
        // Exchanges that already arrived are judged, even if the run was stopped.
        for _ in 0..if flow.is_break() { DRAIN_LIMIT } else { 0 } {
            match next() {
                Next::Exchange(exchange) => {
                    let _ = self.record(recorder, &exchange, &name)?;
                }
                Next::NotJudged { part, reason } => self.collector.count_not_judged(part, reason),
                Next::Idle | Next::End => break,
            }
        }
        if let Some(decider) = decider {
            self.decided.add(decider.into_results().0);
        }
        self.batch.extend(recorder.take_lines().map(Item::Block));
        flow = match self.flush(&name) {
            ControlFlow::Break(()) => ControlFlow::Break(()),
            ControlFlow::Continue(()) => flow,
        };
        let (path, digest) = recorder.settle()?;
        self.read.push(Source::Live { name, path });
        self.collector.finish_input(digest, unseen());
        Ok(flow)
    }

    /// Counts an exchange that is kept and that is not recorded.
    fn count_kept(&mut self, recorder: &mut Recorder, name: &Arc<str>) -> ControlFlow<()> {
        // The lines of a block follow each other.
        self.batch.extend(recorder.take_lines().map(Item::Block));
        recorder.skip();
        self.entries.0 += 1;
        self.collector.add_decided_exchanges(1);
        // As often as blocks are judged.
        match self.batch.len() >= self.options.jobs.max(1) {
            true => self.flush(name),
            false if self.entries.0.is_multiple_of(CHUNK as u64) => self.report_progress(name),
            false => ControlFlow::Continue(()),
        }
    }

    /// Records an exchange. The recorded lines are judged in blocks, as those of a file.
    fn record(&mut self, recorder: &mut Recorder, exchange: &Exchange, name: &Arc<str>) -> Result<ControlFlow<()>, RecordError> {
        if recorder.record_line(exchange)? < LIVE_BLOCK_BYTES {
            return Ok(ControlFlow::Continue(()));
        }
        self.batch.extend(recorder.take_lines().map(Item::Block));
        Ok(if self.batch.len() >= self.options.jobs.max(1) { self.flush(name) } else { ControlFlow::Continue(()) })
    }

    pub(super) fn begin_input(&mut self, name: &str) {
        self.entries.1 = self.entries.0;
        self.collector.begin_input(name);
        self.collector.set_before(self.entries.1);
    }

    pub(super) fn take(&mut self, item: Item, source: &Arc<str>) -> ControlFlow<()> {
        self.batch_bytes += item.byte_len();
        // A block is judged at once, for cache locality. Threads judge blocks of entries at the same time.
        let is_full = match item {
            Item::Entry(_) => false,
            Item::Block(_) => true,
            Item::Entries(_) => self.options.jobs <= 1 || self.batch_bytes >= self.options.jobs * READ_AHEAD_BYTES,
        };
        self.batch.push(item);
        if is_full || self.batch.len() >= BATCH * self.options.jobs.max(1) || self.batch_bytes >= BATCH_BYTES {
            self.flush(source)
        } else {
            ControlFlow::Continue(())
        }
    }

    fn flush(&mut self, source: &Arc<str>) -> ControlFlow<()> {
        self.judge(source);
        self.report_progress(source)
    }

    /// Judges the batch.
    pub(super) fn judge(&mut self, source: &Arc<str>) {
        let (judge, partition, pool) = (self.judge, self.options.partition, self.pool.clone());
        let mut batch = std::mem::take(&mut self.batch).into_iter();
        self.batch_bytes = 0;
        let blocks = batch.as_slice().iter().filter(|item| !matches!(item, Item::Entry(_))).count();
        let threads = self.options.jobs.min(blocks + (batch.len() - blocks).div_ceil(CHUNK));
        let mut next = || {
            let length = batch.as_slice().iter().take(CHUNK).take_while(|item| matches!(item, Item::Entry(_))).count();
            let chunk: Vec<Item> = batch.by_ref().take(length.max(1)).collect();
            (!chunk.is_empty()).then_some((1, chunk))
        };
        let work = |chunk| JudgedBatch::of(judge, &pool, partition, chunk, source);
        let _ = ordered_parallel_map(threads, threads * 4, &mut next, &work, &mut |judged| {
            self.collect(judged);
            ControlFlow::Continue(())
        });
    }

    fn collect(&mut self, judged: JudgedBatch) {
        self.entries.0 += judged.entries;
        self.bytes.1 = judged.end.unwrap_or(self.bytes.1);
        self.collector.add_decided(judged.counts.documents);
        self.counts.add(&judged.counts);
        match judged.has_bare {
            true => self.collector.add_decided(judged.decided.kept()),
            false => self.collector.add_decided_exchanges(judged.decided.kept()),
        }
        self.decided.add(judged.decided);
        for entry in judged.rest {
            match entry {
                Judged::Exchange(entry) => {
                    let (judgement, exchange) = *entry;
                    self.add(&exchange, judgement);
                }
                Judged::Observed(observed, place) => self.add_observed(&judged.observed, &observed, &judged.source, place),
                Judged::Malformed(error) => self.collector.add_malformed(malformed(&error), error.index, error.line),
            }
        }
        self.pool.give_observed(judged.observed);
    }

    /// Reports the progress.
    pub(super) fn report_progress(&mut self, source: &Arc<str>) -> ControlFlow<()> {
        // Decompressed bytes can exceed the size of the source.
        let bytes = self.bytes.0 + self.bytes.1;
        let bytes = self.total_bytes.map_or(bytes, |total| bytes.min(total));
        (self.progress)(&Progress {
            source: source.clone(),
            exchanges: self.entries.0,
            findings: self.collector.findings(),
            bytes,
            total_bytes: self.total_bytes,
        })
    }
}

impl Run<'_> {
    pub(super) fn add(&mut self, exchange: &Exchange, mut judgement: Judgement) {
        if let Some(callbacks) = &mut self.callbacks {
            callbacks.inspect(self.judge, exchange, &mut judgement);
        }
        if let Some(observe) = self.observe.as_mut().filter(|_| !judgement.findings.is_empty()) {
            observe(exchange, &judgement);
        }
        let entry = self.entries.1 + exchange.origin.index as u64;
        let contract = self.judge.contract();
        if self.split.is_some() {
            self.add_to_split(entry, exchange, judgement);
            return;
        }
        let deferred = self.artifacts.as_mut().map(|artifacts| artifacts.inspect(contract, entry, exchange, &mut judgement));
        if let Some(observation) = judgement.observation.take() {
            let operation = judgement.operation.clone().unwrap_or_default();
            let kept = judgement.is_kept();
            self.observe(entry, *observation, Collector::info(exchange), operation, kept, deferred.unwrap_or_default());
        }
        self.collector.add(exchange, judgement);
    }

    /// Adds an exchange that was decided to those that others are compared with.
    fn add_observed(&mut self, batch: &ObservedBatch, observed: &Observed, source: &Arc<str>, place: EntryPlace) {
        let entry = self.entries.1 + place.index as u64;
        if self.split.is_some() {
            self.add_observed_to_split(entry, batch, observed, source, place);
            return;
        }
        if let (Some(artifacts), Some(stated)) = (&mut self.artifacts, batch.artifacts(observed)) {
            artifacts.state(entry, stated);
        }
        if let Some(state) = &observed.state {
            let added = self.timeline.add_decided(entry, batch, state, source, place);
            self.note_storage(added);
        }
    }

    /// Notes an error of storing observations.
    fn note_storage(&mut self, stored: io::Result<()>) {
        if let Err(error) = stored {
            self.timeline_error.get_or_insert_with(|| error.to_string());
        }
    }

    fn observe(
        &mut self,
        entry: u64,
        observation: Observation,
        info: ExchangeInfo,
        operation: String,
        kept: bool,
        deferred: Vec<DeferredFinding>,
    ) {
        let added = self.timeline.add(entry, observation, info, operation, kept, deferred);
        self.note_storage(added);
    }

    /// Adds what was counted without the reference path.
    pub(super) fn add_counts(&mut self) {
        self.collector.add_fast_path_counts(&self.counts);
        self.collector.add_decided_counts(&self.decided);
    }

    /// Compares observations over time and returns the report.
    pub(super) fn finish(mut self) -> Report {
        self.add_counts();
        let comparisons = match self.timeline_error {
            Some(error) => Err(error),
            None => self.timeline.finish(self.judge).map_err(|error| error.to_string()),
        };
        match comparisons {
            Ok(mut comparisons) => {
                let forms = Forms { columns: self.judge.contract().config().traffic.columns.as_ref(), ..Forms::default() };
                locate_transitions(&mut comparisons, &self.read, &self.options.limits, &forms);
                self.collector.add_comparisons(comparisons);
            }
            Err(error) => self.collector.fail_comparisons(format!("observations cannot be stored for rules over time: {error}")),
        }
        self.collector.finish()
    }
}

/// Whether a plan decides that an exchange has no finding. If not, the exchange may become a plan: the heads of recorded exchanges differ, because
/// their credentials are masked.
fn is_kept(decider: &mut Decider<'_>, exchange: &Exchange) -> bool {
    let Some(view) = ExchangeView::of(exchange) else { return false };
    let is_kept = matches!(decider.decide(&view), Decided::Kept(_));
    if !is_kept {
        decider.learn_from(exchange);
    }
    is_kept
}

/// An error with its remedy.
pub(crate) fn with_remedy(error: &ReadError) -> String {
    match error.remedy() {
        Some(remedy) => format!("{error}; {remedy}"),
        None => error.to_string(),
    }
}

/// A finding for an entry that is not an exchange.
pub(super) fn malformed(error: &EntryError) -> Finding {
    let message = match error.remedy {
        Some(remedy) => format!("{}; {remedy}", error.message),
        None => error.message.clone(),
    };
    let mut finding = http("syntax.entry", Severity::Error, message, "an exchange".to_owned(), "RFC 8259");
    finding.kind = FindingKind::Syntax;
    finding.position = Some(error.position);
    finding
}
