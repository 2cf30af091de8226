//! Judgements, in input order → counts and groups of a report.

use std::cell::OnceCell;
use std::sync::Arc;

use charter_contract::invariant::Severity;
use charter_contract::{Contract, Location};
use indexmap::IndexMap;
use serde_json::Value;

use charter_report::{
    CONTEXTS, ContractInfo, CoverageReport, Definition, ExchangeInfo, Finding, Group, InputInfo, OTHER_REASONS, Part, PartGroup, Partition,
    PromiseSource, REASONS, Reader, Report, ReportPosition, RequestInfo, Room, RuleCounts, Sample, Settings, SkippedFile, SplitPart, Tool,
    fold_reasons,
};
use charter_traffic::exchange::Exchange;
use charter_traffic::mask::Masker;

use crate::coverage::Counts;
use crate::judge::{DecidedCounts, FastPathCounts, Judge, Judgement, Verdict};
use crate::surroundings::Surroundings;
use crate::timeline::{Comparisons, Transition};

/// Maximum bytes of JSON of a found value; longer values are truncated.
const FOUND_LIMIT: usize = 400;
/// Maximum nesting of a found value; deeper values become text, so that every JSON parser can read the report.
const FOUND_DEPTH: usize = 50;

/// Collects judgements. Memory use grows with the number of groups, not of exchanges.
#[derive(Debug)]
pub struct Collector {
    report: Report,
    groups: IndexMap<String, Group>,
    samples: Option<u64>,
    /// Whether the report has positions in the documents of the contract.
    has_details: bool,
    room: Room,
    /// Number of entries of earlier inputs.
    before: u64,
    /// For a partition: what merging needs.
    part: Option<Part>,
    judge: Judge,
    counts: Counts,
    /// Finds the secrets of an exchange, which its findings must not show.
    masker: Option<Arc<Masker>>,
}

/// A finding of a download, which no split has.
pub(crate) struct LateFinding {
    /// The index of the exchange among the entries of all inputs, and of the finding in its exchange.
    pub(crate) place: (u64, u64),
    pub(crate) finding: Finding,
    pub(crate) info: ExchangeInfo,
    pub(crate) request: Option<RequestInfo>,
    /// The number of findings that it counts for.
    pub(crate) times: u64,
}

impl Collector {
    /// A collector that shows `samples` findings of each group; `None` shows all. `has_details`: [`CheckOptions::contract_details`].
    ///
    /// [`CheckOptions::contract_details`]: crate::CheckOptions::contract_details
    pub fn new(judge: &Judge, samples: Option<u64>, has_details: bool) -> Self {
        let rules = judge.contract().invariants().invariants.iter().map(|rule| {
            let mut counts = RuleCounts::new(rule.id.clone());
            counts.severity = Some(rule.severity);
            counts.promise = Some(PromiseSource { kind: rule.promise.kind, where_: rule.promise.where_.clone() });
            counts.quote = rule.promise.quote.clone();
            counts.rule = rule.rule.text.clone();
            counts.definition = has_details.then(|| definition(judge.contract(), &rule.location.to_string())).flatten();
            counts
        });
        let tool = Tool { name: "charter".to_owned(), version: env!("CARGO_PKG_VERSION").to_owned() };
        let digest = if has_details { judge.contract().digest() } else { String::new() };
        let contract = ContractInfo { digest, mode: "strict".to_owned() };
        let reason = judge.fast_path().err().filter(|_| !judge.has_programs()).map(ToString::to_string);
        let reader = Reader { compiled: reason.is_none(), reason, decided: 0 };
        let mut report = Report::new(tool, contract, reader);
        report.rules = rules.collect();
        let counts = Counts::new(judge.plan());
        Self {
            report,
            has_details,
            groups: IndexMap::new(),
            samples,
            room: Room::new(),
            before: 0,
            part: None,
            judge: judge.clone(),
            counts,
            masker: Masker::of_contract(judge.contract(), &[]).ok().map(Arc::new),
        }
    }

    /// Limits the collector to a partition.
    pub(crate) fn of_partition(mut self, partition: Partition, settings: Settings) -> Self {
        self.report.partition = Some(partition.to_string());
        self.part = Some(Part { settings, cut: false, unjudged: Vec::new(), groups: Vec::new(), timelines: Vec::new(), split: None });
        self
    }

    /// Limits the collector to a split of the inputs, or to the rules over time of a share of the resources.
    pub(crate) fn of_split(mut self, partition: Partition, settings: Settings, split: SplitPart) -> Self {
        self = self.of_partition(partition, settings);
        self.set_split(split);
        self
    }

    /// Sets the description of the split.
    pub(crate) fn set_split(&mut self, split: SplitPart) {
        if let Some(part) = &mut self.part {
            part.split = Some(split);
        }
    }

    /// The number of skipped files so far.
    pub(crate) fn skipped_files(&self) -> usize {
        self.report.skipped_files.len()
    }

    /// The number of exchanges of the current input.
    pub(crate) fn exchanges_of_input(&self) -> u64 {
        self.report.inputs.last().map_or(0, |input| input.exchanges)
    }

    /// The exchange as reports identify it.
    pub(crate) fn info(exchange: &Exchange) -> ExchangeInfo {
        ExchangeInfo {
            source: exchange.origin.source.to_string(),
            index: exchange.origin.index,
            line: exchange.origin.line,
            column: exchange.origin.column,
            url: exchange.request.as_ref().map(|request| without_credentials(&request.url)),
            status: exchange.response.as_ref().filter(|_| !exchange.bare).map(|response| response.status),
            method: exchange.request.as_ref().map(|request| request.method.clone()),
        }
    }

    /// Adds one exchange.
    pub fn add(&mut self, exchange: &Exchange, judgement: Judgement) {
        let info = Self::info(exchange);
        let kept = judgement.is_kept();
        if exchange.bare {
            self.note_assumption();
        }
        self.report.summary.exchanges += 1;
        if let Some(input) = self.report.inputs.last_mut() {
            input.exchanges += 1;
        }
        if let Some(reason) = &judgement.out_of_scope {
            self.report.count_not_judged("exchange", &reason.to_string(), 1);
        }
        self.report.summary.refused_requests += u64::from(judgement.refused_request);
        for part in &judgement.not_judged {
            self.report.count_not_judged(part.part, &part.reason, 1);
        }
        match &judgement.unreadable {
            None if judgement.out_of_scope.is_some() => self.report.summary.out_of_scope += 1,
            Some(reason) => self.add_unreadable(info.index, reason),
            None if kept => self.report.summary.kept += 1,
            None => self.report.summary.broken += 1,
        }
        self.report.reader.decided += u64::from(judgement.decided && kept);
        self.counts.add(&judgement.seen);
        for outcome in &judgement.outcomes {
            count(&mut self.report.rules[outcome.rule], &outcome.verdict, 1);
        }
        let entry = self.before + info.index as u64;
        let (masker, secrets) = (self.masker.clone(), OnceCell::new());
        let mut around = |finding: &Finding, has_context: bool| {
            let around = if has_context { Surroundings::of(finding, exchange) } else { Surroundings::default() };
            let secrets = secrets.get_or_init(|| masker.as_ref().map(|masker| masker.hidden_in(exchange)).unwrap_or_default());
            Surroundings { secrets: secrets.clone(), ..around }
        };
        for (finding, index) in judgement.findings.into_iter().zip(0..) {
            let place = ReportPosition { over_time: false, entry, finding: index };
            self.finding(finding, &info, place, 1, None, &mut around);
        }
    }

    /// Adds to the summary bodies that the fast path decided.
    pub(crate) fn add_decided(&mut self, documents: u64) {
        if documents > 0 {
            self.note_assumption();
        }
        self.add_decided_exchanges(documents);
    }

    /// Adds to the summary exchanges that were decided without the reference path.
    pub(crate) fn add_decided_exchanges(&mut self, documents: u64) {
        self.report.summary.exchanges += documents;
        self.report.summary.kept += documents;
        self.report.reader.decided += documents;
        if let Some(input) = self.report.inputs.last_mut() {
            input.exchanges += documents;
        }
    }

    /// Notes that bare bodies were judged as responses of an operation that no setting names.
    fn note_assumption(&mut self) {
        if self.judge.assumes_operation() && self.report.assumed_operation.is_none() {
            self.report.assumed_operation = self.judge.bare_operation().map(|operation| operation.id.clone());
        }
    }

    /// Adds the coverage and verdicts that the fast path counted.
    pub(crate) fn add_fast_path_counts(&mut self, counts: &FastPathCounts) {
        let judge = self.judge.clone();
        let Ok(fast_path) = judge.fast_path() else { return };
        for (case, times) in fast_path.cases(counts) {
            self.counts.add_times(case, times);
        }
        for (rule, verdict, times) in fast_path.outcomes(counts) {
            count(&mut self.report.rules[rule], &verdict, times);
        }
    }

    /// Adds the coverage and verdicts of exchanges that the plans of their heads decided.
    pub(crate) fn add_decided_counts(&mut self, counts: &DecidedCounts) {
        for head in counts.heads() {
            for (case, times) in head.cases() {
                self.counts.add_times(case, times);
            }
            for (rule, verdict, times) in head.outcomes() {
                count(&mut self.report.rules[rule], &verdict, times);
            }
        }
    }

    /// Adds the results of comparing observations. They follow all other findings.
    pub(crate) fn add_comparisons(&mut self, comparisons: Comparisons) {
        match self.part.as_mut().and_then(|part| part.split.as_mut()) {
            // The splits counted these exchanges.
            Some(SplitPart::OverTime(part)) => part.newly_broken += comparisons.newly_broken,
            _ => {
                self.report.summary.kept -= comparisons.newly_broken;
                self.report.summary.broken += comparisons.newly_broken;
            }
        }
        let (timelines, total) = comparisons.timelines;
        let (keys, timelines) = timelines.into_iter().unzip();
        (self.report.timelines, self.report.timeline_count) = (timelines, total);
        if let Some(part) = &mut self.part {
            part.timelines = keys;
        }
        for (outcome, times) in comparisons.outcomes {
            count(&mut self.report.rules[outcome.rule], &outcome.verdict, times);
        }
        for (total, shown) in comparisons.findings.into_values() {
            // The first shown finding also counts for those that are not shown.
            let mut rest = total - shown.len() as u64;
            for Transition { finding, info, previous, around, place: (entry, index), .. } in shown {
                let place = ReportPosition { over_time: true, entry, finding: index as u64 };
                self.finding(finding, &info, place, 1 + std::mem::take(&mut rest), previous, &mut |_, _| around.clone());
            }
        }
    }

    /// Adds findings of downloads of all splits, in input order.
    pub(crate) fn add_late_findings(&mut self, findings: Vec<LateFinding>) {
        for late in findings {
            let place = ReportPosition { over_time: false, entry: late.place.0, finding: late.place.1 };
            let around = Surroundings { request: late.request, ..Surroundings::default() };
            self.finding(late.finding, &late.info, place, late.times, None, &mut |_, _| around.clone());
        }
    }

    /// Records that observations could not be stored, so that rules over time were not evaluated.
    pub(crate) fn fail_comparisons(&mut self, message: String) {
        if let Some(input) = self.report.inputs.last_mut() {
            input.error.get_or_insert(message);
        }
    }

    /// Adds an entry that could not be read as an exchange; it counts as a violation.
    pub fn add_malformed(&mut self, finding: Finding, index: usize, line: Option<usize>) {
        self.report.summary.exchanges += 1;
        self.report.summary.broken += 1;
        let source = self.report.inputs.last_mut().map(|input| {
            input.exchanges += 1;
            input.source.clone()
        });
        let info = ExchangeInfo { source: source.unwrap_or_default(), index, line, column: None, url: None, status: None, method: None };
        let place = ReportPosition { over_time: false, entry: self.before + index as u64, finding: 0 };
        self.finding(finding, &info, place, 1, None, &mut |_, _| Surroundings::default());
    }

    /// Begins an input. Everything added from here on belongs to it.
    pub fn begin_input(&mut self, source: &str) {
        if let Some(part) = &mut self.part {
            part.unjudged.push(None);
        }
        self.report.inputs.push(InputInfo { source: source.to_owned(), digest: None, exchanges: 0, error: None });
    }

    /// The number of inputs so far.
    pub(crate) fn inputs(&self) -> usize {
        self.report.inputs.len()
    }

    /// Adds a file of a folder that is not an input.
    pub(crate) fn skip_file(&mut self, source: &str, reason: &str) {
        self.report.skipped_files.push(SkippedFile::new(source, reason));
    }

    /// Counts parts of the current input that are not exchanges.
    pub(crate) fn skip(&mut self, kind: &str, count: u64) {
        self.report.count_not_judged(kind, "not an HTTP exchange", count);
    }

    /// Counts a part of the current input that is not judged, for any reason.
    pub(crate) fn count_not_judged(&mut self, part: &str, reason: &str) {
        self.report.count_not_judged(part, reason, 1);
    }

    /// Ends an input with its checksum, or with the reason why it could not be read completely.
    pub fn finish_input(&mut self, digest: Option<String>, error: Option<String>) {
        if let Some(input) = self.report.inputs.last_mut() {
            input.digest = digest;
            if let (Some(part), Some(_)) = (&mut self.part, &error) {
                part.unjudged.pop();
                part.unjudged.push(None);
            }
            input.error = error.or_else(|| input.error.take());
        }
    }

    /// Sets the number of entries of completed inputs, including those of other partitions.
    pub(crate) fn set_before(&mut self, entries: u64) {
        self.before = entries;
    }

    /// Number of findings so far.
    pub fn findings(&self) -> u64 {
        self.report.summary.errors + self.report.summary.warnings
    }

    /// Records an exchange that could not be judged. The first one of an input is its error.
    fn add_unreadable(&mut self, index: usize, reason: &str) {
        self.report.summary.unreadable += 1;
        if let Some(input) = self.report.inputs.last_mut() {
            if let (None, Some(first)) = (&input.error, self.part.as_mut().and_then(|part| part.unjudged.last_mut())) {
                *first = Some(index);
            }
            input.error.get_or_insert_with(|| format!("exchange {index} cannot be judged: {reason}"));
        }
    }

    /// Marks the run as interrupted.
    pub fn interrupt(&mut self) {
        self.report.complete = false;
    }

    /// The report.
    pub fn finish(mut self) -> Report {
        self.report.groups = self.groups.into_values().collect();
        match self.part {
            // The reasons to show are chosen after merging all partitions.
            Some(part) => self.report.part = Some(part),
            None => self.report.rules.iter_mut().for_each(fold_reasons),
        }
        let (contract, plan) = (self.judge.contract(), self.judge.plan());
        let unreachable = contract.config().check.unreachable.iter().map(|entry| (entry.case.clone(), entry.reason.clone()));
        let parameter = contract.config().sections.as_ref().map_or("", |sections| &sections.parameter);
        self.report.schema = self.counts.schema(plan, contract);
        let operations = self.counts.operations(plan);
        self.report.coverage =
            CoverageReport::new(&self.report.schema, operations, parameter, &self.report.rules, &unreachable.collect::<Vec<_>>());
        self.report
    }

    fn finding(
        &mut self,
        finding: Finding,
        info: &ExchangeInfo,
        place: ReportPosition,
        times: u64,
        previous: Option<Value>,
        around: &mut dyn FnMut(&Finding, bool) -> Surroundings,
    ) {
        match finding.severity {
            Severity::Error => self.report.summary.errors += times,
            Severity::Warning => self.report.summary.warnings += times,
        }
        let (contract, has_details) = (self.judge.contract(), self.has_details);
        let definition_of = || match &finding.rule {
            Some(rule) => contract.invariants().get(rule).map(|rule| rule.location.to_string()),
            None => None,
        };
        let entry = self.groups.entry(finding.fingerprint());
        let index = entry.index();
        let group = entry.or_insert_with_key(|fingerprint| {
            let mut group = Group::new(fingerprint.clone(), &finding);
            let place = definition_of().or_else(|| finding.absolute_keyword_location.clone());
            group.definition = place.filter(|_| has_details).and_then(|place| definition(contract, &place));
            group
        });
        group.count += times;
        let mut places = self.part.as_mut().map(|part| {
            if part.groups.len() == index {
                part.groups.push(PartGroup { first: place, samples: Vec::new() });
            }
            (&mut part.groups[index].samples, &mut part.cut)
        });
        if self.samples.is_none_or(|cap| group.shown < cap) {
            if !self.room.takes(group.shown) {
                places.iter_mut().for_each(|(_, cut)| **cut = true);
                return;
            }
            places.iter_mut().for_each(|(places, _)| places.push(place));
            group.shown += 1;
            // A few samples with context are enough for a reader.
            let has_context = group.shown <= CONTEXTS;
            let around = around(&finding, has_context);
            let mut sample = Sample::new(info.clone(), finding.message);
            sample.found_absent = finding.found.is_none();
            (sample.found, sample.found_truncated) = truncated(finding.found);
            sample.instance_location = finding.instance_location;
            sample.promised = finding.promised;
            sample.branch = finding.branch;
            sample.previous = previous;
            sample.position = finding.position;
            sample.excerpt = finding.excerpt;
            sample.caret = finding.caret;
            if has_context {
                (sample.context, sample.request) = (around.context, around.request);
            }
            sample.secrets = around.secrets;
            self.room.take(&sample);
            group.samples.push(sample);
        }
    }
}

fn count(rule: &mut RuleCounts, verdict: &Verdict, times: u64) {
    let reason = match verdict {
        Verdict::Passed => return rule.passed += times,
        Verdict::Failed => return rule.failed += times,
        Verdict::Vacuous => return rule.vacuous += times,
        Verdict::Blocked => return rule.blocked += times,
        Verdict::NotApplicable(reason) => {
            rule.not_applicable += times;
            (*reason).to_owned()
        }
        Verdict::Errored(message) => {
            rule.errored += times;
            message.clone()
        }
    };
    let known = rule.reasons.len() < REASONS.1 || rule.reasons.contains_key(&reason);
    *rule.reasons.entry(if known { reason } else { OTHER_REASONS.to_owned() }).or_default() += times;
}

/// The position of a location, written as `document#pointer`, in the contract.
fn definition(contract: &Contract, place: &str) -> Option<Definition> {
    let (document, pointer) = place.split_once('#')?;
    let position = contract.position(&Location::new(document, pointer))?;
    Some(Definition { document: document.to_owned(), line: position.line, column: position.column })
}

/// A value within the size limit, and whether it was truncated.
fn truncated(found: Option<Value>) -> (Value, bool) {
    let Some(value) = found else { return (Value::Null, false) };
    let text = value.to_string();
    if text.len() <= FOUND_LIMIT && is_within(&value, FOUND_DEPTH) {
        return (value, false);
    }
    let end = (0..=FOUND_LIMIT).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    (Value::String(text[..end].to_owned()), true)
}

/// Whether a value has at most `depth` levels of nesting.
fn is_within(value: &Value, depth: usize) -> bool {
    match value {
        Value::Array(items) => depth > 0 && items.iter().all(|item| is_within(item, depth - 1)),
        Value::Object(entries) => depth > 0 && entries.values().all(|entry| is_within(entry, depth - 1)),
        _ => true,
    }
}

/// The URL without user name and password.
pub(crate) fn without_credentials(url: &str) -> String {
    if !url.contains('@') {
        return url.to_owned();
    }
    match url::Url::parse(url) {
        Ok(mut parsed) if !parsed.username().is_empty() || parsed.password().is_some() => {
            // Setting them fails only for URLs without an authority.
            let _ = parsed.set_username("");
            let _ = parsed.set_password(None);
            parsed.to_string()
        }
        _ => url.to_owned(),
    }
}
