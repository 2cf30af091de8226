//! Sends requests to a live server and judges its responses against the contract: plan → request → mask → record → judge.
//!
//! | module | what it owns |
//! |---|---|
//! | [`Plan`] | the requests, and how they are sent |
//! | `endpoint`, `credential` | an operation with the known values of its parameters and its credentials |
//! | `route` | the endpoints of a plan as URLs of one server |
//! | `step` | the endpoints of all operations, in the order of their dependencies |
//! | `finished` | whether a resource no longer changes |
//! | `token` | access tokens of OAuth 2.0 |
//! | `trust` | the certificates that are trusted |
//! | `client`, `failure` | one request and its response, within limits of time and size |
//! | `retry` | whether and when a request is retried |
//! | `drive` | concurrent requests: sections, polling, artifacts, refusals |
//! | `settings` | `[probe]` checked against the contract, for `lint` |
//! | `missed` | requests that failed or were skipped |
//!
//! Every response becomes an exchange, which is masked and recorded before it is judged. Checking the recording therefore gives the
//! same findings.
//!
//! ```no_run
//! use charter_engine::Judge;
//! use charter_probe::{Plan, Subjects, probe};
//!
//! let judge = Judge::load("schema")?;
//! let plan = Plan::new("http://127.0.0.1:8080", Subjects::Ids(vec!["parcel_1".to_owned()]));
//! let report = probe(&judge, &plan)?;
//! assert!(report.is_kept());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod client;
mod credential;
mod drive;
mod endpoint;
mod error;
mod failure;
mod finished;
mod missed;
mod plan;
mod retry;
mod route;
mod serialise;
mod settings;
mod step;
mod token;
mod trust;

use std::borrow::Cow;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, TryRecvError};
use std::time::Duration;

use charter_contract::{Contract, nearest};
use charter_engine::{CheckOptions, Judge, Progress, check_then_live};
use charter_report::Report;
use charter_traffic::mask::Masker;
use charter_traffic::record::Recorder;
use charter_traffic::{Live, Next};

pub use error::{BaseUrlError, Error, Feature, TokenError};
pub use plan::{Credential, Plan, Repeatable, Sections, Sending, Subjects};
pub use settings::{SettingProblem, setting_problems};
pub use trust::tls_config;

use client::Client;
use drive::Pending;
use missed::Missed;
use route::Routes;

/// How often progress is reported while no response arrives.
const TICK: Duration = Duration::from_millis(100);

/// Probes a server, with all samples and without progress.
///
/// # Errors
/// The contract lacks a setting or an operation that the plan needs, or the recording cannot be written.
pub fn probe(judge: &Judge, plan: &Plan) -> Result<Report, Error> {
    let options = CheckOptions::default().with_samples(None);
    probe_with(judge, plan, &options, &mut |_| ControlFlow::Continue(()))
}

/// Probes a server. `progress` is called after each response and at least ten times per second. If it returns `Break`, the probe
/// stops and aborts open requests; the responses so far are judged, recorded and reported.
///
/// The error of the report's one input lists the requests that failed or were skipped: the server was unreachable, refused them, or a
/// resource did not finish in time.
///
/// # Errors
/// The contract lacks a setting or an operation that the plan needs, or the recording cannot be written.
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
/// The contract lacks a setting or an operation that the plan needs, or the recording cannot be written.
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
        return Err(Error::SameFile(lines.clone()));
    }
    let contract = judge.contract();
    let set = contract.config().probe.credentials.keys().chain(plan.credentials.iter().map(|credential| &credential.scheme));
    if let Some(found) = set.into_iter().find(|name| !contract.security_schemes().contains_key(*name)) {
        let known: Vec<_> = contract.security_schemes().keys().map(|name| format!("`{name}`")).collect();
        let known = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
        return Err(Error::Scheme { found: found.clone(), known });
    }
    refuse_unknown_parameters(contract, plan)?;
    let base = route::base(&plan.base_url, plan.sending.allow_plain_http)?;
    // Tokens follow the secrets that they were requested with, and take precedence.
    let mut plan = Cow::Borrowed(plan);
    let tokens = token::request_all(contract, &plan, &base)?;
    if !tokens.is_empty() {
        plan.to_mut().credentials.extend(tokens);
    }
    let plan = &*plan;
    let routes = Arc::new(Routes::new(contract, plan, base)?);
    let named = plan.credentials.iter().map(|credential| &credential.secret);
    let secrets: Vec<_> = plan.key.iter().chain(named).flat_map(credential::parts).chain(plan.secrets.clone()).collect();
    let mut masker = Masker::new(&contract.config().mask, &secrets)?.with_contract(contract);
    if let Some(repeatable) = &plan.repeatable {
        masker = masker.salted(repeatable.salt);
    }
    let client = Client::new(routes.clone(), plan, &contract.config().probe)?;
    let mut recorder = Recorder::new(masker.clone(), plan.record.as_deref(), plan.record_har.as_deref())?;
    let missed = Arc::new(Missed::new(routes.other_base()));
    let (sender, receiver) = std::sync::mpsc::channel::<Pending>();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let driver = drive::Driver::new(client, routes.clone(), plan, missed.clone(), sender);
    // A separate thread, because the caller may be inside a runtime.
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Error::Thread)?;
    let thread = std::thread::Builder::new().name("charter-probe".to_owned()).spawn(move || {
        runtime.block_on(async move {
            tokio::select! {
                () = driver.run() => {}
                _ = stopped => {}
            }
        });
        runtime.shutdown_background();
    });
    let thread = thread.map_err(Error::Thread)?;
    let mut report_idle = false;
    let mut next = || {
        let exchange = match receiver.try_recv() {
            Ok(pending) => Ok(pending),
            // The engine uses an idle period to judge the exchanges that it has.
            Err(TryRecvError::Empty) if report_idle => Err(RecvTimeoutError::Timeout),
            Err(_) => receiver.recv_timeout(TICK),
        };
        report_idle = exchange.is_ok();
        match exchange {
            Ok(pending) => Next::Exchange(pending.take()),
            Err(RecvTimeoutError::Timeout) => Next::Idle,
            Err(RecvTimeoutError::Disconnected) => Next::End,
        }
    };
    let mut unseen = || missed.summary().map(|text| masker.text(&text).into_owned());
    let live = Live { name: routes.name().into(), recorder: &mut recorder, next: &mut next, unseen: &mut unseen };
    let report = check_then_live(&judge.with_base_url(&routes.display_base()), recordings, live, options, progress);
    drop(receiver);
    let _ = stop.send(());
    // The thread ends at once: it waits for the runtime only.
    let _ = thread.join();
    let mut report = report?;
    for ((operation, reason), count) in missed.all_not_judged() {
        report.count_not_judged(&operation, &masker.text(&reason), count);
    }
    recorder.finish()?;
    Ok(report)
}

/// Refuses a value of a parameter that no `GET` operation has.
fn refuse_unknown_parameters(contract: &Contract, plan: &Plan) -> Result<(), Error> {
    let operations = contract.operations().iter().filter(|operation| operation.method.0 == "GET");
    let names: Vec<String> = operations
        .flat_map(|operation| operation.parameters.iter().flat_map(|one| [one.name.clone(), format!("{}.{}", operation.id, one.name)]))
        .collect();
    match plan.parameters.iter().find(|(name, _)| !names.contains(name)) {
        Some((name, _)) => {
            let meant = nearest(name, names.iter().map(String::as_str));
            Err(Error::UnknownParameter { name: name.clone(), meant: meant.map(|meant| format!("; {meant}")).unwrap_or_default() })
        }
        None => Ok(()),
    }
}
