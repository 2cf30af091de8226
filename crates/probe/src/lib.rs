//! Asks a live server, and judges what it answers against the contract: plan → ask → mask → record → judge.
//!
//! | module | what it owns |
//! |---|---|
//! | [`Plan`] | what is asked, and what asking may cost |
//! | `route` | the contract's operations as URLs of one server; where the key may go |
//! | `client`, `failure` | one request and its answer, within time and length |
//! | `retry` | when to ask again |
//! | `drive` | resources side by side: expansions, looks until the end, artifacts, refusals |
//! | `ledger` | what was not seen, and why |
//!
//! Every answer becomes an exchange, is masked, written down and judged as it was written: what `check` says of the recording
//! later is what the probe says now.
//!
//! ```no_run
//! use charter_engine::Judge;
//! use charter_probe::{Plan, Subjects, probe};
//!
//! let judge = Judge::load("schema")?;
//! let plan = Plan::new("http://127.0.0.1:8080", Subjects::Ids(vec!["run_1".to_owned()]));
//! let report = probe(&judge, &plan)?;
//! assert!(report.is_kept());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod client;
mod drive;
mod error;
mod failure;
mod ledger;
mod plan;
mod retry;
mod route;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::time::Duration;

use charter_engine::{CheckOptions, Judge, Progress, check_then_live};
use charter_report::Report;
use charter_traffic::mask::Masker;
use charter_traffic::record::Recorder;
use charter_traffic::{Live, Next};

pub use error::Error;
pub use plan::{Expand, Plan, Repeatable, Sending, Subjects};

use client::Client;
use drive::Parcel;
use ledger::Ledger;
use route::Routes;

/// How often it is looked whether the run is to end, where no answer comes.
const TICK: Duration = Duration::from_millis(100);

/// Probes a server with no more ado.
///
/// # Errors
/// The plan does not fit the contract, or the recording cannot be written.
pub fn probe(judge: &Judge, plan: &Plan) -> Result<Report, Error> {
    let options = CheckOptions { samples: None, ..CheckOptions::default() };
    probe_with(judge, plan, &options, &mut |_| ControlFlow::Continue(()))
}

/// Probes a server. `progress` is told as answers come, and at least ten times in a second; it may break the run off, which ends
/// requests on their way. What was seen until then is judged, recorded and reported.
///
/// What a server was not seen to do, because it was not reached, refused, or did not come to an end, stands as the error of the
/// report's one input.
///
/// # Errors
/// The plan does not fit the contract, or the recording cannot be written.
pub fn probe_with(
    judge: &Judge,
    plan: &Plan,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report, Error> {
    check_and_probe(judge, &[], plan, options, progress)
}

/// Judges recordings, then a server, in one report.
///
/// # Errors
/// The plan does not fit the contract, or the recording cannot be written.
pub fn check_and_probe(
    judge: &Judge,
    recordings: &[String],
    plan: &Plan,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report, Error> {
    if matches!(&plan.subjects, Subjects::Ids(ids) if ids.iter().any(String::is_empty)) {
        return Err(Error::EmptyId);
    }
    if let (Some(lines), Some(har)) = (&plan.record, &plan.record_har)
        && lines == har
    {
        return Err(Error::OneFile(lines.display().to_string()));
    }
    let contract = judge.contract();
    let routes = Arc::new(Routes::new(contract, plan)?);
    if plan.key.is_none() && routes.secured {
        return Err(Error::NoKey);
    }
    let secrets: Vec<_> = plan.key.iter().chain(&plan.secrets).cloned().collect();
    let mut masker = Masker::new(&contract.config().mask, &secrets)?;
    if let Some(repeatable) = &plan.repeatable {
        masker = masker.salted(repeatable.salt);
    }
    let client = Client::new(routes.clone(), plan)?;
    let mut recorder = Recorder::new(masker.clone(), plan.record.as_deref(), plan.record_har.as_deref())?;
    let ledger = Arc::new(Ledger::default());
    let (sender, receiver) = std::sync::mpsc::channel::<Parcel>();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let driver = drive::Driver::new(client, routes.clone(), plan, ledger.clone(), sender);
    // A thread of its own: whoever calls may be inside of a runtime already.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| Error::Client(error.to_string()))?;
    let thread = std::thread::Builder::new().name("charter-probe".to_owned()).spawn(move || {
        runtime.block_on(async move {
            tokio::select! {
                () = driver.run() => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_background();
    });
    let thread = thread.map_err(|error| Error::Client(error.to_string()))?;
    let mut waiting = false;
    let mut next = || {
        let exchange = match receiver.try_recv() {
            Ok(parcel) => Ok(parcel),
            // What has come is judged while nothing else is to be done.
            Err(TryRecvError::Empty) if waiting => Err(RecvTimeoutError::Timeout),
            Err(_) => receiver.recv_timeout(TICK),
        };
        waiting = exchange.is_ok();
        match exchange {
            Ok(parcel) => Next::Exchange(parcel.open()),
            Err(RecvTimeoutError::Timeout) => Next::Idle,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    };
    let mut unseen = || ledger.told().map(|text| masker.text(&text).into_owned());
    let live = Live { name: routes.name().into(), recorder: &mut recorder, next: &mut next, unseen: &mut unseen };
    let report = check_then_live(judge, recordings, live, options, progress);
    drop(receiver);
    let _ = stop.send(());
    // The thread ends at once: nothing in it waits for anything but the runtime.
    let _ = thread.join();
    let report = report?;
    recorder.finish()?;
    Ok(report)
}
