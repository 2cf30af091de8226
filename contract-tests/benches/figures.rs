//! The cost of checking: MB/s, the ratio to parsing alone in the same run, and peak memory on a small and a large archive.
//!
//! `cargo bench -p charter-contract-tests` prints the table. Each round measures every variant once, in turn, so that a change of
//! the machine's speed affects all of them; the table shows the median of the rounds.

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use charter_contract_tests::read::{Limits, Source, read};
use charter_contract_tests::{CheckOptions, Judge, Judgeable, check};
use charter_simulator::corpus;
use serde_json::Value;

const MEGABYTE: usize = 1_000_000;
const ROUNDS: usize = 7;
/// The archive that a child process checks, so that its memory can be measured.
const PEAK: &str = "CHARTER_BENCH_PEAK";

fn main() {
    if let Ok(path) = std::env::var(PEAK) {
        return judge_for_its_memory(&path);
    }
    let archive = archive(10 * MEGABYTE);
    speed(&archive);
    memory();
}

fn judge() -> Judge {
    Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"))
}

/// Lines of recordings of valid runs, of at least so many bytes.
fn archive(bytes: usize) -> Vec<u8> {
    let mut lines = corpus(20_260_101).exchanges().map(|specimen| specimen.body);
    let mut archive = Vec::with_capacity(bytes + 8_192);
    while archive.len() < bytes {
        archive.extend(lines.next().unwrap_or_default().bytes());
        archive.push(b'\n');
    }
    archive
}

fn speed(archive: &[u8]) {
    let judge = judge();
    let source = Source::Bytes { name: "<archive>".into(), bytes: Arc::from(archive) };
    let lines: Vec<&[u8]> = archive.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    let parse = || lines.iter().filter(|line| serde_json::from_slice::<Value>(line).is_ok()).count();
    let read_only = || {
        let mut count = 0;
        let result = read(&source, &Limits::default(), &mut |entry| {
            count += usize::from(entry.is_ok());
            ControlFlow::Continue(())
        });
        assert!(result.is_ok());
        count
    };
    let whole = || {
        let report = source.report(&judge);
        assert!(report.is_kept(), "the archive keeps the contract");
        report.summary.kept as usize
    };
    let variants: [(&str, &dyn Fn() -> usize); 3] =
        [("parse into serde_json::Value", &parse), ("read exchanges", &read_only), ("read, validate, judge all rules", &whole)];
    let mut times: Vec<Vec<Duration>> = vec![Vec::new(); variants.len()];
    for _ in 0..ROUNDS {
        for (variant, times) in variants.iter().zip(&mut times) {
            let start = Instant::now();
            assert_eq!(variant.1(), lines.len());
            times.push(start.elapsed());
        }
    }
    let medians: Vec<f64> = times.iter_mut().map(|times| median(times)).collect();
    println!("{} exchanges, {:.1} MB, one thread, median of {ROUNDS} rounds", lines.len(), archive.len() as f64 / 1e6);
    println!("{:<34} {:>9} {:>10} {:>16}", "", "MB/s", "us/run", "times parsing");
    for ((name, _), seconds) in variants.iter().zip(&medians) {
        let (speed, each) = (archive.len() as f64 / 1e6 / seconds, seconds * 1e6 / lines.len() as f64);
        println!("{name:<34} {speed:>9.1} {each:>10.1} {:>16.2}", seconds / medians[0]);
    }
}

fn median(times: &mut [Duration]) -> f64 {
    times.sort();
    times[times.len() / 2].as_secs_f64()
}

fn memory() {
    println!();
    for size in [10, 500] {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let mut lines = corpus(size as u64).exchanges().map(|specimen| specimen.body);
        let mut writer = BufWriter::new(file.as_file());
        let mut written = 0;
        while written < size * MEGABYTE {
            let line = lines.next().unwrap_or_default();
            written += line.len() + 1;
            writeln!(writer, "{line}").expect("a line");
        }
        writer.flush().expect("the archive");
        let child = Command::new(std::env::current_exe().expect("this program")).env(PEAK, file.path()).output().expect("a child");
        print!("{size:>4} MB: {}", String::from_utf8_lossy(&child.stdout));
    }
}

fn judge_for_its_memory(path: &str) {
    let report = check(&judge(), &[path.to_owned()], &CheckOptions::default(), &mut |_| ControlFlow::Continue(()));
    assert!(report.is_kept());
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    match status.lines().find_map(|line| line.strip_prefix("VmHWM:")) {
        Some(peak) => println!("{} exchanges judged, peak memory {}", report.summary.kept, peak.trim()),
        None => println!("{} exchanges judged, peak memory not measured here", report.summary.kept),
    }
}
