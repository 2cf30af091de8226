//! `check` and `generate` with a contract of another repository.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(command: &mut Command) -> Ran {
    let output = command.output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code().expect("an exit code"), out: text(output.stdout), err: text(output.stderr) }
}

#[test]
fn check_and_generate_work_with_any_contract() {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/tickets");
    let folder = TempDir::new().expect("a folder");
    for entry in std::fs::read_dir(&fixture).expect("the fixture") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("a copy");
    }
    let charter = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("charter").expect("the command is built");
        run(command.current_dir(folder.path()).args(arguments).env_remove("CARGO_MANIFEST_DIR"))
    };
    let kept = charter(&["check", "--contract", ".", "kept.ndjson"]);
    assert_eq!(kept.code, 0, "{}{}", kept.out, kept.err);
    assert!(kept.out.contains("kept: 2 exchanges"), "{}", kept.out);
    for (body, wanted) in [
        (r#"{"number": 0, "state": "open"}"#, "/number: 0, expected at least 1"),
        (r#"{"number": 1, "state": "done", "parts": [{"number": 2, "state": "open"}]}"#, "ticket 1 is done and a part of it is not"),
        (
            r#"{"number": 1, "state": "open", "parts": [{"number": 3, "state": "done", "parts": [{"number": 2, "state": "open"}]}]}"#,
            "/parts/0/parts: ticket 3 is done",
        ),
        (
            r#"{"format": "charter-exchange/1", "request": {"method": "GET", "url": "/v2/tickets/7"}, "response": {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}], "body": {"number": 7, "state": "open"}}, "headersComplete": true}"#,
            "the header etag is missing",
        ),
        (
            r#"{"format": "charter-exchange/1", "request": {"method": "GET", "url": "https://tickets.example/v2/tickets/7"}, "response": {"status": 404, "headers": [{"name": "content-type", "value": "application/json"}], "body": {}}, "headersComplete": true}"#,
            "the content type is application/json",
        ),
        (
            r#"{"format": "charter-exchange/1", "request": {"method": "GET", "url": "https://tickets.example/api/tickets/7"}, "response": {"status": 404, "headers": [], "body": {}}}"#,
            "the path matches with the base path `/api`",
        ),
    ] {
        std::fs::write(folder.path().join("broken.ndjson"), body).expect("a recording");
        let broken = charter(&["check", "--contract", ".", "broken.ndjson"]);
        assert_eq!(broken.code, 1, "{body}\n{}{}", broken.out, broken.err);
        assert!(broken.out.contains(wanted), "no {wanted} in\n{}", broken.out);
    }
    let generated = charter(&["generate", "--contract", "."]);
    assert_eq!(generated.code, 0, "{}", generated.err);
    let types = std::fs::read_to_string(folder.path().join("generated/ticket.rs")).expect("the types");
    assert!(types.contains("pub parts: Option<Vec<Ticket>>") && types.contains("pub assignee: support::Field<String>"), "{types}");
    let stale = charter(&["check", "--contract", "."]);
    assert_eq!(stale.code, 2, "{}", stale.err);
    assert!(stale.err.contains("give a path"), "{}", stale.err);
}

/// A document without named schemas and without JSON bodies gives no type, and `generate` reports it.
#[test]
fn generate_warns_if_there_are_no_types() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("openapi.yaml");
    let responses = r#"{"200": {description: ok, content: {text/plain: {schema: {type: string}}}}}"#;
    let document = format!("openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths: {{/a: {{get: {{responses: {responses}}}}}}}\n");
    std::fs::write(&path, &document).expect("a document");
    let charter = |arguments: &[&str]| {
        let mut command = Command::cargo_bin("charter").expect("the command is built");
        run(command.current_dir(folder.path()).args(arguments).env_remove("CARGO_MANIFEST_DIR"))
    };
    let none = charter(&["generate", "--schema", "openapi.yaml", "--out", "types"]);
    assert_eq!(none.code, 0, "{}", none.err);
    assert!(none.err.contains("warning: 0 types: ") && none.err.contains("name them under `components/schemas`"), "{}", none.err);
    let quiet = charter(&["generate", "--quiet", "--schema", "openapi.yaml", "--out", "other"]);
    assert!(!quiet.err.contains("0 types"), "{}", quiet.err);
    std::fs::write(&path, document + "components: {schemas: {A: {type: string}}}\n").expect("a document");
    let one = charter(&["generate", "--schema", "openapi.yaml", "--out", "types"]);
    assert!(!one.err.contains("0 types"), "{}", one.err);
}
