//! Runs a plan on a cluster and collects the reports.

use std::io::Read;
use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use ballista_core::config::{BALLISTA_CLIENT_PULL, BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK, BALLISTA_SHUFFLE_SORT_BASED_BATCH_SIZE};
use ballista_core::execution_plans::execute_physical_plan;
use ballista_core::extension::SessionConfigExt;
use charter_cli::{RemoteError, RemoteRun};
use charter_report::Report;
use datafusion::error::DataFusionError;
use datafusion::prelude::SessionConfig;
use datafusion_proto::protobuf::PhysicalPlanNode;
use futures::StreamExt;
use url::Url;

use crate::arguments::ClusterCheck;
use crate::codec::Codec;
use crate::job::Job;
use crate::row::{Documents, Kind};
use crate::serve::MESSAGE;
use crate::{plan, store};

/// Bytes of a split.
const SPLIT: u64 = 16 << 20;
const MOST_SPLITS: u64 = 10_000;
/// Bytes of the inputs of a share of the resources.
const SHARE: u64 = 256 << 20;
const FEWEST_SHARES: u64 = 4;
const MOST_SHARES: u64 = 1_000;
/// Rows that are handed on together. A row has up to 1 MiB.
const ROWS: &str = "8";
/// Runs of a plan, if a worker with results is lost after the last task.
const ATTEMPTS: usize = 3;
/// How often Ctrl-C is noticed.
const INTERVAL: Duration = Duration::from_millis(100);

/// Runs `check` on a cluster; returns the reports of all splits and shares with their names.
pub(crate) fn run(
    run: &RemoteRun,
    paths: &[String],
    url: &Url,
    arguments: &ClusterCheck,
    is_interrupted: &dyn Fn() -> bool,
) -> Result<Vec<(String, Report)>, RemoteError> {
    let listing = store::list(paths).map_err(RemoteError::Failed)?;
    let bytes: u64 = listing.iter().flat_map(|argument| &argument.files).map(|(_, size)| size).sum();
    let number = |flag: Option<NonZeroU32>, bytes_each: u64, fewest: u64, most: u64| {
        flag.map_or_else(|| u32::try_from(bytes.div_ceil(bytes_each).clamp(fewest, most)).unwrap_or(u32::MAX), NonZeroU32::get)
    };
    let splits = number(arguments.splits, SPLIT, 1, MOST_SPLITS);
    let shares = number(arguments.shares, SHARE, FEWEST_SHARES, MOST_SHARES);
    let job: Arc<[u8]> = Job::new(run.clone(), listing, splits, shares).encode().map_err(RemoteError::Failed)?.into();
    let failed = |error: DataFusionError| RemoteError::Failed(described(&error, url));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| RemoteError::Failed(error.to_string()))?;
    let documents = runtime.block_on(async {
        let mut attempt = 1;
        loop {
            let collected = tokio::select! {
                collected = collect(url, &job, splits, shares) => collected,
                () = interruption(is_interrupted) => return Err(RemoteError::Interrupted),
            };
            match collected {
                // The results of the last step are only on the workers that made them.
                Err(Failed::Results(error)) if attempt < ATTEMPTS => {
                    eprintln!("warning: results were lost with a worker, so that the check runs again: {error}");
                    attempt += 1;
                }
                Err(Failed::Results(error) | Failed::Run(error)) => return Err(failed(error)),
                Ok(documents) => return Ok(documents),
            }
        }
    })?;
    runtime.shutdown_background();
    reports(documents, splits, shares)
}

/// Where a run failed.
enum Failed {
    /// A step of the plan failed.
    Run(DataFusionError),
    /// Results cannot be fetched.
    Results(DataFusionError),
}

/// Runs the plan and receives its documents.
async fn collect(url: &Url, job: &Arc<[u8]>, splits: u32, shares: u32) -> Result<Documents, Failed> {
    let plan = plan::of(job.clone(), splits, shares).map_err(Failed::Run)?;
    let config = SessionConfig::new_with_ballista()
        .with_ballista_job_name("charter check")
        .with_ballista_grpc_client_max_message_size(MESSAGE as usize)
        .with_batch_size(8)
        .set_str(BALLISTA_SHUFFLE_SORT_BASED_BATCH_SIZE, ROWS)
        // A lost worker loses few splits.
        .set_str(BALLISTA_SCHEDULER_MAX_PARTITIONS_PER_TASK, "1")
        .set_str(BALLISTA_CLIENT_PULL, "true");
    let session = format!("charter-{}-{:?}", std::process::id(), std::time::SystemTime::now());
    let scheduler = url.as_str().trim_end_matches('/').to_owned();
    let (ballista, codec) = (config.ballista_config(), Codec::default());
    let executed = execute_physical_plan::<PhysicalPlanNode>(scheduler, &ballista, plan, &codec, session, config);
    let mut stream = executed.await.map_err(Failed::Run)?;
    let mut documents = Documents::default();
    while let Some(batch) = stream.next().await {
        let batch = batch.map_err(Failed::Results)?;
        documents.add(&batch, |kind| kind != Kind::Observations).map_err(Failed::Run)?;
    }
    Ok(documents)
}

/// Returns when Ctrl-C was pressed.
async fn interruption(is_interrupted: &dyn Fn() -> bool) {
    while !is_interrupted() {
        tokio::time::sleep(INTERVAL).await;
    }
}

/// The reports of all documents, or the first failure.
fn reports(documents: Documents, splits: u32, shares: u32) -> Result<Vec<(String, Report)>, RemoteError> {
    let mut reports = Vec::new();
    for (id, mut file) in documents.into_files().map_err(|error| RemoteError::Failed(error.to_string()))? {
        let name = if id.split > 0 { format!("split {}/{splits}", id.split) } else { format!("over-time share {}/{shares}", id.share) };
        let failed = |error: &dyn std::fmt::Display| RemoteError::Failed(format!("{name}: {error}"));
        let mut document = Vec::new();
        file.read_to_end(&mut document).map_err(|error| failed(&error))?;
        if id.kind == Kind::Failure {
            return Err(failed(&String::from_utf8_lossy(&document)));
        }
        let report = Report::parse(&document).map_err(|error| failed(&error))?;
        reports.push((name, report));
    }
    Ok(reports)
}

/// The message of an error of a cluster. Ballista's messages have the debug form of their causes.
fn described(error: &DataFusionError, url: &Url) -> String {
    let text = error.to_string();
    if text.contains("ConnectError") || text.contains("Connection refused") || text.contains("dns error") {
        return format!("cannot connect to the scheduler at {url}; start one with `charter-cluster scheduler`");
    }
    format!("the cluster at {url} could not run the check: {text}")
}
