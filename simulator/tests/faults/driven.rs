//! What the probe does not ask, because it changes something: runs are started and cancelled over HTTP, and the exchanges kept.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Instant;

use charter_contract_tests::Exchange;
use charter_contract_tests::exchange::{Body, BodyPlace, Headers, Request, Response};
use charter_contract_tests::schema::Position;
use charter_simulator::{Simulator, SimulatorOptions};
use serde_json::Value;

const RUNS: &str = "/api/v1/runs";

/// Starts and cancels runs of every kind, and looks at them before and after.
pub(crate) fn exchanges(fault: Option<&str>) -> Vec<Exchange> {
    let faults = fault.into_iter().map(str::to_owned).collect();
    let options = SimulatorOptions { faults, runs: 16, speed: 4.0, ..SimulatorOptions::default() };
    let simulator = Simulator::start(options).expect("a simulator");
    let seeded = simulator.seeded_runs();
    let mut client = Client { simulator, exchanges: Vec::new() };
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
    exchanges: Vec<Exchange>,
}

impl Client {
    /// Cancels a run and looks at it, perhaps before as well.
    fn cancelled(&mut self, id: &str, before: bool) {
        if before {
            self.ask("GET", &format!("{RUNS}/{id}"), "");
        }
        self.ask("POST", &format!("{RUNS}/{id}/cancel"), "");
        self.ask("GET", &format!("{RUNS}/{id}"), "");
    }

    /// Starts a run and returns its id.
    fn start(&mut self, query: &str) -> String {
        let started = self.ask("POST", &format!("{RUNS}{query}"), r#"{"target":"workflows.invoice","input":{}}"#);
        started["id"].as_str().expect("an id").to_owned()
    }

    fn ask(&mut self, method: &str, target: &str, body: &str) -> Value {
        let base = self.simulator.base_url();
        let authorization = format!("Bearer {}", self.simulator.key());
        let fields = [("authorization", &*authorization), ("content-type", "application/json"), ("connection", "close")];
        let head: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let (started, clock) = (jiff::Timestamp::now(), Instant::now());
        let mut stream = TcpStream::connect(base.trim_start_matches("http://")).expect("a connection");
        write!(stream, "{method} {target} HTTP/1.1\r\nhost: simulator\r\n{head}content-length: {}\r\n\r\n{body}", body.len())
            .expect("a request");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).and_then(|status| status.parse().ok()).expect("a status");
        let fields_of_answer = lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let response = Response {
            status,
            headers: Headers { fields: fields_of_answer.collect(), complete: true },
            body: Body::Bytes { bytes: body.into(), place: BodyPlace::Verbatim(Position { byte: 0, line: 1, column: 1 }) },
        };
        let url = format!("{base}{target}");
        let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        let request = Request { method: method.to_owned(), url: url.clone(), headers: Headers { fields, complete: true } };
        let time_ms = Some(clock.elapsed().as_secs_f64() * 1e3);
        let exchange = Exchange { request: Some(request), response: Some(response), time_ms, ..Exchange::get(url).at(started) };
        self.exchanges.push(exchange);
        serde_json::from_str(body).expect("JSON")
    }
}
