//! Reports are equal with and without the plans of heads, for exchanges whose heads vary in every part that a judgement depends on.

use charter_engine::{Judge, check_exchanges};
use charter_traffic::Exchange;
use charter_traffic::exchange::Body;
use serde_json::Value;

/// Parameters in every place, security, header fields of responses, a templated and a literal path, a base path with a host.
const PARCELS: &str = r##"{
  "openapi": "3.1.0", "info": {"title": "Parcels", "version": "1"},
  "servers": [{"url": "https://api.example.com/v1"}, {"url": "/v1"}],
  "security": [{"key": []}],
  "paths": {
    "/parcels/{id}": {
      "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^p[0-9]+$"}}],
      "get": {"operationId": "parcels.get",
        "parameters": [{"name": "fields", "in": "query", "schema": {"type": "array", "items": {"enum": ["size", "route"]}}, "explode": false},
          {"name": "limit", "in": "query", "schema": {"type": "integer", "maximum": 9}},
          {"name": "X-Mode", "in": "header", "schema": {"enum": ["a", "b"]}},
          {"name": "X-A-Name-Of-More-Than-64-Characters-0123456789-0123456789-0123456789", "in": "header", "schema": {"enum": ["a"]}}],
        "responses": {
          "200": {"description": "A parcel.", "headers": {"X-Count": {"required": true, "schema": {"type": "integer"}}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}},
          "4XX": {"description": "An error.", "content": {"application/problem+json": {"schema": {"type": "object", "required": ["title"]}}}}}},
      "put": {"operationId": "parcels.put", "requestBody": {"required": true, "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}},
        "responses": {"200": {"description": "The parcel.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}}}}
    },
    "/parcels/last": {"get": {"operationId": "parcels.last", "security": [],
      "responses": {"200": {"description": "A parcel.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}}}}}}},
    "/shelves/{number}/parcels": {"get": {"operationId": "shelves.get",
      "parameters": [{"name": "number", "in": "path", "required": true, "schema": {"type": "integer", "minimum": 1}}],
      "responses": {"200": {"description": "Parcels.", "content": {"application/json": {"schema": {"type": "array", "items": {"$ref": "#/components/schemas/Parcel"}}}}}}}}
  },
  "components": {
    "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
    "schemas": {"Parcel": {"type": "object", "required": ["id", "size"], "properties": {
      "id": {"type": "string"}, "size": {"type": "integer", "minimum": 0}, "sent": {"type": "string", "format": "date-time"}, "shelf": {"type": "integer"},
      "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Part"}}}},
      "Part": {"type": "object", "required": ["weight"], "properties": {"weight": {"type": "number"}}}}}
}"##;

const RULES: &str = r##"
format: charter-invariants/1
resources: [{schema: "openapi.json#/components/schemas/Parcel", identity: /id}]
invariants:
  - {id: parcel.id-is-requested, on: {operation: parcels.get, status: 200}, rule: "self.id == request.path.id",
     message: "{self.id} {request.path.id}", severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.shelf-is-requested, on: {operation: shelves.get, status: 200}, rule: "self.all(p, !has(p.shelf) || p.shelf == request.path.number)",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.limit-bounds-size, on: "openapi.json#/components/schemas/Parcel", when: "has(request.query.limit)", rule: "self.size <= request.query.limit",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.count-is-sent, on: {operation: parcels.get, status: 200}, when: "'x-count' in response.headers", rule: "response.headers['x-count'][0] != '0'",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.mode-a-is-small, on: "openapi.json#/components/schemas/Parcel", when: "'x-mode' in request.headers", rule: "request.headers['x-mode'][0] != 'a' || self.size < 50",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: part.has-weight, on: "openapi.json#/components/schemas/Part", rule: "self.weight > 0.0",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.size-stays, on: "openapi.json#/components/schemas/Parcel", rule: "self.size >= oldSelf.size",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
  - {id: parcel.answer-time, on: {operation: parcels.last, status: 200}, rule: "response.status == 200 && request.method == 'GET'",
     message: m, severity: warning, promise: {kind: documented, where: w, quote: q}}
"##;

const URLS: &[&str] = &[
    "/v1/parcels/p1",
    "/v1/parcels/p1",
    "/v1/parcels/p2?limit=5",
    "/v1/parcels/p23?fields=size,route",
    "/v1/parcels/p2?fields=size,other",
    "/v1/parcels/p2?limit=x",
    "/v1/parcels/p2?more=1",
    "/v1/parcels/p%31",
    "/v1/parcels/q1",
    "/v1/parcels/",
    "/v1/parcels/p1/",
    "/v1/parcels/last",
    "/v1//parcels/p1",
    "/v1/parcels/../parcels/p1",
    "/v1/parcels/p1,p2",
    "/v1/parcels/p1#part",
    "/v1/shelves/3/parcels",
    "/v1/shelves/0/parcels",
    "/v1/shelves/03/parcels",
    "/v1/shelves/x/parcels",
    "/parcels/p1",
    "https://api.example.com/v1/parcels/p1",
    "https://API.example.com/v1/parcels/p1",
    "https://api.example.com:443/v1/parcels/p1?limit=2",
    "https://other.example.com/v1/parcels/p1",
    "http://localhost:8080/v1/parcels/p1",
    "//api.example.com/v1/parcels/p1",
];
const REQUEST_FIELDS: &[&[(&str, &str)]] = &[
    &[("X-Key", "k")],
    &[("X-Key", "k"), ("x-request-id", "1")],
    &[("X-Key", "k"), ("X-A-Name-Of-More-Than-64-Characters-0123456789-0123456789-0123456789", "a")],
    &[("X-Key", "k"), ("x-a-name-of-more-than-64-characters-0123456789-0123456789-0123456789", "b")],
    &[("x-key", "k"), ("X-Mode", "a")],
    &[("x-key", "k"), ("X-Mode", "c")],
    &[("X-Key", "k"), ("x-mode", "a"), ("x-mode", "b")],
    &[],
    &[("X-Key", "")],
];
const RESPONSE_FIELDS: &[&[(&str, &str)]] = &[
    &[("X-Count", "1")],
    &[("x-count", "0"), ("etag", "e")],
    &[("x-count", "many")],
    &[],
    &[("x-count", "1"), ("content-encoding", "gzip")],
    &[("x-count", "1"), ("content-range", "bytes 0-1/2")],
];
const BODIES: &[&str] = &[
    r#"{"id":"p1","size":3}"#,
    r#"{"id":"p1","size":60,"sent":"2026-01-01T00:00:00Z"}"#,
    r#" {"size": 4, "id": "p2", "parts": [{"weight": 1.5}, {"weight": 2}]} "#,
    r#"{"id":"p23","size":1,"parts":[{"weight":0}]}"#,
    r#"{"\u0069d":"p1","size":3}"#,
    r#"{"id":"p1"}"#,
    r#"[{"id":"p1","size":1,"shelf":3},{"id":"p2","size":1}]"#,
    r#"[{"id":"p1","size":1,"shelf":4}]"#,
    r#"{"title":"t"}"#,
    "",
    "[]",
    r#"{"id":"q1","size":2}"#,
];

/// A deterministic sequence of numbers.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end
    }

    fn of<'t, T>(&mut self, all: &'t [T]) -> &'t T {
        &all[self.below(all.len())]
    }
}

fn exchange(numbers: &mut Numbers, number: usize) -> Exchange {
    // Most parts have their usual values, so that many exchanges have no violation.
    let mut usual = |all: usize| if numbers.below(4) > 0 { 0 } else { numbers.below(all) };
    let (url, request, response) = (usual(URLS.len()), usual(REQUEST_FIELDS.len()), usual(RESPONSE_FIELDS.len()));
    let (body, status) = (usual(BODIES.len()), [200, 404, 500, 204][usual(4)]);
    let method = ["GET", "PUT", "get", "POST", "HEAD", "OPTIONS"][usual(6)];
    // A body that the rules accept for the URL, in half of the exchanges.
    let body = match URLS[url] {
        _ if numbers.below(2) == 0 => body,
        url if url.contains("shelves") => 10,
        url if url.contains("q1") => 11,
        url if url.contains("p23") => 3,
        url if url.contains("p2") => 2,
        _ => body,
    };
    let mut exchange = Exchange::request(method, URLS[url]);
    let media_type =
        if status == 404 { "application/problem+json" } else { *numbers.of(&["application/json", "application/json; charset=utf-8"]) };
    if method == "PUT" {
        exchange = exchange.json_body(*numbers.of(BODIES));
    }
    for (name, value) in REQUEST_FIELDS[request] {
        exchange = exchange.request_header(*name, *value);
    }
    exchange = exchange.response_with(media_type, status, BODIES[body]);
    for (name, value) in RESPONSE_FIELDS[response] {
        exchange = exchange.response_header(*name, *value);
    }
    if numbers.below(3) > 0 {
        exchange = exchange.at(jiff::Timestamp::from_second(number as i64).expect("an instant"));
    }
    if numbers.below(5) == 0 {
        exchange.request.as_mut().expect("a request").message.headers.complete = false;
        exchange.response.as_mut().expect("a response").message.headers.complete = false;
    }
    if numbers.below(40) == 0 {
        exchange.response.as_mut().expect("a response").message.body = Body::Missing;
    }
    exchange
}

fn report(judge: &Judge, exchanges: &[Exchange]) -> (Value, u64) {
    let report = check_exchanges(judge, exchanges);
    let decided = report.reader.decided;
    let mut json = serde_json::to_value(&report).expect("a report is JSON");
    json.as_object_mut().expect("an object").remove("reader");
    (json, decided)
}

#[test]
fn heads_of_every_kind_have_equal_reports() {
    let files = [("openapi.json", PARCELS), ("parcels.invariants.yaml", RULES)];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect();
    let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    let judge = Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"));
    let mut numbers = Numbers(7);
    let exchanges: Vec<Exchange> = (0..3_000).map(|number| exchange(&mut numbers, number)).collect();
    let before = have_equal_reports(&judge, &exchanges);
    // A live server with a host that no server of the contract has. The plans that were made before do not apply.
    assert_ne!(before, have_equal_reports(&judge.with_base_url("https://other.example.com/v1"), &exchanges));
}

/// Only the path of the live server distinguishes the exchanges.
#[test]
fn the_path_of_a_live_server_is_a_part_of_the_head() {
    let files = [("openapi.json".to_owned(), PARCELS.as_bytes().to_vec())].into();
    let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    let judge = Judge::new(&contract).unwrap_or_else(|error| panic!("{error}")).with_base_url("https://live.example.com/here");
    let exchanges: Vec<Exchange> = (0..40)
        .map(|number| {
            let path = if number < 30 { "here" } else { "there" };
            let exchange = Exchange::get(format!("https://live.example.com/{path}/parcels/p1")).request_header("X-Key", "k");
            exchange.response(200, r#"{"id":"p1","size":1}"#).response_header("X-Count", "1")
        })
        .collect();
    let (report, decided) = report(&judge, &exchanges);
    assert!(decided > 20, "{decided}");
    assert_eq!((&report["summary"]["kept"], &report["summary"]["exchanges"]), (&30.into(), &40.into()), "{}", report["summary"]);
}

/// The report of exchanges, which is the same without plans.
fn have_equal_reports(judge: &Judge, exchanges: &[Exchange]) -> Value {
    let reference = judge.clone().without_fast_path("the reference path");
    let ((fast, decided), (slow, none)) = (report(judge, exchanges), report(&reference, exchanges));
    assert_eq!(none, 0);
    assert!(decided > 300, "{decided}");
    if fast != slow {
        // The first exchange whose judgement differs, after the plans of the others are made.
        for exchange in exchanges {
            let one = std::slice::from_ref(exchange);
            let (fast, slow) = (report(judge, one).0, report(&reference, one).0);
            assert_eq!(fast, slow, "{exchange:?}");
        }
        panic!("the reports of all exchanges differ");
    }
    fast
}

/// A resource with values of every type, some of which rules compare with literals.
const CRATES: &str = r##"{
  "openapi": "3.1.0", "info": {"title": "Crates", "version": "1"},
  "paths": {"/crates/{id}": {"get": {"operationId": "crates.get",
    "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
    "responses": {"200": {"description": "A crate.", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Crate"}}}}}}}},
  "components": {"schemas": {"Crate": {"allOf": [{"$ref": "#/components/schemas/Label"}], "type": "object", "required": ["id"], "properties": {
      "id": {"type": "string"}, "state": {"type": ["string", "null"]}, "open": {"type": "boolean"}, "weight": {"type": ["number", "null"]},
      "sent": {"type": ["string", "null"], "format": "date-time"}, "seen": {"type": ["string", "null"], "format": "date-time"}, "items": {"type": ["array", "null"], "items": {"type": "string"}},
      "owner": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "null"}]},
      "owners": {"type": "array", "items": {"$ref": "#/components/schemas/Owner"}},
      "crew": {"type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/Owner"}, {"type": "string"}]}},
      "mixed": {"type": "array", "items": {"anyOf": [{"$ref": "#/components/schemas/Stops"}, {"$ref": "#/components/schemas/Owner"}]}},
      "trips": {"type": "array", "items": {"$ref": "#/components/schemas/Stops"}},
      "rows": {"type": "array", "items": {"type": "array", "items": {"$ref": "#/components/schemas/Owner"}}},
      "roles": {"type": "object", "additionalProperties": {"$ref": "#/components/schemas/Owner"}},
      "route": {"type": "object", "properties": {"owner": {"$ref": "#/components/schemas/Owner"}, "stops": {"$ref": "#/components/schemas/Stops"}}},
      "labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
    "Label": {"type": "object", "properties": {"sent": {"type": ["string", "null"]}, "seen": {"type": ["string", "null"]}}},
    "Owner": {"type": "object", "properties": {"name": {"type": "string"}, "kind": {"type": ["string", "number"]}, "share": {"type": "number"},
      "helpers": {"type": "array", "items": {"$ref": "#/components/schemas/Owner"}}}},
    "Stops": {"type": "object", "properties": {"first": {"type": "integer"}, "next": {"$ref": "#/components/schemas/Stops"}}}}}
}"##;

/// Rules that read classes of values alone, and rules that read the values.
const CRATE_RULES: &[(&str, &str)] = &[
    ("has(self.open)", "!has(self.state) || self.state != 'lost'"),
    ("has(self.state)", "self.state == null || self.state in ['new', 'sent', 'done'] || 'other' == self.state"),
    ("has(self.state) && self.state == 'sent'", "has(self.sent)"),
    ("has(self.state) && self.state == 'sent'", "has(self.sent) && self.sent != null"),
    ("has(self.items) && self.items != null", "size(self.items) > 0"),
    ("has(self.items) && self.items != null", "size(self.items) == 0 || self.items[0] != 'x'"),
    ("has(self.labels)", "self.labels.size() != 0"),
    ("has(self.owner) && self.owner != null", "!has(self.owner.name) || self.owner.name != ''"),
    ("has(self.owner) && self.owner != null && has(self.owner.kind)", "self.owner.kind == 'person' || self.owner.kind == 1"),
    ("has(self.weight) && self.weight != null", "self.weight < 100.0"),
    ("has(self.weight) && self.weight != null && isWhole(self.weight)", "self.weight >= 0.0"),
    ("has(self.weight) && self.weight != null && 0.5 < self.weight", "self.weight != 1.0 || self.weight in [1.0, 2.5]"),
    ("has(self.weight) && self.weight != null && self.weight == 0.0", "has(self.open)"),
    ("has(self.weight) && self.weight != null && self.weight > 50.0", "self.weight <= 99.5 || isWhole(self.weight)"),
    ("has(self.open) && self.open", "!has(self.state) || self.state != 'done'"),
    ("has(self.sent) && isInstant(self.sent)", "self.sent > timestamp('2026-01-01T00:00:00Z')"),
    ("has(self.sent) && self.sent != null", "isInstant(self.sent) || has(self.open)"),
    ("has(self.sent) && isInstant(self.sent)", "self.sent - timestamp('2026-01-01T00:00:00Z') < duration('720h') || has(self.state)"),
    ("has(self.sent) && has(self.seen) && isInstant(self.sent) && isInstant(self.seen)", "self.seen - self.sent <= duration('1h')"),
    ("has(self.sent) && has(self.seen) && isInstant(self.sent) && isInstant(self.seen)", "duration('-1h') < self.seen - self.sent"),
    ("has(self.sent) && has(self.seen) && isInstant(self.sent) && isInstant(self.seen)", "self.sent <= self.seen"),
    ("has(self.sent) && has(self.seen) && isInstant(self.sent) && isInstant(self.seen) && self.sent > self.seen", "has(self.open)"),
    ("has(self.items)", "self.items == null || self.items != ['x']"),
    ("request.path.id != 'c1'", "self.id == request.path.id"),
    ("self.id != 'c2'", "request.path.id == self.id && self.id != 'c3'"),
    ("has(self.state)", "self.state != request.path.id"),
    ("has(self.sent)", "self.sent != request.path.id"),
    ("'x-open' in response.headers", "has(self.open) && self.open"),
];

/// Rules about parts of a crate that keys lead to, and about items of its lists.
const PART_RULES: &[(&str, &str, &str)] = &[
    ("Owner", "has(self.name)", "self.name != ''"),
    ("Owner", "has(self.kind)", "self.kind == 'person' || self.kind == 1.0 || self.kind == 2.0"),
    ("Owner", "has(self.share)", "self.share >= 0.0 && self.share <= 1.0"),
    ("Owner", "has(self.share) && has(self.name)", "self.share > 0.25 || self.name == 'n'"),
    ("Owner", "has(self.name) && self.name == request.path.id", "has(self.kind)"),
    // The texts of the instants are ordered by another schema, which does not bind them.
    ("Label", "has(self.sent) && has(self.seen) && self.sent != null && self.seen != null", "self.sent <= self.seen"),
    ("Stops", "has(self.first)", "self.first > 0"),
    ("Stops", "has(self.next) && has(self.next.first) && has(self.first)", "self.first < self.next.first"),
];

/// A random member of a crate. Some values violate a rule or the schema, and some have rare spellings.
fn member(numbers: &mut Numbers, key: &str) -> Option<String> {
    let values: &[&str] = match key {
        "state" => {
            &["\"new\"", "\"sent\"", "\"done\"", "null", "\"other\"", "\"l\\u006fst\"", "\"sent \"", "\"lost\"", "\"c7\"", "\"c\\u0038\""]
        }
        "open" => &["true", "false"],
        "weight" => &[
            "1",
            "1.5",
            "null",
            "99",
            "1e1",
            "100",
            "0",
            "-0",
            "0.0",
            "1.0",
            "2.5",
            "0.5",
            "-3",
            "99.5",
            "99.75",
            "10e1",
            "9007199254740993",
            "1E-400",
        ],
        "sent" => &[
            "null",
            "\"soon\"",
            "\"2026-02-01T00:00:00\\u005a\"",
            "\"2026-02-01T00:00:00Z\"",
            "\"2025-02-01T00:00:00Z\"",
            "\"2026-02-01T00:00:00+01:00\"",
        ],
        "seen" => &[
            "\"2026-02-01T00:30:00Z\"",
            "null",
            "\"2026-02-01T00:00:00.5Z\"",
            "\"2026-02-01T00:59:00+01:00\"",
            "\"2026-02-01T01:00:00Z\"",
            "\"2026-02-01T02:00:00.000000001+01:00\"",
            "\"0001-01-01T00:00:00Z\"",
            "\"later\"",
        ],
        "items" => &["[\"a\"]", "[ ]", "null", "[\"x\"]", "[\"x\",\"y\"]", "[\"\\u0078\"]"],
        "owner" => &[
            "null",
            "{}",
            "{\"name\":\"n\"}",
            "{\"name\":\"\"}",
            "{\"kind\":\"person\"}",
            "{\"kind\":1.0}",
            "{\"kind\":2,\"name\":\"n\"}",
            "{ }",
            "{\"share\":0.5,\"name\":\"n\"}",
            "{\"name\":\"m\",\"share\":0.2}",
            "{\"share\":1}",
            "{\"share\":1.5}",
        ],
        "crew" => &[
            "[]",
            "[{\"name\":\"n\"},\"s\",{\"share\":0.5},{\"name\":\"c7\",\"kind\":2}]",
            "[\"s\",{\"name\":\"c7\"}]",
            "[{\"share\":0.2,\"name\":\"n\"},{\"share\":0.2}]",
            "[{\"helpers\":[{\"name\":\"n\"}],\"share\":0.2,\"name\":\"n\"}]",
            "[{\"helpers\":[{\"name\":\"n\",\"share\":0.5}],\"share\":0.2,\"name\":\"m\"}]",
            "[{\"share\":0.2}, { \"name\" : \"m\" , \"share\" : 0.1 }]",
        ],
        "mixed" => &[
            "[{\"first\":1},{\"name\":\"n\"}]",
            "[{\"first\":3,\"next\":{\"first\":4}},{\"first\":0.5}]",
            "[{\"first\":\"x\",\"share\":1}]",
            "[{\"first\":5,\"share\":2}]",
        ],
        "trips" => &[
            "[{\"first\":3,\"next\":{\"first\":4}}]",
            "[{\"first\":1},{\"first\":3,\"next\":{\"first\":5}}]",
            "[{\"first\":3,\"next\":{\"first\":2}}]",
        ],
        "rows" => &["[[],[{\"name\":\"n\"}],[{\"kind\":\"person\"},{\"share\":1}]]", "[[{\"name\":\"\"}]]", "[[{\"name\":\"c8\"}],[{}]]"],
        "roles" => {
            &["{}", "{\"a\":{\"name\":\"n\"},\"b\":{\"share\":0.3}}", "{\"a\":{\"share\":0.2,\"name\":\"m\"}}", "{\"a\":{\"share\":-1}}"]
        }
        "owners" => &["[]", "[{\"name\":\"n\"},{\"share\":0.5}]", "[{\"name\":\"\"}]", "[{\"kind\":\"p\"},{}]"],
        "route" => &[
            "{}",
            "{\"owner\":{\"name\":\"n\",\"share\":0}}",
            "{\"owner\":{\"name\":\"o\",\"share\":0}}",
            "{\"stops\":{\"first\":1,\"next\":{\"first\":2}}}",
            "{\"stops\":{\"first\":1,\"next\":{\"first\":1}}}",
            "{\"stops\":{\"next\":{\"first\":3,\"next\":{\"next\":{\"first\":2,\"next\":{\"first\":0}}}}}}",
        ],
        _ => &["{\"a\":\"b\"}", "{}"],
    };
    (numbers.below(3) > 0).then(|| format!("\"{key}\": {}", values[numbers.below(values.len()).min(numbers.below(values.len()))]))
}

#[test]
fn classes_of_values_decide_only_rules_that_read_nothing_else() {
    let mut rules = "format: charter-invariants/1\nresources: [{schema: \"openapi.json#/components/schemas/Crate\", identity: /id}]\n\
                     bind: [{at: \"openapi.json#/components/schemas/Crate/properties/sent\", as: date-time}, \
                     {at: \"openapi.json#/components/schemas/Crate/properties/seen\", as: date-time}]\ninvariants:\n"
        .to_owned();
    let promise = "message: m, severity: warning, promise: {kind: documented, where: w, quote: q}";
    for (number, (when, rule)) in CRATE_RULES.iter().enumerate() {
        let sites = [("schema", "\"openapi.json#/components/schemas/Crate\""), ("response", "{operation: crates.get, status: 200}")];
        for (name, site) in sites {
            rules.push_str(&format!("  - {{id: crate.{name}-{number}, on: {site}, when: \"{when}\", rule: \"{rule}\", {promise}}}\n"));
        }
    }
    for (number, (schema, when, rule)) in PART_RULES.iter().enumerate() {
        let site = format!("\"openapi.json#/components/schemas/{schema}\"");
        rules.push_str(&format!("  - {{id: part.{number}, on: {site}, when: \"{when}\", rule: \"{rule}\", {promise}}}\n"));
    }
    rules.push_str(&format!(
        "  - {{id: crate.state-stays, on: \"openapi.json#/components/schemas/Crate\", when: \"has(self.state) && has(oldSelf.state) && has(self.owner) && has(oldSelf.owner)\", rule: \"self.state == oldSelf.state && self.owner == oldSelf.owner\", {promise}}}\n"
    ));
    let files = [("openapi.json", CRATES), ("crates.invariants.yaml", &rules)];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect();
    let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    let judge = Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"));
    let reference = judge.clone().without_fast_path("the reference path");
    let mut numbers = Numbers(11);
    let mut exchanges = Vec::new();
    for number in 0..6_000 {
        // Bodies with few members have the classes of earlier bodies.
        let is_sparse = number % 2 == 0;
        let mut members: Vec<String> = Vec::new();
        for key in [
            "state", "open", "weight", "sent", "seen", "items", "owner", "owners", "crew", "mixed", "trips", "rows", "roles", "route",
            "labels",
        ] {
            if !is_sparse || numbers.below(5) == 0 {
                members.extend(member(&mut numbers, key));
            }
        }
        let id = format!("c{}", numbers.below(400));
        let body = format!("{{\"id\": \"{id}\"{}{}}}", if members.is_empty() { "" } else { ", " }, members.join(", "));
        let mut exchange = Exchange::request("GET", format!("/crates/{id}")).response_with("application/json", 200, body);
        if numbers.below(4) == 0 {
            exchange = exchange.response_header("X-Open", "1");
        }
        exchanges.push(exchange.at(jiff::Timestamp::from_second(number).expect("an instant")));
    }
    let ((fast, decided), (slow, _)) = (report(&judge, &exchanges), report(&reference, &exchanges));
    assert!(decided > 300, "{decided}");
    if fast != slow {
        for (fast, slow) in fast["rules"].as_array().expect("rules").iter().zip(slow["rules"].as_array().expect("rules")) {
            assert_eq!(fast, slow);
        }
        assert_eq!(fast, slow);
    }
}

/// One schema binds the values to instants, and another one describes them as texts, whose order is another one.
#[test]
fn the_order_of_instants_does_not_decide_the_order_of_their_texts() {
    let promise = "message: m, severity: warning, promise: {kind: documented, where: w, quote: q}";
    let rules = format!(
        "format: charter-invariants/1\nbind: [{{at: \"openapi.json#/components/schemas/Crate/properties/sent\", as: date-time}}, \
         {{at: \"openapi.json#/components/schemas/Crate/properties/seen\", as: date-time}}]\ninvariants:\n\
         \x20 - {{id: crate.order, on: \"openapi.json#/components/schemas/Crate\", when: \"isInstant(self.sent) && isInstant(self.seen)\", rule: \"self.sent <= self.seen\", {promise}}}\n\
         \x20 - {{id: label.order, on: \"openapi.json#/components/schemas/Label\", when: \"self.sent != null && self.seen != null\", rule: \"self.sent <= self.seen\", {promise}}}\n"
    );
    let contract = CRATES.replace(r#""required": ["id"]"#, r#""required": ["id", "sent", "seen"]"#);
    let contract = contract.replace(r#""Label": {"type": "object","#, r#""Label": {"type": "object", "required": ["sent", "seen"],"#);
    let files = [("openapi.json", contract.as_str()), ("crates.invariants.yaml", &rules)];
    let files = files.into_iter().map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec())).collect();
    let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    let judge = Judge::new(&contract).unwrap_or_else(|error| panic!("{error}"));
    let exchanges: Vec<Exchange> = (0..400)
        .map(|number| {
            let seen = if number % 10 == 9 { "2026-02-01T00:00:00.5Z" } else { "2026-02-01T00:30:00Z" };
            let body = format!(r#"{{"id":"c{number}","sent":"2026-02-01T00:00:00Z","seen":"{seen}"}}"#);
            Exchange::get(format!("/crates/c{number}")).response_with("application/json", 200, body)
        })
        .collect();
    let report = have_equal_reports(&judge, &exchanges);
    assert_eq!(report["summary"]["warnings"], 40, "{}", report["summary"]);
}
