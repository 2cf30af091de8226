//! The text of a program: its manifest, and the function that judges documents by every module in it.

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
    // Without the library no reader is compiled.
    let library = if Path::new(LIBRARY).is_dir() { format!("charter-reader = {{ path = {LIBRARY:?} }}\n") } else { String::new() };
    format!(
        "[package]\nname = \"batch{number}\"\nversion = \"0.0.0\"\nedition = \"2024\"\n\n[dependencies]\n{library}serde_json = {{ version = \"1\", features = [\"float_roundtrip\", \"preserve_order\"] }}\n{}",
        features.dependencies(Schemars::Never, &Runtime::Path(RUNTIME.into()))
    )
}

/// A program that reads documents from a file, a line each, and says what became of them.
pub(super) fn main(modules: &[Module]) -> String {
    let mut text = String::from("#![allow(warnings)]\nuse charter_runtime as support;\n");
    for module in modules {
        let _ = writeln!(text, "mod g{};", module.group);
        if module.reader {
            let _ = writeln!(text, "mod r{};", module.group);
        }
    }
    if modules.iter().any(|module| module.reader) {
        text.push_str(SURE);
    }
    text.push_str(JUDGE);
    for Module { group, root, reader } in modules {
        let sure = if *reader { format!("Some(sure(&r{group}::COMPILED, text))") } else { "None".to_owned() };
        let _ = writeln!(text, "            \"{group}\" => judge::<g{group}::{root}>(text, {sure}),");
    }
    text.push_str(END);
    text
}

const SURE: &str = r#"
use charter_reader::Compiled;

/// Whether the compiled reader is sure of a document.
fn sure(compiled: &Compiled, text: &str) -> bool {
    let (_, read) = compiled.readers[0];
    compiled.tally().read(text.as_bytes(), read, &Default::default()).is_ok()
}
"#;

const JUDGE: &str = r#"
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

/// Read by serde_json and by the library's own reader, which must answer alike; beside it, whether the compiled reader is sure.
fn judge<T: serde::de::DeserializeOwned + for<'t> support::Read<'t> + serde::Serialize>(text: &str, sure: Option<bool>) -> serde_json::Value {
    let answers = [answer(serde_json::from_str::<T>(text)), answer(support::from_str::<T>(text))];
    let mut answer = if answers[0] == answers[1] { answers[0].clone() } else { serde_json::json!({"back": {"apart": answers}}) };
    answer["sure"] = sure.into();
    answer
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
