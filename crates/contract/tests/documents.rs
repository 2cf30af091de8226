//! Which documents a contract consists of: OpenAPI documents of every version and name, in one file or in several.

use std::collections::BTreeSet;
use std::path::Path;

use camino::Utf8Path;
use charter_contract::{
    Contract, Direction, Location, ParameterPlace, Sources, Strictness, Style, from_documents, from_documents_with, from_sources, load,
};
use serde_json::{Value, json};

/// Writes files to a temporary folder.
fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
    folder
}

fn utf8(path: &Path) -> &Utf8Path {
    Utf8Path::from_path(path).expect("a path in UTF-8")
}

fn loaded(path: &Path) -> Contract {
    load(utf8(path)).unwrap_or_else(|error| panic!("{error}"))
}

fn refused(path: &Path) -> String {
    load(utf8(path)).map(|_| ()).expect_err("an error").to_string()
}

fn of(document: &Value) -> Contract {
    from_documents(vec![("openapi.json".to_owned(), document.to_string().into_bytes())]).unwrap_or_else(|error| panic!("{error}"))
}

/// The validity of a value for the schema of the only media type of the first response of an operation.
fn accepts(contract: &Contract, operation: &str, value: &Value) -> bool {
    let operation = contract.operation(operation).unwrap_or_else(|| panic!("no {operation}"));
    let schema = operation.responses[0].content.schemas().next().expect("a schema");
    let [whole, part] = [contract.bundle(), contract.bundles_for(Direction::Response).of(schema)].map(|bundle| {
        let registry = bundle.registry().unwrap_or_else(|error| panic!("{error}"));
        bundle.validator(&registry, contract, schema, false).unwrap_or_else(|error| panic!("{error}")).is_valid(value)
    });
    assert_eq!(whole, part, "the bundle of one schema");
    whole
}

#[test]
fn a_bundle_of_one_schema_has_the_schemas_that_it_needs() {
    let body = |schema: Value| json!({"200": {"description": "", "content": {"application/json": {"schema": schema}}}});
    let tree = json!({"properties": {
        "children": {"type": "array", "items": {"$ref": "#/components/schemas/Tree"}},
        "size": {"$ref": "#/paths/~1sizes/get/responses/200/content/application~1json/schema/allOf/0"},
        "kind": {"$ref": "#/components/schemas/Kind"},
    }});
    let document = json!({
        "openapi": "3.1.0",
        "paths": {
            "/trees": {"get": {"operationId": "trees", "responses": body(json!({"$ref": "#/components/schemas/Tree"}))}},
            "/sizes": {"get": {"operationId": "sizes", "responses": body(json!({"allOf": [{"type": "integer"}, {"minimum": 1}]}))}},
        },
        "components": {"schemas": {
            "Tree": tree,
            "Kind": {"$id": "kinds/kind.json", "$defs": {"name": {"enum": ["ash", "oak"]}}, "anyOf": [{"$ref": "#/$defs/name"}]},
            "Other": {"type": "string"},
        }},
    });
    let contract = of(&document);
    for (value, is_valid) in [
        (json!({"children": [{"size": 0, "kind": "ash"}]}), true),
        (json!({"children": [{"size": "0"}]}), false),
        (json!({"children": [{"children": [{"kind": "elm"}]}]}), false),
    ] {
        assert_eq!(accepts(&contract, "trees", &value), is_valid, "{value}");
    }
    let schema = contract.operation("trees").and_then(|operation| operation.responses[0].content.schemas().next()).expect("a schema");
    let bundle = contract.bundles_for(Direction::Response).of(schema);
    let [(_, part)] = bundle.documents.as_slice() else { panic!("{bundle:?}") };
    let names = part["components"]["schemas"].as_object().map(|schemas| schemas.keys().cloned().collect::<BTreeSet<_>>());
    assert_eq!(names, Some(BTreeSet::from(["Kind".to_owned(), "Tree".to_owned()])));
    let size = "/paths/~1sizes/get/responses/200/content/application~1json/schema/allOf";
    assert_eq!(part.pointer(size), Some(&json!({"0": {"type": "integer"}})));
}

#[test]
fn a_bundle_of_one_schema_has_the_required_properties_of_its_direction() {
    let book = json!({"type": "object", "required": ["id", "key"], "properties": {"id": {"readOnly": true}, "key": {"writeOnly": true}}});
    let response = json!({"200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Book"}}}}});
    let contract = of(&json!({
        "openapi": "3.0.3",
        "paths": {"/books": {"get": {"operationId": "books", "responses": response}}},
        "components": {"schemas": {"Book": book}},
    }));
    let schema = contract.operation("books").and_then(|operation| operation.responses[0].content.schemas().next()).expect("a schema");
    for (direction, required) in [(Direction::Request, "key"), (Direction::Response, "id")] {
        let bundle = contract.bundles_for(direction).of(schema);
        assert_eq!(bundle.documents[0].1.pointer("/components/schemas/Book/required"), Some(&json!([required])));
    }
}

#[test]
fn a_reference_or_a_part_of_all_of_marks_a_property_as_foreign() {
    let key = |kind: &str| json!({"$ref": format!("#/components/schemas/{kind}")});
    let book = json!({"type": "object", "required": ["a", "b", "c"], "properties": {
        "a": {"allOf": [key("Plain"), key("Marked")]}, "b": {"allOf": [{"allOf": [key("Marked")]}]}, "c": {"anyOf": [key("Marked")]},
    }});
    let response = json!({"200": {"description": "", "content": {"application/json": {"schema": key("Book")}}}});
    let contract = of(&json!({
        "openapi": "3.0.3",
        "paths": {"/books": {"get": {"operationId": "books", "responses": response}}},
        "components": {"schemas": {"Book": book, "Plain": {"type": "string"}, "Marked": {"type": "string", "readOnly": true}}},
    }));
    let at = |pointer: &str| contract.schemas().at(&Location::new("openapi.json", pointer)).expect("a schema");
    let mark = |name: &str| contract.foreign_mark(at(&format!("/components/schemas/Book/properties/{name}")), Direction::Request);
    let marked = Some(at("/components/schemas/Marked"));
    assert_eq!([mark("a"), mark("b"), mark("c")], [marked, marked, None]);
    let exempt = contract.not_required(Direction::Request);
    assert_eq!(exempt.values().flatten().collect::<Vec<_>>(), ["a", "b"]);
}

#[test]
fn a_problem_is_an_error_of_the_operations_that_reach_it() {
    let response = |name: &str| json!({"200": {"description": "", "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}}});
    let document = json!({
        "openapi": "3.1.0",
        "paths": {
            "/good": {"get": {"operationId": "good", "responses": response("Good")}},
            "/bad": {"get": {"operationId": "bad", "responses": response("Outer")}},
            "/inline": {"get": {"operationId": "inline", "responses": {"200": {"$ref": "#/components/responses/Nowhere"}}}},
        },
        "components": {"schemas": {
            "Good": {"type": "string"},
            "Outer": {"properties": {"inner": {"items": {"$ref": "#/components/schemas/Bad"}}, "gone": {"$ref": "#/components/schemas/Gone"}}},
            "Bad": {"type": "integer", "minimum": "0"},
            "Unused": {"required": "a"},
        }},
    });
    let files = vec![("openapi.json".to_owned(), document.to_string().into_bytes())];
    let error = from_documents(files.clone()).map(|_| ()).expect_err("four problems");
    assert_eq!(error.problems().len(), 4, "{error}");
    let contract = from_documents_with(files, Strictness::Lenient).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(contract.problems().len(), 4);
    let count = |id: &str| contract.problems_of(contract.operation(id).expect("an operation")).count();
    assert_eq!((count("good"), count("bad"), count("inline")), (0, 2, 1));
    let unreached: Vec<String> = contract.unreached_problems().map(ToString::to_string).collect();
    assert!(unreached.len() == 1 && unreached[0].contains("Unused/required"), "{unreached:?}");
    assert!(accepts(&contract, "good", &json!("a")) && !accepts(&contract, "good", &json!(1)));
    let schema = |id: &str| contract.operation(id).and_then(|operation| operation.responses[0].content.schemas().next()).expect("a schema");
    assert!(contract.has_problem(schema("bad")) && !contract.has_problem(schema("good")));
}

#[test]
fn a_boolean_bound_of_draft_4_is_ignored_in_openapi_documents() {
    let bounded = json!({"type": "number", "minimum": 1, "exclusiveMinimum": true, "exclusiveMaximum": false});
    let named = json!({"properties": {"exclusiveMinimum": {"maximum": 2, "exclusiveMaximum": true}}});
    let response = |schema: &str| json!({"200": {"description": "", "content": {"application/json": {"schema": {"$ref": schema}}}}});
    let document = json!({
        "openapi": "3.1.0",
        "paths": {
            "/a": {"get": {"operationId": "a", "responses": response("#/components/schemas/Bounded")}},
            "/b": {"get": {"operationId": "b", "responses": response("parts.yaml#/Bounded")}},
            "/c": {"get": {"operationId": "c", "responses": response("whole.yaml")}},
            "/d": {"get": {"operationId": "d", "responses": response("#/components/schemas/Named")}},
        },
        "components": {"schemas": {"Bounded": bounded, "Named": named}},
    });
    let file = |name: &str, value: &serde_json::Value| (name.to_owned(), value.to_string().into_bytes());
    let files = vec![file("openapi.json", &document), file("parts.yaml", &json!({"Bounded": bounded})), file("whole.yaml", &bounded)];
    let contract = from_documents(files).unwrap_or_else(|error| panic!("{error}"));
    for id in ["a", "b", "c"] {
        assert!(accepts(&contract, id, &json!(1)) && !accepts(&contract, id, &json!(0)) && !accepts(&contract, id, &json!("a")), "{id}");
    }
    assert!(accepts(&contract, "d", &json!({"exclusiveMinimum": 2})) && !accepts(&contract, "d", &json!({"exclusiveMinimum": 3})));
    for (name, schema) in [
        ("a.schema.json", bounded.clone()),
        ("b.schema.json", json!({"$schema": "http://json-schema.org/draft-07/schema#", "exclusiveMinimum": true})),
    ] {
        assert!(from_documents(vec![file(name, &schema)]).is_err(), "{name}");
    }
    let malformed = json!({"openapi": "3.1.0", "components": {"schemas": {"A": {"exclusiveMinimum": "1"}}}});
    assert!(from_documents(vec![file("openapi.json", &malformed)]).is_err());
}

#[test]
fn a_violation_of_the_meta_schema_without_an_effect_is_accepted() {
    let with = |schema: serde_json::Value| {
        let response = json!({"200": {"description": "", "content": {"application/json": {"schema": schema}}}});
        let document = json!({"openapi": "3.1.0", "paths": {"/a": {"get": {"operationId": "a", "responses": response}}}});
        from_documents(vec![("openapi.json".to_owned(), document.to_string().into_bytes())])
    };
    let contract = with(json!({"$recursiveAnchor": true, "required": ["b", "c", "b"]})).unwrap_or_else(|error| panic!("{error}"));
    assert!(accepts(&contract, "a", &json!({"b": 1, "c": 1})) && !accepts(&contract, "a", &json!({"b": 1})));
    for schema in
        [json!({"required": [1]}), json!({"enum": 1}), json!({"properties": {"$recursiveAnchor": 1}}), json!({"type": ["null", "null"]})]
    {
        assert!(with(schema.clone()).is_err(), "{schema}");
    }
}

#[test]
fn a_reference_instead_of_a_map_refers_to_its_entries() {
    let main = "openapi: 3.0.0\npaths: {/a: {get: {responses: {default: {description: '', content: {application/json: {schema: {type: object, properties: {$ref: 'parts.yaml#/ids'}}}}}}}}}\n";
    let folder = folder(&[
        ("openapi.yaml", main),
        ("parts.yaml", "ids: {ids: {type: array, nullable: true, items: {$ref: '#/id'}}}\nid: {type: integer}\n"),
    ]);
    let contract = loaded(folder.path());
    assert!(accepts(&contract, "GET /a", &json!({"ids": [1]})) && accepts(&contract, "GET /a", &json!({"ids": null})));
    assert!(!accepts(&contract, "GET /a", &json!({"ids": ["1"]})));
}

const SPLIT: [(&str, &str); 6] = [
    (
        "api/openapi.yaml",
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths:\n  /cats/{id}: {$ref: paths/cat.yaml}\n  /dogs: {$ref: '#/components/pathItems/Dogs'}\n  /birds: {get: {$ref: './paths/birds.yaml#/list'}}\n  /cats: {$ref: '#/paths/~1dogs'}\ncomponents:\n  pathItems: {Dogs: {get: {responses: {'200': {$ref: 'responses.json#/Dogs'}}}}}\n",
    ),
    (
        "api/paths/cat.yaml",
        "parameters: [{$ref: '../parameters.yaml#/Id'}]\nget:\n  operationId: cats.get\n  responses: {'200': {description: a, content: {application/json: {schema: {$ref: ../../common/cat.yaml}}}}}\n",
    ),
    ("api/paths/birds.yaml", "list: {operationId: birds.list, responses: {default: {$ref: '../responses.json#/Dogs'}}}\n"),
    ("api/parameters.yaml", "Id: {name: id, in: path, required: true, schema: {type: string}}\n"),
    (
        "api/responses.json",
        r#"{"Dogs": {"description": "d", "content": {"application/json": {"schema": {"type": "string", "nullable": true}}}}}"#,
    ),
    ("common/cat.yaml", "type: object\nproperties: {name: {type: string, nullable: true}, friend: {$ref: cat.yaml}}\n"),
];

#[test]
fn a_document_in_several_files_is_one_contract() {
    let folder = folder(&SPLIT);
    for path in ["api", "api/openapi.yaml"] {
        let contract = loaded(&folder.path().join(path));
        let ids: Vec<&str> = contract.operations().iter().map(|operation| operation.id.as_str()).collect();
        assert_eq!(ids, ["cats.get", "GET /dogs", "birds.list", "GET /cats"]);
        assert_eq!(contract.operations()[0].parameters[0].name, "id");
        assert!(accepts(&contract, "cats.get", &json!({"name": null, "friend": {"name": "a"}})));
        assert!(!accepts(&contract, "cats.get", &json!({"friend": {"name": 1}})));
        assert!(accepts(&contract, "GET /dogs", &json!(null)) && !accepts(&contract, "birds.list", &json!(1)));
        let names: Vec<String> = contract.entries().into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["cat"], "whole files that schemas refer to are types, parts are not");
    }
}

#[test]
fn a_reference_without_a_target_is_an_error_with_what_it_resolves_to() {
    let document = |reference: &str| format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/a: {{$ref: '{reference}'}}}}\n");
    for (reference, expected) in [
        ("paths/dog.yaml", "the reference `paths/dog.yaml` has no target; no document is called `paths/dog.yaml`"),
        ("../b/a.yaml", "no document is called `../b/a.yaml`"),
        ("#/components/pathItems/A", "the reference `#/components/pathItems/A` has no target"),
        (
            "https://example.com/a.yaml",
            "the reference `https://example.com/a.yaml` is outside the contract; remote documents are not fetched; save",
        ),
    ] {
        let folder = folder(&[("openapi.yaml", &document(reference))]);
        let message = refused(folder.path());
        assert!(message.contains(expected), "{message}");
        assert!(message.starts_with("openapi.yaml#/paths/~1a/$ref (line 3"), "{message}");
    }
}

#[test]
fn an_openapi_document_may_have_any_name() {
    let (json, yaml) = (r#"{"openapi": "3.1.0", "paths": {"/a": {"get": {}}}}"#, "openapi: 3.0.0\npaths: {/a: {get: {}}}\n");
    for (name, text) in [
        ("petstore.yaml", yaml),
        ("api.v2.json", json),
        ("openapi.json", json),
        ("swagger.yml", "swagger: '2.0'\npaths: {/a: {get: {}}}\n"),
    ] {
        let folder = folder(&[(name, text), ("notes.json", "{\"openapi\""), ("a.overlay.yaml", "overlay: 1.0.0\n"), ("charter.toml", "")]);
        for path in [folder.path().to_owned(), folder.path().join(name)] {
            assert_eq!(loaded(&path).operations().len(), 1, "{name}");
        }
    }
    let folder = folder(&[("a.yaml", yaml), ("b.json", json)]);
    let message = refused(folder.path());
    assert!(message.contains("contains several OpenAPI documents: a.yaml, b.json; name one of them, such as --contract"), "{message}");
    assert_eq!(loaded(&folder.path().join("b.json")).operations().len(), 1);
}

#[test]
fn self_is_the_base_of_references() {
    let main = "openapi: 3.2.0\n$self: https://example.com/api/main\npaths:\n  /a: {get: {responses: {default: {description: '', content: {application/json: {schema: {$ref: 'https://example.com/api/main#/components/schemas/A'}}}}}}}\n  /b: {$ref: items}\n  /c: {$ref: other.yaml#/c}\ncomponents: {schemas: {A: {$ref: 'items#/schema'}}}\n";
    let items = "$self: https://example.com/api/items\nget: {responses: {default: {description: ''}}}\nschema: {type: integer}\n";
    let folder = folder(&[("openapi.yaml", main), ("other.yaml", "c: {$ref: named.yaml}\n"), ("named.yaml", items)]);
    let contract = loaded(folder.path());
    assert_eq!(contract.operations().len(), 3);
    assert!(accepts(&contract, "GET /a", &json!(1)) && !accepts(&contract, "GET /a", &json!("1")));
}

#[test]
fn a_document_of_webhooks_alone_loads() {
    let contract = of(&json!({"openapi": "3.1.0", "info": {}, "webhooks": {"paid": {"post": {"responses": {}}}}}));
    assert_eq!((contract.operations().len(), contract.webhooks().len()), (0, 1));
}

#[test]
fn openapi_3_2_loads() {
    let contract = of(&json!({
        "openapi": "3.2.0",
        "paths": {"/a": {
            "query": {"parameters": [{"in": "querystring", "name": "q", "content": {"application/json": {"schema": {"type": "object"}}}}], "responses": {}},
            "additionalOperations": {"LINK": {"responses": {"200": {"description": "", "content": {
                "text/event-stream": {"$ref": "#/components/mediaTypes/Events"}}}}}},
        }},
        "components": {"mediaTypes": {"Events": {"itemSchema": {"type": "object"}}}},
    }));
    let methods: Vec<&str> = contract.operations().iter().map(|operation| operation.method.0.as_str()).collect();
    assert_eq!(methods, ["QUERY", "LINK"]);
    assert_eq!(contract.operations()[0].parameters[0].place, ParameterPlace::QueryString);
    let (_, media_type) = contract.operations()[1].responses[0].content.0.first().expect("a media type");
    assert!(media_type.item_schema.is_some());
}

fn swagger() -> Value {
    json!({
        "swagger": "2.0",
        "info": {"title": "Pets", "version": "1"},
        "host": "api.example.com", "basePath": "/v1", "schemes": ["https", "http"],
        "consumes": ["application/json"], "produces": ["application/json"],
        "securityDefinitions": {"login": {"type": "basic"}, "key": {"type": "apiKey", "in": "header", "name": "X-Key"}},
        "security": [{"login": []}],
        "parameters": {"Body": {"in": "body", "name": "pet", "required": true, "schema": {"$ref": "#/definitions/Pet"}}},
        "responses": {"Pet": {"description": "a pet", "schema": {"$ref": "#/definitions/Pet"}, "headers": {"X-Ids": {"type": "array", "items": {"type": "integer"}}}}},
        "paths": {"/pets/{id}": {
            "parameters": [{"in": "path", "name": "id", "required": true, "type": "integer", "minimum": 1}],
            "get": {
                "operationId": "pets.get",
                "parameters": [{"in": "query", "name": "tags", "type": "array", "items": {"type": "string"}, "collectionFormat": "pipes"}],
                "responses": {"200": {"$ref": "#/responses/Pet"}},
            },
            "put": {
                "operationId": "pets.put", "consumes": ["application/vnd.pet+json"],
                "parameters": [{"$ref": "#/parameters/Body"}], "responses": {"204": {"description": "done"}},
            },
            "post": {
                "operationId": "pets.image",
                "parameters": [
                    {"in": "formData", "name": "image", "type": "file", "required": true},
                    {"in": "formData", "name": "sizes", "type": "array", "items": {"type": "integer"}, "collectionFormat": "multi"},
                ],
                "produces": ["image/png"],
                "responses": {"200": {"description": "the image", "schema": {"type": "file"}}},
            },
        }},
        "definitions": {"Pet": {"type": "object", "required": ["name"], "discriminator": "kind", "properties": {
            "name": {"type": "string", "nullable": true}, "kind": {"type": "string"}, "age": {"type": "integer", "minimum": 0, "exclusiveMinimum": true}}}},
    })
}

#[test]
fn swagger_2_is_read_as_openapi() {
    let contract = of(&swagger());
    let urls: Vec<&str> = contract.servers().iter().map(|server| server.url.as_str()).collect();
    assert_eq!(urls, ["https://api.example.com/v1", "http://api.example.com/v1"]);
    let get = contract.operation("pets.get").expect("the operation");
    assert!(get.secured);
    let tags = get.parameters.iter().find(|parameter| parameter.name == "tags").expect("the parameter");
    assert_eq!((tags.style, tags.explode), (Style::PipeDelimited, false));
    assert!(tags.schema.is_some() && get.parameters[0].schema.is_some());
    assert!(get.responses[0].headers[0].schema.is_some());
    // `nullable` is not a keyword of Swagger 2.0.
    assert!(accepts(&contract, "pets.get", &json!({"name": "a", "age": 1})) && !accepts(&contract, "pets.get", &json!({"name": null})));
    assert!(!accepts(&contract, "pets.get", &json!({"name": "a", "age": 0})));
    let put = contract.operation("pets.put").and_then(|operation| operation.request_body.as_ref()).expect("a body");
    assert!(put.required && put.content.0.contains_key("application/vnd.pet+json"));
    let image = contract.operation("pets.image").expect("the operation");
    let form = image.request_body.as_ref().and_then(|body| body.content.0.get("multipart/form-data")).expect("a form");
    assert!(form.encoding["sizes"].explode == Some(true) && !form.encoding.contains_key("image"));
    assert!(image.responses[0].content.0.contains_key("image/png") && image.parameters.len() == 1);
    assert_eq!(contract.security_schemes().len(), 2);
}

#[test]
fn schemas_of_swagger_2_are_at_their_original_locations() {
    let text = format!("{:#}", swagger());
    let contract = from_sources(Sources::of("swagger.json", text.clone())).unwrap_or_else(|error| panic!("{error}"));
    let schema = contract.operation("pets.get").and_then(|operation| operation.responses[0].content.schemas().next()).expect("a schema");
    let target = &contract.schema(contract.target(schema)).location;
    assert_eq!(target.to_string(), "swagger.json#/definitions/Pet");
    let position = contract.position(target).expect("a position");
    assert!(text[..position.byte].ends_with("\"Pet\": "));
    let names: Vec<String> = contract.entries().into_iter().map(|(_, name)| name).collect();
    assert_eq!(names, ["Pet"]);
}
