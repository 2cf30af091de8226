//! The tables of a compiled reader, which describe its counters.

use crate::{Counters, Cursor, FastPath, OUTCOMES};

/// Reads a document of one schema, and evaluates the rules of the schema and of its parts.
pub type Read = for<'a> fn(&mut Cursor<'a>, &mut Counters) -> FastPath<()>;

/// The compiled reader of a contract.
#[derive(Debug)]
pub struct Compiled {
    /// The digest of the contract that it was compiled from.
    pub contract: &'static str,
    /// The locations of schemas. The other tables name a schema by its index here.
    pub schemas: &'static [&'static str],
    /// The schema of each body, and the function that reads it.
    pub readers: &'static [(u32, Read)],
    /// The events about values, by number.
    pub events: &'static [Event],
    /// The number of the first event of a rule. Each rule has [`OUTCOMES`] events.
    pub rules_from: u32,
    /// The ids of the compiled rules, in the order of their events.
    pub rules: &'static [&'static str],
    /// The number of the first event of a rule site.
    pub sites_from: u32,
    /// The rule sites: the schemas that have rules, in the order of their events.
    pub sites: &'static [u32],
    /// The rules that are not compiled, and why.
    pub interpreted: &'static [(&'static str, &'static str)],
}

impl Compiled {
    /// Counters of all events of its readers, at zero.
    pub fn counters(&self) -> Counters {
        Counters::from_counts(vec![0; self.rules_from as usize + self.rules.len() * OUTCOMES])
    }
}

/// An event about a value: its schemas and its kind.
#[derive(Clone, Copy, Debug)]
pub struct Event {
    /// The schemas that describe the value, by index.
    pub schemas: &'static [u32],
    /// The kind of the value.
    pub kind: Kind,
    /// The branches of unions that the value matches, by index, if its type alone does not determine them.
    pub branches: &'static [u32],
}

impl Event {
    /// An event of a table.
    pub const fn new(schemas: &'static [u32], kind: Kind, branches: &'static [u32]) -> Self {
        Self { schemas, kind, branches }
    }
}

/// The kind of a value, as coverage distinguishes them.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// Any value; no schema of the value distinguishes kinds.
    Anything,
    /// `null`
    Null,
    /// `false`
    False,
    /// `true`
    True,
    /// A number without a fraction that equals no bound.
    Whole,
    /// A number with a fraction that equals no bound.
    Fraction,
    /// A number that equals a bound, as JSON.
    Number(&'static str),
    /// A string whose length equals no bound.
    Text,
    /// A string whose length in characters equals a bound.
    Length(u64),
    /// A value of an enumeration.
    Value(&'static str),
    /// An array without items.
    Empty,
    /// An array with items whose length equals no bound.
    Items,
    /// An array whose length equals a bound.
    Count(u64),
    /// An object.
    Object,
    /// An object without an optional key.
    Lacks(&'static str),
}
