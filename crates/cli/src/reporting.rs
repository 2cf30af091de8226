//! Progress, reports and exit codes of all commands that check exchanges.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use charter_contract::invariant::Severity;
use charter_engine::{CheckOptions, Progress};
use charter_report::{Baseline, Partition, RenderOptions, Report, ReportFormat, TextOptions, counted};
use charter_traffic::read::Limits;

use crate::arguments::{FailOn, Judging, NoExchanges, ReportTarget, Reporting};
use crate::masking::ReportMasker;
use crate::progress::Meter;
use crate::subject::Subject;
use crate::{exit, output};

/// Runs `judge` with a progress bar and a Ctrl-C handler, writes the reports and returns the exit code.
pub(crate) fn run<E>(
    reporting: &Reporting,
    judging: &Judging,
    partition: Option<Partition>,
    subject: &Subject,
    limits: Limits,
    masker: &ReportMasker,
    judge: impl FnOnce(&CheckOptions, &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<Report, E>,
) -> Result<u8, E> {
    let interrupted = Arc::new(AtomicBool::new(false));
    run_interruptibly(reporting, judging, partition, subject, limits, masker, interrupted, judge)
}

/// Like [`run`], and Ctrl-C sets `interrupted`.
#[expect(clippy::too_many_arguments, reason = "the parts of a run")]
pub(crate) fn run_interruptibly<E>(
    reporting: &Reporting,
    judging: &Judging,
    partition: Option<Partition>,
    subject: &Subject,
    limits: Limits,
    masker: &ReportMasker,
    interrupted: Arc<AtomicBool>,
    judge: impl FnOnce(&CheckOptions, &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<Report, E>,
) -> Result<u8, E> {
    let baseline = match usage(reporting) {
        Ok(baseline) => baseline,
        Err(message) => {
            output::message(&format!("error: {message}"));
            return Ok(exit::USAGE);
        }
    };
    let flag = interrupted.clone();
    // Without a handler, Ctrl-C terminates the process without a report.
    let _ = ctrlc::set_handler(move || {
        flag.store(true, Ordering::Relaxed);
        charter_traffic::read::interrupt();
    });
    let mut meter = Meter::new(reporting.quiet);
    let options = options(reporting, judging, partition).with_limits(limits);
    let report = judge(&options, &mut |progress: &Progress| {
        meter.show(progress);
        if interrupted.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    meter.finish();
    Ok(conclude(report?, reporting, subject, baseline.as_ref(), masker))
}

/// How exchanges are checked, without limits on the size of the input.
pub(crate) fn options(reporting: &Reporting, judging: &Judging, partition: Option<Partition>) -> CheckOptions {
    let jobs = judging.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    CheckOptions::default()
        .with_samples(judging.samples.0)
        .with_jobs(jobs)
        .with_partition(partition)
        .with_contract_details(partition.is_some() || reporting.report.iter().any(|target| target.format.has_contract_details()))
}

/// Writes the requested reports and returns the exit code.
pub(crate) fn conclude(
    mut report: Report,
    reporting: &Reporting,
    subject: &Subject,
    baseline: Option<&Baseline>,
    masker: &ReportMasker,
) -> u8 {
    masker.report(&mut report);
    if reporting.write_baseline {
        return write_baseline(&report, reporting, baseline);
    }
    if let Some(baseline) = baseline {
        baseline.apply(&mut report, jiff::ZonedDateTime::now().date());
    }
    let written = write_reports(&report, reporting, subject, masker);
    if !report.complete { exit::INTERRUPTED } else { written.unwrap_or_else(|| verdict(&report, reporting)) }
}

/// Validates the flags and reads the baseline, if one is given.
pub(crate) fn usage(reporting: &Reporting) -> Result<Option<Baseline>, String> {
    for (index, target) in reporting.report.iter().enumerate() {
        if reporting.report[..index].iter().any(|other| other.file == target.file) {
            let name = target.file.as_ref().map_or("standard output", |file| file.as_str());
            // A report for terminals moves to standard error if another format uses standard output.
            let printed = || reporting.report.iter().filter(|other| other.file.is_none());
            let for_terminals = printed().filter(|other| other.format.is_for_terminals()).count();
            if target.file.is_some() || printed().count() - for_terminals > 1 || for_terminals > 1 {
                return Err(format!("two reports go to {name}; give each its own file, as in --report json=report.json"));
            }
        }
    }
    let Some(path) = &reporting.baseline else { return Ok(None) };
    match std::fs::read_to_string(path) {
        Ok(text) => Baseline::parse(&text).map(Some).map_err(|error| format!("{path}: {error}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound && reporting.write_baseline => Ok(None),
        Err(error) => Err(format!("cannot read {path}: {error}; --write-baseline creates it")),
    }
}

fn write_baseline(report: &Report, reporting: &Reporting, earlier: Option<&Baseline>) -> u8 {
    let Some(path) = &reporting.baseline else { return exit::USAGE };
    let baseline = Baseline::of(report, earlier);
    match output::write(path, &baseline.render()) {
        Ok(()) => {
            output::message(&format!("{path}: {} entries; write a reason for each", baseline.entries.len()));
            exit::SUCCESS
        }
        Err(error) => {
            output::message(&format!("error: cannot write {path}: {error}"));
            exit::UNREADABLE
        }
    }
}

/// Writes every requested report; returns the exit code if one cannot be written.
fn write_reports(report: &Report, reporting: &Reporting, subject: &Subject, masker: &ReportMasker) -> Option<u8> {
    let facts = subject.facts(reporting, masker);
    let mut failed = None;
    // If another format uses standard output, the report for terminals goes to standard error.
    let has_data = reporting.report.iter().any(|target| !target.format.is_for_terminals() && target.file.is_none());
    // The report for terminals stays, unless another report takes standard output.
    let is_alone = |target: &ReportTarget| target.file.is_some() && !target.format.is_for_terminals();
    let text = reporting.report.iter().all(is_alone).then(ReportTarget::terminal).flatten();
    for target in reporting.report.iter().chain(&text) {
        let colour = target.file.is_none() && if has_data { output::colour(&io::stderr()) } else { output::colour(&io::stdout()) };
        let width = if target.file.is_none() { output::width(has_data) } else { None };
        let text = TextOptions::default().with_colour(colour).with_width(width).with_verbose(reporting.verbose);
        let options = RenderOptions::default().with_text(text).with_folder(subject.folder.as_str()).with_run(facts.clone());
        let mut rendered = Vec::new();
        if let Err(error) = target.format.render(report, &options, &mut rendered) {
            output::message(&format!("error: {error}"));
            failed = Some(exit::UNREADABLE);
            continue;
        }
        if let Some((variable, format)) = target.format.job_summary()
            && let Err(error) = append_summary(report, variable, format, &options)
        {
            output::message(&format!("warning: cannot write the job summary: {error}"));
        }
        let text = String::from_utf8_lossy(&rendered);
        match &target.file {
            Some(path) => {
                if let Err(error) = output::write(path, &text) {
                    output::message(&format!("error: cannot write {path}: {error}"));
                    failed = Some(exit::UNREADABLE);
                }
            }
            None if target.format.is_for_terminals() && reporting.quiet => {}
            None if target.format.is_for_terminals() && has_data => output::message(text.trim_end()),
            None => failed = Some(output::print(&text)).filter(|code| *code != exit::SUCCESS).or(failed),
        }
    }
    failed
}

/// Appends a report to the file that an environment variable names, if it is set.
fn append_summary(
    report: &Report,
    variable: &str,
    format: &dyn ReportFormat,
    options: &RenderOptions,
) -> Result<(), Box<dyn std::error::Error>> {
    let Some(path) = std::env::var_os(variable).filter(|path| !path.is_empty()) else { return Ok(()) };
    let mut rendered = Vec::new();
    format.render(report, options, &mut rendered)?;
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    Ok(io::Write::write_all(&mut file, &rendered)?)
}

/// The remedy if exchanges were read, but none belongs to the API.
fn out_of_scope(report: &Report) -> String {
    match report.summary.out_of_scope {
        0 => String::new(),
        count => {
            format!(": {} out of scope; select them with --include host=PATTERN or --webhook name=WEBHOOK", counted(count, "exchange"))
        }
    }
}

/// The exit code of a complete run. Unreadable input takes precedence over violations.
fn verdict(report: &Report, reporting: &Reporting) -> u8 {
    if report.has_input_errors() || report.summary.unreadable > 0 || report.has_errored_rules() {
        return exit::UNREADABLE;
    }
    // A partition may be empty. `merge` reports if all of them are.
    if !report.judged_anything() && report.partition.is_none() {
        match reporting.no_exchanges {
            NoExchanges::Fail => {
                output::message(&format!(
                    "error: no exchanges were checked{}; allow with --no-exchanges=warn or pass",
                    out_of_scope(report)
                ));
                return exit::UNREADABLE;
            }
            NoExchanges::Warn => output::message(&format!("warning: no exchanges were checked{}", out_of_scope(report))),
            NoExchanges::Pass => {}
        }
    }
    let has_violations = report.open_groups().any(|group| group.severity == Severity::Error || reporting.fail_on == FailOn::Warning);
    let expired = report.baseline.as_ref().is_some_and(|baseline| !baseline.expired.is_empty());
    let low_coverage = reporting.fail_under.filter(|least| report.coverage.percent < f64::from(*least));
    if let Some(least) = low_coverage {
        output::message(&format!("error: coverage is {:.1} %, below {least} %", report.coverage.percent));
    }
    let has_unexercised = report.rules.iter().any(|rule| rule.severity == Some(Severity::Error) && rule.passed + rule.failed == 0);
    if has_violations || expired || low_coverage.is_some() || (reporting.require_exercised && has_unexercised) {
        exit::VIOLATIONS
    } else {
        exit::SUCCESS
    }
}
