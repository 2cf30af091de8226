//! A forward proxy: TLS to any server through it, with a certificate of its own authority, and plain HTTP.

use std::sync::Arc;

use charter_proxy::ProxyOptions;
use http::StatusCode;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

#[path = "it/setup.rs"]
#[expect(dead_code, reason = "the other tests need the rest")]
mod setup;

use setup::*;

/// A server with TLS, and the file of its certificate in a folder. It responds with a wrong order for `/orders/2`.
async fn tls_server(folder: &std::path::Path) -> (u16, std::path::PathBuf) {
    let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
    let file = folder.join("server.pem");
    std::fs::write(&file, certified.cert.pem()).expect("a file");
    let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
    let config =
        ServerConfig::builder_with_provider(Arc::new(ring::default_provider())).with_safe_default_protocol_versions().expect("versions");
    let mut config = config.with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key).expect("a certificate");
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let port = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(stream) = acceptor.accept(stream).await else { return };
                let service = service_fn(|request: http::Request<hyper::body::Incoming>| async move {
                    let body = if request.uri().path() == "/orders/2" { WRONG_ORDER } else { ORDER };
                    Ok::<_, std::convert::Infallible>(json(200, body))
                });
                let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    (port, file)
}

/// A client of the proxy that trusts a certificate.
fn client_of(proxy: &str, certificate: Option<&std::path::Path>) -> reqwest::Client {
    let _ = ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder().proxy(reqwest::Proxy::all(proxy).expect("a proxy"));
    if let Some(file) = certificate {
        let pem = std::fs::read(file).expect("a file");
        builder = builder.tls_certs_only([reqwest::Certificate::from_pem(&pem).expect("a certificate")]);
    }
    builder.build().expect("a client")
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_through_a_forward_proxy_is_judged_and_recorded() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, server) = tls_server(folder.path()).await;
    let record = folder.path().join("traffic.ndjson");
    let mut options = ProxyOptions::forward(folder.path().join("authority"));
    options.ca_file = Some(server);
    options.record = Some(record.clone());
    let proxy = Running::start(options);
    let certificate = folder.path().join("authority/ca.pem");
    let client = client_of(&proxy.url, Some(&certificate));
    for number in [1, 2] {
        let response = client.get(format!("https://localhost:{port}/orders/{number}")).send().await.expect("a response");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.text().await.expect("a body"), if number == 2 { WRONG_ORDER } else { ORDER });
    }
    drop(client);
    let (report, messages) = proxy.report_and_messages().await;
    assert_eq!(report.summary.exchanges, 2, "{report:?}");
    assert!(messages.iter().any(|message| message.contains("expected integer")), "{messages:?}");
    let recorded = std::fs::read_to_string(record).expect("a file");
    assert!(recorded.contains(&format!("https://localhost:{port}/orders/2")), "{recorded}");
    let key = std::fs::read_to_string(folder.path().join("authority/ca-key.pem")).expect("a file");
    let line = key.lines().nth(1).expect("a line");
    assert!(!recorded.contains(line) && !serde_json::to_string(&report).expect("JSON").contains(line));
}

#[tokio::test(flavor = "multi_thread")]
async fn plain_http_through_a_forward_proxy_is_judged() {
    let folder = tempfile::tempdir().expect("a folder");
    let upstream = upstream(|_| async { json(200, ORDER) }).await;
    let proxy = Running::start(ProxyOptions::forward(folder.path()));
    let client = client_of(&proxy.url, None);
    let response =
        client.get(format!("http://{upstream}/orders/1")).header("proxy-authorization", "Basic eA==").send().await.expect("a response");
    assert_eq!((response.status(), response.text().await.expect("a body").as_str()), (StatusCode::OK, ORDER));
    // A request to the proxy itself names no server.
    let status = get(format!("{}/orders/1", proxy.url)).await.status();
    assert_eq!(status, StatusCode::BAD_REQUEST);
    drop(client);
    let report = proxy.report().await;
    assert!(report.is_kept() && report.summary.exchanges == 1, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_does_not_trust_the_proxy_is_counted() {
    let folder = tempfile::tempdir().expect("a folder");
    let (port, server) = tls_server(folder.path()).await;
    let mut options = ProxyOptions::forward(folder.path().join("authority"));
    options.ca_file = Some(server.clone());
    let proxy = Running::start(options);
    let client = client_of(&proxy.url, Some(&server));
    assert!(client.get(format!("https://localhost:{port}/orders/1")).send().await.is_err());
    drop(client);
    let report = proxy.report().await;
    assert_eq!((report.summary.exchanges, &*report.not_judged[0].part), (0, "connection"), "{report:?}");
    assert!(report.not_judged[0].reason.contains("trust the certificate"), "{report:?}");
}
