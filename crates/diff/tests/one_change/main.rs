//! Pairs of documents with one change: what is reported, where, and for whom.

mod directions;
mod files;
mod ignored;
mod messages;
mod pairs;
mod places;
mod security;
mod statuses;
mod texts;

use charter_contract::{Contract, Mode};
use charter_diff::{Diff, Options, diff, rust};
use serde_json::{Value, json};

fn contract(name: &str, document: &Value) -> Contract {
    charter_contract::from_documents(vec![(name.to_owned(), document.to_string().into_bytes())]).unwrap_or_else(|error| panic!("{error}"))
}

fn compared(old: &Value, new: &Value) -> Diff {
    let (old, new) = (contract("openapi.json", old), contract("openapi.json", new));
    diff(&old, &new, &Options::default())
}

/// An API of one operation with these responses and components.
fn api(responses: &Value, schemas: &Value) -> Value {
    json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/parcels": {"get": {"operationId": "parcels.get", "responses": responses}}},
        "components": {"schemas": schemas},
    })
}

fn body(name: &str) -> Value {
    json!({"description": "d", "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}})
}

/// The kinds of all changes, with the verdicts for a strict client and a server.
fn lines(found: &Diff) -> Vec<String> {
    let operations = found.operations.iter().map(|change| (&change.kind, change.client, change.server));
    let schemas = found.schemas.iter().map(|change| (&change.change.kind, change.client, change.server));
    operations.chain(schemas).map(|(kind, client, server)| format!("{} {} {}", kind.0, client.as_str(), server.as_str())).collect()
}

#[test]
fn a_removed_status_is_a_change_although_default_covers_it() {
    let schemas = json!({
        "Parcel": {"type": "object", "properties": {"id": {"type": "string"}}, "required": ["id"]},
        "Error": {"type": "object", "properties": {"code": {"type": "integer"}}, "required": ["code"]},
    });
    let old = api(&json!({"201": body("Parcel"), "default": body("Error")}), &schemas);
    let new = api(&json!({"200": body("Parcel"), "default": body("Error")}), &schemas);
    assert_eq!(lines(&compared(&old, &new)), ["status-removed breaking breaking", "status-added breaking compatible"]);
    let bare = |status: &str| api(&json!({status: {"description": "d"}, "default": {"description": "d"}}), &schemas);
    assert_eq!(lines(&compared(&bare("201"), &bare("200"))), ["status-removed breaking compatible", "status-added compatible compatible"]);
}

#[test]
fn another_schema_of_a_response_is_one_change_of_its_operation() {
    let document = |second: &str| {
        let mut document = api(
            &json!({"200": body("Hold")}),
            &json!({
                "Hold": {"type": "object", "properties": {"id": {"type": "string"}, "file": {"$ref": "#/components/schemas/File"}, "note": {"type": "string"}}, "required": ["id"]},
                "File": {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}, "required": ["id"]},
            }),
        );
        document["paths"]["/other"] = json!({"get": {"operationId": "other.get", "responses": {"200": body(second)}}});
        document
    };
    let found = compared(&document("Hold"), &document("File"));
    let kinds: Vec<&str> = found.schemas.iter().map(|change| change.change.kind.0.as_str()).collect();
    assert_eq!(kinds, ["schema-replaced"]);
    let users: Vec<&str> = found.schemas[0].uses.iter().map(|use_| use_.operation.as_str()).collect();
    assert_eq!(users, ["other.get"]);
    assert!(found.schemas[0].change.old_location.is_some() && found.schemas[0].change.new_location.is_some());
}

#[test]
fn a_part_of_all_of_that_repeats_a_key_is_one_change() {
    let part = |keys: &[&str]| {
        let properties: serde_json::Map<String, Value> = keys.iter().map(|key| ((*key).to_owned(), json!({"type": "integer"}))).collect();
        json!({"type": "object", "properties": properties})
    };
    let old = api(&json!({"200": body("Page")}), &json!({"Page": {"allOf": [part(&["total", "limit"]), part(&["entries"])]}}));
    let new = api(
        &json!({"200": body("Page")}),
        &json!({"Page": {"allOf": [part(&["total", "limit"]), part(&["entries"]), part(&["limit", "next"])]}}),
    );
    let kinds: Vec<String> = compared(&old, &new).schemas.iter().map(|change| change.change.kind.0.clone()).collect();
    assert_eq!(kinds, ["all-of-part-added"]);
}

#[test]
fn changes_of_one_object_are_judged_one_by_one() {
    let page = |properties: Value, required: Value| {
        let schema = json!({"type": "object", "properties": properties, "required": required, "additionalProperties": false});
        api(&json!({"200": body("Page")}), &json!({"Page": schema}))
    };
    let old = page(json!({"a": {"type": "string"}, "feedback": {"type": ["string", "null"]}}), json!([]));
    let new = page(json!({"a": {"type": "string"}, "review": {"type": ["integer", "null"]}}), json!([]));
    let found = compared(&old, &new);
    assert!(found.schemas.iter().all(|change| change.client != charter_diff::Verdict::Unknown), "{:?}", lines(&found));

    let old = page(json!({"a": {"type": "string"}, "n": {"type": "integer"}}), json!(["n"]));
    let new = page(json!({"a": {"type": "string"}, "review": {"type": "boolean"}}), json!([]));
    let found = compared(&old, &new);
    let added = found.schemas.iter().find(|change| change.change.kind.0 == "property-added").expect("the new property");
    assert_eq!(added.tolerant_client.as_str(), "compatible");
}

#[test]
fn one_document_under_two_names_has_no_change() {
    let schema =
        json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "properties": {"a": {"type": "string"}}});
    let (old, new) = (contract("a.schema.json", &schema), contract("b.schema.json", &schema));
    let found = diff(&old, &new, &Options::default());
    assert_eq!((found.operations.len(), found.schemas.len(), found.not_compared.len()), (0, 0, 0));
    assert_eq!(rust::rust_api(&old, &new, Mode::Strict, &found.schemas).step, rust::Step::None);
    let closed = |keys: Value| json!({"type": "object", "additionalProperties": false, "properties": keys});
    let document = |keys: Value| echo(&closed(json!({"a": {"type": "string"}})), &closed(keys));
    let (base, more) = (document(json!({"b": {"type": "string"}})), document(json!({"b": {"type": "string"}, "c": {"type": "string"}})));
    let (old, new) = (contract("old.json", &base), contract("new.json", &base));
    let found = diff(&old, &new, &Options::default());
    assert_eq!(rust::rust_api(&old, &new, Mode::Strict, &found.schemas).changes, Vec::new());
    // The changes of the types are those of a document with one name.
    let changes = |name: &str| {
        let (old, new) = (contract(name, &base), contract("new.json", &more));
        let found = diff(&old, &new, &Options::default());
        let changes = rust::rust_api(&old, &new, Mode::Strict, &found.schemas).changes;
        changes.into_iter().map(|change| format!("{} {}", change.kind, change.item)).collect::<Vec<String>>()
    };
    assert_eq!(changes("old.json"), ["field-added ThingsPutResponse.c"]);
    for name in ["new.json", "old.yaml", "old"] {
        assert_eq!(changes("old.json"), changes(name), "{name}");
    }
}

#[test]
fn samples_reach_large_bounds() {
    let document = |schema: Value| api(&json!({"200": body("Page")}), &json!({"Page": schema}));
    for (old, new) in [
        (json!({"type": "array", "items": {"type": "string"}}), json!({"type": "array", "items": {"type": "string"}, "maxItems": 128})),
        (json!({"type": "string"}), json!({"type": "string", "maxLength": 20_000})),
        (json!({"type": "object"}), json!({"type": "object", "propertyNames": {"pattern": "^[a-z]"}})),
        (json!({"type": "array", "items": {"type": "string"}}), json!({"type": "array", "items": {"type": "string"}, "maxItems": 20_000})),
        (json!({"type": "string"}), json!({"type": "string", "maxLength": 1_000_000})),
        (json!({"type": "object"}), json!({"type": "object", "maxProperties": 60})),
        (json!({"type": "string"}), json!({"type": "string", "pattern": "^(?!internal-).*$"})),
        (json!({"type": "integer"}), json!({"type": "integer", "maximum": 9_007_199_254_740_993_i64})),
    ] {
        let found = compared(&document(old), &document(new));
        assert_eq!(found.schemas.len(), 1);
        assert_eq!((found.schemas[0].client.as_str(), found.schemas[0].server.as_str()), ("compatible", "breaking"));
    }
    let dead = compared(&document(json!({"type": "object"})), &document(json!({"type": "object", "minimum": 3})));
    assert_eq!((dead.schemas.len(), dead.notes.len()), (0, 1));
}

fn parameter(schema: &Value) -> Value {
    let mut document = api(&json!({"200": {"description": "d"}}), &json!({}));
    document["paths"]["/parcels"]["get"]["parameters"] = json!([{"name": "a", "in": "query", "schema": schema}]);
    document
}

#[test]
fn parameters_are_compared_as_texts() {
    let (integer, text, list) =
        (json!({"type": "integer"}), json!({"type": "string"}), json!({"type": "array", "items": {"type": "string"}}));
    for (old, new, line) in [
        (&integer, &text, "parameter-type-generalized compatible breaking"),
        (&text, &list, "parameter-type-generalized compatible breaking"),
        (&text, &integer, "parameter-type-narrowed breaking compatible"),
    ] {
        assert_eq!(lines(&compared(&parameter(old), &parameter(new))), [line]);
    }
}

#[test]
fn a_prefix_that_moves_from_the_servers_to_the_paths_changes_no_request() {
    let document = |server: &str, path: &str| {
        json!({
            "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": server}],
            "paths": {path: {"get": {"operationId": "t", "responses": {"200": {"description": "d"}}}}},
        })
    };
    let found = compared(&document("https://a.example.test/v1", "/t"), &document("https://a.example.test", "/v1/t"));
    assert_eq!(lines(&found), ["path-prefix-moved compatible compatible", "servers-changed compatible compatible"]);
}

/// The ring of the acceptance has 500 schemas and 25 operations, which takes minutes in a debug build.
const SCHEMAS: usize = 80;
const OPERATIONS: usize = 5;

#[test]
fn a_ring_of_schemas_has_one_change_that_all_operations_use() {
    let document = |more: bool| {
        let schemas: serde_json::Map<String, Value> = (0..SCHEMAS)
            .map(|index| {
                let mut properties: serde_json::Map<String, Value> =
                    (0..9).map(|key| (format!("k{key}"), json!({"type": "string"}))).collect();
                properties.insert("next".to_owned(), json!({"$ref": format!("#/components/schemas/S{}", (index + 1) % SCHEMAS)}));
                if more && index == 0 {
                    properties.insert("more".to_owned(), json!({"type": "string"}));
                }
                (format!("S{index}"), json!({"type": "object", "properties": properties}))
            })
            .collect();
        let mut document = api(&json!({"200": body("S0")}), &Value::Object(schemas));
        for index in 0..OPERATIONS {
            let operation = json!({"operationId": format!("o{index}"), "responses": {"200": body(&format!("S{}", index * 20 % SCHEMAS))}});
            document["paths"][format!("/o{index}")] = json!({ "get": operation });
        }
        document
    };
    // The comparison recurses into deep schemas.
    let thread = std::thread::Builder::new().stack_size(1 << 28).spawn(move || {
        let found = compared(&document(false), &document(true));
        (lines(&found), found.schemas[0].uses.len())
    });
    let (lines, users) = thread.expect("a thread").join().expect("a comparison");
    assert_eq!((lines, users), (vec!["property-added compatible breaking".to_owned()], OPERATIONS + 1));
}

/// A document with most members of OpenAPI.
fn rich() -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {"title": "t", "version": "1"},
        "servers": [{"url": "https://a.example.test/v1"}],
        "security": [{"key": []}],
        "tags": [{"name": "parcels"}],
        "paths": {"/parcels/{id}": {"post": {
            "operationId": "parcels.post", "tags": ["parcels"], "summary": "s", "deprecated": true,
            "security": [{"login": ["read"]}],
            "parameters": [
                {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
                {"name": "limit", "in": "query", "style": "form", "explode": true, "schema": {"type": "array", "items": {"type": "integer"}}},
                {"name": "filter", "in": "query", "content": {"application/json": {"schema": {"type": "string"}}}},
            ],
            "requestBody": {"required": true, "content": {"multipart/form-data": {
                "schema": {"type": "object", "properties": {"file": {"type": "string"}}},
                "encoding": {"file": {"contentType": "image/png"}},
            }}},
            "callbacks": {"done": {"{$request.query.url}": {"post": {
                "requestBody": {"content": {"application/json": {"schema": {"type": "object"}}}}, "responses": {"200": {"description": "d"}},
            }}}},
            "responses": {"200": {
                "description": "d", "headers": {"x-count": {"schema": {"type": "integer"}}},
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Parcel"}, "example": {"kind": "a"}}},
                "links": {"self": {"operationId": "parcels.post"}},
            }},
        }}},
        "webhooks": {"sent": {"post": {
            "operationId": "sent", "requestBody": {"content": {"application/json": {"schema": {"type": "string", "minLength": 1}}}},
            "responses": {"200": {"description": "d"}},
        }}},
        "components": {
            "schemas": {
                "Parcel": {
                    "oneOf": [{"$ref": "#/components/schemas/Box"}],
                    "discriminator": {"propertyName": "kind", "mapping": {"a": "#/components/schemas/Box"}},
                },
                "Box": {
                    "type": "object", "description": "d", "required": ["kind"], "x-note": 1,
                    "properties": {"kind": {"type": "string", "enum": ["a"]}, "data": {"type": "string", "contentEncoding": "base64"}},
                },
            },
            "securitySchemes": {
                "key": {"type": "apiKey", "in": "header", "name": "x-key"},
                "login": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.example.test/t", "scopes": {"read": "r"}}}},
            },
        },
    })
}

/// The pointers of all values.
fn places(value: &Value, pointer: &str, found: &mut Vec<String>) {
    found.push(pointer.to_owned());
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                places(member, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// A document without the value at a pointer.
fn without(document: &Value, pointer: &str) -> Option<Value> {
    let mut changed = document.clone();
    let (above, last) = pointer.rsplit_once('/')?;
    match changed.pointer_mut(above)? {
        Value::Object(members) => members.shift_remove(&last.replace("~1", "/").replace("~0", "~"))?,
        Value::Array(items) => items.remove(last.parse().ok()?),
        _ => return None,
    };
    Some(changed)
}

/// A document with another text or number at a pointer, or with one more member.
fn replaced(document: &Value, pointer: &str) -> Option<Value> {
    let mut changed = document.clone();
    let value = changed.pointer_mut(pointer)?;
    *value = match &*value {
        Value::String(text) => format!("{text}x").into(),
        Value::Number(_) => json!(7),
        Value::Bool(flag) => (!flag).into(),
        Value::Object(members) => {
            let mut members = members.clone();
            members.insert("x-more".to_owned(), json!({"description": "d"}));
            Value::Object(members)
        }
        _ => return None,
    };
    Some(changed)
}

#[test]
fn every_change_of_a_node_gives_a_line() {
    let document = rich();
    let mut all = Vec::new();
    places(&document, "", &mut all);
    let old = contract("openapi.json", &document);
    let mut silent = Vec::new();
    let mut judged = 0;
    for place in &all {
        for (what, changed) in [("removed", without(&document, place)), ("replaced", replaced(&document, place))] {
            let Some(changed) = changed else { continue };
            // A change can make a document invalid; then there is nothing to compare.
            let Ok(new) = charter_contract::from_documents(vec![("openapi.json".to_owned(), changed.to_string().into_bytes())]) else {
                continue;
            };
            // Both directions: a removal is an addition when the documents change places.
            for (one, other) in [(&old, &new), (&new, &old)] {
                let found = diff(one, other, &Options::default());
                judged += 1;
                let operations = found.operations.iter().map(|change| (&change.old_location, &change.new_location));
                let schemas = found.schemas.iter().map(|change| (&change.change.old_location, &change.change.new_location));
                assert!(operations.chain(schemas).all(|(old, new)| old.is_some() && new.is_some()), "{what} {place}: a place is missing");
                if found.operations.len() + found.schemas.len() + found.notes.len() + found.not_compared.len() == 0 {
                    silent.push(format!("{what} {place}"));
                }
            }
        }
    }
    assert!(judged > 200, "{judged}");
    assert_eq!(silent, Vec::<String>::new());
}

/// An API with a request body and a response body of one schema.
fn echo(request: &Value, response: &Value) -> Value {
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/things": {"put": {"operationId": "things.put",
        "requestBody": {"required": true, "content": {"application/json": {"schema": request}}},
        "responses": {"200": {"description": "d", "content": {"application/json": {"schema": response}}}}}}}})
}

#[test]
fn changes_that_publishers_call_breaking_are_errors() {
    let object = |property: Value| json!({"type": "object", "properties": {"v": property}});
    let text = json!({"type": "string"});
    let requests = [
        (
            "a value of an extensible enumeration is removed",
            json!({"type": "string", "x-extensible-enum": ["a", "b"]}),
            json!({"type": "string", "x-extensible-enum": ["a"]}),
        ),
        ("an encoding is added", text.clone(), json!({"type": "string", "contentEncoding": "base64"})),
        (
            "a media type is changed",
            json!({"type": "string", "contentMediaType": "text/csv"}),
            json!({"type": "string", "contentMediaType": "text/html"}),
        ),
        ("a schema of the content is added", text.clone(), json!({"type": "string", "contentSchema": {"type": "object"}})),
        ("a type is changed", text.clone(), json!({"type": "integer"})),
        ("a bound is added", text.clone(), json!({"type": "string", "maxLength": 3})),
    ];
    for (name, old, new) in requests {
        let found = compared(&echo(&object(old), &text), &echo(&object(new), &text));
        let level = found.operations.iter().map(|change| change.level).chain(found.schemas.iter().map(|change| change.level)).max();
        assert_eq!(level.map(|level| level.as_str()), Some("error"), "{name}");
    }
    let mut bare = echo(&text, &text);
    bare["paths"]["/things"]["put"]["requestBody"]["content"]["application/json"] = json!({});
    let whole = echo(&text, &text);
    assert_eq!(lines(&compared(&bare, &whole)), ["body-schema-changed breaking compatible"]);
    assert_eq!(lines(&compared(&whole, &bare)), ["body-schema-changed compatible breaking"]);
}

#[test]
fn a_branch_that_becomes_a_reference_is_not_a_difference() {
    let document = |branch: Value| {
        let mut document =
            echo(&json!({"type": "object", "properties": {"role": {"anyOf": [branch, {"type": "null"}]}}}), &json!({"type": "string"}));
        document["components"] = json!({"schemas": {"Role": {"type": "string", "enum": ["user", "admin"]}}});
        document
    };
    let found =
        compared(&document(json!({"type": "string", "enum": ["user", "admin"]})), &document(json!({"$ref": "#/components/schemas/Role"})));
    assert!(lines(&found).is_empty() && found.not_compared.is_empty(), "{:?}", found.not_compared);
}

/// The places of all lines in the new document, below the schema of the response.
fn places_in_response(old: Value, new: Value) -> Vec<String> {
    let found = compared(&echo(&json!({"type": "string"}), &old), &echo(&json!({"type": "string"}), &new));
    assert!(found.not_compared.is_empty() && found.operations.is_empty(), "{found:?}");
    let schemas = found.schemas.iter().map(|change| (&change.change.kind, change.change.place().expect("a place")));
    let notes = found.notes.iter().map(|note| (&note.kind, &note.new_location));
    let below = |pointer: &str| pointer.rsplit_once("application~1json/schema").map_or(pointer, |(_, below)| below).to_owned();
    schemas.chain(notes).map(|(kind, place)| format!("{} {}", kind.0, below(place.pointer()))).collect()
}

#[test]
fn one_change_is_one_line_at_its_place() {
    let text = json!({"type": "string"});
    let object = |properties: Value| json!({"type": "object", "properties": properties});
    let with = |mut schema: Value, keyword: &str, value: Value| {
        schema[keyword] = value;
        schema
    };
    let base = object(json!({"v": text}));
    let both = with(object(json!({"v": text, "w": text})), "required", json!(["w"]));
    let condition = json!({"type": "object", "if": {"required": ["a"]}, "then": {"required": ["b"]}});
    let parts = json!({"allOf": [base, {"required": ["v"]}]});
    for (old, new, line, reversed) in [
        (base.clone(), both, "property-added /properties/w", "property-removed /properties/w"),
        (
            json!({"type": "integer", "minimum": 1}),
            json!({"type": "integer", "exclusiveMinimum": 1}),
            "exclusive-minimum-added /exclusiveMinimum",
            "exclusive-minimum-removed /exclusiveMinimum",
        ),
        (json!({"type": "object"}), condition, "condition-changed /if", "condition-changed /if"),
        (json!({"allOf": [base]}), parts.clone(), "property-required /allOf/1/required", "property-optional /required"),
        (
            json!({"allOf": [base]}),
            json!({"allOf": [base], "unevaluatedProperties": false}),
            "unevaluated-properties-refused /unevaluatedProperties",
            "unevaluated-properties-allowed /unevaluatedProperties",
        ),
        (
            json!({"anyOf": [object(json!({"t": {"type": "string", "maxLength": 9}})), {"enum": [""]}]}),
            json!({"anyOf": [object(json!({"t": {"anyOf": [{"type": "string", "maxLength": 9}, {"enum": [""]}]}})), {"enum": [""]}]}),
            "",
            "",
        ),
        (
            json!({"allOf": [{"maxProperties": 3}, base]}),
            json!({"allOf": [{"maxProperties": 4}, base]}),
            "max-properties-raised /allOf/0/maxProperties",
            "max-properties-lowered /allOf/0/maxProperties",
        ),
    ] {
        for (one, other, line) in [(&old, &new, line), (&new, &old, reversed)] {
            // Schemas that are proved equal have notes only.
            let places = places_in_response(one.clone(), other.clone());
            let is_equal = line.is_empty() && places.iter().all(|place| place.starts_with("written-differently "));
            assert!(is_equal || places == [line], "{one} {other}: {places:?}");
        }
    }
}

#[test]
fn a_new_method_of_the_server_trait_breaks_its_implementations() {
    let with_server = |document: &Value| {
        let settings = "[generate]\nserver = \"axum\"\nclient = \"reqwest\"\n";
        let files = vec![("openapi.json".to_owned(), document.to_string().into_bytes()), ("charter.toml".to_owned(), settings.into())];
        charter_contract::from_documents(files).unwrap_or_else(|error| panic!("{error}"))
    };
    let text = json!({"type": "string"});
    let old = echo(&text, &text);
    let mut new = old.clone();
    new["paths"]["/more"] = json!({"get": {"operationId": "more.get", "responses": {"200": {"description": "d"}}}});
    let (old, new) = (with_server(&old), with_server(&new));
    let found = rust::rust_api(&old, &new, Mode::Strict, &[]);
    let lines: Vec<String> =
        found.changes.iter().map(|change| format!("{} {} {}", change.kind, change.item, change.step.as_str())).collect();
    assert!(lines.contains(&"method-added Server::more_get major".to_owned()), "{lines:?}");
    assert!(lines.contains(&"method-added Client::more_get minor".to_owned()), "{lines:?}");
}

#[test]
fn a_change_of_an_operation_is_one_line_at_its_place() {
    let base = rich();
    let edited = |edit: &dyn Fn(&mut Value)| {
        let mut document = rich();
        edit(&mut document);
        document
    };
    let lines = |old: &Value, new: &Value| -> Vec<String> {
        let found = compared(old, new);
        let changes = found.operations.iter().map(|change| (&change.kind, change.place().expect("a place").pointer().to_owned()));
        let notes = found.notes.iter().map(|note| (&note.kind, note.new_location.pointer().to_owned()));
        changes.chain(notes).map(|(kind, pointer)| format!("{} {pointer}", kind.0)).collect()
    };
    let scheme = edited(&|document| {
        document["components"]["securitySchemes"]["key"] = json!({"type": "http", "scheme": "bearer", "bearerFormat": "JWT"});
    });
    assert_eq!(lines(&base, &scheme), ["security-scheme-changed /components/securitySchemes/key/type"]);
    let described = edited(&|document| {
        let parameter = &mut document["paths"]["/parcels/{id}"]["post"]["parameters"][2];
        *parameter = json!({"name": "filter", "in": "query", "schema": {"type": "string"}});
    });
    assert_eq!(lines(&base, &described), ["parameter-content-changed /paths/~1parcels~1{id}/post/parameters/2/content"]);
    // The requirements of the document apply to an operation without its own.
    let inherits = edited(&|document| {
        document["paths"]["/parcels/{id}"]["post"].as_object_mut().expect("an operation").remove("security");
    });
    let mut free = inherits.clone();
    free["security"] = json!([]);
    assert_eq!(lines(&inherits, &free), ["credentials-optional /paths/~1parcels~1{id}/post"]);
    // A response that is a reference is removed at the reference.
    let missing = edited(&|document| {
        document["components"]["responses"] = json!({"Missing": {"description": "d"}});
        document["paths"]["/parcels/{id}"]["post"]["responses"]["404"] = json!({"$ref": "#/components/responses/Missing"});
    });
    let mut without = missing.clone();
    without["paths"]["/parcels/{id}"]["post"]["responses"].as_object_mut().expect("responses").remove("404");
    assert_eq!(lines(&missing, &without), ["status-removed /paths/~1parcels~1{id}/post/responses/404"]);
    assert_eq!(lines(&without, &missing), ["status-added /paths/~1parcels~1{id}/post/responses/404"]);
}

#[test]
fn the_encoding_of_a_new_property_is_compatible() {
    let mut old = rich();
    let media_type = |document: &mut Value| {
        let content = &mut document["paths"]["/parcels/{id}"]["post"]["requestBody"]["content"]["multipart/form-data"];
        content["schema"]["properties"]["label"] = json!({"type": "string"});
        content["encoding"]["label"] = json!({"contentType": "text/csv"});
    };
    let mut new = old.clone();
    media_type(&mut new);
    let verdicts = |found: &Diff| -> Vec<String> { lines(found).into_iter().filter(|line| line.starts_with("encoding")).collect() };
    assert_eq!(verdicts(&compared(&old, &new)), ["encoding-changed compatible compatible"]);
    // The encoding of a property of both contracts is another one.
    media_type(&mut old);
    new["paths"]["/parcels/{id}"]["post"]["requestBody"]["content"]["multipart/form-data"]["encoding"]["label"] =
        json!({"contentType": "text/html"});
    assert_eq!(verdicts(&compared(&old, &new)), ["encoding-changed breaking breaking"]);
}

#[test]
fn objects_of_further_documents_are_compared_by_their_kind() {
    let document = |path: &str, parameter: &str| {
        let main = r##"{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {
            "/things": {"$ref": "res/path.yml"},
            "/more": {"get": {"operationId": "more", "parameters": [{"$ref": "res/parts.yml#/limit"}], "responses": {"200": {"description": "d"}}}}}}"##;
        let path = format!("get: {{operationId: things, {path}responses: {{'200': {{description: d}}}}}}\n");
        let parts = format!("limit: {{name: limit, in: query, {parameter}schema: {{type: integer}}}}\n");
        let files = [("openapi.json", main.to_owned()), ("res/path.yml", path), ("res/parts.yml", parts)];
        charter_contract::from_documents(files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect())
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let notes = |old: &Contract, new: &Contract| -> Vec<String> {
        let found = diff(old, new, &Options::default());
        assert!(found.not_compared.is_empty() && found.operations.is_empty() && found.schemas.is_empty(), "{found:?}");
        found.notes.iter().map(|note| format!("{} {}", note.kind.0, note.new_location)).collect()
    };
    let base = document("", "");
    assert_eq!(notes(&base, &document("summary: s, ", "")), ["description-changed res/path.yml#/get/summary"]);
    assert_eq!(notes(&base, &document("", "description: d, ")), ["description-changed res/parts.yml#/limit/description"]);
}

#[test]
fn a_part_in_another_document_changes_at_its_reference() {
    let document = |shared: &str, responses: &str| {
        let main = format!(
            r##"{{"openapi": "3.1.0", "info": {{"title": "t", "version": "1"}}, "paths": {{"/a": {{"parameters": [{shared}],
            "get": {{"operationId": "a", "responses": {{"200": {{"description": "d"}}{responses}}}}}}}}},
            "components": {{"parameters": {{"page": {{"name": "page", "in": "query", "schema": {{"type": "integer"}}}}}}}}}}"##
        );
        let parts = "missing: {description: d}\nlimit: {name: limit, in: query, schema: {type: integer}}\n";
        let files = [("openapi.json", main), ("res/parts.yml", parts.to_owned())];
        charter_contract::from_documents(files.into_iter().map(|(name, text)| (name.to_owned(), text.into_bytes())).collect())
            .unwrap_or_else(|error| panic!("{error}"))
    };
    let missing = r##", "404": {"$ref": "res/parts.yml#/missing"}"##;
    let (page, limit) = (r##"{"$ref": "#/components/parameters/page"}"##, r##"{"$ref": "res/parts.yml#/limit"}"##);
    let base = document("", "");
    for (other, kind, place) in [
        (document("", missing), "status-added", "openapi.json#/paths/~1a/get/responses/404"),
        (document(page, ""), "optional-parameter-added", "openapi.json#/paths/~1a/parameters/0"),
        (document(limit, ""), "optional-parameter-added", "openapi.json#/paths/~1a/parameters/0"),
    ] {
        let added = diff(&base, &other, &Options::default());
        let [change] = added.operations.as_slice() else { panic!("{added:?}") };
        assert_eq!((&*change.kind.0, change.new_location.as_ref().map(ToString::to_string).as_deref()), (kind, Some(place)));
        let removed = diff(&other, &base, &Options::default());
        let [change] = removed.operations.as_slice() else { panic!("{removed:?}") };
        assert_eq!(change.old_location.as_ref().map(ToString::to_string).as_deref(), Some(place));
        let documents = change.new_location.as_ref().map(|location| location.document().to_owned());
        assert_eq!(documents.as_deref(), Some("openapi.json"), "{change:?}");
    }
}

/// Every line: the kind, the place, and the verdict for a client in the default reading.
fn every_line(old: &Value, new: &Value) -> Vec<String> {
    let found = compared(old, new);
    let operations = found.operations.iter().map(|change| (&change.kind.0, change.place(), change.described_client.as_str()));
    let schemas = found.schemas.iter().map(|change| (&change.change.kind.0, change.change.place(), change.described_client.as_str()));
    let notes = found.notes.iter().map(|note| (&note.kind.0, Some(&note.new_location), "note"));
    let mut lines: Vec<String> = operations
        .chain(schemas)
        .chain(notes)
        .map(|(kind, place, verdict)| format!("{kind} {} {verdict}", place.expect("a place").pointer()))
        .collect();
    lines.extend(found.not_compared.iter().map(|one| format!("not compared {}", one.new_location.pointer())));
    lines
}

/// Changes one document in place and compares it with the original, in both directions.
#[track_caller]
fn assert_lines(base: &Value, edit: impl Fn(&mut Value), there: &[&str], back: &[&str]) {
    let mut changed = base.clone();
    edit(&mut changed);
    assert_eq!(every_line(base, &changed), there);
    assert_eq!(every_line(&changed, base), back);
}

/// A document of Swagger 2.0 with a body, a form and parameters.
fn swagger() -> Value {
    json!({
        "swagger": "2.0", "info": {"title": "t", "version": "1"}, "host": "a.example.test", "basePath": "/v1", "schemes": ["https"],
        "consumes": ["application/json"], "produces": ["application/json"],
        "paths": {
            "/things/{id}": {"put": {
                "operationId": "things.put",
                "parameters": [
                    {"name": "id", "in": "path", "required": true, "type": "string"},
                    {"name": "limit", "in": "query", "type": "integer", "maximum": 100},
                    {"name": "body", "in": "body", "required": true, "schema": {"$ref": "#/definitions/Thing"}},
                ],
                "responses": {"200": {
                    "description": "d", "headers": {"x-count": {"type": "integer"}}, "schema": {"$ref": "#/definitions/Thing"},
                }},
            }},
            "/files": {"post": {
                "operationId": "files.post", "consumes": ["multipart/form-data"],
                "parameters": [
                    {"name": "file", "in": "formData", "type": "file", "required": true},
                    {"name": "count", "in": "formData", "type": "integer"},
                ],
                "responses": {"204": {"description": "d"}},
            }},
        },
        "definitions": {"Thing": {"type": "object", "properties": {"name": {"type": "string"}}}},
    })
}

#[test]
fn a_change_of_swagger_is_one_line_at_the_place_as_written() {
    let base = swagger();
    let (put, post) = ("/paths/~1things~1{id}/put", "/paths/~1files/post");
    let line = |kind: &str, at: &str, verdict: &str| format!("{kind} {at} {verdict}");
    type Edit = fn(&mut Value);
    let cases: [(Edit, String, String); 11] = [
        (
            |document| document["basePath"] = json!("/v2"),
            line("servers-changed", "/basePath", "unknown"),
            line("servers-changed", "/basePath", "unknown"),
        ),
        (
            |document| document["host"] = json!("b.example.test"),
            line("servers-changed", "/host", "unknown"),
            line("servers-changed", "/host", "unknown"),
        ),
        (
            |document| document["schemes"] = json!(["https", "http"]),
            line("servers-changed", "/schemes", "compatible"),
            line("servers-changed", "/schemes", "unknown"),
        ),
        (
            |document| document["consumes"] = json!(["application/json", "application/xml"]),
            line("request-media-type-added", &format!("{put}/parameters/2"), "compatible"),
            line("request-media-type-removed", &format!("{put}/parameters/2"), "breaking"),
        ),
        (
            |document| document["paths"]["/things/{id}"]["put"]["parameters"][1]["maximum"] = json!(200),
            line("maximum-raised", &format!("{put}/parameters/1/maximum"), "compatible"),
            line("maximum-lowered", &format!("{put}/parameters/1/maximum"), "breaking"),
        ),
        (
            |document| document["paths"]["/things/{id}"]["put"]["responses"]["200"]["headers"]["x-count"]["type"] = json!("string"),
            line("response-header-type-generalized", &format!("{put}/responses/200/headers/x-count"), "breaking"),
            line("response-header-type-narrowed", &format!("{put}/responses/200/headers/x-count"), "compatible"),
        ),
        (
            |document| {
                document["paths"]["/things/{id}"]["put"]["responses"]["200"].as_object_mut().expect("a response").remove("schema");
            },
            line("response-media-type-removed", &format!("{put}/responses/200"), "breaking"),
            line("response-media-type-added", &format!("{put}/responses/200"), "compatible"),
        ),
        (
            |document| document["paths"]["/files"]["post"]["parameters"][1]["type"] = json!("string"),
            line("form-field-type-generalized", &format!("{post}/parameters/1"), "compatible"),
            line("form-field-type-narrowed", &format!("{post}/parameters/1"), "breaking"),
        ),
        (
            |document| document["paths"]["/files"]["post"]["parameters"][1]["required"] = json!(true),
            line("property-required", &format!("{post}/parameters/1/required"), "breaking"),
            line("property-optional", &format!("{post}/parameters/1"), "compatible"),
        ),
        (
            |document| document["definitions"]["Thing"]["properties"]["name"]["x-nullable"] = json!(true),
            line("null-allowed", "/definitions/Thing/properties/name", "breaking"),
            line("null-refused", "/definitions/Thing/properties/name", "breaking"),
        ),
        (
            |document| document["paths"]["/things/{id}"]["put"]["parameters"][2]["name"] = json!("thing"),
            line("written-differently", &format!("{put}/parameters"), "note"),
            line("written-differently", &format!("{put}/parameters"), "note"),
        ),
    ];
    for (edit, there, back) in cases {
        assert_lines(&base, edit, &[&there], &[&back]);
    }
}

#[test]
fn media_types_are_compared_as_ranges_without_their_charset() {
    let base = echo(&json!({"type": "string"}), &json!({"type": "string"}));
    let operation = "/paths/~1things/put";
    let rename = |part: &'static str, name: &'static str| {
        move |document: &mut Value| {
            let content = document.pointer_mut(&format!("/paths/~1things/put{part}/content")).expect("content");
            let media_type = content["application/json"].take();
            *content = json!({ name: media_type });
        }
    };
    let body = format!("{operation}/requestBody");
    assert_lines(
        &base,
        rename("/requestBody", "*/*"),
        &[&format!("request-media-type-added {body} compatible")],
        &[&format!("request-media-type-removed {body} breaking")],
    );
    let same = format!("written-differently {operation}/responses/200/content note");
    assert_lines(&base, rename("/responses/200", "application/json; charset=utf-8"), &[&same], &[&same]);
}

#[test]
fn the_verdict_of_an_empty_parameter_depends_on_the_direction() {
    let base = parameter(&json!({"type": "integer"}));
    let at = "parameter-serialisation-changed /paths/~1parcels/get/parameters/0";
    let edit = |document: &mut Value| document["paths"]["/parcels"]["get"]["parameters"][0]["allowEmptyValue"] = json!(true);
    assert_lines(&base, edit, &[&format!("{at} compatible")], &[&format!("{at} breaking")]);
}

#[test]
fn patterns_and_large_bounds_are_decided() {
    let schema = |pattern: &str| json!({"type": "string", "pattern": pattern});
    let document = |schema: &Value| api(&json!({"200": body("Page")}), &json!({"Page": schema}));
    let lines = |old: &Value, new: &Value| lines(&compared(&document(old), &document(new)));
    assert_eq!(lines(&schema("^[a-z]+$"), &schema("^[a-z0-9]+$")), ["pattern-changed breaking compatible"]);
    assert_eq!(lines(&schema("^[a-z0-9]+$"), &schema("^[a-z]+$")), ["pattern-changed compatible breaking"]);
    assert_eq!(lines(&schema("^[a-z]{3}$"), &schema("^[a-z]{2}[a-y]$")), ["pattern-changed compatible breaking"]);
    assert_eq!(lines(&schema("^[0-9]+$"), &schema("^\\d+$")), Vec::<String>::new());
    let bound = |maximum: i64| json!({"type": "integer", "maximum": maximum});
    let (small, large) = (bound(9_007_199_254_740_992), bound(9_007_199_254_740_993));
    assert_eq!(lines(&small, &large), ["maximum-raised breaking compatible"]);
    assert_eq!(lines(&large, &small), ["maximum-lowered compatible breaking"]);
    let step = |step: f64| json!({"type": "number", "multipleOf": step});
    assert_eq!(lines(&step(0.01), &step(0.001)), ["multiple-of-changed breaking compatible"]);
}

#[test]
fn read_only_decides_whether_a_property_is_required_before_openapi_3_1() {
    let schema = json!({"type": "object", "required": ["v"], "properties": {"v": {"type": "string"}}});
    for (version, has_effect) in [("3.0.3", true), ("3.1.0", false)] {
        let mut base = echo(&schema, &schema);
        base["openapi"] = json!(version);
        let property = |document: &mut Value, part: &str, keyword: &str| {
            let at = format!("/paths/~1things/put{part}/content/application~1json/schema/properties/v");
            document.pointer_mut(&at).expect("a property")[keyword] = json!(true);
        };
        let at = |part: &str| format!("/paths/~1things/put{part}/content/application~1json/schema/properties/v");
        let line = |kind: &str, part: &str, keyword: &str, verdict: &str| match has_effect {
            true => format!("{kind} {}/{keyword} {verdict}", at(part)),
            false => format!("{kind} {} note", at(part)),
        };
        assert_lines(
            &base,
            |document| property(document, "/requestBody", "readOnly"),
            &[&line("read-only-added", "/requestBody", "readOnly", "compatible")],
            &[&line("read-only-removed", "/requestBody", "readOnly", "breaking")],
        );
        assert_lines(
            &base,
            |document| property(document, "/responses/200", "writeOnly"),
            &[&line("write-only-added", "/responses/200", "writeOnly", "breaking")],
            &[&line("write-only-removed", "/responses/200", "writeOnly", "compatible")],
        );
    }
}

#[test]
fn xml_objects_have_an_effect_on_bodies_in_xml() {
    let at = "/components/schemas/Parcel/properties/id/xml";
    for (media_type, line) in [
        ("application/json", format!("annotation-changed {at} note")),
        ("application/atom+xml", format!("xml-changed {at} breaking")),
        ("*/*", format!("xml-changed {at} unknown")),
    ] {
        let schemas = json!({"Parcel": {"type": "object", "properties": {"id": {"type": "string", "xml": {"name": "a"}}}}});
        let responses = json!({"200": {"description": "d", "content": {media_type: {"schema": {"$ref": "#/components/schemas/Parcel"}}}}});
        let base = api(&responses, &schemas);
        let edit = |document: &mut Value| {
            document["components"]["schemas"]["Parcel"]["properties"]["id"]["xml"]["name"] = json!("b");
        };
        assert_lines(&base, edit, &[&line], &[&line]);
    }
}

#[test]
fn a_branch_covers_its_values_of_the_discriminator() {
    let branch = |name: &str| json!({"type": "object", "required": ["kind"], "properties": {"kind": {"const": name}}});
    let base = api(
        &json!({"200": body("Pet")}),
        &json!({
            "Pet": {
                "oneOf": [{"$ref": "#/components/schemas/Cat"}],
                "discriminator": {"propertyName": "kind", "mapping": {"cat": "#/components/schemas/Cat"}},
            },
            "Cat": branch("cat"), "Dog": branch("dog"),
        }),
    );
    let edit = |document: &mut Value| {
        let pet = &mut document["components"]["schemas"]["Pet"];
        pet["oneOf"] = json!([{"$ref": "#/components/schemas/Cat"}, {"$ref": "#/components/schemas/Dog"}]);
        pet["discriminator"]["mapping"]["dog"] = json!("#/components/schemas/Dog");
    };
    assert_lines(
        &base,
        edit,
        &["union-branch-added /components/schemas/Pet/oneOf/1 breaking"],
        &["union-branch-removed /components/schemas/Pet/oneOf/1 compatible"],
    );
}

#[test]
fn an_additional_server_is_compatible() {
    let mut base = rich();
    base["servers"] = json!([{"url": "https://a.example.test/v1"}]);
    for url in ["https://b.example.test/v1", "https://a.example.test/v2"] {
        assert_lines(
            &base,
            |document| document["servers"].as_array_mut().expect("servers").push(json!({ "url": url })),
            &["servers-changed /servers compatible"],
            &["servers-changed /servers unknown"],
        );
    }
    let described = |document: &mut Value| document["servers"][0]["description"] = json!("d");
    assert_lines(&base, described, &["description-changed /servers note"], &["description-changed /servers note"]);
}

#[test]
fn members_next_to_a_reference_of_openapi_3_0_are_compared_as_written() {
    let mut base = api(
        &json!({"200": body("Page")}),
        &json!({"Page": {"type": "object", "properties": {"v": {"$ref": "#/components/schemas/Text"}}}, "Text": {"type": "string"}}),
    );
    base["openapi"] = json!("3.0.3");
    let at = "/components/schemas/Page/properties/v/maxLength";
    let edit = |document: &mut Value| document["components"]["schemas"]["Page"]["properties"]["v"]["maxLength"] = json!(3);
    assert_lines(&base, edit, &[&format!("written-differently {at} note")], &[&format!("written-differently {at} note")]);
}

#[test]
fn one_change_of_the_spelling_is_one_note() {
    let document = |schema: Value| api(&json!({"200": body("Page")}), &json!({"Page": schema}));
    let base = document(json!({"type": "string", "minLength": 1}));
    let wrapped = document(json!({"allOf": [{"type": "string", "minLength": 1}]}));
    let at = "/components/schemas/Page";
    assert_eq!(every_line(&base, &wrapped), [format!("written-differently {at} note")]);
    assert_eq!(every_line(&wrapped, &base), [format!("written-differently {at} note")]);
}

#[test]
fn the_last_component_of_a_document_is_removed_at_its_place() {
    let base = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "components": {
        "schemas": {"A": {"type": "string"}}, "parameters": {"p": {"name": "p", "in": "query", "schema": {"type": "string"}}},
    }});
    let edit = |document: &mut Value| drop(document["components"]["schemas"].as_object_mut().expect("schemas").remove("A"));
    assert_lines(&base, edit, &["component-removed /components/schemas/A note"], &["component-added /components/schemas/A note"]);
}

#[test]
fn components_are_compared_although_no_operation_uses_them() {
    let text = json!({"type": "string"});
    let content = json!({"application/json": {"schema": text}});
    let base = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "components": {
        "parameters": {"page": {"name": "page", "in": "query", "schema": {"type": "integer", "maximum": 9}}},
        "responses": {"Found": {"description": "d", "content": content}},
        "requestBodies": {"Order": {"content": content}},
        "headers": {"X-Count": {"schema": {"type": "integer"}}},
    }});
    let at = |pointer: &str| format!("/components/{pointer}");
    let integer = |document: &mut Value, pointer: &str| *document.pointer_mut(pointer).expect("a type") = json!("integer");
    let body = "content/application~1json/schema/type";
    for (edit, there, back) in [
        (
            &(|document: &mut Value| document["components"]["parameters"]["page"]["schema"]["maximum"] = json!(10)) as &dyn Fn(&mut Value),
            format!("maximum-raised {} compatible", at("parameters/page/schema/maximum")),
            format!("maximum-lowered {} breaking", at("parameters/page/schema/maximum")),
        ),
        (
            &|document: &mut Value| document["components"]["parameters"]["page"]["required"] = json!(true),
            format!("parameter-required {} breaking", at("parameters/page")),
            format!("parameter-optional {} compatible", at("parameters/page")),
        ),
        (
            &|document: &mut Value| integer(document, &at(&format!("responses/Found/{body}"))),
            format!("type-changed {} breaking", at(&format!("responses/Found/{body}"))),
            format!("type-changed {} breaking", at(&format!("responses/Found/{body}"))),
        ),
        (
            &|document: &mut Value| integer(document, &at(&format!("requestBodies/Order/{body}"))),
            format!("type-changed {} breaking", at(&format!("requestBodies/Order/{body}"))),
            format!("type-changed {} breaking", at(&format!("requestBodies/Order/{body}"))),
        ),
        (
            &|document: &mut Value| {
                drop(document["components"]["responses"]["Found"].as_object_mut().expect("a response").remove("content"))
            },
            format!("response-media-type-removed {} breaking", at("responses/Found")),
            format!("response-media-type-added {} compatible", at("responses/Found")),
        ),
        (
            &|document: &mut Value| drop(document["components"].as_object_mut().expect("components").remove("headers")),
            format!("component-removed {} note", at("headers/X-Count")),
            format!("component-added {} note", at("headers/X-Count")),
        ),
    ] {
        assert_lines(&base, edit, &[&there], &[&back]);
    }
}

/// Two documents of different names, as on the command line.
fn lines_of_files(old: &Value, new: &Value) -> Vec<String> {
    let found = diff(&contract("old.json", old), &contract("new.json", new), &Options::default());
    let notes = found.notes.iter().map(|note| format!("note {}", note.kind.0));
    let others = found.not_compared.iter().map(|one| format!("not compared {}", one.new_location.pointer()));
    lines(&found).into_iter().chain(notes).chain(others).collect()
}

#[test]
fn another_schema_of_a_body_is_one_line() {
    let object = |key: &str| json!({"type": "object", "properties": {key: {"type": "string"}}, "required": [key]});
    let schemas = json!({"Book": object("title"), "Cat": object("name")});
    let reference = api(&json!({"200": body("Book")}), &schemas);
    let with = |schema: Value| {
        let mut document = reference.clone();
        document["paths"]["/parcels"]["get"]["responses"]["200"]["content"]["application/json"]["schema"] = schema;
        document
    };
    for (schema, line) in [
        (json!({"$ref": "#/components/schemas/Cat"}), "schema-replaced breaking breaking"),
        (json!({"type": "string", "minLength": 1}), "type-changed breaking breaking"),
        (json!({"type": "array", "items": {"$ref": "#/components/schemas/Book"}}), "type-changed breaking breaking"),
    ] {
        assert_eq!(lines_of_files(&reference, &with(schema.clone())), [line], "{schema}");
        assert_eq!(lines_of_files(&with(schema.clone()), &reference), [line], "{schema}");
    }
}

#[test]
fn a_change_of_a_name_or_method_is_one_line() {
    let base = rich();
    let moved = |document: &mut Value| {
        let item = document["paths"]["/parcels/{id}"].as_object_mut().expect("a path item");
        let operation = item.remove("post").expect("an operation");
        item.insert("put".to_owned(), operation);
    };
    let at = |method: &str| format!("operation-moved /paths/~1parcels~1{{id}}/{method} breaking");
    assert_lines(&base, moved, &[&at("put")], &[&at("post")]);
    let header = |document: &mut Value| {
        let response = &mut document["paths"]["/parcels/{id}"]["post"]["responses"]["200"];
        response["headers"] = json!({"X-Count": {"schema": {"type": "integer"}}});
    };
    let headers = "/paths/~1parcels~1{id}/post/responses/200/headers";
    let line = |name: &str| format!("written-differently {headers}/{name} note");
    assert_lines(&base, header, &[&line("X-Count")], &[&line("x-count")]);
    let content = |document: &mut Value| {
        document["paths"]["/parcels/{id}"]["post"]["parameters"][2]["content"] = json!({"text/plain": {"schema": {"type": "string"}}});
    };
    let line = "parameter-content-changed /paths/~1parcels~1{id}/post/parameters/2/content unknown";
    assert_lines(&base, content, &[line], &[line]);
}
