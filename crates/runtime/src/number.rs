//! Numbers without bounds: every JSON number as the deserialiser passed it, compared by its mathematical value.

use std::cmp::Ordering;
use std::fmt;

use serde::de::{Deserializer, Error};
use serde::{Serialize, Serializer};

use super::{Accept, Accepting, At, Num, Read, Violation};

/// Any JSON number. Equality is by value: `1` equals `1.0`.
#[derive(Clone, Copy, Debug)]
pub struct Number(Num);

/// Any JSON number without a fraction: `5` and also `5.0`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
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

    /// A bound of a schema, as a finite double.
    pub const fn bound(value: f64) -> Self {
        Self(Num::Float(value))
    }
}

impl Integer {
    /// The value as an `i64`, if it is in range.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.as_i64()
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

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        match (exact(self.0), exact(other.0)) {
            (Exact::Integer(left), Exact::Integer(right)) => Some(left.cmp(&right)),
            (Exact::Float(left), Exact::Float(right)) => left.partial_cmp(&right),
            (Exact::Integer(left), Exact::Float(right)) => compare(left, right),
            (Exact::Float(left), Exact::Integer(right)) => compare(right, left).map(Ordering::reverse),
        }
    }
}

/// Compares an integer with a double that has a fraction or is out of the range of exact integers.
fn compare(integer: i128, float: f64) -> Option<Ordering> {
    if float.abs() >= 1e30 {
        return 0.0_f64.partial_cmp(&float);
    }
    let floor = float.floor() as i128;
    Some(if integer <= floor { Ordering::Less } else { Ordering::Greater })
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.partial_cmp(other) == Some(Ordering::Equal)
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(Num::Signed(value))
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(Num::Unsigned(value))
    }
}

impl From<i64> for Integer {
    fn from(value: i64) -> Self {
        Self(value.into())
    }
}

impl From<u64> for Integer {
    fn from(value: u64) -> Self {
        Self(value.into())
    }
}

impl TryFrom<f64> for Number {
    type Error = Violation;

    fn try_from(value: f64) -> Result<Self, Violation> {
        if value.is_finite() { Ok(Self(Num::Float(value))) } else { Err(Violation::new("type", "number", value)) }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
    }
}

impl fmt::Display for Integer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.0)
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
