//! Reports are equal with and without the fast path, for contracts that no generated code exists for.

use charter_engine::{Judge, check_exchanges};
use charter_traffic::Exchange;
use serde_json::Value;

/// OpenAPI 3.1: unions by tag and by type, maps, patterns, recursion, rules on the body, on its parts and over time.
const ORDERS: &str = r##"{
  "openapi": "3.1.0", "info": {"title": "Orders", "version": "1"},
  "paths": {
    "/orders/{id}": {
      "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
      "get": {"operationId": "orders.get", "responses": {"200": {"description": "An order.",
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}},
      "put": {"operationId": "orders.put", "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
        "responses": {"200": {"description": "The order.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}}
    },
    "/orders": {"get": {"operationId": "orders.list", "responses": {"200": {"description": "Orders.", "content": {"application/json": {"schema":
      {"type": "object", "required": ["orders"], "properties": {"orders": {"type": "array", "maxItems": 2, "items": {"$ref": "#/components/schemas/Order"}}}}}}}}}}
  },
  "components": {"schemas": {
    "Order": {"type": "object", "required": ["id", "state", "lines"], "additionalProperties": false, "properties": {
      "id": {"type": "string", "pattern": "^o[0-9]+$"},
      "state": {"type": "string", "enum": ["open", "paid"]},
      "total": {"type": ["number", "null"], "minimum": 0},
      "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
      "payment": {"oneOf": [{"$ref": "#/components/schemas/Card"}, {"$ref": "#/components/schemas/Bank"}, {"type": "null"}]},
      "notes": {"type": "object", "additionalProperties": {"type": ["string", "boolean"]}, "patternProperties": {"^x-": {"type": "integer"}}},
      "parent": {"$ref": "#/components/schemas/Order"}}},
    "Line": {"type": "object", "required": ["sku", "count"], "properties": {"sku": {"type": "string", "minLength": 1, "maxLength": 3},
      "count": {"type": "integer", "minimum": 1, "maximum": 10}, "gift": {"type": "boolean"}}},
    "Card": {"type": "object", "required": ["kind", "last"], "properties": {"kind": {"const": "card"}, "last": {"type": "string"}}},
    "Bank": {"type": "object", "required": ["kind"], "properties": {"kind": {"const": "bank"}, "iban": {"type": "string"}}}
  }}
}"##;

const ORDER_RULES: &str = r##"
format: charter-invariants/1
resources: [{schema: "openapi.json#/components/schemas/Order", identity: /id}]
invariants:
  - {id: order.paid-has-total, on: "openapi.json#/components/schemas/Order", when: "self.state == 'paid'", rule: "has(self.total) && self.total != null",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: line.gift-is-single, on: "openapi.json#/components/schemas/Line", rule: "!has(self.gift) || !self.gift || self.count == 1",
     message: "{self.sku}", severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: order.state-stays-paid, on: "openapi.json#/components/schemas/Order", rule: "oldSelf.state != 'paid' || self.state == 'paid'",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
"##;

/// OpenAPI 3.0: `nullable`, inheritance by `allOf`, unions of objects by their keys, `readOnly` and `required`.
const BOOKS: &str = r##"{
  "openapi": "3.0.3", "info": {"title": "Books", "version": "1"},
  "paths": {"/books/{id}": {"get": {"operationId": "books.get",
    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
    "responses": {"200": {"description": "A book.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}},
      "default": {"description": "An error.", "content": {"application/json": {"schema": {"type": "object", "required": ["code"],
        "properties": {"code": {"type": "integer", "format": "int32"}}}}}}}}}},
  "components": {"schemas": {
    "Item": {"type": "object", "required": ["id", "kind"], "properties": {"id": {"type": "integer", "readOnly": true},
      "kind": {"type": "string", "enum": ["book", "e-book"]}, "title": {"type": "string", "nullable": true}}},
    "Book": {"allOf": [{"$ref": "#/components/schemas/Item"}, {"type": "object", "required": ["pages"], "properties": {
      "pages": {"type": "number", "exclusiveMinimum": true, "minimum": 0}, "tags": {"type": "array", "uniqueItems": true, "minItems": 1, "items": {"type": "string"}}}}],
      "anyOf": [{"required": ["title"]}, {"required": ["tags"], "properties": {"tags": {"maxItems": 2}}}]}
  }}
}"##;

fn judge(files: &[(&str, &str)]) -> Judge {
    let files = files.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect();
    let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"))
}

/// The text, and the text changed in many places.
fn changes(text: &str) -> Vec<String> {
    let mut all = vec![text.to_owned()];
    let bytes = text.as_bytes();
    for at in (0..bytes.len()).step_by(3) {
        for byte in *b"\"\\{}[]:,0-.ex " {
            all.extend(
                [at, at + 1]
                    .map(|end| [&bytes[..at], &[byte], &bytes[end..]].concat())
                    .into_iter()
                    .filter_map(|bytes| String::from_utf8(bytes).ok()),
            );
        }
    }
    let parts: Vec<&str> = text.split(',').collect();
    for at in 0..parts.len() {
        let without = parts.iter().enumerate().filter(|(other, _)| *other != at).map(|(_, part)| *part).collect::<Vec<_>>();
        all.push(without.join(","));
        let mut repeated = parts.clone();
        repeated.insert(at, parts[at]);
        all.push(repeated.join(","));
    }
    for (from, to) in [
        ("open", "paid"),
        ("paid", "open"),
        ("card", "bank"),
        ("null", "1"),
        ("1", "null"),
        ("true", "false"),
        ("1", "1.0"),
        ("\"id\"", "\"\\u0069d\""),
    ] {
        all.push(text.replace(from, to));
    }
    all
}

/// Compares the reports of exchanges on both paths. Returns the numbers of exchanges that were decided and kept.
fn check_agreement(judge: &Judge, exchanges: &[Exchange]) -> (u64, u64) {
    let report = |judge: &Judge, exchanges: &[Exchange]| {
        let report = check_exchanges(judge, exchanges);
        let (decided, kept) = (report.reader.decided, report.summary.kept);
        let mut json = serde_json::to_value(&report).expect("a report is JSON");
        json.as_object_mut().expect("an object").remove("reader");
        (json, decided, kept)
    };
    let reference = judge.clone().without_fast_path("the reference path");
    let ((fast, decided, kept), (slow, none, _)) = (report(judge, exchanges), report(&reference, exchanges));
    assert_eq!(none, 0);
    if fast != slow {
        for exchange in exchanges {
            let one = std::slice::from_ref(exchange);
            let (fast, slow): (Value, Value) = (report(judge, one).0, report(&reference, one).0);
            assert_eq!(
                fast,
                slow,
                "{:?}",
                exchange.response.as_ref().and_then(|response| response.body().bytes()).map(String::from_utf8_lossy)
            );
        }
        panic!("the reports of all exchanges differ");
    }
    (decided, kept)
}

#[test]
fn a_contract_with_unions_maps_and_rules_has_equal_reports() {
    let judge = judge(&[("openapi.json", ORDERS), ("orders.invariants.yaml", ORDER_RULES)]);
    let bodies = [
        r#"{"id":"o1","state":"open","lines":[{"sku":"a","count":1,"gift":true},{"sku":"abc","count":10}],"payment":{"kind":"card","last":"1"}}"#,
        r#"{"id":"o2","state":"paid","total":0,"lines":[],"payment":null,"notes":{"x-a":1,"b":"c","d":true},"parent":{"id":"o1","state":"open","lines":[]}}"#,
        r#"{"lines":[{"count":2.0,"sku":"é"}],"payment":{"iban":"x","kind":"bank","more":[1,{}]},"total":1.5,"state":"paid","id":"o3"}"#,
    ];
    let mut exchanges = Vec::new();
    let at = |second: i64| jiff::Timestamp::from_second(second).expect("an instant");
    for (number, body) in bodies.iter().flat_map(|body| changes(body)).enumerate() {
        let id = format!("o{}", number % 5);
        exchanges.push(Exchange::get(format!("/orders/{id}")).response(200, body.clone()).at(at(number as i64)));
        if number % 7 == 0 {
            exchanges.push(Exchange::get("/orders").response(200, format!("{{\"orders\":[{body}]}}")).at(at(number as i64)));
            exchanges.push(Exchange::put(format!("/orders/{id}")).json_body(body.clone()).response(200, body).at(at(number as i64)));
        }
    }
    let (decided, kept) = check_agreement(&judge, &exchanges);
    assert!(decided > 100 && decided * 10 >= kept * 9, "{decided} of {kept}");
}

#[test]
fn a_contract_with_inheritance_and_nullable_has_equal_reports() {
    let judge = judge(&[("openapi.json", BOOKS)]);
    let bodies = [
        r#"{"id":1,"kind":"book","title":null,"pages":12.5}"#,
        r#"{"kind":"e-book","id":1,"pages":1,"tags":["a","b"]}"#,
        r#"{"kind":"e-book","id":1,"title":"T","pages":1e3,"tags":["a","b","c"],"more":{"a":[1,"1"]}}"#,
    ];
    let mut exchanges: Vec<Exchange> =
        bodies.iter().flat_map(|body| changes(body)).map(|body| Exchange::get("/books/1").response(200, body)).collect();
    exchanges.extend(changes(r#"{"code":7}"#).into_iter().map(|body| Exchange::get("/books/1").response(404, body)));
    let (decided, kept) = check_agreement(&judge, &exchanges);
    assert!(decided > 100 && decided * 10 >= kept * 9, "{decided} of {kept}");
}
