//! Assigns entries to partitions by the resource of their exchange, so that one partition has all observations of a resource.

use std::sync::Arc;

use charter_contract::{Position, json};
use serde_json::Value;

use charter_report::Partition;

use crate::Judge;
use crate::operation::operation_for;
use charter_traffic::exchange::{Exchange, Headers, Message, Request};
use charter_traffic::read::{Entry, Line, MARK, read_line};

/// The start position of a line that is read alone.
const BEGINNING: Position = Position { byte: 0, line: 1, column: 1 };

/// Whether an entry belongs to a partition: by its resource, else by its index in the source.
pub(crate) fn owns(partition: Partition, judge: &Judge, entry: &Entry, source: &Arc<str>) -> bool {
    match entry {
        Ok(exchange) => has(partition, of_exchange(judge, exchange), source, exchange.origin.index),
        Err(error) => has(partition, None, source, error.index),
    }
}

/// Whether a line belongs to a partition. Only the parts of the line that determine it are parsed.
pub(crate) fn owns_line(partition: Partition, judge: &Judge, line: &Line<'_>, source: &Arc<str>) -> bool {
    has(partition, line.bytes().and_then(|bytes| of_line(judge, bytes)), source, line.index())
}

fn has(partition: Partition, resource: Option<String>, source: &Arc<str>, index: usize) -> bool {
    match resource {
        Some(resource) => partition.has(&[b"resource", resource.as_bytes()]),
        None => partition.has(&[b"entry", source.as_bytes(), &(index as u64).to_le_bytes()]),
    }
}

/// The parts of an exchange that determine its resource.
struct Head<'e> {
    /// Only a body is known.
    bare: bool,
    request: Option<&'e Request>,
    status: Option<u16>,
    body: &'e dyn Fn() -> Option<&'e [u8]>,
}

fn of_exchange(judge: &Judge, exchange: &Exchange) -> Option<String> {
    let response = exchange.response.as_ref();
    let body = || response?.body().bytes();
    let status = response.map(|response| response.status);
    resource(judge, &Head { bare: exchange.bare, request: exchange.request.as_ref(), status, body: &body })
}

/// The resource of an unparsed line. A line that is not an exchange is never observed, so any partition may have it.
fn of_line(judge: &Judge, line: &[u8]) -> Option<String> {
    let value = |pointer: &str| serde_json::from_slice::<Value>(&line[json::locate(line, pointer)?]).ok();
    let text = |pointer: &str| value(pointer)?.as_str().map(str::to_owned);
    if !text("/format").is_some_and(|format| format.starts_with(MARK)) {
        return resource(judge, &Head { bare: true, request: None, status: None, body: &|| Some(line) });
    }
    let fields = || match value("/request/headers")? {
        Value::Array(fields) => {
            fields.iter().map(|field| Some((field["name"].as_str()?.to_owned(), field["value"].as_str()?.to_owned()))).collect()
        }
        _ => None,
    };
    let headers = Headers { fields: fields().unwrap_or_default(), complete: false };
    let message = Message { headers, ..Message::default() };
    let request = Request::new(text("/request/method")?, text("/request/url")?, message);
    let status = value("/response/status").and_then(|status| u16::try_from(status.as_u64()?).ok());
    let body = json::locate(line, "/response/body").map(|range| &line[range]);
    let identity = resource(judge, &Head { bare: false, request: Some(&request), status, body: &|| body });
    // A body encoded in a string has to be decoded first.
    identity.or_else(|| match body {
        Some(_) => None,
        None => of_exchange(judge, &read_line(line.to_vec(), BEGINNING, &"".into(), 0).ok()?),
    })
}

/// The identity of the resource of an exchange, as JSON. Exchanges that are compared with each other have the same identity.
fn resource(judge: &Judge, head: &Head<'_>) -> Option<String> {
    let (contract, invariants) = (judge.contract(), judge.contract().invariants());
    let shown = |identity: &str| {
        let body = (head.body)()?;
        serde_json::from_slice::<Value>(&body[json::locate(body, identity)?]).ok().map(|value| value.to_string())
    };
    let Some(request) = head.request.filter(|_| !head.bare) else {
        let operation = judge.bare_operation().filter(|_| head.bare)?;
        let spec = operation.response_for(200)?;
        return shown(&invariants.resource_of(contract.schemas(), operation, spec)?.identity);
    };
    let matched = operation_for(contract, request).ok()?;
    let spec = head.status.and_then(|status| matched.operation.response_for(status));
    let resource = spec.and_then(|spec| invariants.resource_of(contract.schemas(), matched.operation, spec));
    let own = resource.and_then(|resource| resource.operations.get(&matched.operation.id));
    let parameter = own.or_else(|| invariants.resources.iter().find_map(|resource| resource.operations.get(&matched.operation.id)));
    let asked = |named: &str| crate::judge::parameter(contract, matched.operation, named, &matched.path, request);
    // A download belongs to the resource in its path.
    let downloaded = || {
        let config = contract.config().probe.artifacts.as_ref().filter(|config| config.operation == matched.operation.id)?;
        let name = matched.path.keys().find(|name| **name != config.parameter)?;
        asked(&format!("path.{name}"))
    };
    let named = parameter.and_then(|named| asked(named)).or_else(downloaded);
    named.map(|value| value.to_string()).or_else(|| shown(&resource?.identity))
}
