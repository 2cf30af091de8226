//! OTLP JSON: spans and log records with the HTTP attributes of OpenTelemetry. A file has one document, or one on each line.

use super::Format;
use super::document::{DocumentReader, encoded, message};
use super::tree::Node;
use crate::exchange::{Body, Exchange, Request, Response};

const BODIES: [&str; 3] = ["", ".text", ".content"];

pub(super) struct Otlp;

impl Format for Otlp {
    fn members(&self) -> &'static [&'static str] {
        &["resourceSpans", "resourceLogs"]
    }

    fn read_tree(&self, root: &Node, reader: &mut DocumentReader<'_>) -> bool {
        let (spans, logs) = (root.get("resourceSpans"), root.get("resourceLogs"));
        if spans.is_none() && logs.is_none() {
            return false;
        }
        for (resources, scopes, records) in [
            (spans, ["scopeSpans", "instrumentationLibrarySpans"], "spans"),
            (logs, ["scopeLogs", "instrumentationLibraryLogs"], "logRecords"),
        ] {
            let scopes = resources.map(Node::items).unwrap_or_default().iter().filter_map(|resource| resource.any(&scopes));
            let records = scopes.flat_map(Node::items).filter_map(|scope| scope.get(records)).flat_map(Node::items);
            for record in records {
                let attributes = Attributes(record.get("attributes").map(Node::items).unwrap_or_default());
                if attributes.text(&["http.request.method", "http.method"]).is_none() {
                    reader.skip("span or log record without the attributes of a request");
                    continue;
                }
                reader.add(record, |reader, exchange| self::record(reader, record, attributes, exchange));
            }
        }
        true
    }
}

/// Attributes: objects with `key`, and `value` by its type.
#[derive(Clone, Copy)]
struct Attributes<'n>(&'n [Node]);

impl<'n> Attributes<'n> {
    fn get(self, name: &str) -> Option<&'n Node> {
        self.0.iter().find(|attribute| attribute.str("key") == Some(name))?.get("value")
    }

    /// The text of the first attribute that is there.
    fn text(self, names: &[&str]) -> Option<String> {
        names.iter().find_map(|name| {
            self.get(name)?.any(&["stringValue", "intValue", "doubleValue", "boolValue"])?.text().map(|text| text.into_owned())
        })
    }

    /// The header fields of a side, such as `http.response.header.content-type`.
    fn fields(self, side: &str) -> Vec<(String, String)> {
        let prefix = format!("http.{side}.header.");
        let mut fields = Vec::new();
        for attribute in self.0 {
            let Some(name) = attribute.str("key").and_then(|key| key.strip_prefix(&prefix)) else { continue };
            let Some(value) = attribute.get("value") else { continue };
            let list = value.get("arrayValue").and_then(|list| list.get("values")).map(Node::items).unwrap_or(std::slice::from_ref(value));
            // The older convention replaces `-` by `_`.
            fields.extend(list.iter().filter_map(|value| value.str("stringValue")).map(|value| (name.replace('_', "-"), value.to_owned())));
        }
        fields
    }

    fn body(self, reader: &DocumentReader<'_>, side: &str) -> Body {
        let value = BODIES.iter().find_map(|suffix| self.get(&format!("http.{side}.body{suffix}")));
        match value {
            Some(value) => match (value.get("stringValue"), value.str("bytesValue")) {
                (Some(text), _) => reader.body(text),
                (None, Some(bytes)) => super::document::base64(bytes).unwrap_or_default(),
                (None, None) => encoded(plain(value).to_string().into_bytes()),
            },
            None => Body::Missing,
        }
    }
}

/// The JSON value of a value by its type.
fn plain(value: &Node) -> serde_json::Value {
    match value.members() {
        [(kind, inner)] => match &**kind {
            "arrayValue" => inner.get("values").map(Node::items).unwrap_or_default().iter().map(plain).collect(),
            "kvlistValue" => {
                let pairs = inner.get("values").map(Node::items).unwrap_or_default();
                let pairs = pairs.iter().filter_map(|pair| Some((pair.str("key")?.to_owned(), plain(pair.get("value")?))));
                serde_json::Value::Object(pairs.collect())
            }
            "intValue" => inner.integer().into(),
            _ => inner.to_value(),
        },
        _ => serde_json::Value::Null,
    }
}

fn record(reader: &DocumentReader<'_>, node: &Node, attributes: Attributes<'_>, exchange: &mut Exchange) -> Result<(), String> {
    let method = attributes.text(&["http.request.method_original", "http.request.method", "http.method"]).unwrap_or_default();
    let url = url(attributes).ok_or("the span has no URL: neither url.full nor url.path")?;
    exchange.request = Some(Request::new(method, url, message(attributes.fields("request"), false, attributes.body(reader, "request"))));
    let nanos = |key: &str| node.get(key).and_then(Node::text)?.parse::<i128>().ok();
    let started = nanos("startTimeUnixNano").or_else(|| nanos("timeUnixNano"));
    exchange.timing.started = started.and_then(|nanos| jiff::Timestamp::from_nanosecond(nanos).ok());
    exchange.timing.duration_ms = started.zip(nanos("endTimeUnixNano")).map(|(start, end)| (end - start) as f64 / 1e6);
    match attributes.text(&["http.response.status_code", "http.status_code"]) {
        Some(status) => {
            let status = status.parse().map_err(|_| "the status is not a status code")?;
            exchange.response =
                Some(Response::new(status, message(attributes.fields("response"), false, attributes.body(reader, "response"))));
        }
        None => exchange.error = Some(attributes.text(&["error.type"]).unwrap_or_else(|| "no response".to_owned())),
    }
    Ok(())
}

fn url(attributes: Attributes<'_>) -> Option<String> {
    if let Some(full) = attributes.text(&["url.full", "http.url"]) {
        return Some(full);
    }
    let target = attributes.text(&["http.target"]).or_else(|| {
        let query = attributes.text(&["url.query"]).filter(|query| !query.is_empty()).map(|query| format!("?{query}")).unwrap_or_default();
        Some(format!("{}{query}", attributes.text(&["url.path"])?))
    })?;
    let host = attributes.text(&["server.address", "http.host", "net.host.name"]);
    let scheme = attributes.text(&["url.scheme", "http.scheme"]);
    Some(match (scheme, host) {
        (Some(scheme), Some(host)) => {
            let port = attributes
                .text(&["server.port", "net.host.port"])
                .filter(|port| !matches!((&*scheme, &**port), ("http", "80") | ("https", "443")) && !host.contains(':'));
            format!("{scheme}://{host}{}{target}", port.map(|port| format!(":{port}")).unwrap_or_default())
        }
        _ => target,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_by_their_type_become_json() {
        let text =
            r#"{"kvlistValue": {"values": [{"key": "a", "value": {"arrayValue": {"values": [{"intValue": "1"}, {"boolValue": true}]}}}]}}"#;
        let node = Node::json(text).expect("JSON");
        assert_eq!(plain(&node).to_string(), r#"{"a":[1,true]}"#);
    }
}
