//! Numbers that reading changes.

use std::ops::Range;

use crate::{number, string};

/// A number that is read as another number, because a double cannot represent it.
#[derive(Clone, Debug, PartialEq)]
pub struct Rounding {
    /// Its bytes in the text.
    pub bytes: Range<usize>,
    /// The number in the text.
    pub written: String,
    /// The double that it is read as.
    pub read: f64,
}

/// The numbers that reading changes, in a text that [`parse`](crate::parse) accepts: integers beyond i64 and u64 that are not doubles,
/// and decimals of more than 17 significant digits whose nearest double is another decimal.
pub fn roundings(bytes: &[u8]) -> Vec<Rounding> {
    // Only a run of at least 17 digits and points can be such a number; most texts have none.
    let mut run = 0;
    let suspicious = bytes.iter().any(|byte| {
        run = if byte.is_ascii_digit() || *byte == b'.' { run + 1 } else { 0 };
        run >= 18
    });
    if !suspicious {
        return Vec::new();
    }
    let mut found = Vec::new();
    let mut rest = bytes;
    loop {
        let after = match rest {
            [] => break,
            [b'"', rest @ ..] => string::scan_any(rest).map(|(_, rest, _)| rest),
            [b'-' | b'0'..=b'9', ..] => number::scan_any(rest).map(|(_, after)| {
                found.extend(rounding(bytes, bytes.len() - rest.len()..bytes.len() - after.len()));
                after
            }),
            [_, rest @ ..] => Ok(rest),
        };
        let Ok(after) = after else { break };
        rest = after;
    }
    found
}

fn rounding(bytes: &[u8], range: Range<usize>) -> Option<Rounding> {
    let written = std::str::from_utf8(&bytes[range.clone()]).ok()?;
    if written.parse::<i64>().is_ok() || written.parse::<u64>().is_ok() {
        return None;
    }
    let read: f64 = written.parse().ok()?;
    let (digits, exponent) = decimal(written);
    let integer = !written.contains(['.', 'e', 'E']);
    // The shortest decimal of the double. An integer is compared with all digits of the double.
    let back = if integer { format!("{read:.0}") } else { format!("{read:e}") };
    let changed = (integer || digits.len() > 17) && decimal(&back) != (digits, exponent);
    changed.then(|| Rounding { bytes: range, written: written.to_owned(), read })
}

/// A decimal as its significant digits and the power of ten of the last digit.
fn decimal(text: &str) -> (String, i64) {
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.trim_start_matches('-').split_once('.').unwrap_or((mantissa.trim_start_matches('-'), ""));
    let all = format!("{whole}{fraction}");
    let digits = all.trim_start_matches('0');
    let significant = digits.trim_end_matches('0');
    let dropped = (digits.len() - significant.len()) as i64;
    let exponent = exponent.trim_start_matches('+').parse::<i64>().unwrap_or(0);
    if significant.is_empty() { (String::new(), 0) } else { (significant.to_owned(), exponent - fraction.len() as i64 + dropped) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounded_numbers_are_listed() {
        let written = |text: &str| roundings(text.as_bytes()).into_iter().map(|rounding| rounding.written).collect::<Vec<_>>();
        assert_eq!(
            written("[18446744073709551615, -9223372036854775808, 0.1, 1e300, 0.12345678901234567, 18446744073709551616]"),
            [] as [&str; 0]
        );
        assert_eq!(written("[18446744073709551617]"), ["18446744073709551617"]);
        assert_eq!(written("{\"18446744073709551617\": \"18446744073709551617\"}"), [] as [&str; 0]);
        assert_eq!(written("[0.1234567890123456789]"), ["0.1234567890123456789"]);
        assert_eq!(written("[0.50000000000000000000]"), [] as [&str; 0]);
    }
}
