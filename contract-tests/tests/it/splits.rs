//! Merged reports of splits and of their rules over time equal the report of a single run, byte for byte.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Cursor, Read as _, Seek as _, SeekFrom, Write as _};
use std::ops::ControlFlow;
use std::path::Path;
use std::sync::Arc;

use charter_contract_tests::report::{MergeError, Report, merge, render_json};
use charter_contract_tests::{CheckOptions, Judge, Partition, check};
use charter_engine::{JudgedSplit, ObservationsFile, SplitError, SplitPlan, judge_split, over_time, over_time_of};
use charter_traffic::read::{Object, Ranges, Source};
use serde_json::{Value, json};

fn judge() -> Judge {
    Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"))
}

fn part(number: u32, of: u32) -> Partition {
    format!("{number}/{of}").parse().expect("a part")
}

/// The reports of all splits, and their observations.
fn splits(judge: &Judge, arguments: &[String], of: u32, options: &CheckOptions) -> (Vec<(String, Report)>, Vec<Vec<u8>>) {
    let plan = SplitPlan::new(arguments);
    let judged = (1..=of).map(|number| {
        let judged = judge_split(judge, &plan, part(number, of), options, &mut |_| ControlFlow::Continue(())).expect("space");
        let mut observations = Vec::new();
        judged.observations.write(&mut observations).expect("written");
        ((format!("split {number}"), parsed(&judged.report)), observations)
    });
    judged.unzip()
}

/// The report as another process reads it.
fn parsed(report: &Report) -> Report {
    Report::parse(render_json(report).as_bytes()).expect("a report")
}

fn files(observations: &[Vec<u8>]) -> Vec<ObservationsFile> {
    // The order of the files does not matter.
    let numbered = observations.iter().enumerate().rev();
    numbered.map(|(number, bytes)| ObservationsFile::open(format!("{number}"), Cursor::new(bytes.clone())).expect("observations")).collect()
}

fn shares(judge: &Judge, observations: &[Vec<u8>], of: u32) -> Vec<(String, Report)> {
    let share = |number| over_time(judge, files(observations), part(number, of)).unwrap_or_else(|error| panic!("{error}"));
    (1..=of).map(|number| (format!("share {number}"), parsed(&share(number).report))).collect()
}

fn assert_equal(judge: &Judge, arguments: &[String], options: &CheckOptions, pairs: &[(u32, u32)]) -> Report {
    let whole = check(judge, arguments, options, &mut |_| ControlFlow::Continue(()));
    let wanted = render_json(&whole);
    let mut last = (0, Vec::new(), Vec::new());
    for (splits_of, shares_of) in pairs {
        if last.0 != *splits_of {
            let (reports, observations) = splits(judge, arguments, *splits_of, options);
            last = (*splits_of, reports, observations);
        }
        let (_, reports, observations) = &last;
        let all = shares(judge, observations, *shares_of).into_iter().chain(reports.iter().cloned()).collect();
        let merged = merge(all).unwrap_or_else(|error| panic!("{splits_of} splits, {shares_of} shares: {error}"));
        let found = render_json(&merged.report);
        if found != wanted {
            let difference = wanted.lines().zip(found.lines()).enumerate().find(|(_, (wanted, found))| wanted != found);
            panic!("{splits_of} splits, {shares_of} shares differ: {difference:?}");
        }
    }
    whole
}

/// All pairs of 1 to 7 splits and 1 to 3 shares of the rules over time.
fn all_pairs() -> Vec<(u32, u32)> {
    (1..=7).flat_map(|splits| (1..=3).map(move |shares| (splits, shares))).collect()
}

fn path(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Adds an archive of several blocks: runs that follow each other, with violations of schemas, of rules, of rules over time and of downloads, blank lines, and lines that
/// are not exchanges.
fn archive(folder: &Path) {
    let read = |name: &str| -> Vec<Value> {
        let text = std::fs::read_to_string(name).unwrap_or_else(|error| panic!("{name}: {error}"));
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
    };
    let life = read("recordings/kept/life-of-a-workflow.ndjson");
    let download = read("recordings/broken/artifact.length-as-stated.ndjson");
    let templates: Vec<String> = life.iter().chain(&download).map(Value::to_string).collect();
    let ids: Vec<String> = [&life[0], &life[life.len() - 1], &download[0]]
        .iter()
        .filter_map(|exchange| exchange["response"]["body"]["id"].as_str().map(str::to_owned))
        .collect();
    let (mut text, mut number) = (String::new(), 0_usize);
    // The observations of one run are far from each other.
    const RUNS: usize = 97;
    while text.len() < 3_300_000 {
        let (template, run) = (&templates[number / RUNS % templates.len()], number % RUNS);
        let mut line = template.clone();
        for id in &ids {
            line = line.replace(id.as_str(), &format!("run_split{run:04}"));
        }
        if number % 53 == 7 {
            let mut exchange: Value = serde_json::from_str(&line).expect("JSON");
            if let Some(rank) = exchange.pointer_mut("/response/body/sampleRank") {
                *rank = json!(0.001 * (number % 900) as f64);
            }
            if let Some(body) = exchange.pointer_mut("/response/body").and_then(Value::as_object_mut).filter(|_| number % 3 == 0) {
                body.insert("undocumented".to_owned(), json!(number));
            }
            line = exchange.to_string();
        }
        if number % 5 == 0 && line.contains("/artifacts/") {
            line = line.replace("\"response\":{\"status\":200,\"headers\":[", "\"response\":{\"status\":200,\"headers\":[{\"name\":\"content-disposition\",\"value\":\"attachment; filename=other.txt\"},");
        }
        writeln!(text, "{line}").expect("text");
        match number % 1_009 {
            11 => text.push_str("\n  \n"),
            500 => text.push_str("{\"no JSON\n"),
            900 => text.push_str("{\"format\": \"charter-exchange/1\", \"unknown\": 1}\n"),
            _ => {}
        }
        number += 1;
    }
    std::fs::write(folder.join("b.ndjson"), text.trim_end()).expect("written");
    let mut compressed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    let half: String = text.lines().take(700).map(|line| format!("{line}\n")).collect();
    compressed.write_all(half.as_bytes()).expect("compressed");
    std::fs::write(folder.join("c.ndjson.gz"), compressed.finish().expect("compressed")).expect("written");
    // A document of several blocks, which cannot be divided.
    let document = json!({ "padding": "x".repeat(1_500_000), "more": ["y".repeat(1_000_000)] });
    std::fs::write(folder.join("a.json"), format!("{document:#}")).expect("written");
    std::fs::write(folder.join("d.txt"), "not a recording".repeat(100_000)).expect("written");
    std::fs::write(folder.join("notes.md"), "# Notes").expect("written");
    std::fs::create_dir(folder.join("empty")).expect("a folder");
    std::fs::write(folder.join("empty").join("x.txt"), "nothing").expect("written");
}

#[test]
fn splits_of_the_recordings_are_merged_to_a_single_run() {
    let arguments = ["recordings/kept", "no/such/file", "recordings/broken/*.har", "recordings/broken"].map(str::to_owned);
    let options = CheckOptions::default().with_examples(true);
    assert_equal(&judge(), &arguments, &options, &all_pairs());
}

#[test]
fn splits_of_an_archive_are_merged_to_a_single_run() {
    let folder = tempfile::tempdir().expect("a folder");
    archive(folder.path());
    let arguments = [path(folder.path()), path(&folder.path().join("empty")), path(&folder.path().join("b.ndjson"))];
    let judge = judge();
    let whole = assert_equal(&judge, &arguments, &CheckOptions::default(), &[(2, 3), (3, 1), (4, 2), (7, 1)]);
    assert!(whole.inputs.iter().any(|input| input.digest.as_ref().is_some_and(|digest| digest.starts_with("blake3:"))));
    // Of the findings of downloads, a rule replaces one, and no rule the other.
    for rule in ["run.sample-rank-never-changes", "artifact.length-as-stated", "artifact.name"] {
        assert!(whole.groups.iter().any(|group| group.rule.as_deref() == Some(rule)), "{rule}");
    }
    let all = CheckOptions::default().with_samples(None).with_jobs(3);
    assert_equal(&judge, &[path(&folder.path().join("b.ndjson"))], &all, &[(5, 2)]);
}

/// A file whose content is read by ranges, as that of a store.
struct Stored(String);

impl Ranges for Stored {
    fn read_range(&self, offset: u64, length: usize) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.0)?;
        file.seek(SeekFrom::Start(offset))?;
        let mut bytes = Vec::new();
        file.take(length as u64).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

fn stored(name: &str, size: u64) -> Source {
    Source::Object(Object::new(name.into(), size, Arc::new(Stored(name.to_owned()))))
}

#[test]
fn objects_of_a_listing_and_observations_by_share_are_merged_to_a_single_run() {
    const SPLITS: u32 = 5;
    const SHARES: u32 = 3;
    let folder = tempfile::tempdir().expect("a folder");
    archive(folder.path());
    let arguments = [path(folder.path()), "no/such/file".to_owned(), path(&folder.path().join("b.ndjson"))];
    let (judge, options) = (judge(), CheckOptions::default());
    let wanted = render_json(&check(&judge, &arguments, &options, &mut |_| ControlFlow::Continue(())));
    // As another machine gets it.
    let listing = serde_json::to_string(&SplitPlan::new(&arguments).listing()).expect("JSON");
    let plan = SplitPlan::of_listing(&serde_json::from_str::<Vec<_>>(&listing).expect("a listing"), stored);
    let (mut reports, mut by_share) = (Vec::new(), vec![Vec::new(); SHARES as usize]);
    for number in 1..=SPLITS {
        let judged = judge_split(&judge, &plan, part(number, SPLITS), &options, &mut |_| ControlFlow::Continue(())).expect("space");
        let JudgedSplit { report, observations, passing_error, .. } = judged;
        assert_eq!(passing_error, None);
        reports.push((format!("split {number}"), parsed(&report)));
        let written = tempfile::tempdir().expect("a folder");
        let name = |share: u32| written.path().join(share.to_string());
        observations.write_shares(SHARES, |share| File::create(name(share))).expect("written");
        for share in 1..=SHARES {
            by_share[share as usize - 1].push(std::fs::read(name(share)).expect("a file"));
        }
    }
    let open = |name: &str| plan.source(name).expect("an input");
    for (share, observations) in (1..).zip(&by_share) {
        let compared = over_time_of(&judge, files(observations), part(share, SHARES), &open).unwrap_or_else(|error| panic!("{error}"));
        assert!(compared.missing_sources.is_empty(), "{:?}", compared.missing_sources);
        reports.push((format!("share {share}"), parsed(&compared.report)));
    }
    let merged = render_json(&merge(reports).unwrap_or_else(|error| panic!("{error}")).report);
    let difference = wanted.lines().zip(merged.lines()).find(|(wanted, found)| wanted != found);
    assert!(merged == wanted, "{difference:?}");
}

#[test]
fn an_error_of_a_store_may_pass_and_a_missing_object_stays_missing() {
    /// A store that fails with this kind of error.
    struct Failing(io::ErrorKind);
    impl Ranges for Failing {
        fn read_range(&self, _: u64, _: usize) -> io::Result<Vec<u8>> {
            Err(self.0.into())
        }
    }
    let judge = judge();
    let passes = [(io::ErrorKind::ConnectionReset, true), (io::ErrorKind::NotFound, false), (io::ErrorKind::PermissionDenied, false)];
    for (name, (kind, may_pass)) in ["a.ndjson", "a.ndjson.gz", "a.har"].into_iter().flat_map(|name| passes.map(|pass| (name, pass))) {
        let object = Source::Object(Object::new(name.into(), 5 << 20, Arc::new(Failing(kind))));
        let plan = SplitPlan::of_sources(vec![object]);
        let judged = judge_split(&judge, &plan, part(1, 1), &CheckOptions::default(), &mut |_| ControlFlow::Continue(())).expect("space");
        assert_eq!(judged.passing_error.is_some(), may_pass, "{name}: {kind:?}");
        assert!(judged.report.inputs[0].error.is_some(), "{name}: {kind:?}");
    }
}

#[test]
fn missing_repeated_and_foreign_parts_are_refused() {
    let judge = judge();
    let arguments = ["recordings/kept".to_owned()];
    let options = CheckOptions::default();
    let (reports, observations) = splits(&judge, &arguments, 2, &options);
    let over = shares(&judge, &observations, 2);
    let refused = |parts: Vec<&(String, Report)>| merge(parts.into_iter().cloned().collect()).expect_err("refused");
    let text = |error: &MergeError| error.to_string();
    let cases = [
        (vec![&reports[0], &over[0], &over[1]], true, "1 of 2 splits missing: 2/2"),
        (vec![&over[0], &over[1]], true, "the reports of the splits are missing"),
        (vec![&reports[0], &reports[1]], true, "no report of these rules is given"),
        (vec![&reports[0], &reports[1], &over[1]], true, "1 of 2 shares of the rules over time missing: 1/2"),
        (vec![&reports[0], &reports[1], &reports[1], &over[0], &over[1]], false, "are both reports of split 2/2"),
        (vec![&reports[0], &reports[1], &over[0], &over[0], &over[1]], false, "are both reports of over-time share 1/2"),
    ];
    for (parts, is_incomplete, wanted) in cases {
        let error = refused(parts);
        assert!(text(&error).contains(wanted), "{error}");
        assert_eq!(error.is_incomplete(), is_incomplete, "{error}");
    }
    let (others, other_observations) = splits(&judge, &["recordings/broken".to_owned()], 2, &options);
    let error = refused(vec![&reports[0], &others[1], &over[0], &over[1]]);
    assert!(text(&error).contains("belong to different runs"), "{error}");
    let shown = |observations: &[Vec<u8>]| over_time(&judge, files(observations), part(1, 1)).expect_err("refused");
    let error = shown(&observations[..1]);
    assert!(error.is_incomplete() && error.to_string().contains("missing: 2/2"), "{error}");
    let error = shown(&[observations[0].clone(), observations[0].clone(), observations[1].clone()]);
    assert!(!error.is_incomplete() && error.to_string().contains("are both of split 1/2"), "{error}");
    let error = shown(&[observations[0].clone(), other_observations[1].clone()]);
    assert!(error.to_string().contains("belong to different runs"), "{error}");
    for bytes in [Vec::new(), b"something else".to_vec(), observations[0][..100].to_vec()] {
        let error = ObservationsFile::open("x", Cursor::new(bytes)).expect_err("refused");
        assert!(matches!(error, SplitError::Format { .. }), "{error}");
    }
    let (elsewhere, _) = splits(&judge, &arguments, 2, &CheckOptions::default().with_samples(Some(1)));
    let error = refused(vec![&reports[0], &elsewhere[1], &over[0], &over[1]]);
    assert!(matches!(error, MergeError::Settings { .. }), "{error}");
}
