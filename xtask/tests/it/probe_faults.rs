//! Servers that fail: each failure is a finding or the error of the input, within the time that is allowed.

use std::io::Write;
use std::net::TcpListener;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::common::{Reply, Server, answer, envelope, found, judge, kept, plan, run, shown};
use charter_engine::CheckOptions;
use charter_probe::{Error, Plan, probe, probe_with};
use charter_report::Report;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Judges, and sees that it takes no longer than it may.
fn probed(plan: &Plan, within: Duration) -> Report {
    let began = Instant::now();
    let report = probe(&judge(), plan).expect("a report");
    assert!(began.elapsed() < within, "it took {:?}\n{}", began.elapsed(), shown(&report));
    report
}

/// What came of one run that was not shown: one finding, and why.
fn unseen(plan: &Plan, rule: &str, why: &str) {
    let report = probed(plan, Duration::from_secs(15));
    assert_eq!(found(&report), [rule], "{}", shown(&report));
    let message = &report.groups[0].samples[0].message;
    assert!(message.contains(why), "{message}");
    let error = report.inputs[0].error.as_deref().expect("the run was not shown");
    assert!(error.contains(why) && error.contains("run_1"), "{error}");
    assert!(!report.is_kept());
}

#[test]
fn a_refused_connection() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a port").port();
    unseen(&plan(format!("http://127.0.0.1:{port}"), &["run_1"]), "http.no-answer", "connection refused");
}

#[test]
fn a_name_that_is_not_resolved() {
    let mut plan = plan("https://charter.invalid", &["run_1"]);
    plan.sending.retries = 0;
    let report = probed(&plan, Duration::from_secs(15));
    // The contract's own servers are elsewhere; what matters is that the exchange says why there is no answer.
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("no response from the server")), "{}", shown(&report));
}

#[test]
fn a_server_that_is_not_there_is_not_asked_for_ever() {
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
    unseen(&plan(server.url(), &["run_1"]), "http.cut-off", "connection reset");
}

#[test]
fn a_body_that_ends_too_soon() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{}";
    let server = Server::start(move |_| Reply::Raw(vec![(head.to_vec(), Duration::ZERO)]));
    unseen(&plan(server.url(), &["run_1"]), "http.cut-off", "connection closed early");
}

#[test]
fn no_answer_at_all() {
    let server = Server::start(|_| Reply::Silence);
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.timeout = Duration::from_millis(500);
    plan.sending.retries = 50;
    unseen(&plan, "http.no-answer", "timeout");
    assert_eq!(server.asked().len(), 2, "time that runs out twice runs out");
    let server = Server::start(|_| Reply::Raw(Vec::new()));
    unseen(&crate::common::plan(server.url(), &["run_1"]), "http.no-answer", "connection closed early");
}

#[test]
fn a_slow_drip() {
    let server = Server::start(|_| {
        let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 100000\r\n\r\n".to_vec();
        let drips = std::iter::repeat_n((b" ".to_vec(), Duration::from_millis(50)), 10_000);
        Reply::Raw(std::iter::once((head, Duration::ZERO)).chain(drips).collect())
    });
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.timeout = Duration::from_millis(700);
    unseen(&plan, "http.cut-off", "timeout");
}

#[test]
fn a_body_of_ten_gigabytes() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 10000000000\r\n\r\n";
    let server = Server::start(move |_| Reply::Endless(head.to_vec()));
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.max_body = 4 << 20;
    let report = probed(&plan, Duration::from_secs(10));
    assert!(report.groups.is_empty() && report.summary.unreadable == 1, "{}", shown(&report));
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("longer than the limit of 4194304 bytes")), "{:?}", report.inputs);
}

#[test]
fn a_body_without_an_announced_end() {
    let head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    let server = Server::start(move |_| Reply::Endless(head.to_vec()));
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.max_body = 4 << 20;
    let report = probed(&plan, Duration::from_secs(10));
    assert_eq!(report.summary.unreadable, 1, "{}", shown(&report));
}

#[test]
fn an_endless_redirect() {
    let server = Server::start(|asked| {
        let target = format!("{}x", asked.target);
        Reply::Answer { status: 302, headers: vec![("location".to_owned(), target)], body: Vec::new() }
    });
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(10));
    assert_eq!(found(&report), ["http.undocumented-status"], "{}", shown(&report));
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("redirects are not followed")), "{:?}", report.inputs);
    assert_eq!(server.asked().len(), 1);
}

#[test]
fn what_is_no_http() {
    let server = Server::start(|_| Reply::Raw(vec![(b"220 mail.example ESMTP\r\n".to_vec(), Duration::ZERO)]));
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(10));
    assert_eq!(found(&report), ["http.no-answer"], "{}", shown(&report));
}

#[test]
fn a_storm_of_429() {
    let server = Server::start(|_| answer(429, &envelope("rate_limited")).header("x-request-id", "req_1").header("retry-after", "0"));
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.retries = 3;
    let report = probed(&plan, Duration::from_secs(15));
    assert!(report.groups.is_empty() && report.summary.exchanges == 4, "every answer is judged: {}", shown(&report));
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("status 429")), "{:?}", report.inputs);
}

#[test]
fn a_429_that_passes_is_waited_for() {
    let at = httpdate::fmt_http_date(std::time::SystemTime::now() - Duration::from_secs(86_400));
    let until = httpdate::fmt_http_date(std::time::SystemTime::now() - Duration::from_secs(86_399));
    let server = Server::start(move |asked| match asked.number {
        0 => answer(429, &envelope("rate_limited")).header("x-request-id", "req_1").header("retry-after", "1"),
        // A clock that is a day behind, by which the pause is one second.
        1 => answer(429, &envelope("rate_limited")).header("x-request-id", "req_1").header("retry-after", &until).header("date", &at),
        _ => kept(asked),
    });
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.retries = 3;
    let began = Instant::now();
    let report = probed(&plan, Duration::from_secs(15));
    assert!(report.is_kept() && report.summary.exchanges == 3, "{}", shown(&report));
    assert!(began.elapsed() >= Duration::from_secs(2), "both pauses were kept: {:?}", began.elapsed());
}

#[test]
fn a_pause_of_a_day_is_not_waited_for() {
    let server = Server::start(|_| answer(429, &envelope("rate_limited")).header("x-request-id", "req_1").header("retry-after", "86400"));
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(5));
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("requests a pause of 86400 s")), "{:?}", report.inputs);
}

#[test]
fn a_burst_of_5xx() {
    let burst = |asked: &crate::common::Asked| match asked.number {
        0 | 1 => answer(500, &envelope("internal")).header("x-request-id", "req_1"),
        _ => kept(asked),
    };
    let server = Server::start(burst);
    let mut plan = plan(server.url(), &["run_1"]);
    plan.sending.retries = 3;
    let report = probed(&plan, Duration::from_secs(15));
    assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges == 3, "{}", shown(&report));
    // A gateway that is not the API: its answers are undocumented, and so is what they hold.
    let server = Server::start(|_| Reply::Answer {
        status: 502,
        headers: vec![("content-type".to_owned(), "text/html".to_owned())],
        body: b"<h1>".to_vec(),
    });
    plan.base_url = server.url();
    let report = probed(&plan, Duration::from_secs(15));
    assert_eq!(found(&report), ["http.undocumented-status"], "{}", shown(&report));
    assert!(report.has_input_errors());
}

#[test]
fn one_lost_request_is_sent_again_and_counts_for_nothing() {
    let server = Server::start(|asked| if asked.number == 0 { Reply::Reset(Vec::new()) } else { kept(asked) });
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(10));
    assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges == 1, "{}", shown(&report));
}

#[test]
fn a_clock_that_goes_wrong_breaks_only_what_is_promised_of_it() {
    let server = Server::start(|asked| {
        let mut run = run(asked.segment(3), "completed", &[]);
        run["timing"]["startedAt"] = "2031-01-01T00:00:00Z".into();
        answer(200, &run).header("date", "Thu, 01 Jan 1970 00:00:00 GMT")
    });
    let report = probed(&plan(server.url(), &["run_1"]), Duration::from_secs(10));
    assert!(
        !report.groups.is_empty()
            && found(&report).iter().all(|rule| rule.contains("timing") || rule.contains("started") || rule.contains("duration")),
        "{}",
        shown(&report)
    );
}

/// A server on TLS that gives one answer to everyone; its certificate is for `name`.
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
fn a_certificate_is_trusted_only_from_a_known_authority_and_for_its_name() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, authority, _runtime) = tls_server("localhost");
    let ca_file = folder.path().join("ca.pem");
    std::fs::write(&ca_file, authority).expect("a file");
    let mut plan = plan(format!("https://localhost:{port}"), &["run_1"]);
    unseen(&plan, "http.no-answer", "certificate refused");
    plan.sending.ca_file = Some(ca_file.clone());
    let report = probed(&plan, Duration::from_secs(10));
    assert!(report.is_kept() && report.groups.is_empty(), "{}", shown(&report));
    let (port, authority, _runtime) = tls_server("another.example");
    std::fs::File::options().append(true).open(&ca_file).and_then(|mut file| file.write_all(authority.as_bytes())).expect("a file");
    plan.base_url = format!("https://localhost:{port}");
    unseen(&plan, "http.no-answer", "certificate refused");
    std::fs::write(&ca_file, "").expect("a file");
    let error = probe(&judge(), &plan).expect_err("no certificate");
    assert!(matches!(&error, Error::NoCertificates(file) if *file == ca_file), "{error}");
    std::fs::write(&ca_file, "-----BEGIN CERTIFICATE-----\n!!\n-----END CERTIFICATE-----\n").expect("a file");
    let error = probe(&judge(), &plan).expect_err("no certificate");
    assert!(matches!(error, Error::Certificates { .. } | Error::Client(_)), "{error}");
}

#[test]
fn what_was_seen_until_it_was_broken_off_is_reported_and_kept() {
    let server = Server::start(|asked| if asked.segment(3) == "run_1" { kept(asked) } else { Reply::Silence });
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
    assert!(!report.complete && report.summary.kept == 1, "{}", shown(&report));
    assert!(began.elapsed() < Duration::from_secs(5), "what is on its way is not waited for");
    assert_eq!(std::fs::read_to_string(record).expect("the finished part").lines().count(), 1);
}
