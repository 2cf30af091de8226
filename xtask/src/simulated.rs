//! The live pass of `check`: everything that can be asked of the embedded simulator, by a clock that goes on with each request, so
//! that the report is the same every time.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use charter_contract_tests::mask::Secret;
use charter_contract_tests::report::Report;
use charter_contract_tests::{CheckOptions, Judge, Progress, Ticks};
use charter_probe::{Expand, Plan, Repeatable, Sending, Subjects, check_and_probe};
use charter_schema::SimulatorConfig;
use charter_simulator::{Simulator, SimulatorOptions};
use jiff::Timestamp;

/// How reports call the simulator.
const NAME: &str = "simulator";
/// When the pass begins, in milliseconds since 1970: 2026-07-14T09:00:00Z.
const BEGINS_MS: i64 = 1_784_019_600_000;
/// What passes with each request: runs in flight end within the pass.
const STEP: Duration = Duration::from_millis(100);

/// Why there is no live pass.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    #[error("[check.simulator] in charter.toml: {0}")]
    Simulator(charter_simulator::Error),
    #[error("the simulator cannot be judged: {0}")]
    Probe(charter_probe::Error),
}

impl Error {
    pub(crate) fn is_usage(&self) -> bool {
        match self {
            Self::Simulator(error) => matches!(error, charter_simulator::Error::UnknownFault { .. }),
            Self::Probe(error) => error.is_usage(),
        }
    }
}

/// Judges recordings, then the simulator.
pub(crate) fn check(
    judge: &Judge,
    recordings: &[String],
    config: &SimulatorConfig,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report, Error> {
    let start = Timestamp::from_millisecond(BEGINS_MS).unwrap_or_default();
    let clock = Arc::new(Ticks::new(start, STEP));
    let simulator = SimulatorOptions {
        seed: config.seed,
        runs: config.runs,
        faults: config.faults.clone(),
        clock: Some(clock.clone()),
        ..SimulatorOptions::default()
    };
    let simulator = Simulator::start(simulator).map_err(Error::Simulator)?;
    let plan = Plan {
        key: Some(Secret::new(simulator.key()).map_err(|error| Error::Probe(error.into()))?),
        expand: Expand::All,
        until_finished: true,
        artifacts: true,
        related: true,
        errors: true,
        sending: Sending { concurrency: 1, interval: Duration::from_millis(1), max_body: options.limits.max_body, ..Sending::default() },
        repeatable: Some(Repeatable { name: NAME.to_owned(), clock, salt: config.seed }),
        ..Plan::new(simulator.base_url(), Subjects::Listed { limit: None })
    };
    check_and_probe(judge, recordings, &plan, options, progress).map_err(Error::Probe)
}
