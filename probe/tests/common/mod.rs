//! A small HTTP server on loopback whose every byte a test decides, for what a well-behaved server never does.

#![allow(dead_code, reason = "each test file uses a part of it")]

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use charter_contract_tests::Judge;
use charter_contract_tests::mask::Secret;
use charter_contract_tests::report::{Report, TextOptions, render_text};
use charter_probe::{Plan, Sending, Subjects};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The key of every test.
pub(crate) const KEY: &str = "sk_live/7f+Qz\"9=x";

/// A request as it came.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, String)>,
    /// Which request of the server it is, from 0.
    pub(crate) number: usize,
}

impl Asked {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn path(&self) -> &str {
        let target = self.target.split('?').next().unwrap_or_default();
        // A proxy is asked with the whole URL.
        target.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or(target)
    }

    /// The sections asked for.
    pub(crate) fn expand(&self) -> Vec<&str> {
        let query = self.target.split_once("expand=").map(|(_, value)| value).unwrap_or_default();
        query.split(',').filter(|section| !section.is_empty()).collect()
    }

    pub(crate) fn id(&self) -> &str {
        self.path().split('/').nth(4).unwrap_or_default()
    }
}

/// What happens on the wire.
pub(crate) enum Reply {
    /// An answer.
    Answer { status: u16, headers: Vec<(String, String)>, body: Vec<u8> },
    /// These bytes, then a pause, and so on; then the end.
    Raw(Vec<(Vec<u8>, Duration)>),
    /// These bytes, then the connection is reset.
    Reset(Vec<u8>),
    /// Head, then zeros without end.
    Endless(Vec<u8>),
    /// Nothing, for a long time.
    Silence,
}

pub(crate) fn answer(status: u16, body: &Value) -> Reply {
    Reply::Answer { status, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body: body.to_string().into_bytes() }
}

impl Reply {
    pub(crate) fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Answer { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// A server that runs until the test ends.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    pub(crate) asked: Arc<Mutex<Vec<Asked>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    pub(crate) fn start(reply: impl Fn(&Asked) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let asked = Arc::new(Mutex::new(Vec::new()));
        let (reply, log) = (Arc::new(reply), asked.clone());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (reply, log) = (reply.clone(), log.clone());
                tokio::spawn(async move { serve(stream, &*reply, &log).await });
            }
        });
        Self { address, asked, _runtime: runtime }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().expect("the log").clone()
    }
}

async fn serve(mut stream: TcpStream, reply: &(dyn Fn(&Asked) -> Reply + Send + Sync), log: &Mutex<Vec<Asked>>) {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read_u8().await {
            Ok(byte) => head.push(byte),
            Err(_) => return,
        }
    }
    let text = String::from_utf8_lossy(&head).into_owned();
    let mut lines = text.lines();
    let target = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap_or_default().to_owned();
    let headers = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
    let asked = {
        let mut log = log.lock().expect("the log");
        let asked = Asked { target, headers, number: log.len() };
        log.push(asked.clone());
        asked
    };
    match reply(&asked) {
        Reply::Answer { status, headers, body } => {
            let mut head = format!("HTTP/1.1 {status} X\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
            for (name, value) in headers {
                head.push_str(&format!("{name}: {value}\r\n"));
            }
            let _ = stream.write_all(format!("{head}\r\n").as_bytes()).await;
            let _ = stream.write_all(&body).await;
            let _ = stream.shutdown().await;
        }
        Reply::Raw(parts) => {
            for (bytes, pause) in parts {
                if stream.write_all(&bytes).await.is_err() {
                    return;
                }
                let _ = stream.flush().await;
                tokio::time::sleep(pause).await;
            }
            let _ = stream.shutdown().await;
        }
        Reply::Reset(bytes) => {
            let _ = stream.write_all(&bytes).await;
            tokio::time::sleep(Duration::from_millis(50)).await;
            let _ = stream.set_zero_linger();
        }
        Reply::Endless(head) => {
            let zeros = vec![b' '; 1 << 20];
            let _ = stream.write_all(&head).await;
            while stream.write_all(&zeros).await.is_ok() {}
        }
        Reply::Silence => tokio::time::sleep(Duration::from_secs(600)).await,
    }
}

/// A run that keeps the contract, with the sections asked for.
pub(crate) fn run(id: &str, status: &str, expand: &[&str]) -> Value {
    let finished = matches!(status, "completed" | "failed" | "cancelled" | "rejected");
    let mut run = json!({
        "id": id, "type": "workflow", "finished": finished, "sampleRank": 0.25,
        "timing": {
            "createdAt": "2026-07-14T09:12:31.204Z", "startedAt": "2026-07-14T09:12:33.018Z",
            "completedAt": if finished { json!("2026-07-14T09:13:01.640Z") } else { Value::Null },
            "cancelRequestedAt": null, "durationMs": if finished { json!(28622) } else { Value::Null },
        },
        "source": {"id": "wf_invoices", "name": "Invoice intake", "version": "14"},
        "trigger": {"type": "api", "by": {"id": "usr_4c", "name": "Ann Example", "email": "ann@people.example"}},
        "execution": {"status": status, "schemaValid": null, "batchId": null, "retry": {"number": 0, "previousRunId": null, "nextRun": null}},
    });
    if finished {
        run["error"] = if status == "completed" { Value::Null } else { json!("it broke") };
    }
    if status == "completed" {
        run["output"] = json!({"total": 1289.5});
        run["files"] = json!([{"name": "a.txt", "role": "output", "path": "out/a.txt", "contentType": "text/plain", "size": 5}]);
    }
    for section in expand {
        match *section {
            "input" => run["input"] = json!({"args": {}}),
            "usage" => run["usage"] = Value::Null,
            "debug" => run["debug"] = json!({"observability": null}),
            "execution" => run["execution"]["steps"] = json!([]),
            _ => {}
        }
    }
    run
}

pub(crate) fn envelope(code: &str) -> Value {
    json!({"issues": [{"field": "<root>", "message": "no", "code": code, "severity": "error"}], "requestId": "req_1"})
}

/// What a server that keeps the contract answers.
pub(crate) fn kept(asked: &Asked) -> Reply {
    let refuse = |status, code| answer(status, &envelope(code)).header("x-request-id", "req_1");
    match asked.header("authorization") {
        None => return refuse(401, "unauthorized"),
        Some(value) if value != format!("Bearer {KEY}") => return refuse(401, "unauthorized"),
        Some(_) => {}
    }
    if asked.expand().iter().any(|section| !["input", "usage", "execution", "debug"].contains(section)) {
        return refuse(400, "invalid_value");
    }
    if asked.id().starts_with("charter-probe") {
        return refuse(404, "not_found");
    }
    answer(200, &run(asked.id(), "completed", &asked.expand()))
}

pub(crate) fn judge() -> Judge {
    Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"))
}

/// A plan for some ids, quick to give up.
pub(crate) fn plan(url: impl Into<String>, ids: &[&str]) -> Plan {
    let mut plan = Plan::new(url, Subjects::Ids(ids.iter().map(|id| (*id).to_owned()).collect()));
    plan.key = Some(Secret::new(KEY).expect("a key"));
    plan.sending = Sending { retries: 1, timeout: Duration::from_secs(2), interval: Duration::from_millis(20), ..Sending::default() };
    plan
}

/// The rules and keywords of a report's findings, in order.
pub(crate) fn found(report: &Report) -> Vec<String> {
    report.groups.iter().map(|group| group.rule.clone().or_else(|| group.keyword.clone()).unwrap_or_default()).collect()
}

pub(crate) fn shown(report: &Report) -> String {
    render_text(report, TextOptions::default())
}
