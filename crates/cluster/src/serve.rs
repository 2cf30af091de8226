//! The processes of a cluster: a scheduler and its workers.

use std::future::Future;
use std::sync::Arc;

use ballista_core::config::TaskSchedulingPolicy;
use ballista_executor::executor_process::{ExecutorProcessConfig, start_executor_process};
use ballista_scheduler::cluster::BallistaCluster;
use ballista_scheduler::config::{SchedulerConfig, TaskDistributionPolicy};
use ballista_scheduler::scheduler_process::start_server;
use charter_cli::exit;

use crate::arguments::{Scheduler, Worker};
use crate::codec::Codec;

/// Maximum bytes of a message between the processes. A plan has the documents of the contract.
pub(crate) const MESSAGE: u32 = 256 << 20;
/// The port of a scheduler.
const PORT: u16 = 50_050;
/// Seconds in which a worker connects to the scheduler.
const CONNECT: u16 = 30;

/// Minimum seconds in which a worker must connect again when all are lost. A scheduler that was suspended counts all workers as lost when it continues.
const RETURN: u64 = 60;

/// Runs a scheduler until it is stopped.
pub(crate) fn scheduler(arguments: &Scheduler) -> u8 {
    let timeout = arguments.worker_timeout;
    let config = SchedulerConfig {
        bind_host: arguments.bind.ip().to_string(),
        bind_port: arguments.bind.port(),
        // A worker asks for work when it has a free thread, which divides the work evenly.
        scheduling_policy: TaskSchedulingPolicy::PullStaged,
        task_distribution: TaskDistributionPolicy::RoundRobin,
        executor_timeout_seconds: timeout,
        expire_dead_executor_interval_seconds: (timeout / 4).max(1),
        no_executors_grace_period_seconds: timeout.max(RETURN),
        grpc_server_max_decoding_message_size: MESSAGE,
        grpc_server_max_encoding_message_size: MESSAGE,
        grpc_client_max_message_size: MESSAGE,
        override_physical_codec: Some(Arc::new(Codec::default())),
        ..SchedulerConfig::default()
    };
    let bind = arguments.bind;
    run("scheduler", async move {
        let cluster = BallistaCluster::new_from_config(&config).await.map_err(|error| error.to_string())?;
        tokio::select! {
            served = start_server(cluster, bind, Arc::new(config)) => served.map_err(|error| error.to_string()),
            _ = tokio::signal::ctrl_c() => Ok(()),
        }
    })
}

/// Runs a worker until it is stopped.
pub(crate) fn worker(arguments: &Worker) -> u8 {
    let Some(host) = arguments.scheduler.host_str() else {
        eprintln!("error: --scheduler: the URL has no host; an example is http://scheduler:{PORT}");
        return exit::USAGE;
    };
    if let Err(error) = std::fs::create_dir_all(&arguments.work_dir) {
        eprintln!("error: --work-dir: cannot create {}: {error}", arguments.work_dir.display());
        return exit::UNREADABLE;
    }
    let threads = arguments.threads.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let config = ExecutorProcessConfig {
        bind_host: arguments.bind.ip().to_string(),
        port: arguments.bind.port(),
        external_host: arguments.host.clone(),
        scheduler_host: host.to_owned(),
        scheduler_port: arguments.scheduler.port().unwrap_or(PORT),
        scheduler_connect_timeout_seconds: CONNECT,
        vcores: threads,
        task_scheduling_policy: TaskSchedulingPolicy::PullStaged,
        work_dir: Some(arguments.work_dir.to_string_lossy().into_owned()),
        grpc_max_decoding_message_size: MESSAGE,
        grpc_max_encoding_message_size: MESSAGE,
        override_physical_codec: Some(Arc::new(Codec::default())),
        ..ExecutorProcessConfig::default()
    };
    run("worker", async move { start_executor_process(Arc::new(config)).await.map_err(|error| error.to_string()) })
}

fn run(name: &str, process: impl Future<Output = Result<(), String>>) -> u8 {
    crate::log::begin();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the {name} cannot start: {error}");
            return exit::UNREADABLE;
        }
    };
    match runtime.block_on(process) {
        Ok(()) => exit::SUCCESS,
        Err(error) => {
            eprintln!("error: the {name} stopped: {error}");
            exit::UNREADABLE
        }
    }
}
