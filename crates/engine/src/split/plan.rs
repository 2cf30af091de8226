//! The inputs of a run, and which part of them belongs to a split.
//!
//! Splits follow each other: a split has a range of the bytes of all inputs, in their order. An input is divided at the blocks of its digest. Its lines, frames or row groups
//! belong to the split in whose range they begin; an input without them belongs to one split.

use std::ops::Range;

use charter_report::{MapPart, Partition, SplitArgument};
use charter_traffic::read::{DIGEST_BLOCK, Source, find};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::check::with_remedy;

/// The inputs of a run. Files are listed and not opened.
#[derive(Debug)]
pub struct SplitPlan {
    arguments: Vec<SplitArgument>,
    units: Vec<Unit>,
    /// The weight of all units.
    weight: u64,
}

/// An input.
#[derive(Debug)]
struct Unit {
    argument: usize,
    content: UnitContent,
    /// The files of its argument that are not read, for the first unit of an argument: their names and the reasons.
    skipped: Vec<(String, String)>,
    size: u64,
}

#[derive(Debug)]
enum UnitContent {
    Source(Source),
    /// Why the argument has no source.
    Error(String),
}

/// An argument of a run and its files, so that all processes of the run have the same inputs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListedArgument {
    /// The argument.
    pub text: String,
    /// Whether it is a folder.
    pub is_folder: bool,
    /// The names of its files, and their sizes in bytes.
    pub files: Vec<(String, u64)>,
    /// The names of the files that are not read, and the reasons.
    pub skipped: Vec<(String, String)>,
    /// Why it has no files.
    pub error: Option<String>,
}

/// What a split judges of an input.
#[derive(Debug)]
pub(crate) struct Share<'p> {
    pub(crate) argument: usize,
    pub(crate) content: ShareContent<'p>,
    /// The files of the argument that are not read, for the share with its beginning.
    pub(crate) skipped: &'p [(String, String)],
    pub(crate) is_folder: bool,
}

#[derive(Debug)]
pub(crate) enum ShareContent<'p> {
    Whole(&'p Source),
    /// A range, and the size of the source. If the source cannot be divided, the share with its beginning has all of it.
    Range(&'p Source, Range<u64>, u64),
    Error(&'p str),
}

impl SplitPlan {
    /// The inputs that arguments name.
    pub fn new(arguments: &[String]) -> Self {
        let mut plan = Self { arguments: Vec::new(), units: Vec::new(), weight: 0 };
        for argument in arguments {
            match find(argument) {
                Ok(found) => {
                    let skipped = found.skipped_files.into_iter().map(|file| (file.source.to_string(), file.reason));
                    plan.add(argument, found.is_folder, found.sources, skipped.collect());
                }
                Err(error) => plan.push(argument, false, vec![(UnitContent::Error(with_remedy(&error)), 0)], Vec::new()),
            }
        }
        plan
    }

    /// The inputs of a listing. `open` returns the source of a file, by its name and size.
    pub fn of_listing(listing: &[ListedArgument], open: impl Fn(&str, u64) -> Source) -> Self {
        let mut plan = Self { arguments: Vec::new(), units: Vec::new(), weight: 0 };
        for argument in listing {
            let files = argument.files.iter().map(|(name, size)| (UnitContent::Source(open(name, *size)), *size));
            let errors = argument.error.iter().map(|error| (UnitContent::Error(error.clone()), 0));
            plan.push(&argument.text, argument.is_folder, files.chain(errors).collect(), argument.skipped.clone());
        }
        plan
    }

    /// The arguments and their files.
    pub fn listing(&self) -> Vec<ListedArgument> {
        let listed = |argument: &SplitArgument| ListedArgument {
            text: argument.text.clone(),
            is_folder: argument.is_folder,
            ..ListedArgument::default()
        };
        let mut listing: Vec<ListedArgument> = self.arguments.iter().map(listed).collect();
        for unit in &self.units {
            let argument = &mut listing[unit.argument];
            argument.skipped.extend(unit.skipped.iter().cloned());
            match &unit.content {
                UnitContent::Source(source) => argument.files.push((source.name().to_string(), unit.size)),
                UnitContent::Error(error) => argument.error = Some(error.clone()),
            }
        }
        listing
    }

    /// The source of an input, by its name.
    pub fn source(&self, name: &str) -> Option<Source> {
        let mut sources = self.units.iter().filter_map(|unit| match &unit.content {
            UnitContent::Source(source) => Some(source),
            UnitContent::Error(_) => None,
        });
        sources.find(|source| *source.name() == *name).cloned()
    }

    /// These inputs.
    pub fn of_sources(sources: Vec<Source>) -> Self {
        let mut plan = Self { arguments: Vec::new(), units: Vec::new(), weight: 0 };
        for source in sources {
            let name = source.name();
            plan.add(&name, false, vec![source], Vec::new());
        }
        plan
    }

    fn add(&mut self, argument: &str, is_folder: bool, sources: Vec<Source>, skipped: Vec<(String, String)>) {
        let units = sources.into_iter().map(|source| {
            // An object that is read in order belongs to one split.
            let size = source.size().filter(|_| !matches!(source, Source::Remote { .. })).unwrap_or(0);
            (UnitContent::Source(source), size)
        });
        self.push(argument, is_folder, units.collect(), skipped);
    }

    fn push(&mut self, argument: &str, is_folder: bool, units: Vec<(UnitContent, u64)>, mut skipped: Vec<(String, String)>) {
        let number = self.arguments.len();
        self.arguments.push(SplitArgument { text: argument.to_owned(), is_folder });
        for (content, size) in units {
            self.weight += size.max(1);
            self.units.push(Unit { argument: number, content, skipped: std::mem::take(&mut skipped), size });
        }
    }

    /// Whether standard input is one of the inputs. It cannot be split.
    pub fn has_stdin(&self) -> bool {
        self.units.iter().any(|unit| matches!(unit.content, UnitContent::Source(Source::Stdin)))
    }

    /// The number of bytes of a split.
    pub fn bytes(&self, split: Partition) -> u64 {
        let size = |share: Share<'_>| match share.content {
            ShareContent::Whole(source) => source.size().unwrap_or(0),
            ShareContent::Range(_, range, _) => range.end - range.start,
            ShareContent::Error(_) => 0,
        };
        self.shares(split).into_iter().map(size).sum()
    }

    /// The description of the run, still without results.
    pub(crate) fn part(&self) -> MapPart {
        let mut hasher = Sha256::new();
        for argument in &self.arguments {
            hasher.update(argument.text.as_bytes());
            hasher.update([0, u8::from(argument.is_folder)]);
        }
        for unit in &self.units {
            if let UnitContent::Source(source) = &unit.content {
                hasher.update(source.name().as_bytes());
                hasher.update([0]);
                hasher.update(unit.size.to_le_bytes());
            }
        }
        let run = hasher.finalize().iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        MapPart { run, arguments: self.arguments.clone(), ..MapPart::default() }
    }

    /// The shares of a split, in order.
    pub(crate) fn shares(&self, split: Partition) -> Vec<Share<'_>> {
        // A block belongs to the split in which its middle lies.
        let owner = |start: u64| (u128::from(start) * u128::from(split.of()) / u128::from(self.weight.max(1))) as u32 + 1;
        let (mut shares, mut at) = (Vec::new(), 0);
        for unit in &self.units {
            let weight = unit.size.max(1);
            let blocks = weight.div_ceil(DIGEST_BLOCK);
            let middle = |block: u64| at + block * DIGEST_BLOCK + (weight - block * DIGEST_BLOCK).min(DIGEST_BLOCK) / 2;
            let first = (0..blocks).partition_point_by(|block| owner(middle(block)) < split.number());
            let end = (0..blocks).partition_point_by(|block| owner(middle(block)) <= split.number());
            at += weight;
            if first == end {
                continue;
            }
            let content = match &unit.content {
                UnitContent::Error(error) => ShareContent::Error(error),
                UnitContent::Source(source) if end - first == blocks => ShareContent::Whole(source),
                UnitContent::Source(source) => {
                    ShareContent::Range(source, first * DIGEST_BLOCK..(end * DIGEST_BLOCK).min(unit.size), unit.size)
                }
            };
            let skipped = if first == 0 { &*unit.skipped } else { &[] };
            shares.push(Share { argument: unit.argument, content, skipped, is_folder: self.arguments[unit.argument].is_folder });
        }
        shares
    }
}

/// A search in ordered numbers.
trait PartitionPoint {
    /// The first number for which `is_before` does not hold, or the end of the range.
    fn partition_point_by(self, is_before: impl Fn(u64) -> bool) -> u64;
}

impl PartitionPoint for Range<u64> {
    fn partition_point_by(mut self, is_before: impl Fn(u64) -> bool) -> u64 {
        while self.start < self.end {
            let middle = self.start + (self.end - self.start) / 2;
            if is_before(middle) { self.start = middle + 1 } else { self.end = middle }
        }
        self.start
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_have_each_byte_once_and_are_even() {
        let sizes = [0, 5, DIGEST_BLOCK * 7 + 3, DIGEST_BLOCK, DIGEST_BLOCK + 1, 40 * DIGEST_BLOCK, 17];
        let sources = sizes.iter().enumerate().map(|(number, size)| Source::Bytes {
            name: format!("{number}").into(),
            bytes: vec![0; usize::try_from(*size).expect("a size")].into(),
        });
        let plan = SplitPlan::of_sources(sources.collect());
        for of in 1..=9_u32 {
            let (mut seen, mut names) = (vec![0; sizes.len()], Vec::new());
            for number in 1..=of {
                let split: Partition = format!("{number}/{of}").parse().expect("a split");
                for share in plan.shares(split) {
                    names.push(share.argument);
                    match share.content {
                        ShareContent::Whole(source) => seen[share.argument] += source.size().expect("a size"),
                        ShareContent::Range(_, range, size) => {
                            assert_eq!((range.start, size), (seen[share.argument], sizes[share.argument]));
                            seen[share.argument] += range.end - range.start;
                        }
                        ShareContent::Error(error) => panic!("{error}"),
                    }
                }
                let even = sizes.iter().sum::<u64>() / u64::from(of);
                assert!(plan.bytes(split).abs_diff(even) <= 2 * DIGEST_BLOCK, "{split}: {} of {even}", plan.bytes(split));
            }
            assert_eq!(seen, sizes, "{of} splits");
            names.dedup();
            assert_eq!(names, (0..sizes.len()).collect::<Vec<_>>(), "{of} splits");
        }
    }
}
