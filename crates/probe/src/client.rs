//! Sends one request and reads its response into an exchange. Limits the time and the size, and sends the key only to the server.

use std::borrow::Cow;
use std::sync::Arc;
use std::time::{Duration, Instant};

use charter_contract::ProbeConfig;
use charter_traffic::exchange::{Body, Message, Origin, Provoked, Request, Response, Timing};
use charter_traffic::{Exchange, ManualClock, coding};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING as ACCEPT_ENCODING_NAME, AUTHORIZATION, COOKIE, HeaderMap, HeaderName, HeaderValue, LOCATION,
    USER_AGENT as USER_AGENT_NAME,
};
use reqwest::redirect;
use sha2::{Digest, Sha256};
use url::Url;

use crate::credential::Place;
use crate::endpoint::{Endpoint, header};
use crate::error::Error;
use crate::failure::{self, Failure};
use crate::plan::{Plan, Sending};
use crate::route::{Routes, is_loopback};
use crate::serialise::query_parameter;
use crate::trust::tls_config;

/// The maximum number of redirects of a download.
const MAX_REDIRECTS: usize = 10;
/// The content codings that `coding` decodes.
const ACCEPT_ENCODING: &str = "gzip, deflate, br, zstd";
/// The duration of every request under a manual clock.
const MANUAL_CLOCK_MS: f64 = 1.0;
const USER_AGENT: &str = concat!("charter/", env!("CARGO_PKG_VERSION"));

/// Sends requests.
pub(crate) struct Client {
    http: reqwest::Client,
    routes: Arc<Routes>,
    /// Header fields of every request.
    fields: Vec<(HeaderName, HeaderValue)>,
    sending: Sending,
    /// The wall clock at the start of the probe, and the monotonic clock that dates requests relative to it.
    start: (jiff::Timestamp, Instant),
    /// Replaces both clocks.
    clock: Option<Arc<ManualClock>>,
}

/// A request to send.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) endpoint: Arc<Endpoint>,
    pub(crate) url: String,
    pub(crate) provoked: Option<Provoked>,
    /// A download accepts any media type, follows redirects and keeps the digest of the body only.
    pub(crate) is_download: bool,
}

impl Query {
    pub(crate) fn get(endpoint: &Arc<Endpoint>, url: String) -> Self {
        Self { endpoint: endpoint.clone(), url, provoked: None, is_download: false }
    }

    pub(crate) fn download(endpoint: &Arc<Endpoint>, url: String) -> Self {
        Self { is_download: true, ..Self::get(endpoint, url) }
    }

    pub(crate) fn provoking(provoked: Provoked, endpoint: &Arc<Endpoint>, url: String) -> Self {
        Self { provoked: Some(provoked), ..Self::get(endpoint, url) }
    }
}

/// The result of a request.
pub(crate) struct Outcome {
    pub(crate) exchange: Exchange,
    /// Whether a retry may succeed, if the request failed.
    pub(crate) is_transient: bool,
    /// Why the content coding of the response body cannot be decoded.
    pub(crate) undecoded: Option<String>,
}

impl Outcome {
    pub(crate) fn status(&self) -> Option<u16> {
        self.exchange.response.as_ref().map(|response| response.status)
    }

    /// The response body, if it is complete.
    pub(crate) fn body(&self) -> Option<&[u8]> {
        self.exchange.response.as_ref()?.body().bytes()
    }

    /// Whether the response body exceeds the size limit.
    pub(crate) fn is_truncated(&self) -> bool {
        self.exchange.response.as_ref().is_some_and(|response| matches!(response.body(), Body::Truncated))
    }

    /// The values of a header field of the response.
    pub(crate) fn header_values(&self, name: &str) -> Vec<&str> {
        self.exchange.response.as_ref().map(|response| response.headers().get_all(name)).unwrap_or_default()
    }

    /// A header field of the response.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.exchange.response.as_ref()?.headers().get(name)
    }
}

/// An HTTP client that follows no redirects and retries no requests.
pub(crate) fn http(base: &Url, plan: &Plan) -> Result<reqwest::Client, Error> {
    // Fails if the process has installed a provider already, which is fine.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let trusted = plan.sending.ca_file.as_deref().map(tls_config).transpose()?;
    let builder = || {
        let builder = reqwest::Client::builder()
            .redirect(redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .user_agent(USER_AGENT)
            .pool_max_idle_per_host(plan.sending.concurrency)
            .connect_timeout(plan.sending.timeout);
        // Requests to this machine do not use a proxy.
        if is_loopback(base) { builder.no_proxy() } else { builder }
    };
    let http = match trusted {
        Some(mut trusted) => {
            // The HTTP client offers these protocols only if it makes the settings itself.
            trusted.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
            builder().tls_backend_preconfigured(trusted).build()
        }
        // Without root certificates, plain http still works.
        None => builder().build().or_else(|error| match base.scheme() {
            "http" => builder().tls_certs_only([]).build(),
            _ => Err(error),
        }),
    };
    http.map_err(Error::Client)
}

impl Client {
    pub(crate) fn new(routes: Arc<Routes>, plan: &Plan, settings: &ProbeConfig) -> Result<Self, Error> {
        let http = http(routes.base(), plan)?;
        let headers = settings.headers.iter().chain(plan.headers.iter().map(|(name, value)| (name, value)));
        let fields = headers.map(|(name, value)| header(name, value)).collect::<Result<_, _>>()?;
        let start = (jiff::Timestamp::now(), Instant::now());
        let clock = plan.repeatable.as_ref().map(|repeatable| repeatable.clock.clone());
        Ok(Self { http, routes, fields, sending: plan.sending.clone(), start, clock })
    }

    /// Sends one request.
    pub(crate) async fn send(&self, query: &Query) -> Outcome {
        let (sent, ticked) = (Instant::now(), self.clock.as_ref().map(|clock| clock.tick()));
        let deadline = tokio::time::Instant::now() + self.sending.timeout;
        let headers = self.request_headers(query);
        let target = self.target(query);
        let mut response = None;
        let outcome = match Url::parse(&target) {
            // The URL parser removes dot segments, so that the request would have another path.
            Ok(_) if has_dot_segment(&target) => Err(Failure::permanent("a URL cannot contain the path segments `.` and `..`")),
            Ok(url) => self.exchange(url, query, &headers, deadline, &mut response).await,
            Err(error) => Err(Failure::permanent(format!("malformed URL: {error}"))),
        };
        let (error, is_transient) = match outcome {
            Ok(()) => (None, false),
            Err(failure) => (Some(failure.message), failure.is_transient),
        };
        let mut exchange = Exchange::new(Origin::default());
        exchange.timing = Timing {
            started: ticked.or_else(|| self.start.0.checked_add(sent.duration_since(self.start.1)).ok()),
            duration_ms: Some(if ticked.is_some() { MANUAL_CLOCK_MS } else { milliseconds(sent.elapsed()) }),
        };
        let message = Message { headers: (&headers).into(), body: Body::from_bytes("") };
        exchange.request = Some(Request::new("GET", self.routes.display_url(&target), message));
        (exchange.response, exchange.error, exchange.provoked) = (response, error, query.provoked);
        let undecoded = exchange.response.as_mut().and_then(|response| decode(response, self.sending.max_body));
        Outcome { exchange, is_transient, undecoded }
    }

    fn request_headers(&self, query: &Query) -> HeaderMap {
        let mut headers = HeaderMap::new();
        // The digest of a download is that of the bytes before any content coding.
        let codings = if query.is_download { "identity" } else { ACCEPT_ENCODING };
        headers.insert(ACCEPT, if query.is_download { HeaderValue::from_static("*/*") } else { query.endpoint.accept.clone() });
        headers.insert(ACCEPT_ENCODING_NAME, HeaderValue::from_static(codings));
        headers.insert(USER_AGENT_NAME, HeaderValue::from_static(USER_AGENT));
        let without_credentials = query.provoked == Some(Provoked::NoCredentials);
        // A fixed field may contain a credential, too.
        let fixed = self.fields.iter().filter(|(name, _)| !without_credentials || !is_credential(&query.endpoint, name));
        let mut cookies: Vec<String> = Vec::new();
        for (name, value) in query.endpoint.headers.iter().chain(fixed) {
            match value.to_str() {
                Ok(cookie) if *name == COOKIE => cookies.push(cookie.to_owned()),
                _ => {
                    headers.insert(name.clone(), value.clone());
                }
            }
        }
        if without_credentials {
            if !cookies.is_empty() {
                insert_secret(&mut headers, COOKIE.as_str(), &cookies.join("; "));
            }
            return headers;
        }
        for credential in &query.endpoint.credentials {
            let value = credential.value(query.provoked == Some(Provoked::WrongCredentials));
            let name = match &credential.place {
                Place::Bearer | Place::Basic => "authorization",
                Place::Header(name) => name,
                Place::Cookie(_) => {
                    cookies.push(value);
                    continue;
                }
                Place::Query(_) => continue,
            };
            // `Secret` rejects characters that a header field cannot contain.
            insert_secret(&mut headers, name, &value);
        }
        if !cookies.is_empty() {
            insert_secret(&mut headers, COOKIE.as_str(), &cookies.join("; "));
        }
        headers
    }

    /// The URL of a request, with the keys that are query parameters.
    fn target(&self, query: &Query) -> String {
        let mut url = query.url.clone();
        if query.provoked == Some(Provoked::NoCredentials) {
            return url;
        }
        for credential in &query.endpoint.credentials {
            let Place::Query(name) = &credential.place else { continue };
            // The URL of the next page may repeat the key.
            let is_present =
                url.split_once('?').is_some_and(|(_, query)| url::form_urlencoded::parse(query.as_bytes()).any(|(key, _)| key == *name));
            if !is_present {
                url.push(if url.contains('?') { '&' } else { '?' });
                url.push_str(&query_parameter(name, &credential.value(query.provoked == Some(Provoked::WrongCredentials))));
            }
        }
        url
    }

    /// Removes the header fields that only the server itself may receive.
    fn remove_credentials(&self, query: &Query, headers: &mut HeaderMap) {
        headers.remove("authorization");
        headers.remove(COOKIE);
        for (name, _) in query.endpoint.headers.iter().chain(&self.fields) {
            headers.remove(name);
        }
        for credential in &query.endpoint.credentials {
            if let Place::Header(name) = &credential.place {
                headers.remove(name.as_str());
            }
        }
    }

    /// Sends the request, follows the redirects of a download, and reads the response.
    async fn exchange(
        &self,
        mut url: Url,
        query: &Query,
        headers: &HeaderMap,
        deadline: tokio::time::Instant,
        received: &mut Option<Response>,
    ) -> Result<(), Failure> {
        let mut headers = headers.clone();
        for _ in 0..=MAX_REDIRECTS {
            let request = self.http.get(url.clone()).headers(headers.clone()).send();
            let response = failure::within(deadline, request).await?;
            let next = match response.headers().get(LOCATION).and_then(|location| location.to_str().ok()) {
                Some(location) if query.is_download && response.status().is_redirection() => url.join(location).ok(),
                _ => None,
            };
            let Some(next) = next else { return self.read(response, query, deadline, received).await };
            if next.origin() != url.origin() || !self.routes.is_own(&next) {
                // After a redirect to another origin, no request carries the key.
                self.remove_credentials(query, &mut headers);
            }
            let is_plain = next.scheme() == "http" && !is_loopback(&next) && !self.sending.allow_plain_http;
            if is_plain || !matches!(next.scheme(), "http" | "https") {
                return Err(Failure::permanent(format!("a redirect to {}: is not followed", next.scheme())));
            }
            url = next;
        }
        Err(Failure::permanent(format!("more than {MAX_REDIRECTS} redirects")))
    }

    /// Reads the body, up to the size limit.
    async fn read(
        &self,
        mut response: reqwest::Response,
        query: &Query,
        deadline: tokio::time::Instant,
        received: &mut Option<Response>,
    ) -> Result<(), Failure> {
        let digest_only = query.is_download && response.status().is_success();
        let recorded_response = received
            .insert(Response::new(response.status().as_u16(), Message { headers: response.headers().into(), body: Body::Truncated }));
        let (mut bytes, mut hasher, mut size) = (Vec::new(), Sha256::new(), 0u64);
        while let Some(chunk) = failure::within(deadline, response.chunk()).await? {
            size += chunk.len() as u64;
            if size > self.sending.max_body {
                return Ok(());
            }
            if digest_only {
                hasher.update(&chunk);
            } else {
                bytes.extend_from_slice(&chunk);
            }
        }
        recorded_response.message.body = match digest_only {
            true => {
                let digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
                Body::Digest { digest: format!("sha256:{digest}"), size }
            }
            false => Body::from_bytes(bytes),
        };
        Ok(())
    }
}

/// Whether a header field may contain a credential of an operation.
fn is_credential(endpoint: &Endpoint, name: &HeaderName) -> bool {
    let is_sent = |place: &Place| matches!(place, Place::Header(field) if field == name.as_str());
    *name == AUTHORIZATION || *name == COOKIE || endpoint.credentials.iter().any(|credential| is_sent(&credential.place))
}

/// Whether a path segment of a URL is `.` or `..`. Ids and the paths of artifacts may be.
fn has_dot_segment(url: &str) -> bool {
    url.split(['?', '#']).next().is_some_and(|path| path.split('/').any(|segment| matches!(segment, "." | "..")))
}

/// Inserts a header field whose value no `Debug` output contains.
fn insert_secret(headers: &mut HeaderMap, name: &str, value: &str) {
    if let Ok((name, mut value)) = header(name, value) {
        value.set_sensitive(true);
        headers.insert(name, value);
    }
}

/// Milliseconds, rounded up to the microsecond, so that no response precedes the end of its request.
fn milliseconds(duration: Duration) -> f64 {
    duration.as_nanos().div_ceil(1_000) as f64 / 1_000.0
}

/// Decodes the content codings of a response body; returns why they cannot be decoded. The header field stays, as in a HAR file.
fn decode(response: &mut Response, limit: u64) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let decoded = {
        let codings = response.headers().get_all("content-encoding");
        let bytes = response.body().bytes().filter(|bytes| !bytes.is_empty() && !codings.is_empty())?;
        match coding::decode(bytes, &codings, limit) {
            // Only a recording may have a decoded body with the header field of its coding.
            Ok(Cow::Borrowed(_)) if codings.iter().any(|value| !value.trim().eq_ignore_ascii_case("identity")) => {
                return Some(format!("the body is not in the content coding `{}`", codings.join(", ")));
            }
            decoded => decoded.map(Cow::into_owned),
        }
    };
    match decoded {
        Ok(bytes) => {
            response.message.body = Body::from_bytes(bytes);
            None
        }
        Err(error) => Some(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dot_segments_are_found_in_the_path_only() {
        assert!(has_dot_segment("http://host/parcels/.."));
        assert!(has_dot_segment("http://host/./parcels?x"));
        assert!(!has_dot_segment("http://host/parcels/..a?q=/../"));
    }
}
