//! What the network does on request: on the wire, to whoever reads it byte by byte, and to the probe, which says what it saw.

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

/// What comes on a new connection, until it ends or nothing comes for a while.
fn asked(simulator: &Simulator) -> (String, Result<(), ErrorKind>) {
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

/// Status, header fields and body of an answer.
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
fn an_answer_is_cut_off_by_a_close_and_by_a_reset_in_turn() {
    let simulator = simulator(&[NetworkFault::CutOff], 100);
    for end in [Ok(()), RESET, Ok(()), RESET] {
        let (text, ended) = asked(&simulator);
        let (status, head, body) = parts(&text);
        assert_eq!((status, ended), (200, end), "{text}");
        assert!(body.starts_with("{\"id\"") && body.len() == length(head) / 2, "{text}");
    }
}

#[test]
fn a_reset_and_silence_say_nothing() {
    assert_eq!(asked(&simulator(&[NetworkFault::Reset], 100)), (String::new(), RESET));
    assert_eq!(asked(&simulator(&[NetworkFault::Silence], 100)), (String::new(), WAITING));
}

#[test]
fn a_wrong_length_is_above_and_below_what_is_on_the_wire() {
    let simulator = simulator(&[NetworkFault::WrongLength], 100);
    for turn in 0..4 {
        let (text, ended) = asked(&simulator);
        let (_, head, body) = parts(&text);
        serde_json::from_str::<serde_json::Value>(body).expect("the body is whole");
        match turn % 2 {
            0 => assert!(length(head) > body.len() && ended == Ok(()), "{text}"),
            _ => assert!(length(head) == body.len() / 2 && ended == WAITING, "{text}"),
        }
    }
}

#[test]
fn a_body_is_half_or_slow_or_endless_or_something_else() {
    let text = asked(&simulator(&[NetworkFault::TruncatedJson], 100)).0;
    let (_, head, body) = parts(&text);
    assert!(length(head) == body.len() && serde_json::from_str::<serde_json::Value>(body).is_err(), "{text}");
    let began = Instant::now();
    let slow = simulator(&[NetworkFault::Slow], 100);
    let mut stream = TcpStream::connect(slow.base_url().trim_start_matches("http://")).expect("a connection");
    write!(stream, "GET /nowhere HTTP/1.1\r\nhost: simulator\r\nconnection: close\r\n\r\n").expect("a request");
    let mut text = String::new();
    stream.read_to_string(&mut text).expect("the whole answer");
    let (_, head, body) = parts(&text);
    assert_eq!(length(head), body.len());
    assert!(began.elapsed() >= Duration::from_millis(100) * body.len() as u32, "{} bytes in {:?}", body.len(), began.elapsed());
    assert!(asked(&simulator(&[NetworkFault::HugeBody], 100)).0.len() > 1 << 22);
    let text = asked(&simulator(&[NetworkFault::WrongContentType], 100)).0;
    assert_eq!(field(parts(&text).1, "content-type"), Some("text/html"));
}

#[test]
fn refusals_of_the_network_come_in_turn() {
    let busy = simulator(&[NetworkFault::RateLimitStorm], 100);
    let waits: Vec<String> = (0..2)
        .map(|_| {
            let text = asked(&busy).0;
            let (status, head, body) = parts(&text);
            assert!(status == 429 && body.contains("rate_limited"), "{text}");
            field(head, "retry-after").expect("when to come back").to_owned()
        })
        .collect();
    assert!(waits[0] == "1" && waits[1].ends_with(" GMT"), "{waits:?}");
    let failing = simulator(&[NetworkFault::ServerErrors], 100);
    let answers: Vec<(u16, bool)> = (0..4)
        .map(|_| {
            let text = asked(&failing).0;
            (parts(&text).0, parts(&text).2.contains("requestId"))
        })
        .collect();
    assert_eq!(answers, [(500, true), (502, false), (503, true), (504, false)]);
    let leading = simulator(&[NetworkFault::EndlessRedirect], 100);
    let places: BTreeSet<String> = (0..3).map(|_| field(parts(&asked(&leading).0).1, "location").expect("a place").to_owned()).collect();
    assert_eq!(places.len(), 3, "{places:?}");
}

#[test]
fn a_skewed_clock_is_behind_and_ahead() {
    let skewed = simulator(&[NetworkFault::ClockSkew], 100);
    let now = std::time::SystemTime::now();
    let date = || {
        let text = asked(&skewed).0;
        httpdate::parse_http_date(field(parts(&text).1, "date").expect("a date")).expect("a date")
    };
    let (behind, ahead, hours) = (date(), date(), Duration::from_secs(23 * 3_600));
    assert!(behind < now - hours && ahead > now + hours, "{behind:?} {ahead:?}");
}

/// What a probe of one run says, within the time that it may take.
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

/// A fault, the repetitions, what is found and how often, and why the run was not shown.
type Expected<'e> = (NetworkFault, usize, &'e [(&'e str, u64)], Option<&'e str>);

#[test]
fn the_probe_says_what_the_network_did() {
    use NetworkFault as Fault;
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let expected: [Expected<'_>; 14] = [
        (Fault::ClockSkew, 0, &[], None),
        (Fault::CutOff, 0, &[("http.cut-off", 1)], Some("connection closed early")),
        (Fault::CutOff, 1, &[("http.cut-off", 2)], Some("connection reset")),
        (Fault::EndlessRedirect, 0, &[("http.undocumented-status", 1)], Some("status 307: redirects")),
        (Fault::HugeBody, 0, &[], Some("longer than the limit of 1048576 bytes")),
        (Fault::RateLimitStorm, 1, &[], Some("status 429: too many requests")),
        (Fault::Reset, 1, &[("http.no-answer", 1)], Some("connection reset")),
        (Fault::ServerErrors, 3, &[("http.undocumented-status", 3)], Some("status 504: server error")),
        (Fault::Silence, 1, &[("http.no-answer", 1)], Some("timeout")),
        (Fault::Slow, 0, &[("http.cut-off", 1)], Some("timeout")),
        (Fault::TruncatedJson, 0, &[("syntax.json", 1)], None),
        (Fault::WrongContentType, 0, &[("http.content-type", 1)], None),
        (Fault::WrongLength, 0, &[("http.cut-off", 1)], Some("connection closed early")),
        (Fault::WrongLength, 1, &[("http.cut-off", 1), ("syntax.json", 1)], None),
    ];
    assert!(Fault::ALL.iter().all(|fault| expected.iter().any(|(expected, ..)| expected == fault)));
    for (fault, retries, rules, why) in expected {
        let report = probed(&judge, fault, retries);
        let found: Vec<(&str, u64)> = report.groups.iter().map(|group| (group.rule.as_deref().unwrap_or_default(), group.count)).collect();
        assert_eq!(found, rules, "{}", fault.name());
        match (why, report.inputs[0].error.as_deref()) {
            (None, None) => {}
            (Some(why), Some(told)) => assert!(told.contains(why), "{}: {told}", fault.name()),
            (_, told) => panic!("{}: {told:?}", fault.name()),
        }
        assert_eq!(report.is_kept(), rules.is_empty() && why.is_none(), "{}", fault.name());
    }
}

#[test]
fn what_passes_is_asked_for_again_and_seen() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    for fault in [NetworkFault::Reset, NetworkFault::RateLimitStorm] {
        let simulator = simulator(&[fault], 40);
        let report = probe(&judge, &plan(&simulator, 16, 8)).expect("a report");
        assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges >= 16, "{}: {:#?}", fault.name(), report.groups);
        assert_eq!(report.inputs[0].error, None, "{}", fault.name());
    }
}

#[test]
fn whatever_the_network_does_at_once_the_probe_comes_to_an_end() {
    let judge = Judge::load("../schema").unwrap_or_else(|error| panic!("{error}"));
    let simulator = simulator(&NetworkFault::ALL, 60);
    let mut plan = plan(&simulator, 16, 3);
    (plan.artifacts, plan.related, plan.errors, plan.sending.concurrency) = (true, true, true, 16);
    plan.sending.timeout = Duration::from_millis(500);
    let began = Instant::now();
    let report = probe(&judge, &plan).expect("a report");
    assert!(began.elapsed() < Duration::from_secs(60), "{:?}", began.elapsed());
    let rules: BTreeSet<&str> = report.groups.iter().filter_map(|group| group.rule.as_deref()).collect();
    let of_the_network = |rule: &&str| ["http.", "syntax.", "artifact"].iter().any(|kind| rule.starts_with(kind));
    assert!(rules.iter().all(of_the_network), "no promise of a body is broken: {rules:?}");
    assert!(rules.contains("http.no-answer") && rules.contains("http.cut-off"), "{rules:?}");
}

#[test]
fn a_fault_that_there_is_not_is_named_with_what_may_have_been_meant() {
    let refused = |name: &str| {
        let options = SimulatorOptions { faults: vec![name.to_owned()], ..SimulatorOptions::default() };
        match Simulator::start(options) {
            Err(error @ Error::UnknownFault { .. }) => error.to_string(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(
        refused("network.cutoff"),
        "no fault is called `network.cutoff`; did you mean `network.cut-off`? serve --list-faults names them all"
    );
    assert!(refused("slow").contains("did you mean `network.slow`?"));
    assert_eq!(refused("moonshine"), "no fault is called `moonshine`; serve --list-faults names them all");
}
