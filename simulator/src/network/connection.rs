//! Connections that can be reset, and that can carry more than was announced.
//!
//! A request handler has no access to the connection. It gets a handle instead, which the connection reads when it writes and when it
//! ends.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The handle of a connection.
#[derive(Clone, Debug, Default)]
pub(crate) struct ConnectionHandle(Arc<Commands>);

#[derive(Debug, Default)]
struct Commands {
    /// Nothing more is written.
    silenced: AtomicBool,
    /// Ends with a reset.
    reset: AtomicBool,
    /// Bytes to write after the current response.
    excess: Mutex<Vec<u8>>,
}

impl ConnectionHandle {
    /// Resets the connection instead of writing anything more.
    pub(super) fn reset_now(&self) {
        self.0.silenced.store(true, Ordering::Release);
        self.reset_at_end();
    }

    /// Resets the connection instead of closing it.
    pub(super) fn reset_at_end(&self) {
        self.0.reset.store(true, Ordering::Release);
    }

    /// Writes more bytes after the current response.
    pub(super) fn append(&self, bytes: &[u8]) {
        self.0.excess.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }
}

impl Connected<IncomingStream<'_, FaultyListener>> for ConnectionHandle {
    fn connect_info(stream: IncomingStream<'_, FaultyListener>) -> Self {
        stream.io().handle.clone()
    }
}

/// Accepts connections that can fail.
#[derive(Debug)]
pub(crate) struct FaultyListener(pub(crate) TcpListener);

impl Listener for FaultyListener {
    type Io = Connection;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Connection, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Connection { stream, handle: ConnectionHandle::default(), has_written: false }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Connection {
    stream: TcpStream,
    handle: ConnectionHandle,
    /// Whether something was written since the last flush.
    has_written: bool,
}

impl Connection {
    fn written(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.has_written |= matches!(written, Poll::Ready(Ok(1..)));
        written
    }

    fn may_write(&self) -> io::Result<()> {
        if self.handle.0.silenced.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Connection {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Connection {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        self.may_write()?;
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.written(written)
    }

    fn poll_write_vectored(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffers: &[io::IoSlice<'_>]) -> Poll<io::Result<usize>> {
        self.may_write()?;
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, buffers);
        self.written(written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    /// Appends the extra bytes after a flush: the body of such a response is written in one piece, so a flush means that it is complete.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let connection = &mut *self;
        if connection.has_written {
            let mut excess = connection.handle.0.excess.lock().unwrap_or_else(PoisonError::into_inner);
            while !excess.is_empty() {
                let written = ready!(Pin::new(&mut connection.stream).poll_write(context, &excess))?;
                excess.drain(..written);
            }
            drop(excess);
            connection.has_written = false;
        }
        Pin::new(&mut connection.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.handle.0.reset.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        if self.handle.0.reset.load(Ordering::Acquire) {
            // A closed connection cannot be reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}
