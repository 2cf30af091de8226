//! From a request to the arguments of a method.

use axum::body::Body;
use axum::extract::{FromRequest as _, Request};
use bytes::Bytes;
use http::StatusCode;
use http::header::{CONTENT_TYPE, COOKIE};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::credential::{self, Credential};
use crate::kind::Kind;
use crate::multipart::Multipart;
use crate::parameter::Parameter;
use crate::rejection::{Place, Rejection, Violation};
use crate::schema::Schema;
use crate::style::{Encoding, Malformed, Style, form, in_pairs, in_text, pairs};

/// The request line, the header fields and the extensions of a request. A middleware passes values to methods as extensions.
pub type Head = http::request::Parts;

/// An operation. Requests have it as an extension.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Operation {
    /// The id.
    pub id: &'static str,
    /// The method.
    pub method: &'static str,
    /// The path template.
    pub path: &'static str,
}

/// A request whose arguments are being read. Every error is collected; the method is called if there is none.
#[derive(Debug)]
pub struct Incoming {
    head: Head,
    body: Option<Body>,
    captures: Vec<(String, String)>,
    query: Result<Vec<(String, String)>, Malformed>,
    cookies: Vec<(String, String)>,
    /// An error of the request as a whole.
    rejection: Option<Rejection>,
    violations: Vec<Violation>,
}

impl Incoming {
    pub(crate) fn new(request: Request, operation: Operation, captures: Vec<(String, String)>) -> Self {
        let (mut head, body) = request.into_parts();
        head.extensions.insert(operation);
        let query = pairs(head.uri.query().unwrap_or_default());
        let cookies = head.headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(';'));
        let cookies = cookies.filter_map(|pair| pair.trim().split_once('=')).map(|(name, value)| (name.to_owned(), value.to_owned()));
        let cookies = cookies.collect();
        Self { head, body: Some(body), captures, query, cookies, rejection: None, violations: Vec::new() }
    }

    /// Requires the credentials of one of the alternatives.
    pub fn secured(&mut self, alternatives: &'static [&'static [Credential]]) {
        let query = self.query.as_deref().unwrap_or_default();
        self.rejection = credential::check(alternatives, &self.head, query, &self.cookies);
    }

    /// A path parameter.
    pub fn path<T: DeserializeOwned>(&mut self, parameter: &Parameter) -> Option<T> {
        let text = self.captures.iter().find(|(name, _)| name == parameter.name).map(|(_, value)| value.as_str());
        let read = text.map(|text| in_text(parameter.name, parameter.style, &parameter.kind, text, Encoding::Percent));
        self.parameter(Place::Path, parameter, read.transpose())
    }

    /// A query parameter.
    pub fn query<T: DeserializeOwned>(&mut self, parameter: &Parameter) -> Option<T> {
        let read = self.query.clone().and_then(|query| read_pairs(parameter, &query));
        self.parameter(Place::Query, parameter, read)
    }

    /// The whole query.
    pub fn query_string<T: DeserializeOwned>(&mut self, parameter: &Parameter) -> Option<T> {
        let read = match (self.head.uri.query(), parameter.style) {
            (None | Some(""), _) => Ok(None),
            (Some(query), Style::Json) => Encoding::Percent.decode(query).map(|json| Some(vec![json])),
            (Some(_), _) => self.query.clone().and_then(|query| form(&query, &parameter.kind, &[])).map(|json| Some(vec![json])),
        };
        self.parameter(Place::Query, parameter, read)
    }

    /// A parameter in the header.
    pub fn header<T: DeserializeOwned>(&mut self, parameter: &Parameter) -> Option<T> {
        let mut values = Vec::new();
        for value in self.head.headers.get_all(parameter.name) {
            match std::str::from_utf8(value.as_bytes()) {
                Ok(value) => values.push(value),
                Err(_) => return self.parameter(Place::Header, parameter, Err(Malformed::Encoding)),
            }
        }
        // RFC 9110, section 5.3: several fields of a name are one list.
        let text = (!values.is_empty()).then(|| values.join(", "));
        let read = text.map(|text| in_text(parameter.name, parameter.style, &parameter.kind, &text, Encoding::Plain));
        self.parameter(Place::Header, parameter, read.transpose())
    }

    /// A cookie.
    pub fn cookie<T: DeserializeOwned>(&mut self, parameter: &Parameter) -> Option<T> {
        let read = read_pairs(parameter, &self.cookies);
        self.parameter(Place::Cookie, parameter, read)
    }

    fn parameter<T: DeserializeOwned>(
        &mut self,
        place: Place,
        parameter: &Parameter,
        read: Result<Option<Vec<String>>, Malformed>,
    ) -> Option<T> {
        let name = Some(parameter.name);
        match read {
            // The empty text of a nullable parameter. In `content`, null is a value.
            Ok(Some(candidates))
                if !parameter.required && parameter.style != Style::Json && candidates.iter().all(|json| json == "null") =>
            {
                None
            }
            Ok(Some(candidates)) => self.value(place, name, &candidates, parameter.schema),
            Ok(None) if parameter.required => {
                self.violated(place, name, "required", "the request does not have this parameter");
                None
            }
            Ok(None) => None,
            Err(error) => {
                self.violated(place, name, "style", &format!("the value {error}"));
                None
            }
        }
    }

    /// The first candidate that the type and the schema accept.
    fn value<T: DeserializeOwned>(
        &mut self,
        place: Place,
        name: Option<&'static str>,
        candidates: &[String],
        schema: Option<&Schema>,
    ) -> Option<T> {
        let mut first = None;
        for json in candidates {
            match read_value(place, name, json, schema) {
                Ok(value) => return Some(value),
                Err(violations) => first = first.or(Some(violations)),
            }
        }
        self.violations.extend(first.unwrap_or_default());
        None
    }

    fn violated(&mut self, place: Place, name: Option<&'static str>, keyword: &str, detail: &str) {
        let violation = Violation { place, name, pointer: String::new(), keyword: Some(keyword.to_owned()), detail: detail.to_owned() };
        self.violations.push(violation);
    }

    /// The index of the most specific of the media types and ranges that contains that of the body; `None` if the request has no body, or
    /// after an error.
    pub fn media_type(&mut self, media_types: &'static [&'static str], required: bool) -> Option<usize> {
        let sent = self.head.headers.get(CONTENT_TYPE).map(|value| value.to_str().unwrap_or_default().to_owned());
        let is_empty = self.body.as_ref().is_none_or(|body| axum::body::HttpBody::size_hint(body).exact() == Some(0));
        if is_empty && !required {
            return None;
        }
        let Some(sent) = sent else {
            if is_empty {
                self.violated(Place::Body, None, "required", "the request does not have a body");
                return None;
            }
            // RFC 9110, section 8.3: a recipient may assume that content without a media type is bytes.
            return self.matched(media_types, "application/octet-stream");
        };
        self.matched(media_types, &sent)
    }

    fn matched(&mut self, media_types: &'static [&'static str], sent: &str) -> Option<usize> {
        let essence = |text: &str| text.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
        let (sent, ranges) = (essence(sent), media_types.iter().map(|range| essence(range)).enumerate());
        let rank = |range: &str| match range {
            "*/*" | "*" => Some(1),
            _ if range == sent => Some(3),
            _ => range.strip_suffix("/*").filter(|type_| sent.split('/').next() == Some(*type_)).map(|_| 2),
        };
        let found =
            ranges.filter_map(|(index, range)| Some((rank(&range)?, index))).max_by_key(|(rank, index)| (*rank, usize::MAX - index));
        if found.is_none() {
            let wanted = media_types.iter().map(|media_type| format!("`{media_type}`")).collect::<Vec<_>>().join(", ");
            let detail = format!("the media type of the body is `{sent}`, expected {wanted}");
            let rejection = Rejection::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, detail);
            self.rejection.get_or_insert(rejection.with_header(http::header::ACCEPT, &media_types.join(", ")));
        }
        found.map(|(_, index)| index)
    }

    /// A JSON body.
    pub async fn json<T: DeserializeOwned>(&mut self) -> Option<T> {
        let bytes = self.bytes().await?;
        match serde_json::from_slice(&bytes) {
            Ok(value) => Some(value),
            Err(error) => {
                self.violations.push(located(Place::Body, None, &error));
                None
            }
        }
    }

    /// A body of the media type `application/x-www-form-urlencoded`. The styles of single fields may be given; that of all others is `form`
    /// with `explode`.
    pub async fn form<T: DeserializeOwned>(&mut self, kind: &Kind, styles: &[(&str, Style)]) -> Option<T> {
        let text = self.text().await?;
        match pairs(&text).and_then(|pairs| form(&pairs, kind, styles)) {
            Ok(json) => self.value(Place::Body, None, &[json], None),
            Err(error) => {
                self.violated(Place::Body, None, "style", &format!("a field {error}"));
                None
            }
        }
    }

    /// A body of the media type `multipart/form-data`.
    pub async fn multipart(&mut self) -> Option<Multipart> {
        let bytes = self.bytes().await?;
        match Multipart::read(Request::from_parts(self.head.clone(), Body::from(bytes))).await {
            Ok(parts) => Some(parts),
            Err(error) => {
                self.violated(Place::Body, None, "contentMediaType", &error);
                None
            }
        }
    }

    /// A body of text.
    pub async fn text(&mut self) -> Option<String> {
        let bytes = self.bytes().await?;
        match String::from_utf8(bytes.into()) {
            Ok(text) => Some(text),
            Err(_) => {
                self.violated(Place::Body, None, "contentMediaType", "the body is not UTF-8");
                None
            }
        }
    }

    /// The bytes of the body, up to the limit of `axum::extract::DefaultBodyLimit`. A request that is rejected in any case is not read.
    pub async fn bytes(&mut self) -> Option<Bytes> {
        if self.rejection.is_some() {
            return None;
        }
        let request = Request::from_parts(self.head.clone(), self.body.take()?);
        match Bytes::from_request(request, &()).await {
            Ok(bytes) => Some(bytes),
            Err(error) => {
                self.rejection = Some(Rejection::new(error.status(), error.body_text()));
                None
            }
        }
    }

    /// The rejection, if there was an error.
    pub fn rejected(&mut self) -> Option<Rejection> {
        if let Some(rejection) = self.rejection.take() {
            return Some(rejection);
        }
        if self.violations.is_empty() {
            return None;
        }
        let violations = std::mem::take(&mut self.violations);
        let detail = match violations.len() {
            1 => "a value of the request is not valid".to_owned(),
            count => format!("{count} values of the request are not valid"),
        };
        Some(Rejection { violations, ..Rejection::new(StatusCode::BAD_REQUEST, detail) })
    }

    /// The rejection of a request without a required value.
    pub fn rejection(&mut self) -> Rejection {
        self.rejected().unwrap_or_else(|| Rejection::new(StatusCode::BAD_REQUEST, "the request does not have a required value"))
    }

    /// The head, after all arguments are read.
    pub fn into_head(self) -> Head {
        self.head
    }
}

fn read_pairs(parameter: &Parameter, pairs: &[(String, String)]) -> Result<Option<Vec<String>>, Malformed> {
    let is_other = |name: &str| parameter.others.contains(&name);
    in_pairs(parameter.name, parameter.style, &parameter.kind, pairs, Encoding::Form, &is_other)
}

fn read_value<T: DeserializeOwned>(
    place: Place,
    name: Option<&'static str>,
    json: &str,
    schema: Option<&Schema>,
) -> Result<T, Vec<Violation>> {
    let value = serde_json::from_str::<T>(json).map_err(|error| vec![located(place, name, &error)])?;
    let failures = schema.map(|schema| schema.failures(&serde_json::from_str::<Value>(json).unwrap_or_default())).unwrap_or_default();
    if failures.is_empty() {
        return Ok(value);
    }
    let violation = |failure: crate::schema::Failure| Violation {
        place,
        name,
        pointer: failure.pointer,
        keyword: Some(failure.keyword),
        detail: failure.detail,
    };
    Err(failures.into_iter().map(violation).collect())
}

/// The violation of an error of generated types: `at "/quantity": maximum: found 15, expected at most 10 at line 1 column 15`.
fn located(place: Place, name: Option<&'static str>, error: &serde_json::Error) -> Violation {
    let text = error.to_string();
    let unlocated = || Violation { place, name, pointer: String::new(), keyword: None, detail: text.clone() };
    if !error.is_data() {
        return unlocated();
    }
    let position = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&position).unwrap_or(&text);
    let Some((pointer, rest)) = text.strip_prefix("at \"").and_then(|rest| rest.split_once("\": ")) else {
        return Violation { place, name, pointer: String::new(), keyword: None, detail: text.to_owned() };
    };
    let is_keyword = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'$');
    match rest.split_once(": ").filter(|(keyword, _)| is_keyword(keyword)) {
        Some((keyword, detail)) => {
            Violation { place, name, pointer: pointer.to_owned(), keyword: Some(keyword.to_owned()), detail: detail.to_owned() }
        }
        None => Violation { place, name, pointer: pointer.to_owned(), keyword: None, detail: rest.to_owned() },
    }
}
