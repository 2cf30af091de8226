//! Reports, coverage and baselines from the command line: what ends a run with which exit code, and what is written where.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::{Value, json};
use tempfile::TempDir;

const BROKEN: &str = "contract-tests/recordings/broken/maximum.sample-rank.ndjson";
const OTHER: &str = "contract-tests/recordings/broken/required.started-at.ndjson";

/// What a run came to: exit code, standard output, standard error.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(arguments: &[&str]) -> Ran {
    let root: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut command = Command::cargo_bin("xtask").expect("the command is built");
    command.current_dir(root).args(arguments).env_remove("CARGO_MANIFEST_DIR").env_remove("CI").env("NO_COLOR", "1");
    let output = command.output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code().expect("an exit code"), out: text(output.stdout), err: text(output.stderr) }
}

fn check_code(arguments: &[&str], code: i32, wanted: &str) -> Ran {
    let ran = run(arguments);
    assert_eq!(ran.code, code, "{arguments:?}\n{}\n{}", ran.out, ran.err);
    assert!(ran.out.contains(wanted) || ran.err.contains(wanted), "{arguments:?}: no {wanted:?} in\n{}\n{}", ran.out, ran.err);
    ran
}

/// A baseline of one broken recording, written by the command.
fn baseline(folder: &TempDir) -> (String, Value) {
    let path = folder.path().join("new/accepted.json").to_string_lossy().into_owned();
    check_code(&["check", BROKEN, "--baseline", &path, "--write-baseline"], 0, "1 entries; give each a reason");
    let value = serde_json::from_str(&std::fs::read_to_string(&path).expect("the baseline")).expect("JSON");
    (path, value)
}

fn write(path: &str, value: &Value) {
    std::fs::write(path, value.to_string()).expect("written");
}

#[test]
fn a_baseline_accepts_what_it_names_and_nothing_else() {
    let folder = TempDir::new().expect("a folder");
    let (path, written) = baseline(&folder);
    assert_eq!((&written["format"], &written["entries"][0]["reason"]), (&json!("charter-baseline/1"), &json!("not reviewed yet")));
    assert_eq!(written["entries"][0]["rule"], "schema.maximum");
    let kept = check_code(&["check", BROKEN, "--baseline", &path], 0, "baseline: 1 findings are accepted");
    assert!(!kept.out.contains("error: schema.maximum"), "{}", kept.out);
    check_code(&["check", BROKEN, "--baseline", &path, "-v"], 0, "error: schema.maximum");
    let both = check_code(&["check", BROKEN, OTHER, "--baseline", &path], 1, "error: schema.required");
    assert!(!both.out.contains("error: schema.maximum"), "{}", both.out);
    let report = check_code(&["check", BROKEN, "--baseline", &path, "--report", "json"], 0, "");
    let report: Value = serde_json::from_str(&report.out).expect("JSON");
    assert_eq!((&report["groups"][0]["accepted"], &report["summary"]["errors"]), (&json!("not reviewed yet"), &json!(1)));
}

#[test]
fn an_entry_that_no_longer_occurs_is_stale_and_told() {
    let folder = TempDir::new().expect("a folder");
    let (path, written) = baseline(&folder);
    let fingerprint = written["entries"][0]["fingerprint"].as_str().expect("a fingerprint");
    check_code(&["check", "--baseline", &path], 0, &format!("the entry {fingerprint} of the baseline no longer occurs: remove it"));
}

#[test]
fn an_entry_holds_through_its_last_day_and_then_breaks_the_run() {
    let folder = TempDir::new().expect("a folder");
    let (path, mut written) = baseline(&folder);
    written["entries"][0]["expires"] = json!("2999-12-31");
    write(&path, &written);
    check_code(&["check", BROKEN, "--baseline", &path], 0, "accepted");
    written["entries"][0]["expires"] = json!("2020-01-01");
    write(&path, &written);
    check_code(&["check", BROKEN, "--baseline", &path], 1, "has expired: mend it, or review it again");
    // An expired entry breaks a run that shows nothing of it, too.
    check_code(&["check", "--baseline", &path], 1, "has expired");
}

#[test]
fn a_baseline_is_sorted_and_keeps_the_reasons_of_a_review() {
    let folder = TempDir::new().expect("a folder");
    let (path, mut written) = baseline(&folder);
    written["entries"][0]["reason"] = json!("ticket 12");
    written["entries"][0]["expires"] = json!("2999-12-31");
    write(&path, &written);
    let all = ["check", OTHER, "contract-tests/recordings/broken/enum.run-type.ndjson", BROKEN, "--baseline", &path, "--write-baseline"];
    check_code(&all, 0, "3 entries");
    let text = std::fs::read_to_string(&path).expect("the baseline");
    let again: Value = serde_json::from_str(&text).expect("JSON");
    let entries = again["entries"].as_array().expect("entries");
    let rules: Vec<&str> = entries.iter().filter_map(|entry| entry["rule"].as_str()).collect();
    assert_eq!(rules, ["schema.enum", "schema.maximum", "schema.required"]);
    assert_eq!((&entries[1]["reason"], &entries[1]["expires"]), (&json!("ticket 12"), &json!("2999-12-31")));
    check_code(&all, 0, "3 entries");
    assert_eq!(std::fs::read_to_string(&path).expect("the baseline"), text, "writing it again changes nothing");
}

#[test]
fn a_baseline_that_is_none_is_wrong_usage() {
    let folder = TempDir::new().expect("a folder");
    let (path, written) = baseline(&folder);
    let mut without = written.clone();
    without["entries"][0]["reason"] = json!(" ");
    write(&path, &without);
    check_code(&["check", BROKEN, "--baseline", &path], 2, "gives no reason: say why");
    let mut twice = written.clone();
    let entry = twice["entries"][0].clone();
    twice["entries"].as_array_mut().expect("entries").push(entry);
    write(&path, &twice);
    check_code(&["check", BROKEN, "--baseline", &path], 2, "stands there twice");
    let mut other = written.clone();
    other["format"] = json!("charter-baseline/9");
    write(&path, &other);
    check_code(&["check", BROKEN, "--baseline", &path], 2, "charter-baseline/1");
    let mut date = written;
    date["entries"][0]["expires"] = json!("next year");
    write(&path, &date);
    check_code(&["check", BROKEN, "--baseline", &path], 2, "cannot be read");
    std::fs::write(&path, "{").expect("written");
    check_code(&["check", BROKEN, "--baseline", &path], 2, "cannot be read");
    check_code(&["check", BROKEN, "--baseline", "no/such/file.json"], 2, "--write-baseline makes one");
    check_code(&["check", BROKEN, "--write-baseline"], 2, "--baseline");
}

#[test]
fn too_little_coverage_ends_with_1() {
    check_code(&["check", "--fail-under", "100"], 0, "coverage: 100.0 %");
    let body = "contract-tests/recordings/kept/bare-body.json";
    check_code(&["check", body, "--fail-under", "90"], 1, "is under 90 %");
    check_code(&["check", body, "--fail-under", "1"], 0, "would raise it (-v names them)");
    check_code(&["check", body, "--fail-under", "101"], 2, "101");
    check_code(&["check", body, "--fail-under", "most"], 2, "most");
}

#[test]
fn two_reports_never_go_to_one_place() {
    for reports in [["json", "sarif"], ["json=a.json", "html=a.json"], ["text", "text"]] {
        check_code(&["check", BROKEN, "--report", reports[0], "--report", reports[1]], 2, "give each a file of its own");
    }
    check_code(&["check", BROKEN, "--report", "html="], 2, "a file name is missing");
    check_code(&["check", BROKEN, "--report", "pdf"], 2, "text, json, junit, sarif, github, markdown, html");
}

#[test]
fn rules_that_did_not_apply_are_a_table() {
    let body = "contract-tests/recordings/kept/bare-body.json";
    check_code(&["check", body], 0, "error rules were exercised by nothing");
    let ran = check_code(&["check", body, "-v"], 0, "request-unknown 1");
    let row = ran.out.lines().find(|line| line.starts_with("run.id-is-the-one-asked-for")).expect("a row");
    assert!(row.contains("not applicable 1") && row.contains("(request-unknown 1)"), "{row}");
}

#[test]
fn nothing_is_said_of_progress_where_nobody_looks() {
    let ran = check_code(&["check"], 0, "kept");
    assert_eq!(ran.err, "");
}

#[test]
fn the_manual_page_has_every_command_with_examples() {
    let man = check_code(&["man"], 0, ".TH charter 1").out;
    let help = check_code(&["--help"], 0, "Commands:").out;
    let (_, commands) = help.split_once("Commands:\n").expect("the list");
    let commands: Vec<&str> = commands
        .lines()
        .take_while(|line| line.starts_with("  "))
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .collect();
    assert!(commands.len() >= 14, "{commands:?}");
    for command in commands.into_iter().filter(|command| *command != "help") {
        // The development commands of this repository are no commands of `charter`.
        let is_product = !["serve", "bench", "conformance"].contains(&command);
        assert_eq!(man.contains(&format!(".SH CHARTER {}\n", command.to_uppercase())), is_product, "{command} in the manual");
        check_code(&[command, "--help"], 0, "Examples:");
    }
    for word in ["\\-\\-fail\\-under", "\\-\\-write\\-baseline", "48 MiB"] {
        assert!(man.contains(word), "no {word} in the manual");
    }
}
