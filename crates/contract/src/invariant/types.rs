//! The types of rule expressions: unions of alternatives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::Literal;
use crate::model::SchemaId;

/// The type of a value. A type without alternatives has no values.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Type {
    /// One for each kind of value; objects and lists of different schemas have one each.
    pub alternatives: Vec<Alternative>,
    /// The expression has an error that has been reported; consequential errors are not reported.
    #[serde(skip)]
    pub reported: bool,
    /// Its text is a date-time by its schema, but is not bound as one: the order of the text is not the order of the instants.
    #[serde(skip)]
    pub is_date_time_text: bool,
}

/// One kind of value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Alternative {
    /// An unknown type.
    Any,
    /// `null`
    Null,
    /// A boolean; the value, if only one is possible.
    Bool(Option<bool>),
    /// A signed integer of 64 bits.
    Int,
    /// An unsigned integer of 64 bits.
    Uint,
    /// A floating-point number of 64 bits.
    Double,
    /// A string; the values, if the schema enumerates them.
    String(Option<BTreeSet<String>>),
    /// Bytes.
    Bytes,
    /// An instant.
    Timestamp,
    /// A duration.
    Duration,
    /// A list.
    List(List),
    /// An object to which all of these schemas apply.
    Object(BTreeSet<SchemaId>),
    /// A record of the rule language: `request`, `response` and their members.
    Record(BTreeMap<String, Field>),
    /// An object with arbitrary keys and values of one type.
    Map(Box<Type>),
    /// The type of a value, such as `type(x)` and `int`.
    Kind,
}

/// A list: the type and number of its items.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct List {
    /// The items.
    pub items: Items,
    /// The minimum number of items.
    pub min: u64,
    /// The maximum number of items, if bounded.
    pub max: Option<u64>,
}

/// The type of a list's items.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Items {
    /// All schemas of one of these sets apply to each item.
    Schemas(Vec<BTreeSet<SchemaId>>),
    /// Every item has this type.
    Type(Box<Type>),
}

/// A field of a record.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Its value.
    pub type_: Type,
    /// Whether it is always present.
    pub required: bool,
}

/// The type of one node of a checked expression.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Typed {
    /// Its type.
    pub type_: Type,
    /// Why the evaluation can fail even though the types are correct: an overflow, an index.
    pub may_fail: Option<&'static str>,
}

impl Type {
    /// A type of one alternative.
    pub fn of(alternative: Alternative) -> Self {
        Self { alternatives: vec![alternative], ..Self::default() }
    }

    /// An unknown type.
    pub fn any() -> Self {
        Self::of(Alternative::Any)
    }

    /// Either boolean.
    pub fn bool() -> Self {
        Self::of(Alternative::Bool(None))
    }

    /// Any string.
    pub fn text() -> Self {
        Self::of(Alternative::String(None))
    }

    /// The type of an expression with a reported error.
    pub fn reported() -> Self {
        Self { reported: true, ..Self::any() }
    }

    /// Whether the type has no values.
    pub fn is_never(&self) -> bool {
        self.alternatives.is_empty()
    }

    /// The union of two types.
    pub fn or(mut self, other: Self) -> Self {
        for alternative in other.alternatives {
            self.add(alternative);
        }
        self.reported |= other.reported;
        self.is_date_time_text |= other.is_date_time_text;
        self
    }

    /// Adds an alternative; enumerated strings are merged.
    pub fn add(&mut self, new: Alternative) {
        for old in &mut self.alternatives {
            match (old, &new) {
                (Alternative::String(old), Alternative::String(values)) => {
                    *old = old.take().zip(values.clone()).map(|(old, new)| &old | &new);
                    return;
                }
                (Alternative::Bool(old), Alternative::Bool(value)) => {
                    *old = old.filter(|old| Some(*old) == *value);
                    return;
                }
                (old, new) if old == new => return,
                _ => {}
            }
        }
        self.alternatives.push(new);
    }

    /// The alternatives that pass a test.
    pub fn filter(&self, keep: impl Fn(&Alternative) -> bool) -> Self {
        Self {
            alternatives: self.alternatives.iter().filter(|alternative| keep(alternative)).cloned().collect(),
            ..self.without_alternatives()
        }
    }

    fn without_alternatives(&self) -> Self {
        Self { alternatives: Vec::new(), reported: self.reported, is_date_time_text: self.is_date_time_text }
    }

    /// Whether an alternative passes a test.
    pub fn has(&self, test: impl Fn(&Alternative) -> bool) -> bool {
        self.alternatives.iter().any(test)
    }

    /// Whether every alternative passes a test; a reported type passes all.
    pub fn all(&self, test: impl Fn(&Alternative) -> bool) -> bool {
        self.reported || self.alternatives.iter().all(test)
    }

    /// Whether the value may be null.
    pub fn may_be_null(&self) -> bool {
        self.has(|alternative| matches!(alternative, Alternative::Null))
    }

    /// The enumerated values of strings, if the schema lists them.
    pub fn values(&self) -> Option<BTreeSet<String>> {
        self.alternatives.iter().find_map(|alternative| match alternative {
            Alternative::String(values) => values.clone(),
            _ => None,
        })
    }

    /// The type of values that equal a literal.
    pub fn equal_to(&self, literal: &Literal) -> Self {
        let alternatives = self.alternatives.iter().filter_map(|alternative| match (alternative, literal) {
            (Alternative::Any, _) => Some(Alternative::Any),
            (Alternative::Null, Literal::Null) => Some(Alternative::Null),
            (Alternative::Bool(known), Literal::Bool(value)) => {
                known.is_none_or(|known| known == *value).then_some(Alternative::Bool(Some(*value)))
            }
            (Alternative::String(values), Literal::String(text)) => {
                values.as_ref().is_none_or(|values| values.contains(text)).then(|| Alternative::String(Some([text.clone()].into())))
            }
            (Alternative::Int | Alternative::Uint | Alternative::Double, Literal::Int(_) | Literal::Uint(_) | Literal::Double(_)) => {
                Some(alternative.clone())
            }
            (Alternative::Bytes, Literal::Bytes(_)) => Some(Alternative::Bytes),
            _ => None,
        });
        Self { alternatives: alternatives.collect(), ..self.without_alternatives() }
    }

    /// The type of values that differ from a literal.
    pub fn other_than(&self, literal: &Literal) -> Self {
        let alternatives = self.alternatives.iter().filter_map(|alternative| match (alternative, literal) {
            (Alternative::Null, Literal::Null) => None,
            (Alternative::Bool(known), Literal::Bool(value)) => {
                known.is_none_or(|known| known != *value).then_some(Alternative::Bool(Some(!*value)))
            }
            (Alternative::String(Some(values)), Literal::String(text)) => {
                let left: BTreeSet<String> = values.iter().filter(|value| *value != text).cloned().collect();
                (!left.is_empty()).then_some(Alternative::String(Some(left)))
            }
            _ => Some(alternative.clone()),
        });
        Self { alternatives: alternatives.collect(), ..self.without_alternatives() }
    }

    /// Whether a value of one type can equal a value of the other. Numbers compare across kinds.
    pub fn overlaps(&self, other: &Self) -> bool {
        let number = |alternative: &Alternative| matches!(alternative, Alternative::Int | Alternative::Uint | Alternative::Double);
        self.reported
            || other.reported
            || self.alternatives.iter().any(|left| {
                other.alternatives.iter().any(|right| match (left, right) {
                    (Alternative::Any, _) | (_, Alternative::Any) => true,
                    (Alternative::String(Some(left)), Alternative::String(Some(right))) => left.iter().any(|value| right.contains(value)),
                    (Alternative::Bool(Some(left)), Alternative::Bool(Some(right))) => left == right,
                    (left, right) if number(left) && number(right) => true,
                    (
                        Alternative::Object(_) | Alternative::Record(_) | Alternative::Map(_),
                        Alternative::Object(_) | Alternative::Record(_) | Alternative::Map(_),
                    ) => true,
                    (left, right) => std::mem::discriminant(left) == std::mem::discriminant(right),
                })
            })
    }

    /// The type for messages, such as `null or text`.
    pub fn words(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for alternative in &self.alternatives {
            let word = alternative.word();
            if !words.contains(&word) {
                words.push(word);
            }
        }
        let mut text = String::new();
        for (index, word) in words.iter().enumerate() {
            let joint = if index == 0 {
                ""
            } else if index + 1 == words.len() {
                " or "
            } else {
                ", "
            };
            let _ = write!(text, "{joint}{word}");
        }
        if text.is_empty() { "no value".to_owned() } else { text }
    }
}

impl Alternative {
    /// The kind of value for messages, with its article.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int => "an int",
            Self::Uint => "a uint",
            Self::Double => "a double",
            Self::String(_) => "text",
            Self::Bytes => "bytes",
            Self::Timestamp => "an instant",
            Self::Duration => "a duration",
            Self::List(_) => "a list",
            Self::Object(_) | Self::Record(_) => "an object",
            Self::Map(_) => "a map",
            Self::Kind => "a type",
        }
    }
}
