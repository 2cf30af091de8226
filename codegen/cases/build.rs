//! Generates the types of every case into the build folder: the repository contains only the reviewed part, `case.rs`.

use std::fmt::Write as _;
use std::path::Path;

fn main() {
    println!("cargo::rerun-if-changed=cases");
    println!("cargo::rerun-if-changed=clients");
    println!("cargo::rerun-if-changed=build.rs");
    let out = std::env::var("OUT_DIR").expect("cargo sets it");
    let mut modules = String::new();
    let below = |folder: &str| std::fs::read_dir(folder).expect("the cases").map(|entry| entry.expect("an entry").path());
    let mut folders: Vec<_> = below("cases").chain(below("clients")).collect();
    folders.sort();
    for folder in folders {
        let case = folder.file_name().expect("a name").to_string_lossy().into_owned();
        let has_operations = folder.starts_with("clients");
        write(Path::new(&out), &mut modules, &case, &generate(&folder, has_operations, has_operations));
        if has_operations {
            // A server without a client has types of its own.
            write(Path::new(&out), &mut modules, &format!("{case}-server"), &generate(&folder, false, true));
        }
    }
    std::fs::write(Path::new(&out).join("cases.rs"), modules).expect("the list is written");
}

/// Writes the files of a case and its line in the list of modules.
fn write(out: &Path, modules: &mut String, case: &str, output: &charter_codegen::Output) {
    let target = out.join(case);
    std::fs::create_dir_all(&target).expect("a folder");
    for file in output.files.iter().filter(|file| file.path.extension() == Some("rs")) {
        std::fs::write(target.join(&file.path), &file.text).expect("the file is written");
    }
    let (module, path) = (case.replace('-', "_"), target.join("mod.rs"));
    let _ = writeln!(modules, "#[path = {path:?}]\npub mod {module};");
}

fn generate(folder: &Path, client: bool, server: bool) -> charter_codegen::Output {
    let mut files = Vec::new();
    for name in ["case.schema.json", "openapi.yaml", "charter.toml"] {
        if let Ok(bytes) = std::fs::read(folder.join(name)) {
            files.push((name.to_owned(), bytes));
        }
    }
    let contract = charter_contract::from_documents(files).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut options = charter_codegen::Options::of(&contract);
    (options.client, options.server) = (client, server);
    charter_codegen::generate_with(&contract, &options).unwrap_or_else(|error| panic!("{}: {error}", folder.display()))
}
