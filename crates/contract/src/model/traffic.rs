//! Patterns for the exchanges that belong to the API.

use std::collections::BTreeMap;

use glob::{MatchOptions, Pattern};
use serde::{Deserialize, Serialize};

use crate::suggest::nearest;

/// Which exchanges of a recording belong to the API.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct TrafficConfig {
    /// If not empty, only exchanges that match one of these are checked. A pattern with a host also accepts a host that no server names.
    pub include: Vec<TrafficPattern>,
    /// Exchanges that match one of these are not checked.
    pub exclude: Vec<TrafficPattern>,
    /// `[traffic.columns]`
    pub columns: Option<TrafficColumns>,
    /// The exchanges that are requests of webhooks or callbacks. The first pattern that matches decides, before `include` and the paths.
    pub webhooks: Vec<WebhookPattern>,
}

/// The members of the rows of a log that hold the parts of an exchange: names, or JSON Pointers.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct TrafficColumns {
    /// The URL, or the path and the query.
    pub url: String,
    /// The status code.
    pub status: String,
    /// The method. Default: `GET`.
    pub method: Option<String>,
    /// The beginning of the request: a date-time, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970.
    pub time: Option<String>,
    /// The duration in milliseconds.
    pub duration: Option<String>,
    /// The header fields of the request.
    pub request_headers: Option<String>,
    /// The header fields of the response.
    pub response_headers: Option<String>,
    /// The request body: a text or a JSON value.
    pub request_body: Option<String>,
    /// The response body: a text or a JSON value.
    pub response_body: Option<String>,
}

/// The exchanges of a webhook or a callback; every given member must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct WebhookPattern {
    /// The webhook: its key under `webhooks`, the expression of a callback, or an operationId of one of them.
    pub name: String,
    /// The host, as in [`TrafficPattern`].
    pub host: Option<String>,
    /// The path, as in [`TrafficPattern`].
    pub path: Option<String>,
    /// The method.
    pub method: Option<String>,
    /// Header fields of the request and their exact values.
    pub headers: BTreeMap<String, String>,
    /// Strings in the JSON body of the request, by JSON Pointer.
    pub body: BTreeMap<String, String>,
}

impl WebhookPattern {
    /// The members that a pattern for exchanges has.
    fn target(&self) -> TrafficPattern {
        TrafficPattern { host: self.host.clone(), path: self.path.clone(), method: self.method.clone() }
    }

    /// Whether a request matches the host, the path and the method. The header fields and the body are not compared.
    pub fn matches_target(&self, method: &str, host: Option<&str>, path: &str) -> bool {
        self.target().matches(method, host, path)
    }

    /// # Errors
    /// The name is missing, or a member is empty or not a valid pattern.
    pub fn check(&self) -> Result<(), TrafficPatternError> {
        if self.name.is_empty() {
            return Err(TrafficPatternError::Name);
        }
        // A pattern of a name alone matches every request.
        match self.target() {
            target if target == TrafficPattern::default() => Ok(()),
            target => target.check(),
        }
    }
}

impl std::str::FromStr for WebhookPattern {
    type Err = TrafficPatternError;

    /// Reads `name=orderPaid,host=hooks.example.com,path=/orders`; each key at most once. The name is the first member.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (name, rest) = text.split_once(',').unwrap_or((text, ""));
        let name = name.strip_prefix("name=").ok_or(TrafficPatternError::Name)?.trim().to_owned();
        let target = if rest.is_empty() { TrafficPattern::default() } else { rest.parse()? };
        let pattern = Self { name, host: target.host, path: target.path, method: target.method, ..Self::default() };
        pattern.check().map(|()| pattern)
    }
}

/// A pattern for exchanges; every given member must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
#[non_exhaustive]
pub struct TrafficPattern {
    /// The host, with its port if it is not the usual one: `api.example.com`, `*.example.com`.
    pub host: Option<String>,
    /// The path: `*` matches within a segment, `**` any number of segments.
    pub path: Option<String>,
    /// The method.
    pub method: Option<String>,
}

impl TrafficPattern {
    /// Whether a request matches every given member. Hosts and methods are compared without case.
    pub fn matches(&self, method: &str, host: Option<&str>, path: &str) -> bool {
        let by_segment = MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };
        let any_case = MatchOptions { case_sensitive: false, ..MatchOptions::new() };
        let fits = |pattern: &str, text: &str, options| Pattern::new(pattern).is_ok_and(|pattern| pattern.matches_with(text, options));
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method))
            && self.host.as_deref().is_none_or(|wanted| host.is_some_and(|host| fits(wanted, host, any_case)))
            && self.path.as_deref().is_none_or(|wanted| fits(wanted, path, by_segment))
    }
}

impl std::str::FromStr for TrafficPattern {
    type Err = TrafficPatternError;

    /// Reads `host=*.example.com,path=/v1/**,method=GET`; each key at most once.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut pattern = Self::default();
        for member in text.split(',') {
            let (key, value) = member.split_once('=').ok_or_else(|| TrafficPatternError::Member(member.to_owned()))?;
            let place = match key.trim() {
                "host" => &mut pattern.host,
                "path" => &mut pattern.path,
                "method" => &mut pattern.method,
                _ => return Err(TrafficPatternError::Member(member.to_owned())),
            };
            if place.replace(value.trim().to_owned()).is_some() {
                return Err(TrafficPatternError::Repeated(key.trim().to_owned()));
            }
        }
        pattern.check().map(|()| pattern)
    }
}

impl TrafficPattern {
    /// # Errors
    /// The pattern has no member, or a member is empty or not a valid pattern.
    pub fn check(&self) -> Result<(), TrafficPatternError> {
        if *self == Self::default() {
            return Err(TrafficPatternError::Empty);
        }
        if [&self.host, &self.path, &self.method].into_iter().flatten().any(String::is_empty) {
            return Err(TrafficPatternError::Empty);
        }
        for pattern in [&self.host, &self.path].into_iter().flatten() {
            Pattern::new(pattern).map_err(|source| TrafficPatternError::Pattern { pattern: pattern.clone(), source })?;
        }
        Ok(())
    }
}

/// Why a text is not a pattern for exchanges.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrafficPatternError {
    /// It has no member, or a member is empty.
    #[error("the pattern is empty; write host=PATTERN, path=PATTERN or method=METHOD, separated by commas")]
    Empty,
    /// The name of a webhook is missing.
    #[error("the name of a webhook is missing; write name=WEBHOOK first")]
    Name,
    /// A member is not known.
    #[error("`{0}` is not host=PATTERN, path=PATTERN or method=METHOD")]
    Member(String),
    /// A member is written twice.
    #[error("`{0}` is repeated; give the option twice for two patterns")]
    Repeated(String),
    /// A pattern is malformed.
    #[error("`{pattern}` is not a valid pattern")]
    Pattern {
        /// The pattern.
        pattern: String,
        /// The fault in it.
        source: glob::PatternError,
    },
}

/// A pattern names a webhook that the contract does not have.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the contract has no webhook and no callback `{name}`; {remedy}")]
#[non_exhaustive]
pub struct UnknownWebhook {
    /// The name.
    pub name: String,
    /// The most similar name, or the known names.
    pub remedy: String,
}

impl UnknownWebhook {
    /// An unknown name, and the known names and ids.
    pub(crate) fn new(name: &str, known: &[&str], ids: &[&str]) -> Self {
        let remedy = nearest(name, known.iter().chain(ids).copied()).unwrap_or_else(|| match known {
            [] => "the document describes none".to_owned(),
            known => {
                let more = if known.len() > NAMED { format!(" and {} more", known.len() - NAMED) } else { String::new() };
                format!("it has {}{more}", known.iter().take(NAMED).copied().collect::<Vec<_>>().join(", "))
            }
        });
        Self { name: name.to_owned(), remedy }
    }
}

/// The maximum number of names that a message lists.
const NAMED: usize = 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_given_member_must_match() {
        let pattern: TrafficPattern = "host=*.example.com,path=/v1/**,method=get".parse().expect("a pattern");
        for (method, host, path, expected) in [
            ("GET", Some("api.example.com"), "/v1/orders/7", true),
            ("GET", Some("API.Example.com"), "/v1/orders", true),
            ("POST", Some("api.example.com"), "/v1/orders", false),
            ("GET", Some("example.com"), "/v1/orders", false),
            ("GET", None, "/v1/orders", false),
            ("GET", Some("api.example.com"), "/v2/orders", false),
        ] {
            assert_eq!(pattern.matches(method, host, path), expected, "{method} {host:?} {path}");
        }
        let segment: TrafficPattern = "path=/orders/*".parse().expect("a pattern");
        assert!(segment.matches("GET", None, "/orders/7") && !segment.matches("GET", None, "/orders/7/items"));
    }

    #[test]
    fn a_webhook_pattern_has_a_name_and_perhaps_a_target() {
        let named: WebhookPattern = "name=orderPaid".parse().expect("a pattern");
        assert!(named.name == "orderPaid" && named.matches_target("POST", None, "/any"));
        let placed: WebhookPattern = "name={$request.body#/url},path=/hooks/*,method=POST".parse().expect("a pattern");
        assert!(placed.name == "{$request.body#/url}" && placed.matches_target("POST", Some("a.test"), "/hooks/1"));
        assert!(!placed.matches_target("PUT", None, "/hooks/1"));
        for text in ["", "name=", "path=/a", "name=a,path=", "name=a,name=b", "name=a,path=/a***"] {
            assert!(text.parse::<WebhookPattern>().is_err(), "{text}");
        }
    }

    #[test]
    fn malformed_patterns_are_refused() {
        for text in ["", "hosts=a", "host", "host=", "path=/a,method=", "host=a,host=b", "path=/a***"] {
            assert!(text.parse::<TrafficPattern>().is_err(), "{text}");
        }
    }
}
