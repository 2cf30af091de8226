//! Instants of RFC 3339.

use crate::{Fallback, FastPath};

/// The nanoseconds since 1970 of a strict RFC 3339 instant. `None` if the text is not an instant.
///
/// # Errors
/// The reference path may treat the instant differently: it is in the year 9999, or has the unknown offset `-00:00`.
///
/// ```
/// assert_eq!(charter_reader::instant("1970-01-01T01:00:00.5+01:00"), Ok(Some(500_000_000)));
/// assert_eq!(charter_reader::instant("1970-02-30T00:00:00Z"), Ok(None));
/// ```
pub fn instant(text: &str) -> FastPath<Option<i128>> {
    Ok(instant_parts(text)?.map(|(seconds, nanosecond)| i128::from(seconds) * 1_000_000_000 + i128::from(nanosecond)))
}

/// As [`instant`]: the seconds since 1970, and the nanoseconds after that second.
///
/// # Errors
/// As [`instant`].
pub fn instant_parts(text: &str) -> FastPath<Option<(i64, u32)>> {
    let Some((fields, rest)) = text.as_bytes().split_first_chunk::<19>() else { return Ok(None) };
    let Some(second) = seconds(fields) else { return Ok(None) };
    let Some((nanosecond, rest)) = fraction(rest) else { return Ok(None) };
    let Some(offset) = offset(rest) else { return Ok(None) };
    if fields.starts_with(b"9999") || rest == b"-00:00" {
        return Err(Fallback);
    }
    Ok(Some((second - offset, nanosecond)))
}

/// The seconds since 1970 of `2026-07-01T10:00:00`, read as UTC.
#[inline]
fn seconds(fields: &[u8; 19]) -> Option<i64> {
    let [y0, y1, y2, y3, b'-', m0, m1, b'-', d0, d1, b'T' | b't', h0, h1, b':', i0, i1, b':', s0, s1] = *fields else { return None };
    let (century, year, month, day) = (two(y0, y1), two(y2, y3), two(m0, m1), two(d0, d1));
    let (hour, minute, second) = (two(h0, h1), two(i0, i1), two(s0, s1));
    // `two` returns a number above every limit if a byte is not a digit.
    if century > 99 || year > 99 || hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let year = century * 100 + year;
    if year == 0 || !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
        return None;
    }
    Some(i64::from(days_since_1970(year, month, day)) * 86_400 + i64::from(hour * 3_600 + minute * 60 + second))
}

/// The value of two digits, or `u32::MAX`.
#[inline(always)]
fn two(tens: u8, ones: u8) -> u32 {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    if tens > 9 || ones > 9 { u32::MAX } else { u32::from(tens) * 10 + u32::from(ones) }
}

/// The nanoseconds of a point and one to nine digits, if there is a point; and the rest.
#[inline]
fn fraction(rest: &[u8]) -> Option<(u32, &[u8])> {
    let [b'.', digits @ ..] = rest else { return Some((0, rest)) };
    let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
    if !(1..=9).contains(&count) {
        return None;
    }
    let (digits, rest) = digits.split_at(count);
    let value = digits.iter().fold(0, |value, digit| value * 10 + u32::from(digit - b'0'));
    Some((value * 10u32.pow(9 - count as u32), rest))
}

/// The seconds of `Z`, or of a sign with hours and minutes.
#[inline]
fn offset(rest: &[u8]) -> Option<i64> {
    match *rest {
        [b'Z' | b'z'] => Some(0),
        [sign @ (b'+' | b'-'), h0, h1, b':', m0, m1] => {
            let (hours, minutes) = (two(h0, h1), two(m0, m1));
            let fits = hours <= 23 && minutes <= 59;
            let seconds = i64::from(hours.min(23) * 3_600 + minutes.min(59) * 60);
            fits.then_some(if sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn days_in(year: u32, month: u32) -> u32 {
    let leap = year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days of the Gregorian calendar. Years are counted from March, so that the leap day is the last day.
fn days_since_1970(year: u32, month: u32, day: u32) -> i32 {
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let days = year * 365 + year / 4 - year / 100 + year / 400 + (month * 153 + 2) / 5 + day - 1;
    days.cast_signed() - 719_468
}
