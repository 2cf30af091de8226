//! A comparison with typify on a real OpenAPI document of 91 components: the time to generate types, the number of lines, the time to
//! compile them, and the documents that they accept.
//!
//! `CHARTER_TEST_DATA=… cargo bench -p charter-codegen --bench peers` prints the table. Both generators take the bytes of the
//! document and return formatted code, in turn in each round. Every component's name gets a suffix, because typify's code of this
//! document does not compile without it.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use charter_codegen::{Options, Runtime, Schemars, generate_with, package};
use charter_contract::{Sources, from_sources};
use serde_json::{Map, Value, json};

const ROUNDS: usize = 15;
const BUILDS: usize = 5;
const ENDING: &str = "Model";
const PLACE: &str = "#/components/schemas/";

fn main() {
    let Some(data) = std::env::var_os("CHARTER_TEST_DATA") else {
        println!("skipped: CHARTER_TEST_DATA names no folder with eigenpal-openapi-2026-07.json");
        return;
    };
    let bytes = std::fs::read(Path::new(&data).join("eigenpal-openapi-2026-07.json")).expect("the document");
    let components = components(serde_json::from_slice(&bytes).expect("JSON"));
    let document = json!({
        "openapi": "3.1.0",
        "info": { "title": "api", "version": "1" },
        "paths": {},
        "components": { "schemas": components },
    });
    let text = document.to_string();
    let (mut ours, mut theirs, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        let (charter, typify) = (timed(|| charter(&text)), timed(|| typify(&text)));
        ratios.push(typify.1.as_secs_f64() / charter.1.as_secs_f64());
        ours.push(charter.1);
        theirs.push(typify.1);
    }
    let (files, rust) = (charter(&text), typify(&text));
    let lines = |text: &str| text.lines().count();
    let of_types = files.iter().filter(|(path, _)| path.contains("/generated/")).map(|(_, text)| lines(text)).sum::<usize>();
    let folder = tempfile::tempdir().expect("a folder");
    let manifest = "[package]\nname = \"peer\"\nversion = \"0.0.0\"\nedition = \"2021\"\n\n[workspace]\n\n[dependencies]\nserde = { version = \"1\", \
                    features = [\"derive\"] }\nserde_json = \"1\"\nregress = \"0.10\"\nchrono = { version = \"0.4\", default-features = false, features = [\"serde\"] \
                    }\nuuid = { version = \"1\", features = [\"serde\"] }\n";
    let mut whole: Vec<(String, String)> = files.clone();
    for (path, text) in &mut whole {
        if path == "Cargo.toml" {
            text.push_str("\n[workspace]\n");
        }
    }
    write(&folder.path().join("charter"), &whole);
    write(&folder.path().join("typify"), &[("Cargo.toml".to_owned(), manifest.to_owned()), ("src/lib.rs".to_owned(), rust.clone())]);
    let (mut built, mut built_ratios) = ([Vec::new(), Vec::new()], Vec::new());
    for round in 0..=BUILDS {
        let times = ["charter", "typify"].map(|name| build(&folder.path().join(name)));
        // The first build compiles the dependencies.
        if round > 0 {
            built_ratios.push(times[1].as_secs_f64() / times[0].as_secs_f64());
            built.iter_mut().zip(times).for_each(|(all, time)| all.push(time));
        }
    }
    let milliseconds = |times: &[Duration]| format!("{:.0} ms", 1e3 * median(times.iter().map(Duration::as_secs_f64)));
    println!("{} components, {} kB; medians of {ROUNDS} rounds, of {BUILDS} builds", components.len(), text.len() / 1000);
    println!("{:<44} {:>10} {:>10} {:>22}", "", "charter", "typify", "typify / charter");
    let row = |name: &str, ours: String, theirs: String, ratio: f64| println!("{name:<44} {ours:>10} {theirs:>10} {ratio:>22.2}");
    row("from the document to formatted code", milliseconds(&ours), milliseconds(&theirs), median(ratios.into_iter()));
    row("lines of code", of_types.to_string(), lines(&rust).to_string(), lines(&rust) as f64 / of_types as f64);
    let reviewed: usize = files
        .iter()
        .filter(|(path, _)| path.contains("/generated/") && !path.contains("_impl.rs") && path.ends_with(".rs"))
        .map(|(_, text)| lines(text))
        .sum();
    row("of these, lines of the types", reviewed.to_string(), lines(&rust).to_string(), lines(&rust) as f64 / reviewed as f64);
    row("compiling them (cargo build, debug)", milliseconds(&built[0]), milliseconds(&built[1]), median(built_ratios.into_iter()));
}

/// The components and the references to them, with a suffix on each name.
fn components(mut document: Value) -> Map<String, Value> {
    let Value::Object(schemas) = document["components"]["schemas"].take() else { panic!("components") };
    let mut renamed: Map<String, Value> = schemas.into_iter().map(|(name, schema)| (format!("{name}{ENDING}"), schema)).collect();
    renamed.values_mut().for_each(|schema| each_reference(schema, &|reference| reference.push_str(ENDING)));
    renamed
}

fn each_reference(schema: &mut Value, change: &impl Fn(&mut String)) {
    match schema {
        Value::Object(keywords) => {
            for (keyword, value) in keywords {
                match value {
                    Value::String(reference) if keyword == "$ref" => change(reference),
                    other => each_reference(other, change),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| each_reference(item, change)),
        _ => {}
    }
}

/// The files of a crate, by path.
fn charter(document: &str) -> Vec<(String, String)> {
    let contract = from_sources(Sources::of("api.json", document.as_bytes().to_vec())).expect("a contract");
    let mut options = Options::default();
    options.schemars = Schemars::Never;
    // A copy, so that the table counts and compiles the runtime too.
    options.runtime = Runtime::Vendored;
    options.support = "crate::support".to_owned();
    let output = generate_with(&contract, &options).expect("code");
    package::package("peer", &output, &options).into_iter().map(|file| (file.path.to_string(), file.text)).collect()
}

fn typify(document: &str) -> String {
    let document: Value = serde_json::from_str(document).expect("JSON");
    let Some(components) = document["components"]["schemas"].as_object() else { panic!("components") };
    let definitions = components.iter().map(|(name, schema)| {
        let mut schema = schema.clone();
        each_reference(&mut schema, &|reference| *reference = reference.replace(PLACE, "#/definitions/"));
        (name.clone(), serde_json::from_value::<schemars_0_8::schema::Schema>(schema).expect("a schema"))
    });
    let definitions: Vec<(String, schemars_0_8::schema::Schema)> = definitions.collect();
    let mut space = typify_impl::TypeSpace::default();
    space.add_ref_types(definitions).expect("types");
    let file = syn_2::parse2::<syn_2::File>(space.to_stream()).expect("Rust");
    prettyplease_0_2::unparse(&file)
}

fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let start = Instant::now();
    let result = work();
    (result, start.elapsed())
}

fn write(folder: &Path, files: &[(String, String)]) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        std::fs::write(path, text).expect("a file");
    }
}

/// Rebuilds a crate without its dependencies.
fn build(folder: &Path) -> Duration {
    let root = folder.join("src/lib.rs");
    let text = std::fs::read_to_string(&root).expect("the crate");
    std::fs::write(&root, text).expect("the crate is touched");
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet"])
        .current_dir(folder)
        .env("CARGO_TARGET_DIR", folder.join("target"))
        .env("RUSTFLAGS", "--cap-lints=allow");
    let start = Instant::now();
    assert!(command.env("CARGO_INCREMENTAL", "0").status().expect("cargo").success(), "{} does not compile", folder.display());
    start.elapsed()
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
