//! A contract as its compiled reader tells it: what a judge needs to know of the functions to add up what they note.

use crate::{Cursor, OUTCOMES, Sure, Tally};

/// Reads one text as one schema says, and judges the rules about it and its parts.
pub type Read = for<'a> fn(&mut Cursor<'a>, &mut Tally) -> Sure<()>;

/// The compiled reader of a contract.
#[derive(Debug)]
pub struct Compiled {
    /// The digest of the contract that it was compiled from.
    pub contract: &'static str,
    /// Locations of schemas, for what follows to name by index.
    pub schemas: &'static [&'static str],
    /// By the schema of a body, what reads it.
    pub readers: &'static [(u32, Read)],
    /// What the notes stand for, in the order of their numbers.
    pub events: &'static [Event],
    /// The number of the first note of a rule: each has as many as there are outcomes.
    pub rules_from: u32,
    /// The rules that are compiled, by id, in the order of their notes.
    pub rules: &'static [&'static str],
    /// The number of the first note of a site.
    pub sites_from: u32,
    /// The schemas that rules are about, in the order of their notes, and whether every rule about it is compiled.
    pub sites: &'static [u32],
    /// The rules that stay interpreted, and why.
    pub interpreted: &'static [(&'static str, &'static str)],
}

impl Compiled {
    /// Counts of everything that its readers note, from zero.
    pub fn tally(&self) -> Tally {
        Tally::over(vec![0; self.rules_from as usize + self.rules.len() * OUTCOMES])
    }
}

/// What a note about a value stands for: the schemas of its place, and what it is.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// The schemas that describe the place, by index.
    pub at: &'static [u32],
    /// What stands there.
    pub kind: Kind,
    /// The branches of unions that the value is of, by index, where its type alone does not tell.
    pub taken: &'static [u32],
}

impl Event {
    /// An event of a table.
    pub const fn new(at: &'static [u32], kind: Kind, taken: &'static [u32]) -> Self {
        Self { at, kind, taken }
    }
}

/// What stands at a place, as far as coverage asks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Something; no schema of the place tells kinds apart.
    Anything,
    /// `null`
    Null,
    /// `false`
    False,
    /// `true`
    True,
    /// A number without a fraction, at no bound.
    Whole,
    /// Any other number, at no bound.
    Fraction,
    /// A number at a bound, as JSON.
    Number(&'static str),
    /// A string, of no length that a bound names.
    Text,
    /// A string of so many characters.
    Length(u64),
    /// One of the strings that are listed.
    Value(&'static str),
    /// An array without items.
    Empty,
    /// An array of items, of no length that a bound names.
    Items,
    /// An array of so many items.
    Count(u64),
    /// An object.
    Object,
    /// An object that lacks a key.
    Lacks(&'static str),
}
