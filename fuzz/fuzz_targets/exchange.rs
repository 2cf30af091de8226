//! Arbitrary bytes as the body of an exchange: the programs and the plans give the report of the reference path.
//!
//! `cargo xtask bench --corpus FILE` writes initial inputs, one a line.
#![no_main]

use std::sync::LazyLock;

use charter_engine::{Judge, check_exchanges};
use charter_traffic::Exchange;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

static JUDGES: LazyLock<[Judge; 2]> = LazyLock::new(|| {
    let contract = charter_rules::load("../schema".into()).expect("the contract loads");
    let judge = Judge::new(&contract).expect("the contract compiles");
    let reference = judge.clone().without_fast_path("the reference path");
    [judge, reference]
});

/// The report without the member that names the reader.
fn report(judge: &Judge, exchanges: &[Exchange]) -> Value {
    let mut report = serde_json::to_value(check_exchanges(judge, exchanges)).expect("a report is JSON");
    report.as_object_mut().expect("an object").remove("reader");
    report
}

fuzz_target!(|bytes: &[u8]| {
    let body = String::from_utf8_lossy(bytes);
    let at = |second: i64| jiff::Timestamp::from_second(1_767_225_600 + second).expect("an instant");
    let exchange = |query: &str| Exchange::get(format!("/api/v1/runs/run_a{query}")).response(200, body.as_ref());
    // The first exchanges with a head make its plan, which decides the others.
    let exchanges = [exchange("").at(at(0)), exchange("").at(at(1)), exchange("?expand=usage").at(at(2)), exchange("").at(at(3))];
    let [judge, reference] = &*JUDGES;
    assert_eq!(report(judge, &exchanges), report(reference, &exchanges));
});
