//! The position of a finding in its body, and the bytes around it.

use serde_json::Value;

use charter_report::{Caret, Finding, FindingKind};
use charter_traffic::exchange::{Body, Exchange, Response};

/// Adds position, excerpt and found value to a finding about an exchange's body.
pub(crate) fn locate_in_exchange(finding: &mut Finding, exchange: &Exchange) {
    if finding.kind != FindingKind::Invariant {
        return;
    }
    let Some(body @ Body::Bytes { bytes, .. }) = exchange.response.as_ref().map(Response::body) else { return };
    // Values that are compared as a whole were stored as a checksum, so the found value is read from the body.
    finding.found = value_at(exchange, &finding.instance_location).or(finding.found.take());
    locate(finding, bytes, |offset| body.position(offset));
}

/// The value at a JSON Pointer into an exchange's body.
pub(crate) fn value_at(exchange: &Exchange, pointer: &str) -> Option<Value> {
    let bytes = exchange.response.as_ref()?.body().bytes()?;
    serde_json::from_slice(&bytes[charter_json::locate(bytes, pointer)?]).ok()
}

/// Adds the source position and the excerpt to a finding about a body.
pub(super) fn locate(finding: &mut Finding, body: &[u8], position: impl Fn(usize) -> Option<charter_contract::Position>) {
    if !matches!(finding.kind, FindingKind::Schema | FindingKind::Invariant) {
        return;
    }
    // A missing value is shown at its nearest existing parent.
    let mut pointer = finding.instance_location.as_str();
    let range = loop {
        let range = charter_json::locate_key(body, pointer).filter(|_| finding.keyword.as_deref() == Some("additionalProperties"));
        match range.or_else(|| charter_json::locate(body, pointer)) {
            Some(range) => break range,
            None => match pointer.rsplit_once('/') {
                Some((parent, _)) => pointer = parent,
                None => return,
            },
        }
    };
    finding.position = position(range.start);
    let (text, caret) = excerpt(body, range);
    finding.excerpt = Some(text);
    finding.caret = Some(caret);
}

/// The bytes around a range, on one line and shortened, and the range's position among them.
pub(super) fn excerpt(body: &[u8], range: std::ops::Range<usize>) -> (String, Caret) {
    const BEFORE: usize = 30;
    const LENGTH: usize = 90;
    let line_start = body[..range.start].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let line_end = body[range.start..].iter().position(|byte| *byte == b'\n').map_or(body.len(), |at| range.start + at);
    let clean = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace([char::REPLACEMENT_CHARACTER, '\r'], "");
    let start = line_start.max(range.start.saturating_sub(BEFORE));
    let end = line_end.min(start + LENGTH);
    let before = clean(&body[start..range.start]);
    let (cut_before, cut_after) = (if start > line_start { "…" } else { "" }, if end < line_end { "…" } else { "" });
    // Indentation is removed.
    let before = if cut_before.is_empty() { before.trim_start().to_owned() } else { before };
    let meant = clean(&body[range.start..range.end.clamp(range.start, end)]);
    let after = clean(&body[range.end.clamp(range.start, end)..end]);
    let caret = Caret { start: cut_before.chars().count() + before.chars().count(), length: meant.chars().count().max(1) };
    (format!("{cut_before}{before}{meant}{}{cut_after}", after.trim_end()), caret)
}
