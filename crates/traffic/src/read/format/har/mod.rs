//! HAR 1.1 to 1.3, streamed entry by entry.
//!
//! Only the members that are checked are read, and most may be absent: browsers omit members that the standard requires.

mod entry;
mod mask;
mod stream;

use super::{Format, Stream};
use crate::mask::Masker;
use charter_json::edit::Node;

/// HAR 1.1 to 1.3.
pub(super) struct Har;

impl Format for Har {
    fn detect(&self, beginning: &[u8]) -> Option<Stream> {
        begins_like_har(beginning).then_some(Stream { read: stream::read, separator: None })
    }

    fn mask(&self, masker: &Masker, text: &str, root: &Node<'_>) -> Option<String> {
        let log = root.get("log").filter(|log| log.get("entries").is_some())?;
        Some(mask::masked(masker, text, root, log))
    }
}

/// Whether a source begins with an object whose first member is `log`, an object.
fn begins_like_har(beginning: &[u8]) -> bool {
    let mut rest = beginning;
    for token in [&b"{"[..], b"\"log\"", b":", b"{"] {
        rest = rest.trim_ascii_start();
        let Some(after) = rest.strip_prefix(token) else { return false };
        rest = after;
    }
    true
}

#[cfg(test)]
mod tests {
    use std::ops::ControlFlow;

    use crate::exchange::{Body, Request};
    use crate::mask::test_masker;
    use crate::read::{Limits, Source, read};

    fn request(members: &str) -> Request {
        let request = format!(r#"{{"method": "POST", "url": "/orders", "headers": []{members}}}"#);
        let har = format!(r#"{{"log": {{"entries": [{{"request": {request}, "response": {{"status": 201}}}}]}}}}"#);
        let source = Source::Bytes { name: "a.har".into(), bytes: har.into_bytes().into() };
        let mut requests = Vec::new();
        let summary = read(&source, &Limits::default(), &mut |entry| {
            requests.extend(entry.expect("an entry").request);
            ControlFlow::Continue(())
        });
        assert_eq!(summary.expect("a HAR").entries, 1);
        requests.remove(0)
    }

    #[test]
    fn a_request_body_is_read_from_post_data() {
        let bodies = [
            (r#"{"mimeType": "application/json", "text": "{\"a\":1}"}"#, &b"{\"a\":1}"[..]),
            (r#"{"mimeType": "image/png", "text": "/wA=", "encoding": "base64"}"#, b"\xff\x00"),
            (
                r#"{"mimeType": "application/x-www-form-urlencoded; charset=utf-8", "params": [{"name": "a b", "value": "c&d"}, {"name": "e"}]}"#,
                b"a+b=c%26d&e=",
            ),
        ];
        for (post_data, expected) in bodies {
            let request = request(&format!(r#", "postData": {post_data}"#));
            assert_eq!(request.body().bytes(), Some(expected), "{post_data}");
            assert!(request.headers().get("content-type").is_some_and(|field| post_data.contains(field)));
        }
    }

    #[test]
    fn a_request_without_post_data_has_an_empty_body_only_if_its_size_says_so() {
        assert_eq!(request(r#", "bodySize": 0"#).body().bytes(), Some(&b""[..]));
        assert!(matches!(request(r#", "bodySize": 12"#).body(), Body::Missing));
        assert!(matches!(request("").body(), Body::Missing));
        assert!(matches!(request(r#", "postData": {"mimeType": "multipart/form-data", "params": []}"#).body(), Body::Missing));
    }

    #[test]
    fn masking_removes_cookies_and_leaves_the_layout() {
        let har = r#"{"log": {"version": "1.2", "comment": "by ann@example.com", "entries": [{"request": {"url": "https://h/?api_key=k", "cookies": [{"name": "sid", "value": "1"}], "queryString": [{"name": "api_key", "value": "k"}], "headers": [{"name": "Cookie", "value": "sid=1"}], "postData": {"mimeType": "application/json", "text": "{\"by\":{\"name\":\"Ann Bee\"}}"}}, "response": {"content": {"text": "{\"k\":\"sk_live\\u005f42\"}"}, "cookies": []}}]}}"#;
        let masked = test_masker().document(har);
        for gone in ["ann@", "Ann Bee", "sk_live", "\"k\"}", "sid=1", "\"value\": \"1\""] {
            assert!(!masked.contains(gone), "{gone}: {masked}");
        }
        assert!(
            masked.contains(r#""value": "sid=***""#)
                && masked.contains("api_key=***")
                && masked.starts_with(r#"{"log": {"version": "1.2""#),
            "{masked}"
        );
    }
}
