//! Rules at bodies that violate their schema: which of them are blocked, and which are evaluated or not applicable.

use charter_engine::{Judge, check_exchanges};
use charter_report::RuleCounts;
use charter_rules::from_documents;
use charter_traffic::Exchange;

const OPENAPI: &str = "
openapi: 3.1.0
paths:
  /issues/{id}:
    get:
      operationId: issues.get
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: An issue., content: {application/json: {schema: {$ref: issue.schema.json}}}}}
  /users/{id}:
    get:
      operationId: users.get
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses: {'200': {description: A user., content: {application/json: {schema: {$ref: user.schema.json}}}}}
";

const ISSUE: &str = r##"{
  "type": "object",
  "required": ["comments", "state_reason"],
  "additionalProperties": false,
  "properties": {
    "comments": {"type": "integer"},
    "state_reason": {"type": "string"},
    "labels": {"type": "array", "items": {"$ref": "#/$defs/Label"}},
    "review": {"anyOf": [{"$ref": "#/$defs/Review"}, {"type": "null"}]},
    "milestone": {"$ref": "#/$defs/Milestone"}
  },
  "$defs": {
    "Label": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "color": {"type": "string"}}},
    "Review": {"type": "object", "required": ["score"], "properties": {"score": {"type": "integer"}, "note": {"type": "string"}}},
    "Milestone": {"type": "object", "required": ["number"], "properties": {"number": {"type": "integer"}}}
  }
}"##;
const USER: &str = r#"{"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}}}"#;

/// The counts of a rule on one schema, for exchanges with these bodies at these paths. A guard precedes the rule and `=>`.
fn counts(on: &str, rule: &str, exchanges: &[(&str, &str)]) -> RuleCounts {
    let (when, rule) = rule.split_once(" => ").map_or((String::new(), rule), |(when, rule)| (format!("    when: \"{when}\"\n"), rule));
    let invariants = format!(
        "format: charter-invariants/1
invariants:
  - id: rule
    on: {on}
{when}    rule: \"{rule}\"
    message: m
    severity: warning
    promise: {{kind: implied, where: w, quote: q}}
"
    );
    let files = [("openapi.yaml", OPENAPI), ("issue.schema.json", ISSUE), ("user.schema.json", USER), ("i.invariants.yaml", &invariants)];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    let contract = from_documents(files).unwrap_or_else(|error| panic!("{rule}: {error}"));
    let judge = Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"));
    let exchanges: Vec<Exchange> = exchanges.iter().map(|(path, body)| Exchange::get(*path).response(200, (*body).to_owned())).collect();
    check_exchanges(&judge, &exchanges).rules[0].clone()
}

/// Checks the outcome of a rule at one issue: `passed`, `failed`, `blocked`, `errored`, `absent` or `when-false`.
fn check(on: &str, rule: &str, body: &str, expected: &str) {
    let counts = counts(on, rule, &[("/issues/1", body)]);
    let numbers = [
        ("passed", counts.passed),
        ("failed", counts.failed),
        ("blocked", counts.blocked),
        ("errored", counts.errored),
        ("absent", counts.reasons.get("absent").copied().unwrap_or_default()),
        ("when-false", counts.reasons.get("when-false").copied().unwrap_or_default()),
    ];
    let found: Vec<&str> = numbers.into_iter().filter(|(_, count)| *count > 0).map(|(name, _)| name).collect();
    assert_eq!(found, [expected], "{rule} at {body}: {counts:?}");
}

#[test]
fn a_fault_blocks_only_the_rules_that_read_the_faulty_value() {
    let issue = "issue.schema.json";
    let broken = r#"{"comments": 3, "state_reason": null}"#;
    check(issue, "self.comments >= 0", broken, "passed");
    check(issue, "self.comments > 3", broken, "failed");
    check(issue, "self.state_reason != ''", broken, "blocked");
    check(issue, "self.comments >= 0 || self.state_reason != ''", broken, "blocked");
}

#[test]
fn a_guard_without_a_fault_decides_whether_the_rule_applies() {
    let issue = "issue.schema.json";
    let broken = r#"{"comments": 3, "state_reason": null}"#;
    check(issue, "self.comments > 5 => self.state_reason != ''", broken, "when-false");
    check(issue, "self.comments > 1 => self.state_reason != ''", broken, "blocked");
    check(issue, "self.state_reason == 'x' => self.comments > 5", broken, "blocked");
}

#[test]
fn a_missing_key_blocks_only_the_rules_that_read_it() {
    let issue = "issue.schema.json";
    check(issue, "self.comments >= 0", r#"{"comments": 3}"#, "passed");
    check(issue, "self.state_reason != ''", r#"{"comments": 3}"#, "blocked");
}

#[test]
fn an_undocumented_key_blocks_no_rule_that_reads_other_keys() {
    let issue = "issue.schema.json";
    let broken = r#"{"comments": 3, "state_reason": "x", "new": 1}"#;
    check(issue, "self.comments > 3", broken, "failed");
    check(issue, "size(self) < 9", broken, "blocked");
}

#[test]
fn a_faulty_item_blocks_the_rules_that_read_the_same_member_of_items() {
    let issue = "issue.schema.json";
    let broken = r#"{"comments": 3, "state_reason": "x", "labels": [{"name": "a"}, {"name": "b", "color": 7}]}"#;
    check(issue, "!has(self.labels) || self.labels.all(l, l.name != '')", broken, "passed");
    check(issue, "!has(self.labels) || self.labels.all(l, !has(l.color) || l.color != '')", broken, "blocked");
    check("'issue.schema.json#/$defs/Label'", "self.name != ''", broken, "passed");
}

#[test]
fn a_value_of_another_type_blocks_the_rules_below_it() {
    let broken = r#"{"comments": 3, "state_reason": "x", "labels": {"name": "a"}, "milestone": 3}"#;
    check("issue.schema.json", "!has(self.labels) || self.labels.all(l, l.name != '')", broken, "blocked");
    check("'issue.schema.json#/$defs/Label'", "self.name != ''", broken, "blocked");
}

#[test]
fn a_fault_that_cannot_hide_an_instance_leaves_the_rule_not_applicable() {
    let review = "'issue.schema.json#/$defs/Review'";
    check(review, "self.score > 0", r#"{"comments": 3, "state_reason": null, "review": null}"#, "absent");
    // No branch of the union matches, so that the instance is not found.
    check(review, "self.score > 0", r#"{"comments": 3, "state_reason": "x", "review": {"score": 1, "note": 2}}"#, "blocked");
    check("'issue.schema.json#/$defs/Milestone'", "self.number > 0", r#"{"comments": "3", "state_reason": "x"}"#, "absent");
}

#[test]
fn a_rule_about_another_operation_is_not_applicable() {
    let found = counts("issue.schema.json", "self.comments >= 0", &[("/issues/1", r#"{"comments": "3"}"#), ("/users/1", r#"{"name": 1}"#)]);
    assert_eq!((found.blocked, found.not_applicable, found.reasons.get("absent")), (1, 1, Some(&1)), "{found:?}");
    let found = counts("{operation: issues.get, status: 200}", "self.comments >= 0", &[("/users/1", r#"{"name": 1}"#)]);
    assert_eq!((found.blocked, found.not_applicable), (0, 1), "{found:?}");
}
