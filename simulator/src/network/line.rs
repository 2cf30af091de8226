//! Connections that can be reset, and that can carry more than was announced.
//!
//! What answers requests cannot do that: it never sees the connection. Each request carries a handle of its own, and the
//! connection looks at it whenever it writes and when it ends.

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
pub(crate) struct Line(Arc<Wishes>);

#[derive(Debug, Default)]
struct Wishes {
    /// Nothing more is written.
    silenced: AtomicBool,
    /// It ends with a reset.
    reset: AtomicBool,
    /// What follows the answer at hand.
    excess: Mutex<Vec<u8>>,
}

impl Line {
    /// Resets the connection instead of writing anything more.
    pub(super) fn reset_now(&self) {
        self.0.silenced.store(true, Ordering::Release);
        self.reset_at_end();
    }

    /// Resets the connection where it would be closed.
    pub(super) fn reset_at_end(&self) {
        self.0.reset.store(true, Ordering::Release);
    }

    /// Writes more, behind the answer at hand.
    pub(super) fn exceed(&self, bytes: &[u8]) {
        self.0.excess.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
    }
}

impl Connected<IncomingStream<'_, Lines>> for Line {
    fn connect_info(stream: IncomingStream<'_, Lines>) -> Self {
        stream.io().line.clone()
    }
}

/// Accepts connections that can fail.
#[derive(Debug)]
pub(crate) struct Lines(pub(crate) TcpListener);

impl Listener for Lines {
    type Io = Wire;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Wire, SocketAddr) {
        let (stream, address) = Listener::accept(&mut self.0).await;
        (Wire { stream, line: Line::default(), has_written: false }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// A connection.
#[derive(Debug)]
pub(crate) struct Wire {
    stream: TcpStream,
    line: Line,
    /// Whether something was written since the last flush.
    has_written: bool,
}

impl Wire {
    fn written(&mut self, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        self.has_written |= matches!(written, Poll::Ready(Ok(1..)));
        written
    }

    fn may_write(&self) -> io::Result<()> {
        if self.line.0.silenced.load(Ordering::Acquire) { Err(io::ErrorKind::ConnectionReset.into()) } else { Ok(()) }
    }
}

impl AsyncRead for Wire {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Wire {
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

    /// What is flushed is a whole answer, where more is to follow it: such a body is handed over in one piece.
    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = &mut *self;
        if wire.has_written {
            let mut excess = wire.line.0.excess.lock().unwrap_or_else(PoisonError::into_inner);
            while !excess.is_empty() {
                let written = ready!(Pin::new(&mut wire.stream).poll_write(context, &excess))?;
                excess.drain(..written);
            }
            drop(excess);
            wire.has_written = false;
        }
        Pin::new(&mut wire.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.line.0.reset.load(Ordering::Acquire) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if self.line.0.reset.load(Ordering::Acquire) {
            // A connection that is gone already needs no reset.
            let _ = self.stream.set_zero_linger();
        }
    }
}
