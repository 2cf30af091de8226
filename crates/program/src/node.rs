//! The nodes of a program. A node describes the values at a place, separately for each JSON type.

use std::fmt;

use charter_contract::{Format, SchemaId};
use charter_json::KeyTable;
use fancy_regex::Regex;

use crate::event::Reached;

/// A compiled schema.
#[derive(Debug)]
pub struct Program {
    pub(crate) nodes: Vec<Node>,
    pub(crate) root: Child,
    pub(crate) rows: Vec<Vec<Reached>>,
    /// The number of slots.
    pub(crate) slots: usize,
    /// Places that the program leaves to the reference path, and the reason.
    pub(crate) left: Vec<(SchemaId, &'static str)>,
}

/// The values at a place, by their JSON type.
#[derive(Debug, Default)]
pub(crate) struct Node {
    pub(crate) null: Literal,
    pub(crate) false_: Literal,
    pub(crate) true_: Literal,
    pub(crate) number: Kind<NumberNode>,
    pub(crate) string: Kind<StringNode>,
    pub(crate) array: Kind<Box<ArrayNode>>,
    pub(crate) object: Kind<Box<ObjectNode>>,
    /// By JSON type: what a value must satisfy besides its own node.
    pub(crate) around: [Option<Box<Around>>; TYPES],
    /// The slot of the value.
    pub(crate) slot: Option<u32>,
    /// Whether the slot belongs to an item.
    pub(crate) is_of_item: bool,
    /// The number of slots of the item that begins here.
    pub(crate) item_slots: Option<u32>,
    /// The schema of the item whose slots are those of the value.
    pub(crate) item_schema: Option<SchemaId>,
    /// By JSON type: the schemas of the value whose instances the caller asked to locate. Empty if there are none for any type.
    pub(crate) sites: Vec<Vec<SchemaId>>,
}

/// The JSON types, as indices.
pub(crate) const TYPES: usize = 6;

/// What a program does with a value of a JSON type.
#[derive(Debug, Default)]
pub(crate) enum Kind<T> {
    /// The type is not allowed.
    #[default]
    Never,
    /// The reference path decides.
    Left,
    /// Every value is valid. The row is counted.
    Any(u32),
    /// The value is checked.
    Checked(T),
}

/// What a program does with `null`, `false` or `true`.
pub(crate) type Literal = Kind<std::convert::Infallible>;

/// The node of a part of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Child {
    /// Every value is valid, and nothing is counted.
    Skip,
    /// No value is valid.
    Never,
    /// By index.
    Node(u32),
}

#[derive(Debug)]
pub(crate) struct NumberNode {
    /// The rows of numbers without and with a fraction.
    pub(crate) whole: u32,
    pub(crate) fraction: u32,
    pub(crate) integers_only: bool,
    /// Whether `1.0` is not an integer: Draft 4.
    pub(crate) by_spelling: bool,
    pub(crate) checks: Option<Box<NumberChecks>>,
}

/// Checks that need the value of a number. All operands are exact doubles.
#[derive(Debug)]
pub(crate) struct NumberChecks {
    pub(crate) minimum: f64,
    pub(crate) maximum: f64,
    pub(crate) exclusive_minimum: f64,
    pub(crate) exclusive_maximum: f64,
    /// `multipleOf` with integers.
    pub(crate) multiples: Vec<i64>,
    pub(crate) values: Option<Vec<f64>>,
    /// Numbers that are counted.
    pub(crate) rows: Vec<(f64, u32)>,
}

#[derive(Debug)]
pub(crate) struct StringNode {
    pub(crate) row: u32,
    /// The only values, and the row of each.
    pub(crate) values: Option<Box<(KeyTable, Vec<u32>)>>,
    pub(crate) checks: Option<Box<StringChecks>>,
}

#[derive(Debug)]
pub(crate) struct StringChecks {
    pub(crate) least: u64,
    pub(crate) most: u64,
    /// Whether the length matters.
    pub(crate) measured: bool,
    /// Lengths that are counted.
    pub(crate) lengths: Vec<(u64, u32)>,
    pub(crate) patterns: Vec<Regex>,
    pub(crate) formats: Vec<&'static Format>,
    /// Values that are counted.
    pub(crate) rows: Vec<(String, u32)>,
}

#[derive(Debug)]
pub(crate) struct ArrayNode {
    /// The rows of arrays without and with items.
    pub(crate) empty: u32,
    pub(crate) filled: u32,
    pub(crate) prefix: Vec<Child>,
    pub(crate) rest: Child,
    pub(crate) least: u64,
    pub(crate) most: u64,
    pub(crate) unique: bool,
    pub(crate) contains: Vec<Contains>,
    /// Lengths that are counted.
    pub(crate) lengths: Vec<(u64, u32)>,
}

#[derive(Debug)]
pub(crate) struct Contains {
    pub(crate) item: Child,
    pub(crate) least: u64,
    pub(crate) most: u64,
}

#[derive(Debug)]
pub(crate) struct ObjectNode {
    pub(crate) row: u32,
    pub(crate) keys: KeyTable,
    /// By key.
    pub(crate) children: Vec<Child>,
    pub(crate) required: u128,
    /// Keys whose absence is counted, with their rows.
    pub(crate) optional: u128,
    pub(crate) absent: Vec<u32>,
    /// Other keys: by pattern, then the rest.
    pub(crate) patterns: Vec<Regex>,
    /// By the set of patterns that a key matches: bit n for pattern n.
    pub(crate) by_patterns: Vec<Child>,
    pub(crate) least: u64,
    pub(crate) most: u64,
    /// The nodes of `propertyNames`.
    pub(crate) names: Vec<Child>,
    /// Keys that require others.
    pub(crate) dependent: Vec<(u32, u128)>,
    /// Keys that require the object to match a node.
    pub(crate) dependents: Vec<(u32, Child)>,
}

/// Assertions about the same value that are decided by trials.
#[derive(Debug, Default)]
pub(crate) struct Around {
    pub(crate) unions: Vec<Union>,
    pub(crate) not: Vec<Child>,
    pub(crate) conditions: Vec<Condition>,
    /// Whether the own node of the value checks nothing: a successful trial has checked the syntax.
    pub(crate) alone: bool,
    pub(crate) row: u32,
}

#[derive(Debug)]
pub(crate) struct Union {
    pub(crate) one: bool,
    /// Whether a value must match. A union that is only counted needs not.
    pub(crate) required: bool,
    /// Whether no value matches two branches.
    pub(crate) disjoint: bool,
    /// The candidates, with the row of each.
    pub(crate) branches: Vec<(Child, u32)>,
}

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) if_: Child,
    pub(crate) then: Child,
    pub(crate) else_: Child,
}

impl Program {
    /// The facts of each row. [`Record::rows`](crate::Record::rows) names a row by its index.
    pub fn rows(&self) -> &[Vec<Reached>] {
        &self.rows
    }

    /// The places that the program leaves to the reference path, and the reason.
    pub fn left(&self) -> impl Iterator<Item = (SchemaId, &'static str)> + '_ {
        self.left.iter().copied()
    }
}

impl fmt::Display for Child {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Skip => formatter.write_str("any"),
            Self::Never => formatter.write_str("never"),
            Self::Node(index) => write!(formatter, "{index}"),
        }
    }
}
