//! Types of flag values.

use std::time::Duration;

/// The number of samples per group; `None` is all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Samples(pub(crate) Option<u64>);

impl std::str::FromStr for Samples {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "all" => Ok(Self(None)),
            number => number.parse().map(|count| Self(Some(count))).map_err(|_| "expected a number or `all`".to_owned()),
        }
    }
}

/// A duration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub(crate) Duration);

impl std::str::FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let digits = text.find(|character: char| !character.is_ascii_digit() && character != '.').unwrap_or(text.len());
        let factor = match &text[digits..] {
            "ms" => 0.001,
            "s" | "" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => f64::NAN,
        };
        let seconds = text[..digits].parse::<f64>().ok().map(|number| number * factor).filter(|seconds| (0.001..1e8).contains(seconds));
        let span = seconds.and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        span.map(Self).ok_or_else(|| "expected a duration such as 500ms, 30s, 5m or 1h".to_owned())
    }
}

/// Requests per second.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rate(pub(crate) f64);

impl std::str::FromStr for Rate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, unit) = text.split_once('/').unwrap_or((text, "s"));
        let seconds = match unit {
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => f64::NAN,
        };
        let rate = number.parse::<f64>().ok().map(|number| number / seconds).filter(|rate| (1e-6..1e6).contains(rate));
        rate.map(Self).ok_or_else(|| "expected a rate such as 10, 10/s or 300/m".to_owned())
    }
}

/// A size in bytes: `1M` is 2^20 bytes, `1MB` is 10^6 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl std::str::FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (text, thousand) = match text.strip_suffix(['B', 'b']) {
            Some(rest) => (rest, 1_000),
            None => (text, 1 << 10),
        };
        let (digits, factor) = match text.as_bytes().last().map(u8::to_ascii_uppercase) {
            Some(b'K') => (&text[..text.len() - 1], thousand),
            Some(b'M') => (&text[..text.len() - 1], thousand * thousand),
            Some(b'G') => (&text[..text.len() - 1], thousand * thousand * thousand),
            _ => (text, 1),
        };
        let size = digits.parse::<u64>().ok().and_then(|number| number.checked_mul(factor)).filter(|size| *size > 0);
        size.map(Self).ok_or_else(|| "expected a size such as 65536, 512K, 64M, 200MB or 1G".to_owned())
    }
}
