//! Generated modules and packages compile in a user's tree, with the runtime as a copy and as a dependency.

use std::path::Path;
use std::process::Command;

use charter_codegen::{Features, Options, Output, Runtime, Schemars, SourceFile, generate_with, package};

const RUNTIME: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../crates/runtime");

fn generate(schema: &str, runtime: Runtime, support: &str, schemars: Schemars) -> (Output, Options) {
    let files = vec![("order.schema.json".to_owned(), schema.as_bytes().to_vec())];
    let contract = charter_contract::from_documents(files).unwrap_or_else(|error| panic!("{schema}: {error}"));
    let mut options = Options::of(&contract);
    options.runtime = runtime;
    options.support = support.to_owned();
    options.schemars = schemars;
    let output = generate_with(&contract, &options).unwrap_or_else(|error| panic!("{schema}: {error}"));
    (output, options)
}

fn features(schema: &str) -> Features {
    generate(schema, Runtime::Version, "::charter_runtime", Schemars::Never).0.features
}

#[test]
fn features_come_from_the_types_and_not_from_their_descriptions() {
    let described = r#"{"type": "object", "description": "See support::Pattern, support::Reference and Written<::jiff::Timestamp>."}"#;
    assert_eq!(features(described), Features::default());
    let pattern = r#"{"type": "object", "properties": {"code": {"type": "string", "pattern": "^[A-Z]+$"}}}"#;
    assert_eq!(features(pattern).names(), ["pattern"]);
    let by_pattern = r#"{"type": "object", "patternProperties": {"^x-": {"type": "string"}}}"#;
    assert_eq!(features(by_pattern).names(), ["pattern"]);
    let reference = r#"{"type": "object", "properties": {"code": {"type": "string", "not": {"const": ""}}}}"#;
    assert_eq!(features(reference).names(), ["reference"]);
}

fn write(folder: &Path, files: &[SourceFile]) {
    for file in files {
        let path = folder.join(&file.path);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("the folder is created");
        std::fs::write(path, &file.text).expect("the file is written");
    }
}

const ORDER: &str = r#"{
    "title": "Order",
    "type": "object",
    "properties": {
        "code": {"type": "string", "pattern": "^[A-Z]+$"},
        "kind": {"enum": ["open", "closed"]},
        "note": {"type": ["string", "null"]},
        "lines": {"type": "array", "items": {"oneOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]}},
        "mixed": {"enum": [1, "auto", null]}
    },
    "required": ["code"],
    "additionalProperties": false
}"#;

/// One cargo run over a workspace of three packages: a program with two copies of the runtime, and a package of types that depends on
/// the runtime, with a program that uses it. Every warning is an error.
#[test]
fn generated_code_compiles_in_a_users_tree_without_warnings() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("packaged");
    let _ = std::fs::remove_dir_all(&folder);
    let use_of = |path: &str| {
        format!(
            "fn main() {{\n    let order = {path}::from_str::<{}::Order>(r#\"{{\"code\":\"A\",\"lines\":[1]}}\"#).expect(\"an order\");\n    \
             assert_eq!(order.note, {path}::Field::Absent);\n    assert!({path}::from_str::<{}::Order>(\"{{}}\").is_err());\n}}\n",
            path.trim_end_matches("::support"),
            path.trim_end_matches("::support")
        )
    };

    let (output, options) = generate(ORDER, Runtime::Vendored, "super::support", Schemars::Never);
    let module = package::module(&output, &options);
    for copy in ["order", "invoice"] {
        write(&folder.join("program/src").join(copy), &module);
    }
    let dependencies = output.features.dependencies(Schemars::Never, &Runtime::Vendored);
    let program = [
        SourceFile::new(
            "Cargo.toml",
            format!("[package]\nname = \"program\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\n{dependencies}"),
        ),
        SourceFile::new("src/main.rs", format!("#![deny(warnings)]\nmod invoice;\nmod order;\n\n{}", use_of("order::support"))),
    ];
    write(&folder.join("program"), &program);

    let (output, mut options) = generate(ORDER, Runtime::Path(RUNTIME.into()), "::charter_runtime", Schemars::Feature);
    options.snapshot_test = true;
    write(&folder.join("types"), &package::package("types", &output, &options));
    let user = [
        SourceFile::new(
            "Cargo.toml",
            "[package]\nname = \"user\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[dependencies]\ntypes = { path = \"../types\" }\n",
        ),
        SourceFile::new("src/main.rs", use_of("types::support")),
    ];
    write(&folder.join("user"), &user);

    write(&folder, &[SourceFile::new("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"program\", \"types\", \"user\"]\n")]);
    std::fs::copy(concat!(env!("CARGO_MANIFEST_DIR"), "/../Cargo.lock"), folder.join("Cargo.lock")).expect("the lock file is copied");
    for (command, program) in [("run", "program"), ("run", "user"), ("test", "types")] {
        let ran = Command::new(env!("CARGO"))
            .args([command, "--offline", "--quiet", "--package", program])
            .current_dir(&folder)
            .env("INSTA_UPDATE", "always")
            .env("INSTA_WORKSPACE_ROOT", &folder)
            .env("CARGO_TARGET_DIR", Path::new(env!("CARGO_TARGET_TMPDIR")).join("packaged-target"))
            .env("RUSTFLAGS", "--deny warnings")
            .output()
            .expect("cargo runs");
        assert!(ran.status.success(), "{program}:\n{}", String::from_utf8_lossy(&ran.stderr));
    }
    let snapshots = folder.join("types/tests/snapshots");
    let snapshot = std::fs::read_to_string(snapshots.join("generated__order.snap")).expect("a snapshot of the generated code");
    assert!(snapshot.contains("pub struct Order {"), "{snapshot}");
}
