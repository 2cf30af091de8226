//! `proxy` as a process: its command, signals, exit codes, recordings and memory.

#![cfg(unix)]

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use assert_cmd::cargo::CommandCargoExt;
use serde_json::Value;
use tempfile::TempDir;

const DOCUMENT: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
  "/orders/{id}": {"get": {"operationId": "orders.get", "responses": {"200": {"description": "d", "content": {"application/json": {"schema":
    {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}}}}}},
  "/download": {"get": {"operationId": "download.get", "responses": {"200": {"description": "d", "content": {"application/octet-stream": {}}}}}}}}"#;
/// The size of a download.
const DOWNLOAD: usize = 256 << 20;
/// The memory that the proxy may use for it, in KiB: less than half of the download. The allocator keeps some of what it has freed.
const MAX_GROWTH: u64 = 128 << 10;

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("openapi.json"), DOCUMENT).expect("a file");
    folder
}

/// A server: `/orders/right` and `/orders/wrong`, and a download.
fn upstream() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").expect("an address");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.expect("a connection");
            std::thread::spawn(move || {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    let mut byte = [0];
                    if stream.read(&mut byte).unwrap_or_default() == 0 {
                        return;
                    }
                    head.extend(byte);
                }
                let head = String::from_utf8(head).expect("text");
                let path = head.split(' ').nth(1).expect("a path");
                let field = |name: &str, size: usize| {
                    format!("HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: {name}\r\ncontent-length: {size}\r\n\r\n")
                };
                let body = match path {
                    "/download" => {
                        let _ = stream.write_all(field("application/octet-stream", DOWNLOAD).as_bytes());
                        let part = vec![7; 1 << 20];
                        let _ = (0..DOWNLOAD / part.len()).try_for_each(|_| stream.write_all(&part));
                        return;
                    }
                    "/orders/wrong" => r#"{"id":1}"#,
                    _ => r#"{"id":"1"}"#,
                };
                let _ = stream.write_all((field("application/json", body.len()) + body).as_bytes());
            });
        }
    });
    address
}

/// The command with its fixed arguments.
fn charter(folder: &Path, upstream: SocketAddr, arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let upstream = format!("http://{upstream}");
    let fixed = ["proxy", "--contract", "openapi.json", "--upstream", &upstream];
    command.current_dir(folder).args(fixed).args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.env_remove("CHARTER_API_KEY");
    command
}

/// A proxy without a command, and its URL.
struct Proxy {
    child: Child,
    address: String,
    stderr: BufReader<std::process::ChildStderr>,
    first: String,
}

impl Proxy {
    fn start(folder: &Path, arguments: &[&str]) -> Self {
        Self::of(charter(folder, upstream(), arguments))
    }

    fn of(mut command: Command) -> Self {
        let mut child = command.spawn().expect("it runs");
        let mut stderr = BufReader::new(child.stderr.take().expect("standard error"));
        let mut first = String::new();
        stderr.read_line(&mut first).expect("a line");
        let address = first.split("http://").nth(1).and_then(|rest| rest.split(',').next()).expect("a URL").to_owned();
        Self { child, address, stderr, first }
    }

    /// Sends a signal, and returns the exit code, standard output and standard error.
    fn end(self, signal: &str) -> (Option<i32>, String, String) {
        signal_to(&self.child, signal);
        self.output()
    }

    fn output(mut self) -> (Option<i32>, String, String) {
        let (mut out, mut err) = (String::new(), std::mem::take(&mut self.first));
        self.child.stdout.take().expect("standard output").read_to_string(&mut out).expect("text");
        self.stderr.read_to_string(&mut err).expect("text");
        (self.child.wait().expect("an exit code").code(), out, err)
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        // The process has ended already unless a test failed.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn signal_to(child: &Child, signal: &str) {
    let killed = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status().expect("kill runs");
    assert!(killed.success());
}

/// The body of the response to a `GET` request, and its size.
fn get(address: &str, target: &str, fields: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).expect("a connection");
    write!(stream, "GET {target} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n{fields}\r\n").expect("a request");
    let mut response = Vec::new();
    stream.read_to_end(&mut response).expect("a response");
    let end = response.windows(4).position(|part| part == b"\r\n\r\n").expect("a head");
    response.split_off(end + 4)
}

/// A shell command that sends a request with the URL in the environment, and ends with a code.
fn shell(path: &str, code: i32) -> String {
    // The tests need no other program than a shell: the harness sends the request.
    format!("echo \"$CHARTER_PROXY_URL{path}\" > url.new && mv url.new url; while [ ! -e done ]; do sleep 0.02; done; exit {code}")
}

/// Runs the proxy with a command that requests a path and ends with a code.
fn with_command(path: &str, code: i32, arguments: &[&str]) -> Output {
    let folder = folder();
    let script = shell(path, code);
    let child = charter(folder.path(), upstream(), &[arguments, &["--", "sh", "-c", &script]].concat()).spawn().expect("it runs");
    let (url, start) = (folder.path().join("url"), Instant::now());
    while !url.exists() {
        assert!(start.elapsed() < Duration::from_secs(60), "the command was not run");
        std::thread::sleep(Duration::from_millis(10));
    }
    let url = std::fs::read_to_string(url).expect("a URL");
    let (address, path) = url.trim().strip_prefix("http://").expect("a URL").split_once('/').expect("a path");
    get(address, &format!("/{path}"), "");
    std::fs::write(folder.path().join("done"), "").expect("a file");
    child.wait_with_output().expect("it ends")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn the_exit_code_is_that_of_the_verdict_or_of_a_failed_command() {
    for (path, code, expected) in
        [("/orders/right", 0, 0), ("/orders/right", 7, 7), ("/orders/wrong", 0, 1), ("/orders/wrong", 7, 1), ("/none", 0, 1)]
    {
        let output = with_command(path, code, &[]);
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(expected), "{path} {code}: {out}{err}");
        assert_eq!(err.contains("the command failed with exit code 7"), code == 7, "{err}");
        assert_eq!(err.contains("error["), expected == 1, "{err}");
    }
}

#[test]
fn a_proxy_without_an_exchange_ends_with_3() {
    for code in [0, 7] {
        let output = charter(folder().path(), upstream(), &["--", "sh", "-c", &format!("exit {code}")]).output().expect("it runs");
        assert_eq!(output.status.code(), Some(3), "{output:?}");
        assert!(text(&output.stderr).contains("no exchanges were checked"), "{output:?}");
    }
    let output = charter(folder().path(), upstream(), &["--no-exchanges", "pass", "--", "sh", "-c", "exit 9"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(9), "{output:?}");
}

#[test]
fn a_command_that_cannot_be_run_is_a_usage_error() {
    let output = charter(folder().path(), upstream(), &["--", "./no-such-program"]).output().expect("it runs");
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).contains("error: cannot run ./no-such-program"), "{output:?}");
}

#[test]
fn signals_end_the_proxy_with_its_report() {
    for signal in ["INT", "TERM", "HUP"] {
        let folder = folder();
        let proxy = Proxy::start(folder.path(), &[]);
        assert!(proxy.first.starts_with("listening on http://127.0.0.1:"), "{}", proxy.first);
        get(&proxy.address, "/orders/right", "");
        let (code, out, err) = proxy.end(signal);
        assert_eq!(code, Some(0), "{out}{err}");
        assert!(out.contains("1 exchange"), "{out}");
    }
}

#[test]
fn a_signal_ends_the_command_too() {
    let folder = folder();
    let proxy = Proxy::of(charter(folder.path(), upstream(), &["--no-exchanges", "pass", "--", "sleep", "60"]));
    let start = Instant::now();
    let (code, _, err) = proxy.end("TERM");
    assert_eq!(code, Some(128 + 15), "{err}");
    assert!(err.contains("the command was ended by signal 15") && start.elapsed() < Duration::from_secs(30), "{err}");
}

#[test]
fn findings_are_printed_when_they_are_found() {
    let folder = folder();
    let mut proxy = Proxy::start(folder.path(), &["--samples", "1"]);
    for _ in 0..3 {
        assert_eq!(get(&proxy.address, "/orders/wrong", ""), br#"{"id":1}"#);
    }
    let mut line = String::new();
    proxy.stderr.read_line(&mut line).expect("a line");
    assert!(line.starts_with("error[schema.type] GET /orders/wrong → 200: ") && line.trim_end().ends_with("at /id"), "{line}");
    let (code, out, err) = proxy.end("INT");
    assert_eq!((code, err.matches("error[").count()), (Some(1), 0), "{out}{err}");
    assert!(out.contains("3 exchanges"), "{out}");
}

#[test]
fn a_recording_has_the_verdict_of_the_proxy_and_no_secret() {
    let folder = folder();
    let path = |name: &str| folder.path().join(name);
    let secret = ["hK3vQ8", "zT5xW1", "mB7n"].concat();
    let mut command = charter(folder.path(), upstream(), &["--record", "a.ndjson", "--record-har", "a.har", "--report", "json=proxy.json"]);
    command.env("CHARTER_API_KEY", &secret);
    let proxy = Proxy::of(command);
    for target in ["/orders/right", "/orders/wrong"] {
        get(&proxy.address, &format!("{target}?access_token={secret}"), &format!("authorization: Bearer {secret}\r\nx-note: {secret}\r\n"));
    }
    get(&proxy.address, &format!("/{secret}"), "");
    let (code, out, err) = proxy.end("INT");
    assert_eq!(code, Some(1), "{out}{err}");
    assert!(!out.contains(&secret) && !err.contains(&secret), "{out}{err}");
    let groups = |report: &str| {
        let report: Value = serde_json::from_str(&std::fs::read_to_string(path(report)).expect("a report")).expect("JSON");
        let groups =
            report["groups"].as_array().expect("groups").iter().map(|group| (group["fingerprint"].clone(), group["count"].clone()));
        (groups.collect::<Vec<_>>(), report["summary"]["exchanges"].clone())
    };
    for recording in ["a.ndjson", "a.har"] {
        let text = std::fs::read_to_string(path(recording)).expect("a recording");
        assert!(text.contains("/orders/wrong") && !text.contains(&secret), "{text}");
        let mut check = Command::cargo_bin("charter").expect("the command is built");
        let check =
            check.current_dir(folder.path()).args(["check", "--contract", "openapi.json", recording, "--report", "json=check.json"]);
        assert_eq!(check.output().expect("it runs").status.code(), Some(1));
        assert_eq!(groups("check.json"), groups("proxy.json"), "{recording}");
    }
}

#[test]
fn enforced_responses_have_status_502() {
    let folder = folder();
    let proxy = Proxy::start(folder.path(), &["--enforce"]);
    let problem: Value = serde_json::from_slice(&get(&proxy.address, "/orders/wrong", "")).expect("JSON");
    assert_eq!((&problem["status"], &problem["findings"][0]["keyword"]), (&502.into(), &"type".into()), "{problem}");
    assert_eq!(get(&proxy.address, "/orders/right", ""), br#"{"id":"1"}"#);
    assert_eq!(proxy.end("INT").0, Some(1));
}

/// The peak of the memory of the proxy in KiB. It includes the code, whose size depends on the build.
#[cfg(target_os = "linux")]
fn peak_memory(proxy: &Proxy) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{}/status", proxy.child.id())).expect("a status");
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")).expect("a size");
    peak.parse().expect("a number")
}

#[test]
#[cfg(target_os = "linux")]
fn a_large_body_needs_little_memory() {
    let folder = folder();
    let proxy = Proxy::start(folder.path(), &["--max-body", "1M", "--enforce"]);
    let before = peak_memory(&proxy);
    let mut stream = TcpStream::connect(&proxy.address).expect("a connection");
    write!(stream, "GET /download HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n").expect("a request");
    let mut counted = 0;
    let mut part = vec![0; 1 << 16];
    loop {
        match stream.read(&mut part).expect("a part") {
            0 => break,
            size => counted += size,
        }
    }
    assert!(counted > DOWNLOAD, "{counted}");
    let growth = peak_memory(&proxy) - before;
    assert!(growth < MAX_GROWTH, "{growth} KiB");
    let (code, out, err) = proxy.end("INT");
    assert_eq!(code, Some(0), "{out}{err}");
}

#[test]
fn wrong_arguments_are_usage_errors_without_a_password() {
    let folder = folder();
    for upstream in ["ftp://host", "http://user:s3cret@127.0.0.1:1", "http://127.0.0.1:1/?a=1", "nothing"] {
        let mut command = Command::cargo_bin("charter").expect("the command is built");
        let command = command.current_dir(folder.path()).args(["proxy", "--contract", "openapi.json", "--upstream", upstream]);
        let output = command.output().expect("it runs");
        let err = text(&output.stderr);
        assert!(output.status.code() == Some(2) && err.starts_with("error: ") && !err.contains("s3cret"), "{err}");
    }
}
