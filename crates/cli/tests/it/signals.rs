//! Signals end reading, also while a pipe delivers no bytes.
#![cfg(unix)]

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

const LINE: &str = r#"{"format":"charter-exchange/1","startedDateTime":"2026-01-01T00:00:00Z","time":1,"request":{"method":"GET","url":"http://orders.example/orders/order_9","headers":[]},"response":{"status":404,"headers":[{"name":"content-type","value":"application/json"}],"body":{"error":"no"}},"masked":[],"headersComplete":false}"#;

/// Runs a command with a pipe that stays open, sends the signal, and returns the exit code and the output. On a busy machine the signal may
/// arrive before the command has its handler; then it is sent later.
fn ended_by(signal: &str, folder: &TempDir, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut ended = (None, String::new());
    for delay in [700, 4_000, 15_000].map(Duration::from_millis) {
        ended = ended_after(delay, signal, folder, arguments, input);
        if ended.0.is_some() {
            break;
        }
    }
    ended
}

fn ended_after(delay: Duration, signal: &str, folder: &TempDir, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_charter"));
    command.current_dir(folder.path()).args(arguments).env("NO_COLOR", "1");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).and_then(|()| stdin.flush()).expect("input");
    std::thread::sleep(delay);
    let killed = Command::new("kill").args([&format!("-{signal}"), &child.id().to_string()]).status().expect("kill");
    assert!(killed.success());
    let started = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if started.elapsed() > Duration::from_secs(20) {
            child.kill().expect("a child");
            panic!("{arguments:?} does not end after {signal}");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    drop(stdin);
    let output = child.wait_with_output().expect("output");
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn a_signal_ends_a_check_that_waits_for_input() {
    let folder = TempDir::new().expect("a folder");
    let contract = crate::recordings::folder().join("openapi.yaml");
    let contract = contract.to_str().expect("a path");
    let lines = format!("{LINE}\n{LINE}\n{{\"format\":");
    for signal in ["INT", "TERM", "HUP"] {
        for input in [lines.as_str(), "{\"log\": {\"entries\": [", "[1,", ""] {
            let (code, output) = ended_by(signal, &folder, &["check", "--contract", contract, "-"], input);
            assert!(code == Some(130) && output.contains("interrupted before its end"), "{signal} {input:?}: {code:?} {output}");
        }
    }
}

#[test]
fn a_signal_leaves_no_temporary_file() {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("out.ndjson"), "before").expect("a file");
    let lines = format!("{LINE}\n{LINE}\n");
    for arguments in [["scrub", "-", "-o", "out.ndjson"], ["convert", "-", "-o", "out.ndjson"]] {
        for signal in ["INT", "TERM", "HUP"] {
            let (code, output) = ended_by(signal, &folder, &arguments, &lines);
            assert!(code == Some(130) && output.contains("interrupted"), "{arguments:?}: {code:?} {output}");
            let names: Vec<_> =
                std::fs::read_dir(folder.path()).expect("a folder").map(|entry| entry.expect("an entry").file_name()).collect();
            assert_eq!(names, ["out.ndjson"]);
            assert_eq!(std::fs::read_to_string(folder.path().join("out.ndjson")).expect("a file"), "before");
        }
    }
}
