//! Bodies as streams of server-sent events.

use std::time::Duration;

use futures_util::Stream;
use serde::de::DeserializeOwned;

use crate::body::Body;
use crate::error::Failure;

/// A server-sent event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Event {
    /// The type of the event; `message` if it has none.
    pub event: String,
    /// Its data. Several lines are joined by line breaks.
    pub data: String,
    /// The last event id.
    pub id: String,
}

impl Event {
    /// The data as JSON.
    ///
    /// # Errors
    /// The data is not JSON of the type.
    pub fn json<T: DeserializeOwned>(&self) -> serde_json::Result<T> {
        serde_json::from_str(&self.data)
    }
}

/// Reads events from bytes.
///
/// # Source
/// HTML, section 9.2.6, "Interpreting an event stream".
#[derive(Debug, Default)]
struct Parser {
    buffer: Vec<u8>,
    started: bool,
    event: String,
    data: String,
    id: String,
    retry: Option<Duration>,
}

impl Parser {
    /// The next complete event of the buffer.
    fn next(&mut self) -> Option<Event> {
        if !self.started && self.buffer.len() >= 3 {
            self.started = true;
            if self.buffer.starts_with(b"\xef\xbb\xbf") {
                self.buffer.drain(..3);
            }
        }
        loop {
            let end = self.buffer.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
            // The line break may be CR LF, and the LF may not have arrived.
            let length = match self.buffer.get(end..end + 2) {
                Some(b"\r\n") => 2,
                None if self.buffer[end] == b'\r' => return None,
                _ => 1,
            };
            let line = String::from_utf8_lossy(&self.buffer[..end]).into_owned();
            self.buffer.drain(..end + length);
            if let Some(event) = self.line(&line) {
                return Some(event);
            }
        }
    }

    fn line(&mut self, line: &str) -> Option<Event> {
        if line.is_empty() {
            let (event, mut data) = (std::mem::take(&mut self.event), std::mem::take(&mut self.data));
            if data.is_empty() {
                return None;
            }
            data.pop();
            let event = if event.is_empty() { "message".to_owned() } else { event };
            return Some(Event { event, data, id: self.id.clone() });
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.event),
            "data" => {
                self.data.push_str(value);
                self.data.push('\n');
            }
            "id" if !value.contains('\0') => value.clone_into(&mut self.id),
            "retry" => self.retry = value.parse().ok().map(Duration::from_millis).or(self.retry),
            _ => {}
        }
        None
    }
}

/// The events of a response with the media type `text/event-stream`. An incomplete event at the end is dropped, as the standard says.
#[derive(Debug)]
pub struct Events {
    body: Body,
    parser: Parser,
}

impl Events {
    pub(crate) fn new(body: Body) -> Self {
        Self { body, parser: Parser::default() }
    }

    /// The next event; `None` at the end.
    ///
    /// # Errors
    /// The connection failed.
    pub async fn next(&mut self) -> Result<Option<Event>, Failure> {
        loop {
            if let Some(event) = self.parser.next() {
                return Ok(Some(event));
            }
            match self.body.chunk().await? {
                Some(bytes) => self.parser.buffer.extend_from_slice(&bytes),
                // A final CR is a complete line break.
                None if self.parser.buffer.last() == Some(&b'\r') => self.parser.buffer.push(b'\n'),
                None => return Ok(None),
            }
        }
    }

    /// The time that the server asks clients to wait before they connect again.
    pub fn retry(&self) -> Option<Duration> {
        self.parser.retry
    }

    /// The events as a stream.
    pub fn into_stream(self) -> impl Stream<Item = Result<Event, Failure>> + Unpin {
        Box::pin(futures_util::stream::unfold(Some(self), |events| async move {
            let mut events = events?;
            match events.next().await {
                Ok(Some(event)) => Some((Ok(event), Some(events))),
                Ok(None) => None,
                Err(failure) => Some((Err(failure), None)),
            }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(chunks: &[&str]) -> Vec<Event> {
        let mut parser = Parser::default();
        let mut events = Vec::new();
        for chunk in chunks {
            parser.buffer.extend_from_slice(chunk.as_bytes());
            events.extend(std::iter::from_fn(|| parser.next()));
        }
        events
    }

    fn event(event: &str, data: &str, id: &str) -> Event {
        Event { event: event.to_owned(), data: data.to_owned(), id: id.to_owned() }
    }

    #[test]
    fn events_are_read_across_chunks_and_line_breaks() {
        assert_eq!(read(&["\u{feff}data: a\r", "\ndata: b\r\n\r\n"]), [event("message", "a\nb", "")]);
        assert_eq!(read(&[": note\nid: 7\nevent: moved\nda", "ta:x\n\ndata\n\n"]), [event("moved", "x", "7"), event("message", "", "7")]);
        assert_eq!(read(&["event: empty\n\ndata: never dispatched\n"]), []);
    }
}
