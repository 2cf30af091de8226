//! Arbitrary bytes as the body of a run: the reference path has no finding in a body that the compiled reader accepts.
//!
//! `cargo xtask bench --corpus FILE` writes initial inputs, one a line.
#![no_main]

use std::sync::LazyLock;

use charter_engine::Judge;
use charter_generated::reader::COMPILED;
use charter_traffic::Exchange;
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
        assert!(counters.counts().iter().all(|count| *count == 0), "a body for the fallback is counted");
    }
});
