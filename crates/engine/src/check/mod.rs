//! Inputs → report: reads sources in order, judges exchanges in parallel, collects results in order.
//!
//! | file | owns |
//! |---|---|
//! | `options` | options and progress |
//! | `batch` | judging a batch of entries |
//! | `documents` | judging documents in memory, without a report |
//! | `examples` | the documented examples as an input |
//! | `run` | sources → report |
//! | `split` | a split of the inputs → report and observations |

mod batch;
mod documents;
mod examples;
mod options;
mod run;
mod split;

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::{Judge, Judgement};
use charter_report::Report;
use charter_traffic::Live;
use charter_traffic::exchange::Exchange;
use charter_traffic::read::{Item, Source};
use charter_traffic::record::RecordError;
pub use documents::{DocumentJudge, DocumentVerdict, judge_documents};
pub use options::{CheckOptions, Progress};
use run::Run;
pub(crate) use run::with_remedy;
pub use split::judge_split;

/// Judges all inputs, and the documented examples if the options say so. `progress` is called after each batch and can stop the run.
pub fn check(
    judge: &Judge,
    arguments: &[String],
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Report {
    let mut run = Run::new(judge, options, progress);
    let flow = match run.arguments(arguments) {
        ControlFlow::Continue(()) if options.examples => run.examples(),
        flow => flow,
    };
    if flow.is_break() {
        run.collector.interrupt();
    }
    run.finish()
}

/// Judges a live server. Every exchange is masked, recorded, and judged as recorded, so that judging the recording gives the same
/// findings.
///
/// # Errors
/// The recording cannot be written.
pub fn check_live(
    judge: &Judge,
    live: Live<'_>,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report, RecordError> {
    check_then_live(judge, &[], live, options, progress)
}

/// Judges all inputs, then a live server, into one report.
///
/// # Errors
/// The recording cannot be written.
pub fn check_then_live(
    judge: &Judge,
    arguments: &[String],
    live: Live<'_>,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report, RecordError> {
    let mut run = Run::new(judge, options, progress);
    let flow = match run.arguments(arguments) {
        ControlFlow::Continue(()) => {
            // The amount of live traffic is unknown until it ends.
            run.total_bytes = None;
            run.live(live)?
        }
        flow @ ControlFlow::Break(()) => flow,
    };
    if flow.is_break() {
        run.collector.interrupt();
    }
    Ok(run.finish())
}

/// Judges a live server as [`check_live`] does, and calls `observe` with each exchange that has findings, as recorded, and its judgement.
/// Findings of rules over time are only in the report.
///
/// # Errors
/// The recording cannot be written.
pub fn observe_live<'r>(
    judge: &'r Judge,
    live: Live<'_>,
    options: &'r CheckOptions,
    observe: &'r mut dyn FnMut(&Exchange, &Judgement),
    progress: &'r mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report, RecordError> {
    let mut run = Run::new(judge, options, progress);
    run.observe = Some(observe);
    if run.live(live)?.is_break() {
        run.collector.interrupt();
    }
    Ok(run.finish())
}

/// Judges sources.
pub fn check_sources(
    judge: &Judge,
    sources: Vec<Source>,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Report {
    let mut run = Run::new(judge, options, progress);
    if run.sources(sources).is_break() {
        run.collector.interrupt();
    }
    run.finish()
}

/// Judges exchanges in memory.
pub fn check_exchanges(judge: &Judge, exchanges: &[Exchange]) -> Report {
    let options = CheckOptions::default().with_samples(None);
    let mut nothing = |_: &Progress| ControlFlow::Continue(());
    let mut run = Run::new(judge, &options, &mut nothing);
    let source: Arc<str> = exchanges.first().map_or_else(|| "<test>".into(), |exchange| exchange.origin.source.clone());
    run.collector.begin_input(&source);
    for exchange in exchanges {
        let _ = run.take(Item::Entry(Box::new(Ok(exchange.clone()))), &source);
    }
    run.judge(&source);
    run.collector.finish_input(None, None);
    run.finish()
}
