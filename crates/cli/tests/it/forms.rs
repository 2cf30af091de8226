//! The form of a recording: what counts as a body without an exchange, unknown forms, and the files of a folder.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

/// An operation with an open schema comes first, so that every object is valid as its response.
const SEVERAL: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
  "/": {"get": {"operationId": "index", "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}}}},
  "/orders/{id}": {"get": {"operationId": "orders.get", "responses": {"200": {"description": "d", "content": {"application/json": {"schema":
    {"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}}}}}}}}}"#;

const ONE: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
  "/health": {"get": {"operationId": "health", "responses": {"200": {"description": "d", "content": {"text/plain": {"schema": {"type": "string"}}}}}}},
  "/orders/{id}": {"get": {"operationId": "orders.get", "responses": {"200": {"description": "d", "content": {"application/json": {"schema":
    {"type": "object", "required": ["total"], "properties": {"total": {"type": "number"}}}}}}}}}}}"#;

struct Files(TempDir);

impl Files {
    fn new(contract: &str, files: &[(&str, &str)]) -> Self {
        let folder = TempDir::new().expect("a folder");
        std::fs::create_dir(folder.path().join("api")).expect("a folder");
        std::fs::write(folder.path().join("api/openapi.json"), contract).expect("a file");
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap_or(Path::new("."))).expect("a folder");
            std::fs::write(path, text).expect("a file");
        }
        Self(folder)
    }

    /// The exit code and the output of `check`.
    fn check(&self, arguments: &[&str]) -> (i32, String) {
        let mut command = Command::cargo_bin("charter").expect("the command is built");
        let command = command.current_dir(self.0.path()).args(["check", "--contract", "api"]).args(arguments);
        let output = command.env("NO_COLOR", "1").output().expect("it runs");
        let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        (output.status.code().expect("a code"), text)
    }

    fn assert(&self, arguments: &[&str], code: i32, texts: &[&str]) {
        let (found, text) = self.check(arguments);
        assert_eq!(found, code, "{arguments:?}: {text}");
        for expected in texts {
            assert!(text.contains(expected), "{arguments:?}: {expected:?} is missing in {text}");
        }
    }
}

#[test]
fn a_document_of_an_unknown_form_is_an_input_error_that_names_the_nearest_form() {
    let cases = [
        (r#"{"a": 1}"#, "no known form has its members"),
        (r#"[{"a": 1}]"#, "no known form has its members"),
        ("12", "the form of this JSON document is not known"),
        ("\"2026-01-01T00:00:00Z\"", "the form of this JSON document is not known"),
        (r#"{"entries": [], "creator": {}}"#, "it resembles a HAR, but lacks a part of this form"),
        (r#"{"version": "1.2", "creator": {}, "entries": [{"request": {}}]}"#, "it resembles a HAR"),
        (r#"{"request": {"method": "GET"}, "response": {"status": 500}}"#, "resembles"),
        (r#"{"_type": "export", "__export_format": 4, "resources": []}"#, "an Insomnia export: export it as HAR"),
        (r#"{"openapi": "3.1.0", "info": {}, "paths": {}}"#, "an OpenAPI document: pass it with --contract"),
        ("{\"a\": 1}\n{\"a\": 2}\n", "no known form has its members"),
        ("{\"time\": 1, \"status\": 500}\n{\"time\": 2, \"status\": 200}\n", "resembles a nock recording"),
        ("hello", "the form of this file is not known"),
        ("swagger: '2.0'\npaths: {}\n", "the form of this file is not known"),
        ("GET /orders/1 HTTP/1.1\r\nhost: x\r\n\r\n", "the form of this file is not known"),
    ];
    for (text, expected) in cases {
        let files = Files::new(SEVERAL, &[("file", text)]);
        files.assert(&["file"], 3, &[expected, "nothing judged"]);
    }
}

#[test]
fn a_body_is_read_if_its_operation_is_named() {
    let files =
        Files::new(SEVERAL, &[("kept.json", r#"{"total": 1}"#), ("broken.json", r#"{"total": "1"}"#), ("lines", "{\"total\": 1}\n{}\n")]);
    files.assert(&["kept.json"], 3, &["name the operation with --operation ID"]);
    files.assert(&["kept.json", "--operation", "orders.get"], 0, &["1 kept"]);
    files.assert(&["broken.json", "--operation", "orders.get"], 1, &["/total"]);
    files.assert(&["lines", "--operation", "orders.get"], 1, &["1 kept, 1 broken"]);
    files.assert(&["broken.json", "--operation", "index"], 0, &["1 kept"]);
    std::fs::write(files.0.path().join("api/charter.toml"), "[check]\noperation = \"orders.get\"\n").expect("a file");
    files.assert(&["broken.json"], 1, &["/total"]);
    let (_, text) = files.check(&["kept.json"]);
    assert!(!text.contains("the only operation"), "{text}");
}

#[test]
fn the_only_operation_with_json_is_assumed_and_named() {
    let files =
        Files::new(ONE, &[("kept.json", r#"{"total": 1}"#), ("broken.json", r#"{"total": "1"}"#), ("lines", "{\"total\": 1}\n{}\n")]);
    let note = "bodies were checked as responses of orders.get, the only operation with a JSON response";
    files.assert(&["kept.json"], 0, &[note]);
    files.assert(&["broken.json"], 1, &[note, "/total"]);
    files.assert(&["lines"], 1, &[note, "1 kept, 1 broken"]);
    files.assert(&["kept.json", "--report", "json"], 0, &["\"assumedOperation\": \"orders.get\""]);
    files.assert(&["kept.json", "--report", "json", "--operation", "orders.get"], 0, &["\"assumedOperation\": null"]);
}

/// Polly.js stores the date of a recording next to it.
#[test]
fn files_of_unknown_form_in_a_folder_are_skipped_files_counted_and_listed() {
    let entry = |body: &str| {
        format!(
            r#"{{"log": {{"entries": [{{"request": {{"method": "GET", "url": "/orders/1"}}, "response": {{"status": 200, "content": {{"mimeType": "application/json", "text": {body:?}}}}}}}]}}}}"#
        )
    };
    let (kept, broken) = (entry(r#"{"total": 1}"#), entry(r#"{"total": "1"}"#));
    let side_files = [
        ("r/frozen.json", "\"2026-01-01T00:00:00Z\""),
        ("r/a/frozen.json", "{\"at\": \"2026-01-01\"}"),
        ("r/notes.txt", "notes"),
        ("r/README.md", "# r"),
        ("r/.git/HEAD", "ref"),
        ("r/.git/config", "x"),
    ];
    for (recording, code, summary) in [(&kept, 0, "1 kept, 0 broken"), (&broken, 1, "0 kept, 1 broken")] {
        let mut all = side_files.to_vec();
        all.push(("r/a.har", recording));
        let files = Files::new(SEVERAL, &all);
        files.assert(&["r"], code, &[summary, "1 exchange from 1 input", "5 files of the folder skipped (-v lists them)"]);
        let verbose = [
            "r/frozen.json: the form",
            "r/a/frozen.json: the form",
            "r/notes.txt: the form",
            "r/README.md: documentation",
            "r/.git: a hidden folder",
        ];
        files.assert(&["r", "-v"], code, &verbose);
        files.assert(&["r", "--report", "json"], code, &["\"skippedFiles\"", "\"source\": \"r/frozen.json\""]);
        // A pattern names its files, so that each must have a known form.
        files.assert(&["r/*.json"], 3, &["r/frozen.json: the form of this JSON document is not known"]);
    }
}

#[test]
fn a_folder_without_a_known_form_is_an_input_error() {
    for files in [&[("r/a.json", "\"x\"")][..], &[("r/a.txt", "x"), ("r/b.json", "{}")], &[("r/README.md", "x")]] {
        Files::new(SEVERAL, files).assert(&["r"], 3, &["r: ", "nothing judged"]);
    }
}

#[test]
fn in_a_folder_with_a_named_operation_objects_are_bodies_and_scalars_are_not() {
    let files = Files::new(SEVERAL, &[("r/a.json", r#"{"total": 1}"#), ("r/b.json", "{}"), ("r/frozen.json", "\"2026-01-01\"")]);
    files.assert(&["r", "--operation", "orders.get"], 1, &["1 kept, 1 broken", "1 file of the folder skipped"]);
    files.assert(&["r"], 3, &["nothing judged"]);
}

#[test]
fn a_damaged_recording_in_a_folder_is_an_error() {
    for text in [r#"{"log": {"entries": [{"#, r#"{"total": "#, "{\"a\" 1}"] {
        let files = Files::new(SEVERAL, &[("r/a.json", text), ("r/b.txt", "x")]);
        files.assert(&["r", "--operation", "orders.get"], 3, &["r/a.json: malformed"]);
        files.assert(&["r"], 3, &["r/a.json: malformed"]);
    }
}

#[test]
fn partitions_skip_file_the_same_files() {
    let line = r#"{"format": "charter-exchange/1", "request": {"method": "GET", "url": "/orders/1"}, "response": {"status": 200, "headers": [{"name": "content-type", "value": "application/json"}], "body": {"total": 1}}}"#;
    let files = Files::new(SEVERAL, &[("r/a.ndjson", &format!("{line}\n{line}\n")), ("r/frozen.json", "\"x\""), ("r/b.json", "{}")]);
    for part in ["1/2", "2/2"] {
        files.check(&["r", "--partition", part, "--report", &format!("json=part-{}.json", &part[..1])]);
    }
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let output = command.current_dir(files.0.path()).args(["merge", "part-1.json", "part-2.json", "--report", "json=merged.json"]).output();
    assert_eq!(output.expect("it runs").status.code(), Some(0));
    files.assert(&["r", "--report", "json=whole.json"], 0, &[]);
    let read = |name: &str| std::fs::read_to_string(files.0.path().join(name)).expect("a report");
    assert_eq!(read("merged.json"), read("whole.json"));
}

#[test]
fn drift_leaves_out_files_of_unknown_form() {
    let files = Files::new(SEVERAL, &[("r/a.json", r#"{"total": 1}"#)]);
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let output = command.current_dir(files.0.path()).args(["drift", "--contract", "api", "r"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stdout).contains("1 files of folders skipped: r/a.json"), "{output:?}");
}

/// A response of a recording of another program, in four formats: all of them were read as a body of the first operation.
fn of_other_programs(status: u16, body: &str) -> [(&'static str, String); 5] {
    let text = serde_json::to_string(body).expect("JSON");
    [
        (
            "Postman",
            format!(
                r#"{{"info": {{"name": "n", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}}, "item": [{{"name": "a", "request":
                {{"method": "GET", "url": {{"raw": "{{{{base}}}}/orders/1", "host": ["{{{{base}}}}"], "path": ["orders", ":id"], "variable": [{{"key": "id", "value": "1"}}]}}}},
                "response": [{{"code": {status}, "header": [{{"key": "Content-Type", "value": "application/json"}}], "body": {text}}}]}}]}}"#
            ),
        ),
        (
            "Pact",
            format!(
                r#"{{"consumer": {{"name": "a"}}, "provider": {{"name": "b"}}, "interactions": [{{"description": "d", "request": {{"method": "get", "path": "/orders/1"}},
                "response": {{"status": {status}, "body": {body}}}}}], "metadata": {{}}}}"#
            ),
        ),
        (
            "WireMock",
            format!(
                r#"{{"request": {{"method": "GET", "url": "/orders/1"}}, "response": {{"status": {status}, "headers": {{"Content-Type": "application/json"}}, "body": {text}}}}}"#
            ),
        ),
        (
            "VCR",
            format!(
                r#"{{"http_interactions": [{{"request": {{"method": "get", "uri": "http://localhost/orders/1", "body": {{"string": ""}}, "headers": {{}}}},
                "response": {{"status": {{"code": {status}, "message": "m"}}, "headers": {{"Content-Type": ["application/json"]}}, "body": {{"string": {text}}}}}}}],
                "recorded_with": "VCR 6"}}"#
            ),
        ),
        (
            "nock",
            format!(
                r#"[{{"scope": "http://localhost:80", "method": "GET", "path": "/orders/1", "status": {status}, "response": {body},
                "rawHeaders": ["Content-Type", "application/json"]}}]"#
            ),
        ),
    ]
}

#[test]
fn recordings_of_other_programs_are_never_bodies() {
    let cases = [
        (500, r#"{"error": "e"}"#, 1, "undocumented"),
        (200, r#"{"total": 1}"#, 0, "1 kept, 0 broken"),
        (200, r#"{"total": "1"}"#, 1, "/total"),
        (200, "{}", 1, "total"),
    ];
    for (status, body, code, expected) in cases {
        for (program, text) in of_other_programs(status, body) {
            let expected = if expected == "undocumented" { "500" } else { expected };
            for contract in [SEVERAL, ONE] {
                let files = Files::new(contract, &[("a.json", &text), ("r/a.json", &text), ("r/frozen.json", "\"2026-01-01\"")]);
                // Also if an operation is named, and in a folder.
                for arguments in [&["a.json"][..], &["a.json", "--operation", "orders.get"], &["r"]] {
                    let (found, output) = files.check(arguments);
                    assert_eq!(found, code, "{program} {status} {body} {arguments:?}: {output}");
                    assert!(output.contains(expected) && !output.contains("the only operation"), "{program} {status} {body}: {output}");
                }
            }
        }
    }
}

#[test]
fn concatenated_documents_are_read_one_by_one() {
    let files = Files::new(
        ONE,
        &[
            ("kept", "{\n  \"total\": 1\n}\n{\n  \"total\": 2\n}\n"),
            ("line", "{\"total\": 1}{\"total\": 2} {\"total\": \"3\"}"),
            ("cut", "{\n  \"total\": 1\n}\n{\n  \"total\": \n"),
            ("not", "{\n  \"total\": 1\n}\nhello\n"),
        ],
    );
    files.assert(&["kept"], 0, &["2 exchanges from 1 input: 2 kept"]);
    files.assert(&["line"], 1, &["3 exchanges from 1 input: 2 kept, 1 broken", "line:1:36"]);
    files.assert(&["cut"], 1, &["syntax.entry", "cut:4:1", "1 kept, 1 broken"]);
    files.assert(&["not"], 3, &["not: malformed"]);
}

#[test]
fn the_rows_of_a_log_are_exchanges_by_its_columns() {
    let row = |status: u16, body: &str| {
        format!(
            r#"{{"ts": 1767225600123, "http": {{"uri": "/orders/1", "code": {status}}}, "reply": {{"headers": "{{\"Content-Type\": \"application/json\"}}", "body": {body}}}}}"#
        )
    };
    let (kept, text, broken) = (row(200, r#"{"total": 1}"#), row(200, r#""{\"total\": 2}""#), row(200, r#"{"total": "3"}"#));
    let files = Files::new(
        SEVERAL,
        &[
            ("kept.ndjson", &format!("{kept}\n{text}\n")),
            ("broken.ndjson", &format!("{kept}\n\n{broken}\n")),
            ("one.json", &broken),
            ("list.json", &format!("[{kept},\n{broken}]")),
            ("other.ndjson", &format!("{kept}\n{{\"ts\": 1}}\n")),
        ],
    );
    files.assert(&["kept.ndjson"], 3, &["the form of this JSON document is not known"]);
    let columns = "[traffic.columns]\nurl = \"/http/uri\"\nstatus = \"/http/code\"\ntime = \"ts\"\nresponse-headers = \"/reply/headers\"\nresponse-body = \"/reply/body\"\n";
    std::fs::write(files.0.path().join("api/charter.toml"), columns).expect("a file");
    files.assert(&["kept.ndjson"], 0, &["2 exchanges from 1 input: 2 kept"]);
    files.assert(&["broken.ndjson"], 1, &["1 kept, 1 broken", "broken.ndjson:3:"]);
    files.assert(&["one.json"], 1, &["/total"]);
    files.assert(&["list.json"], 1, &["1 kept, 1 broken", "list.json:2:"]);
    files.assert(&["other.ndjson"], 3, &["1 not judged", "its operation is not known"]);
    // A setting without its required members is an error of the contract.
    std::fs::write(files.0.path().join("api/charter.toml"), "[traffic.columns]\nurl = \"/u\"\n").expect("a file");
    files.assert(&["kept.ndjson"], 2, &["status"]);
}
