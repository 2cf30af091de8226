//! The official suite of JSON Schema through programs: no invalid document is accepted; the share of valid documents that are decided is
//! published in `docs/book/src/program.md`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use charter_contract::{Draft, Location, Sources, read_map};
use serde_json::Value;

use crate::support::Both;

const DRAFTS: [(&str, Draft); 5] = [
    ("draft2020-12", Draft::Draft202012),
    ("draft2019-09", Draft::Draft201909),
    ("draft7", Draft::Draft7),
    ("draft6", Draft::Draft6),
    ("draft4", Draft::Draft4),
];

/// The required share of valid documents that programs decide, in percent.
const LEAST_SHARE: usize = 85;

/// Valid documents, and those that a program decides, by keyword.
type Shares = BTreeMap<String, (usize, usize)>;

fn folder() -> Option<PathBuf> {
    let folder = PathBuf::from(std::env::var_os("CHARTER_TEST_DATA")?).join("json-schema-test-suite");
    folder.is_dir().then_some(folder)
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(files(&path)),
            path if path.extension().is_some_and(|extension| extension == "json") => found.push(path),
            _ => {}
        }
    }
    found.sort();
    found
}

#[test]
fn no_invalid_document_of_the_suite_is_accepted() {
    let Some(folder) = folder() else {
        eprintln!("skipped: CHARTER_TEST_DATA does not name a folder with json-schema-test-suite");
        return;
    };
    let remotes = camino::Utf8PathBuf::from_path_buf(folder.join("remotes")).expect("UTF-8");
    let remotes = read_map("http://localhost:1234", &remotes).expect("the remote documents");
    let (mut shares, mut all) = (Shares::new(), (0, 0));
    let mut left: BTreeMap<&'static str, usize> = BTreeMap::new();
    for (name, draft) in DRAFTS {
        let tests = folder.join("tests").join(name);
        for file in files(&tests) {
            let optional = file.strip_prefix(&tests).is_ok_and(|path| path.starts_with("optional"));
            let keyword = file.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
            let groups: Value = serde_json::from_slice(&fs::read(&file).expect("a file of the suite")).expect("JSON");
            for group in groups.as_array().into_iter().flatten() {
                let description = format!("{name}/{keyword}: {}", group["description"]);
                let files = vec![("schema.json".to_owned(), group["schema"].to_string().into_bytes())];
                let sources = Sources::new(files).with_remotes(remotes.clone()).with_draft(draft);
                let Ok(contract) = charter_contract::from_sources(sources) else { continue };
                let Some(root) = contract.schemas().at(&Location::root("schema.json")) else { continue };
                let Some(mut both) = Both::new(&contract, root) else { continue };
                let mut undecided = false;
                for test in group["tests"].as_array().into_iter().flatten() {
                    let body = test["data"].to_string();
                    let decided = both.decides(body.as_bytes(), &description);
                    let valid = if optional { both.is_valid(body.as_bytes()) } else { test["valid"] == Value::Bool(true) };
                    assert!(!decided || valid, "{description}: the program accepts the invalid {body}");
                    if valid && !optional {
                        undecided |= !decided;
                        for (valid, known) in [shares.entry(keyword.clone()).or_default(), &mut all] {
                            *valid += 1;
                            *known += usize::from(decided);
                        }
                    }
                }
                if undecided {
                    both.program.left().for_each(|(_, reason)| *left.entry(reason).or_default() += 1);
                }
            }
        }
    }
    let mut table = "| keyword | valid documents | decided |\n|---|--:|--:|\n".to_owned();
    for (keyword, (valid, decided)) in &shares {
        let _ = writeln!(table, "| `{keyword}` | {valid} | {decided} |");
    }
    let _ = writeln!(table, "| **all** | {} | {} ({} %) |", all.0, all.1, 100 * all.1 / all.0.max(1));
    println!("{table}\n{left:#?}");
    let page = fs::read_to_string("../../docs/book/src/program.md").expect("the page");
    assert!(page.contains(&table), "docs/book/src/program.md does not have the table that this test prints");
    assert!(100 * all.1 >= LEAST_SHARE * all.0, "programs decide {} of {} valid documents", all.1, all.0);
}
