//! Secrets in the places that only documents of other programs have: they are masked, the document is read again, and masking twice changes nothing.

use std::io::Write as _;
use std::ops::ControlFlow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter_contract::MaskConfig;
use charter_traffic::mask::Masker;
use charter_traffic::read::{Forms, Limits, Source, read_known};
use charter_traffic::scrub;

const SECRETS: [&str; 2] = ["Zq001vK8x001Wm2p", "hunt001er"];

/// One uncompressed meta-block of Brotli, RFC 7932, section 9.2, and the empty last block.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let header: u32 = ((bytes.len() as u32 - 1) << 4) | (1 << 20);
    [&header.to_le_bytes()[..3], bytes, &[0x03]].concat()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("gzip")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn source(text: &str) -> Source {
    Source::Bytes { name: "x".into(), bytes: text.as_bytes().into() }
}

fn masked(text: &str) -> String {
    let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
    let mut out = Vec::new();
    scrub(&masker, &source(text), &Limits::default(), &mut out).unwrap_or_else(|error| panic!("{text}: {error}"));
    String::from_utf8(out).expect("text")
}

/// The bodies of the responses.
fn bodies(text: &str) -> Vec<Vec<u8>> {
    let mut bodies = Vec::new();
    read_known(&source(text), &Limits::default(), &Forms { accepts_bare: false, columns: None }, &mut |entry| {
        let exchange = entry.expect("an exchange");
        bodies.push(exchange.response.as_ref().and_then(|response| response.body().bytes()).unwrap_or_default().to_vec());
        ControlFlow::Continue(())
    })
    .unwrap_or_else(|error| panic!("{text}: {error}"));
    bodies
}

/// The masked document. It has as many exchanges, and masking it again changes nothing.
fn check(text: &str) -> String {
    let once = masked(text);
    assert_eq!(masked(&once), once, "masking twice changes nothing");
    assert_eq!(bodies(&once).len(), bodies(text).len(), "{once}");
    once
}

#[test]
fn secrets_in_documents_of_other_programs_are_masked() {
    let request = r#"{"method": "GET", "url": "https://api.example/orders/o1"}"#;
    let postman = |more: &str| {
        format!(
            r#"{{"info": {{"name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}}, "item": [{{"name": "a", "request": {{"method": "POST", "url": "https://api.example/a", {more}}}, "response": [{{"name": "s", "originalRequest": {request}, "code": 200, "body": "{{}}"}}]}}]}}"#
        )
    };
    let openapi = |more: &str| {
        format!(
            r#"{{"openapi": "3.1.0", "info": {{"title": "t", "version": "1"}}, "paths": {{"/a": {{"get": {{"parameters": [{more}], "responses": {{"200": {{"description": "d", "content": {{"application/json": {{"example": {{"id": 1}}}}}}}}}}}}}}}}}}"#
        )
    };
    let cassette = |field: &str, comment: &str| {
        format!(
            "interactions:\n- request:\n    body: null\n    headers:\n      {field}\n    method: GET\n    uri: https://api.example/a\n  response: {comment}\n    body: {{string: '{{}}'}}\n    headers: {{}}\n    status: {{code: 200, message: OK}}\nversion: 1\n"
        )
    };
    let wiremock = |more: &str| {
        format!(
            r#"{{"mappings": [{{"request": {{"method": "GET", "url": "/a", {more}}}, "response": {{"status": 200, "jsonBody": {{}}}}}}]}}"#
        )
    };
    let documents = [
        postman(r#""auth": {"type": "apikey", "apikey": {"key": "X-Any", "value": "§", "in": "header"}}"#),
        postman(r#""auth": {"type": "apikey", "apikey": [{"key": "key", "value": "X-Any"}, {"key": "value", "value": "§"}]}"#),
        postman(
            r#""body": {"mode": "graphql", "graphql": {"query": "mutation($p: [String!]!) { login(passwords: $p) { id } }", "variables": "{\"p\": [\"§\"]}"}}"#,
        ),
        openapi(r#"{"name": "token", "in": "query", "schema": {"type": "string"}, "example": "§"}"#),
        openapi(
            r#"{"name": "X-Api-Key", "in": "header", "schema": {"type": "string", "default": "§"}, "examples": {"a": {"value": "§"}}}"#,
        ),
        wiremock(r#""bodyPatterns": [{"matchesJsonPath": {"expression": "$.password", "equalTo": "§"}}]"#),
        wiremock(r#""multipartPatterns": [{"name": "token", "bodyPatterns": [{"equalTo": "§"}]}]"#),
        cassette("X-Api-Key: &k \"§\"\n      X-Other-Key: *k", ""),
        cassette("X-Api-Key: !!str §", ""),
        cassette("X-Api-Key: &k |-\n        §\n      Accept: x", ""),
        cassette("Accept: x", "# password: §"),
        cassette("Accept: 'a # b' # token=§\n      # api_key: §", ""),
    ];
    for text in &documents {
        for secret in SECRETS {
            let once = check(&text.replace('§', secret));
            assert!(!once.contains(secret), "{once}");
        }
    }
}

#[test]
fn bodies_with_content_codings_are_masked_in_every_document() {
    let body = |secret: &str| format!(r#"{{"id": "o1", "password": "{secret}"}}"#).into_bytes();
    for (coding, encode) in [("br", brotli as fn(&[u8]) -> Vec<u8>), ("gzip", gzip)] {
        for secret in SECRETS {
            let bytes = encode(&body(secret));
            let base64 = STANDARD.encode(&bytes);
            let documents = [
                format!(
                    "interactions:\n- request: {{body: null, headers: {{}}, method: GET, uri: https://api.example/a}}\n  response:\n    body:\n      string: !!binary |\n        {base64}\n    headers:\n      content-encoding: [{coding}]\n    status: {{code: 200, message: OK}}\nversion: 1\n"
                ),
                format!(
                    r#"{{"http_interactions": [{{"request": {{"method": "get", "uri": "https://api.example/a", "body": {{"encoding": "UTF-8", "string": ""}}, "headers": {{}}}}, "response": {{"status": {{"code": 200, "message": "OK"}}, "headers": {{"Content-Encoding": ["{coding}"]}}, "body": {{"encoding": "ASCII-8BIT", "base64_string": "{base64}"}}}}, "recorded_at": "Tue, 14 Jul 2026 11:20:10 GMT"}}], "recorded_with": "VCR 6.0"}}"#
                ),
                format!(
                    r#"[{{"scope": "https://api.example:443", "method": "GET", "path": "/a", "status": 200, "response": ["{}"], "rawHeaders": ["Content-Encoding", "{coding}"], "responseIsBinary": false}}]"#,
                    hex(&bytes)
                ),
                format!(
                    r#"[{{"scope": "https://api.example:443", "method": "GET", "path": "/a", "status": 200, "response": "{}", "rawHeaders": ["Content-Encoding", "{coding}"], "responseIsBinary": true}}]"#,
                    hex(&bytes)
                ),
            ];
            for text in documents {
                assert_eq!(bodies(&text), std::slice::from_ref(&bytes), "{text}");
                let once = check(&text);
                let body = bodies(&once).swap_remove(0);
                let decoded = charter_traffic::coding::decode(&body, &[coding], 1 << 20).expect("a body");
                let decoded = String::from_utf8_lossy(&decoded);
                assert!(decoded.starts_with(r#"{"id": "o1", "password": ""#) && !decoded.contains(secret), "{decoded}");
            }
        }
    }
}

#[test]
fn an_alias_with_a_secret_name_is_refused_if_its_anchor_stays() {
    let text = "interactions:\n- request:\n    body: &k hunt001er\n    headers: {X-Api-Key: *k}\n    method: GET\n    uri: https://api.example/a\n  response: {body: {string: x}, headers: {}, status: {code: 200, message: OK}}\nversion: 1\n";
    let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
    assert_eq!(bodies(text).len(), 1);
    assert!(scrub(&masker, &source(text), &Limits::default(), &mut Vec::new()).is_err());
}
