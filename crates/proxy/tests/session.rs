//! The layer and the middleware in the tests of a user.

use std::panic::{AssertUnwindSafe, catch_unwind};

use axum::body::Body;
use axum::routing::{get, post};
use axum::{Json, Router};
use charter_engine::Judge;
use charter_proxy::Session;
use http::{HeaderMap, Request, StatusCode};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

const DOCUMENT: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
  "/orders/{id}": {"get": {"operationId": "orders.get", "responses": {"200": {"description": "d", "content": {"application/json": {"schema":
    {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"}}}}}}, "302": {"description": "d"}}}},
  "/orders": {"post": {"operationId": "orders.create", "security": [{"key": []}],
    "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["item"]}}}},
    "responses": {"201": {"description": "d"}}}}},
  "components": {"securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}}}"#;

fn judge() -> Judge {
    let folder = tempfile::tempdir().expect("a folder");
    let path = camino::Utf8PathBuf::from_path_buf(folder.path().join("openapi.json")).expect("a path");
    std::fs::write(&path, DOCUMENT).expect("a document");
    Judge::load(path).expect("a contract")
}

fn app() -> Router {
    let moved = || async { (StatusCode::FOUND, [("location", "/orders/right")]) };
    Router::new()
        .route("/orders/right", get(|| async { Json(json!({"id": "1"})) }))
        .route("/orders/wrong", get(|| async { Json(json!({"id": 1, "password": "hunter2hunter2"})) }))
        .route("/orders/moved", get(moved))
        .route("/orders", post(|_: HeaderMap, _: Json<Value>| async { StatusCode::CREATED }))
}

async fn send(app: &Router, request: Request<Body>) {
    let response = app.clone().oneshot(request).await.expect("a response");
    response.into_body().collect().await.expect("a body");
}

fn request(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).expect("a request")
}

#[tokio::test]
async fn a_layer_judges_requests_and_responses() {
    let session = Session::new(&judge()).expect("a session");
    let app = app().layer(session.layer());
    send(&app, request("/orders/right")).await;
    session.assert_kept();
    send(&app, request("/orders/wrong")).await;
    let body = Request::post("/orders").header("content-type", "application/json").header("x-api-key", "a").body(r#"{"items":1}"#.into());
    send(&app, body.expect("a request")).await;
    let report = session.report();
    assert_eq!((report.summary.exchanges, report.summary.kept, report.summary.broken), (3, 1, 2));
    let panic = catch_unwind(AssertUnwindSafe(|| session.assert_kept())).expect_err("violations");
    let text = panic.downcast_ref::<String>().expect("a text");
    assert!(text.contains("schema.type") && text.contains("schema.required") && !text.contains("hunter2"), "{text}");
}

#[tokio::test]
async fn a_session_without_exchanges_is_not_kept() {
    let session = Session::new(&judge()).expect("a session");
    let app = app().layer(session.layer());
    assert!(catch_unwind(AssertUnwindSafe(|| session.assert_kept())).is_err());
    // The body is not read.
    drop(app.oneshot(request("/orders/right")).await.expect("a response"));
    let report = session.report();
    assert_eq!((report.summary.exchanges, report.not_judged[0].count), (0, 1));
}

#[tokio::test]
async fn a_middleware_judges_requests_and_responses() {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("an address");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, app()).await });
    let _ = rustls::crypto::ring::default_provider().install_default();
    let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build().expect("a client");
    let session = Session::new(&judge().with_base_url(&url)).expect("a session");
    let client = reqwest_middleware::ClientBuilder::new(http).with(session.middleware()).build();
    let response = client.get(format!("{url}/orders/right")).send().await.expect("a response");
    assert_eq!(response.url().path(), "/orders/right");
    assert_eq!(response.text().await.expect("a body"), r#"{"id":"1"}"#);
    // The client may add the key to every request, so its absence is not a violation.
    let response = client.post(format!("{url}/orders")).header("content-type", "application/json").body(r#"{"item":"book"}"#).send().await;
    response.expect("a response").bytes().await.expect("a body");
    session.assert_kept();
    let response = client.get(format!("{url}/orders/moved")).send().await.expect("a response");
    assert_eq!(response.url().path(), "/orders/right");
    assert_eq!(session.report().not_judged[0].reason, "the client followed a redirect");
    client.get(format!("{url}/orders/wrong")).send().await.expect("a response").bytes().await.expect("a body");
    assert_eq!(session.report().summary.broken, 1);
    assert!(client.get("http://127.0.0.1:1/orders/right").send().await.is_err());
    assert_eq!(session.report().summary.broken + session.report().summary.out_of_scope, 2);
}
