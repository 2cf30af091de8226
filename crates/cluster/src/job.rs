//! What every machine needs to know about a run, as bytes that are part of the plan.

use std::sync::{Arc, Mutex, PoisonError};

use charter_cli::RemoteRun;
use charter_engine::{CheckOptions, Judge, ListedArgument, SplitPlan};
use serde::{Deserialize, Serialize};

use crate::PROGRAM;
use crate::store;

/// Runs of which a worker keeps the compiled contract.
const KEPT: usize = 4;
/// Maximum bytes of a job without compression.
const MOST: u64 = 1 << 30;

/// A run: the contract and the flags, the inputs, and how they are divided.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Machines of a cluster need the same version of this program.
    version: String,
    pub(crate) run: RemoteRun,
    pub(crate) listing: Vec<ListedArgument>,
    pub(crate) splits: u32,
    pub(crate) shares: u32,
}

/// A run that is ready to judge.
pub(crate) struct Ready {
    pub(crate) judge: Judge,
    pub(crate) options: CheckOptions,
    pub(crate) plan: SplitPlan,
    pub(crate) splits: u32,
    pub(crate) shares: u32,
}

impl Job {
    pub(crate) fn new(run: RemoteRun, listing: Vec<ListedArgument>, splits: u32, shares: u32) -> Self {
        Self { version: env!("CARGO_PKG_VERSION").to_owned(), run, listing, splits, shares }
    }

    /// The job as bytes.
    pub(crate) fn encode(&self) -> Result<Vec<u8>, String> {
        let text = serde_json::to_vec(self).map_err(|error| error.to_string())?;
        zstd::bulk::compress(&text, 3).map_err(|error| error.to_string())
    }

    fn decode(bytes: &[u8]) -> Result<Self, String> {
        let mut text = Vec::new();
        let decoder = zstd::Decoder::new(bytes).map_err(|error| error.to_string())?;
        std::io::Read::read_to_end(&mut std::io::Read::take(decoder, MOST), &mut text).map_err(|error| error.to_string())?;
        let job: Self = serde_json::from_slice(&text).map_err(|error| error.to_string())?;
        match job.version.as_str() {
            env!("CARGO_PKG_VERSION") => Ok(job),
            other => Err(format!("the client has version {other} of charter-cluster, and this worker has {}", env!("CARGO_PKG_VERSION"))),
        }
    }
}

/// A job as bytes, and the run.
type Kept = (Arc<[u8]>, Arc<Ready>);

/// The runs of this process, newest last. A contract is compiled once, not for every task.
static RUNS: Mutex<Vec<Kept>> = Mutex::new(Vec::new());

impl Ready {
    /// The run of a job.
    ///
    /// # Errors
    /// The job is of another version, or its contract is not valid.
    pub(crate) fn of(bytes: &Arc<[u8]>) -> Result<Arc<Self>, String> {
        let mut runs = RUNS.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, ready)) = runs.iter().find(|(known, _)| known == bytes) {
            return Ok(ready.clone());
        }
        let job = Job::decode(bytes)?;
        let (judge, options) = job.run.judge(&PROGRAM)?;
        let plan = SplitPlan::of_listing(&job.listing, store::source);
        let ready = Arc::new(Self { judge, options, plan, splits: job.splits, shares: job.shares });
        if runs.len() >= KEPT {
            runs.remove(0);
        }
        runs.push((bytes.clone(), ready.clone()));
        Ok(ready)
    }
}
