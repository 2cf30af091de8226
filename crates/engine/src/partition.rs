//! One part of what is to be judged: chosen by the resource that an exchange is about, so that all observations of one resource are
//! judged together wherever that is.

use std::sync::Arc;

use charter_contract::{Position, json};
use serde_json::Value;

use charter_report::Partition;

use crate::Judge;
use crate::operation::operation_for;
use charter_traffic::exchange::{Exchange, Headers, Message, Request};
use charter_traffic::read::{Entry, Line, MARK, read_line};

/// Where a line begins that is looked at by itself.
const BEGINNING: Position = Position { byte: 0, line: 1, column: 1 };

/// Whether an entry of a source belongs to a part: by the resource it is about, else by where it stands.
pub(crate) fn owns(partition: Partition, judge: &Judge, entry: &Entry, source: &Arc<str>) -> bool {
    match entry {
        Ok(exchange) => has(partition, of_exchange(judge, exchange), source, exchange.origin.index),
        Err(error) => has(partition, None, source, error.index),
    }
}

/// The same of a line, of which no more is read than tells.
pub(crate) fn owns_line(partition: Partition, judge: &Judge, line: &Line<'_>, source: &Arc<str>) -> bool {
    has(partition, line.bytes().and_then(|bytes| of_line(judge, bytes)), source, line.index())
}

fn has(partition: Partition, resource: Option<String>, source: &Arc<str>, index: usize) -> bool {
    match resource {
        Some(resource) => partition.has(&[b"resource", resource.as_bytes()]),
        None => partition.has(&[b"entry", source.as_bytes(), &(index as u64).to_le_bytes()]),
    }
}

/// What decides which resource an exchange is about.
struct Head<'e> {
    /// The operation's answer, where only a body is known.
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

/// The same of a line that has not been read. A line that is no exchange is observed by nobody: where it falls is all the same.
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
    let told = resource(judge, &Head { bare: false, request: Some(&request), status, body: &|| body });
    // A body inside a string has to be read out of it.
    told.or_else(|| match body {
        Some(_) => None,
        None => of_exchange(judge, &read_line(line.to_vec(), BEGINNING, &"".into(), 0).ok()?),
    })
}

/// What tells the resource of an exchange from others, as JSON; whatever is compared with each other has the same.
fn resource(judge: &Judge, head: &Head<'_>) -> Option<String> {
    let (contract, invariants) = (judge.contract(), judge.contract().invariants());
    let shown = |identity: &str| {
        let body = (head.body)()?;
        serde_json::from_slice::<Value>(&body[json::locate(body, identity)?]).ok().map(|value| value.to_string())
    };
    let Some(request) = head.request.filter(|_| !head.bare) else {
        let operation = head.bare.then(|| judge.bare_operation())?;
        let spec = operation.response_for(200)?;
        return shown(&invariants.resource_of(contract.schemas(), operation, spec)?.identity);
    };
    let matched = operation_for(contract, request).ok()?;
    let spec = head.status.and_then(|status| matched.operation.response_for(status));
    let resource = spec.and_then(|spec| invariants.resource_of(contract.schemas(), matched.operation, spec));
    let own = resource.and_then(|resource| resource.operations.get(&matched.operation.id));
    let parameter = own.or_else(|| invariants.resources.iter().find_map(|resource| resource.operations.get(&matched.operation.id)));
    let asked = |named: &str| crate::judge::parameter(contract, matched.operation, named, &matched.path, request);
    // A download belongs to the resource that its path names.
    let downloaded = || {
        let config = contract.config().probe.artifacts.as_ref().filter(|config| config.operation == matched.operation.id)?;
        let name = matched.path.keys().find(|name| **name != config.parameter)?;
        asked(&format!("path.{name}"))
    };
    let named = parameter.and_then(|named| asked(named)).or_else(downloaded);
    named.map(|value| value.to_string()).or_else(|| shown(&resource?.identity))
}
