//! Commands and tests that reproduce a finding: `extract`, curl commands, and `--report rust-test`.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::recordings::charter;

const FIXTURE: &str = "tests/fixtures/tickets";
const RECORDING: &str = "tests/fixtures/tickets/kept.ndjson";

/// A folder with the contract and a recording at the paths that the file `findings.rs` names. The recording has violations.
fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let target = folder.path().join(FIXTURE);
    std::fs::create_dir_all(&target).expect("a folder");
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join(FIXTURE)).expect("a folder") {
        let entry = entry.expect("an entry");
        std::fs::copy(entry.path(), target.join(entry.file_name())).expect("a copy");
    }
    let path = folder.path().join(RECORDING);
    let text = std::fs::read_to_string(&path).expect("the recording");
    let request = r#""method": "GET", "url": "https://tickets.example/v2/tickets/7""#;
    let fields = r#"[{"name": "Authorization", "value": "Bearer k3y-s3cret-0123456789"}, {"name": "Accept", "value": "application/json"}]"#;
    let text = text
        .replace(r#""number": 2, "state": "done""#, r#""number": 2, "state": "open""#)
        .replace(r#""number": 7, "state": "open""#, r#""number": 7, "state": "closed""#)
        .replace(request, &format!("{request}, \"headers\": {fields}"));
    std::fs::write(&path, text).expect("the recording");
    folder
}

/// Runs `check` on the recording and returns the standard output.
fn check(folder: &Path, flags: &[&str]) -> String {
    let arguments = [&["check", "--contract", FIXTURE, RECORDING], flags].concat();
    let (code, text, errors) = charter(folder, &arguments);
    assert_eq!(code, 1, "{errors}");
    String::from_utf8(text).expect("UTF-8")
}

fn report(path: &Path) -> Value {
    serde_json::from_slice(&std::fs::read(path).expect("a report")).expect("JSON")
}

fn groups(report: &Value) -> &Vec<Value> {
    report["groups"].as_array().expect("groups")
}

#[test]
fn the_extracted_exchange_has_the_finding() {
    let folder = folder();
    let root = folder.path();
    check(root, &["--report", "json=report.json"]);
    let report = self::report(&root.join("report.json"));
    assert_eq!(groups(&report).len(), 2, "{report:#}");
    for group in groups(&report) {
        let is_body = group["rule"] == "ticket.done-parts";
        let (id, output) = if is_body { ("ticket.done-parts", "one.json") } else { ("schema.enum", "one.har") };
        for name in [id, group["fingerprint"].as_str().expect("a fingerprint")] {
            let (code, _, errors) = charter(root, &["extract", "report.json", name, "-o", output]);
            assert!(code == 0 && errors.contains(&format!("check it: `charter check {output}`")), "{errors}");
            let (code, _, errors) = charter(root, &["check", "--contract", FIXTURE, output, "--report", "json=again.json"]);
            assert_eq!(code, 1, "{errors}");
            let again = self::report(&root.join("again.json"));
            assert_eq!((groups(&again).len(), &again["summary"]["exchanges"]), (1, &Value::from(1)));
            assert_eq!(groups(&again)[0]["fingerprint"], group["fingerprint"]);
        }
    }
}

#[test]
fn an_extraction_that_is_not_possible_has_a_reason_and_writes_nothing() {
    let folder = folder();
    let root = folder.path();
    check(root, &["--report", "json=report.json"]);
    let stdin = std::fs::read_to_string(root.join("report.json")).expect("a report").replace(RECORDING, "<stdin>");
    std::fs::write(root.join("stdin.json"), stdin).expect("a file");
    for (arguments, code, message) in [
        (&["extract", "none.json", "schema.enum", "-o", "a.har"][..], 3, "cannot read none.json"),
        (&["extract", RECORDING, "schema.enum", "-o", "a.har"], 3, "it is not a report"),
        (&["extract", "report.json", "schema.enumm", "-o", "a.har"], 2, "has no finding `schema.enumm`; did you mean `schema.enum`?"),
        (&["extract", "report.json", "x", "-o", "a.har"], 2, "the ids are schema.enum, ticket.done-parts"),
        (&["extract", "report.json", "schema.enum", "--sample", "9", "-o", "a.har"], 2, "the report has 1 sample of 1 finding"),
        (&["extract", "report.json", "schema.enum", "--sample", "0", "-o", "a.har"], 2, "0 is not in 1.."),
        (&["extract", "report.json", "schema.enum", "-o", "a.txt"], 2, "the form of a.txt is not known"),
        (&["extract", "report.json", "ticket.done-parts", "-o", "a.har"], 2, "is a body without a request"),
        (&["extract", "stdin.json", "schema.enum", "-o", "a.har"], 3, "was read from standard input"),
    ] {
        let (found, _, errors) = charter(root, arguments);
        assert!(found == code && errors.contains(message), "{arguments:?}: {found} {errors}");
    }
    let path = root.join(RECORDING);
    let text = std::fs::read_to_string(&path).expect("the recording");
    std::fs::write(&path, text.replace("\"number\": 7", "\"number\": 8")).expect("the recording");
    let (code, _, errors) = charter(root, &["extract", "report.json", "schema.enum", "-o", "a.har"]);
    assert!(code == 3 && errors.contains("was changed after the report was made; run `charter check` again"), "{errors}");
    std::fs::remove_file(&path).expect("the recording");
    let (code, _, errors) = charter(root, &["extract", "report.json", "schema.enum", "-o", "a.har"]);
    assert!(code == 3 && errors.contains("run the command in the folder where the report was made"), "{errors}");
    assert!(!root.join("a.har").exists() && !root.join("a.txt").exists());
}

#[test]
fn the_text_report_names_the_commands_that_reproduce_a_finding() {
    let folder = folder();
    let root = folder.path();
    let text = check(root, &[]);
    assert!(!text.contains("charter extract") && !text.contains("curl"), "{text}");
    let text = check(root, &["-v", "--report", "json=out/report.json"]);
    let command = "-o one.har && charter check one.har --contract tests/fixtures/tickets";
    assert!(
        text.lines().any(|line| line.starts_with("  = extract  charter extract out/report.json ") && line.ends_with(command)),
        "{text}"
    );
    let curl = "  = request  curl https://tickets.example/v2/tickets/7 -H 'Authorization: ***' -H 'Accept: application/json'";
    assert!(text.lines().any(|line| line == curl), "{text}");
    let json = std::fs::read_to_string(root.join("out/report.json")).expect("a report");
    assert!(!text.contains("k3y-s3cret") && !json.contains("k3y-s3cret"));
}

/// The module `findings` is this file as compiled. Its tests pass, because the recording of the fixture has no violations.
#[test]
fn the_tests_of_a_report_are_the_compiled_ones() {
    let folder = folder();
    check(folder.path(), &["--report", "rust-test=findings.rs"]);
    let written = std::fs::read_to_string(folder.path().join("findings.rs")).expect("the tests");
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/findings.rs");
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(&path, &written).expect("the tests");
    }
    let compiled = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        written == compiled,
        "findings.rs is stale; run `INSTA_UPDATE=always cargo test -p charter-cli --test it reproduce`:\n{written}"
    );
}

#[test]
fn the_tests_of_a_report_fail_where_the_recording_has_the_findings() {
    let run = |folder: &Path| {
        let mut tests = Command::new(std::env::current_exe().expect("this program"));
        let output = tests.current_dir(folder).args(["findings::", "--test-threads", "1"]).output().expect("it runs");
        (output.status.success(), String::from_utf8_lossy(&output.stdout).into_owned())
    };
    let folder = folder();
    let (passed, text) = run(folder.path());
    assert!(!passed && text.contains("2 failed"), "{text}");
    for message in [
        "\"closed\", expected one of \"open\", \"done\"",
        "ticket 1 is done and a part of it is not",
        "1 in all, the first in exchange 1 of",
    ] {
        assert!(text.contains(message), "{message}: {text}");
    }
    let (passed, text) = run(Path::new(env!("CARGO_MANIFEST_DIR")));
    assert!(passed && text.contains("2 passed"), "{text}");
}

#[test]
fn a_report_without_findings_has_no_tests() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (code, text, _) = charter(root, &["check", "--contract", FIXTURE, RECORDING, "--report", "rust-test"]);
    let text = String::from_utf8(text).expect("UTF-8");
    assert!(code == 0 && text.contains("there are no tests") && !text.contains("#[test]"), "{text}");
}
