//! The files of an import: reproducible bytes, the existing layout, and the effect of overlays.

use charter_contract::{Contract, Direction, from_documents};
use charter_diff::import::{Imported, Request, import};
use charter_diff::{Options, diff};
use serde_json::{Value, json};

type Files = Vec<(String, Vec<u8>)>;

fn document() -> Value {
    json!({
        "openapi": "3.0.3",
        "info": {"title": "Orders", "version": "1"},
        "security": [{"key": []}],
        "paths": {
            "/orders/{id}": {
                "parameters": [{"$ref": "#/components/parameters/Id"}],
                "get": {
                    "operationId": "orders.get",
                    "responses": {
                        "200": {"description": "an order", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
                        "404": {"$ref": "#/components/responses/Refused"}
                    }
                },
                "delete": {"operationId": "orders.delete", "responses": {"204": {"description": "gone"}}}
            },
            "/stock": {
                "get": {
                    "operationId": "stock.get",
                    "responses": {"200": {"description": "stock", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Stock"}}}}}
                }
            }
        },
        "components": {
            "parameters": {"Id": {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}},
            "responses": {"Refused": {"description": "no", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}}},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}, "other": {"type": "http", "scheme": "basic"}},
            "schemas": {
                "Order": {
                    "type": "object",
                    "required": ["id", "lines"],
                    "properties": {
                        "id": {"type": "string", "example": {"$ref": "no reference"}},
                        "lines": {"type": "array", "items": {"$ref": "#/components/schemas/Line"}},
                        "note": {"type": "string", "nullable": true},
                        "total": {"type": "number", "minimum": 0, "exclusiveMinimum": true}
                    }
                },
                "Line": {"type": "object", "properties": {"sku": {"type": "string"}, "of": {"$ref": "#/components/schemas/Order"}}},
                "Problem": {"type": "object", "properties": {"text": {"type": "string"}}},
                "Stock": {"type": "integer"}
            }
        }
    })
}

fn request(document: &Value, operations: &[&str], present: Files) -> Request {
    Request {
        name: "orders.json".to_owned(),
        bytes: document.to_string().into_bytes(),
        operations: operations.iter().map(|id| (*id).to_owned()).collect(),
        overlays: Vec::new(),
        parts: Vec::new(),
        present,
    }
}

fn imported(request: &Request) -> Imported {
    import(request).unwrap_or_else(|error| panic!("{error}"))
}

fn text(imported: &Imported, name: &str) -> String {
    let file = imported.files.iter().find(|(file, _)| file == name).unwrap_or_else(|| panic!("no {name}"));
    String::from_utf8(file.1.clone()).expect("text")
}

fn contract(files: &Files) -> Contract {
    from_documents(files.clone()).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn an_import_contains_the_operation_and_all_that_it_reaches() {
    let imported = imported(&request(&document(), &["orders.get"], Vec::new()));
    assert_eq!((imported.operations, imported.schemas), (1, 3));
    insta::assert_snapshot!("openapi", text(&imported, "openapi.yaml"));
    insta::assert_snapshot!("schemas", text(&imported, "api.schema.json"));
    let contract = contract(&imported.files);
    assert_eq!(contract.operations().len(), 1);
    assert!(contract.operations()[0].secured);
}

#[test]
fn an_import_depends_neither_on_an_earlier_import_nor_on_the_order_of_keys() {
    let first = imported(&request(&document(), &[], Vec::new()));
    let again = imported(&request(&document(), &[], first.files.clone()));
    assert_eq!(first.files, again.files);
    let reordered = imported(&request(&backwards(&document()), &[], first.files.clone()));
    assert_eq!(first.files, reordered.files);
}

/// The document with the keys of every object, and the lists without order, reversed.
fn backwards(value: &Value) -> Value {
    match value {
        Value::Object(entries) => entries
            .iter()
            .rev()
            .map(|(key, value)| {
                let value = match (key.as_str(), value) {
                    ("required", Value::Array(list)) => Value::Array(list.iter().rev().cloned().collect()),
                    (_, value) => backwards(value),
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(backwards).collect(),
        scalar => scalar.clone(),
    }
}

#[test]
fn the_imported_contract_is_equivalent_to_the_document() {
    let document = document();
    let whole = charter_contract::from_sources(charter_contract::Sources::of("orders.json", document.to_string()));
    let whole = whole.unwrap_or_else(|error| panic!("{error}"));
    let imported = contract(&imported(&request(&document, &[], Vec::new())).files);
    for (old, new) in [(&whole, &imported), (&imported, &whole)] {
        let found = diff(old, new, &Options::default());
        assert!(found.operations.is_empty() && found.schemas.is_empty(), "{:#?} {:#?}", found.operations, found.schemas);
    }
}

#[test]
fn the_layout_of_the_folder_is_preserved() {
    let order = json!({"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Order", "type": "object"});
    let present: Files = vec![
        ("openapi.yml".to_owned(), b"openapi: 3.1.0\npaths: {}\n".to_vec()),
        ("order.schema.json".to_owned(), order.to_string().into_bytes()),
        ("old.schema.json".to_owned(), b"{\"title\": \"Gone\"}".to_vec()),
    ];
    let imported = imported(&request(&document(), &[], present));
    let names: Vec<&str> = imported.files.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["openapi.yml", "api.schema.json", "order.schema.json"]);
    assert_eq!(imported.left, ["old.schema.json"]);
    let order: Value = serde_json::from_str(&text(&imported, "order.schema.json")).expect("JSON");
    assert_eq!(order["properties"]["lines"]["items"]["$ref"], "#/$defs/Line");
    assert_eq!(order["$defs"]["Line"]["properties"]["of"]["$ref"], "#");
    assert_eq!(order["properties"]["total"]["exclusiveMinimum"], 0);
    assert_eq!(order["properties"]["note"]["type"], json!(["string", "null"]));
    contract(&imported.files);
}

#[test]
fn an_overlay_refines_each_import() {
    let overlay = "\
overlay: 1.0.0
info: {title: ours, version: '1'}
actions:
  - target: $.components.schemas.Order.properties.id
    update: {pattern: '^ord_'}
  - target: $.components.schemas.Order.required
    update: [note]
  - target: $.paths['/stock']
    remove: true
  - target: $.components.schemas.Missing
    update: {}
";
    let mut request = request(&document(), &[], Vec::new());
    request.overlays.push(("ours.overlay.yaml".to_owned(), overlay.as_bytes().to_vec()));
    let imported = imported(&request);
    assert_eq!(imported.operations, 2);
    assert_eq!(imported.overlays[0].places, 3);
    assert_eq!(imported.overlays[0].idle, ["$.components.schemas.Missing"]);
    let schemas: Value = serde_json::from_str(&text(&imported, "api.schema.json")).expect("JSON");
    assert_eq!(schemas["$defs"]["Order"]["properties"]["id"]["pattern"], "^ord_");
    assert_eq!(schemas["$defs"]["Order"]["required"], json!(["id", "lines", "note"]));
    assert!(schemas["$defs"].get("Stock").is_none());
}

/// Names that are also keywords with plain values.
const NAMES: [&str; 8] = ["default", "example", "examples", "enum", "const", "x-note", "$ref", "items"];

#[test]
fn every_reference_of_an_import_resolves_whatever_the_names_are() {
    for name in NAMES {
        let reference = json!({"$ref": format!("#/components/schemas/{name}")});
        let mut document = document();
        document["components"]["schemas"][name] = json!({"type": "object", "properties": {name: {"$ref": "#/components/schemas/Stock"}}});
        document["components"]["schemas"]["Order"]["properties"][name] = reference.clone();
        document["components"]["schemas"]["Order"]["x-note"] = json!({"$ref": "#/components/schemas/Nowhere"});
        document["components"]["responses"][name] = json!({"description": "", "content": {"application/json": {"schema": reference}}});
        document["paths"]["/orders/{id}"]["get"]["responses"]["default"] = json!({"$ref": format!("#/components/responses/{name}")});
        document["x-hooks"] = json!({"get": {"$ref": "#/components/schemas/Problem"}});
        let imported = imported(&request(&document, &["orders.get"], Vec::new()));
        check_references(&imported.files);
        let schemas = contract(&imported.files);
        let order = schemas.entries().into_iter().find(|(_, entry)| entry == "Order").expect("the schema").0;
        let property = schemas.schema(order).keywords.properties[name];
        assert_eq!(schemas.schema(schemas.target(property)).location.to_string(), format!("api.schema.json#/$defs/{name}"));
    }
}

/// Checks each `$ref` with a string, at any position. The documents of the tests have none in plain values.
fn check_references(files: &Files) {
    let documents = charter_contract::load::Documents::parse(files.clone()).unwrap_or_else(|error| panic!("{error}"));
    for name in documents.names() {
        let root = charter_contract::Location::root(name.clone());
        let mut open = vec![root.clone()];
        while let Some(at) = open.pop() {
            match documents.at(&at) {
                Some(Value::Object(members)) => {
                    if let Some(reference) = members.get("$ref").and_then(Value::as_str).filter(|text| *text != "no reference") {
                        charter_contract::resolve(&documents, &at, reference).unwrap_or_else(|problem| panic!("{problem}"));
                    }
                    open.extend(members.keys().map(|key| at.child(key)));
                }
                Some(Value::Array(items)) => open.extend((0..items.len()).map(|index| at.child(index))),
                _ => {}
            }
        }
    }
}

/// Checks that an import resolves and that a second import of the same document changes nothing.
fn check_import(request: &Request) -> Contract {
    let first = imported(request);
    check_references(&first.files);
    let again = imported(&Request { present: first.files.clone(), ..request.clone() });
    assert_eq!(first.files, again.files);
    contract(&first.files)
}

#[test]
fn a_document_in_several_files_is_imported_as_one() {
    let main = "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /cats/{id}: {$ref: paths/cat.yaml}\n  /dogs: {get: {$ref: 'parts.json#/dogs'}}\ncomponents: {schemas: {cat: {type: integer}}}\n";
    let cat = "summary: a cat\nget:\n  operationId: cats.get\n  parameters: [{$ref: '../parts.json#/id'}]\n  responses: {default: {description: a, content: {application/json: {schema: {$ref: ../cat.yaml}}}}}\n";
    let parts = json!({
        "id": {"name": "id", "in": "path", "required": true, "schema": {"type": "string"}},
        "dogs": {"operationId": "dogs.list", "responses": {"200": {"$ref": "#/list"}}},
        "list": {"description": "", "content": {"application/json": {"schema": {"$ref": "openapi.yaml#/components/schemas/cat"}}}},
    });
    let schema =
        "type: object\nproperties: {name: {type: string, nullable: true}, friend: {$ref: cat.yaml}, of: {$ref: '#/properties/name'}}\n";
    let part = |name: &str, text: &str| (name.to_owned(), text.as_bytes().to_vec());
    let request = Request {
        name: "openapi.yaml".to_owned(),
        bytes: main.as_bytes().to_vec(),
        parts: vec![part("paths/cat.yaml", cat), part("parts.json", &parts.to_string()), part("cat.yaml", schema)],
        ..Request::default()
    };
    let contract = check_import(&request);
    let ids: Vec<&str> = contract.operations().iter().map(|operation| operation.id.as_str()).collect();
    assert_eq!(ids, ["cats.get", "dogs.list"]);
    assert_eq!(contract.operations()[0].parameters[0].name, "id");
    let mut names: Vec<String> = contract.entries().into_iter().map(|(_, name)| name).collect();
    names.sort();
    assert_eq!(names, ["api", "cat", "cat2", "name"], "the schema of the file has another name than the component");
}

#[test]
fn references_outside_components_become_components() {
    let mut document = document();
    document["x-parts"] = json!({"Line": {"type": "object", "properties": {"sku": {"$ref": "#/x-parts/Sku"}}}, "Sku": {"type": "string"}});
    document["components"]["schemas"]["Order"]["properties"]["extra"] = json!({"$ref": "#/x-parts/Line"});
    document["components"]["schemas"]["Line"]["properties"]["id"] = json!({"$ref": "#/components/schemas/Order/properties/id"});
    document["paths"]["/copy"] = json!({"$ref": "#/paths/~1stock"});
    document["paths"]["/copy"]["summary"] = json!("a copy");
    document["paths"]["/stock"]["get"].as_object_mut().expect("an operation").remove("operationId");
    let contract = check_import(&request(&document, &[], Vec::new()));
    assert_eq!(contract.operations().len(), 4);
    assert!(contract.entries().iter().any(|(_, name)| name == "Line2"));
}

#[test]
fn swagger_2_and_webhooks_are_imported() {
    let swagger = json!({
        "swagger": "2.0", "info": {"title": "t", "version": "1"}, "host": "api.example.com", "basePath": "/v1", "schemes": ["https"],
        "consumes": ["application/json"], "produces": ["application/json"],
        "securityDefinitions": {"login": {"type": "basic"}}, "security": [{"login": []}],
        "parameters": {"Body": {"in": "body", "name": "pet", "required": true, "schema": {"$ref": "#/definitions/Pet"}}},
        "responses": {"Pet": {"description": "", "schema": {"$ref": "#/definitions/Pet"}}},
        "paths": {"/pets/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": true, "type": "integer"}],
            "put": {"operationId": "pets.put", "parameters": [{"$ref": "#/parameters/Body"}], "responses": {"200": {"$ref": "#/responses/Pet"}}},
            "post": {"operationId": "pets.post", "parameters": [{"in": "body", "name": "b", "schema": {"$ref": "#/definitions/Pet"}}], "responses": {"default": {"description": ""}}},
            "patch": {"operationId": "pets.form", "parameters": [{"in": "formData", "name": "image", "type": "file"}], "responses": {"200": {"description": "", "schema": {"type": "file"}}}},
        }},
        "definitions": {"Pet": {"type": "object", "properties": {"parent": {"$ref": "#/definitions/Pet"}, "default": {"type": "string"}}}},
    });
    let contract = check_import(&request(&swagger, &[], Vec::new()));
    assert!(contract.operations().iter().all(|operation| operation.request_body.is_some() && operation.secured));
    assert_eq!(contract.operations()[0].parameters.len(), 1);
    assert_eq!(contract.servers()[0].url, "https://api.example.com/v1");
    let mut names: Vec<String> = contract.entries().into_iter().map(|(_, name)| name).collect();
    names.sort();
    assert_eq!(names, ["Pet", "api"]);
    let text = text(&imported(&request(&swagger, &[], Vec::new())), "openapi.yaml");
    for former in ["swagger", "definitions", "formData", "in: body", "produces", "consumes", "collectionFormat"] {
        assert!(!text.contains(former), "{former}: {text}");
    }
    let webhooks = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "webhooks": {"paid": {"post": {"operationId": "paid", "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Paid"}}}}}}},
        "components": {"schemas": {"Paid": {"type": "object"}}},
    });
    let contract = check_import(&request(&webhooks, &[], Vec::new()));
    assert_eq!((contract.operations().len(), contract.webhooks().len()), (0, 1));
}

#[test]
fn parts_of_swagger_2_in_other_files_are_imported() {
    let body = |reference: &str, more: Value| json!([{ "$ref": reference }, more]);
    let swagger = json!({
        "swagger": "2.0", "info": {"title": "t", "version": "1"}, "consumes": ["application/json"], "produces": ["application/json"],
        "parameters": {"Limit": {"$ref": "parts/params.json#/Limit"}},
        "paths": {
            "/a": {"post": {"operationId": "a.post",
                "parameters": body("parts/params.json#/Body", json!({"$ref": "parts/params.json#/Limit"})),
                "responses": {"200": {"$ref": "parts/responses.json#/Ok"}}}},
            "/b": {"post": {"operationId": "b.post", "parameters": [{"$ref": "parts/body.json"}], "responses": {"200": {"description": "d"}}}},
            "/f": {"post": {"operationId": "f.post", "consumes": ["application/x-www-form-urlencoded"],
                "parameters": body("parts/params.json#/Field", json!({"name": "x", "in": "formData", "type": "string"})),
                "responses": {"200": {"description": "d"}}}},
            "/p": {"$ref": "parts/path.json"},
        },
    });
    let thing = json!({"$ref": "schemas.json#/Thing"});
    let parts = [
        (
            "parts/params.json",
            json!({
                "Body": {"name": "body", "in": "body", "required": true, "schema": thing},
                "Limit": {"name": "limit", "in": "query", "type": "integer", "maximum": 9},
                "Field": {"name": "n", "in": "formData", "type": "integer", "required": true},
            }),
        ),
        ("parts/body.json", json!({"name": "body", "in": "body", "schema": {"type": "object", "properties": {"t": thing}}})),
        ("parts/schemas.json", json!({"Thing": {"type": "object", "properties": {"id": {"type": "string", "x-nullable": true}}}})),
        ("parts/responses.json", json!({"Ok": {"description": "d", "schema": thing, "headers": {"x-n": {"type": "integer"}}}})),
        (
            "parts/path.json",
            json!({"put": {"operationId": "p.put", "parameters": [{"$ref": "params.json#/Body"}],
            "responses": {"200": {"description": "d", "schema": {"type": "array", "items": thing}}}}}),
        ),
    ];
    let parts: Files = parts.into_iter().map(|(name, value)| (name.to_owned(), value.to_string().into_bytes())).collect();
    let request = Request { parts: parts.clone(), ..request(&swagger, &[], Vec::new()) };
    let contract = check_import(&request);
    let text = text(&imported(&request), "openapi.yaml");
    for former in ["formData", "in: body", "$defs/schema"] {
        assert!(!text.contains(former), "{former} in {text}");
    }
    let bodies = contract.operations().iter().filter(|operation| operation.request_body.is_some()).count();
    let parameters: usize = contract.operations().iter().map(|operation| operation.parameters.len()).sum();
    assert_eq!((bodies, parameters), (4, 1), "{text}");
    // The messages are those of the document.
    let files: Files = [("orders.json".to_owned(), swagger.to_string().into_bytes())].into_iter().chain(parts).collect();
    let found = diff(&self::contract(&files), &contract, &Options::default());
    assert_eq!((found.operations.len(), found.schemas.len()), (0, 0), "{:#?} {:#?}", found.operations, found.schemas);
}

#[test]
fn the_direction_of_required_is_that_of_the_version_of_the_source() {
    let user = json!({
        "type": "object", "required": ["id", "password"],
        "properties": {"id": {"type": "integer", "readOnly": true}, "password": {"type": "string", "writeOnly": true}},
    });
    let body = |reference: &str| json!({"application/json": {"schema": {"$ref": reference}}});
    let operation = |reference: &str| {
        json!({"post": {
            "operationId": "users.add", "requestBody": {"content": body(reference)}, "responses": {"200": {"description": "", "content": body(reference)}},
        }})
    };
    let info = json!({"title": "t", "version": "1"});
    let not_required =
        |contract: &Contract, direction: Direction| -> Vec<String> { contract.not_required(direction).into_values().flatten().collect() };
    for (version, is_directional) in [("3.0.0", true), ("3.0.4", true), ("3.1.0", false), ("3.2.0", false)] {
        let reference = "#/components/schemas/User";
        let document =
            json!({"openapi": version, "info": info, "paths": {"/users": operation(reference)}, "components": {"schemas": {"User": user}}});
        let first = request(&document, &[], Vec::new());
        let imported_once = imported(&first);
        // An import of the imported document keeps the version too.
        let name = "openapi.yaml".to_owned();
        let bytes = text(&imported_once, &name).into_bytes();
        let parts = imported_once.files.iter().filter(|(file, _)| *file != name).cloned().collect();
        let second = Request { name, bytes, parts, ..Request::default() };
        for request in [&first, &second] {
            let contract = check_import(request);
            let expected = |name: &str| if is_directional { vec![name.to_owned()] } else { Vec::new() };
            assert_eq!(not_required(&contract, Direction::Request), expected("id"), "{version}");
            assert_eq!(not_required(&contract, Direction::Response), expected("password"), "{version}");
        }
    }
    let swagger = json!({
        "swagger": "2.0", "info": info, "produces": ["application/json"], "definitions": {"User": user},
        "paths": {"/users": {"get": {"responses": {"200": {"description": "", "schema": {"$ref": "#/definitions/User"}}}}}},
    });
    let contract = check_import(&request(&swagger, &[], Vec::new()));
    assert_eq!(not_required(&contract, Direction::Request), ["id"]);
}

#[test]
fn boolean_bounds_without_an_effect_are_removed_and_counted() {
    let mut document = document();
    document["openapi"] = json!("3.1.0");
    document["components"]["schemas"]["Line"]["properties"]["exclusiveMinimum"] = json!({"type": "integer", "exclusiveMaximum": false});
    let request = request(&document, &[], Vec::new());
    check_import(&request);
    let imported = imported(&request);
    let ignored: Vec<(&str, usize)> = imported.ignored.iter().map(|(keyword, count)| (keyword.as_str(), *count)).collect();
    assert_eq!(ignored, [("exclusiveMaximum", 1), ("exclusiveMinimum", 1)]);
    let schemas: Value = serde_json::from_str(&text(&imported, "api.schema.json")).expect("JSON");
    assert_eq!(schemas["$defs"]["Order"]["properties"]["total"], json!({"type": "number", "minimum": 0}));
}

#[test]
fn an_overlay_can_correct_an_invalid_document() {
    let mut broken = document();
    broken["components"]["schemas"]["Stock"]["type"] = json!("strange");
    let overlay = "overlay: 1.0.0\nactions: [{target: $.components.schemas.Stock, update: {type: integer}}]\n";
    let mut request = request(&broken, &[], Vec::new());
    assert!(import(&request).is_err());
    request.overlays.push(("a.overlay.yaml".to_owned(), overlay.as_bytes().to_vec()));
    check_import(&request);
    // A problem that no selected operation reaches does not matter.
    request.overlays.clear();
    request.operations.push("orders.get".to_owned());
    check_import(&request);
}

#[test]
fn errors_name_the_reason() {
    let refused = |document: &Value, operations: &[&str]| match import(&request(document, operations, Vec::new())) {
        Ok(imported) => panic!("{imported:?}"),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        refused(&document(), &["orders.put"]),
        "unknown operation `orders.put`; the document has orders.get, orders.delete, stock.get"
    );
    assert_eq!(refused(&json!({"type": "object"}), &[]), "not an OpenAPI document: `openapi` or `swagger` is missing at its root");
    let mut broken = document();
    broken["components"]["schemas"]["Order"]["type"] = json!("strange");
    assert_eq!(refused(&broken, &[]), "the document is invalid");
    let mut with_overlay = request(&document(), &[], Vec::new());
    with_overlay.overlays.push(("a.overlay.yaml".to_owned(), b"overlay: 1.0.0\nactions: [{target: '$[', remove: true}]\n".to_vec()));
    let message = import(&with_overlay).map(|_| ()).expect_err("a target that is not a path").to_string();
    assert!(message.starts_with("the overlay a.overlay.yaml: the target `$[` of action 0"), "{message}");
}

/// The publisher's document, if the folder of larger inputs contains it.
fn published() -> Option<Vec<u8>> {
    let folder = std::env::var("CHARTER_TEST_DATA").ok();
    let found = folder.and_then(|folder| std::fs::read(format!("{folder}/eigenpal-openapi-2026-07.json")).ok());
    if found.is_none() {
        eprintln!("skipped: CHARTER_TEST_DATA names no folder with the publisher's document");
    }
    found
}

/// The documents of the first contract, without its rules and settings.
fn first_contract() -> Files {
    let files = charter_contract::load::read_folder("../../schema".into()).unwrap_or_else(|error| panic!("{error}"));
    files.into_iter().filter(|(name, _)| name.ends_with(".schema.json") || name.starts_with("openapi")).collect()
}

#[test]
fn an_import_of_the_published_document_equals_the_handwritten_contract() {
    let Some(bytes) = published() else { return };
    let present = first_contract();
    let by_hand = contract(&present);
    let operations = vec!["runs.get".to_owned()];
    let request = Request { name: "published.json".to_owned(), bytes, operations: operations.clone(), present, ..Request::default() };
    let imported = contract(&imported(&request).files);
    for (old, new) in [(&by_hand, &imported), (&imported, &by_hand)] {
        let found = diff(old, new, &Options { operations: operations.clone(), ..Options::default() });
        let changes: Vec<&str> = found.schemas.iter().map(|change| change.change.summary.as_str()).collect();
        assert!(changes.is_empty() && found.bodies.is_empty(), "{changes:#?}");
        // Added by hand: the prose of the page promises the header field, the document does not.
        let kinds: Vec<&str> = found.operations.iter().map(|change| change.kind.0.as_str()).collect();
        assert!(kinds.iter().all(|kind| kind.starts_with("response-header-")), "{kinds:?}");
        assert!(found.operations.iter().all(|change| change.summary.contains("x-request-id")));
    }
}

#[test]
fn every_operation_of_the_published_document_can_be_imported_and_generated() {
    let Some(bytes) = published() else { return };
    let request = Request { name: "published.json".to_owned(), bytes, ..Request::default() };
    let first = imported(&request);
    assert_eq!((first.operations, first.schemas), (60, 91));
    let again = imported(&Request { present: first.files.clone(), ..request });
    assert_eq!(first.files, again.files);
    let output = charter_codegen::generate(&contract(&first.files)).unwrap_or_else(|error| panic!("{error}"));
    assert!(output.files.iter().any(|file| file.text.contains("pub struct RunsListResponse")));
}
