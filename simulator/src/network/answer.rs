//! What becomes of a request and its answer where the network fails.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use super::{Line, NetworkFault, body};
use crate::refusal::Refusal;
use crate::server::State;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Serves a request over a network that may fail it.
pub(crate) async fn meet(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
    next: Next,
) -> Response {
    let Some((fault, turn)) = state.network.next() else { return next.run(request).await };
    match fault {
        NetworkFault::RateLimitStorm => return storm(&state, turn),
        NetworkFault::ServerErrors => return failed(&state, turn),
        NetworkFault::EndlessRedirect => return elsewhere(request.uri(), turn),
        // Whoever asked gives up, and with that this ends.
        NetworkFault::Silence => std::future::pending().await,
        _ => {}
    }
    let (mut head, whole) = next.run(request).await.into_parts();
    // Everything that is answered is in memory already.
    let whole = to_bytes(whole, usize::MAX).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    let mut announced = None;
    let body = match fault {
        NetworkFault::Reset => {
            line.reset_now();
            Body::empty()
        }
        NetworkFault::CutOff => {
            if turn % 2 == 1 {
                line.reset_at_end();
            }
            announced = Some(whole.len().max(1));
            body::cut(half)
        }
        NetworkFault::Slow => {
            announced = Some(whole.len());
            body::slow(whole)
        }
        NetworkFault::WrongLength if turn.is_multiple_of(2) => {
            announced = Some(whole.len() + whole.len() / 2 + 1);
            body::cut(whole)
        }
        NetworkFault::WrongLength => {
            line.exceed(&whole[half.len()..]);
            half.into()
        }
        NetworkFault::HugeBody => body::endless(),
        NetworkFault::TruncatedJson => half.into(),
        NetworkFault::WrongContentType => {
            head.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("text/html"));
            whole.into()
        }
        NetworkFault::ClockSkew => {
            let off = if turn.is_multiple_of(2) { -DAY } else { DAY };
            head.headers.extend(date(off).map(|date| (header::DATE, date)));
            whole.into()
        }
        _ => whole.into(),
    };
    // Otherwise it is told by the body.
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.extend(announced.map(|length| (header::CONTENT_LENGTH, length.into())));
    Response::from_parts(head, body)
}

/// A refusal that keeps the contract.
fn storm(state: &State, turn: u64) -> Response {
    let mut refused = state.refuse(Refusal::TOO_MANY, "");
    if turn % 2 == 1 {
        // Whole seconds are cut: it is one at least.
        if let Some(date) = date(SignedDuration::from_secs(2)) {
            refused.headers_mut().insert(header::RETRY_AFTER, date);
        }
    }
    refused
}

/// The server fails, or what stands before it, which knows nothing of envelopes.
fn failed(state: &State, turn: u64) -> Response {
    let gateway = |status: StatusCode, body: &'static str| {
        (status, [(header::CONTENT_TYPE, "text/html")], Body::from(Bytes::from_static(body.as_bytes()))).into_response()
    };
    match turn % 4 {
        0 => state.refuse(Refusal::FAILED, ""),
        1 => gateway(StatusCode::BAD_GATEWAY, "<html><body><h1>502 Bad Gateway</h1></body></html>"),
        2 => {
            let mut refused = state.refuse(Refusal::UNAVAILABLE, "");
            refused.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            refused
        }
        _ => gateway(StatusCode::GATEWAY_TIMEOUT, ""),
    }
}

/// The same path, at a place that nobody has been to.
fn elsewhere(uri: &Uri, turn: u64) -> Response {
    let location = format!("{}?hop={turn}", uri.path());
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
}

/// A date so far from now, as a header field has it.
fn date(off: SignedDuration) -> Option<HeaderValue> {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&(Timestamp::now() + off)).ok()?;
    HeaderValue::from_str(&date).ok()
}
