//! Values in rules: their types come from the schema, not from the JSON text.

use charter_contract_tests::report::{Group, Report, RuleCounts};
use charter_contract_tests::{Exchange, Judge, Judgeable};
use charter_rules::from_documents;

const OPENAPI: &str = "
openapi: 3.1.0
paths:
  /things/{number}:
    get:
      operationId: things.get
      parameters:
        - {name: number, in: path, required: true, schema: {type: integer}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: ratio, in: query, schema: {type: number, default: 0.5}}
        - {name: deep, in: query, schema: {type: boolean}}
        - {name: tag, in: query, schema: {type: array, items: {type: string}}}
        - {name: since, in: query, schema: {$ref: 'thing.schema.json#/properties/at'}}
      responses:
        '200': {description: A thing., content: {application/json: {schema: {$ref: thing.schema.json}}}}
        4XX: {description: Refused., content: {application/json: {schema: {type: object, required: [why], properties: {why: {type: string}}}}}}
  /others:
    get:
      operationId: others.get
      responses:
        '200': {description: A thing., content: {application/json: {schema: {$ref: thing.schema.json}}}}
";

const THING: &str = r#"{
  "type": "object",
  "properties": {
    "int": {"type": "integer"}, "ratio": {"type": "number"}, "at": {"type": "string"}, "until": {"type": "string"},
    "note": {"type": ["string", "null"]}, "list": {"type": "array", "items": {"type": "integer"}}, "any": true
  }
}"#;

/// The report on a body under one rule.
fn report_of(rule: &str, exchange: Exchange) -> Report {
    let invariants = format!(
        "format: charter-invariants/1
bind: [{{at: 'thing.schema.json#/properties/at', as: date-time}}, {{at: 'thing.schema.json#/properties/until', as: date-time}}]
invariants:
  - id: rule
    on: thing.schema.json
    message: m
    severity: warning
    promise: {{kind: implied, where: w, quote: q}}
{rule}"
    );
    let files = [("openapi.yaml", OPENAPI), ("thing.schema.json", THING), ("thing.invariants.yaml", &invariants)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    let contract = from_documents(files).unwrap_or_else(|error| panic!("{rule}: {error}"));
    exchange.report(&Judge::new(&contract).unwrap_or_else(|error| panic!("{error}")))
}

fn counts(rule: &str, url: &str, body: &str) -> RuleCounts {
    let report = report_of(rule, Exchange::get(url).response(200, body));
    // A parameter that violates its schema is a finding of its own.
    let is_other = |group: &&Group| !matches!(group.rule.as_deref(), Some("request.parameter" | "rule"));
    let others = report.groups.iter().filter(is_other);
    assert_eq!(others.count(), 0, "{body}: {:?}", report.groups);
    report.rules[0].clone()
}

/// Checks whether a rule holds for a body.
fn check(body: &str, rule: &str, holds: bool) {
    let counts = counts(&format!("    rule: \"{rule}\"\n"), "/things/1", body);
    let wanted = if holds { (1, 0) } else { (0, 1) };
    assert_eq!((counts.passed + counts.vacuous, counts.failed), wanted, "{body} under {rule}: {counts:?}");
}

#[test]
fn an_integer_is_an_int_and_a_number_a_double_in_every_spelling() {
    for one in ["1", "1.0", "1e0", "10e-1"] {
        check(&format!(r#"{{"int": {one}}}"#), "!has(self.int) || self.int + 1 == 2", true);
        check(&format!(r#"{{"ratio": {one}}}"#), "!has(self.ratio) || self.ratio / 2.0 == 0.5", true);
        check(
            &format!(r#"{{"int": {one}, "ratio": {one}}}"#),
            "!has(self.int) || !has(self.ratio) || double(self.int) == self.ratio",
            true,
        );
    }
    check(r#"{"int": 9007199254740993}"#, "!has(self.int) || self.int - 9007199254740992 == 1", true);
    check(r#"{"int": 9007199254740993}"#, "!has(self.int) || self.int == 9007199254740992", false);
    check(r#"{"int": -0.0}"#, "!has(self.int) || 1 + self.int == 1", true);
    check(r#"{"ratio": -0.0}"#, "!has(self.ratio) || self.ratio == 0.0", true);
    check(r#"{"ratio": 1e300}"#, "!has(self.ratio) || isWhole(self.ratio)", true);
    check(r#"{"ratio": 0.1}"#, "!has(self.ratio) || isWhole(self.ratio)", false);
    check(r#"{"list": [1.0, 2, 3e0]}"#, "!has(self.list) || self.list.all(n, n % 4 == n)", true);
    check(r#"{"list": [1, 2.0]}"#, "!has(self.list) || 2 in self.list", true);
}

#[test]
fn an_integer_outside_64_bits_is_errored_and_never_passed() {
    for huge in ["9223372036854775808", "18446744073709551616", "-1e300"] {
        let counts = counts("    rule: \"!has(self.int) || self.int > 0\"\n", "/things/1", &format!(r#"{{"int": {huge}}}"#));
        assert_eq!((counts.errored, counts.passed, counts.failed), (1, 0, 0), "{huge}: {counts:?}");
    }
    check(r#"{"int": 9223372036854775807}"#, "!has(self.int) || self.int > 0", true);
}

#[test]
fn instants_compare_across_offsets_and_fractions() {
    let same = "!has(self.at) || !has(self.until) || self.at == self.until";
    let order = "!has(self.at) || !has(self.until) || !isInstant(self.at) || !isInstant(self.until) || self.at < self.until";
    let pair = |at: &str, until: &str| format!(r#"{{"at": "{at}", "until": "{until}"}}"#);
    check(&pair("2026-07-01T10:00:00Z", "2026-07-01T12:00:00+02:00"), same, true);
    check(&pair("2026-07-01T10:00:00Z", "2026-07-01t10:00:00.000z"), same, true);
    check(&pair("2026-07-01T10:00:00Z", "2026-07-01T10:00:00.000000001Z"), same, false);
    check(&pair("2026-07-01T10:00:05Z", "2026-07-01T10:00:05.5Z"), order, true);
    check(&pair("2026-07-01T10:00:05.5Z", "2026-07-01T10:00:05Z"), order, false);
    check(&pair("1969-12-31T23:59:59.5Z", "1970-01-01T00:00:00Z"), order, true);
    for text in [
        "2026-07-01T10:00:60Z",
        "2026-07-01 10:00:00Z",
        "2026-07-01",
        "2026-07-01T10:00:00.1234567891Z",
        "2026-02-30T10:00:00Z",
        "soon",
        "",
    ] {
        check(&format!(r#"{{"at": "{text}"}}"#), "!has(self.at) || isInstant(self.at)", false);
        // A text that is not an instant stays text; no other rule fails.
        check(&format!(r#"{{"at": "{text}", "until": "{text}"}}"#), same, true);
    }
}

#[test]
fn absent_null_and_empty_are_three_things() {
    check("{}", "!has(self.note)", true);
    check(r#"{"note": null}"#, "!has(self.note)", false);
    check(r#"{"note": null}"#, "has(self.note) && self.note == null", true);
    check(r#"{"note": ""}"#, "has(self.note) && self.note == null", false);
    check("{}", "has(self.list) && size(self.list) == 0", false);
    check(r#"{"list": []}"#, "has(self.list) && size(self.list) == 0", true);
    let over_nothing = counts("    rule: \"!has(self.list) || self.list.all(n, n > 0)\"\n", "/things/1", r#"{"list": []}"#);
    assert_eq!((over_nothing.vacuous, over_nothing.passed), (1, 0));
}

#[test]
fn undocumented_keys_can_be_read() {
    check(r#"{"more": 1}"#, "'more' in self && self['more'] == 1", true);
    check("{}", "'more' in self && self['more'] == 1", false);
    check(r#"{"any": {"a": [1, 2.0]}, "more": {"a": [1.0, 2]}}"#, "has(self.any) && 'more' in self && self.any == self['more']", true);
    check(r#"{"any": [1, {"b": null}], "more": [1, {}]}"#, "has(self.any) && 'more' in self && self.any == self['more']", false);
}

#[test]
fn parameters_are_bound_by_their_schemas() {
    let holds = |url: &str, rule: &str| {
        let counts = counts(&format!("    rule: \"{rule}\"\n"), url, "{}");
        assert_eq!((counts.passed, counts.failed), (1, 0), "{url} under {rule}: {counts:?}");
    };
    holds("/things/7?limit=3", "has(request.query.limit) && request.query.limit + 1 == 4 && request.path.number == 7");
    holds("/things/7", "!has(request.query.limit) && request.query.ratio < 1.0");
    holds("/things/7?ratio=2", "request.query.ratio / 4.0 == 0.5");
    holds("/things/7?deep=true", "has(request.query.deep) && request.query.deep");
    holds("/things/7?tag=a&tag=b", "request.query.tag == ['a', 'b']");
    holds("/things/7", "size(request.query.tag) == 0");
    let since = "has(request.query.since) && isInstant(request.query.since) && request.query.since < timestamp('2026-07-01T11:00:00Z')";
    holds("/things/7?since=2026-07-01T12:00:00%2B02:00", since);
    // A malformed parameter is an error of the client: rules on it do not apply.
    let malformed = counts("    rule: \"request.path.number == 7\"\n", "/things/seven", "{}");
    assert_eq!(malformed.reasons.get("parameter-malformed"), Some(&1), "{malformed:?}");
}

#[test]
fn a_rule_never_applies_at_an_operation_that_lacks_its_parameter() {
    let rule = "    rule: \"request.path.number == 7\"\n";
    let other = counts(rule, "/others", "{}");
    assert_eq!((other.not_applicable, other.reasons.get("no-parameter")), (1, Some(&1)), "{other:?}");
    assert_eq!(counts(rule, "/things/7", "{}").passed, 1);
}

#[test]
fn a_rule_on_a_response_applies_to_the_statuses_it_names() {
    let invariants = "format: charter-invariants/1
invariants:
  - {id: class, on: {operation: things.get, status: 4XX}, rule: \"self.why != ''\", message: m, severity: warning, promise: {kind: implied, where: w, quote: q}}
  - {id: exact, on: {operation: things.get, status: 404}, rule: \"self.why != ''\", message: m, severity: warning, promise: {kind: implied, where: w, quote: q}}
";
    let files = [("openapi.yaml", OPENAPI), ("thing.schema.json", THING), ("thing.invariants.yaml", invariants)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    let judge = Judge::new(&from_documents(files).unwrap_or_else(|error| panic!("{error}"))).unwrap_or_else(|error| panic!("{error}"));
    for (status, passed) in [(404, [1, 1]), (409, [1, 0])] {
        let report = Exchange::get("/things/1").response(status, r#"{"why": "so"}"#).report(&judge);
        assert_eq!([report.rules[0].passed, report.rules[1].passed], passed, "{status}");
    }
}

#[test]
fn a_rule_that_takes_too_many_steps_is_errored_and_the_check_continues() {
    let many: Vec<u32> = (0..3_000).collect();
    let body = serde_json::json!({ "list": many }).to_string();
    let rule = "    rule: \"!has(self.list) || self.list.all(a, self.list.exists(b, b >= a))\"\n";
    let counts = counts(rule, "/things/1", &body);
    assert_eq!((counts.errored, counts.passed), (1, 0), "{counts:?}");
    assert!(counts.reasons.keys().any(|reason| reason.contains("too many steps")), "{counts:?}");
}
