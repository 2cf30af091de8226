//! Schemas as Rust shapes, and the checks that a shape does not express.
//!
//! A [`Use`] is the type of a value: a [`Shape`] and whether null is allowed. Schemas that need a Rust type of their own become a
//! [`TypeDef`]. Presence belongs to the property, so that absent and null are two facts.

mod array;
mod body;
mod build;
mod check;
mod conjunction;
mod default;
mod documented;
mod finite;
mod number;
mod object;
mod oracle;
mod pairs;
pub(crate) mod parameter;
mod recursion;
pub(crate) mod share;
mod text;
mod union;

use std::collections::BTreeMap;

use charter_contract::{Contract, Direction, Location, SchemaId};
use serde::Serialize;
use serde_json::Value;

pub(crate) use build::{finish, shape};
pub use check::{Check, Limit};
use conjunction::Conjunction;
pub use conjunction::{Kind, Part};

/// The use of a schema. A schema without a use of its own has that of the schema it refers to, if both assert the same.
pub(crate) fn standing<'s>(contract: &Contract, shapes: &'s Shapes, schema: SchemaId) -> Option<&'s Use> {
    let mut at = schema;
    loop {
        if let Some(use_) = shapes.uses.get(&at) {
            return Some(use_);
        }
        let next = contract.schema(at).keywords.reference?;
        if Conjunction::of(contract, [at]) != Conjunction::of(contract, [next]) {
            return None;
        }
        at = next;
    }
}

/// Every type of a contract.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Shapes {
    /// The types, in the order of the documents.
    pub types: Vec<TypeDef>,
    /// The use of each schema that was shaped, in responses and wherever the direction of a message makes no difference.
    #[serde(skip)]
    pub uses: BTreeMap<SchemaId, Use>,
    /// The use of each schema in requests, if it can differ from that in responses.
    #[serde(skip)]
    pub request_uses: BTreeMap<SchemaId, Use>,
    /// Every root, definition and component of the documents in the order of the contract, then the inline bodies and parameters
    /// of operations. Those for requests follow all others.
    pub entries: Vec<Entry>,
}

impl Shapes {
    /// The use of a schema in the messages of a direction.
    pub(crate) fn use_in(&self, direction: Option<Direction>, schema: SchemaId) -> Option<&Use> {
        let of_requests = (direction == Some(Direction::Request)).then(|| self.request_uses.get(&schema)).flatten();
        of_requests.or_else(|| self.uses.get(&schema))
    }
}

/// A root, a definition or a component of the documents, or the inline schema of a body or of a parameter.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// The schema.
    pub schema: SchemaId,
    /// The name of the schema, or the words for the body or the parameter.
    pub name: String,
    /// Whether it is the inline schema of a body or of a parameter.
    #[serde(skip)]
    pub is_body: bool,
    /// The direction of the messages that the use is for; `None` if it is for both.
    #[serde(skip)]
    pub direction: Option<Direction>,
    /// The use.
    pub use_: Use,
}

/// A type by its index in [`Shapes::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TypeId(pub usize);

/// A schema that becomes a Rust type of its own.
#[derive(Clone, Debug, Serialize)]
pub struct TypeDef {
    /// The schema.
    pub schema: SchemaId,
    /// The location of the schema.
    pub location: Location,
    /// The origin of its name.
    pub origin: Origin,
    /// The direction of the messages that it is for; `None` if it is for both.
    #[serde(skip)]
    pub direction: Option<Direction>,
    /// Its description.
    pub description: Option<String>,
    /// Whether the contract calls it deprecated.
    pub deprecated: bool,
    /// Every schema that its values satisfy; the first is its own.
    pub of: Vec<Part>,
    /// The only kind of value that it holds, if its schemas allow several.
    pub only: Option<Kind>,
    /// The definition.
    pub kind: TypeKind,
    /// The key of its name: the location of the schema, with a suffix if one schema has several types.
    #[serde(skip)]
    pub key: String,
    /// The number of places that it serves, if it was made for a part.
    #[serde(skip)]
    pub places: usize,
    /// The words for its name, if it serves several places and does not need the name of the type that contains it.
    #[serde(skip)]
    pub short_name: Option<String>,
}

impl TypeDef {
    /// Whether the type implements `Copy`.
    pub(crate) fn is_copied(&self) -> bool {
        match &self.kind {
            TypeKind::Enumeration { others, .. } => *others == Others::Refused,
            TypeKind::Values { .. } => true,
            TypeKind::Constrained { inner, .. } => {
                matches!(inner, Shape::Integer64 | Shape::Machine(_) | Shape::Integer | Shape::Number | Shape::Double)
            }
            TypeKind::Struct { .. } | TypeKind::Union { .. } => false,
        }
    }
}

/// The origin of a type's name.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Origin {
    /// A document's title or a definition's key.
    Given(String),
    /// The inline schema of a body or of a parameter: the words for it.
    Body(String),
    /// A part of another type: a property, an item, a branch.
    Part {
        /// The type that contains it.
        of: TypeId,
        /// The property's name, or the word for the part.
        word: String,
    },
}

/// The definition of a type.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum TypeKind {
    /// An object with known keys.
    Struct {
        /// The known keys, in the order of the schema.
        properties: Vec<Property>,
        /// Keys that match a pattern. The first match decides.
        patterns: Vec<PatternProperty>,
        /// The values of all other keys; `None` if the object is closed.
        additional: Option<Use>,
    },
    /// One of several values that are not all strings.
    Values {
        /// The values, in the order of the schema.
        values: Vec<Value>,
        /// The documentation of each value; empty if the values have none.
        documentation: Vec<Documentation>,
        /// The keyword of the union whose branches list the values.
        union: Option<&'static str>,
    },
    /// One of several strings.
    Enumeration {
        /// The strings, in the order of the schema.
        values: Vec<String>,
        /// The documentation of each string; empty if the strings have none.
        documentation: Vec<Documentation>,
        /// How other strings are handled.
        others: Others,
        /// The keyword of the union whose branches list the strings.
        union: Option<&'static str>,
    },
    /// One of several branches.
    Union {
        /// The branches, in the order of the schema.
        branches: Vec<Branch>,
        /// How a value's branch is determined.
        dispatch: Dispatch,
        /// `anyOf`, `oneOf`, or `type` if the schema allows several types.
        keyword: &'static str,
    },
    /// A checked value; without checks, a name for a shape that contains itself.
    Constrained {
        /// The shape of the value.
        inner: Shape,
        /// The checks that the shape does not express.
        checks: Vec<Check>,
    },
}

/// How an enumeration handles strings that are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Others {
    /// They are invalid.
    Refused,
    /// They are invalid under the contract, but a client accepts and preserves them: a later version may add them.
    Later,
    /// They are valid.
    Valid,
}

/// The documentation of a listed value.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Documentation {
    /// The title of its schema.
    pub title: Option<String>,
    /// The description of its schema.
    pub description: Option<String>,
}

impl Documentation {
    /// The description, or else the title.
    pub(crate) fn text(&self) -> Option<&str> {
        self.description.as_deref().or(self.title.as_deref()).filter(|text| !text.trim().is_empty())
    }
}

/// A known key of an object.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Property {
    /// The key.
    pub key: String,
    /// Whether the key is required.
    pub required: bool,
    /// The type of the value.
    pub use_: Use,
    /// The property's schema.
    pub schema: SchemaId,
    /// The location of the schema.
    pub location: Location,
    /// Its description: its own, else that of the schema it refers to.
    pub description: Option<String>,
    /// Whether the contract calls it deprecated.
    pub deprecated: bool,
    /// Further sentences of its documentation.
    pub notes: Vec<String>,
    /// Its default, if its schema accepts it.
    pub default: Option<Value>,
}

/// Keys that match a pattern.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PatternProperty {
    /// The pattern as in the schema.
    pub written: String,
    /// The pattern in the syntax of Rust.
    pub pattern: String,
    /// The type of the values.
    pub use_: Use,
}

/// The type of a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Use {
    /// The value.
    pub shape: Shape,
    /// Whether null is allowed.
    pub nullable: bool,
}

/// The Rust type of a value that is not null.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// No value.
    Never,
    /// `true` or `false`.
    Boolean,
    /// A string.
    String,
    /// A string with a `format`. It keeps its text and is parsed as a Rust type on request.
    Text(TextType),
    /// An integer within `i64`.
    Integer64,
    /// An integer within a primitive Rust type.
    Machine(Machine),
    /// Any integer.
    Integer,
    /// A number whose bounds lie within the range in which every integer is a double.
    Double,
    /// Any number.
    Number,
    /// A list.
    List(Box<Use>),
    /// A list whose first items have schemas of their own.
    Tuple {
        /// The first items.
        items: Vec<Use>,
        /// How many of them are required.
        required: usize,
        /// The type of further items; `None` if there can be none.
        rest: Option<Box<Use>>,
    },
    /// An object of values under any keys.
    Map(Box<Use>),
    /// A type of its own.
    Named(TypeId),
    /// A type of its own, boxed because it contains the type that uses it or because it is large.
    Boxed(TypeId),
    /// A type of the user, as a Rust path. It is not generated.
    Own(String),
}

/// The Rust type that a string with a `format` is parsed as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum TextType {
    /// `jiff::Timestamp`
    JiffTimestamp,
    /// `jiff::civil::Date`
    JiffDate,
    /// `chrono::DateTime<chrono::FixedOffset>`
    ChronoDateTime,
    /// `chrono::NaiveDate`
    ChronoDate,
    /// `time::OffsetDateTime`
    TimeDateTime,
    /// `time::Date`
    TimeDate,
    /// `uuid::Uuid`
    Uuid,
    /// `std::net::Ipv4Addr`
    Ipv4,
    /// `std::net::Ipv6Addr`
    Ipv6,
}

/// An integer type of Rust, smallest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "each is named after Rust's own")]
pub enum Machine {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    U64,
    I64,
}

impl Machine {
    /// Every type, smallest first.
    pub const ALL: [Self; 8] = [Self::U8, Self::I8, Self::U16, Self::I16, Self::U32, Self::I32, Self::U64, Self::I64];

    /// Its smallest and largest value.
    pub fn range(self) -> (i128, i128) {
        match self {
            Self::U8 => (u8::MIN.into(), u8::MAX.into()),
            Self::I8 => (i8::MIN.into(), i8::MAX.into()),
            Self::U16 => (u16::MIN.into(), u16::MAX.into()),
            Self::I16 => (i16::MIN.into(), i16::MAX.into()),
            Self::U32 => (u32::MIN.into(), u32::MAX.into()),
            Self::I32 => (i32::MIN.into(), i32::MAX.into()),
            Self::U64 => (u64::MIN.into(), u64::MAX.into()),
            Self::I64 => (i64::MIN.into(), i64::MAX.into()),
        }
    }

    /// Its name in Rust.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::I8 => "i8",
            Self::U16 => "u16",
            Self::I16 => "i16",
            Self::U32 => "u32",
            Self::I32 => "i32",
            Self::U64 => "u64",
            Self::I64 => "i64",
        }
    }
}

/// A branch of a union.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Branch {
    /// The type of its value; never null.
    pub shape: Shape,
    /// The branch's schema.
    pub schema: SchemaId,
    /// The name of the variant, if the shape has no name.
    pub word: String,
    /// The name of the variant instead of `word`, if another branch has the same word.
    pub label: Option<String>,
}

/// How the branch of a value is determined. For every way but [`Dispatch::Try`] it is proved that no value is valid under two branches.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Dispatch {
    /// The JSON types that each branch accepts, in the order of the branches.
    Type(Vec<Vec<&'static str>>),
    /// The strings that a required key has in each branch, in the order of the branches.
    Tag {
        /// The key.
        key: String,
        /// Its values.
        values: Vec<Vec<String>>,
    },
    /// The presence of a key. The decisions are tried in turn: the index of a branch, and its key.
    Keys {
        /// The decisions.
        decisions: Vec<(usize, String)>,
        /// The index of the branch for all other values.
        otherwise: usize,
    },
    /// Each branch is tried in turn.
    Try,
}
