//! Applies network faults to a request and its response.

use std::sync::Arc;

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{ConnectInfo, Request, State as Shared};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};

use super::{ConnectionHandle, NetworkFault, body};
use crate::refusal::Refusal;
use crate::server::State;

const DAY: SignedDuration = SignedDuration::from_hours(24);

/// Middleware: serves a request, with a network fault if one is due.
pub(crate) async fn inject(
    Shared(state): Shared<Arc<State>>,
    ConnectInfo(connection): ConnectInfo<ConnectionHandle>,
    request: Request,
    next: Next,
) -> Response {
    let Some((fault, turn)) = state.network.next() else { return next.run(request).await };
    match fault {
        NetworkFault::RateLimitStorm => return rate_limited(&state, turn),
        NetworkFault::ServerErrors => return server_error(&state, turn),
        NetworkFault::EndlessRedirect => return redirect(request.uri(), turn),
        // Ends when the client closes the connection.
        NetworkFault::Silence => std::future::pending().await,
        _ => {}
    }
    let (mut head, whole) = next.run(request).await.into_parts();
    // Every body is in memory already.
    let whole = to_bytes(whole, usize::MAX).await.unwrap_or_default();
    let half = whole.slice(..whole.len() / 2);
    let mut announced = None;
    let body = match fault {
        NetworkFault::Reset => {
            connection.reset_now();
            Body::empty()
        }
        NetworkFault::CutOff => {
            if turn % 2 == 1 {
                connection.reset_at_end();
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
            connection.append(&whole[half.len()..]);
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
    // Without an announced length, the server derives it from the body.
    head.headers.remove(header::CONTENT_LENGTH);
    head.headers.extend(announced.map(|length| (header::CONTENT_LENGTH, length.into())));
    Response::from_parts(head, body)
}

/// A valid 429 response.
fn rate_limited(state: &State, turn: u64) -> Response {
    let mut refused = state.refuse(Refusal::TOO_MANY, "");
    if turn % 2 == 1 {
        // The date has whole seconds: it is at least one second ahead.
        if let Some(date) = date(SignedDuration::from_secs(2)) {
            refused.headers_mut().insert(header::RETRY_AFTER, date);
        }
    }
    refused
}

/// Errors of the server, in the envelope, and of a gateway, without it.
fn server_error(state: &State, turn: u64) -> Response {
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

/// A redirect to the same path with a new query.
fn redirect(uri: &Uri, turn: u64) -> Response {
    let location = format!("{}?hop={turn}", uri.path());
    (StatusCode::TEMPORARY_REDIRECT, [(header::LOCATION, location)]).into_response()
}

/// The HTTP date with an offset from now.
fn date(off: SignedDuration) -> Option<HeaderValue> {
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&(Timestamp::now() + off)).ok()?;
    HeaderValue::from_str(&date).ok()
}
