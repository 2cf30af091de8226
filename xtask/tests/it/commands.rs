//! The commands of `cargo xtask`: exit codes, output streams and written files.

use std::collections::BTreeSet;
use std::path::Path;

use charter_contract::json;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::common::{Ran, check_code, root, run_command, xtask, xtask_in};

/// A copy of the contract and of the generated code, for edits.
fn copy() -> TempDir {
    let folder = TempDir::new().expect("a folder");
    for part in ["schema", "generated/src/generated", "contract-tests/recordings/kept"] {
        let (from, to) = (root().join(part), folder.path().join(part));
        std::fs::create_dir_all(&to).expect("a folder");
        for entry in std::fs::read_dir(from).expect("a folder") {
            let entry = entry.expect("an entry");
            if entry.file_type().expect("a type").is_file() {
                std::fs::copy(entry.path(), to.join(entry.file_name())).expect("a copy");
            }
        }
    }
    folder
}

fn edit(folder: &TempDir, file: &str, from: &str, to: &str) {
    let path = folder.path().join(file);
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(text.contains(from), "{file} has no {from}");
    std::fs::write(path, text.replacen(from, to, 1)).expect("an edit");
}

fn in_copy(folder: &TempDir, arguments: &[&str]) -> Ran {
    run_command(&mut xtask_in(folder.path(), arguments))
}

#[test]
fn the_bundled_recordings_and_the_simulator_have_no_violations() {
    let checked = check_code(&["check"], 0, "kept: ");
    let count = checked.out.split_once("kept: ").and_then(|(_, rest)| rest.split_once(" exchanges")).expect("a count").0;
    assert!(count.parse::<u64>().expect("a number") > 600, "{}", checked.out);
    check_code(&["check", "--fail-on", "warning", "--require-exercised"], 0, "kept");
    check_code(&["lint"], 0, "0 errors, 0 warnings, 0 hints");
    let generated = check_code(&["generate", "--check"], 0, " files stale");
    assert!(generated.err.starts_with("0 of "), "{}", generated.err);
}

#[test]
fn violations_exit_with_1() {
    check_code(&["check", "contract-tests/recordings/broken/maximum.sample-rank.ndjson"], 1, "/sampleRank: 1.5, expected at most 1");
    let warning = "contract-tests/recordings/broken/run.failed-has-error.ndjson";
    check_code(&["check", warning], 0, "1 warning");
    check_code(&["check", warning, "--fail-on", "warning"], 1, "1 warning");
    check_code(&["check", "contract-tests/recordings/kept/errors.ndjson", "--require-exercised"], 1, "never exercised");
}

#[test]
fn wrong_usage_and_invalid_contracts_exit_with_2() {
    check_code(&["check", "--report", "xml"], 2, "unknown report format `xml`; expected one of text, json");
    check_code(&["check", "--max-body", "much"], 2, "expected a size such as");
    check_code(&["chek"], 2, "check");
    check_code(
        &["check", "--operation", "runs.put"],
        2,
        "unknown operation `runs.put`; did you mean `runs.get`? the contract has runs.get",
    );
    check_code(&["check", "--contract", "no-such-folder"], 2, "cannot be read");
    check_code(&["check", "--contract", "xtask"], 2, "neither an OpenAPI document nor a schema");
    let folder = copy();
    edit(&folder, "schema/run.schema.json", "#/$defs/RunTiming", "#/$defs/RunTimings");
    let ran = in_copy(&folder, &["check"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("did you mean `RunTiming`?") && ran.err.contains("run.schema.json"), "{}", ran.err);
    let folder = copy();
    edit(&folder, "schema/run.invariants.yaml", "self.sampleRank < 1.0", "self.sampelRank < 1.0");
    let ran = in_copy(&folder, &["lint"]);
    assert_eq!(ran.code, 2, "{}", ran.err);
    assert!(ran.err.contains("did you mean `sampleRank`?"), "{}", ran.err);
    let folder = copy();
    edit(&folder, "schema/run.invariants.yaml", r#"{"self": {"sampleRank": 0.9999}}"#, r#"{"self": {"sampleRank": 1.9999}}"#);
    let ran = in_copy(&folder, &["lint"]);
    assert_eq!(ran.code, 2, "{}", ran.out);
    assert!(ran.out.contains("the rule run.sample-rank-below-one under pass 1 evaluates to failed"), "{}", ran.out);
}

#[test]
fn rules_are_listed_shown_and_tested() {
    check_code(&["rules"], 0, "run.finished-iff-terminal");
    let listed = check_code(&["rules", "list", "--json"], 0, "\"promise\"");
    let rules: serde_json::Value = serde_json::from_str(&listed.out).expect("JSON alone");
    assert!(rules.as_array().is_some_and(|rules| rules.len() > 90));
    check_code(&["rules", "show", "run.output-stays"], 0, "oldSelf.finished && self.finished");
    check_code(&["rules", "show", "stays"], 2, "run.output-stays");
    check_code(&["rules", "test"], 0, "0 wrong");
    check_code(&["rules", "test", "run.sample-rank-below-one", "-v"], 0, "loosen: self.sampleRank < 1.0 → self.sampleRank <= 1.0");
    check_code(&["rules", "test", "nothing"], 2, "unknown rule `nothing`; similar: run.files-lose-nothing");
    let folder = copy();
    edit(&folder, "schema/run.invariants.yaml", "        - {\"self\": {\"sampleRank\": 1}}\n", "");
    edit(
        &folder,
        "schema/run.invariants.yaml",
        "        - {\"self\": {\"sampleRank\": 1.0}}\n",
        "        - {\"self\": {\"sampleRank\": 1.5}}\n",
    );
    let ran = in_copy(&folder, &["rules", "test"]);
    assert_eq!(ran.code, 1, "{}", ran.out);
    assert!(ran.out.contains("survived: rule, loosen: self.sampleRank < 1.0"), "{}", ran.out);
}

#[test]
fn the_extracted_exchanges_have_the_finding_of_a_rule_over_time() {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let report = format!("json={}", path("report.json"));
    for id in ["run.sample-rank-never-changes", "artifacts.need-a-key-or-token"] {
        let recording = format!("contract-tests/recordings/broken/{id}.ndjson");
        assert_eq!(run_command(&mut xtask(&["check", &recording, "--quiet", "--report", &report])).code, 1, "{id}");
        let ran = run_command(&mut xtask(&["extract", &path("report.json"), id, "-o", &path("one.ndjson")]));
        assert!(ran.code == 0 && ran.err.contains("check it: `cargo xtask check"), "{}", ran.err);
        let ran = run_command(&mut xtask(&["check", &path("one.ndjson")]));
        assert!(ran.code == 1 && ran.out.contains(&format!("error[{id}]")), "{}", ran.out);
        let ran = run_command(&mut xtask(&["extract", &path("report.json"), id, "-o", &path("one.har")]));
        let has_note = ran.err.contains("note: a HAR has no place for a part of the exchange");
        assert!(ran.code == 0 && (has_note || id != "artifacts.need-a-key-or-token"), "{}", ran.err);
    }
}

#[test]
fn unreadable_input_exits_with_3() {
    let kept = "contract-tests/recordings/kept/bare-body.json";
    let ran = check_code(&["check", kept, "no-such.ndjson"], 3, "unreadable: no-such.ndjson:");
    assert!(ran.out.contains("not all judged: 1 exchange from 2 inputs (1 unreadable): 1 kept, 0 broken; 0 errors"), "{}", ran.out);
    check_code(&["check", "no/such/file"], 3, "there is no such file or folder");
    check_code(&["check", "contract-tests/*.none"], 3, "the pattern matches no file");
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a file");
        path.to_string_lossy().into_owned()
    };
    check_code(&["check", &path("empty", b"")], 3, "error: no exchanges were checked");
    check_code(&["check", &path("empty2", b""), "--no-exchanges", "warn"], 0, "warning: no exchanges were checked");
    check_code(&["check", &path("empty3", b""), "--no-exchanges", "pass"], 0, "nothing judged");
    check_code(&["check", &path("no-json", b"hello")], 3, "the form of this file is not known");
    check_code(&["check", &folder.path().join("nothing-here").to_string_lossy()], 3, "no such file");
    // Unreadable input takes precedence over violations.
    let broken = "contract-tests/recordings/broken/maximum.sample-rank.ndjson";
    check_code(&["check", broken, "no/such/file"], 3, "/sampleRank");
    let file = path("a-file", b"");
    check_code(&["check", "--report", &format!("json={file}/report.json"), broken], 3, "error: cannot write");
}

#[test]
fn generate_updates_only_the_types_of_an_edited_schema() {
    let folder = copy();
    assert_eq!(in_copy(&folder, &["generate", "--check"]).code, 0);
    edit(&folder, "schema/run.schema.json", "\"wont_fix\"", "\"set_aside\"");
    edit(&folder, "schema/run.schema.json", "\"maximum\": 1,", "\"maximum\": 2,");
    edit(&folder, "schema/run.schema.json", "\"hasNote\"", "\"withNote\"");
    edit(&folder, "schema/run.schema.json", "\"hasNote\"", "\"withNote\"");
    let before = std::fs::read_to_string(folder.path().join("generated/src/generated/run.rs")).expect("a file");
    let ran = in_copy(&folder, &["generate", "--check"]);
    assert_eq!(ran.code, 4, "{}", ran.err);
    assert!(ran.err.contains("; run `cargo xtask generate`"), "{}", ran.err);
    // A rule uses the removed value. Generation works nevertheless.
    assert!(ran.err.contains("warning: the rules do not fit the schemas (1 problem)"), "{}", ran.err);
    // The compiled reader depends on the whole contract, so rules that do not fit change it.
    let (readers, others): (Vec<_>, Vec<_>) =
        ran.out.split("--- a/").partition(|part| part.starts_with("generated/src/generated/reader.rs"));
    assert!(matches!(readers[..], [reader] if reader.contains("\n+    contract: \"sha256:")), "{}", ran.out);
    let changed: Vec<&str> =
        others.iter().flat_map(|part| part.lines()).filter(|line| line.starts_with('+') && !line.starts_with("+++")).collect();
    for wanted in ["    SetAside,", "    pub with_note: bool,", "/// Constraints: at least 0, at most 2."] {
        assert!(changed.contains(&format!("+{wanted}").as_str()), "no {wanted} in\n{}", ran.out);
    }
    // Only the three edits, the digest of the manifest, and the same edits in the schemas that types return.
    for line in &changed {
        let expected = [
            "SetAside",
            "set_aside",
            "with_note",
            "withNote",
            "at most 2",
            "> 2.0",
            "\"maximum\": 2",
            "\"schemas\"",
            "\"closed\", \"set",
            "\"verdict\": \"verdict\"",
        ];
        assert!(expected.iter().any(|word| line.contains(word)), "unexpected: {line}\n{}", ran.out);
    }
    let dry = in_copy(&folder, &["generate", "--dry-run"]);
    assert_eq!((dry.code, dry.out), (0, ran.out));
    assert_eq!(std::fs::read_to_string(folder.path().join("generated/src/generated/run.rs")).expect("a file"), before);
    assert_eq!(in_copy(&folder, &["generate"]).code, 0);
    assert_eq!(in_copy(&folder, &["generate", "--check"]).code, 0);
}

#[test]
fn generate_repairs_conflict_markers_and_removes_old_files() {
    let folder = copy();
    let generated = folder.path().join("generated/src/generated");
    let before = std::fs::read_to_string(generated.join("run.rs")).expect("a file");
    std::fs::write(generated.join("run.rs"), format!("<<<<<<< ours\n{before}=======\n>>>>>>> theirs\n")).expect("a conflict");
    std::fs::write(generated.join("manifest.json"), b"\xff\xfe").expect("bytes");
    std::fs::write(generated.join("old.rs"), "// @generated by `cargo xtask generate`; do not edit by hand.\n").expect("an old file");
    std::fs::write(generated.join("mine.rs"), "// by hand\n").expect("a file by hand");
    assert_eq!(in_copy(&folder, &["generate", "--check"]).code, 4);
    assert_eq!(in_copy(&folder, &["generate"]).code, 0);
    assert_eq!(in_copy(&folder, &["generate", "--check"]).code, 0);
    assert_eq!(std::fs::read_to_string(generated.join("run.rs")).expect("a file"), before);
    assert!(!generated.join("old.rs").exists() && generated.join("mine.rs").exists());
    let left: Vec<_> = std::fs::read_dir(&generated)
        .expect("a folder")
        .filter(|entry| entry.as_ref().expect("an entry").file_name().to_string_lossy().starts_with(".charter-"))
        .collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn text_moves_to_standard_error_if_json_uses_standard_output() {
    let ran = check_code(&["check", "--report", "json", "--report", "text"], 0, "kept: ");
    let report = json::parse(ran.out.as_bytes()).expect("JSON alone on standard output");
    assert_eq!(report["format"], "charter-report/1");
    assert_eq!((&report["reader"]["compiled"], &report["reader"]["reason"]), (&Value::from(true), &Value::Null));
    let exchanges = &report["summary"]["exchanges"];
    assert!(ran.err.contains(&format!("kept: {exchanges} exchanges")), "{}", ran.err);
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("new/folder/report.json");
    let ran = check_code(&["check", "--quiet", "--report", &format!("json={}", file.display())], 0, "");
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    assert_eq!(json::parse(&std::fs::read(file).expect("a report")).expect("JSON"), report);
}

#[test]
fn check_reads_standard_input() {
    let body = std::fs::read(root().join("contract-tests/recordings/kept/bare-body.json")).expect("a body");
    let ran = run_command(xtask(&["check", "-", "--report", "json"]).write_stdin(body));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["inputs"][0]["source"], "<stdin>");
    let rule =
        report["rules"].as_array().expect("rules").iter().find(|rule| rule["id"] == "run.id-is-the-one-asked-for").expect("the rule");
    assert_eq!((&rule["passed"], &rule["reasons"]["request-unknown"]), (&Value::from(0), &Value::from(1)));
}

#[test]
fn the_printed_schemas_are_valid_and_complete() {
    for format in ["report", "recording", "config", "invariants"] {
        let ran = check_code(&["schema", format], 0, "$schema");
        let schema: Value = serde_json::from_str(&ran.out).expect("JSON");
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{format}: {error}"));
    }
    let config: Value = serde_json::from_str(&check_code(&["schema", "config"], 0, "").out).expect("JSON");
    let validator = jsonschema::validator_for(&config).expect("a schema");
    let whole = json!({
        "generate": { "reader": "reader", "layout": "crate", "client": "reqwest", "server": "axum", "share": true, "builders": "all" },
        "diff": { "reading": "tolerant" },
        "check": { "recordings": "a", "operation": "b", "simulator": {} },
        "sections": { "parameter": "c", "values": ["d"] },
        "traffic": {
            "columns": {
                "url": "a", "status": "b", "method": "c", "time": "d", "duration": "e", "request-headers": "f", "response-headers": "g",
                "request-body": "h", "response-body": "i",
            },
        },
        "probe": {
            "operation": "a",
            "finished": "/b",
            "parameters": { "a.b": "c" },
            "headers": { "d": "e" },
            "credentials": { "f": "G" },
            "list": {
                "operation": "e",
                "ids": "/*/f",
                "parameter": "g",
                "next": "/h",
                "cursor": "i",
                "next-url": "/j",
                "link-header": true,
                "page": "k",
                "first-page": 0,
                "offset": "l",
                "queries": ["h=1"],
            },
            "lists": [],
            "artifacts": {
                "operation": "i",
                "parameter": "j",
                "files": "/k",
                "path": "/l",
                "size": "/m",
                "content-type": "/n",
                "rules": { "missing": "o", "length": "p", "content-type": "q", "name": "r" },
            },
        },
    });
    assert!(validator.is_valid(&whole), "{whole}");
    let whole: charter_contract::Config = serde_json::from_value(whole).expect("settings");
    let whole = serde_json::to_value(whole).expect("JSON");
    assert!(validator.is_valid(&whole), "{whole}");
    let same_keys = |pointer: &str, value: &Value| {
        let in_schema: String = pointer.split('/').skip(1).map(|key| format!("/properties/{key}")).collect();
        let described = config.pointer(&format!("{in_schema}/properties")).and_then(Value::as_object).expect(pointer);
        let described = described.iter().filter(|(_, schema)| schema.get("deprecated").is_none()).map(|(key, _)| key);
        let read = value.pointer(pointer).and_then(Value::as_object).expect(pointer).keys();
        assert_eq!(described.collect::<BTreeSet<_>>(), read.collect(), "{pointer}");
    };
    for table in [
        "",
        "/generate",
        "/generate/formats",
        "/check",
        "/check/simulator",
        "/mask",
        "/sections",
        "/traffic",
        "/traffic/columns",
        "/probe",
        "/diff",
    ] {
        same_keys(table, &whole);
    }
    for table in ["/probe/list", "/probe/artifacts", "/probe/artifacts/rules"] {
        same_keys(table, &whole);
    }
}

#[test]
fn every_command_has_help_and_there_are_completions() {
    let ran = check_code(&["--help"], 0, "Exit codes:");
    for command in ["generate", "check", "probe", "scrub", "rules", "lint", "schema", "conformance", "bench", "completions"] {
        assert!(ran.out.contains(command), "{}", ran.out);
        check_code(&[command, "--help"], 0, "Usage: cargo xtask");
    }
    check_code(&[], 2, "Usage:");
    let formats: Vec<&str> = charter_report::FORMATS.iter().map(|format| format.name()).collect();
    check_code(&["completions", "bash"], 0, &format!("compgen -W \"{}\"", formats.join(" ")));
}

#[test]
fn remedies_and_examples_name_this_program() {
    for command in ["generate", "check", "merge", "probe", "diff", "drift", "rules", "scrub", "serve", "bench", "conformance"] {
        let help = check_code(&[command, "--help"], 0, &format!("  cargo xtask {command}")).out;
        assert!(!help.contains("{program}") && !help.contains(" charter check"), "{help}");
    }
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("charter.toml"), "unknown = 1\n").expect("settings");
    std::fs::write(folder.path().join("a.schema.json"), "{}").expect("a schema");
    let contract = folder.path().to_string_lossy().into_owned();
    check_code(&["lint", "--contract", &contract], 2, "`cargo xtask schema config`");
    check_code(&["rules", "show", "no-such-rule"], 2, "`cargo xtask rules list`");
}

#[test]
fn the_corpus_is_reproducible_and_has_the_requested_violations() {
    let folder = TempDir::new().expect("a folder");
    let write = |name: &str, more: &[&str]| {
        let path = folder.path().join(name).display().to_string();
        check_code(&[&["bench", "--corpus", &path, "--size", "100KB"], more].concat(), 0, "");
        let text = std::fs::read_to_string(&path).expect("the corpus");
        assert!(text.len() >= 100_000 && text.ends_with('\n'), "{}", text.len());
        (path, text)
    };
    let (valid, text) = write("valid.ndjson", &[]);
    assert_eq!(text, write("again.ndjson", &["--broken", "0"]).1);
    assert_ne!(text, write("other.ndjson", &["--seed", "2"]).1);
    check_code(&["check", &valid], 0, "0 broken");
    let (broken, _) = write("broken.ndjson", &["--broken", "100"]);
    check_code(&["check", &broken], 1, "");
    assert!(write("large.ndjson", &["--body-size", "30000"]).1.lines().count() <= 5);
    check_code(&["bench", "--broken", "101"], 2, "101");
    let inside_a_file = format!("{valid}/corpus.ndjson");
    check_code(&["bench", "--corpus", &inside_a_file, "--size", "1"], 3, "error: cannot write");
}

#[test]
fn types_of_a_schema_include_their_dependencies() {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    let write = |name: &str, text: &str| std::fs::write(path(name), text).expect("written");
    write(
        "order.yaml",
        "$schema: http://json-schema.org/draft-07/schema#\ntype: object\nproperties:\n  code: {type: string, pattern: '^[A-Z]+$'}\n",
    );
    let out = path("order");
    let order = ["generate", "--schema", &path("order.yaml"), "--out", &out, "--vendor"];
    check_code(&[order.as_slice(), &["--census", &path("census.json")]].concat(), 0, "written");
    let read = |name: &str| std::fs::read_to_string(Path::new(&out).join(name)).expect("a file");
    assert!(read("order.rs").contains("pub struct Order"), "{}", read("order.rs"));
    assert!(read("mod.rs").contains("//! fancy-regex = "), "{}", read("mod.rs"));
    assert!(read("order.rs").starts_with("// @generated by `cargo xtask generate`;"), "{}", read("order.rs"));
    assert!(read("support/mod.rs").contains("mod pattern;") && !read("support/mod.rs").contains("mod reference;"));
    let census: Value = serde_json::from_str(&std::fs::read_to_string(path("census.json")).expect("a census")).expect("JSON");
    assert_eq!(census["checked"], 1, "{census}");
    check_code(&[order.as_slice(), &["--check"]].concat(), 0, "0 of");
    let runtime = ["generate", "--schema", &path("order.yaml"), "--out", &path("light"), "--runtime-path", "../crates/runtime"];
    check_code(&runtime, 0, "written");
    let light = std::fs::read_to_string(Path::new(&path("light")).join("mod.rs")).expect("a file");
    assert!(light.contains(r#"//! charter-runtime = { path = "../crates/runtime", features = ["pattern"] }"#), "{light}");
    assert!(!Path::new(&path("light/support")).exists());
    check_code(&[order.as_slice(), &["--runtime-path", "runtime"]].concat(), 2, "cannot be used with");
    // An array whose items are defined in another document.
    write("far.json", r#"{"definitions": {"Word": {"type": "string", "minLength": 2}}}"#);
    write("near.json", r#"{"type": "array", "items": {"$ref": "https://example.com/far.json#/definitions/Word"}}"#);
    let near = ["generate", "--schema", &path("near.json"), "--out", &path("near")];
    check_code(&near, 2, "--map");
    let map = format!("https://example.com/far.json={}", path("far.json"));
    check_code(&[near.as_slice(), &["--layout", "crate", "--map", &map]].concat(), 0, "written");
    let manifest = std::fs::read_to_string(path("near/Cargo.toml")).expect("a manifest");
    let version = concat!("charter-runtime = { version = \"", env!("CARGO_PKG_VERSION"), "\" }");
    assert!(manifest.contains(version) && manifest.contains("\"charter-runtime/schemars\""), "{manifest}");
    // Errors name the location in the schema.
    write("broken.json", r#"{"type": "string", "pattern": "("}"#);
    check_code(&["generate", "--schema", &path("broken.json"), "--out", &path("broken")], 2, "broken.json#/pattern");
    write(
        "openapi30.json",
        r##"{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {}, "components": {"schemas": {
        "Age": {"type": "integer", "minimum": 0, "exclusiveMinimum": true, "nullable": true}}}}"##,
    );
    check_code(&["generate", "--schema", &path("openapi30.json"), "--out", &path("thirty")], 0, "written");
    let types = std::fs::read_to_string(Path::new(&path("thirty")).join("openapi30.rs")).expect("the types");
    assert!(types.contains("more than 0") && types.contains("pub type AgeOrNull = support::Nullable<Age>;"), "{types}");
}

#[test]
fn the_flag_mode_selects_types_for_clients() {
    let folder = TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name).to_str().expect("UTF-8").to_owned();
    std::fs::write(path("state.json"), r#"{"enum": ["open", "closed"]}"#).expect("written");
    check_code(&["generate", "--schema", &path("state.json"), "--out", &path("state"), "--mode", "client"], 0, "written");
    let read = |name: &str| std::fs::read_to_string(Path::new(&path("state")).join(name)).expect("a file");
    assert!(read("state.rs").contains("Unknown(support::Unknown)"), "{}", read("state.rs"));
    assert!(read("manifest.json").contains(r#""mode": "client""#));
    check_code(&["generate", "--schema", &path("state.json"), "--out", &path("state"), "--check"], 4, "stale");
}

#[test]
fn serve_lists_faults_and_refuses_unknown_ones() {
    check_code(&["serve", "--list-faults"], 0, "run.sample-rank-below-one");
    check_code(&["serve", "--fault", "run.no-such-rule"], 2, "run.no-such-rule");
    check_code(&["serve", "--speed", "0"], 2, "expected a number above 0");
}
