//! Observations as bytes, in memory and in temporary files.

use std::io;

use serde::Serialize;

use super::origin::Origin;
use crate::artifact::DeferredFinding;
use crate::judge::Observation;

/// Writes an observation, its exchange and its deferred findings.
pub(crate) fn write(observation: &Observation, origin: &Origin, deferred: &[DeferredFinding], out: &mut Vec<u8>) -> io::Result<()> {
    // Findings have members of any JSON type, which the binary format does not have.
    let deferred = if deferred.is_empty() { Vec::new() } else { serde_json::to_vec(deferred)? };
    let bytes = std::mem::take(out);
    *out = postcard::to_extend(&Row { observation, origin, deferred: &deferred }, bytes).map_err(io::Error::other)?;
    Ok(())
}

/// Reads what [`write`] wrote.
pub(crate) fn read(bytes: &[u8]) -> io::Result<(Observation, Origin, Vec<DeferredFinding>)> {
    let (observation, origin, deferred): (Observation, Origin, &[u8]) = postcard::from_bytes(bytes).map_err(io::Error::other)?;
    let deferred = if deferred.is_empty() { Vec::new() } else { serde_json::from_slice(deferred)? };
    Ok((observation, origin, deferred))
}

/// A record. Its members are read as a tuple.
#[derive(Serialize)]
struct Row<'r> {
    observation: &'r Observation,
    origin: &'r Origin,
    deferred: &'r [u8],
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stored_observation_is_read_back() {
        let (resource, operation) = ("a\0\"1\"".to_owned(), "orders.get".to_owned());
        let observation = Observation {
            resource,
            operation: operation.clone(),
            started: -1,
            ended: i64::MAX,
            instances: Vec::new(),
            request: Some("{}".to_owned()),
            response: None,
        };
        let info = charter_report::ExchangeInfo {
            source: "a.har".to_owned(),
            index: 3,
            line: Some(4),
            column: None,
            url: Some("/orders/1".to_owned()),
            status: Some(200),
            method: Some("GET".to_owned()),
        };
        let origin = Origin { sequence: 7, info, byte: Some(9), operation, kept: true };
        let mut bytes = vec![0];
        write(&observation, &origin, &[], &mut bytes).expect("bytes");
        let (read, its_origin, deferred) = read(&bytes[1..]).expect("an observation");
        assert_eq!((read, deferred.len()), (observation, 0));
        assert_eq!(format!("{its_origin:?}"), format!("{origin:?}"));
    }
}
