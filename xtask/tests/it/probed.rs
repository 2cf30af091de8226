//! The requests of a probe, and its report of servers with and without violations.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crate::common::{Reply, Server, finding_ids, json_response, judge, plan, run, text_report, valid};
use charter_probe::{Error, Sections, probe};
use charter_traffic::mask::Secret;

#[test]
fn a_server_without_violations_has_no_finding() {
    let server = Server::start(valid);
    let mut plan = plan(server.url(), &["run_1", "run_2"]);
    plan.sections = Sections::AllCombinations;
    plan.errors = true;
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.groups.is_empty() && report.is_kept(), "{}", text_report(&report));
    assert_eq!(report.summary.exchanges, 2 * 16 + 4, "every combination of sections, and every request that must be refused");
    let targets: BTreeSet<String> = server.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets.len(), 2 * 16 + 2, "two refused requests have the URL of an existing run");
    assert!(targets.contains("/api/v1/runs/run_1?expand=input,usage,execution,debug"), "{targets:?}");
}

#[test]
fn a_violation_is_found() {
    let server = Server::start(|request| {
        let mut run = run(request.segment(3), "completed", &request.listed("expand"));
        run["sampleRank"] = 1.into();
        json_response(200, &run)
    });
    let report = probe(&judge(), &plan(server.url(), &["run_1"])).expect("a report");
    assert_eq!(finding_ids(&report), ["run.sample-rank-below-one"], "{}", text_report(&report));
    let sample = &report.groups[0].samples[0];
    assert_eq!(sample.exchange.url.as_deref(), Some(&*format!("{}/api/v1/runs/run_1", server.url())));
    assert!(sample.position.is_some() && sample.excerpt.is_some(), "a finding has a position and an excerpt");
}

#[test]
fn a_run_is_watched_until_it_is_finished() {
    let statuses = ["pending", "running", "running", "completed"];
    let server = Server::start(move |request| {
        json_response(200, &run(request.segment(3), statuses[request.number.min(3)], &request.listed("expand")))
    });
    let mut plan = plan(server.url(), &["run_1"]);
    plan.until_finished = true;
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.is_kept() && report.groups.is_empty(), "{}", text_report(&report));
    assert_eq!(report.summary.exchanges, 4);
    let compared = report.rules.iter().find(|rule| rule.id == "run.type-never-changes").expect("the rule");
    assert_eq!(compared.passed, 3, "each observation is compared with the previous one");
}

#[test]
fn a_finished_run_that_continues_is_found() {
    let statuses = ["running", "completed", "running", "completed"];
    let server = Server::start(move |request| {
        json_response(200, &run(request.segment(3), statuses[request.number.min(3)], &request.listed("expand")))
    });
    let mut plan = plan(server.url(), &["run_1"]);
    plan.until_finished = true;
    plan.sections = Sections::AllCombinations;
    let report = probe(&judge(), &plan).expect("a report");
    assert_eq!(finding_ids(&report), ["run.finished-stays"], "{}", text_report(&report));
    let previous = report.groups[0].samples[0].previous.as_ref().expect("the previous observation");
    assert_eq!((&previous["found"], &previous["line"]), (&true.into(), &2.into()), "the previous value has its position in the recording");
}

#[test]
fn waiting_for_a_run_has_a_limit() {
    let server = Server::start(|request| json_response(200, &run(request.segment(3), "running", &request.listed("expand"))));
    let mut plan = plan(server.url(), &["run_1"]);
    plan.until_finished = true;
    plan.sending.wait = Duration::from_millis(200);
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.groups.is_empty() && report.has_input_errors() && !report.is_kept(), "{}", text_report(&report));
    assert!(report.inputs[0].error.as_ref().is_some_and(|error| error.contains("run_1: not finished after 0.2 s")), "{:?}", report.inputs);
}

#[test]
fn a_run_that_cannot_be_fetched_is_an_input_error() {
    let server = Server::start(valid);
    let mut plan = plan(server.url(), &["charter-probe-unknown"]);
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.inputs[0].error.as_ref().is_some_and(|error| error.contains("status 404")), "{:?}", report.inputs);
    plan.key = Some(Secret::new("another-key").expect("a key"));
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.inputs[0].error.as_ref().is_some_and(|error| error.contains("check the key")), "{:?}", report.inputs);
    plan.key = None;
    assert!(matches!(probe(&judge(), &plan), Err(Error::NoKey)));
}

#[test]
fn a_server_that_refuses_no_request_is_found() {
    let server = Server::start(|request| json_response(200, &run(request.segment(3), "completed", &[])));
    let mut plan = plan(server.url(), &["run_1"]);
    plan.errors = true;
    let report = probe(&judge(), &plan).expect("a report");
    let found: BTreeSet<String> = finding_ids(&report).into_iter().collect();
    // The contract has a rule for requests without a key. The other requests violate no rule, but must be refused.
    let wanted = ["http.not-refused", "runs.get.needs-a-key"].map(str::to_owned);
    assert_eq!(found, wanted.into_iter().collect(), "{}", text_report(&report));
    let counts: Vec<u64> = report.groups.iter().filter(|group| group.kind.as_str() == "http").map(|group| group.count).collect();
    assert_eq!(counts.iter().sum::<u64>(), 3, "{}", text_report(&report));
}

#[test]
fn requests_respect_the_rate_and_the_concurrency() {
    static OPEN: AtomicUsize = AtomicUsize::new(0);
    static MOST: AtomicUsize = AtomicUsize::new(0);
    let server = Server::start(|request| {
        let open = OPEN.fetch_add(1, Ordering::SeqCst) + 1;
        MOST.fetch_max(open, Ordering::SeqCst);
        let reply = valid(request);
        let Reply::Response { body, .. } = reply else { return reply };
        OPEN.fetch_sub(1, Ordering::SeqCst);
        Reply::Response { status: 200, headers: vec![("content-type".to_owned(), "application/json".to_owned())], body }
    });
    let ids: Vec<String> = (0..10).map(|number| format!("run_{number}")).collect();
    let mut plan = plan(server.url(), &ids.iter().map(String::as_str).collect::<Vec<_>>());
    plan.sending.rate = Some(50.0);
    plan.sending.concurrency = 3;
    let began = Instant::now();
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.is_kept() && report.summary.exchanges == 10, "{}", text_report(&report));
    assert!(began.elapsed() >= Duration::from_millis(170), "ten requests at 50/s have nine pauses of 20 ms");
    assert!(MOST.load(Ordering::SeqCst) <= 3);
}

#[test]
fn a_section_that_the_contract_does_not_have_is_an_error() {
    let judge = judge();
    let mut plan = plan("http://127.0.0.1:9", &["run_1"]);
    plan.sections = Sections::Named(vec!["steps".to_owned()]);
    let error = probe(&judge, &plan).expect_err("no such section").to_string();
    assert!(error.contains("input, usage, execution, debug"), "{error}");
}
