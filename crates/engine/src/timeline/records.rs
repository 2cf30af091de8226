//! What a split stores for comparisons with other splits: observations, and what exchanges say of artifacts.
//!
//! Records are sorted by the identity of the resource, so that one process can compare all records of a resource. The records of artifacts precede the observations of
//! the resource, because the findings of a download may replace those of rules.

use std::io;

use sha2::{Digest, Sha256};

use super::compare::{resource_key, time_key};
use super::origin::Origin;
use super::sort::{KEY, Merge, Sorter};
use super::stored;
use crate::artifact::ArtifactRecord;
use crate::judge::Observation;

/// The first byte of a record of an artifact, and of an observation.
const ARTIFACT: u8 = 0;
const OBSERVATION: u8 = 1;

/// Collects records.
#[derive(Debug)]
pub(crate) struct SplitRecords {
    sorter: Sorter,
    count: u64,
}

/// A record of a split.
#[derive(Debug)]
pub(crate) enum SplitRecord {
    /// The resource, and what an exchange says of its artifacts.
    Artifact(String, ArtifactRecord),
    /// An observation and its exchange.
    Observation(Box<Observation>, Origin),
}

impl SplitRecords {
    /// Uses about `memory` bytes for records. Those beyond it are stored on disk.
    pub(crate) fn new(memory: usize) -> Self {
        Self { sorter: Sorter::new(memory), count: 0 }
    }

    /// Adds an observation.
    pub(crate) fn observation(&mut self, observation: &Observation, origin: &Origin) -> io::Result<()> {
        // The identity follows the location of the schema.
        let identity = observation.resource.split_once('\0').map_or(&*observation.resource, |(_, identity)| identity);
        let identity = serde_json::from_str::<String>(identity).map_or_else(|_| identity.into(), std::borrow::Cow::<str>::Owned);
        let mut key = [0; KEY];
        key[..8].copy_from_slice(&identity_key(&identity));
        key[8..16].copy_from_slice(&resource_key(observation)[..8]);
        key[16..24].copy_from_slice(&time_key(observation.started));
        self.add(key, origin.sequence, OBSERVATION, |out| stored::write(observation, origin, &[], out))
    }

    /// Adds what an exchange says of the artifacts of a resource.
    pub(crate) fn artifact(&mut self, sequence: u64, resource: &str, record: &ArtifactRecord) -> io::Result<()> {
        let mut key = [0; KEY];
        key[..8].copy_from_slice(&identity_key(resource));
        self.add(key, sequence, ARTIFACT, |out| {
            let bytes = std::mem::take(out);
            *out = postcard::to_extend(&(resource, record), bytes).map_err(io::Error::other)?;
            Ok(())
        })
    }

    fn add(&mut self, mut key: [u8; KEY], sequence: u64, kind: u8, write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> io::Result<()> {
        key[24..].copy_from_slice(&sequence.to_be_bytes());
        self.count += 1;
        self.sorter.add(key, |out| {
            out.push(kind);
            write(out)
        })
    }

    /// All records, sorted, and their number.
    pub(crate) fn finish(self) -> io::Result<(Merge, u64)> {
        Ok((self.sorter.finish()?, self.count))
    }
}

impl SplitRecord {
    /// Reads the value of a record.
    pub(crate) fn read(value: &[u8]) -> io::Result<Self> {
        match value.split_first() {
            Some((&ARTIFACT, bytes)) => {
                let (resource, record) = postcard::from_bytes(bytes).map_err(io::Error::other)?;
                Ok(Self::Artifact(resource, record))
            }
            Some((&OBSERVATION, bytes)) => {
                let (observation, origin, _) = stored::read(bytes)?;
                Ok(Self::Observation(Box::new(observation), origin))
            }
            _ => Err(io::Error::new(io::ErrorKind::InvalidData, "a record has an unknown kind")),
        }
    }
}

/// The hash of the identity of a resource.
fn identity_key(identity: &str) -> [u8; 8] {
    let mut key = [0; 8];
    key.copy_from_slice(&Sha256::digest(identity.as_bytes())[..8]);
    key
}
