//! The client of the upstream.

use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::{ClientConfig, RootCertStore};

use crate::body::RequestBody;
use crate::error::Error;
use crate::options::ProxyOptions;
use crate::upstream::Upstream;

/// The time limit for a connection to the upstream.
const CONNECT: Duration = Duration::from_secs(30);
/// How long an unused connection to the upstream stays open. Many servers close it after 5 s.
const IDLE: Duration = Duration::from_secs(4);

pub(crate) type UpstreamClient = Client<HttpsConnector<HttpConnector>, RequestBody<Incoming>>;

/// The clients of an upstream.
#[derive(Clone)]
pub(crate) struct Clients {
    /// With HTTP/2, if the upstream supports it.
    pub(crate) any: UpstreamClient,
    /// Only HTTP/1.1, which can change to another protocol.
    pub(crate) http1: UpstreamClient,
}

impl Clients {
    /// The clients of a server; of any server for a forward proxy.
    pub(crate) fn new(upstream: Option<&Upstream>, options: &ProxyOptions) -> Result<Self, Error> {
        let is_tls = upstream.is_none_or(Upstream::is_tls);
        let tls = tls(is_tls, options)?;
        let client = |with_http2: bool| {
            let builder = HttpsConnectorBuilder::new().with_tls_config(tls.clone()).https_or_http().enable_http1();
            let connector = if with_http2 { builder.enable_http2().wrap_connector(tcp()) } else { builder.wrap_connector(tcp()) };
            let mut builder = Client::builder(TokioExecutor::new());
            builder.pool_timer(TokioTimer::new()).timer(TokioTimer::new()).pool_idle_timeout(IDLE);
            // TLS negotiates the version; without TLS, the client must know it.
            builder.http2_only(with_http2 && options.http2 && !is_tls);
            builder.http2_adaptive_window(true);
            builder.build(connector)
        };
        Ok(Self { any: client(true), http1: client(false) })
    }
}

fn tcp() -> HttpConnector {
    let mut connector = HttpConnector::new();
    connector.enforce_http(false);
    connector.set_nodelay(true);
    connector.set_connect_timeout(Some(CONNECT));
    connector
}

fn tls(is_tls: bool, options: &ProxyOptions) -> Result<ClientConfig, Error> {
    if let Some(file) = &options.ca_file {
        return charter_probe::tls_config(file).map_err(Error::Certificates);
    }
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions().map_err(Error::Tls)?;
    if !is_tls {
        // Plain http works without root certificates.
        return Ok(builder.with_root_certificates(RootCertStore::empty()).with_no_client_auth());
    }
    let verifier = rustls_platform_verifier::Verifier::new(provider).map_err(Error::Tls)?;
    Ok(builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)).with_no_client_auth())
}
