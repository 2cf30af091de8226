//! Matches an exchange to the contract: the operation by method and path, the response by status and media type.

use charter_contract::invariant::Severity;
use charter_contract::{Contract, NoRoute, Operation, ResponseSpec, Route};
use indexmap::IndexMap;
use percent_encoding::percent_decode_str;
use url::Url;

use crate::scope::{OutOfScope, Selected, selected, webhook};
use charter_report::{Finding, FindingKind, PromiseSource};
use charter_traffic::exchange::{Exchange, Provoked, Request};

/// The operation that a request matches.
#[derive(Debug)]
pub(crate) struct Matched<'c> {
    pub(crate) operation: &'c Operation,
    /// The path parameters, percent-decoded.
    pub(crate) path: IndexMap<String, String>,
    /// The path parameters as sent.
    pub(crate) raw_path: IndexMap<String, String>,
}

/// Why a request matches no operation.
#[derive(Debug)]
pub(crate) enum Unmatched {
    /// It does not belong to the API.
    OutOfScope(OutOfScope),
    /// The contract does not document it.
    Undocumented(Box<Finding>),
}

/// Finds the operation of a request.
pub(crate) fn operation_for<'c>(contract: &'c Contract, request: &Request) -> Result<Matched<'c>, Unmatched> {
    let (host, path) = host_and_path(&request.url);
    let selected = selected(contract, &request.method, host.as_deref(), &path);
    if selected != Err(OutOfScope::Excluded)
        && let Some(operations) = webhook(contract, request, host.as_deref(), &path)
    {
        return webhook_operation(&operations, request, &path);
    }
    let selected = selected.map_err(Unmatched::OutOfScope)?;
    if contract.operations().is_empty() {
        return Err(Unmatched::OutOfScope(OutOfScope::NoWebhook));
    }
    let judged_host = host.as_deref().filter(|_| selected == Selected::ByServers);
    let missing = match contract.route(&request.method, judged_host, &path) {
        Ok(Route { operation, path: raw_path, .. }) => {
            let decoded = |value: &String| percent_decode_str(value).decode_utf8_lossy().into_owned();
            let path = raw_path.iter().map(|(name, value)| (name.clone(), decoded(value))).collect();
            return Ok(Matched { operation, path, raw_path });
        }
        Err(missing) => missing,
    };
    let paths = contract.operations().first().map(|operation| format!("{}#/paths", operation.location.document())).unwrap_or_default();
    let method = &request.method;
    let mut finding = match missing {
        NoRoute::Host(host) => return Err(Unmatched::OutOfScope(OutOfScope::Host(host))),
        NoRoute::Method(allowed) => {
            let promised = format!("{} {path}", allowed.join(" or "));
            http("http.unknown-method", Severity::Error, format!("{method} is not documented for {path}"), promised, &paths)
        }
        _ => {
            let hint = base_path_hint(contract, &path);
            let message = format!("the contract has no operation {method} {path}{hint}");
            http("http.unknown-path", Severity::Error, message, nearest_paths(contract, &path), &paths)
        }
    };
    finding.subject = Some(format!("{} {}", method.to_ascii_uppercase(), without_ids(&path)));
    Err(Unmatched::Undocumented(Box::new(finding)))
}

/// The operation of a webhook or a callback with the method of a request.
pub(crate) fn webhook_operation<'c>(operations: &[&'c Operation], request: &Request, path: &str) -> Result<Matched<'c>, Unmatched> {
    let method = &request.method;
    if let Some(operation) = operations.iter().find(|operation| operation.method.0.eq_ignore_ascii_case(method)) {
        return Ok(Matched { operation, path: IndexMap::new(), raw_path: IndexMap::new() });
    }
    let allowed: Vec<&str> = operations.iter().map(|operation| operation.method.0.as_str()).collect();
    let name = operations.first().map(|operation| operation.path.0.as_str()).unwrap_or_default();
    let at = operations.first().map(|operation| operation.location.to_string()).unwrap_or_default();
    let message = format!("{method} is not documented for the webhook {name}");
    let mut finding = http("http.unknown-method", Severity::Error, message, allowed.join(" or "), &at);
    finding.subject = Some(format!("{} {}", method.to_ascii_uppercase(), without_ids(path)));
    Err(Unmatched::Undocumented(Box::new(finding)))
}

/// A hint if the end of the path matches an operation, so that the beginning is probably an unknown base path. An operation whose path
/// matches everything proves nothing.
fn base_path_hint(contract: &Contract, path: &str) -> String {
    let base =
        contract.operations().iter().filter(|operation| operation.path.0.split('/').any(|part| !part.is_empty() && !part.contains('{')));
    let base = base.into_iter().find_map(|operation| {
        let tails = path.match_indices('/').skip(1).map(|(at, _)| path.split_at(at));
        tails.into_iter().find(|(_, tail)| operation.captures(tail).is_some()).map(|(base, _)| base.to_owned())
    });
    base.map_or_else(String::new, |base| {
        format!("; the path matches with the base path `{base}`: add it to base-paths under [check] in charter.toml")
    })
}

/// The documented paths that are most similar to a path.
fn nearest_paths(contract: &Contract, path: &str) -> String {
    const SHOWN: usize = 3;
    let mut paths: Vec<(usize, usize, &str)> = Vec::new();
    for (index, operation) in contract.operations().iter().enumerate() {
        let template = operation.path.0.as_str();
        if !paths.iter().any(|(_, _, known)| *known == template) {
            paths.push((distance(path, template), index, template));
        }
    }
    paths.sort_unstable();
    let named: Vec<&str> = paths.iter().take(SHOWN).map(|(_, _, template)| *template).collect();
    match paths.len() {
        0 => "a documented path".to_owned(),
        count if count <= SHOWN => named.join(", "),
        count => format!("{}, or another of the {count} documented paths", named.join(", ")),
    }
}

/// How different a path and a template are: segments that differ, where a parameter matches any segment.
fn distance(path: &str, template: &str) -> usize {
    const SEGMENT: usize = 16;
    let slashes = usize::from(path.ends_with('/') != template.ends_with('/'));
    let segments = |path: &str| path.trim_matches('/').split('/').map(str::to_owned).collect::<Vec<_>>();
    let (mut found, mut wanted) = (segments(path), segments(template));
    let between = |found: &[String], wanted: &[String]| -> usize {
        let pairs = found.iter().zip(wanted);
        pairs
            .map(|(found, wanted)| match wanted.contains('{') {
                true => 1,
                false => charter_contract::edit_distance(found, wanted).min(SEGMENT),
            })
            .sum()
    };
    // An unknown base path shifts the segments, so they are also compared from the end.
    let from_start = between(&found, &wanted);
    found.reverse();
    wanted.reverse();
    from_start.min(between(&found, &wanted)) + found.len().abs_diff(wanted.len()) * SEGMENT + slashes
}

/// A path in which `{}` replaces segments that are numbers, UUIDs or similar identifiers, so that one promise has one fingerprint.
fn without_ids(path: &str) -> String {
    let is_id = |segment: &str| {
        let digits = segment.bytes().filter(u8::is_ascii_digit).count();
        !segment.is_empty() && (digits == segment.len() || (segment.len() >= 16 && digits >= 4))
    };
    path.split('/').map(|segment| if is_id(segment) { "{}" } else { segment }).collect::<Vec<_>>().join("/")
}

/// The operation that returns one resource.
pub(crate) fn subject(contract: &Contract) -> Option<&Operation> {
    let config = contract.config();
    match config.probe.operation.as_ref().or(config.check.operation.as_ref()) {
        Some(id) => contract.operations().iter().find(|operation| operation.id == *id),
        None => contract.operations().first(),
    }
}

/// A finding if a request that the server must refuse was not refused.
pub(crate) fn not_refused(operation: &Operation, exchange: &Exchange, status: u16) -> Option<Finding> {
    let (what, wanted): (_, &[u16]) = match exchange.provoked? {
        Provoked::NoCredentials => ("without a key", &[401]),
        Provoked::WrongCredentials => ("with an invalid key", &[401, 403]),
        Provoked::UnknownId => ("for an unknown resource", &[404]),
        Provoked::UnknownSection => ("for an unknown section", &[400, 422]),
        _ => return None,
    };
    // A busy or broken server does not judge the request.
    if wanted.contains(&status) || matches!(status, 429 | 500..=599) {
        return None;
    }
    // The contract does not say whether unknown sections are an error, so this is a warning.
    let severity = match exchange.provoked {
        Some(Provoked::NoCredentials | Provoked::WrongCredentials | Provoked::UnknownId) if status < 400 => Severity::Error,
        _ => Severity::Warning,
    };
    let promised = wanted.iter().map(u16::to_string).collect::<Vec<_>>().join(" or ");
    let mut finding = http("http.not-refused", severity, format!("the response to a request {what} has status {status}"), promised, "");
    finding.promise = PromiseSource::documented(&operation.location.child("responses"));
    finding.absolute_keyword_location = Some(operation.location.child("responses").to_string());
    Some(finding)
}

/// Finds the documented response for a status.
pub(crate) fn response_for(operation: &Operation, status: u16) -> Result<&ResponseSpec, Box<Finding>> {
    operation.response_for(status).ok_or_else(|| {
        let promised: Vec<String> = operation.responses.iter().map(|response| response.status.to_string()).collect();
        let mut finding =
            http("http.undocumented-status", Severity::Error, format!("the status {status} is not documented"), promised.join(", "), "");
        finding.operation = Some(operation.id.clone());
        finding.found = Some(status.into());
        finding.promise = PromiseSource::documented(&operation.location.child("responses"));
        finding.absolute_keyword_location = Some(operation.location.child("responses").to_string());
        Box::new(finding)
    })
}

/// The host (with its port) and the path of a URL or a path.
pub(crate) fn host_and_path(url: &str) -> (Option<String>, String) {
    match Url::parse(url) {
        Ok(url) => {
            let host = url.host_str().map(|host| url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")));
            (host, url.path().to_owned())
        }
        Err(_) => (None, url.split(['?', '#']).next().unwrap_or_default().to_owned()),
    }
}

/// A finding about the exchange itself, not about its body.
pub(crate) fn http(rule: &str, severity: Severity, message: String, promised: String, where_: &str) -> Finding {
    let promise = PromiseSource { kind: charter_contract::invariant::PromiseKind::Documented, where_: where_.to_owned() };
    let mut finding = Finding::new(FindingKind::Http, severity, promise, message);
    finding.rule = Some(rule.to_owned());
    finding.promised = promised;
    finding
}
