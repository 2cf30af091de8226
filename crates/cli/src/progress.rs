//! The progress of commands: a bar on a terminal, lines in CI.

use std::io::{self, IsTerminal};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use charter_engine::Progress;
use charter_report::counted;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::output;

/// The time before the first line. Shorter checks print none.
const FIRST: Duration = Duration::from_secs(2);
/// The time between two lines.
const INTERVAL: Duration = Duration::from_secs(10);

/// Whether the command has `--quiet`.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Sets whether steps are shown.
pub(crate) fn set_quiet(quiet: bool) {
    QUIET.store(quiet, Ordering::Relaxed);
}

fn is_ci() -> bool {
    std::env::var_os("CI").is_some_and(|value| !value.is_empty())
}

/// A step of a command that has no counts, such as the generation of types. It is shown on standard error while it lasts, if it lasts
/// longer than two seconds: as a line on a terminal, and as one line each ten seconds in CI.
pub(crate) struct Step {
    shown: Option<(Sender<()>, JoinHandle<()>)>,
}

impl Step {
    /// Begins a step; `name` is a gerund, such as "generating types". The step ends when the value is dropped.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        let (in_ci, on_terminal) = (is_ci(), io::stderr().is_terminal());
        if QUIET.load(Ordering::Relaxed) || !(in_ci || on_terminal) {
            return Self { shown: None };
        }
        let name = name.into();
        let (end, ended) = channel();
        // Without a thread, the step is not shown.
        let thread = std::thread::Builder::new().spawn(move || {
            let start = Instant::now();
            if ended.recv_timeout(FIRST) != Err(RecvTimeoutError::Timeout) {
                return;
            }
            if !in_ci {
                let bar = ProgressBar::new_spinner().with_elapsed(start.elapsed());
                if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
                    bar.set_style(style);
                }
                bar.set_message(name);
                bar.enable_steady_tick(Duration::from_millis(100));
                let _ = ended.recv();
                bar.finish_and_clear();
                return;
            }
            loop {
                output::message(&format!("progress: {name}: {} s", start.elapsed().as_secs()));
                if ended.recv_timeout(INTERVAL) != Err(RecvTimeoutError::Timeout) {
                    return;
                }
            }
        });
        Self { shown: thread.ok().map(|thread| (end, thread)) }
    }
}

impl Drop for Step {
    fn drop(&mut self) {
        if let Some((end, thread)) = self.shown.take() {
            drop(end);
            // The thread clears its line before the command prints its result.
            let _ = thread.join();
        }
    }
}

/// Shows progress on standard error.
pub(crate) struct Meter {
    bar: ProgressBar,
    /// When the next line is due; `None` if no lines are printed.
    next: Option<Instant>,
}

impl Meter {
    /// Lines in CI, a bar on a terminal; nothing with `--quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        let in_ci = is_ci();
        if quiet || in_ci || !io::stderr().is_terminal() {
            let next = (in_ci && !quiet).then(|| Instant::now() + FIRST);
            return Self { bar: ProgressBar::hidden(), next };
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {bytes} {wide_msg}") {
            bar.set_style(style);
        }
        Self { bar, next: None }
    }

    /// Updates the bar, or prints a line if one is due.
    pub(crate) fn show(&mut self, progress: &Progress) {
        if let Some(next) = &mut self.next {
            let now = Instant::now();
            if now >= *next {
                *next = now + INTERVAL;
                output::message(&line(progress));
            }
            return;
        }
        if let Some(total) = progress.total_bytes.filter(|_| self.bar.length().is_none()) {
            self.bar.set_length(total);
            // The remaining time is shown if the total size is known.
            if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {bar:20} {bytes} of {total_bytes}, {eta} left {wide_msg}")
            {
                self.bar.set_style(style);
            }
        }
        self.bar.set_position(progress.bytes);
        self.bar.set_message(format!("{}: {}", counts(progress), progress.source));
    }

    /// Removes the bar.
    pub(crate) fn finish(self) {
        self.bar.finish_and_clear();
    }
}

/// Shows the progress of another thread until it is finished.
pub(crate) fn wait(is_finished: impl Fn() -> bool, progress: impl Fn() -> String) {
    let mut meter = Meter::new(QUIET.load(Ordering::Relaxed));
    if let Ok(style) = ProgressStyle::with_template("{spinner} {elapsed} {wide_msg}") {
        meter.bar.set_style(style);
    }
    let (started, mut pause) = (Instant::now(), Duration::from_millis(1));
    while !is_finished() {
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(100));
        match &mut meter.next {
            Some(next) if Instant::now() >= *next => {
                *next = Instant::now() + INTERVAL;
                output::message(&format!("progress: {}", progress()));
            }
            // A bar that disappears at once cannot be read.
            None if started.elapsed() >= Duration::from_millis(500) => {
                meter.bar.set_message(progress());
                meter.bar.tick();
            }
            _ => {}
        }
    }
    meter.finish();
}

fn counts(progress: &Progress) -> String {
    format!("{}, {}", counted(progress.exchanges, "exchange"), counted(progress.findings, "finding"))
}

fn line(progress: &Progress) -> String {
    let total = progress.total_bytes.map(|total| format!(" of {}", HumanBytes(total))).unwrap_or_default();
    format!("progress: {}{total}, {}: {}", HumanBytes(progress.bytes), counts(progress), progress.source)
}
