//! What every command that judges has in common: progress, reports, the exit code.

use std::io;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use camino::Utf8Path;
use charter_contract::invariant::Severity;
use charter_engine::{CheckOptions, Progress};
use charter_report::Partition;
use charter_report::{
    Baseline, Report, TextOptions, render_github, render_html, render_json, render_junit, render_markdown, render_sarif, render_text,
};
use charter_traffic::read::Limits;
use indicatif::{ProgressBar, ProgressStyle};

use crate::arguments::{FailOn, Judging, NoExchanges, ReportFormat, Reporting};
use crate::{exit, output};

/// Judges by way of `judge`, which is given what it is to do after each step, shows how far it is, and ends with the report.
pub(crate) fn run<E>(
    reporting: &Reporting,
    judging: &Judging,
    partition: Option<Partition>,
    folder: &Utf8Path,
    limits: Limits,
    judge: impl FnOnce(&CheckOptions, &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<Report, E>,
) -> Result<u8, E> {
    let baseline = match usage(reporting) {
        Ok(baseline) => baseline,
        Err(message) => {
            output::complain(&format!("error: {message}"));
            return Ok(exit::USAGE);
        }
    };
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    // Where no handler can be set, Ctrl-C ends the process as ever.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let bar = progress_bar(reporting);
    let jobs = judging.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from);
    let options = CheckOptions::default().with_limits(limits).with_samples(judging.samples.0).with_jobs(jobs).with_partition(partition);
    let report = judge(&options, &mut |progress: &Progress| {
        show(&bar, progress);
        if interrupted.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    Ok(conclude(report?, reporting, folder, baseline.as_ref()))
}

/// Writes what was asked for of a report; the exit code of the run that it tells of.
pub(crate) fn conclude(mut report: Report, reporting: &Reporting, folder: &Utf8Path, baseline: Option<&Baseline>) -> u8 {
    if reporting.write_baseline {
        return write_baseline(&report, reporting, baseline);
    }
    if let Some(baseline) = baseline {
        baseline.apply(&mut report, jiff::ZonedDateTime::now().date());
    }
    let written = write_reports(&report, reporting, folder);
    if !report.complete { exit::INTERRUPTED } else { written.unwrap_or_else(|| verdict(&report, reporting)) }
}

fn progress_bar(reporting: &Reporting) -> ProgressBar {
    let silent = reporting.quiet || std::env::var_os("CI").is_some() || !io::stderr().is_terminal();
    if silent {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {bytes} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// Bytes, exchanges, findings, and how long it will take, where the sizes tell.
fn show(bar: &ProgressBar, progress: &Progress) {
    if let Some(total) = progress.total_bytes.filter(|_| bar.length().is_none()) {
        bar.set_length(total);
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {bar:20} {bytes} of {total_bytes}, {eta} left {wide_msg}") {
            bar.set_style(style);
        }
    }
    bar.set_position(progress.bytes);
    bar.set_message(format!("{} exchanges, {} findings: {}", progress.exchanges, progress.findings, progress.source));
}

/// What is wrong with the flags; else the baseline, where there is one.
pub(crate) fn usage(reporting: &Reporting) -> Result<Option<Baseline>, String> {
    for (index, target) in reporting.report.iter().enumerate() {
        if reporting.report[..index].iter().any(|other| other.file == target.file) {
            let name = target.file.as_ref().map_or("standard output", |file| file.as_str());
            // Text makes way for a machine format on standard output.
            let text = reporting.report.iter().filter(|other| other.file.is_none() && other.format == ReportFormat::Text).count();
            let machine = reporting.report.iter().filter(|other| other.file.is_none()).count() - text;
            if target.file.is_some() || machine > 1 || text > 1 {
                return Err(format!("two reports go to {name}: give each a file of its own, as in --report json=report.json"));
            }
        }
    }
    let Some(path) = &reporting.baseline else { return Ok(None) };
    match std::fs::read_to_string(path) {
        Ok(text) => Baseline::parse(&text).map(Some).map_err(|error| format!("{path}: {error}")),
        Err(error) if error.kind() == io::ErrorKind::NotFound && reporting.write_baseline => Ok(None),
        Err(error) => Err(format!("{path} cannot be read: {error}; --write-baseline makes one")),
    }
}

fn write_baseline(report: &Report, reporting: &Reporting, earlier: Option<&Baseline>) -> u8 {
    let Some(path) = &reporting.baseline else { return exit::USAGE };
    let baseline = Baseline::of(report, earlier);
    match output::write(path, &baseline.render()) {
        Ok(()) => {
            output::complain(&format!("{path}: {} entries; give each a reason", baseline.entries.len()));
            exit::KEPT
        }
        Err(error) => {
            output::complain(&format!("error: {path} cannot be written: {error}"));
            exit::UNREADABLE
        }
    }
}

/// Writes every report that was asked for; the exit code where one cannot be.
fn write_reports(report: &Report, reporting: &Reporting, folder: &Utf8Path) -> Option<u8> {
    let mut failed = None;
    // Where a machine format takes standard output, words for people go to standard error.
    let machine = reporting.report.iter().any(|target| target.format != ReportFormat::Text && target.file.is_none());
    for target in &reporting.report {
        let colour = target.file.is_none() && if machine { output::colour(&io::stderr()) } else { output::colour(&io::stdout()) };
        let text = match target.format {
            ReportFormat::Json => render_json(report),
            ReportFormat::Text => render_text(report, TextOptions::default().with_colour(colour).with_verbose(reporting.verbose)),
            ReportFormat::Junit => match render_junit(report) {
                Ok(text) => text,
                Err(error) => {
                    output::complain(&format!("error: the JUnit report cannot be made: {error}"));
                    failed = Some(exit::UNREADABLE);
                    continue;
                }
            },
            ReportFormat::Sarif => render_sarif(report, folder.as_str()),
            ReportFormat::Github => {
                if let Err(error) = job_summary(report) {
                    output::complain(&format!("warning: the job summary cannot be written: {error}"));
                }
                render_github(report)
            }
            ReportFormat::Markdown => render_markdown(report),
            ReportFormat::Html => render_html(report),
        };
        match &target.file {
            Some(path) => {
                if let Err(error) = output::write(path, &text) {
                    output::complain(&format!("error: {path} cannot be written: {error}"));
                    failed = Some(exit::UNREADABLE);
                }
            }
            None if target.format != ReportFormat::Text => {
                failed = Some(output::text(&text)).filter(|code| *code != exit::KEPT).or(failed);
            }
            None if reporting.quiet => {}
            None if machine => output::complain(text.trim_end()),
            None => failed = Some(output::text(&text)).filter(|code| *code != exit::KEPT).or(failed),
        }
    }
    failed
}

/// What annotations have no room for goes to the job summary, behind what other steps wrote there.
fn job_summary(report: &Report) -> io::Result<()> {
    let Some(path) = std::env::var_os("GITHUB_STEP_SUMMARY").filter(|path| !path.is_empty()) else { return Ok(()) };
    let mut file = std::fs::OpenOptions::new().create(true).append(true).open(path)?;
    io::Write::write_all(&mut file, render_markdown(report).as_bytes())
}

/// The exit code of a finished run: what could not be judged goes before what is broken.
fn verdict(report: &Report, reporting: &Reporting) -> u8 {
    if report.has_input_errors() || report.summary.unreadable > 0 || report.has_errored_rules() {
        return exit::UNREADABLE;
    }
    // A part in which nothing falls is no failure; whether there is anything at all, the whole tells.
    if !report.judged_anything() && report.partition.is_none() {
        match reporting.no_exchanges {
            NoExchanges::Fail => {
                output::complain("error: nothing was judged, which is no success; --no-exchanges warn or pass says otherwise");
                return exit::UNREADABLE;
            }
            NoExchanges::Warn => output::complain("warning: nothing was judged"),
            NoExchanges::Pass => {}
        }
    }
    let broken = report.open_groups().any(|group| group.severity == Severity::Error || reporting.fail_on == FailOn::Warning);
    let expired = report.baseline.as_ref().is_some_and(|baseline| !baseline.expired.is_empty());
    let thin = reporting.fail_under.filter(|least| report.coverage.percent < f64::from(*least));
    if let Some(least) = thin {
        output::complain(&format!("error: the coverage of {:.1} % is under {least} %", report.coverage.percent));
    }
    let idle = report.rules.iter().any(|rule| rule.severity == Some(Severity::Error) && rule.passed + rule.failed == 0);
    if broken || expired || thin.is_some() || (reporting.require_exercised && idle) { exit::BROKEN } else { exit::KEPT }
}
