//! The generated code of the Run contract, as reviewers see it: `cargo insta review` shows what an edit of the schema does.

#[test]
fn the_run_contract_as_rust() {
    let contract = charter_schema::load(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema").into()).unwrap_or_else(|error| panic!("{error}"));
    let output = charter_codegen::generate(&contract).unwrap_or_else(|error| panic!("{error}"));
    // The manifest changes with every edit and says nothing about the code.
    for file in output.files.iter().filter(|file| file.path.extension() == Some("rs")) {
        insta::assert_snapshot!(file.path.as_str().replace(".rs", ""), file.text);
    }
}
