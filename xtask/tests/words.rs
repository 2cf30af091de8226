//! The words of the source: the engine names nothing of the Run API, and texts use the terms of the glossary.

use std::path::{Path, PathBuf};

/// Words of the Run API, which no file of the engine contains as a word or as a part of an identifier.
const API_WORDS: [&str; 8] = ["eigenpal", "studio", "tenant", "tenants", "workflow", "workflows", "expand", "sampleRank"];
/// Pieces of its paths and identifiers.
const API_PIECES: [&str; 6] = ["/runs", "\"runs.", "`runs.", "run.schema.json", "run.invariants", "\"run_"];
/// Where such a word stays, and why.
const API_EXCEPTIONS: &[(&str, &str, &str)] = &[
    ("crates/report/src/coverage.rs", "expand", "a member of the stable JSON report"),
    ("crates/report/src/format/html/page.js", "expand", "the same member"),
    ("crates/traffic/src/exchange/mod.rs", "expand", "a value of the stable recording format"),
    ("crates/contract/src/model/config.rs", "expand", "the former spelling of a setting, which is still read"),
    ("crates/contract/src/lower/mod.rs", "expand", "the message about that spelling"),
    ("crates/cli/src/arguments/probe.rs", "expand", "the former spelling of a flag, which still works"),
    ("crates/contract/src/load/yaml.rs", "expand", "the YAML term for aliases"),
    ("crates/cli/src/arguments/init.rs", "workflows", "the folder that GitHub reads"),
    ("crates/cli/src/init/mod.rs", "workflows", "the folder that GitHub reads"),
    ("crates/report/src/format/github.rs", "workflow", "the name that GitHub gives to its commands"),
];

/// Words and phrases that a term of the standards replaces, in lower case: response (answer), reports (tells), the caller (whoever), next to
/// (beside), equals (comes to), "is not a" (is no), fast path (quick).
const REPLACED: [&str; 29] = [
    "answer",
    "answers",
    "answered",
    "told",
    "tell",
    "tells",
    "whoever",
    "nobody",
    "somebody",
    "beside",
    "comes to",
    "come to",
    "came to",
    "comes out",
    "come out",
    "came out",
    "stands in",
    "stand in",
    "is no",
    "are no",
    "what is asked",
    "asked of",
    "as it comes",
    "thereby",
    "side by side",
    "what comes",
    "what came",
    "quick",
    "unsure",
];
/// Where such a word stays, and why.
const REPLACED_EXCEPTIONS: &[(&str, &str, &str)] =
    &[("crates/diff/src/change.rs", "answer", "a member of the stable JSON report `charter-diff/1`")];

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

/// The line comments and string literals of Rust source, on their lines. A `|` delimits each literal; code is left out.
fn rust_texts(source: &str) -> String {
    let mut out = String::new();
    let mut rest = source.char_indices().peekable();
    while let Some((at, character)) = rest.next() {
        match character {
            '\n' => out.push('\n'),
            '/' if source[at..].starts_with("//") => {
                while let Some((_, character)) = rest.next_if(|(_, character)| *character != '\n') {
                    out.push(character);
                }
            }
            // A character literal, which may be a quote, or a lifetime.
            '\'' => {
                let is_escaped = source[at + 1..].starts_with('\\');
                if is_escaped {
                    rest.next();
                    rest.next();
                }
                if is_escaped || source[at + 1..].chars().nth(1) == Some('\'') {
                    while rest.next_if(|(_, character)| *character != '\'' && *character != '\n').is_some() {}
                    rest.next();
                }
            }
            '"' => {
                let hashes = source[..at].chars().rev().take_while(|character| *character == '#').count();
                let is_raw = source[..at - hashes].ends_with('r');
                let end = format!("\"{}", "#".repeat(if is_raw { hashes } else { 0 }));
                out.push('|');
                while let Some((at, character)) = rest.next() {
                    if !is_raw && character == '\\' {
                        // An escaped line break keeps the number of lines.
                        out.push(if rest.next().is_some_and(|(_, escaped)| escaped == '\n') { '\n' } else { ' ' });
                    } else if source[at..].starts_with(&end) {
                        break;
                    } else {
                        out.push(character);
                    }
                }
                out.push('|');
            }
            _ => {}
        }
    }
    out
}

/// The names of the functions of Rust source as words, on their lines.
fn function_names(source: &str) -> String {
    let name = |line: &str| {
        let (_, rest) = line.split_once("fn ")?;
        let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_').unwrap_or(rest.len());
        Some(rest[..end].replace('_', " "))
    };
    source.lines().map(|line| name(line.split("//").next().unwrap_or_default()).unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// The comments of a YAML or TOML document, on their lines.
fn hash_comments(source: &str) -> String {
    let comment = |line: &str| {
        let start = line.match_indices('#').map(|(at, _)| at).find(|at| line[..*at].chars().next_back().is_none_or(char::is_whitespace));
        start.map_or_else(String::new, |at| line[at..].to_owned())
    };
    source.lines().map(comment).collect::<Vec<_>>().join("\n")
}

/// The line numbers where a text contains words, between characters that are not part of a word. A hyphen is part of a word, because ids are
/// stable. Phrases may continue on the next line. "There is no" and "is no longer" are correct.
fn lines_with(text: &str, words: &str) -> Vec<usize> {
    let (mut joined, mut starts) = (String::new(), Vec::new());
    for line in text.to_lowercase().lines() {
        starts.push(joined.len());
        let line = line.trim().trim_start_matches(['/', '!', '#']).trim_start();
        joined.push_str(line);
        joined.push(if line.is_empty() { '\n' } else { ' ' });
    }
    let is_part = |character: char| character.is_alphanumeric() || character == '-' || character == '_';
    let found = joined.match_indices(words).filter(|(at, _)| {
        let (before, after) = (&joined[..*at], &joined[at + words.len()..]);
        let is_word = !before.chars().next_back().is_some_and(is_part) && !after.chars().next().is_some_and(is_part);
        let is_correct = words.ends_with(" no") && (before.ends_with("there ") || after.starts_with(" longer"));
        is_word && !is_correct
    });
    found.map(|(at, _)| starts.partition_point(|start| *start <= at)).collect()
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
fn texts_use_the_terms_of_the_glossary() {
    let (mut found, mut used) = (Vec::new(), vec![false; REPLACED_EXCEPTIONS.len()]);
    let folders = [
        "crates",
        "codegen",
        "contract-tests",
        "generated/src/lib.rs",
        "generated/benches",
        "generated/tests",
        "simulator",
        "xtask",
        "docs",
        "schema",
        "fuzz",
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
    ];
    for (name, text) in files(&folders, &[".rs", ".md", ".yaml", ".toml", ".html", ".mjs"]) {
        // This file lists the words, and the cases of the generator have hostile names.
        if name == "xtask/tests/words.rs" || name.starts_with("codegen/cases/cases/") {
            continue;
        }
        let searched = match name.rsplit('.').next() {
            Some("rs") => vec![rust_texts(&text), function_names(&text)],
            Some("yaml" | "toml") => vec![hash_comments(&text)],
            _ => vec![text.clone()],
        };
        for words in REPLACED {
            for number in searched.iter().flat_map(|searched| lines_with(searched, words)) {
                match REPLACED_EXCEPTIONS.iter().position(|(file, excepted, _)| *file == name && *excepted == words) {
                    Some(index) => used[index] = true,
                    None => {
                        let line = text.lines().nth(number - 1).unwrap_or_default();
                        found.push(format!("{name}:{number}: {words:?}: {}", line.trim()));
                    }
                }
            }
        }
    }
    assert_none(found, REPLACED_EXCEPTIONS, &used);
}

#[test]
fn replaced_words_are_found_in_comments_and_strings_and_names_of_functions() {
    let source =
        "fn told() -> char { '\"' } // nobody\nlet x = r#\"whoever \"q\" \"#; let y = \"a\\\"beside \\\n b\";\n/// It is\n/// no path.\n";
    let texts = rust_texts(source);
    assert_eq!(lines_with(&texts, "told"), [0; 0], "{texts}");
    assert_eq!(lines_with(&texts, "nobody"), [1], "{texts}");
    assert_eq!(lines_with(&texts, "whoever"), [2], "{texts}");
    assert_eq!(lines_with(&texts, "beside"), [2], "{texts}");
    assert_eq!(lines_with(&texts, "is no"), [4], "{texts}");
    assert_eq!(lines_with(&function_names("let x = 1;\nfn a_path_is_no_file() {"), "is no"), [2]);
    assert_eq!(lines_with("Beside it", "beside"), [1]);
    for correct in ["besides", "http.no-answer", "There is no file", "it is no longer used"] {
        assert!(["beside", "answer", "is no"].iter().all(|words| lines_with(correct, words).is_empty()), "{correct}");
    }
    assert_eq!(hash_comments("a: '#b' # c\n# d\ne: f#g"), "# c\n# d\n");
}

#[test]
fn identifiers_are_taken_apart() {
    assert_eq!(words_of("BadExpand bad_expand"), ["bad", "expand", "bad", "expand"]);
}
