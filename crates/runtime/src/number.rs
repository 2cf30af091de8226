//! Numbers without bounds: every JSON number as the deserialiser passed it, compared by its mathematical value.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::de::{Deserializer, Error};
use serde::{Serialize, Serializer};

use super::{Accept, Accepting, At, Num, Read, Violation};

/// Any JSON number. Equality and order are by value: `1` equals `1.0`. The default is 0.
///
/// It converts from the integer types of Rust, and by `TryFrom` from `f64` and `f32`: infinite values and `NaN` are not numbers in JSON.
#[derive(Clone, Copy, Debug)]
pub struct Number(Num);

/// Any JSON number without a fraction: `5` and also `5.0`. The default is 0.
///
/// It is made from every integer type of Rust up to 64 bits, compares with them, and is converted back by [`as_i64`](Integer::as_i64),
/// [`as_u64`](Integer::as_u64) and `TryFrom`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Integer(Number);

impl Number {
    /// The nearest double.
    pub fn as_f64(&self) -> f64 {
        match self.0 {
            Num::Signed(value) => value as f64,
            Num::Unsigned(value) => value as f64,
            Num::Float(value) => value,
        }
    }

    /// The value as an `i64`, if it is one.
    pub fn as_i64(&self) -> Option<i64> {
        match exact(self.0) {
            Exact::Integer(value) => i64::try_from(value).ok(),
            Exact::Float(_) => None,
        }
    }

    /// The value as a `u64`, if it is one.
    pub fn as_u64(&self) -> Option<u64> {
        match exact(self.0) {
            Exact::Integer(value) => u64::try_from(value).ok(),
            Exact::Float(_) => None,
        }
    }
}

impl Number {
    /// A number from a JSON value.
    pub fn from_json(number: &serde_json::Number) -> Self {
        let integer = number.as_u64().map(Num::Unsigned).or_else(|| number.as_i64().map(Num::Signed));
        Self(integer.unwrap_or_else(|| Num::Float(number.as_f64().unwrap_or_default())))
    }

    /// A canonical text: equal for two numbers exactly if they are equal.
    pub(super) fn canonical(&self) -> String {
        match exact(self.0) {
            Exact::Integer(value) => value.to_string(),
            Exact::Float(value) => format!("{value:?}"),
        }
    }

    /// Whether the number is a multiple of another. Both are taken as the shortest decimals that denote them.
    pub fn is_multiple_of(&self, of: &Self) -> bool {
        let ((value, value_exponent), (divisor, divisor_exponent)) = (self.decimal(), of.decimal());
        if value == 0 {
            return true;
        }
        if divisor == 0 {
            return false;
        }
        if value_exponent < divisor_exponent {
            // A scaled divisor larger than every value divides only zero.
            let scale = 10_u128.checked_pow(divisor_exponent.abs_diff(value_exponent));
            return scale.and_then(|scale| divisor.checked_mul(scale)).is_some_and(|divisor| value.is_multiple_of(divisor));
        }
        let mut left = value % divisor;
        let (mut power, mut base) = (value_exponent.abs_diff(divisor_exponent), 10 % divisor);
        // Both factors are below 2^64, so that the product does not overflow.
        while power > 0 && left != 0 {
            if power & 1 == 1 {
                left = left * base % divisor;
            }
            base = base * base % divisor;
            power >>= 1;
        }
        left == 0
    }

    /// The digits and the power of ten of the shortest decimal that denotes this number, without its sign.
    fn decimal(&self) -> (u128, i32) {
        match self.0 {
            Num::Signed(value) => (value.unsigned_abs().into(), 0),
            Num::Unsigned(value) => (value.into(), 0),
            Num::Float(value) => {
                let text = format!("{:e}", value.abs());
                let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
                let fraction = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len() as i32);
                let digits: String = digits.chars().filter(char::is_ascii_digit).collect();
                (digits.parse().unwrap_or_default(), exponent.parse::<i32>().unwrap_or_default() - fraction)
            }
        }
    }

    /// A bound of a schema.
    ///
    /// # Panics
    /// The bound is infinite or `NaN`.
    pub const fn bound(value: f64) -> Self {
        assert!(value.is_finite(), "the bound is not a number in JSON");
        Self(Num::Float(value))
    }
}

impl Integer {
    /// The value as an `i64`, if it is in range.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.as_i64()
    }

    /// The value as a `u64`, if it is in range.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.as_u64()
    }

    /// The nearest double.
    pub fn as_f64(&self) -> f64 {
        self.0.as_f64()
    }

    /// The number.
    pub fn as_number(&self) -> Number {
        self.0
    }
}

/// A number in a form that compares exactly: doubles without a fraction below 2^100 are integers.
enum Exact {
    Integer(i128),
    Float(f64),
}

fn exact(value: Num) -> Exact {
    match value {
        Num::Signed(value) => Exact::Integer(value.into()),
        Num::Unsigned(value) => Exact::Integer(value.into()),
        Num::Float(value) if value.fract() == 0.0 && value.abs() < 1e30 => Exact::Integer(value as i128),
        Num::Float(value) => Exact::Float(value),
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        // The total order of doubles is that of their values, because every number is finite.
        match (exact(self.0), exact(other.0)) {
            (Exact::Integer(left), Exact::Integer(right)) => left.cmp(&right),
            (Exact::Float(left), Exact::Float(right)) => left.total_cmp(&right),
            (Exact::Integer(left), Exact::Float(right)) => compare(left, right),
            (Exact::Float(left), Exact::Integer(right)) => compare(right, left).reverse(),
        }
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Compares an integer with a double that has a fraction or is out of the range of exact integers.
fn compare(integer: i128, float: f64) -> Ordering {
    if float.abs() >= 1e30 {
        return 0.0_f64.total_cmp(&float);
    }
    let floor = float.floor() as i128;
    if integer <= floor { Ordering::Less } else { Ordering::Greater }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

impl Hash for Number {
    fn hash<H: Hasher>(&self, state: &mut H) {
        match exact(self.0) {
            Exact::Integer(value) => value.hash(state),
            Exact::Float(value) => value.to_bits().hash(state),
        }
    }
}

impl Default for Number {
    fn default() -> Self {
        Self(Num::Unsigned(0))
    }
}

/// A type that an integer can be converted to.
pub trait FromInteger: Sized {
    /// The integer as this type, if it is in range.
    fn from_integer(value: i128) -> Option<Self>;
}

/// An integer as another type of number.
///
/// # Errors
/// The integer is out of range.
pub fn convert_integer<T: FromInteger>(value: impl Into<i128>) -> Result<T, Violation> {
    let value = value.into();
    T::from_integer(value).ok_or_else(|| Violation::new("type", "an integer in the range of the type", value))
}

/// The number that a text denotes in JSON.
///
/// # Errors
/// The text is not a number in JSON, or the type does not accept the number.
pub fn parse_number<T: for<'t> Read<'t>>(text: &str) -> Result<T, Violation> {
    super::from_str(text).map_err(|_| Violation::new("type", "the text of a number", format_args!("{text:?}")))
}

/// Conversions between `Number`, `Integer` and an integer type of Rust.
macro_rules! conversions {
    ($($type:ident: $variant:ident;)*) => {
        $(
            impl From<$type> for Number {
                fn from(value: $type) -> Self {
                    Self(Num::$variant(value.into()))
                }
            }

            impl From<$type> for Integer {
                fn from(value: $type) -> Self {
                    Self(value.into())
                }
            }

            conversions!(@both $type);
        )*
    };
    (@both $type:ident) => {
        impl TryFrom<Integer> for $type {
            type Error = Violation;

            fn try_from(value: Integer) -> Result<Self, Violation> {
                let whole = if let Exact::Integer(whole) = exact(value.0.0) { Self::try_from(whole).ok() } else { None };
                whole.ok_or_else(|| Violation::new("type", concat!("an integer in the range of ", stringify!($type)), value))
            }
        }

        impl FromInteger for $type {
            fn from_integer(value: i128) -> Option<Self> {
                value.try_into().ok()
            }
        }

        conversions!(@compare Number $type $type);
        conversions!(@compare Integer $type $type);
    };
    (@compare $number:ident $type:ident $through:ident) => {
        impl PartialEq<$type> for $number {
            fn eq(&self, other: &$type) -> bool {
                self.partial_cmp(other) == Some(Ordering::Equal)
            }
        }

        impl PartialEq<$number> for $type {
            fn eq(&self, other: &$number) -> bool {
                other == self
            }
        }

        impl PartialOrd<$type> for $number {
            fn partial_cmp(&self, other: &$type) -> Option<Ordering> {
                Some(self.cmp(&Self::from(*other as $through)))
            }
        }

        impl PartialOrd<$number> for $type {
            fn partial_cmp(&self, other: &$number) -> Option<Ordering> {
                other.partial_cmp(self).map(Ordering::reverse)
            }
        }
    };
}

conversions! {
    i8: Signed;
    i16: Signed;
    i32: Signed;
    i64: Signed;
    u8: Unsigned;
    u16: Unsigned;
    u32: Unsigned;
    u64: Unsigned;
}

/// The integer types that are at most 64 bits long on every platform that Rust supports.
macro_rules! sizes {
    ($($type:ident as $through:ident;)*) => {
        $(
            impl From<$type> for Number {
                fn from(value: $type) -> Self {
                    (value as $through).into()
                }
            }

            impl From<$type> for Integer {
                fn from(value: $type) -> Self {
                    (value as $through).into()
                }
            }

            conversions!(@both $type);
        )*
    };
}

sizes! {
    isize as i64;
    usize as u64;
}

impl FromInteger for Number {
    fn from_integer(value: i128) -> Option<Self> {
        let unsigned = u64::try_from(value).map(Self::from).ok();
        unsigned.or_else(|| i64::try_from(value).map(Self::from).ok())
    }
}

impl FromInteger for Integer {
    fn from_integer(value: i128) -> Option<Self> {
        Number::from_integer(value).map(Self)
    }
}

impl FromInteger for f64 {
    fn from_integer(value: i128) -> Option<Self> {
        Some(value as Self)
    }
}

impl From<Integer> for Number {
    fn from(value: Integer) -> Self {
        value.0
    }
}

impl PartialEq<f64> for Number {
    fn eq(&self, other: &f64) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl PartialOrd<f64> for Number {
    fn partial_cmp(&self, other: &f64) -> Option<Ordering> {
        if other.is_finite() { Some(self.cmp(&Self(Num::Float(*other)))) } else { self.as_f64().partial_cmp(other) }
    }
}

impl FromStr for Number {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        parse_number(text)
    }
}

impl FromStr for Integer {
    type Err = Violation;

    fn from_str(text: &str) -> Result<Self, Violation> {
        parse_number(text)
    }
}

/// Infinite values and `NaN` are not numbers in JSON.
impl TryFrom<f64> for Number {
    type Error = Violation;

    fn try_from(value: f64) -> Result<Self, Violation> {
        if value.is_finite() { Ok(Self(Num::Float(value))) } else { Err(Violation::new("type", "number", value)) }
    }
}

/// Infinite values and `NaN` are not numbers in JSON.
impl TryFrom<f32> for Number {
    type Error = Violation;

    fn try_from(value: f32) -> Result<Self, Violation> {
        f64::from(value).try_into()
    }
}

impl From<Number> for f64 {
    fn from(value: Number) -> Self {
        value.as_f64()
    }
}

impl From<Integer> for f64 {
    fn from(value: Integer) -> Self {
        value.as_f64()
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, formatter)
    }
}

impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Num::Signed(value) => serializer.serialize_i64(value),
            Num::Unsigned(value) => serializer.serialize_u64(value),
            Num::Float(value) => serializer.serialize_f64(value),
        }
    }
}

impl Serialize for Integer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.0.serialize(serializer)
    }
}

struct Any<'a> {
    at: &'a At<'a>,
    expected: &'static str,
}

impl<'de> Accept<'de> for Any<'_> {
    type Value = Num;

    fn at(&self) -> &At<'_> {
        self.at
    }

    fn expected(&self) -> &'static str {
        self.expected
    }

    fn number<E: Error>(self, value: Num) -> Result<Num, E> {
        match value {
            Num::Float(float) if self.expected == "integer" && float.fract() != 0.0 => Err(self.mismatch(value)),
            value => Ok(value),
        }
    }
}

impl<'de> Read<'de> for Number {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Any { at, expected: "number" })).map(Self)
    }
}

impl<'de> Read<'de> for Integer {
    fn read<D: Deserializer<'de>>(deserializer: D, at: &At<'_>) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Accepting(Any { at, expected: "integer" })).map(|value| Self(Number(value)))
    }
}

super::read::deserialize_by_reading!(Number, Integer);
