//! The bundled recordings: those in `kept` have no finding, those in `broken` have exactly one, and every rule has an exchange in each.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::ops::ControlFlow;
use std::path::PathBuf;

use charter_contract_tests::report::{Report, TextOptions, render_json, render_text};
use charter_contract_tests::{CheckOptions, Judge, MutantOutcome, check};
use serde_json::Value;

fn judge() -> Judge {
    Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"))
}

fn report(judge: &Judge, path: &str, jobs: usize) -> Report {
    let options = CheckOptions::default().with_samples(None).with_jobs(jobs);
    check(judge, &[path.to_owned()], &options, &mut |_| ControlFlow::Continue(()))
}

fn broken() -> Vec<(String, String)> {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir("recordings/broken").expect("the recordings").map(|entry| entry.expect("an entry").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "ndjson" || extension == "json"));
    paths.sort();
    let named = |path: PathBuf| (path.file_stem().expect("a name").to_string_lossy().into_owned(), path.to_string_lossy().into_owned());
    paths.into_iter().map(named).collect()
}

#[test]
fn kept_recordings_have_no_finding() {
    let report = report(&judge(), "recordings/kept", 1);
    assert!(report.groups.is_empty(), "{}", render_text(&report, TextOptions::default()));
    assert!(report.is_kept() && report.summary.kept >= 40, "{:?}", report.summary);
    let idle: Vec<_> = report.rules.iter().filter(|rule| rule.passed == 0).map(|rule| rule.id.as_str()).collect();
    assert!(idle.is_empty(), "no recording passes {idle:?}");
}

/// The keyword of a file name: `additionalProperties` for `additional-properties.run`.
fn keyword_of(name: &str) -> String {
    let word = name.split('.').next().unwrap_or_default();
    let mut parts = word.split('-');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |keyword, part| format!("{keyword}{}{}", part[..1].to_uppercase(), &part[1..]))
}

#[test]
fn each_broken_recording_has_exactly_one_violation() {
    let judge = judge();
    let (mut keywords, mut rules) = (BTreeSet::new(), BTreeSet::new());
    let cases = broken();
    assert!(cases.len() >= 60, "{} cases", cases.len());
    for (name, path) in cases {
        let report = report(&judge, &path, 1);
        insta::with_settings!({ snapshot_path => "../../recordings/broken", prepend_module_to_snapshot => false, omit_expression => true, snapshot_suffix => "" }, {
            insta::assert_snapshot!(name.as_str(), render_text(&report, TextOptions::default().without_coverage()));
        });
        if name == "example-of-the-page" {
            continue;
        }
        let [group] = report.groups.as_slice() else { panic!("{name}: {}", render_text(&report, TextOptions::default())) };
        assert_eq!(group.count, 1, "{name}");
        match (&group.rule, &group.keyword) {
            (Some(rule), _) => {
                assert_eq!(*rule, if name == "syntax.repeated-key" { "syntax.json".to_owned() } else { name.clone() });
                rules.insert(rule.clone());
            }
            (None, keyword) => {
                let keyword = keyword.clone().expect("a keyword");
                assert_eq!(keyword, keyword_of(&name), "{name}");
                keywords.insert(keyword);
            }
        }
    }
    for invariant in &judge.contract().invariants().invariants {
        assert!(rules.contains(&invariant.id), "no recording breaks {} alone", invariant.id);
    }
    for keyword in used_keywords(&judge) {
        assert!(keywords.contains(&keyword), "no recording breaks {keyword} alone");
    }
}

/// Every assertion keyword in the response schemas. A violated union of null and one object is reported as `type` or inside the object.
fn used_keywords(judge: &Judge) -> BTreeSet<String> {
    let asserting = [
        "type",
        "enum",
        "minimum",
        "maximum",
        "required",
        "additionalProperties",
        "anyOf",
        "oneOf",
        "const",
        "pattern",
        "minLength",
        "minItems",
    ];
    let contract = judge.contract();
    let responses = contract.operations().iter().flat_map(|operation| &operation.responses);
    let mut open: Vec<_> = responses.flat_map(|response| response.content.schemas()).collect();
    let mut reached = BTreeSet::new();
    while let Some(id) = open.pop() {
        if reached.insert(id) {
            open.extend(contract.children(id));
        }
    }
    let sources = reached.iter().filter_map(|id| contract.schema(*id).source().as_object());
    sources.flat_map(|schema| schema.keys().filter(|key| asserting.contains(&key.as_str())).cloned()).collect()
}

#[test]
fn the_example_of_the_page_lacks_exactly_its_enum_keys() {
    let report = report(&judge(), "recordings/broken/example-of-the-page.json", 1);
    let mut missing: Vec<String> = report
        .groups
        .iter()
        .flat_map(|group| &group.samples)
        .map(|sample| format!("{} {}", sample.instance_location, sample.message))
        .collect();
    missing.sort();
    assert_eq!(
        missing,
        [
            " the key \"type\" is missing",
            "/execution the key \"status\" is missing",
            "/execution/review the key \"status\" is missing",
            "/execution/review the key \"verdict\" is missing",
        ]
    );
}

#[test]
fn json_reports_are_valid_under_their_schema() {
    let schema: Value = serde_json::from_str(charter_contract_tests::report::REPORT_SCHEMA).expect("JSON");
    jsonschema::meta::validate(&schema).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    let judge = judge();
    let mut reports = vec![report(&judge, "recordings/kept", 1), report(&judge, "recordings/broken", 1), report(&judge, "no/such/file", 1)];
    let mut empty = report(&judge, "recordings/kept", 1);
    (empty.groups, empty.inputs) = (Vec::new(), Vec::new());
    reports.push(empty);
    for report in reports {
        let value: Value = serde_json::from_str(&render_json(&report)).expect("JSON");
        let errors: Vec<String> = validator.iter_errors(&value).map(|error| format!("{} {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
    }
    // A report without one of its members is invalid.
    let mut value: Value = serde_json::from_str(&render_json(&report(&judge, "recordings/kept", 1))).expect("JSON");
    value.as_object_mut().expect("an object").shift_remove("partition");
    assert!(!validator.is_valid(&value));
}

#[test]
fn recordings_are_valid_under_their_schema() {
    let schema: Value = serde_json::from_str(charter_contract_tests::read::RECORDING_SCHEMA).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a schema");
    for folder in ["recordings/kept", "recordings/broken"] {
        for entry in std::fs::read_dir(folder).expect("the recordings") {
            let path = entry.expect("an entry").path();
            if path.extension().is_some_and(|extension| extension == "ndjson") {
                for line in std::fs::read_to_string(&path).expect("a recording").lines() {
                    let value: Value = serde_json::from_str(line).expect("JSON");
                    assert!(validator.is_valid(&value), "{}", path.display());
                }
            }
        }
    }
}

#[test]
fn the_report_does_not_depend_on_the_number_of_threads() {
    let judge = judge();
    let one = render_json(&report(&judge, "recordings", 1));
    for jobs in [2, 7] {
        assert_eq!(one, render_json(&report(&judge, "recordings", jobs)));
    }
}

#[test]
fn fingerprints_depend_on_the_promise_and_not_on_values() {
    let report = report(&judge(), "recordings/broken", 1);
    let mut groups = BTreeMap::new();
    for group in &report.groups {
        assert!(groups.insert(group.fingerprint.clone(), group.keyword.clone()).is_none(), "{group:?}");
    }
    // One schema location of a keyword is one group, for all values.
    let rank = report
        .groups
        .iter()
        .find(|group| group.absolute_keyword_location.as_deref() == Some("run.schema.json#/properties/sampleRank/maximum"));
    assert_eq!(rank.map(|group| group.count), Some(1));
}

#[test]
fn the_examples_of_every_rule_pass_and_detect_every_mutant() {
    let judge = judge();
    assert_eq!(judge.examples(), []);
    let rules = &judge.contract().invariants().invariants;
    let mutants: Vec<_> = rules.iter().flat_map(|rule| judge.mutants(&rule.id).expect("a rule of the contract")).collect();
    assert!(mutants.len() > 500, "{} mutants", mutants.len());
    let undetected: Vec<_> =
        mutants.iter().filter(|mutant| !matches!(mutant.outcome, MutantOutcome::Killed | MutantOutcome::Equivalent(_))).collect();
    assert!(undetected.is_empty(), "{undetected:#?}");
}

/// The outcomes of every rule over both folders of recordings.
#[test]
fn every_rule_is_exercised_and_none_errs() {
    let judge = judge();
    let mut table = String::new();
    for folder in ["recordings/kept", "recordings/broken"] {
        let report = report(&judge, folder, 1);
        let _ = writeln!(table, "{folder}\n{:>8}{:>8}{:>8}{:>8}{:>8}{:>8}", "passed", "failed", "vacuous", "n/a", "blocked", "errored");
        for rule in &report.rules {
            let counts = [rule.passed, rule.failed, rule.vacuous, rule.not_applicable, rule.blocked, rule.errored];
            let counts: String = counts.iter().map(|count| format!("{count:>8}")).collect();
            let _ = writeln!(table, "{counts}  {}", rule.id);
            assert_eq!(rule.errored, 0, "{}", rule.id);
            assert!(rule.passed + rule.failed > 0, "{} applies to nothing in {folder}", rule.id);
        }
    }
    insta::assert_snapshot!("outcomes", table);
}
