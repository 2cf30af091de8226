//! One part of what is to be judged: chosen by the resource that an exchange is about, so that all observations of one resource are
//! judged together wherever that is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use charter_schema::{Position, json};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::Judge;
use crate::exchange::{Body, Exchange, Headers, Request};
use crate::operation::operation_for;
use crate::read::{Entry, Line, MARK, read_line};

/// Part `K` of `N`, counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    number: u32,
    of: u32,
}

/// Where a line begins that is looked at by itself.
const BEGINNING: Position = Position { byte: 0, line: 1, column: 1 };
/// Parts that there are at most.
const MOST: u32 = 1_000_000;

/// Why a text names no part.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PartitionError {
    /// It has another form.
    #[error("a part such as 2/4 is expected: its number, from 1, of how many")]
    Form,
    /// Parts are counted from 1.
    #[error("parts are counted from 1: the first of {of} is 1/{of}{}", if *of == 0 { ", and there is one at least" } else { "" })]
    Zero {
        /// Of how many.
        of: u32,
    },
    /// There are fewer parts.
    #[error("there is no part {number} of {of}: the last is {of}/{of}")]
    Beyond {
        /// The part's number.
        number: u32,
        /// Of how many.
        of: u32,
    },
    /// There are too many.
    #[error("{of} parts are more than can be told apart: {MOST} at most")]
    TooMany {
        /// How many.
        of: u32,
    },
}

impl Partition {
    /// Its number, from 1.
    pub fn number(self) -> u32 {
        self.number
    }

    /// How many parts there are.
    pub fn of(self) -> u32 {
        self.of
    }

    /// Whether what is known by these words, in this order, belongs to this part. The same on every machine and in every version.
    fn has(self, words: &[&[u8]]) -> bool {
        let mut hasher = Sha256::new();
        for word in words {
            hasher.update((word.len() as u64).to_le_bytes());
            hasher.update(word);
        }
        let digest = hasher.finalize();
        let mut first = [0; 8];
        first.copy_from_slice(&digest[..8]);
        u64::from_le_bytes(first) % u64::from(self.of) == u64::from(self.number - 1)
    }
}

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
    let body = || match &response?.body {
        Body::Bytes { bytes, .. } => Some(bytes.as_slice()),
        _ => None,
    };
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
    let request = Request { method: text("/request/method")?, url: text("/request/url")?, headers };
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
        return shown(&invariants.resource_of(contract, operation, spec)?.identity);
    };
    let matched = operation_for(contract, request).ok()?;
    let spec = head.status.and_then(|status| matched.operation.response_for(status));
    let resource = spec.and_then(|spec| invariants.resource_of(contract, matched.operation, spec));
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

impl FromStr for Partition {
    type Err = PartitionError;

    fn from_str(text: &str) -> Result<Self, PartitionError> {
        let number = |text: &str| text.parse::<u32>().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let (number, of) =
            text.split_once('/').and_then(|(one, other)| Some((number(one)?, number(other)?))).ok_or(PartitionError::Form)?;
        match (number, of) {
            (0, of) | (_, of @ 0) => Err(PartitionError::Zero { of }),
            (_, of) if of > MOST => Err(PartitionError::TooMany { of }),
            (number, of) if number > of => Err(PartitionError::Beyond { number, of }),
            (number, of) => Ok(Self { number, of }),
        }
    }
}

impl fmt::Display for Partition {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.number, self.of)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_its_number_of_how_many() {
        let told = |text: &str| text.parse::<Partition>().map(|part| part.to_string()).map_err(|error| error.to_string());
        assert_eq!(told("2/4"), Ok("2/4".to_owned()));
        assert_eq!(told("1/1"), Ok("1/1".to_owned()));
        for (text, wanted) in [
            ("0/4", "parts are counted from 1: the first of 4 is 1/4"),
            ("5/4", "there is no part 5 of 4: the last is 4/4"),
            ("1/0", "parts are counted from 1"),
            ("1/1000001", "1000000 at most"),
            ("x", "a part such as 2/4 is expected"),
            ("1/", "a part such as 2/4 is expected"),
            ("+1/4", "a part such as 2/4 is expected"),
            ("1/4/2", "a part such as 2/4 is expected"),
            ("1/99999999999", "a part such as 2/4 is expected"),
        ] {
            let error = told(text).expect_err(text);
            assert!(error.contains(wanted), "{text}: {error}");
        }
    }

    #[test]
    fn everything_belongs_to_exactly_one_part() {
        for of in 1..=8 {
            let mut sizes = vec![0; of as usize];
            for word in 0..2_000_u32 {
                let owners: Vec<u32> =
                    (1..=of).filter(|number| Partition { number: *number, of }.has(&[b"run", &word.to_le_bytes()])).collect();
                assert_eq!(owners.len(), 1, "{word} of {of}: {owners:?}");
                sizes[owners[0] as usize - 1] += 1;
            }
            // None is more than a fifth off its share.
            assert!(sizes.iter().all(|size: &u32| (size * of).abs_diff(2_000) < 400), "{sizes:?}");
        }
    }

    #[test]
    fn what_belongs_where_is_the_same_on_every_machine_and_in_every_version() {
        let part = |word: &str| (1..=1_000).find(|number| Partition { number: *number, of: 1_000 }.has(&[b"resource", word.as_bytes()]));
        assert_eq!([part("\"run_1\""), part("\"run_2\""), part("7")], [Some(681), Some(271), Some(450)]);
    }
}
