//! The built commands: every exit code, reports on their streams, and files that are whole or not there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use charter_contract::json;
use serde_json::{Value, json};
use tempfile::TempDir;

/// The repository's root: where `cargo xtask` is run.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn xtask(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("xtask").expect("the command is built");
    command.current_dir(root()).args(arguments).env_remove("CARGO_MANIFEST_DIR").env("NO_COLOR", "1");
    command
}

/// What a run came to: exit code, standard output, standard error.
struct Ran {
    code: i32,
    out: String,
    err: String,
}

fn run(command: &mut Command) -> Ran {
    let output = command.output().expect("the command runs");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Ran { code: output.status.code().expect("an exit code"), out: text(output.stdout), err: text(output.stderr) }
}

fn check_code(arguments: &[&str], code: i32, wanted: &str) -> Ran {
    let ran = run(&mut xtask(arguments));
    assert_eq!(ran.code, code, "{arguments:?}\n{}\n{}", ran.out, ran.err);
    assert!(ran.out.contains(wanted) || ran.err.contains(wanted), "{arguments:?}: no {wanted:?} in\n{}\n{}", ran.out, ran.err);
    assert!(!ran.err.contains("panicked"), "{}", ran.err);
    ran
}

/// A copy of the contract and of the generated code, to be edited.
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
    run(xtask(arguments).current_dir(folder.path()))
}

#[test]
fn the_main_job_keeps_the_contract() {
    check_code(&["check"], 0, "kept: 628 exchanges");
    check_code(&["check", "--fail-on", "warning", "--require-exercised"], 0, "kept");
    check_code(&["lint"], 0, "0 errors, 0 hints");
    check_code(&["generate", "--check"], 0, "0 of 34 files stale");
}

#[test]
fn broken_promises_end_with_1() {
    check_code(
        &["check", "contract-tests/recordings/broken/maximum.sample-rank.ndjson"],
        1,
        "/sampleRank: 1.5 where at most 1 is promised",
    );
    let warning = "contract-tests/recordings/broken/run.failed-has-error.ndjson";
    check_code(&["check", warning], 0, "1 warning");
    check_code(&["check", warning, "--fail-on", "warning"], 1, "1 warning");
    check_code(&["check", "contract-tests/recordings/kept/errors.ndjson", "--require-exercised"], 1, "exercised by nothing");
}

#[test]
fn wrong_usage_and_broken_contracts_end_with_2() {
    check_code(&["check", "--report", "xml"], 2, "`xml` is no format");
    check_code(&["check", "--max-body", "much"], 2, "a size such as");
    check_code(&["chek"], 2, "check");
    check_code(&["check", "--operation", "runs.put"], 2, "no operation is called `runs.put`; the contract has runs.get");
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
    assert!(ran.out.contains("the rule run.sample-rank-below-one under pass 1 comes to failed"), "{}", ran.out);
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
    check_code(&["rules", "test", "nothing"], 2, "no rule is called `nothing`");
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
fn what_cannot_be_read_or_judged_ends_with_3() {
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
    check_code(&["check", &path("empty", b"")], 3, "nothing was judged");
    check_code(&["check", &path("empty2", b""), "--no-exchanges", "warn"], 0, "warning: nothing was judged");
    check_code(&["check", &path("empty3", b""), "--no-exchanges", "pass"], 0, "nothing judged");
    check_code(&["check", &path("no-json", b"hello")], 3, "neither JSON nor HAR");
    check_code(&["check", &folder.path().join("nothing-here").to_string_lossy()], 3, "no such file");
    // Unreadable goes before broken.
    let broken = "contract-tests/recordings/broken/maximum.sample-rank.ndjson";
    check_code(&["check", broken, "no/such/file"], 3, "/sampleRank");
    let file = path("a-file", b"");
    check_code(&["check", "--report", &format!("json={file}/report.json"), broken], 3, "cannot be written");
}

#[test]
fn a_schema_edit_shows_in_the_types_concerned_and_generate_mends_it() {
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
    // A rule names the value that is gone, which keeps nobody from regenerating.
    assert!(ran.err.contains("warning: the rules do not fit the schemas (1 problem(s))"), "{}", ran.err);
    // The compiled reader is of the whole contract: with rules that do not fit, it is another one.
    let (readers, others): (Vec<_>, Vec<_>) =
        ran.out.split("--- a/").partition(|part| part.starts_with("generated/src/generated/reader.rs"));
    assert!(matches!(readers[..], [reader] if reader.contains("\n+    contract: \"sha256:")), "{}", ran.out);
    let changed: Vec<&str> =
        others.iter().flat_map(|part| part.lines()).filter(|line| line.starts_with('+') && !line.starts_with("+++")).collect();
    for wanted in ["    SetAside,", "    pub with_note: bool,", "/// Promised: at least 0, at most 2."] {
        assert!(changed.contains(&format!("+{wanted}").as_str()), "no {wanted} in\n{}", ran.out);
    }
    // Nothing but the three edits, the manifest's digest, and their echoes in the schemas given back.
    for line in &changed {
        let concerned = [
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
        assert!(concerned.iter().any(|word| line.contains(word)), "unconcerned: {line}\n{}", ran.out);
    }
    let dry = in_copy(&folder, &["generate", "--dry-run"]);
    assert_eq!((dry.code, dry.out), (0, ran.out));
    assert_eq!(std::fs::read_to_string(folder.path().join("generated/src/generated/run.rs")).expect("a file"), before);
    assert_eq!(in_copy(&folder, &["generate"]).code, 0);
    assert_eq!(in_copy(&folder, &["generate", "--check"]).code, 0);
}

#[test]
fn conflict_markers_and_abandoned_files_are_mended() {
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
fn machine_formats_take_standard_output_and_people_read_the_other_stream() {
    let ran = check_code(&["check", "--report", "json", "--report", "text"], 0, "kept: 628 exchanges");
    let report = json::parse(ran.out.as_bytes()).expect("JSON alone on standard output");
    assert_eq!(report["format"], "charter-report/1");
    assert_eq!((&report["reader"]["compiled"], &report["reader"]["reason"]), (&Value::from(true), &Value::Null));
    assert!(ran.err.contains("kept: 628 exchanges"));
    let folder = TempDir::new().expect("a folder");
    let file = folder.path().join("new/folder/report.json");
    let ran = check_code(&["check", "--quiet", "--report", &format!("json={}", file.display())], 0, "");
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", ""));
    assert_eq!(json::parse(&std::fs::read(file).expect("a report")).expect("JSON"), report);
}

#[test]
fn standard_input_is_a_source() {
    let body = std::fs::read(root().join("contract-tests/recordings/kept/bare-body.json")).expect("a body");
    let ran = run(xtask(&["check", "-", "--report", "json"]).write_stdin(body));
    assert_eq!(ran.code, 0, "{}", ran.err);
    let report: Value = serde_json::from_str(&ran.out).expect("JSON");
    assert_eq!(report["inputs"][0]["source"], "<stdin>");
    let rule =
        report["rules"].as_array().expect("rules").iter().find(|rule| rule["id"] == "run.id-is-the-one-asked-for").expect("the rule");
    assert_eq!((&rule["passed"], &rule["reasons"]["request-unknown"]), (&Value::from(0), &Value::from(1)));
}

#[test]
fn the_schemas_of_our_formats_are_schemas() {
    for format in ["report", "recording", "config", "invariants"] {
        let ran = check_code(&["schema", format], 0, "$schema");
        let schema: Value = serde_json::from_str(&ran.out).expect("JSON");
        jsonschema::meta::validate(&schema).unwrap_or_else(|error| panic!("{format}: {error}"));
    }
    let config: Value = serde_json::from_str(&check_code(&["schema", "config"], 0, "").out).expect("JSON");
    let validator = jsonschema::validator_for(&config).expect("a schema");
    let whole = json!({
        "generate": { "reader": "reader" },
        "check": { "recordings": "a", "operation": "b", "simulator": {} },
        "sections": { "parameter": "c", "values": ["d"] },
        "probe": {
            "operation": "a",
            "finished": "/b",
            "list": { "operation": "e", "ids": "/*/f", "next": "/g", "cursor": "h", "queries": ["h=1"] },
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
    for table in ["", "/generate", "/generate/formats", "/check", "/check/simulator", "/mask", "/sections", "/probe"] {
        same_keys(table, &whole);
    }
    for table in ["/probe/list", "/probe/artifacts", "/probe/artifacts/rules"] {
        same_keys(table, &whole);
    }
}

#[test]
fn help_and_completions_are_there() {
    let ran = check_code(&["--help"], 0, "Exit codes:");
    for command in ["generate", "check", "probe", "scrub", "rules", "lint", "schema", "conformance", "bench", "completions"] {
        assert!(ran.out.contains(command), "{}", ran.out);
        check_code(&[command, "--help"], 0, "Usage: cargo xtask");
    }
    check_code(&[], 2, "Usage:");
    check_code(&["completions", "bash"], 0, "charter");
}

#[test]
fn the_corpus_is_the_same_each_time_and_as_valid_as_asked_for() {
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
    check_code(&["bench", "--corpus", &inside_a_file, "--size", "1"], 3, "cannot be written");
}

#[test]
fn types_of_ones_own_schemas_come_with_all_they_need() {
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
    // A type without a place in the contract: an array, seen only through a definition of another document.
    write("far.json", r#"{"definitions": {"Word": {"type": "string", "minLength": 2}}}"#);
    write("near.json", r#"{"type": "array", "items": {"$ref": "https://example.com/far.json#/definitions/Word"}}"#);
    let near = ["generate", "--schema", &path("near.json"), "--out", &path("near")];
    check_code(&near, 2, "--map");
    let map = format!("https://example.com/far.json={}", path("far.json"));
    check_code(&[near.as_slice(), &["--layout", "crate", "--map", &map]].concat(), 0, "written");
    let manifest = std::fs::read_to_string(path("near/Cargo.toml")).expect("a manifest");
    let version = concat!("charter-runtime = { version = \"", env!("CARGO_PKG_VERSION"), "\" }");
    assert!(manifest.contains(version) && manifest.contains("\"charter-runtime/schemars\""), "{manifest}");
    // What is broken is told at its place.
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
fn types_for_clients_are_asked_for_by_a_flag() {
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
fn the_simulator_names_what_it_can_break_and_refuses_what_it_cannot() {
    check_code(&["serve", "--list-faults"], 0, "run.sample-rank-below-one");
    check_code(&["serve", "--fault", "run.no-such-rule"], 2, "run.no-such-rule");
    check_code(&["serve", "--speed", "0"], 2, "a number above 0");
}
