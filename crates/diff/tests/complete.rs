//! Completeness: each node of large documents is changed once, and each change gives at least one line.
//!
//! The documents are those of the folder `CHARTER_TEST_DATA`, with a sample of their nodes. `crates/diff/tests/complete.sh` changes
//! every node of the documents that it is given, or a share of them.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use charter_contract::{Contract, Location};
use charter_diff::{Diff, Options, diff};
use serde_json::{Value, json};

/// The number of changes of one comparison.
const TOGETHER: usize = 60;
/// The number of changes of one comparison of a whole document.
const TOGETHER_OF_ALL: usize = 240;

/// How a node is changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Edit {
    Remove,
    Replace,
    Add,
}

/// A change of one node.
#[derive(Clone, Debug)]
struct Change {
    pointer: String,
    edit: Edit,
}

impl Change {
    fn apply(&self, document: &mut Value) -> Option<()> {
        match self.edit {
            Edit::Remove => {
                let (above, last) = self.pointer.rsplit_once('/')?;
                match document.pointer_mut(above)? {
                    Value::Object(members) => drop(members.shift_remove(&last.replace("~1", "/").replace("~0", "~"))?),
                    // The indices of the other changes stay.
                    Value::Array(items) if last.parse::<usize>().ok()? + 1 == items.len() => drop(items.pop()),
                    _ => return None,
                }
            }
            Edit::Replace => {
                let value = document.pointer_mut(&self.pointer)?;
                *value = match &*value {
                    Value::String(text) => format!("{text}x").into(),
                    Value::Number(number) => json!(number.as_f64()? + 1.0),
                    Value::Bool(flag) => (!flag).into(),
                    Value::Null => json!("x"),
                    _ => return None,
                };
            }
            Edit::Add => match document.pointer_mut(&self.pointer)? {
                Value::Object(members) => drop(members.insert("x-more".to_owned(), json!({"description": "d"}))),
                Value::Array(items) => {
                    let mut last = items.last()?.clone();
                    match &mut last {
                        Value::String(text) => text.push('x'),
                        Value::Object(members) => drop(members.insert("description".to_owned(), json!("another one"))),
                        _ => return None,
                    }
                    items.push(last);
                }
                _ => return None,
            },
        }
        Some(())
    }
}

/// Every change of every node.
fn changes(value: &Value, pointer: &str, found: &mut Vec<Change>) {
    let edits: &[Edit] = match value {
        Value::Object(_) | Value::Array(_) => &[Edit::Remove, Edit::Add],
        _ => &[Edit::Remove, Edit::Replace],
    };
    if !pointer.is_empty() {
        found.extend(edits.iter().map(|edit| Change { pointer: pointer.to_owned(), edit: *edit }));
    }
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                changes(member, &format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1")), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                changes(item, &format!("{pointer}/{index}"), found);
            }
        }
        _ => {}
    }
}

/// A pointer without its last tokens.
fn above(pointer: &str, levels: usize) -> &str {
    (0..levels).fold(pointer, |pointer, _| pointer.rsplit_once('/').map_or("", |(above, _)| above))
}

fn is_within(pointer: &str, above: &str) -> bool {
    pointer.strip_prefix(above).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The next changes to make together: none is near another one.
fn batch(open: &mut Vec<Change>, together: usize) -> Vec<Change> {
    let (mut chosen, mut left): (Vec<Change>, Vec<Change>) = (Vec::new(), Vec::new());
    let mut rest = std::mem::take(open).into_iter();
    while chosen.len() < together {
        let Some(change) = rest.next() else { break };
        let near =
            |other: &Change| is_within(&change.pointer, above(&other.pointer, 3)) || is_within(&other.pointer, above(&change.pointer, 3));
        if chosen.iter().any(near) { left.push(change) } else { chosen.push(change) }
    }
    left.extend(rest);
    *open = left;
    chosen
}

fn contract(document: &Value) -> Option<Contract> {
    charter_contract::from_documents(vec![("openapi.json".to_owned(), document.to_string().into_bytes())]).ok()
}

/// The pointers of all lines.
fn lines(found: &Diff) -> BTreeSet<String> {
    let operations = found.operations.iter().flat_map(|change| [&change.old_location, &change.new_location]).flatten();
    let schemas = found.schemas.iter().flat_map(|change| [&change.change.old_location, &change.change.new_location]).flatten();
    let notes = found.notes.iter().flat_map(|note| [&note.old_location, &note.new_location]);
    let others = found.not_compared.iter().flat_map(|one| [&one.old_location, &one.new_location]);
    let all: Vec<&Location> = operations.chain(schemas).chain(notes).chain(others).collect();
    all.into_iter().map(|location| location.pointer().to_owned()).collect()
}

#[derive(Default)]
struct Result {
    judged: usize,
    invalid: usize,
    silent: Vec<String>,
}

impl Result {
    /// Makes changes together. If the document is not valid then, each half is tried.
    fn judge(&mut self, base: &Value, old: &Contract, batch: &[Change]) {
        let mut document = base.clone();
        let applied: Vec<&Change> = batch.iter().filter(|change| change.apply(&mut document).is_some()).collect();
        if applied.is_empty() {
            return;
        }
        let Some(new) = contract(&document) else {
            if batch.len() == 1 {
                self.invalid += 1;
            } else {
                let (one, other) = batch.split_at(batch.len() / 2);
                self.judge(base, old, one);
                self.judge(base, old, other);
            }
            return;
        };
        for (one, other) in [(old, &new), (&new, old)] {
            let lines = lines(&diff(one, other, &Options::default()));
            for change in &applied {
                self.judged += 1;
                // A line about an entry of a list is at the list, and one about a member may be at its object.
                let near = above(&change.pointer, 2);
                let has_line = lines.iter().any(|line| is_within(line, &change.pointer))
                    || lines.iter().any(|line| is_within(&change.pointer, line) && is_within(line, near))
                    // A line about an operation or a component covers all of it.
                    || batch.len() == 1 && !lines.is_empty();
                if !has_line && batch.len() > 1 {
                    self.judged -= 1;
                    self.judge(base, old, &[(*change).clone()]);
                } else if !has_line {
                    self.silent.push(format!("{:?} {}", change.edit, change.pointer));
                }
            }
        }
    }
}

/// `sample` is the number of comparisons; without it, one of `share` changes is judged.
fn run(path: &Path, sample: Option<usize>, share: usize) {
    let folder = camino::Utf8PathBuf::from_path_buf(path.to_owned()).expect("a path in UTF-8");
    let bytes = std::fs::read(path).expect("a document");
    let name = folder.file_name().unwrap_or_default();
    // The document as written: the loader rewrites older versions.
    let base = charter_contract::load::parse_value(name, bytes).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let old = contract(&base).expect("a valid document");
    let mut open = Vec::new();
    changes(&base, "", &mut open);
    let nodes = open.len();
    let together = if sample.is_some() { TOGETHER } else { TOGETHER_OF_ALL };
    let mut open: Vec<Change> = open.into_iter().step_by(share).collect();
    // Neighbours are not changed together, so the order is spread over the document.
    let step = (open.len() / together).max(1);
    let mut spread: Vec<Change> = (0..step).flat_map(|start| open.iter().skip(start).step_by(step).cloned().collect::<Vec<_>>()).collect();
    open.clear();
    let (mut found, mut batches) = (Result::default(), 0);
    while !spread.is_empty() && sample.is_none_or(|most| batches < most) {
        let chosen = batch(&mut spread, together);
        found.judge(&base, &old, &chosen);
        batches += 1;
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    println!(
        "{name}: 1 of {share} of {nodes} changes, {} comparisons of a change, {} invalid, {} silent",
        found.judged,
        found.invalid,
        found.silent.len()
    );
    assert!(found.judged > 0, "{name}: nothing was compared: no change gives a valid document");
    found.silent.iter().for_each(|change| println!("silent: {change}"));
    assert!(found.silent.is_empty(), "{name}");
}

#[test]
fn every_change_of_a_large_document_gives_a_line() {
    let all = std::env::var_os("CHARTER_COMPLETE_DOCUMENTS");
    let (paths, sample): (Vec<PathBuf>, Option<usize>) = match (&all, std::env::var_os("CHARTER_TEST_DATA")) {
        (Some(list), _) => (std::env::split_paths(list).filter(|path| !path.as_os_str().is_empty()).collect(), None),
        (None, Some(folder)) => {
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
            (entries.filter(|path| path.extension().is_some_and(|extension| extension == "json")).collect(), Some(4))
        }
        (None, None) => {
            eprintln!("skipped: CHARTER_TEST_DATA does not name a folder with OpenAPI documents");
            return;
        }
    };
    assert!(
        !paths.is_empty(),
        "nothing to compare: CHARTER_COMPLETE_DOCUMENTS, or else the folder of CHARTER_TEST_DATA, has no document (*.json)"
    );
    // The comparison recurses into deep schemas.
    let share = std::env::var("CHARTER_COMPLETE_SHARE").ok().map_or(1, |share| share.parse().expect("a number"));
    let thread = std::thread::Builder::new().stack_size(1 << 29);
    let judged = thread.spawn(move || paths.iter().for_each(|path| run(path, sample, share))).expect("a thread");
    if let Err(panic) = judged.join() {
        std::panic::resume_unwind(panic);
    }
}
