//! `diff` of two folders: their settings and their rules.

use std::path::Path;

use assert_cmd::Command;
use serde_json::Value;

const API: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/books": {"post": {"operationId": "books.add",
  "requestBody": {"content": {"application/json": {"schema": {"$ref": "book.schema.json"}}}},
  "responses": {"201": {"description": "d", "content": {"application/json": {"schema": {"$ref": "book.schema.json"}}}}}}}},
  "webhooks": {"paid": {"post": {"operationId": "paid", "responses": {"200": {"description": "d"}}}}}}"#;
const BOOK: &str = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Book", "type": "object",
  "properties": {"pages": {"type": "integer"}, "printed": {"type": "string", "format": "date"}}, "required": ["pages"]}"#;
const RULES: &str = r#"{"format": "charter-invariants/1", "invariants": [{"id": "book.pages", "on": "book.schema.json", "rule": "self.pages > 0",
  "message": "m", "severity": "error", "promise": {"kind": "documented", "where": "docs", "quote": "q"},
  "examples": {"pass": [{"self": {"pages": 1}}], "fail": [{"self": {"pages": 0}}]}}]}"#;

struct Folders(tempfile::TempDir);

impl Folders {
    /// Both contracts with further files: each of a name in the old contract, and in the new one.
    fn new(more: &[(&str, Option<&str>, Option<&str>)]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        for (side, other) in [("old", false), ("new", true)] {
            let path = folder.path().join(side);
            std::fs::create_dir(&path).expect("a folder");
            let given = more.iter().filter_map(|(name, old, new)| Some((*name, if other { *new } else { *old }?)));
            for (name, text) in [("openapi.json", API), ("book.schema.json", BOOK)].into_iter().chain(given) {
                std::fs::write(path.join(name), text).expect("a file");
            }
        }
        Self(folder)
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    /// The exit code with `--fail-on unknown`, and the report.
    fn diff(&self, old: &str, new: &str) -> (i32, Value) {
        let mut command = Command::cargo_bin("charter").expect("the command is built");
        let command = command.current_dir(self.path()).env("NO_COLOR", "1");
        let output = command.args(["diff", old, new, "--report", "json", "--fail-on", "unknown"]).output().expect("it runs");
        let report = serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"));
        (output.status.code().expect("a code"), report)
    }
}

/// The kind, the place and the effect on a client of each change and note.
fn lines(report: &Value) -> Vec<String> {
    let list = |name: &str| report[name].as_array().cloned().unwrap_or_default();
    let line = |one: &Value| {
        let effect = one["describedClient"].as_str().unwrap_or("note");
        format!(
            "{} {} {effect}: {}",
            one["kind"].as_str().unwrap_or("not compared"),
            one["newLocation"].as_str().unwrap_or(""),
            one["summary"].as_str().unwrap_or("")
        )
    };
    ["operations", "schemas", "notes", "notCompared"].into_iter().flat_map(list).map(|one| line(&one)).collect()
}

#[test]
fn settings_of_two_folders_are_compared() {
    for (old, new, code, expected) in [
        (None, None, 0, vec![]),
        (Some("[mask]\nemails = true\n"), None, 0, vec![]),
        (
            Some("[check]\nbase-paths = [\"/eu\"]\n"),
            Some("[check]\nbase-paths = [\"/eu\", \"/us\"]\n"),
            0,
            vec![
                "setting-changed charter.toml#/check/base-paths compatible: the setting `check.base-paths` is [\"/eu\",\"/us\"], previously [\"/eu\"]",
            ],
        ),
        (
            Some("[check]\nbase-paths = [\"/eu\"]\n"),
            None,
            1,
            vec!["setting-changed charter.toml# unknown: the setting `check.base-paths` is [], previously [\"/eu\"]"],
        ),
        (
            Some("[check]\nformats = false\n"),
            Some("[check]\nformats = [\"date\"]\n"),
            1,
            vec!["setting-changed charter.toml#/check/formats unknown: the setting `check.formats` is [\"date\"], previously false"],
        ),
        // No schema has the format.
        (
            Some("[check]\nformats = false\n"),
            Some("[check]\nformats = [\"uuid\"]\n"),
            0,
            vec!["setting-changed charter.toml#/check/formats note: the setting `check.formats` is [\"uuid\"], previously false"],
        ),
        (
            Some("[generate]\nmode = \"client\"\n[diff.levels]\nenum-value-added = \"error\"\n"),
            Some("[diff]\nreading = \"strict\"\n"),
            0,
            vec![
                "setting-changed charter.toml#/diff note: the setting `diff.levels.enum-value-added` is not set, previously \"error\"",
                "setting-changed charter.toml#/diff/reading note: the setting `diff.reading` is \"strict\", previously not set",
                "setting-changed charter.toml# note: the setting `generate.mode` is \"strict\", previously \"client\"",
            ],
        ),
        // The value can be a credential.
        (
            Some("[probe.headers]\nx-tenant = \"s3cret\"\n"),
            Some("[probe.headers]\nx-tenant = \"an0ther\"\n"),
            0,
            vec!["setting-changed charter.toml#/probe/headers/x-tenant note: the setting `probe.headers.x-tenant` has changed"],
        ),
        (
            Some("[[traffic.webhooks]]\nname = \"paid\"\nheaders = {x-secret = \"s3cret\"}\n"),
            Some("[[traffic.webhooks]]\nname = \"paid\"\nheaders = {x-secret = \"an0ther\"}\n"),
            0,
            vec!["setting-changed charter.toml#/traffic/webhooks note: the setting `traffic.webhooks` has changed"],
        ),
    ] {
        let folders = Folders::new(&[("charter.toml", old, new)]);
        let (found, report) = folders.diff("old", "new");
        assert_eq!((found, lines(&report)), (code, expected.iter().map(|line| (*line).to_owned()).collect()), "{old:?} {new:?}");
        // A document alone has no settings.
        assert_eq!(lines(&folders.diff("old", "new/openapi.json").1), Vec::<String>::new(), "{old:?} {new:?}");
    }
}

#[test]
fn formats_that_are_no_longer_asserted_concern_responses() {
    let folders = Folders::new(&[("charter.toml", Some("[check]\nformats = true\n"), Some("[check]\nformats = [\"uuid\"]\n"))]);
    let (_, report) = folders.diff("old", "new");
    let change = &report["operations"][0];
    assert_eq!((change["describedClient"].as_str(), change["server"].as_str()), (Some("unknown"), Some("unknown")));
    assert_eq!(change["position"]["line"], 2, "{change}");
}

#[test]
fn rules_that_are_removed_with_their_file_are_listed() {
    let rules = |report: &Value| -> Vec<String> {
        let list = report["rules"].as_array().cloned().unwrap_or_default();
        list.iter().map(|one| format!("{} {}", one["kind"].as_str().unwrap_or(""), one["summary"].as_str().unwrap_or(""))).collect()
    };
    let name = "book.invariants.yaml";
    let removed = "removed the new contract has no rules: `book.pages` is removed; the old rules are compared with the new schemas";
    assert_eq!(rules(&Folders::new(&[(name, Some(RULES), None)]).diff("old", "new").1), [removed]);
    assert_eq!(rules(&Folders::new(&[(name, None, Some(RULES))]).diff("old", "new").1), ["added the rule is added"]);
    assert_eq!(rules(&Folders::new(&[(name, Some(RULES), Some(RULES))]).diff("old", "new").1), Vec::<String>::new());
    // A document alone has no rules, so none is removed.
    let folders = Folders::new(&[(name, Some(RULES), None)]);
    assert_eq!(rules(&folders.diff("old", "new/openapi.json").1), Vec::<String>::new());
    // The old rules still find what the new schemas no longer have.
    let without_pages = BOOK.replace(r#""pages": {"type": "integer"}, "#, "").replace(r#", "required": ["pages"]"#, "");
    std::fs::write(folders.path().join("new/book.schema.json"), without_pages).expect("a file");
    let found = rules(&folders.diff("old", "new").1);
    assert!(found[0] == removed && found[1].starts_with("no-longer-fits"), "{found:?}");
}
