//! Which exchanges of a recording belong to the API. The others are counted, not judged.

use std::fmt;

use charter_contract::{Contract, TrafficPattern};
use charter_traffic::exchange::Exchange;

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
