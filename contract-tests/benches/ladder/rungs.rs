//! The rungs, from finding newlines to a full check. Each returns how many runs it accepts.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use charter_contract::Contract;
use charter_contract_tests::{CheckOptions, Exchange, Judge, check};
use charter_generated::reader::COMPILED;
use charter_program::{Options, Program, Record};
use charter_reader::{Cursor, Read};
use serde::de::IgnoredAny;
use serde_json::Value;

use crate::cel_rules::CelRules;

/// A corpus, its file and its lines.
pub(crate) struct Lines<'l> {
    pub(crate) file: &'l str,
    pub(crate) text: &'l [u8],
    pub(crate) lines: Vec<&'l [u8]>,
}

/// A way of reading the corpus.
pub(crate) struct Rung {
    pub(crate) name: &'static str,
    pub(crate) does: &'static str,
    /// Whether it reads only every tenth line.
    pub(crate) slow: bool,
    pub(crate) pass: fn(&Lines<'_>) -> usize,
}

/// The rung with the ratio 1: a full pass over the syntax by the fastest parser, which checks UTF-8 and ignores the values.
pub(crate) const UNIT: &str = "sonic-rs";

static CONTRACT: LazyLock<Contract> = LazyLock::new(|| charter_rules::load("../schema".into()).unwrap_or_else(|error| panic!("{error}")));
static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::new(&CONTRACT).unwrap_or_else(|error| panic!("{error}")));
static COMPILED_JUDGE: LazyLock<Judge> = LazyLock::new(|| JUDGE.clone().with_reader(&COMPILED));
/// The compiled reader of run bodies.
static READ: LazyLock<Read> = LazyLock::new(|| {
    let (_, read) = COMPILED.readers.first().expect("a reader");
    *read
});
/// The program of run bodies, as the installed command compiles it.
static PROGRAM: LazyLock<Program> = LazyLock::new(|| {
    let schema = CONTRACT.schemas().iter().find(|(_, schema)| schema.location.to_string() == "run.schema.json#").map(|(id, _)| id);
    Program::compile(&CONTRACT, schema.expect("the schema of a run"), &Options::default().with_counts())
});
static RULES: LazyLock<CelRules> = LazyLock::new(|| CelRules::new(&CONTRACT));

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema = CONTRACT.documents().value("run.schema.json").expect("the schema of a run");
    jsonschema::validator_for(schema).unwrap_or_else(|error| panic!("{error}"))
});

pub(crate) fn all() -> Vec<Rung> {
    // Built before the first measurement.
    LazyLock::force(&JUDGE);
    LazyLock::force(&COMPILED_JUDGE);
    LazyLock::force(&VALIDATOR);
    LazyLock::force(&RULES);
    LazyLock::force(&PROGRAM);
    let rung = |name, does, pass| Rung { name, does, slow: false, pass };
    let slow = |name, does, pass| Rung { name, does, slow: true, pass };
    vec![
        rung("newlines", "finds the line ends (memchr)", |lines| memchr::memchr_iter(b'\n', lines.text).count()),
        rung("utf-8", "checks UTF-8 (simdutf8)", |lines| count(lines, |line| simdutf8::basic::from_utf8(line).is_ok())),
        rung("cursor", "syntax, UTF-8, no key twice, no number rounded: `charter_reader::Cursor::skip`", |lines| count(lines, skips)),
        rung(UNIT, "syntax and UTF-8 (sonic-rs `LazyValue`)", syntax),
        rung("sonic-rs ignored", "the same (sonic-rs, serde's `IgnoredAny`)", |lines| {
            count(lines, |line| sonic_rs::from_slice::<IgnoredAny>(line).is_ok())
        }),
        rung("serde_json ignored", "syntax (serde_json, `IgnoredAny`), UTF-8 before it", |lines| {
            count(lines, |line| simdutf8::basic::from_utf8(line).is_ok_and(|text| serde_json::from_str::<IgnoredAny>(text).is_ok()))
        }),
        rung("serde_json value", "a tree (`serde_json::Value`)", |lines| count(lines, |line| value(line).is_some())),
        slow("jsonschema", "a tree, then the schema (`jsonschema`)", |lines| count(lines, |line| valid(line).is_some())),
        slow("jsonschema and cel", "the same, then rules by the unmodified `cel` crate", |lines| {
            count(lines, |line| valid(line).is_some_and(|value| RULES.hold(&value)))
        }),
        rung("compiled", "`generated/`'s compiled reader: schema, all rules on bodies, coverage", compiled),
        rung("program", "charter, a program compiled at load: schema, coverage", program),
        rung("check", "charter, all of `check`: the file read and split, the compiled reader, diagnosis, the report", |lines| {
            kept(lines, 1)
        }),
        slow("judge", "charter, interpreted: schema, all rules, coverage, diagnosis", |lines| {
            count(lines, |line| JUDGE.judge(&Exchange::bare(line)).findings.is_empty())
        }),
    ]
}

/// The number of rules that the `cel` crate alone can evaluate, and the number of all rules.
pub(crate) fn rules_of_the_peer() -> (usize, usize) {
    (RULES.count(), CONTRACT.invariants().invariants.len())
}

fn count_mut(lines: &Lines<'_>, mut accepts: impl FnMut(&[u8]) -> bool) -> usize {
    lines.lines.iter().filter(|line| accepts(line)).count()
}

fn count(lines: &Lines<'_>, accepts: impl Fn(&[u8]) -> bool) -> usize {
    lines.lines.iter().filter(|line| accepts(line)).count()
}

fn skips(line: &[u8]) -> bool {
    Cursor::from_bytes(line).is_ok_and(|mut cursor| cursor.skip().and_then(|()| cursor.finish()).is_ok())
}

/// The compiled reader alone, with its counters.
fn compiled(lines: &Lines<'_>) -> usize {
    let mut counters = COMPILED.counters();
    count_mut(lines, |line| counters.read(line, *READ, &Default::default()).is_ok())
}

/// The program alone, with its coverage rows.
fn program(lines: &Lines<'_>) -> usize {
    let mut record = Record::default();
    count_mut(lines, |line| PROGRAM.run(line, &mut record).is_ok())
}

/// A syntax pass over all lines.
pub(crate) fn syntax(lines: &Lines<'_>) -> usize {
    count(lines, |line| sonic_rs::from_slice::<sonic_rs::LazyValue<'_>>(line).is_ok())
}

/// A syntax pass over lines, or over a document.
pub(crate) fn syntax_of(text: &[u8], is_document: bool) -> usize {
    let accepts = |text: &[u8]| usize::from(sonic_rs::from_slice::<sonic_rs::LazyValue<'_>>(text).is_ok());
    if is_document { accepts(text) } else { text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(accepts).sum() }
}

/// The judge of runs without a compiled reader, as the installed command has it.
pub(crate) fn installed() -> &'static Judge {
    &JUDGE
}

/// The whole command, on this number of threads.
pub(crate) fn kept(lines: &Lines<'_>, jobs: usize) -> usize {
    let options = CheckOptions::default().with_jobs(jobs);
    let report = check(&COMPILED_JUDGE, &[lines.file.to_owned()], &options, &mut |_| ControlFlow::Continue(()));
    assert!(report.reader.compiled, "{:?}", report.reader);
    usize::try_from(report.summary.kept).unwrap_or(usize::MAX)
}

fn value(line: &[u8]) -> Option<Value> {
    serde_json::from_slice(line).ok()
}

fn valid(line: &[u8]) -> Option<Value> {
    value(line).filter(|value| VALIDATOR.is_valid(value))
}
