//! What one document shows, noted while it is read and added up once it is certain.

/// The notes of the document at hand.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    notes: Vec<u32>,
    sites: u128,
}

/// How a rule came out at one place; what it found broken is for the interpreter to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u32)]
pub enum Outcome {
    /// It holds, and something was looked at.
    Passed = 0,
    /// It holds because there was nothing to look at.
    Vacuous = 1,
    /// Its guard is false.
    Skipped = 2,
}

/// Counts of each outcome that a rule may have.
pub const OUTCOMES: usize = 3;

impl Tally {
    /// Begins another document.
    pub fn clear(&mut self) {
        self.notes.clear();
        self.sites = 0;
    }

    /// Notes an event, by its number.
    #[inline]
    pub fn note(&mut self, event: u32) {
        self.notes.push(event);
    }

    /// Notes that a schema that rules are about describes a part, by the schema's number: an event, too.
    #[inline]
    pub fn site(&mut self, site: u32, event: u32) {
        self.sites |= 1 << site;
        self.notes.push(event);
    }

    /// How far the notes have come.
    #[inline]
    pub fn mark(&self) -> (usize, u128) {
        (self.notes.len(), self.sites)
    }

    /// Strikes what came behind a mark.
    #[inline]
    pub fn back_to(&mut self, mark: (usize, u128)) {
        self.notes.truncate(mark.0);
        self.sites = mark.1;
    }

    /// Adds the notes to counts, by the number of the event. Numbers beyond the counts are passed over.
    pub fn add_to(&self, counts: &mut [u64]) {
        for note in &self.notes {
            if let Some(count) = counts.get_mut(*note as usize) {
                *count += 1;
            }
        }
    }

    /// The schemas that rules are about and that describe some part of the document, as bits.
    pub fn sites(&self) -> u128 {
        self.sites
    }
}
