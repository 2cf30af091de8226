//! Every finding is counted; the number of samples in memory is bounded.

use std::ops::ControlFlow;

use charter_contract_tests::report::{TextOptions, merge, render_json, render_text};
use charter_contract_tests::{CheckOptions, Judge, check};

/// Findings of each body: missing keys, and one undocumented key.
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
    let samples_of = |samples| {
        let report = check(samples, None);
        assert_eq!((report.summary.errors, report.summary.broken), (BODIES * EACH, BODIES));
        // One group for missing keys, one for undocumented keys.
        let counts: Vec<u64> = report.groups.iter().map(|group| group.count).collect();
        assert_eq!(counts.iter().sum::<u64>(), BODIES * EACH);
        assert_eq!(counts.len(), 2);
        assert!(report.groups.iter().all(|group| group.shown == group.samples.len() as u64));
        (report.groups.iter().map(|group| group.shown).sum::<u64>(), report)
    };
    let (five, report) = samples_of(Some(5));
    assert_eq!(five, 10);
    // The text report stays short.
    let text = render_text(&report, TextOptions::default());
    assert!(text.lines().count() < 400, "{} lines", text.lines().count());
    assert!(text.contains("… and 95995 more (--samples all shows them)"), "{text}");
    // A limit above the number of findings.
    let (all, report) = samples_of(Some(MANY));
    assert!(all < BODIES * EACH, "all {all} findings are in memory");
    assert!(all > 10_000, "{all}");
    let json = render_json(&report);
    assert!(json.len() < 100 << 20);
    // Each partition has the same bound, and the merged report has it too.
    let parts = ["1/2", "2/2"].map(|part| (part.to_owned(), check(Some(MANY), Some(part.parse().expect("a part")))));
    let merged = merge(parts.to_vec()).expect("parts");
    assert!(merged.cut, "a partition kept all of its samples");
    assert!(render_json(&merged.report) == json, "the merged report differs");
}
