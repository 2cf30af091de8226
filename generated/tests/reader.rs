//! The compiled reader beside the reference reader: reports are the same in every member but `reader`, over every bundled body,
//! every change of one of its keys, and bytes that are cut and turned.

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

/// What a judge makes of lines, with all samples.
fn report(judge: &Judge, lines: &[Vec<u8>], jobs: usize) -> Report {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lines.ndjson");
    std::fs::write(&path, lines.join(&b'\n')).expect("written");
    let options = CheckOptions::default().with_samples(None).with_jobs(jobs);
    let mut report = check(judge, &[path.to_string_lossy().into_owned()], &options, &mut |_| ControlFlow::Continue(()));
    // The folder has another name each time.
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

/// Compares the readers on some lines; how many the compiled one decided, and how many are kept.
fn check_agreement(lines: &[Vec<u8>]) -> (u64, u64) {
    let reference = Judge::new(&contract()).expect("the contract compiles");
    let (decided, kept) = check_agreement_of(&reference, lines, 1);
    (decided.expect("the compiled reader stands in"), kept)
}

/// The same for a judge of some operation's answers; nothing is decided where the compiled reader cannot stand in.
fn check_agreement_of(reference: &Judge, lines: &[Vec<u8>], jobs: usize) -> (Option<u64>, u64) {
    let compiled = reference.clone().with_reader(&COMPILED);
    let one = report(&compiled, lines, jobs);
    assert!(one.reader.decided <= one.summary.kept);
    let (by_reference, by_both) = (json(&report(reference, lines, jobs)), json(&one));
    for (key, value) in by_reference.as_object().expect("an object") {
        assert_eq!(value.to_string(), by_both[key].to_string(), "{key} differs");
    }
    (one.reader.compiled.then_some(one.reader.decided), one.summary.kept)
}

fn line(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn bundled_bodies_are_decided_and_told_alike() {
    let bodies: Vec<Vec<u8>> = bundled().iter().map(|(.., body)| line(body)).collect();
    let (decided, kept) = check_agreement(&bodies);
    let judge = Judge::new(&contract()).expect("the contract compiles").with_reader(&COMPILED);
    assert_eq!(json(&report(&judge, &bodies, 1)).to_string(), json(&report(&judge, &bodies, 2)).to_string(), "two threads");
    assert!(decided > 100 && decided * 4 >= kept * 3, "{decided} of {kept} decided");
}

/// Every bundled body and every change of one of its keys, each text once; those of answers of success, or those of errors.
fn changed(of_success: bool) -> BTreeSet<Vec<u8>> {
    let bodies = bundled().into_iter().filter(|(_, status, _)| (200..300).contains(status) == of_success);
    let changes = bodies.flat_map(|(.., body)| [body.clone()].into_iter().chain(mutations(&body).into_iter().map(|(_, value)| value)));
    changes.map(|value| line(&value)).collect()
}

/// Whether a compiled reader is sure of a text.
fn is_sure(read: Read, line: &[u8]) -> bool {
    let mut counters = Counters::default();
    Cursor::from_bytes(line).and_then(|mut cursor| read(&mut cursor, &mut counters).and_then(|()| cursor.finish())).is_ok()
}

/// What reads the body of an answer.
fn reader_of(contract: &Contract, schema: SchemaId) -> Option<Read> {
    let location = contract.schema(schema).location.to_string();
    COMPILED.readers.iter().find(|(index, _)| COMPILED.schemas[*index as usize] == location).map(|(_, read)| *read)
}

/// The answers of JSON that the contract describes: operation, status, schema.
fn answers(contract: &Contract) -> impl Iterator<Item = (&Operation, &ResponseSpec, SchemaId)> {
    let answers = contract.operations().iter().flat_map(|operation| operation.responses.iter().map(move |answer| (operation, answer)));
    answers.flat_map(|(operation, answer)| answer.content.values().flatten().map(move |schema| (operation, answer, *schema)))
}

/// Of every bundled body and every change of one key: what a compiled reader is sure of, the reference reader finds valid; and where
/// the reader stands in for the judge, reports are the same. What it is not sure of, the reference reader judges either way.
#[test]
fn every_change_of_one_key_that_is_decided_is_told_alike() {
    let contract = contract();
    let reference = Judge::new(&contract).expect("the contract compiles");
    let bundle = contract.bundle();
    let registry = bundle.registry().expect("schemas");
    let changed = [changed(false), changed(true)];
    let mut sums = [(0, 0); 2];
    for (operation, answer, schema) in answers(&contract) {
        let Some(read) = reader_of(&contract, schema) else { continue };
        let is_success = matches!(answer.status, StatusRange::Exact(200..300));
        let (lines, (asked, decided)) = (&changed[usize::from(is_success)], &mut sums[usize::from(is_success)]);
        let sure: Vec<Vec<u8>> = lines.iter().filter(|line| is_sure(read, line)).cloned().collect();
        (*asked, *decided) = (*asked + lines.len(), *decided + sure.len());
        if answer.status == StatusRange::Exact(200) && !sure.is_empty() {
            let reference = reference.for_operation(&operation.id).expect("an operation");
            if check_agreement_of(&reference, &sure, 2).0.is_some() {
                continue;
            }
        }
        let validator = bundle.validator(&registry, &contract, schema, false).expect("a schema");
        for line in &sure {
            let is_valid = strict::parse(line).is_ok_and(|value| validator.is_valid(&value)) && strict::roundings(line).is_empty();
            assert!(is_valid, "{} {}: {}", operation.id, answer.status, String::from_utf8_lossy(line));
        }
    }
    let [errors, successes] = sums;
    println!("answers of success: {} texts asked, {} decided; errors: {}, {}", successes.0, successes.1, errors.0, errors.1);
    assert!(successes.1 > 10_000 && errors.1 > 1_000, "{sums:?}");
}

/// Numbers that look random and are the same each time.
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

/// Bytes that mean something to JSON.
const TURNED: &[u8] = b"{}[]\",:0-+.eE\\ tfn\xc3";

/// Bytes of a line turned, cut out or said twice; it stays one line.
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

/// Documents of the run machine: as they come, with a promise broken, with one key changed, with bytes changed.
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
fn generated_and_torn_documents_are_told_alike() {
    let (decided, kept) = check_agreement(&documents(1, 300));
    assert!(decided > 100, "{decided} of {kept} decided");
}

/// What the compiled reader is not sure of as well, judged by both judges from beginning to end.
#[test]
#[ignore = "a hundred thousand documents take a minute, in a release build"]
fn every_change_of_one_key_is_told_alike() {
    let (mut decided, mut kept) = (0, 0);
    let lines: Vec<Vec<u8>> = changed(true).into_iter().collect();
    for lines in lines.chunks(5_000) {
        let (more_decided, more_kept) = check_agreement(lines);
        decided += more_decided;
        kept += more_kept;
    }
    println!("{} documents: {kept} kept, {decided} of them decided by the compiled reader", lines.len());
    assert!(decided * 10 >= kept * 8, "{decided} of {kept} decided");
}

/// `cargo test --release -p charter-generated --features reader --test reader -- --ignored --nocapture`
#[test]
#[ignore = "a million documents take minutes, in a release build"]
fn a_million_generated_and_torn_documents_are_told_alike() {
    let (mut decided, mut kept) = (0, 0);
    for seed in 0..100 {
        let (more_decided, more_kept) = check_agreement(&documents(1_000 + seed, 10_000));
        decided += more_decided;
        kept += more_kept;
    }
    println!("1,000,000 documents: {kept} kept, {decided} of them decided by the compiled reader");
    assert!(decided * 10 >= kept * 9, "{decided} of {kept} decided");
}
