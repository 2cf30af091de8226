//! Where exchanges go when they are complete.

use charter_traffic::exchange::{Body, Message};
use charter_traffic::{Exchange, coding};

use crate::capture::Held;

/// A complete exchange whose bodies are still encoded, and the budget that its bodies use.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) exchange: Box<Exchange>,
    held: Vec<Held>,
    limit: usize,
}

impl Finished {
    pub(crate) fn new(exchange: Box<Exchange>, held: Vec<Held>, limit: usize) -> Self {
        Self { exchange, held, limit }
    }

    /// The exchange with decoded bodies. Gives the budget back.
    pub(crate) fn decoded(self) -> Box<Exchange> {
        let Self { mut exchange, held, limit } = self;
        decode(&mut exchange, limit);
        drop(held);
        exchange
    }
}

/// Takes exchanges.
pub(crate) trait Sink: Send + Sync {
    /// A complete exchange.
    fn finished(&self, finished: Finished);
    /// A part of the traffic that is not judged.
    fn not_judged(&self, part: &'static str, reason: &'static str);
}

/// Decodes the content codings of both bodies. The header fields stay, as in a HAR file.
pub(crate) fn decode(exchange: &mut Exchange, limit: usize) {
    if let Some(request) = &mut exchange.request {
        decode_message(&mut request.message, limit);
    }
    if let Some(response) = &mut exchange.response {
        decode_message(&mut response.message, limit);
    }
}

fn decode_message(message: &mut Message, limit: usize) {
    let decoded = {
        let codings = message.headers.get_all("content-encoding");
        let Some(bytes) = message.body.bytes().filter(|bytes| !bytes.is_empty() && !codings.is_empty()) else { return };
        coding::decode(bytes, &codings, limit).map(std::borrow::Cow::into_owned)
    };
    match decoded {
        Ok(bytes) => message.body = Body::from_bytes(bytes),
        Err(coding::CodingError::TooLarge { .. }) => message.body = Body::Truncated,
        // The engine reports damaged bodies and unknown codings.
        Err(_) => {}
    }
}
