//! An upstream, a proxy and a client for tests.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::ops::ControlFlow;
use std::pin::Pin;
use std::thread::JoinHandle;

use bytes::Bytes;
use charter_engine::{CheckOptions, Judge};
use charter_proxy::{Proxy, ProxyOptions, StopHandle};
use charter_report::Report;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, combinators::UnsyncBoxBody};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;

/// Orders, an event stream and a download.
pub(crate) const DOCUMENT: &str = r##"{
  "openapi": "3.1.0",
  "info": {"title": "Orders", "version": "1"},
  "servers": [{"url": "https://api.example.com"}],
  "paths": {
    "/orders/{id}": {
      "get": {
        "operationId": "orders.get",
        "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
        "responses": {
          "200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}},
          "302": {"description": "d"}
        }
      }
    },
    "/orders": {
      "post": {
        "operationId": "orders.create",
        "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["item"], "properties": {"item": {"type": "string"}}}}}},
        "responses": {"201": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}
      }
    },
    "/events": {"get": {"operationId": "events.get", "responses": {"200": {"description": "d", "content": {"text/event-stream": {}}}}}},
    "/download": {"get": {"operationId": "download.get", "responses": {"200": {"description": "d", "content": {"application/octet-stream": {}}}}}}
  },
  "components": {"schemas": {"Order": {"type": "object", "required": ["id", "total"], "properties": {"id": {"type": "string"}, "total": {"type": "integer"}}}}}
}"##;

pub(crate) const ORDER: &str = r#"{"id":"order_1","total":3}"#;
pub(crate) const WRONG_ORDER: &str = r#"{"id":"order_1","total":"three"}"#;

pub(crate) type AnyBody = UnsyncBoxBody<Bytes, Infallible>;
type Reply = Pin<Box<dyn Future<Output = Response<AnyBody>> + Send>>;

/// A complete body.
pub(crate) fn full(bytes: impl Into<Bytes>) -> AnyBody {
    Full::new(bytes.into()).boxed_unsync()
}

/// A response of JSON.
pub(crate) fn json(status: u16, body: impl Into<Bytes>) -> Response<AnyBody> {
    Response::builder().status(status).header("content-type", "application/json").body(full(body)).expect("a response")
}

/// A judge of the document.
pub(crate) fn judge() -> Judge {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, DOCUMENT).expect("a document");
    Judge::load(camino::Utf8PathBuf::from_path_buf(path).expect("a path")).expect("a contract")
}

/// Starts a server in the current runtime.
pub(crate) async fn upstream<F, R>(reply: F) -> SocketAddr
where
    F: Fn(Request<Incoming>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<AnyBody>> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        loop {
            let (stream, _) = listener.accept().await.expect("a connection");
            let reply = reply.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let reply: Reply = Box::pin(reply(request));
                    async move { Ok::<_, Infallible>(reply.await) }
                });
                let _ = Builder::new(TokioExecutor::new()).serve_connection_with_upgrades(TokioIo::new(stream), service).await;
            });
        }
    });
    address
}

/// A proxy that runs in another thread.
pub(crate) struct Running {
    pub(crate) url: String,
    stop: StopHandle,
    thread: JoinHandle<(Report, Vec<String>)>,
}

impl Running {
    pub(crate) fn start(options: ProxyOptions) -> Self {
        Self::with(&judge(), options)
    }

    pub(crate) fn to(upstream: SocketAddr) -> Self {
        Self::start(ProxyOptions::new(format!("http://{upstream}")))
    }

    pub(crate) fn with(judge: &Judge, options: ProxyOptions) -> Self {
        let proxy = Proxy::bind(judge, options).expect("a proxy");
        let (url, stop) = (proxy.url().to_owned(), proxy.stop_handle());
        let thread = std::thread::spawn(move || {
            let mut messages = Vec::new();
            let options = CheckOptions::default().with_samples(None);
            let report = proxy.run_with(
                &options,
                &mut |_, judgement| messages.extend(judgement.findings.iter().map(|finding| finding.message.clone())),
                &mut |_| ControlFlow::Continue(()),
            );
            (report.expect("a report"), messages)
        });
        Self { url, stop, thread }
    }

    /// Stops the proxy and returns its report.
    pub(crate) async fn report(self) -> Report {
        self.report_and_messages().await.0
    }

    /// Stops the proxy and returns its report, and the messages of the findings in their order.
    pub(crate) async fn report_and_messages(self) -> (Report, Vec<String>) {
        self.stop.stop();
        tokio::task::spawn_blocking(|| self.thread.join().expect("a report")).await.expect("a report")
    }
}

/// A client of HTTP/1.1, or of HTTP/2 only.
pub(crate) fn client(http2: bool) -> Client<HttpConnector, Full<Bytes>> {
    Client::builder(TokioExecutor::new()).http2_only(http2).build_http()
}

/// The response to a `GET` request.
pub(crate) async fn get(url: String) -> Response<Incoming> {
    client(false).get(url.parse().expect("a URL")).await.expect("a response")
}

/// The body of a response.
pub(crate) async fn text(response: Response<Incoming>) -> String {
    let bytes = response.into_body().collect().await.expect("a body").to_bytes();
    String::from_utf8(bytes.to_vec()).expect("text")
}
