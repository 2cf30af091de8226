//! Groups to programs: modules of generated types, built in batches, each run once over its documents.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use charter_codegen::package::{Needs, support};
use charter_codegen::{Options, Schemars, generate_with};
use serde_json::{Value, json};

use super::Outcome;
use super::suite::Group;
use crate::output;

/// Groups in one program: enough to share the cost of linking, few enough to build beside each other.
const BATCH: usize = 60;

/// What became of a document.
#[derive(Clone, Debug)]
pub(super) enum Verdict {
    /// Read, and written back unchanged.
    Kept,
    /// Read, and written back as something else.
    Changed(String),
    /// Refused, and why.
    Refused(String),
    /// The program ended before it.
    Crashed,
}

/// A group's module.
struct Module {
    group: usize,
    root: String,
}

pub(super) fn run(groups: &[Group], work: &Utf8Path) -> Result<Vec<Outcome>, String> {
    let mut outcomes: Vec<Outcome> =
        groups.iter().map(|_| Outcome { refused: None, census: (0, 0), compiled: false, verdicts: Vec::new() }).collect();
    let source = work.join("source");
    if source.exists() {
        std::fs::remove_dir_all(&source).map_err(|error| format!("{source} cannot be removed: {error}"))?;
    }
    let mut batches: Vec<Vec<Module>> = Vec::new();
    for (first, chunk) in groups.chunks(BATCH).enumerate() {
        let batch = source.join(format!("batch{first}"));
        let mut modules = Vec::new();
        let mut needs = Needs::default();
        for (offset, group) in chunk.iter().enumerate() {
            let index = first * BATCH + offset;
            match generate(group) {
                Ok(generated) => {
                    needs = needs.or(Needs::of(&generated));
                    let count = |key: &str| generated.census[key].as_u64().unwrap_or_default() as usize;
                    outcomes[index].census = (count("schemas"), count("native"));
                    let root = generated.entries.first().map(|entry| entry.name.clone()).unwrap_or_default();
                    for file in &generated.files {
                        write(&batch.join(format!("src/g{index}")).join(&file.path), &file.text)?;
                    }
                    modules.push(Module { group: index, root });
                }
                Err(message) => outcomes[index].refused = Some(message),
            }
        }
        for file in support(needs, Schemars::Never) {
            write(&batch.join("src").join(&file.path), &file.text)?;
        }
        let manifest = format!(
            "[package]\nname = \"batch{first}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{}",
            needs.dependencies(Schemars::Never)
        );
        write(&batch.join("Cargo.toml"), &manifest)?;
        batches.push(modules);
    }
    let members: Vec<String> = (0..batches.len()).map(|index| format!("\"batch{index}\"")).collect();
    let profile = "[profile.dev]\ndebug = false\nincremental = false\n\n[profile.dev.package.\"*\"]\nopt-level = 1\n";
    write(&source.join("Cargo.toml"), &format!("[workspace]\nresolver = \"3\"\nmembers = [{}]\n\n{profile}", members.join(", ")))?;
    // The versions that were tested with, where there are some.
    if let Ok(lock) = std::fs::read_to_string("Cargo.lock") {
        write(&source.join("Cargo.lock"), &lock)?;
    }
    build(&source, &work.join("build"), &mut batches)?;
    for (index, modules) in batches.iter().enumerate() {
        let verdicts =
            execute(groups, modules, &work.join("build/debug").join(format!("batch{index}")), &source.join(format!("batch{index}")))?;
        for (module, verdicts) in modules.iter().zip(verdicts) {
            outcomes[module.group].compiled = true;
            outcomes[module.group].verdicts = verdicts;
        }
    }
    Ok(outcomes)
}

fn generate(group: &Group) -> Result<charter_codegen::Output, String> {
    let contract = charter_schema::from_sources(group.sources.clone()).map_err(|error| error.to_string())?;
    let options = Options { schemars: Schemars::Never, ..Options::default() };
    generate_with(&contract, &options).map_err(|error| error.to_string())
}

fn write(path: &Utf8Path, text: &str) -> Result<(), String> {
    let made = path.parent().map_or(Ok(()), std::fs::create_dir_all);
    made.and_then(|()| std::fs::write(path, text)).map_err(|error| format!("{path} cannot be written: {error}"))
}

/// Builds every program; modules that do not compile are taken out, which leaves their groups failed.
fn build(source: &Utf8Path, target: &Utf8Path, batches: &mut [Vec<Module>]) -> Result<(), String> {
    for (index, modules) in batches.iter().enumerate() {
        write(&source.join(format!("batch{index}/src/main.rs")), &main(modules))?;
    }
    loop {
        let built = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--workspace", "--keep-going", "--message-format", "short"])
            .current_dir(source)
            .env("CARGO_TARGET_DIR", std::path::absolute(target).map_err(|error| error.to_string())?)
            .env("RUSTFLAGS", "-Awarnings")
            .output()
            .map_err(|error| format!("cargo cannot be run: {error}"))?;
        if built.status.success() {
            return Ok(());
        }
        let text = format!("{}{}", String::from_utf8_lossy(&built.stdout), String::from_utf8_lossy(&built.stderr));
        let mut removed = false;
        for (index, modules) in batches.iter_mut().enumerate() {
            let broken: BTreeSet<usize> = text
                .lines()
                .filter(|line| line.contains("error") && line.contains(&format!("batch{index}/src/g")))
                .filter_map(|line| line.split(&format!("batch{index}/src/g")).nth(1)?.split('/').next()?.parse().ok())
                .collect();
            if !broken.is_empty() {
                for line in text.lines().filter(|line| line.contains("error") && line.contains(&format!("batch{index}/src/g"))).take(10) {
                    output::complain(line);
                }
                modules.retain(|module| !broken.contains(&module.group));
                write(&source.join(format!("batch{index}/src/main.rs")), &main(modules))?;
                removed = true;
            }
        }
        if !removed {
            let tail: Vec<&str> = text.lines().rev().take(30).collect();
            return Err(format!("the programs cannot be built:\n{}", tail.into_iter().rev().collect::<Vec<_>>().join("\n")));
        }
    }
}

/// A program that reads documents from a file, a line each, and says what became of them.
fn main(modules: &[Module]) -> String {
    let mut text = String::from("#![allow(warnings)]\nmod support;\n");
    for module in modules {
        let _ = writeln!(text, "mod g{};", module.group);
    }
    text.push_str(
        r#"
use std::io::Write as _;

fn answer<T: serde::Serialize>(read: serde_json::Result<T>) -> serde_json::Value {
    match read {
        Err(error) => serde_json::json!({"refused": error.to_string()}),
        Ok(value) => match serde_json::to_value(&value) {
            Ok(back) => serde_json::json!({"back": back}),
            Err(error) => serde_json::json!({"back": error.to_string()}),
        },
    }
}

/// Read by serde_json and by the library's own reader, which must answer alike.
fn judge<T: serde::de::DeserializeOwned + for<'t> support::Read<'t> + serde::Serialize>(text: &str) -> serde_json::Value {
    let answers = [answer(serde_json::from_str::<T>(text)), answer(support::from_str::<T>(text))];
    if answers[0] == answers[1] { answers[0].clone() } else { serde_json::json!({"back": {"apart": answers}}) }
}

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let file = std::fs::read_to_string(path).expect("a file that can be read");
    let out = std::io::stdout();
    for line in file.lines() {
        let (group, text) = line.split_once('\t').expect("a tab");
        let verdict = match group {
"#,
    );
    for module in modules {
        let _ = writeln!(text, "            \"{0}\" => judge::<g{0}::{1}>(text),", module.group, module.root);
    }
    text.push_str("            _ => serde_json::json!({}),\n        };\n        let mut out = out.lock();\n        writeln!(out, \"{verdict}\").expect(\"a reader\");\n        out.flush().expect(\"a reader\");\n    }\n}\n");
    text
}

fn execute(groups: &[Group], modules: &[Module], program: &Utf8PathBuf, batch: &Utf8Path) -> Result<Vec<Vec<Verdict>>, String> {
    let mut lines = String::new();
    for module in modules {
        for test in &groups[module.group].tests {
            let _ = writeln!(lines, "{}\t{}", module.group, test.data);
        }
    }
    let documents = batch.join("documents.txt");
    write(&documents, &lines)?;
    let ran = Command::new(program).arg(&documents).output().map_err(|error| format!("{program} cannot be run: {error}"))?;
    let text = String::from_utf8_lossy(&ran.stdout);
    let mut answers = text.lines();
    let mut verdicts = Vec::new();
    for module in modules {
        let tests = &groups[module.group].tests;
        verdicts.push(tests.iter().map(|test| answers.next().map_or(Verdict::Crashed, |line| verdict(line, &test.data))).collect());
    }
    Ok(verdicts)
}

fn verdict(line: &str, data: &Value) -> Verdict {
    let answer: Value = serde_json::from_str(line).unwrap_or_else(|_| json!({}));
    match (answer.get("back"), answer.get("refused").and_then(Value::as_str)) {
        (Some(back), _) if same_json(back, data) => Verdict::Kept,
        (Some(back), _) => Verdict::Changed(back.to_string()),
        (_, Some(error)) => Verdict::Refused(error.to_owned()),
        _ => Verdict::Crashed,
    }
}

/// Equality of JSON Schema: numbers by value, keys in any order.
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
