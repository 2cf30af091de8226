//! Bodies as streams of server-sent events.
//!
//! # Source
//! HTML, section 9.2, "Server-sent events".

use std::pin::Pin;

use axum::body::Body;
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _};
use serde::Serialize;

/// A server-sent event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The type of the event; `message` if it is empty.
    pub event: String,
    /// Its data.
    pub data: String,
    /// The event id; if it is empty, the last one stays.
    pub id: String,
}

impl Event {
    /// An event with data.
    pub fn new(data: impl Into<String>) -> Self {
        Self { data: data.into(), ..Self::default() }
    }

    /// An event whose data is JSON.
    ///
    /// # Errors
    /// The value has no JSON form.
    pub fn json(value: &impl Serialize) -> serde_json::Result<Self> {
        Ok(Self::new(serde_json::to_string(value)?))
    }

    /// The event with a type.
    #[must_use]
    pub fn with_event(self, event: impl Into<String>) -> Self {
        Self { event: event.into(), ..self }
    }

    /// The event with an id.
    #[must_use]
    pub fn with_id(self, id: impl Into<String>) -> Self {
        Self { id: id.into(), ..self }
    }

    fn encode(&self) -> String {
        let mut text = String::new();
        for (field, value) in [("id", &self.id), ("event", &self.event)] {
            if !value.is_empty() {
                // A line break would begin another field.
                text.push_str(&format!("{field}: {}\n", value.replace(['\r', '\n'], " ")));
            }
        }
        for line in self.data.replace("\r\n", "\n").split(['\r', '\n']) {
            text.push_str(&format!("data: {line}\n"));
        }
        text.push('\n');
        text
    }
}

/// A body of the media type `text/event-stream`.
pub struct Events(Pin<Box<dyn Stream<Item = Event> + Send>>);

impl Events {
    /// The events of a stream. The response ends with the stream.
    pub fn new(events: impl Stream<Item = Event> + Send + 'static) -> Self {
        Self(Box::pin(events))
    }

    pub(crate) fn into_body(self) -> Body {
        Body::from_stream(self.0.map(|event| Ok::<_, std::convert::Infallible>(Bytes::from(event.encode()))))
    }
}

impl<I: IntoIterator<Item = Event>> From<I> for Events
where
    I::IntoIter: Send + 'static,
{
    fn from(events: I) -> Self {
        Self::new(futures_util::stream::iter(events))
    }
}

impl std::fmt::Debug for Events {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Events")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_breaks_do_not_begin_other_fields() {
        let event = Event::new("a\r\nb\nc").with_event("moved\ndata: x").with_id("7");
        assert_eq!(event.encode(), "id: 7\nevent: moved data: x\ndata: a\ndata: b\ndata: c\n\n");
    }
}
