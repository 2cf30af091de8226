//! Wrong usages: the exit code and the message of each are in `usage.txt`. `INSTA_UPDATE=always cargo test -p charter-cli --test it usage`
//! writes the file.

use std::fmt::Write as _;
use std::path::Path;

use tempfile::TempDir;

use crate::recordings::charter;

/// Wrong command lines. The folder has the contract `tickets`, the recording `broken.ndjson`, its report `report.json` and the files below.
const USAGES: &[&str] = &[
    "chekc",
    "help chck",
    "test broken.ndjson",
    "breaking tickets tickets",
    "lint tickets/openapi.yaml",
    "lint --contract tickts",
    "lint --contract tickts/openapi.yaml",
    "lint --contract tickets/openapi.yml",
    "lint --contract https://example.com/openapi.yaml",
    "lint --contract empty",
    "lint --contract page/openapi.yaml",
    "lint --contract page.json",
    "lint --contract capture.har",
    "lint --contract version.yaml",
    "lint --contract asyncapi.yaml",
    "lint --contract utf16.yaml",
    "lint --contract wrong-webhook",
    "generate tickets/openapi.yaml",
    "init tickets",
    "init tickets/opanapi.yaml",
    "init none/openapi.yaml",
    "init tickets\\openapi.yaml",
    "init page.json --contract new",
    "check --reprot json",
    "check --report",
    "check --report htm broken.ndjson",
    "check --report json= broken.ndjson",
    "check --report json --report sarif broken.ndjson",
    "check --fail-on warnings broken.ndjson",
    "check --fail-under 101 broken.ndjson",
    "check --samples many broken.ndjson",
    "check --jobs 0 broken.ndjson",
    "check --partition 5/4 broken.ndjson",
    "check --max-body 1T broken.ndjson",
    "check --include hots=a broken.ndjson",
    "check --include host= broken.ndjson",
    "check --webhook path=/a broken.ndjson",
    "check --webhook name=ticketPaid broken.ndjson",
    "check --formats=date-tme broken.ndjson",
    "check --operation tickets.gte broken.ndjson",
    "check --write-baseline broken.ndjson",
    "check --baseline none.json broken.ndjson",
    "check --baseline text.txt broken.ndjson",
    "check none.ndjson",
    "check brokn.ndjson",
    "check http://example.com/traffic.har",
    "check page.json",
    "check tickets/openapi.yaml",
    "check --html broken.ndjson",
    "check --spec tickets broken.ndjson",
    "check *.none",
    "check text.txt",
    "check --contract none broken.ndjson",
    "check --contract wrong-key broken.ndjson",
    "check --contract wrong-operation broken.ndjson",
    "check --contract wrong-rule broken.ndjson",
    "check --contract wrong-syntax broken.ndjson",
    "rules show ticket.done-part",
    "rules test ticket.done-part",
    "rules shwo ticket.done-parts",
    "explain shema.required",
    "explain schema.requird",
    "explain requird",
    "explain ticket.done-part",
    "explain http.unknown-pat",
    "merge none.json",
    "merge text.txt",
    "extract report.json schema.enumm -o one.har",
    "extract report.json schema.enum",
    "convert broken.ndjson -o out.txt",
    "convert broken.ndjson -o out.har --to xml",
    "scrub broken.ndjson",
    "scrub broken.ndjson --in-place --check",
    "diff tickets none.yaml",
    "diff tickets tickets --operation tickets.gte",
    "diff tickets tickets --report mrkdown",
    "drift broken.ndjson --report jsn",
    "import",
    "probe --base-url nowhere",
    "schema reprot",
    "completions bsh",
];

const TICKETS: &str = "tests/fixtures/tickets";

fn folder() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join(TICKETS);
    let write = |name: &str, text: &str| std::fs::write(root.join(name), text).expect("a file");
    for (name, settings) in [
        ("tickets", ""),
        ("wrong-key", "[check]\nrecordngs = [\"broken.ndjson\"]\n"),
        ("wrong-operation", "[check]\noperation = \"tickets.gte\"\n"),
        ("wrong-rule", "[[check.unreachable]]\ncase = 1\n"),
        ("wrong-syntax", "[check\n"),
        ("wrong-webhook", "[traffic]\nwebhooks = [{ name = \"paid\" }]\n"),
    ] {
        std::fs::create_dir(root.join(name)).expect("a folder");
        for entry in std::fs::read_dir(&source).expect("a folder").map(|entry| entry.expect("an entry")) {
            if entry.path().extension().is_some_and(|extension| extension != "ndjson") {
                std::fs::copy(entry.path(), root.join(name).join(entry.file_name())).expect("a copy");
            }
        }
        write(&format!("{name}/charter.toml"), settings);
    }
    let recording = std::fs::read_to_string(source.join("kept.ndjson")).expect("a recording");
    write("broken.ndjson", &recording.replace("\"number\": 7, \"state\": \"open\"", "\"number\": 7, \"state\": \"closed\""));
    write("text.txt", "text\n");
    for name in ["empty", "page"] {
        std::fs::create_dir(root.join(name)).expect("a folder");
    }
    let page = "<!DOCTYPE html>\n<html><head><title>API: sign in</title></head></html>\n";
    write("page/openapi.yaml", page);
    write("page.json", page);
    write("capture.har", "{\"log\": {\"version\": \"1.2\", \"entries\": []}}");
    write("version.yaml", "openapi: 3.1\ninfo: {title: t, version: \"1\"}\npaths: {}\n");
    write("asyncapi.yaml", "asyncapi: 3.0.0\ninfo: {title: t, version: \"1\"}\n");
    let utf16: Vec<u8> = "\u{feff}openapi: 3.1.0\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    std::fs::write(root.join("utf16.yaml"), utf16).expect("a file");
    let (code, _, errors) = charter(root, &["check", "--contract", "tickets", "broken.ndjson", "--quiet", "--report", "json=report.json"]);
    assert_eq!(code, 1, "{errors}");
    folder
}

#[test]
fn every_wrong_usage_has_its_code_and_its_message() {
    let folder = folder();
    let mut text = String::new();
    for usage in USAGES {
        let mut arguments: Vec<&str> = usage.split(' ').collect();
        // Commands without a contract refuse the flag.
        let takes_contract = ["check", "rules", "explain", "drift", "probe"].contains(&arguments[0]);
        if takes_contract && !usage.contains("--contract") {
            arguments.extend(["--contract", "tickets"]);
        }
        let (code, out, errors) = charter(folder.path(), &arguments);
        assert_ne!(code, 0, "{usage}: {errors}");
        let _ = writeln!(text, "$ charter {usage}\n[{code}] {}{}", String::from_utf8_lossy(&out), errors.trim_end());
        text.push('\n');
    }
    for written in ["out.txt", "one.har", "charter.toml", "new"] {
        assert!(!folder.path().join(written).exists(), "{written}");
    }
    let text = text.lines().map(|line| line.trim_end().to_owned() + "\n").collect::<String>();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/usage.txt");
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(&path, &text).expect("the snapshot");
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(text == expected, "the messages differ from usage.txt:\n{text}");
}

/// A contract with several faults is corrected in one pass.
#[test]
fn lint_reports_every_schema_that_does_not_compile() {
    let folder = TempDir::new().expect("a folder");
    let schema = |pattern: &str| {
        format!("{{\"type\": \"object\", \"properties\": {{\"id\": {{\"type\": \"string\", \"pattern\": \"{pattern}\"}}}}}}")
    };
    let operation = |id: &str, pattern: &str| {
        format!(
            "\"/{id}\": {{\"get\": {{\"operationId\": \"{id}\", \"responses\": {{\"200\": {{\"description\": \"d\", \"content\": \
             {{\"application/json\": {{\"schema\": {}}}}}}}}}}}}}",
            schema(pattern)
        )
    };
    let paths = [operation("one", "["), operation("two", "a"), operation("three", "(")].join(", ");
    let document = format!("{{\"openapi\": \"3.1.0\", \"info\": {{\"title\": \"t\", \"version\": \"1\"}}, \"paths\": {{{paths}}}}}");
    std::fs::write(folder.path().join("openapi.json"), document).expect("a file");
    let (code, out, errors) = charter(folder.path(), &["lint", "--contract", "openapi.json"]);
    let text = String::from_utf8(out).expect("UTF-8");
    let found = text.lines().filter(|line| line.starts_with("error: ") && line.contains("cannot be compiled")).count();
    assert!(code == 2 && found == 2 && text.contains("one") && text.contains("three"), "{text}{errors}");
}
