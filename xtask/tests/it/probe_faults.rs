//! Failing servers: every failure is a finding or an input error, within a time limit.

use std::io::Write;
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{Reply, Server, envelope, finding_ids, json_response, judge, plan, run, text_report, valid};
use charter_engine::CheckOptions;
use charter_probe::{Error, Plan, probe, probe_with};
use charter_report::Report;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Probes, and asserts the maximum duration.
fn probed(plan: &Plan, within: Duration) -> Report {
    let began = Instant::now();
    let report = probe(&judge(), plan).expect("a report");
    assert!(began.elapsed() < within, "it took {:?}\n{}", began.elapsed(), text_report(&report));
    report
}

/// Asserts that a run could not be fetched: one finding of this rule, with this reason.
fn not_fetched(plan: &Plan, rule: &str, why: &str) {
    let report = probed(plan, Duration::from_secs(15));
    assert_eq!(finding_ids(&report), [rule], "{}", text_report(&report));
    let message = &report.groups[0].samples[0].message;
    assert!(message.contains(why), "{message}");
    let error = report.inputs[0].error.as_deref().expect("the run could not be fetched");
    assert!(error.contains(why) && error.contains("run_1"), "{error}");
    assert!(!report.is_kept());
}

#[test]
fn a_refused_connection() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    not_fetched(&plan(format!("http://127.0.0.1:{port}"), &["run_1"]), "http.no-answer", "connection refused");
}

#[test]
fn a_name_that_is_not_resolved() {
    let mut plan = plan("https://charter.invalid", &["run_1"]);
    plan.sending.retries = 0;
    let report = probed(&plan, Duration::from_secs(15));
    // The contract names other servers, so the exchange has no operation. Only the reason of the failure matters.
    assert!(
        report.inputs[0].error.as_deref().is_some_and(|error| error.contains("no response from the server")),
        "{}",
        text_report(&report)
    );
}

#[test]
fn requests_stop_if_the_server_does_not_exist() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    let ids: Vec<String> = (0..2_000).map(|number| format!("run_{number}")).collect();
    let mut plan = plan(format!("http://127.0.0.1:{port}"), &ids.iter().map(String::as_str).collect::<Vec<_>>());
    plan.sending.retries = 0;
    let report = probed(&plan, Duration::from_secs(15));
    assert!(report.summary.exchanges < 100, "{}", report.summary.exchanges);
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains(" skipped")), "{:?}", report.inputs);
}

#[test]
fn a_reset_in_mid_body() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{\"id\": ";
    let server = Server::start(move |_| Reply::Reset(head.to_vec()));
    not_fetched(&plan(server.url(), &["run_1"]), "http.cut-off", "connection reset");
}

#[test]
fn a_truncated_body() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{}";
    let server = Server::start(move |_| Reply::Raw(vec![(head.to_vec(), Duration::ZERO)]));
    not_fetched(&plan(server.url(), &["run_1"]), "http.cut-off", "connection closed early");
}

#[test]
fn no_response() {
    let server = Server::start(|_| Reply::Silence);
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.timeout = Duration::from_millis(500);
    plan.sending.retries = 50;
    not_fetched(&plan, "http.no-answer", "timeout");
    assert_eq!(server.requests().len(), 2, "a timeout is retried once");
    let server = Server::start(|_| Reply::Raw(Vec::new()));
    not_fetched(&crate::common::plan(server.url(), &["run_1"]), "http.no-answer", "connection closed early");
}

#[test]
fn a_slow_body() {
    let server = Server::start(|_| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n".to_vec();
        let drips = std::iter::repeat_n((b" ".to_vec(), Duration::from_millis(50)), 10_000);
        Reply::Raw(std::iter::once((head, Duration::ZERO)).chain(drips).collect())
    });
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.timeout = Duration::from_millis(700);
    not_fetched(&plan, "http.cut-off", "timeout");
}

#[test]
fn a_body_of_ten_gigabytes() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10000000000\r\n\r\n";
    let server = Server::start(move |_| Reply::Endless(head.to_vec()));
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.max_body = 4 << 20;
    let report = probed(&plan, Duration::from_secs(10));
    assert!(report.groups.is_empty() && report.summary.unreadable == 1, "{}", text_report(&report));
    assert!(
        report.inputs[0].error.as_deref().is_some_and(|error| error.contains("longer than the limit of 4194304 bytes")),
        "{:?}",
        report.inputs
    );
}

#[test]
fn an_endless_body_without_a_length() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let server = Server::start(move |_| Reply::Endless(head.to_vec()));
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.max_body = 4 << 20;
    let report = probed(&plan, Duration::from_secs(10));
    assert_eq!(report.summary.unreadable, 1, "{}", text_report(&report));
}

#[test]
fn an_endless_redirect() {
    let server = Server::start(|request| {
        let target = format!("{}x", request.target);
        Reply::Response { status: 302, headers: vec![("location".to_owned(), target)], body: Vec::new() }
    });
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(10));
    assert_eq!(finding_ids(&report), ["http.undocumented-status"], "{}", text_report(&report));
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("redirects are not followed")), "{:?}", report.inputs);
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn a_server_of_another_protocol() {
    let server = Server::start(|_| Reply::Raw(vec![(b"220 mail.example ESMTP\r\n".to_vec(), Duration::ZERO)]));
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(10));
    assert_eq!(finding_ids(&report), ["http.no-answer"], "{}", text_report(&report));
}

#[test]
fn a_storm_of_429() {
    let server =
        Server::start(|_| json_response(429, &envelope("rate_limited")).header("x-request-id", "req_1").header("retry-after", "0"));
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.retries = 3;
    let report = probed(&plan, Duration::from_secs(15));
    assert!(report.groups.is_empty() && report.summary.exchanges == 1, "the last response is checked: {}", text_report(&report));
    assert_eq!(server.requests().len(), 4);
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("status 429")), "{:?}", report.inputs);
}

#[test]
fn retry_after_is_respected() {
    let at = httpdate::fmt_http_date(std::time::SystemTime::now() - Duration::from_secs(86_400));
    let until = httpdate::fmt_http_date(std::time::SystemTime::now() - Duration::from_secs(86_399));
    let server = Server::start(move |request| match request.number {
        0 => json_response(429, &envelope("rate_limited")).header("x-request-id", "req_1").header("retry-after", "1"),
        // The server's clock is a day behind; by that clock, the pause is one second.
        1 => {
            json_response(429, &envelope("rate_limited")).header("x-request-id", "req_1").header("retry-after", &until).header("date", &at)
        }
        _ => valid(request),
    });
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.retries = 3;
    let began = Instant::now();
    let report = probed(&plan, Duration::from_secs(15));
    assert!(report.is_kept() && report.summary.exchanges == 1 && server.requests().len() == 3, "{}", text_report(&report));
    assert!(began.elapsed() >= Duration::from_secs(2), "both pauses are respected: {:?}", began.elapsed());
}

#[test]
fn a_retry_after_of_a_day_is_an_error() {
    let server =
        Server::start(|_| json_response(429, &envelope("rate_limited")).header("x-request-id", "req_1").header("retry-after", "86400"));
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(5));
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("requests a pause of 86400 s")), "{:?}", report.inputs);
}

#[test]
fn a_burst_of_5xx() {
    let burst = |request: &crate::common::ReceivedRequest| match request.number {
        0 | 1 => json_response(500, &envelope("internal")).header("x-request-id", "req_1"),
        _ => valid(request),
    };
    let server = Server::start(burst);
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.retries = 3;
    let report = probed(&plan, Duration::from_secs(15));
    assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges == 1, "{}", text_report(&report));
    // The responses of a gateway are undocumented.
    let server = Server::start(|_| Reply::Response {
        status: 502,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<h1>".to_vec(),
    });
    plan.base_url = server.url();
    let report = probed(&plan, Duration::from_secs(15));
    assert_eq!(finding_ids(&report), ["http.undocumented-status"], "{}", text_report(&report));
    assert!(report.has_input_errors());
}

#[test]
fn a_reset_request_is_retried_and_not_counted() {
    let server = Server::start(|request| if request.number == 0 { Reply::Reset(Vec::new()) } else { valid(request) });
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(10));
    assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges == 1, "{}", text_report(&report));
}

#[test]
fn wrong_times_violate_only_rules_about_times() {
    let server = Server::start(|request| {
        let mut run = run(request.segment(3), "completed", &[]);
        run["timing"]["startedAt"] = "2031-01-01T00:00:00Z".into();
        json_response(200, &run).header("date", "Thu, 01 Jan 1970 00:00:00 GMT")
    });
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(10));
    assert!(
        !report.groups.is_empty()
            && finding_ids(&report).iter().all(|rule| rule.contains("timing") || rule.contains("started") || rule.contains("duration")),
        "{}",
        text_report(&report)
    );
}

/// A TLS server with one fixed response and a certificate for `name`.
fn tls_server(name: &str) -> (u16, String, tokio::runtime::Runtime) {
    let mut params = CertificateParams::new(Vec::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().expect("a key")).expect("an authority");
    let key = KeyPair::generate().expect("a key");
    let certificate = CertificateParams::new(vec![name.to_owned()]).expect("parameters").signed_by(&key, &authority).expect("signed");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).expect("a key"))
        .expect("a certificate");
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime");
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let port = listener.local_addr().expect("an address").port();
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.read(&mut [0; 4096]).await;
                let body = run("run_1", "completed", &[]).to_string();
                let head = format!(
                    "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(format!("{head}{body}").as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    (port, authority.pem(), runtime)
}

#[test]
fn certificates_need_a_trusted_authority_and_the_right_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, authority, _runtime) = tls_server("localhost");
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, authority).expect("a file");
    let mut plan = plan(format!("https://localhost:{port}"), &["run_1"]);
    not_fetched(&plan, "http.no-answer", "certificate refused");
    plan.sending.ca_file = Some(ca_file.clone());
    let report = probed(&plan, Duration::from_secs(10));
    assert!(report.is_kept() && report.groups.is_empty(), "{}", text_report(&report));
    let (port, authority, _runtime) = tls_server("another.example");
    std::fs::File::options().append(true).open(&ca_file).and_then(|mut file| file.write_all(authority.as_bytes())).expect("a file");
    plan.base_url = format!("https://localhost:{port}");
    not_fetched(&plan, "http.no-answer", "certificate refused");
    std::fs::write(&ca_file, "").expect("a file");
    let error = probe(&judge(), &plan).expect_err("no certificate");
    assert!(matches!(&error, Error::NoCertificates(file) if *file == ca_file), "{error}");
    std::fs::write(&ca_file, "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").expect("a file");
    let error = probe(&judge(), &plan).expect_err("no certificate");
    assert!(matches!(error, Error::Certificates { .. } | Error::Client(_)), "{error}");
}

#[test]
fn an_interrupted_probe_reports_and_records_the_exchanges_so_far() {
    let server = Server::start(|request| if request.segment(3) == "run_1" { valid(request) } else { Reply::Silence });
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("runs.ndjson");
    let mut plan = plan(server.url(), &["run_1", "run_2"]);
    plan.sending.timeout = Duration::from_secs(60);
    plan.record = Some(record.clone());
    let began = Instant::now();
    let report = probe_with(&judge(), &plan, &CheckOptions::default(), &mut |progress| {
        if progress.exchanges >= 1 && began.elapsed() > Duration::from_millis(300) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    });
    let report = report.expect("a report");
    assert!(!report.complete && report.summary.kept == 1, "{}", text_report(&report));
    assert!(began.elapsed() < Duration::from_secs(5), "open requests are aborted");
    assert_eq!(std::fs::read_to_string(record).expect("the finished part").lines().count(), 1);
}
