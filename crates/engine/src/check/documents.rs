//! Judges documents that are in memory, one after another, without a report.

use std::sync::Arc;

use charter_contract::Position;
use charter_report::Finding;
use charter_traffic::read::{ExchangeView, is_bare_body, read_line};

use super::run::malformed;
use crate::judge::{Decided, Decider, FastPathCounts};
use crate::{Judge, Judgement};

/// The position of each document.
const BEGINNING: Position = Position { byte: 0, line: 1, column: 1 };

/// The verdict on a document.
#[derive(Debug)]
#[non_exhaustive]
pub enum DocumentVerdict {
    /// It has no finding, and everything in it was judged.
    Kept,
    /// The reference path judged it.
    Judged(Box<Judgement>),
    /// It is not an exchange.
    Malformed(Box<Finding>),
}

impl DocumentVerdict {
    /// Whether the document has no violation (warnings do not count) and could be judged completely.
    pub fn is_kept(&self) -> bool {
        match self {
            Self::Kept => true,
            Self::Judged(judgement) => judgement.is_kept(),
            Self::Malformed(_) => false,
        }
    }

    /// The findings.
    pub fn findings(&self) -> &[Finding] {
        match self {
            Self::Kept => &[],
            Self::Judged(judgement) => &judgement.findings,
            Self::Malformed(finding) => std::slice::from_ref(finding),
        }
    }
}

/// Judges documents, each of which is a line of a recording: an exchange, or the body of a response. Rules over time and downloads are not judged, because they need other
/// exchanges.
pub fn judge_documents<'d>(judge: &Judge, documents: impl IntoIterator<Item = &'d [u8]>, sink: &mut dyn FnMut(DocumentVerdict)) {
    let source: Arc<str> = "".into();
    let (mut decider, mut counts) = (judge.decider(), FastPathCounts::default());
    for bytes in documents {
        // As for the lines of an archive.
        let bytes = bytes.trim_ascii_end();
        let is_accepted = judge.fast_path().is_ok_and(|fast_path| is_bare_body(bytes) && fast_path.accepts(bytes, &mut counts));
        let verdict = if is_accepted { DocumentVerdict::Kept } else { judge_exchange(judge, &mut decider, bytes, &source) };
        sink(verdict);
    }
}

fn judge_exchange(judge: &Judge, decider: &mut Decider<'_>, bytes: &[u8], source: &Arc<str>) -> DocumentVerdict {
    let view_with_body_at_end = ExchangeView::of_line_with_body_at_end(bytes);
    if view_with_body_at_end.is_some_and(|view| is_decided(decider, &view)) {
        return DocumentVerdict::Kept;
    }
    let view = ExchangeView::of_line(bytes);
    if view.as_ref().is_some_and(|view| is_decided(decider, view)) {
        return DocumentVerdict::Kept;
    }
    let exchange = match read_line(bytes.to_vec(), BEGINNING, source, 0) {
        Ok(exchange) => exchange,
        Err(error) => return DocumentVerdict::Malformed(Box::new(malformed(&error))),
    };
    let other_view = if view.is_some() { None } else { ExchangeView::of(&exchange) };
    if other_view.as_ref().is_some_and(|view| is_decided(decider, view)) {
        return DocumentVerdict::Kept;
    }
    let judgement = judge.judge(&exchange);
    if view.is_some() || other_view.is_some() {
        decider.learn(&exchange, &judgement);
    }
    DocumentVerdict::Judged(Box::new(judgement))
}

/// Whether an exchange is decided without the reference path; it then has no finding.
fn is_decided(decider: &mut Decider<'_>, view: &ExchangeView<'_>) -> bool {
    matches!(decider.decide(view), Decided::Kept(_))
}
