//! The stages of the reference path for one exchange: operation, header fields, body, rules.

use std::collections::BTreeSet;

use charter_contract::invariant::{Severity, Site};
use charter_contract::{Direction, Operation, ResponseSpec, SchemaId};
use charter_program::Instance;

use super::environment::{Environment, request_body as request_body_for_rules};
use super::evaluate::Json;
use super::judgement::Judgement;
use super::message::Documented;
use super::observation::{Observation, ObservedInstance};
use super::outcome::{Outcome, SkipReason, Verdict};
use super::reference::Reference;
use super::rule::{NeedsTree, ResponseContext};
use super::snippet::locate;
use crate::coverage::OperationPart;
use crate::operation::{self, Matched, Unmatched, http};
use crate::scope::{self, OutOfScope};
use crate::validate::check_headers;
use charter_report::{Finding, FindingKind};
use charter_traffic::exchange::{Body, Exchange, Request, Response};

/// A body whose schema has rules, and its response.
#[derive(Clone, Copy)]
struct JudgedBody<'c> {
    schema: SchemaId,
    context: ResponseContext<'c>,
}

impl Reference {
    /// Judges one exchange.
    pub(super) fn judge(&self, exchange: &Exchange) -> Judgement {
        self.judge_with(exchange, |request| operation::operation_for(&self.contract, request))
    }

    /// Judges one exchange as a request to the URL of callbacks.
    pub(super) fn judge_callback(&self, exchange: &Exchange, callbacks: &[&Operation]) -> Judgement {
        self.judge_with(exchange, |request| {
            let (_, path) = operation::host_and_path(&request.url);
            operation::webhook_operation(callbacks, request, &path)
        })
    }

    fn judge_with<'c>(&'c self, exchange: &Exchange, find: impl FnOnce(&Request) -> Result<Matched<'c>, Unmatched>) -> Judgement {
        let mut judgement = Judgement::default();
        let stages = self.run_stages(exchange, find, &mut judgement);
        self.check_refusal(exchange, &mut judgement);
        // A rule of the contract about credentials explains more than the built-in check.
        if self.rules.about_credentials().iter().any(|rule| judgement.breaks(*rule)) {
            judgement.findings.retain(|finding| finding.rule.as_deref() != Some("request.security"));
        }
        self.complete_outcomes(&mut judgement, stages);
        judgement
    }

    /// Runs the stages. Returns a body that was read as a tree; the error says why the rules were not evaluated.
    fn run_stages<'c>(
        &'c self,
        exchange: &Exchange,
        find: impl FnOnce(&Request) -> Result<Matched<'c>, Unmatched>,
        judgement: &mut Judgement,
    ) -> Result<Option<JudgedBody<'c>>, SkipReason> {
        if let Err(error) = self.validators.ready() {
            judgement.unreadable = Some(error.to_string());
            return Err("schema-refused");
        }
        let (operation, path) = if exchange.bare {
            let Some(operation) = self.bare_operation() else {
                judgement.unreadable =
                    Some("it is a JSON document without a format, and its operation is not known; name it with --operation".to_owned());
                return Err("no-request");
            };
            (operation, None)
        } else {
            let Some(request) = &exchange.request else {
                judgement.unreadable = Some("the recording has no request".to_owned());
                return Err("no-request");
            };
            if scope::is_aborted(exchange) {
                judgement.out_of_scope = Some(OutOfScope::Aborted);
                return Err("out-of-scope");
            }
            match find(request) {
                Ok(matched) => (matched.operation, Some((matched.path, matched.raw_path))),
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
        if let Some(problem) = self.contract.problems_of(operation).next() {
            judgement.unreadable = Some(format!("the contract is invalid here: {problem}"));
            return Err("schema-refused");
        }
        if let Some(error) = self.first_schema_error(operation, exchange.request.is_some()) {
            judgement.unreadable = Some(error);
            return Err("schema-refused");
        }
        let request_body = match (&exchange.request, &path) {
            (Some(request), Some((_, raw_path))) => self.judge_request(exchange, request, operation, raw_path, judgement),
            _ => None,
        };
        let path = path.map(|(path, _)| path);
        let request_body = match &exchange.request {
            Some(request) => {
                let validators = self.validators(Direction::Request);
                request_body_for_rules(operation, request, request_body.as_ref(), |schema, value| validators.is_valid(schema, value))
            }
            None => Err("request-unknown"),
        };
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
        let environment = |body| Environment::new(&self.contract, operation, path.clone(), exchange, response, body, request_body);
        let context = ResponseContext { operation, status: response.status, promised: spec.status };
        let documented = Self::documented_response(exchange, operation, spec, response);
        if matches!(response.body(), Body::Truncated) && exchange.error.is_some() {
            let message = format!("the response was cut off: {}", exchange.error.as_deref().unwrap_or_default());
            let mut finding = http("http.cut-off", Severity::Error, message, "a complete response".to_owned(), "");
            finding.promise = charter_report::PromiseSource::documented(&operation.location);
            self.add(judgement, exchange, operation, vec![finding]);
            self.apply_without_body(&environment(None), context, spec, exchange, judgement, "no-body");
            return Ok(None);
        }
        let read = self.read_body(&documented);
        if let Some(key) = &read.key {
            let name = format!("{} {key}", spec.status);
            self.plan.note_part(&operation.id, OperationPart::MediaType, &name, &mut judgement.seen);
        }
        judgement.decided = read.decided.is_some();
        judgement.unreadable = read.missing;
        judgement.not_judged.extend(read.not_judged);
        self.add(judgement, exchange, operation, read.findings);
        if let (Some((program, record)), Some(Ok(text))) = (&read.decided, read.text.as_deref().map(std::str::from_utf8)) {
            judgement.seen.extend(program.cases(record));
            let mut environment = environment(Some(Json::Raw(text)));
            let applied = self.apply(&environment, exchange, context, spec, read.schema, record.instances(), &[], judgement);
            if let Err(NeedsTree) = applied
                && let Ok(tree) = charter_contract::json::parse(text.as_bytes())
            {
                environment.body = Some((&tree).into());
                let _ = self.apply(&environment, exchange, context, spec, read.schema, &[], &[], judgement);
            }
            return Ok(None);
        }
        let (Some(body), broken, schema) = (read.value, read.violations, read.schema) else {
            let reason = if read.is_undocumented { "content-type" } else { "no-body" };
            self.apply_without_body(&environment(None), context, spec, exchange, judgement, reason);
            return Ok(None);
        };
        if let Some(schema) = schema {
            self.plan.walk(&self.validators, schema, &body, &mut judgement.seen);
        }
        // A tree needs no other one.
        let _ = self.apply(&environment(Some((&body).into())), exchange, context, spec, schema, &[], &broken, judgement);
        Ok(schema.map(|schema| JudgedBody { schema, context }))
    }

    /// A response and what the contract documents of its body.
    pub(super) fn documented_response<'m>(
        exchange: &Exchange,
        operation: &'m Operation,
        spec: &'m ResponseSpec,
        response: &'m Response,
    ) -> Documented<'m> {
        Documented {
            direction: Direction::Response,
            operation,
            content: &spec.content,
            location: &spec.location,
            message: &response.message,
            is_bodiless: is_bodiless(exchange, response),
            is_bare: exchange.bare,
            may_be_foreign: matches!(response.status, 413 | 429 | 500..=599),
        }
    }

    /// Applies the rules to a body. `broken` are the violations of its schema.
    ///
    /// # Errors
    /// The rules need a tree. The judgement is unchanged.
    #[expect(clippy::too_many_arguments, reason = "the parts of a body, each from another stage")]
    fn apply(
        &self,
        environment: &Environment<'_>,
        exchange: &Exchange,
        context: ResponseContext<'_>,
        spec: &ResponseSpec,
        schema: Option<SchemaId>,
        instances: &[Instance],
        broken: &[Finding],
        judgement: &mut Judgement,
    ) -> Result<(), NeedsTree> {
        let observed = self.observe(exchange, context, spec, environment);
        let observable = observed.as_ref().map(|_| ()).map_err(|reason| *reason);
        let results = self.rules.apply(&self.contract, &self.validators, environment, context, schema, instances, broken, observable)?;
        judgement.observation = self.observation(observed, results.observed, environment);
        self.add(judgement, exchange, context.operation, broken.to_vec());
        judgement.outcomes = results.outcomes;
        self.add(judgement, exchange, context.operation, results.findings);
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
        let operation = self.contract.judged_operations().find(|operation| Some(&operation.id) == judgement.operation.as_ref());
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
        // The time does not depend on the body: a plan has the same reason for all bodies.
        let (started, ended) = Self::observed_time(exchange.timing.started, exchange.timing.duration_ms).ok_or("time-unknown")?;
        let named = resource.operations.get(&context.operation.id).zip(environment.request.as_ref()).and_then(|(parameter, request)| {
            let (place, name) = parameter.split_once('.')?;
            request.get(place)?.get(name)
        });
        let named = named.map(Json::Tree);
        let identity = named.or_else(|| environment.body?.pointer(&resource.identity)).ok_or("no-identity")?.to_tree();
        let resource = format!("{}\0{identity}", self.contract.schema(resource.schema).location);
        let operation = context.operation.id.clone();
        Ok(Observation { resource, operation, started, ended, instances: Vec::new(), request: None, response: None })
    }

    /// When the request began and when the response was complete, in nanoseconds since 1970. Without a time, observations have no order.
    pub(super) fn observed_time(started: Option<jiff::Timestamp>, duration_ms: Option<f64>) -> Option<(i64, i64)> {
        let started = i64::try_from(started?.as_nanosecond()).ok()?;
        // Implausible durations are ignored.
        let took = duration_ms.filter(|time| (0.0..1e12).contains(time)).unwrap_or(0.0);
        Some((started, started.saturating_add((took * 1e6) as i64)))
    }

    /// Adds findings with the operation and the source position.
    pub(super) fn add(&self, judgement: &mut Judgement, exchange: &Exchange, operation: &Operation, findings: Vec<Finding>) {
        let body = exchange.response.as_ref().map(Response::body);
        for mut finding in findings {
            finding.operation.get_or_insert_with(|| operation.id.clone());
            let is_response = finding.direction == Direction::Response && finding.position.is_none();
            if let Some(Body::Bytes { bytes, .. }) = body.filter(|_| is_response) {
                locate(&mut finding, bytes, |offset| body.and_then(|body| body.position(offset)));
            }
            judgement.findings.push(finding);
        }
    }

    /// Adds an outcome for every rule that was not evaluated.
    fn complete_outcomes(&self, judgement: &mut Judgement, stages: Result<Option<JudgedBody<'_>>, SkipReason>) {
        let mut seen = vec![false; self.rules.len()];
        // Rules over time get their outcomes when observations are compared.
        let observed = judgement.observation.iter().flat_map(|observation| &observation.instances).flat_map(|instance| &instance.rules);
        for rule in judgement.outcomes.iter().map(|outcome| &outcome.rule).chain(observed) {
            seen[*rule] = true;
        }
        let is_broken = |finding: &Finding| finding.kind == FindingKind::Schema && finding.direction == Direction::Response;
        let broken: Vec<&Finding> = judgement.findings.iter().filter(|finding| is_broken(finding)).collect();
        let hidden = match &stages {
            Ok(Some(body)) => self.rules.hidden(&self.contract, body.schema, &broken),
            _ => BTreeSet::new(),
        };
        let mut missing = Vec::new();
        for (rule, seen) in seen.into_iter().enumerate() {
            if !seen {
                let verdict = match stages {
                    Err(reason) => Verdict::NotApplicable(reason),
                    Ok(Some(body)) if self.rules.may_be_hidden(&self.contract, rule, body.context, &hidden) => Verdict::Blocked,
                    Ok(_) => Verdict::NotApplicable("absent"),
                };
                missing.push(Outcome { rule, verdict });
            }
        }
        judgement.outcomes.extend(missing);
        judgement.outcomes.sort_by_key(|outcome| outcome.rule);
    }
}

/// Whether HTTP allows no body in a response.
///
/// # Source
/// RFC 9110, sections 6.4.1, 9.3.2, 15.2, 15.3.5, 15.3.6 and 15.4.5.
fn is_bodiless(exchange: &Exchange, response: &Response) -> bool {
    let is_head = exchange.request.as_ref().is_some_and(|request| request.method.eq_ignore_ascii_case("HEAD"));
    is_head || matches!(response.status, 100..=199 | 204 | 205 | 304)
}
