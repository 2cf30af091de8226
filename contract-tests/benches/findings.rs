//! The memory cost of findings: peak memory of a check of archives with ten thousand, a hundred thousand and a million violations, with
//! five samples per group and with all samples, and the additional memory of each report.
//!
//! `cargo bench -p charter-contract-tests --bench findings` prints the table. Each figure is measured in a separate process.

use std::io::{BufWriter, Write};
use std::ops::ControlFlow;
use std::process::Command;

use charter_contract_tests::report::{TextOptions, render_html, render_json, render_text};
use charter_contract_tests::{CheckOptions, Judge, check};

/// The archive, the samples and the format of a child process.
const CHILD: &str = "CHARTER_BENCH_FINDINGS";
/// The findings in one body of the archive: the missing required keys of a run, and one undocumented key.
const EACH: u64 = 9;

fn main() {
    if let Ok(told) = std::env::var(CHILD) {
        return measure(&told);
    }
    println!("{:>10} {:>8} {:>6} {:>10} {:>10} {:>12}", "findings", "samples", "report", "peak MB", "shown", "report MB");
    for findings in [10_000, 100_000, 1_000_000] {
        let file = tempfile::NamedTempFile::with_suffix(".ndjson").expect("a file");
        let mut writer = BufWriter::new(file.as_file());
        for index in 0..findings / EACH {
            writeln!(writer, "{{\"undocumented{index}\": {index}}}").expect("a line");
        }
        writer.flush().expect("the archive");
        for samples in ["5", "all"] {
            for format in ["none", "text", "json", "html"] {
                let job = format!("{samples} {format} {}", file.path().display());
                let child = Command::new(std::env::current_exe().expect("this program")).env(CHILD, job).output().expect("a child");
                print!("{findings:>10} {samples:>8} {format:>6} {}", String::from_utf8_lossy(&child.stdout));
                assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
            }
        }
    }
}

fn measure(told: &str) {
    let mut words = told.splitn(3, ' ');
    let mut next = || words.next().expect("a word");
    let (samples, format, path) = (next().parse().ok(), next(), next());
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let report = check(&judge, &[path.to_owned()], &CheckOptions::default().with_samples(samples), &mut |_| ControlFlow::Continue(()));
    let text = match format {
        "text" => render_text(&report, TextOptions::default()),
        "json" => render_json(&report),
        "html" => render_html(&report),
        _ => String::new(),
    };
    assert_eq!(report.summary.errors, report.summary.exchanges * EACH, "every finding is counted");
    let shown: u64 = report.groups.iter().map(|group| group.shown).sum();
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    let peak = peak.map_or_else(|| "unknown".to_owned(), |peak| (peak / 1_000).to_string());
    println!("{peak:>10} {shown:>10} {:>12.1}", text.len() as f64 / 1e6);
}
