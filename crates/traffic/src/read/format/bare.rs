//! Bare bodies: JSON documents of no other format, each the body of a response with status 200.

use std::sync::Arc;

use super::{Document, Format};
use crate::exchange::{Body, BodyLocation, Exchange, Headers, Message, Response};
use crate::mask::{Known, Masker, Unmasked};
use crate::read::Entry;
use charter_json::edit::{Edits, Node};

pub(super) struct Bare;

impl Format for Bare {
    fn read(&self, document: Document, source: &Arc<str>, index: usize) -> Result<Entry, Document> {
        Ok(Ok(exchange(document, source, index)))
    }

    fn mask(&self, masker: &Masker, text: &str, root: &Node<'_>) -> Option<String> {
        let mut known = Known::default();
        masker.note_personal(root, &Unmasked, &mut known);
        let mut edits = Edits::default();
        masker.json(text, root, &known.ready(), &mut edits, &mut Unmasked);
        Some(edits.apply(text))
    }
}

pub(in crate::read) fn exchange(document: Document, source: &Arc<str>, index: usize) -> Exchange {
    let mut exchange = Exchange::new(document.origin(source, index));
    let body = Body::Bytes { bytes: document.bytes, location: BodyLocation::Verbatim(document.start) };
    exchange.response = Some(Response::new(200, Message { headers: Headers::default(), body }));
    exchange.bare = true;
    exchange
}
