//! Contracts of every form: a file of any name, invalid parts, imports.

use std::path::Path;

use assert_cmd::Command;
use serde_json::json;

/// The exit code, standard output and standard error together.
pub(crate) fn ran(folder: &Path, arguments: &[&str]) -> (i32, String) {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    command.current_dir(folder).env("NO_COLOR", "1").env_remove("CARGO_MANIFEST_DIR");
    let output = command.args(arguments).output().expect("it runs");
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    (output.status.code().expect("a code"), text)
}

pub(crate) fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

fn exchange(path: &str) -> String {
    json!({"format": "charter-exchange/1", "startedDateTime": "2026-01-01T00:00:00Z", "time": 5,
        "request": {"method": "GET", "url": format!("https://api.example.test{path}"), "headers": []},
        "response": {"status": 200, "headers": [{"name": "Content-Type", "value": "application/json"}], "body": "a"},
        "error": null, "masked": [], "headersComplete": true})
    .to_string()
}

#[test]
fn a_contract_is_generated_as_a_crate_with_the_runtime() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {},
        "components": {"schemas": {"Order": {"type": "object", "properties": {"id": {"type": "string"}}}}},
    });
    write(&folder.path().join("api/openapi.json"), &document.to_string());
    let (code, text) = ran(folder.path(), &["generate", "--contract", "api", "--layout", "crate", "--vendor", "--out", "types"]);
    assert_eq!(code, 0, "{text}");
    for file in ["Cargo.toml", "src/lib.rs", "src/support/mod.rs", "src/generated/mod.rs"] {
        assert!(folder.path().join("types").join(file).is_file(), "{file}: {text}");
    }
    let (code, text) = ran(folder.path(), &["generate", "--contract", "api", "--layout", "module", "--out", "module"]);
    assert_eq!(code, 0, "{text}");
    let root = std::fs::read_to_string(folder.path().join("module/mod.rs")).expect("a module");
    assert!(root.contains("//! charter-runtime = {"), "{root}");
    let (code, text) = ran(folder.path(), &["generate", "--contract", "api", "--config", "charter.toml", "--out", "types"]);
    assert!(code == 2 && text.contains("cannot be used with"), "{text}");
}

#[test]
fn a_missing_contract_is_invalid_and_a_missing_input_is_unreadable() {
    let folder = tempfile::tempdir().expect("a folder");
    let operation = json!({"operationId": "a", "responses": {"200": {"description": "d"}}});
    let document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": operation}}});
    write(&folder.path().join("openapi.json"), &document.to_string());
    for (arguments, code) in [
        ("diff missing-1 missing-2", 2),
        ("diff missing.json openapi.json", 2),
        ("diff openapi.json missing.json", 2),
        ("lint --contract missing.json", 2),
        ("check openapi.json --contract missing", 2),
        ("drift openapi.json --contract missing", 2),
        ("generate --contract missing --out types", 2),
        ("generate --schema missing.json --out types", 2),
        ("rules test --contract missing", 2),
        ("probe --contract missing --base-url http://localhost:1 --all", 2),
        ("check missing.har --contract openapi.json", 3),
        ("drift missing.har --contract openapi.json", 3),
        ("convert missing.har -o other.har", 3),
        ("scrub missing.har", 3),
        ("merge missing.json", 3),
        ("extract missing.json schema.type -o one.har", 3),
        ("import missing.json --contract api", 3),
        ("init missing.json", 3),
    ] {
        let words: Vec<&str> = arguments.split(' ').collect();
        let (found, text) = ran(folder.path(), &words);
        assert_eq!(found, code, "{arguments}: {text}");
    }
}

#[test]
fn the_settings_choose_the_layout_and_the_source_of_the_runtime() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {},
        "components": {"schemas": {"Order": {"type": "object", "properties": {"id": {"type": "string"}}}}},
    });
    write(&folder.path().join("api/openapi.json"), &document.to_string());
    write(&folder.path().join("api/charter.toml"), "[generate]\nout = \"../types\"\nlayout = \"crate\"\nvendor = true\n");
    let (code, text) = ran(folder.path(), &["generate", "--contract", "api"]);
    assert_eq!(code, 0, "{text}");
    for file in ["Cargo.toml", "src/lib.rs", "src/support/mod.rs", "src/generated/mod.rs"] {
        assert!(folder.path().join("types").join(file).is_file(), "{file}: {text}");
    }
    assert_eq!(ran(folder.path(), &["generate", "--contract", "api", "--check"]).0, 0);
    // The flags take precedence.
    let (code, text) = ran(folder.path(), &["generate", "--contract", "api", "--layout", "module", "--out", "module"]);
    assert!(code == 0 && folder.path().join("module/mod.rs").is_file(), "{text}");
    write(&folder.path().join("api/charter.toml"), "[generate]\nlayout = \"file\"\n");
    let (code, text) = ran(folder.path(), &["generate", "--contract", "api"]);
    assert!(code == 2 && text.contains("expected `module` or `crate`"), "{text}");
}

#[test]
fn files_that_are_no_longer_generated_are_counted_separately() {
    let folder = tempfile::tempdir().expect("a folder");
    let schema = |name: &str| {
        let schema = json!({"title": name, "type": "object", "properties": {"id": {"type": "string"}}});
        write(&folder.path().join(format!("schemas/{}.json", name.to_lowercase())), &schema.to_string());
    };
    ["Order", "Parcel", "Refund"].into_iter().for_each(schema);
    let generate = |extra: &[&str]| {
        let arguments = [&["generate", "--schema", "schemas", "--out", "types"], extra].concat();
        let (code, text) = ran(folder.path(), &arguments);
        (code, text.lines().last().unwrap_or_default().to_owned())
    };
    assert_eq!(generate(&[]), (0, "9 of 9 files written".to_owned()));
    for name in ["parcel", "refund"] {
        std::fs::remove_file(folder.path().join(format!("schemas/{name}.json"))).expect("a file");
    }
    let stale = "3 of 5 files stale, 4 no longer generated; run `charter generate`";
    assert_eq!(generate(&["--check"]), (4, stale.to_owned()));
    assert_eq!(generate(&[]), (0, "3 of 5 files written, 4 removed".to_owned()));
    assert_eq!(generate(&[]), (0, "0 of 5 files written".to_owned()));
}

#[test]
fn tags_are_features_of_a_crate_only() {
    let folder = tempfile::tempdir().expect("a folder");
    let operation = |tags: &[&str]| {
        let schema = json!({"type": "object", "properties": {"id": {"type": "string"}}});
        json!({"get": {"tags": tags, "responses": {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}}})
    };
    let document = |paths| json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths}).to_string();
    write(&folder.path().join("api.json"), &document(json!({"/a": operation(&["A"]), "/b": operation(&["B"])})));
    write(&folder.path().join("plain.json"), &document(json!({"/a": operation(&[])})));
    write(&folder.path().join("charter.toml"), "[generate]\ntag-features = true\n");
    let generate = |schema: &str, extra: &[&str]| ran(folder.path(), &[&["generate", "--schema", schema, "--out", "out"], extra].concat());
    let crate_ = ["--layout", "crate"];

    let (code, text) = generate("api.json", &["--tag-features"]);
    assert!(code == 2 && text.contains("--tag-features needs --layout crate"), "{text}");
    let (code, text) = generate("api.json", &["--config", "charter.toml", "--dry-run"]);
    assert!(code == 0 && text.contains("warning: `tag-features` under [generate]"), "{text}");
    let (code, text) = generate("plain.json", &[&crate_[..], &["--tag-features", "--dry-run"]].concat());
    assert!(code == 0 && text.contains("warning: no operation has a tag"), "{text}");

    let (code, text) = generate("api.json", &[&crate_[..], &["--config", "charter.toml"]].concat());
    let manifest = std::fs::read_to_string(folder.path().join("out/Cargo.toml")).expect("a file");
    assert!(code == 0 && manifest.contains("\na = []\n") && manifest.contains("\nb = []\n"), "{text}{manifest}");
    assert!(folder.path().join("out/src/generated/api_a.rs").is_file());
    let (code, text) = generate("api.json", &[&crate_[..], &["--tag-features", "--check"]].concat());
    assert_eq!(code, 0, "the flag is the setting: {text}");
    // Without features, their files are no longer generated.
    let (code, text) = generate("api.json", &crate_);
    assert!(code == 0 && text.contains("removed: out/src/generated/api_a.rs"), "{text}");
    assert!(!folder.path().join("out/src/generated/api_a.rs").exists());
}

#[test]
fn the_current_folder_is_a_folder_of_generated_code() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("order.json"), r#"{"title": "Order", "type": "object"}"#);
    for summary in ["5 of 5 files written", "0 of 5 files written"] {
        let (code, text) = ran(folder.path(), &["generate", "--schema", "order.json", "--out", "."]);
        assert!(code == 0 && text.trim_end().ends_with(summary), "{text}");
    }
}

#[test]
fn every_form_of_a_contract_is_generated_in_every_layout() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "Order Service", "version": "1"}, "paths": {},
        "components": {"schemas": {"Order": {"type": "object", "properties": {"id": {"type": "string"}}}}},
    });
    write(&folder.path().join("api/openapi.json"), &document.to_string());
    write(&folder.path().join("api/charter.toml"), "[generate]\nmap = \"btree\"\n");
    write(&folder.path().join("api/a.invariants.yaml"), "invariants: []\n");
    let schema = json!({"title": "Order", "type": "object", "properties": {"id": {"type": "string"}}}).to_string();
    write(&folder.path().join("schemas/order.json"), &schema);
    let forms = [
        ("--contract", "api", "order-service"),
        ("--contract", "api/openapi.json", "order-service"),
        ("--schema", "api", "order-service"),
        ("--schema", "api/openapi.json", "order-service"),
        ("--schema", "schemas", "order"),
        ("--schema", "schemas/order.json", "order"),
    ];
    for (flag, form, name) in forms {
        for layout in ["module", "crate"] {
            let out = format!("{layout}-{}", form.replace('/', "-"));
            let (code, text) = ran(folder.path(), &["generate", flag, form, "--layout", layout, "--out", &out]);
            assert_eq!(code, 0, "{flag} {form} {layout}: {text}");
            let out = folder.path().join(out);
            let (types, manifest) = if layout == "crate" { ("src/generated/mod.rs", "Cargo.toml") } else { ("mod.rs", "mod.rs") };
            let types = std::fs::read_to_string(out.join(types)).expect("the types");
            assert_eq!(types.matches("_impl;").count(), 1, "one document: {types}");
            let manifest = std::fs::read_to_string(out.join(manifest)).expect("a file");
            assert!(layout == "module" || manifest.contains(&format!("name = \"{name}\"\n")), "{manifest}");
        }
    }
}

#[test]
fn a_folder_of_schemas_with_a_document_of_another_kind_is_an_error() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("schemas/order.json"), r#"{"type": "object", "properties": {"line": {"$ref": "parts.json#/line"}}}"#);
    write(&folder.path().join("schemas/parts.json"), r#"{"line": {"type": "string"}}"#);
    let (code, text) = ran(folder.path(), &["generate", "--schema", "schemas", "--out", "types"]);
    assert_eq!(code, 0, "a document that another one refers to: {text}");
    write(&folder.path().join("schemas/compose.yml"), "services:\n  web:\n    image: a\n");
    let (code, text) = ran(folder.path(), &["generate", "--schema", "schemas", "--out", "types"]);
    assert!(code == 2 && text.contains("compose.yml is neither a schema nor an OpenAPI document"), "{text}");
    assert!(text.contains("help: move it out of the folder"), "{text}");
}

#[test]
fn a_document_of_another_kind_is_neither_compared_nor_generated() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("package.json"), r#"{"name": "a", "version": "1", "scripts": {"test": "a"}}"#);
    write(&folder.path().join("order.json"), r#"{"type": "object"}"#);
    for arguments in [
        ["diff", "order.json", "package.json"].as_slice(),
        &["diff", "package.json", "order.json"],
        &["diff", "package.json", "package.json"],
        &["generate", "--schema", "package.json", "--out", "types"],
    ] {
        let (code, text) = ran(folder.path(), arguments);
        assert!(code == 2 && text.contains("package.json is neither a schema nor an OpenAPI document"), "{arguments:?}: {text}");
        assert!(text.contains("help: "), "{text}");
    }
    assert!(!folder.path().join("types").exists());
    let (code, text) = ran(folder.path(), &["diff", "order.json", "order.json"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn the_name_of_a_crate_can_be_used_in_code() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("gen.json"), r#"{"type": "object"}"#);
    let name_of = |extra: &[&str]| {
        let (code, text) =
            ran(folder.path(), &[&["generate", "--schema", "gen.json", "--layout", "crate", "--out", "gen"], extra].concat());
        let manifest = std::fs::read_to_string(folder.path().join("gen/Cargo.toml")).unwrap_or_default();
        (code, text, manifest.lines().find(|line| line.starts_with("name")).unwrap_or_default().to_owned())
    };
    assert_eq!(name_of(&[]).2, "name = \"gen-types\"");
    assert_eq!(name_of(&["--name", "orders"]).2, "name = \"orders\"");
    let (code, text, _) = name_of(&["--name", "async"]);
    assert!(code == 2 && text.contains("try async-types"), "{text}");
}

#[test]
fn a_snapshot_test_is_written_into_the_package() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("order.json"), r#"{"title": "Order", "type": "object"}"#);
    let generate = |extra: &[&str]| ran(folder.path(), &[&["generate", "--schema", "order.json", "--snapshot-test"], extra].concat());
    let (code, text) = generate(&["--layout", "crate", "--out", "types"]);
    assert_eq!(code, 0, "{text}");
    let manifest = std::fs::read_to_string(folder.path().join("types/Cargo.toml")).expect("a file");
    assert!(manifest.contains("[dev-dependencies]\ninsta = "), "{manifest}");
    let test = std::fs::read_to_string(folder.path().join("types/tests/generated.rs")).expect("a file");
    assert!(test.contains("(\"order\", include_str!(\"../src/generated/order.rs\"))") && !test.contains("_impl"), "{test}");
    let (code, text) = generate(&["--out", "program/src/order"]);
    assert!(code == 2 && text.contains("no folder above program/src/order has a Cargo.toml"), "{text}");
    write(&folder.path().join("program/Cargo.toml"), "");
    let (code, text) = generate(&["--out", "program/src/order"]);
    assert_eq!(code, 0, "{text}");
    let test = std::fs::read_to_string(folder.path().join("program/tests/order_generated.rs")).expect("a file");
    assert!(test.contains("include_str!(\"../src/order/order.rs\")"), "{test}");
    let (code, text) = generate(&["--out", "program/src/order", "--check"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_problem_in_a_long_line_is_listed_with_the_text_around_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let properties: serde_json::Map<String, serde_json::Value> =
        (0..500).map(|n| (format!("p{n}"), json!({"type": if n == 250 { "strin" } else { "string" }}))).collect();
    let schema = json!({"title": "Wide", "type": "object", "properties": properties}).to_string();
    write(&folder.path().join("wide.json"), &schema);
    let (code, text) = ran(folder.path(), &["generate", "--schema", "wide.json", "--out", "types"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("\"strin\" is not a type of JSON Schema") && text.contains("did you mean `string`?"), "{text}");
    let column = schema.find("\"strin\"").expect("the word") + 1;
    assert!(text.contains(&format!("[wide.json:1:{column}]")), "{text}");
    assert!(text.lines().all(|line| line.chars().count() < 130), "{text}");
    let lines: Vec<&str> = text.lines().collect();
    let excerpt = lines.iter().position(|line| line.contains("\"p250\":{\"type\":\"strin\"}")).expect("an excerpt");
    let mark = lines[excerpt + 1].chars().position(|mark| mark == '▲');
    assert_eq!(mark, lines[excerpt].split_once("\"strin\"").map(|(before, _)| before.chars().count()), "{text}");
}

#[test]
fn an_invalid_component_matters_to_the_operations_that_reach_it() {
    let folder = tempfile::tempdir().expect("a folder");
    let response = |name: &str| json!({"200": {"description": "", "content": {"application/json": {"schema": {"$ref": format!("#/components/schemas/{name}")}}}}});
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://api.example.test"}],
        "paths": {"/good": {"get": {"responses": response("Good")}}, "/bad": {"get": {"responses": response("Bad")}}},
        "components": {"schemas": {"Good": {"type": "string"}, "Bad": {"minimum": "0"}, "Unused": {"required": "a"}}},
    });
    write(&folder.path().join("api.json"), &document.to_string());
    write(&folder.path().join("good.ndjson"), &exchange("/good"));
    write(&folder.path().join("bad.ndjson"), &exchange("/bad"));
    let (code, text) = ran(folder.path(), &["lint", "--contract", "api.json"]);
    assert_eq!(code, 2, "{text}");
    assert!(text.contains("error: api.json#/components/schemas/Bad/minimum"), "{text}");
    assert!(text.contains("warning: api.json#/components/schemas/Unused/required"), "{text}");
    let (code, text) = ran(folder.path(), &["check", "--contract", "api.json", "good.ndjson"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = ran(folder.path(), &["check", "--contract", "api.json", "bad.ndjson"]);
    assert_ne!(code, 0, "{text}");
    assert!(text.contains("the contract is invalid here: api.json#/components/schemas/Bad/minimum"), "{text}");
    let (code, text) = ran(folder.path(), &["generate", "--contract", "api.json", "--out", "types"]);
    assert!(code == 2 && text.contains("2 problem"), "{text}");
    // A chosen operation that reaches no problem makes the others warnings.
    write(&folder.path().join("api/charter.toml"), "[check]\noperation = \"GET /good\"\n");
    write(&folder.path().join("api/any.json"), &document.to_string());
    let (code, text) = ran(folder.path(), &["lint", "--contract", "api"]);
    assert!(code == 0 && text.contains("warning: any.json#/components/schemas/Bad/minimum"), "{text}");
}

#[test]
fn a_document_of_several_files_is_checked_compared_generated_and_imported() {
    let folder = tempfile::tempdir().expect("a folder");
    write(
        &folder.path().join("api/orders.yaml"),
        "openapi: 3.0.3\ninfo: {title: t, version: '1'}\nservers: [{url: 'https://api.example.test'}]\npaths: {/good: {$ref: paths/good.yaml}}\n",
    );
    write(
        &folder.path().join("api/paths/good.yaml"),
        "get: {responses: {'200': {description: a, content: {application/json: {schema: {$ref: ../../common/Order.yaml}}}}}}\n",
    );
    write(&folder.path().join("common/Order.yaml"), "{type: string, nullable: true}\n");
    write(&folder.path().join("good.ndjson"), &exchange("/good"));
    for contract in ["api", "api/orders.yaml"] {
        let (code, text) = ran(folder.path(), &["check", "--contract", contract, "good.ndjson"]);
        assert_eq!(code, 0, "{text}");
    }
    let (code, text) = ran(folder.path(), &["generate", "--schema", "api/orders.yaml", "--out", "types"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = ran(folder.path(), &["import", "api/orders.yaml", "--contract", "imported"]);
    assert!(code == 0 && text.contains("1 operation"), "{text}");
    let (code, text) = ran(folder.path(), &["diff", "api/orders.yaml", "imported", "--fail-on", "unknown"]);
    assert_eq!(code, 0, "{text}");
    let (code, text) = ran(folder.path(), &["check", "--contract", "imported", "good.ndjson"]);
    assert_eq!(code, 0, "{text}");
    std::fs::remove_file(folder.path().join("common/Order.yaml")).expect("removed");
    let (code, text) = ran(folder.path(), &["import", "api/orders.yaml", "--contract", "second"]);
    assert!(code == 2 && text.contains("no document is called `../common/Order.yaml`"), "{text}");
    assert!(!folder.path().join("second").exists(), "nothing is written");
}

#[test]
fn lint_compiles_the_schemas_of_both_directions() {
    let pattern = json!({"schema": {"type": "string", "pattern": "("}});
    let good = json!({"200": {"description": ""}});
    let operations = [
        (
            "requestBody/content/application~1json/schema",
            json!({"requestBody": {"content": {"application/json": pattern}}, "responses": good}),
        ),
        ("requestBody/content/text~1plain/schema", json!({"requestBody": {"content": {"text/plain": pattern}}, "responses": good})),
        ("parameters/0/schema", json!({"parameters": [{"name": "q", "in": "query", "schema": pattern["schema"]}], "responses": good})),
        (
            "parameters/0/content/application~1json/schema",
            json!({"parameters": [{"name": "q", "in": "query", "content": {"application/json": pattern}}], "responses": good}),
        ),
        ("responses/200/headers/X-A/schema", json!({"responses": {"200": {"description": "", "headers": {"X-A": pattern}}}})),
        (
            "responses/200/content/application~1json/schema",
            json!({"responses": {"200": {"description": "", "content": {"application/json": pattern}}}}),
        ),
    ];
    for (place, operation) in operations {
        let folder = tempfile::tempdir().expect("a folder");
        let document = json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/boxes": {"post": operation, "get": {"responses": good}}}});
        write(&folder.path().join("api.json"), &document.to_string());
        let (code, text) = ran(folder.path(), &["lint", "--contract", "api.json"]);
        assert!(code == 2 && text.contains(place) && text.contains("1 error"), "{place}: {text}");
    }
}

#[test]
fn lint_reports_keywords_and_styles_without_an_effect() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"},
        "paths": {"/boxes/{id}": {
            "parameters": [
                {"name": "id", "in": "path", "required": true, "style": "form", "schema": {"type": "string"}},
                {"name": "sort", "in": "query", "style": "matrix", "schema": {"type": "string"}},
                {"name": "page", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
                {"name": "other", "in": "query", "style": "strange", "content": {"application/json": {}}},
            ],
            "post": {
                "requestBody": {"content": {"application/x-www-form-urlencoded": {
                    "schema": {"type": "object", "required": ["a", "b", "a"]}, "encoding": {"a": {"style": "strange"}, "b": {"style": "pipeDelimited"}},
                }}},
                "responses": {"200": {"description": "", "headers": {"X-A": {"style": "form", "schema": {}}}, "content": {"application/json": {
                    "schema": {"type": "number", "minimum": 0, "exclusiveMinimum": true, "exclusiveMaximum": false},
                }}}},
            },
        }},
    });
    write(&folder.path().join("api.json"), &format!("{document:#}"));
    let (code, text) = ran(folder.path(), &["lint", "--contract", "api.json"]);
    assert_eq!(code, 0, "{text}");
    let found: Vec<&str> =
        text.lines().filter_map(|line| line.split_once(": api.json:")?.1.split_once(": ")).map(|(_, message)| message).collect();
    assert_eq!(
        found,
        [
            "`exclusiveMinimum: true` is ignored: since draft 6 the value is a number; write `exclusiveMinimum: 0` instead of `minimum: 0`",
            "`exclusiveMaximum: false` is ignored: since draft 6 the value is a number; remove it",
            "`a` is repeated in `required`",
            "the style `form` is not allowed in paths; `simple` is used",
            "the style `matrix` is not allowed in queries and forms; `form` is used",
            "the style `strange` is not allowed in queries and forms; `form` is used",
            "the style `form` is not allowed in header fields; `simple` is used",
        ],
        "{text}"
    );
    assert!(text.contains("warning: api.json:") && text.contains("hint: api.json:"), "{text}");
}

#[test]
fn a_document_has_the_settings_of_its_folder() {
    let folder = tempfile::tempdir().expect("a folder");
    let response = json!({"200": {"description": "", "content": {"application/json": {"schema": {"type": "string"}}}}});
    let document = json!({
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "servers": [{"url": "https://other.example.test"}],
        "paths": {"/good": {"get": {"operationId": "good", "responses": response}}},
    });
    write(&folder.path().join("api/books.json"), &document.to_string());
    write(&folder.path().join("api/charter.toml"), "[traffic]\ninclude = [{ host = \"api.example.test\" }]\n");
    write(&folder.path().join("traffic.ndjson"), &exchange("/good"));
    let check = ["check", "-v", "--contract", "api/books.json", "traffic.ndjson"];
    let (code, text) = ran(folder.path(), &check);
    assert!(code == 0 && text.contains("settings: api/charter.toml"), "{text}");
    // Several documents: the settings may belong to another.
    write(&folder.path().join("api/toys.json"), &document.to_string());
    let (code, text) = ran(folder.path(), &check);
    assert!(code == 3 && text.contains("api/charter.toml is not used: the folder has several OpenAPI documents"), "{text}");
    std::fs::remove_file(folder.path().join("api/toys.json")).expect("removed");
    write(&folder.path().join("api/charter.toml"), "[check]\noperation = \"best\"\n");
    let (code, text) = ran(folder.path(), &check);
    assert!(code == 2 && text.contains("unknown operation `best`"), "{text}");
    // A schema is not an OpenAPI document.
    write(&folder.path().join("api/one.schema.json"), "{\"type\": \"string\"}");
    let (code, text) = ran(folder.path(), &["lint", "--contract", "api/one.schema.json"]);
    assert_eq!(code, 0, "{text}");
}

#[test]
fn a_folder_at_a_git_revision_can_have_a_document_of_any_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.current_dir(folder.path()).args(["-c", "user.name=a", "-c", "user.email=a@example.test", "-c", "commit.gpgsign=false"]);
        assert!(command.args(arguments).output().expect("git").status.success(), "{arguments:?}");
    };
    let document = |kind: &str| {
        json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/a": {"get": {"responses": {"200": {
            "description": "", "content": {"application/json": {"schema": {"type": kind}}}}}}}}})
        .to_string()
    };
    git(&["init", "-q"]);
    write(&folder.path().join("api/books.json"), &document("string"));
    write(&folder.path().join("api/package.json"), "{\"name\": \"openapi\"}");
    git(&["add", "."]);
    git(&["commit", "-qm", "one"]);
    write(&folder.path().join("api/books.json"), &document("integer"));
    let (code, text) = ran(folder.path(), &["diff", "HEAD:api", "api"]);
    assert!(code == 0 && text.contains("GET /a"), "{text}");
    write(&folder.path().join("api/toys.json"), &document("string"));
    git(&["add", "."]);
    git(&["commit", "-qm", "two"]);
    let (code, text) = ran(folder.path(), &["diff", "HEAD:api", "HEAD~1:api"]);
    assert!(code == 2 && text.contains("several OpenAPI documents: books.json, toys.json"), "{text}");
}

#[test]
fn parts_have_the_header_fields_of_their_position() {
    let folder = tempfile::tempdir().expect("a folder");
    let encoding = json!({"headers": {"X-Id": {"required": true, "schema": {"type": "integer"}}}});
    let document = json!({
        "openapi": "3.2.0", "info": {"title": "t", "version": "1"},
        "paths": {"/a": {"post": {"responses": {"204": {"description": ""}}, "requestBody": {"content": {"multipart/mixed": {
            "schema": {"type": "array"}, "prefixEncoding": [{}, encoding], "itemEncoding": encoding,
        }}}}}},
    });
    write(&folder.path().join("api.json"), &document.to_string());
    let body = |last: &str| format!("--b\r\n\r\n1\r\n--b\r\nX-Id: 1\r\n\r\n2\r\n--b\r\n{last}\r\n3\r\n--b--\r\n");
    for (last, expected) in [("X-Id: 2\r\n", ""), ("", "the part `2`"), ("X-Id: a\r\n", "the part `2`")] {
        let exchange = json!({"format": "charter-exchange/1", "startedDateTime": "2026-01-01T00:00:00Z", "time": 5,
            "request": {"method": "POST", "url": "http://localhost/a", "headers": [
                {"name": "Content-Type", "value": "multipart/mixed; boundary=b"}], "bodyText": body(last)},
            "response": {"status": 204, "headers": []}, "error": null, "masked": [], "headersComplete": true});
        write(&folder.path().join("a.ndjson"), &exchange.to_string());
        let (code, text) = ran(folder.path(), &["check", "--contract", "api.json", "a.ndjson"]);
        assert!(code == i32::from(!expected.is_empty()) && text.contains(expected), "{last}: {text}");
    }
}
