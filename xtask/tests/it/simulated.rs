//! `check` without a path: the bundled recordings and the embedded simulator, in one reproducible report.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use serde_json::Value;
use tempfile::TempDir;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn xtask(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir(folder).args(arguments).env_remove("CARGO_MANIFEST_DIR").env_remove("CHARTER_API_KEY").env("NO_COLOR", "1");
    command
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

fn report(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", text(output)))
}

/// A copy of the contract with one recording, and its settings for the simulator.
fn contract(simulator: &str) -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let schema = folder.path().join("schema");
    std::fs::create_dir_all(&schema).expect("a folder");
    for entry in std::fs::read_dir(root().join("schema")).expect("a folder") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_file() {
            std::fs::copy(entry.path(), schema.join(entry.file_name())).expect("a copy");
        }
    }
    std::fs::copy(root().join("contract-tests/recordings/kept/bare-body.json"), folder.path().join("one.json")).expect("a copy");
    let settings = std::fs::read_to_string(schema.join("charter.toml")).expect("settings");
    let (before, rest) = settings.split_once("[check.simulator]").expect("the simulator's settings");
    let rest = rest.split_once("\n\n").expect("what follows").1;
    let before = before.replace("../contract-tests/recordings/kept", "../one.json");
    std::fs::write(schema.join("charter.toml"), format!("{before}{simulator}\n\n{rest}")).expect("settings");
    folder
}

#[test]
fn the_report_of_recordings_and_simulator_is_reproducible() {
    let first = xtask(&root(), &["check", "--report", "json"]).output().expect("the command runs");
    assert_eq!(code(&first), 0, "{}", text(&first));
    let value = report(&first);
    let inputs = value["inputs"].as_array().expect("inputs");
    let (simulator, recordings) = inputs.split_last().expect("inputs");
    assert_eq!(simulator["source"], "simulator");
    assert!(simulator["error"].is_null() && simulator["exchanges"].as_u64() > Some(400), "{simulator}");
    let bundled = |input: &Value| input["source"].as_str().is_some_and(|name| name.starts_with("contract-tests/recordings/kept/"));
    assert!(recordings.len() > 5 && recordings.iter().all(bundled), "{recordings:?}");
    let exchanges = inputs.iter().filter_map(|input| input["exchanges"].as_u64()).sum::<u64>();
    assert_eq!(value["summary"]["exchanges"], exchanges);
    assert_eq!(value["groups"], serde_json::json!([]));
    let second = xtask(&root(), &["check", "--report", "json"]).output().expect("the command runs");
    assert!(first.stdout == second.stdout, "the reports of two runs differ");
}

#[test]
fn the_live_pass_calls_every_read_only_operation() {
    let folder = contract("[check.simulator]\n");
    let file = folder.path().join("schema/charter.toml");
    let settings = std::fs::read_to_string(&file).expect("settings").replace("recordings = \"../one.json\"", "");
    std::fs::write(&file, settings).expect("settings");
    let output = xtask(folder.path(), &["check", "--report", "json"]).output().expect("the command runs");
    let value = report(&output);
    assert!(code(&output) == 0 && value["inputs"].as_array().is_some_and(|inputs| inputs.len() == 1), "{}", value["inputs"]);
    let part = |name: &str| {
        let parts = value["coverage"]["parts"].as_array().expect("parts");
        parts.iter().find(|part| part["of"] == name).cloned().unwrap_or_else(|| panic!("no {name} in {parts:?}"))
    };
    assert_eq!(part("expand combinations")["covered"], 16);
    // Two of the nine operations are not read-only: they start and cancel a run.
    assert_eq!(part("operations")["covered"], 7);
    // The report lists the cases that were never reached. These were reached.
    let missing: Vec<&str> = value["coverage"]["missing"].as_array().expect("cases").iter().filter_map(Value::as_str).collect();
    assert!(missing.contains(&"operation runs.cancel status 200"), "{missing:?}");
    for seen in
        ["runs.get status 400", "runs.get status 401", "runs.get status 404", "runs.usage.get status 401", "runs.artifacts.get status 200"]
    {
        assert!(!missing.contains(&&*format!("operation {seen}")), "{seen} was not seen: {missing:?}");
    }
    // Runs finished during the pass.
    assert!(value["timelines"].to_string().contains("\"to\":\"completed\""), "{}", value["timelines"]);
}

#[test]
fn a_fault_of_the_simulator_fails_the_check() {
    let folder = contract("[check.simulator]\nfaults = [\"run.sample-rank-below-one\"]");
    let output = xtask(folder.path(), &["check"]).output().expect("the command runs");
    assert_eq!(code(&output), 1, "{}", text(&output));
    assert!(text(&output).contains("error[run.sample-rank-below-one]") && text(&output).contains("--> simulator:"), "{}", text(&output));
    assert!(text(&output).contains("from http://simulator/api/v1/runs/") && !text(&output).contains("127.0.0.1"), "{}", text(&output));
    // With the finding in the baseline, the next check passes.
    let accepted = xtask(folder.path(), &["check", "--baseline", "accepted.json", "--write-baseline"]).output().expect("the command runs");
    assert_eq!(code(&accepted), 0, "{}", text(&accepted));
    let baseline = std::fs::read_to_string(folder.path().join("accepted.json")).expect("a baseline");
    assert!(baseline.contains("run.sample-rank-below-one"), "{baseline}");
    let checked = xtask(folder.path(), &["check", "--baseline", "accepted.json"]).output().expect("the command runs");
    assert_eq!(code(&checked), 0, "{}", text(&checked));
    // With a path, only that path is checked.
    let alone = xtask(folder.path(), &["check", "one.json", "--operation", "runs.get", "--report", "json"]).output().expect("it runs");
    assert!(code(&alone) == 0 && report(&alone)["inputs"].as_array().is_some_and(|inputs| inputs.len() == 1), "{}", text(&alone));
}

#[test]
fn the_operation_of_bodies_does_not_apply_to_the_simulator() {
    let folder = contract("[check.simulator]\nruns = 2");
    let output = xtask(folder.path(), &["check", "--operation", "runs.list", "--report", "json"]).output().expect("the command runs");
    let value = report(&output);
    assert_eq!(code(&output), 1, "{}", value["summary"]);
    let sources = value["groups"].as_array().expect("groups").iter().flat_map(|group| group["samples"].as_array().expect("samples"));
    assert!(sources.clone().count() > 0 && sources.clone().all(|sample| sample["exchange"]["source"] == "one.json"), "{}", value["groups"]);
}

#[test]
fn invalid_settings_of_the_simulator_exit_with_2() {
    for (setting, words) in [
        ("[check.simulator]\nfaults = [\"run.no-such\"]", "unknown fault `run.no-such`"),
        ("[check.simulator]\nrun = 3", "`run`"),
        ("[check.simulator]\nruns = -1", "integer `-1`"),
    ] {
        let folder = contract(setting);
        let output = xtask(folder.path(), &["check"]).output().expect("the command runs");
        assert!(code(&output) == 2 && text(&output).contains(words), "{setting}: {}\n{}", code(&output), text(&output));
    }
}

#[cfg(unix)]
#[test]
fn ctrl_c_reports_the_exchanges_so_far() {
    let folder = contract("[check.simulator]\nruns = 3000");
    let child = xtask(folder.path(), &["check", "--report", "json"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let child = child.expect("the command runs");
    std::thread::sleep(Duration::from_secs(6));
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("a signal");
    assert!(interrupt.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 130, "{}", text(&output));
    let value = report(&output);
    assert_eq!(value["complete"], false);
    assert!(value["inputs"][1]["source"] == "simulator" && value["inputs"][1]["exchanges"].as_u64() > Some(0), "{}", value["inputs"]);
    assert_eq!(value["summary"]["broken"], 0);
}
