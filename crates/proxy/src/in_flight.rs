//! One exchange, from its request to the end of its response.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use charter_traffic::Exchange;
use charter_traffic::exchange::{Body, Headers, Message, Origin, Request, Response, Timing};

use crate::capture::Capture;
use crate::sink::{Finished, Sink};

/// An exchange that is not complete yet. If it is dropped, it is counted as not judged.
pub(crate) struct InFlight {
    sink: Arc<dyn Sink>,
    /// `None` after the end.
    request: Option<Request>,
    /// The copy of the request body, which the sending side completes.
    request_body: Arc<Mutex<Capture>>,
    started: jiff::Timestamp,
    clock: Instant,
    limit: usize,
}

/// The head of a response.
#[derive(Debug)]
pub(crate) struct Head {
    pub(crate) status: u16,
    pub(crate) headers: Headers,
}

impl InFlight {
    /// An exchange whose request begins now. `limit` is the maximum size of a decoded body.
    pub(crate) fn new(
        sink: Arc<dyn Sink>,
        method: &http::Method,
        url: String,
        headers: Headers,
        request_body: Arc<Mutex<Capture>>,
        limit: usize,
    ) -> Self {
        let request = Request::new(method.as_str(), url, Message { headers, body: Body::Truncated });
        Self { sink, request: Some(request), request_body, started: jiff::Timestamp::now(), clock: Instant::now(), limit }
    }

    /// Ends without a response.
    #[cfg(any(feature = "proxy", feature = "reqwest-middleware"))]
    pub(crate) fn fail(mut self, error: String) {
        self.end(None, Vec::new(), Some(error));
    }

    /// Ends with a complete response.
    pub(crate) fn finish(mut self, head: Head, body: Capture) {
        if let Some(finished) = self.complete(head, body) {
            self.sink.finished(finished);
        }
    }

    /// The complete exchange, which the caller passes to the sink.
    pub(crate) fn complete(&mut self, head: Head, body: Capture) -> Option<Finished> {
        let (body, held) = body.into_body();
        let response = Response::new(head.status, Message { headers: head.headers, body });
        self.exchange(Some(response), vec![held], None)
    }

    /// Ends with a response whose body was cut off.
    pub(crate) fn cut_off(mut self, head: Head, error: String) {
        let response = Response::new(head.status, Message { headers: head.headers, body: Body::Truncated });
        self.end(Some(response), Vec::new(), Some(error));
    }

    /// Ends as a part of the traffic that is not judged.
    #[cfg(any(feature = "proxy", feature = "reqwest-middleware"))]
    pub(crate) fn pass_over(mut self, part: &'static str, reason: &'static str) {
        self.request = None;
        self.sink.not_judged(part, reason);
    }

    fn end(&mut self, response: Option<Response>, held: Vec<crate::capture::Held>, error: Option<String>) {
        if let Some(finished) = self.exchange(response, held, error) {
            self.sink.finished(finished);
        }
    }

    fn exchange(&mut self, response: Option<Response>, mut held: Vec<crate::capture::Held>, error: Option<String>) -> Option<Finished> {
        let mut request = self.request.take()?;
        let request_body = {
            let mut shared = self.request_body.lock().unwrap_or_else(PoisonError::into_inner);
            shared.take()
        };
        let (body, held_by_request) = request_body.into_body();
        request.message.body = body;
        held.push(held_by_request);
        let mut exchange = Exchange::new(Origin::default());
        exchange.request = Some(request);
        exchange.response = response;
        exchange.error = error;
        // Rounded up to the microsecond, so that no response precedes the end of its request.
        let milliseconds = self.clock.elapsed().as_nanos().div_ceil(1_000) as f64 / 1_000.0;
        exchange.timing = Timing { started: Some(self.started), duration_ms: Some(milliseconds) };
        Some(Finished::new(Box::new(exchange), held, self.limit))
    }
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if self.request.is_some() {
            self.sink.not_judged("exchange", "its connection was closed before the end of the response");
        }
    }
}
