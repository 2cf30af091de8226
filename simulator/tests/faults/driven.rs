//! Requests that the probe does not send because they change something: starts and cancellations, recorded as exchanges.

use std::time::Instant;

use charter_contract_tests::Exchange;
use charter_contract_tests::exchange::{Body, Headers, Message, Origin, Request, Response, Timing};
use charter_simulator::{Simulator, SimulatorOptions};
use reqwest::Method;
use serde_json::Value;
use tokio::runtime::{Builder, Runtime};

const RUNS: &str = "/api/v1/runs";

/// Starts and cancels runs of every kind, and reads them before and after.
pub(crate) fn exchanges(fault: Option<&str>) -> Vec<Exchange> {
    let faults = fault.into_iter().map(str::to_owned).collect();
    let options = SimulatorOptions { faults, runs: 16, speed: 4.0, ..SimulatorOptions::default() };
    let simulator = Simulator::start(options).expect("a simulator");
    let seeded = simulator.seeded_runs();
    // The client needs a TLS provider although nothing is encrypted. The call fails if another test has installed one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let runtime = Builder::new_current_thread().enable_all().build().expect("a runtime");
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let mut client = Client { simulator, runtime, http, exchanges: Vec::new() };
    // One run is running, one has not started.
    client.cancelled(&seeded[1], false);
    let started = client.start("");
    client.cancelled(&started, true);
    // One run has failed, one was cancelled: a cancellation does not change them.
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
    /// Cancels a run and reads it, with `before` also before that.
    fn cancelled(&mut self, id: &str, before: bool) {
        if before {
            self.send(Method::GET, &format!("{RUNS}/{id}"), "");
        }
        self.send(Method::POST, &format!("{RUNS}/{id}/cancel"), "");
        self.send(Method::GET, &format!("{RUNS}/{id}"), "");
    }

    /// Starts a run and returns its id.
    fn start(&mut self, query: &str) -> String {
        let started = self.send(Method::POST, &format!("{RUNS}{query}"), r#"{"target":"workflows.invoice","input":{}}"#);
        started["id"].as_str().expect("an id").to_owned()
    }

    fn send(&mut self, method: Method, target: &str, body: &'static str) -> Value {
        let url = format!("{}{target}", self.simulator.base_url());
        let request = self.http.request(method, &url).bearer_auth(self.simulator.key()).header("content-type", "application/json");
        let request = request.body(body).build().expect("a request");
        let sent = Message { headers: request.headers().into(), body: Body::from_bytes(body) };
        let sent = Request::new(request.method().as_str(), url, sent);
        let (started, clock) = (jiff::Timestamp::now(), Instant::now());
        let (status, headers, bytes) = self.runtime.block_on(async {
            let response = self.http.execute(request).await.expect("a response");
            let (status, headers) = (response.status().as_u16(), Headers::from(response.headers()));
            (status, headers, response.bytes().await.expect("a body").to_vec())
        });
        let value = serde_json::from_slice(&bytes).expect("JSON");
        let mut exchange = Exchange::new(Origin::default());
        exchange.request = Some(sent);
        exchange.response = Some(Response::new(status, Message { headers, body: Body::from_bytes(bytes) }));
        exchange.timing = Timing { started: Some(started), duration_ms: Some(clock.elapsed().as_secs_f64() * 1e3) };
        self.exchanges.push(exchange);
        value
    }
}
