//! Reads an entry in one pass of the scanner. Entries with cookies, parameters of forms, files or rare forms are left to serde, which also explains errors.

use std::ops::Range;
use std::sync::LazyLock;

use charter_json::{Cursor, Fallback, FastPath, KeyTable};

static ENTRY: LazyLock<KeyTable> =
    LazyLock::new(|| KeyTable::of_object(["startedDateTime", "time", "request", "response", "_resourceType", "_webSocketMessages"]));
static REQUEST: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["method", "url", "headers", "cookies", "postData", "bodySize"]));
static RESPONSE: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["status", "headers", "content", "_error"]));
static CONTENT: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["mimeType", "text", "encoding", "_file", "params"]));
static HEADER: LazyLock<KeyTable> = LazyLock::new(|| KeyTable::of_object(["name", "value"]));

/// The parts of an entry. Ranges are those of the text, and of the fields, that [`scan`] was called with.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) started: Option<jiff::Timestamp>,
    pub(super) duration_ms: Option<f64>,
    pub(super) method: Range<usize>,
    pub(super) url: Range<usize>,
    pub(super) request_fields: Range<usize>,
    pub(super) request_body: Place,
    pub(super) status: u16,
    pub(super) response_fields: Range<usize>,
    pub(super) response_body: Place,
}

/// The name of a header field.
#[derive(Clone, Debug)]
pub(super) enum FieldName {
    Written(Range<usize>),
    /// The field is made from `mimeType`.
    ContentType,
}

/// The place of a body.
#[derive(Clone, Debug, Default)]
pub(super) enum Place {
    /// The recording does not have the body.
    #[default]
    Nowhere,
    Empty,
    Value {
        /// Its string in the text, without quotes.
        text: Range<usize>,
        /// Its value.
        value: Range<usize>,
    },
}

/// The header fields of a message.
type Fields = Vec<(FieldName, Range<usize>)>;

/// A scanner of one entry.
struct Scan<'s> {
    /// The offset of the entry in the text.
    from: usize,
    text: &'s str,
    fields: &'s mut Fields,
    values: &'s mut Vec<u8>,
}

#[derive(Default)]
struct Content {
    mime_type: Option<Range<usize>>,
    body: Place,
}

#[derive(Default)]
struct RequestParts {
    method: Option<Range<usize>>,
    url: Option<Range<usize>>,
    fields: Range<usize>,
    content: Option<Content>,
    size: Option<f64>,
}

/// Scans the entry that begins at `from` in a text. Returns its end. After an error, `fields` and `values` may have parts of the entry.
pub(super) fn scan(text: &str, from: usize, fields: &mut Fields, values: &mut Vec<u8>) -> FastPath<(Parts, usize)> {
    let mut cursor = Cursor::new(text.get(from..).ok_or(Fallback)?);
    let mut scan = Scan { from, text, fields, values };
    let (mut started, mut duration_ms, mut request, mut response) = (None, None, None, None);
    cursor.object_of::<Fallback>(&ENTRY, |cursor, key| {
        match key {
            Ok(0) => started = cursor.string()?.plain()?.parse().ok(),
            Ok(1) => duration_ms = Some(cursor.number()?.as_f64()),
            Ok(2) => request = Some(scan.request(cursor)?),
            Ok(3) => response = Some(scan.response(cursor)?),
            Ok(4) if cursor.peek() == b'"' => {
                // Browsers and Playwright mark the entries of WebSockets.
                if cursor.string()?.value()?.eq_ignore_ascii_case("websocket") {
                    return Err(Fallback);
                }
            }
            Ok(4) => cursor.skip()?,
            Ok(_) => return Err(Fallback),
            Err(_) => cursor.skip()?,
        }
        Ok(())
    })?;
    let end = from + cursor.at();
    let (request, (status, response_fields, response)) = request.zip(response).ok_or(Fallback)?;
    let (method, url) = request.method.zip(request.url).ok_or(Fallback)?;
    let request_body = match request.content {
        Some(content) => content.body,
        None => {
            // Recorders write the size -1 if they do not know it.
            let is_unknown = request.size.is_none_or(|size| size < 0.0);
            let is_empty = request.size == Some(0.0) || (is_unknown && scan.announce_no_body(&request.fields));
            if is_empty { Place::Empty } else { Place::Nowhere }
        }
    };
    let parts = Parts {
        started,
        duration_ms,
        method,
        url,
        request_fields: request.fields,
        request_body,
        status,
        response_fields,
        response_body: response.body,
    };
    Ok((parts, end))
}

impl Scan<'_> {
    /// Reads a string without escapes.
    fn plain(&self, cursor: &mut Cursor<'_>) -> FastPath<Range<usize>> {
        let start = cursor.next_at() + 1;
        cursor.string()?.plain()?;
        Ok(self.from + start..self.from + cursor.at() - 1)
    }

    fn request(&mut self, cursor: &mut Cursor<'_>) -> FastPath<RequestParts> {
        let mut request = RequestParts::default();
        let first = self.fields.len();
        cursor.object_of::<Fallback>(&REQUEST, |cursor, key| {
            match key {
                Ok(0) => request.method = Some(self.plain(cursor)?),
                Ok(1) => request.url = Some(self.plain(cursor)?),
                Ok(2) => self.headers(cursor)?,
                Ok(3) => {
                    if cursor.array_of::<Fallback>(|_, _| Err(Fallback))? != 0 {
                        return Err(Fallback);
                    }
                }
                Ok(4) => request.content = Some(self.content(cursor)?),
                Ok(5) => request.size = Some(cursor.number()?.as_f64()),
                _ => cursor.skip()?,
            }
            Ok(())
        })?;
        let mime_type = match &mut request.content {
            // A body that the recording does not show as text may be in a file.
            Some(content) if matches!(content.body, Place::Nowhere) => return Err(Fallback),
            Some(content) => content.mime_type.take().filter(|mime_type| !mime_type.is_empty()),
            None => None,
        };
        self.add_content_type(first, mime_type);
        request.fields = first..self.fields.len();
        Ok(request)
    }

    fn response(&mut self, cursor: &mut Cursor<'_>) -> FastPath<(u16, Range<usize>, Content)> {
        let (mut status, mut content) = (None, Content::default());
        let first = self.fields.len();
        cursor.object_of::<Fallback>(&RESPONSE, |cursor, key| {
            match key {
                Ok(0) => {
                    let number = cursor.number()?;
                    let code = number.as_i64().filter(|_| number.is_integer()).and_then(|code| u16::try_from(code).ok());
                    // Browsers write the status 0 when no response arrived.
                    status = Some(code.filter(|code| *code >= 100).ok_or(Fallback)?);
                }
                Ok(1) => self.headers(cursor)?,
                Ok(2) => content = self.content(cursor)?,
                Ok(_) => return Err(Fallback),
                Err(_) => cursor.skip()?,
            }
            Ok(())
        })?;
        self.add_content_type(first, content.mime_type.take());
        Ok((status.ok_or(Fallback)?, first..self.fields.len(), content))
    }

    fn content(&mut self, cursor: &mut Cursor<'_>) -> FastPath<Content> {
        let mut content = Content::default();
        cursor.object_of::<Fallback>(&CONTENT, |cursor, key| {
            match key {
                Ok(0) => content.mime_type = Some(self.plain(cursor)?),
                Ok(1) => {
                    let (start, value) = (cursor.next_at() + 1, self.values.len());
                    cursor.string_into(self.values)?;
                    let text = self.from + start..self.from + cursor.at() - 1;
                    content.body = Place::Value { text, value: value..self.values.len() };
                }
                Ok(_) => return Err(Fallback),
                Err(_) => cursor.skip()?,
            }
            Ok(())
        })?;
        Ok(content)
    }

    fn headers(&mut self, cursor: &mut Cursor<'_>) -> FastPath<()> {
        cursor.array_of::<Fallback>(|cursor, _| {
            let (mut name, mut value) = (None, None);
            cursor.object_of::<Fallback>(&HEADER, |cursor, key| {
                match key {
                    Ok(0) => name = Some(self.plain(cursor)?),
                    Ok(_) => value = Some(self.plain(cursor)?),
                    Err(_) => cursor.skip()?,
                }
                Ok(())
            })?;
            let (name, value) = name.zip(value).ok_or(Fallback)?;
            self.fields.push((FieldName::Written(name), value));
            Ok(())
        })?;
        Ok(())
    }

    /// Whether a field from `first` on has a name.
    fn has_field(&self, fields: &[(FieldName, Range<usize>)], wanted: &str) -> bool {
        fields.iter().any(|(name, _)| match name {
            FieldName::Written(name) => self.text.get(name.clone()).is_some_and(|name| name.eq_ignore_ascii_case(wanted)),
            FieldName::ContentType => wanted == "content-type",
        })
    }

    /// `mimeType` becomes the content type if no field from `first` on has it.
    fn add_content_type(&mut self, first: usize, mime_type: Option<Range<usize>>) {
        let is_there = self.has_field(self.fields.get(first..).unwrap_or_default(), "content-type");
        self.fields.extend(mime_type.filter(|_| !is_there).map(|value| (FieldName::ContentType, value)));
    }

    /// Whether the fields are recorded and none announces a body. Exports omit credentials, but not these fields.
    fn announce_no_body(&self, fields: &Range<usize>) -> bool {
        let fields = self.fields.get(fields.clone()).unwrap_or_default();
        !fields.is_empty() && ["content-type", "content-length", "transfer-encoding"].iter().all(|name| !self.has_field(fields, name))
    }
}
