//! The functions of the rule language.

use std::borrow::Cow;
use std::cmp::Ordering;

use chrono::{DateTime, Datelike, FixedOffset, Timelike};

use super::super::bind::Binder;
use super::fault::Fault;
use super::lists;
use super::value::{Instant, Val};

/// A function, or a method with its receiver as first operand.
#[derive(Clone, Copy, Debug)]
pub(super) struct Function {
    kind: Kind,
    is_method: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Kind {
    Size,
    Contains,
    StartsWith,
    EndsWith,
    Bool,
    Int,
    Uint,
    Double,
    Text,
    Bytes,
    Dyn,
    Type,
    Timestamp,
    Duration,
    IsAscending,
    IsInstant,
    IsWhole,
    Milliseconds,
    Sum,
    Min,
    Max,
    Distinct,
    IsSorted,
    Part(Part),
}

/// A part of an instant, or a unit of a duration.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Part {
    FullYear,
    Month,
    Date,
    DayOfMonth,
    DayOfYear,
    DayOfWeek,
    Hours,
    Minutes,
    Seconds,
    Milliseconds,
}

const FUNCTIONS: [(&str, Kind); 20] = [
    ("size", Kind::Size),
    ("bool", Kind::Bool),
    ("int", Kind::Int),
    ("uint", Kind::Uint),
    ("double", Kind::Double),
    ("string", Kind::Text),
    ("bytes", Kind::Bytes),
    ("dyn", Kind::Dyn),
    ("type", Kind::Type),
    ("timestamp", Kind::Timestamp),
    ("duration", Kind::Duration),
    ("isAscending", Kind::IsAscending),
    ("isInstant", Kind::IsInstant),
    ("isWhole", Kind::IsWhole),
    ("milliseconds", Kind::Milliseconds),
    ("sum", Kind::Sum),
    ("min", Kind::Min),
    ("max", Kind::Max),
    ("distinct", Kind::Distinct),
    ("isSorted", Kind::IsSorted),
];

const METHODS: [(&str, Kind); 19] = [
    ("size", Kind::Size),
    ("contains", Kind::Contains),
    ("startsWith", Kind::StartsWith),
    ("endsWith", Kind::EndsWith),
    ("sum", Kind::Sum),
    ("min", Kind::Min),
    ("max", Kind::Max),
    ("distinct", Kind::Distinct),
    ("isSorted", Kind::IsSorted),
    ("getFullYear", Kind::Part(Part::FullYear)),
    ("getMonth", Kind::Part(Part::Month)),
    ("getDate", Kind::Part(Part::Date)),
    ("getDayOfMonth", Kind::Part(Part::DayOfMonth)),
    ("getDayOfYear", Kind::Part(Part::DayOfYear)),
    ("getDayOfWeek", Kind::Part(Part::DayOfWeek)),
    ("getHours", Kind::Part(Part::Hours)),
    ("getMinutes", Kind::Part(Part::Minutes)),
    ("getSeconds", Kind::Part(Part::Seconds)),
    ("getMilliseconds", Kind::Part(Part::Milliseconds)),
];

impl Function {
    /// The function or method with a name.
    pub(super) fn named(name: &str, is_method: bool) -> Option<Self> {
        let known: &[(&str, Kind)] = if is_method { &METHODS } else { &FUNCTIONS };
        known.iter().find(|(known, _)| *known == name).map(|(_, kind)| Self { kind: *kind, is_method })
    }

    /// Whether it is `size`.
    pub(super) fn is_size(self) -> bool {
        self.kind == Kind::Size
    }

    /// Whether it is `isWhole`.
    pub(super) fn is_whole(self) -> bool {
        self.kind == Kind::IsWhole
    }

    /// Whether it is `isInstant`.
    pub(super) fn is_instant(self) -> bool {
        self.kind == Kind::IsInstant
    }

    fn name(self) -> &'static str {
        let known: &[(&str, Kind)] = if self.is_method { &METHODS } else { &FUNCTIONS };
        known.iter().find(|(_, kind)| *kind == self.kind).map_or("", |(name, _)| name)
    }

    /// Calls the function.
    pub(super) fn call<'v>(self, operands: &[Val<'v>], binder: &Binder) -> Result<Val<'v>, Fault> {
        // Only arithmetic and comparisons know the kind of an empty sum.
        if let [Val::EmptySum] = operands {
            return self.call(&[Val::Int(0)], binder);
        }
        let refused = || if self.is_method { Fault::method(self.name(), operands) } else { self.refused(operands) };
        match (self.kind, operands) {
            (Kind::Size, [of]) => of.size().map(|size| Val::Int(size as i64)).ok_or_else(refused),
            (Kind::Contains, [Val::Text(text), Val::Text(part)]) => Ok(Val::Bool(text.contains(part.as_ref()))),
            (Kind::StartsWith, [Val::Text(text), Val::Text(part)]) => Ok(Val::Bool(text.starts_with(part.as_ref()))),
            (Kind::EndsWith, [Val::Text(text), Val::Text(part)]) => Ok(Val::Bool(text.ends_with(part.as_ref()))),
            (Kind::Bool, [of]) => to_bool(of).unwrap_or_else(|| Err(refused())),
            (Kind::Int, [of]) => to_int(of).unwrap_or_else(|| Err(refused())),
            (Kind::Uint, [of]) => to_uint(of).unwrap_or_else(|| Err(refused())),
            (Kind::Double, [of]) => to_double(of).unwrap_or_else(|| Err(refused())),
            (Kind::Text, [of]) => to_text(of).unwrap_or_else(|| Err(refused())),
            (Kind::Bytes, [Val::Bytes(bytes)]) => Ok(Val::Bytes(bytes.clone())),
            (Kind::Bytes, [Val::Text(text)]) => Ok(Val::Bytes(match text.clone() {
                Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
                Cow::Owned(text) => Cow::Owned(text.into_bytes()),
            })),
            (Kind::Dyn, [of]) => Ok(of.clone()),
            (Kind::Type, [of]) => Ok(Val::Type(of.type_name())),
            (Kind::Timestamp, [of]) => to_timestamp(of).unwrap_or_else(|| Err(refused())),
            (Kind::Duration, [Val::Duration(nanoseconds)]) => Ok(Val::Duration(*nanoseconds)),
            (Kind::Duration, [Val::Text(text)]) => duration(text).map(Val::Duration),
            (Kind::IsAscending, [of]) => {
                let items = of.items(binder).ok_or_else(|| Fault::unexpected(of, "list"))?;
                let mut instants = items.filter_map(|item| if let Val::Timestamp(instant) = item { Some(instant) } else { None });
                Ok(Val::Bool(instants.by_ref().is_sorted()))
            }
            (Kind::IsInstant, [of]) => Ok(Val::Bool(matches!(of, Val::Timestamp(_)))),
            (Kind::IsWhole, [of]) => match of {
                Val::Double(value) => Ok(Val::Bool(value.fract() == 0.0)),
                other => Err(Fault::unexpected(other, "double")),
            },
            (Kind::Milliseconds, [of]) => match of {
                Val::Duration(nanoseconds) => Ok(Val::Double((nanoseconds / 1_000_000) as f64 + (nanoseconds % 1_000_000) as f64 / 1e6)),
                other => Err(Fault::unexpected(other, "duration")),
            },
            (Kind::Sum | Kind::Min | Kind::Max | Kind::Distinct | Kind::IsSorted, [of]) => {
                let items: Vec<Val<'v>> = of.items(binder).ok_or_else(refused)?.collect();
                match self.kind {
                    Kind::Sum => lists::sum(&items),
                    Kind::Min => lists::extreme("min", Ordering::Less, &items),
                    Kind::Max => lists::extreme("max", Ordering::Greater, &items),
                    Kind::Distinct => lists::distinct(items, binder),
                    _ => lists::is_sorted(&items),
                }
            }
            (Kind::Part(part), [Val::Timestamp(instant)]) => {
                instant.to_chrono().map(|instant| Val::Int(part.of(&instant.fixed_offset()))).ok_or_else(refused)
            }
            (Kind::Part(part), [Val::Timestamp(instant), Val::Text(zone)]) => Ok(Val::Int(part.of(&in_zone(*instant, zone)?))),
            (Kind::Part(part), [Val::Duration(nanoseconds)]) => part.of_duration(*nanoseconds).map(Val::Int).ok_or_else(refused),
            _ => Err(refused()),
        }
    }

    fn refused(self, operands: &[Val<'_>]) -> Fault {
        Fault::overload(self.name(), &operands.iter().collect::<Vec<_>>())
    }
}

type Converted<'v> = Option<Result<Val<'v>, Fault>>;

fn to_bool<'v>(of: &Val<'v>) -> Converted<'v> {
    Some(match of {
        Val::Bool(value) => Ok(Val::Bool(*value)),
        Val::Text(text) => match text.as_ref() {
            "1" | "t" | "true" | "TRUE" | "True" => Ok(Val::Bool(true)),
            "0" | "f" | "false" | "FALSE" | "False" => Ok(Val::Bool(false)),
            _ => Err(Fault::function("bool", "Type conversion error from 'string' to 'bool'")),
        },
        _ => return None,
    })
}

fn to_int<'v>(of: &Val<'v>) -> Converted<'v> {
    let overflow = || Fault::function("int", "integer overflow");
    Some(match of {
        Val::Int(value) => Ok(Val::Int(*value)),
        Val::Uint(value) => i64::try_from(*value).map(Val::Int).map_err(|_| overflow()),
        // The limits are exclusive: `i64::MAX` is not a double.
        Val::Double(value) if *value > i64::MIN as f64 && *value < i64::MAX as f64 => Ok(Val::Int(*value as i64)),
        Val::Double(_) => Err(overflow()),
        Val::Text(text) => text.parse().map(Val::Int).map_err(|error| Fault::function("int", format_args!("string parse error: {error}"))),
        Val::Timestamp(instant) => Ok(Val::Int(instant.seconds)),
        _ => return None,
    })
}

fn to_uint<'v>(of: &Val<'v>) -> Converted<'v> {
    let overflow = || Fault::function("uint", "unsigned integer overflow");
    Some(match of {
        Val::Uint(value) => Ok(Val::Uint(*value)),
        Val::Int(value) => u64::try_from(*value).map(Val::Uint).map_err(|_| overflow()),
        Val::Double(value) if *value >= 0.0 && *value < u64::MAX as f64 => Ok(Val::Uint(*value as u64)),
        Val::Double(_) => Err(overflow()),
        Val::Text(text) => {
            text.parse().map(Val::Uint).map_err(|error| Fault::function("uint", format_args!("string parse error: {error}")))
        }
        _ => return None,
    })
}

fn to_double<'v>(of: &Val<'v>) -> Converted<'v> {
    Some(match of {
        Val::Double(value) => Ok(Val::Double(*value)),
        Val::Int(value) => Ok(Val::Double(*value as f64)),
        Val::Uint(value) => Ok(Val::Double(*value as f64)),
        Val::Text(text) => {
            text.parse().map(Val::Double).map_err(|error| Fault::function("double", format_args!("string parse error: {error}")))
        }
        _ => return None,
    })
}

fn to_text<'v>(of: &Val<'v>) -> Converted<'v> {
    let owned = |text: String| Ok(Val::Text(Cow::Owned(text)));
    Some(match of {
        Val::Text(text) => Ok(Val::Text(text.clone())),
        Val::Bool(value) => owned(value.to_string()),
        Val::Int(value) => owned(value.to_string()),
        Val::Uint(value) => owned(value.to_string()),
        Val::Double(value) => owned(value.to_string()),
        Val::Bytes(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => owned(text.to_owned()),
            Err(_) => Err(Fault::function("string", "invalid UTF-8 in bytes, cannot convert to string")),
        },
        Val::Timestamp(instant) => owned(rfc3339(*instant)),
        Val::Duration(nanoseconds) => owned(seconds_text(*nanoseconds)),
        _ => return None,
    })
}

/// An instant with a trimmed fraction, in UTC.
fn rfc3339(instant: Instant) -> String {
    let base = instant.to_chrono().map_or_else(String::new, |instant| instant.format("%Y-%m-%dT%H:%M:%S").to_string());
    format!("{base}{}Z", fraction(instant.nanoseconds.into()))
}

/// A duration in seconds with a trimmed fraction.
fn seconds_text(nanoseconds: i64) -> String {
    let sign = if nanoseconds < 0 { "-" } else { "" };
    let absolute = nanoseconds.unsigned_abs();
    format!("{sign}{}{}s", absolute / 1_000_000_000, fraction(absolute % 1_000_000_000))
}

fn fraction(nanoseconds: u64) -> String {
    if nanoseconds == 0 { String::new() } else { format!(".{}", format!("{nanoseconds:09}").trim_end_matches('0')) }
}

fn to_timestamp<'v>(of: &Val<'v>) -> Converted<'v> {
    Some(match of {
        Val::Timestamp(instant) => Ok(Val::Timestamp(*instant)),
        Val::Int(seconds) => Instant::from_nanoseconds(i128::from(*seconds) * 1_000_000_000)
            .map(Val::Timestamp)
            .ok_or_else(|| Fault::function("timestamp", "timestamp out of range")),
        Val::Text(text) => match DateTime::parse_from_rfc3339(text) {
            Ok(found) => {
                let nanoseconds = i128::from(found.timestamp()) * 1_000_000_000 + i128::from(found.timestamp_subsec_nanos());
                Instant::from_nanoseconds(nanoseconds)
                    .map(Val::Timestamp)
                    .ok_or_else(|| Fault::function("timestamp", "range error parsing timestamp"))
            }
            Err(error) => Err(Fault::function("timestamp", error)),
        },
        _ => return None,
    })
}

/// A duration such as `1h30m` or `-1.5s`, in nanoseconds.
pub(crate) fn duration(text: &str) -> Result<i64, Fault> {
    let invalid = || Fault::function("duration", format_args!("'{text}' is not a duration"));
    let outside = || Fault::function("duration", "range error parsing duration");
    let (sign, mut rest) = text.strip_prefix('-').map_or((1.0, text), |rest| (-1.0, rest));
    if rest == "0" {
        return Ok(0);
    }
    if rest.is_empty() {
        return Err(invalid());
    }
    let mut total = 0i64;
    while !rest.is_empty() {
        let digits = rest.len() - rest.trim_start_matches(|character: char| character.is_ascii_digit() || character == '.').len();
        let number: f64 = rest[..digits].parse().map_err(|_| invalid())?;
        rest = &rest[digits..];
        let units = [("ns", 1.0), ("us", 1e3), ("ms", 1e6), ("h", 3_600e9), ("m", 60e9), ("s", 1e9)];
        let (unit, nanoseconds) = units.into_iter().find(|(unit, _)| rest.starts_with(unit)).ok_or_else(invalid)?;
        rest = &rest[unit.len()..];
        let part = number * nanoseconds;
        // 2^63 is the first double that is too large.
        if part > i64::MAX as f64 {
            return Err(outside());
        }
        total = total.checked_add(part as i64).ok_or_else(outside)?;
    }
    Ok(if sign < 0.0 { -total } else { total })
}

/// An instant in a time zone: a name of the IANA database, or an offset such as `-08:00`.
fn in_zone(instant: Instant, zone: &str) -> Result<DateTime<FixedOffset>, Fault> {
    let refused = |message: &dyn std::fmt::Display| Fault::function("timezone", message);
    let utc = instant.to_chrono().ok_or_else(|| refused(&"instant out of range"))?;
    let Some((hours, minutes)) = zone.split_once(':') else {
        let zone = match zone {
            "" => chrono_tz::UTC,
            name => name.parse().map_err(|_| refused(&format_args!("unknown time zone {name}")))?,
        };
        return Ok(utc.with_timezone(&zone).fixed_offset());
    };
    let hour: i32 = hours.parse().map_err(|error| refused(&error))?;
    let minute: i32 = minutes.parse().map_err(|error| refused(&error))?;
    if !(-23..=23).contains(&hour) {
        return Err(refused(&format_args!("timezone offset hours out of range [-23, 23]: {zone}")));
    }
    if !(0..=59).contains(&minute) {
        return Err(refused(&format_args!("timezone offset minutes out of range [0, 59]: {zone}")));
    }
    let offset = if hours.starts_with('-') { hour * 60 - minute } else { hour * 60 + minute };
    let offset = FixedOffset::east_opt(offset * 60).ok_or_else(|| refused(&zone))?;
    Ok(utc.with_timezone(&offset))
}

impl Part {
    fn of(self, instant: &DateTime<FixedOffset>) -> i64 {
        i64::from(match self {
            Self::FullYear => return i64::from(instant.year()),
            Self::Month => instant.month0(),
            Self::Date => instant.day(),
            Self::DayOfMonth => instant.day0(),
            Self::DayOfYear => instant.ordinal0(),
            Self::DayOfWeek => instant.weekday().num_days_from_sunday(),
            Self::Hours => instant.hour(),
            Self::Minutes => instant.minute(),
            Self::Seconds => instant.second(),
            Self::Milliseconds => instant.timestamp_subsec_millis(),
        })
    }

    /// The whole duration in a unit; for milliseconds, those after the last whole second.
    fn of_duration(self, nanoseconds: i64) -> Option<i64> {
        let unit = match self {
            Self::Hours => 3_600_000_000_000,
            Self::Minutes => 60_000_000_000,
            Self::Seconds => 1_000_000_000,
            Self::Milliseconds => return Some(nanoseconds / 1_000_000 % 1_000),
            _ => return None,
        };
        Some(nanoseconds / unit)
    }
}
