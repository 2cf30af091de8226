//! Many probes of one server on loopback, beside a client that asks the same and looks at nothing: requests in a second, their
//! ratio, and the most memory the process has had.
//!
//! `cargo bench -p charter-probe -- 20000` says how many.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use charter_contract_tests::mask::Secret;
use charter_contract_tests::{CheckOptions, Judge};
use charter_probe::{Plan, Subjects, probe_with};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const BODY: &str = include_str!("../../contract-tests/recordings/kept/bare-body.json");
const CONCURRENCY: usize = 16;

fn main() {
    let count = std::env::args().skip(1).find_map(|argument| argument.parse::<usize>().ok()).unwrap_or(20_000);
    let mut body: serde_json::Value = serde_json::from_str(BODY).expect("JSON");
    let run = body.as_object_mut().expect("a run");
    let sections: Vec<String> = ["input", "usage", "debug"].map(str::to_owned).to_vec();
    run.retain(|key, _| !sections.contains(key));
    run["execution"].as_object_mut().expect("an execution").retain(|key, _| key != "steps" && key != "definitionSnapshot");
    run.insert("id".to_owned(), "run_ID".into());
    let body = body.to_string();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    runtime.spawn(serve(listener, body.into()));

    let began = Instant::now();
    plain(&base, count);
    let plain = count as f64 / began.elapsed().as_secs_f64();
    let before = peak();

    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let mut plan = Plan::new(base, Subjects::Ids((0..count).map(|number| format!("run_{number}")).collect()));
    plan.key = Some(Secret::new("sk_live_of_the_bench").expect("a key"));
    plan.sending.concurrency = CONCURRENCY;
    let options = CheckOptions { jobs: std::thread::available_parallelism().map_or(1, usize::from), ..CheckOptions::default() };
    let began = Instant::now();
    let report = probe_with(&judge, &plan, &options, &mut |_| std::ops::ControlFlow::Continue(())).expect("a report");
    let probed = count as f64 / began.elapsed().as_secs_f64();
    assert!(report.is_kept() && report.summary.kept == count as u64, "{:?}", report.summary);
    println!("{count} requests, {CONCURRENCY} at once");
    println!("plain client  {plain:>8.0} a second");
    println!("probe         {probed:>8.0} a second, {:.2} of it; peak memory {before} before, {} after", probed / plain, peak());
}

/// Asks and looks at nothing.
fn plain(base: &str, count: usize) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime");
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let next = Arc::new(AtomicUsize::new(0));
    runtime.block_on(async {
        let mut tasks = tokio::task::JoinSet::new();
        for _ in 0..CONCURRENCY {
            let (client, next, base) = (client.clone(), next.clone(), base.to_owned());
            tasks.spawn(async move {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= count {
                        return;
                    }
                    let answer = client.get(format!("{base}/api/v1/runs/run_{number}")).send().await.expect("an answer");
                    answer.bytes().await.expect("a body");
                }
            });
        }
        while tasks.join_next().await.is_some() {}
    });
}

async fn serve(listener: TcpListener, body: Arc<str>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(answer(stream, body.clone()));
    }
}

/// Answers every request on a connection with the run that it asks for.
async fn answer(mut stream: TcpStream, body: Arc<str>) {
    let _ = stream.set_nodelay(true);
    let mut head = Vec::new();
    loop {
        let mut buffer = [0; 4096];
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => return,
            Ok(read) => head.extend_from_slice(&buffer[..read]),
        }
        if !head.ends_with(b"\r\n\r\n") {
            continue;
        }
        let target = head.split(|byte| *byte == b' ').nth(1).unwrap_or_default();
        let id = String::from_utf8_lossy(target.rsplit(|byte| *byte == b'/').next().unwrap_or_default()).into_owned();
        let body = body.replace("run_ID", &id);
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}", body.len());
        if stream.write_all(answer.as_bytes()).await.is_err() {
            return;
        }
        head.clear();
    }
}

/// The most memory that the process has had, where the system says.
fn peak() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<u64>().ok());
    kilobytes.map_or_else(|| "unknown".to_owned(), |kilobytes| format!("{} MB", kilobytes / 1_000))
}
