//! Reports and recordings at paths that are not regular files, and inputs without an end.

#![cfg(unix)]

use std::io::{Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;
use tempfile::TempDir;

const DOCUMENT: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/orders/{id}": {"get": {"operationId": "orders.get",
  "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}}}}}}"#;

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("openapi.json"), DOCUMENT).expect("a file");
    std::fs::write(folder.path().join("body.json"), "{}").expect("a file");
    folder
}

fn charter(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    command.current_dir(folder).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

const CHECK: &[&str] = &["check", "--contract", "openapi.json", "body.json", "--report"];

#[test]
fn a_report_at_a_link_is_written_to_its_target() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("inner")).expect("a folder");
    std::fs::write(path("inner/target.json"), "before").expect("a file");
    std::os::unix::fs::symlink("inner/target.json", path("link.json")).expect("a link");
    std::os::unix::fs::symlink("inner/new.json", path("dangling.json")).expect("a link");
    for (link, target) in [("link.json", "inner/target.json"), ("dangling.json", "inner/new.json")] {
        let output = charter(folder.path(), &[CHECK, &[&format!("json={link}")]].concat()).output().expect("it runs");
        assert!(output.status.success(), "{output:?}");
        assert!(path(link).is_symlink());
        assert!(std::fs::read_to_string(path(target)).expect("a report").contains("charter-report/1"));
    }
}

#[test]
fn a_report_at_a_pipe_is_read_at_its_other_end() {
    let folder = folder();
    let pipe = folder.path().join("pipe");
    assert!(Command::new("mkfifo").arg(&pipe).status().expect("mkfifo").success());
    let reader = std::thread::spawn({
        let pipe = pipe.clone();
        move || std::fs::read_to_string(pipe).expect("a report")
    });
    let output = charter(folder.path(), &[CHECK, &["json=pipe"]].concat()).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    assert!(reader.join().expect("a reader").contains("charter-report/1"));
    assert!(std::fs::symlink_metadata(&pipe).expect("a pipe").file_type().is_fifo());
}

#[test]
fn a_report_at_a_device_leaves_the_device() {
    let folder = folder();
    let output = charter(folder.path(), &[CHECK, &["json=/dev/null"]].concat()).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    assert!(std::fs::metadata("/dev/null").expect("a device").file_type().is_char_device());
    let output = charter(folder.path(), &[CHECK, &["json=/dev/stdout"]].concat()).output().expect("it runs");
    assert!(output.status.success() && String::from_utf8_lossy(&output.stdout).contains("charter-report/1"), "{output:?}");
    let full = charter(folder.path(), &[CHECK, &["json=/dev/full"]].concat()).output().expect("it runs");
    assert_eq!(full.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&full.stderr).contains("cannot write /dev/full"), "{full:?}");
    assert!(std::fs::metadata("/dev/full").expect("a device").file_type().is_char_device());
}

#[test]
fn a_conversion_to_a_pipe_is_written_through() {
    let folder = folder();
    let line =
        r#"{"format": "charter-exchange/1", "request": {"method": "GET", "url": "/orders/1"}, "response": {"status": 200, "body": {}}}"#;
    std::fs::write(folder.path().join("a.ndjson"), line).expect("a file");
    let output = charter(folder.path(), &["convert", "a.ndjson", "-o", "/dev/stdout", "--to", "har", "-q"]).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
    assert!(String::from_utf8_lossy(&output.stdout).starts_with("{\"log\":{"), "{output:?}");
}

/// Runs `check` with these bytes as standard input, which may have no end. Returns the exit code, the output and the time.
fn check_stdin(bytes: &'static [u8], times: usize) -> (Option<i32>, String, Duration) {
    let folder = folder();
    let begun = Instant::now();
    let mut child = charter(folder.path(), &["check", "--contract", "openapi.json", "--max-body", "1M", "-"])
        .stdin(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    let writer = std::thread::spawn(move || (0..times).take_while(|_| stdin.write_all(bytes).is_ok()).count());
    let mut text = String::new();
    child.stdout.take().expect("a pipe").read_to_string(&mut text).expect("text");
    let code = child.wait().expect("it ends").code();
    let _ = writer.join();
    (code, text, begun.elapsed())
}

#[test]
fn blank_lines_before_a_body_take_linear_time() {
    static BLANK: [u8; 1 << 20] = [b'\n'; 1 << 20];
    let (code, text, time) = check_stdin(&BLANK, 1);
    assert_eq!(code, Some(3), "{text}");
    assert!(time < Duration::from_secs(60), "{time:?}");
    let folder = folder();
    std::fs::write(folder.path().join("blank.json"), [&BLANK[..], b"{}"].concat()).expect("a file");
    let output = charter(folder.path(), &["check", "--contract", "openapi.json", "blank.json"]).output().expect("it runs");
    assert!(output.status.success(), "{output:?}");
}

#[test]
fn an_input_without_an_end_is_an_error() {
    static ZEROS: [u8; 1 << 20] = [0; 1 << 20];
    static BLANK: [u8; 1 << 20] = [b'\n'; 1 << 20];
    for (bytes, message) in [(&ZEROS, "a line is longer than"), (&BLANK, "the source begins with more than")] {
        let (code, text, _) = check_stdin(bytes, usize::MAX);
        assert_eq!(code, Some(3), "{text}");
        assert!(text.contains(message), "{text}");
    }
}

#[test]
fn scrub_reports_that_standard_output_cannot_be_written() {
    let folder = folder();
    let full = std::fs::OpenOptions::new().write(true).open("/dev/full").expect("a device");
    let output = charter(folder.path(), &["scrub", "body.json", "-o", "-"]).stdout(full).output().expect("it runs");
    assert_eq!(output.status.code(), Some(3));
    assert!(String::from_utf8_lossy(&output.stderr).contains("the output cannot be written"), "{output:?}");
}

/// The checksum of the contract and the positions of schemas are made only for reports that contain them.
#[test]
fn reports_with_details_of_the_contract_have_them() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    let schema = "{type: object, properties: {pages: {type: integer}}}";
    let document = format!(
        "openapi: 3.1.0\ninfo: {{title: t, version: '1'}}\npaths:\n  /books:\n    get:\n      operationId: books.get\n      responses:\n        '200':\n          \
         description: d\n          content:\n            application/json:\n              schema: {schema}\n"
    );
    std::fs::write(root.join("openapi.yaml"), document).expect("a document");
    std::fs::write(root.join("body.json"), r#"{"pages": "x"}"#).expect("a body");
    let report = |arguments: &[&str]| -> serde_json::Value {
        let mut command = Command::cargo_bin("charter").expect("the command is built");
        let output = command.current_dir(root).args(["check", "--contract", ".", "body.json"]).args(arguments).output().expect("it runs");
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        serde_json::from_slice(&output.stdout).expect("JSON")
    };
    for arguments in [&["--report", "json"][..], &["--report", "json", "--partition", "1/1"]] {
        let json = report(arguments);
        assert!(json["contract"]["digest"].as_str().is_some_and(|digest| digest.starts_with("sha256:")), "{json:#}");
        assert_eq!(json["groups"][0]["definition"]["document"], "openapi.yaml", "{json:#}");
        assert_eq!(json["groups"][0]["definition"]["line"], 12, "{json:#}");
    }
    let sarif = report(&["--report", "sarif"]);
    assert!(sarif.to_string().contains(r#""startLine":12"#), "{sarif:#}");
}

/// The input is a pipe without content for three seconds. `CI` selects lines, because standard error is not a terminal.
#[test]
fn a_step_of_more_than_two_seconds_prints_a_line_in_ci() {
    let folder = folder();
    let pipe = folder.path().join("slow.ndjson");
    let made = Command::new("mkfifo").arg(&pipe).status().expect("mkfifo runs");
    assert!(made.success());
    let exchange = r#"{"format":"charter-exchange/1","request":{"method":"GET","url":"https://a.example/orders/1"},"response":{"status":200,"headers":[],"body":{}}}"#;
    for (more, expected) in [(None, true), (Some("--quiet"), false)] {
        let mut command = charter(folder.path(), &["convert", "slow.ndjson", "-o", "out.har"]);
        let child = command.args(more).env("CI", "true").spawn().expect("it runs");
        std::thread::sleep(Duration::from_secs(3));
        std::fs::write(&pipe, exchange).expect("the pipe is read");
        let output = child.wait_with_output().expect("it ends");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{text}");
        assert_eq!(text.contains("progress: converting slow.ndjson: 2 s"), expected, "{text}");
    }
}
