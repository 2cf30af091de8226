//! Sending: base URL, credentials, time limit, retries.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, COOKIE, HeaderValue};

use crate::auth::Credential;
use crate::call::{Call, header};
use crate::error::{Failure, RequestError};
use crate::observer::{Observer, Watch};
use crate::response::{Incoming, Received};
use crate::retry::{Retry, is_idempotent};
use crate::style::Text;

/// A base URL that is not valid.
#[derive(Debug, thiserror::Error)]
#[error("`{url}` is not a base URL: write one such as https://api.example.com/v1")]
pub struct BaseUrlError {
    url: String,
}

/// What a client sends requests with. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Transport {
    base: String,
    client: reqwest::Client,
    credentials: BTreeMap<&'static str, Credential>,
    timeout: Option<Duration>,
    retry: Option<Retry>,
    observer: Option<Arc<dyn Observer>>,
    target: Option<String>,
}

impl Transport {
    /// A transport to a base URL, with default settings. If the program has not chosen a provider of cryptography for `rustls`, `ring` becomes
    /// that of the process.
    ///
    /// # Errors
    /// The URL is not an absolute URL of HTTP.
    pub fn new(base_url: &str) -> Result<Self, BaseUrlError> {
        let url = reqwest::Url::parse(base_url)
            .ok()
            .filter(|url| matches!(url.scheme(), "http" | "https") && url.query().is_none() && url.fragment().is_none());
        let Some(url) = url else { return Err(BaseUrlError { url: base_url.to_owned() }) };
        let base = url.as_str().trim_end_matches('/').to_owned();
        Ok(Self { base, client: default_client(), credentials: BTreeMap::new(), timeout: None, retry: None, observer: None, target: None })
    }

    /// The transport with a client of the program: its proxy, TLS and limits. [`client_builder`] makes one.
    #[must_use]
    pub fn with_client(mut self, client: reqwest::Client) -> Self {
        self.client = client;
        self
    }

    /// The transport with the credential of a security scheme.
    #[must_use]
    pub fn with_credential(mut self, scheme: &'static str, credential: Credential) -> Self {
        self.credentials.insert(scheme, credential);
        self
    }

    /// The transport with a time limit for each attempt, from sending to the end of the body.
    #[must_use]
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = Some(timeout);
        self
    }

    /// The transport with retries of requests with idempotent methods. In a browser, requests are sent once.
    #[must_use]
    pub fn with_retry(mut self, retry: Retry) -> Self {
        self.retry = Some(retry);
        self
    }

    /// The transport with an observer, which gets each exchange: a debug mode that judges it with the contract, a log or a recorder.
    #[must_use]
    pub fn with_observer(mut self, observer: impl Observer + 'static) -> Self {
        self.observer = Some(Arc::new(observer));
        self
    }

    /// The transport whose requests go to the target of a link, such as that of the next page. Header fields, body and credentials stay
    /// those of the call; its path and query are replaced. A relative target is relative to the base URL. The target must have the scheme,
    /// host and port of the base URL, so that credentials are not sent to another host.
    #[must_use]
    pub fn at(&self, link: &str) -> Self {
        Self { target: Some(link.to_owned()), ..self.clone() }
    }

    /// Sends a request and receives the response with its body complete.
    ///
    /// # Errors
    /// A value cannot be sent, the server did not respond, or the connection failed.
    pub async fn receive(&self, call: Call) -> Result<Received, Failure> {
        self.send(call).await?.received().await
    }

    /// Sends a request.
    ///
    /// # Errors
    /// A value cannot be sent, or the server did not respond.
    pub async fn send(&self, call: Call) -> Result<Incoming, Failure> {
        let mut request = self.request(call)?;
        let retry = self.retry.filter(|_| is_idempotent(request.method()) && cfg!(not(target_arch = "wasm32")));
        let mut attempt = 1;
        loop {
            let again = retry.and_then(|retry| Some((retry, request.try_clone()?)));
            let watch = self.observer.as_ref().map(|observer| {
                let body = request.body().and_then(reqwest::Body::as_bytes).map(bytes::Bytes::copy_from_slice);
                Watch::new(Arc::clone(observer), &request, body)
            });
            let result = self.client.execute(request).await;
            let watch = match (&result, watch) {
                (Ok(response), Some(mut watch)) => {
                    watch.responded(response);
                    Some(watch)
                }
                (_, watch) => watch,
            };
            let wait = again.and_then(|(retry, again)| {
                let (status, headers) = match &result {
                    Ok(response) => (Some(response.status()), Some(response.headers())),
                    Err(_) => (None, None),
                };
                Some((retry.after(attempt, status, headers)?, again))
            });
            let Some((wait, again)) = wait else { return Ok(Incoming { response: result?, watch }) };
            sleep(wait).await;
            request = again;
            attempt += 1;
        }
    }

    fn request(&self, mut call: Call) -> Result<reqwest::Request, Failure> {
        if let Some(error) = call.error {
            return Err(error.into());
        }
        let complete = |alternative: &&&[&str]| alternative.iter().all(|scheme| self.credentials.contains_key(scheme));
        for scheme in call.security.iter().find(complete).copied().unwrap_or_default() {
            match self.credentials.get(scheme) {
                Some(Credential::Header { name, key }) => {
                    let (name, value) = header(name, key)?;
                    call.headers.insert(name, secret(value));
                }
                Some(Credential::Query { name, key }) => {
                    call.query.push(format!("{}={}", Text::Encoded.encode(name), Text::Encoded.encode(key)));
                }
                Some(Credential::Cookie { name, key }) => call.cookies.push(format!("{name}={}", Text::Encoded.encode(key))),
                Some(Credential::Authorization(value)) => {
                    let (_, value) = header("authorization", value)?;
                    call.headers.insert(AUTHORIZATION, secret(value));
                }
                None => {}
            }
        }
        if !call.cookies.is_empty() {
            let (_, value) = header("cookie", &call.cookies.join("; "))?;
            call.headers.insert(COOKIE, secret(value));
        }
        let url = match &self.target {
            Some(target) => self.target(target)?,
            None => {
                let query = if call.query.is_empty() { String::new() } else { format!("?{}", call.query.join("&")) };
                reqwest::Url::parse(&format!("{}{}{query}", self.base, call.path)).map_err(|_| RequestError::Url)?
            }
        };
        let mut request = reqwest::Request::new(call.method, url);
        *request.headers_mut() = call.headers;
        *request.timeout_mut() = self.timeout;
        *request.body_mut() = call.body.map(reqwest::Body::from);
        Ok(request)
    }
}

impl Transport {
    /// The URL of a link.
    fn target(&self, link: &str) -> Result<reqwest::Url, RequestError> {
        let base = reqwest::Url::parse(&format!("{}/", self.base)).map_err(|_| RequestError::Url)?;
        let url = base.join(link).map_err(|_| RequestError::Url)?;
        if url.origin() == base.origin() { Ok(url) } else { Err(RequestError::ForeignLink { link: link.to_owned() }) }
    }
}

/// The builder of an HTTP client for `with_client`. If the program has not chosen a provider of cryptography for `rustls`, `ring` becomes that of
/// the process: without a provider, the builder of `reqwest` itself panics.
pub fn client_builder() -> reqwest::ClientBuilder {
    #[cfg(not(target_arch = "wasm32"))]
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
    reqwest::Client::builder()
}

fn default_client() -> reqwest::Client {
    // As `reqwest::Client::new`, which panics under the same conditions.
    client_builder().build().expect("the default settings of a client")
}

/// A value that logs do not show.
fn secret(mut value: HeaderValue) -> HeaderValue {
    value.set_sensitive(true);
    value
}

#[cfg(not(target_arch = "wasm32"))]
async fn sleep(wait: Duration) {
    tokio::time::sleep(wait).await;
}

#[cfg(target_arch = "wasm32")]
async fn sleep(_: Duration) {}
