//! Bytes of any kind as the body of a run: what the compiled reader is sure of, the interpreted judge finds nothing in.
//!
//! `cargo xtask bench --corpus FILE` writes bodies to begin from, one a line.
#![no_main]

use std::sync::LazyLock;

use charter_traffic::Exchange;
use charter_engine::Judge;
use charter_generated::reader::COMPILED;
use libfuzzer_sys::fuzz_target;

static JUDGE: LazyLock<Judge> = LazyLock::new(|| {
    let contract = charter_rules::load("../schema".into()).expect("the contract loads");
    Judge::new(&contract).expect("the contract compiles")
});

fuzz_target!(|bytes: &[u8]| {
    let (_, read) = COMPILED.readers[0];
    let mut counters = COMPILED.counters();
    if counters.read(bytes, read, &Default::default()).is_ok() {
        let findings = JUDGE.judge(&Exchange::bare(bytes)).findings;
        assert!(findings.is_empty(), "{findings:?}");
    } else {
        assert!(counters.counts().iter().all(|count| *count == 0), "what is uncertain is not counted");
    }
});
