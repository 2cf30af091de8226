//! The report depends neither on the number of threads nor on the fast path. A cancelled check reports a prefix without gaps.

use std::collections::BTreeSet;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use charter_contract_tests::read::Limits;
use charter_contract_tests::report::{Report, render_json};
use charter_contract_tests::{CheckOptions, Judge, check};
use charter_generated::reader::COMPILED;
use charter_simulator::corpus;
use flate2::Compression;
use flate2::write::GzEncoder;

/// With a compiled reader and programs, with programs alone, and on the reference path alone.
fn judges() -> [Judge; 3] {
    let programs = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let compiled = programs.clone().with_reader(&COMPILED);
    let reference = programs.clone().without_fast_path("the reference path");
    let reader = |judge: &Judge| report(judge, &["recordings/kept/bare-body.json".to_owned()], 1).reader;
    for judge in [&compiled, &programs] {
        assert_eq!((reader(judge).compiled, reader(judge).decided), (true, 1));
    }
    assert_eq!((reader(&reference).compiled, reader(&reference).decided), (false, 0));
    [compiled, programs, reference]
}

fn report(judge: &Judge, paths: &[String], jobs: usize) -> Report {
    // One line of the input is longer.
    let limits = Limits { max_body: 200_000, ..Limits::default() };
    check(judge, paths, &CheckOptions::default().with_samples(None).with_jobs(jobs).with_limits(limits), &mut |_| ControlFlow::Continue(()))
}

/// The report without the members about the reader.
fn json(mut report: Report) -> String {
    (report.reader.compiled, report.reader.reason, report.reader.decided) = (true, None, 0);
    render_json(&report)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path = folder.join(name);
    std::fs::write(&path, bytes).expect("written");
    path.to_string_lossy().into_owned()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

/// Several blocks of bodies: some invalid, some truncated, some not JSON, one too long.
fn bodies() -> Vec<u8> {
    let mut bytes = b"\xef\xbb\xbf\n".to_vec();
    for (number, specimen) in corpus(3).broken(3).take(260).enumerate() {
        let body = specimen.body.as_bytes();
        match number {
            50 => bytes.extend_from_slice(&body[..body.len() / 2]),
            90 => bytes.extend_from_slice(b" \t\r\n\n{\"a\": 1, \"a\": 2}\r"),
            130 => bytes.extend_from_slice(format!("{{\"long\": \"{}\"}}", "x".repeat(300_000)).as_bytes()),
            170 => bytes.extend_from_slice(b"\xff\xfe"),
            _ => bytes.extend_from_slice(body),
        }
        bytes.push(b'\n');
    }
    bytes.extend_from_slice(b"{\"without\": \"an end\"}");
    bytes
}

fn exchanges() -> Vec<u8> {
    corpus(5).broken(5).exchanges().take(120).flat_map(|specimen| format!("{}\n", specimen.body).into_bytes()).collect()
}

#[test]
fn reports_depend_on_neither_threads_nor_reader() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, bytes: &[u8]| write(folder.path(), name, bytes);
    let har = std::fs::read("recordings/kept/browser.har").expect("a recording");
    let (bodies, exchanges) = (bodies(), exchanges());
    assert!(bodies.len() > 3 * (128 << 10), "{} bytes are too few blocks", bodies.len());
    let paths = [
        write("a.ndjson", &bodies),
        write("b.ndjson.gz", &gzip(&bodies)),
        write("c.ndjson", &exchanges),
        write("d.har", &har),
        write("e.har.gz", &gzip(&har)),
        // A truncated stream is reported, and the part before it is checked.
        write("f.ndjson.gz", &gzip(&exchanges)[..2_000]),
        write("g.json", b"{\"id\":\n 1}"),
        write("h.ndjson", b"{}\n[]\n\n{}\n"),
    ];
    let judges = judges();
    let one = report(&judges[0], &paths, 1);
    assert!(one.reader.decided > 300, "{:?}", one.reader);
    let errors: Vec<_> = one.inputs.iter().filter(|input| input.error.is_some()).map(|input| input.source.as_str()).collect();
    assert_eq!(errors, [&paths[5]], "only the truncated stream ends early");
    assert!(one.groups.len() > 10 && one.timeline_count > 0, "{} groups", one.groups.len());
    let one = json(one);
    for (judge, jobs) in judges.iter().flat_map(|judge| [1, 2, 8].map(|jobs| (judge, jobs))) {
        let other = json(report(judge, &paths, jobs));
        let differs = one.lines().zip(other.lines()).find(|(one, other)| one != other);
        assert!(one == other, "{jobs} threads, compiled: {}: {differs:?}", std::ptr::eq(judge, &judges[0]));
    }
}

/// Every line has a finding with its index.
#[test]
fn a_cancelled_check_reports_a_prefix_without_gaps() {
    const LINES: u64 = 6_000;
    // More lines than are read before the first progress.
    let folder = tempfile::tempdir().expect("a folder");
    let text = (0..LINES).map(|line| if line < 2 { "{}\n".to_owned() } else { format!("{line:02000}x\n") }).collect::<String>();
    let path = write(folder.path(), "lines.ndjson", text.as_bytes());
    let [compiled, ..] = judges();
    for (jobs, calls) in [(1, 1), (1, 4), (2, 1), (2, 4), (8, 5)] {
        let mut called = 0;
        let mut reported = 0;
        let mut progress = |progress: &charter_contract_tests::Progress| {
            called += 1;
            assert!(progress.exchanges >= reported, "progress goes back");
            reported = progress.exchanges;
            if called >= calls { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let options = CheckOptions::default().with_samples(None).with_jobs(jobs);
        let report = check(&compiled, std::slice::from_ref(&path), &options, &mut progress);
        assert!(!report.complete && report.inputs[0].digest.is_none(), "{jobs} threads");
        assert!(report.summary.exchanges < LINES, "{jobs} threads: the check was not cancelled");
        assert_eq!(report.summary.exchanges, reported, "{jobs} threads: progress and report differ");
        let samples = report.groups.iter().flat_map(|group| &group.samples);
        let lines: BTreeSet<u64> = samples.map(|sample| sample.exchange.index as u64).collect();
        assert!(lines.into_iter().eq(0..report.summary.exchanges), "{jobs} threads: there are gaps");
    }
}
