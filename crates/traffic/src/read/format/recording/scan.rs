//! Reads a line of a recording in one pass of the scanner. Forms that a recorder does not write are left to serde, which also explains errors.

use std::sync::{Arc, LazyLock};

use charter_json::{Cursor, Fallback, FastPath, KeyTable, Position};

use super::super::Document;
use super::{FORMAT, has_no_body_by_default};
use crate::exchange::{Body, BodyLocation, Exchange, Headers, Message, Request, Response, Timing};
use crate::position::offset;

/// The beginning of a line that a recorder wrote.
pub(super) const BEGINNING: &[u8] = b"{\"format\":\"charter-exchange/1\"";

/// The members of a line. A line with one of the last two is left to serde, except for a view.
pub(super) static EXCHANGE: LazyLock<KeyTable> = LazyLock::new(|| {
    KeyTable::of_object(["format", "startedDateTime", "time", "request", "response", "headersComplete", "error", "masked"])
});
pub(super) static MESSAGE: LazyLock<KeyTable> =
    LazyLock::new(|| KeyTable::of_object(["method", "url", "status", "headers", "body", "bodyText"]));
pub(super) static FIELD: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["name", "value"]));

/// A request or a response.
#[derive(Default)]
struct Side {
    method: Option<String>,
    url: Option<String>,
    status: Option<u16>,
    fields: Vec<(String, String)>,
    body: Option<Body>,
}

/// Reads an exchange. `None` if the line is not one, or has a form that only serde reads.
pub(super) fn scan(document: &Document, source: &Arc<str>, index: usize) -> Option<Exchange> {
    if !document.bytes.starts_with(BEGINNING) {
        return None;
    }
    line(document, source, index).ok()
}

fn line(document: &Document, source: &Arc<str>, index: usize) -> FastPath<Exchange> {
    let mut cursor = Cursor::from_bytes(&document.bytes)?;
    let mut exchange = Exchange::new(document.origin(source, index));
    let (mut request, mut response, mut complete) = (None, None, false);
    let mut timing = Timing::default();
    cursor.object_of::<Fallback>(&EXCHANGE, |cursor, key| {
        match key {
            Ok(0) => {
                if cursor.string()?.plain()? != FORMAT {
                    return Err(Fallback);
                }
            }
            Ok(1) => timing.started = Some(cursor.string()?.plain()?.parse().map_err(|_| Fallback)?),
            Ok(2) => timing.duration_ms = Some(cursor.number()?.as_f64()),
            Ok(3) => request = Some(side(cursor, document)?),
            Ok(4) => response = Some(side(cursor, document)?),
            Ok(5) => complete = cursor.boolean()?,
            _ => return Err(Fallback),
        }
        Ok(())
    })?;
    cursor.finish()?;
    exchange.timing = timing;
    let message = |side: Side| Message { headers: Headers { fields: side.fields, complete }, body: side.body.unwrap_or_default() };
    if let Some(mut side) = request {
        let (Some(method), Some(url), None) = (side.method.take(), side.url.take(), side.status) else { return Err(Fallback) };
        if side.body.is_none() && has_no_body_by_default(&method) {
            side.body = Some(Body::from_bytes(""));
        }
        exchange.request = Some(Request::new(method, url, message(side)));
    }
    if let Some(side) = response {
        let (Some(status), None, None) = (side.status, &side.method, &side.url) else { return Err(Fallback) };
        exchange.response = Some(Response::new(status, message(side)));
    }
    Ok(exchange)
}

fn side(cursor: &mut Cursor<'_>, document: &Document) -> FastPath<Side> {
    let mut side = Side::default();
    cursor.object_of::<Fallback>(&MESSAGE, |cursor, key| {
        match key {
            Ok(0) => side.method = Some(text(cursor)?),
            Ok(1) => side.url = Some(text(cursor)?),
            Ok(2) => {
                let number = cursor.number()?;
                side.status =
                    Some(number.as_i64().filter(|_| number.is_integer()).and_then(|number| u16::try_from(number).ok()).ok_or(Fallback)?);
            }
            Ok(3) => {
                cursor.array_of::<Fallback>(|cursor, _| {
                    side.fields.push(field(cursor)?);
                    Ok(())
                })?;
            }
            Ok(4) if side.body.is_none() => {
                let range = cursor.span()?;
                let at = within(document, range.start);
                let bytes = document.bytes.get(range).ok_or(Fallback)?.to_vec();
                side.body = Some(Body::Bytes { bytes, location: BodyLocation::Verbatim(at) });
            }
            Ok(5) if side.body.is_none() => {
                let start = cursor.next_at() + 1;
                let value = text(cursor)?;
                let raw = document.bytes.get(start..cursor.at() - 1).and_then(|raw| std::str::from_utf8(raw).ok()).ok_or(Fallback)?;
                let location = BodyLocation::Escaped { start: within(document, start), raw: raw.into() };
                side.body = Some(Body::Bytes { bytes: value.into_bytes(), location });
            }
            _ => return Err(Fallback),
        }
        Ok(())
    })?;
    Ok(side)
}

fn field(cursor: &mut Cursor<'_>) -> FastPath<(String, String)> {
    let (mut name, mut value) = (None, None);
    cursor.object_of::<Fallback>(&FIELD, |cursor, key| {
        match key {
            Ok(0) => name = Some(text(cursor)?),
            Ok(1) => value = Some(text(cursor)?),
            _ => return Err(Fallback),
        }
        Ok(())
    })?;
    name.zip(value).ok_or(Fallback)
}

fn text(cursor: &mut Cursor<'_>) -> FastPath<String> {
    cursor.string()?.value().map(std::borrow::Cow::into_owned)
}

/// The position in the source of a byte of the line.
fn within(document: &Document, at: usize) -> Position {
    offset(document.start, Position::of(&document.bytes, at))
}

#[cfg(test)]
mod tests {
    use super::super::exchange;
    use super::*;

    fn document(text: &str) -> Document {
        Document { bytes: text.as_bytes().to_vec(), start: Position { byte: 10, line: 3, column: 1 } }
    }

    /// Both readers give the same exchange, if the scanner reads it.
    fn check(text: &str, is_scanned: bool) {
        let source: Arc<str> = "a.ndjson".into();
        let scanned = scan(&document(text), &source, 4);
        assert_eq!(scanned.is_some(), is_scanned, "{text}");
        if let Some(scanned) = scanned {
            let read = exchange(document(text), &source, 4).unwrap_or_else(|error| panic!("{text}: {}", error.message));
            assert_eq!(format!("{scanned:?}"), format!("{read:?}"), "{text}");
            let fields = |exchange: &Exchange| {
                let sides = [exchange.request.as_ref().map(|side| &side.message), exchange.response.as_ref().map(|side| &side.message)];
                sides.map(|side| side.map(|message| message.headers.fields.clone()))
            };
            assert_eq!(fields(&scanned), fields(&read), "{text}");
        }
    }

    const LINE: &str = r#"{"format":"charter-exchange/1","startedDateTime":"2026-07-02T00:00:00Z","time":20.5,"request":{"method":"GET","url":"/a?b=\"c","headers":[]},"response":{"status":200,"headers":[{"name":"content-type","value":"application/json"}],"body": {"a":[1e999,{"b":"\ud800"}],"a":2} },"headersComplete":true}"#;

    #[test]
    fn lines_are_read_as_serde_reads_them() {
        check(LINE, true);
        check(
            r#"{"format":"charter-exchange/1","request":{"method":"post","url":"","bodyText":"é\u00e9\n"},"response":{"status":204}}"#,
            true,
        );
        check(r#"{"format":"charter-exchange/1","response":{"status":200,"body":null}}  "#, true);
        for other in [
            r#"{"format":"charter-exchange/2"}"#,
            r#"{"format":"charter-exchange/1","masked":["/a"]}"#,
            r#"{"format":"charter-exchange/1","time":null}"#,
            r#"{"format":"charter-exchange/1","startedDateTime":"yesterday"}"#,
            r#"{"format":"charter-exchange/1","response":{"status":200.0}}"#,
            r#"{"format":"charter-exchange/1","response":{"status":70000}}"#,
            r#"{"format":"charter-exchange/1","response":{"status":200,"body":1,"bodyText":""}}"#,
            r#"{"format":"charter-exchange/1","request":{"method":"GET"}}"#,
            r#"{"format":"charter-exchange/1","other":1}"#,
            r#"{"format":"charter-exchange/1","time":1,"time":1}"#,
        ] {
            check(other, false);
        }
    }

    #[test]
    fn changed_lines_are_read_as_serde_reads_them_or_left_to_it() {
        let source: Arc<str> = "a.ndjson".into();
        let mut scanned = 0;
        for at in 0..LINE.len() {
            for byte in *b"\"\\{}[]:,0.eExt " {
                for end in [at, at + 1] {
                    let changed = [&LINE.as_bytes()[..at], &[byte], &LINE.as_bytes()[end..]].concat();
                    let Ok(changed) = String::from_utf8(changed) else { continue };
                    if scan(&document(&changed), &source, 4).is_some() {
                        scanned += 1;
                        check(&changed, true);
                    }
                }
            }
        }
        assert!(scanned > 500, "{scanned}");
    }
}
