//! The steps of compiled readers. Each reads a value of one kind, counts its event, and returns the value for the rules.
//!
//! `event` is the number of the first event of the value's location; the others follow in the order of the step's documentation.

use crate::{Counters, Cursor, Fallback, FastPath, Keys, Member, Outcome, Val, Values, keys};

/// Reads a boolean. Events: false, true.
#[inline(always)]
pub fn boolean<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, event: u32) -> FastPath<Val<'a>> {
    let value = cursor.boolean()?;
    counters.count(event + u32::from(value));
    Ok(Val::Bool(value))
}

/// The bounds of a number.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// `minimum`
    pub minimum: f64,
    /// `maximum`
    pub maximum: f64,
    /// `exclusiveMinimum`
    pub exclusive_minimum: f64,
    /// `exclusiveMaximum`
    pub exclusive_maximum: f64,
}

impl Bounds {
    /// No bounds.
    pub const NONE: Self =
        Self { minimum: f64::NEG_INFINITY, maximum: f64::INFINITY, exclusive_minimum: f64::NEG_INFINITY, exclusive_maximum: f64::INFINITY };

    /// The event of a number: minimum, maximum, whole, fraction.
    #[inline]
    fn event(&self, value: f64, whole: bool) -> FastPath<u32> {
        if !(value >= self.minimum && value <= self.maximum && value > self.exclusive_minimum && value < self.exclusive_maximum) {
            return Err(Fallback);
        }
        Ok(match (value == self.minimum, value == self.maximum) {
            (true, true) => return Err(Fallback),
            (true, _) => 0,
            (_, true) => 1,
            _ if whole => 2,
            _ => 3,
        })
    }
}

/// Reads a number. Events: whole, fraction.
#[inline(always)]
pub fn number<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, event: u32) -> FastPath<Val<'a>> {
    let number = cursor.number()?;
    counters.count(event + u32::from(!number.is_whole()));
    Ok(Val::Double(number.as_f64()))
}

/// Reads a number within bounds. Events: minimum, maximum, whole, fraction.
#[inline(always)]
pub fn bounded<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, bounds: &Bounds, event: u32) -> FastPath<Val<'a>> {
    let number = cursor.number()?;
    let value = number.as_f64();
    counters.count(event + bounds.event(value, number.is_whole())?);
    Ok(Val::Double(value))
}

/// Reads an integer. Event: whole.
#[inline(always)]
pub fn integer<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, event: u32) -> FastPath<Val<'a>> {
    let value = cursor.number()?.as_i64().ok_or(Fallback)?;
    counters.count(event);
    Ok(Val::Int(value))
}

/// Reads an integer within bounds. Events: minimum, maximum, whole.
#[inline(always)]
pub fn bounded_integer<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, bounds: &Bounds, event: u32) -> FastPath<Val<'a>> {
    let value = cursor.number()?.as_i64().filter(|value| value.unsigned_abs() <= 1 << 53).ok_or(Fallback)?;
    counters.count(event + bounds.event(value as f64, true)?);
    Ok(Val::Int(value))
}

/// Reads a string that no rule reads. Event: text.
#[inline(always)]
pub fn any_text<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, event: u32) -> FastPath<Val<'a>> {
    cursor.string()?;
    counters.count(event);
    Ok(Val::Opaque)
}

/// Reads a string. Event: text.
#[inline(always)]
pub fn text<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, event: u32) -> FastPath<Val<'a>> {
    let text = cursor.string()?.plain()?;
    counters.count(event);
    Ok(Val::Text(text))
}

/// Reads a string that rules read as an instant, if it is one. Event: text.
#[inline(always)]
pub fn instant<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, event: u32) -> FastPath<Val<'a>> {
    let text = cursor.string()?.plain()?;
    counters.count(event);
    match crate::instant(text)? {
        Some(nanoseconds) => i64::try_from(nanoseconds).map(Val::Instant).map_err(|_| Fallback),
        None => Ok(Val::Text(text)),
    }
}

/// Reads a string with bounds on its length. Events: minimum length, another length, maximum length.
#[inline(always)]
pub fn sized_text<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, lengths: (usize, usize), event: u32) -> FastPath<Val<'a>> {
    let text = cursor.string()?.plain()?;
    let length = text.chars().count();
    if length < lengths.0 || length > lengths.1 || lengths.0 == lengths.1 {
        return Err(Fallback);
    }
    counters.count(event + if length == lengths.0 { 0 } else { 1 + u32::from(length == lengths.1) });
    Ok(Val::Text(text))
}

/// Reads a value of an enumeration of strings. Events: one for each string, in their order.
#[inline(always)]
pub fn choice<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, values: &Values, event: u32) -> FastPath<Val<'a>> {
    let index = cursor.choice(values)?;
    counters.count(event + index as u32);
    values.name(index).map(Val::Text).ok_or(Fallback)
}

/// Reads a value of any type. Event: any value.
#[inline(always)]
pub fn any<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters, event: u32) -> FastPath<Val<'a>> {
    let null = cursor.peek() == b'n';
    cursor.skip()?;
    counters.count(event);
    Ok(if null { Val::Null } else { Val::Opaque })
}

/// Reads a value that no schema describes.
#[inline(always)]
pub fn skip<'a>(cursor: &mut Cursor<'a>) -> FastPath<Val<'a>> {
    let null = cursor.peek() == b'n';
    cursor.skip()?;
    Ok(if null { Val::Null } else { Val::Opaque })
}

/// Reads an array. Events: empty, items.
#[inline(always)]
pub fn list<'a, T>(
    cursor: &mut Cursor<'a>,
    counters: &mut Counters,
    event: u32,
    mut item: impl FnMut(&mut Cursor<'a>, &mut Counters) -> FastPath<T>,
) -> FastPath<Member<Vec<T>>> {
    let mut items = Vec::new();
    let length = cursor.array(|cursor, _| {
        items.push(item(cursor, counters)?);
        Ok(())
    })?;
    counters.count(event + u32::from(length > 0));
    Ok(Member::Present(items))
}

/// Reads an array whose items no rule reads. Events: empty, items.
#[inline(always)]
pub fn any_list<'a, T>(
    cursor: &mut Cursor<'a>,
    counters: &mut Counters,
    event: u32,
    mut item: impl FnMut(&mut Cursor<'a>, &mut Counters) -> FastPath<T>,
) -> FastPath<Val<'a>> {
    let length = cursor.array(|cursor, _| item(cursor, counters).map(|_| ()))?;
    counters.count(event + u32::from(length > 0));
    Ok(Val::Opaque)
}

/// Reads an object with any keys. Event: object.
#[inline(always)]
pub fn map<'a, T>(
    cursor: &mut Cursor<'a>,
    counters: &mut Counters,
    event: u32,
    mut value: impl FnMut(&mut Cursor<'a>, &mut Counters) -> FastPath<T>,
) -> FastPath<Val<'a>> {
    static NONE: Keys = keys![];
    counters.count(event);
    cursor.open_object(&NONE, |cursor, _| value(cursor, counters).map(|_| ()))?;
    Ok(Val::Opaque)
}

/// Reads a value or null. Event: null.
#[inline(always)]
pub fn nullable<'a, T: Nullable>(
    cursor: &mut Cursor<'a>,
    counters: &mut Counters,
    null: u32,
    value: impl FnOnce(&mut Cursor<'a>, &mut Counters) -> FastPath<T>,
) -> FastPath<T> {
    if cursor.peek() == b'n' {
        cursor.null()?;
        counters.count(null);
        return Ok(T::NULL);
    }
    value(cursor, counters)
}

/// Values that have a null.
pub trait Nullable {
    /// Null.
    const NULL: Self;
}

impl Nullable for Val<'_> {
    const NULL: Self = Val::Null;
}

impl<T> Nullable for Member<T> {
    const NULL: Self = Member::Null;
}

/// Reads null, if it follows. Returns whether it was read. Event: null.
#[inline(always)]
pub fn null(cursor: &mut Cursor<'_>, counters: &mut Counters, null: u32) -> FastPath<bool> {
    let is_null = cursor.peek() == b'n';
    if is_null {
        cursor.null()?;
        counters.count(null);
    }
    Ok(is_null)
}

/// Reads an object into a view of its own.
#[inline(always)]
pub fn object<T: Default>(read: impl FnOnce(&mut T) -> FastPath<()>) -> FastPath<Member<T>> {
    let mut view = T::default();
    read(&mut view)?;
    Ok(Member::Present(view))
}

/// Tries a branch of a union whose branches exclude each other. If the branch falls back, the position and the counters are restored.
#[inline(always)]
pub fn branch<'a, T>(
    cursor: &mut Cursor<'a>,
    counters: &mut Counters,
    branch: impl FnOnce(&mut Cursor<'a>, &mut Counters) -> FastPath<T>,
) -> FastPath<T> {
    let (position, trial) = (cursor.position(), counters.begin());
    let result = branch(cursor, counters);
    counters.end(trial, result.is_ok());
    result.inspect_err(|_| cursor.restore(position))
}

/// Checks that every required key is present.
#[inline(always)]
pub fn required(seen: u128, keys: u128) -> FastPath<()> {
    if seen & keys == keys { Ok(()) } else { Err(Fallback) }
}

/// Counts the optional keys that are missing. Events: one for each optional key, in their order.
#[inline(always)]
pub fn missing(counters: &mut Counters, seen: u128, keys: u128, event: u32) {
    let (mut left, mut event) = (keys, event);
    while left != 0 {
        if seen & left & left.wrapping_neg() == 0 {
            counters.count(event);
        }
        event += 1;
        left &= left - 1;
    }
}

/// Evaluates a rule: its guard, the rule, and whether it applied to a value.
#[inline(always)]
pub fn rule<'v>(when: impl FnOnce() -> Val<'v>, rule: impl FnOnce() -> Val<'v>, interest: impl FnOnce() -> Val<'v>) -> FastPath<Outcome> {
    match when() {
        Val::Bool(false) => Ok(Outcome::Skipped),
        Val::Bool(true) => match (rule(), interest()) {
            (Val::Bool(true), Val::Bool(true)) => Ok(Outcome::Passed),
            (Val::Bool(true), Val::Bool(false)) => Ok(Outcome::Vacuous),
            _ => Err(Fallback),
        },
        _ => Err(Fallback),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_at_a_bound_is_the_event_of_that_bound() {
        fn read(cursor: &mut Cursor<'_>, counters: &mut Counters) -> FastPath<()> {
            sized_text(cursor, counters, (1, 3), 0).map(drop)
        }
        let event = |text: &str| {
            let mut counters = Counters::from_counts(vec![0; 3]);
            counters.read(text.as_bytes(), read, &crate::SiteSet::default()).ok()?;
            counters.counts().iter().position(|times| *times == 1)
        };
        // The generator numbers them: minimum, any other length, maximum.
        assert_eq!([r#""a""#, r#""ab""#, r#""äöü""#].map(event), [Some(0), Some(1), Some(2)]);
        assert_eq!([r#""""#, r#""abcd""#].map(event), [None, None]);
    }
}
