//! The harness for tests: an exchange in a line, a judge in a line, and an assertion that prints the report.

use std::ops::ControlFlow;
use std::path::Path;

use camino::Utf8Path;

use crate::check::{CheckOptions, check};
use crate::exchange::{Body, BodyPlace, Exchange, Headers, Origin, Request, Response};
use crate::read::Source;
use crate::report::{Report, TextOptions, render_text};
use crate::{Error, Judge};
use charter_schema::Position;

impl Judge {
    /// Loads the contract of a folder and compiles it.
    ///
    /// # Errors
    /// The contract is broken, or cannot be judged by.
    pub fn load(folder: impl AsRef<Utf8Path>) -> Result<Self, Error> {
        Self::new(&charter_schema::load(folder.as_ref())?)
    }
}

impl Exchange {
    /// A body of which nothing else is known: an answer of status 200 to the contract's operation.
    pub fn bare(body: impl Into<Vec<u8>>) -> Self {
        Self { request: None, bare: true, ..Self::get("").answered(200, body) }
    }

    /// A GET request with a key, still without an answer.
    pub fn get(url: impl Into<String>) -> Self {
        let headers = Headers { fields: vec![("authorization".to_owned(), "Bearer ***".to_owned())], complete: true };
        Self {
            origin: Origin { source: "<test>".into(), index: 0, line: None, column: None, bytes: 0..0 },
            started: None,
            time_ms: None,
            request: Some(Request { method: "GET".to_owned(), url: url.into(), headers }),
            response: None,
            error: None,
            masked: Vec::new(),
            bare: false,
            provoked: None,
        }
    }

    /// The same request with an answer of JSON.
    #[must_use]
    pub fn answered(mut self, status: u16, body: impl Into<Vec<u8>>) -> Self {
        let headers = Headers { fields: vec![("content-type".to_owned(), "application/json".to_owned())], complete: true };
        let place = BodyPlace::Verbatim(Position { byte: 0, line: 1, column: 1 });
        self.response = Some(Response { status, headers, body: Body::Bytes { bytes: body.into(), place } });
        self
    }

    /// The same exchange, begun at an instant.
    #[must_use]
    pub fn at(mut self, started: jiff::Timestamp) -> Self {
        self.started = Some(started);
        self
    }

    /// The same exchange with a header field of the answer.
    #[must_use]
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        if let Some(response) = &mut self.response {
            response.headers.fields.push((name.into(), value.into()));
        }
        self
    }
}

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
        crate::check::check_exchanges(judge, self)
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
        crate::check::check_sources(judge, vec![self.clone()], &CheckOptions::default(), &mut |_| ControlFlow::Continue(()))
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
