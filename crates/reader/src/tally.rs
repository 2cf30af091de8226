//! What documents show, counted while they are read; what turns out to be uncertain is taken back.

use crate::{Cursor, Read, SiteSet, Sure, Unsure};

/// Counts by the number of the event, over all documents read so far.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    counts: Vec<u64>,
    /// What a note adds: one, or, where a document is read again to take back its notes, one less.
    step: u64,
    /// The rule sites of the current document.
    sites: SiteSet,
    /// Notes of what is only tried, and how many trials are open.
    tried: Vec<u32>,
    trials: usize,
}

/// How a rule came out at one place; what it found broken is for the interpreter to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
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
    /// Goes on counting where these counts end. Numbers of events beyond them are passed over.
    pub fn over(counts: Vec<u64>) -> Self {
        Self { counts, ..Self::default() }
    }

    /// The counts.
    pub fn counts(&self) -> &[u64] {
        &self.counts
    }

    /// Adds other counts.
    pub fn add(&mut self, other: &[u64]) {
        self.counts.resize(self.counts.len().max(other.len()), 0);
        self.counts.iter_mut().zip(other).for_each(|(count, more)| *count += more);
    }

    /// Reads a document and counts its events. Returns the rule sites that the document has.
    ///
    /// # Errors
    /// The document may be wrong, or has a site of `beyond`; then it is not counted.
    pub fn read(&mut self, bytes: &[u8], read: Read, beyond: &SiteSet) -> Sure<&SiteSet> {
        let start = Cursor::of(bytes)?;
        let whole = |tally: &mut Self, step| {
            tally.step = step;
            tally.sites.clear();
            let mut cursor = start.clone();
            read(&mut cursor, tally).and_then(|()| cursor.finish())
        };
        let sure = whole(self, 1);
        if sure.is_ok() && !self.sites.intersects(beyond) {
            return Ok(&self.sites);
        }
        // The same way again, up to where it ended: every note is met once more, and taken back.
        let _ = whole(self, u64::MAX);
        Err(Unsure)
    }

    /// Notes an event, by its number.
    #[inline(always)]
    pub fn note(&mut self, event: u32) {
        if self.trials > 0 {
            self.tried.push(event);
        } else if let Some(count) = self.counts.get_mut(event as usize) {
            *count = count.wrapping_add(self.step);
        }
    }

    /// Notes that a schema that rules are about describes a part, by the schema's number: an event, too.
    #[inline(always)]
    pub fn site(&mut self, site: u32, event: u32) {
        self.sites.insert(site as usize);
        self.note(event);
    }

    /// Notes how rules came out that follow one another, by the number of the first event of the first.
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
            self.note(first + (at * OUTCOMES) as u32 + *outcome as u32);
        }
    }

    /// Begins a trial: what is noted counts once the outermost trial has come to something.
    #[inline]
    pub(crate) fn begin(&mut self) -> Trial {
        self.trials += 1;
        Trial { from: self.tried.len(), sites: self.sites.clone() }
    }

    /// Ends a trial, and keeps what was noted in it, or strikes it.
    #[inline]
    pub(crate) fn end(&mut self, trial: Trial, keep: bool) {
        self.trials -= 1;
        if !keep {
            self.tried.truncate(trial.from);
            self.sites = trial.sites;
        } else if self.trials == 0 {
            let mut tried = std::mem::take(&mut self.tried);
            for event in tried.drain(..) {
                self.note(event);
            }
            self.tried = tried;
        }
    }
}

/// Where a trial began.
#[derive(Debug)]
pub(crate) struct Trial {
    from: usize,
    sites: SiteSet,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers, each of which is noted by its value; 7 is a site. What is not below 5 is only tried, and struck.
    fn numbers(cursor: &mut Cursor<'_>, tally: &mut Tally) -> Sure<()> {
        cursor.array(|cursor, _| {
            let number = cursor.number()?.as_i64().and_then(|number| u32::try_from(number).ok()).ok_or(Unsure)?;
            if number == 7 {
                tally.site(3, number);
                return Ok(());
            }
            let trial = tally.begin();
            tally.note(number);
            tally.end(trial, number < 5);
            tally.outcomes(8, [Outcome::Passed, Outcome::Skipped]);
            Ok(())
        })?;
        Ok(())
    }

    fn sites(tally: &mut Tally, text: &[u8], beyond: &[usize]) -> Sure<Vec<usize>> {
        tally.read(text, numbers, &beyond.iter().copied().collect()).map(|sites| sites.iter().collect())
    }

    #[test]
    fn only_what_is_certain_is_counted() {
        let mut tally = Tally::over(vec![0; 14]);
        assert_eq!(sites(&mut tally, b"[1,2,1,6]", &[]), Ok(vec![]));
        let counts = [0, 2, 1, 0, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4];
        assert_eq!(tally.counts(), counts);
        for (text, beyond) in [("[1,2,7", &[][..]), ("[3,2]]", &[]), ("[3,null]", &[]), ("\u{1}", &[]), ("[1,7]", &[3])] {
            assert_eq!(sites(&mut tally, text.as_bytes(), beyond), Err(Unsure), "{text}");
            assert_eq!(tally.counts(), counts, "{text}");
        }
        assert_eq!(sites(&mut tally, b"[7]", &[0]), Ok(vec![3]));
        assert_eq!(tally.counts()[7], 1);
    }

    #[test]
    fn more_than_128_sites_are_distinct() {
        fn read(cursor: &mut Cursor<'_>, tally: &mut Tally) -> Sure<()> {
            cursor.array(|cursor, _| {
                let site = cursor.number()?.as_i64().and_then(|site| u32::try_from(site).ok()).ok_or(Unsure)?;
                tally.site(site, site);
                Ok(())
            })?;
            Ok(())
        }
        let mut tally = Tally::over(vec![0; 140]);
        let mut sites = |text: &str, beyond: usize| {
            tally.read(text.as_bytes(), read, &[beyond].into_iter().collect()).map(|sites| sites.iter().collect::<Vec<_>>())
        };
        assert_eq!(sites("[2,130,130]", 3), Ok(vec![2, 130]));
        assert_eq!(sites("[130]", 2), Ok(vec![130]));
        assert_eq!(sites("[130]", 130), Err(Unsure));
        assert_eq!(sites("[2]", 130), Ok(vec![2]));
        let counted: Vec<_> = tally.counts().iter().enumerate().filter(|(_, times)| **times > 0).collect();
        assert_eq!(counted, [(2, &2), (130, &3)]);
    }

    #[test]
    fn a_trial_within_a_trial_counts_with_the_outer_one() {
        let trials = |keep: [bool; 2]| {
            let mut tally = Tally { step: 1, ..Tally::over(vec![0; 8]) };
            let outer = tally.begin();
            tally.note(0);
            let inner = tally.begin();
            tally.site(1, 1);
            tally.site(201, 1);
            tally.outcomes(2, [Outcome::Vacuous]);
            tally.end(inner, keep[1]);
            tally.note(5);
            tally.end(outer, keep[0]);
            (tally.counts().to_vec(), tally.sites.iter().collect::<Vec<_>>())
        };
        assert_eq!(trials([true, true]), (vec![1, 2, 0, 1, 0, 1, 0, 0], vec![1, 201]));
        assert_eq!(trials([true, false]), (vec![1, 0, 0, 0, 0, 1, 0, 0], vec![]));
        assert_eq!(trials([false, true]), (vec![0; 8], vec![]));
    }
}
