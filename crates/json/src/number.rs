//! Numbers: the scanner of their bytes, and its result.

use wide::u8x16;

use crate::{Fallback, FastPath};

/// A number of a text. It is finite, and reading it as a double or an integer of 64 bits does not round it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Number<'a> {
    written: &'a [u8],
    /// Whether it has neither a point nor an exponent.
    integer: bool,
}

/// Every integer up to this one is a double.
const EXACT: u64 = 1 << 53;
const POWERS: [f64; 16] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15];
const INTEGER_POWERS: [u64; 19] = {
    let mut powers = [1; 19];
    let mut at = 1;
    while at < 19 {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

impl<'a> Number<'a> {
    /// The nearest double.
    #[inline]
    pub fn as_f64(&self) -> f64 {
        if self.integer && self.written != b"-0" {
            return self.integer_value() as f64;
        }
        self.decimal_value()
    }

    /// The number as an integer, also if it is written as `1.0` or `1e2`.
    #[inline]
    pub fn as_i64(&self) -> Option<i64> {
        if self.integer {
            return Some(self.integer_value());
        }
        let value = self.decimal_value();
        // -2^63 is an integer of 64 bits; 2^63 is not.
        let fits = is_whole(value) && (-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&value);
        fits.then_some(value as i64)
    }

    /// Whether it is an integer as JSON Schema defines it.
    #[inline]
    pub fn is_whole(&self) -> bool {
        self.integer || is_whole(self.decimal_value())
    }

    /// Whether it is written without a point and an exponent.
    #[inline(always)]
    pub fn is_integer(&self) -> bool {
        self.integer
    }

    /// The bytes of the number in the text.
    pub fn written(&self) -> &'a [u8] {
        self.written
    }

    /// The value of an integer. The scanner has checked that it fits.
    #[inline(always)]
    fn integer_value(&self) -> i64 {
        match self.written {
            [b'-', digits @ ..] => digits.iter().fold(0, |value, byte| value * 10 - i64::from(byte - b'0')),
            digits => digits.iter().fold(0, |value, byte| value * 10 + i64::from(byte - b'0')),
        }
    }

    fn decimal_value(&self) -> f64 {
        self.short_decimal_value().unwrap_or_else(|| self.parsed())
    }

    /// The value of digits with a point: the quotient of two integers, rounded once.
    #[inline(always)]
    fn short_decimal_value(&self) -> Option<f64> {
        let (digits, negative) = match self.written {
            [b'-', digits @ ..] => (digits, true),
            digits => (digits, false),
        };
        if digits.len() > LONGEST {
            return None;
        }
        let (mut mantissa, mut point) = (0u64, None);
        for (at, byte) in digits.iter().enumerate() {
            match byte {
                b'.' => point = Some(at),
                b'0'..=b'9' => mantissa = mantissa * 10 + u64::from(byte - b'0'),
                _ => return None,
            }
        }
        let places = point.map_or(0, |point| digits.len() - 1 - point);
        // The quotient of two exact doubles is rounded correctly.
        let value = match POWERS.get(places) {
            Some(power) if mantissa <= EXACT => mantissa as f64 / power,
            _ => quotient(mantissa, *INTEGER_POWERS.get(places)?),
        };
        Some(if negative { -value } else { value })
    }

    #[cold]
    #[inline(never)]
    fn parsed(&self) -> f64 {
        // The scanner has checked that this parses.
        std::str::from_utf8(self.written).ok().and_then(|text| text.parse().ok()).unwrap_or(f64::NAN)
    }
}

/// Whether a double has no fraction.
#[inline(always)]
pub fn is_whole(value: f64) -> bool {
    value.abs() >= EXACT as f64 || (value as i64) as f64 == value
}

/// The double nearest to a quotient. The divisor must not be 0.
#[inline(never)]
fn quotient(dividend: u64, divisor: u64) -> f64 {
    if dividend == 0 {
        return 0.0;
    }
    // Both operands are shifted to their first bit, so that the quotient has at least 62 bits; a double has 53.
    let (up, down) = (dividend.leading_zeros(), divisor.leading_zeros());
    let (dividend, divisor) = (u128::from(dividend << up) << 62, u128::from(divisor << down));
    let (quotient, rest) = ((dividend / divisor) as u64, dividend % divisor);
    // The remainder decides only between two doubles that are equally near.
    let value = (quotient | u64::from(rest != 0)) as f64;
    let exponent = 1023 - 62 - u64::from(up) + u64::from(down);
    value * f64::from_bits(exponent << 52)
}

/// Scans the number at the beginning of a text. Returns it and the rest of the text.
#[inline(always)]
pub(crate) fn scan(rest: &[u8]) -> FastPath<(Number<'_>, &[u8])> {
    if let Some(head) = rest.first_chunk::<16>()
        && let Some((length, integer)) = scan_head(head, digits(*head))
        && let Some((written, rest)) = rest.split_at_checked(length)
    {
        return Ok((Number { written, integer }, rest));
    }
    scan_long(rest)
}

/// Skips the number at the beginning of a text, if reading it as a double or an integer of 64 bits, also one without a sign, does not round it.
#[inline(always)]
pub(crate) fn skip(rest: &[u8]) -> FastPath<&[u8]> {
    match scan(rest) {
        Ok((_, rest)) => Ok(rest),
        Err(Fallback) => skip_unsigned(rest),
    }
}

/// Skips an integer from 2^63 to 2^64 - 1.
#[cold]
#[inline(never)]
fn skip_unsigned(text: &[u8]) -> FastPath<&[u8]> {
    let Written { length, fraction, exponent, .. } = grammar(text)?;
    let (written, rest) = text.split_at_checked(length).ok_or(Fallback)?;
    let fits = std::str::from_utf8(written).is_ok_and(|written| written.parse::<u64>().is_ok());
    if fits && !fraction && !exponent { Ok(rest) } else { Err(Fallback) }
}

/// Seventeen digits and a point: every such decimal is read as a double without loss, and its digits fit into 64 bits.
const LONGEST: usize = 18;

/// As `scan`, for numbers of up to 31 bytes whose digits a double preserves.
#[inline(never)]
fn scan_long(rest: &[u8]) -> FastPath<(Number<'_>, &[u8])> {
    if let Some(head) = rest.first_chunk::<32>()
        && let ([low, high], _) = head.as_chunks::<16>()
        && let Some((length, integer)) = scan_head(head, digits(*low) | digits(*high) << 16)
        && length - usize::from(head[0] == b'-') <= LONGEST - usize::from(integer)
        && let Some((written, rest)) = rest.split_at_checked(length)
    {
        return Ok((Number { written, integer }, rest));
    }
    scan_by_bytes(rest)
}

/// Checks the grammar by the lengths of the runs of digits, for numbers that end within the first bytes and have no exponent.
#[inline(always)]
fn scan_head<const N: usize>(head: &[u8; N], digits: u32) -> Option<(usize, bool)> {
    let run = |from: u32| (!(digits >> from)).trailing_zeros();
    let at = |at: u32| head[at as usize & (N - 1)];
    let sign = u32::from(head[0] == b'-');
    let whole = run(sign);
    let mut length = sign + whole;
    if whole == 0 || length as usize > N - 2 || (whole > 1 && at(sign) == b'0') {
        return None;
    }
    let integer = at(length) != b'.';
    if !integer {
        let fraction = run(length + 1);
        length += 1 + fraction;
        if fraction == 0 || length as usize > N - 1 {
            return None;
        }
    }
    (at(length) | 0x20 != b'e').then_some((length as usize, integer))
}

/// The bytes that are digits, as bits.
#[inline(always)]
fn digits(bytes: [u8; 16]) -> u32 {
    // Bytes below the digits wrap around, so that one comparison checks both ends.
    let above = u8x16::new(bytes) - u8x16::splat(b'0');
    above.min(u8x16::splat(9)).simd_eq(above).to_bitmask()
}

/// Scans a number by the grammar alone, also if reading rounds it. Returns its bytes and the rest of the text.
pub(crate) fn scan_any(text: &[u8]) -> FastPath<(&[u8], &[u8])> {
    match scan(text) {
        Ok((number, rest)) => Ok((number.written, rest)),
        Err(Fallback) => text.split_at_checked(grammar(text)?.length).ok_or(Fallback),
    }
}

/// The parts of a number.
struct Written<'a> {
    length: usize,
    /// Without the sign and the exponent.
    mantissa: &'a [u8],
    fraction: bool,
    exponent: bool,
}

fn grammar(text: &[u8]) -> FastPath<Written<'_>> {
    let digits = |rest: &[u8]| rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let mut at = usize::from(text.first() == Some(&b'-'));
    let start = at;
    let whole = digits(&text[at..]);
    if whole == 0 || (whole > 1 && text[at] == b'0') {
        return Err(Fallback);
    }
    at += whole;
    let fraction = text.get(at) == Some(&b'.');
    if fraction {
        let digits = digits(&text[at + 1..]);
        if digits == 0 {
            return Err(Fallback);
        }
        at += 1 + digits;
    }
    let mantissa = &text[start..at];
    let exponent = matches!(text.get(at), Some(b'e' | b'E'));
    if exponent {
        at += 1 + usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let digits = digits(text.get(at..).unwrap_or_default());
        if digits == 0 {
            return Err(Fallback);
        }
        at += digits;
    }
    Ok(Written { length: at, mantissa, fraction, exponent })
}

/// Checks the whole grammar, and whether reading rounds the number.
#[cold]
#[inline(never)]
fn scan_by_bytes(text: &[u8]) -> FastPath<(Number<'_>, &[u8])> {
    let Written { length, mantissa, fraction, exponent } = grammar(text)?;
    let (written, rest) = text.split_at_checked(length).ok_or(Fallback)?;
    let integer = !fraction && !exponent;
    // A double preserves decimals of 17 digits; an integer of 64 bits has all numbers of 18 digits and some of 19.
    let leading = mantissa.iter().take_while(|byte| matches!(byte, b'0' | b'.')).count();
    let significant = mantissa[leading..].iter().filter(|byte| **byte != b'.').count();
    let fits = || std::str::from_utf8(written).is_ok_and(|written| written.parse::<i64>().is_ok());
    if significant > if integer { 18 } else { 17 } && !(integer && fits()) {
        return Err(Fallback);
    }
    let number = Number { written, integer };
    if exponent && !number.parsed().is_finite() {
        return Err(Fallback);
    }
    Ok((number, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(written: &str, value: f64, integer: Option<i64>) {
        for rest in ["", ",", "]", "}", " ", ", and so on for more than a vector's length"] {
            let text = format!("{written}{rest}");
            let (number, after) = scan(text.as_bytes()).unwrap_or_else(|_| panic!("{written} is a number"));
            assert_eq!(after, rest.as_bytes(), "{text}");
            assert_eq!(number.as_f64().to_bits(), value.to_bits(), "{text}: {}", number.as_f64());
            assert_eq!((number.as_i64(), number.is_whole()), (integer, value.fract() == 0.0), "{text}");
        }
    }

    #[test]
    fn numbers_are_read_as_the_reference_reader_reads_them() {
        check("0", 0.0, Some(0));
        check("-0", -0.0, Some(0));
        check("-0.0", -0.0, Some(0));
        check("12", 12.0, Some(12));
        check("-12.5", -12.5, None);
        check("1.0", 1.0, Some(1));
        check("1e2", 100.0, Some(100));
        check("1.5E+1", 15.0, Some(15));
        check("15e-1", 1.5, None);
        check("0.1", 0.1, None);
        check("0.925", 0.925, None);
        check("123456789012345678", 123_456_789_012_345_680.0, Some(123_456_789_012_345_678));
        check("-999999999999999999", -1e18, Some(-999_999_999_999_999_999));
        check("-9223372036854775808", -9_223_372_036_854_775_808.0, Some(i64::MIN));
        check("9223372036854775807", 9_223_372_036_854_775_807.0, Some(i64::MAX));
        check("0.84147098480789651", 0.841_470_984_807_896_5, None);
        check("0.012345678901234567", 0.012_345_678_901_234_567, None);
        check("123456789.12345", 123_456_789.123_45, None);
        check("9007199254740993.5", 9_007_199_254_740_994.0, Some(9_007_199_254_740_994));
        check("1e18", 1e18, Some(1_000_000_000_000_000_000));
    }

    #[test]
    fn decimals_are_read_as_the_nearest_double() {
        let mut random = 1u64;
        for _ in 0..200_000 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let digits = format!("{:017}", (random >> 7) % 100_000_000_000_000_000);
            let (count, places) = (2 + (random >> 12) as usize % 16, 1 + (random >> 32) as usize % 17);
            let (whole, fraction) = digits[..count].split_at(count.saturating_sub(places));
            let whole = if whole.is_empty() { "0" } else { whole.trim_start_matches('0') };
            let (whole, fraction) = (if whole.is_empty() { "0" } else { whole }, if fraction.is_empty() { "0" } else { fraction });
            let written = format!("{}{whole}.{fraction}", if random & 1 == 0 { "-" } else { "" });
            let text = format!("{written}, and so on for more than two vectors' length");
            let (number, _) = scan(text.as_bytes()).unwrap_or_else(|_| panic!("{written} is a number"));
            assert_eq!(number.written(), written.as_bytes());
            let wanted: f64 = written.parse().expect("a number");
            assert_eq!(number.as_f64().to_bits(), wanted.to_bits(), "{written}: {}", number.as_f64());
            assert_eq!(number.is_whole(), wanted.fract() == 0.0, "{written}");
        }
    }

    #[test]
    fn a_quotient_between_two_doubles_is_rounded_to_even_unless_there_is_a_remainder() {
        // 2^53 + 1 lies between two doubles; a little more lies nearer to the upper one.
        for (dividend, divisor, wanted) in [
            ((1 << 53) + 1, 1, 9_007_199_254_740_992.0),
            ((1 << 53) + 3, 1, 9_007_199_254_740_996.0),
            (((1 << 53) + 1) * 1_000 + 1, 1_000, 9_007_199_254_740_994.0),
            (((1 << 53) + 1) * 1_000, 1_000, 9_007_199_254_740_992.0),
            (((1 << 53) + 1) * 1_000 - 1, 1_000, 9_007_199_254_740_992.0),
            (0, 10, 0.0),
            (1, 10, 0.1),
        ] {
            assert_eq!(quotient(dividend, divisor), wanted, "{dividend} / {divisor}");
        }
    }

    #[test]
    fn a_skipped_number_may_be_an_integer_of_64_bits_without_a_sign() {
        for rest in ["", ",", "]", " and so on for more than a vector's length"] {
            for text in ["9223372036854775808", "18446744073709551615", "12", "-0.5e3"] {
                assert_eq!(skip(format!("{text}{rest}").as_bytes()), Ok(rest.as_bytes()), "{text}{rest}");
            }
            for text in
                ["18446744073709551616", "-9223372036854775809", "018446744073709551615", "9223372036854775808.5", "9223372036854775808e0"]
            {
                assert_eq!(skip(format!("{text}{rest}").as_bytes()), Err(Fallback), "{text}{rest}");
            }
        }
    }

    #[test]
    fn other_texts_and_rounded_numbers_fall_back() {
        for text in [
            "",
            "-",
            "01",
            "-01",
            "00",
            ".5",
            "+1",
            "1.",
            "1.e5",
            "1e",
            "1e+",
            "-a",
            "e5",
            "1e999",
            "-1e400",
            "1.5e309",
            "9223372036854775808",
            "18446744073709551617",
            "0.123456789012345678",
            "1.234567890123456789e5",
        ] {
            for rest in ["", ",", " and so on for more than a vector's length"] {
                assert_eq!(scan(format!("{text}{rest}").as_bytes()).err(), Some(Fallback), "{text}{rest}");
            }
        }
    }
}
