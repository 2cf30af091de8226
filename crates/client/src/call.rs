//! One request.

use bytes::Bytes;
use reqwest::Method;
use reqwest::header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use serde::Serialize;
use serde_json::Value;

use crate::error::RequestError;
use crate::multipart::Multipart;
use crate::style::{Style, Text, in_pairs, in_text};

/// A request in the making. The first error is returned when the request is sent.
#[derive(Debug)]
pub struct Call {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Vec<String>,
    pub(crate) cookies: Vec<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
    pub(crate) security: &'static [&'static [&'static str]],
    pub(crate) error: Option<RequestError>,
}

impl Call {
    /// A request with a method and a path template.
    pub fn new(method: &'static str, template: &str) -> Self {
        Self {
            method: Method::from_bytes(method.as_bytes()).unwrap_or_default(),
            path: template.to_owned(),
            query: Vec::new(),
            cookies: Vec::new(),
            headers: HeaderMap::new(),
            body: None,
            security: &[],
            error: None,
        }
    }

    /// Sets a path parameter.
    #[must_use]
    pub fn path(mut self, name: &str, style: Style, text: Text, value: &(impl Serialize + ?Sized)) -> Self {
        let written = self.value(name, value).and_then(|value| in_text(name, style, text, &value));
        let template = format!("{{{name}}}");
        match written {
            Ok(written) => match self.path.split_once(&template) {
                Some((before, after)) => {
                    let alone = before.ends_with('/') && (after.is_empty() || after.starts_with('/'));
                    // A URL parser removes dot segments.
                    if written.is_empty() || (alone && written.split('/').any(|segment| matches!(segment, "." | ".."))) {
                        return self.failed(RequestError::PathSegment { name: name.to_owned() });
                    }
                    self.path = format!("{before}{written}{after}");
                    self
                }
                None => self,
            },
            Err(error) => self.failed(error),
        }
    }

    /// Adds a query parameter, if it has a value.
    #[must_use]
    pub fn query(mut self, name: &str, style: Style, text: Text, value: Option<&(impl Serialize + ?Sized)>) -> Self {
        let Some(value) = value else { return self };
        match self.value(name, value).and_then(|value| in_pairs(name, style, text, &value)) {
            Ok(pairs) => {
                self.query.extend(pairs.into_iter().map(|(name, value)| format!("{name}={value}")));
                self
            }
            Err(error) => self.failed(error),
        }
    }

    /// Sets the whole query (`querystring`) to the fields of a form.
    #[must_use]
    pub fn query_string(mut self, value: Option<&(impl Serialize + ?Sized)>) -> Self {
        let Some(value) = value else { return self };
        match self.value("querystring", value).and_then(|value| form(&value, &[])) {
            Ok(form) => {
                self.query.push(form);
                self
            }
            Err(error) => self.failed(error),
        }
    }

    /// Sets a header field, if it has a value.
    #[must_use]
    pub fn header(mut self, name: &'static str, style: Style, value: Option<&(impl Serialize + ?Sized)>) -> Self {
        let Some(value) = value else { return self };
        let written = self.value(name, value).and_then(|value| in_text(name, style, Text::Plain, &value));
        let field = written.and_then(|text| header(name, &text));
        match field {
            Ok((name, value)) => {
                self.headers.insert(name, value);
                self
            }
            Err(error) => self.failed(error),
        }
    }

    /// Adds a cookie, if it has a value.
    #[must_use]
    pub fn cookie(mut self, name: &str, style: Style, value: Option<&(impl Serialize + ?Sized)>) -> Self {
        let Some(value) = value else { return self };
        match self.value(name, value).and_then(|value| in_pairs(name, style, Text::Encoded, &value)) {
            Ok(pairs) => {
                self.cookies.extend(pairs.into_iter().map(|(name, value)| format!("{name}={value}")));
                self
            }
            Err(error) => self.failed(error),
        }
    }

    /// Sets the media types of the responses that are understood.
    #[must_use]
    pub fn accept(mut self, media_types: &'static str) -> Self {
        self.headers.insert(ACCEPT, HeaderValue::from_static(media_types));
        self
    }

    /// Sets the alternatives of security schemes, of which the first with all credentials is used.
    #[must_use]
    pub fn security(mut self, alternatives: &'static [&'static [&'static str]]) -> Self {
        self.security = alternatives;
        self
    }

    /// Sets a JSON body, if there is one.
    #[must_use]
    pub fn json(self, media_type: &'static str, value: Option<&(impl Serialize + ?Sized)>) -> Self {
        let Some(value) = value else { return self };
        match serde_json::to_vec(value) {
            Ok(bytes) => self.bytes(media_type, Some(bytes)),
            Err(source) => self.failed(RequestError::Serialise { name: "body".to_owned(), source }),
        }
    }

    /// Sets a body of the media type `application/x-www-form-urlencoded`, if there is one. The styles of single fields may be given; that
    /// of all others is `form` with `explode`.
    #[must_use]
    pub fn form(self, styles: &[(&str, Style)], value: Option<&(impl Serialize + ?Sized)>) -> Self {
        let Some(value) = value else { return self };
        match self.value("body", value).and_then(|value| form(&value, styles)) {
            Ok(form) => self.bytes("application/x-www-form-urlencoded", Some(form)),
            Err(error) => self.failed(error),
        }
    }

    /// Sets a body of the media type `multipart/form-data`, if there is one.
    #[must_use]
    pub fn multipart(mut self, parts: Option<&Multipart>) -> Self {
        let Some(parts) = parts else { return self };
        let (media_type, bytes) = parts.encode();
        if let Ok(media_type) = HeaderValue::from_str(&media_type) {
            self.headers.insert(CONTENT_TYPE, media_type);
        }
        self.body = Some(bytes.into());
        self
    }

    /// Sets a body of any media type, if there is one.
    #[must_use]
    pub fn bytes(mut self, media_type: &'static str, bytes: Option<impl Into<Bytes>>) -> Self {
        let Some(bytes) = bytes else { return self };
        self.headers.insert(CONTENT_TYPE, HeaderValue::from_static(media_type));
        self.body = Some(bytes.into());
        self
    }

    fn value(&self, name: &str, value: &(impl Serialize + ?Sized)) -> Result<Value, RequestError> {
        serde_json::to_value(value).map_err(|source| RequestError::Serialise { name: name.to_owned(), source })
    }

    fn failed(mut self, error: RequestError) -> Self {
        self.error.get_or_insert(error);
        self
    }
}

/// A header field with a value from a program.
pub(crate) fn header(name: &'static str, text: &str) -> Result<(HeaderName, HeaderValue), RequestError> {
    let refused = || RequestError::HeaderValue { name: name.to_owned() };
    let value = HeaderValue::from_bytes(text.as_bytes()).map_err(|_| refused())?;
    Ok((HeaderName::from_bytes(name.as_bytes()).map_err(|_| refused())?, value))
}

/// The members of an object as the fields of a form.
fn form(value: &Value, styles: &[(&str, Style)]) -> Result<String, RequestError> {
    let Value::Object(members) = value else { return Err(RequestError::Nested { name: "body".to_owned() }) };
    let mut fields = Vec::new();
    for (name, value) in members {
        let given = styles.iter().find(|(of, _)| of == name).map(|(_, style)| *style);
        // OpenAPI, "Encoding Object": the default media type of an object is JSON.
        let style = given.unwrap_or(if value.is_object() { Style::Json } else { Style::Form(true) });
        fields.extend(in_pairs(name, style, Text::Encoded, value)?);
    }
    Ok(fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&"))
}
