//! Documented examples: those that violate their schemas, and the exchanges of the others.

use std::ops::ControlFlow;

use charter_contract::Contract;
use charter_report::Report;

use super::{Positions, broken_examples, exchanges};
use crate::{CheckOptions, Judge, check};

fn contract(document: &str) -> Contract {
    let files = vec![("openapi.yaml".to_owned(), document.as_bytes().to_vec())];
    charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"))
}

/// Each broken example as `line: message`.
fn broken(document: &str) -> Vec<String> {
    let contract = contract(document);
    let broken = broken_examples(&contract).expect("the documents are valid");
    broken.iter().map(|broken| format!("{}: {}", broken.position.expect("a position").line, broken.message)).collect()
}

fn report(document: &str) -> Report {
    let judge = Judge::new(&contract(document)).expect("the contract compiles");
    check(&judge, &[], &CheckOptions::default().with_examples(true), &mut |_| ControlFlow::Continue(()))
}

/// Method, URL, request body, status and response body of each exchange.
fn described(document: &str) -> Vec<String> {
    let contract = contract(document);
    let exchanges = exchanges(&contract, &Positions::new(&contract)).into_iter().map(|example| example.exchange);
    let text = |body: &charter_traffic::exchange::Body| body.bytes().map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    exchanges
        .map(|exchange| {
            let (request, response) = (exchange.request.expect("a request"), exchange.response.expect("a response"));
            let sent = text(request.body()).map(|body| format!(" {body}")).unwrap_or_default();
            let media_type = response.headers().get("content-type").expect("a content type").to_owned();
            let received = text(response.body()).expect("a body");
            format!("{} {}{sent} -> {} {media_type} {received}", request.method, request.url, response.status)
        })
        .collect()
}

const ORDERS: &str = r##"openapi: 3.1.0
info: {title: t, version: "1"}
paths:
  /orders/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: integer}, example: seven}
      - {name: part, in: query, schema: {type: string, enum: [items, label]}, examples: {one: {value: items}, two: {value: lines}}}
    get:
      operationId: orders.get
      responses:
        "200":
          description: d
          headers:
            ETag: {schema: {type: string, minLength: 3}, example: "a"}
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Order"}
              examples:
                good: {$ref: "#/components/examples/Good"}
                bad: {value: {id: 1, lines: [{count: "2"}, {count: 0}]}}
            application/xml:
              schema: {$ref: "#/components/schemas/Order"}
              example: <order/>
    delete:
      operationId: orders.delete
      responses:
        "409":
          description: d
          content: {application/json: {schema: {$ref: "#/components/schemas/Order"}, examples: {good: {$ref: "#/components/examples/Good"}}}}
components:
  examples:
    Good: {value: {id: "1"}}
  schemas:
    Order:
      type: object
      required: [id]
      properties:
        id: {type: integer, examples: [1, two]}
        created: {type: string, default: 5}
        lines: {type: array, items: {type: object, properties: {count: {type: integer, minimum: 1, example: 0}}}}
"##;

#[test]
fn broken_examples_have_their_location_and_the_violation() {
    assert_eq!(
        broken(ORDERS),
        [
            "6: the example does not match its schema: \"seven\", expected integer",
            "7: the example does not match its schema: \"lines\", expected one of \"items\", \"label\"",
            "14: the example does not match its schema: \"a\", expected at least 3 characters",
            "20: the example does not match its schema: /lines/0/count: \"2\", expected integer (and 1 more violation)",
            "32: the example does not match its schema: /id: \"1\", expected integer",
            "38: the example does not match its schema: \"two\", expected integer",
            "39: the default does not match its schema: 5, expected string",
            "40: the example does not match its schema: 0, expected at least 1",
        ]
    );
}

#[test]
fn a_required_key_of_the_other_direction_may_be_missing() {
    let document = |version: &str| {
        format!(
            r##"openapi: {version}
info: {{title: t, version: "1"}}
paths:
  /users:
    post:
      operationId: users.create
      requestBody: {{content: {{application/json: {{schema: {{$ref: "#/components/schemas/User"}}, example: {{secret: s}}}}}}}}
      responses:
        "200": {{description: d, content: {{application/json: {{schema: {{$ref: "#/components/schemas/User"}}, example: {{secret: s}}}}}}}}
components:
  schemas:
    User:
      type: object
      required: [id, secret]
      properties: {{id: {{type: integer, readOnly: true}}, secret: {{type: string, writeOnly: true}}}}
      example: {{}}
"##
        )
    };
    let missing = |line: u8, key: &str| format!("{line}: the example does not match its schema: the key \"{key}\" is missing");
    assert_eq!(broken(&document("3.0.3")), [missing(9, "id")]);
    let both = format!("{} (and 1 more violation)", missing(16, "id"));
    assert_eq!(broken(&document("3.1.0")), [missing(7, "id"), missing(9, "id"), both]);
}

#[test]
fn a_serialized_example_is_parsed() {
    let document = r#"{"openapi": "3.2.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {"operationId": "a", "responses": {"200":
        {"description": "d", "content": {"application/json": {"schema": {"type": "object"}, "examples": {
            "good": {"serializedValue": "{}"},
            "bad": {"serializedValue": "[]"}}}}}}}}}}"#;
    assert_eq!(broken(document), ["4: the example does not match its schema: an array with 0 items, expected object"]);
    assert_eq!(described(document), ["GET /a -> 200 application/json {}", "GET /a -> 200 application/json []"]);
}

const USERS: &str = r##"openapi: 3.0.3
info: {title: t, version: "1"}
servers: [{url: "https://api.example/v1"}]
paths:
  /users/me:
    get:
      operationId: users.me
      responses: {"200": {description: d, content: {application/json: {schema: {$ref: "#/components/schemas/User"}}}}}
  /users/{id}:
    parameters:
      - {name: id, in: path, required: true, schema: {type: string}, example: me}
    get:
      operationId: users.get
      parameters:
        - {name: fields, in: query, required: true, schema: {type: array, items: {type: string, enum: [na me, mail]}}, explode: false}
        - {name: page, in: query, schema: {type: integer}}
      responses:
        "200": {description: d, content: {"*/*": {schema: {type: object}, example: {name: a}}}}
        4XX: {description: d, content: {application/problem+json: {schema: {type: object}, example: {title: t}}}}
        "400": {description: d}
        default: {description: d, content: {text/plain: {schema: {type: string}, example: down}}}
  /users:
    post:
      operationId: users.create
      requestBody:
        content:
          application/json:
            schema: {type: object}
            examples: {first: {value: {name: a}}, second: {value: {name: b}}}
      responses:
        "201":
          description: d
          content:
            application/json:
              schema: {$ref: "#/components/schemas/User"}
              examples:
                second: {value: {name: b, age: "2"}}
                other: {value: {name: c, age: 0, nick: n}}
components:
  schemas:
    User:
      type: object
      properties: {name: {type: string}, age: {type: integer, minimum: 1}}
      example: {name: d}
"##;

#[test]
fn examples_become_exchanges_of_their_operation() {
    assert_eq!(
        described(USERS),
        [
            r#"GET /v1/users/me -> 200 application/json {"name":"d"}"#,
            r#"GET /v1/users/1?fields=na%20me -> 200 application/json {"name":"a"}"#,
            r#"GET /v1/users/1?fields=na%20me -> 401 application/problem+json {"title":"t"}"#,
            r#"GET /v1/users/1?fields=na%20me -> 500 text/plain down"#,
            r#"POST /v1/users {"name":"b"} -> 201 application/json {"name":"b","age":"2"}"#,
            r#"POST /v1/users {"name":"a"} -> 201 application/json {"name":"c","age":0,"nick":"n"}"#,
        ]
    );
}

#[test]
fn findings_of_examples_have_the_position_in_the_document() {
    let report = report(USERS);
    let [input] = report.inputs.as_slice() else { panic!("{:?}", report.inputs) };
    assert_eq!((input.source.as_str(), input.exchanges, &input.error), ("examples", 6, &None));
    let findings: Vec<String> = report
        .groups
        .iter()
        .filter(|group| group.keyword.is_some())
        .flat_map(|group| &group.samples)
        .map(|sample| {
            let position = sample.position.expect("a position");
            format!("{}:{}:{} {}", sample.exchange.source, position.line, position.column, sample.message)
        })
        .collect();
    assert_eq!(findings, ["openapi.yaml:37:48 \"2\", expected integer", "openapi.yaml:38:47 0, expected at least 1"]);
}

#[test]
fn without_the_option_examples_are_not_judged() {
    let judge = Judge::new(&contract(USERS)).expect("the contract compiles");
    let report = check(&judge, &[], &CheckOptions::default(), &mut |_| ControlFlow::Continue(()));
    assert_eq!((report.inputs.len(), report.summary.exchanges), (0, 0));
}

#[test]
fn a_generated_value_of_a_parameter_is_not_judged() {
    let document = |own: &str| {
        format!(
            r##"openapi: 3.1.0
info: {{title: t, version: "1"}}
paths:
  /orders/{{id}}:
    parameters:
      - {{name: id, in: path, required: true, schema: {{type: string, pattern: "^OR[0-9]{{4}}$"}}{own}}}
      - {{name: sku, in: query, required: true, schema: {{type: string, pattern: "^SK[0-9]$"}}}}
      - {{name: X-Shop, in: header, required: true, schema: {{type: string, pattern: "^SH[0-9]$"}}}}
    get:
      operationId: orders.get
      responses: {{"200": {{description: d, content: {{application/json: {{schema: {{type: object}}, example: {{}}}}}}}}}}
"##
        )
    };
    let messages = |own: &str| {
        let report = report(&document(own));
        report.groups.iter().map(|group| group.samples[0].message.clone()).collect::<Vec<_>>()
    };
    assert!(messages("").is_empty(), "{:?}", messages(""));
    assert_eq!(messages(", example: OR12"), [r#"the path parameter `id`: "OR12", expected a string that matches ^OR[0-9]{4}$"#]);
}
