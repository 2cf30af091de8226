//! The stages of the reference path for one exchange: operation, header fields, body, rules.

use std::collections::HashMap;

use charter_contract::invariant::{Severity, Site};
use charter_contract::{Operation, ResponseSpec, SchemaId, json};
use serde_json::Value;

use super::environment::Environment;
use super::judgement::Judgement;
use super::observation::{Observation, ObservedInstance};
use super::outcome::{Outcome, SkipReason, Verdict};
use super::reference::Reference;
use super::rule::ResponseContext;
use super::snippet::{excerpt, locate};
use crate::operation::{self, Promised, Unmatched, http};
use crate::scope::{self, OutOfScope};
use crate::validate::check_headers;
use charter_report::{Finding, FindingKind};
use charter_traffic::exchange::{Body, Exchange, Response};

impl Reference {
    /// Judges one exchange.
    pub(super) fn judge(&self, exchange: &Exchange) -> Judgement {
        let mut judgement = Judgement::default();
        let stages = self.run_stages(exchange, &mut judgement);
        self.check_refusal(exchange, &mut judgement);
        self.complete_outcomes(&mut judgement, stages);
        judgement
    }

    /// Runs the stages. The error says why the rules were not evaluated.
    fn run_stages(&self, exchange: &Exchange, judgement: &mut Judgement) -> Result<(), SkipReason> {
        if let Err(error) = self.validators.ready() {
            judgement.unreadable = Some(error.to_string());
            return Err("schema-refused");
        }
        let (operation, path) = if exchange.bare {
            (self.bare_operation(), None)
        } else {
            let Some(request) = &exchange.request else {
                judgement.unreadable = Some("the recording has no request".to_owned());
                return Err("no-request");
            };
            if scope::is_aborted(exchange) {
                judgement.out_of_scope = Some(OutOfScope::Aborted);
                return Err("out-of-scope");
            }
            match operation::operation_for(&self.contract, request) {
                Ok(matched) => (matched.operation, Some(matched.path)),
                Err(Unmatched::OutOfScope(reason)) => {
                    judgement.out_of_scope = Some(reason);
                    return Err("out-of-scope");
                }
                Err(Unmatched::Undocumented(_)) if scope::is_preflight(exchange) => {
                    judgement.out_of_scope = Some(OutOfScope::Preflight);
                    return Err("out-of-scope");
                }
                Err(Unmatched::Undocumented(finding)) => {
                    judgement.findings.push(*finding);
                    return Err("unmatched");
                }
            }
        };
        judgement.operation = Some(operation.id.clone());
        let Some(response) = &exchange.response else {
            let message = format!("no response: {}", exchange.error.as_deref().unwrap_or("the recording has none"));
            let mut finding = http("http.no-answer", Severity::Error, message, "a response".to_owned(), "");
            finding.promise = charter_report::PromiseSource::documented(&operation.location);
            self.add(judgement, exchange, operation, vec![finding]);
            return Err("no-answer");
        };
        let spec = match operation::response_for(operation, response.status) {
            Ok(spec) => spec,
            Err(finding) => {
                self.add(judgement, exchange, operation, vec![*finding]);
                return Err("undocumented-status");
            }
        };
        let query = exchange.request.as_ref().map(|request| request.query());
        self.plan.note(&operation.id, response.status, query.as_deref(), &mut judgement.seen);
        self.add(judgement, exchange, operation, check_headers(&self.contract, &self.validators, spec, response));
        let environment = |body| Environment::new(&self.contract, operation, path.clone(), exchange, response, body);
        let context = ResponseContext { operation, status: response.status, promised: spec.status };
        let schema = match operation::schema_for(operation, spec, exchange) {
            Ok(schema) => schema,
            Err(finding) => {
                self.add(judgement, exchange, operation, vec![*finding]);
                self.apply_without_body(&environment(None), context, spec, exchange, judgement, "content-type");
                return Ok(());
            }
        };
        let body = match schema {
            Promised::Bytes => None,
            Promised::Json(schema) => self.body(exchange, operation, response, schema, judgement),
        };
        let Some(body) = body else {
            self.apply_without_body(&environment(None), context, spec, exchange, judgement, "no-body");
            return Ok(());
        };
        let schema = schema.schema();
        let broken = schema.map(|schema| self.validators.findings(&self.contract, schema, &body)).unwrap_or_default();
        if let Some(schema) = schema {
            self.plan.walk(&self.validators, schema, &body, &mut judgement.seen);
        }
        let environment = environment(Some(&body));
        let observed = self.observe(exchange, context, spec, &environment);
        let observable = observed.as_ref().map(|_| ()).map_err(|reason| *reason);
        let results = self.rules.apply(&self.contract, &self.validators, &environment, context, schema, &broken, observable);
        judgement.observation = self.observation(observed, results.observed, &environment);
        self.add(judgement, exchange, operation, broken);
        let findings = results.findings;
        judgement.outcomes = results.outcomes;
        self.add(judgement, exchange, operation, findings);
        Ok(())
    }

    /// Adds a finding if a request that the server must refuse was not refused, unless a rule of the contract already failed for it.
    fn check_refusal(&self, exchange: &Exchange, judgement: &mut Judgement) {
        let Some(response) = exchange.response.as_ref().filter(|_| exchange.provoked.is_some()) else { return };
        let invariants = &self.contract.invariants().invariants;
        let about_answers = |id: &String| invariants.iter().any(|rule| rule.id == *id && matches!(rule.on, Site::Response { .. }));
        if judgement
            .findings
            .iter()
            .any(|finding| finding.kind == FindingKind::Invariant && finding.rule.as_ref().is_some_and(about_answers))
        {
            return;
        }
        let operation = self.contract.operations().iter().find(|operation| Some(&operation.id) == judgement.operation.as_ref());
        let Some(operation) = operation.filter(|operation| operation.response_for(response.status).is_some()) else { return };
        let finding = operation::not_refused(operation, exchange, response.status);
        self.add(judgement, exchange, operation, finding.into_iter().collect());
    }

    fn apply_without_body(
        &self,
        environment: &Environment<'_>,
        context: ResponseContext<'_>,
        spec: &ResponseSpec,
        exchange: &Exchange,
        judgement: &mut Judgement,
        reason: SkipReason,
    ) {
        let observed = self.observe(exchange, context, spec, environment);
        let observable = observed.as_ref().map(|_| ()).map_err(|reason| *reason);
        let results = self.rules.apply_without_body(&self.contract, environment, context, reason, observable);
        judgement.observation = self.observation(observed, results.observed, environment);
        judgement.outcomes = results.outcomes;
        self.add(judgement, exchange, context.operation, results.findings);
    }

    /// An observation with the values that rules over time read; `None` if they read nothing.
    fn observation(
        &self,
        observed: Result<Observation, SkipReason>,
        instances: Vec<ObservedInstance>,
        environment: &Environment<'_>,
    ) -> Option<Box<Observation>> {
        let observation = observed.ok().filter(|_| !instances.is_empty())?;
        let (request, response) = self.rules.observed_heads(environment);
        Some(Box::new(Observation { instances, request, response, ..observation }))
    }

    /// The resource and time of an exchange, still without values.
    pub(super) fn observe(
        &self,
        exchange: &Exchange,
        context: ResponseContext<'_>,
        spec: &ResponseSpec,
        environment: &Environment<'_>,
    ) -> Result<Observation, SkipReason> {
        let invariants = self.contract.invariants();
        let resource = invariants.resource_of(self.contract.schemas(), context.operation, spec).ok_or("no-resource")?;
        let named = resource.operations.get(&context.operation.id).zip(environment.request.as_ref()).and_then(|(parameter, request)| {
            let (place, name) = parameter.split_once('.')?;
            request.get(place)?.get(name)
        });
        let identity = named.or_else(|| environment.body?.pointer(&resource.identity)).ok_or("no-identity")?;
        let nanoseconds = |instant: jiff::Timestamp| i64::try_from(instant.as_nanosecond()).ok();
        // Without a time, observations have no order.
        let started = exchange.timing.started.and_then(nanoseconds).ok_or("time-unknown")?;
        // Implausible durations are ignored.
        let took = exchange.timing.duration_ms.filter(|time| (0.0..1e12).contains(time)).unwrap_or(0.0);
        let resource = format!("{}\0{identity}", self.contract.schema(resource.schema).location);
        let operation = context.operation.id.clone();
        let ended = started.saturating_add((took * 1e6) as i64);
        Ok(Observation { resource, operation, started, ended, instances: Vec::new(), request: None, response: None })
    }

    /// Parses the body strictly. A body that is not JSON is a finding if the contract documents JSON.
    fn body(
        &self,
        exchange: &Exchange,
        operation: &Operation,
        response: &Response,
        schema: Option<SchemaId>,
        judgement: &mut Judgement,
    ) -> Option<Value> {
        let bytes = match response.body() {
            // Nothing is promised of the body, and there is none.
            Body::Bytes { bytes, .. } if bytes.is_empty() && schema.is_none() => return None,
            Body::Bytes { bytes, .. } => bytes,
            Body::Truncated if exchange.error.is_some() => {
                let message = format!("the response was cut off: {}", exchange.error.as_deref().unwrap_or_default());
                let mut finding = http("http.cut-off", Severity::Error, message, "a complete response".to_owned(), "");
                finding.promise = charter_report::PromiseSource::documented(&operation.location);
                self.add(judgement, exchange, operation, vec![finding]);
                return None;
            }
            _ if schema.is_none() => return None,
            other => {
                judgement.unreadable = Some(other.why_absent().to_owned());
                return None;
            }
        };
        let declared_json = response.headers().get_all("content-type").first().is_none_or(|field| operation::is_json(field));
        if schema.is_none() && !declared_json {
            return None;
        }
        match json::parse(bytes) {
            Ok(body) => {
                let rounded = json::roundings(bytes).into_iter().map(|rounding| {
                    let message =
                        format!("the number {} is rounded to {} in double precision", rounding.written, Value::from(rounding.read));
                    let mut finding = http(
                        "syntax.rounded-number",
                        Severity::Warning,
                        message,
                        "a number that a double represents exactly".to_owned(),
                        "RFC 8259, section 6",
                    );
                    finding.kind = FindingKind::Syntax;
                    finding.found = Some(Value::from(rounding.written));
                    finding.position = response.body().position(rounding.bytes.start);
                    finding
                });
                self.add(judgement, exchange, operation, rounded.collect());
                Some(body)
            }
            Err(error) => {
                let mut finding =
                    http("syntax.json", Severity::Error, format!("invalid JSON: {}", error.message), "JSON".to_owned(), "RFC 8259");
                finding.kind = FindingKind::Syntax;
                finding.position = response.body().position(error.position.byte).or(Some(error.position));
                let at = error.position.byte.min(bytes.len());
                let (text, caret) = excerpt(bytes, at..bytes.len().min(at + 1));
                let met: String = String::from_utf8_lossy(&bytes[at..bytes.len().min(at + 80)]).chars().take(20).collect();
                finding.found = Some(if met.trim().is_empty() { "the end of the body".into() } else { met.into() });
                (finding.excerpt, finding.caret) = (Some(text), Some(caret));
                self.add(judgement, exchange, operation, vec![finding]);
                None
            }
        }
    }

    /// Adds findings with the operation and the source position.
    fn add(&self, judgement: &mut Judgement, exchange: &Exchange, operation: &Operation, findings: Vec<Finding>) {
        let body = exchange.response.as_ref().map(Response::body);
        for mut finding in findings {
            finding.operation.get_or_insert_with(|| operation.id.clone());
            if let Some(Body::Bytes { bytes, .. }) = body {
                locate(&mut finding, bytes, |offset| body.and_then(|body| body.position(offset)));
            }
            judgement.findings.push(finding);
        }
    }

    /// Adds an outcome for every rule that was not evaluated.
    fn complete_outcomes(&self, judgement: &mut Judgement, stages: Result<(), SkipReason>) {
        let mut seen: HashMap<usize, ()> = HashMap::new();
        for outcome in &judgement.outcomes {
            seen.insert(outcome.rule, ());
        }
        // Rules over time get their outcomes when observations are compared.
        for instance in judgement.observation.iter().flat_map(|observation| &observation.instances) {
            seen.extend(instance.rules.iter().map(|rule| (*rule, ())));
        }
        let broken = judgement.findings.iter().any(|finding| finding.kind == FindingKind::Schema);
        for rule in 0..self.rules.len() {
            if !seen.contains_key(&rule) {
                let verdict = match stages {
                    Err(reason) => Verdict::NotApplicable(reason),
                    // A body that violates its schema may hide the instances of a rule.
                    Ok(()) if broken => Verdict::Blocked,
                    Ok(()) => Verdict::NotApplicable("absent"),
                };
                judgement.outcomes.push(Outcome { rule, verdict });
            }
        }
        judgement.outcomes.sort_by_key(|outcome| outcome.rule);
    }
}
