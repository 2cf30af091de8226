//! The generated client drives the simulator: the calls that `simulator/tests/client/drive.py` makes with the publisher's Python client.
//! Every exchange is judged with the contract.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use charter_client::{Error, Exchange, Multipart, Observer, Retry};
use charter_engine::Judge;
use charter_generated::client::{
    Client, RunsArtifactsGetError, RunsGetError, RunsGetOptions, RunsListError, RunsListOptions, RunsStartError, RunsStartOptions,
    RunsStartSuccess,
};
use charter_generated::{Run, RunStart};
use charter_simulator::{Simulator, SimulatorOptions};
use charter_traffic::exchange::{Body, Headers, Message, Origin, Request, Response};
use futures_util::StreamExt as _;
use serde::Serialize;
use serde_json::{Value, json};

/// Judges each exchange of a client.
#[derive(Debug)]
struct Judging {
    judge: Judge,
    seen: Arc<Mutex<Seen>>,
}

#[derive(Debug, Default)]
struct Seen {
    count: usize,
    operations: BTreeSet<String>,
    findings: Vec<String>,
}

impl Observer for Judging {
    fn observe(&self, exchange: &Exchange) {
        let headers = |fields: &charter_client::reqwest::header::HeaderMap| Headers {
            fields: fields.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect(),
            complete: true,
        };
        let (request, mut recorded) = (&exchange.request, charter_traffic::Exchange::new(Origin::default()));
        let body = Body::from_bytes(request.body.clone().unwrap_or_default());
        let message = Message { headers: headers(&request.headers), body };
        recorded.request = Some(Request::new(request.method.as_str(), request.url.as_str(), message));
        recorded.response = exchange.response.as_ref().filter(|response| response.complete).map(|response| {
            let message = Message { headers: headers(&response.headers), body: Body::from_bytes(response.body.clone()) };
            Response::new(response.status.as_u16(), message)
        });
        let judgement = self.judge.judge(&recorded);
        let mut seen = self.seen.lock().expect("the findings");
        seen.count += 1;
        seen.operations.extend(judgement.operation);
        seen.findings.extend(judgement.findings.iter().map(|finding| format!("{} {}: {}", request.method, request.url, finding.message)));
    }
}

fn simulator(options: SimulatorOptions) -> Simulator {
    Simulator::start(options).expect("a simulator")
}

fn client(simulator: &Simulator) -> Client {
    Client::new(simulator.base_url()).expect("a base URL").with_bearer_auth(simulator.key())
}

fn json(value: &impl Serialize) -> Value {
    serde_json::to_value(value).expect("JSON")
}

fn start(target: &str) -> RunStart {
    serde_json::from_value(json!({ "target": target, "input": { "total": 1 } })).expect("a start")
}

fn started(success: &RunsStartSuccess) -> Value {
    match success {
        RunsStartSuccess::Status200(run) | RunsStartSuccess::Status201(run) | RunsStartSuccess::Status202(run) => json(run),
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_else(|| panic!("{pointer} in {value}"))
}

fn id(success: &RunsStartSuccess) -> String {
    text(&started(success), "/id").to_owned()
}

const TERMINAL: [&str; 4] = ["completed", "failed", "cancelled", "rejected"];

/// Reads a run until it has ended; `None` if the time is over.
async fn ended(client: &Client, id: &str, limit: Duration) -> Option<Run> {
    let start = Instant::now();
    loop {
        let run = client.runs_get(id, &RunsGetOptions::default()).await.expect("a run").body;
        if json(&run)["finished"] == true {
            return Some(run);
        }
        if start.elapsed() >= limit {
            return None;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn section(client: &Client, id: &str, expand: &str) -> Value {
    let options = RunsGetOptions { expand: Some(expand.to_owned()) };
    json(&client.runs_get(id, &options).await.expect("a run").body)
}

/// Starts runs and waits for them. Returns a completed one.
async fn start_and_wait(client: &Client) -> Value {
    let mut runs = Vec::new();
    // The Python client also takes a target as an object, and sends it as this text: the contract has no other form.
    let targets = [("workflows.invoice", None), ("agents.support", None), ("workflows.invoice", Some("3"))];
    for (target, version) in targets.repeat(4) {
        let options = RunsStartOptions { version: version.map(str::to_owned), ..RunsStartOptions::default() };
        let accepted = client.runs_start(&start(target), &options).await.expect("a start").body;
        runs.push(json(&ended(client, &id(&accepted), Duration::from_secs(60)).await.expect("an ended run")));
    }
    assert!(runs.iter().all(|run| TERMINAL.contains(&text(run, "/execution/status"))));
    assert_eq!(runs.iter().map(|run| text(run, "/type")).collect::<BTreeSet<_>>(), BTreeSet::from(["agent", "workflow"]));
    let accepted = client.runs_start(&start("workflows.invoice"), &RunsStartOptions::default()).await.expect("a start").body;
    assert!(matches!(&accepted, RunsStartSuccess::Status201(_)), "{accepted:?}");
    assert_eq!(started(&accepted)["finished"], false);
    assert!(ended(client, &id(&accepted), Duration::ZERO).await.is_none());
    let waiting = RunsStartOptions { wait_for_completion: Some(30), ..RunsStartOptions::default() };
    let waited = client.runs_start(&start("workflows.invoice"), &waiting).await.expect("a start").body;
    assert!(matches!(&waited, RunsStartSuccess::Status200(_)), "{waited:?}");
    let completed = runs.into_iter().find(|run| text(run, "/execution/status") == "completed").expect("a completed run");
    assert!(completed["files"].as_array().is_some_and(|files| !files.is_empty()) && completed.get("error").is_none_or(Value::is_null));
    completed
}

async fn files(client: &Client) {
    let scan: Vec<u8> = (0..=255).collect::<Vec<u8>>().repeat(64);
    let parts = Multipart::new()
        .text("target", "agents.support")
        // The document describes these parts as texts, not as JSON.
        .text("input", json!({ "total": 2 }).to_string())
        .text("metadata", json!({ "batch": 7 }).to_string())
        .file("files.mail", "claim.eml", "message/rfc822", b"hello".to_vec())
        .file("files.scan", "scan \u{2116} 1.png", "image/png", scan.clone());
    let agent = client.runs_start_multipart(&parts, &RunsStartOptions::default()).await.expect("a start").body;
    assert_eq!(text(&started(&agent), "/type"), "agent");
    let input = &section(client, &id(&agent), "input").await["input"];
    let names: Vec<&str> = input["files"].as_array().expect("files").iter().map(|file| text(file, "/name")).collect();
    assert_eq!(names, ["claim.eml", "scan \u{2116} 1.png"]);
    assert_eq!((&input["args"], &input["metadata"]), (&json!({ "total": 2 }), &json!({ "batch": 7 })));
    let parts = Multipart::new().text("target", "workflows.invoice").file("files.document", "scan \u{2116} 1.png", "image/png", scan);
    let waiting = RunsStartOptions { wait_for_completion: Some(30), ..RunsStartOptions::default() };
    let workflow = started(&client.runs_start_multipart(&parts, &waiting).await.expect("a start").body);
    assert_eq!((text(&workflow, "/type"), &workflow["finished"]), ("workflow", &json!(true)));
}

/// Each combination of sections has what it names and nothing else.
async fn get(client: &Client, run: &Value) {
    const SECTIONS: [&str; 4] = ["input", "usage", "execution", "debug"];
    let id = text(run, "/id");
    for mask in 0..16_u32 {
        let expand: Vec<&str> = (0..4).filter(|bit| mask & (1 << bit) != 0).map(|bit| SECTIONS[bit as usize]).collect();
        let options = RunsGetOptions { expand: (!expand.is_empty()).then(|| expand.join(",")) };
        let shown = json(&client.runs_get(id, &options).await.expect("a run").body);
        for section in ["input", "usage", "debug"] {
            assert_eq!(shown.get(section).is_some(), expand.contains(&section), "{section} {expand:?}");
        }
        let is_whole = shown["execution"].get("steps").is_some() || shown["execution"].get("files").is_some();
        assert_eq!(is_whole, expand.contains(&"execution"), "{expand:?}");
        assert_eq!(text(&shown, "/id"), id);
    }
    let whole = section(client, id, &SECTIONS.join(",")).await;
    assert_eq!((&whole["input"]["args"], &whole["execution"]["retry"]["number"]), (&json!({ "total": 1 }), &json!(0)));
    assert!(whole["debug"].get("observability").is_some());
    assert_eq!(json(&client.runs_usage_get(id).await.expect("a usage").body)["usage"], whole["usage"]);
    assert!(!json(&client.runs_steps_list(id).await.expect("steps").body)["steps"].is_null());
    let events = json(&client.runs_events_list(id).await.expect("events").body);
    let events = events["events"].as_array().expect("events");
    assert_eq!(text(&events[0], "/status"), "created");
    assert_eq!(events[events.len() - 1]["status"], run["execution"]["status"]);
}

async fn listed(client: &Client, options: RunsListOptions) -> Vec<Value> {
    let page = json(&client.runs_list(&options).await.expect("a page").body);
    page["runs"].as_array().expect("runs").clone()
}

fn ids(runs: &[Value]) -> Vec<&str> {
    runs.iter().map(|run| text(run, "/id")).collect()
}

async fn lists(client: &Client) {
    let all = || RunsListOptions { limit: Some(100), ..RunsListOptions::default() };
    let every = listed(client, all()).await;
    assert!(every.len() > 40);
    let ascending = listed(client, RunsListOptions { order: Some("asc".to_owned()), ..all() }).await;
    assert_eq!(ids(&ascending), ids(&every).into_iter().rev().collect::<Vec<_>>());
    let pages = client.runs_list_pages(&RunsListOptions { limit: Some(7), ..RunsListOptions::default() });
    let pages: Vec<Vec<Value>> =
        pages.map(|page| json(&page.expect("a page").body)["runs"].as_array().expect("runs").clone()).collect().await;
    assert_eq!(pages.len(), every.len().div_ceil(7));
    assert_eq!(ids(&pages.concat()), ids(&every));
    let first = json(&client.runs_list(&RunsListOptions { limit: Some(5), ..RunsListOptions::default() }).await.expect("a page").body);
    let cursor = Some(text(&first, "/nextCursor").to_owned());
    let second = listed(client, RunsListOptions { limit: Some(5), cursor, ..RunsListOptions::default() }).await;
    assert_eq!((first["runs"].as_array().expect("runs").len(), ids(&second)), (5, ids(&every[5..10])));
    let skipped = listed(client, RunsListOptions { limit: Some(3), offset: Some(5), ..RunsListOptions::default() }).await;
    assert_eq!(ids(&skipped), ids(&every[5..8]));
    let agents = listed(client, RunsListOptions { type_: Some("agent".to_owned()), ..all() }).await;
    assert!(!agents.is_empty() && agents.iter().all(|run| run["type"] == "agent"));
    let sampled = listed(client, RunsListOptions { sample_rate: Some(0.3), ..all() }).await;
    assert!(sampled.iter().all(|run| run["sampleRank"].as_f64().expect("a number") < 0.3));
    for status in ["completed", "failed", "cancelled"] {
        let found = listed(client, RunsListOptions { status: Some(status.to_owned()), ..all() }).await;
        assert!(!found.is_empty() && found.iter().all(|run| run["execution"]["status"] == status), "{status}");
    }
    let either = listed(client, RunsListOptions { status: Some("failed,rejected".to_owned()), ..all() }).await;
    let either: BTreeSet<&str> = either.iter().map(|run| text(run, "/execution/status")).collect();
    assert_eq!(either, BTreeSet::from(["failed", "rejected"]));
    for trigger in every.iter().map(|run| text(run, "/trigger/type")).collect::<BTreeSet<_>>() {
        let found = listed(client, RunsListOptions { trigger: Some(trigger.to_owned()), ..all() }).await;
        assert!(!found.is_empty() && found.iter().all(|run| text(run, "/trigger/type") == trigger), "{trigger}");
    }
    let wanted = BTreeSet::from([text(&every[1], "/id"), text(&every[every.len() - 1], "/id")]);
    let listing = wanted.iter().copied().collect::<Vec<_>>().join(",");
    let two = listed(client, RunsListOptions { ids: Some(listing), ..all() }).await;
    assert_eq!(ids(&two).into_iter().collect::<BTreeSet<_>>(), wanted);
    let source = text(&every[0], "/source/id").to_owned();
    let found = listed(client, RunsListOptions { source: Some(source.clone()), ..all() }).await;
    assert!(!found.is_empty() && found.iter().all(|run| text(run, "/source/id") == source));
    let middle = text(&every[every.len() / 2], "/timing/createdAt").to_owned();
    let before = listed(client, RunsListOptions { created_before: Some(middle.clone()), ..all() }).await;
    let after = listed(client, RunsListOptions { from: Some(middle), ..all() }).await;
    assert!(!before.is_empty() && !after.is_empty());
    let (before, after): (BTreeSet<&str>, BTreeSet<&str>) = (ids(&before).into_iter().collect(), ids(&after).into_iter().collect());
    assert!(before.is_disjoint(&after));
    assert_eq!(before.union(&after).copied().collect::<BTreeSet<_>>(), ids(&every).into_iter().collect());
    let completed = |order: Option<&str>| RunsListOptions {
        status: Some("completed".to_owned()),
        type_: Some("agent".to_owned()),
        order: order.map(str::to_owned),
        ..all()
    };
    let (ascending, descending) = (listed(client, completed(Some("asc"))).await, listed(client, completed(None)).await);
    assert_ne!(ids(&ascending), ids(&descending));
    assert!(listed(client, RunsListOptions { ids: Some("run_none".to_owned()), ..all() }).await.is_empty());
}

async fn cancel(client: &Client) {
    let queued = client.runs_start(&start("workflows.invoice"), &RunsStartOptions::default()).await.expect("a start").body;
    let cancelled = json(&client.runs_cancel(&id(&queued)).await.expect("a cancellation").body);
    assert!(["cancelled", "requested"].contains(&text(&cancelled, "/cancellation/state")), "{cancelled}");
    assert_eq!(text(&json(&client.runs_cancel(&id(&queued)).await.expect("a cancellation").body), "/id"), id(&queued));
}

async fn download(client: &Client, run: &Value) {
    let id = text(run, "/id");
    let artifacts = json(&client.runs_artifacts_list(id, &Default::default()).await.expect("artifacts").body);
    let artifacts = artifacts["artifacts"].as_array().expect("artifacts");
    let paths =
        |files: &Value| -> Vec<String> { files.as_array().expect("files").iter().map(|file| text(file, "/path").to_owned()).collect() };
    assert_eq!(artifacts.iter().map(|file| text(file, "/path")).collect::<Vec<_>>(), paths(&run["files"]));
    for file in artifacts {
        let bytes = client.runs_artifacts_get(id, text(file, "/path")).await.expect("a file").body.bytes().await.expect("bytes");
        assert_eq!(Some(bytes.len() as u64), file["size"].as_u64());
    }
    let missing = client.runs_artifacts_get(id, "no/such.file").await.expect_err("no file");
    assert!(matches!(missing.as_documented(), Some(RunsArtifactsGetError::Status404(_))), "{missing}");
}

async fn refusals(simulator: &Simulator, client: &Client) {
    let missing = client.runs_get("run_none", &RunsGetOptions::default()).await.expect_err("no run");
    let Error::Documented(response) = &missing else { panic!("{missing}") };
    assert!(matches!(response.body, RunsGetError::Status404(_)) && response.headers().contains_key("x-request-id"), "{response:?}");
    let options = RunsGetOptions { expand: Some("everything".to_owned()) };
    let invalid = client.runs_get("run_none", &options).await.expect_err("status 400");
    let Some(RunsGetError::Status400(envelope)) = invalid.as_documented() else { panic!("{invalid}") };
    assert_eq!(text(&json(envelope), "/issues/0/field"), "expand");
    let options = RunsListOptions { limit: Some(101), ..RunsListOptions::default() };
    let invalid = client.runs_list(&options).await.expect_err("status 400");
    assert!(matches!(invalid.as_documented(), Some(RunsListError::Status400(_))), "{invalid}");
    let stranger = Client::new(simulator.base_url()).expect("a base URL").with_bearer_auth("another");
    let refused = stranger.runs_list(&RunsListOptions::default()).await.expect_err("status 401");
    assert!(matches!(refused.as_documented(), Some(RunsListError::Status401(_))), "{refused}");
    let reader = Client::new(simulator.base_url()).expect("a base URL").with_bearer_auth(&simulator.read_only_key());
    assert!(!listed(&reader, RunsListOptions { limit: Some(1), ..RunsListOptions::default() }).await.is_empty());
    let refused = reader.runs_start(&start("workflows.invoice"), &RunsStartOptions::default()).await.expect_err("status 403");
    assert!(matches!(refused.as_documented(), Some(RunsStartError::Status403(_))), "{refused}");
}

#[tokio::test]
async fn the_generated_client_passes_what_the_python_client_passes() {
    let simulator = simulator(SimulatorOptions { speed: 60.0, ..SimulatorOptions::default() });
    let contract = charter_rules::load(concat!(env!("CARGO_MANIFEST_DIR"), "/../schema").as_ref()).expect("the contract");
    let seen = Arc::new(Mutex::new(Seen::default()));
    let judging = Judging { judge: Judge::new(&contract).expect("a judge"), seen: Arc::clone(&seen) };
    let client = client(&simulator).with_observer(judging);
    let completed = start_and_wait(&client).await;
    files(&client).await;
    get(&client, &completed).await;
    lists(&client).await;
    cancel(&client).await;
    download(&client, &completed).await;
    refusals(&simulator, &client).await;
    let seen = seen.lock().expect("the findings");
    // The requests for unknown sections and too large pages are wrong on purpose.
    let wanted: Vec<&String> =
        seen.findings.iter().filter(|finding| !finding.contains("everything") && !finding.contains("limit=101")).collect();
    assert_eq!(wanted, Vec::<&String>::new());
    assert_eq!(seen.operations.len(), contract.operations().len(), "{:?}", seen.operations);
    assert!(seen.count > 60);
}

#[tokio::test]
async fn a_client_with_retries_waits_for_its_turn() {
    let limited = simulator(SimulatorOptions { rate_limit: Some(5), ..SimulatorOptions::default() });
    let client = client(&limited);
    let options = RunsListOptions { limit: Some(1), ..RunsListOptions::default() };
    let mut refused = None;
    for _ in 0..10_000 {
        if let Err(error) = client.runs_list(&options).await {
            refused = Some(error);
            break;
        }
    }
    let Some(Error::Documented(response)) = refused else { panic!("{refused:?}") };
    assert!(matches!(response.body, RunsListError::Status429(_)));
    assert_eq!(response.headers()["retry-after"], "1");
    let patient = client.with_retry(Retry::attempts(6));
    patient.runs_list(&options).await.expect("a page");
}

/// The server responds with 500, 502, 503 and 504 in turn, the first with the envelope of the document.
#[tokio::test]
async fn failures_of_the_server_are_errors_by_status() {
    let faults = vec!["network.server-errors".to_owned()];
    let failing = simulator(SimulatorOptions { faults, ..SimulatorOptions::default() });
    let client = client(&failing);
    let failed = client.runs_list(&RunsListOptions::default()).await.expect_err("status 500");
    let Some(RunsListError::Status500(envelope)) = failed.as_documented() else { panic!("{failed}") };
    assert_eq!(text(&json(envelope), "/issues/0/severity"), "error");
    for status in [502, 503, 504] {
        let failed = client.runs_get("run_1", &RunsGetOptions::default()).await.expect_err("an error");
        assert!(matches!(&failed, Error::Unexpected(_)), "{failed}");
        assert_eq!(failed.status().map(|status| status.as_u16()), Some(status));
    }
}
