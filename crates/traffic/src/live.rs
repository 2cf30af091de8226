//! A live server as a source of exchanges.

use std::sync::Arc;

use crate::Exchange;
use crate::record::Recorder;

/// What a live server brings next.
#[derive(Debug)]
pub enum Next {
    /// An exchange.
    Exchange(Box<Exchange>),
    /// Nothing for now: what has come is judged meanwhile.
    Idle,
    /// Nothing more.
    End,
}

/// A live server as a source.
pub struct Live<'l> {
    /// How reports call it.
    pub name: Arc<str>,
    /// Where its exchanges are written down.
    pub recorder: &'l mut Recorder,
    /// What it brings.
    pub next: &'l mut dyn FnMut() -> Next,
    /// At the end: what keeps the run from having seen what it was to see.
    pub unseen: &'l mut dyn FnMut() -> Option<String>,
}

impl std::fmt::Debug for Live<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Live").field("name", &self.name).finish_non_exhaustive()
    }
}
