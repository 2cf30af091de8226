//! A real OpenAPI document of 91 components: every component and every inline body becomes a type, and types alone enforce nearly all of it.

use charter_codegen::{Options, generate_with};
use charter_contract::{Sources, from_sources};

#[test]
fn the_components_of_a_real_document_are_native() {
    let Some(data) = std::env::var_os("CHARTER_TEST_DATA") else {
        println!("skipped: CHARTER_TEST_DATA names no folder with eigenpal-openapi-2026-07.json");
        return;
    };
    let path = std::path::Path::new(&data).join("eigenpal-openapi-2026-07.json");
    let Ok(bytes) = std::fs::read(&path) else {
        println!("skipped: there is no {}", path.display());
        return;
    };
    let contract = from_sources(Sources::of("api.json", bytes)).unwrap_or_else(|error| panic!("{error}"));
    let output = generate_with(&contract, &Options::default()).unwrap_or_else(|error| panic!("{error}"));
    let components = output.entries.iter().filter(|entry| entry.location.pointer().starts_with("/components/schemas/"));
    assert_eq!(components.count(), 91);
    assert!(output.entries.iter().all(|entry| !entry.name.is_empty()));
    let share = output.census["nativeShare"].as_f64().expect("a share");
    assert!(share >= 0.99, "{:#}", output.census);
}
