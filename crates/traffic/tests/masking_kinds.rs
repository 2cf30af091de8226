//! Each kind of secret alone in a recorded exchange and in a HAR: it is masked, and masking twice changes nothing. Ordinary values stay.

use std::sync::LazyLock;

use charter_contract::MaskConfig;
use charter_traffic::mask::Masker;
use serde_json::{Value, json};

/// The lists of secrets, with `§` instead of the secret, and of ordinary values.
static KINDS: LazyLock<Value> = LazyLock::new(|| serde_json::from_str(include_str!("masking_kinds.json")).expect("JSON"));

fn texts(list: &str) -> impl Iterator<Item = &'static str> + use<> {
    KINDS[list].as_array().expect("a list").iter().map(|text| text.as_str().expect("a text"))
}

fn fields(list: &str) -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let text = |value: &'static Value| value.as_str().expect("a text");
    KINDS[list].as_array().expect("a list").iter().map(move |field| (text(&field[0]), text(&field[1])))
}

/// A long secret that looks random, and a short password.
const SECRETS: [&str; 2] = ["Zq001vK8x001Wm2p", "hunt001er"];

/// The tokens of links with fewer than 16 characters.
const TOKENS: [&str; 3] = ["aB001dE5fG7h", "8HqLk2TzPq9wXbN", "a1b2c3d4"];

fn masker() -> Masker {
    Masker::new(&MaskConfig::default(), &[]).expect("a masker")
}

/// An exchange as a line of a recording, and as a HAR.
fn documents(url: &str, field: Option<(&str, &str)>, body: &Value) -> [String; 2] {
    let headers: Value = field.into_iter().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let (member, content) = match body {
        Value::String(text) => ("bodyText", text.clone()),
        other => ("body", other.to_string()),
    };
    let line = json!({"format": "charter-exchange/1", "request": {"method": "GET", "url": url, "headers": []},
        "response": {"status": 200, "headers": headers, member: body}, "headersComplete": true});
    let query: Value =
        url::Url::parse(url).expect("a URL").query_pairs().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let har = json!({"log": {"version": "1.2", "entries": [{"startedDateTime": "2026-07-14T11:20:10Z", "time": 1,
        "request": {"method": "GET", "url": url, "headers": [], "queryString": query, "cookies": []},
        "response": {"status": 200, "headers": headers, "cookies": [], "content": {"mimeType": "", "text": content}}}]}});
    [line.to_string(), har.to_string()]
}

/// What is wrong with the masking of documents with a secret.
fn leaks(name: &str, secret: &str, documents: [String; 2], failures: &mut Vec<String>) {
    for text in documents {
        let masked = masker().document(&text);
        let parts = secret.as_bytes().windows(8).map(|part| String::from_utf8_lossy(part).into_owned());
        if parts.into_iter().any(|part| masked.contains(&part)) {
            failures.push(format!("{name}: a secret stays: {masked}"));
        }
        let again = masker().document(&masked);
        if again != masked {
            failures.push(format!("{name}: a second masking:\n  {masked}\n  {again}"));
        }
    }
}

#[test]
fn every_kind_of_secret_is_masked() {
    const URL: &str = "https://api.example/orders/o1";
    let (mut failures, mut count) = (Vec::new(), 0);
    let mut check = |text: &str, secret: &str, documents: [String; 2]| {
        count += 1;
        leaks(text, secret, documents, &mut failures);
    };
    for secret in SECRETS {
        for text in texts("members") {
            let body = format!(r#"{{"id": "o1", "more": {}}}"#, text.replace('§', secret));
            check(text, secret, documents(URL, None, &serde_json::from_str(&body).expect("JSON")));
        }
        for text in texts("texts") {
            check(text, secret, documents(URL, None, &text.replace('§', secret).into()));
        }
    }
    let secret = SECRETS[0];
    for text in texts("links") {
        check(text, secret, documents(URL, None, &json!({"id": "o1", "more": text.replace('§', secret)})));
        check(text, secret, documents(URL, None, &text.replace('§', secret).into()));
    }
    for token in TOKENS {
        for text in texts("shortLinks") {
            // Each masker has other random values.
            for _ in 0..20 {
                check(text, token, documents(URL, None, &json!({"id": "o1", "more": text.replace('§', token)})));
            }
        }
    }
    for text in texts("urls") {
        // Each masker has other random values, and a URL has characters with a meaning.
        for _ in 0..20 {
            check(text, secret, documents(&format!("{URL}{}", text.replace('§', secret)), None, &json!({"id": "o1"})));
        }
    }
    for (name, value) in fields("fields") {
        check(value, secret, documents(URL, Some((name, &value.replace('§', secret))), &json!({"id": "o1"})));
    }
    assert!(failures.is_empty(), "{} failures in {count} cases:\n{}", failures.len(), failures.join("\n"));
}

#[test]
fn ordinary_values_of_every_kind_stay() {
    const URL: &str = "https://api.example/orders/o1?page=2&cursor=a1B2c3D4e5F6g7H8&sort=-id";
    let mut failures = Vec::new();
    let mut check = |text: &str, documents: [String; 2]| {
        for text_of in documents {
            let masked = masker().document(&text_of);
            if masked != text_of {
                failures.push(format!("{text}:\n  {text_of}\n  {masked}"));
            }
        }
    };
    for text in texts("ordinaryValues") {
        let value: Value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}"));
        check(text, documents(URL, None, &json!({"id": "o1", "more": value})));
        check(text, documents(URL, None, &value));
    }
    for (name, value) in fields("ordinaryFields") {
        check(value, documents(URL, Some((name, value)), &json!({"id": "o1"})));
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}
