//! Builds programs from the generated modules of all groups, in batches, and runs each over its documents.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use charter_codegen::package::Features;
use charter_codegen::{Options, Schemars, generate_with};
use serde_json::{Value, json};

use super::Outcome;
use super::reader::{self, Reading};
use super::source;
use super::suite::Group;
use charter_cli::output;

/// Groups per program: many enough to share the cost of linking, few enough to build several programs in parallel.
const BATCH: usize = 60;

/// The result for one document.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// Read, and written back unchanged.
    Unchanged,
    /// Read, and written back as something else.
    Changed(String),
    /// Refused with this error.
    Refused(String),
    /// The program ended before this document.
    Crashed,
}

/// The module of a group.
pub(super) struct Module {
    pub(super) group: usize,
    /// The root type.
    pub(super) root: String,
    /// Whether there is a compiled reader.
    pub(super) reader: bool,
}

pub(super) fn run(groups: &[Group], work: &Utf8Path) -> Result<Vec<Outcome>, String> {
    let mut outcomes: Vec<Outcome> = groups.iter().map(|_| Outcome::default()).collect();
    let folder = work.join("source");
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(|error| format!("cannot remove {folder}: {error}"))?;
    }
    let mut batches: Vec<Vec<Module>> = Vec::new();
    for (first, chunk) in groups.chunks(BATCH).enumerate() {
        let batch = folder.join(format!("batch{first}"));
        let mut modules = Vec::new();
        let mut features = Features::default();
        for (offset, group) in chunk.iter().enumerate() {
            let index = first * BATCH + offset;
            match generate(group) {
                Ok(generated) => {
                    features = features.or(generated.features);
                    let count = |key: &str| generated.census[key].as_u64().unwrap_or_default() as usize;
                    outcomes[index].census = (count("schemas"), count("native"));
                    let root = generated.entries.first().map(|entry| entry.name.clone()).unwrap_or_default();
                    for file in &generated.files {
                        write(&batch.join(format!("src/g{index}")).join(&file.path), &file.text)?;
                    }
                    let reading = reader::generate(group);
                    modules.push(Module { group: index, root, reader: reading.is_ok() });
                    match reading {
                        Ok(text) => write(&batch.join(format!("src/r{index}.rs")), &text)?,
                        Err(reason) => outcomes[index].reading = Reading::Left(reason),
                    }
                }
                Err(message) => outcomes[index].refused = Some(message),
            }
        }
        write(&batch.join("Cargo.toml"), &source::manifest(first, features))?;
        batches.push(modules);
    }
    let members: Vec<String> = (0..batches.len()).map(|index| format!("\"batch{index}\"")).collect();
    let profile = "[profile.dev]\ndebug = false\nincremental = false\n\n[profile.dev.package.\"*\"]\nopt-level = 1\n";
    write(&folder.join("Cargo.toml"), &format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n{profile}", members.join(", ")))?;
    // Build with the same versions as the workspace.
    if let Ok(lock) = std::fs::read_to_string("Cargo.lock") {
        write(&folder.join("Cargo.lock"), &lock)?;
    }
    build(&folder, &work.join("build"), &mut batches, &mut outcomes)?;
    for (index, modules) in batches.iter().enumerate() {
        let results =
            execute(groups, modules, &work.join("build/debug").join(format!("batch{index}")), &folder.join(format!("batch{index}")))?;
        for (module, results) in modules.iter().zip(results) {
            let outcome = &mut outcomes[module.group];
            outcome.compiled = true;
            if module.reader {
                outcome.reading = Reading::Read(results.iter().filter_map(|result| result.decided).collect());
            }
            outcome.verdicts = results.into_iter().map(|result| result.verdict).collect();
        }
    }
    Ok(outcomes)
}

fn generate(group: &Group) -> Result<charter_codegen::Output, String> {
    let contract = charter_contract::from_sources(group.sources.clone()).map_err(|error| error.to_string())?;
    let mut options = Options::default();
    options.schemars = Schemars::Never;
    generate_with(&contract, &options).map_err(|error| error.to_string())
}

fn write(path: &Utf8Path, text: &str) -> Result<(), String> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text)).map_err(|error| format!("cannot write {path}: {error}"))
}

/// Builds every program. Modules and readers that do not compile are removed, and their groups fail.
fn build(folder: &Utf8Path, target: &Utf8Path, batches: &mut [Vec<Module>], outcomes: &mut [Outcome]) -> Result<(), String> {
    let main = |index: usize, modules: &[Module]| write(&folder.join(format!("batch{index}/src/main.rs")), &source::main(modules));
    for (index, modules) in batches.iter().enumerate() {
        main(index, modules)?;
    }
    loop {
        let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--workspace", "--keep-going", "--message-format", "short"])
            .current_dir(folder)
            .env("CARGO_TARGET_DIR", std::path::absolute(target).map_err(|error| error.to_string())?)
            .env("RUSTFLAGS", "-Awarnings")
            .output()
            .map_err(|error| format!("cannot run cargo: {error}"))?;
        if built.status.success() {
            return Ok(());
        }
        let text = format!("{}{}", String::from_utf8_lossy(&built.stdout), String::from_utf8_lossy(&built.stderr));
        let mut removed = false;
        for (index, modules) in batches.iter_mut().enumerate() {
            let [types, readers] = ['g', 'r'].map(|kind| broken(&text, &format!("batch{index}/src/{kind}")));
            if types.is_empty() && readers.is_empty() {
                continue;
            }
            modules.retain(|module| !types.contains(&module.group));
            for module in modules.iter_mut().filter(|module| readers.contains(&module.group)) {
                module.reader = false;
                outcomes[module.group].reading = Reading::Broken;
            }
            main(index, modules)?;
            removed = true;
        }
        if !removed {
            let tail: Vec<&str> = text.lines().rev().take(30).collect();
            return Err(format!("cannot build the programs:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n")));
        }
    }
}

/// The groups whose files, with paths of this prefix, have compile errors. Prints the first errors.
fn broken(text: &str, prefix: &str) -> BTreeSet<usize> {
    let lines = || text.lines().filter(|line| line.contains("error") && line.contains(prefix));
    lines().take(10).for_each(output::message);
    lines().filter_map(|line| line.split(prefix).nth(1)?.split(['/', '.']).next()?.parse().ok()).collect()
}

fn execute(groups: &[Group], modules: &[Module], program: &Utf8PathBuf, batch: &Utf8Path) -> Result<Vec<Vec<DocumentResult>>, String> {
    let mut lines = String::new();
    for module in modules {
        for test in &groups[module.group].tests {
            let _ = writeln!(lines, "{}\t{}", module.group, test.data);
        }
    }
    let documents = batch.join("documents.txt");
    write(&documents, &lines)?;
    let ran = Command::new(program).arg(&documents).output().map_err(|error| format!("cannot run {program}: {error}"))?;
    let text = String::from_utf8_lossy(&ran.stdout);
    let mut lines = text.lines();
    let mut all = Vec::new();
    for module in modules {
        let tests = &groups[module.group].tests;
        all.push(tests.iter().map(|test| parse(lines.next().unwrap_or_default(), &test.data)).collect());
    }
    Ok(all)
}

/// One line of a program's output.
struct DocumentResult {
    verdict: Verdict,
    /// Whether the compiled reader decided the document; `None` without a compiled reader or after a crash.
    decided: Option<bool>,
}

fn parse(line: &str, data: &Value) -> DocumentResult {
    let result: Value = serde_json::from_str(line).unwrap_or_else(|_| json!({}));
    let verdict = match (result.get("back"), result.get("refused").and_then(Value::as_str)) {
        (Some(back), _) if same_json(back, data) => Verdict::Unchanged,
        (Some(back), _) => Verdict::Changed(back.to_string()),
        (_, Some(error)) => Verdict::Refused(error.to_owned()),
        _ => Verdict::Crashed,
    };
    DocumentResult { verdict, decided: result.get("decided").and_then(Value::as_bool) }
}

/// Equality as JSON Schema defines it: numbers by value, keys in any order.
fn same_json(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => {
            left == right || (left.is_f64() != right.is_f64() && left.as_f64() == right.as_f64())
        }
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same_json(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len() && left.iter().all(|(key, value)| right.get(key).is_some_and(|other| same_json(value, other)))
        }
        _ => left == right,
    }
}
