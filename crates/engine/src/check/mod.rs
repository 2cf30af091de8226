//! Arguments to a report: sources are read one after another, exchanges judged side by side, results kept in order.
//!
//! | file | idea |
//! |---|---|
//! | `run` | from sources to the report |
//! | `judged` | what judging some entries comes to |
//! | `place` | findings over time, shown where they stand |

mod judged;
mod place;
mod run;

use std::ops::ControlFlow;
use std::sync::Arc;

use crate::Judge;
use charter_report::Partition;
use charter_report::Report;
use charter_traffic::Live;
use charter_traffic::exchange::Exchange;
use charter_traffic::read::{Limits, Source};
use charter_traffic::record::RecordError;
use run::Run;

/// How recordings are judged.
#[derive(Clone, Debug)]
pub struct CheckOptions {
    /// What reading may cost.
    pub limits: Limits,
    /// Samples shown of each group; `None` shows all.
    pub samples: Option<u64>,
    /// Threads that judge.
    pub jobs: usize,
    /// The part that is judged; `None` judges everything.
    pub partition: Option<Partition>,
}

impl Default for CheckOptions {
    fn default() -> Self {
        Self { limits: Limits::default(), samples: Some(5), jobs: 1, partition: None }
    }
}

/// How far a run has come.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The source at hand.
    pub source: Arc<str>,
    /// Exchanges judged, of all sources.
    pub exchanges: u64,
    /// Findings met.
    pub findings: u64,
    /// Bytes read, of all sources; of a compressed file its own size counts, when it is done.
    pub bytes: u64,
    /// Bytes that there are to read; `None` where no size tells.
    pub total_bytes: Option<u64>,
}

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
    let options = CheckOptions { samples: None, ..CheckOptions::default() };
    let mut nothing = |_: &Progress| ControlFlow::Continue(());
    let mut run = Run::new(judge, &options, &mut nothing);
    run.collector.begin_input(exchanges.first().map_or("<test>", |exchange| &*exchange.origin.source));
    for exchange in exchanges {
        run.add(exchange, judge.judge(exchange));
    }
    run.collector.finish_input(None, None);
    run.finish()
}
