//! `init`, and the contract that is found without a flag.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const DOCUMENT: &str = r##"openapi: 3.0.3
info: {title: t, version: "1"}
servers: [{url: "https://books.example"}]
paths:
  /books/{id}:
    get:
      operationId: books.get
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        "200":
          description: d
          content:
            application/json:
              schema: {$ref: "#/components/schemas/Book"}
components:
  schemas:
    Book:
      type: object
      required: [pages]
      properties: {pages: {type: integer}}
"##;

const TRAFFIC: &str = r#"{"format":"charter-exchange/1","request":{"method":"GET","url":"https://books.example/v1/books/b_1?full=true"},"response":{"status":200,"headers":[{"name":"content-type","value":"application/json"}],"body":{"title":"A","pages":3,"tags":["x"]}}}
{"format":"charter-exchange/1","request":{"method":"GET","url":"https://books.example/v1/books/b_2"},"response":{"status":200,"headers":[{"name":"content-type","value":"application/json"}],"body":{"title":"B","pages":null}}}
{"format":"charter-exchange/1","request":{"method":"GET","url":"https://books.example/v1/books/b_3"},"response":{"status":404,"headers":[{"name":"content-type","value":"application/problem+json"}],"body":{"title":"none"}}}
{"format":"charter-exchange/1","request":{"method":"GET","url":"https://cdn.example/logo"},"response":{"status":200,"headers":[{"name":"content-type","value":"application/json"}],"body":{}}}
"#;

/// The exit code and the output of a command.
fn charter(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1").env_remove("CHARTER_CONTRACT").env_remove("CARGO_MANIFEST_DIR");
    let output = command.output().expect("it runs");
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

/// The next commands work without flags.
fn is_ready(folder: &Path) {
    let (code, text) = charter(folder, &["lint"]);
    assert!(code == Some(0) && text.contains("1 rule: 0 errors, 0 warnings"), "{text}");
    let (code, text) = charter(folder, &["rules", "test"]);
    assert!(code == Some(0) && text.contains("0 wrong; ") && text.contains(" 0 survived"), "{text}");
    let (code, text) = charter(folder, &["generate"]);
    assert!(code == Some(0) && folder.join("src/api/mod.rs").is_file(), "{text}");
}

#[test]
fn a_document_in_the_current_folder_stays_where_it_is() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    std::fs::write(root.join("openapi.yaml"), DOCUMENT).expect("a file");
    std::fs::write(root.join(".gitignore"), "target\n").expect("a file");
    let (code, text) = charter(root, &["init", "openapi.yaml", "--dry-run"]);
    assert!(code == Some(0) && text.contains("would be written: charter.toml") && !root.join("charter.toml").exists(), "{text}");
    let (code, text) = charter(root, &["init", "openapi.yaml"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("written: charter.toml\n") && text.contains("exists, not changed: .gitignore\n"), "{text}");
    assert!(text.contains("\n  charter lint "), "{text}");
    assert_eq!(std::fs::read_to_string(root.join("openapi.yaml")).expect("a file"), DOCUMENT);
    assert_eq!(std::fs::read_to_string(root.join(".gitignore")).expect("a file"), "target\n");
    assert!(root.join(".github/workflows/contract.yml").is_file() && root.join(".pre-commit-config.yaml").is_file());
    is_ready(root);
    let (code, text) = charter(root, &["init", "openapi.yaml"]);
    assert!(code == Some(2) && text.contains("is a contract already"), "{text}");
}

/// Documents of different styles: one schema as XML and as JSON, composed objects, lists, and optional properties of Swagger 2.0.
#[test]
fn every_style_of_document_has_a_rule_that_fits() {
    let book = "{type: object, required: [title], properties: {title: {type: string}, pages: {type: integer}}}";
    let three = |content: &str, schemas: &str| {
        DOCUMENT.replace("application/json:\n              schema: {$ref: \"#/components/schemas/Book\"}", content).replace(
            "    Book:\n      type: object\n      required: [pages]\n      properties: {pages: {type: integer}}\n",
            &format!("    Book: {book}\n{schemas}"),
        )
    };
    let reference = "{schema: {$ref: \"#/components/schemas/Book\"}}";
    let of_both = three(&format!("application/xml: {reference}\n            application/json: {reference}"), "");
    let composed = three(
        "application/json: {schema: {$ref: \"#/components/schemas/Novel\"}}",
        "    Novel: {allOf: [{$ref: \"#/components/schemas/Book\"}, {type: object, properties: {chapters: {type: integer}}}]}\n",
    );
    let list = three("application/json: {schema: {type: array, items: {$ref: \"#/components/schemas/Book\"}}}", "");
    let optional = three(
        "application/json: {schema: {$ref: \"#/components/schemas/Shelf\"}}",
        "    Shelf: {type: object, properties: {kind: {type: string, enum: [a]}, height: {type: number}}}\n",
    );
    let swagger = format!(
        "swagger: \"2.0\"\ninfo: {{title: t, version: \"1\"}}\nhost: books.example\nproduces: [application/json]\npaths:\n  /books:\n    get:\n      \
         operationId: books.list\n      responses: {{\"200\": {{description: d, schema: {book}}}}}\n"
    );
    for (document, rule) in [
        (of_both, "self.title != ''"),
        (composed, "self.title != ''"),
        (list, "self.all(item, item.title != '')"),
        (optional, "!has(self.height) || self.height >= 0.0"),
        (swagger, "self.title != ''"),
    ] {
        let folder = TempDir::new().expect("a folder");
        std::fs::write(folder.path().join("api.yaml"), &document).expect("a file");
        let (code, text) = charter(folder.path(), &["init", "api.yaml"]);
        assert_eq!(code, Some(0), "{text}\n{document}");
        let rules =
            std::fs::read_to_string(folder.path().join("api.invariants.yaml")).unwrap_or_else(|_| panic!("no rule: {text}\n{document}"));
        assert!(rules.contains(rule), "{rule}: {rules}");
        is_ready(folder.path());
    }
    // A document without a JSON response gets no rule.
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("api.yaml"), three(&format!("application/xml: {reference}"), "")).expect("a file");
    let (code, text) = charter(folder.path(), &["init", "api.yaml"]);
    assert!(code == Some(0) && text.contains("note: no example of a rule is written"), "{text}");
}

#[test]
fn a_document_elsewhere_is_copied() {
    let (folder, elsewhere) = (TempDir::new().expect("a folder"), TempDir::new().expect("a folder"));
    let root = folder.path();
    let document = elsewhere.path().join("api.yaml");
    std::fs::write(&document, DOCUMENT).expect("a file");
    let (code, text) = charter(root, &["init", document.to_str().expect("UTF-8"), "--ci", "gitlab"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(std::fs::read_to_string(root.join("contract/api.yaml")).expect("a file"), DOCUMENT);
    assert!(root.join("contract.gitlab-ci.yml").is_file() && !root.join(".github").exists());
    is_ready(root);
}

#[test]
fn an_invalid_document_writes_nothing() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("openapi.yaml"), DOCUMENT.replace("schemas/Book", "schemas/Missing")).expect("a file");
    let (code, text) = charter(folder.path(), &["init", "openapi.yaml"]);
    assert!(code == Some(2) && text.contains("Missing"), "{text}");
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    let (code, text) = charter(folder.path(), &["init", "other.yaml"]);
    assert!(code == Some(3) && text.contains("other.yaml"), "{text}");
}

#[test]
fn without_a_document_an_example_is_written() {
    let folder = TempDir::new().expect("a folder");
    let (code, text) = charter(folder.path(), &["init"]);
    assert!(code == Some(0) && text.contains("written: contract/openapi.yaml"), "{text}");
    is_ready(folder.path());
}

#[test]
fn a_document_is_inferred_from_traffic() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    std::fs::write(root.join("traffic.ndjson"), TRAFFIC).expect("a file");
    let (code, text) = charter(root, &["init", "--from-traffic", "traffic.ndjson"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("1 operation of books.example, from 3 exchanges"), "{text}");
    assert!(text.contains("note: 1 exchange not used: host cdn.example"), "{text}");
    let document = std::fs::read_to_string(root.join("contract/openapi.yaml")).expect("a file");
    for part in ["\"/v1/books/{id}\"", "operationId: getV1BooksById", "application/problem+json", "name: full", "type: boolean"] {
        assert!(document.contains(part), "{part}: {document}");
    }
    let (code, text) = charter(root, &["check", "traffic.ndjson"]);
    assert!(code == Some(0) && text.contains("3 kept, 0 broken"), "{text}");
    // A value of another type is a violation of the inferred document.
    std::fs::write(root.join("next.ndjson"), TRAFFIC.replace("\"pages\":3", "\"pages\":\"3\"")).expect("a file");
    let (code, text) = charter(root, &["check", "next.ndjson"]);
    assert!(code == Some(1) && text.contains("schema.type"), "{text}");
    is_ready(root);
}

#[test]
fn recordings_without_an_api_are_an_error() {
    let folder = TempDir::new().expect("a folder");
    let page = TRAFFIC.lines().next().expect("a line").replace("application/json", "text/html");
    std::fs::write(folder.path().join("traffic.ndjson"), page).expect("a file");
    let (code, text) = charter(folder.path(), &["init", "--from-traffic", "traffic.ndjson"]);
    assert!(code == Some(3) && text.contains("no exchange with a JSON body"), "{text}");
    assert!(!folder.path().join("contract").exists());
}

#[test]
fn the_contract_is_found_without_a_flag() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    std::fs::create_dir_all(root.join("src/inner")).expect("a folder");
    let (code, text) = charter(root, &["lint"]);
    assert!(code == Some(2) && text.contains("there is no contract here") && text.contains("charter init"), "{text}");
    // The only OpenAPI document of the folder.
    std::fs::write(root.join("api.yaml"), DOCUMENT).expect("a file");
    std::fs::write(root.join("data.json"), "{}").expect("a file");
    let (code, text) = charter(root, &["lint"]);
    assert!(code == Some(0) && text.contains("1 operation"), "{text}");
    // The nearest folder with settings, from a folder inside the repository.
    std::fs::create_dir(root.join(".git")).expect("a folder");
    std::fs::create_dir(root.join("api")).expect("a folder");
    std::fs::rename(root.join("api.yaml"), root.join("api/api.yaml")).expect("a file");
    std::fs::write(root.join("api/charter.toml"), "").expect("a file");
    for inside in ["", "src/inner", "api"] {
        let (code, text) = charter(&root.join(inside), &["lint"]);
        assert!(code == Some(0) && text.contains("1 operation"), "{inside}: {text}");
    }
    // The environment variable takes precedence, and the flag over it.
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let output = command.current_dir(root).arg("lint").env("CHARTER_CONTRACT", "missing").output().expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let output =
        command.current_dir(root).args(["lint", "--contract", "api"]).env("CHARTER_CONTRACT", "missing").output().expect("it runs");
    assert_eq!(output.status.code(), Some(0));
}
