//! Accepts connections until the proxy is stopped, then lets open exchanges end.

use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use hyper_util::server::conn::auto::Builder;
use hyper_util::server::graceful::GracefulShutdown;
use tokio::net::TcpListener;
use tokio::sync::watch;

use crate::forward::Forwarder;

/// How long open exchanges may last after the stop.
const GRACE: Duration = Duration::from_secs(5);
/// The pause after a connection could not be accepted, such as without free file descriptors.
const PAUSE: Duration = Duration::from_millis(50);

/// The most connections inside other ones, of a forward proxy.
pub(crate) const INNER: u32 = 1 << 16;

/// Serves HTTP/1.1 and HTTP/2.
pub(crate) fn builder() -> Builder<TokioExecutor> {
    let mut builder = Builder::new(TokioExecutor::new());
    // The proxy adds no field to a response.
    builder.http1().auto_date_header(false).timer(TokioTimer::new());
    builder.http2().auto_date_header(false).timer(TokioTimer::new()).adaptive_window(true);
    builder
}

/// Serves until the value of `stop` is true.
pub(crate) async fn serve(listener: TcpListener, forwarder: Arc<Forwarder>, mut stop: watch::Receiver<bool>) {
    let builder = builder();
    let graceful = GracefulShutdown::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => break,
        };
        let Ok((stream, _)) = accepted else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        let _ = stream.set_nodelay(true);
        let forwarder = forwarder.clone();
        let service = service_fn(move |request| forwarder.clone().forward(request));
        let connection = builder.serve_connection_with_upgrades(TokioIo::new(stream), service).into_owned();
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // The exchange of a failed connection is counted as not judged.
            let _ = connection.await;
        });
    }
    drop(listener);
    tokio::select! {
        () = async { graceful.shutdown().await; drop(forwarder.inner.acquire_many(INNER).await) } => {}
        () = tokio::time::sleep(GRACE) => {}
    }
}
