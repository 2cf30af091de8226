//! Which exchanges of a recording belong to the API. The others are counted, not judged.

use std::fmt;

use charter_contract::{Contract, Operation, TrafficPattern, WebhookPattern};
use charter_traffic::exchange::{Exchange, Request};
use serde_json::Value;

/// Why an exchange does not belong to the API.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutOfScope {
    /// No server of the contract has this host.
    Host(String),
    /// It matches a pattern of `exclude`.
    Excluded,
    /// It matches no pattern of `include`.
    NotIncluded,
    /// The contract describes webhooks alone, and no pattern of `webhooks` matches.
    NoWebhook,
    /// It is a CORS preflight request, which the browser sends on its own.
    Preflight,
    /// The browser aborted or blocked the request.
    Aborted,
}

impl fmt::Display for OutOfScope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Host(host) => write!(formatter, "the contract has no server with the host {host}"),
            Self::Excluded => formatter.write_str("excluded"),
            Self::NotIncluded => formatter.write_str("not included"),
            Self::NoWebhook => formatter.write_str("the contract has webhooks alone, and no pattern of [traffic] webhooks matches"),
            Self::Preflight => formatter.write_str("CORS preflight request"),
            Self::Aborted => formatter.write_str("request aborted by the browser"),
        }
    }
}

/// What the patterns of `[traffic]` say of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Selected {
    /// In scope if a server has its host.
    ByServers,
    /// In scope whatever its host is.
    ByHost,
}

/// Applies the patterns of `[traffic]`.
pub(crate) fn selected(contract: &Contract, method: &str, host: Option<&str>, path: &str) -> Result<Selected, OutOfScope> {
    let traffic = &contract.config().traffic;
    let fits = |pattern: &&TrafficPattern| pattern.matches(method, host, path);
    if traffic.exclude.iter().any(|pattern| fits(&pattern)) {
        return Err(OutOfScope::Excluded);
    }
    if traffic.include.is_empty() {
        return Ok(Selected::ByServers);
    }
    let fitting: Vec<_> = traffic.include.iter().filter(fits).collect();
    match fitting.iter().any(|pattern| pattern.host.is_some()) {
        _ if fitting.is_empty() => Err(OutOfScope::NotIncluded),
        true => Ok(Selected::ByHost),
        false => Ok(Selected::ByServers),
    }
}

/// The operations of the webhook or callback that a request belongs to; `None` if no pattern of `[traffic] webhooks` matches.
pub(crate) fn webhook<'c>(contract: &'c Contract, request: &Request, host: Option<&str>, path: &str) -> Option<Vec<&'c Operation>> {
    let mut patterns = contract.config().traffic.webhooks.iter();
    let pattern = patterns.find(|pattern| pattern.matches_target(&request.method, host, path) && has_values(pattern, request))?;
    Some(contract.webhooks_of(&pattern.name).collect())
}

/// Whether a request has the header fields and the strings in its body that a pattern names.
fn has_values(pattern: &WebhookPattern, request: &Request) -> bool {
    let has_field = |(name, value): (&String, &String)| request.headers().get_all(name).iter().any(|found| *found == value);
    if !pattern.headers.iter().all(has_field) {
        return false;
    }
    if pattern.body.is_empty() {
        return true;
    }
    let body = request.body().bytes().and_then(|bytes| serde_json::from_slice::<Value>(bytes).ok());
    body.is_some_and(|body| {
        let mut wanted = pattern.body.iter();
        wanted.all(|(pointer, text)| body.pointer(pointer).and_then(Value::as_str) == Some(text))
    })
}

/// Whether the browser aborted or blocked the request, so that the server did not decide the result.
pub(crate) fn is_aborted(exchange: &Exchange) -> bool {
    const ABORTED: [&str; 4] = ["net::ERR_ABORTED", "net::ERR_BLOCKED_BY_", "NS_BINDING_ABORTED", "NS_ERROR_ABORT"];
    exchange.response.is_none() && exchange.error.as_deref().is_some_and(|error| ABORTED.iter().any(|known| error.starts_with(known)))
}

/// Whether a request is a CORS preflight request.
///
/// # Source
/// Fetch standard, "CORS-preflight fetch".
pub(crate) fn is_preflight(exchange: &Exchange) -> bool {
    exchange.request.as_ref().is_some_and(|request| {
        let has = |name: &str| request.headers().get(name).is_some();
        request.method.eq_ignore_ascii_case("OPTIONS") && has("origin") && has("access-control-request-method")
    })
}
