//! Splits of the inputs: what their reports need for merging, and the positions of their exchanges in the whole inputs.

use serde::{Deserialize, Serialize};

use crate::model::ExchangeInfo;
use crate::model::Report;
use crate::part::{Part, ReportPosition};
use crate::partition::Partition;

/// A part of a run whose inputs were split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "phase", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SplitPart {
    /// A split of the inputs.
    Split(MapPart),
    /// The rules over time of a share of the resources.
    OverTime(OverTimePart),
}

/// A split of the inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct MapPart {
    /// Identifies the run: the checksum of the files of all splits with their sizes.
    pub run: String,
    /// The arguments of the run.
    pub arguments: Vec<SplitArgument>,
    /// The number of exchanges, malformed ones included.
    pub entries: u64,
    /// The number of records that are compared over time.
    pub records: u64,
    /// By input, in the order of the report.
    pub inputs: Vec<SplitInput>,
    /// By skipped file, in the order of the report: the index of its argument.
    pub skipped: Vec<usize>,
}

/// An argument of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SplitArgument {
    /// Its text.
    pub text: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// An input of a split.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SplitInput {
    /// The index of its argument.
    pub argument: usize,
    /// The range of the input that the split judged; `None` for a whole input.
    pub cut: Option<CutInput>,
}

/// A range of an input.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CutInput {
    /// Its first byte.
    pub start: u64,
    /// The byte after it, with which the next range begins.
    pub end: u64,
    /// The size of the whole input.
    pub size: u64,
    /// The number of exchanges that belong to it.
    pub entries: u64,
    /// The number of lines that belong to it.
    pub lines: u64,
    /// The decompressed bytes of these lines, if positions are counted in them, otherwise 0.
    #[serde(default)]
    pub decompressed: u64,
    /// The line, from 1, that its error names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_line: Option<u64>,
    /// The digests of its blocks, in hexadecimal; `None` if it was not read completely.
    pub blocks: Option<Vec<String>>,
}

/// The rules over time of a share of the resources.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverTimePart {
    /// Identifies the run.
    pub run: String,
    /// The number of splits that were read.
    pub splits: u32,
    /// The number of records of all splits in this share.
    pub records: u64,
    /// The number of exchanges that a split counted as kept, and that have a violation.
    pub newly_broken: u64,
    /// The number of these that a split counted as decided.
    pub newly_undecided: u64,
}

/// The number of exchanges and lines before a split.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Shift {
    /// The number of exchanges of all inputs before the split.
    pub entries: u64,
    /// The number of exchanges of the input that begins before the split.
    cut_entries: u64,
    /// The number of its exchanges before the split.
    index: usize,
    /// The number of its lines before the split.
    line: usize,
    /// The decompressed bytes of these lines, if positions are counted in them.
    byte: usize,
    /// The line that the error of the input names, counted from the beginning of the split.
    error_line: Option<usize>,
}

/// What has to be added to the positions of each split, in order.
///
/// # Errors
/// The index of a split that does not follow the one before, because an input has changed.
pub fn shifts<'p>(parts: impl IntoIterator<Item = &'p MapPart>) -> Result<Vec<Shift>, usize> {
    let mut shifts = Vec::new();
    let (mut entries, mut before) = (0, CutInput::default());
    for (split, part) in parts.into_iter().enumerate() {
        let count = |number: u64| usize::try_from(number).map_err(|_| split);
        let mut shift = Shift { entries, ..Shift::default() };
        for (number, cut) in part.inputs.iter().map(|input| input.cut.as_ref()).enumerate() {
            let Some(cut) = cut else { continue };
            if cut.start == 0 {
                before = cut.clone();
                continue;
            }
            if number > 0 || cut.start != before.end || cut.size != before.size {
                return Err(split);
            }
            shift.cut_entries = cut.entries;
            shift.index = count(before.entries)?;
            shift.line = count(before.lines)?;
            shift.byte = count(before.decompressed)?;
            shift.error_line = cut.error_line.map(count).transpose()?;
            before = CutInput {
                entries: before.entries + cut.entries,
                lines: before.lines + cut.lines,
                decompressed: before.decompressed + cut.decompressed,
                ..cut.clone()
            };
        }
        entries += part.entries;
        shifts.push(shift);
    }
    Ok(shifts)
}

impl Shift {
    /// The index among the exchanges of all inputs, from that in the split. Corrects the exchange too.
    pub fn exchange(&self, entry: u64, exchange: &mut ExchangeInfo) -> u64 {
        if entry < self.cut_entries {
            exchange.index += self.index;
            exchange.line = exchange.line.map(|line| line + self.line);
        }
        entry + self.entries
    }

    fn position(&self, position: &mut ReportPosition) {
        position.entry += self.entries;
    }

    /// Corrects the positions of a report.
    pub(crate) fn report(&self, report: &mut Report, part: &mut Part) {
        for (group, places) in report.groups.iter_mut().zip(&mut part.groups) {
            self.position(&mut places.first);
            for (sample, place) in group.samples.iter_mut().zip(&mut places.samples) {
                if place.entry < self.cut_entries
                    && let Some(position) = &mut sample.position
                {
                    position.line += self.line;
                    position.byte += self.byte;
                }
                place.entry = self.exchange(place.entry, &mut sample.exchange);
            }
        }
        if let (true, Some(input), Some(Some(index))) = (self.index > 0, report.inputs.first_mut(), part.unjudged.first_mut()) {
            let rest = input.error.as_ref().and_then(|error| error.strip_prefix(&format!("exchange {index} ")));
            input.error = rest.map(|rest| format!("exchange {} {rest}", *index + self.index)).or(input.error.take());
            *index += self.index;
        }
        if let (Some(line), Some(input)) = (self.error_line, report.inputs.first_mut()) {
            let corrected = |error: String| error.replacen(&format!(" at line {line}, "), &format!(" at line {}, ", line + self.line), 1);
            input.error = input.error.take().map(corrected);
        }
    }
}

impl SplitPart {
    /// The run that it belongs to.
    pub(crate) fn run(&self) -> &str {
        match self {
            Self::Split(part) => &part.run,
            Self::OverTime(part) => &part.run,
        }
    }

    /// What the part is called, for people.
    pub(crate) fn describe(&self, partition: Partition) -> String {
        match self {
            Self::Split(_) => format!("split {partition}"),
            Self::OverTime(_) => format!("over-time share {partition}"),
        }
    }
}
