//! Bodies that pass unchanged while a copy is made.

use std::fmt::Display;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use pin_project_lite::pin_project;

use crate::capture::Capture;
use crate::in_flight::{Head, InFlight};

pin_project! {
    /// A request body that is copied while it passes.
    #[derive(Debug)]
    pub struct RequestBody<B> {
        #[pin]
        inner: B,
        copy: Option<Arc<Mutex<Capture>>>,
    }
}

pin_project! {
    /// A response body that is copied while it passes. At its end, the exchange is complete.
    pub struct ResponseBody<B> {
        #[pin]
        inner: B,
        record: Option<Record>,
    }
}

/// The parts of an exchange that wait for the end of the response body.
pub(crate) struct Record {
    pub(crate) in_flight: InFlight,
    pub(crate) head: Head,
    pub(crate) copy: Capture,
}

impl Record {
    fn finish(mut self) {
        self.copy.complete();
        self.in_flight.finish(self.head, self.copy);
    }
}

impl<B: Body> RequestBody<B> {
    pub(crate) fn new(inner: B, copy: Arc<Mutex<Capture>>) -> Self {
        if inner.is_end_stream() {
            copy.lock().unwrap_or_else(PoisonError::into_inner).complete();
            return Self { inner, copy: None };
        }
        Self { inner, copy: Some(copy) }
    }
}

impl<B: Body> ResponseBody<B> {
    pub(crate) fn new(inner: B, record: Record) -> Self {
        if inner.is_end_stream() {
            record.finish();
            return Self { inner, record: None };
        }
        Self { inner, record: Some(record) }
    }

    /// A body that is not copied.
    #[cfg(any(feature = "proxy", feature = "tower"))]
    pub(crate) fn without_copy(inner: B) -> Self {
        Self { inner, record: None }
    }
}

impl<B: Body<Data = Bytes>> Body for RequestBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.inner.as_mut().poll_frame(context));
        if let Some(shared) = this.copy {
            let is_end = match &frame {
                Some(Ok(_)) => this.inner.is_end_stream(),
                Some(Err(_)) => false,
                None => true,
            };
            let mut capture = shared.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(data) = frame.as_ref().and_then(|frame| frame.as_ref().ok()?.data_ref()) {
                capture.push(data);
            }
            if is_end {
                capture.complete();
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B> Body for ResponseBody<B>
where
    B: Body<Data = Bytes>,
    B::Error: Display,
{
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        let mut this = self.project();
        let frame = ready!(this.inner.as_mut().poll_frame(context));
        match &frame {
            Some(Ok(part)) => {
                if let (Some(record), Some(data)) = (this.record.as_mut(), part.data_ref()) {
                    record.copy.push(data);
                }
                // The client may end when it has the last frame, so the exchange is complete before.
                if this.inner.is_end_stream()
                    && let Some(record) = this.record.take()
                {
                    record.finish();
                }
            }
            Some(Err(error)) => {
                if let Some(record) = this.record.take() {
                    record.in_flight.cut_off(record.head, error.to_string());
                }
            }
            None => {
                if let Some(record) = this.record.take() {
                    record.finish();
                }
            }
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

impl<B: std::fmt::Debug> std::fmt::Debug for ResponseBody<B> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("ResponseBody").field("inner", &self.inner).finish_non_exhaustive()
    }
}
