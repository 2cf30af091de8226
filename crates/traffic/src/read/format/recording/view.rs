//! An exchange whose texts stay where they are: the view that decides most exchanges without a copy.

use charter_json::{Cursor, Fallback, FastPath};

use super::scan::{BEGINNING, EXCHANGE, FIELD, MESSAGE};
use super::{FORMAT, has_no_body_by_default};
use crate::exchange::{Body, Exchange, Message};

/// An exchange with a request, a response and the bytes of its bodies, in the form that recorders usually write.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ExchangeView<'e> {
    /// The method, as sent.
    pub method: &'e str,
    /// The URL as sent, or only its path and query.
    pub url: &'e str,
    /// The header fields and the body of the request.
    pub request: MessageView<'e>,
    /// The status code.
    pub status: u16,
    /// The header fields and the body of the response.
    pub response: MessageView<'e>,
    /// When the request began.
    pub started: Option<jiff::Timestamp>,
    /// The duration in milliseconds.
    pub duration_ms: Option<f64>,
}

/// The header fields and the body of a message.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct MessageView<'e> {
    /// Names as sent, and values.
    pub fields: Vec<(&'e str, &'e str)>,
    /// Whether every field was recorded.
    pub is_complete: bool,
    /// The bytes as sent; `None` if the recording does not have them.
    pub body: Option<&'e [u8]>,
}

impl<'e> ExchangeView<'e> {
    /// Views a line of a recording. `None` if the line has another form, escapes outside bodies, or no response; the reader of lines reads it then.
    pub fn of_line(line: &'e [u8]) -> Option<Self> {
        if line.starts_with(BEGINNING) { read(line).ok() } else { None }
    }

    /// Views an exchange. `None` if it has no request or no response, is a bare body, or was not completed.
    pub fn of(exchange: &'e Exchange) -> Option<Self> {
        if exchange.bare || exchange.error.is_some() || exchange.provoked.is_some() {
            return None;
        }
        let (request, response) = (exchange.request.as_ref()?, exchange.response.as_ref()?);
        let message = |message: &'e Message| MessageView {
            fields: message.headers.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect(),
            is_complete: message.headers.complete,
            body: match &message.body {
                Body::Bytes { bytes, .. } => Some(bytes),
                _ => None,
            },
        };
        Some(Self {
            method: &request.method,
            url: &request.url,
            request: message(&request.message),
            status: response.status,
            response: message(&response.message),
            started: exchange.timing.started,
            duration_ms: exchange.timing.duration_ms,
        })
    }
}

fn read(line: &[u8]) -> FastPath<ExchangeView<'_>> {
    let mut cursor = Cursor::from_bytes(line)?;
    let mut view = ExchangeView::default();
    let (mut sides, mut is_complete) = (0, false);
    cursor.object_of::<Fallback>(&EXCHANGE, |cursor, key| {
        match key {
            Ok(0) => {
                if cursor.string()?.plain()? != FORMAT {
                    return Err(Fallback);
                }
            }
            Ok(1) => view.started = Some(cursor.string()?.plain()?.parse().map_err(|_| Fallback)?),
            Ok(2) => view.duration_ms = Some(cursor.number()?.as_f64()),
            Ok(3) => {
                let (mut method, mut url) = (None, None);
                view.request = message(cursor, line, |cursor, key| {
                    match key {
                        0 => method = Some(cursor.string()?.plain()?),
                        1 => url = Some(cursor.string()?.plain()?),
                        _ => return Err(Fallback),
                    }
                    Ok(())
                })?;
                (view.method, view.url) = method.zip(url).ok_or(Fallback)?;
                if view.request.body.is_none() && has_no_body_by_default(view.method) {
                    view.request.body = Some(b"");
                }
                sides += 1;
            }
            Ok(4) => {
                let mut status = None;
                view.response = message(cursor, line, |cursor, key| {
                    let number = cursor.number()?;
                    let code = number.as_i64().filter(|_| key == 2 && number.is_integer());
                    status = Some(code.and_then(|code| u16::try_from(code).ok()).ok_or(Fallback)?);
                    Ok(())
                })?;
                view.status = status.ok_or(Fallback)?;
                sides += 1;
            }
            Ok(5) => is_complete = cursor.boolean()?,
            _ => return Err(Fallback),
        }
        Ok(())
    })?;
    cursor.finish()?;
    if sides != 2 {
        return Err(Fallback);
    }
    (view.request.is_complete, view.response.is_complete) = (is_complete, is_complete);
    Ok(view)
}

/// Reads a request or a response. `own` reads the members that the other side does not have.
fn message<'e>(
    cursor: &mut Cursor<'e>,
    line: &'e [u8],
    mut own: impl FnMut(&mut Cursor<'e>, usize) -> FastPath<()>,
) -> FastPath<MessageView<'e>> {
    let mut message = MessageView::default();
    cursor.object_of::<Fallback>(&MESSAGE, |cursor, key| {
        match key {
            Ok(key @ 0..=2) => own(cursor, key)?,
            Ok(3) => {
                cursor.array_of::<Fallback>(|cursor, _| {
                    let (mut name, mut value) = (None, None);
                    cursor.object_of::<Fallback>(&FIELD, |cursor, key| {
                        match key {
                            Ok(0) => name = Some(cursor.string()?.plain()?),
                            Ok(1) => value = Some(cursor.string()?.plain()?),
                            _ => return Err(Fallback),
                        }
                        Ok(())
                    })?;
                    message.fields.push(name.zip(value).ok_or(Fallback)?);
                    Ok(())
                })?;
            }
            Ok(4) if message.body.is_none() => {
                let range = cursor.span()?;
                message.body = Some(line.get(range).ok_or(Fallback)?);
            }
            _ => return Err(Fallback),
        }
        Ok(())
    })?;
    Ok(message)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use charter_json::Position;

    use super::super::super::{Document, read as read_document};
    use super::*;

    const LINE: &str = r#"{"format":"charter-exchange/1","startedDateTime":"2026-07-02T00:00:00Z","time":20.5,"request":{"method":"GET","url":"/a?b=c","headers":[{"name":"accept","value":"*/*"}]},"response":{"status":200,"headers":[{"name":"content-type","value":"application/json"}],"body": {"a":[1e3,"\u00e9"]} },"headersComplete":true}"#;

    /// The view of a line equals the view of the exchange that the reader of lines gives.
    fn check(line: &str) -> bool {
        let Some(view) = ExchangeView::of_line(line.as_bytes()) else { return false };
        let source: Arc<str> = "a.ndjson".into();
        let document = Document { bytes: line.as_bytes().to_vec(), start: Position { byte: 0, line: 1, column: 1 } };
        let exchange = read_document(document, &source, 0).unwrap_or_else(|error| panic!("{line}: {}", error.message));
        let other = ExchangeView::of(&exchange).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(format!("{view:?}"), format!("{other:?}"), "{line}");
        true
    }

    #[test]
    fn a_view_equals_the_exchange() {
        assert!(check(LINE));
        assert!(check(r#"{"format":"charter-exchange/1","response":{"status":204},"request":{"url":"/a","method":"POST"}}"#));
        assert!(!check(r#"{"format":"charter-exchange/1","request":{"url":"/a","method":"POST"}}"#));
        assert!(!check(r#"{"format":"charter-exchange/1","request":{"url":"/a\n","method":"POST"},"response":{"status":204}}"#));
    }

    #[test]
    fn a_changed_line_has_the_same_view_or_none() {
        let mut viewed = 0;
        for at in 0..LINE.len() {
            for byte in *b"\"\\{}[]:,0.eExt " {
                for end in [at, at + 1] {
                    let changed = [&LINE.as_bytes()[..at], &[byte], &LINE.as_bytes()[end..]].concat();
                    if let Ok(changed) = String::from_utf8(changed) {
                        viewed += usize::from(check(&changed));
                    }
                }
            }
        }
        assert!(viewed > 500, "{viewed}");
    }
}
