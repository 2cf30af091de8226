//! The harness for tests: an exchange in a line, a judge in a line, and an assertion that prints the report.

use std::ops::ControlFlow;
use std::path::Path;

use charter_engine::{CheckOptions, Judge, check, check_exchanges, check_sources};
use charter_report::{Report, TextOptions, render_text};
use charter_traffic::Exchange;
use charter_traffic::read::Source;

/// A recording by its path: a file, a folder or a pattern.
#[derive(Clone, Copy, Debug)]
pub struct Recording<P>(pub P);

/// Something that [`assert_kept!`](crate::assert_kept) can judge.
pub trait Judgeable {
    /// What judging it comes to.
    fn report(&self, judge: &Judge) -> Report;
}

impl Judgeable for Exchange {
    fn report(&self, judge: &Judge) -> Report {
        std::slice::from_ref(self).report(judge)
    }
}

/// Exchanges together: those that show one resource are compared over time.
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

/// Judges something; what is broken is returned as the text of its report.
///
/// # Errors
/// A promise is broken, something could not be read, or nothing was judged.
pub fn kept<J: Judgeable + ?Sized>(judge: &Judge, what: &J) -> Result<(), String> {
    let report = what.report(judge);
    if report.is_kept() && report.judged_anything() { Ok(()) } else { Err(render_text(&report, TextOptions::default())) }
}

/// Panics with the report where an exchange or a recording breaks the contract, warnings aside.
#[macro_export]
macro_rules! assert_kept {
    ($judge:expr, $what:expr $(,)?) => {
        if let Err(report) = $crate::kept(&$judge, &$what) {
            panic!("the contract is not kept\n\n{report}");
        }
    };
}
