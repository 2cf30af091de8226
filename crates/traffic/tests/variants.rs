//! Variants of the formats of other programs, after their documentation: what each exchange is read as.

use std::ops::ControlFlow;

use charter_traffic::Exchange;
use charter_traffic::exchange::{Body, Message};
use charter_traffic::read::{Limits, Source, SourceSummary, read};

fn read_bytes(bytes: Vec<u8>) -> (Vec<Exchange>, SourceSummary) {
    let mut exchanges = Vec::new();
    let source = Source::Bytes { name: "recording".into(), bytes: bytes.into() };
    let summary = read(&source, &Limits::default(), &mut |entry| {
        exchanges.push(entry.expect("an exchange"));
        ControlFlow::Continue(())
    });
    (exchanges, summary.expect("a recording"))
}

fn body(message: &Message) -> String {
    match &message.body {
        Body::Bytes { bytes, .. } => String::from_utf8_lossy(bytes).into_owned(),
        _ => "?".to_owned(),
    }
}

/// The exchanges, each as `METHOD URL content-type body => STATUS content-type body`; `-` is an absent content type, `?` an unknown body.
fn lines(text: &str) -> Vec<String> {
    let content = |message: &Message| format!("{} {}", message.headers.get("content-type").unwrap_or("-"), body(message));
    let line = |exchange: &Exchange| {
        assert!(!exchange.bare, "{text}");
        let request = exchange.request.as_ref().expect("a request");
        let response = exchange.response.as_ref().map(|response| format!("{} {}", response.status, content(&response.message)));
        let response = response.unwrap_or_else(|| exchange.error.clone().expect("an error"));
        format!("{} {} {} => {response}", request.method, request.url, content(&request.message))
    };
    read_bytes(text.as_bytes().to_vec()).0.iter().map(line).collect()
}

fn skipped(text: &str) -> Vec<(&'static str, u64)> {
    read_bytes(text.as_bytes().to_vec()).1.skipped
}

const JSON: &str = "application/json";

#[test]
fn postman() {
    let collection = |items: &str| {
        format!(
            r#"{{"info": {{"name": "n", "schema": "https://schema.getpostman.com/json/collection/v2.0.0/collection.json"}}, "variable": [{{"key": "host", "value": "api.example"}}], "item": [{items}]}}"#
        )
    };
    let item = |request: &str, code: u16| {
        format!(
            r#"{{"name": "n", "request": {request}, "response": [{{"code": {code}, "header": "Content-Type: application/json\nx: y\n", "body": "{{}}"}}]}}"#
        )
    };
    let cases = [
        (r#""https://api.example/a?b=c""#, "GET https://api.example/a?b=c - "),
        (r#"{"method": "GET", "url": "{{base}}/a"}"#, "GET /a - "),
        (r#"{"method": "GET", "url": "https://{{host}}/a"}"#, "GET https://api.example/a - "),
        (
            r#"{"method": "GET", "url": {"host": ["{{base}}"], "path": ["a", ":id"], "variable": [{"key": "id", "value": "7"}], "query": [{"key": "q", "value": "x y"}, {"key": "no", "value": "1", "disabled": true}]}}"#,
            "GET /a/7?q=x+y - ",
        ),
        (
            r#"{"method": "GET", "url": {"protocol": "https", "host": "api.example", "port": "8443", "path": "/a/b"}}"#,
            "GET https://api.example:8443/a/b - ",
        ),
        (r#"{"method": "GET", "url": {"raw": "https://api.example/raw"}}"#, "GET https://api.example/raw - "),
        (
            r#"{"method": "POST", "url": "/a", "body": {"mode": "urlencoded", "urlencoded": [{"key": "a", "value": "1 2"}]}}"#,
            "POST /a application/x-www-form-urlencoded a=1+2",
        ),
        (
            r#"{"method": "POST", "url": "/a", "body": {"mode": "raw", "raw": "{\"h\": \"{{host}}\"}", "options": {"raw": {"language": "json"}}}}"#,
            "POST /a application/json {\"h\": \"api.example\"}",
        ),
        (
            r#"{"method": "POST", "url": "/a", "body": {"mode": "graphql", "graphql": {"query": "{a}", "variables": "{\"b\": 1}"}}}"#,
            "POST /a application/json {\"query\":\"{a}\",\"variables\":{\"b\":1}}",
        ),
        (
            r#"{"method": "POST", "url": "/a", "body": {"mode": "formdata", "formdata": [{"key": "f", "type": "file", "src": "x"}]}}"#,
            "POST /a - ?",
        ),
    ];
    for (request, expected) in cases {
        let items = item(request, 200);
        let wrapped = format!(r#"{{"collection": {}}}"#, collection(&items));
        let nested = collection(&format!(r#"{{"name": "folder", "item": [{{"name": "folder", "item": [{items}]}}]}}"#));
        for text in [collection(&items), wrapped, nested] {
            assert_eq!(lines(&text), [format!("{expected} => 200 {JSON} {{}}")], "{text}");
        }
    }
    let without = collection(r#"{"name": "n", "request": "/a"}, {"name": "n", "request": "/b", "response": []}"#);
    assert_eq!(skipped(&without), [("request without a saved response", 2)]);
    let newman = r#"{"collection": {}, "run": {"executions": [{"request": {"method": "GET", "url": {"path": ["a"]}}, "requestError": {"code": "ECONNREFUSED"}},
        {"request": {"method": "GET", "url": {"path": ["a"]}}, "response": {"code": 200, "header": [], "stream": [123, 125]}}]}}"#;
    assert_eq!(lines(newman), ["GET /a -  => ECONNREFUSED", "GET /a -  => 200 - {}"]);
}

#[test]
fn pact() {
    let pact = |interaction: &str| {
        format!(r#"{{"consumer": {{"name": "a"}}, "provider": {{"name": "b"}}, "interactions": [{interaction}], "metadata": {{}}}}"#)
    };
    let cases = [
        (
            r#"{"request": {"method": "get", "path": "/a", "query": "b=c&d"}, "response": {"status": 200, "body": [1]}}"#,
            "GET /a?b=c&d -  => 200 application/json [1]",
        ),
        (r#"{"request": {"method": "GET", "path": "/a", "query": {"b": ["c", "d"]}}, "response": {}}"#, "GET /a?b=c&b=d -  => 200 - ?"),
        (
            r#"{"request": {"method": "GET", "path": "/a"}, "response": {"status": 200, "headers": {"Content-Type": "text/plain"}, "body": "x"}}"#,
            "GET /a -  => 200 text/plain x",
        ),
        (
            r#"{"request": {"method": "GET", "path": "/a"}, "response": {"status": 200, "headers": {"Content-Type": ["application/json"]}, "body": "x"}}"#,
            "GET /a -  => 200 application/json \"x\"",
        ),
        (
            r#"{"type": "Synchronous/HTTP", "request": {"method": "POST", "path": "/a", "body": {"content": "e30=", "contentType": "application/json", "encoded": "base64"}}, "response": {"status": 204}}"#,
            "POST /a application/json {} => 204 - ?",
        ),
        (
            r#"{"type": "Synchronous/HTTP", "request": {"method": "GET", "path": "/a"}, "response": {"status": 200, "body": {"content": "<a/>", "contentType": "application/xml", "encoded": false}}}"#,
            "GET /a -  => 200 application/xml <a/>",
        ),
    ];
    for (interaction, expected) in cases {
        assert_eq!(lines(&pact(interaction)), [expected]);
    }
    assert_eq!(skipped(&pact(r#"{"type": "Asynchronous/Messages", "contents": {}}"#)), [("message of a Pact file", 1)]);
    assert_eq!(skipped(r#"{"consumer": {}, "provider": {}, "messages": [{"contents": {}}]}"#), [("message of a Pact file", 1)]);
}

#[test]
fn wiremock() {
    let cases = [
        (r#"{"request": {"method": "GET", "url": "/a?b=c"}, "response": {"body": "x"}}"#, vec!["GET /a?b=c -  => 200 - x"]),
        (
            r#"{"request": {"method": "GET", "urlPath": "/a", "queryParameters": {"b": {"equalTo": "c d"}}}, "response": {"status": 201, "base64Body": "e30="}}"#,
            vec!["GET /a?b=c+d -  => 201 - {}"],
        ),
        (
            r#"{"request": {"method": "PUT", "url": "/a", "bodyPatterns": [{"equalToJson": {"a": 1}}]}, "response": {"status": 200, "jsonBody": {"b": 2}}}"#,
            vec![r#"PUT /a - {"a": 1} => 200 - {"b": 2}"#],
        ),
        (
            r#"{"request": {"method": "PUT", "url": "/a", "bodyPatterns": [{"matches": "x"}]}, "response": {"status": 200, "bodyFileName": "a.json"}}"#,
            vec!["PUT /a - ? => 200 - ?"],
        ),
        (r#"{"request": {"method": "ANY", "url": "/a"}, "response": {"status": 200}}"#, vec![]),
        (r#"{"request": {"method": "GET", "urlPathPattern": "/a.*"}, "response": {"status": 200}}"#, vec![]),
        (r#"{"request": {"method": "GET", "url": "/a"}, "response": {"proxyBaseUrl": "http://b"}}"#, vec![]),
        (
            r#"{"requests": [{"request": {"url": "/a", "method": "GET", "headers": {"A": ["b", "c"]}}, "responseDefinition": {"status": 404, "body": ""}}]}"#,
            vec!["GET /a -  => 404 - "],
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(text), expected, "{text}");
        assert_eq!(skipped(text), if expected.is_empty() { vec![("mapping that is not one exchange", 1)] } else { vec![] }, "{text}");
    }
}

#[test]
fn mockserver() {
    let cases = [
        (r#"{"httpRequest": {"path": "/a"}, "httpResponse": {}}"#, "GET /a -  => 200 - "),
        (
            r#"{"httpRequest": {"method": "POST", "path": "/a", "queryStringParameters": {"b": ["c"]}, "body": {"type": "STRING", "string": "x"}}, "httpResponse": {"statusCode": 201, "body": {"a": 1}}}"#,
            r#"POST /a?b=c - x => 201 application/json {"a": 1}"#,
        ),
        (
            r#"{"httpRequest": {"method": "POST", "path": "/a", "headers": [{"name": "content-type", "values": ["a/b"]}], "body": {"type": "BINARY", "base64Bytes": "e30="}}, "httpResponse": {"statusCode": 200, "body": "y"}}"#,
            "POST /a a/b {} => 200 - y",
        ),
        (
            r#"{"httpRequest": {"method": "POST", "path": "/a", "body": {"type": "JSON", "json": "{\"a\":1}"}}, "httpResponse": {"body": {"type": "JSON", "json": {"b": 2}}}}"#,
            r#"POST /a application/json {"a":1} => 200 application/json {"b": 2}"#,
        ),
        (
            r#"{"httpRequest": {"method": "POST", "path": "/a", "body": {"type": "REGEX", "regex": "x"}}, "httpResponse": {}}"#,
            "POST /a - ? => 200 - ",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(text), [expected]);
        assert_eq!(lines(&format!("[{text}, {text}]")), [expected, expected]);
    }
    let others =
        r#"[{"httpRequest": {"path": "/a"}, "httpForward": {"host": "b"}}, {"httpRequest": {"method": "GET"}, "httpResponse": {}}]"#;
    assert_eq!(skipped(others), [("expectation that is not one exchange", 2)]);
}

#[test]
fn nock() {
    let cases = [
        (r#"{"scope": "https://a:443", "method": "GET", "path": "/b", "response": ""}"#, "GET https://a:443/b -  => 200 - "),
        (
            r#"{"scope": "https://a", "method": "POST", "path": "/b", "body": "x=1", "status": 200, "response": "7b7d", "responseIsBinary": true, "headers": {"Content-Type": "application/json"}}"#,
            "POST https://a/b - x=1 => 200 application/json {}",
        ),
        (
            r#"{"scope": "https://a", "method": "GET", "path": "/b", "status": 200, "response": ["7b", "7d"], "rawHeaders": ["content-encoding", "identity"]}"#,
            "GET https://a/b -  => 200 - {}",
        ),
        (
            r#"{"scope": "https://a", "method": "GET", "path": "/b", "status": 200, "response": ["7b", "7d"], "rawHeaders": [["a", "b"]]}"#,
            r#"GET https://a/b -  => 200 - ["7b", "7d"]"#,
        ),
    ];
    for (definition, expected) in cases {
        assert_eq!(lines(&format!("[{definition}]")), [expected]);
    }
}

#[test]
fn cassettes() {
    let cases = [
        // go-vcr, versions 1 and 2
        (
            "version: 1\ninteractions:\n- request:\n    body: \"\"\n    headers: {A: [b]}\n    url: http://a/b\n    method: GET\n  response:\n    body: '{}'\n    headers:\n      Content-Type:\n      - application/json\n    status: 200 OK\n    code: 200\n    duration: \"\"\n",
            "GET http://a/b -  => 200 application/json {}",
        ),
        // no response
        (
            "http_interactions:\n- request: {uri: http://a/b, method: get, body: null}\n  response: null\nrecorded_with: x\n",
            "GET http://a/b -  => no response",
        ),
        // a block scalar
        (
            "interactions:\n- request: {uri: http://a/b, method: GET, body: null}\n  response:\n    status: {code: 200, message: OK}\n    headers: {Content-Type: application/json}\n    body:\n      string: |-\n        {\n          \"a\": 1\n        }\nversion: 1\n",
            "GET http://a/b -  => 200 application/json {\n  \"a\": 1\n}",
        ),
    ];
    for (text, expected) in cases {
        assert_eq!(lines(text), [expected], "{text}");
    }
    let (exchanges, _) = read_bytes(block_scalar().as_bytes().to_vec());
    let response = exchanges[0].response.as_ref().expect("a response");
    let at = body(&response.message).find("\"a\"").expect("a key");
    let position = response.body().position(at).expect("a position");
    assert_eq!((position.line, position.column), (9, 11));
}

/// A block scalar of JSON whose key `a` is at line 9, column 11.
fn block_scalar() -> String {
    "interactions:\n- request: {uri: http://a/b, method: GET, body: null}\n  response:\n    status: {code: 200}\n    headers: {}\n    body:\n      string: |-\n        {\n          \"a\": 1\n        }\nversion: 1\n".to_owned()
}

fn netstring(payload: &str, tag: char) -> String {
    format!("{}:{payload}{tag}", payload.len())
}

fn flow(members: &[(&str, String)]) -> String {
    let members: String = members.iter().map(|(name, value)| format!("{}{value}", netstring(name, ';'))).collect();
    netstring(&members, '}')
}

#[test]
fn mitmproxy() {
    let text = |text: &str| netstring(text, ';');
    let request = flow(&[
        ("method", text("GET")),
        ("scheme", text("https")),
        ("host", text("a")),
        ("port", netstring("8443", '#')),
        ("path", text("/b")),
        ("content", netstring("", ',')),
        ("headers", netstring("", ']')),
    ]);
    let failed = flow(&[
        ("type", text("http")),
        ("request", request.clone()),
        ("response", netstring("", '~')),
        ("error", flow(&[("msg", text("refused"))])),
    ]);
    let field = netstring(&[netstring("Content-Type", ','), netstring("application/json", ',')].concat(), ']');
    let response = flow(&[("status_code", netstring("200", '#')), ("headers", netstring(&field, ']')), ("content", netstring("{}", ','))]);
    let good = flow(&[("version", netstring("20", '#')), ("type", text("http")), ("request", request), ("response", response)]);
    let tcp = flow(&[("type", text("tcp")), ("messages", netstring("", ']'))]);
    let all = [failed, tcp, good].concat();
    assert_eq!(lines(&all), ["GET https://a:8443/b -  => refused", "GET https://a:8443/b -  => 200 application/json {}"]);
    assert_eq!(skipped(&all), [("flow that is not HTTP", 1)]);
}

#[test]
fn otlp() {
    let attributes = |pairs: &[(&str, &str)]| {
        pairs.iter().map(|(key, value)| format!(r#"{{"key": "{key}", "value": {value}}}"#)).collect::<Vec<_>>().join(", ")
    };
    let old = attributes(&[
        ("http.method", r#"{"stringValue": "GET"}"#),
        ("http.scheme", r#"{"stringValue": "https"}"#),
        ("http.host", r#"{"stringValue": "a"}"#),
        ("http.target", r#"{"stringValue": "/b?c=d"}"#),
        ("http.status_code", r#"{"intValue": "204"}"#),
        ("http.response.header.content_type", r#"{"arrayValue": {"values": [{"stringValue": "text/plain"}]}}"#),
    ]);
    let new = attributes(&[
        ("http.request.method", r#"{"stringValue": "POST"}"#),
        ("url.scheme", r#"{"stringValue": "http"}"#),
        ("server.address", r#"{"stringValue": "a"}"#),
        ("server.port", r#"{"intValue": 80}"#),
        ("url.path", r#"{"stringValue": "/b"}"#),
        ("url.query", r#"{"stringValue": "c=d"}"#),
        ("http.request.body.text", r#"{"stringValue": "{}"}"#),
        ("error.type", r#"{"stringValue": "timeout"}"#),
    ]);
    let spans = format!(
        r#"{{"resourceSpans": [{{"scopeSpans": [{{"spans": [{{"attributes": [{old}]}}, {{"name": "db", "attributes": []}}, {{"attributes": [{new}]}}]}}]}}]}}"#
    );
    let expected = ["GET https://a/b?c=d - ? => 204 text/plain ?", "POST http://a/b?c=d - {} => timeout"];
    assert_eq!(lines(&spans), expected);
    assert_eq!(skipped(&spans), [("span or log record without the attributes of a request", 1)]);
    let logs = format!(r#"{{"resourceLogs": [{{"scopeLogs": [{{"logRecords": [{{"attributes": [{old}]}}]}}]}}]}}"#);
    assert_eq!(lines(&logs), expected[..1]);
    // One document on each line.
    assert_eq!(lines(&format!("{spans}\n{logs}\n")), [expected[0], expected[1], expected[0]]);
}

#[test]
fn urls_are_read_only_if_the_program_can() {
    use std::io::{self, Read};

    use charter_traffic::read::{ReadError, Remote, RemoteObject, find, set_remote};

    struct Store;
    impl Remote for Store {
        fn list(&self, url: &str) -> io::Result<Vec<RemoteObject>> {
            let names: &[&str] = if url.ends_with('/') { &["a.har?sig=x", "b.har"] } else { &[""] };
            Ok(names.iter().map(|name| RemoteObject { url: format!("{url}{name}"), size: None }).collect())
        }

        fn open(&self, _: &str) -> io::Result<Box<dyn Read + Send>> {
            Ok(Box::new(&br#"{"log": {"entries": []}}"#[..]))
        }
    }

    for url in ["s3://bucket/a.har", "gs://bucket/a.har", "az://container/a.har", "https://files.example/a.har"] {
        let error = find(url).expect_err("no reader of URLs");
        assert!(
            matches!(error, ReadError::NoRemote) && error.remedy().is_some_and(|remedy| remedy.contains("--features cloud")),
            "{error}"
        );
    }
    set_remote(Box::new(Store));
    let found = find("s3://bucket/folder/").expect("two objects");
    // A query may have a signature, so that reports do not have it.
    let names: Vec<String> = found.sources.iter().map(|source| source.name().to_string()).collect();
    assert_eq!((found.is_folder, names), (true, vec!["s3://bucket/folder/a.har".to_owned(), "s3://bucket/folder/b.har".to_owned()]));
    let summary = read(&found.sources[0], &Limits::default(), &mut |_| ControlFlow::Continue(())).expect("a HAR");
    assert_eq!(summary.entries, 0);
}
