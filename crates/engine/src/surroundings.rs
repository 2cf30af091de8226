//! What a report shows around a finding: the response with the value marked, and the request.

use charter_contract::json;
use charter_report::{Context, Finding, FindingKind, RequestInfo};
use charter_traffic::exchange::{Body, Exchange};
use charter_traffic::mask::is_secret;

/// Maximum bytes of context before, after and of the value itself, and of the body of a request.
const CONTEXT_BYTES: usize = 4_096;
/// Maximum number of response header fields in the context, and bytes of each.
const SHOWN_HEADERS: (usize, usize) = (30, 200);
/// Maximum number of request header fields, and bytes of each.
const REQUEST_HEADERS: (usize, usize) = (60, 1_000);
/// What a request has instead of a secret.
const MASK: &str = "***";

/// What a report shows around a finding.
#[derive(Clone, Debug, Default)]
pub(crate) struct Surroundings {
    /// The response around the value.
    pub(crate) context: Option<Context>,
    /// The request.
    pub(crate) request: Option<RequestInfo>,
    /// The secrets of the exchange that the finding or what is shown around it may have.
    pub(crate) secrets: Vec<String>,
}

impl Surroundings {
    pub(crate) fn of(finding: &Finding, exchange: &Exchange) -> Self {
        Self { context: context_of(finding, exchange), request: request_of(exchange), secrets: Vec::new() }
    }
}

/// The request without the values of secret header fields.
pub(crate) fn request_of(exchange: &Exchange) -> Option<RequestInfo> {
    let request = exchange.request.as_ref()?;
    let value = |name: &str, value: &str| match is_secret(name) {
        true => MASK.to_owned(),
        false => value[..value.floor_char_boundary(REQUEST_HEADERS.1)].to_owned(),
    };
    let fields = request.headers().fields.iter().take(REQUEST_HEADERS.0);
    let body = request.body().bytes().filter(|bytes| !bytes.is_empty());
    let text = body.filter(|bytes| bytes.len() <= CONTEXT_BYTES && !bytes.contains(&0)).and_then(|bytes| std::str::from_utf8(bytes).ok());
    Some(RequestInfo {
        headers: fields.map(|(name, text)| (name.clone(), value(name, text))).collect(),
        body: text.map(str::to_owned),
        body_omitted: text.is_none() && (body.is_some() || matches!(request.body(), Body::Digest { .. } | Body::Truncated)),
    })
}

/// The response around the value that a finding is about.
fn context_of(finding: &Finding, exchange: &Exchange) -> Option<Context> {
    let response = exchange.response.as_ref()?;
    let bytes = response.body().bytes()?;
    if !matches!(finding.kind, FindingKind::Schema | FindingKind::Invariant) {
        return None;
    }
    let mut pointer = finding.instance_location.as_str();
    let range = loop {
        match json::locate(bytes, pointer) {
            Some(range) => break range,
            None => pointer = pointer.rsplit_once('/')?.0,
        }
    };
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).replace(char::REPLACEMENT_CHARACTER, "");
    let cut = |text: String, is_cut: bool| if is_cut { text + "…" } else { text };
    let start = range.start.saturating_sub(CONTEXT_BYTES);
    let (meant_end, end) = (range.end.min(range.start + CONTEXT_BYTES), bytes.len().min(range.end + CONTEXT_BYTES));
    let shown = response.headers().fields.iter().filter(|(name, _)| !is_secret(name)).take(SHOWN_HEADERS.0);
    let headers = shown.map(|(name, value)| (name.clone(), value[..value.floor_char_boundary(SHOWN_HEADERS.1)].to_owned()));
    Some(Context {
        headers: headers.collect(),
        before: format!("{}{}", if start > 0 { "…" } else { "" }, text(&bytes[start..range.start])),
        meant: cut(text(&bytes[range.start..meant_end]), meant_end < range.end),
        after: cut(text(&bytes[range.end..end]), end < bytes.len()),
    })
}
