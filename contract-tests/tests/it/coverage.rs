//! The coverage of the bundled recordings: every reachable case, and the table in the book.
//! `INSTA_UPDATE=always cargo test -p charter-contract-tests --test it coverage` rewrites the table.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use charter_contract_tests::report::{Report, TextOptions, render_html, render_markdown, render_text};
use charter_contract_tests::{CheckOptions, Judge, check};

const PAGE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/book/src/coverage.md");
const BEGIN: &str = "<!-- table: coverage; written by `INSTA_UPDATE=always cargo test -p charter-contract-tests --test it coverage` -->\n";
const END: &str = "<!-- end of the table -->\n";

fn report(schema: &str, path: &str) -> Report {
    let judge = Judge::load(schema).unwrap_or_else(|error| panic!("{error}"));
    check(&judge, &[path.to_owned()], &CheckOptions::default(), &mut |_| ControlFlow::Continue(()))
}

#[test]
fn the_kept_recordings_cover_every_reachable_case() {
    let report = report("../schema", "recordings/kept");
    let coverage = &report.coverage;
    assert!(coverage.missing.is_empty(), "missing, and not under `unreachable` in charter.toml: {:#?}", coverage.missing);
    assert_eq!((coverage.covered, coverage.percent), (coverage.reachable, 100.0));
    // Few cases are excluded.
    assert!(coverage.reachable > 700 && coverage.unreachable.len() < 10, "{coverage:?}");
    for entry in &coverage.unreachable {
        assert!(entry.known && entry.seen == 0, "stale: {entry:?}");
    }
    let parts: u64 = coverage.parts.iter().map(|part| part.reachable).sum();
    assert_eq!(parts, coverage.reachable);
}

#[test]
fn the_table_in_the_book_is_fresh() {
    let (kept, broken) = (report("../schema", "recordings/kept"), report("../schema", "recordings/broken"));
    let of = |report: &Report, name: &str| {
        let part = report.coverage.parts.iter().find(|part| part.of == name).expect("the same parts");
        format!("{} of {}", part.covered, part.reachable)
    };
    let mut table = "| cases | in `kept/` | in `broken/` |\n|---|--:|--:|\n".to_owned();
    for part in &kept.coverage.parts {
        let _ = writeln!(table, "| {} | {} | {} |", part.of, of(&kept, &part.of), of(&broken, &part.of));
    }
    let all = |report: &Report| format!("{} of {}, {:.1} %", report.coverage.covered, report.coverage.reachable, report.coverage.percent);
    let _ = writeln!(table, "| **all** | **{}** | **{}** |\n", all(&kept), all(&broken));
    let _ = writeln!(table, "Excluded cases with their reasons (`[[check.unreachable]]` in `schema/charter.toml`):\n");
    for entry in &kept.coverage.unreachable {
        let _ = writeln!(table, "- `{}`: {}", entry.case, entry.reason);
    }
    let page = std::fs::read_to_string(PAGE).expect("the page");
    let (before, rest) = page.split_once(BEGIN).expect("the start of the table");
    let (found, after) = rest.split_once(END).expect("the end of the table");
    if std::env::var("INSTA_UPDATE").is_ok_and(|value| value == "always") {
        std::fs::write(PAGE, format!("{before}{BEGIN}\n{table}\n{END}{after}")).expect("the page is written");
        return;
    }
    assert_eq!(found.trim(), table.trim(), "the table is stale; the comment above it has the command that updates it");
}

/// The contract with one more case under `unreachable`.
fn with_unreachable(case: &str) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().expect("a folder");
    for entry in std::fs::read_dir("../schema").expect("the contract") {
        let entry = entry.expect("an entry");
        if entry.file_type().expect("a type").is_file() {
            std::fs::copy(entry.path(), folder.path().join(entry.file_name())).expect("a copy");
        }
    }
    let path = folder.path().join("charter.toml");
    let text = std::fs::read_to_string(&path).expect("the settings");
    std::fs::write(path, format!("{text}\n[[check.unreachable]]\ncase = \"{case}\"\nreason = \"not <ever> sent\"\n")).expect("written");
    folder
}

#[test]
fn an_excluded_case_that_is_covered_is_stale_and_counts() {
    let folder = with_unreachable("operation runs.get status 404");
    let report = report(folder.path().to_str().expect("UTF-8"), "recordings/kept");
    let text = render_text(&report, TextOptions::default());
    assert!(text.contains("stale: operation runs.get status 404 under `unreachable` in charter.toml was seen: remove it"), "{text}");
    assert_eq!(report.coverage.missing, Vec::<String>::new());
    let statuses = report.coverage.parts.iter().find(|part| part.of == "statuses").expect("statuses");
    assert_eq!(statuses.covered, 74);
    assert!(render_markdown(&report).contains("not &lt;ever&gt; sent (but seen)"));
    assert!(!render_html(&report).contains("<ever>"));
}

#[test]
fn an_unknown_case_is_stale() {
    let folder = with_unreachable("operation runs.put");
    let report = report(folder.path().to_str().expect("UTF-8"), "recordings/kept");
    let text = render_text(&report, TextOptions::default());
    assert!(text.contains("stale: operation runs.put under `unreachable` in charter.toml is not a case of the contract"), "{text}");
}

#[test]
fn an_excluded_case_raises_the_coverage_and_its_reason_is_reported() {
    let whole = report("../schema", "recordings/kept/errors.ndjson");
    let folder = with_unreachable("operation runs.list status 413");
    let less = report(folder.path().to_str().expect("UTF-8"), "recordings/kept/errors.ndjson");
    assert_eq!((less.coverage.reachable, less.coverage.covered), (whole.coverage.reachable - 1, whole.coverage.covered));
    assert!(!less.coverage.missing.iter().any(|case| case == "operation runs.list status 413"));
    let text = render_text(&less, TextOptions::default().with_verbose(true));
    assert!(text.contains("unreachable: operation runs.list status 413: not <ever> sent"), "{text}");
}
