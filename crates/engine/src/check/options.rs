//! Options and progress of a run.

use std::sync::Arc;

use charter_report::Partition;
use charter_traffic::read::Limits;

/// How recordings are judged.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CheckOptions {
    /// Limits on the size of the input.
    pub limits: Limits,
    /// Samples shown of each group; `None` shows all.
    pub samples: Option<u64>,
    /// Number of threads.
    pub jobs: usize,
    /// The partition to judge; `None` judges everything.
    pub partition: Option<Partition>,
    /// Whether the documented examples of responses are judged, as the last input.
    pub examples: bool,
    /// Whether the report has the checksum of the contract, and the positions of schemas and rules in its documents. Both take time for a
    /// large document.
    pub contract_details: bool,
    /// Bytes of memory for what rules over time compare. What exceeds them is stored in temporary files.
    pub memory: u64,
}

/// [`CheckOptions::memory`] of a caller that sets none.
const MEMORY: u64 = 64 << 20;

impl Default for CheckOptions {
    fn default() -> Self {
        Self {
            limits: Limits::default(),
            samples: Some(5),
            jobs: 1,
            partition: None,
            examples: false,
            contract_details: true,
            memory: MEMORY,
        }
    }
}

impl CheckOptions {
    /// Sets the limits on the size of the input.
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Sets the number of samples shown of each group; `None` shows all.
    #[must_use]
    pub fn with_samples(self, samples: Option<u64>) -> Self {
        Self { samples, ..self }
    }

    /// Sets the number of threads.
    #[must_use]
    pub fn with_jobs(self, jobs: usize) -> Self {
        Self { jobs, ..self }
    }

    /// Sets the partition to judge; `None` judges everything.
    #[must_use]
    pub fn with_partition(self, partition: Option<Partition>) -> Self {
        Self { partition, ..self }
    }

    /// Sets whether the documented examples of responses are judged, as the last input.
    #[must_use]
    pub fn with_examples(self, examples: bool) -> Self {
        Self { examples, ..self }
    }

    /// Sets whether the report has the checksum of the contract and positions in its documents. Reports as JSON, HTML and SARIF, and
    /// partitions need them.
    #[must_use]
    pub fn with_contract_details(self, contract_details: bool) -> Self {
        Self { contract_details, ..self }
    }
}

impl CheckOptions {
    /// Sets the bytes of memory for what rules over time compare.
    #[must_use]
    pub fn with_memory(self, memory: u64) -> Self {
        Self { memory, ..self }
    }
}

/// The progress of a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Progress {
    /// The current source.
    pub source: Arc<str>,
    /// Exchanges judged, of all sources.
    pub exchanges: u64,
    /// Findings so far.
    pub findings: u64,
    /// Bytes read, of all sources. A compressed file counts with its compressed size, once it is complete.
    pub bytes: u64,
    /// Bytes of all sources; `None` if the size of a source is unknown.
    pub total_bytes: Option<u64>,
}
