//! The corpus: valid bodies have no finding, invalid ones have the finding that they are named after.

use std::collections::BTreeSet;

use charter_contract_tests::read::Source;
use charter_contract_tests::{Exchange, Finding, Judge, Judgeable};
use charter_simulator::corpus;
use serde_json::Value;

fn judge() -> Judge {
    Judge::load("../schema").expect("the contract")
}

fn lines(count: usize, bodies: charter_simulator::Corpus) -> String {
    bodies.take(count).map(|specimen| specimen.body + "\n").collect()
}

#[test]
fn valid_bodies_have_no_findings_also_over_time() {
    for bodies in [corpus(0), corpus(1), corpus(2).varied(), corpus(3).varied().exchanges()] {
        let archive = lines(800, bodies);
        let source = Source::Bytes { name: "corpus".into(), bytes: archive.into_bytes().into() };
        let report = source.report(&judge());
        let findings: Vec<_> = report.groups.iter().map(|group| (&group.rule, &group.keyword, group.count)).collect();
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(report.summary.kept, 800);
    }
}

#[test]
fn an_invalid_body_has_the_finding_that_it_names() {
    let judge = judge();
    let (mut named, mut valid) = (BTreeSet::new(), 0);
    for specimen in corpus(5).broken(50).take(1_600).chain(corpus(6).broken(50).varied().take(1_600)) {
        let judgement = judge.judge(&Exchange::bare(specimen.body.clone()));
        let Some(fault) = specimen.fault else {
            assert!(judgement.findings.is_empty(), "{:?}: {}", judgement.findings, specimen.body);
            valid += 1;
            continue;
        };
        let is_named = |finding: &Finding| [&finding.rule, &finding.keyword].into_iter().flatten().any(|name| name == fault);
        assert!(judgement.findings.iter().any(is_named), "{fault}: {:?}", judgement.findings);
        named.insert(fault);
    }
    assert!((1_200..2_000).contains(&valid), "{valid}");
    assert!(named.len() > 40, "{named:?}");
}

#[test]
fn bodies_are_of_many_kinds_and_sizes() {
    let bodies: Vec<Value> = corpus(1).take(3_000).map(|specimen| serde_json::from_str(&specimen.body).expect("JSON")).collect();
    let kinds = |at: &str| bodies.iter().filter_map(|body| body.pointer(at)).map(Value::to_string).collect::<BTreeSet<_>>();
    assert_eq!((kinds("/type").len(), kinds("/execution/status").len()), (2, 9));
    for at in [
        "/input/metadata",
        "/usage/tokens",
        "/debug/observability",
        "/execution/steps/0/result",
        "/execution/review",
        "/output/currency",
        "/eval",
    ] {
        assert!(kinds(at).len() > 1, "{at}");
    }
    let mut sizes: Vec<usize> = corpus(1).take(3_000).map(|specimen| specimen.body.len()).collect();
    sizes.sort_unstable();
    assert!(sizes[0] < 900 && sizes[1_500] < 3_000 && sizes[2_990] > 5_000, "{} {} {}", sizes[0], sizes[1_500], sizes[2_990]);
}

#[test]
fn bodies_have_about_the_requested_size_and_are_valid() {
    let judge = judge();
    for size in [4_000, 100_000, 1_000_000] {
        for specimen in corpus(9).sized(size).take(3) {
            let body = specimen.body;
            assert!((size * 8 / 10..size * 13 / 10).contains(&body.len()), "{size}: {}", body.len());
            let judgement = judge.judge(&Exchange::bare(body));
            assert!(judgement.findings.is_empty(), "{:?}", judgement.findings);
        }
    }
}

#[test]
fn exchanges_repeat_runs_and_violate_rules_over_time() {
    let report = |bodies| {
        let archive = lines(1_500, bodies);
        Source::Bytes { name: "corpus".into(), bytes: archive.into_bytes().into() }.report(&judge())
    };
    let kept = report(corpus(3).exchanges());
    assert_eq!((kept.summary.kept, kept.groups.len()), (1_500, 0));
    let compared = kept.rules.iter().filter(|rule| rule.id.ends_with("-never-changes") && rule.passed > 50).count();
    assert!(compared > 5 && kept.timeline_count > 100, "{compared} {}", kept.timeline_count);
    let broken = report(corpus(3).broken(40).exchanges());
    let over_time = broken.groups.iter().filter(|group| group.samples.iter().any(|sample| sample.previous.is_some())).count();
    assert!(over_time > 3, "{over_time}");
}
