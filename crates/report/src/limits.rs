//! Limits of what a report shows. Counts are always exact.

use crate::model::{Context, RuleCounts, Sample};

/// Bytes that all samples of a report may take together; what is beyond is counted and not shown.
const SAMPLE_BYTES: usize = 48 << 20;
/// What a sample takes beside its texts, its found value included.
const SAMPLE_OVERHEAD: usize = 1024;
/// Samples of a group that are shown with their surroundings.
pub const CONTEXTS: u64 = 5;
/// Different reasons for an errored rule that are told apart, and how many are kept until it is known which.
pub const REASONS: (usize, usize) = (20, 4_096);
/// What stands for the other reasons.
pub const OTHER_REASONS: &str = "…";
/// Resources whose timeline a report shows.
pub const RESOURCES: usize = 60;
/// Findings of one rule over time that are kept as samples.
pub const SHOWN: u64 = 2_000;

/// Brings a rule's reasons into one order, whoever met them first, and adds up those beyond the limit.
pub fn fold_reasons(rule: &mut RuleCounts) {
    let mut other = rule.reasons.shift_remove(OTHER_REASONS).unwrap_or(0);
    rule.reasons.sort_keys();
    other += rule.reasons.drain(REASONS.0.min(rule.reasons.len())..).map(|(_, count)| count).sum::<u64>();
    if other > 0 {
        rule.reasons.insert(OTHER_REASONS.to_owned(), other);
    }
}

/// The bytes that samples may still take.
#[derive(Debug)]
pub struct Room(usize);

impl Room {
    /// The room of a whole report.
    #[expect(clippy::new_without_default, reason = "the room of a report, not an empty value")]
    pub fn new() -> Self {
        Self(SAMPLE_BYTES)
    }

    /// Whether there is room for one more of a group that shows so many: for the first there always is.
    pub fn takes(&self, shown: u64) -> bool {
        self.0 > 0 || shown == 0
    }

    /// Takes the room of a sample.
    pub fn take(&mut self, sample: &Sample) {
        let texts = [&sample.message, &sample.instance_location, &sample.promised, &sample.exchange.source];
        let optional = [&sample.excerpt, &sample.branch, &sample.exchange.url];
        let bytes = texts.iter().map(|text| text.len()).chain(optional.into_iter().flatten().map(String::len)).sum::<usize>();
        self.0 = self.0.saturating_sub(bytes + SAMPLE_OVERHEAD + sample.context.as_ref().map_or(0, Context::size));
    }
}

impl Context {
    fn size(&self) -> usize {
        let headers: usize = self.headers.iter().map(|(name, value)| name.len() + value.len()).sum();
        headers + self.before.len() + self.meant.len() + self.after.len()
    }
}
