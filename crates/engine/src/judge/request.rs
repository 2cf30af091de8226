//! The request of an exchange: parameters, credentials, body.

use charter_contract::invariant::Severity;
use charter_contract::{Content, Direction, Location, Operation, Parameter, ParameterPlace, SecurityKind, SecurityRequirement};
use charter_report::{Finding, FindingKind, PromiseSource};
use charter_traffic::exchange::{Body, Exchange, Request};
use indexmap::IndexMap;
use serde_json::Value;

use super::judgement::{Judgement, NotJudged};
use super::message::Documented;
use super::reference::Reference;
use super::snippet::locate;
use crate::coverage::{OperationPart, parameter_name, requirement_name};
use crate::operation::http;
use crate::validate::is_masked;
use crate::wire::{self, Reading};

/// Whether a request has the credentials of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Credentials {
    Present,
    Absent,
    /// The recording does not show them.
    Unknown,
}

impl Reference {
    /// Judges the request of an exchange; returns its body as JSON. `path` has the path parameters as sent.
    ///
    /// A request that the server refused with a 4xx status is expected to be wrong: its findings are dropped, and it is counted.
    pub(super) fn judge_request(
        &self,
        exchange: &Exchange,
        request: &Request,
        operation: &Operation,
        path: &IndexMap<String, String>,
        judgement: &mut Judgement,
    ) -> Option<Value> {
        // A request that provokes a refusal is wrong on purpose.
        if exchange.provoked.is_some() {
            return None;
        }
        let mut seen = Vec::new();
        let mut note = |part: OperationPart, name: &str| self.plan.note_part(&operation.id, part, name, &mut seen);
        let mut findings = self.judge_parameters(request, operation, path, &mut note);
        findings.extend(self.judge_credentials(request, operation, &mut note));
        let (value, not_judged) = self.judge_request_body(request, operation, &mut findings, &mut note);
        judgement.seen.extend(seen);
        let status = exchange.response.as_ref().map(|response| response.status);
        let is_wrong = findings.iter().any(|finding| finding.severity == Severity::Error);
        if status.is_some_and(|status| (400..500).contains(&status)) {
            judgement.refused_request = is_wrong;
            return value;
        }
        // A redirection to a login page refuses a request without credentials.
        if status.is_some_and(|status| (300..400).contains(&status)) {
            findings.retain(|finding| finding.rule.as_deref() != Some("request.security"));
        }
        judgement.not_judged.extend(not_judged);
        for finding in &mut findings {
            finding.operation.get_or_insert_with(|| operation.id.clone());
            finding.direction = Direction::Request;
        }
        judgement.findings.extend(findings);
        value
    }

    fn judge_parameters(
        &self,
        request: &Request,
        operation: &Operation,
        path: &IndexMap<String, String>,
        note: &mut dyn FnMut(OperationPart, &str),
    ) -> Vec<Finding> {
        let contract = &self.contract;
        let mut findings = Vec::new();
        let complete = request.headers().complete;
        let placed = |place| operation.parameters.iter().filter(move |parameter| parameter.place == place && !parameter.is_ignored());
        for parameter in placed(ParameterPlace::Path) {
            let Some(raw) = path.get(&parameter.name) else { continue };
            self.judge_parameter(parameter, wire::decode_path(contract, parameter, raw), true, &mut findings, note);
        }
        let query = query_of(&request.url);
        let decoded = wire::decode_query(contract, &operation.parameters, query);
        for (parameter, reading) in decoded.readings {
            self.judge_parameter(parameter, reading, true, &mut findings, note);
        }
        // The receiver of a webhook chooses its URL, so that the query can contain anything.
        let is_webhook = contract.is_webhook(operation);
        for name in decoded.undeclared.iter().filter(|name| !is_webhook && !self.is_credential(name)) {
            let message = format!("the query parameter `{name}` is not documented");
            let names: Vec<&str> = placed(ParameterPlace::Query).map(|parameter| parameter.name.as_str()).collect();
            let promised = if names.is_empty() { "no query parameter".to_owned() } else { names.join(", ") };
            let mut finding = http("request.undeclared-parameter", Severity::Warning, message, promised, "");
            finding.promise = PromiseSource::documented(&operation.location);
            finding.absolute_keyword_location = Some(operation.location.child("parameters").to_string());
            finding.subject = Some(format!("query {name}"));
            findings.push(finding);
        }
        for parameter in placed(ParameterPlace::Header) {
            let lines = request.headers().get_all(&parameter.name);
            self.judge_parameter(parameter, wire::decode_request_header(contract, parameter, &lines), complete, &mut findings, note);
        }
        let cookies = request.headers().get_all("cookie");
        for (parameter, reading) in wire::decode_cookies(contract, &operation.parameters, &cookies) {
            self.judge_parameter(parameter, reading, complete, &mut findings, note);
        }
        findings
    }

    /// Judges one parameter. `is_complete`: an absent value was not sent.
    fn judge_parameter(
        &self,
        parameter: &Parameter,
        reading: Reading,
        is_complete: bool,
        findings: &mut Vec<Finding>,
        note: &mut dyn FnMut(OperationPart, &str),
    ) {
        if reading != Reading::Absent {
            note(OperationPart::Parameter, &parameter_name(parameter));
        }
        let (place, name) = (parameter.place.as_str(), &parameter.name);
        let mut add = |id: &str, message: String, promised: String, found: Option<Value>| {
            let mut finding = http(id, Severity::Error, message, promised, "");
            finding.promise = PromiseSource::documented(&parameter.location);
            finding.absolute_keyword_location = Some(parameter.location.to_string());
            finding.subject = Some(format!("{place} {name}"));
            finding.found = found;
            findings.push(finding);
        };
        match reading {
            Reading::Absent if parameter.required && is_complete => {
                let message = format!("the {place} parameter `{name}` is missing");
                add("request.missing-parameter", message, format!("the {place} parameter `{name}`"), None);
            }
            Reading::Malformed(malformed) => {
                let promised = format!("a value with the style {}", parameter.style.as_str());
                add("request.parameter", format!("the {place} parameter `{name}`: {malformed}"), promised, None);
            }
            Reading::Value(candidates) => {
                let Some(schema) = parameter.value_schema() else { return };
                let validators = self.validators(Direction::Request);
                let Err(value) = candidates.choose(|value| validators.is_valid(schema, value)) else { return };
                if is_masked(&value) {
                    return;
                }
                for broken in validators.findings(&self.contract, schema, &value) {
                    let below =
                        if broken.instance_location.is_empty() { String::new() } else { format!(" at {}", broken.instance_location) };
                    let message = format!("the {place} parameter `{name}`{below}: {}", broken.message);
                    add("request.parameter", message, broken.promised, broken.found.or_else(|| Some(value.clone())));
                }
            }
            Reading::Absent | Reading::Empty | Reading::NotJudged(_) => {}
        }
    }

    /// Whether a query parameter is the key of a security scheme.
    fn is_credential(&self, name: &str) -> bool {
        let mut schemes = self.contract.security_schemes().values();
        name == "access_token"
            || schemes.any(|scheme| matches!(&scheme.kind, SecurityKind::ApiKey { place: ParameterPlace::Query, name: key } if key == name))
    }

    /// A finding if the request lacks the credentials of every alternative. The values of credentials are never read.
    fn judge_credentials(&self, request: &Request, operation: &Operation, note: &mut dyn FnMut(OperationPart, &str)) -> Option<Finding> {
        let all = |requirement: &SecurityRequirement| {
            let found = requirement.0.keys().map(|scheme| self.credentials(request, scheme));
            found.max_by_key(|found| match found {
                Credentials::Present => 0,
                Credentials::Unknown => 1,
                Credentials::Absent => 2,
            })
        };
        // A requirement without schemes allows requests without credentials.
        let fits = |requirement: &SecurityRequirement| all(requirement).is_none_or(|worst| worst != Credentials::Absent);
        for requirement in &operation.security {
            if all(requirement).is_none_or(|worst| worst == Credentials::Present) {
                note(OperationPart::Security, &requirement_name(requirement));
            }
        }
        if operation.security.is_empty() || operation.security.iter().any(fits) {
            return None;
        }
        let promised = operation.security.iter().map(requirement_name).collect::<Vec<_>>().join(", or ");
        let message = "the request has none of the documented credentials".to_owned();
        let mut finding = http("request.security", Severity::Error, message, promised, "");
        finding.promise = PromiseSource::documented(&operation.location.child("security"));
        finding.absolute_keyword_location = Some(operation.location.child("security").to_string());
        Some(finding)
    }

    fn credentials(&self, request: &Request, scheme: &str) -> Credentials {
        let Some(scheme) = self.contract.security_schemes().get(scheme) else { return Credentials::Unknown };
        let headers = request.headers();
        let absent = if headers.complete { Credentials::Absent } else { Credentials::Unknown };
        let when = |found: bool, otherwise| if found { Credentials::Present } else { otherwise };
        let has_query = |name: &str| request.query().iter().any(|(key, _)| key == name);
        let authorized = |wanted: &str| match headers.get("authorization") {
            // A recorder may mask the whole field.
            Some(value) => {
                let (scheme, rest) = value.split_once(' ').unwrap_or((value, ""));
                let fits = value.starts_with("***") || (scheme.eq_ignore_ascii_case(wanted) && !rest.trim().is_empty());
                when(fits, Credentials::Absent)
            }
            None => absent,
        };
        match &scheme.kind {
            SecurityKind::ApiKey { place: ParameterPlace::Query, name } => when(has_query(name), Credentials::Absent),
            SecurityKind::ApiKey { place: ParameterPlace::Header, name } => {
                when(headers.get(name).is_some_and(|key| !key.is_empty()), absent)
            }
            SecurityKind::ApiKey { place: ParameterPlace::Cookie, name } => {
                let cookies = headers.get_all("cookie");
                let mut pairs = cookies.iter().flat_map(|field| field.split(';'));
                let found = pairs.any(|pair| pair.trim().split_once('=').is_some_and(|(key, _)| key == name) || pair.trim() == "***");
                when(found, absent)
            }
            SecurityKind::Http { scheme } => authorized(scheme),
            // RFC 6750, sections 2.1 to 2.3: the field, the form or the query may have the token.
            SecurityKind::Bearer if has_query("access_token") => Credentials::Present,
            SecurityKind::Bearer => authorized("bearer"),
            _ => Credentials::Unknown,
        }
    }

    /// A request and what the contract documents of its body.
    pub(super) fn documented_request<'m>(
        request: &'m Request,
        operation: &'m Operation,
        content: &'m Content,
        location: &'m Location,
    ) -> Documented<'m> {
        Documented {
            direction: Direction::Request,
            operation,
            content,
            location,
            message: &request.message,
            is_bodiless: false,
            is_bare: false,
            may_be_foreign: false,
        }
    }

    /// Judges the request body; returns its value and what was not judged.
    fn judge_request_body(
        &self,
        request: &Request,
        operation: &Operation,
        findings: &mut Vec<Finding>,
        note: &mut dyn FnMut(OperationPart, &str),
    ) -> (Option<Value>, Option<NotJudged>) {
        let (empty, location) = (Content::default(), operation.location.child("requestBody"));
        let (content, location, required) = match &operation.request_body {
            Some(body) => (&body.content, &body.location, body.required),
            None => (&empty, &location, false),
        };
        let is_empty = match request.body() {
            Body::Bytes { bytes, .. } => bytes.is_empty(),
            _ => false,
        };
        if is_empty || (matches!(request.body(), Body::Missing) && !required) {
            if required {
                let promised = content.keys().cloned().collect::<Vec<_>>().join(" or ");
                let mut finding = http("request.missing-body", Severity::Error, "the request body is missing".to_owned(), promised, "");
                finding.promise = PromiseSource::documented(location);
                finding.absolute_keyword_location = Some(location.to_string());
                findings.push(finding);
            }
            if is_empty {
                note(OperationPart::RequestBody, "none");
            }
            return (None, None);
        }
        let documented = Self::documented_request(request, operation, content, location);
        let read = self.read_body(&documented);
        if let Some(key) = &read.key {
            note(OperationPart::RequestBody, key);
        }
        let mut violations = read.violations;
        if let Some(bytes) = request.body().bytes() {
            for finding in violations.iter_mut().filter(|finding| finding.position.is_none()) {
                locate(finding, bytes, |offset| request.body().position(offset));
            }
        }
        for mut finding in read.findings.into_iter().chain(violations) {
            if matches!(finding.kind, FindingKind::Schema | FindingKind::Syntax) {
                finding.message = format!("the request body: {}", finding.message);
            }
            findings.push(finding);
        }
        let missing = read.missing.map(|reason| {
            let is_missing = matches!(request.body(), Body::Missing);
            let reason = if is_missing { "the recording has no request body".to_owned() } else { reason };
            NotJudged { part: "request body", reason }
        });
        // Rules read a tree.
        let value = read.value.or_else(|| charter_contract::json::parse(&read.text?).ok());
        (value, read.not_judged.or(missing))
    }
}

/// The query of a URL, still percent-encoded.
fn query_of(url: &str) -> &str {
    let url = url.split('#').next().unwrap_or_default();
    url.split_once('?').map_or("", |(_, query)| query)
}
