//! What compiled rules reckon with: the values of CEL that a reader has seen, without copies.
//!
//! An operation that CEL would refuse, or that is not certain to come out as there, is [`Val::Error`]: `&&` and `||` absorb it
//! where CEL does, and where it is left at the end the document is judged by the interpreter.

use std::cmp::Ordering;

use charter_json::is_whole;

use crate::{Pattern, Sure, Unsure};

/// A value at hand.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Val<'a> {
    /// The key is not there: every use but the question for it is an error.
    #[default]
    Absent,
    /// What CEL refuses, or leaves open.
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
    /// A length of time in nanoseconds.
    Duration(i64),
    /// A list, an object, or a value that was not looked into: certainly not null.
    Opaque,
}

use Val::{Absent, Bool, Double, Duration, Error, Instant, Int, Null, Opaque, Text};

impl<'a> Val<'a> {
    /// Whether it can be read at all.
    #[inline(always)]
    fn is_error(self) -> bool {
        matches!(self, Error | Absent)
    }

    /// Itself: generated code asks it of whatever it has read.
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

    /// `left < right` and its kin: whether the order is one of the wanted.
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

    /// `left + right` of doubles and of lengths of time.
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

    /// `left - right` of doubles, instants and lengths of time.
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

    /// `milliseconds(value)` of a length of time, fractions included.
    #[inline(always)]
    pub fn milliseconds(self) -> Val<'static> {
        match self {
            // As the interpreter reckons it: whole milliseconds and what is left of one.
            Duration(nanoseconds) => Double((nanoseconds / 1_000_000) as f64 + (nanoseconds % 1_000_000) as f64 / 1e6),
            _ => Error,
        }
    }

    /// `size(value)` of a text, in code points.
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

    /// `value.startsWith(part)` and its kin.
    #[inline(always)]
    pub fn text(self, part: Val<'_>, test: impl FnOnce(&str, &str) -> bool) -> Val<'static> {
        match (self, part) {
            (Text(text), Text(part)) => Bool(test(text, part)),
            _ => Error,
        }
    }
}

/// What CEL takes for a condition.
#[inline(always)]
fn boolean(value: Val<'_>) -> Val<'static> {
    match value {
        Bool(value) => Bool(value),
        _ => Error,
    }
}

/// Two numbers as doubles, where nothing is lost by it.
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

/// Part of an object, as far as rules read it.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Held<T> {
    /// The key is not there.
    #[default]
    Absent,
    /// It could not be reached.
    Error,
    /// `null`
    Null,
    /// It is there.
    Is(T),
}

impl<T: Default> Held<T> {
    /// Fills it where it stands: it is large, and a copy would cost as much as reading it.
    ///
    /// # Errors
    /// What reads it is unsure.
    #[inline(always)]
    pub fn fill(&mut self, read: impl FnOnce(&mut T) -> Sure<()>) -> Sure<()> {
        *self = Self::Is(T::default());
        match self {
            Self::Is(part) => read(part),
            _ => Err(Unsure),
        }
    }
}

impl<T> Held<T> {
    /// The same, looked at.
    #[inline(always)]
    pub fn as_ref(&self) -> Held<&T> {
        match self {
            Self::Absent => Held::Absent,
            Self::Error => Held::Error,
            Self::Null => Held::Null,
            Self::Is(value) => Held::Is(value),
        }
    }

    /// It as a value, where only being there and being null count.
    #[inline(always)]
    pub fn val(&self) -> Val<'static> {
        match self {
            Self::Absent => Absent,
            Self::Error => Error,
            Self::Null => Null,
            Self::Is(_) => Opaque,
        }
    }
}

impl<'v, T> Held<&'v T> {
    /// A scalar in it.
    #[inline(always)]
    pub fn get<'a>(self, field: impl FnOnce(&'v T) -> Val<'a>) -> Val<'a> {
        match self {
            Self::Is(value) => field(value),
            _ => Error,
        }
    }

    /// An object or list in it.
    #[inline(always)]
    pub fn of<U>(self, field: impl FnOnce(&'v T) -> Held<&'v U>) -> Held<&'v U> {
        match self {
            Self::Is(value) => field(value),
            _ => Held::Error,
        }
    }
}

impl<T> Held<&Vec<T>> {
    /// `size(list)`
    #[inline(always)]
    pub fn size(self) -> Val<'static> {
        match self {
            Self::Is(items) => i64::try_from(items.len()).map_or(Error, Int),
            _ => Error,
        }
    }

    /// `list.all(item, test)`
    #[inline(always)]
    pub fn all<'a>(self, mut test: impl FnMut(&T) -> Val<'a>) -> Val<'static> {
        match self {
            Self::Is(items) => items.iter().fold(Bool(true), |all, item| all.and(|| test(item))),
            _ => Error,
        }
    }

    /// `list.exists(item, test)`
    #[inline(always)]
    pub fn exists<'a>(self, mut test: impl FnMut(&T) -> Val<'a>) -> Val<'static> {
        match self {
            Self::Is(items) => items.iter().fold(Bool(false), |any, item| any.or(|| test(item))),
            _ => Error,
        }
    }

    /// `isAscending(list.map(item, value))`: whether no instant lies before the one that it follows; others are passed over.
    #[inline(always)]
    pub fn ascending<'a>(self, mut value: impl FnMut(&T) -> Val<'a>) -> Val<'static> {
        let Self::Is(items) = self else { return Error };
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
    fn errors_are_absorbed_as_cel_absorbs_them() {
        assert_eq!(Error.and(|| Bool(false)), Bool(false));
        assert_eq!(Error.and(|| Bool(true)), Error);
        assert_eq!(Error.or(|| Bool(true)), Bool(true));
        assert_eq!(Absent.or(|| Bool(false)), Error);
        assert_eq!(Bool(true).and(|| Null), Error);
        assert_eq!(Text("a").is_in(&[Text("b"), Text("a")]), Bool(true));
    }

    #[test]
    fn numbers_compare_across_kinds_and_null_equals_itself_alone() {
        assert_eq!(Int(1).equals(Double(1.0)), Bool(true));
        assert_eq!(Int((1 << 53) + 1).equals(Double(9_007_199_254_740_992.0)), Error);
        assert_eq!(Null.equals(Text("")), Bool(false));
        assert_eq!(Double(-0.0).compares(Double(0.0), Ordering::is_ge), Bool(true));
        assert_eq!(Absent.equals(Null), Error);
    }
}
