//! One request and its answer, as an exchange: within the time and the length that are allowed, with the key where it may go.

use std::sync::Arc;
use std::time::{Duration, Instant};

use charter_contract::Position;
use charter_traffic::exchange::{Body, BodyPlace, Headers, Origin, Provoked, Request, Response};
use charter_traffic::mask::Secret;
use charter_traffic::{Exchange, ManualClock};
use reqwest::header::{HeaderMap, HeaderValue, LOCATION};
use reqwest::{Certificate, redirect};
use sha2::{Digest, Sha256};
use url::Url;

use crate::error::Error;
use crate::failure;
use crate::plan::{Plan, Sending};
use crate::route::{Routes, is_loopback};

/// Redirects that a download follows.
const REDIRECTS: usize = 10;
/// What is sent as a key where a wrong one is wanted.
const WRONG_KEY: &str = "charter-probe-this-is-no-key";
/// How long a request takes where time passes by requests alone.
const TICKED_MS: f64 = 1.0;
const USER_AGENT: &str = concat!("charter/", env!("CARGO_PKG_VERSION"));

/// Sends requests.
pub(crate) struct Client {
    http: reqwest::Client,
    routes: Arc<Routes>,
    key: Option<Secret>,
    sending: Sending,
    /// The clock of this machine when the run began; from there time only goes forward.
    began: (jiff::Timestamp, Instant),
    /// What stands in for that clock.
    clock: Option<Arc<ManualClock>>,
}

/// What is to be asked.
#[derive(Clone, Debug)]
pub(crate) struct Ask {
    pub(crate) url: String,
    pub(crate) provoked: Option<Provoked>,
    /// The body is not looked into: it may be of any kind, its digest is kept, and redirects are followed.
    pub(crate) download: bool,
}

impl Ask {
    pub(crate) fn get(url: String) -> Self {
        Self { url, provoked: None, download: false }
    }
}

/// What came of a request.
pub(crate) struct Answer {
    pub(crate) exchange: Exchange,
    /// Whether asking again would be of use, where there is no answer.
    pub(crate) is_passing: bool,
}

impl Answer {
    pub(crate) fn status(&self) -> Option<u16> {
        self.exchange.response.as_ref().map(|response| response.status)
    }

    /// The body, where it is whole.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        match &self.exchange.response.as_ref()?.body {
            Body::Bytes { bytes, .. } => Some(bytes),
            _ => None,
        }
    }

    /// Whether the body was longer than it may be.
    pub(crate) fn is_cut(&self) -> bool {
        self.exchange.response.as_ref().is_some_and(|response| matches!(response.body, Body::Truncated))
    }

    /// A header field of the answer.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.exchange.response.as_ref()?.headers.get_all(name).first().copied()
    }
}

impl Client {
    pub(crate) fn new(routes: Arc<Routes>, plan: &Plan) -> Result<Self, Error> {
        // A provider that another part of the process has chosen serves as well.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let certificates = plan.sending.ca_file.as_deref().map(certificates).transpose()?.unwrap_or_default();
        let builder = || {
            let builder = reqwest::Client::builder()
                .redirect(redirect::Policy::none())
                .retry(reqwest::retry::never())
                .referer(false)
                .user_agent(USER_AGENT)
                .pool_max_idle_per_host(plan.sending.concurrency)
                .connect_timeout(plan.sending.timeout);
            // What stays on this machine takes no way around.
            if routes.is_local() { builder.no_proxy() } else { builder }
        };
        let http = builder().tls_certs_merge(certificates.clone()).build();
        let http = match http {
            // A machine without certificates can still be asked about itself.
            Err(_) if routes.is_plain() || !certificates.is_empty() => builder().tls_certs_only(certificates).build(),
            other => other,
        };
        let http = http.map_err(|error| Error::Client(failure::deepest(&error)))?;
        let began = (jiff::Timestamp::now(), Instant::now());
        let clock = plan.repeatable.as_ref().map(|repeatable| repeatable.clock.clone());
        Ok(Self { http, routes, key: plan.key.clone(), sending: plan.sending.clone(), began, clock })
    }

    /// Sends one request.
    pub(crate) async fn send(&self, ask: &Ask) -> Answer {
        let (started, ticked) = (Instant::now(), self.clock.as_ref().map(|clock| clock.tick()));
        let deadline = tokio::time::Instant::now() + self.sending.timeout;
        let fields = self.fields(ask);
        let mut response = None;
        let outcome = match Url::parse(&ask.url) {
            // Such segments are taken out of a path, which would be another one then.
            Ok(_) if has_dots(&ask.url) => Err(failure::Failure { kind: "no URL can name it".to_owned(), is_passing: false }),
            Ok(url) => self.answer(url, ask, &fields, deadline, &mut response).await,
            Err(error) => Err(failure::Failure { kind: format!("the URL is malformed: {error}"), is_passing: false }),
        };
        let (error, is_passing) = match outcome {
            Ok(()) => (None, false),
            Err(failure) => (Some(failure.kind), failure.is_passing),
        };
        let exchange = Exchange {
            origin: Origin { source: "".into(), index: 0, line: None, column: None, bytes: 0..0 },
            started: ticked.or_else(|| self.began.0.checked_add(started.duration_since(self.began.1)).ok()),
            time_ms: Some(if ticked.is_some() { TICKED_MS } else { milliseconds(started.elapsed()) }),
            request: Some(Request {
                method: "GET".to_owned(),
                url: self.routes.shown(&ask.url),
                headers: Headers { fields: shown(&fields), complete: true },
            }),
            response,
            error,
            masked: Vec::new(),
            bare: false,
            provoked: ask.provoked,
        };
        Answer { exchange, is_passing }
    }

    fn fields(&self, ask: &Ask) -> HeaderMap {
        let mut fields = HeaderMap::new();
        let accept = if ask.download { "*/*" } else { "application/json" };
        fields.insert("accept", HeaderValue::from_static(accept));
        fields.insert("user-agent", HeaderValue::from_static(USER_AGENT));
        let key = match ask.provoked {
            Some(Provoked::NoKey) => None,
            Some(Provoked::WrongKey) => Some(WRONG_KEY),
            _ => self.key.as_ref().map(Secret::expose),
        };
        // A secret holds nothing that a header field cannot carry.
        if let Some(mut value) = key.and_then(|key| HeaderValue::from_str(&format!("Bearer {key}")).ok()) {
            value.set_sensitive(true);
            fields.insert("authorization", value);
        }
        fields
    }

    /// Asks, follows a download to where it is, and reads the body.
    async fn answer(
        &self,
        mut url: Url,
        ask: &Ask,
        fields: &HeaderMap,
        deadline: tokio::time::Instant,
        answered: &mut Option<Response>,
    ) -> Result<(), failure::Failure> {
        let mut fields = fields.clone();
        for _ in 0..=REDIRECTS {
            let request = self.http.get(url.clone()).headers(fields.clone()).send();
            let response = failure::within(deadline, request).await?;
            let next = match response.headers().get(LOCATION).and_then(|location| location.to_str().ok()) {
                Some(location) if ask.download && response.status().is_redirection() => url.join(location).ok(),
                _ => None,
            };
            let Some(next) = next else { return self.read(response, ask, deadline, answered).await };
            if next.origin() != url.origin() || !self.routes.is_own(&next) {
                // Once it has left the server, a request never carries the key again.
                fields.remove("authorization");
            }
            let is_plain = next.scheme() == "http" && !is_loopback(&next) && !self.sending.allow_plain_http;
            if is_plain || !matches!(next.scheme(), "http" | "https") {
                return Err(failure::Failure { kind: format!("a redirect to {}: is not followed", next.scheme()), is_passing: false });
            }
            url = next;
        }
        Err(failure::Failure { kind: format!("more than {REDIRECTS} redirects"), is_passing: false })
    }

    /// Reads the body as far as it may be read.
    async fn read(
        &self,
        mut response: reqwest::Response,
        ask: &Ask,
        deadline: tokio::time::Instant,
        answered: &mut Option<Response>,
    ) -> Result<(), failure::Failure> {
        let digested = ask.download && response.status().is_success();
        let answer = answered.insert(Response {
            status: response.status().as_u16(),
            headers: Headers { fields: shown(response.headers()), complete: true },
            body: Body::Truncated,
        });
        let (mut bytes, mut hasher, mut size) = (Vec::new(), Sha256::new(), 0u64);
        while let Some(chunk) = failure::within(deadline, response.chunk()).await? {
            size += chunk.len() as u64;
            if size > self.sending.max_body {
                return Ok(());
            }
            if digested {
                hasher.update(&chunk);
            } else {
                bytes.extend_from_slice(&chunk);
            }
        }
        answer.body = match digested {
            true => {
                let digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
                Body::Digest { digest: format!("sha256:{digest}"), size }
            }
            false => Body::Bytes { bytes, place: BodyPlace::Verbatim(Position { byte: 0, line: 1, column: 1 }) },
        };
        Ok(())
    }
}

/// Whether a segment of a URL's path is `.` or `..`, as an id or the path of an artifact may be.
fn has_dots(url: &str) -> bool {
    url.split(['?', '#']).next().is_some_and(|path| path.split('/').any(|segment| matches!(segment, "." | "..")))
}

/// Header fields as a recording has them.
fn shown(fields: &HeaderMap) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| (name.as_str().to_owned(), String::from_utf8_lossy(value.as_bytes()).into_owned())).collect()
}

/// To the microsecond, rounded up: an answer has not come before it has.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos().div_ceil(1_000) as f64 / 1_000.0
}

fn certificates(file: &std::path::Path) -> Result<Vec<Certificate>, Error> {
    let refused = |message: String| Error::Certificates { file: file.display().to_string(), message };
    let pem = std::fs::read(file).map_err(|error| refused(error.to_string()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|error| refused(failure::deepest(&error)))?;
    if certificates.is_empty() { Err(refused("it holds none; PEM is expected".to_owned())) } else { Ok(certificates) }
}
