//! The reviewed parts of generated types equal the output of the generator.
//! `INSTA_UPDATE=always cargo test -p charter-codegen-cases --test reviewed` writes it.

/// The files with types, one of which each case has.
const TYPES: [&str; 2] = ["case.rs", "openapi.rs"];

fn cases() -> Vec<String> {
    let folders =
        std::fs::read_dir(folder("")).expect("the cases").map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned());
    let mut cases: Vec<String> = folders.collect();
    cases.sort();
    cases
}

fn folder(case: &str) -> String {
    format!("{}/cases/{case}", env!("CARGO_MANIFEST_DIR"))
}

fn generate(case: &str) -> charter_codegen::Output {
    let read = |name: &str| Some((name.to_owned(), std::fs::read(format!("{}/{name}", folder(case))).ok()?));
    let files = ["case.schema.json", "openapi.yaml", "charter.toml"].into_iter().filter_map(read).collect();
    let contract = charter_contract::from_documents(files).unwrap_or_else(|error| panic!("{case}: {error}"));
    charter_codegen::generate(&contract).unwrap_or_else(|error| panic!("{case}: {error}"))
}

#[test]
fn the_types_of_every_case_are_those_reviewed() {
    let update = std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always");
    for case in cases() {
        let output = generate(&case);
        let file = output.files.iter().find(|file| TYPES.contains(&file.path.as_str())).expect("the types");
        let path = format!("{}/case.rs", folder(&case));
        if update {
            std::fs::write(&path, &file.text).expect("the types are written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(
            found == file.text,
            "{path} is stale; run `INSTA_UPDATE=always cargo test -p charter-codegen-cases --test reviewed` and review the difference"
        );
    }
}

#[test]
fn every_case_is_used() {
    let used = concat!(include_str!("exact.rs"), include_str!("construct.rs"), include_str!("conversions.rs"));
    for case in cases() {
        assert!(used.contains(&format!("(\"{case}\"")), "{case} is not used in a test");
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
        for file in generate(&case).files.iter().filter(|file| TYPES.contains(&file.path.as_str())) {
            let parsed = syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{case}: {error}"));
            assert_eq!(lines(&file.text), lines(&prettyplease::unparse(&parsed)), "{case}");
        }
    }
}

/// The client and the server of `clients/orders` are the code that reviewers read.
#[test]
fn the_client_and_the_server_are_those_reviewed() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/clients/orders");
    let document = std::fs::read(format!("{folder}/openapi.yaml")).expect("the document");
    let contract = charter_contract::from_documents(vec![("openapi.yaml".to_owned(), document)]).expect("a contract");
    let mut options = charter_codegen::Options::of(&contract);
    options.client = true;
    options.server = true;
    let output = charter_codegen::generate_with(&contract, &options).expect("a client and a server");
    for name in ["client.rs", "server.rs"] {
        let file = output.files.iter().find(|file| file.path == name).expect("the file");
        let path = format!("{folder}/{name}");
        if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
            std::fs::write(&path, &file.text).expect("the file is written");
        }
        let found = std::fs::read_to_string(&path).unwrap_or_default();
        assert!(found == file.text, "{path} is stale; run `INSTA_UPDATE=always cargo test -p charter-codegen-cases --test reviewed`");
    }
}
