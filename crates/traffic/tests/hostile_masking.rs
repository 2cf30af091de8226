//! Hostile texts: masking reads each byte a limited number of times. A search that reads the rest of a text at each of its parts does not end here: the texts have up to 100,000
//! parts.

use charter_contract::MaskConfig;
use charter_traffic::mask::Masker;
use charter_traffic::read::{Limits, Source};
use charter_traffic::scrub;

const LENGTH: usize = 256 << 10;

/// Parts that are repeated.
const PARTS: [&str; 39] = [
    "password ",
    "password=",
    "key=",
    "key:",
    "token:a",
    "token:a,",
    "code=a-b;",
    "&key=",
    "?sig=a&",
    "session=\"a",
    "session='a\"",
    "key=\"\"\"a",
    "key=\\\"a",
    "token={{",
    "\"key\",\"",
    "\"name\":\"key\",\"value\":\"a b",
    "<key a='",
    "<name>key</name>",
    "<secret><a>x</a>",
    "<a name=key value=b ",
    "</key><key>",
    "<![CDATA[",
    "<input name=\"key",
    "curl mysql -u a:b1234 ",
    "curl ",
    "a@b.example;",
    "token=a;a@b.example ",
    "://a@",
    "/reset/",
    "eyJ-AKIA0123456789ABCDEF-",
    "SG.eyJaaaaaaaa.",
    "-----BEGIN PRIVATE KEY-----",
    "bearer bearer",
    "%25",
    "&amp;",
    "=3D=\n",
    "%25&amp;\\\\=3D\n",
    "cGFzc3dvcmQ9WnE4MXZLOHg= ",
    "UGFzc3dvcmQvUGFzc3dvcmQv",
];

#[test]
fn hostile_texts_are_masked_in_linear_time() {
    let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
    for part in PARTS {
        let text = part.repeat(LENGTH / part.len());
        masker.text(&text);
    }
}

/// Masks a request with a body.
fn scrubbed(body: &str) -> usize {
    let request = serde_json::json!({"method": "POST", "url": "https://api.example/a", "headers": [], "bodyText": body});
    let line =
        serde_json::json!({"format": "charter-exchange/1", "request": request, "response": {"status": 200, "headers": []}}).to_string();
    let config = serde_json::from_value(serde_json::json!({"pointers": ["/**"]})).expect("settings");
    let masker = Masker::new(&config, &[]).expect("a masker");
    let mut out = Vec::new();
    scrub(&masker, &Source::Bytes { name: "a.ndjson".into(), bytes: line.into_bytes().into() }, &Limits::default(), &mut out)
        .expect("a recording");
    out.len()
}

#[test]
fn hostile_bodies_are_masked_in_linear_time() {
    for newline in ["\n", "\r\n"] {
        let part = ["--b", "content-disposition: form-data; name=\"password\"", "", "a1b2c3", ""].join(newline);
        assert!(scrubbed(&part.repeat(LENGTH / part.len())) > LENGTH);
    }
    assert!(scrubbed(&format!("--b\n{}", "content-disposition:".repeat(LENGTH / 20))) > LENGTH);
    let items: Vec<String> = (0..LENGTH / 16).map(|number| format!("item number {number}")).collect();
    assert!(scrubbed(&serde_json::Value::from(items).to_string()) > LENGTH);
}
