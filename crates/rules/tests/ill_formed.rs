//! Invalid rules do not load: each is refused with its file, line, location and, if known, a correction.

use std::fmt::Write as _;

use charter_contract::Listing;
use charter_rules::from_documents;
use miette::{GraphicalReportHandler, GraphicalTheme};

const OPENAPI: &str = r##"
openapi: 3.1.0
paths:
  /things/{id}:
    get:
      operationId: things.get
      parameters:
        - {name: id, in: path, required: true, schema: {type: string}}
        - {name: limit, in: query, schema: {type: integer}}
        - {name: since, in: query, schema: {type: string, default: ever}}
      responses:
        "200": {description: A thing., content: {application/json: {schema: {$ref: thing.schema.json}}}}
        "404": {description: None., content: {application/json: {schema: {type: object, required: [why], properties: {why: {type: string}}}}}}
"##;

const THING: &str = r##"{
  "type": "object",
  "required": ["id", "count", "ratio", "note", "state", "at", "flag", "tags", "parts", "loose", "either", "any", "open"],
  "additionalProperties": false,
  "properties": {
    "id": {"type": "string"},
    "count": {"type": "integer"},
    "ratio": {"type": "number"},
    "name": {"type": "string"},
    "note": {"type": ["string", "null"]},
    "state": {"enum": ["open", "closed", "lost"]},
    "at": {"type": "string"},
    "until": {"type": ["string", "null"]},
    "flag": {"type": "boolean"},
    "tags": {"type": "array", "items": {"type": "string"}},
    "parts": {"type": "array", "items": {"$ref": "#/$defs/Part"}},
    "loose": {"type": "array", "items": {"$ref": "#/$defs/Loose"}},
    "either": {"anyOf": [
      {"type": "object", "required": ["kind", "x"], "additionalProperties": false, "properties": {"kind": {"const": "a"}, "x": {"type": "integer"}}},
      {"type": "object", "required": ["kind", "y"], "additionalProperties": false, "properties": {"kind": {"const": "b"}, "y": {"type": "string"}}}
    ]},
    "any": true,
    "open": {"type": "object", "properties": {"known": {"type": "integer"}}}
  },
  "$defs": {
    "Part": {"type": "object", "required": ["key", "size"], "additionalProperties": false, "properties": {"key": {"type": "string"}, "size": {"type": ["integer", "null"]}, "label": {"type": "string"}}},
    "Loose": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}},
    "Alone": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}
  }
}"##;

fn invariants(rules: &str) -> String {
    format!(
        "format: charter-invariants/1
resources: [{{schema: thing.schema.json, identity: /id, operations: {{things.get: path.id}}}}]
lists: [{{at: 'thing.schema.json#/properties/parts', key: /key}}]
bind:
  - {{at: 'thing.schema.json#/properties/at', as: date-time}}
  - {{at: 'thing.schema.json#/properties/until', as: date-time}}
invariants:
{rules}"
    )
}

/// A rule whose other parts are valid.
fn rule(fields: &str) -> String {
    let on = if fields.contains("on:") { "" } else { "    on: thing.schema.json\n" };
    let message = if fields.contains("message:") { "" } else { "    message: m\n" };
    let severity = if fields.contains("severity:") { "" } else { "    severity: warning\n" };
    format!("  - id: r\n{on}{message}{severity}    promise: {{kind: implied, where: w, quote: q}}\n{fields}")
}

fn load(rules: &str) -> Result<charter_contract::Contract, charter_contract::Error> {
    from_documents(vec![
        ("openapi.yaml".to_owned(), OPENAPI.as_bytes().to_vec()),
        ("thing.schema.json".to_owned(), THING.as_bytes().to_vec()),
        ("thing.invariants.yaml".to_owned(), invariants(rules).into_bytes()),
    ])
}

/// What is printed of a rule that is refused.
fn refusal(rules: &str) -> String {
    let error = load(rules).err().unwrap_or_else(|| panic!("accepted:\n{rules}"));
    let handler = GraphicalReportHandler::new_themed(GraphicalTheme::unicode_nocolor()).with_links(false).with_width(140);
    let mut text = String::new();
    for problem in error.problems() {
        assert!(problem.place.position.is_some(), "no position: {problem}");
        handler.render_report(&mut text, &Listing::new(problem)).expect("a listing");
    }
    text
}

fn check(name: &str, rules: &[&str]) {
    let mut text = String::new();
    for text_of_rule in rules {
        let whole = if text_of_rule.starts_with("  - id") { (*text_of_rule).to_owned() } else { rule(&format!("    {text_of_rule}\n")) };
        let _ = writeln!(text, "{}\n{}", text_of_rule.trim(), refusal(&whole));
    }
    insta::assert_snapshot!(name, text);
}

/// Every expression as the rule of an otherwise valid invariant.
fn check_expressions(name: &str, expressions: &[&str]) {
    let rules: Vec<String> = expressions.iter().map(|expression| format!("rule: \"{expression}\"")).collect();
    check(name, &rules.iter().map(String::as_str).collect::<Vec<_>>());
}

#[test]
fn names_that_do_not_exist() {
    check_expressions(
        "names",
        &[
            "self.cuont > 1",
            "slef.count > 1",
            "self.open.knwon > 1",
            "self.open.other > 1",
            "has(self.nmae)",
            "self.parts.all(p, p.sise == null)",
            "request.query.limt == 1",
            "request.body.x == 1",
            "response.code == 200",
            "oldself.count == 1",
            "self.tags.alll(t, t == 'a')",
            "startWith(self.id, 'a')",
            "self.id.startWith('a')",
            "size(self.id).size() > 1",
            "'xx' in self.either",
        ],
    );
}

#[test]
fn values_that_may_be_missing() {
    check_expressions(
        "guards",
        &[
            "self.name == 'a'",
            "self.note.startsWith('a')",
            "self.note > 'a'",
            "size(self.note) > 0",
            "has(self.until) && self.until > self.at",
            "self.at > timestamp('2026-07-01T10:00:00Z')",
            "self.at + duration('1s') > self.at",
            "self.parts.all(p, p.size > 0)",
            "self.parts.all(p, p.label != '')",
            "self.either.x > 1",
            "has(self.name) || self.name == 'a'",
            "self.tags[0] == 'a'",
            "size(self.tags) > 1 && self.tags[2] == 'a'",
            "response.headers['x-a'][0] == 'a'",
            "self.open['more'] == 1",
            "request.query.limit > 1",
            "self.tags[self.count] == 'a'",
            "self.either.kind == 'a' && self.either.y == 'a'",
        ],
    );
}

#[test]
fn kinds_that_do_not_fit() {
    check_expressions(
        "kinds",
        &[
            "self.count + 1.5 > 2.0",
            "self.ratio + 1 > 2.0",
            "self.ratio * self.count > 2.0",
            "self.count == self.ratio",
            "self.count < self.ratio",
            "self.count == 'a'",
            "self.id > 1",
            "self.flag > 1",
            "self.tags == 'a'",
            "self.count in self.tags",
            "1 in ['a', 'b']",
            "self.id in [1, 'b']",
            "self.at == '2026-07-01T10:00:00Z'",
            "isInstant(self.id)",
            "isWhole(self.count)",
            "milliseconds(self.at)  > 1.0",
            "self.count",
            "self.count ? true : self.flag",
            "self.flag ? self.count : self.id",
            "!self.count",
            "-self.id == 'a'",
            "self.any > 1",
            "self.any.x == 1",
            "self.id.all(c, c == 'a')",
            "int(self.count) == 1",
            "self.id.size > 1",
            "size(self.count) == 1",
            "size(self.id, 1) == 1",
            "self.id.contains(1)",
        ],
    );
}

#[test]
fn conditions_that_cannot_be_otherwise() {
    check_expressions(
        "constant",
        &[
            "true",
            "self.flag || true",
            "1 < 2",
            "has(self.id)",
            "self.id != null",
            "self.state == 'clsoed'",
            "self.state in ['open', 'gone']",
            "self.state in ['open', 'closed', 'lost']",
            "self.state == 'open' && self.state == 'closed'",
            "has(self.name) && (!has(self.name) || self.name != '')",
            "self.flag && self.flag",
            "size(self.tags) >= 0",
            "self.either.kind == 'c'",
        ],
    );
    check(
        "constant_guards",
        &["when: has(self.id)\n    rule: self.flag", "when: self.flag\n    rule: self.flag", "when: '1 == 1'\n    rule: self.flag"],
    );
}

#[test]
fn text_that_is_not_a_rule() {
    let long = format!("self.id == '{}'", "a".repeat(1_990));
    let long_operators = format!("self.count == {}1", "1+".repeat(450));
    let deep = format!("{}self.flag{}", "(".repeat(60), ")".repeat(60));
    check_expressions(
        "syntax",
        &[
            "self.",
            "self.count >",
            "self.count = 1",
            "has(self)",
            "self.tags.all(t)",
            "self.tags.all(1, true)",
            "self.?name == 'a'",
            "Thing{a: 1}",
            "self.id.matches('[')",
            "self.id.matches('(?=a)b')",
            "self.id.matches(self.id)",
            "timestamp('2026-07-01') < timestamp('2026-07-02T00:00:00Z')",
            "timestamp(self.id) < timestamp('2026-07-02T00:00:00Z')",
            "duration('P1D') > duration('1s')",
            "self.tags.all(self, self == 'a')",
            &long,
            &long_operators,
            &deep,
        ],
    );
}

#[test]
fn lists_in_lists_that_cost_too_much() {
    check_expressions(
        "cost",
        &[
            "self.tags.all(a, self.tags.all(b, self.tags.exists(c, c == a || c == b)))",
            "self.tags.all(a, self.tags.exists(b, a in self.tags && b == a))",
        ],
    );
}

#[test]
fn rules_over_time_that_compare_nothing() {
    check(
        "over_time",
        &[
            "on: 'thing.schema.json#/$defs/Loose'\n    rule: self.n == oldSelf.n",
            "on: 'openapi.yaml#/paths/~1things~1{id}/get/responses/404/content/application~1json/schema'\n    rule: self.why == oldSelf.why",
            "on: {operation: things.get, status: 200}\n    rule: self.count == oldSelf.count",
            "old: required\n    rule: self.flag",
            "old: optional\n    rule: oldSelf.flag == self.flag",
        ],
    );
}

#[test]
fn files_that_are_not_in_form() {
    let good = rule("    rule: self.flag\n");
    let twice = format!("{good}{good}");
    check(
        "form",
        &[
            &twice,
            "on: 'thing.schema.json#/$defs/Alone'\n    rule: self.n > 1",
            "on: 'thing.schema.json#/$defs/Partt'\n    rule: self.size == null",
            "on: {operation: things.gte, status: 200}\n    rule: self.flag",
            "on: {operation: things.get, status: 500}\n    rule: self.flag",
            "severity: error\n    rule: self.flag",
            "severity: fatal\n    rule: self.flag",
            "rule: self.flag\n    wehn: self.flag",
            "message: '{{ self.nmae }}'\n    rule: self.flag",
            "message: '{{ self.name }}'\n    rule: self.flag",
            "message: '{{ self.id'\n    rule: self.flag",
            "when: 'self.flga'\n    rule: self.flag",
            "rule: self.flag\n    examples: {pass: [{selff: 1}]}",
            "rule: self.flag\n    path: id",
        ],
    );
}

#[test]
fn an_item_below_min_items_needs_no_guard() {
    let tags = r#""tags": {"type": "array""#;
    assert!(THING.contains(tags));
    let thing = THING.replace(tags, r#""tags": {"type": "array", "minItems": 2"#);
    for (index, is_accepted) in [(1, true), (2, false)] {
        let contract = from_documents(vec![
            ("openapi.yaml".to_owned(), OPENAPI.as_bytes().to_vec()),
            ("thing.schema.json".to_owned(), thing.as_bytes().to_vec()),
            ("thing.invariants.yaml".to_owned(), invariants(&rule(&format!("    rule: self.tags[{index}] == 'a'\n"))).into_bytes()),
        ]);
        assert_eq!(contract.is_ok(), is_accepted, "index {index}: {:?}", contract.err().map(|error| error.to_string()));
    }
}

#[test]
fn what_is_well_guarded_loads() {
    for expression in [
        "!has(self.name) || self.name != ''",
        "has(self.name) ? self.name != '' : true",
        "self.note == null || self.note.startsWith('a')",
        "!(self.note != null && self.note == '')",
        "!isInstant(self.at) || self.at > timestamp('2026-07-01T10:00:00Z')",
        "!has(self.until) || !isInstant(self.until) || !isInstant(self.at) || milliseconds(self.until - self.at) >= 0.0",
        "self.either.kind != 'a' || self.either.x > 1",
        "self.either.kind == 'a' ? self.either.x > 1 : self.either.y == 'a'",
        "has(self.either.x) ? self.either.x > 1 : self.either.y != ''",
        "self.parts.all(p, p.size == null || p.size >= 0)",
        "self.parts.exists_one(p, p.key == self.id)",
        "self.parts.filter(p, p.size != null && p.size > 1).all(p, p.key != '')",
        "self.tags.map(t, size(t)).all(n, n < 9)",
        "size(self.tags) < 3 || self.tags[2] == 'a'",
        "!('more' in self.open) || self.open['more'] == 1",
        "self.open.all(k, self.open[k] == 1)",
        "!('x-a' in response.headers) || response.headers['x-a'][0] == 'a'",
        "!has(request.query.limit) || size(self.tags) <= request.query.limit",
        "request.query.since == 'ever' && request.path.id == self.id",
        "self.any == 1 || self.any == null",
        "self.state in ['open', 'lost'] || self.count == 0",
        "self.ratio < 1 && self.count < 2.5 && double(self.count) < self.ratio",
        "self.count == oldSelf.count && self.parts.all(p, oldSelf.parts.exists(o, o.key == p.key))",
    ] {
        if let Err(error) = load(&rule(&format!("    rule: \"{expression}\"\n"))) {
            panic!("{expression}: {error}");
        }
    }
    for fields in [
        "    on: 'thing.schema.json#/$defs/Part'\n    rule: self.size == oldSelf.size\n",
        "    old: optional\n    rule: oldSelf == null || oldSelf.flag == self.flag\n",
        "    when: has(self.name)\n    rule: self.name != ''\n    message: '{{ self.name }}'\n",
        "    on: {operation: things.get, status: 404}\n    rule: self.why != ''\n",
    ] {
        if let Err(error) = load(&rule(fields)) {
            panic!("{fields}: {error}");
        }
    }
}
