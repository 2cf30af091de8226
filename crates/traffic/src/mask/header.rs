//! Header fields and query parameters with secret values.

use std::borrow::Cow;

use regex::Regex;

use super::forms::MASK;

/// Header fields whose values are always secret.
const HEADERS: [&str; 10] = [
    "authorization",
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "api-key",
    "x-api-key",
    "x-amz-security-token",
    "x-auth-token",
    "x-csrf-token",
    "x-xsrf-token",
];

/// Query parameters whose values are always secret.
const QUERY: [&str; 14] = [
    "access_token",
    "api_key",
    "api-key",
    "apikey",
    "auth_token",
    "client_secret",
    "id_token",
    "password",
    "refresh_token",
    "sig",
    "signature",
    "token",
    "x-amz-security-token",
    "x-amz-signature",
];

/// The authentication schemes of the IANA registry and a few more. Any other first word may be part of a secret.
const SCHEMES: [&str; 16] = [
    "apikey",
    "aws4-hmac-sha256",
    "basic",
    "bearer",
    "concealed",
    "digest",
    "dpop",
    "gnap",
    "hoba",
    "key",
    "mutual",
    "negotiate",
    "privatetoken",
    "scram-sha-256",
    "token",
    "vapid",
];

/// Whether the value of a header field is always secret.
pub fn is_secret(name: &str) -> bool {
    HEADERS.iter().any(|secret| name.eq_ignore_ascii_case(secret))
}

/// The names of fields and parameters whose values are secret.
#[derive(Clone)]
pub(super) struct SecretNames {
    headers: Vec<String>,
    query: Option<Regex>,
    parameters: Vec<String>,
    userinfo: Option<Regex>,
}

impl SecretNames {
    pub(super) fn new(headers: &[String], query: &[String]) -> Self {
        let parameters: Vec<String> = QUERY.iter().map(|name| (*name).to_owned()).chain(query.iter().cloned()).collect();
        let names: Vec<String> = parameters.iter().map(|name| regex::escape(name)).collect();
        Self {
            headers: headers.to_vec(),
            // The names are escaped, so that the pattern is always well formed.
            query: Regex::new(&format!(r#"(?i)([?&](?:{})=)[^&#\s"'<>\\]+"#, names.join("|"))).ok(),
            userinfo: Regex::new(r#"(?i)\b([a-z][a-z0-9+.-]*://)[^/?#@\s"'<>\\]+@"#).ok(),
            parameters,
        }
    }

    /// Whether the value of a header field is secret.
    pub(super) fn holds_secret(&self, name: &str) -> bool {
        is_secret(name) || self.headers.iter().any(|secret| name.eq_ignore_ascii_case(secret))
    }

    /// Whether the value of a query parameter is secret.
    pub(super) fn is_secret_parameter(&self, name: &str) -> bool {
        self.parameters.iter().any(|secret| name.eq_ignore_ascii_case(secret))
    }

    /// Masks credentials and secret parameters of URLs in a text; `None` if there are none.
    pub(super) fn masked_query(&self, text: &str) -> Option<String> {
        let mut masked = Cow::Borrowed(text);
        if text.contains('=')
            && let Some(query) = &self.query
        {
            masked = query.replace_all(text, format!("${{1}}{MASK}"));
        }
        if text.contains("://")
            && text.contains('@')
            && let Some(userinfo) = &self.userinfo
            && userinfo.is_match(&masked)
        {
            masked = Cow::Owned(userinfo.replace_all(&masked, format!("${{1}}{MASK}@")).into_owned());
        }
        (masked != text).then(|| masked.into_owned())
    }

    /// Masks a field's value. The scheme or the names of the cookies stay.
    pub(super) fn masked_value(&self, name: &str, value: &str) -> String {
        if value.trim().is_empty() {
            return value.to_owned();
        }
        if name.eq_ignore_ascii_case("cookie") {
            return value.split(';').map(masked_pair).collect::<Vec<_>>().join(";");
        }
        if name.eq_ignore_ascii_case("set-cookie") {
            let (cookie, attributes) = value.split_once(';').map_or((value, None), |(cookie, rest)| (cookie, Some(rest)));
            return format!("{}{}", masked_pair(cookie), attributes.map(|rest| format!(";{rest}")).unwrap_or_default());
        }
        match value.split_once(' ') {
            Some((scheme, _)) if SCHEMES.iter().any(|known| scheme.eq_ignore_ascii_case(known)) => format!("{scheme} {MASK}"),
            _ => MASK.to_owned(),
        }
    }
}

/// Masks the value of `name=value`.
fn masked_pair(pair: &str) -> String {
    match pair.split_once('=') {
        Some((name, _)) => format!("{name}={MASK}"),
        None => MASK.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_keeps_its_scheme_and_loses_its_value() {
        let names = SecretNames::new(&["X-Customer".to_owned()], &[]);
        let cases = [
            ("Authorization", "Bearer abc", "Bearer ***"),
            ("authorization", "Basic dTpw", "Basic ***"),
            ("authorization", "abc def", "***"),
            ("proxy-authorization", "digest username=\"u\", response=\"r\"", "digest ***"),
            ("Cookie", "sid=1; theme=dark", "sid=***; theme=***"),
            ("Set-Cookie", "sid=1; Path=/; HttpOnly", "sid=***; Path=/; HttpOnly"),
            ("x-api-key", "abc", "***"),
            ("x-customer", "abc", "***"),
            ("authorization", "", ""),
        ];
        for (name, value, masked) in cases {
            assert!(names.holds_secret(name), "{name}");
            assert_eq!(names.masked_value(name, value), masked);
            assert_eq!(names.masked_value(name, masked), masked, "masking twice changes nothing");
        }
        assert!(!names.holds_secret("accept"));
    }

    #[test]
    fn a_url_keeps_the_names_of_its_secrets() {
        let names = SecretNames::new(&[], &["k".to_owned()]);
        let masked = |text: &str| names.masked_query(text);
        assert_eq!(masked("https://u:p@host/a?x=1&token=abc&k=2#f").as_deref(), Some("https://***@host/a?x=1&token=***&k=***#f"));
        assert_eq!(masked("see https://host/a?X-Amz-Signature=abc, then").as_deref(), Some("see https://host/a?X-Amz-Signature=*** then"));
        assert_eq!(masked("https://host/a?x=1&tokens=2"), None);
        assert_eq!(masked("mailto:a@b?c=d"), None);
    }
}
