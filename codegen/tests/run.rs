//! The generated types of the Run contract: `cargo insta review` shows the effect of a schema edit.

#[test]
fn the_run_contract_as_rust() {
    let contract = charter_rules::load(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema").into()).unwrap_or_else(|error| panic!("{error}"));
    let output = charter_codegen::generate(&contract).unwrap_or_else(|error| panic!("{error}"));
    // `generate --check` compares the other files with `generated/`; this one is for reviewers.
    let run = output.files.iter().find(|file| file.path == "run.rs").expect("the types of the run");
    insta::assert_snapshot!("run", run.text);
}
