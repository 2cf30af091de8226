//! One test for each group of findings of `charter check`. A test fails as long as the
//! recordings have a finding of its group.
//!
//! `charter check … --report rust-test=FILE` writes this file. The package needs the
//! development dependency `charter-engine`. Paths are relative to the folder of the package,
//! where Cargo runs tests.

use std::ops::ControlFlow;
use std::sync::LazyLock;

use charter_engine::{CheckOptions, Judge, check};

/// The folder of the contract, or its document.
const CONTRACT: &str = "tests/fixtures/tickets";
/// The recordings.
const RECORDINGS: &[&str] = &["tests/fixtures/tickets/kept.ndjson"];

/// error\[ticket.done-parts\]: ticket 1 is done and a part of it is not
///
/// tickets.get, tests/fixtures/tickets/kept.ndjson, exchange 0
#[test]
fn ticket_done_parts_f007d21d() {
    assert_no_finding("f007d21deda65b20");
}

/// error\[schema.enum\]: "closed", expected one of "open", "done"
///
/// tickets.get, tests/fixtures/tickets/kept.ndjson, exchange 1
#[test]
fn schema_enum_1c8dd0f3() {
    assert_no_finding("1c8dd0f3f9601268");
}

/// The findings of all recordings, by fingerprint: how often each was found, and the first message.
static FINDINGS: LazyLock<Vec<(String, String)>> = LazyLock::new(|| {
    let judge = Judge::load(CONTRACT).unwrap_or_else(|error| panic!("{CONTRACT}: {error}"));
    let recordings: Vec<String> = RECORDINGS.iter().map(|path| (*path).to_owned()).collect();
    let options = CheckOptions::default();
    let report = check(&judge, &recordings, &options, &mut |_| ControlFlow::Continue(()));
    for input in &report.inputs {
        let error = input.error.as_deref().unwrap_or_default();
        assert!(input.error.is_none(), "{}: {error}", input.source);
    }
    assert!(report.judged_anything(), "nothing in the recordings was judged");
    let mut findings = Vec::new();
    for group in report.groups {
        let Some(first) = group.samples.first() else { continue };
        let (exchange, count) = (&first.exchange, group.count);
        let place = format!("exchange {} of {}", exchange.index, exchange.source);
        let text = format!("{count} in all, the first in {place}: {}", first.message);
        findings.push((group.fingerprint, text));
    }
    findings
});

#[track_caller]
fn assert_no_finding(fingerprint: &str) {
    if let Some((_, finding)) = FINDINGS.iter().find(|(found, _)| found == fingerprint) {
        panic!("the finding {fingerprint} occurs: {finding}");
    }
}
