//! Rules that read `request.body`: its values, and the requests to which such rules do not apply.

use charter_engine::{Judge, check_exchanges};
use charter_report::RuleCounts;
use charter_rules::from_documents;
use charter_traffic::Exchange;
use charter_traffic::exchange::Body;

const OPENAPI: &str = "
openapi: 3.1.0
paths:
  /orders:
    post:
      operationId: orders.create
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: 'order.schema.json#/$defs/New'}}
          text/plain: {schema: {type: string}}
      responses:
        '201': {description: Created., content: {application/json: {schema: {$ref: order.schema.json}}}}
        '204': {description: Created without a body.}
  /drafts:
    post:
      operationId: drafts.create
      requestBody: {content: {application/json: {schema: {$ref: 'order.schema.json#/$defs/New'}}}}
      responses:
        '201': {description: Created., content: {application/json: {schema: {$ref: order.schema.json}}}}
  /orders/{id}:
    put:
      operationId: orders.replace
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      requestBody: {required: true, content: {application/json: {schema: {$ref: 'order.schema.json#/$defs/New'}}}}
      responses:
        '200': {description: Replaced., content: {application/json: {schema: {$ref: stored.schema.json}}}}
";

const ORDER: &str = r#"{
  "type": "object",
  "required": ["quantity"],
  "properties": {"quantity": {"type": "integer"}, "price": {"type": "number"}},
  "$defs": {"New": {
    "type": "object",
    "required": ["quantity"],
    "properties": {"quantity": {"type": "integer"}, "price": {"type": "number"}, "due": {"type": "string"}, "tags": {"type": "array", "items": {"type": "string"}}}
  }}
}"#;
const STORED: &str =
    r#"{"type": "object", "required": ["id", "quantity"], "properties": {"id": {"type": "string"}, "quantity": {"type": "integer"}}}"#;

const ECHO: &str = "self.quantity == request.body.quantity";

fn judge(on: &str, rule: &str) -> Judge {
    // A message may read an optional body only if the violated rule implies that it is present.
    let message = if rule.contains("has(request.body)") { "m" } else { "the request has {{ request.body.quantity }}" };
    let invariants = format!(
        "format: charter-invariants/1
resources: [{{schema: stored.schema.json, identity: /id, operations: {{orders.replace: path.id}}}}]
bind: [{{at: 'order.schema.json#/$defs/New/properties/due', as: date-time}}]
invariants:
  - id: rule
    on: {on}
    rule: \"{rule}\"
    message: '{message}'
    severity: error
    promise: {{kind: implied, where: w, quote: q}}
    examples:
      pass: [{{self: {{quantity: 1}}, oldSelf: {{quantity: 1}}, request: {{body: {{quantity: 1}}}}}}]
      fail: [{{self: {{quantity: 1}}, oldSelf: {{quantity: 2}}, request: {{body: {{quantity: 2}}}}}}]
"
    );
    let files =
        [("openapi.yaml", OPENAPI), ("order.schema.json", ORDER), ("stored.schema.json", STORED), ("orders.invariants.yaml", &invariants)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    let contract = from_documents(files).unwrap_or_else(|error| panic!("{rule}: {error}"));
    Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"))
}

fn counts(rule: &str, exchange: &Exchange) -> RuleCounts {
    let judge = judge("{operation: orders.create, status: 201}", rule);
    check_exchanges(&judge, std::slice::from_ref(exchange)).rules[0].clone()
}

fn order(body: &str) -> Exchange {
    Exchange::post("/orders").json_body(body).response(201, r#"{"quantity": 2}"#)
}

fn check(rule: &str, body: &str, holds: bool) {
    let rule = format!("{rule} && request.body.quantity != 9");
    let counts = counts(&rule, &order(body));
    let expected = if holds { (1, 0) } else { (0, 1) };
    assert_eq!((counts.passed, counts.failed), expected, "{body} under {rule}: {counts:?}");
}

/// Checks that the rule is not evaluated for an exchange, with this reason.
fn check_skipped(exchange: &Exchange, reason: &str) {
    let counts = counts(ECHO, exchange);
    assert_eq!((counts.passed, counts.failed, counts.errored), (0, 0, 0), "{counts:?}");
    assert_eq!(counts.reasons.get(reason), Some(&1), "{counts:?}");
}

#[test]
fn a_response_is_compared_with_the_request_body() {
    check(ECHO, r#"{"quantity": 2}"#, true);
    check(ECHO, r#"{"quantity": 3}"#, false);
    let judge = judge("{operation: orders.create, status: 201}", ECHO);
    let messages: Vec<String> = judge.judge(&order(r#"{"quantity": 3}"#)).findings.into_iter().map(|finding| finding.message).collect();
    assert_eq!(messages, ["the request has 3"]);
}

#[test]
fn values_of_the_request_body_are_bound_by_its_schema() {
    check("request.body.quantity + 1 == 3", r#"{"quantity": 2.0}"#, true);
    check("has(request.body.price) && request.body.price / 2.0 == 0.5", r#"{"quantity": 2, "price": 1}"#, true);
    let later = "has(request.body.due) && isInstant(request.body.due) && request.body.due > timestamp('2026-07-01T10:00:00Z')";
    check(later, r#"{"quantity": 2, "due": "2026-07-01T12:00:01+02:00"}"#, true);
    check("has(request.body.tags) && 'a' in request.body.tags", r#"{"quantity": 2, "tags": ["b", "a"]}"#, true);
    check("has(request.body.tags)", r#"{"quantity": 2}"#, false);
}

#[test]
fn a_rule_does_not_apply_if_the_request_body_is_unknown() {
    let with = |body: Body| {
        let mut exchange = order(r#"{"quantity": 2}"#);
        exchange.request.as_mut().expect("a request").message.body = body;
        exchange
    };
    check_skipped(&with(Body::Missing), "request-body-unknown");
    check_skipped(&with(Body::Truncated), "request-body-unknown");
    check_skipped(&with(Body::Digest { digest: "sha256:00".to_owned(), size: 3 }), "request-body-unknown");
    check_skipped(&Exchange::post("/orders").response(201, r#"{"quantity": 2}"#), "request-body-missing");
    let mut partly = Exchange::post("/orders").response(201, r#"{"quantity": 2}"#);
    let message = &mut partly.request.as_mut().expect("a request").message;
    (message.body, message.headers.complete) = (Body::Missing, false);
    check_skipped(&partly, "request-body-unknown");
}

#[test]
fn a_rule_does_not_apply_if_the_request_body_is_not_valid_json() {
    check_skipped(&order("{\"quantity\":"), "request-body-malformed");
    check_skipped(&order(r#"{"quantity": "two"}"#), "request-body-invalid");
    check_skipped(&order("{}"), "request-body-invalid");
    let text = Exchange::post("/orders").request_body("text/plain", "2").response(201, r#"{"quantity": 2}"#);
    check_skipped(&text, "request-body-not-json");
}

#[test]
fn a_rule_about_the_request_alone_applies_to_a_response_without_a_body() {
    let judge = judge("{operation: orders.create, status: 204}", "request.body.quantity < 3");
    let report = |body: &str| {
        let mut exchange = Exchange::post("/orders").json_body(body).response(204, "");
        exchange.response.as_mut().expect("a response").message.headers.fields.clear();
        check_exchanges(&judge, &[exchange]).rules[0].clone()
    };
    assert_eq!((report(r#"{"quantity": 2}"#).passed, report(r#"{"quantity": 3}"#).failed), (1, 1));
}

#[test]
fn an_absent_optional_body_is_absent() {
    let judge =
        judge("{operation: drafts.create, status: 201}", "has(request.body) ? self.quantity == request.body.quantity : self.quantity == 1");
    let counts = |exchange: Exchange| check_exchanges(&judge, &[exchange]).rules[0].clone();
    let without = || Exchange::post("/drafts");
    assert_eq!(counts(without().response(201, r#"{"quantity": 1}"#)).passed, 1);
    assert_eq!(counts(without().response(201, r#"{"quantity": 2}"#)).failed, 1);
    assert_eq!(counts(without().json_body(r#"{"quantity": 2}"#).response(201, r#"{"quantity": 2}"#)).passed, 1);
}

#[test]
fn rules_over_time_compare_the_request_body_with_an_earlier_observation() {
    let judge = judge("stored.schema.json", "request.body.quantity >= oldSelf.quantity");
    let put = |second: i64, quantity: i64| {
        let body = format!(r#"{{"quantity": {quantity}}}"#);
        let stored = format!(r#"{{"id": "a", "quantity": {quantity}}}"#);
        let at = jiff::Timestamp::from_second(second).expect("an instant");
        Exchange::put("/orders/a").json_body(body).response(200, stored).at(at)
    };
    let report = check_exchanges(&judge, &[put(1, 2), put(2, 3), put(3, 1)]);
    let counts = &report.rules[0];
    assert_eq!((counts.passed, counts.failed, counts.errored), (1, 1, 0), "{counts:?}");
}

#[test]
fn examples_of_rules_give_a_request_body() {
    assert_eq!(judge("{operation: orders.create, status: 201}", ECHO).examples(), []);
    let inverted = judge("{operation: orders.create, status: 201}", "self.quantity != request.body.quantity").examples();
    assert_eq!(inverted.len(), 2, "{inverted:?}");
}
