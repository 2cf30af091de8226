//! Rows of a log, such as that of a gateway: `[traffic.columns]` names the members that hold the parts of an exchange.

use charter_contract::TrafficColumns;

use super::document::{DocumentReader, epoch, fields, instant, message};
use super::tree::{Kind, Node};
use crate::exchange::{Exchange, Request, Response};

/// Adds the exchange of a row. Returns false if the row has not the columns of the URL and the status.
pub(super) fn read_row(columns: &TrafficColumns, row: &Node, reader: &mut DocumentReader<'_>) -> bool {
    if cell(row, &columns.url).is_none() || cell(row, &columns.status).is_none() {
        return false;
    }
    reader.add(row, |reader, exchange| exchange_of(columns, row, reader, exchange));
    true
}

fn exchange_of(columns: &TrafficColumns, row: &Node, reader: &DocumentReader<'_>, exchange: &mut Exchange) -> Result<(), String> {
    let optional = |name: &Option<String>| name.as_deref().and_then(|name| cell(row, name));
    let text = |name: &str| cell(row, name).and_then(Node::text).map(|text| text.into_owned());
    let url = text(&columns.url).ok_or("the URL is not a text")?;
    let method = optional(&columns.method).and_then(Node::text).map_or_else(|| "GET".to_owned(), |method| method.into_owned());
    let body = |name: &Option<String>| optional(name).map(|node| reader.body(node));
    let header_fields = |name: &Option<String>| optional(name).map(parsed_fields).unwrap_or_default();
    // A log seldom has all header fields.
    let request = message(header_fields(&columns.request_headers), false, body(&columns.request_body).unwrap_or_default());
    exchange.request = Some(Request::new(method, url, request));
    let status = cell(row, &columns.status).and_then(Node::integer).and_then(|status| u16::try_from(status).ok());
    let response = message(header_fields(&columns.response_headers), false, body(&columns.response_body).unwrap_or_default());
    exchange.response = Some(Response::new(status.ok_or("the status is not a status code")?, response));
    exchange.timing.started = optional(&columns.time).and_then(time);
    exchange.timing.duration_ms = optional(&columns.duration).and_then(Node::number);
    Ok(())
}

/// The value of a column: a member, or a JSON Pointer. Null counts as absent.
fn cell<'n>(row: &'n Node, name: &str) -> Option<&'n Node> {
    let found = match name.strip_prefix('/') {
        None => row.get(name),
        Some(pointer) => pointer.split('/').try_fold(row, |node, token| {
            let key = charter_json::unescape_token(token);
            if node.is_array() { node.items().get(key.parse::<usize>().ok()?) } else { node.get(&key) }
        }),
    };
    found.filter(|node| !matches!(node.kind, Kind::Null))
}

/// Header fields: as a value, or as a text that holds the value as JSON.
fn parsed_fields(node: &Node) -> Vec<(String, String)> {
    match node.as_str() {
        Some(text) => fields(Node::json(text).as_ref()),
        None => fields(Some(node)),
    }
}

/// An instant: a text, or a number of seconds, milliseconds, microseconds or nanoseconds since the epoch.
fn time(node: &Node) -> Option<jiff::Timestamp> {
    match &node.kind {
        Kind::String(text) => instant(text),
        _ => {
            let number = node.number()?;
            // A number above this one is an instant after the year 5000 in the larger unit.
            let seconds = [1.0, 1e3, 1e6, 1e9].into_iter().map(|unit| number / unit).find(|seconds| seconds.abs() < 1e11);
            seconds.and_then(epoch)
        }
    }
}
