//! Forwards one request to the upstream and its response to the client, and copies both.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::error::Error as _;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_TYPE, LOCATION, PROXY_AUTHORIZATION};
use http::uri::Scheme;
use http::{Method, Request, Response, StatusCode, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use hyper::upgrade::OnUpgrade;
use hyper_util::rt::TokioIo;
use tokio::sync::{Semaphore, watch};

use crate::authority::Authority;
use crate::body::{Record, RequestBody, ResponseBody};
use crate::capture::{Budget, Capture};
use crate::connect::Clients;
use crate::enforce::Enforcer;
use crate::fields;
use crate::in_flight::{Head, InFlight};
use crate::intercept;
use crate::problem::problem;
use crate::queue::Queue;
use crate::sink::Sink;
use crate::upstream::Upstream;

/// Forwards requests.
pub(crate) struct Forwarder {
    pub(crate) clients: Clients,
    pub(crate) server: Server,
    pub(crate) queue: Arc<Queue>,
    pub(crate) budget: Arc<Budget>,
    pub(crate) max_body: usize,
    pub(crate) enforcer: Option<Enforcer>,
    /// The URL of the proxy.
    pub(crate) url: String,
    /// Whether the proxy is stopped, for the connections inside other ones.
    pub(crate) stop: watch::Receiver<bool>,
    /// Each of these connections has a permit.
    pub(crate) inner: Arc<Semaphore>,
}

/// The server that requests are forwarded to.
pub(crate) enum Server {
    /// That of a reverse proxy.
    One(Upstream),
    /// That which each request names. The authority makes the certificates for clients.
    Any(Arc<Authority>),
}

/// The body of a response to the client.
pub(crate) type Outgoing = ResponseBody<Passing>;

impl Forwarder {
    pub(crate) async fn forward(self: Arc<Self>, mut request: Request<Incoming>) -> Result<Response<Outgoing>, Infallible> {
        let authority = match &self.server {
            Server::One(_) if request.method() == Method::CONNECT => {
                let remedy = "send requests to the URL of the proxy, or start a forward proxy with --forward";
                return Ok(own(problem(StatusCode::NOT_IMPLEMENTED, "CONNECT is not supported", remedy)));
            }
            Server::One(upstream) => return self.exchange(upstream, request).await,
            Server::Any(authority) => authority,
        };
        if request.method() == Method::CONNECT {
            return Ok(intercept::connect(&self, authority, request));
        }
        request.headers_mut().remove(PROXY_AUTHORIZATION);
        let (scheme, host) = (request.uri().scheme().cloned().unwrap_or(Scheme::HTTP), request.uri().authority());
        let is_own = |host: &&http::uri::Authority| self.url.strip_prefix("http://") == Some(host.as_str());
        match host.filter(|host| !is_own(host)).and_then(|host| Upstream::of(scheme, host)) {
            Some(upstream) => self.exchange(&upstream, request).await,
            None => Ok(own(problem(
                StatusCode::BAD_REQUEST,
                "The request names no server",
                "set the URL of the proxy as the proxy of the client",
            ))),
        }
    }

    /// Forwards one request to a server.
    pub(crate) async fn exchange(&self, upstream: &Upstream, mut request: Request<Incoming>) -> Result<Response<Outgoing>, Infallible> {
        self.queue.space().await;
        let Some(target) = upstream.target(request.uri()) else {
            return Ok(own(problem(StatusCode::BAD_REQUEST, "The request has no path", "send requests to the URL of the proxy")));
        };
        let is_upgrade = fields::is_upgrade(&request);
        let client_side = is_upgrade.then(|| hyper::upgrade::on(&mut request));
        let (mut parts, body) = request.into_parts();
        fields::remove_hop_by_hop(&mut parts.headers, is_upgrade);
        fields::remove_host(&mut parts.headers);
        let copy = Arc::new(Mutex::new(self.copy()));
        let sink: Arc<dyn Sink> = self.queue.clone();
        let headers = (&parts.headers).into();
        let in_flight = InFlight::new(sink, &parts.method, target.to_string(), headers, copy.clone(), self.max_body);
        parts.uri = target;
        parts.version = Version::HTTP_11;
        let request = Request::from_parts(parts, RequestBody::new(body, copy));
        let client = if is_upgrade { &self.clients.http1 } else { &self.clients.any };
        let mut response = match client.request(request).await {
            Ok(response) => response,
            Err(error) => {
                let message = with_causes(&error);
                let replacement = problem(StatusCode::BAD_GATEWAY, "No response from the upstream", &message);
                in_flight.fail(message);
                return Ok(own(replacement));
            }
        };
        if let Some(client_side) = client_side.filter(|_| response.status() == StatusCode::SWITCHING_PROTOCOLS) {
            in_flight.pass_over("connection", "it changed to another protocol, such as WebSocket");
            tokio::spawn(tunnel(client_side, hyper::upgrade::on(&mut response)));
            let (mut parts, body) = response.into_parts();
            fields::remove_hop_by_hop(&mut parts.headers, true);
            return Ok(Response::from_parts(parts, ResponseBody::without_copy(Passing::new(body))));
        }
        Ok(self.respond(upstream, response, in_flight).await)
    }

    fn copy(&self) -> Capture {
        Capture::new(self.max_body, &self.budget)
    }

    async fn respond(&self, upstream: &Upstream, response: Response<Incoming>, mut in_flight: InFlight) -> Response<Outgoing> {
        let (mut parts, body) = response.into_parts();
        let head = Head { status: parts.status.as_u16(), headers: (&parts.headers).into() };
        fields::remove_hop_by_hop(&mut parts.headers, false);
        // A client of a forward proxy goes to the server itself.
        let is_reverse = matches!(self.server, Server::One(_));
        if let Some(location) =
            parts.headers.get(LOCATION).filter(|_| is_reverse).and_then(|location| upstream.through(location, &self.url))
        {
            parts.headers.insert(LOCATION, location);
        }
        parts.version = Version::HTTP_11;
        let mut record = Record { in_flight, head, copy: self.copy() };
        let mut passing = Passing::new(body);
        let Some(enforcer) = self.enforcer.clone().filter(|_| !is_event_stream(&parts.headers)) else {
            return Response::from_parts(parts, ResponseBody::new(passing, record));
        };
        match passing.read_ahead(&mut record.copy).await {
            ReadAhead::Complete => record.copy.complete(),
            // The copy has what was read ahead, and a body beyond the limit is not judged.
            ReadAhead::TooLarge => return Response::from_parts(parts, ResponseBody::new(passing, record)),
            ReadAhead::Failed(error) => {
                let replacement = problem(StatusCode::BAD_GATEWAY, "The response of the upstream was cut off", &error);
                record.in_flight.cut_off(record.head, error);
                return own(replacement);
            }
        }
        in_flight = record.in_flight;
        let Some(finished) = in_flight.complete(record.head, record.copy) else {
            return Response::from_parts(parts, ResponseBody::without_copy(passing));
        };
        // Judging may take longer than a task of the runtime should.
        let judged = tokio::task::spawn_blocking(move || (enforcer.replacement(&finished), finished)).await;
        let Ok((replacement, finished)) = judged else {
            return own(problem(StatusCode::BAD_GATEWAY, "The exchange could not be judged", "the proxy has a fault; report it"));
        };
        self.queue.finished(finished);
        match replacement {
            Some(replacement) => own(replacement),
            None => Response::from_parts(parts, ResponseBody::without_copy(passing)),
        }
    }
}

/// An event stream may have no end, so that it is not held back.
fn is_event_stream(headers: &http::HeaderMap) -> bool {
    let media_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    media_type.split(';').next().is_some_and(|name| name.trim().eq_ignore_ascii_case("text/event-stream"))
}

/// A response that the proxy writes itself.
pub(crate) fn own(response: Response<Vec<u8>>) -> Response<Outgoing> {
    response.map(|body| ResponseBody::without_copy(Passing::of(body.into())))
}

fn with_causes(error: &hyper_util::client::legacy::Error) -> String {
    let (mut text, mut next) = (error.to_string(), error.source());
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}

/// Copies bytes in both directions until one side ends.
async fn tunnel(client: OnUpgrade, upstream: OnUpgrade) {
    let (Ok(client), Ok(upstream)) = tokio::join!(client, upstream) else { return };
    let _ = tokio::io::copy_bidirectional(&mut TokioIo::new(client), &mut TokioIo::new(upstream)).await;
}

/// Frames that were read ahead, then the rest of a body.
#[derive(Debug)]
pub(crate) struct Passing {
    frames: VecDeque<Frame<Bytes>>,
    rest: Option<Incoming>,
}

/// How reading ahead ended.
enum ReadAhead {
    /// With the end of the body.
    Complete,
    /// With the limit of the copy.
    TooLarge,
    /// With an error.
    Failed(String),
}

impl Passing {
    fn new(body: Incoming) -> Self {
        Self { frames: VecDeque::new(), rest: Some(body) }
    }

    fn of(bytes: Bytes) -> Self {
        Self { frames: [Frame::data(bytes)].into(), rest: None }
    }

    /// Reads the body until its end or the limit of the copy.
    async fn read_ahead(&mut self, copy: &mut Capture) -> ReadAhead {
        while let Some(body) = &mut self.rest {
            match std::future::poll_fn(|context| Pin::new(&mut *body).poll_frame(context)).await {
                Some(Ok(frame)) => {
                    if let Some(data) = frame.data_ref() {
                        copy.push(data);
                    }
                    self.frames.push_back(frame);
                    if copy.is_too_large() {
                        return ReadAhead::TooLarge;
                    }
                }
                Some(Err(error)) => return ReadAhead::Failed(error.to_string()),
                None => self.rest = None,
            }
        }
        ReadAhead::Complete
    }
}

impl Body for Passing {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        if let Some(frame) = self.frames.pop_front() {
            return Poll::Ready(Some(Ok(frame)));
        }
        match &mut self.rest {
            Some(rest) => Pin::new(rest).poll_frame(context),
            None => Poll::Ready(None),
        }
    }

    fn is_end_stream(&self) -> bool {
        self.frames.is_empty() && self.rest.as_ref().is_none_or(Body::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let ahead = self.frames.iter().filter_map(Frame::data_ref).map(|data| data.len() as u64).sum::<u64>();
        let rest = self.rest.as_ref().map_or_else(|| SizeHint::with_exact(0), Body::size_hint);
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + ahead);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + ahead);
        }
        hint
    }
}
