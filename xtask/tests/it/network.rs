//! `serve` with network faults and `probe`, as two processes: exit codes, messages and termination.

use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

/// A `serve` process and its URL. Dropping it stops the process.
struct Serve {
    process: Child,
    url: String,
}

impl Serve {
    fn start(arguments: &[&str]) -> Self {
        let mut process = xtask(&[&["serve", "--speed", "20"], arguments].concat()).stdout(Stdio::piped()).spawn().expect("a server");
        let mut url = String::new();
        BufReader::new(process.stdout.take().expect("its output")).read_line(&mut url).expect("where it listens");
        Self { process, url: url.trim().to_owned() }
    }

    /// Sends Ctrl-C and returns the exit code.
    fn interrupt(&mut self) -> Option<i32> {
        let sent = Command::new("kill").args(["-INT", &self.process.id().to_string()]).status().expect("a signal");
        assert!(sent.success());
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(10) {
            if let Some(status) = self.process.try_wait().expect("a status") {
                return status.code();
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        None
    }
}

impl Drop for Serve {
    fn drop(&mut self) {
        // The process may have ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir("..").args(arguments).env("CHARTER_API_KEY", "simulator-key").env("CI", "1");
    command
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Runs `serve` with faults and `probe --list` against it, and asserts the exit code and parts of the output.
fn check(serve: &[&str], probe: &[&str], code: i32, words: &[&str]) {
    let server = Serve::start(serve);
    let began = Instant::now();
    let retries: &[&str] = if probe.contains(&"--retries") { &[] } else { &["--retries", "1"] };
    let arguments = [&["probe", "--base-url", &server.url, "--list", "--limit", "3", "--timeout", "1s"], retries, probe].concat();
    let ran = xtask(&arguments).output().expect("the command runs");
    let output = text(&ran);
    assert_eq!(ran.status.code(), Some(code), "{serve:?}: {output}");
    assert!(words.iter().all(|word| output.contains(word)) && !output.contains("panicked"), "{serve:?}: {output}");
    assert!(began.elapsed() < Duration::from_secs(30), "{serve:?} took {:?}", began.elapsed());
}

#[test]
fn every_network_fault_has_its_exit_code_and_message() {
    check(&[], &[], 0, &[]);
    check(&["--fault", "network.clock-skew"], &[], 0, &[]);
    check(&["--fault", "network.reset"], &[], 3, &["connection reset", "no response from the server"]);
    check(&["--fault", "network.cut-off"], &[], 3, &["http.cut-off"]);
    check(&["--fault", "network.silence"], &[], 3, &["timeout"]);
    check(&["--fault", "network.slow"], &[], 3, &["http.cut-off", "timeout"]);
    check(&["--fault", "network.huge-body"], &["--max-body", "1M"], 3, &["longer than the limit of 1048576 bytes"]);
    check(&["--fault", "network.endless-redirect"], &[], 3, &["redirects are not followed"]);
    check(&["--fault", "network.rate-limit-storm"], &[], 3, &["status 429"]);
    check(&["--fault", "network.server-errors"], &[], 3, &["http.undocumented-status", "server error"]);
    check(&["--fault", "network.truncated-json"], &[], 1, &["syntax.json"]);
    check(&["--fault", "network.wrong-content-type"], &[], 1, &["http.content-type"]);
    check(&["--fault", "network.wrong-length"], &[], 1, &["syntax.json", "retried after status 200"]);
}

#[test]
fn a_network_fault_hides_no_violation() {
    let faults = ["--fault", "run.sample-rank-below-one", "network.reset", "--fault-share", "30", "--seed", "5"];
    check(&faults, &["--retries", "9"], 1, &["run.sample-rank-below-one"]);
}

#[test]
fn the_server_stops_under_load_and_frees_its_address() {
    let mut server = Serve::start(&["--fault", "network.slow", "network.silence", "network.huge-body"]);
    let address = server.url.trim_start_matches("http://").to_owned();
    let second = xtask(&["serve", "--addr", &address]).output().expect("the command runs");
    let output = text(&second);
    assert!(
        second.status.code() == Some(3) && output.contains("cannot listen on") && output.contains("choose another address"),
        "{output}"
    );
    let probe = ["probe", "--base-url", &server.url, "--list", "--timeout", "20s", "--retries", "0", "--concurrency", "32"];
    let mut probes: Vec<Child> =
        (0..4).map(|_| xtask(&probe).stdout(Stdio::null()).stderr(Stdio::null()).spawn().expect("a probe")).collect();
    std::thread::sleep(Duration::from_millis(700));
    assert_eq!(server.interrupt(), Some(130), "Ctrl-C stops it during requests");
    for probe in &mut probes {
        assert_eq!(probe.wait().expect("a status").code(), Some(3), "failed requests are reported");
    }
    drop(TcpListener::bind(address).expect("the address is free again"));
}

#[test]
fn the_help_and_the_list_contain_every_network_fault() {
    let output = |arguments: &[&str]| text(&xtask(arguments).output().expect("the command runs"));
    let (help, list) = (output(&["serve", "--help"]), output(&["serve", "--list-faults"]));
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = words(&help);
    for fault in charter_simulator::NetworkFault::ALL {
        let line = format!("{} {}", fault.name(), fault.effect());
        assert!(help.contains(&line), "{line}\n{help}");
        assert!(list.lines().any(|name| name == fault.name()), "{list}");
    }
    let refused = xtask(&["serve", "--fault", "network.rest"]).output().expect("the command runs");
    assert_eq!(refused.status.code(), Some(2));
    assert!(text(&refused).contains("did you mean `network.reset`?"), "{}", text(&refused));
}
