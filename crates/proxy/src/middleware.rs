//! A middleware for clients of `reqwest`.

use std::sync::{Arc, Mutex, PoisonError};

use charter_traffic::exchange::Headers;
use http::Extensions;
use reqwest::ResponseBuilderExt;
use reqwest_middleware::{Middleware, Next};

use crate::body::{Record, RequestBody, ResponseBody};
use crate::in_flight::{Head, InFlight};
use crate::session::Session;

/// A middleware that passes exchanges on to a session. It does not see the header fields that the client adds to every request, so
/// that a missing field is not a violation. Redirects that `reqwest` follows are not judged.
#[derive(Clone, Debug)]
pub struct JudgeMiddleware {
    session: Session,
}

impl Session {
    /// A middleware for clients that passes their exchanges on to this session. Hosts that no server of the contract names are out of
    /// scope; [`Judge::with_base_url`](charter_engine::Judge::with_base_url) adds one.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = camino::Utf8PathBuf::from_path_buf(folder.path().join("openapi.json")).unwrap();
    /// # std::fs::write(&path, r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/orders/{id}": {"get": {
    /// #   "operationId": "orders.get", "responses": {"200": {"description": "d", "content": {"application/json": {"schema":
    /// #   {"type": "object", "required": ["id"]}}}}}}}}}"#).unwrap();
    /// use axum::{Json, Router, routing::get};
    /// use charter_engine::Judge;
    /// use charter_proxy::Session;
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// # let order = || async { Json(serde_json::json!({"id": "order_1"})) };
    /// # let app = Router::new().route("/orders/{id}", get(order));
    /// # let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    /// # let url = format!("http://{}", listener.local_addr()?);
    /// # tokio::spawn(async move { axum::serve(listener, app).await });
    /// # let _ = rustls::crypto::ring::default_provider().install_default();
    /// # let http = reqwest::Client::builder().no_proxy().tls_certs_only([]).build()?;
    /// let session = Session::new(&Judge::load(path)?.with_base_url(&url))?;
    /// let client = reqwest_middleware::ClientBuilder::new(http).with(session.middleware()).build();
    ///
    /// let order = client.get(format!("{url}/orders/order_1")).send().await?.text().await?;
    /// assert_eq!(order, r#"{"id":"order_1"}"#);
    /// session.assert_kept();
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn middleware(&self) -> JudgeMiddleware {
        JudgeMiddleware { session: self.clone() }
    }
}

#[async_trait::async_trait]
impl Middleware for JudgeMiddleware {
    async fn handle(
        &self,
        mut request: reqwest::Request,
        extensions: &mut Extensions,
        next: Next<'_>,
    ) -> reqwest_middleware::Result<reqwest::Response> {
        let copy = Arc::new(Mutex::new(self.session.copy()));
        if let Some(body) = request.body_mut().take() {
            let bytes = body.as_bytes().map(<[u8]>::to_vec);
            // A body of bytes can be sent again, after a redirect or by another middleware, so it stays as it is.
            *request.body_mut() = Some(match bytes {
                Some(bytes) => {
                    let mut copy = copy.lock().unwrap_or_else(PoisonError::into_inner);
                    copy.push(&bytes);
                    copy.complete();
                    body
                }
                None => reqwest::Body::wrap(RequestBody::new(body, copy.clone())),
            });
        } else {
            copy.lock().unwrap_or_else(PoisonError::into_inner).complete();
        }
        let url = request.url().clone();
        let headers = Headers { complete: false, ..request.headers().into() };
        let in_flight = InFlight::new(self.session.sink(), request.method(), url.to_string(), headers, copy, self.session.limit());
        let response = match next.run(request, extensions).await {
            Ok(response) => response,
            Err(error) => {
                in_flight.fail(error.to_string());
                return Err(error);
            }
        };
        if *response.url() != url {
            in_flight.pass_over("exchange", "the client followed a redirect");
            return Ok(response);
        }
        let head = Head { status: response.status().as_u16(), headers: response.headers().into() };
        let (mut parts, body) = http::Response::from(response).into_parts();
        // The conversion loses the URL of the response.
        if let Ok(with_url) = http::Response::builder().url(url).body(()) {
            parts.extensions.extend(with_url.into_parts().0.extensions);
        }
        let body = reqwest::Body::wrap(ResponseBody::new(body, Record { in_flight, head, copy: self.session.copy() }));
        Ok(http::Response::from_parts(parts, body).into())
    }
}
