//! The generated code of the small cases equals the reviewed files. `INSTA_UPDATE=always cargo test -p charter-codegen --test reviewed`
//! updates them. This test does not compile them, so that it can replace code that does not compile.

fn cases() -> Vec<String> {
    let folders =
        std::fs::read_dir(folder("")).expect("the cases").map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut cases: Vec<String> = folders.collect();
    cases.sort();
    cases
}

fn folder(case: &str) -> String {
    format!("{}/tests/cases/{case}", env!("CARGO_MANIFEST_DIR"))
}

fn generate(case: &str) -> charter_codegen::Output {
    let schema = std::fs::read(format!("{}/case.schema.json", folder(case))).expect("the schema");
    let config = std::fs::read(format!("{}/charter.toml", folder(case))).unwrap_or_default();
    let files = vec![("case.schema.json".to_owned(), schema), ("charter.toml".to_owned(), config)];
    let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{case}: {error}"));
    charter_codegen::generate(&contract).unwrap_or_else(|error| panic!("{case}: {error}"))
}

#[test]
fn the_code_of_every_case_equals_the_reviewed_files() {
    let update = std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always");
    for case in cases() {
        for file in generate(&case).files.iter().filter(|file| file.path.extension() == Some("rs")) {
            let path = format!("{}/code/{}", folder(&case), file.path);
            if update {
                std::fs::create_dir_all(format!("{}/code", folder(&case))).expect("the folder");
                std::fs::write(&path, &file.text).expect("the code is written");
            }
            let found = std::fs::read_to_string(&path).unwrap_or_default();
            assert!(
                found == file.text,
                "{path} is stale; run `INSTA_UPDATE=always cargo test -p charter-codegen --test reviewed` and review the difference"
            );
        }
    }
}

#[test]
fn every_case_is_compiled_and_used() {
    let used = include_str!("cases.rs");
    for case in cases() {
        assert!(
            used.contains(&format!("cases/{case}/code/mod.rs")) && used.contains(&format!("(\"{case}\"")),
            "{case} is not used in cases.rs"
        );
    }
}

#[test]
fn emission_is_deterministic() {
    for case in cases() {
        assert_eq!(generate(&case), generate(&case));
    }
}

/// Types are written as text and must look like the output of the printer: a line that the printer would break or join is an error.
#[test]
fn types_look_like_the_output_of_the_printer() {
    let lines = |text: &str| -> Vec<String> {
        text.lines().filter(|line| !line.is_empty() && !line.starts_with("// ")).map(str::to_owned).collect()
    };
    for case in cases() {
        for file in generate(&case).files.iter().filter(|file| file.path == "case.rs") {
            let parsed = syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(lines(&file.text), lines(&prettyplease::unparse(&parsed)), "{case}");
        }
    }
}
