//! The progress of a check: a bar on a terminal, lines in CI.

use std::io::{self, IsTerminal};
use std::time::{Duration, Instant};

use charter_engine::Progress;
use charter_report::counted;
use indicatif::{HumanBytes, ProgressBar, ProgressStyle};

use crate::output;

/// The time before the first line. Shorter checks print none.
const FIRST: Duration = Duration::from_secs(2);
/// The time between two lines.
const INTERVAL: Duration = Duration::from_secs(10);

/// Shows progress on standard error.
pub(crate) struct Meter {
    bar: ProgressBar,
    /// When the next line is due; `None` if no lines are printed.
    next: Option<Instant>,
}

impl Meter {
    /// Lines in CI, a bar on a terminal; nothing with `--quiet`.
    pub(crate) fn new(quiet: bool) -> Self {
        let in_ci = std::env::var_os("CI").is_some_and(|value| !value.is_empty());
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

fn counts(progress: &Progress) -> String {
    format!("{}, {}", counted(progress.exchanges, "exchange"), counted(progress.findings, "finding"))
}

fn line(progress: &Progress) -> String {
    let total = progress.total_bytes.map(|total| format!(" of {}", HumanBytes(total))).unwrap_or_default();
    format!("progress: {}{total}, {}: {}", HumanBytes(progress.bytes), counts(progress), progress.source)
}
