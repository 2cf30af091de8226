//! Documented examples: `lint` reports those that violate their schemas, and `check --examples` judges those of responses.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const DOCUMENT: &str = r#"openapi: 3.1.0
info: {title: t, version: "1"}
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
              schema: {type: object, properties: {pages: {type: integer}}}
              examples:
                short: {value: {pages: 1}}
                long: {value: {pages: many}}
"#;

/// The exit code and the output of a command.
fn charter(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let output = command.current_dir(folder).args(arguments).env("NO_COLOR", "1").output().expect("it runs");
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_broken_example_is_a_warning_of_lint_and_a_violation_of_check() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    std::fs::write(root.join("openapi.yaml"), DOCUMENT).expect("a file");
    std::fs::write(root.join("body.json"), r#"{"pages": 2}"#).expect("a file");

    let (code, text) = charter(root, &["lint", "--contract", "."]);
    assert_eq!(code, Some(0), "{text}");
    let warning = "warning: openapi.yaml:16:31: the example does not match its schema: /pages: \"many\", expected integer\n";
    assert!(text.starts_with(warning) && text.ends_with("3 schemas, 1 operation, 0 rules: 0 errors, 1 warning, 0 hints\n"), "{text}");

    let (code, text) = charter(root, &["check", "--contract", ".", "--examples"]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("error[schema.type]: /pages: \"many\", expected integer\n  --> openapi.yaml:16:39 (exchange 1: 200 from /books/1)\n"),
        "{text}"
    );
    assert!(text.contains("2 exchanges from 1 input"), "{text}");

    let (code, text) = charter(root, &["check", "--contract", ".", "body.json", "--examples", "--report", "json"]);
    assert_eq!(code, Some(1), "{text}");
    let report: serde_json::Value = serde_json::from_str(&text).expect("a report");
    let inputs = report["inputs"].as_array().expect("the inputs").iter();
    let inputs: Vec<_> = inputs.map(|input| (input["source"].as_str().expect("a source"), input["exchanges"].as_u64())).collect();
    assert_eq!(inputs, [("body.json", Some(1)), ("examples", Some(2))]);

    std::fs::write(root.join("openapi.yaml"), DOCUMENT.replace("many", "900")).expect("a file");
    let (code, text) = charter(root, &["check", "--contract", ".", "--examples"]);
    assert!(code == Some(0) && text.contains("kept: 2 exchanges from 1 input"), "{text}");
}
