//! The known form that is most similar to a JSON document of no known form.

use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// A form, and members of its outermost object. A form with several rows has several versions.
struct Form {
    name: &'static str,
    /// The name of a file that this program does not read as a recording, with the remedy.
    remedy: Option<&'static str>,
    members: &'static [&'static str],
}

const fn recording(name: &'static str, members: &'static [&'static str]) -> Form {
    Form { name, remedy: None, members }
}

const fn other(name: &'static str, remedy: &'static str, members: &'static [&'static str]) -> Form {
    Form { name, remedy: Some(remedy), members }
}

#[rustfmt::skip]
static FORMS: &[Form] = &[
    recording("a recorded exchange (charter-exchange/1)", &["format", "startedDateTime", "request", "response", "provoked", "headersComplete"]),
    recording("a HAR", &["log", "entries", "pages", "creator", "browser"]),
    recording("a VCR cassette", &["http_interactions", "recorded_with", "interactions", "version"]),
    recording("a nock recording", &["scope", "method", "path", "status", "rawHeaders", "responseIsBinary"]),
    recording("a Postman collection", &["info", "item", "auth", "event", "variable"]),
    recording("a Newman report", &["collection", "environment", "globals", "run"]),
    recording("a Pact file", &["consumer", "provider", "interactions", "messages", "metadata"]),
    recording("a WireMock mapping", &["request", "response", "mappings", "priority", "scenarioName"]),
    recording("a WireMock request journal", &["requests", "meta", "requestJournalDisabled"]),
    recording("a MockServer expectation", &["httpRequest", "httpResponse", "times", "timeToLive"]),
    recording("OTLP JSON", &["resourceSpans", "resourceLogs"]),
    other("an OpenAPI document", "pass it with --contract", &["openapi", "swagger", "info", "paths", "components", "servers"]),
    other("a JSON Schema", "put it into the folder of the contract", &["$schema", "$defs", "$ref", "definitions"]),
    other("a Postman environment", "export the collection with its saved responses", &["values", "_postman_variable_scope", "_postman_exported_at"]),
    other("an Insomnia export", "export it as HAR", &["_type", "__export_format", "resources"]),
    other("a report of this program", "pass the recordings that it names", &["tool", "contract", "reader", "inputs", "summary", "groups"]),
];

/// The name of the nearest form, and what to do.
pub(in crate::read) fn nearest(document: &[u8]) -> Option<(&'static str, Option<&'static str>)> {
    let members = Deserializer::deserialize_any(&mut serde_json::Deserializer::from_slice(document), Members).ok()?;
    let shared = |form: &Form| form.members.iter().filter(|name| members.iter().any(|member| member == *name)).count();
    // With equal numbers, the first form.
    let best = FORMS.iter().rev().max_by_key(|form| shared(form)).filter(|form| shared(form) > 0)?;
    Some((best.name, best.remedy))
}

/// What to do with a Parquet file whose rows cannot be read.
const PARQUET: &str = if cfg!(feature = "parquet") {
    "it is a Parquet file: name its columns under [traffic.columns] in charter.toml"
} else {
    "it is a Parquet file, and this program was built without the feature `parquet`: write its rows as NDJSON and name its columns under \
     [traffic.columns] in charter.toml"
};

/// Whether a source begins like a Parquet file.
pub(in crate::read) fn has_parquet_mark(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PAR1")
}

/// The message for a source that is not JSON.
pub(in crate::read) fn unknown_text(bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(&bytes[..bytes.len().min(4096)]);
    let begins = |name: &str| text.lines().any(|line| line.starts_with(name));
    let nearest = if begins("openapi:") || begins("swagger:") {
        "it resembles an OpenAPI document: pass it with --contract"
    } else if begins("interactions:") || begins("http_interactions:") || text.contains("- request:") {
        "it resembles a VCR cassette, but lacks a part of this form"
    } else if text.trim_start().starts_with('<') {
        "it is an HTML page or XML: export the recording as HAR"
    } else if text.contains(" HTTP/1.") {
        "it resembles messages of HTTP as text: record them as HAR"
    } else if has_parquet_mark(bytes) {
        PARQUET
    } else if bytes.starts_with(b"PK\x03\x04") || bytes.get(257..262) == Some(b"ustar") {
        "it is an archive of files: unpack it"
    } else if matches!(bytes, [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [b'{' | b'[', 0, ..] | [0, b'{' | b'[', ..]) {
        "it is text in UTF-16: convert it to UTF-8"
    } else if bytes.starts_with(b"SQLite format 3\0") {
        "it is a SQLite database: write its rows as NDJSON and name its columns under [traffic.columns] in charter.toml"
    } else if is_table(&text) {
        "it resembles CSV: write its rows as NDJSON and name its columns under [traffic.columns] in charter.toml"
    } else if bytes.starts_with(&[0xd4, 0xc3, 0xb2, 0xa1]) || bytes.starts_with(&[0x0a, 0x0d, 0x0d, 0x0a]) {
        "it is a packet capture: record HTTP with a proxy"
    } else {
        "it is not JSON, and neither a YAML cassette nor a flow file; export HAR, or write NDJSON, whose schema `charter schema recording` prints"
    };
    format!("the form of this file is not known: {nearest}")
}

/// Whether the first two lines have the same number of separators.
fn is_table(text: &str) -> bool {
    let mut lines = text.lines().map(|line| [',', ';', '\t'].map(|separator| line.matches(separator).count()));
    match (lines.next(), lines.next()) {
        (Some(first), Some(second)) => first.iter().zip(&second).any(|(first, second)| *first > 0 && first == second),
        _ => false,
    }
}

/// The names of the members of an object, or of the first object of an array.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object or an array of objects")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut names = Vec::new();
        while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
            names.push(name);
        }
        Ok(names)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let first = items.next_element::<serde_json::Value>()?;
        while let Some(IgnoredAny) = items.next_element()? {}
        Ok(first.and_then(|first| first.as_object().map(|object| object.keys().cloned().collect())).unwrap_or_default())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_not_json_are_named() {
        let cases: [(&[u8], &str); 9] = [
            (b"openapi: 3.1.0\n", "an OpenAPI document"),
            (b"GET / HTTP/1.1\r\n", "messages of HTTP"),
            (b"PK\x03\x04\x14", "an archive"),
            (b"\xff\xfe{\0", "UTF-16"),
            (b"\0{\0}", "UTF-16"),
            (b"SQLite format 3\0", "SQLite"),
            (b"<items><item/></items>", "XML"),
            (b"url,status\n/a,200\n", "CSV"),
            (b"hello", "not JSON"),
        ];
        for (bytes, wanted) in cases {
            let message = unknown_text(bytes);
            assert!(message.contains(wanted), "{message}");
        }
    }

    #[test]
    fn the_form_with_the_most_members_in_common_is_the_nearest() {
        let name = |text: &str| nearest(text.as_bytes()).map(|(name, _)| name);
        assert_eq!(name(r#"{"entries": [], "creator": {}}"#), Some("a HAR"));
        assert_eq!(name(r#"[{"httpRequest": {}, "id": 1}]"#), Some("a MockServer expectation"));
        assert_eq!(name(r#"{"openapi": "3.1.0", "info": {}, "paths": {}}"#), Some("an OpenAPI document"));
        assert_eq!(name(r#"{"a": 1}"#), None);
        assert_eq!(name("12"), None);
    }
}
