//! However many findings there are, every one is counted and no more than a bound of them is held.

use std::ops::ControlFlow;

use charter_contract_tests::report::{TextOptions, merge, render_json, render_text};
use charter_contract_tests::{CheckOptions, Judge, check};

/// Findings of each body: the required keys of a run, and one that is not documented.
const EACH: u64 = 9;
const BODIES: u64 = 12_000;
/// More samples than there are findings.
const MANY: u64 = 1_000_000;

#[test]
fn samples_are_bounded_and_counts_are_exact() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("archive.ndjson");
    std::fs::write(&path, (0..BODIES).map(|index| format!("{{\"undocumented\": {index}}}\n")).collect::<String>()).expect("written");
    let path = path.to_string_lossy().into_owned();
    let check = |samples, partition| {
        let options = CheckOptions::default().with_samples(samples).with_partition(partition);
        check(&judge, std::slice::from_ref(&path), &options, &mut |_| ControlFlow::Continue(()))
    };
    let shown_of = |samples| {
        let report = check(samples, None);
        assert_eq!((report.summary.errors, report.summary.broken), (BODIES * EACH, BODIES));
        // Missing keys are one promise, keys that are not documented another.
        let counts: Vec<u64> = report.groups.iter().map(|group| group.count).collect();
        assert_eq!(counts.iter().sum::<u64>(), BODIES * EACH);
        assert_eq!(counts.len(), 2);
        assert!(report.groups.iter().all(|group| group.shown == group.samples.len() as u64));
        (report.groups.iter().map(|group| group.shown).sum::<u64>(), report)
    };
    let (five, report) = shown_of(Some(5));
    assert_eq!(five, 10);
    // Ten thousand like findings are a page for a reader.
    let text = render_text(&report, TextOptions::default());
    assert!(text.lines().count() < 400, "{} lines", text.lines().count());
    assert!(text.contains("… and 95995 more (--samples all shows them)"), "{text}");
    // More than there are: as good as all.
    let (all, report) = shown_of(Some(MANY));
    assert!(all < BODIES * EACH, "all {all} findings are held, which no bound would have let");
    assert!(all > 10_000, "{all}");
    let json = render_json(&report);
    assert!(json.len() < 100 << 20);
    // Parts have as much room each, and their whole no more than one run.
    let parts = ["1/2", "2/2"].map(|part| (part.to_owned(), check(Some(MANY), Some(part.parse().expect("a part")))));
    let merged = merge(parts.to_vec()).expect("parts");
    assert!(merged.cut, "a part had room for all of its samples");
    assert!(render_json(&merged.report) == json, "the parts are not the whole");
}
