//! Errors of merging reports, each with a remedy.

use crate::partition::Partition;

/// Why reports cannot be merged.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// No report was given.
    #[error("no reports to merge: name the JSON reports of all partitions")]
    Nothing,
    /// A report is of a whole run.
    #[error(
        "{name} is the report of a whole run, not of a partition: create partition reports with `charter check --partition K/N --report json=FILE`"
    )]
    Whole {
        /// The file.
        name: String,
    },
    /// A report lacks the data for merging.
    #[error("{name} lacks the positions of its findings: create it again with `charter check --partition K/N` of this version")]
    Unfit {
        /// The file.
        name: String,
    },
    /// The ranges of an input that splits judged do not follow each other.
    #[error(
        "{name}: the part of {source_name} that this split judged does not follow that of the split before: the input has changed; judge all splits again"
    )]
    Ranges {
        /// The file.
        name: String,
        /// The input.
        source_name: String,
    },
    /// Two reports are of the same partition.
    #[error("{one} and {other} are both reports of partition {partition}: give each partition once")]
    Repeated {
        /// The partition.
        partition: Partition,
        /// One file.
        one: String,
        /// The other.
        other: String,
    },
    /// The numbers of partitions differ.
    #[error("{one} and {other} have different numbers of partitions: judge all partitions with the same N")]
    Divided {
        /// One file, with its partition.
        one: String,
        /// The other.
        other: String,
    },
    /// Partitions are missing.
    #[error(
        "{} of {of} partitions {} missing: {}; judge {} with `charter check --partition`, and add {}",
        missing.len(),
        if missing.len() == 1 { "is" } else { "are" },
        missing.iter().map(|number| format!("{number}/{of}")).collect::<Vec<_>>().join(", "),
        if missing.len() == 1 { "it" } else { "them" },
        if missing.len() == 1 { "its report" } else { "their reports" }
    )]
    Missing {
        /// Their numbers.
        missing: Vec<u32>,
        /// The number of partitions.
        of: u32,
    },
    /// A report of a partition is among those of splits.
    #[error("{name} is the report of a partition, and others are of splits: merge the reports of one run")]
    Mixed {
        /// The file.
        name: String,
    },
    /// Two reports are of the same split, or of the same share of the rules over time.
    #[error("{one} and {other} are both reports of {part}: give each once")]
    RepeatedSplit {
        /// The split or the share.
        part: String,
        /// One file.
        one: String,
        /// The other.
        other: String,
    },
    /// Splits, or shares of the rules over time, are missing.
    #[error(
        "{} of {of} {what} missing: {}; run `charter check {flag} {}/{of}` and add the report",
        missing.len(),
        missing.iter().map(|number| format!("{number}/{of}")).collect::<Vec<_>>().join(", "),
        missing.first().unwrap_or(&1)
    )]
    MissingSplits {
        /// Their numbers.
        missing: Vec<u32>,
        /// Their number in all.
        of: u32,
        /// What they are.
        what: &'static str,
        /// The flag that makes them.
        flag: &'static str,
    },
    /// No report is of a split.
    #[error("the reports of the splits are missing: add the reports of `charter check --split K/N`")]
    NoSplits,
    /// No report is of the rules over time.
    #[error(
        "the splits have {records} observations for rules over time, and no report of these rules is given: run `charter check --over-time 1/1 DIR --report json=FILE` with the folder of --observations, and add its report"
    )]
    NoShares {
        /// The number of observations.
        records: u64,
    },
    /// The splits belong to different runs.
    #[error("{} and {} belong to different runs: their files, or the sizes of these, differ; judge all splits with the same arguments and files", names.0, names.1)]
    Runs {
        /// The files.
        names: (String, String),
    },
    /// The rules over time were evaluated without the observations of all splits.
    #[error(
        "{name} does not have the observations of these splits: they have {wanted}, and {found} were compared; run `charter check --over-time` again after all splits"
    )]
    Observations {
        /// The file.
        name: String,
        /// The number of observations of the splits.
        wanted: u64,
        /// The number of observations that were compared.
        found: u64,
    },
    /// The contracts differ.
    #[error(
        "{} and {} were judged with different contracts ({} and {}): judge all partitions with the same contract",
        names.0, names.1, short(&digests.0), short(&digests.1)
    )]
    Contract {
        /// The files.
        names: (String, String),
        /// The contracts' checksums.
        digests: (String, String),
    },
    /// The flags differ.
    #[error("{} and {} were judged with different flags: give all partitions the same --operation, --samples, --max-body and --max-ratio", names.0, names.1)]
    Settings {
        /// The files.
        names: (String, String),
    },
    /// The inputs differ.
    #[error("{} and {} read different inputs: they differ in {source_name}; give all partitions the same arguments and files", names.0, names.1)]
    Inputs {
        /// The files.
        names: (String, String),
        /// The input in which they differ.
        source_name: String,
    },
    /// The versions differ.
    #[error("{name} was written by version {version}, but this is version {own}: judge and merge with the same version")]
    Version {
        /// The file.
        name: String,
        /// Its version.
        version: String,
        /// This version.
        own: &'static str,
    },
}

impl MergeError {
    /// Whether the given reports are valid, but others are still missing.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::Missing { .. } | Self::MissingSplits { .. } | Self::NoSplits | Self::NoShares { .. })
    }
}

fn short(digest: &str) -> &str {
    digest.get(.."sha256:".len() + 12).unwrap_or(digest)
}
