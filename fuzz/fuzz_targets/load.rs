//! Arbitrary bytes as a schema document: it loads, or the error names the document.
#![no_main]

use charter_contract::{Sources, from_sources};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Err(error) = from_sources(Sources::of("fuzz.json", bytes)) {
        assert!(error.to_string().contains("fuzz.json"), "no document in: {error}");
    }
});
