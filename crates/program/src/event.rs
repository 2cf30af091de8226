//! What a program counts for coverage: facts about one schema that a value reached.

use charter_contract::{JsonType, SchemaId};

/// A fact about a schema that a value reached. A row of a program lists the facts that are reached together.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reached {
    /// A value of the schema was read.
    Seen(SchemaId),
    /// A value of one of the types that the schema lists.
    Kind(SchemaId, JsonType),
    /// An object that lacks an optional property: the schema of the object, and that of the property.
    Absent(SchemaId, SchemaId),
    /// A value of the schema's enumeration, by its index; the booleans of a schema without one are 0 for `true` and 1 for `false`.
    Value(SchemaId, usize),
    /// A value that matches a branch: the schema with the union, and the branch.
    Branch(SchemaId, SchemaId),
    /// A value that equals a bound, by the keyword; or `empty` and `notEmpty`.
    Bound(SchemaId, &'static str),
}

/// The number of a row, for values without facts to count.
pub(crate) const NOTHING: u32 = u32::MAX;
