//! Contracts other than that of runs, and exchanges of them.

use charter_contract_tests::Judge;
use serde_json::{Value, json};

/// The number of operations of the large contract, and of its rules.
const OPERATIONS: usize = 200;
const RULES: usize = 20;

fn judge(documents: Vec<(String, Vec<u8>)>) -> Judge {
    let contract = charter_rules::from_documents(documents).unwrap_or_else(|error| panic!("{error}"));
    Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"))
}

fn documents(openapi: &Value, rules: String) -> Vec<(String, Vec<u8>)> {
    vec![("openapi.json".to_owned(), openapi.to_string().into_bytes()), ("api.invariants.yaml".to_owned(), rules.into_bytes())]
}

fn rule(id: &str, on: &str, rule: &str) -> String {
    format!(
        "  - {{id: {id}, on: \"{on}\", rule: \"{rule}\", message: m, severity: warning, promise: {{kind: documented, where: w, quote: q}}}}\n"
    )
}

/// A contract with many operations.
pub(crate) fn many_operations() -> Judge {
    let (mut paths, mut schemas) = (json!({}), json!({}));
    let mut rules = "format: charter-invariants/1\ninvariants:\n".to_owned();
    for number in 0..OPERATIONS {
        let schema = format!("Thing{number}");
        paths[format!("/things{number}/{{id}}")] = json!({"get": {
            "operationId": format!("things{number}.get"),
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "A thing.", "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{schema}")}}}}},
        }});
        schemas[&schema] = json!({"type": "object", "required": ["id", "count", "items", "low", "high"], "properties": {
            "id": {"type": "string", "minLength": 1}, "count": {"type": "integer", "minimum": 0}, "low": {"type": "number"}, "high": {"type": "number"},
            "state": {"enum": ["new", "open", "closed"]}, "closedAt": {"type": ["string", "null"], "format": "date-time"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}},
            "items": {"type": "array", "items": {"type": "object", "required": ["name", "price"], "properties": {
                "name": {"type": "string"}, "price": {"type": "number", "minimum": 0}, "tags": {"type": "array", "items": {"type": "string"}}}}}}});
        if number < RULES {
            let on = format!("openapi.json#/components/schemas/{schema}");
            rules += &match number % 4 {
                0 => rule(&format!("things.r{number}"), &on, "self.low <= self.high"),
                1 => rule(&format!("things.r{number}"), &on, "self.count == self.items.size()"),
                2 => rule(
                    &format!("things.r{number}"),
                    &on,
                    "!has(self.state) || (self.state == 'closed') == (has(self.closedAt) && self.closedAt != null)",
                ),
                _ => rule(&format!("things.r{number}"), &on, "self.items.all(item, item.name != '')"),
            };
        }
    }
    let openapi = json!({"openapi": "3.1.0", "info": {"title": "Things", "version": "1"}, "servers": [{"url": "/"}, {"url": "https://api.example.com"}],
        "paths": paths, "components": {"schemas": schemas}});
    judge(documents(&openapi, rules))
}

/// Exchanges of that contract, endless. `broken`: the percentage of exchanges with a violation.
pub(crate) fn exchanges_of_many(seed: u64, broken: u64) -> impl Iterator<Item = String> {
    let mut random = Random(seed);
    std::iter::from_fn(move || {
        let (number, is_broken) = (random.below(40), random.below(100) < broken);
        let count = random.below(12);
        let items: Vec<Value> = (0..count)
            .map(|at| json!({"name": format!("part {at}"), "price": random.below(10_000) as f64 / 100.0, "tags": ["a", "größer", "b \"c\""]}))
            .collect();
        let is_closed = random.below(2) == 0;
        let body = json!({
            "id": format!("t{}", random.below(1_000_000)), "count": if is_broken { json!("many") } else { json!(count) }, "low": 1.5, "high": random.below(50) + 2,
            "state": if is_closed { "closed" } else { "open" }, "closedAt": is_closed.then_some("2026-03-01T10:00:00Z"),
            "labels": {"team": "blue", "size": "small"}, "items": items,
        });
        Some(exchange(&format!("/things{number}/{}", body["id"].as_str().unwrap_or_default()), &body, 0))
    })
}

/// A contract with unions, and rules over time.
pub(crate) fn unions() -> Judge {
    let openapi = json!({"openapi": "3.1.0", "info": {"title": "Parcels", "version": "1"}, "servers": [{"url": "/"}, {"url": "https://api.example.com"}],
        "paths": {"/parcels/{id}": {"get": {"operationId": "parcels.get",
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
            "responses": {"200": {"description": "A parcel.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}}}}}},
        "components": {"schemas": {
            "Parcel": {"type": "object", "required": ["id", "size", "steps"], "properties": {"id": {"type": "string"}, "size": {"type": "integer"},
                "steps": {"type": "array", "items": {"oneOf": [{"$ref": "#/components/schemas/Scan"}, {"$ref": "#/components/schemas/Move"}]}}}},
            "Scan": {"type": "object", "required": ["kind", "place"], "properties": {"kind": {"const": "scan"}, "place": {"type": "string"}}},
            "Move": {"type": "object", "required": ["kind", "from", "to"], "properties": {"kind": {"const": "move"}, "from": {"type": "string"}, "to": {"type": "string"}}}}}});
    let on = "openapi.json#/components/schemas/Parcel";
    let mut rules = format!("format: charter-invariants/1\nresources: [{{schema: \"{on}\", identity: /id}}]\ninvariants:\n");
    rules += &rule("parcel.size-stays", on, "self.size == oldSelf.size");
    rules += &rule("parcel.steps-grow", on, "self.steps.size() >= oldSelf.steps.size()");
    rules += &rule("parcel.has-a-size", on, "self.size > 0");
    judge(documents(&openapi, rules))
}

/// Exchanges of that contract, endless. Each parcel is read about three times.
pub(crate) fn exchanges_of_unions(seed: u64, broken: u64) -> impl Iterator<Item = String> {
    let (mut random, mut number) = (Random(seed), 0);
    std::iter::from_fn(move || {
        number += 1;
        let is_broken = random.below(100) < broken;
        let id = number / 30 * 10 + number % 10;
        let steps: Vec<Value> = (0..3 + number % 30 / 10)
            .map(|at| match at % 2 {
                0 => json!({"kind": "scan", "place": "Zürich main station"}),
                _ => json!({"kind": "move", "from": "Zürich main station", "to": "Genève-Cornavin, platform 3"}),
            })
            .collect();
        let body = json!({"id": format!("p{id}"), "size": if is_broken { json!("x") } else { json!(id % 7 + 1) }, "steps": steps});
        Some(exchange(&format!("/parcels/p{id}"), &body, number))
    })
}

fn exchange(url: &str, body: &Value, second: u64) -> String {
    let started = format!("2026-01-{:02}T{:02}:{:02}:{:02}Z", 1 + second / 86_400 % 28, second / 3_600 % 24, second / 60 % 60, second % 60);
    json!({
        "format": "charter-exchange/1", "startedDateTime": started, "time": 20, "request": {"method": "GET", "url": url, "headers": []},
        "response": {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}], "body": body},
    })
    .to_string()
}

/// A generator of numbers that are the same on every machine.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}
