//! Bodies that pass while they are copied.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use charter_proxy::ProxyOptions;
use http::{Request, Response};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use tokio::sync::mpsc;

use crate::setup::*;

/// A body of what a channel has.
struct Channel(mpsc::Receiver<Bytes>);

impl Body for Channel {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        self.0.poll_recv(context).map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

fn stream(media_type: &str) -> (mpsc::Sender<Bytes>, Response<AnyBody>) {
    let (sender, receiver) = mpsc::channel(4);
    let response = Response::builder().header("content-type", media_type).body(Channel(receiver).boxed_unsync());
    (sender, response.expect("a response"))
}

async fn chunk(body: &mut Incoming) -> Option<Bytes> {
    let frame = tokio::time::timeout(Duration::from_secs(20), body.frame()).await.expect("a frame in time");
    frame.map(|frame| frame.expect("a frame").into_data().expect("data"))
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_chunk_passes_before_the_upstream_sends_the_second() {
    for (path, media_type, enforce) in [("orders/1", "application/json", false), ("events", "text/event-stream", true)] {
        let (sender, response) = stream(media_type);
        let response = std::sync::Arc::new(std::sync::Mutex::new(Some(response)));
        let upstream = upstream(move |_| {
            let response = response.lock().expect("a response").take().expect("one request");
            async move { response }
        })
        .await;
        let mut options = ProxyOptions::new(format!("http://{upstream}"));
        options.enforce = enforce;
        let proxy = Running::start(options);
        sender.send("{\"id\":\"order_1\",".into()).await.expect("the upstream");
        let mut body = get(format!("{}/{path}", proxy.url)).await.into_body();
        assert_eq!(chunk(&mut body).await.expect("a chunk"), "{\"id\":\"order_1\",");
        sender.send("\"total\":3}".into()).await.expect("the upstream");
        assert_eq!(chunk(&mut body).await.expect("a chunk"), "\"total\":3}");
        drop(sender);
        assert_eq!(chunk(&mut body).await, None);
        let report = proxy.report().await;
        assert_eq!((report.summary.exchanges, report.summary.broken), (1, 0), "{report:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_body_is_streamed_and_judged() {
    let upstream = upstream(|request| async move {
        let mut body = request.into_body();
        let first = body.frame().await.expect("a frame").expect("a frame").into_data().expect("data");
        assert_eq!(first, "{\"item\":");
        // The client sends the rest after the response, so the proxy did not wait for it.
        json(201, ORDER)
    })
    .await;
    let proxy = Running::to(upstream);
    let (sender, receiver) = mpsc::channel(1);
    sender.send(Bytes::from("{\"item\":")).await.expect("the body");
    let client: hyper_util::client::legacy::Client<_, Channel> =
        hyper_util::client::legacy::Client::builder(hyper_util::rt::TokioExecutor::new()).build_http();
    let request = Request::post(format!("{}/orders", proxy.url)).header("content-type", "application/json").body(Channel(receiver));
    let response = client.request(request.expect("a request")).await.expect("a response");
    assert_eq!(text(response).await, ORDER);
    drop(sender);
    let report = proxy.report().await;
    assert_eq!((report.summary.exchanges, report.summary.broken), (1, 0), "{report:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_beyond_the_limit_passes_and_is_not_judged() {
    const SIZE: usize = 3 << 20;
    let upstream = upstream(|_| async { json(200, vec![b' '; SIZE]) }).await;
    for enforce in [false, true] {
        let mut options = ProxyOptions::new(format!("http://{upstream}"));
        options.max_body = 1 << 20;
        options.enforce = enforce;
        let proxy = Running::start(options);
        let response = get(format!("{}/orders/1", proxy.url)).await;
        assert_eq!((response.status().as_u16(), text(response).await.len()), (200, SIZE));
        let report = proxy.report().await;
        assert_eq!((report.summary.exchanges, report.summary.broken, report.summary.unreadable), (1, 0, 1));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exchange_whose_client_left_is_counted() {
    let (sender, response) = stream("text/event-stream");
    let response = std::sync::Arc::new(std::sync::Mutex::new(Some(response)));
    let upstream = upstream(move |_| {
        let response = response.lock().expect("a response").take().expect("one request");
        async move { response }
    })
    .await;
    let proxy = Running::to(upstream);
    sender.send("data: 1\n\n".into()).await.expect("the upstream");
    let mut body = get(format!("{}/events", proxy.url)).await.into_body();
    assert_eq!(chunk(&mut body).await.expect("a chunk"), "data: 1\n\n");
    drop(body);
    let report = proxy.report().await;
    assert_eq!(report.summary.exchanges, 0);
    let counted: Vec<_> = report.not_judged.iter().map(|part| (&*part.part, part.count)).collect();
    assert_eq!(counted, [("exchange", 1)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_response_that_the_upstream_cuts_off_is_a_finding() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        let (mut stream, _) = listener.accept().await.expect("a connection");
        let _ = stream.read(&mut [0; 1024]).await;
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"id\":").await;
    });
    let proxy = Running::to(address);
    let response = get(format!("{}/orders/1", proxy.url)).await;
    assert!(response.into_body().collect().await.is_err());
    let (report, messages) = proxy.report_and_messages().await;
    assert_eq!(report.summary.broken, 1);
    assert!(messages[0].starts_with("the response was cut off"), "{messages:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_length_of_a_body_passes() {
    let upstream = upstream(|request| async move {
        assert_eq!(request.headers()["content-length"], "14");
        assert!(request.headers().get("transfer-encoding").is_none());
        json(201, ORDER)
    })
    .await;
    let proxy = Running::to(upstream);
    let request = Request::post(format!("{}/orders", proxy.url)).header("content-type", "application/json");
    let response = client(false).request(request.body(Full::from(r#"{"item":"book}"#)).expect("a request")).await.expect("a response");
    assert_eq!(response.headers()["content-length"], ORDER.len().to_string());
    assert!(proxy.report().await.summary.exchanges == 1);
}
