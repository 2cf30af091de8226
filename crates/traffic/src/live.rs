//! A live server as a source of exchanges.

use std::sync::Arc;

use crate::Exchange;
use crate::record::Recorder;

/// The next item from a live server.
#[derive(Debug)]
pub enum Next {
    /// An exchange.
    Exchange(Box<Exchange>),
    /// A part of the traffic that is not judged. The report counts it.
    NotJudged {
        /// The part: `connection`, `exchange`, …
        part: &'static str,
        /// The reason.
        reason: &'static str,
    },
    /// Nothing yet. The exchanges so far can be checked in the meantime.
    Idle,
    /// The end.
    End,
}

/// A live server as a source.
pub struct Live<'l> {
    /// The name in reports.
    pub name: Arc<str>,
    /// The recorder of its exchanges.
    pub recorder: &'l mut Recorder,
    /// Returns the next item.
    pub next: &'l mut dyn FnMut() -> Next,
    /// Called at the end. Returns why the run is incomplete, if it is.
    pub unseen: &'l mut dyn FnMut() -> Option<String>,
}

impl std::fmt::Debug for Live<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Live").field("name", &self.name).finish_non_exhaustive()
    }
}
