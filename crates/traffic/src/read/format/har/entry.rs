//! One entry of a HAR as an exchange.

use std::sync::Arc;

use base64::Engine as _;
use charter_json::{self as json, Position};
use serde::Deserialize;

use crate::exchange::{Body, BodyLocation, Exchange, Headers, Message, Origin, Request, Response, Timing};
use crate::position::offset;
use crate::read::{Entry, EntryError};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarEntry {
    started_date_time: Option<String>,
    time: Option<f64>,
    request: HarRequest,
    response: HarResponse,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarRequest {
    method: String,
    url: String,
    #[serde(default)]
    headers: Vec<HarHeader>,
    post_data: Option<PostData>,
    body_size: Option<f64>,
}

#[derive(Deserialize)]
struct HarHeader {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct HarResponse {
    status: i64,
    #[serde(default)]
    headers: Vec<HarHeader>,
    #[serde(default)]
    content: HarContent,
    #[serde(rename = "_error")]
    error: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase")]
struct HarContent {
    mime_type: Option<String>,
    text: Option<String>,
    encoding: Option<String>,
}

#[derive(Deserialize)]
struct PostData {
    #[serde(flatten)]
    content: HarContent,
    params: Option<Vec<Param>>,
}

/// A parameter of a form. That of a file may have no value.
#[derive(Deserialize)]
struct Param {
    name: String,
    value: Option<String>,
}

/// An entry in its source.
struct HarText<'r> {
    raw: &'r str,
    start: Position,
    index: usize,
}

impl HarText<'_> {
    fn refuse(&self, message: String) -> EntryError {
        EntryError { message, remedy: None, position: self.start, index: self.index, line: Some(self.start.line) }
    }

    /// The body of one side. `pointer` locates its text in the entry.
    fn body(&self, content: HarContent, pointer: &str) -> Result<Body, EntryError> {
        match (content.text, content.encoding.as_deref()) {
            (None, _) => Ok(Body::Missing),
            (Some(text), Some("base64")) => {
                let bytes = base64::engine::general_purpose::STANDARD
                    .decode(text.trim())
                    .map_err(|error| self.refuse(format!("the body is not valid base64: {error}")))?;
                Ok(Body::Bytes { bytes, location: BodyLocation::Encoded })
            }
            (Some(text), None | Some("")) => {
                let location = json::locate(self.raw.as_bytes(), pointer).map(|range| BodyLocation::Escaped {
                    start: offset(self.start, Position::of(self.raw.as_bytes(), range.start + 1)),
                    raw: self.raw[range.start + 1..range.end - 1].into(),
                });
                Ok(Body::Bytes { bytes: text.into_bytes(), location: location.unwrap_or(BodyLocation::Encoded) })
            }
            (Some(_), Some(other)) => Err(self.refuse(format!("unknown encoding `{other}` of the body"))),
        }
    }

    fn request_body(&self, post_data: Option<PostData>, size: Option<f64>) -> Result<Body, EntryError> {
        match post_data {
            None if size == Some(0.0) => Ok(Body::from_bytes("")),
            None => Ok(Body::Missing),
            // Browsers write the parameters of a form instead of its text, or both.
            Some(PostData { content, params: Some(params) }) if content.text.is_none() && is_form(&content) => {
                let pairs = params.iter().map(|param| (&*param.name, param.value.as_deref().unwrap_or_default()));
                let bytes = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish().into_bytes();
                Ok(Body::Bytes { bytes, location: BodyLocation::Encoded })
            }
            Some(PostData { content, .. }) => self.body(content, "/request/postData/text"),
        }
    }
}

fn is_form(content: &HarContent) -> bool {
    let essence = content.mime_type.as_deref().and_then(|field| field.split(';').next());
    essence.is_some_and(|essence| essence.trim().eq_ignore_ascii_case("application/x-www-form-urlencoded"))
}

/// The header fields. `mimeType` becomes the content type if no field has it.
fn fields(headers: Vec<HarHeader>, mime_type: Option<String>) -> Vec<(String, String)> {
    let mut fields: Vec<(String, String)> = headers.into_iter().map(|header| (header.name, header.value)).collect();
    if let Some(mime_type) = mime_type.filter(|_| !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case("content-type"))) {
        fields.push(("content-type".to_owned(), mime_type));
    }
    fields
}

pub(super) fn exchange(raw: &str, start: Position, source: &Arc<str>, index: usize) -> Entry {
    let text = HarText { raw, start, index };
    let entry: HarEntry = serde_json::from_str(raw).map_err(|error| text.refuse(format!("not a HAR entry: {error}")))?;
    let mut exchange = Exchange::new(Origin {
        source: source.clone(),
        index,
        line: Some(start.line),
        column: Some(start.column),
        bytes: start.byte as u64..start.byte as u64 + raw.len() as u64,
    });
    exchange.timing = Timing { started: entry.started_date_time.and_then(|text| text.parse().ok()), duration_ms: entry.time };
    let HarRequest { method, url, headers, mut post_data, body_size } = entry.request;
    let mime_type = post_data.as_mut().and_then(|data| data.content.mime_type.clone()).filter(|mime_type| !mime_type.is_empty());
    // Browsers omit credentials from an export: an absent header field of a request may have been sent.
    let headers = Headers { fields: fields(headers, mime_type), complete: false };
    exchange.request = Some(Request::new(method, url, Message { headers, body: text.request_body(post_data, body_size)? }));
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
