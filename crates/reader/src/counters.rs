//! Counters of events. A document that falls back is not counted.

use crate::{Cursor, Fallback, FastPath, Read, SiteSet};

/// The number of times that each event occurred, over all documents read.
#[derive(Clone, Debug, Default)]
pub struct Counters {
    counts: Vec<u64>,
    /// What an event adds: 1, or -1 (wrapping) when a document is read again to undo its counts.
    step: u64,
    /// The rule sites of the current document.
    sites: SiteSet,
    /// The events of the open trials, and the number of open trials.
    tried: Vec<u32>,
    trials: usize,
}

/// The outcome of a rule at one location. A violated rule has none: the document falls back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Outcome {
    /// The rule holds and applied to a value.
    Passed = 0,
    /// The rule holds, but applied to no value.
    Vacuous = 1,
    /// The guard of the rule is false.
    Skipped = 2,
}

/// The number of outcomes, each of which is one event of a rule.
pub const OUTCOMES: usize = 3;

impl Counters {
    /// Counters that continue from these counts. Events with a higher number are not counted.
    pub fn from_counts(counts: Vec<u64>) -> Self {
        Self { counts, ..Self::default() }
    }

    /// The counts, by the number of the event.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Adds counts.
    pub fn add(&mut self, other: &[u64]) {
        self.counts.resize(self.counts.len().max(other.len()), 0);
        self.counts.iter_mut().zip(other).for_each(|(count, more)| *count += more);
    }

    /// Reads a document and counts its events. Returns the rule sites of the document.
    ///
    /// # Errors
    /// The reader falls back, or the document has a site of `interpreted`. The document is not counted.
    pub fn read(&mut self, bytes: &[u8], read: Read, interpreted: &SiteSet) -> FastPath<&SiteSet> {
        let start = Cursor::from_bytes(bytes)?;
        let whole = |counters: &mut Self, step| {
            counters.step = step;
            counters.sites.clear();
            let mut cursor = start.clone();
            read(&mut cursor, counters).and_then(|()| cursor.finish())
        };
        let result = whole(self, 1);
        if result.is_ok() && !self.sites.intersects(interpreted) {
            return Ok(&self.sites);
        }
        // Reads the document again up to the same position: every event occurs again and is undone.
        let _ = whole(self, u64::MAX);
        Err(Fallback)
    }

    /// Counts an event, by its number.
    #[inline(always)]
    pub fn count(&mut self, event: u32) {
        if self.trials > 0 {
            self.tried.push(event);
        } else if let Some(count) = self.counts.get_mut(event as usize) {
            *count = count.wrapping_add(self.step);
        }
    }

    /// Adds a rule site of the document, and counts its event.
    #[inline(always)]
    pub fn site(&mut self, site: u32, event: u32) {
        self.sites.insert(site as usize);
        self.count(event);
    }

    /// Counts the outcomes of consecutive rules. `first` is the number of the first event of the first rule.
    #[inline(always)]
    pub fn outcomes<const N: usize>(&mut self, first: u32, outcomes: [Outcome; N]) {
        let start = first as usize;
        if self.trials == 0
            && let Some(counts) = self.counts.get_mut(start..start + N * OUTCOMES)
        {
            let (counts, _) = counts.as_chunks_mut::<OUTCOMES>();
            for (counts, outcome) in counts.iter_mut().zip(outcomes) {
                let count = &mut counts[outcome as usize];
                *count = count.wrapping_add(self.step);
            }
            return;
        }
        self.outcomes_tried(first, &outcomes);
    }

    #[inline(never)]
    fn outcomes_tried(&mut self, first: u32, outcomes: &[Outcome]) {
        for (at, outcome) in outcomes.iter().enumerate() {
            self.count(first + (at * OUTCOMES) as u32 + *outcome as u32);
        }
    }

    /// Begins a trial. Its events are counted when the outermost trial ends and is accepted.
    #[inline]
    pub(crate) fn begin(&mut self) -> Trial {
        self.trials += 1;
        Trial { from: self.tried.len(), sites: self.sites.clone() }
    }

    /// Ends a trial, and accepts or discards its events.
    #[inline]
    pub(crate) fn end(&mut self, trial: Trial, accept: bool) {
        self.trials -= 1;
        if !accept {
            self.tried.truncate(trial.from);
            self.sites = trial.sites;
        } else if self.trials == 0 {
            let mut tried = std::mem::take(&mut self.tried);
            for event in tried.drain(..) {
                self.count(event);
            }
            self.tried = tried;
        }
    }
}

/// The beginning of a trial.
#[derive(Debug)]
pub(crate) struct Trial {
    from: usize,
    sites: SiteSet,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Reads numbers, each of which is the number of an event; 7 is a site. The trial of a number of 5 or more is discarded.
    fn numbers(cursor: &mut Cursor<'_>, counters: &mut Counters) -> FastPath<()> {
        cursor.array(|cursor, _| {
            let number = cursor.number()?.as_i64().and_then(|number| u32::try_from(number).ok()).ok_or(Fallback)?;
            if number == 7 {
                counters.site(3, number);
                return Ok(());
            }
            let trial = counters.begin();
            counters.count(number);
            counters.end(trial, number < 5);
            counters.outcomes(8, [Outcome::Passed, Outcome::Skipped]);
            Ok(())
        })?;
        Ok(())
    }

    fn sites(counters: &mut Counters, text: &[u8], beyond: &[usize]) -> FastPath<Vec<usize>> {
        counters.read(text, numbers, &beyond.iter().copied().collect()).map(|sites| sites.iter().collect())
    }

    #[test]
    fn documents_that_fall_back_are_not_counted() {
        let mut counters = Counters::from_counts(vec![0; 14]);
        assert_eq!(sites(&mut counters, b"[1,2,1,6]", &[]), Ok(vec![]));
        let counts = [0, 2, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4];
        assert_eq!(counters.counts(), counts);
        for (text, beyond) in [("[1,2,7", &[][..]), ("[3,2]]", &[]), ("[3,null]", &[]), ("\u{1}", &[]), ("[1,7]", &[3])] {
            assert_eq!(sites(&mut counters, text.as_bytes(), beyond), Err(Fallback), "{text}");
            assert_eq!(counters.counts(), counts, "{text}");
        }
        assert_eq!(sites(&mut counters, b"[7]", &[0]), Ok(vec![3]));
        assert_eq!(counters.counts()[7], 1);
    }

    #[test]
    fn more_than_128_sites_are_distinct() {
        fn read(cursor: &mut Cursor<'_>, counters: &mut Counters) -> FastPath<()> {
            cursor.array(|cursor, _| {
                let site = cursor.number()?.as_i64().and_then(|site| u32::try_from(site).ok()).ok_or(Fallback)?;
                counters.site(site, site);
                Ok(())
            })?;
            Ok(())
        }
        let mut counters = Counters::from_counts(vec![0; 140]);
        let mut sites = |text: &str, beyond: usize| {
            counters.read(text.as_bytes(), read, &[beyond].into_iter().collect()).map(|sites| sites.iter().collect::<Vec<_>>())
        };
        assert_eq!(sites("[2,130,130]", 3), Ok(vec![2, 130]));
        assert_eq!(sites("[130]", 2), Ok(vec![130]));
        assert_eq!(sites("[130]", 130), Err(Fallback));
        assert_eq!(sites("[2]", 130), Ok(vec![2]));
        let counted: Vec<_> = counters.counts().iter().enumerate().filter(|(_, times)| **times > 0).collect();
        assert_eq!(counted, [(2, &2), (130, &3)]);
    }

    #[test]
    fn a_nested_trial_is_counted_with_the_outer_trial() {
        let trials = |accept: [bool; 2]| {
            let mut counters = Counters { step: 1, ..Counters::from_counts(vec![0; 8]) };
            let outer = counters.begin();
            counters.count(0);
            let inner = counters.begin();
            counters.site(1, 1);
            counters.site(201, 1);
            counters.outcomes(2, [Outcome::Vacuous]);
            counters.end(inner, accept[1]);
            counters.count(5);
            counters.end(outer, accept[0]);
            (counters.counts().to_vec(), counters.sites.iter().collect::<Vec<_>>())
        };
        assert_eq!(trials([true, true]), (vec![1, 2, 0, 1, 0, 1, 0, 0], vec![1, 201]));
        assert_eq!(trials([true, false]), (vec![1, 0, 0, 0, 0, 1, 0, 0], vec![]));
        assert_eq!(trials([false, true]), (vec![0; 8], vec![]));
    }
}
