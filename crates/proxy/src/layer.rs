//! A `tower` layer for servers.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http::{Request, Response};
use http_body::Body;
use pin_project_lite::pin_project;
use tower_layer::Layer;
use tower_service::Service;

use crate::body::{Record, RequestBody, ResponseBody};
use crate::capture::Capture;
use crate::in_flight::{Head, InFlight};
use crate::session::Session;

/// A layer whose services pass exchanges on to a session. Add it last, so that it sees what the client sees.
#[derive(Clone, Debug)]
pub struct JudgeLayer {
    session: Session,
}

/// A service that passes exchanges on to a session.
#[derive(Clone, Debug)]
pub struct JudgeService<S> {
    inner: S,
    session: Session,
}

pin_project! {
    /// The response of a [`JudgeService`].
    pub struct JudgeFuture<F> {
        #[pin]
        inner: F,
        open: Option<(InFlight, Capture)>,
    }
}

impl Session {
    /// A layer for servers that passes their exchanges on to this session:
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = camino::Utf8PathBuf::from_path_buf(folder.path().join("openapi.json")).unwrap();
    /// # std::fs::write(&path, r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/orders/{id}": {"get": {
    /// #   "operationId": "orders.get", "responses": {"200": {"description": "d", "content": {"application/json": {"schema":
    /// #   {"type": "object", "required": ["id"]}}}}}}}}}"#).unwrap();
    /// use axum::{Json, Router, body::Body, routing::get};
    /// use charter_engine::Judge;
    /// use charter_proxy::Session;
    /// use http::Request;
    /// use http_body_util::BodyExt;
    /// use tower::ServiceExt;
    ///
    /// # tokio::runtime::Runtime::new().unwrap().block_on(async {
    /// let session = Session::new(&Judge::load(path)?)?;
    /// let order = || async { Json(serde_json::json!({"id": "order_1"})) };
    /// let app = Router::new().route("/orders/{id}", get(order)).layer(session.layer());
    ///
    /// let response = app.oneshot(Request::get("/orders/order_1").body(Body::empty())?).await?;
    /// response.into_body().collect().await?;
    /// session.assert_kept();
    /// # Ok::<(), Box<dyn std::error::Error>>(()) }).unwrap();
    /// ```
    pub fn layer(&self) -> JudgeLayer {
        JudgeLayer { session: self.clone() }
    }
}

impl<S> Layer<S> for JudgeLayer {
    type Service = JudgeService<S>;

    fn layer(&self, inner: S) -> JudgeService<S> {
        JudgeService { inner, session: self.session.clone() }
    }
}

impl<S, A, B> Service<Request<A>> for JudgeService<S>
where
    S: Service<Request<RequestBody<A>>, Response = Response<B>>,
    A: Body<Data = Bytes>,
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    type Response = Response<ResponseBody<B>>;
    type Error = S::Error;
    type Future = JudgeFuture<S::Future>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request<A>) -> Self::Future {
        let (parts, body) = request.into_parts();
        let copy = Arc::new(Mutex::new(self.session.copy()));
        let (url, headers) = (parts.uri.to_string(), (&parts.headers).into());
        let in_flight = InFlight::new(self.session.sink(), &parts.method, url, headers, copy.clone(), self.session.limit());
        let request = Request::from_parts(parts, RequestBody::new(body, copy));
        JudgeFuture { inner: self.inner.call(request), open: Some((in_flight, self.session.copy())) }
    }
}

impl<F, B, E> Future for JudgeFuture<F>
where
    F: Future<Output = Result<Response<B>, E>>,
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        let this = self.project();
        let response = ready!(this.inner.poll(context))?;
        let (parts, body) = response.into_parts();
        let head = Head { status: parts.status.as_u16(), headers: (&parts.headers).into() };
        let body = match this.open.take() {
            Some((in_flight, copy)) => ResponseBody::new(body, Record { in_flight, head, copy }),
            None => ResponseBody::without_copy(body),
        };
        Poll::Ready(Ok(Response::from_parts(parts, body)))
    }
}

impl<F> std::fmt::Debug for JudgeFuture<F> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("JudgeFuture").finish_non_exhaustive()
    }
}
