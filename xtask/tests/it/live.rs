//! `probe` and `scrub` against a live server: exit codes, Ctrl-C, and secrets that appear in no file or output.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

use crate::common::{KEY, ReceivedRequest, Reply, Server, json_response, run, valid};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

const NAME: &str = "Ann Example";
const EMAIL: &str = "ann@people.example";

fn xtask(arguments: &[&str], key: Option<&str>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir("..").args(arguments).env_remove("CHARTER_API_KEY").env("CI", "1");
    if let Some(key) = key {
        command.env("CHARTER_API_KEY", key);
    }
    command.output().expect("the command runs")
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap_or(-1)
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Every encoding of the secrets, with a description.
fn forbidden() -> Vec<(String, &'static str)> {
    let json = Value::from(KEY).to_string();
    let mut forms = vec![
        (KEY.to_owned(), "the key"),
        (json[1..json.len() - 1].to_owned(), "the key, escaped"),
        (KEY.replace('/', "\\/"), "the key, its slash escaped"),
        (utf8_percent_encode(KEY, NON_ALPHANUMERIC).to_string(), "the key in a URL"),
        (KEY.replace('/', "%2F"), "a part of the key in a URL"),
        (KEY.bytes().map(|byte| format!("{byte:02x}")).collect(), "the key in hexadecimal digits"),
        (KEY[4..12].to_owned(), "a part of the key"),
        (EMAIL.to_owned(), "an address"),
        ("ann%40people".to_owned(), "an address in a URL"),
        (NAME.to_owned(), "a name"),
        ("Ann%20Example".to_owned(), "a name in a URL"),
    ];
    for before in ["", "x", "xy"] {
        let encoded = STANDARD.encode(format!("{before}{KEY}"));
        forms.push((encoded[4..16].to_owned(), "the key in base64"));
    }
    forms
}

fn assert_clean(what: &str, bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    for (form, name) in forbidden() {
        assert!(!text.contains(&form), "{what} holds {name}: {form}\n{text}");
    }
}

/// Asserts that no file below a folder contains a secret. Returns the number of files.
fn assert_folder_clean(folder: &Path) -> usize {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            count += assert_folder_clean(&path);
        } else {
            assert_clean(&path.display().to_string(), &std::fs::read(&path).expect("a file"));
            count += 1;
        }
    }
    count
}

/// Echoes the key in many encodings, in a response with violations.
fn echo(request: &ReceivedRequest) -> Reply {
    let sent = request.header("authorization").and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned();
    let mut body = run(request.segment(3), "completed", &request.listed("expand"));
    let percent = utf8_percent_encode(&sent, NON_ALPHANUMERIC).to_string();
    body["output"] = json!({
        "plain": sent, "inside": format!("you sent {sent}, {NAME} <{EMAIL}>"), "percent": percent,
        "base64": STANDARD.encode(&sent), "credentials": STANDARD.encode(format!("user:{sent}")), "url": URL_SAFE_NO_PAD.encode(format!("xy{sent}z")),
        "hex": sent.bytes().map(|byte| format!("{byte:02x}")).collect::<String>(), "nested": json!({"key": sent}).to_string(),
        "link": format!("https://files.example/a?key={percent}&token=abcdef&by={}", utf8_percent_encode(NAME, NON_ALPHANUMERIC)),
    });
    body["output"][&sent] = json!(true);
    // Violations, whose findings contain the value.
    body["trigger"]["by"]["more"] = json!(format!("{sent} {EMAIL} {NAME}"));
    body["sampleRank"] = json!(sent);
    body["source"]["name"] = json!({"name": NAME, "key": sent});
    let text = body.to_string().replace("sk_live/", "sk_live\\/");
    Reply::Response { status: 200, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body: text.into_bytes() }
        .header("x-echo", &sent)
        .header("x-echo-64", &STANDARD.encode(format!("Bearer {sent}")))
        .header("set-cookie", &format!("sid={sent}; Path=/"))
        .header("x-request-id", &percent)
        .header("x-by", EMAIL)
}

#[test]
fn secrets_appear_in_no_output() {
    let server = Server::start(|request| match request.segment(3) {
        "run_text" => Reply::Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "text/plain".to_owned())],
            body: format!("{KEY} {EMAIL}").into_bytes(),
        },
        "run_cut" => Reply::Reset(format!("HTTP/1.1 200 OK\r\nx-echo: {KEY}\r\ncontent-length: 99\r\n\r\n{{\"id\": \"{KEY}").into_bytes()),
        "run_broken" => Reply::Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: format!("{{\"a\": \"{KEY}\", {EMAIL}").into_bytes(),
        },
        "run_binary" => Reply::Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "application/json".to_owned())],
            body: [b"\xff\xfe", KEY.as_bytes()].concat(),
        },
        _ => echo(request),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let at = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let key_file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(key_file.as_file(), "{KEY}").expect("a key");
    let key_path = key_file.path().to_string_lossy().into_owned();
    let base = server.url();
    let (json, record, har) = (format!("json={}", at("report.json")), at("runs.ndjson"), at("runs.har"));
    let text_report = format!("text={}", at("report.txt"));
    let arguments = [
        "probe",
        "--base-url",
        &base,
        "run_1",
        "run_text",
        "run_cut",
        "run_broken",
        "run_binary",
        "--sections",
        "all",
        "--errors",
        "--retries",
        "0",
        "--samples",
        "all",
        "-v",
        "--report",
        "json",
        "--report",
        &json,
        "--report",
        &text_report,
        "--report",
        "text",
        "--record",
        &record,
        "--record-har",
        &har,
        "--key-file",
        &key_path,
    ];
    let output = xtask(&arguments, None);
    assert_eq!(code(&output), 3, "some resources could not be fetched: {}", text(&output));
    assert_clean("the output of probe", text(&output).as_bytes());
    assert!(text(&output).contains("***") && text(&output).contains("masked.invalid"));
    for recording in [&record, &har] {
        let checked = xtask(&["check", recording, "--samples", "all", "-v"], None);
        assert_clean("the output of check", text(&checked).as_bytes());
    }
    let scrubbed = xtask(&["scrub", &record, "--check"], Some(KEY));
    assert_eq!(code(&scrubbed), 0, "a recording of `probe` needs no more masking: {}", text(&scrubbed));
    assert_eq!(assert_folder_clean(folder.path()), 4);
    let recorded: Vec<Value> =
        std::fs::read_to_string(&record).expect("a recording").lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let with_key = recorded.iter().filter(|line| line["request"]["headers"].to_string().contains("\"Bearer ***\"")).count();
    assert!(
        with_key >= 20
            && recorded.iter().all(|line| line["provoked"] == "no-key" || !line["masked"].as_array().expect("masked").is_empty())
    );
    // Also with network errors and with an invalid key.
    let refused = xtask(&["probe", "--base-url", "http://127.0.0.1:1", "run_1", "--retries", "0"], Some(KEY));
    assert_eq!(code(&refused), 3, "{}", text(&refused));
    assert_clean("the output of a refused connection", text(&refused).as_bytes());
    let url = format!("https://user:{}@127.0.0.1:1", utf8_percent_encode(KEY, NON_ALPHANUMERIC));
    let refused = xtask(&["probe", "--base-url", &url, "run_1"], Some(KEY));
    assert_eq!(code(&refused), 2, "{}", text(&refused));
    assert_clean("the output of a refused URL", text(&refused).as_bytes());
    let refused = xtask(&["probe", "--base-url", &base, "run_1"], Some(&format!("{KEY}\nmore")));
    assert_eq!(code(&refused), 2, "{}", text(&refused));
    assert_clean("the output of a refused key", text(&refused).as_bytes());
}

#[test]
fn scrub_masks_recordings_of_other_tools() {
    let folder = tempfile::tempdir().expect("a folder");
    let body = json!({"trigger": {"by": {"name": NAME, "email": EMAIL}}, "key": KEY}).to_string();
    let headers = json!([{"name": "Authorization", "value": format!("Bearer {KEY}")}, {"name": "Cookie", "value": "sid=s3cret-cookie"}, {"name": "X-Tenant", "value": "tenant-secret"}]);
    let har = json!({"log": {"version": "1.2", "creator": {"name": "b", "version": "1"}, "entries": [{
        "startedDateTime": "2026-07-14T09:00:00Z", "time": 1,
        "request": {"method": "GET", "url": format!("https://studio.eigenpal.com/api/v1/runs/run_1?token={KEY}"), "httpVersion": "HTTP/1.1", "headers": headers,
            "cookies": [{"name": "sid", "value": "s3cret-cookie"}], "queryString": [{"name": "token", "value": KEY}], "headersSize": -1, "bodySize": 0},
        "response": {"status": 200, "statusText": "", "httpVersion": "HTTP/1.1", "headers": [], "cookies": [], "redirectURL": "",
            "content": {"size": 1, "mimeType": "application/json", "text": STANDARD.encode(&body), "encoding": "base64"}, "headersSize": -1, "bodySize": -1},
        "cache": {}, "timings": {}}]}});
    let line = json!({"format": "charter-exchange/1", "request": {"method": "GET", "url": "/api/v1/runs/run_1", "headers": headers}, "response": {"status": 200, "bodyText": body}});
    let (har_file, lines) = (folder.path().join("a.har"), folder.path().join("b.ndjson.zst"));
    std::fs::write(&har_file, serde_json::to_vec_pretty(&har).expect("JSON")).expect("a file");
    let link = folder.path().join("link.har");
    #[cfg(unix)]
    std::os::unix::fs::symlink(&har_file, &link).expect("a link");
    std::fs::write(&lines, zstd::stream::encode_all(format!("{line}\n{line}\n").as_bytes(), 3).expect("zstd")).expect("a file");
    let (har_path, lines_path, link_path) = (har_file.to_string_lossy(), lines.to_string_lossy(), link.to_string_lossy());
    let checked = xtask(&["scrub", &har_path, &lines_path, "--check"], Some(KEY));
    assert_eq!(code(&checked), 1, "{}", text(&checked));
    let scrubbed = xtask(&["scrub", &link_path, &lines_path, "--in-place", "--header", "x-tenant"], Some(KEY));
    assert_eq!(code(&scrubbed), 0, "{}", text(&scrubbed));
    assert!(link.is_symlink(), "the target of a link is replaced, not the link");
    let plain = zstd::stream::decode_all(std::fs::read(&lines).expect("a file").as_slice()).expect("still zstd");
    let clean: Value = serde_json::from_slice(&std::fs::read(&har_file).expect("a file")).expect("JSON");
    let encoded = clean["log"]["entries"][0]["response"]["content"]["text"].as_str().expect("a body").to_owned();
    let inner = STANDARD.decode(encoded).expect("base64");
    for (what, bytes) in [("the lines", plain.as_slice()), ("the HAR", clean.to_string().as_bytes()), ("its body", inner.as_slice())] {
        assert_clean(what, bytes);
        let text = String::from_utf8_lossy(bytes);
        assert!(!text.contains("s3cret-cookie") && !text.contains("tenant-secret"), "{what}: {text}");
    }
    assert!(String::from_utf8_lossy(&plain).contains("Bearer ***"));
    // To standard output, and into another file.
    let copied = xtask(&["scrub", &har_path, "--output", &folder.path().join("c.har").to_string_lossy()], None);
    assert!(code(&copied) == 0 && folder.path().join("c.har").exists(), "{}", text(&copied));
    std::fs::write(folder.path().join("broken.ndjson"), "{}\nnot json\n").expect("a file");
    let broken = xtask(&["scrub", &folder.path().join("broken.ndjson").to_string_lossy(), "--in-place"], None);
    assert!(code(&broken) == 3 && text(&broken).contains("line 2"), "{}", text(&broken));
    assert_eq!(std::fs::read_to_string(folder.path().join("broken.ndjson")).expect("a file"), "{}\nnot json\n", "the file is unchanged");
}

#[test]
fn probe_has_an_exit_code_for_every_result() {
    let server = Server::start(|request| match request.segment(3) {
        "run_rank" => {
            let mut run = run("run_rank", "completed", &[]);
            run["sampleRank"] = 1.into();
            json_response(200, &run)
        }
        _ => valid(request),
    });
    let base = server.url();
    let cases: &[(&[&str], Option<&str>, i32, &str)] = &[
        (&["run_1", "--errors"], Some(KEY), 0, "kept: 5 exchanges"),
        (&["run_rank"], Some(KEY), 1, "run.sample-rank-below-one"),
        (&["run_1"], None, 2, "CHARTER_API_KEY"),
        (&["run_1"], Some("abc"), 2, "too short"),
        (&[], Some(KEY), 2, "<ID|--ids <FILE>|--list|--all|--operation <OPERATION>>"),
        (&["--list"], Some(KEY), 3, "run-list.schema.json#/required"),
        (&["--list"], Some(KEY), 3, "no id at /runs/*/id"),
        (&["run_1", "--expand", "everything"], Some(KEY), 2, "unknown section"),
        (&["run_1", "--timeout", "soon"], Some(KEY), 2, "expected a duration such as"),
        (&["run_1", "--ca-file", "no-such-file.pem"], Some(KEY), 3, "no-such-file.pem"),
        (&["--ids", "no-such-file.txt"], Some(KEY), 3, "no-such-file.txt"),
        (&["run_1", "--record", "Cargo.toml/x.ndjson"], Some(KEY), 3, "cannot be written"),
        (&["charter-probe-unknown"], Some(KEY), 3, "status 404"),
        (&["charter-probe-unknown"], Some(KEY), 3, "from 1 input (1 incomplete): 1 kept"),
        (&["run_1"], Some("another-key"), 3, "check the key"),
        (&["run_1", ""], Some(KEY), 2, "an id is empty"),
        (&[".."], Some(KEY), 3, "not checked: ..: a URL cannot contain"),
        (&["run_1", "--record", "target/one.ndjson", "--record-har", "target/one.ndjson"], Some(KEY), 2, "give each a file of its own"),
        (&["run_1", "--key-file", "/dev/null"], None, 2, "/dev/null: the key is empty"),
    ];
    for (arguments, key, wanted, words) in cases {
        let output = xtask(&[&["probe", "--base-url", &base][..], arguments].concat(), *key);
        assert!(code(&output) == *wanted && text(&output).contains(words), "{arguments:?}: {}\n{}", code(&output), text(&output));
    }
    let plain = xtask(&["probe", "--base-url", "http://api.example.com", "run_1"], Some(KEY));
    assert!(code(&plain) == 2 && text(&plain).contains("--allow-plain-http"), "{}", text(&plain));
}

#[test]
fn serve_reports_invalid_flags() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = taken.local_addr().expect("an address").to_string();
    let cases: [(&[&str], Option<&str>, i32, &str); 5] = [
        (&["--addr", "nowhere"], None, 2, "such as 127.0.0.1:8080 or [::1]:0"),
        (&["--addr", "127.0.0.1"], None, 2, "expected an address with a port"),
        (&["--addr", &address], None, 3, "choose another address"),
        (&[], Some("two\nlines"), 2, "a header field cannot contain"),
        (&["--fault", "run.none"], None, 2, "--list-faults"),
    ];
    for (arguments, key, wanted, words) in cases {
        let output = xtask(&[&["serve"], arguments].concat(), key);
        assert!(code(&output) == wanted && text(&output).contains(words), "{arguments:?}: {}\n{}", code(&output), text(&output));
    }
}

#[test]
fn probe_reads_ids_from_arguments_and_a_file() {
    let server = Server::start(valid);
    let file = tempfile::NamedTempFile::new().expect("a file");
    writeln!(file.as_file(), "# of today\nrun_2\n\n  run_3  ").expect("ids");
    let output = xtask(&["probe", "--base-url", &server.url(), "run_1", "--ids", &file.path().to_string_lossy()], Some(KEY));
    assert_eq!(code(&output), 0, "{}", text(&output));
    let mut ids: Vec<String> = server.requests().iter().map(|request| request.segment(3).to_owned()).collect();
    ids.sort();
    assert_eq!(ids, ["run_1", "run_2", "run_3"]);
}

#[test]
fn a_proxy_is_read_from_the_environment_and_its_password_is_masked() {
    let proxy = Server::start(valid);
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .current_dir("..")
        .env("CHARTER_API_KEY", KEY)
        .env("CI", "1")
        .env("HTTP_PROXY", format!("http://user:pr0xy-pass@{}", proxy.address));
    command.env_remove("NO_PROXY").env_remove("no_proxy").env_remove("http_proxy");
    command.args(["probe", "--base-url", "http://api.example.test", "run_1", "--allow-plain-http", "--report", "json", "-v"]);
    let output = command.output().expect("the command runs");
    assert_eq!(code(&output), 0, "{}", text(&output));
    let requests = proxy.requests();
    assert!(requests.len() == 1 && requests[0].target.starts_with("http://api.example.test/api/v1/runs/run_1"), "{requests:?}");
    assert_eq!(requests[0].header("proxy-authorization"), Some(&*format!("Basic {}", STANDARD.encode("user:pr0xy-pass"))));
    assert!(!text(&output).contains("pr0xy") && !text(&output).contains(&STANDARD.encode("user:pr0xy-pass")), "{}", text(&output));
    // Requests to this machine use no proxy.
    let server = Server::start(valid);
    command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir("..").env("CHARTER_API_KEY", KEY).env("HTTP_PROXY", "http://127.0.0.1:1").args([
        "probe",
        "--base-url",
        &server.url(),
        "run_1",
    ]);
    assert_eq!(code(&command.output().expect("the command runs")), 0);
}

#[cfg(unix)]
#[test]
fn ctrl_c_reports_and_records_the_exchanges_so_far() {
    let server = Server::start(|request| if request.segment(3) == "run_1" { valid(request) } else { Reply::Silence });
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("runs.ndjson");
    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command.current_dir("..").env("CHARTER_API_KEY", KEY).stdout(Stdio::piped()).stderr(Stdio::piped());
    command.args(["probe", "--base-url", &server.url(), "run_1", "run_2", "--record", &record.to_string_lossy()]);
    let child = command.spawn().expect("the command runs");
    // Wait for both requests: the first gets a response, the second hangs.
    for _ in 0..300 {
        if server.requests().len() == 2 {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    std::thread::sleep(Duration::from_millis(500));
    let interrupt = Command::new("kill").args(["-INT", &child.id().to_string()]).status().expect("a signal");
    assert!(interrupt.success());
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(code(&output), 130, "{}", text(&output));
    assert!(text(&output).contains("1 exchange") && text(&output).contains("cut short"), "{}", text(&output));
    assert_eq!(std::fs::read_to_string(record).expect("the finished part").lines().count(), 1);
}
