//! The values of CEL that compiled rules compute with, without copies.
//!
//! An operation that CEL refuses, or whose result may differ from CEL's, is [`Val::Error`]. `&&` and `||` absorb it as in CEL. If the result of a rule
//! is an error, the document falls back.

use std::cmp::Ordering;

use charter_json::is_whole;

use crate::{Fallback, FastPath, Pattern};

/// A value of CEL.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Val<'a> {
    /// The key is absent. Every use except `has` is an error.
    #[default]
    Absent,
    /// An error of CEL, or a result that may differ from CEL's.
    Error,
    /// `null`
    Null,
    /// `true`, `false`
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// A floating-point number.
    Double(f64),
    /// Text without escapes.
    Text(&'a str),
    /// An instant, in nanoseconds since the epoch.
    Instant(i64),
    /// A duration in nanoseconds.
    Duration(i64),
    /// A list, an object, or a value whose content was not read. Never null.
    Opaque,
}

use Val::{Absent, Bool, Double, Duration, Error, Instant, Int, Null, Opaque, Text};

impl<'a> Val<'a> {
    /// Whether every use is an error.
    #[inline(always)]
    fn is_error(self) -> bool {
        matches!(self, Error | Absent)
    }

    /// The value itself. Generated code calls `val` on values and on [`Member`]s.
    #[inline]
    pub fn val(&self) -> Self {
        *self
    }

    /// `has(…)`
    #[inline(always)]
    pub fn has(self) -> Val<'static> {
        match self {
            Error => Error,
            other => Bool(other != Absent),
        }
    }

    /// `left == right`
    #[inline(always)]
    pub fn equals(self, right: Val<'_>) -> Val<'static> {
        match (self, right) {
            (left, right) if left.is_error() || right.is_error() => Error,
            (Null, Null) => Bool(true),
            (Null, _) | (_, Null) => Bool(false),
            (Bool(left), Bool(right)) => Bool(left == right),
            (Int(left), Int(right)) => Bool(left == right),
            (Text(left), Text(right)) => Bool(left == right),
            (Instant(left), Instant(right)) | (Duration(left), Duration(right)) => Bool(left == right),
            (left, right) => match numbers(left, right) {
                Some((left, right)) => Bool(left == right),
                None => Error,
            },
        }
    }

    /// `left != right`
    #[inline(always)]
    pub fn differs(self, right: Val<'_>) -> Val<'static> {
        self.equals(right).not()
    }

    /// `left < right`, `<=`, `>` and `>=`: whether `wanted` accepts the order.
    #[inline(always)]
    pub fn compares(self, right: Val<'_>, wanted: impl FnOnce(Ordering) -> bool) -> Val<'static> {
        let order = match (self, right) {
            (Int(left), Int(right)) => Some(left.cmp(&right)),
            (Text(left), Text(right)) => Some(left.cmp(right)),
            (Instant(left), Instant(right)) | (Duration(left), Duration(right)) => Some(left.cmp(&right)),
            (left, right) => numbers(left, right).and_then(|(left, right)| left.partial_cmp(&right)),
        };
        order.map_or(Error, |order| Bool(wanted(order)))
    }

    /// `!value`
    #[inline(always)]
    #[must_use]
    #[expect(clippy::should_implement_trait, reason = "an error is a value here")]
    pub fn not(self) -> Val<'static> {
        match self {
            Bool(value) => Bool(!value),
            _ => Error,
        }
    }

    /// `left && right`
    #[inline(always)]
    pub fn and<'b>(self, right: impl FnOnce() -> Val<'b>) -> Val<'static> {
        match self {
            Bool(false) => Bool(false),
            Bool(true) => boolean(right()),
            _ if right() == Bool(false) => Bool(false),
            _ => Error,
        }
    }

    /// `left || right`
    #[inline(always)]
    pub fn or<'b>(self, right: impl FnOnce() -> Val<'b>) -> Val<'static> {
        match self {
            Bool(true) => Bool(true),
            Bool(false) => boolean(right()),
            _ if right() == Bool(true) => Bool(true),
            _ => Error,
        }
    }

    /// `test ? then : otherwise`
    #[inline(always)]
    #[must_use]
    pub fn choose(self, then: impl FnOnce() -> Self, otherwise: impl FnOnce() -> Self) -> Self {
        match self {
            Bool(true) => then(),
            Bool(false) => otherwise(),
            _ => Error,
        }
    }

    /// `value in [a, b]`
    #[inline(always)]
    pub fn is_in(self, items: &[Val<'_>]) -> Val<'static> {
        let mut found = Bool(false);
        for item in items {
            found = found.or(
                #[inline(always)]
                || self.equals(*item),
            );
        }
        found
    }

    /// `left + right` of numbers and durations.
    #[inline(always)]
    #[must_use]
    pub fn plus(self, right: Val<'_>) -> Val<'static> {
        match (self, right) {
            (Double(left), Double(right)) => Double(left + right),
            (Int(left), Int(right)) => left.checked_add(right).map_or(Error, Int),
            (Duration(left), Duration(right)) => left.checked_add(right).map_or(Error, Duration),
            _ => Error,
        }
    }

    /// `left - right` of numbers, instants and durations.
    #[inline(always)]
    #[must_use]
    pub fn minus(self, right: Val<'_>) -> Val<'static> {
        match (self, right) {
            (Double(left), Double(right)) => Double(left - right),
            (Int(left), Int(right)) => left.checked_sub(right).map_or(Error, Int),
            (Instant(left), Instant(right)) | (Duration(left), Duration(right)) => left.checked_sub(right).map_or(Error, Duration),
            _ => Error,
        }
    }

    /// `isInstant(value)`
    #[inline(always)]
    pub fn is_instant(self) -> Val<'static> {
        match self {
            Error | Absent => Error,
            other => Bool(matches!(other, Instant(_))),
        }
    }

    /// `isWhole(value)` of a double.
    #[inline(always)]
    pub fn is_whole(self) -> Val<'static> {
        match self {
            Double(value) => Bool(is_whole(value)),
            _ => Error,
        }
    }

    /// `milliseconds(value)` of a duration, with its fraction.
    #[inline(always)]
    pub fn milliseconds(self) -> Val<'static> {
        match self {
            // As the interpreter computes it: whole milliseconds and the rest, so that both round alike.
            Duration(nanoseconds) => Double((nanoseconds / 1_000_000) as f64 + (nanoseconds % 1_000_000) as f64 / 1e6),
            _ => Error,
        }
    }

    /// `size(value)` of a string, in code points.
    #[inline(always)]
    pub fn size(self) -> Val<'static> {
        match self {
            Text(text) => i64::try_from(text.chars().count()).map_or(Error, Int),
            _ => Error,
        }
    }

    /// `value.matches(pattern)`
    #[inline(always)]
    pub fn matches(self, pattern: &Pattern) -> Val<'static> {
        match self {
            Text(text) => pattern.is_match(text).map_or(Error, Bool),
            _ => Error,
        }
    }

    /// `value.startsWith(part)`, `endsWith` and `contains`.
    #[inline(always)]
    pub fn text(self, part: Val<'_>, test: impl FnOnce(&str, &str) -> bool) -> Val<'static> {
        match (self, part) {
            (Text(text), Text(part)) => Bool(test(text, part)),
            _ => Error,
        }
    }
}

/// A condition, which must be a boolean in CEL.
#[inline(always)]
fn boolean(value: Val<'_>) -> Val<'static> {
    match value {
        Bool(value) => Bool(value),
        _ => Error,
    }
}

/// Two numbers as doubles, if the conversion is exact.
#[inline(always)]
fn numbers(left: Val<'_>, right: Val<'_>) -> Option<(f64, f64)> {
    Some((number(left)?, number(right)?))
}

#[inline(always)]
fn number(value: Val<'_>) -> Option<f64> {
    match value {
        Double(value) => Some(value),
        Int(value) if value.unsigned_abs() <= 1 << 53 => Some(value as f64),
        _ => None,
    }
}

/// An object or list that rules read, as a member of an object.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Member<T> {
    /// The key is absent.
    #[default]
    Absent,
    /// It cannot be read, because the object that contains it is absent or null.
    Error,
    /// `null`
    Null,
    /// The key is present and not null.
    Present(T),
}

impl<T: Default> Member<T> {
    /// Reads the member in place. Views are large, and a copy would cost as much as reading.
    ///
    /// # Errors
    /// `read` falls back.
    #[inline(always)]
    pub fn fill(&mut self, read: impl FnOnce(&mut T) -> FastPath<()>) -> FastPath<()> {
        *self = Self::Present(T::default());
        match self {
            Self::Present(view) => read(view),
            _ => Err(Fallback),
        }
    }
}

impl<T> Member<T> {
    /// The member by reference.
    #[inline(always)]
    pub fn as_ref(&self) -> Member<&T> {
        match self {
            Self::Absent => Member::Absent,
            Self::Error => Member::Error,
            Self::Null => Member::Null,
            Self::Present(value) => Member::Present(value),
        }
    }

    /// The member as a value of which only presence and null are known.
    #[inline(always)]
    pub fn val(&self) -> Val<'static> {
        match self {
            Self::Absent => Absent,
            Self::Error => Error,
            Self::Null => Null,
            Self::Present(_) => Opaque,
        }
    }
}

impl<'v, T> Member<&'v T> {
    /// A scalar member of the object.
    #[inline(always)]
    pub fn get<'a>(self, field: impl FnOnce(&'v T) -> Val<'a>) -> Val<'a> {
        match self {
            Self::Present(value) => field(value),
            _ => Error,
        }
    }

    /// An object or list member of the object.
    #[inline(always)]
    pub fn of<U>(self, field: impl FnOnce(&'v T) -> Member<&'v U>) -> Member<&'v U> {
        match self {
            Self::Present(value) => field(value),
            _ => Member::Error,
        }
    }
}

impl<T> Member<&Vec<T>> {
    /// `size(list)`
    #[inline(always)]
    pub fn size(self) -> Val<'static> {
        match self {
            Self::Present(items) => i64::try_from(items.len()).map_or(Error, Int),
            _ => Error,
        }
    }

    /// `list.all(item, test)`
    #[inline(always)]
    pub fn all<'a>(self, mut test: impl FnMut(&T) -> Val<'a>) -> Val<'static> {
        match self {
            Self::Present(items) => items.iter().fold(Bool(true), |all, item| all.and(|| test(item))),
            _ => Error,
        }
    }

    /// `list.exists(item, test)`
    #[inline(always)]
    pub fn exists<'a>(self, mut test: impl FnMut(&T) -> Val<'a>) -> Val<'static> {
        match self {
            Self::Present(items) => items.iter().fold(Bool(false), |any, item| any.or(|| test(item))),
            _ => Error,
        }
    }

    /// `isAscending(list.map(item, value))`: whether no instant is before the instant that precedes it. Other values are skipped.
    #[inline(always)]
    pub fn ascending<'a>(self, mut value: impl FnMut(&T) -> Val<'a>) -> Val<'static> {
        let Self::Present(items) = self else { return Error };
        let mut last = None;
        let mut ascending = true;
        for item in items {
            match value(item) {
                Instant(at) => {
                    ascending &= last.is_none_or(|last| last <= at);
                    last = Some(at);
                }
                Error | Absent => return Error,
                _ => {}
            }
        }
        Bool(ascending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_absorbed_as_in_cel() {
        assert_eq!(Error.and(|| Bool(false)), Bool(false));
        assert_eq!(Error.and(|| Bool(true)), Error);
        assert_eq!(Error.or(|| Bool(true)), Bool(true));
        assert_eq!(Absent.or(|| Bool(false)), Error);
        assert_eq!(Bool(true).and(|| Null), Error);
        assert_eq!(Text("a").is_in(&[Text("b"), Text("a")]), Bool(true));
    }

    #[test]
    fn numbers_compare_across_types_and_null_equals_only_null() {
        assert_eq!(Int(1).equals(Double(1.0)), Bool(true));
        assert_eq!(Int((1 << 53) + 1).equals(Double(9_007_199_254_740_992.0)), Error);
        assert_eq!(Null.equals(Text("")), Bool(false));
        assert_eq!(Double(-0.0).compares(Double(0.0), Ordering::is_ge), Bool(true));
        assert_eq!(Absent.equals(Null), Error);
    }
}
