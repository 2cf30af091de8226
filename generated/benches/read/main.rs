//! The cost of reading a document into generated types, by the runtime and by `serde_json`, compared with structs written by hand for serde
//! and with `serde_json::Value` and the `jsonschema` crate.
//!
//! `cargo bench -p charter-generated` prints the table. Each round measures every variant once, in turn, so that a change of the
//! machine's speed affects all of them; the table shows the median of the ratios.

#![allow(dead_code, missing_docs, unreachable_pub, reason = "only serde reads the fields")]

mod hand_written;

use std::hint::black_box;
use std::time::{Duration, Instant};

use charter_generated::Run;
use charter_runtime as support;
use charter_simulator::corpus;
use serde_json::Value;

/// Reads a document and says whether it was accepted.
type Reading<'r> = dyn Fn(&str) -> bool + 'r;

const DOCUMENTS: usize = 6_000;
const ROUNDS: usize = 15;

fn main() {
    let documents: Vec<String> = corpus(20_260_101).take(DOCUMENTS).map(|specimen| specimen.body).collect();
    let bytes: usize = documents.iter().map(String::len).sum();
    let contract = charter_rules::load("../schema".into()).unwrap_or_else(|error| panic!("{error}"));
    let root = contract.roots().iter().copied().find(|id| contract.schema(*id).location.document() == "run.schema.json").expect("Run");
    let bundle = contract.bundle();
    let registry = bundle.registry().unwrap_or_else(|error| panic!("{error}"));
    let validator = bundle.validator(&registry, &contract, root, false).unwrap_or_else(|error| panic!("{error}"));

    let generated = |text: &str| black_box(support::from_str::<Run>(text)).is_ok();
    let by_serde_json = |text: &str| black_box(serde_json::from_str::<Run>(text)).is_ok();
    let written = |text: &str| black_box(serde_json::from_str::<hand_written::Run>(text)).is_ok();
    let parsed = |text: &str| black_box(serde_json::from_str::<Value>(text)).is_ok();
    let validated = |text: &str| black_box(serde_json::from_str::<Value>(text)).is_ok_and(|value| validator.is_valid(&value));
    let variants: [(&str, &Reading<'_>); 5] = [
        ("generated types, support::from_str", &generated),
        ("generated types, serde_json::from_str", &by_serde_json),
        ("structs written by hand for serde", &written),
        ("serde_json::Value", &parsed),
        ("serde_json::Value, then jsonschema", &validated),
    ];
    let mut times = vec![Vec::with_capacity(ROUNDS); variants.len()];
    for _ in 0..ROUNDS {
        for ((name, read), times) in variants.iter().zip(&mut times) {
            let start = Instant::now();
            let accepted = documents.iter().filter(|text| read(text)).count();
            times.push(start.elapsed());
            assert_eq!(accepted, DOCUMENTS, "{name}");
        }
    }
    println!("{DOCUMENTS} runs, {:.1} MB, one thread, median of {ROUNDS} rounds", bytes as f64 / 1e6);
    println!("{:<40} {:>9} {:>22}", "", "MB/s", "times the time of the first");
    for ((name, _), each) in variants.iter().zip(&times) {
        let speed = bytes as f64 / 1e6 / median(each.iter().map(Duration::as_secs_f64));
        let ratio = median(times[0].iter().zip(each).map(|(ours, theirs)| theirs.as_secs_f64() / ours.as_secs_f64()));
        println!("{name:<40} {speed:>9.1} {ratio:>22.2}");
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
