//! Limits on what a report shows. Counts are always exact.

use crate::model::{Context, RequestInfo, Sample};
use crate::rule::RuleCounts;

/// Maximum bytes of all samples of a report. Further samples are only counted.
const SAMPLE_BYTES: usize = 48 << 20;
/// Estimated bytes of a sample besides its strings, including the found value.
const SAMPLE_OVERHEAD: usize = 1024;
/// Number of samples per group that have a context.
pub const CONTEXTS: u64 = 5;
/// Number of different reasons shown per rule, and number stored until merging decides which are shown.
pub const REASONS: (usize, usize) = (20, 4_096);
/// The key of all other reasons.
pub const OTHER_REASONS: &str = "…";
/// Number of timelines in a report.
pub const RESOURCES: usize = 60;
/// Number of findings per rule over time that are stored as samples.
pub const SHOWN: u64 = 2_000;

/// Sorts a rule's reasons, so that the order of evaluation does not matter, and adds up those beyond the limit.
pub fn fold_reasons(rule: &mut RuleCounts) {
    let mut other = rule.reasons.shift_remove(OTHER_REASONS).unwrap_or(0);
    rule.reasons.sort_keys();
    other += rule.reasons.drain(REASONS.0.min(rule.reasons.len())..).map(|(_, count)| count).sum::<u64>();
    if other > 0 {
        rule.reasons.insert(OTHER_REASONS.to_owned(), other);
    }
}

/// The bytes left for samples.
#[derive(Debug)]
pub struct Room(usize);

impl Room {
    /// The room of a whole report.
    #[expect(clippy::new_without_default, reason = "the room of a report, not an empty value")]
    pub fn new() -> Self {
        Self(SAMPLE_BYTES)
    }

    /// Whether a group with `shown` samples may show another. The first sample always fits.
    pub fn takes(&self, shown: u64) -> bool {
        self.0 > 0 || shown == 0
    }

    /// Subtracts the size of a sample.
    pub fn take(&mut self, sample: &Sample) {
        let texts = [&sample.message, &sample.instance_location, &sample.promised, &sample.exchange.source];
        let optional = [&sample.excerpt, &sample.branch, &sample.exchange.url];
        let bytes = texts.iter().map(|text| text.len()).chain(optional.into_iter().flatten().map(String::len)).sum::<usize>();
        let parts = sample.context.as_ref().map_or(0, Context::size) + sample.request.as_ref().map_or(0, RequestInfo::size);
        self.0 = self.0.saturating_sub(bytes + SAMPLE_OVERHEAD + parts);
    }
}

fn size_of_headers(headers: &[(String, String)]) -> usize {
    headers.iter().map(|(name, value)| name.len() + value.len()).sum()
}

impl RequestInfo {
    fn size(&self) -> usize {
        size_of_headers(&self.headers) + self.body.as_ref().map_or(0, String::len)
    }
}

impl Context {
    fn size(&self) -> usize {
        size_of_headers(&self.headers) + self.before.len() + self.meant.len() + self.after.len()
    }
}
