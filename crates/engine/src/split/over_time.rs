//! The observations of all splits → the report of a share of the resources.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap, HashMap};
use std::io;
use std::path::PathBuf;

use charter_contract::invariant::Severity;
use charter_report::{ExchangeInfo, Finding, MapPart, OverTimePart, Partition, Report, RequestInfo, Shift, SplitPart, shifts};
use charter_traffic::read::{Forms, Limits, LinePosition, Source, read_line_at};

use super::observations::{ObservationsFile, SplitError, identity, share_bounds};
use crate::Judge;
use crate::artifact::{ArtifactRecord, Artifacts, DeferredFinding, StatedArtifacts};
use crate::collect::{Collector, LateFinding};
use crate::timeline::{Comparisons, KEY, Record, Row, SplitRecord, Transition, compare_rows, locate_in, locate_transitions, resource_key};

/// The rules over time of a share of the resources.
#[derive(Debug)]
#[non_exhaustive]
pub struct OverTime {
    /// The report, for merging.
    pub report: Report,
    /// Sources with findings that cannot be read again. Their findings have no positions in the source.
    pub missing_sources: BTreeSet<String>,
}

/// Evaluates the rules over time for share `K` of `N` of the resources, across all splits.
///
/// # Errors
/// A split is missing or there twice, the splits belong to different runs, or a file cannot be read.
pub fn over_time(judge: &Judge, files: Vec<ObservationsFile>, share: Partition) -> Result<OverTime, SplitError> {
    over_time_of(judge, files, share, &|name| Source::File(PathBuf::from(name)))
}

/// Like [`over_time`], for inputs that are not files of this machine: `open` returns the source of an input, by its name.
///
/// # Errors
/// As [`over_time`].
pub fn over_time_of(
    judge: &Judge,
    mut files: Vec<ObservationsFile>,
    share: Partition,
    open: &dyn Fn(&str) -> Source,
) -> Result<OverTime, SplitError> {
    files.sort_by_key(|file| file.split.number());
    complete(judge, &files)?;
    let Some(first) = files.first() else { return Err(SplitError::Missing { missing: vec!["1/N".to_owned()], of: 1 }) };
    let (settings, run, name) = (first.header.settings.clone(), first.header.part.run.clone(), first.name.clone());
    let parts: Vec<&MapPart> = files.iter().map(|file| &file.header.part).collect();
    let shifts = shifts(parts).map_err(|split| SplitError::Ranges { name: files[split].name.clone() })?;
    let splits = files.len() as u32;
    let mut records = Records::new(files, share)?;
    let mut late = LateFindings { samples: settings.samples, ..LateFindings::default() };
    let rows = Rows {
        records: &mut records,
        shifts: &shifts,
        artifacts: Artifacts::new(judge.contract()),
        late: &mut late,
        identity: None,
        of_downloads: HashMap::new(),
    };
    let compared = compare_rows(judge, settings.samples, rows, Vec::new);
    let mut comparisons = compared.map_err(|source| records.failed.take().unwrap_or(SplitError::Io { name, source }))?;
    let limits = Limits { max_body: settings.max_body, max_ratio: settings.max_ratio };
    let missing_sources = locate(judge, &mut comparisons, &limits, open);
    let part = OverTimePart { run, splits, records: records.count, newly_broken: late.newly_broken, newly_undecided: late.newly_undecided };
    let mut collector = Collector::new(judge, settings.samples, true).of_split(share, settings, SplitPart::OverTime(part));
    collector.add_late_findings(late.into_findings());
    collector.add_comparisons(comparisons);
    Ok(OverTime { report: collector.finish(), missing_sources })
}

/// Checks that each split of one run is there once.
fn complete(judge: &Judge, files: &[ObservationsFile]) -> Result<(), SplitError> {
    let Some(first) = files.first() else { return Ok(()) };
    let digest = judge.contract().digest();
    for file in files {
        if file.header.contract != digest {
            return Err(SplitError::Contract { name: file.name.clone() });
        }
        let (own, known) = (&file.header, &first.header);
        if file.split.of() != first.split.of() || own.part.run != known.part.run || own.settings != known.settings {
            return Err(SplitError::Runs { one: first.name.clone(), other: file.name.clone() });
        }
    }
    if let Some(pair) = files.windows(2).find(|pair| pair[0].split == pair[1].split) {
        let (one, other) = (pair[0].name.clone(), pair[1].name.clone());
        return Err(SplitError::Repeated { split: pair[0].split.to_string(), one, other });
    }
    let of = first.split.of();
    let is_missing = |number: &u32| files.iter().all(|file| file.split.number() != *number);
    let missing: Vec<String> = (1..=of).filter(is_missing).map(|number| format!("{number}/{of}")).collect();
    if missing.is_empty() { Ok(()) } else { Err(SplitError::Missing { missing, of }) }
}

/// The records of all splits whose resources belong to a share, in order.
struct Records {
    files: Vec<ObservationsFile>,
    /// The first bytes of the keys of the share.
    last: u64,
    first: u64,
    heads: BinaryHeap<Reverse<Head>>,
    count: u64,
    /// Which file cannot be read.
    failed: Option<SplitError>,
}

/// The order of a record: its key without the index in its split, the split, and the index.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Head([u8; KEY - 8], usize, [u8; 8], Vec<u8>);

impl Records {
    fn new(files: Vec<ObservationsFile>, share: Partition) -> Result<Self, SplitError> {
        let (first, last) = share_bounds(share.number(), share.of());
        let mut records = Self { files, first, last, heads: BinaryHeap::new(), count: 0, failed: None };
        for number in 0..records.files.len() {
            let begun = records.files[number].seek_to(first).map_err(|error| records.fail(number, error));
            if let Err(source) = begun.and_then(|()| records.refill(number)) {
                let name = records.files[number].name.clone();
                return Err(records.failed.take().unwrap_or(SplitError::Io { name, source }));
            }
        }
        Ok(records)
    }

    /// Notes which file has an error.
    fn fail(&mut self, number: usize, error: io::Error) -> io::Error {
        let name = self.files[number].name.clone();
        let kind = error.kind();
        let is_damaged = matches!(kind, io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidInput | io::ErrorKind::InvalidData);
        self.failed = Some(if is_damaged { SplitError::Format { name } } else { SplitError::Io { name, source: error } });
        kind.into()
    }

    fn refill(&mut self, number: usize) -> io::Result<()> {
        while let Some((key, value)) = self.files[number].next_record().map_err(|error| self.fail(number, error))? {
            let identity = identity(&key);
            if identity > self.last {
                break;
            }
            if identity >= self.first {
                let (mut order, mut sequence) = ([0; KEY - 8], [0; 8]);
                order.copy_from_slice(&key[..KEY - 8]);
                sequence.copy_from_slice(&key[KEY - 8..]);
                self.heads.push(Reverse(Head(order, number, sequence, value)));
                break;
            }
        }
        Ok(())
    }

    /// The next record and its split.
    fn next(&mut self) -> io::Result<Option<(Record, usize)>> {
        let Some(Reverse(Head(order, number, sequence, value))) = self.heads.pop() else { return Ok(None) };
        self.refill(number)?;
        self.count += 1;
        let mut key = [0; KEY];
        key[..KEY - 8].copy_from_slice(&order);
        key[KEY - 8..].copy_from_slice(&sequence);
        Ok(Some(((key, value), number)))
    }
}

/// The observations with the findings of downloads, and with their positions in the whole inputs.
struct Rows<'r> {
    records: &'r mut Records,
    shifts: &'r [Shift],
    artifacts: Option<Artifacts>,
    late: &'r mut LateFindings,
    /// The current identity.
    identity: Option<u64>,
    /// Of the downloads with findings of the current identity, by index: whether the exchange has an error, and the findings that rules may replace.
    of_downloads: HashMap<u64, (bool, Vec<DeferredFinding>)>,
}

impl Iterator for Rows<'_> {
    type Item = io::Result<Row>;

    fn next(&mut self) -> Option<Self::Item> {
        self.next_row().transpose()
    }
}

impl Rows<'_> {
    fn next_row(&mut self) -> io::Result<Option<Row>> {
        while let Some(((key, value), split)) = self.records.next()? {
            let own = identity(&key);
            if self.identity.replace(own) != Some(own) {
                self.of_downloads.clear();
                self.artifacts.iter_mut().for_each(Artifacts::forget);
            }
            let mut local = [0; 8];
            local.copy_from_slice(&key[KEY - 8..]);
            let (local, shift) = (u64::from_be_bytes(local), &self.shifts[split]);
            match SplitRecord::read(&value).map_err(|_| self.records.fail(split, io::ErrorKind::InvalidData.into()))? {
                SplitRecord::Artifact(resource, record) => self.artifact(local, shift, resource, record),
                SplitRecord::Observation(observation, mut origin) => {
                    origin.sequence = shift.exchange(local, &mut origin.info);
                    let (is_broken, deferred) = self.of_downloads.remove(&origin.sequence).unwrap_or_default();
                    origin.kept &= !is_broken;
                    return Ok(Some(Row { resource: resource_key(&observation), observation: *observation, origin, deferred }));
                }
            }
        }
        Ok(None)
    }

    fn artifact(&mut self, local: u64, shift: &Shift, resource: String, record: ArtifactRecord) {
        let Some(artifacts) = &mut self.artifacts else { return };
        match record {
            ArtifactRecord::Stated(files) => artifacts.state(local + shift.entries, StatedArtifacts { resource, files }),
            ArtifactRecord::Downloaded(mut record) => {
                let entry = shift.exchange(local, &mut record.info);
                let (findings, deferred) = artifacts.compare_record(entry, &resource, &record);
                let is_broken = findings.iter().any(|finding| finding.severity == Severity::Error);
                if is_broken && record.is_kept {
                    self.late.newly_broken += 1;
                    self.late.newly_undecided += u64::from(record.is_decided);
                }
                for (finding, index) in findings.into_iter().zip(record.findings..) {
                    self.late.add((entry, index), finding, &record.info, record.request.as_ref());
                }
                if is_broken || !deferred.is_empty() {
                    self.of_downloads.insert(entry, (is_broken, deferred));
                }
            }
        }
    }
}

/// The first findings of a group, in input order.
type Shown = BTreeMap<(u64, u64), LateFinding>;

/// Findings of exchanges that no split has.
#[derive(Default)]
struct LateFindings {
    samples: Option<u64>,
    /// By fingerprint: the number of findings, and the first ones in input order.
    groups: BTreeMap<String, (u64, Shown)>,
    newly_broken: u64,
    newly_undecided: u64,
}

impl LateFindings {
    fn add(&mut self, place: (u64, u64), finding: Finding, info: &ExchangeInfo, request: Option<&RequestInfo>) {
        let (count, shown) = self.groups.entry(finding.fingerprint()).or_default();
        *count += 1;
        shown.insert(place, LateFinding { place, finding, info: info.clone(), request: request.cloned(), times: 1 });
        // One finding of each group is needed for the members of the group.
        if self.samples.is_some_and(|samples| shown.len() as u64 > samples.max(1)) {
            shown.pop_last();
        }
    }

    /// The findings in input order. The first one of a group also counts for those that are not shown.
    fn into_findings(self) -> Vec<LateFinding> {
        let mut findings = Vec::new();
        for (count, shown) in self.groups.into_values() {
            let mut rest = count - shown.len() as u64;
            findings.extend(shown.into_values().map(|finding| LateFinding { times: 1 + std::mem::take(&mut rest), ..finding }));
        }
        findings.sort_by_key(|finding| finding.place);
        findings
    }
}

/// Adds positions to findings over time. Returns the sources that cannot be read.
fn locate(judge: &Judge, comparisons: &mut Comparisons, limits: &Limits, source_of: &dyn Fn(&str) -> Source) -> BTreeSet<String> {
    let (mut missing, mut others) = (BTreeSet::new(), BTreeSet::new());
    let mut read = |name: &str, byte: Option<u64>, index: usize, line: Option<usize>| {
        let source = source_of(name);
        let (Some(byte), Some(line)) = (byte, line) else {
            others.insert(name.to_owned());
            return None;
        };
        let entry = read_line_at(&source, LinePosition { byte, line, index }, limits);
        if entry.is_err() {
            missing.insert(name.to_owned());
        }
        entry.ok().flatten()?.ok()
    };
    for transition in comparisons.findings.values_mut().flat_map(|(_, transitions)| transitions) {
        let Transition { info, bytes, .. } = &*transition;
        let later = read(&info.source, bytes.0, info.index, info.line);
        let earlier = transition.previous.as_ref().and_then(|previous| {
            let number = |name: &str| previous[name].as_u64().and_then(|number| usize::try_from(number).ok());
            read(previous["source"].as_str()?, bytes.1, number("index")?, number("line"))
        });
        locate_in(transition, later.as_ref(), earlier.as_ref());
    }
    missing.extend(others.iter().filter(|name| source_of(name).size().is_none()).cloned());
    let others: Vec<Source> = others.iter().map(|name| source_of(name)).collect();
    let forms = Forms { columns: judge.contract().config().traffic.columns.as_ref(), ..Forms::default() };
    locate_transitions(comparisons, &others, limits, &forms);
    missing
}
