//! The live pass of `check`: everything that can be asked of the embedded simulator, by a clock that goes on with each request, so
//! that the report is the same every time.

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

/// How reports call the simulator.
const NAME: &str = "simulator";
/// When the pass begins, in milliseconds since 1970: 2026-07-14T09:00:00Z.
const BEGINS_MS: i64 = 1_784_019_600_000;
/// What passes with each request: runs in flight end within the pass.
const STEP: Duration = Duration::from_millis(100);

/// Judges recordings, then the simulator.
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
    LiveError { usage: error.is_usage(), message: format!("the simulator cannot be checked: {}", output::with_causes(&error)) }
}
