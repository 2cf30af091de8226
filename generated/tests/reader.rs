//! The compiled reader and the reference path give equal reports, except for the member `reader`: over every bundled body, every mutation
//! of one of its keys, and lines with changed bytes.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use charter_contract::{Operation, ResponseSpec, SchemaId, StatusRange, json as strict};
use charter_contract_tests::report::Report;
use charter_contract_tests::{CheckOptions, Contract, Judge, check};
use charter_generated::reader::COMPILED;
use charter_reader::{Counters, Cursor, Read};
use serde_json::Value;

mod common;
use common::{bundled, mutations};

fn contract() -> Contract {
    charter_rules::load("../schema".into()).expect("the contract loads")
}

/// The report of a judge over lines, with all samples.
fn report(judge: &Judge, lines: &[Vec<u8>], jobs: usize) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lines.ndjson");
    std::fs::write(&path, lines.join(&b'\n')).expect("written");
    let options = CheckOptions::default().with_samples(None).with_jobs(jobs);
    let mut report = check(judge, &[path.to_string_lossy().into_owned()], &options, &mut |_| ControlFlow::Continue(()));
    // The name of the folder differs in every run.
    for input in &mut report.inputs {
        "lines.ndjson".clone_into(&mut input.source);
    }
    for sample in report.groups.iter_mut().flat_map(|group| &mut group.samples) {
        "lines.ndjson".clone_into(&mut sample.exchange.source);
    }
    report
}

fn json(report: &Report) -> Value {
    let mut json = serde_json::to_value(report).expect("a report is JSON");
    json.as_object_mut().expect("an object").remove("reader");
    json
}

/// Compares the readers on lines. Returns the number that the compiled reader decided and the number of valid lines.
fn check_agreement(lines: &[Vec<u8>]) -> (u64, u64) {
    let judge = Judge::new(&contract()).expect("the contract compiles");
    let (decided, kept) = check_agreement_of(&judge, lines, 1);
    (decided.expect("the compiled reader is used"), kept)
}

/// As `check_agreement`, for a judge of one operation. The number decided is `None` if the compiled reader is not used.
fn check_agreement_of(judge: &Judge, lines: &[Vec<u8>], jobs: usize) -> (Option<u64>, u64) {
    let reference = json(&report(&judge.clone().without_fast_path("the reference path"), lines, jobs));
    // The compiled reader runs before the plans exist.
    let compiled = report(&judge.clone().with_reader(&COMPILED), lines, jobs);
    assert!(compiled.reader.decided <= compiled.summary.kept);
    let planned = report(judge, lines, jobs);
    for (name, report) in [("the compiled reader", &compiled), ("plans", &planned)] {
        let report = json(report);
        for (key, value) in reference.as_object().expect("an object") {
            assert_eq!(value.to_string(), report[key].to_string(), "{key} differs with {name}");
        }
    }
    (compiled.reader.compiled.then_some(compiled.reader.decided), compiled.summary.kept)
}

fn line(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn bundled_bodies_give_equal_reports() {
    let bodies: Vec<Vec<u8>> = bundled().iter().map(|(.., body)| line(body)).collect();
    let (decided, kept) = check_agreement(&bodies);
    let judge = Judge::new(&contract()).expect("the contract compiles").with_reader(&COMPILED);
    assert_eq!(json(&report(&judge, &bodies, 1)).to_string(), json(&report(&judge, &bodies, 2)).to_string(), "two threads");
    assert!(decided > 100 && decided * 4 >= kept * 3, "{decided} of {kept} decided");
}

/// Every bundled body and every mutation of one of its keys, without duplicates: of success responses or of errors.
fn changed(of_success: bool) -> BTreeSet<Vec<u8>> {
    let bodies = bundled().into_iter().filter(|(_, status, _)| (200..300).contains(status) == of_success);
    let changes = bodies.flat_map(|(.., body)| [body.clone()].into_iter().chain(mutations(&body).into_iter().map(|(_, value)| value)));
    changes.map(|value| line(&value)).collect()
}

/// Whether the compiled reader accepts a text.
fn is_sure(read: Read, line: &[u8]) -> bool {
    let mut counters = Counters::default();
    Cursor::from_bytes(line).and_then(|mut cursor| read(&mut cursor, &mut counters).and_then(|()| cursor.finish())).is_ok()
}

/// The function that reads the body of a response.
fn reader_of(contract: &Contract, schema: SchemaId) -> Option<Read> {
    let location = contract.schema(schema).location.to_string();
    COMPILED.readers.iter().find(|(index, _)| COMPILED.schemas[*index as usize] == location).map(|(_, read)| *read)
}

/// The JSON responses of the contract: operation, status, schema.
fn responses(contract: &Contract) -> impl Iterator<Item = (&Operation, &ResponseSpec, SchemaId)> {
    let responses =
        contract.operations().iter().flat_map(|operation| operation.responses.iter().map(move |response| (operation, response)));
    responses.flat_map(|(operation, response)| response.content.schemas().map(move |schema| (operation, response, schema)))
}

/// Every bundled body and every mutation of one key: a text that the compiled reader accepts is valid on the reference path, and reports
/// are equal. Texts that it does not accept take the reference path in both cases.
#[test]
fn mutations_that_the_compiled_reader_accepts_give_equal_reports() {
    let contract = contract();
    let judge = Judge::new(&contract).expect("the contract compiles");
    let bundle = contract.bundle();
    let registry = bundle.registry().expect("schemas");
    let changed = [changed(false), changed(true)];
    let mut sums = [(0, 0); 2];
    for (operation, response, schema) in responses(&contract) {
        let Some(read) = reader_of(&contract, schema) else { continue };
        let is_success = matches!(response.status, StatusRange::Exact(200..300));
        let (lines, (asked, decided)) = (&changed[usize::from(is_success)], &mut sums[usize::from(is_success)]);
        let accepted: Vec<Vec<u8>> = lines.iter().filter(|line| is_sure(read, line)).cloned().collect();
        (*asked, *decided) = (*asked + lines.len(), *decided + accepted.len());
        if response.status == StatusRange::Exact(200) && !accepted.is_empty() {
            let judge = judge.for_operation(&operation.id).expect("an operation");
            if check_agreement_of(&judge, &accepted, 2).0.is_some() {
                continue;
            }
        }
        let validator = bundle.validator(&registry, &contract, schema, false).expect("a schema");
        for line in &accepted {
            let is_valid = strict::parse(line).is_ok_and(|value| validator.is_valid(&value)) && strict::roundings(line).is_empty();
            assert!(is_valid, "{} {}: {}", operation.id, response.status, String::from_utf8_lossy(line));
        }
    }
    let [errors, successes] = sums;
    println!("success responses: {} texts, {} decided; errors: {}, {}", successes.0, successes.1, errors.0, errors.1);
    assert!(successes.1 > 10_000 && errors.1 > 1_000, "{sums:?}");
}

/// Pseudo-random numbers with a fixed seed.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.next() % bound.max(1) as u64).expect("an index")
    }
}

/// Bytes with a meaning in JSON.
const TURNED: &[u8] = b"{}[]\",:0-+.eE\\ tfn\xc3";

/// A line with bytes replaced, removed or duplicated.
fn torn(line: &mut Vec<u8>, random: &mut Random) {
    if line.is_empty() {
        return;
    }
    let (from, length) = (random.below(line.len()), 1 + random.below(12));
    let to = line.len().min(from + length);
    match random.below(4) {
        0 => line[from] = random.next() as u8,
        1 => line[from] = TURNED[random.below(TURNED.len())],
        2 => drop(line.drain(from..to)),
        _ => {
            let again = line[from..to].to_vec();
            line.splice(to..to, again);
        }
    }
    line.iter_mut().filter(|byte| **byte == b'\n' || **byte == b'\r').for_each(|byte| *byte = b' ');
}

/// Generated documents: valid, with a violation, with one key changed, with bytes changed.
fn documents(seed: u64, count: usize) -> Vec<Vec<u8>> {
    let mut random = Random(seed);
    let mut corpus = charter_simulator::corpus(seed).broken(5);
    let mut document = |_| {
        let mut line = corpus.next().expect("bodies without end").body.into_bytes();
        match random.below(4) {
            0 | 1 => {}
            2 => {
                let mutated = common::mutation(&serde_json::from_slice(&line).expect("JSON"), random.next());
                line = self::line(&mutated);
            }
            _ => (0..=random.below(2)).for_each(|_| torn(&mut line, &mut random)),
        }
        line
    };
    (0..count).map(&mut document).collect()
}

#[test]
fn generated_and_damaged_documents_give_equal_reports() {
    let (decided, kept) = check_agreement(&documents(1, 300));
    assert!(decided > 100, "{decided} of {kept} decided");
}

/// All mutations, including those that the compiled reader does not accept.
#[test]
#[ignore = "a hundred thousand documents take a minute, in a release build"]
fn every_mutation_of_one_key_gives_equal_reports() {
    let (mut decided, mut kept) = (0, 0);
    let lines: Vec<Vec<u8>> = changed(true).into_iter().collect();
    for lines in lines.chunks(5_000) {
        let (more_decided, more_kept) = check_agreement(lines);
        decided += more_decided;
        kept += more_kept;
    }
    println!("{} documents: {kept} valid, {decided} of them decided by the compiled reader", lines.len());
    assert!(decided * 10 >= kept * 8, "{decided} of {kept} decided");
}

/// `cargo test --release -p charter-generated --features reader --test reader -- --ignored --nocapture`
#[test]
#[ignore = "a million documents take minutes, in a release build"]
fn a_million_generated_and_damaged_documents_give_equal_reports() {
    let (mut decided, mut kept) = (0, 0);
    for seed in 0..100 {
        let (more_decided, more_kept) = check_agreement(&documents(1_000 + seed, 10_000));
        decided += more_decided;
        kept += more_kept;
    }
    println!("1,000,000 documents: {kept} valid, {decided} of them decided by the compiled reader");
    assert!(decided * 10 >= kept * 9, "{decided} of {kept} decided");
}
