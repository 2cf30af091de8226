//! Compares the throughput of the proxy with that of a plain reverse proxy of hyper, in one run:
//! `cargo run --release -p charter-proxy --example throughput`.
//!
//! The server, both proxies and the client share the cores of the machine. The rounds alternate, and the ratio is that of the medians.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use charter_engine::Judge;
use charter_proxy::{Proxy, ProxyOptions};
use http::{Request, Response, Uri};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use tokio::net::TcpListener;
use tokio::task::JoinSet;

/// As the command has.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const DOCUMENT: &str = r##"{"openapi": "3.1.0", "info": {"title": "Orders", "version": "1"}, "paths": {"/orders/{id}": {"get": {
  "operationId": "orders.get",
  "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string", "pattern": "^order_"}}],
  "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}}}},
  "components": {"schemas": {"Order": {"type": "object", "required": ["id", "status", "items"], "additionalProperties": false, "properties": {
    "id": {"type": "string"}, "status": {"enum": ["open", "paid", "sent"]}, "note": {"type": ["string", "null"]},
    "items": {"type": "array", "items": {"type": "object", "required": ["name", "count"], "properties": {
      "name": {"type": "string", "minLength": 1}, "count": {"type": "integer", "minimum": 1}, "price": {"type": "number"}}}}}}}}}"##;
const ROUNDS: usize = 5;
const REQUESTS: usize = 10_000;
const CONCURRENT: usize = 16;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, DOCUMENT)?;
    let judge = Judge::load(camino::Utf8PathBuf::from_path_buf(path).map_err(|_| "the path is not UTF-8")?)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let items: Vec<String> = (0..16).map(|number| format!(r#"{{"name":"book {number}","count":{},"price":12.5}}"#, number + 1)).collect();
    let body = Bytes::from(format!(r#"{{"id":"order_1","status":"paid","note":null,"items":[{}]}}"#, items.join(",")));
    println!("a response has {} bytes; {REQUESTS} requests a round, {CONCURRENT} at once", body.len());
    let upstream = runtime.block_on(serve(move |_| {
        let response = Response::builder().header("content-type", "application/json").body(Full::new(body.clone()));
        async move { response.expect("a valid response") }
    }))?;
    // Both proxies have a runtime of their own.
    let other = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let plain = other.block_on(plain(upstream))?;
    let proxy = Proxy::bind(&judge, ProxyOptions::new(format!("http://{upstream}")))?;
    let (url, stop) = (proxy.url().to_owned(), proxy.stop_handle());
    let proxy = std::thread::spawn(move || proxy.run());
    let targets = [format!("http://{upstream}"), format!("http://{plain}"), url];
    let mut rates = [const { Vec::new() }; 3];
    for round in 0..=ROUNDS {
        for (target, rates) in targets.iter().zip(&mut rates) {
            let rate = runtime.block_on(load(target))?;
            // The first round warms up.
            if round > 0 {
                rates.push(rate);
            }
        }
    }
    stop.stop();
    let report = proxy.join().map_err(|_| "the proxy panicked")??;
    let [direct, plain, judged] = rates.map(median);
    println!("without a proxy      {direct:>8.0} requests/s");
    println!("plain hyper proxy    {plain:>8.0} requests/s");
    println!("charter proxy        {judged:>8.0} requests/s, {} exchanges judged, {} kept", report.summary.exchanges, report.summary.kept);
    println!("ratio                {:>8.2}", judged / plain);
    Ok(())
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_by(f64::total_cmp);
    rates[rates.len() / 2]
}

/// Starts a server.
async fn serve<F, R, B>(reply: F) -> std::io::Result<SocketAddr>
where
    F: Fn(Request<Incoming>) -> R + Clone + Send + Sync + 'static,
    R: Future<Output = Response<B>> + Send + 'static,
    B: http_body::Body<Data = Bytes> + Send + 'static,
    B::Error: Into<Box<dyn std::error::Error + Send + Sync>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let _ = stream.set_nodelay(true);
            let reply = reply.clone();
            tokio::spawn(async move {
                let service = service_fn(move |request| {
                    let response = reply(request);
                    async move { Ok::<_, Infallible>(response.await) }
                });
                let _ = Builder::new(TokioExecutor::new()).serve_connection(TokioIo::new(stream), service).await;
            });
        }
    });
    Ok(address)
}

/// A reverse proxy without anything else.
async fn plain(upstream: SocketAddr) -> std::io::Result<SocketAddr> {
    let mut connector = HttpConnector::new();
    connector.set_nodelay(true);
    let client: Client<_, Incoming> = Client::builder(TokioExecutor::new()).build(connector);
    serve(move |mut request| {
        let client = client.clone();
        async move {
            let path = request.uri().path_and_query().cloned();
            let target = Uri::builder().scheme("http").authority(upstream.to_string()).path_and_query(path.expect("a path")).build();
            *request.uri_mut() = target.expect("a valid target");
            client.request(request).await.expect("a response")
        }
    })
    .await
}

/// Sends requests, and returns their rate.
async fn load(target: &str) -> Result<f64, Box<dyn std::error::Error>> {
    let client: Client<_, Full<Bytes>> = Client::builder(TokioExecutor::new()).build_http();
    let uri: Uri = format!("{target}/orders/order_1").parse()?;
    let (start, mut tasks) = (Instant::now(), JoinSet::new());
    for _ in 0..CONCURRENT {
        let (client, uri) = (client.clone(), uri.clone());
        tasks.spawn(async move {
            for _ in 0..REQUESTS / CONCURRENT {
                let response = client.get(uri.clone()).await.expect("a response");
                response.into_body().collect().await.expect("a body");
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done?;
    }
    Ok(REQUESTS as f64 / start.elapsed().as_secs_f64())
}
