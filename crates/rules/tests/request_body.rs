//! The type of `request.body`: the JSON request body of the operations that a rule applies to.

use charter_rules::from_documents;

/// `both.create` has two JSON media types, `forms.create` has a form only.
const OPENAPI: &str = "
openapi: 3.1.0
paths:
  /orders:
    get:
      operationId: orders.list
      responses: {'200': {description: Orders., content: {application/json: {schema: {type: array, items: {$ref: order.schema.json}}}}}}
    post:
      operationId: orders.create
      requestBody: {required: true, content: {application/json: {schema: {$ref: 'order.schema.json#/$defs/New'}}}}
      responses: {'201': {description: Created., content: {application/json: {schema: {$ref: receipt.schema.json}}}}}
  /drafts:
    post:
      operationId: drafts.create
      requestBody: {content: {application/json: {schema: {$ref: 'order.schema.json#/$defs/New'}}}}
      responses: {'201': {description: Created., content: {application/json: {schema: {$ref: order.schema.json}}}}}
  /both:
    post:
      operationId: both.create
      requestBody:
        required: true
        content:
          application/json: {schema: {$ref: 'order.schema.json#/$defs/New'}}
          application/vnd.orders+json: {schema: {type: object, required: [quantity], properties: {quantity: {type: string}}}}
          text/plain: {schema: {type: boolean}}
      responses: {'201': {description: Created., content: {application/json: {schema: {$ref: order.schema.json}}}}}
  /open:
    post:
      operationId: open.create
      requestBody: {required: true, content: {application/json: {}}}
      responses: {'201': {description: Created., content: {application/json: {schema: {$ref: order.schema.json}}}}}
  /forms:
    post:
      operationId: forms.create
      requestBody: {required: true, content: {application/x-www-form-urlencoded: {schema: {$ref: 'order.schema.json#/$defs/New'}}}}
      responses: {'201': {description: Created., content: {application/json: {schema: {$ref: order.schema.json}}}}}
";

const ORDER: &str = r#"{
  "type": "object",
  "required": ["quantity"],
  "properties": {"quantity": {"type": "integer"}},
  "$defs": {"New": {"type": "object", "required": ["quantity"], "properties": {"quantity": {"type": "integer"}, "note": {"type": "string"}}}}
}"#;
const RECEIPT: &str = r#"{"type": "object", "required": ["quantity"], "properties": {"quantity": {"type": "integer"}}}"#;

/// The errors of a rule; empty if it loads.
fn errors(on: &str, rule: &str) -> String {
    let invariants = format!(
        "format: charter-invariants/1
invariants:
  - id: rule
    on: {on}
    rule: \"{rule}\"
    message: m
    severity: warning
    promise: {{kind: implied, where: w, quote: q}}
"
    );
    let files = [
        ("openapi.yaml", OPENAPI),
        ("order.schema.json", ORDER),
        ("receipt.schema.json", RECEIPT),
        ("orders.invariants.yaml", &invariants),
    ];
    let files = files.map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).to_vec();
    from_documents(files).map_or_else(|error| error.to_string(), |_| String::new())
}

fn created(operation: &str) -> String {
    format!("{{operation: {operation}, status: 201}}")
}

fn check_loads(on: &str, rule: &str) {
    assert_eq!(errors(on, rule), "", "{on}: {rule}");
}

fn check_refused(on: &str, rule: &str, expected: &str) {
    let errors = errors(on, rule);
    assert!(errors.contains(expected), "{on}: {rule}\nexpected: {expected}\nfound:    {errors}");
}

#[test]
fn a_required_body_has_the_type_of_its_schema() {
    let on = &created("orders.create");
    check_loads(on, "self.quantity == request.body.quantity");
    check_loads(on, "self.quantity == request['body'].quantity + 0");
    check_loads(on, "!has(request.body.note) || request.body.note != ''");
    check_refused(on, "request.body.note != ''", "`request.body.note` may be absent");
    check_refused(on, "request.body.quantity == 'two'", "quantity");
    check_refused(on, "request.body.quantiy == 1", "did you mean `quantity`?");
    check_refused(on, "request.bdy.quantity == 1", "did you mean `body`?");
}

#[test]
fn a_body_that_is_not_required_needs_a_guard() {
    let on = &created("drafts.create");
    check_refused(on, "self.quantity == request.body.quantity", "`request.body` may be absent; guard it with has(request.body)");
    check_loads(on, "!has(request.body) || self.quantity == request.body.quantity");
}

#[test]
fn a_body_of_several_json_media_types_has_the_type_of_any_of_them() {
    let on = &created("both.create");
    check_refused(on, "request.body.quantity > 1", "and `request.body.quantity` may be");
    check_loads(on, "request.body.quantity == '2' || self.quantity == 2");
}

#[test]
fn a_json_media_type_without_a_schema_leaves_the_type_open() {
    check_loads(&created("open.create"), "request.body != null");
    check_refused(&created("open.create"), "request.body > 1", "the schema does not define the type of `request.body`");
}

#[test]
fn an_operation_without_a_json_request_body_is_an_error_at_the_expression() {
    let expected = "orders.invariants.yaml#/invariants/0/rule (line 5, column 36): in `self.quantity == request.body.quantity`: operation \
                    `forms.create` has no JSON request body";
    check_refused(&created("forms.create"), "self.quantity == request.body.quantity", expected);
    check_refused(&created("forms.create"), "has(request.body)", "operation `forms.create` has no JSON request body");
    check_refused(
        &created("[orders.create, forms.create]"),
        "request.body.quantity == 1",
        "operation `forms.create` has no JSON request body",
    );
}

#[test]
fn a_rule_on_a_schema_reads_the_body_if_every_operation_has_one() {
    check_loads("receipt.schema.json", "self.quantity == request.body.quantity");
    let expected = "operation `orders.list` has no JSON request body; apply the rule to the responses of operations that have one";
    check_refused("order.schema.json", "!has(request.body) || self.quantity == request.body.quantity", expected);
}
