//! The source of a program: its manifest, and a main function that runs every module over its documents.

use std::fmt::Write as _;
use std::path::Path;

use charter_codegen::package::Features;
use charter_codegen::{Runtime, Schemars};

use super::program::Module;
use super::reader::LIBRARY;

/// The runtime, in this repository.
const RUNTIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/runtime");

/// The manifest of a program.
pub(super) fn manifest(number: usize, features: Features) -> String {
    // Without the library there are no compiled readers.
    let library = if Path::new(LIBRARY).is_dir() { format!("charter-reader = {{ path = {LIBRARY:?} }}\n") } else { String::new() };
    format!(
        "[package]\nname = \"batch{number}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{library}serde_json = {{ version = \"1\", features = [\"float_roundtrip\", \"preserve_order\"] }}\n{}",
        features.dependencies(Schemars::Never, &Runtime::Path(RUNTIME.into()))
    )
}

/// A program that reads documents from a file, one per line, and prints one result per line.
pub(super) fn main(modules: &[Module]) -> String {
    let mut text = String::from("#![allow(warnings)]\nuse charter_runtime as support;\n");
    for module in modules {
        let _ = writeln!(text, "mod g{};", module.group);
        if module.reader {
            let _ = writeln!(text, "mod r{};", module.group);
        }
    }
    if modules.iter().any(|module| module.reader) {
        text.push_str(DECIDED);
    }
    text.push_str(JUDGE);
    for Module { group, root, reader } in modules {
        let decided = if *reader { format!("Some(decided(&r{group}::COMPILED, text))") } else { "None".to_owned() };
        let _ = writeln!(text, "            \"{group}\" => judge::<g{group}::{root}>(text, {decided}),");
    }
    text.push_str(END);
    text
}

const DECIDED: &str = r#"
use charter_reader::Compiled;

/// Whether the compiled reader decides a document.
fn decided(compiled: &Compiled, text: &str) -> bool {
    let (_, read) = compiled.readers[0];
    compiled.counters().read(text.as_bytes(), read, &Default::default()).is_ok()
}
"#;

const JUDGE: &str = r#"
use std::io::Write as _;

fn result<T: serde::Serialize>(read: serde_json::Result<T>) -> serde_json::Value {
    match read {
        Err(error) => serde_json::json!({"refused": error.to_string()}),
        Ok(value) => match serde_json::to_value(&value) {
            Ok(back) => serde_json::json!({"back": back}),
            Err(error) => serde_json::json!({"back": error.to_string()}),
        },
    }
}

/// Reads a document with `serde_json` and with `support::from_str`, whose results must be equal.
fn judge<T: serde::de::DeserializeOwned + for<'t> support::Read<'t> + serde::Serialize>(text: &str, decided: Option<bool>) -> serde_json::Value {
    let results = [result(serde_json::from_str::<T>(text)), result(support::from_str::<T>(text))];
    let mut result = if results[0] == results[1] { results[0].clone() } else { serde_json::json!({"back": {"different": results}}) };
    result["decided"] = decided.into();
    result
}

fn main() {
    let path = std::env::args().nth(1).expect("a file");
    let file = std::fs::read_to_string(path).expect("a file that can be read");
    let out = std::io::stdout();
    for line in file.lines() {
        let (group, text) = line.split_once('\t').expect("a tab");
        let verdict = match group {
"#;

const END: &str = r#"            _ => serde_json::json!({}),
        };
        let mut out = out.lock();
        writeln!(out, "{verdict}").expect("a reader");
        out.flush().expect("a reader");
    }
}
"#;
