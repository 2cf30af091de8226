//! HAR 1.1 to 1.3, streamed entry by entry.
//!
//! Only the members that are checked are read, and most may be absent: browsers omit members that the standard requires.

mod block;
mod entry;
mod mask;
mod scan;
mod scrub;
mod stream;

use super::document::DocumentReader;
use super::tree::{self, Syntax};
use super::{Format, Stream};
use crate::mask::Masker;
pub use block::{EntryBlock, ScannedEntry};
use charter_json::edit::Node;

/// HAR 1.1 to 1.3.
pub(super) struct Har;

impl Format for Har {
    fn detect(&self, beginning: &[u8]) -> Option<Stream> {
        begins_like_har(beginning).then_some(Stream { read: stream::read, separator: None, mask: Some(scrub::scrub) })
    }

    fn members(&self) -> &'static [&'static str] {
        &["\"entries\""]
    }

    /// A HAR whose first member is not `log`.
    fn read_tree(&self, root: &tree::Node, reader: &mut DocumentReader<'_>) -> bool {
        let entries = root.get("log").and_then(|log| log.get("entries")).filter(|entries| entries.is_array());
        let Some(entries) = entries.filter(|_| reader.syntax == Syntax::Json) else { return false };
        for node in entries.items() {
            let (raw, start) = (&reader.text[node.range.clone()], reader.position(node.range.start));
            match entry::web_socket_messages(raw) {
                Some(count) => reader.skipped.add(entry::WEB_SOCKET, count),
                None => reader.entries.push(entry::exchange(raw, start, reader.source, reader.index())),
            }
        }
        true
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

    use crate::exchange::{Body, Exchange, Request};
    use crate::mask::test_masker;
    use crate::read::{Limits, Source, read};

    fn request(members: &str) -> Request {
        let request = format!(r#"{{"method": "POST", "url": "/orders"{members}}}"#);
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

    fn read_all(source: &Source) -> (Vec<Exchange>, Vec<(&'static str, u64)>) {
        let mut exchanges = Vec::new();
        let summary = read(source, &Limits::default(), &mut |entry| {
            exchanges.push(entry.expect("an entry"));
            ControlFlow::Continue(())
        });
        (exchanges, summary.expect("a HAR").skipped)
    }

    fn response_body(content: &str) -> Body {
        let har = format!(
            r#"{{"log": {{"entries": [{{"request": {{"method": "GET", "url": "/"}}, "response": {{"status": 200, "content": {content}}}}}]}}}}"#
        );
        let (exchanges, _) = read_all(&Source::Bytes { name: "a.har".into(), bytes: har.into_bytes().into() });
        exchanges[0].response.as_ref().expect("a response").body().clone()
    }

    #[test]
    fn the_encodings_of_polly_are_decoded() {
        let cases = [
            (r#"{"text": "[\"e30=\",\"IA==\"]", "encoding": "base64"}"#, &b"{} "[..]),
            (r#"{"text": "7b7D", "encoding": "hex"}"#, b"{}"),
            (r#"{"text": "[\"7b\",\"7d\"]", "encoding": "hex"}"#, b"{}"),
            (r#"{"text": "{}", "encoding": "utf8"}"#, b"{}"),
            (r#"{"text": "{}", "encoding": "UTF-8"}"#, b"{}"),
        ];
        for (content, expected) in cases {
            assert_eq!(response_body(content).bytes(), Some(expected), "{content}");
        }
    }

    #[test]
    fn attached_bodies_are_read_from_the_folder_of_the_har_only() {
        let folder = tempfile::tempdir().expect("a folder");
        let har = folder.path().join("har");
        std::fs::create_dir(&har).expect("a folder");
        std::fs::write(har.join("body.json"), "{\"a\":1}").expect("a file");
        std::fs::write(folder.path().join("secret"), "x").expect("a file");
        let body = |file: &str| {
            let text = format!(
                r#"{{"log": {{"entries": [{{"request": {{"method": "GET", "url": "/"}}, "response": {{"status": 200, "content": {{"_file": "{file}"}}}}}}]}}}}"#
            );
            std::fs::write(har.join("a.har"), text).expect("a file");
            let (exchanges, _) = read_all(&Source::File(har.join("a.har")));
            exchanges[0].response.as_ref().expect("a response").body().bytes().map(<[u8]>::to_vec)
        };
        assert_eq!(body("body.json").as_deref(), Some(&b"{\"a\":1}"[..]));
        assert_eq!(body("none.json"), None);
        assert_eq!(body("../secret"), None);
        assert_eq!(body(&folder.path().join("secret").to_string_lossy()), None);
    }

    #[test]
    fn web_sockets_are_skipped_and_counted() {
        let entry = |members: &str| format!(r#"{{"request": {{"method": "GET", "url": "/"}}, "response": {{"status": 101}}{members}}}"#);
        let entries = [
            entry(
                r#", "_resourceType": "websocket", "_webSocketMessages": [{"type": "send", "data": "a"}, {"type": "receive", "data": "b"}]"#,
            ),
            entry(""),
            entry(r#", "_resourceType": "websocket""#),
        ];
        for begin in [r#"{"log": {"#, r#"{"comment": "", "log": {"#] {
            let har = format!(r#"{begin}"entries": [{}]}}}}"#, entries.join(","));
            let (exchanges, skipped) = read_all(&Source::Bytes { name: "a.har".into(), bytes: har.into_bytes().into() });
            assert_eq!((exchanges.len(), skipped), (1, vec![("WebSocket message", 4)]), "{begin}");
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
    fn a_request_without_post_data_has_an_empty_body_if_no_header_field_announces_one() {
        let with = |field: &str, members: &str| {
            let har = format!(r#", "headers": [{{"name": "Accept", "value": "*/*"}}{field}]{members}"#);
            request(&har).body().clone()
        };
        assert_eq!(with("", "").bytes(), Some(&b""[..]));
        assert_eq!(with("", r#", "bodySize": -1"#).bytes(), Some(&b""[..]));
        assert!(matches!(with("", r#", "bodySize": 3"#), Body::Missing));
        for field in ["Content-Type", "content-length", "Transfer-Encoding"] {
            assert!(matches!(with(&format!(r#", {{"name": "{field}", "value": "x"}}"#), ""), Body::Missing), "{field}");
        }
    }

    #[test]
    fn the_parameters_of_a_multipart_form_are_its_body() {
        let body = |params: &str, media_type: &str| {
            request(&format!(r#", "postData": {{"mimeType": "{media_type}", "text": "", "params": [{params}]}}"#)).body().clone()
        };
        let multipart = "multipart/form-data; boundary=b";
        let params = r#"{"name": "a\"", "value": "1"}, {"name": "f", "value": "x", "fileName": "f.txt", "contentType": "text/plain"}"#;
        let expected = "--b\r\nContent-Disposition: form-data; name=\"a\\\"\"\r\n\r\n1\r\n--b\r\nContent-Disposition: form-data; name=\"f\"; \
                        filename=\"f.txt\"\r\nContent-Type: text/plain\r\n\r\nx\r\n--b--\r\n";
        assert_eq!(body(params, multipart).bytes().map(String::from_utf8_lossy).as_deref(), Some(expected));
        assert_eq!(body(r#"{"name": "a", "value": "1"}"#, "application/x-www-form-urlencoded").bytes(), Some(&b"a=1"[..]));
        // The recording does not show the content of a file, or not the boundary.
        assert!(matches!(body(r#"{"name": "f", "fileName": "f.txt"}"#, multipart), Body::Missing));
        assert!(matches!(body(r#"{"name": "a", "value": "1"}"#, "multipart/form-data"), Body::Missing));
        assert!(matches!(body(r#"{"name": "a", "value": "--b"}"#, multipart), Body::Missing));
    }

    #[test]
    fn cookies_are_read_if_no_header_field_has_them() {
        let cookie = |members: &str| request(members).headers().get("cookie").map(str::to_owned);
        assert_eq!(cookie(r#", "cookies": [{"name": "a", "value": "1"}, {"name": "b", "value": "x"}]"#).as_deref(), Some("a=1; b=x"));
        assert_eq!(cookie(r#", "cookies": {}"#), None);
        assert_eq!(cookie(r#", "cookies": [{"name": "a"}]"#), None);
        let both = r#", "headers": [{"name": "Cookie", "value": "a=2"}], "cookies": [{"name": "a", "value": "1"}]"#;
        assert_eq!(cookie(both).as_deref(), Some("a=2"));
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
