//! Server-sent events (`text/event-stream`).

use std::ops::Range;

use serde_json::{Map, Value};

/// The events of a stream: objects with `data`, and with `event`, `id` and `retry` if the event has these fields. An event that does
/// not end with an empty line is incomplete and discarded.
///
/// # Source
/// HTML, section 9.2.6 "Interpreting an event stream"; OpenAPI 3.2, "Special Considerations for Server-Sent Events".
pub(super) fn events(bytes: &[u8]) -> Vec<(Value, Range<usize>)> {
    let mut events = Vec::new();
    let mut event = Event::default();
    let mark = if bytes.starts_with(b"\xef\xbb\xbf") { 3 } else { 0 };
    let (mut start, mut at) = (mark, mark);
    while let Some((line, next)) = line(bytes, at) {
        if line.is_empty() {
            if let Some(value) = std::mem::take(&mut event).into_value() {
                events.push((value, start..at));
            }
            start = next;
        } else {
            event.add(&String::from_utf8_lossy(line));
        }
        at = next;
    }
    events
}

/// The line that begins at an offset, and the offset of the next one; `None` without a line end.
fn line(bytes: &[u8], start: usize) -> Option<(&[u8], usize)> {
    let rest = bytes.get(start..)?;
    let length = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'))?;
    let end = if rest[length..].starts_with(b"\r\n") { 2 } else { 1 };
    Some((&rest[..length], start + length + end))
}

#[derive(Default)]
struct Event {
    data: Vec<String>,
    fields: Map<String, Value>,
}

impl Event {
    /// Adds a line. Comments and unknown fields are ignored.
    fn add(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match name {
            "data" => self.data.push(value.to_owned()),
            "event" => {
                self.fields.insert("event".to_owned(), value.into());
            }
            "id" if !value.contains('\0') => {
                self.fields.insert("id".to_owned(), value.into());
            }
            "retry" if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) => {
                if let Ok(milliseconds) = value.parse::<u64>() {
                    self.fields.insert("retry".to_owned(), milliseconds.into());
                }
            }
            _ => {}
        }
    }

    /// The event; `None` without data, because such an event is not dispatched.
    fn into_value(self) -> Option<Value> {
        if self.data.is_empty() {
            return None;
        }
        let mut fields = self.fields;
        fields.insert("data".to_owned(), self.data.join("\n").into());
        Some(fields.into())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn a_stream_is_a_list_of_events() {
        let cases = [
            // OpenAPI 3.2, "Server-Sent Event Streams".
            (
                "event: addString\ndata: This data is formatted\ndata: across two lines\nretry: 5\n\n\
                 event: addInt64\ndata: 1234\nunknownField: this is ignored\n\n\
                 : This is a comment\nevent: addJSON\ndata: {\"foo\": 42}\n\n",
                json!([
                    {"event": "addString", "data": "This data is formatted\nacross two lines", "retry": 5},
                    {"event": "addInt64", "data": "1234"},
                    {"event": "addJSON", "data": "{\"foo\": 42}"}]),
            ),
            // HTML, section 9.2.6: one space after the colon is removed; lines end with CR LF, LF or CR.
            ("data:a\r\n\r\ndata:  b\r\rdata\n\n", json!([{"data": "a"}, {"data": " b"}, {"data": ""}])),
            ("\u{feff}data: a\n\n", json!([{"data": "a"}])),
            ("id: 1\nid: \0\ndata: a\n\n", json!([{"id": "1", "data": "a"}])),
            ("retry: 1.5\ndata: a\n\n", json!([{"data": "a"}])),
            ("retry: 99999999999999999999\ndata: a\n\n", json!([{"data": "a"}])),
            // An event without data is not dispatched, and neither is one without an empty line at its end.
            ("event: ping\n\ndata: a\n\ndata: b\n", json!([{"data": "a"}])),
            (": keep-alive\n\n", json!([])),
            ("data: [DONE]\n\n", json!([{"data": "[DONE]"}])),
            ("", json!([])),
        ];
        for (text, expected) in cases {
            let found: Value = events(text.as_bytes()).into_iter().map(|(event, _)| event).collect();
            assert_eq!(found, expected, "{text:?}");
        }
    }

    #[test]
    fn an_event_has_its_bytes() {
        let text = "data: a\n\n\nid: 1\ndata: b\n\n";
        let found: Vec<&str> = events(text.as_bytes()).into_iter().map(|(_, range)| &text[range]).collect();
        assert_eq!(found, ["data: a\n", "id: 1\ndata: b\n"]);
    }

    proptest! {
        #[test]
        fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(b':'), any::<u8>()], 0..60)) {
            for (_, range) in events(&bytes) {
                prop_assert!(range.end <= bytes.len());
            }
        }
    }
}
