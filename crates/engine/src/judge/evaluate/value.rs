//! The values of expressions. Arrays and objects of a document stay where they are and are bound when they are read.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::sync::Arc;

use charter_rules::parse_instant;
use serde_json::{Number, Value};

use super::super::bind::{Binder, NodeId, Scalar};
use super::json::{Items, Json, Shape};

/// A value.
#[derive(Clone, Debug)]
pub(crate) enum Val<'v> {
    Null,
    Bool(bool),
    Int(i64),
    Uint(u64),
    Double(f64),
    /// The sum of an empty list: 0 of the kind of the other operand, else an int.
    EmptySum,
    Text(Cow<'v, str>),
    Bytes(Cow<'v, [u8]>),
    Timestamp(Instant),
    /// A duration in nanoseconds.
    Duration(i64),
    /// A list that an expression built.
    List(Arc<[Val<'v>]>),
    /// A map that an expression built, in the order of its literal. The keys are unique.
    Map(Arc<[(Val<'v>, Val<'v>)]>),
    /// An array of a document, and its binding.
    Array(Json<'v>, NodeId),
    /// An object of a document, and its binding.
    Object(Json<'v>, NodeId),
    /// The type of a value.
    Type(&'static str),
    /// An integer outside 64 bits. Every operation on it fails.
    OutOfRange,
}

/// A point in time: seconds since 1970, and the nanoseconds after that second.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Instant {
    pub(super) seconds: i64,
    pub(super) nanoseconds: u32,
}

/// The instants of the years 1 to 9999.
const INSTANTS: std::ops::RangeInclusive<i128> = -62_135_596_800_000_000_000..=253_402_300_799_999_999_999;

/// The same in seconds.
const SECONDS: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;

impl Instant {
    /// The nanoseconds from another instant; `None` if they do not fit.
    pub(crate) fn since(self, other: Self) -> Option<i64> {
        i64::try_from(self.as_nanoseconds() - other.as_nanoseconds()).ok()
    }

    /// An instant as nanoseconds since 1970; `None` outside the years 1 to 9999.
    pub(super) fn from_nanoseconds(nanoseconds: i128) -> Option<Self> {
        if !INSTANTS.contains(&nanoseconds) {
            return None;
        }
        let seconds = i64::try_from(nanoseconds.div_euclid(1_000_000_000)).ok()?;
        Some(Self { seconds, nanoseconds: u32::try_from(nanoseconds.rem_euclid(1_000_000_000)).ok()? })
    }

    pub(super) fn as_nanoseconds(self) -> i128 {
        i128::from(self.seconds) * 1_000_000_000 + i128::from(self.nanoseconds)
    }

    /// A strict RFC 3339 instant.
    pub(super) fn parse(text: &str) -> Option<Self> {
        match charter_reader::instant_parts(text) {
            Ok(parts) => {
                let (seconds, nanoseconds) = parts?;
                SECONDS.contains(&seconds).then_some(Self { seconds, nanoseconds })
            }
            Err(_) => Self::from_nanoseconds(parse_instant(text)?.as_nanosecond()),
        }
    }

    pub(super) fn to_chrono(self) -> Option<chrono::DateTime<chrono::Utc>> {
        chrono::DateTime::from_timestamp(self.seconds, self.nanoseconds)
    }
}

impl<'v> Val<'v> {
    /// The same value, borrowed.
    pub(super) fn borrowed<'b>(&'b self) -> Val<'b> {
        match self {
            Self::Text(text) => Val::Text(Cow::Borrowed(text)),
            Self::Bytes(bytes) => Val::Bytes(Cow::Borrowed(bytes)),
            other => other.clone(),
        }
    }

    /// The name of its type.
    pub(super) fn type_name(&self) -> &'static str {
        match self {
            Self::Null => "null_type",
            Self::Bool(_) => "bool",
            Self::Int(_) | Self::EmptySum => "int",
            Self::Uint(_) => "uint",
            Self::Double(_) => "double",
            Self::Text(_) => "string",
            Self::Bytes(_) => "bytes",
            Self::Timestamp(_) => "google.protobuf.Timestamp",
            Self::Duration(_) => "google.protobuf.Duration",
            Self::List(_) | Self::Array(..) => "list",
            Self::Map(_) | Self::Object(..) => "map",
            Self::Type(_) => "type",
            Self::OutOfRange => "integer outside 64 bits",
        }
    }

    /// The value for the message of a fault.
    pub(super) fn debug(&self) -> String {
        match self {
            Self::Bool(value) => format!("Bool({value})"),
            Self::Int(value) => format!("Int({value})"),
            Self::EmptySum => "Int(0)".to_owned(),
            Self::Uint(value) => format!("UInt({value})"),
            Self::Double(value) => format!("Float({value:?})"),
            Self::Text(text) => format!("String({text:?})"),
            Self::Bytes(bytes) => format!("Bytes({bytes:?})"),
            Self::Timestamp(instant) => {
                instant.to_chrono().map_or_else(String::new, |instant| format!("Timestamp({:?})", instant.fixed_offset()))
            }
            Self::Duration(nanoseconds) => format!("Duration({:?})", chrono::Duration::nanoseconds(*nanoseconds)),
            Self::List(items) => format!("List([{}])", items.iter().map(Val::debug).collect::<Vec<_>>().join(", ")),
            _ => "Null".to_owned(),
        }
    }

    /// The value for the message of a finding.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Null => "null".to_owned(),
            Self::Bool(value) => value.to_string(),
            Self::Int(value) => value.to_string(),
            Self::EmptySum => "0".to_owned(),
            Self::Uint(value) => value.to_string(),
            Self::Double(value) => Value::from(*value).to_string(),
            Self::Text(text) => text.clone().into_owned(),
            Self::Type(name) => (*name).to_owned(),
            Self::Timestamp(instant) => instant.to_chrono().map_or_else(String::new, |instant| instant.to_rfc3339()),
            other => match other.size() {
                Some(size) => format!("a {} of {size}", other.type_name()),
                None => other.type_name().to_owned(),
            },
        }
    }

    /// The number of characters, bytes, items or entries.
    pub(super) fn size(&self) -> Option<usize> {
        Some(match self {
            Self::Text(text) => text.chars().count(),
            Self::Bytes(bytes) => bytes.len(),
            Self::List(items) => items.len(),
            Self::Map(entries) => entries.len(),
            Self::Array(json, _) | Self::Object(json, _) => json.len(),
            _ => return None,
        })
    }

    /// The items of a list; `None` for other values.
    pub(super) fn items<'b>(&self, binder: &'b Binder) -> Option<ListItems<'v, 'b>> {
        match self {
            Self::List(items) => Some(ListItems::Built(items.clone(), 0)),
            Self::Array(json, node) => Some(ListItems::Document(json.items(), binder, binder.item(*node))),
            _ => None,
        }
    }

    /// The member of a map at a key; the error says that the value is not a map.
    pub(super) fn member(&self, key: &Val<'_>, binder: &Binder) -> Result<Option<Val<'v>>, ()> {
        match self {
            Self::Object(json, node) => match key {
                Val::Text(name) => Ok(json.get(name).map(|value| bind(value, binder, binder.property(*node, name)))),
                _ => Ok(None),
            },
            Self::Map(entries) => Ok(entries.iter().find(|(name, _)| equals(name, key, binder)).map(|(_, value)| value.clone())),
            _ => Err(()),
        }
    }

    /// The member of a map at a string key.
    pub(super) fn field(&self, key: &str, binder: &Binder) -> Result<Option<Val<'v>>, ()> {
        match self {
            Self::Object(json, node) => Ok(json.get(key).map(|value| bind(value, binder, binder.property(*node, key)))),
            _ => self.member(&Val::Text(Cow::Borrowed(key)), binder),
        }
    }

    /// The item at an index of a list.
    pub(super) fn item(&self, index: usize, binder: &Binder) -> Option<Val<'v>> {
        match self {
            Self::List(items) => items.get(index).cloned(),
            Self::Array(json, node) => json.item(index).map(|item| bind(item, binder, binder.item(*node))),
            _ => None,
        }
    }
}

/// The items of a list.
pub(super) enum ListItems<'v, 'b> {
    Built(Arc<[Val<'v>]>, usize),
    Document(Items<'v>, &'b Binder, NodeId),
}

impl<'v> Iterator for ListItems<'v, '_> {
    type Item = Val<'v>;

    fn next(&mut self) -> Option<Val<'v>> {
        match self {
            Self::Built(items, at) => {
                *at += 1;
                items.get(*at - 1).cloned()
            }
            Self::Document(items, binder, node) => items.next().map(|item| bind(item, binder, *node)),
        }
    }
}

/// Binds a JSON value at a schema location.
pub(crate) fn bind<'v>(json: Json<'v>, binder: &Binder, node: NodeId) -> Val<'v> {
    match json.shape() {
        Shape::Null if binder.scalar(node) == Scalar::CommaList => Val::List(Arc::new([])),
        Shape::Null => Val::Null,
        Shape::Bool(value) => Val::Bool(value),
        Shape::Number(number) => bind_number(&number, binder.scalar(node)),
        Shape::Text(text) => match binder.scalar(node) {
            Scalar::CommaList => Val::List(comma_list(text)),
            Scalar::DateTime => Instant::parse(&text).map_or(Val::Text(text), Val::Timestamp),
            _ => Val::Text(text),
        },
        Shape::Array => Val::Array(json, node),
        Shape::Object => Val::Object(json, node),
    }
}

fn comma_list(text: Cow<'_, str>) -> Arc<[Val<'_>]> {
    match text {
        Cow::Borrowed(text) => parts(text).map(|item| Val::Text(Cow::Borrowed(item))).collect(),
        Cow::Owned(text) => parts(&text).map(|item| Val::Text(Cow::Owned(item.to_owned()))).collect(),
    }
}

fn parts(text: &str) -> impl Iterator<Item = &str> {
    text.split(',').map(str::trim).filter(|item| !item.is_empty())
}

fn bind_number<'v>(number: &Number, scalar: Scalar) -> Val<'v> {
    let double = || Val::Double(number.as_f64().unwrap_or(f64::NAN));
    if scalar == Scalar::Double {
        return double();
    }
    if let Some(value) = number.as_i64() {
        return Val::Int(value);
    }
    if number.is_u64() {
        return Val::OutOfRange;
    }
    // `5.0` is an integer. A double without a fraction and below 2^63 converts exactly.
    match number.as_f64() {
        Some(value) if value.fract() == 0.0 && scalar == Scalar::Integer => match value.abs() < 9.2e18 {
            true => Val::Int(value as i64),
            false => Val::OutOfRange,
        },
        _ => double(),
    }
}

/// Whether two values are equal. Numbers of different kinds are compared by value; values of other kinds differ.
pub(super) fn equals(left: &Val<'_>, right: &Val<'_>, binder: &Binder) -> bool {
    match (left, right) {
        (Val::Null, Val::Null) => true,
        (Val::Bool(left), Val::Bool(right)) => left == right,
        (Val::Text(left), Val::Text(right)) => left == right,
        (Val::Bytes(left), Val::Bytes(right)) => left == right,
        (Val::Timestamp(left), Val::Timestamp(right)) => left == right,
        (Val::Duration(left), Val::Duration(right)) => left == right,
        (Val::EmptySum, Val::Duration(duration)) | (Val::Duration(duration), Val::EmptySum) => *duration == 0,
        (Val::Type(left), Val::Type(right)) => left == right,
        (Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::EmptySum, Val::Int(_) | Val::Uint(_) | Val::Double(_) | Val::EmptySum) => {
            compare_numbers(left, right) == Some(Ordering::Equal)
        }
        (Val::List(_) | Val::Array(..), Val::List(_) | Val::Array(..)) => {
            if left.size() != right.size() {
                return false;
            }
            let (Some(left), Some(right)) = (left.items(binder), right.items(binder)) else { return false };
            left.zip(right).all(|(left, right)| equals(&left, &right, binder))
        }
        (Val::Map(_) | Val::Object(..), Val::Map(_) | Val::Object(..)) => {
            left.size() == right.size()
                && entries(left, binder).is_some_and(|mut entries| {
                    entries
                        .all(|(key, value)| right.member(&key, binder).ok().flatten().is_some_and(|other| equals(&value, &other, binder)))
                })
        }
        _ => false,
    }
}

/// The entries of a map or an object.
pub(super) fn entries<'v, 'b>(of: &'b Val<'v>, binder: &'b Binder) -> Option<Box<dyn Iterator<Item = (Val<'v>, Val<'v>)> + 'b>> {
    match of {
        Val::Map(entries) => Some(Box::new(entries.iter().cloned())),
        Val::Object(json, node) => Some(Box::new(json.members().map(move |(key, value)| {
            let value = bind(value, binder, binder.property(*node, &key));
            (Val::Text(key), value)
        }))),
        _ => None,
    }
}

/// The order of two values; `None` if they have none.
pub(super) fn compare(left: &Val<'_>, right: &Val<'_>) -> Option<Ordering> {
    match (left, right) {
        (Val::Bool(left), Val::Bool(right)) => Some(left.cmp(right)),
        (Val::Text(left), Val::Text(right)) => Some(left.cmp(right)),
        (Val::Bytes(left), Val::Bytes(right)) => Some(left.cmp(right)),
        (Val::Timestamp(left), Val::Timestamp(right)) => Some(left.cmp(right)),
        (Val::Duration(left), Val::Duration(right)) => Some(left.cmp(right)),
        (Val::EmptySum, Val::Duration(right)) => Some(0.cmp(right)),
        (Val::Duration(left), Val::EmptySum) => Some(left.cmp(&0)),
        _ => compare_numbers(left, right),
    }
}

fn compare_numbers(left: &Val<'_>, right: &Val<'_>) -> Option<Ordering> {
    match (left, right) {
        (Val::Int(left), Val::Int(right)) => Some(left.cmp(right)),
        (Val::Uint(left), Val::Uint(right)) => Some(left.cmp(right)),
        (Val::Double(left), Val::Double(right)) => left.partial_cmp(right),
        (Val::Int(left), Val::Uint(right)) => Some(i128::from(*left).cmp(&i128::from(*right))),
        (Val::Uint(left), Val::Int(right)) => Some(i128::from(*left).cmp(&i128::from(*right))),
        // As in the specification of CEL, the integer is rounded to a double.
        (Val::Int(left), Val::Double(right)) => (*left as f64).partial_cmp(right),
        (Val::Uint(left), Val::Double(right)) => (*left as f64).partial_cmp(right),
        (Val::Double(left), Val::Int(right)) => left.partial_cmp(&(*right as f64)),
        (Val::Double(left), Val::Uint(right)) => left.partial_cmp(&(*right as f64)),
        (Val::EmptySum, _) => compare_numbers(&Val::Int(0), right),
        (_, Val::EmptySum) => compare_numbers(left, &Val::Int(0)),
        _ => None,
    }
}
