//! The cost of `check` in the installed command, which has no compiled reader: bodies, recorded exchanges and HAR, of the Run contract and of other contracts.

use std::ops::ControlFlow;
use std::time::Instant;

use charter_contract_tests::{CheckOptions, Judge, check};
use charter_simulator::corpus;
use serde_json::{Value, json};

use crate::arguments::Arguments;
use crate::{clock, foreign, median, rungs};

/// The largest corpus of one input, in bytes.
const BYTES: usize = 40_000_000;

/// The cost of one input.
pub(crate) struct Installed {
    pub(crate) name: &'static str,
    pub(crate) exchanges: usize,
    /// All of `check` on one thread, relative to a syntax pass of the same bytes.
    pub(crate) ratio: f64,
    pub(crate) microseconds: f64,
    /// The share of the exchanges that were decided without the reference path.
    pub(crate) decided: f64,
    /// The speed if one exchange in a hundred has a violation, relative to the speed without.
    pub(crate) broken_speed: f64,
    /// The speed of two threads relative to one, in wall-clock time; `None` on a machine with one core.
    pub(crate) two_threads: Option<f64>,
}

/// The texts of exchanges without violations, and of others.
struct Input {
    name: &'static str,
    judge: Judge,
    extension: &'static str,
    /// The texts by the percentage of exchanges with a violation, 0 and 1.
    texts: [Vec<u8>; 2],
    exchanges: usize,
}

/// Measures every input.
pub(crate) fn measure(run: &Judge, arguments: &Arguments) -> std::io::Result<Vec<Installed>> {
    let size = BYTES.min(arguments.size);
    let lines = |broken: u8, change: fn(String) -> String| {
        take(size, corpus(arguments.seed).broken(broken).exchanges().map(|specimen| change(specimen.body)))
    };
    let of = |name, judge: &Judge, extension, texts: [(Vec<u8>, usize); 2]| {
        let [(kept, exchanges), (broken, _)] = texts;
        Input { name, judge: judge.clone(), extension, texts: [kept, broken], exchanges }
    };
    let bodies = |broken: u8| take(size, corpus(arguments.seed).broken(broken).map(|specimen| specimen.body));
    let (many, unions) = (foreign::many_operations(), foreign::unions());
    let inputs = [
        of("bodies, Run contract", run, ".ndjson", [bodies(0), bodies(1)]),
        of("recorded exchanges, Run contract", run, ".ndjson", [lines(0, |line| line), lines(1, |line| line)]),
        of("the same without times: no rules over time", run, ".ndjson", [lines(0, without_time), lines(1, without_time)]),
        of("HAR, Run contract", run, ".har", [har(lines(0, har_entry)), har(lines(1, har_entry))]),
        of(
            "recorded exchanges, 200 operations and 20 rules",
            &many,
            ".ndjson",
            [0, 1].map(|broken| take(size, foreign::exchanges_of_many(arguments.seed, broken))),
        ),
        of(
            "HAR, unions and rules over time",
            &unions,
            ".har",
            [0, 1].map(|broken| har(take(size, foreign::exchanges_of_unions(arguments.seed, broken).map(har_entry)))),
        ),
    ];
    inputs.iter().map(|input| one(input, arguments.rounds)).collect()
}

fn one(input: &Input, rounds: usize) -> std::io::Result<Installed> {
    let files = [0, 1].map(|at| -> std::io::Result<_> {
        let file = tempfile::Builder::new().suffix(input.extension).tempfile()?;
        std::fs::write(file.path(), &input.texts[at])?;
        Ok(file)
    });
    let [kept, broken] = files;
    let (kept, broken) = (kept?, broken?);
    let run = |file: &tempfile::NamedTempFile, jobs| {
        let options = CheckOptions::default().with_jobs(jobs);
        check(&input.judge, &[file.path().to_string_lossy().into_owned()], &options, &mut |_| ControlFlow::Continue(()))
    };
    let summary = run(&kept, 1);
    assert!(summary.is_kept(), "{}: the exchanges have violations", input.name);
    let cpu = |work: &dyn Fn()| {
        let start = clock::thread_nanoseconds();
        work();
        clock::thread_nanoseconds() - start
    };
    let wall = |jobs| {
        let start = Instant::now();
        std::hint::black_box(run(&kept, jobs));
        u64::try_from(start.elapsed().as_nanos()).unwrap_or(u64::MAX)
    };
    let has_two = std::thread::available_parallelism().map_or(1, usize::from) > 1;
    let mut times = [const { Vec::new() }; 5];
    for _ in 0..rounds {
        times[0].push(cpu(&|| {
            std::hint::black_box(rungs::syntax_of(&input.texts[0], input.extension == ".har"));
        }));
        times[1].push(cpu(&|| drop(std::hint::black_box(run(&kept, 1)))));
        times[2].push(cpu(&|| drop(std::hint::black_box(run(&broken, 1)))));
        if has_two {
            times[3].push(wall(1));
            times[4].push(wall(2));
        }
    }
    let two_threads = has_two.then(|| median(&mut times[3]) / median(&mut times[4]));
    let [syntax, check, with_violations, ..] = &mut times;
    let speed = |at: usize, times: &mut [u64]| input.texts[at].len() as f64 / median(times);
    let broken_speed = speed(1, with_violations) / speed(0, check);
    Ok(Installed {
        name: input.name,
        exchanges: input.exchanges,
        ratio: median(check) / median(syntax),
        microseconds: median(check) / 1e3 / input.exchanges as f64,
        decided: summary.reader.decided as f64 / input.exchanges as f64,
        broken_speed,
        two_threads,
    })
}

/// Lines of at least so many bytes, and their number.
fn take(size: usize, lines: impl Iterator<Item = String>) -> (Vec<u8>, usize) {
    let (mut text, mut count) = (Vec::with_capacity(size + 16_384), 0);
    for line in lines {
        if text.len() >= size {
            break;
        }
        text.extend_from_slice(line.as_bytes());
        text.push(b'\n');
        count += 1;
    }
    (text, count)
}

/// A HAR of entries on lines.
fn har((lines, count): (Vec<u8>, usize)) -> (Vec<u8>, usize) {
    let mut text = br#"{"log":{"version":"1.2","creator":{"name":"t","version":"1"},"entries":["#.to_vec();
    for (at, line) in lines.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).enumerate() {
        text.extend_from_slice(if at == 0 { b"" } else { b"," });
        text.extend_from_slice(line);
    }
    text.extend_from_slice(b"]}}");
    (text, count)
}

/// The line of an exchange as an entry of a HAR, with the members that browsers write.
fn har_entry(line: String) -> String {
    let exchange: Value = serde_json::from_str(&line).unwrap_or_default();
    let (request, response) = (&exchange["request"], &exchange["response"]);
    let url = format!("https://api.example.com{}", request["url"].as_str().unwrap_or_default());
    json!({
        "startedDateTime": exchange["startedDateTime"], "time": exchange["time"],
        "request": {"method": request["method"], "url": url, "httpVersion": "HTTP/1.1", "cookies": [], "headers": request["headers"],
            "queryString": [], "headersSize": -1, "bodySize": 0},
        "response": {"status": response["status"], "statusText": "OK", "httpVersion": "HTTP/1.1", "cookies": [], "headers": response["headers"],
            "content": {"size": 1, "mimeType": "application/json", "text": response["body"].to_string()}, "redirectURL": "", "headersSize": -1,
            "bodySize": -1},
        "cache": {}, "timings": {"send": 0, "wait": 20, "receive": 0},
    })
    .to_string()
}

/// The line of an exchange without its time.
fn without_time(line: String) -> String {
    let (Some(from), Some(to)) = (line.find("\"startedDateTime\":"), line.find("\"request\":")) else { return line };
    if from < to { format!("{}{}", &line[..from], &line[to..]) } else { line }
}
