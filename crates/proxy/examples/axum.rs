//! A test of an axum application whose exchanges are judged: `cargo run -p charter-proxy --features tower --example axum`.
//!
//! The application has a fault, so that the example prints a report: an order without items has no `total`.

use axum::body::Body;
use axum::extract::Path;
use axum::routing::get;
use axum::{Json, Router};
use charter_engine::Judge;
use charter_proxy::Session;
use charter_report::{TextOptions, render_text};
use http::Request;
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;

const DOCUMENT: &str = r#"{"openapi": "3.1.0", "info": {"title": "Orders", "version": "1"}, "paths": {"/orders/{id}": {"get": {
  "operationId": "orders.get",
  "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
  "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {
    "type": "object", "required": ["id", "total"], "properties": {"id": {"type": "string"}, "total": {"type": "integer"}}}}}}}}}}}"#;

async fn order(Path(id): Path<String>) -> Json<Value> {
    Json(if id == "empty" { json!({"id": id}) } else { json!({"id": id, "total": 3}) })
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("openapi.json");
    std::fs::write(&path, DOCUMENT)?;
    let judge = Judge::load(camino::Utf8PathBuf::from_path_buf(path).map_err(|_| "the path is not UTF-8")?)?;

    let session = Session::new(&judge)?;
    let app = Router::new().route("/orders/{id}", get(order)).layer(session.layer());
    for id in ["order_1", "empty"] {
        let response = app.clone().oneshot(Request::get(format!("/orders/{id}")).body(Body::empty())?).await?;
        // An exchange is judged when the body of its response was read.
        response.into_body().collect().await?;
    }
    let report = session.report();
    print!("{}", render_text(&report, TextOptions::default()));
    assert_eq!((report.summary.kept, report.summary.broken), (1, 1));
    Ok(())
}
