//! Requests, responses and their header fields.

use std::fmt;

use url::Url;

use super::Body;
use crate::mask::is_secret;

/// The header fields and the body of a request or a response.
#[derive(Clone, Debug, Default)]
pub struct Message {
    /// The header fields.
    pub headers: Headers,
    /// The body.
    pub body: Body,
}

/// A request.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The URL as sent, or only its path and query.
    pub url: String,
    /// The header fields and the body.
    pub message: Message,
}

/// A response.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Response {
    /// The status code.
    pub status: u16,
    /// The header fields and the body.
    pub message: Message,
}

/// Header fields, in the order sent.
#[derive(Clone, Default)]
pub struct Headers {
    /// Names as sent, and values.
    pub fields: Vec<(String, String)>,
    /// Whether every field was recorded. If not, an absent field may have been sent.
    pub complete: bool,
}

impl Request {
    /// A request.
    pub fn new(method: impl Into<String>, url: impl Into<String>, message: Message) -> Self {
        Self { method: method.into(), url: url.into(), message }
    }

    /// The header fields.
    pub fn headers(&self) -> &Headers {
        &self.message.headers
    }

    /// The request body.
    pub fn body(&self) -> &Body {
        &self.message.body
    }

    /// The names and values of the query, decoded, in the order sent.
    pub fn query(&self) -> Vec<(String, String)> {
        let base = Url::options()
            .base_url(None)
            .parse(&self.url)
            .or_else(|_| Url::parse("http://localhost/").and_then(|base| base.join(&self.url)));
        base.map(|url| url.query_pairs().map(|(name, value)| (name.into_owned(), value.into_owned())).collect()).unwrap_or_default()
    }
}

impl Response {
    /// A response.
    pub fn new(status: u16, message: Message) -> Self {
        Self { status, message }
    }

    /// The header fields.
    pub fn headers(&self) -> &Headers {
        &self.message.headers
    }

    /// The response body.
    pub fn body(&self) -> &Body {
        &self.message.body
    }
}

impl Headers {
    /// All the fields that were sent.
    pub fn complete(fields: Vec<(String, String)>) -> Self {
        Self { fields, complete: true }
    }

    /// The first value of a field. Names are compared without case.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// Every value of a field. Names are compared without case.
    pub fn get_all(&self, name: &str) -> Vec<&str> {
        self.fields.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str()).collect()
    }

    /// Adds a field.
    pub fn push(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.fields.push((name.into(), value.into()));
    }

    /// Adds a field that replaces every other of its name.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.fields.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
        self.push(name, value);
    }
}

impl fmt::Debug for Headers {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let masked = self.fields.iter().map(|(name, value)| (name, if is_secret(name) { "***" } else { value.as_str() }));
        formatter.debug_map().entries(masked).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_query_is_decoded_from_a_url_and_from_a_path() {
        let query = |url: &str| Request::new("GET", url, Message::default()).query();
        let expected = vec![("fields".to_owned(), "title,author".to_owned())];
        assert_eq!(query("https://host/a?fields=title%2Cauthor"), expected);
        assert_eq!(query("/a?fields=title,author"), expected);
        assert_eq!(query("::"), vec![]);
    }

    #[test]
    fn debug_output_contains_no_secret() {
        let fields = vec![("Authorization".to_owned(), "Bearer s3cret".to_owned()), ("accept".to_owned(), "*/*".to_owned())];
        let text = format!("{:?}", Headers::complete(fields));
        assert!(!text.contains("s3cret") && text.contains("*/*"), "{text}");
    }
}
