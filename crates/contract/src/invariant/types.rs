//! The types of rule expressions: a value has one of several alternatives.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use serde::Serialize;

use super::Literal;
use crate::model::SchemaId;

/// What a value can be. No alternative means that there is no such value.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Type {
    /// One entry for each kind of value, several for objects and lists of different schemas.
    pub alternatives: Vec<Alternative>,
    /// The expression is wrong and has been reported: nothing that follows from it is.
    #[serde(skip)]
    pub reported: bool,
}

/// One kind of value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Alternative {
    /// Nothing is known of it.
    Any,
    /// `null`
    Null,
    /// A boolean, where only one is possible that one.
    Bool(Option<bool>),
    /// A signed integer of 64 bits.
    Int,
    /// An unsigned integer of 64 bits.
    Uint,
    /// A floating-point number of 64 bits.
    Double,
    /// Text; where the schema lists its values, one of these.
    String(Option<BTreeSet<String>>),
    /// Bytes.
    Bytes,
    /// An instant.
    Timestamp,
    /// A length of time.
    Duration,
    /// A list.
    List(List),
    /// An object that all of these schemas describe.
    Object(BTreeSet<SchemaId>),
    /// A record of ours: `request`, `response` and their parts.
    Record(BTreeMap<String, Field>),
    /// Keys of any name, all with values of one type.
    Map(Box<Type>),
}

/// A list: what its items are, and how many there are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct List {
    /// The items.
    pub items: Items,
    /// The least number of items.
    pub min: u64,
    /// The greatest number of items, where there is one.
    pub max: Option<u64>,
}

/// What the items of a list are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Items {
    /// Each is described by all the schemas of one of these sets.
    Schemas(Vec<BTreeSet<SchemaId>>),
    /// Each is of this type.
    Type(Box<Type>),
}

/// A key of a record of ours.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Its value.
    pub type_: Type,
    /// Whether it is always there.
    pub required: bool,
}

/// The type of one node of a checked expression.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Typed {
    /// What its value can be.
    pub type_: Type,
    /// Why evaluating it can fail though it is well typed: an overflow, an index.
    pub may_fail: Option<&'static str>,
}

impl Type {
    /// One alternative alone.
    pub fn of(alternative: Alternative) -> Self {
        Self { alternatives: vec![alternative], reported: false }
    }

    /// Nothing is known of the value.
    pub fn any() -> Self {
        Self::of(Alternative::Any)
    }

    /// Either boolean.
    pub fn bool() -> Self {
        Self::of(Alternative::Bool(None))
    }

    /// Any text.
    pub fn text() -> Self {
        Self::of(Alternative::String(None))
    }

    /// The type of what has been refused.
    pub fn reported() -> Self {
        Self { alternatives: vec![Alternative::Any], reported: true }
    }

    /// Whether there is no such value.
    pub fn is_never(&self) -> bool {
        self.alternatives.is_empty()
    }

    /// Either of two types.
    pub fn or(mut self, other: Self) -> Self {
        for alternative in other.alternatives {
            self.add(alternative);
        }
        self.reported |= other.reported;
        self
    }

    /// Adds one alternative; listed values of text are united.
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

    /// The alternatives that a test keeps.
    pub fn filter(&self, keep: impl Fn(&Alternative) -> bool) -> Self {
        Self { alternatives: self.alternatives.iter().filter(|alternative| keep(alternative)).cloned().collect(), reported: self.reported }
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

    /// The values that text of this type can have, where the schema lists them.
    pub fn values(&self) -> Option<BTreeSet<String>> {
        self.alternatives.iter().find_map(|alternative| match alternative {
            Alternative::String(values) => values.clone(),
            _ => None,
        })
    }

    /// What is left where the value equals a literal.
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
        Self { alternatives: alternatives.collect(), reported: self.reported }
    }

    /// What is left where the value differs from a literal.
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
        Self { alternatives: alternatives.collect(), reported: self.reported }
    }

    /// Whether a value of one type can equal one of the other. Numbers compare across kinds.
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

    /// The type in words: `null or text`.
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
    /// The kind of value in words, with its article.
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
        }
    }
}
