//! A small HTTP server on loopback for tests. The test determines every byte of a reply, so the server can misbehave.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use charter_probe::{Plan, Subjects};
use charter_report::{Report, TextOptions, render_text};
use charter_traffic::mask::Secret;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// The API key of all tests.
pub const KEY: &str = "sk_live/7f+Qz\"9=x";

/// A received request.
#[derive(Clone, Debug)]
pub struct ReceivedRequest {
    /// The request target, as sent.
    pub target: String,
    /// The header fields, their names in lower case.
    pub headers: Vec<(String, String)>,
    /// The number of requests that the server received earlier.
    pub number: usize,
}

impl ReceivedRequest {
    /// A header field by its lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// The path of the request target.
    pub fn path(&self) -> &str {
        let target = self.target.split('?').next().unwrap_or_default();
        // A request to a proxy has the whole URL as its target.
        target.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or(target)
    }

    /// The values of a query parameter, separated by commas.
    pub fn listed(&self, parameter: &str) -> Vec<&str> {
        let query = self.target.split_once(&format!("{parameter}=")).map(|(_, value)| value).unwrap_or_default();
        query.split(',').filter(|value| !value.is_empty()).collect()
    }

    /// The segment of the path with this index.
    pub fn segment(&self, index: usize) -> &str {
        self.path().split('/').nth(index + 1).unwrap_or_default()
    }
}

/// The reaction to a request.
pub enum Reply {
    /// A complete response.
    Response {
        /// The status code.
        status: u16,
        /// The header fields.
        headers: Vec<(String, String)>,
        /// The body.
        body: Vec<u8>,
    },
    /// Parts: bytes, each followed by a pause. Then the connection is closed.
    Raw(Vec<(Vec<u8>, Duration)>),
    /// These bytes; then the connection is reset.
    Reset(Vec<u8>),
    /// These bytes, followed by an endless body.
    Endless(Vec<u8>),
    /// No reply; the connection stays open for ten minutes.
    Silence,
}

/// A JSON response.
pub fn json_response(status: u16, body: &Value) -> Reply {
    Reply::Response {
        status,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: body.to_string().into_bytes(),
    }
}

impl Reply {
    /// Adds a header field to a response.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Self::Response { headers, .. } = &mut self {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }
}

/// A server that runs until the test ends.
#[derive(Debug)]
pub struct Server {
    /// The address of the server.
    pub address: SocketAddr,
    /// The requests received so far.
    pub log: Arc<Mutex<Vec<ReceivedRequest>>>,
    _runtime: tokio::runtime::Runtime,
}

impl Server {
    /// Starts a server on a free port of the loopback interface.
    pub fn start(reply: impl Fn(&ReceivedRequest) -> Reply + Send + Sync + 'static) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).expect("a port");
        let address = listener.local_addr().expect("an address");
        let log = Arc::new(Mutex::new(Vec::new()));
        let (reply, requests) = (Arc::new(reply), log.clone());
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (reply, requests) = (reply.clone(), requests.clone());
                tokio::spawn(async move { serve(stream, &*reply, &requests).await });
            }
        });
        Self { address, log, _runtime: runtime }
    }

    /// The base URL.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The requests received so far.
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.log.lock().expect("the log").clone()
    }
}

async fn serve(mut stream: TcpStream, reply: &(dyn Fn(&ReceivedRequest) -> Reply + Send + Sync), log: &Mutex<Vec<ReceivedRequest>>) {
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
    let request = {
        let mut log = log.lock().expect("the log");
        let request = ReceivedRequest { target, headers, number: log.len() };
        log.push(request.clone());
        request
    };
    match reply(&request) {
        Reply::Response { status, headers, body } => {
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
            let spaces = vec![b' '; 1 << 20];
            let _ = stream.write_all(&head).await;
            while stream.write_all(&spaces).await.is_ok() {}
        }
        Reply::Silence => tokio::time::sleep(Duration::from_secs(600)).await,
    }
}

/// A plan for resources with these ids, with short limits of time.
pub fn plan(url: impl Into<String>, ids: &[&str]) -> Plan {
    let mut plan = Plan::new(url, Subjects::Ids(ids.iter().map(|id| (*id).to_owned()).collect()));
    plan.key = Some(Secret::new(KEY).expect("a key"));
    plan.sending.retries = 1;
    plan.sending.timeout = Duration::from_secs(2);
    plan.sending.interval = Duration::from_millis(20);
    plan
}

/// The rules and keywords of a report's findings, in the order of the report.
pub fn finding_ids(report: &Report) -> Vec<String> {
    report.groups.iter().map(|group| group.rule.clone().or_else(|| group.keyword.clone()).unwrap_or_default()).collect()
}

/// The text report.
pub fn text_report(report: &Report) -> String {
    render_text(report, TextOptions::default())
}
