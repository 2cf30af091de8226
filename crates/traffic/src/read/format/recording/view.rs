//! An exchange whose texts stay where they are: the view that decides most exchanges without a copy.

use std::sync::LazyLock;

use charter_json::{Cursor, Fallback, FastPath};
use memchr::memmem::FinderRev;

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
    /// The same bytes, if they are already known to be UTF-8.
    pub text: Option<&'e str>,
}

impl<'e> MessageView<'e> {
    fn set_text(&mut self, text: &'e str) {
        (self.body, self.text) = (Some(text.as_bytes()), Some(text));
    }
}

impl<'e> ExchangeView<'e> {
    /// Views a line of a recording. `None` if the line has another form, escapes outside bodies, or no response; the reader of lines reads it then.
    pub fn of_line(line: &'e [u8]) -> Option<Self> {
        if line.starts_with(BEGINNING) { read(line).ok() } else { None }
    }

    /// Views a line whose last part is the body of the response, as recorders usually write it, without reading the body. The view is that of the line if
    /// the body is one JSON value, possibly with white space around it, which the caller must check.
    pub fn of_line_with_body_at_end(line: &'e [u8]) -> Option<Self> {
        if !line.starts_with(BEGINNING) {
            return None;
        }
        let mut view = Self::default();
        match read_members(line, &mut view, Some(end_of_body(line)?)) {
            Err(Stop::AtBody) => Some(view),
            _ => None,
        }
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
            text: None,
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

/// Why a view is not read to the end of its line.
#[derive(Debug)]
enum Stop {
    Fallback,
    /// The rest of the line is the body of the response.
    AtBody,
}

impl From<Fallback> for Stop {
    fn from(_: Fallback) -> Self {
        Self::Fallback
    }
}

/// Where the body of a response ends, if it is the last part of a line before the members that recorders write after it.
#[derive(Clone, Copy)]
struct BodyEnd {
    at: usize,
    /// Whether every header field was recorded.
    is_complete: bool,
}

fn end_of_body(line: &[u8]) -> Option<BodyEnd> {
    let rest = line.strip_suffix(b"}")?;
    let (rest, is_complete) = match rest.strip_suffix(br#","headersComplete":true"#) {
        Some(rest) => (rest, true),
        None => (rest.strip_suffix(br#","headersComplete":false"#).unwrap_or(rest), false),
    };
    let rest = without_masked(rest);
    let rest = rest.strip_suffix(br#","error":null"#).unwrap_or(rest);
    let at = rest.strip_suffix(b"}")?.len();
    Some(BodyEnd { at, is_complete })
}

/// A line without the list of masked locations at its end. A list with an escape is left.
fn without_masked(line: &[u8]) -> &[u8] {
    let list = || {
        let inner = line.strip_suffix(b"]")?;
        let at = MASKED_FINDER.rfind(inner)?;
        are_plain_strings(&inner[at + MASKED.len()..]).then_some(&line[..at])
    };
    list().unwrap_or(line)
}

/// Whether a text is the items of a list of strings without escapes and without white space between them.
fn are_plain_strings(text: &[u8]) -> bool {
    let Some(mut rest) = text.strip_prefix(b"\"").and_then(|text| text.strip_suffix(b"\"")) else { return text.is_empty() };
    if rest.iter().any(|byte| matches!(byte, b'\\' | 0..0x20)) {
        return false;
    }
    while let Some(at) = memchr::memchr(b'"', rest) {
        match rest[at..].strip_prefix(br#"",""#) {
            Some(next) => rest = next,
            None => return false,
        }
    }
    true
}

const MASKED: &[u8] = br#","masked":["#;
/// Made once: that takes as long as a search.
static MASKED_FINDER: LazyLock<FinderRev<'static>> = LazyLock::new(|| FinderRev::new(MASKED));

fn read(line: &[u8]) -> FastPath<ExchangeView<'_>> {
    let mut view = ExchangeView::default();
    match read_members(line, &mut view, None) {
        Ok(()) => Ok(view),
        Err(_) => Err(Fallback),
    }
}

/// Reads the members of a line. With an end, the reader stops at the body of the response.
fn read_members<'e>(line: &'e [u8], view: &mut ExchangeView<'e>, end: Option<BodyEnd>) -> Result<(), Stop> {
    let mut cursor = Cursor::from_bytes(line)?;
    let (mut sides, mut is_complete) = (0, false);
    cursor.object_of::<Stop>(&EXCHANGE, |cursor, key| {
        match key {
            Ok(0) => {
                if cursor.string()?.plain()? != FORMAT {
                    return Err(Stop::Fallback);
                }
            }
            Ok(1) => view.started = Some(cursor.string()?.plain()?.parse().map_err(|_| Fallback)?),
            Ok(2) => view.duration_ms = Some(cursor.number()?.as_f64()),
            Ok(3) => {
                let (mut method, mut url) = (None, None);
                message(cursor, &mut view.request, |cursor, key, _| {
                    match key {
                        0 => method = Some(cursor.string()?.plain()?),
                        1 => url = Some(cursor.string()?.plain()?),
                        BODY => {}
                        _ => return Err(Stop::Fallback),
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
                let (mut status, seen) = (None, sides);
                let read = message(cursor, &mut view.response, |cursor, key, message| {
                    if key == BODY {
                        let Some(end) = end.filter(|_| seen == 1 && status.is_some()) else { return Ok(()) };
                        message.is_complete = end.is_complete;
                        let start = cursor.next_at();
                        message.set_text(cursor.text().get(start..end.at).ok_or(Fallback)?);
                        return Err(Stop::AtBody);
                    }
                    let number = cursor.number()?;
                    let code = number.as_i64().filter(|_| key == 2 && number.is_integer());
                    status = Some(code.and_then(|code| u16::try_from(code).ok()).ok_or(Fallback)?);
                    Ok(())
                });
                if let (Err(Stop::AtBody), Some(status)) = (&read, status) {
                    view.status = status;
                    view.request.is_complete = view.response.is_complete;
                }
                read?;
                view.status = status.ok_or(Fallback)?;
                sides += 1;
            }
            // The end of the line may have these members, too.
            Ok(5..=7) if end.is_some() => return Err(Stop::Fallback),
            Ok(5) => is_complete = cursor.boolean()?,
            // A view has neither an error nor the locations that were masked.
            Ok(6) => {
                let range = cursor.span()?;
                if line.get(range) != Some(b"null") {
                    return Err(Stop::Fallback);
                }
            }
            Ok(7) => {
                cursor.array_of::<Fallback>(|cursor, _| cursor.string()?.plain().map(|_| ()))?;
            }
            _ => return Err(Stop::Fallback),
        }
        Ok(())
    })?;
    cursor.finish()?;
    if sides != 2 {
        return Err(Stop::Fallback);
    }
    (view.request.is_complete, view.response.is_complete) = (is_complete, is_complete);
    Ok(())
}

/// The index of the body in the keys of a message.
const BODY: usize = 4;

/// Reads a request or a response. `own` reads the members that the other side does not have, and is called before a body is read.
fn message<'e>(
    cursor: &mut Cursor<'e>,
    message: &mut MessageView<'e>,
    mut own: impl FnMut(&mut Cursor<'e>, usize, &mut MessageView<'e>) -> Result<(), Stop>,
) -> Result<(), Stop> {
    cursor.object_of::<Stop>(&MESSAGE, |cursor, key| {
        match key {
            Ok(key @ 0..=2) => own(cursor, key, message)?,
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
            Ok(BODY) if message.body.is_none() => {
                own(cursor, BODY, message)?;
                let range = cursor.span()?;
                message.set_text(cursor.text().get(range).ok_or(Fallback)?);
            }
            _ => return Err(Stop::Fallback),
        }
        Ok(())
    })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use charter_json::Position;

    use super::super::super::{Document, read as read_document};
    use super::*;

    const LINE: &str = r#"{"format":"charter-exchange/1","startedDateTime":"2026-07-02T00:00:00Z","time":20.5,"request":{"method":"GET","url":"/a?b=c","headers":[{"name":"accept","value":"*/*"}]},"response":{"status":200,"headers":[{"name":"content-type","value":"application/json"}],"body": {"a":[1e3,"\u00e9"]} },"headersComplete":true}"#;

    /// The view without the texts of its bodies, which are the bytes of the bodies.
    fn without_texts(mut view: ExchangeView<'_>) -> ExchangeView<'_> {
        for message in [&mut view.request, &mut view.response] {
            assert!(message.text.is_none_or(|text| Some(text.as_bytes()) == message.body));
            message.text = None;
        }
        view
    }

    /// The view of a line equals the view of the exchange that the reader of lines gives.
    fn check(line: &str) -> bool {
        let Some(view) = ExchangeView::of_line(line.as_bytes()).map(without_texts) else {
            check_body_at_end(line, None);
            return false;
        };
        let source: Arc<str> = "a.ndjson".into();
        let document = Document { bytes: line.as_bytes().to_vec(), start: Position { byte: 0, line: 1, column: 1 } };
        let exchange = read_document(document, &source, 0).unwrap_or_else(|error| panic!("{line}: {}", error.message));
        let other = ExchangeView::of(&exchange).unwrap_or_else(|| panic!("{line}"));
        assert_eq!(format!("{view:?}"), format!("{other:?}"), "{line}");
        check_body_at_end(line, Some(&view));
        true
    }

    /// The view of a line whose body was not read equals the view of the line, if the body is JSON.
    fn check_body_at_end(line: &str, expected: Option<&ExchangeView<'_>>) {
        let Some(mut view) = ExchangeView::of_line_with_body_at_end(line.as_bytes()).map(without_texts) else { return };
        let is_json = serde_json::from_slice::<serde_json::Value>(view.response.body.expect("a body")).is_ok();
        view.response.body = view.response.body.map(<[u8]>::trim_ascii_end);
        assert!(!is_json || expected.is_some_and(|expected| format!("{expected:?}") == format!("{view:?}")), "{line}");
    }

    #[test]
    fn a_view_equals_the_exchange() {
        assert!(check(LINE));
        assert!(check(r#"{"format":"charter-exchange/1","response":{"status":204},"request":{"url":"/a","method":"POST"}}"#));
        for rest in [r#","error":null"#, r#","masked":["/request/headers/0/value"]"#, r#","error":null,"masked":[]"#] {
            assert!(check(&LINE.replace(r#","headersComplete""#, &format!(r#"{rest},"headersComplete""#))), "{rest}");
        }
        for rest in [r#","error":{"kind":"timeout"}"#, r#","masked":null"#, r#","masked":["/a\u0062"]"#] {
            let line = LINE.replace(r#","headersComplete""#, &format!(r#"{rest},"headersComplete""#));
            assert!(ExchangeView::of_line(line.as_bytes()).is_none(), "{rest}");
        }
        assert!(!check(r#"{"format":"charter-exchange/1","request":{"url":"/a","method":"POST"}}"#));
        assert!(!check(r#"{"format":"charter-exchange/1","request":{"url":"/a\n","method":"POST"},"response":{"status":204}}"#));
    }

    #[test]
    fn a_body_at_the_end_of_a_line_is_not_read() {
        let at_end = |line: &str| ExchangeView::of_line_with_body_at_end(line.as_bytes()).is_some();
        assert!(at_end(LINE));
        let before = LINE.replacen("\"request\"", "\"headersComplete\":false,\"request\"", 1);
        assert!(before != LINE && !at_end(&before) && !at_end(&before.replace(",\"headersComplete\":true", "")));
        for rest in [
            r#","error":null"#,
            r#","masked":["/request/headers/0/value"]"#,
            r#","error":null,"masked":["/a","/b c","/ü"]"#,
            r#","masked":[]"#,
        ] {
            let line = LINE.replace(",\"headersComplete\"", &format!("{rest},\"headersComplete\""));
            assert!(at_end(&line) && check(&line), "{line}");
            // A member that is there twice.
            let twice = line.replacen("\"request\"", &format!("{},\"request\"", &rest[1..]), 1);
            assert!(!at_end(&twice) && !check(&twice), "{twice}");
        }
        for rest in [
            r#","error":0"#,
            r#","masked":["a\"]"#,
            r#","masked":["a",]"#,
            r#","masked":["a" ,"b"]"#,
            r#","masked":["a""b"]"#,
            r#","masked":[0]"#,
        ] {
            let line = LINE.replace(",\"headersComplete\"", &format!("{rest},\"headersComplete\""));
            assert!(!at_end(&line), "{line}");
        }
        let short = LINE.replace(",\"headersComplete\":true", "");
        assert!(at_end(&short) && check(&short));
        for (from, to) in
            [("\"status\":200,", ""), (" },\"headersComplete\"", ",\"status\":200},\"headersComplete\""), ("\"method\"", "\"x\"")]
        {
            let changed = LINE.replace(from, to);
            assert_ne!(changed, LINE);
            check_body_at_end(&changed, ExchangeView::of_line(changed.as_bytes()).map(without_texts).as_ref());
        }
    }

    #[test]
    fn a_changed_line_has_the_same_view_or_none() {
        let mut viewed = 0;
        let line = LINE.replace(",\"headersComplete\"", r#","error":null,"masked":["/a","/b"],"headersComplete""#);
        for at in 0..line.len() {
            for byte in *b"\"\\{}[]:,0.eExt " {
                for end in [at, at + 1] {
                    let changed = [&line.as_bytes()[..at], &[byte], &line.as_bytes()[end..]].concat();
                    if let Ok(changed) = String::from_utf8(changed) {
                        viewed += usize::from(check(&changed));
                    }
                }
            }
        }
        assert!(viewed > 500, "{viewed}");
    }
}
