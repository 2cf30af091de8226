//! The steps of compiled readers: a value of one kind is read, noted, and handed on to the rules.
//!
//! `note` is the number of the first event of the place; the others follow in the order that each step names.

use crate::{Cursor, Held, Keys, Outcome, Sure, Tally, Unsure, Val, Values, instant, keys};

/// A boolean. Events: false, true.
#[inline(always)]
pub fn boolean<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, note: u32) -> Sure<Val<'a>> {
    let value = cursor.boolean()?;
    tally.note(note + u32::from(value));
    Ok(Val::Bool(value))
}

/// Bounds of numbers, and what lies at them.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// `minimum`
    pub least: f64,
    /// `maximum`
    pub most: f64,
    /// `exclusiveMinimum`
    pub above: f64,
    /// `exclusiveMaximum`
    pub below: f64,
}

impl Bounds {
    /// No bound.
    pub const NONE: Self = Self { least: f64::NEG_INFINITY, most: f64::INFINITY, above: f64::NEG_INFINITY, below: f64::INFINITY };

    /// The event of a number: at the least, at the most, whole, a fraction.
    #[inline]
    fn event(&self, value: f64, whole: bool) -> Sure<u32> {
        if !(value >= self.least && value <= self.most && value > self.above && value < self.below) {
            return Err(Unsure);
        }
        Ok(match (value == self.least, value == self.most) {
            (true, true) => return Err(Unsure),
            (true, _) => 0,
            (_, true) => 1,
            _ if whole => 2,
            _ => 3,
        })
    }
}

/// A number. Events: whole, a fraction.
#[inline(always)]
pub fn number<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, note: u32) -> Sure<Val<'a>> {
    let number = cursor.number()?;
    tally.note(note + u32::from(!number.is_whole()));
    Ok(Val::Double(number.as_f64()))
}

/// A number within bounds. Events: the least, the most, whole, a fraction.
#[inline(always)]
pub fn bounded<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, bounds: &Bounds, note: u32) -> Sure<Val<'a>> {
    let number = cursor.number()?;
    let value = number.as_f64();
    tally.note(note + bounds.event(value, number.is_whole())?);
    Ok(Val::Double(value))
}

/// An integer. Event: whole.
#[inline(always)]
pub fn integer<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, note: u32) -> Sure<Val<'a>> {
    let value = cursor.number()?.as_i64().ok_or(Unsure)?;
    tally.note(note);
    Ok(Val::Int(value))
}

/// An integer within bounds. Events: the least, the most, whole.
#[inline(always)]
pub fn bounded_integer<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, bounds: &Bounds, note: u32) -> Sure<Val<'a>> {
    let value = cursor.number()?.as_i64().filter(|value| value.unsigned_abs() <= 1 << 53).ok_or(Unsure)?;
    tally.note(note + bounds.event(value as f64, true)?);
    Ok(Val::Int(value))
}

/// A string that no rule reads. Event: text.
#[inline(always)]
pub fn any_text<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, note: u32) -> Sure<Val<'a>> {
    cursor.string()?;
    tally.note(note);
    Ok(Val::Opaque)
}

/// A string. Event: text.
#[inline(always)]
pub fn text<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, note: u32) -> Sure<Val<'a>> {
    let text = cursor.string()?.plain()?;
    tally.note(note);
    Ok(Val::Text(text))
}

/// A string that rules see as an instant where it is one. Event: text.
#[inline(always)]
pub fn moment<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, note: u32) -> Sure<Val<'a>> {
    let text = cursor.string()?.plain()?;
    tally.note(note);
    match instant(text)? {
        Some(nanoseconds) => i64::try_from(nanoseconds).map(Val::Instant).map_err(|_| Unsure),
        None => Ok(Val::Text(text)),
    }
}

/// A string between lengths. Events: the minimum length, any other length, the maximum length.
#[inline(always)]
pub fn sized_text<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, lengths: (usize, usize), note: u32) -> Sure<Val<'a>> {
    let text = cursor.string()?.plain()?;
    let length = text.chars().count();
    if length < lengths.0 || length > lengths.1 || lengths.0 == lengths.1 {
        return Err(Unsure);
    }
    tally.note(note + if length == lengths.0 { 0 } else { 1 + u32::from(length == lengths.1) });
    Ok(Val::Text(text))
}

/// One of the strings that are listed. Events: each of them.
#[inline(always)]
pub fn choice<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, values: &Values, note: u32) -> Sure<Val<'a>> {
    let index = cursor.choice(values)?;
    tally.note(note + index as u32);
    values.name(index).map(Val::Text).ok_or(Unsure)
}

/// Any value. Event: anything.
#[inline(always)]
pub fn anything<'a>(cursor: &mut Cursor<'a>, tally: &mut Tally, note: u32) -> Sure<Val<'a>> {
    let null = cursor.peek() == b'n';
    cursor.skip()?;
    tally.note(note);
    Ok(if null { Val::Null } else { Val::Opaque })
}

/// A value that no schema describes.
#[inline(always)]
pub fn skip<'a>(cursor: &mut Cursor<'a>) -> Sure<Val<'a>> {
    let null = cursor.peek() == b'n';
    cursor.skip()?;
    Ok(if null { Val::Null } else { Val::Opaque })
}

/// An array. Events: empty, items.
#[inline(always)]
pub fn list<'a, T>(
    cursor: &mut Cursor<'a>,
    tally: &mut Tally,
    note: u32,
    mut item: impl FnMut(&mut Cursor<'a>, &mut Tally) -> Sure<T>,
) -> Sure<Held<Vec<T>>> {
    let mut items = Vec::new();
    let length = cursor.array(|cursor, _| {
        items.push(item(cursor, tally)?);
        Ok(())
    })?;
    tally.note(note + u32::from(length > 0));
    Ok(Held::Is(items))
}

/// An array whose items no rule reads. Events: empty, items.
#[inline(always)]
pub fn any_list<'a, T>(
    cursor: &mut Cursor<'a>,
    tally: &mut Tally,
    note: u32,
    mut item: impl FnMut(&mut Cursor<'a>, &mut Tally) -> Sure<T>,
) -> Sure<Val<'a>> {
    let length = cursor.array(|cursor, _| item(cursor, tally).map(|_| ()))?;
    tally.note(note + u32::from(length > 0));
    Ok(Val::Opaque)
}

/// An object of values under any keys. Event: object.
#[inline(always)]
pub fn map<'a, T>(
    cursor: &mut Cursor<'a>,
    tally: &mut Tally,
    note: u32,
    mut value: impl FnMut(&mut Cursor<'a>, &mut Tally) -> Sure<T>,
) -> Sure<Val<'a>> {
    static NONE: Keys = keys![];
    tally.note(note);
    cursor.open_object(&NONE, |cursor, _| value(cursor, tally).map(|_| ()))?;
    Ok(Val::Opaque)
}

/// What may be null. Event: null.
#[inline(always)]
pub fn nullable<'a, T: Nullable>(
    cursor: &mut Cursor<'a>,
    tally: &mut Tally,
    null: u32,
    value: impl FnOnce(&mut Cursor<'a>, &mut Tally) -> Sure<T>,
) -> Sure<T> {
    if cursor.peek() == b'n' {
        cursor.null()?;
        tally.note(null);
        return Ok(T::NULL);
    }
    value(cursor, tally)
}

/// What can stand for null.
pub trait Nullable {
    /// Null.
    const NULL: Self;
}

impl Nullable for Val<'_> {
    const NULL: Self = Val::Null;
}

impl<T> Nullable for Held<T> {
    const NULL: Self = Held::Null;
}

/// Whether null comes, which then is read. Event: null.
#[inline(always)]
pub fn null(cursor: &mut Cursor<'_>, tally: &mut Tally, null: u32) -> Sure<bool> {
    let is_null = cursor.peek() == b'n';
    if is_null {
        cursor.null()?;
        tally.note(null);
    }
    Ok(is_null)
}

/// Part of an object that is read by itself.
#[inline(always)]
pub fn part<T: Default>(read: impl FnOnce(&mut T) -> Sure<()>) -> Sure<Held<T>> {
    let mut part = T::default();
    read(&mut part)?;
    Ok(Held::Is(part))
}

/// One of several objects that no two of which can be meant at once: each is tried, with the notes and the place of before.
#[inline(always)]
pub fn attempt<'a, T>(cursor: &mut Cursor<'a>, tally: &mut Tally, branch: impl FnOnce(&mut Cursor<'a>, &mut Tally) -> Sure<T>) -> Sure<T> {
    let (place, trial) = (cursor.mark(), tally.begin());
    let sure = branch(cursor, tally);
    tally.end(trial, sure.is_ok());
    sure.inspect_err(|_| cursor.return_to(place))
}

/// Whether every key is there that must be.
#[inline(always)]
pub fn required(seen: u128, keys: u128) -> Sure<()> {
    if seen & keys == keys { Ok(()) } else { Err(Unsure) }
}

/// Notes the keys that are not there. Events: one for each of the keys, in their order.
#[inline(always)]
pub fn lacking(tally: &mut Tally, seen: u128, keys: u128, note: u32) {
    let (mut left, mut note) = (keys, note);
    while left != 0 {
        if seen & left & left.wrapping_neg() == 0 {
            tally.note(note);
        }
        note += 1;
        left &= left - 1;
    }
}

/// Judges a rule: its guard, itself, and whether it looked at something.
#[inline(always)]
pub fn rule<'v>(when: impl FnOnce() -> Val<'v>, rule: impl FnOnce() -> Val<'v>, interest: impl FnOnce() -> Val<'v>) -> Sure<Outcome> {
    match when() {
        Val::Bool(false) => Ok(Outcome::Skipped),
        Val::Bool(true) => match (rule(), interest()) {
            (Val::Bool(true), Val::Bool(true)) => Ok(Outcome::Passed),
            (Val::Bool(true), Val::Bool(false)) => Ok(Outcome::Vacuous),
            _ => Err(Unsure),
        },
        _ => Err(Unsure),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_length_at_a_bound_is_the_event_of_that_bound() {
        fn read(cursor: &mut Cursor<'_>, tally: &mut Tally) -> Sure<()> {
            sized_text(cursor, tally, (1, 3), 0).map(drop)
        }
        let event = |text: &str| {
            let mut tally = Tally::over(vec![0; 3]);
            tally.read(text.as_bytes(), read, &crate::SiteSet::default()).ok()?;
            tally.counts().iter().position(|times| *times == 1)
        };
        // The generator numbers them: minimum, any other length, maximum.
        assert_eq!([r#""a""#, r#""ab""#, r#""äöü""#].map(event), [Some(0), Some(1), Some(2)]);
        assert_eq!([r#""""#, r#""abcd""#].map(event), [None, None]);
    }
}
