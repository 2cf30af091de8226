//! The live pass of `check`: every read-only request to the embedded simulator. A manual clock advances with each request, so that the
//! report is the same on every run.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Duration;

use charter_cli::{LiveError, output};
use charter_contract::SimulatorConfig;
use charter_engine::{CheckOptions, Judge, Progress};
use charter_probe::{Plan, Repeatable, Sections, Subjects, check_and_probe};
use charter_report::Report;
use charter_simulator::{Simulator, SimulatorOptions};
use charter_traffic::ManualClock;
use charter_traffic::mask::Secret;
use jiff::Timestamp;

/// The name of the simulator in reports.
const NAME: &str = "simulator";
/// The start of the pass in Unix milliseconds: 2026-07-14T09:00:00Z.
const BEGINS_MS: i64 = 1_784_019_600_000;
/// How far each request advances the clock: far enough that running runs finish within the pass.
const STEP: Duration = Duration::from_millis(100);

/// Checks recordings, then the simulator.
pub(crate) fn check(
    judge: &Judge,
    recordings: &[String],
    config: &SimulatorConfig,
    options: &CheckOptions,
    progress: &mut dyn FnMut(&Progress) -> ControlFlow<()>,
) -> Result<Report, LiveError> {
    let start = Timestamp::from_millisecond(BEGINS_MS).unwrap_or_default();
    let clock = Arc::new(ManualClock::new(start, STEP));
    let simulator = SimulatorOptions {
        seed: config.seed,
        runs: config.resources,
        faults: config.faults.clone(),
        clock: Some(clock.clone()),
        ..SimulatorOptions::default()
    };
    let simulator = Simulator::start(simulator).map_err(simulator_error)?;
    let mut plan = Plan::new(simulator.base_url(), Subjects::Listed { limit: None });
    plan.key = Some(Secret::new(simulator.key()).map_err(|error| probe_error(error.into()))?);
    plan.sections = Sections::AllCombinations;
    plan.until_finished = true;
    plan.artifacts = true;
    plan.related = true;
    plan.errors = true;
    plan.sending.concurrency = 1;
    plan.sending.interval = Duration::from_millis(1);
    plan.sending.max_body = options.limits.max_body;
    plan.repeatable = Some(Repeatable::new(NAME, clock, config.seed));
    check_and_probe(judge, recordings, &plan, options, progress).map_err(probe_error)
}

fn simulator_error(error: charter_simulator::Error) -> LiveError {
    let usage = matches!(error, charter_simulator::Error::UnknownFault { .. });
    LiveError { message: format!("[check.simulator] in charter.toml: {error}"), usage }
}

fn probe_error(error: charter_probe::Error) -> LiveError {
    LiveError { usage: error.is_usage(), message: format!("cannot check the simulator: {}", output::with_causes(&error)) }
}
