//! The engine names nothing of the Run API: no vendor, no host and no concept of it.

use std::path::{Path, PathBuf};

/// Words of the Run API, which no file of the engine contains as a word or as a part of an identifier.
const API_WORDS: [&str; 8] = ["eigenpal", "studio", "tenant", "tenants", "workflow", "workflows", "expand", "sampleRank"];
/// Pieces of its paths and identifiers.
const API_PIECES: [&str; 6] = ["/runs", "\"runs.", "`runs.", "run.schema.json", "run.invariants", "\"run_"];
/// Where such a word stays, and why.
const API_EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("crates/report/src/coverage.rs", "expand", "a member of the stable JSON report"),
    ("crates/traffic/src/exchange/mod.rs", "expand", "a value of the stable recording format"),
    ("crates/contract/src/model/config.rs", "expand", "the former spelling of a setting, which is still read"),
    ("crates/contract/src/lower/mod.rs", "expand", "the message about that spelling"),
    ("crates/cli/src/arguments/probe.rs", "expand", "the former spelling of a flag, which still works"),
    ("crates/contract/src/load/yaml.rs", "expand", "the YAML term for aliases"),
    ("crates/report/src/format/github.rs", "workflow", "the name that GitHub gives to its commands"),
];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the repository")
}

/// The files below some folders whose names end in one of these, and their paths relative to the repository.
fn files(folders: &[&str], endings: &[&str]) -> Vec<(String, String)> {
    let root = root();
    let mut found = Vec::new();
    for folder in folders {
        let walk = walkdir::WalkDir::new(root.join(folder)).sort_by_file_name().into_iter();
        for entry in walk.filter_entry(|entry| entry.file_name() != "target" && entry.file_name() != "node_modules") {
            let path = entry.expect("an entry").into_path();
            let name = path.strip_prefix(&root).expect("below the repository").to_string_lossy().into_owned();
            if path.is_file() && endings.iter().any(|ending| name.ends_with(ending)) {
                found.push((name, std::fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    assert!(!found.is_empty(), "{folders:?}");
    found
}

/// The words of a text, identifiers taken apart: `BadExpand` and `bad_expand` are `bad` and `expand`.
fn words_of(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for character in line.chars() {
        if !character.is_alphanumeric() || (character.is_uppercase() && was_lower) {
            words.push(String::new());
        }
        was_lower = character.is_lowercase();
        if let Some(word) = words.last_mut().filter(|_| character.is_alphanumeric()) {
            word.extend(character.to_lowercase());
        }
    }
    words
}

fn assert_none(mut found: Vec<String>, exceptions: &[(&str, &str, &str)], used: &[bool]) {
    for (index, (file, word, _)) in exceptions.iter().enumerate() {
        if !used[index] {
            found.push(format!("{file}: the exception for {word:?} is not needed"));
        }
    }
    assert!(found.is_empty(), "{} places:\n{}", found.len(), found.join("\n"));
}

#[test]
fn the_engine_names_nothing_of_the_run_api() {
    let (mut found, mut used) = (Vec::new(), vec![false; API_EXCEPTIONS.len()]);
    let crates: Vec<String> = std::fs::read_dir(root().join("crates"))
        .expect("the crates")
        .map(|entry| format!("crates/{}/src", entry.expect("an entry").file_name().to_string_lossy()))
        .collect();
    let mut folders: Vec<&str> = crates.iter().map(String::as_str).collect();
    folders.push("codegen/src");
    for (name, text) in files(&folders, &["", ".rs", ".html", ".js", ".json", ".txt"]) {
        for (number, line) in text.lines().enumerate() {
            let words = words_of(line);
            let word = API_WORDS
                .iter()
                .find(|word| words.iter().any(|found| found == **word) || (word.contains(char::is_uppercase) && line.contains(**word)));
            let Some(word) = word.or_else(|| API_PIECES.iter().find(|piece| line.contains(**piece))) else { continue };
            match API_EXCEPTIONS.iter().position(|(file, excepted, _)| *file == name && excepted == word) {
                Some(index) => used[index] = true,
                None => found.push(format!("{name}:{}: {word}: {}", number + 1, line.trim())),
            }
        }
    }
    assert_none(found, API_EXCEPTIONS, &used);
}

#[test]
fn identifiers_are_taken_apart() {
    assert_eq!(words_of("BadExpand bad_expand"), ["bad", "expand", "bad", "expand"]);
}
