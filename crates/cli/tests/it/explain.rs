//! `explain`, and the pages of the ids that the source contains.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use charter_report::PAGES;

/// Names in the source that look like ids: the variables of rules.
const OTHER_NAMES: [&str; 8] = [
    "request.body",
    "request.cookie",
    "request.header",
    "request.headers",
    "request.method",
    "request.path",
    "request.query",
    "request.url",
];

/// The crates whose source reports built-in findings.
const CRATES: [&str; 2] = ["engine", "probe"];

fn explain(arguments: &[&str]) -> Output {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    command.current_dir(fixtures).arg("explain").args(arguments).env_remove("CARGO_MANIFEST_DIR").output().expect("it runs")
}

/// The printed text, for a successful command.
#[track_caller]
fn printed(arguments: &[&str]) -> String {
    let output = explain(arguments);
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("UTF-8")
}

/// Every literal in the source of a folder that is an id.
fn ids_in(folder: &Path, ids: &mut BTreeSet<String>) {
    let pattern = regex::Regex::new(r#""((?:http|syntax|request|artifact)\.[a-z][a-z0-9-]*)""#).expect("a pattern");
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            ids_in(&path, ids);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = std::fs::read_to_string(&path).expect("a file");
            ids.extend(pattern.captures_iter(&text).map(|found| found[1].to_owned()));
        }
    }
}

#[test]
fn every_id_in_the_source_has_a_page_and_every_page_has_an_id() {
    let mut found = BTreeSet::new();
    for name in CRATES {
        ids_in(&Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(name).join("src"), &mut found);
    }
    found.retain(|id| !OTHER_NAMES.contains(&id.as_str()));
    assert!(found.len() >= 17, "{found:?}");
    let pages: BTreeSet<String> = PAGES.iter().map(|page| page.id.to_owned()).filter(|id| id != "schema").collect();
    let missing: Vec<_> = found.difference(&pages).collect();
    assert!(missing.is_empty(), "add a page to crates/report/src/pages.rs for {missing:?}");
    let unused: Vec<_> = pages.difference(&found).collect();
    assert!(unused.is_empty(), "no finding has the id of the pages {unused:?}");
}

#[test]
fn an_id_is_explained() {
    let text = printed(&["http.undocumented-status"]);
    let start = "http.undocumented-status (error)\nThe response has a status that the operation does not document.\n\nMeaning\n  ";
    assert!(text.starts_with(start), "{text}");
    for heading in ["Example", "Standard", "What to do", "To silence"] {
        assert!(text.contains(&format!("\n\n{heading}\n  ")), "{text}");
    }
    assert!(text.contains("--write-baseline"), "{text}");
    assert!(printed(&["schema.minLength"]).starts_with("schema.minLength (error)\n"));
}

#[test]
fn the_list_has_one_line_for_each_id() {
    let list = printed(&[]);
    for page in PAGES {
        let line = list.lines().find(|line| line.split_whitespace().next() == Some(page.id)).unwrap_or_else(|| panic!("{}", page.id));
        assert!(line.ends_with(page.summary), "{line}");
    }
    assert_eq!(list.lines().count(), PAGES.len() + 1);
}

#[test]
fn kinds_of_changes_are_listed_and_explained() {
    let list = printed(&["changes"]);
    assert!(list.lines().any(|line| line.starts_with("enum-value-added ")), "{list}");
    let text = printed(&["response-media-type-added"]);
    assert!(text.starts_with("response-media-type-added (a kind of change)") && text.contains("What to do"), "{text}");
    let output = explain(&["enum-value-addd"]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("did you mean `enum-value-added`?"));
}

#[test]
fn the_id_of_a_rule_is_explained_by_its_contract() {
    let text = printed(&["ticket.done-parts", "--contract", "tickets"]);
    assert!(text.starts_with("ticket.done-parts (error, documented)\n") && text.contains("a ticket is done when"), "{text}");
}

#[test]
fn an_unknown_id_names_similar_ones() {
    for (arguments, wanted) in [
        (
            vec!["http.unknown-pth", "--contract", "missing"],
            "unknown finding id `http.unknown-pth`; similar: http.unknown-path, http.unknown-method; for the id of a rule",
        ),
        (vec!["weight", "--contract", "tickets"], "`charter explain` lists the built-in ids; `charter rules list` lists the rules"),
    ] {
        let output = explain(&arguments);
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.code() == Some(2) && text.contains(wanted), "{text}");
    }
}

#[test]
fn ids_are_completed() {
    for shell in ["bash", "zsh"] {
        let mut command = Command::cargo_bin("charter").expect("the command is built");
        let script = command.args(["completions", shell]).output().expect("it runs").stdout;
        assert!(String::from_utf8_lossy(&script).contains("http.undocumented-status"), "{shell}");
    }
    assert!(!printed(&["--help"]).contains("possible values"));
}
