//! HTTP/2, TLS and changes of protocol.

use std::sync::Arc;

use bytes::Bytes;
use charter_proxy::ProxyOptions;
use http::{Response, Version};
use http_body_util::{BodyExt, Full};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::setup::*;

#[tokio::test(flavor = "multi_thread")]
async fn a_client_of_http2_reaches_an_upstream_of_http1() {
    let upstream = upstream(|request| async move {
        assert_eq!(request.version(), Version::HTTP_11);
        json(200, ORDER)
    })
    .await;
    let proxy = Running::to(upstream);
    let client = client(true);
    for number in 0..3 {
        let response = client.get(format!("{}/orders/{number}", proxy.url).parse().expect("a URL")).await.expect("a response");
        assert_eq!((response.version(), response.status().as_u16()), (Version::HTTP_2, 200));
        assert_eq!(text(response).await, ORDER);
    }
    drop(client);
    let report = proxy.report().await;
    assert!(report.is_kept() && report.summary.exchanges == 3, "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upstream_without_tls_gets_http2_if_it_is_set() {
    let upstream = upstream(|request| async move {
        assert_eq!(request.version(), Version::HTTP_2);
        json(200, ORDER)
    })
    .await;
    let mut options = ProxyOptions::new(format!("http://{upstream}"));
    options.http2 = true;
    let proxy = Running::start(options);
    let response = get(format!("{}/orders/1", proxy.url)).await;
    assert_eq!((response.version(), text(response).await.as_str()), (Version::HTTP_11, ORDER));
    assert!(proxy.report().await.is_kept());
}

#[tokio::test(flavor = "multi_thread")]
async fn tls_negotiates_the_version_with_the_upstream() {
    for (protocol, version) in [(&b"h2"[..], Version::HTTP_2), (b"http/1.1", Version::HTTP_11)] {
        let certified = rcgen::generate_simple_self_signed(["localhost".to_owned()]).expect("a certificate");
        let folder = tempfile::tempdir().expect("a folder");
        let ca_file = folder.path().join("ca.pem");
        std::fs::write(&ca_file, certified.cert.pem()).expect("a file");
        let key = PrivateKeyDer::Pkcs8(certified.signing_key.serialize_der().into());
        let provider = Arc::new(tokio_rustls::rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
        let mut config = config.with_no_client_auth().with_single_cert(vec![certified.cert.der().clone()], key).expect("a certificate");
        config.alpn_protocols = vec![protocol.to_vec()];
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
        let port = listener.local_addr().expect("an address").port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.expect("a connection");
            let stream = acceptor.accept(stream).await.expect("TLS");
            let service = service_fn(move |request: http::Request<hyper::body::Incoming>| async move {
                assert_eq!(request.version(), version);
                Ok::<_, std::convert::Infallible>(json(200, ORDER))
            });
            let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
        });
        let mut options = ProxyOptions::new(format!("https://localhost:{port}"));
        options.ca_file = Some(ca_file);
        let proxy = Running::start(options);
        let response = get(format!("{}/orders/1", proxy.url)).await;
        let status = response.status().as_u16();
        assert_eq!((status, text(response).await.as_str()), (200, ORDER));
        assert!(proxy.report().await.is_kept());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_passes_and_is_counted() {
    let upstream = upstream(|mut request| async move {
        assert_eq!(request.headers()["upgrade"], "websocket");
        assert_eq!(request.headers()["sec-websocket-key"], "dGVzdA==");
        tokio::spawn(async move {
            let upgraded = hyper::upgrade::on(&mut request).await.expect("a connection");
            let mut stream = TokioIo::new(upgraded);
            let mut bytes = [0; 4];
            stream.read_exact(&mut bytes).await.expect("a message");
            bytes.reverse();
            stream.write_all(&bytes).await.expect("a message");
        });
        let response = Response::builder().status(101).header("connection", "upgrade").header("upgrade", "websocket");
        response.body(full("")).expect("a response")
    })
    .await;
    let proxy = Running::to(upstream);
    let address = proxy.url.strip_prefix("http://").expect("a URL").to_owned();
    let mut stream = TcpStream::connect(&address).await.expect("a connection");
    let head = format!(
        "GET /socket HTTP/1.1\r\nhost: {address}\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-key: dGVzdA==\r\n\r\n"
    );
    stream.write_all(head.as_bytes()).await.expect("a request");
    let mut received = Vec::new();
    while !received.ends_with(b"\r\n\r\n") {
        received.push(stream.read_u8().await.expect("a head"));
    }
    let received = String::from_utf8(received).expect("text").to_lowercase();
    assert!(received.starts_with("http/1.1 101") && received.contains("upgrade: websocket"), "{received}");
    stream.write_all(b"ping").await.expect("a message");
    let mut message = [0; 4];
    stream.read_exact(&mut message).await.expect("a message");
    assert_eq!(&message, b"gnip");
    drop(stream);
    let report = proxy.report().await;
    assert_eq!((report.summary.exchanges, report.not_judged[0].count, &*report.not_judged[0].part), (0, 1, "connection"));
}

#[tokio::test(flavor = "multi_thread")]
async fn trailers_pass() {
    let upstream = upstream(|_| async {
        let trailers = http::HeaderMap::from_iter([("x-sum".parse().expect("a name"), "1".parse().expect("a value"))]);
        let body = Full::new(Bytes::from(ORDER)).with_trailers(async move { Some(Ok(trailers)) });
        Response::builder().header("content-type", "application/json").body(body.boxed_unsync()).expect("a response")
    })
    .await;
    let mut options = ProxyOptions::new(format!("http://{upstream}"));
    options.http2 = true;
    let proxy = Running::start(options);
    let response = client(true).get(format!("{}/orders/1", proxy.url).parse().expect("a URL")).await.expect("a response");
    let collected = response.into_body().collect().await.expect("a body");
    assert_eq!(collected.trailers().expect("trailers")["x-sum"], "1");
    assert!(proxy.report().await.is_kept());
}
