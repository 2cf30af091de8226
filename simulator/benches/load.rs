//! The probe against the simulator on loopback, compared with `wrk` and with a client that ignores the responses: requests per second,
//! their ratios, CPU time and peak memory of each process.
//!
//! `cargo bench -p charter-simulator --bench load -- 20000` sets the number of runs. The server and each client are separate processes.
//! The clients take turns over several rounds; the median is printed. `wrk` is optional and runs for as long as the probe.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use charter_engine::{CheckOptions, Judge};
use charter_probe::{Plan, Subjects, probe_with};
use charter_simulator::{Simulator, SimulatorOptions};
use charter_traffic::mask::Secret;

/// The role of a child process.
const ROLE: &str = "CHARTER_BENCH_LOAD";
const CONCURRENCY: usize = 16;
const ROUNDS: usize = 3;
const KEY: &str = "sk_live_of_the_bench";

fn main() {
    if let Ok(part) = std::env::var(ROLE) {
        let words: Vec<&str> = part.splitn(4, ' ').collect();
        return match words[..] {
            ["server", count] => serve(number(count)),
            ["plain", count, url, ids] => measured(|| plain(url, &read_ids(ids, number(count)))),
            ["probe", count, url, ids] => measured(|| judged(url, read_ids(ids, number(count)))),
            _ => panic!("unknown role: {part}"),
        };
    }
    let count = std::env::args().skip(1).find_map(|argument| argument.parse::<usize>().ok()).unwrap_or(20_000);
    compare(count.max(10));
}

fn number(text: &str) -> usize {
    text.parse().expect("a number")
}

/// This program as a child process with a role.
fn child(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this program"));
    command.env(ROLE, part).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// The cost of a client.
#[derive(Clone, Copy, Debug)]
struct Took {
    requests_a_second: f64,
    processor_us: f64,
    peak_mb: f64,
}

fn compare(count: usize) {
    let folder = tempfile::tempdir().expect("a folder");
    let mut server = child(&format!("server {count}")).spawn().expect("a server");
    let mut lines = BufReader::new(server.stdout.take().expect("its output")).lines();
    let url = lines.next().and_then(Result::ok).expect("where it listens");
    let ids: Vec<String> = lines.take(count).map(|id| id.expect("an id")).collect();
    let file = folder.path().join("ids.txt");
    std::fs::write(&file, ids.join("\n")).expect("a file");
    let file = file.to_str().expect("UTF-8");
    let at_rest = peak_mb(server.id());
    let client = |part: &str, count: usize| {
        let ran = child(&format!("{part} {count} {url} {file}")).output().expect("a client");
        assert!(ran.status.success(), "{part}: {}", String::from_utf8_lossy(&ran.stderr));
        let output = String::from_utf8(ran.stdout).expect("text");
        let numbers: Vec<f64> = output.split_whitespace().map(|number| number.parse().expect("a number")).collect();
        Took { requests_a_second: count as f64 / numbers[0], processor_us: numbers[1] / count as f64 * 1e6, peak_mb: numbers[2] }
    };
    let few = client("probe", count / 10);
    let (mut probed, mut plain, mut loaded) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        probed.push(client("probe", count));
        let seconds = (count as f64 / probed[probed.len() - 1].requests_a_second).ceil().clamp(2.0, 30.0);
        plain.push(client("plain", count));
        loaded.extend(wrk(&url, file, folder.path(), seconds as u64));
    }
    println!("{count} runs on a simulator, {CONCURRENCY} requests at once, {ROUNDS} rounds, medians");
    println!("{:<28} {:>12} {:>10} {:>14} {:>9}", "", "requests/s", "of wrk", "CPU us/request", "peak MB");
    let wrk = median(&loaded, |rate| *rate);
    let row = |name: &str, took: &[Took]| {
        let rate = median(took, |took| took.requests_a_second).unwrap_or_default();
        let of_wrk = wrk.map_or_else(|| "-".to_owned(), |wrk| format!("{:.2}", rate / wrk));
        let (processor, peak) = (median(took, |took| took.processor_us), median(took, |took| took.peak_mb));
        println!("{name:<28} {rate:>12.0} {of_wrk:>10} {:>14.0} {:>9.1}", processor.unwrap_or_default(), peak.unwrap_or_default());
    };
    match wrk {
        Some(wrk) => println!("{:<28} {wrk:>12.0} {:>10}", "wrk", "1.00"),
        None => println!("{:<28} not installed, not run", "wrk"),
    }
    row("a client that ignores the responses", &plain);
    row("probe", &probed);
    row(&format!("probe, {} runs", count / 10), &[few]);
    println!("{:<28} {:>48.1}", "simulator, at rest", at_rest);
    println!("{:<28} {:>48.1}", "simulator, after all", peak_mb(server.id()));
    drop(server.stdin.take());
    assert!(server.wait().expect("the server").success());
}

fn median<T>(of: &[T], figure: impl Fn(&T) -> f64) -> Option<f64> {
    let mut figures: Vec<f64> = of.iter().map(figure).collect();
    figures.sort_by(f64::total_cmp);
    figures.get(figures.len() / 2).copied()
}

/// The requests per second of `wrk`; `None` if it is not installed.
fn wrk(url: &str, ids: &str, folder: &Path, seconds: u64) -> Option<f64> {
    let script = folder.join("ids.lua");
    // Each thread starts at another id, and cycles through all ids.
    let text = format!(
        r#"local ids, threads = {{}}, 0
for line in io.lines("{ids}") do ids[#ids + 1] = line end
function setup(thread) thread:set("at", threads * math.floor(#ids / 2)); threads = threads + 1 end
function request()
  at = at % #ids + 1
  return wrk.format("GET", "/api/v1/runs/" .. ids[at], {{["authorization"] = "Bearer {KEY}", ["accept"] = "application/json"}})
end
"#
    );
    std::fs::write(&script, text).expect("a script");
    let mut command = Command::new("wrk");
    command.args(["-t2", &format!("-c{CONCURRENCY}"), &format!("-d{seconds}s"), "-s"]).arg(&script).arg(url);
    let ran = command.output().ok()?;
    let output = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success() && !output.contains("Non-2xx"), "{output}{}", String::from_utf8_lossy(&ran.stderr));
    output.lines().find_map(|line| line.strip_prefix("Requests/sec:")?.trim().parse().ok())
}

/// Runs the server until its standard input is closed.
fn serve(count: usize) {
    let options = SimulatorOptions { runs: count, speed: 1e-3, key: KEY.to_owned(), ..SimulatorOptions::default() };
    let simulator = Simulator::start(options).expect("a simulator");
    let mut output = format!("{}\n", simulator.base_url());
    for id in simulator.seeded_runs() {
        let _ = writeln!(output, "{id}");
    }
    print!("{output}");
    std::io::stdin().read_to_end(&mut Vec::new()).expect("the end of the input");
}

fn read_ids(file: &str, count: usize) -> Vec<String> {
    std::fs::read_to_string(file).expect("the ids").lines().take(count).map(str::to_owned).collect()
}

/// Prints the cost of a client: seconds, CPU seconds, megabytes.
fn measured(client: impl FnOnce() -> Duration) {
    let took = client();
    println!("{} {} {}", took.as_secs_f64(), processor_seconds(), peak_mb(std::process::id()));
}

fn judged(url: &str, ids: Vec<String>) -> Duration {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let count = ids.len() as u64;
    let mut plan = Plan::new(url, Subjects::Ids(ids));
    plan.key = Some(Secret::new(KEY).expect("a key"));
    plan.sending.concurrency = CONCURRENCY;
    let options = CheckOptions::default().with_jobs(std::thread::available_parallelism().map_or(1, usize::from));
    let began = Instant::now();
    let report = probe_with(&judge, &plan, &options, &mut |_| std::ops::ControlFlow::Continue(())).expect("a report");
    let took = began.elapsed();
    assert!(report.is_kept() && report.summary.kept == count, "{:?} {:?}", report.summary, report.groups.first());
    took
}

/// Requests every run and ignores the bodies.
fn plain(url: &str, ids: &[String]) -> Duration {
    let began = Instant::now();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let (next, ids) = (Arc::new(AtomicUsize::new(0)), Arc::new(ids.to_vec()));
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..CONCURRENCY {
            let (client, next, ids, url) = (client.clone(), next.clone(), ids.clone(), url.to_owned());
            tasks.spawn(async move {
                while let Some(id) = ids.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let response = client.get(format!("{url}/api/v1/runs/{id}")).bearer_auth(KEY).send().await.expect("a response");
                    assert!(response.status().is_success(), "{}", response.status());
                    response.bytes().await.expect("a body");
                }
            });
        }
        tasks.join_all().await;
    });
    began.elapsed()
}

/// The peak memory of a process; NaN if the system does not report it.
fn peak_mb(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")?.trim().strip_suffix(" kB")?.parse::<f64>().ok());
    peak.unwrap_or(f64::NAN) / 1e3
}

/// The CPU seconds of this process, in ticks of 10 ms; NaN if the system does not report them.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks = |at: usize| fields.get(at).and_then(|field| field.parse::<f64>().ok()).unwrap_or(f64::NAN);
    (ticks(11) + ticks(12)) / 100.0
}
