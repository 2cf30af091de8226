//! Why reports cannot be joined, each with what to do.

use crate::partition::Partition;

/// Why reports cannot be joined.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum MergeError {
    /// No report was given.
    #[error("no reports to merge: name the JSON reports of all partitions")]
    Nothing,
    /// One is of a whole.
    #[error(
        "{name} is the report of a whole run, not of a partition: create partition reports with `charter check --partition K/N --report json=FILE`"
    )]
    Whole {
        /// The file.
        name: String,
    },
    /// One lacks what joining needs.
    #[error("{name} lacks the positions of its findings: create it again with `charter check --partition K/N` of this version")]
    Unfit {
        /// The file.
        name: String,
    },
    /// Two are of the same part.
    #[error("{one} and {other} are both reports of partition {partition}: give each partition once")]
    Repeated {
        /// The part.
        partition: Partition,
        /// One file.
        one: String,
        /// The other.
        other: String,
    },
    /// They are parts of different divisions.
    #[error("{one} and {other} have different numbers of partitions: judge all partitions with the same N")]
    Divided {
        /// One file, with its part.
        one: String,
        /// The other.
        other: String,
    },
    /// Some are not there.
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
        /// Of how many.
        of: u32,
    },
    /// They were judged by different contracts.
    #[error(
        "{} and {} were judged with different contracts ({} and {}): judge all partitions with the same contract",
        names.0, names.1, short(&digests.0), short(&digests.1)
    )]
    Contract {
        /// The files.
        names: (String, String),
        /// The contracts' digests.
        digests: (String, String),
    },
    /// They were judged with different flags.
    #[error("{} and {} were judged with different flags: give all partitions the same --operation, --samples, --max-body and --max-ratio", names.0, names.1)]
    Settings {
        /// The files.
        names: (String, String),
    },
    /// They have read different inputs.
    #[error("{} and {} read different inputs: they differ in {source_name}; give all partitions the same arguments and files", names.0, names.1)]
    Inputs {
        /// The files.
        names: (String, String),
        /// The input in which they differ.
        source_name: String,
    },
    /// One was written by another version.
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
    /// Whether what was given is all right as far as it goes, and something else has still to be judged.
    pub fn is_incomplete(&self) -> bool {
        matches!(self, Self::Missing { .. })
    }
}

fn short(digest: &str) -> &str {
    digest.get(.."sha256:".len() + 12).unwrap_or(digest)
}
