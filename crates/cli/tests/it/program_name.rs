//! The name of the program in its output: `charter` never names `cargo xtask`.

use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use tempfile::TempDir;

const DOCUMENT: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/books/{id}": {"get": {"operationId": "books.get",
  "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "book.schema.json"}}}}}}}}}"#;
const SCHEMA: &str = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Book", "type": "object",
  "properties": {"pages": {"type": "integer"}}, "required": ["pages"], "additionalProperties": false}"#;

fn charter(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1").env_remove("CARGO_MANIFEST_DIR").env_remove("CHARTER_API_KEY");
    command.output().expect("it runs")
}

/// Runs `charter`, asserts that its output does not name the other program, and returns the output.
fn checked(folder: &Path, arguments: &[&str]) -> String {
    let output = charter(folder, arguments);
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(!text.contains("xtask") && !text.contains("{program}"), "{arguments:?}:\n{text}");
    text
}

/// The names of all commands, from the help text.
fn commands(folder: &Path) -> Vec<String> {
    let help = checked(folder, &["--help"]);
    let (_, rest) = help.split_once("Commands:\n").expect("the commands");
    let rows = rest.lines().take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
    rows.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").map(str::to_owned).collect()
}

#[test]
fn every_help_text_has_examples_with_the_name_of_the_program() {
    let folder = TempDir::new().expect("a folder");
    let names = commands(folder.path());
    assert!(names.len() >= 12, "{names:?}");
    for name in &names {
        let help = checked(folder.path(), &[name, "--help"]);
        let (_, examples) = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{name} has no examples"));
        let commands = examples.lines().take_while(|line| line.starts_with("  ")).filter(|line| !line.starts_with("   "));
        for example in commands {
            assert!(example.contains("charter "), "{name}: `{example}` does not name the program");
            // A shell must ignore the explanation.
            let explanation = example.trim_start().split_once("  ").map(|(_, rest)| rest.trim_start());
            assert!(explanation.is_none_or(|text| text.starts_with("# ")), "{name}: `{example}` cannot be pasted");
        }
    }
    for development in ["serve", "bench", "conformance"] {
        assert!(!names.iter().any(|name| name == development), "{development} is a command of `charter`");
    }
}

#[test]
fn messages_name_the_program() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    let api = root.join("api");
    std::fs::create_dir(&api).expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(api.join(name), text).expect("a file");
    write("openapi.json", DOCUMENT);
    write("book.schema.json", SCHEMA);
    write("seen.ndjson", "{\"pages\": 1, \"title\": \"a\"}\n");
    write("broken.ndjson", "{\"format\": \"charter-exchange/1\", \"unknown\": 1}\n");
    write("report.json", "{}");
    let with = |arguments: &[&str]| checked(root, &[arguments, &["--contract", "api"]].concat());
    assert!(with(&["check", "api/broken.ndjson"]).contains("`charter schema recording`"));
    assert!(with(&["rules", "show", "unknown"]).contains("`charter rules list`"));
    assert!(with(&["generate"]).contains("written"));
    for entry in walk(&root.join("api")) {
        let text = std::fs::read_to_string(&entry).expect("a text");
        assert!(!text.contains("xtask"), "{}: {text}", entry.display());
    }
    std::fs::write(api.join("book.schema.json"), SCHEMA.replace("pages", "sheets")).expect("an edit");
    assert!(with(&["generate", "--check"]).contains("run `charter generate`"));
    write("book.schema.json", SCHEMA);
    assert!(with(&["drift", "api/seen.ndjson", "--apply"]).contains("run `charter generate` and `charter lint`"));
    with(&["import", "api/openapi.json"]);
    with(&["import", "api/nothing.json"]);
    with(&["diff", "HEAD", "api", "--operation", "unknown"]);
    with(&["diff", "api", "api", "--operation", "unknown"]);
    with(&["probe", "--base-url", "http://127.0.0.1:1", "1"]);
    with(&["merge", "api/report.json"]);
    with(&["check", "--report", "xml", "api/seen.ndjson"]);
    with(&["check"]);
    with(&["lint"]);
    checked(root, &["man"]);
    checked(root, &["completions", "bash"]);
    checked(root, &["schema", "config"]);
    checked(root, &["scrub", "api/seen.ndjson", "--check"]);
    write("charter.toml", "unknown = 1\n");
    assert!(with(&["check", "api/seen.ndjson"]).contains("`charter schema config`"));
}

#[test]
fn sections_and_expand_are_one_flag() {
    let folder = TempDir::new().expect("a folder");
    let help = checked(folder.path(), &["probe", "--help"]);
    assert!(help.contains("--sections <LIST|all>") && !help.contains("--expand"), "{help}");
    for flag in ["--sections", "--expand"] {
        let text = checked(folder.path(), &["probe", "--base-url", "http://127.0.0.1:1", "1", flag, "all", "--contract", "none"]);
        assert!(text.contains("none#: cannot be read"), "{text}");
    }
}

/// All files below a folder.
fn walk(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() { files.extend(walk(&path)) } else { files.push(path) }
    }
    files
}
