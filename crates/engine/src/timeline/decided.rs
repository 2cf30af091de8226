//! Observations of exchanges that plans decided, as bytes. They are most of all observations, and few of them are read.

use std::io;
use std::sync::Arc;

use charter_report::ExchangeInfo;
use indexmap::{IndexMap, IndexSet};
use serde::{Deserialize, Serialize, Serializer};

use super::origin::{EntryPlace, Origin};
use crate::collect::without_credentials;
use crate::judge::{Observation, Template};

/// What the stored observations share.
#[derive(Debug, Default)]
pub(super) struct DecidedRows {
    /// The templates, each with the number of its rules.
    templates: IndexMap<Template, u32, foldhash::fast::RandomState>,
    sources: IndexSet<Arc<str>, foldhash::fast::RandomState>,
}

/// A record. Its members are read as a tuple.
#[derive(Serialize, Deserialize)]
struct Row<'r> {
    template: usize,
    source: usize,
    place: EntryPlace,
    // Without this, it is written byte by byte.
    #[serde(serialize_with = "as_bytes")]
    content: &'r [u8],
}

fn as_bytes<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(bytes)
}

impl DecidedRows {
    /// The number of the template, and the number of its rules, which `number` gives to rules that are not known.
    pub(super) fn template(&mut self, template: &Template, number: impl FnOnce(Vec<usize>) -> io::Result<u32>) -> io::Result<(usize, u32)> {
        if let Some((index, _, rules)) = self.templates.get_full(template) {
            return Ok((index, *rules));
        }
        let rules = number(template.rules())?;
        Ok((self.templates.insert_full(template.clone(), rules).0, rules))
    }

    /// Writes the observation of an exchange.
    pub(super) fn write(
        &mut self,
        template: usize,
        source: &Arc<str>,
        place: EntryPlace,
        content: &[u8],
        out: &mut Vec<u8>,
    ) -> io::Result<()> {
        let source = match self.sources.get_index_of(source) {
            Some(source) => source,
            None => self.sources.insert_full(source.clone()).0,
        };
        let bytes = std::mem::take(out);
        *out = postcard::to_extend(&Row { template, source, place, content }, bytes).map_err(io::Error::other)?;
        Ok(())
    }

    /// Reads what [`Self::write`] wrote. `sequence` is the index of the exchange among all entries.
    pub(super) fn read(&self, sequence: u64, bytes: &[u8]) -> io::Result<(Observation, Origin)> {
        let row: Row<'_> = postcard::from_bytes(bytes).map_err(io::Error::other)?;
        let (template, _) = self.templates.get_index(row.template).ok_or(io::ErrorKind::InvalidData)?;
        let source = self.sources.get_index(row.source).ok_or(io::ErrorKind::InvalidData)?;
        read(template, sequence, source, row.place, row.content)
    }
}

/// Reads the observation of an exchange that a plan decided.
pub(crate) fn read(
    template: &Template,
    sequence: u64,
    source: &str,
    place: EntryPlace,
    content: &[u8],
) -> io::Result<(Observation, Origin)> {
    let (observation, url) = template.read(content)?;
    let (method, status) = template.method_and_status();
    let info = ExchangeInfo {
        source: source.to_owned(),
        index: place.index,
        line: place.line,
        column: place.column,
        url: Some(without_credentials(&url)),
        status: Some(status),
        method: Some(method.to_owned()),
    };
    Ok((observation, Origin { sequence, info, byte: None, operation: template.operation().to_owned(), kept: true }))
}
