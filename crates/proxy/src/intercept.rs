//! Connections of a forward proxy: `CONNECT`, then TLS with a certificate of the proxy, or HTTP, or another protocol that passes.

use std::pin::pin;
use std::sync::Arc;

use http::uri::{Authority as Host, Scheme};
use http::{Request, Response, StatusCode};
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::OwnedSemaphorePermit;
use tokio_rustls::TlsAcceptor;

use crate::authority::Authority;
use crate::forward::{Forwarder, Outgoing, own};
use crate::problem::problem;
use crate::serve;
use crate::sink::Sink as _;
use crate::upstream::Upstream;

/// The first byte of a handshake of TLS, RFC 8446, section 5.1.
const HANDSHAKE: u8 = 0x16;

/// Responds to `CONNECT`, and serves the connection that begins.
pub(crate) fn connect(forwarder: &Arc<Forwarder>, authority: &Arc<Authority>, mut request: Request<Incoming>) -> Response<Outgoing> {
    let Some(host) = request.uri().authority().cloned() else {
        return own(problem(StatusCode::BAD_REQUEST, "The request names no host", "send CONNECT with a host and a port"));
    };
    // Held from now on, so that the proxy does not end before the connection is counted.
    let Ok(permit) = forwarder.inner.clone().try_acquire_owned() else {
        return own(problem(StatusCode::SERVICE_UNAVAILABLE, "Too many connections", "close connections that are not used"));
    };
    let upgrade = hyper::upgrade::on(&mut request);
    let (forwarder, authority) = (forwarder.clone(), authority.clone());
    tokio::spawn(async move {
        if let Ok(upgraded) = upgrade.await {
            intercept(forwarder, &authority, host, upgraded, permit).await;
        }
    });
    let mut response = own(Response::new(Vec::new()));
    response.headers_mut().clear();
    response
}

async fn intercept(forwarder: Arc<Forwarder>, authority: &Arc<Authority>, host: Host, upgraded: Upgraded, permit: OwnedSemaphorePermit) {
    let mut stream = TokioIo::new(upgraded);
    let mut first = [0];
    let mut stop = forwarder.stop.clone();
    let is_open = tokio::select! {
        read = stream.read_exact(&mut first) => read.is_ok(),
        () = async { drop(stop.wait_for(|stop| *stop).await) } => false,
    };
    if !is_open {
        return;
    }
    let (read, write) = tokio::io::split(stream);
    let mut stream = tokio::io::join(std::io::Cursor::new(first).chain(read), write);
    match first {
        [HANDSHAKE] => {
            let Ok(config) = authority.server(host.host()) else { return };
            match TlsAcceptor::from(Arc::new(config)).accept(stream).await {
                Ok(stream) => serve(forwarder, Upstream::of(Scheme::HTTPS, &host), stream).await,
                Err(_) => forwarder.queue.not_judged("connection", "TLS failed: the client has to trust the certificate of the proxy"),
            }
        }
        [letter] if letter.is_ascii_uppercase() => serve(forwarder, Upstream::of(Scheme::HTTP, &host), stream).await,
        _ => {
            forwarder.queue.not_judged("connection", "it is neither TLS nor HTTP");
            drop(permit);
            if let Ok(mut upstream) = TcpStream::connect(host.as_str()).await {
                let _ = tokio::io::copy_bidirectional(&mut stream, &mut upstream).await;
            }
        }
    }
}

/// Serves the requests of a connection to one server.
async fn serve<S>(forwarder: Arc<Forwarder>, upstream: Option<Upstream>, stream: S)
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let Some(upstream) = upstream.map(Arc::new) else { return };
    let mut stop = forwarder.stop.clone();
    let service = service_fn(move |request| {
        let (forwarder, upstream) = (forwarder.clone(), upstream.clone());
        async move { forwarder.exchange(&upstream, request).await }
    });
    let mut connection = pin!(serve::builder().serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned());
    // The exchange of a failed connection is counted as not judged.
    tokio::select! {
        _ = connection.as_mut() => {}
        () = async { drop(stop.wait_for(|stop| *stop).await) } => {
            connection.as_mut().graceful_shutdown();
            let _ = connection.await;
        }
    }
}
