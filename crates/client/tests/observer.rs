//! The debug mode of a client: an observer judges each exchange with the contract.

use std::sync::{Arc, Mutex};

use charter_client::{Call, Exchange, Observer, Style, Text, Transport};
use charter_engine::Judge;
use charter_traffic::exchange::{Body, Headers, Message, Origin, Request, Response};

const DOCUMENT: &str = r#"
openapi: 3.1.0
info: { title: Orders, version: "1" }
servers: [{ url: "http://127.0.0.1" }]
paths:
  /orders/{id}:
    get:
      operationId: readOrder
      parameters: [{ name: id, in: path, required: true, schema: { type: string } }]
      responses:
        "200":
          description: The order.
          content: { application/json: { schema: { type: object, properties: { quantity: { type: integer, minimum: 1 } } } } }
"#;

/// Judges each exchange, and collects the keywords and locations of the findings. `Judge` is cheap to clone.
#[derive(Debug)]
struct Judging {
    judge: Judge,
    findings: Arc<Mutex<Vec<String>>>,
}

impl Observer for Judging {
    fn observe(&self, exchange: &Exchange) {
        let judgement = self.judge.judge(&recorded(exchange));
        let found =
            judgement.findings.iter().map(|finding| format!("{} {}", finding.keyword.as_deref().unwrap_or("-"), finding.instance_location));
        self.findings.lock().expect("the findings").extend(found);
    }
}

/// The exchange in the form that the engine judges.
fn recorded(exchange: &Exchange) -> charter_traffic::Exchange {
    let headers = |fields: &charter_client::reqwest::header::HeaderMap| Headers {
        fields: fields.iter().map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect(),
        complete: true,
    };
    let (request, mut recorded) = (&exchange.request, charter_traffic::Exchange::new(Origin::default()));
    let body = Body::from_bytes(request.body.clone().unwrap_or_default());
    let message = Message { headers: headers(&request.headers), body };
    recorded.request = Some(Request::new(request.method.as_str(), request.url.as_str(), message));
    recorded.response = exchange.response.as_ref().filter(|response| response.complete).map(|response| {
        let message = Message { headers: headers(&response.headers), body: Body::from_bytes(response.body.clone()) };
        Response::new(response.status.as_u16(), message)
    });
    recorded
}

async fn serve(router: axum::Router) -> Transport {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, router).await });
    Transport::new(&base).expect("a base URL")
}

#[tokio::test]
async fn an_observer_judges_each_exchange() {
    let contract = charter_contract::from_documents(vec![("openapi.yaml".to_owned(), DOCUMENT.as_bytes().to_vec())]).expect("a contract");
    let findings = Arc::new(Mutex::new(Vec::new()));
    let judging = Judging { judge: Judge::new(&contract).expect("a judge"), findings: Arc::clone(&findings) };
    let order = |id: axum::extract::Path<String>| async move {
        let quantity = if *id == "empty" { 0 } else { 2 };
        ([("content-type", "application/json")], format!("{{\"quantity\":{quantity}}}"))
    };
    let transport = serve(axum::Router::new().route("/orders/{id}", axum::routing::get(order))).await.with_observer(judging);
    let call = |id: &str| Call::new("GET", "/orders/{id}").path("id", Style::Simple(false), Text::Encoded, id);
    let full = transport.send(call("full")).await.expect("a response").text().await.expect("text");
    assert_eq!(full.body, "{\"quantity\":2}");
    assert_eq!(*findings.lock().expect("the findings"), Vec::<String>::new());
    transport.send(call("empty")).await.expect("a response").bytes().await.expect("bytes");
    assert_eq!(*findings.lock().expect("the findings"), ["minimum /quantity"]);
}

/// The status, the read bytes, and whether the body is complete.
#[derive(Clone, Debug, Default)]
struct Log(Arc<Mutex<Vec<String>>>);

impl Observer for Log {
    fn observe(&self, exchange: &Exchange) {
        let seen = exchange.response.as_ref().map(|response| (response.status.as_u16(), response.body.clone(), response.complete));
        self.0.lock().expect("the log").push(format!("{} {} {seen:?}", exchange.request.method, exchange.request.url.path()));
    }
}

#[tokio::test]
async fn an_exchange_is_observed_once_however_its_body_is_read() {
    let log = Log::default();
    let transport = serve(axum::Router::new().fallback(|| async { "ok" })).await.with_observer(log.clone());
    let send = |path: &'static str| transport.send(Call::new("GET", path));
    let mut stream = send("/stream").await.expect("a response").stream().body;
    while stream.chunk().await.expect("bytes").is_some() {}
    drop(stream);
    drop(send("/unread").await.expect("a response").empty());
    let closed = Transport::new("http://127.0.0.1:1").expect("a base URL").with_observer(log.clone());
    closed.send(Call::new("GET", "/closed")).await.expect_err("no server");
    let wanted = ["GET /stream Some((200, b\"ok\", true))", "GET /unread Some((200, b\"\", false))", "GET /closed None"];
    assert_eq!(*log.0.lock().expect("the log"), wanted);
}
