//! Network faults: as bytes on the connection, and as findings of the probe.

use std::collections::BTreeSet;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use charter_contract_tests::Judge;
use charter_contract_tests::mask::Secret;
use charter_contract_tests::report::Report;
use charter_probe::{Plan, Subjects, probe};
use charter_simulator::{Error, NetworkFault, Simulator, SimulatorOptions};

fn simulator(faults: &[NetworkFault], fault_share: u8) -> Simulator {
    let faults = faults.iter().map(|fault| fault.name().to_owned()).collect();
    Simulator::start(SimulatorOptions { faults, fault_share, runs: 16, speed: 1.0, ..SimulatorOptions::default() }).expect("a simulator")
}

/// The bytes of a response on a new connection, until it ends or the read times out, and how it ended.
fn response(simulator: &Simulator) -> (String, Result<(), ErrorKind>) {
    let mut stream = TcpStream::connect(simulator.base_url().trim_start_matches("http://")).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_millis(500))).expect("a limit");
    let id = simulator.seeded_runs().swap_remove(0);
    write!(stream, "GET /api/v1/runs/{id} HTTP/1.1\r\nhost: simulator\r\nauthorization: Bearer {}\r\n\r\n", simulator.key())
        .expect("a request");
    let (mut text, mut piece) = (Vec::new(), [0; 4096]);
    let end = loop {
        match stream.read(&mut piece) {
            Ok(0) => break Ok(()),
            Ok(read) => text.extend_from_slice(&piece[..read]),
            Err(error) => break Err(error.kind()),
        }
        if text.len() > 1 << 22 {
            break Ok(());
        }
    };
    (String::from_utf8(text).expect("text"), end)
}

/// Status, header fields and body of a response.
fn parts(text: &str) -> (u16, &str, &str) {
    let (head, body) = text.split_once("\r\n\r\n").expect("a head");
    (head.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status"), head, body)
}

fn field<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines().filter_map(|line| line.split_once(": ")).find(|(found, _)| *found == name).map(|(_, value)| value)
}

fn length(head: &str) -> usize {
    field(head, "content-length").and_then(|length| length.parse().ok()).expect("a length")
}

const WAITING: Result<(), ErrorKind> = Err(ErrorKind::WouldBlock);
const RESET: Result<(), ErrorKind> = Err(ErrorKind::ConnectionReset);

#[test]
fn cut_off_closes_and_resets_the_connection_in_turn() {
    let simulator = simulator(&[NetworkFault::CutOff], 100);
    for end in [Ok(()), RESET, Ok(()), RESET] {
        let (text, ended) = response(&simulator);
        let (status, head, body) = parts(&text);
        assert_eq!((status, ended), (200, end), "{text}");
        assert!(body.starts_with("{\"id\"") && body.len() == length(head) / 2, "{text}");
    }
}

#[test]
fn reset_and_silence_send_no_bytes() {
    assert_eq!(response(&simulator(&[NetworkFault::Reset], 100)), (String::new(), RESET));
    assert_eq!(response(&simulator(&[NetworkFault::Silence], 100)), (String::new(), WAITING));
}

#[test]
fn wrong_length_is_above_and_below_the_bytes_sent_in_turn() {
    let simulator = simulator(&[NetworkFault::WrongLength], 100);
    for turn in 0..4 {
        let (text, ended) = response(&simulator);
        let (_, head, body) = parts(&text);
        serde_json::from_str::<serde_json::Value>(body).expect("the body is whole");
        match turn % 2 {
            0 => assert!(length(head) > body.len() && ended == Ok(()), "{text}"),
            _ => assert!(length(head) == body.len() / 2 && ended == WAITING, "{text}"),
        }
    }
}

#[test]
fn bodies_are_truncated_or_slow_or_endless_or_mislabelled() {
    let text = response(&simulator(&[NetworkFault::TruncatedJson], 100)).0;
    let (_, head, body) = parts(&text);
    assert!(length(head) == body.len() && serde_json::from_str::<serde_json::Value>(body).is_err(), "{text}");
    let began = Instant::now();
    let slow = simulator(&[NetworkFault::Slow], 100);
    let mut stream = TcpStream::connect(slow.base_url().trim_start_matches("http://")).expect("a connection");
    write!(stream, "GET /nowhere HTTP/1.1\r\nhost: simulator\r\nconnection: close\r\n\r\n").expect("a request");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("the whole response");
    let (_, head, body) = parts(&text);
    assert_eq!(length(head), body.len());
    assert!(began.elapsed() >= Duration::from_millis(100) * body.len() as u32, "{} bytes in {:?}", body.len(), began.elapsed());
    assert!(response(&simulator(&[NetworkFault::HugeBody], 100)).0.len() > 1 << 22);
    let text = response(&simulator(&[NetworkFault::WrongContentType], 100)).0;
    assert_eq!(field(parts(&text).1, "content-type"), Some("text/html"));
}

#[test]
fn error_statuses_and_redirects_come_in_turn() {
    let busy = simulator(&[NetworkFault::RateLimitStorm], 100);
    let waits: Vec<String> = (0..2)
        .map(|_| {
            let text = response(&busy).0;
            let (status, head, body) = parts(&text);
            assert!(status == 429 && body.contains("rate_limited"), "{text}");
            field(head, "retry-after").expect("a retry-after").to_owned()
        })
        .collect();
    assert!(waits[0] == "1" && waits[1].ends_with(" GMT"), "{waits:?}");
    let failing = simulator(&[NetworkFault::ServerErrors], 100);
    let responses: Vec<(u16, bool)> = (0..4)
        .map(|_| {
            let text = response(&failing).0;
            (parts(&text).0, parts(&text).2.contains("requestId"))
        })
        .collect();
    assert_eq!(responses, [(500, true), (502, false), (503, true), (504, false)]);
    let redirecting = simulator(&[NetworkFault::EndlessRedirect], 100);
    let locations: BTreeSet<String> =
        (0..3).map(|_| field(parts(&response(&redirecting).0).1, "location").expect("a location").to_owned()).collect();
    assert_eq!(locations.len(), 3, "{locations:?}");
}

#[test]
fn clock_skew_is_behind_and_ahead_in_turn() {
    let skewed = simulator(&[NetworkFault::ClockSkew], 100);
    let now = std::time::SystemTime::now();
    let date = || {
        let text = response(&skewed).0;
        httpdate::parse_http_date(field(parts(&text).1, "date").expect("a date")).expect("a date")
    };
    let (behind, ahead, hours) = (date(), date(), Duration::from_secs(23 * 3_600));
    assert!(behind < now - hours && ahead > now + hours, "{behind:?} {ahead:?}");
}

/// The report of a probe of one run, which must end in time.
fn probed(judge: &Judge, fault: NetworkFault, retries: usize) -> Report {
    let simulator = simulator(&[fault], 100);
    let began = Instant::now();
    let report = probe(judge, &plan(&simulator, 1, retries)).expect("a report");
    assert!(began.elapsed() < Duration::from_secs(20), "{}: {:?}", fault.name(), began.elapsed());
    report
}

fn plan(simulator: &Simulator, runs: usize, retries: usize) -> Plan {
    let ids = simulator.seeded_runs().into_iter().take(runs).collect();
    let mut plan = Plan::new(simulator.base_url(), Subjects::Ids(ids));
    plan.key = Some(Secret::new(simulator.key()).expect("a key"));
    (plan.sending.retries, plan.sending.timeout, plan.sending.max_body) = (retries, Duration::from_secs(1), 1 << 20);
    plan
}

/// A fault, the number of retries, the findings with their counts, and the error of the input.
type Expected<'e> = (NetworkFault, usize, &'e [(&'e str, u64)], Option<&'e str>);

#[test]
fn the_probe_reports_each_network_fault() {
    use NetworkFault as Fault;
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let expected: [Expected<'_>; 14] = [
        (Fault::ClockSkew, 0, &[], None),
        (Fault::CutOff, 0, &[("http.cut-off", 1)], Some("connection closed early")),
        (Fault::CutOff, 1, &[("http.cut-off", 1)], Some("connection reset")),
        (Fault::EndlessRedirect, 0, &[("http.undocumented-status", 1)], Some("status 307: redirects")),
        (Fault::HugeBody, 0, &[], Some("longer than the limit of 1048576 bytes")),
        (Fault::RateLimitStorm, 1, &[], Some("status 429: too many requests")),
        (Fault::Reset, 1, &[("http.no-answer", 1)], Some("connection reset")),
        (Fault::ServerErrors, 3, &[("http.undocumented-status", 1)], Some("status 504: server error")),
        (Fault::Silence, 1, &[("http.no-answer", 1)], Some("timeout")),
        (Fault::Slow, 0, &[("http.cut-off", 1)], Some("timeout")),
        (Fault::TruncatedJson, 0, &[("syntax.json", 1)], None),
        (Fault::WrongContentType, 0, &[("http.content-type", 1)], None),
        (Fault::WrongLength, 0, &[("http.cut-off", 1)], Some("connection closed early")),
        (Fault::WrongLength, 1, &[("syntax.json", 1)], None),
    ];
    assert!(Fault::ALL.iter().all(|fault| expected.iter().any(|(expected, ..)| expected == fault)));
    for (fault, retries, rules, why) in expected {
        let report = probed(&judge, fault, retries);
        let found: Vec<(&str, u64)> = report.groups.iter().map(|group| (group.rule.as_deref().unwrap_or_default(), group.count)).collect();
        assert_eq!(found, rules, "{}", fault.name());
        match (why, report.inputs[0].error.as_deref()) {
            (None, None) => {}
            (Some(why), Some(error)) => assert!(error.contains(why), "{}: {error}", fault.name()),
            (_, error) => panic!("{}: {error:?}", fault.name()),
        }
        assert_eq!(report.is_kept(), rules.is_empty() && why.is_none(), "{}", fault.name());
    }
}

#[test]
fn the_probe_retries_transient_faults() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    for fault in [NetworkFault::Reset, NetworkFault::RateLimitStorm] {
        let simulator = simulator(&[fault], 40);
        let report = probe(&judge, &plan(&simulator, 16, 8)).expect("a report");
        assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges >= 16, "{}: {:#?}", fault.name(), report.groups);
        assert_eq!(report.inputs[0].error, None, "{}", fault.name());
    }
}

#[test]
fn the_probe_terminates_with_all_faults_at_once() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    // The order in which concurrent requests arrive decides which of them has which fault. A request has no response only if every retry
    // fails as well: resets are more frequent than other faults, so that the probability of no such request is negligible.
    let faults: Vec<NetworkFault> = NetworkFault::ALL.into_iter().chain([NetworkFault::Reset; 20]).collect();
    let simulator = simulator(&faults, 80);
    let mut plan = plan(&simulator, 16, 3);
    (plan.artifacts, plan.related, plan.errors, plan.sending.concurrency) = (true, true, true, 16);
    plan.sending.timeout = Duration::from_millis(500);
    let began = Instant::now();
    let report = probe(&judge, &plan).expect("a report");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let rules: BTreeSet<&str> = report.groups.iter().filter_map(|group| group.rule.as_deref()).collect();
    let is_of_the_network = |rule: &&str| ["http.", "syntax.", "artifact"].iter().any(|kind| rule.starts_with(kind));
    assert!(rules.iter().all(is_of_the_network), "a rule on a body fails: {rules:?}");
    // The load of the machine decides whether a fault ends a request before or within its response.
    assert!(rules.contains("http.no-answer") && rules.contains("http.cut-off"), "{rules:?}");
}

#[test]
fn an_unknown_fault_is_refused_with_a_similar_name() {
    let error_for = |name: &str| {
        let options = SimulatorOptions { faults: vec![name.to_owned()], ..SimulatorOptions::default() };
        match Simulator::start(options) {
            Err(error @ Error::UnknownFault { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        error_for("network.cutoff"),
        "unknown fault `network.cutoff`; did you mean `network.cut-off`? `charter serve --list-faults` lists all"
    );
    assert!(error_for("slow").contains("did you mean `network.slow`?"));
    assert_eq!(error_for("moonshine"), "unknown fault `moonshine`; `charter serve --list-faults` lists all");
}
