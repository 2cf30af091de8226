//! A generated client against an HTTP server on the loopback interface.

use axum::Router;
use axum::body::Body;
use axum::extract::Request;
use axum::response::{IntoResponse as _, Response};
use charter_client::{Error, Failure, Multipart, Retry};
use charter_codegen_cases::orders::client::{
    Client, ListOrdersError, ListOrdersOptions, PlaceOrderError, PlaceOrderSuccess, ReadOrderError,
};
use charter_codegen_cases::orders::{Login, NewOrder, Range};

/// The request as text: its line, the header fields that matter, its body.
async fn seen(request: Request) -> String {
    let (head, body) = request.into_parts();
    let mut lines = vec![format!("{} {}", head.method, head.uri)];
    for name in ["x-key", "x-trace", "authorization", "cookie", "content-type", "accept"] {
        if let Some(value) = head.headers.get(name) {
            lines.push(format!("{name}: {}", value.to_str().expect("text")));
        }
    }
    let body = axum::body::to_bytes(body, 1 << 20).await.expect("a body");
    lines.push(String::from_utf8_lossy(&body).into_owned());
    lines.join("\n")
}

fn response(status: u16, media_type: &str, body: impl Into<Body>) -> Response {
    Response::builder().status(status).header("content-type", media_type).header("x-id", "7").body(body.into()).expect("a response")
}

/// Starts a server whose response to a request is a function of the request as text.
async fn client(respond: impl Fn(String) -> Response + Clone + Send + Sync + 'static) -> Client {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let base = format!("http://{}/v1", listener.local_addr().expect("an address"));
    let app = Router::new().fallback(move |request: Request| {
        let respond = respond.clone();
        async move { respond(seen(request).await).into_response() }
    });
    tokio::spawn(async move { axum::serve(listener, app).await });
    Client::new(&base).expect("a base URL")
}

/// A client whose server returns the request as the problem of status 404.
async fn refused() -> Client {
    client(|seen| response(404, "application/problem+json", serde_json::json!({ "title": seen }).to_string())).await
}

#[tokio::test]
async fn optional_parameters_are_sent_in_their_styles() {
    let client = refused().await.with_key("k-1");
    let range: Range = serde_json::from_str(r#"{"from":1,"to":2}"#).expect("a range");
    let options = ListOrdersOptions {
        status: Some(vec!["open".to_owned(), "a&b".to_owned()]),
        tags: Some(vec!["x".to_owned(), "y".to_owned()]),
        words: Some(vec!["x".to_owned(), "y".to_owned()]),
        range: Some(range.clone()),
        filter: Some(range),
        limit: Some(5),
        x_trace: Some("t".to_owned()),
        session: Some("a b".to_owned()),
    };
    let error = client.list_orders(&options).await.expect_err("status 404");
    let Some(ListOrdersError::Status4XX(problem)) = error.as_documented() else { panic!("{error}") };
    let query = "status=open,a%26b&tags=x%7Cy&words=x%20y&range%5Bfrom%5D=1&range%5Bto%5D=2\
        &filter=%7B%22from%22%3A1%2C%22to%22%3A2%7D&limit=5";
    let wanted = format!(
        "GET /v1/orders?{query}\nx-key: k-1\nx-trace: t\ncookie: session=a%20b\naccept: application/json, application/problem+json\n"
    );
    assert_eq!(problem.title, wanted);

    let error = client.list_orders(&ListOrdersOptions::default()).await.expect_err("status 404");
    let Some(ListOrdersError::Status4XX(problem)) = error.as_documented() else { panic!("{error}") };
    assert!(problem.title.starts_with("GET /v1/orders\n"), "{}", problem.title);
}

#[tokio::test]
async fn path_parameters_are_sent_in_their_styles_and_identify_one_resource() {
    let client = client(|seen| response(200, "text/plain", seen)).await;
    let found = client.find_parcel("a/b", &[1, 2], "c/d e").await.expect("a text");
    assert!(found.body.starts_with("GET /v1/parcels/.a%2Fb/;sides=1;sides=2/c/d%20e\n"), "{}", found.body);
    for id in ["", ".", ".."] {
        let error = client.read_order(id).await.expect_err("no request");
        assert!(error.to_string().starts_with("the path parameter `id` is empty or a dot segment"), "{error}");
    }
}

#[tokio::test]
async fn results_are_by_status() {
    let new: NewOrder = serde_json::from_str(r#"{"quantity":2}"#).expect("an order");
    let order = r#"{"id":"o-1","quantity":2}"#;
    let sent = |status: u16, media_type: &'static str, body: &'static str| client(move |_| response(status, media_type, body));

    let placed = sent(201, "application/json", order).await.place_order(&new).await.expect("an order");
    let PlaceOrderSuccess::Status201(body) = &placed.body else { panic!("{:?}", placed.body) };
    assert_eq!((body.id.as_str(), placed.status().as_u16(), &placed.headers()["x-id"]), ("o-1", 201, &"7".parse().expect("a value")));
    let accepted = sent(202, "text/plain", "").await.place_order(&new).await.expect("accepted");
    assert!(matches!(accepted.body, PlaceOrderSuccess::Status202));

    let conflict = sent(409, "application/problem+json", r#"{"title":"taken"}"#).await.place_order(&new).await.expect_err("a conflict");
    assert!(matches!(conflict.as_documented(), Some(PlaceOrderError::Status409(problem)) if problem.title == "taken"));
    let other = sent(500, "text/plain", "broken").await.place_order(&new).await.expect_err("status 500");
    assert!(matches!(other.as_documented(), Some(PlaceOrderError::Default(text)) if text == "broken"));

    let read = sent(418, "text/plain", "teapot").await.read_order("o-1").await.expect_err("status 418");
    let Error::Unexpected(received) = read else { panic!("{read}") };
    assert_eq!(
        (received.status().as_u16(), &received.headers()["x-id"], &*received.body),
        (418, &"7".parse().expect("a value"), &b"teapot"[..])
    );
    // The quantity violates its schema.
    let read = sent(200, "application/json", r#"{"id":"o-1","quantity":0}"#).await.read_order("o-1").await.expect_err("no order");
    let Error::Failure(Failure::Undecodable(undecodable)) = read else { panic!("{read}") };
    assert_eq!(&*undecodable.response.body, br#"{"id":"o-1","quantity":0}"#);
    assert!(undecodable.source.to_string().contains("/quantity"), "{}", undecodable.source);
    let missing = sent(404, "application/problem+json", r#"{"title":"gone"}"#).await.read_order("o-1").await.expect_err("no order");
    assert!(matches!(missing.as_documented(), Some(ReadOrderError::Status404(_))));
}

#[tokio::test]
async fn credentials_are_those_of_the_security_schemes() {
    let client = refused().await.with_query("q key").with_session("s").with_login("ann", "pw");
    let new: NewOrder = serde_json::from_str(r#"{"quantity":2}"#).expect("an order");
    let error = client.read_order("1").await.expect_err("status 404");
    let Some(ReadOrderError::Status404(problem)) = error.as_documented() else { panic!("{error}") };
    assert!(problem.title.contains("cookie: sid=s\n"), "{}", problem.title);
    #[expect(deprecated, reason = "the document says so")]
    let Err(Error::Unexpected(received)) = client.cancel_order("1").await else { panic!("status 404") };
    assert!(String::from_utf8_lossy(&received.body).contains("DELETE /v1/orders/1?key=q%20key"), "{received:?}");
    let text = client.clone().place_order(&new).await.expect_err("status 404");
    assert!(matches!(text.as_documented(), Some(PlaceOrderError::Default(text)) if text.contains("authorization: Basic YW5uOnB3")));
    let text = client.with_token("t-1").place_order(&new).await.expect_err("status 404");
    assert!(matches!(text.as_documented(), Some(PlaceOrderError::Default(text)) if text.contains("authorization: Bearer t-1")));
    assert!(!format!("{:?}", refused().await.with_key("hidden").with_login("ann", "hidden")).contains("hidden"));
}

#[tokio::test]
async fn bodies_are_sent_by_their_media_types() {
    let echo = client(|seen| response(200, "text/plain", seen)).await;
    let login: Login = serde_json::from_str(r#"{"user":"a b&c","roles":["x","y"]}"#).expect("a login");
    let sent = echo.log_in(Some(&login)).await.expect("a text").body;
    assert!(sent.contains("content-type: application/x-www-form-urlencoded\n"), "{sent}");
    assert!(sent.ends_with("\nuser=a%20b%26c&roles=x&roles=y"), "{sent}");
    let sent = echo.log_in(None).await.expect("a text").body;
    assert!(!sent.contains("content-type"), "{sent}");
    let parts = Multipart::new().text("note", "front").file("photo", "a.png", "image/png", b"png".to_vec());
    let sent = echo.upload_photos("1", &parts).await.expect("a text").body;
    assert!(sent.contains("content-type: multipart/form-data; boundary=charter-"), "{sent}");
    assert!(sent.contains("name=\"photo\"; filename=\"a.png\"\r\nContent-Type: image/png\r\n\r\npng\r\n--"), "{sent}");
    let stored = client(|seen| {
        assert!(seen.contains("content-type: image/png\n") && seen.ends_with("\npng"), "{seen}");
        response(204, "text/plain", "")
    });
    stored.await.put_photo("1", "png").await.expect("status 204");
}

#[tokio::test]
async fn bytes_and_events_are_streams() {
    let mut photo = client(|_| response(200, "image/png", "png")).await.read_photo("1").await.expect("a photo").body;
    assert_eq!(photo.chunk().await.expect("bytes").as_deref(), Some(&b"png"[..]));
    assert_eq!(photo.chunk().await.expect("the end"), None);
    let events = client(|_| response(200, "text/event-stream", "event: moved\ndata: {\"at\":1}\n\ndata: end\n\n"));
    let mut events = events.await.follow_order("1").await.expect("events").body;
    let moved = events.next().await.expect("an event").expect("an event");
    assert_eq!((moved.event.as_str(), moved.json::<serde_json::Value>().expect("JSON")["at"].as_i64()), ("moved", Some(1)));
    assert_eq!(events.next().await.expect("an event").expect("an event").data, "end");
    assert_eq!(events.next().await.expect("the end"), None);
}

#[tokio::test]
async fn requests_with_idempotent_methods_are_sent_again() {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};
    let count = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&count);
    let client = client(move |_| match counted.fetch_add(1, Ordering::SeqCst) {
        1 => response(200, "application/json", r#"{"id":"o-1","quantity":2}"#),
        _ => {
            let mut busy = response(503, "text/plain", "busy");
            busy.headers_mut().insert("retry-after", "0".parse().expect("a value"));
            busy
        }
    })
    .await
    .with_retry(Retry::attempts(2));
    assert_eq!(client.read_order("o-1").await.expect("an order").body.id, "o-1");
    assert_eq!(count.load(Ordering::SeqCst), 2);
    // `POST` is not idempotent.
    let new: NewOrder = serde_json::from_str(r#"{"quantity":2}"#).expect("an order");
    client.place_order(&new).await.expect_err("status 503");
    assert_eq!(count.load(Ordering::SeqCst), 3);
}
