//! Connections and responses that a probe must explain: content codings, base paths, certificates, unreachable servers.

use std::convert::Infallible;
use std::io::Write as _;
use std::net::TcpListener;
use std::path::Path;
use std::sync::Arc;

use charter_engine::Judge;
use charter_probe::{Plan, Subjects, probe};
use charter_report::Report;
use charter_test_server::{Reply, Server, finding_ids, json_response, plan, text_report};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{BasicConstraints, Certificate, CertificateParams, IsCa, KeyPair};
use rustls::pki_types::PrivateKeyDer;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

const PARCEL: &str = r#"{"number": "p1", "delivered": true, "recipient": "Ann Example", "photos": []}"#;

fn judge() -> Judge {
    Judge::load("tests/parcels").unwrap_or_else(|error| panic!("{error}"))
}

fn probed(plan: &Plan) -> Report {
    probe(&judge(), plan).unwrap_or_else(|error| panic!("{error}"))
}

fn input_error(report: &Report) -> &str {
    report.inputs[0].error.as_deref().unwrap_or_default()
}

fn gzip(text: &str) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(text.as_bytes()).and_then(|()| encoder.finish()).expect("gzip")
}

fn coded(coding: &str, body: Vec<u8>) -> Reply {
    let headers = [("content-type", "application/json"), ("content-encoding", coding)];
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).to_vec();
    Reply::Response { status: 200, headers, body }
}

#[test]
fn content_codings_are_requested_and_decoded() {
    let server = Server::start(|request| match request.path() {
        "/v2/parcels" => coded("gzip", gzip(r#"{"parcels": [{"number": "p1"}], "after": null}"#)),
        _ => coded("GZIP", gzip(PARCEL)),
    });
    let folder = tempfile::tempdir().expect("a folder");
    let record = folder.path().join("parcels.ndjson");
    let mut plan = plan(format!("{}/v2", server.url()), &[]);
    plan.subjects = Subjects::Listed { limit: None };
    plan.record = Some(record.clone());
    let report = probed(&plan);
    assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges == 2, "{}", text_report(&report));
    assert!(server.requests().iter().all(|request| request.header("accept-encoding") == Some("gzip, deflate, br, zstd")));
    let recording = std::fs::read_to_string(record).expect("a recording");
    assert!(recording.contains("delivered") && !recording.contains("Ann Example"), "a decoded body is masked: {recording}");
}

#[test]
fn a_response_that_cannot_be_decoded_is_reported() {
    for (coding, body, why) in
        [("compress", vec![0x1f, 0x9d, 0x90], "`compress` is unknown"), ("gzip", gzip(PARCEL)[..20].to_vec(), "damaged")]
    {
        let server = Server::start(move |_| coded(coding, body.clone()));
        let report = probed(&plan(format!("{}/v2", server.url()), &["p1"]));
        assert!(input_error(&report).contains(why), "{}", text_report(&report));
        assert!(!finding_ids(&report).iter().any(|id| id.starts_with("syntax")), "{}", text_report(&report));
    }
}

#[test]
fn the_base_path_of_the_servers_is_suggested_if_every_response_is_404() {
    let not_found = || Server::start(|_| Reply::Response { status: 404, headers: Vec::new(), body: Vec::new() });
    let server = not_found();
    let suggested = format!("the servers of the contract have the base path `/v2`; try the base URL {}/v2", server.url());
    for base_url in [server.url(), format!("{}/", server.url()), format!("{}/v1", server.url())] {
        let report = probed(&plan(base_url, &["p1", "p2"]));
        assert!(input_error(&report).contains(&suggested), "{}", text_report(&report));
        assert!(!finding_ids(&report).contains(&"http.unknown-path".to_owned()), "{}", text_report(&report));
    }
    for base_url in [format!("{}/v2", server.url()), format!("{}/v2/", server.url())] {
        let report = probed(&plan(base_url, &["p1"]));
        assert!(input_error(&report).contains("not found") && !input_error(&report).contains("base path"), "{}", text_report(&report));
    }
    let server = Server::start(|request| match request.path() {
        "/parcels/p1" => Reply::Response { status: 404, headers: Vec::new(), body: Vec::new() },
        _ => json_response(200, &json!({"number": "p2", "delivered": true, "recipient": "Ann Example", "photos": []})),
    });
    let report = probed(&plan(server.url(), &["p1", "p2"]));
    assert!(!input_error(&report).contains("base path"), "{}", text_report(&report));
}

#[test]
fn an_unreachable_server_is_not_an_unknown_path() {
    let port = TcpListener::bind("127.0.0.1:0").and_then(|listener| listener.local_addr()).expect("a free port").port();
    for path in ["", "/v2", "/other"] {
        let report = probed(&plan(format!("http://127.0.0.1:{port}{path}"), &["p1"]));
        assert_eq!(finding_ids(&report), ["http.no-answer"], "{}", text_report(&report));
        assert!(input_error(&report).contains("connection refused"), "{}", text_report(&report));
    }
    // A server without TLS.
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
        }
    });
    let report = probed(&plan(format!("https://{address}"), &["p1"]));
    assert_eq!(finding_ids(&report), ["http.no-answer"], "{}", text_report(&report));
    assert!(input_error(&report).contains("TLS"), "{}", text_report(&report));
}

/// A certificate for `name` that is a certificate authority, as that of `openssl req -x509`.
fn authority(name: &str, change: impl FnOnce(&mut CertificateParams)) -> (Certificate, KeyPair) {
    let mut params = CertificateParams::new(vec![name.to_owned()]).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    change(&mut params);
    let key = KeyPair::generate().expect("a key");
    (params.self_signed(&key).expect("a certificate"), key)
}

/// A server that offers HTTP/2 only; returns its URL.
fn http2_server(certificate: &Certificate, key: &KeyPair, runtime: &tokio::runtime::Runtime) -> String {
    let mut config = tls_config(certificate, key);
    config.alpn_protocols = vec![b"h2".to_vec()];
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let url = format!("https://localhost:{}/v2", listener.local_addr().expect("an address").port());
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let reply = hyper::service::service_fn(|_: hyper::Request<hyper::body::Incoming>| async {
                    let reply = hyper::Response::builder().header("content-type", "application/json");
                    Ok::<_, Infallible>(reply.body(PARCEL.to_owned()).expect("a response"))
                });
                let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
                let _ = server.serve_connection(TokioIo::new(stream), reply).await;
            });
        }
    });
    url
}

fn tls_config(certificate: &Certificate, key: &KeyPair) -> rustls::ServerConfig {
    rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).expect("a key"))
        .expect("a certificate")
}

/// A TLS server with a certificate; returns its URL.
fn tls_server(certificate: &Certificate, key: &KeyPair, runtime: &tokio::runtime::Runtime) -> String {
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(tls_config(certificate, key)));
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).expect("a port");
    let url = format!("https://localhost:{}/v2", listener.local_addr().expect("an address").port());
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut stream) = acceptor.accept(stream).await else { return };
                let _ = stream.read(&mut [0; 4096]).await;
                let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\ncontent-length: ";
                let _ = stream.write_all(format!("{head}{}\r\n\r\n{PARCEL}", PARCEL.len()).as_bytes()).await;
                let _ = stream.shutdown().await;
            });
        }
    });
    url
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().expect("a runtime")
}

/// The report of a probe that trusts these certificates.
fn trusting(url: &str, trusted: &[&Certificate], folder: &Path) -> Report {
    let mut plan = plan(url, &["p1"]);
    if !trusted.is_empty() {
        let file = folder.join("trusted.pem");
        std::fs::write(&file, trusted.iter().map(|certificate| certificate.pem()).collect::<String>()).expect("a file");
        plan.sending.ca_file = Some(file);
    }
    probed(&plan)
}

fn check_refused(report: &Report, why: &str) {
    assert_eq!(finding_ids(report), ["http.no-answer"], "{}", text_report(report));
    assert!(input_error(report).contains("certificate refused") && input_error(report).contains(why), "{}", text_report(report));
}

#[test]
fn a_certificate_authority_as_server_certificate_is_explained_and_can_be_trusted() {
    let (folder, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let (certificate, key) = authority("localhost", |_| {});
    let (other, _) = authority("localhost", |_| {});
    let url = tls_server(&certificate, &key, &runtime);
    let why = "it is a certificate authority (CA:TRUE), not the certificate of a server; add this certificate to the trusted certificates";
    check_refused(&trusting(&url, &[], folder.path()), why);
    check_refused(&trusting(&url, &[&other], folder.path()), why);
    let report = trusting(&url, &[&other, &certificate], folder.path());
    assert!(report.is_kept() && report.groups.is_empty(), "{}", text_report(&report));
}

#[test]
fn a_trusted_server_certificate_must_have_the_name_and_be_in_its_validity_period() {
    let (folder, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let (elsewhere, key) = authority("elsewhere.example", |_| {});
    let url = tls_server(&elsewhere, &key, &runtime);
    check_refused(&trusting(&url, &[&elsewhere], folder.path()), "");
    let (expired, key) = authority("localhost", |params| {
        (params.not_before, params.not_after) = (rcgen::date_time_ymd(2020, 1, 1), rcgen::date_time_ymd(2021, 1, 1));
    });
    let url = tls_server(&expired, &key, &runtime);
    check_refused(&trusting(&url, &[&expired], folder.path()), "expired");
    // A trusted certificate that is not a certificate authority.
    let (leaf, key) = authority("localhost", |params| params.is_ca = IsCa::ExplicitNoCa);
    let url = tls_server(&leaf, &key, &runtime);
    let report = trusting(&url, &[&leaf], folder.path());
    assert!(report.is_kept() && report.groups.is_empty(), "{}", text_report(&report));
}

#[test]
fn a_server_of_http2_is_probed() {
    let (folder, runtime) = (tempfile::tempdir().expect("a folder"), runtime());
    let (certificate, key) = authority("localhost", |params| params.is_ca = IsCa::ExplicitNoCa);
    let url = http2_server(&certificate, &key, &runtime);
    let report = trusting(&url, &[&certificate], folder.path());
    assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges == 1, "{}", text_report(&report));
}
