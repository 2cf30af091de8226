//! What Rust can say of each schema, and what remains to be checked beside it.
//!
//! A [`Use`] is what stands at a place: a [`Shape`], perhaps null. Schemas that need a Rust type of their own become a
//! [`TypeDef`]; presence stays with the property, so that absent and null are two facts.

mod array;
mod build;
mod check;
mod conjunction;
mod finite;
mod number;
mod object;
mod oracle;
mod recursion;
mod text;
mod union;

use charter_contract::{Contract, Location, SchemaId};
use serde::Serialize;
use serde_json::Value;

pub use build::shape;
pub use check::{Check, Limit};
use conjunction::Conjunction;
pub use conjunction::{Kind, Part};

/// What stands at a schema that need not have been shaped itself: it may say the same as one it refers to.
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
    /// What stands at each schema that was shaped.
    #[serde(skip)]
    pub uses: std::collections::BTreeMap<SchemaId, Use>,
    /// What stands at each document's root, definition and component, by the name it was given, in the order of the contract.
    pub entries: Vec<(SchemaId, String, Use)>,
}

/// A type by its place in [`Shapes::types`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct TypeId(pub usize);

/// A schema that becomes a Rust type of its own.
#[derive(Clone, Debug, Serialize)]
pub struct TypeDef {
    /// The schema.
    pub schema: SchemaId,
    /// Where it stands.
    pub location: Location,
    /// Where its name comes from.
    pub origin: Origin,
    /// Its description.
    pub description: Option<String>,
    /// Whether the contract calls it deprecated.
    pub deprecated: bool,
    /// Every schema that it answers for at once; the first is its own.
    pub of: Vec<Part>,
    /// The one kind of value it holds, where its schemas allow others too.
    pub only: Option<Kind>,
    /// What it is.
    pub kind: TypeKind,
}

/// Where a type's name comes from.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Origin {
    /// A document's title or a definition's key.
    Given(String),
    /// A part of another type: a property, an item, a branch.
    Part {
        /// The type it is a part of.
        of: TypeId,
        /// The property's name, or the word for the part.
        word: String,
    },
}

/// What a type is.
#[derive(Clone, Debug, Serialize)]
pub enum TypeKind {
    /// An object with known keys.
    Struct {
        /// The known keys, in the order of the schema.
        properties: Vec<Property>,
        /// Keys known by a pattern, tried in turn.
        patterns: Vec<PatternProperty>,
        /// What other keys may hold; `None` where the object is closed.
        additional: Option<Use>,
    },
    /// One of some values that are not all strings.
    Values {
        /// The values, in the order of the schema.
        values: Vec<Value>,
    },
    /// One of some strings.
    Enumeration {
        /// The strings, in the order of the schema.
        values: Vec<String>,
        /// Whether other strings are kept as they are.
        open: bool,
    },
    /// One of several branches.
    Union {
        /// The branches, in the order of the schema.
        branches: Vec<Branch>,
        /// What tells them apart.
        dispatch: Dispatch,
        /// `anyOf`, `oneOf`, or `type` where the schema allows several.
        keyword: &'static str,
    },
    /// A value of which not every one is allowed; without checks, a name for a shape that contains itself.
    Constrained {
        /// What holds the value.
        inner: Shape,
        /// What remains to be checked.
        checks: Vec<Check>,
    },
}

/// A known key of an object.
#[derive(Clone, Debug, Serialize)]
pub struct Property {
    /// The key.
    pub key: String,
    /// Whether it must be there.
    pub required: bool,
    /// What it holds.
    pub use_: Use,
    /// The property's schema.
    pub schema: SchemaId,
    /// Where it stands.
    pub location: Location,
    /// Its description: the property's own, else that of what it refers to.
    pub description: Option<String>,
    /// Whether the contract calls it deprecated.
    pub deprecated: bool,
    /// What else is worth saying of it.
    pub notes: Vec<String>,
}

/// Keys that match a pattern.
#[derive(Clone, Debug, Serialize)]
pub struct PatternProperty {
    /// The pattern as the schema writes it.
    pub written: String,
    /// The pattern in the syntax of Rust.
    pub pattern: String,
    /// What the keys hold.
    pub use_: Use,
}

/// What stands at a place.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Use {
    /// The value.
    pub shape: Shape,
    /// Whether it may be null instead.
    pub nullable: bool,
}

/// What Rust says of a value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// No value.
    Never,
    /// `true` or `false`.
    Boolean,
    /// Text.
    String,
    /// Text of a format, kept as it is written, with a type of Rust that it is read as.
    Text(TextType),
    /// An integer within `i64`.
    Integer64,
    /// An integer within one of Rust's own types.
    Machine(Machine),
    /// Any integer.
    Integer,
    /// A number whose bounds lie where every integer is a double.
    Double,
    /// Any number.
    Number,
    /// A list.
    List(Box<Use>),
    /// A list whose first items have schemas of their own.
    Tuple {
        /// The first items.
        items: Vec<Use>,
        /// How many of them must be there.
        required: usize,
        /// What comes behind them; `None` where nothing may.
        rest: Option<Box<Use>>,
    },
    /// An object of values under any keys.
    Map(Box<Use>),
    /// A type of its own.
    Named(TypeId),
    /// A type of its own that contains the one it stands in.
    Boxed(TypeId),
    /// A type that is not generated, as a Rust path: it answers for itself.
    Own(String),
}

/// What a text of a format is read as.
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

    /// The least and the greatest integer that it holds.
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
#[derive(Clone, Debug, Serialize)]
pub struct Branch {
    /// What it holds; never null.
    pub shape: Shape,
    /// The branch's schema.
    pub schema: SchemaId,
    /// Where the branch's variant gets its name, where its shape has none.
    pub word: String,
}

/// What tells the branches of a union apart. Each but the last is proved: a value of one branch is never valid under another.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Dispatch {
    /// The JSON types that each branch takes, in the order of the branches.
    Type(Vec<Vec<&'static str>>),
    /// The strings that a required key has in each branch, in the order of the branches.
    Tag {
        /// The key.
        key: String,
        /// Its values.
        values: Vec<Vec<String>>,
    },
    /// A key whose presence decides, tried in turn: the branch, by its index, and its key. What is left is the last branch.
    Keys {
        /// The decisions.
        decisions: Vec<(usize, String)>,
        /// The branch that is left.
        otherwise: usize,
    },
    /// Nothing that can be seen at once: each branch is tried in turn.
    Try,
}
