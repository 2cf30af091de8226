//! What every command that judges has in common: progress, reports, the exit code.

use std::io;
use std::io::IsTerminal;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use charter_contract_tests::report::{Report, TextOptions, render_json, render_text};
use charter_contract_tests::{CheckOptions, Progress, read::Limits};
use charter_schema::invariant::Severity;
use indicatif::{ProgressBar, ProgressStyle};

use crate::cli::{FailOn, NoExchanges, ReportFormat, Reporting};
use crate::{exit, output};

/// Judges by way of `judge`, which is given what it is to do after each step, shows how far it is, and ends with the report.
pub(crate) fn run<E>(
    reporting: &Reporting,
    limits: Limits,
    judge: impl FnOnce(&CheckOptions, &mut dyn FnMut(&Progress) -> ControlFlow<()>) -> Result<Report, E>,
) -> Result<u8, E> {
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = interrupted.clone();
    // Where no handler can be set, Ctrl-C ends the process as ever.
    let _ = ctrlc::set_handler(move || flag.store(true, Ordering::Relaxed));
    let bar = progress_bar(reporting);
    let options = CheckOptions {
        limits,
        samples: reporting.samples.0,
        jobs: reporting.jobs.map_or_else(|| std::thread::available_parallelism().map_or(1, usize::from), usize::from),
    };
    let report = judge(&options, &mut |progress: &Progress| {
        bar.set_message(format!("{} exchanges, {} findings: {}", progress.exchanges, progress.findings, progress.source));
        bar.tick();
        if interrupted.load(Ordering::Relaxed) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    bar.finish_and_clear();
    let report = report?;
    let written = write_reports(&report, reporting);
    Ok(if !report.complete { exit::INTERRUPTED } else { written.unwrap_or_else(|| verdict(&report, reporting)) })
}

fn progress_bar(reporting: &Reporting) -> ProgressBar {
    let silent = reporting.quiet || std::env::var_os("CI").is_some() || !io::stderr().is_terminal();
    if silent {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
        bar.set_style(style);
    }
    bar
}

/// Writes every report that was asked for; the exit code where one cannot be.
fn write_reports(report: &Report, reporting: &Reporting) -> Option<u8> {
    let mut failed = None;
    // Where a machine format takes standard output, words for people go to standard error.
    let machine = reporting.report.iter().any(|target| target.format == ReportFormat::Json && target.file.is_none());
    for target in &reporting.report {
        let colour = target.file.is_none() && if machine { output::colour(&io::stderr()) } else { output::colour(&io::stdout()) };
        let text = match target.format {
            ReportFormat::Json => render_json(report),
            ReportFormat::Text => render_text(report, TextOptions { colour, verbose: reporting.verbose }),
        };
        match &target.file {
            Some(path) => {
                if let Err(error) = output::write(path, &text) {
                    output::complain(&format!("error: {path} cannot be written: {error}"));
                    failed = Some(exit::UNREADABLE);
                }
            }
            None if target.format == ReportFormat::Json => failed = Some(output::text(&text)).filter(|code| *code != exit::KEPT).or(failed),
            None if reporting.quiet => {}
            None if machine => output::complain(text.trim_end()),
            None => failed = Some(output::text(&text)).filter(|code| *code != exit::KEPT).or(failed),
        }
    }
    failed
}

/// The exit code of a finished run: what could not be judged goes before what is broken.
fn verdict(report: &Report, reporting: &Reporting) -> u8 {
    if report.has_input_errors() || report.summary.unreadable > 0 || report.has_errored_rules() {
        return exit::UNREADABLE;
    }
    if !report.judged_anything() {
        match reporting.no_exchanges {
            NoExchanges::Fail => {
                output::complain("error: nothing was judged, which is no success; --no-exchanges warn or pass says otherwise");
                return exit::UNREADABLE;
            }
            NoExchanges::Warn => output::complain("warning: nothing was judged"),
            NoExchanges::Pass => {}
        }
    }
    let broken = report.summary.errors > 0 || (reporting.fail_on == FailOn::Warning && report.summary.warnings > 0);
    let idle = report.rules.iter().any(|rule| rule.severity == Some(Severity::Error) && rule.passed + rule.failed == 0);
    if broken || (reporting.require_exercised && idle) { exit::BROKEN } else { exit::KEPT }
}
