//! What the probe does not ask, because it changes something: runs are started and cancelled over HTTP, and the exchanges kept.

use std::time::Instant;

use charter_contract_tests::Exchange;
use charter_contract_tests::exchange::{Body, Headers, Message, Origin, Request, Response, Timing};
use charter_simulator::{Simulator, SimulatorOptions};
use reqwest::Method;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

const RUNS: &str = "/api/v1/runs";

/// Starts and cancels runs of every kind, and looks at them before and after.
pub(crate) fn exchanges(fault: Option<&str>) -> Vec<Exchange> {
    let faults = fault.into_iter().map(str::to_owned).collect();
    let options = SimulatorOptions { faults, runs: 16, speed: 4.0, ..SimulatorOptions::default() };
    let simulator = Simulator::start(options).expect("a simulator");
    let seeded = simulator.seeded_runs();
    // Nothing is encrypted here, but a client is not made without a provider; one that is there already serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let mut client = Client { simulator, runtime, http, exchanges: Vec::new() };
    // One that is running is asked to stop, one that waits for its start is stopped.
    client.cancelled(&seeded[1], false);
    let started = client.start("");
    client.cancelled(&started, true);
    // Of those that have ended, nothing changes: one has failed, one was stopped on request.
    client.cancelled(&seeded[4], true);
    client.cancelled(&seeded[10], true);
    client.start("?wait_for_completion=0");
    client.start("?wait_for_completion=60");
    client.exchanges
}

struct Client {
    simulator: Simulator,
    runtime: Runtime,
    http: reqwest::Client,
    exchanges: Vec<Exchange>,
}

impl Client {
    /// Cancels a run and looks at it, perhaps before as well.
    fn cancelled(&mut self, id: &str, before: bool) {
        if before {
            self.ask(Method::GET, &format!("{RUNS}/{id}"), "");
        }
        self.ask(Method::POST, &format!("{RUNS}/{id}/cancel"), "");
        self.ask(Method::GET, &format!("{RUNS}/{id}"), "");
    }

    /// Starts a run and returns its id.
    fn start(&mut self, query: &str) -> String {
        let started = self.ask(Method::POST, &format!("{RUNS}{query}"), r#"{"target":"workflows.invoice","input":{}}"#);
        started["id"].as_str().expect("an id").to_owned()
    }

    fn ask(&mut self, method: Method, target: &str, body: &'static str) -> Value {
        let url = format!("{}{target}", self.simulator.base_url());
        let request = self.http.request(method, &url).bearer_auth(self.simulator.key()).header("content-type", "application/json");
        let request = request.body(body).build().expect("a request");
        let sent = Message { headers: request.headers().into(), body: Body::from_bytes(body) };
        let sent = Request::new(request.method().as_str(), url, sent);
        let (started, clock) = (jiff::Timestamp::now(), Instant::now());
        let (status, headers, bytes) = self.runtime.block_on(async {
            let response = self.http.execute(request).await.expect("an answer");
            let (status, headers) = (response.status().as_u16(), Headers::from(response.headers()));
            (status, headers, response.bytes().await.expect("a body").to_vec())
        });
        let shown = serde_json::from_slice(&bytes).expect("JSON");
        let mut exchange = Exchange::new(Origin::default());
        exchange.request = Some(sent);
        exchange.response = Some(Response::new(status, Message { headers, body: Body::from_bytes(bytes) }));
        exchange.timing = Timing { started: Some(started), duration_ms: Some(clock.elapsed().as_secs_f64() * 1e3) };
        self.exchanges.push(exchange);
        shown
    }
}
