//! Contracts with so many schemas that each is compiled at its first use.

use charter_engine::{Error, Judge, check_exchanges};
use charter_rules::from_documents;
use charter_traffic::Exchange;
use serde_json::{Map, Value, json};

/// A contract with an operation whose response has an invalid pattern, one whose request has one, and one without.
fn judge(schemas: usize) -> Result<Judge, Error> {
    let body = |name: &str| json!({"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}});
    let responses = |name: &str| json!({"200": {"description": "", "content": body(name)}});
    let mut components: Map<String, Value> = (0..schemas).map(|index| (format!("Unused{index}"), json!({"type": "string"}))).collect();
    components.insert("Book".to_owned(), json!({"required": ["id"], "properties": {"id": {"type": "integer"}}}));
    components.insert("Parcel".to_owned(), json!({"properties": {"code": {"pattern": "("}}}));
    let contract = json!({
        "openapi": "3.1.0",
        "paths": {
            "/books": {"get": {"operationId": "books", "responses": responses("Book")}},
            "/parcels": {
                "get": {"operationId": "parcels", "responses": responses("Parcel")},
                "post": {"operationId": "parcels.create", "requestBody": {"content": body("Parcel")}, "responses": responses("Book")},
            },
        },
        "components": {"schemas": components},
    });
    let files = vec![("openapi.json".to_owned(), contract.to_string().into_bytes())];
    Judge::new(&from_documents(files).unwrap_or_else(|error| panic!("{error}")))
}

#[test]
fn an_invalid_pattern_of_a_small_contract_is_an_error_at_the_start() {
    assert!(judge(0).is_err());
}

#[test]
fn an_invalid_pattern_of_a_large_contract_affects_the_operations_that_need_it() {
    let judge = judge(2000).unwrap_or_else(|error| panic!("{error}"));
    for (exchange, is_unreadable, findings) in [
        (Exchange::get("/books").response(200, r#"{"id": 1}"#), false, 0),
        (Exchange::get("/books").response(200, r#"{"id": "1"}"#), false, 1),
        (Exchange::get("/parcels").response(200, "{}"), true, 0),
        (Exchange::post("/parcels").json_body("{}").response(200, r#"{"id": 1}"#), true, 0),
    ] {
        let judgement = judge.judge(&exchange);
        let reason = judgement.unreadable.unwrap_or_default();
        assert_eq!((!reason.is_empty(), judgement.findings.len()), (is_unreadable, findings), "{reason} {:?}", judgement.findings);
        assert!(!is_unreadable || reason.contains("the schema cannot be compiled"), "{reason}");
    }
    assert!(judge.check_schemas().is_err());
}

/// Pseudo-random numbers, so that a failure can be repeated.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn one_of<T: Clone>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u64) as usize].clone()
    }
}

const COMPONENTS: u64 = 40;
const OPERATIONS: u64 = 30;
const NAMES: [&str; 5] = ["a", "b", "c", "d", "e"];

/// A schema that may refer to the first `targets` components where a reference applies to the same value: references must not be cyclic.
fn schema(random: &mut Random, depth: u64, targets: u64) -> Value {
    let leaves = 7;
    let mut schema = match random.below(if depth == 0 { leaves } else { leaves + 7 }) {
        0 => json!({"type": "string", "minLength": random.below(3), "maxLength": 3}),
        1 => json!({"type": "string", "pattern": "^[a-c]+$"}),
        2 => json!({"type": ["integer", "null"], "minimum": 1}),
        3 => json!({"type": "number", "exclusiveMaximum": 2}),
        4 => json!({"enum": ["a", "b", 1, null]}),
        5 => json!({"type": "boolean"}),
        6 if targets == 0 => json!({"type": "object"}),
        6 => json!({"$ref": format!("#/components/schemas/C{}", random.below(targets))}),
        7 => json!({"type": "array", "items": schema(random, depth - 1, COMPONENTS), "minItems": random.below(2), "uniqueItems": true}),
        8 => json!({"oneOf": [schema(random, depth - 1, targets), schema(random, depth - 1, targets)]}),
        9 => json!({"anyOf": [schema(random, depth - 1, targets), schema(random, depth - 1, targets)]}),
        _ => {
            let names: Vec<&str> = NAMES.into_iter().filter(|_| random.below(3) > 0).collect();
            let properties: Map<String, Value> =
                names.iter().map(|name| ((*name).to_owned(), schema(random, depth - 1, COMPONENTS))).collect();
            let required: Vec<&str> = names.into_iter().filter(|_| random.below(4) == 0).collect();
            let additional = random.one_of(&[json!(true), json!(false), json!({"type": "string"})]);
            json!({"type": "object", "properties": properties, "required": required, "additionalProperties": additional})
        }
    };
    if let Some(keyword) = [Some("readOnly"), Some("writeOnly"), None, None, None, None][random.below(6) as usize]
        && schema.get("$ref").is_none()
    {
        schema[keyword] = json!(true);
    }
    schema
}

fn value(random: &mut Random, depth: u64) -> Value {
    match random.below(if depth == 0 { 6 } else { 10 }) {
        0 => json!(random.one_of(&["", "a", "abc", "abcd", "x"])),
        1 => json!(random.below(4)),
        2 => json!(1.5),
        3 => json!(random.below(2) == 0),
        4 => json!(null),
        5 => json!("b"),
        6 => (0..random.below(3)).map(|_| value(random, depth - 1)).collect(),
        _ => {
            let names: Vec<&str> = NAMES.into_iter().filter(|_| random.below(2) == 0).collect();
            names.into_iter().map(|name| (name.to_owned(), value(random, depth - 1))).collect::<Map<_, _>>().into()
        }
    }
}

/// A generated contract with components that nothing refers to.
fn generated(version: &str, seed: u64, unused: usize) -> Judge {
    let mut random = Random(seed);
    let mut components: Map<String, Value> = (0..COMPONENTS).map(|index| (format!("C{index}"), schema(&mut random, 3, index))).collect();
    let body = |random: &mut Random| json!({"application/json": {"schema": schema(random, 3, COMPONENTS)}});
    let operations = (0..OPERATIONS).map(|index| {
        let responses =
            json!({"200": {"description": "", "content": body(&mut random)}, "4XX": {"description": "", "content": body(&mut random)}});
        let parameters = json!([{"name": "limit", "in": "query", "schema": {"type": "integer", "minimum": 1}}]);
        let post = json!({"requestBody": {"content": body(&mut random)}, "responses": responses, "parameters": parameters});
        (format!("/books{index}"), json!({"post": post}))
    });
    let paths: Map<String, Value> = operations.collect();
    components.extend((0..unused).map(|index| (format!("Unused{index}"), json!({"type": "string"}))));
    let contract = json!({"openapi": version, "info": {"title": "", "version": ""}, "paths": paths, "components": {"schemas": components}});
    let files = vec![("openapi.json".to_owned(), contract.to_string().into_bytes())];
    let contract = from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(contract.schemas().len() > 2000, unused > 0, "{}", contract.schemas().len());
    Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn reports_do_not_depend_on_when_schemas_are_compiled() {
    for (version, seed) in [("3.1.0", 1), ("3.1.0", 2), ("3.0.3", 3), ("3.0.3", 4)] {
        let mut random = Random(seed);
        let exchanges: Vec<Exchange> = (0..600)
            .map(|index| {
                let url = format!("/books{}?limit={}", index % OPERATIONS, random.below(3));
                let status = random.one_of(&[200, 200, 404]);
                let exchange = Exchange::post(url).json_body(value(&mut random, 4).to_string());
                exchange.response(status, value(&mut random, 4).to_string())
            })
            .collect();
        let report = |judge: &Judge| {
            let mut report = serde_json::to_value(check_exchanges(judge, &exchanges)).unwrap_or_else(|error| panic!("{error}"));
            // The digest includes the components that nothing refers to.
            report["contract"] = json!(null);
            report
        };
        let (together, single) = (report(&generated(version, seed, 0)), report(&generated(version, seed, 2001)));
        assert!(
            together["summary"]["kept"].as_u64() > Some(10) && together["summary"]["errors"].as_u64() > Some(500),
            "{}",
            together["summary"]
        );
        assert_eq!(together, single, "OpenAPI {version}, seed {seed}");
    }
}
