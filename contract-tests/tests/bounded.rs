//! However many findings there are, every one is counted and no more than a bound of them is held.

use std::ops::ControlFlow;

use charter_contract_tests::report::{TextOptions, render_json, render_text};
use charter_contract_tests::{CheckOptions, Judge, check};

/// Findings of each body: the required keys of a run, and one that is not documented.
const EACH: u64 = 9;
const BODIES: u64 = 12_000;

#[test]
fn samples_are_bounded_and_counts_are_exact() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("archive.ndjson");
    std::fs::write(&path, (0..BODIES).map(|index| format!("{{\"undocumented\": {index}}}\n")).collect::<String>()).expect("written");
    let path = path.to_string_lossy().into_owned();
    let shown_of = |samples| {
        let options = CheckOptions { samples, ..CheckOptions::default() };
        let report = check(&judge, std::slice::from_ref(&path), &options, &mut |_| ControlFlow::Continue(()));
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
    let (all, report) = shown_of(None);
    assert!(all < BODIES * EACH, "all {all} findings are held, which no bound would have let");
    assert!(all > 10_000, "{all}");
    assert!(render_json(&report).len() < 100 << 20);
}
