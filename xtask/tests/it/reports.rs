//! Reports, coverage and baselines: exit codes and written files.

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::check_code;

const BROKEN: &str = "contract-tests/recordings/broken/maximum.sample-rank.ndjson";
const OTHER: &str = "contract-tests/recordings/broken/required.started-at.ndjson";

/// A baseline of one recording with a violation, written by the command.
fn baseline(folder: &TempDir) -> (String, Value) {
    let path = folder.path().join("new/accepted.json").to_string_lossy().into_owned();
    check_code(&["check", BROKEN, "--baseline", &path, "--write-baseline"], 0, "1 entries; write a reason for each");
    let value = serde_json::from_str(&std::fs::read_to_string(&path).expect("the baseline")).expect("JSON");
    (path, value)
}

fn write(path: &str, value: &Value) {
    std::fs::write(path, value.to_string()).expect("written");
}

#[test]
fn a_baseline_accepts_only_its_entries() {
    let folder = TempDir::new().expect("a folder");
    let (path, written) = baseline(&folder);
    assert_eq!((&written["format"], &written["entries"][0]["reason"]), (&json!("charter-baseline/1"), &json!("not reviewed yet")));
    assert_eq!(written["entries"][0]["rule"], "schema.maximum");
    let kept = check_code(&["check", BROKEN, "--baseline", &path], 0, "baseline: 1 finding accepted");
    assert!(!kept.out.contains("error[schema.maximum]"), "{}", kept.out);
    check_code(&["check", BROKEN, "--baseline", &path, "-v"], 0, "error[schema.maximum]");
    let both = check_code(&["check", BROKEN, OTHER, "--baseline", &path], 1, "error[schema.required]");
    assert!(!both.out.contains("error[schema.maximum]"), "{}", both.out);
    let report = check_code(&["check", BROKEN, "--baseline", &path, "--report", "json"], 0, "");
    let report: Value = serde_json::from_str(&report.out).expect("JSON");
    assert_eq!((&report["groups"][0]["accepted"], &report["summary"]["errors"]), (&json!("not reviewed yet"), &json!(1)));
}

#[test]
fn an_entry_that_no_longer_occurs_is_reported() {
    let folder = TempDir::new().expect("a folder");
    let (path, written) = baseline(&folder);
    let fingerprint = written["entries"][0]["fingerprint"].as_str().expect("a fingerprint");
    check_code(&["check", "--baseline", &path], 0, &format!("the entry {fingerprint} of the baseline no longer occurs: remove it"));
}

#[test]
fn an_expired_entry_makes_the_command_fail() {
    let folder = TempDir::new().expect("a folder");
    let (path, mut written) = baseline(&folder);
    written["entries"][0]["expires"] = json!("2999-12-31");
    write(&path, &written);
    check_code(&["check", BROKEN, "--baseline", &path], 0, "accepted");
    written["entries"][0]["expires"] = json!("2020-01-01");
    write(&path, &written);
    check_code(&["check", BROKEN, "--baseline", &path], 1, "has expired: fix the finding, or review it again");
    // An expired entry fails a run without its finding, too.
    check_code(&["check", "--baseline", &path], 1, "has expired");
}

#[test]
fn a_baseline_is_sorted_and_preserves_reasons() {
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
fn an_invalid_baseline_is_wrong_usage() {
    let folder = TempDir::new().expect("a folder");
    let (path, written) = baseline(&folder);
    let mut without = written.clone();
    without["entries"][0]["reason"] = json!(" ");
    write(&path, &without);
    check_code(&["check", BROKEN, "--baseline", &path], 2, "has no reason: state why");
    let mut twice = written.clone();
    let entry = twice["entries"][0].clone();
    twice["entries"].as_array_mut().expect("entries").push(entry);
    write(&path, &twice);
    check_code(&["check", BROKEN, "--baseline", &path], 2, "duplicate fingerprint");
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
    check_code(&["check", BROKEN, "--baseline", "no/such/file.json"], 2, "--write-baseline creates it");
    check_code(&["check", BROKEN, "--write-baseline"], 2, "--baseline");
}

#[test]
fn low_coverage_exits_with_1() {
    check_code(&["check", "--fail-under", "100"], 0, "coverage: 100.0 %");
    let body = "contract-tests/recordings/kept/bare-body.json";
    check_code(&["check", body, "--fail-under", "90"], 1, ", below 90 %");
    check_code(&["check", body, "--fail-under", "1"], 0, "more (-v lists them)");
    check_code(&["check", body, "--fail-under", "101"], 2, "101");
    check_code(&["check", body, "--fail-under", "most"], 2, "most");
}

#[test]
fn two_reports_with_one_target_are_wrong_usage() {
    for reports in [["json", "sarif"], ["json=a.json", "html=a.json"], ["text", "text"]] {
        check_code(&["check", BROKEN, "--report", reports[0], "--report", reports[1]], 2, "give each its own file");
    }
    check_code(&["check", BROKEN, "--report", "html="], 2, "file name missing");
    let names: Vec<&str> = charter_report::FORMATS.iter().map(|format| format.name()).collect();
    check_code(&["check", BROKEN, "--report", "pdf"], 2, &format!("expected one of {}", names.join(", ")));
}

#[test]
fn verbose_reports_have_a_table_of_rules_that_did_not_apply() {
    let body = "contract-tests/recordings/kept/bare-body.json";
    check_code(&["check", body], 0, "error rules were never exercised");
    let ran = check_code(&["check", body, "-v"], 0, "request-unknown 1");
    let row = ran.out.lines().find(|line| line.starts_with("run.id-is-the-one-asked-for")).expect("a row");
    assert!(row.contains("not applicable 1") && row.contains("(request-unknown 1)"), "{row}");
}

#[test]
fn no_progress_is_printed_without_a_terminal() {
    let ran = check_code(&["check"], 0, "kept");
    assert_eq!(ran.err, "");
}

#[test]
fn the_manual_page_has_every_product_command() {
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
        // `charter` has no development commands.
        let is_product = !["serve", "bench", "conformance"].contains(&command);
        assert_eq!(man.contains(&format!(".SH CHARTER {}\n", command.to_uppercase())), is_product, "{command} in the manual");
        check_code(&[command, "--help"], 0, "Examples:");
    }
    for word in ["\\-\\-fail\\-under", "\\-\\-write\\-baseline", "48 MiB"] {
        assert!(man.contains(word), "no {word} in the manual");
    }
}
