//! One entry of a HAR as an exchange.

use std::sync::Arc;

use base64::Engine as _;
use charter_json::{self as json, Position};
use serde::Deserialize;
use serde_json::Value;

use crate::exchange::{Body, BodyLocation, Exchange, Headers, Message, Origin, Request, Response, Timing};
use crate::position::offset;
use crate::read::format::attachment::attachment;
use crate::read::format::document::{encoded, hex};
use crate::read::{Entry, EntryError};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HarEntry {
    pub(super) started_date_time: Option<String>,
    pub(super) time: Option<f64>,
    pub(super) request: HarRequest,
    pub(super) response: HarResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HarRequest {
    pub(super) method: String,
    pub(super) url: String,
    #[serde(default)]
    pub(super) headers: Vec<HarHeader>,
    /// Name and value of each cookie. Recorders write other members, or none.
    #[serde(default)]
    pub(super) cookies: Value,
    pub(super) post_data: Option<PostData>,
    pub(super) body_size: Option<f64>,
}

#[derive(Deserialize)]
pub(super) struct HarHeader {
    pub(super) name: String,
    pub(super) value: String,
}

#[derive(Deserialize)]
pub(super) struct HarResponse {
    pub(super) status: i64,
    #[serde(default)]
    pub(super) headers: Vec<HarHeader>,
    #[serde(default)]
    pub(super) content: HarContent,
    #[serde(rename = "_error")]
    pub(super) error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct HarContent {
    pub(super) mime_type: Option<String>,
    pub(super) text: Option<String>,
    pub(super) encoding: Option<String>,
    /// Playwright attaches bodies as files next to the HAR.
    #[serde(rename = "_file")]
    pub(super) file: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct PostData {
    #[serde(flatten)]
    content: HarContent,
    params: Option<Vec<Param>>,
}

/// A parameter of a form. That of a file may have no value.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Param {
    name: String,
    value: Option<String>,
    file_name: Option<String>,
    content_type: Option<String>,
}

/// An entry in its source.
struct HarText<'r> {
    raw: &'r str,
    start: Position,
    index: usize,
    source: &'r str,
}

impl HarText<'_> {
    fn refuse(&self, message: String) -> EntryError {
        EntryError { message, remedy: None, position: self.start, index: self.index, line: Some(self.start.line) }
    }

    /// The body of one side. `pointer` locates its text in the entry.
    fn body(&self, content: HarContent, pointer: &str) -> Result<Body, EntryError> {
        let encoding = content.encoding.map(|encoding| encoding.to_ascii_lowercase());
        // Playwright writes an empty text next to the name of the file.
        let text = content.text.filter(|text| !(text.is_empty() && content.file.is_some()));
        match (text, encoding.as_deref()) {
            (None, _) => Ok(content.file.and_then(|file| attachment(self.source, &[""], &file)).map_or(Body::Missing, encoded)),
            (Some(text), Some("base64")) => {
                let decode = |text: &str| {
                    let decoded = base64::engine::general_purpose::STANDARD.decode(text.trim());
                    decoded.map_err(|error| self.refuse(format!("the body is not valid base64: {error}")))
                };
                // Polly.js stores a body with a content coding as a list of its chunks.
                let bytes = match chunks(&text) {
                    Some(chunks) => chunks.iter().map(|chunk| decode(chunk)).collect::<Result<Vec<_>, _>>()?.concat(),
                    None => decode(&text)?,
                };
                Ok(encoded(bytes))
            }
            (Some(text), Some("hex")) => {
                let texts = chunks(&text).unwrap_or_else(|| vec![text]);
                let decoded = texts.iter().map(|text| hex(text.trim())).collect::<Option<Vec<_>>>();
                decoded.map(|chunks| encoded(chunks.concat())).ok_or_else(|| self.refuse("the body is not hexadecimal".to_owned()))
            }
            (Some(text), None | Some("" | "utf8" | "utf-8" | "ascii" | "us-ascii")) => {
                let location = json::locate(self.raw.as_bytes(), pointer).map(|range| BodyLocation::Escaped {
                    start: offset(self.start, Position::of(self.raw.as_bytes(), range.start + 1)),
                    raw: self.raw[range.start + 1..range.end - 1].into(),
                });
                Ok(Body::Bytes { bytes: text.into_bytes(), location: location.unwrap_or(BodyLocation::Encoded) })
            }
            (Some(_), Some(other)) => Err(self.refuse(format!("unknown encoding `{other}` of the body"))),
        }
    }

    /// The body of a request with these header fields.
    fn request_body(&self, post_data: Option<PostData>, size: Option<f64>, headers: &Headers) -> Result<Body, EntryError> {
        let Some(PostData { content, params }) = post_data else {
            // Recorders write the size -1 if they do not know it.
            let is_unknown = size.is_none_or(|size| size < 0.0);
            let is_empty = size == Some(0.0) || (is_unknown && announce_no_body(headers));
            return Ok(if is_empty { Body::from_bytes("") } else { Body::Missing });
        };
        // Browsers write the parameters of a form instead of its text, or both.
        let params = params.unwrap_or_default();
        let has_text = content.text.as_deref().is_some_and(|text| !text.is_empty() || params.is_empty());
        let media_type = headers.get("content-type").unwrap_or_default();
        match essence(media_type).as_str() {
            FORM if !has_text => {
                let pairs = params.iter().map(|param| (&*param.name, param.value.as_deref().unwrap_or_default()));
                let bytes = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
                Ok(Body::Bytes { bytes, location: BodyLocation::Encoded })
            }
            MULTIPART if !has_text => Ok(match multipart(&params, media_type) {
                Some(bytes) => Body::Bytes { bytes, location: BodyLocation::Encoded },
                None => Body::Missing,
            }),
            _ => self.body(content, "/request/postData/text"),
        }
    }
}

const FORM: &str = "application/x-www-form-urlencoded";
const MULTIPART: &str = "multipart/form-data";

/// A media type without parameters, in lower case.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// Whether the fields are recorded and none announces a body. Exports omit credentials, but not these fields.
fn announce_no_body(headers: &Headers) -> bool {
    !headers.fields.is_empty() && ["content-type", "content-length", "transfer-encoding"].iter().all(|name| headers.get(name).is_none())
}

/// A `multipart/form-data` body with these parameters; `None` if the recording does not show it: the media type has no boundary, or a
/// parameter has no value.
fn multipart(params: &[Param], media_type: &str) -> Option<Vec<u8>> {
    let parameters = media_type.split(';').skip(1).filter_map(|parameter| parameter.split_once('='));
    let boundary = parameters.into_iter().find(|(name, _)| name.trim().eq_ignore_ascii_case("boundary"));
    let boundary = boundary.map(|(_, value)| value.trim().trim_matches('"')).filter(|boundary| !boundary.is_empty())?;
    if params.is_empty() {
        return None;
    }
    let mut body = String::new();
    for Param { name, value, file_name, content_type } in params {
        let value = value.as_deref().filter(|value| !value.contains(boundary))?;
        body.push_str(&format!("--{boundary}\r\nContent-Disposition: form-data; name={}", quoted(name)?));
        if let Some(file_name) = file_name {
            body.push_str(&format!("; filename={}", quoted(file_name)?));
        }
        if let Some(content_type) = content_type.as_deref().filter(|content_type| !content_type.is_empty()) {
            body.push_str(&format!("\r\nContent-Type: {}", one_line(content_type)?));
        }
        body.push_str(&format!("\r\n\r\n{value}\r\n"));
    }
    body.push_str(&format!("--{boundary}--\r\n"));
    Some(body.into_bytes())
}

/// A quoted string of RFC 9110, section 5.6.4.
fn quoted(text: &str) -> Option<String> {
    Some(format!("\"{}\"", one_line(text)?.replace('\\', "\\\\").replace('"', "\\\"")))
}

/// A text that fits on one line.
fn one_line(text: &str) -> Option<&str> {
    (!text.contains(['\r', '\n'])).then_some(text)
}

/// The field `Cookie` of the cookies of a request; `None` if there are none.
fn cookie_field(cookies: &Value) -> Option<(String, String)> {
    let text = |cookie: &Value, member: &str| cookie.get(member).and_then(Value::as_str).map(str::to_owned);
    let cookies = cookies.as_array()?.iter().filter_map(|cookie| Some(format!("{}={}", text(cookie, "name")?, text(cookie, "value")?)));
    let pairs = cookies.collect::<Vec<_>>().join("; ");
    (!pairs.is_empty()).then(|| ("cookie".to_owned(), pairs))
}

/// The header fields. `mimeType` becomes the content type if no field has it.
fn fields(headers: Vec<HarHeader>, mime_type: Option<String>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = headers.into_iter().map(|header| (header.name, header.value)).collect();
    if let Some(mime_type) = mime_type.filter(|_| !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))) {
        fields.push(("content-type".to_owned(), mime_type));
    }
    fields
}

/// The kind of what [`web_socket_messages`] counts.
pub(super) const WEB_SOCKET: &str = "WebSocket message";

/// The number of messages, with the handshake, if an entry is a WebSocket. Browsers and Playwright mark these entries.
pub(super) fn web_socket_messages(raw: &str) -> Option<u64> {
    #[derive(Deserialize)]
    struct Marks {
        #[serde(rename = "_resourceType")]
        resource_type: Option<String>,
        #[serde(rename = "_webSocketMessages")]
        messages: Option<Vec<serde::de::IgnoredAny>>,
    }
    if !may_be_web_socket(raw.as_bytes()) {
        return None;
    }
    let marks: Marks = serde_json::from_str(raw).ok()?;
    let is_web_socket = marks.messages.is_some() || marks.resource_type.is_some_and(|kind| kind.eq_ignore_ascii_case("websocket"));
    is_web_socket.then(|| 1 + marks.messages.map_or(0, |messages| messages.len() as u64))
}

/// Whether an entry may have the marks of a WebSocket.
fn may_be_web_socket(raw: &[u8]) -> bool {
    memchr::memmem::find(raw, b"ebsocket").is_some() || memchr::memmem::find(raw, b"_webSocketMessages").is_some()
}

/// The chunks of a body that Polly.js stores as a JSON list.
fn chunks(text: &str) -> Option<Vec<String>> {
    text.trim_start().starts_with('[').then(|| serde_json::from_str(text).ok()).flatten()
}

pub(super) fn exchange(raw: &str, start: Position, source: &Arc<str>, index: usize) -> Entry {
    let text = HarText { raw, start, index, source };
    let entry: HarEntry = serde_json::from_str(raw).map_err(|error| text.refuse(format!("not a HAR entry: {error}")))?;
    convert(&text, entry, source)
}

fn convert(text: &HarText<'_>, entry: HarEntry, source: &Arc<str>) -> Entry {
    let HarText { raw, start, index, .. } = *text;
    let mut exchange = Exchange::new(Origin {
        source: source.clone(),
        index,
        line: Some(start.line),
        column: Some(start.column),
        bytes: start.byte as u64..start.byte as u64 + raw.len() as u64,
    });
    exchange.timing = Timing { started: entry.started_date_time.and_then(|text| text.parse().ok()), duration_ms: entry.time };
    let HarRequest { method, url, headers, cookies, mut post_data, body_size } = entry.request;
    let mime_type = post_data.as_mut().and_then(|data| data.content.mime_type.clone()).filter(|mime_type| !mime_type.is_empty());
    // Browsers omit credentials from an export: an absent header field of a request may have been sent.
    let mut headers = Headers { fields: fields(headers, mime_type), complete: false };
    if headers.get("cookie").is_none() {
        headers.fields.extend(cookie_field(&cookies));
    }
    let body = text.request_body(post_data, body_size, &headers)?;
    exchange.request = Some(Request::new(method, url, Message { headers, body }));
    let HarResponse { status, headers, mut content, error } = entry.response;
    let headers = Headers::complete(fields(headers, content.mime_type.take()));
    let body = text.body(content, "/response/content/text")?;
    // Browsers write the status 0 when no response arrived.
    match u16::try_from(status).ok().filter(|status| *status >= 100) {
        Some(status) => exchange.response = Some(Response::new(status, Message { headers, body })),
        None => exchange.error = Some(error.unwrap_or_else(|| "no response".to_owned())),
    }
    Ok(exchange)
}
