//! `check` on files with one to a million observations, including rules over time.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::ops::ControlFlow;

use charter_contract_tests::{CheckOptions, Judge, check};
use charter_generated::reader::COMPILED;
use charter_simulator::corpus;
use serde_json::Value;

use crate::clock;
use crate::table::{Table, median};

/// A kind of file.
struct Kind {
    /// The value of `--only`.
    name: &'static str,
    title: &'static str,
    write: fn(&mut dyn Write, usize) -> io::Result<()>,
}

const KINDS: [Kind; 4] = [
    Kind { name: "bodies", title: "Bodies, one per line, which the compiled reader decides.", write: bodies },
    Kind { name: "exchanges", title: "Exchanges with times. Some runs occur again and are compared over time.", write: exchanges },
    Kind {
        name: "polled",
        title: "Exchanges of one run, one per second. Each is compared with the previous one.",
        write: |out, number| one(out, number, 1_000),
    },
    Kind {
        name: "at-once",
        title: "Exchanges of one run that all start at the same instant, so that they have no order.",
        write: |out, number| one(out, number, 0),
    },
];

/// A table for each kind of file, or for one kind, up to `most` observations.
pub(crate) fn measure(most: usize, only: Option<&str>, rounds: usize) -> Vec<Table> {
    let numbers: Vec<usize> = (0..=6).map(|power| 10_usize.pow(power)).filter(|number| *number <= most).collect();
    if numbers.is_empty() {
        return Vec::new();
    }
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}")).with_reader(&COMPILED);
    let table = |kind: &Kind| {
        let rows = numbers.iter().map(|number| (*number, vec![microseconds(&judge, kind, *number, rounds)])).collect();
        Table { title: kind.title.to_owned(), of: "observations", columns: vec!["µs each"], rows }
    };
    KINDS.iter().filter(|kind| only.is_none_or(|only| kind.name == only)).map(table).collect()
}

/// The cost of one observation in a file with this number of observations.
fn microseconds(judge: &Judge, kind: &Kind, number: usize, rounds: usize) -> f64 {
    let file = tempfile::Builder::new().suffix(".ndjson").tempfile().unwrap_or_else(|error| panic!("{error}"));
    let mut out = BufWriter::new(File::create(file.path()).unwrap_or_else(|error| panic!("{error}")));
    (kind.write)(&mut out, number).and_then(|()| out.flush()).unwrap_or_else(|error| panic!("{error}"));
    let options = CheckOptions::default().with_jobs(1);
    let name = file.path().to_string_lossy().into_owned();
    // Repeat short measurements.
    let times = (300 / number).max(1);
    let costs = (0..rounds).map(|_| {
        let start = clock::own_nanoseconds();
        for _ in 0..times {
            let report = check(judge, std::slice::from_ref(&name), &options, &mut |_| ControlFlow::Continue(()));
            assert_eq!(report.summary.kept, number as u64, "{}", kind.title);
        }
        (clock::own_nanoseconds() - start) as f64 / (times * number) as f64 / 1e3
    });
    median(costs.collect())
}

fn bodies(out: &mut dyn Write, number: usize) -> io::Result<()> {
    corpus(1).take(number).try_for_each(|specimen| writeln!(out, "{}", specimen.body))
}

fn exchanges(out: &mut dyn Write, number: usize) -> io::Result<()> {
    corpus(1).exchanges().take(number).try_for_each(|specimen| writeln!(out, "{}", specimen.body))
}

/// Observations of one unfinished run, at this interval.
fn one(out: &mut dyn Write, number: usize, milliseconds: usize) -> io::Result<()> {
    let parsed = corpus(1).exchanges().filter_map(|specimen| serde_json::from_str::<Value>(&specimen.body).ok());
    let mut in_flight = parsed.filter(|exchange| exchange["response"]["body"]["finished"] == false);
    let Some(exchange) = in_flight.next() else { return Err(io::Error::other("no run is unfinished")) };
    let started: jiff::Timestamp = exchange["startedDateTime"].as_str().unwrap_or_default().parse().map_err(io::Error::other)?;
    let text = exchange.to_string();
    let Some((before, after)) = text.split_once(&format!("\"{started}\"")) else { return Err(io::Error::other("no instant")) };
    for index in 0..number {
        let at = jiff::Timestamp::from_millisecond(started.as_millisecond() + (index * milliseconds) as i64).map_err(io::Error::other)?;
        writeln!(out, "{before}\"{at}\"{after}")?;
    }
    Ok(())
}
