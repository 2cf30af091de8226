//! Arguments to a report: sources are read one after another, exchanges judged side by side, results kept in order.
//!
//! | file | idea |
//! |---|---|
//! | `run` | from sources to the report |
//! | `judged` | what judging some entries comes to |
//! | `place` | findings over time, shown where they stand |

mod batch;
mod options;
mod reread;
mod run;

use std::ops::ControlFlow;

use crate::Judge;
use charter_report::Report;
use charter_traffic::Live;
use charter_traffic::exchange::Exchange;
use charter_traffic::read::Source;
use charter_traffic::record::RecordError;
pub use options::{CheckOptions, Progress};
use run::Run;

/// Judges everything that the arguments name. `progress` is told after each batch and may break the run off.
pub fn check(
    judge: &Judge,
    arguments: &[String],
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Report {
    let mut run = Run::new(judge, options, progress);
    if run.arguments(arguments).is_break() {
        run.collector.interrupt();
    }
    run.finish()
}

/// Judges a live server: every exchange is masked, written down, and judged as it was written, so that its recording comes to
/// the same findings.
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

/// Judges everything that the arguments name, then a live server, in one report.
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
            // How much a server has to say is not known before it ends.
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

/// Judges sources that are already known.
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

/// Judges exchanges that are held in memory.
pub fn check_exchanges(judge: &Judge, exchanges: &[Exchange]) -> Report {
    let options = CheckOptions::default().with_samples(None);
    let mut nothing = |_: &Progress| ControlFlow::Continue(());
    let mut run = Run::new(judge, &options, &mut nothing);
    run.collector.begin_input(exchanges.first().map_or("<test>", |exchange| &*exchange.origin.source));
    for exchange in exchanges {
        run.add(exchange, judge.judge(exchange));
    }
    run.collector.finish_input(None, None);
    run.finish()
}
