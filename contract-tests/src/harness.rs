//! The test harness: checks of exchanges and recordings, and an assertion that prints the report.

use std::fmt;
use std::ops::ControlFlow;
use std::path::Path;

use charter_engine::{CheckOptions, Judge, check, check_exchanges, check_sources};
use charter_report::{Report, TextOptions, render_text};
use charter_traffic::Exchange;
use charter_traffic::read::Source;

/// A recording by its path: a file, a folder or a pattern.
#[derive(Clone, Copy, Debug)]
pub struct Recording<P>(pub P);

/// A value that [`assert_kept!`](crate::assert_kept) can check.
pub trait Judgeable {
    /// The report of its check.
    fn report(&self, judge: &Judge) -> Report;
}

impl Judgeable for Exchange {
    fn report(&self, judge: &Judge) -> Report {
        std::slice::from_ref(self).report(judge)
    }
}

/// Exchanges together: those of one resource are compared over time.
impl Judgeable for [Exchange] {
    fn report(&self, judge: &Judge) -> Report {
        check_exchanges(judge, self)
    }
}

impl Judgeable for Vec<Exchange> {
    fn report(&self, judge: &Judge) -> Report {
        self.as_slice().report(judge)
    }
}

impl<P: AsRef<Path>> Judgeable for Recording<P> {
    fn report(&self, judge: &Judge) -> Report {
        check(judge, &[self.0.as_ref().to_string_lossy().into_owned()], &CheckOptions::default(), &mut |_| ControlFlow::Continue(()))
    }
}

impl Judgeable for Source {
    fn report(&self, judge: &Judge) -> Report {
        check_sources(judge, vec![self.clone()], &CheckOptions::default(), &mut |_| ControlFlow::Continue(()))
    }
}

/// A failed check. Its text is the report.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct NotKept {
    /// The report.
    pub report: Box<Report>,
}

impl fmt::Display for NotKept {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&render_text(&self.report, TextOptions::default()))
    }
}

impl std::error::Error for NotKept {}

/// Checks an exchange, several exchanges or a recording.
///
/// # Errors
/// There is a violation, an input cannot be read, or nothing was checked.
pub fn kept<J: Judgeable + ?Sized>(judge: &Judge, input: &J) -> Result<(), NotKept> {
    let report = input.report(judge);
    if report.is_kept() && report.judged_anything() { Ok(()) } else { Err(NotKept { report: Box::new(report) }) }
}

/// Panics with the report if an exchange or a recording violates the contract. Warnings do not count.
#[macro_export]
macro_rules! assert_kept {
    ($judge:expr, $input:expr $(,)?) => {
        if let Err(report) = $crate::kept(&$judge, &$input) {
            panic!("the contract is not kept\n\n{report}");
        }
    };
}
