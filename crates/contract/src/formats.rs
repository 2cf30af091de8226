//! Formats that `check` can assert: those of JSON Schema 2020-12, and those of the OpenAPI format registry.
//!
//! `format` is an annotation by default, as in the standard. [`AssertedFormats`] selects the formats that are asserted instead.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;
use std::sync::LazyLock;

use jsonschema::{Draft, Validator};
use serde::de::{Error as _, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Number, Value, json};

use crate::suggest;

/// A format that can be asserted.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Format {
    /// The value of the keyword `format`.
    pub name: &'static str,
    /// What values of the format are.
    pub meaning: &'static str,
    test: Test,
}

/// How values are tested. Values of any other type have every format.
#[derive(Clone, Copy, Debug)]
enum Test {
    /// Strings, by the `jsonschema` crate.
    Standard,
    /// Strings, by a function.
    Text(fn(&str) -> bool),
    /// Numbers, by a function.
    Number(fn(&Number) -> bool),
}

/// The formats, in the order of the documentation.
pub const FORMATS: [Format; 34] = [
    standard("date-time", "an RFC 3339 date-time such as 2026-01-31T12:00:00Z"),
    standard("date", "an RFC 3339 full-date such as 2026-01-31"),
    standard("time", "an RFC 3339 full-time such as 12:00:00Z"),
    standard("duration", "an RFC 3339 duration such as P1DT12H"),
    standard("email", "an e-mail address, RFC 5321"),
    standard("idn-email", "an internationalized e-mail address, RFC 6531"),
    standard("hostname", "a host name, RFC 1123"),
    standard("idn-hostname", "an internationalized host name, RFC 5890"),
    standard("ipv4", "an IPv4 address, RFC 2673"),
    standard("ipv6", "an IPv6 address, RFC 4291"),
    standard("uri", "a URI, RFC 3986"),
    standard("uri-reference", "a URI or a relative reference, RFC 3986"),
    standard("iri", "an IRI, RFC 3987"),
    standard("iri-reference", "an IRI or a relative reference, RFC 3987"),
    standard("uuid", "a UUID, RFC 4122"),
    standard("uri-template", "a URI template, RFC 6570"),
    standard("json-pointer", "a JSON Pointer, RFC 6901"),
    standard("relative-json-pointer", "a relative JSON Pointer"),
    standard("regex", "an ECMA-262 regular expression"),
    number("int8", "an integer from -128 to 127", |number| is_integer(number, i8::MIN.into(), i8::MAX.into())),
    number("int16", "an integer from -32768 to 32767", |number| is_integer(number, i16::MIN.into(), i16::MAX.into())),
    number("int32", "an integer from -2147483648 to 2147483647", |number| is_integer(number, i32::MIN.into(), i32::MAX.into())),
    number("int64", "an integer of 64 bits", |number| is_integer(number, i64::MIN.into(), i64::MAX.into())),
    number("uint8", "an integer from 0 to 255", |number| is_integer(number, 0, u8::MAX.into())),
    number("uint16", "an integer from 0 to 65535", |number| is_integer(number, 0, u16::MAX.into())),
    number("uint32", "an integer from 0 to 4294967295", |number| is_integer(number, 0, u32::MAX.into())),
    number("uint64", "an unsigned integer of 64 bits", |number| is_integer(number, 0, u64::MAX.into())),
    number("double-int", "an integer that a double represents exactly", |number| is_integer(number, -(1 << 53) + 1, (1 << 53) - 1)),
    number("float", "a number in the range of single precision", |number| is_within(number, f32::MAX.into())),
    number("double", "a number in the range of double precision", |number| is_within(number, f64::MAX)),
    text("byte", "base64 with padding, RFC 4648 section 4", |text| text.len().is_multiple_of(4) && is_base64(text, b"+/", true)),
    text("base64url", "base64url, RFC 4648 section 5", |text| is_base64(text, b"-_", text.len().is_multiple_of(4))),
    text("char", "one character", |text| text.chars().count() == 1),
    text("http-date", "a date of HTTP such as Sun, 06 Nov 1994 08:49:37 GMT, RFC 9110 section 5.6.7", |text| {
        jiff::fmt::rfc2822::parse(text).is_ok() && text.ends_with(" GMT")
    }),
];

const fn standard(name: &'static str, meaning: &'static str) -> Format {
    Format { name, meaning, test: Test::Standard }
}

const fn number(name: &'static str, meaning: &'static str, test: fn(&Number) -> bool) -> Format {
    Format { name, meaning, test: Test::Number(test) }
}

const fn text(name: &'static str, meaning: &'static str, test: fn(&str) -> bool) -> Format {
    Format { name, meaning, test: Test::Text(test) }
}

/// The validators of the formats that the `jsonschema` crate tests.
static STANDARD: LazyLock<BTreeMap<&'static str, Validator>> = LazyLock::new(|| {
    let formats = FORMATS.iter().filter(|format| matches!(format.test, Test::Standard));
    let options = || jsonschema::options().with_draft(Draft::Draft202012).should_validate_formats(true);
    formats.filter_map(|format| Some((format.name, options().build(&json!({"format": format.name})).ok()?))).collect()
});

impl Format {
    /// The format with a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        FORMATS.iter().find(|format| format.name == name)
    }

    /// What the format applies to: `string` or `number`.
    pub fn applies_to(&self) -> &'static str {
        if matches!(self.test, Test::Number(_)) { "number" } else { "string" }
    }

    /// Whether a value has the format. Values that the format does not apply to have it.
    pub fn accepts(&self, value: &Value) -> bool {
        match (self.test, value) {
            (Test::Standard, Value::String(_)) => STANDARD.get(self.name).is_none_or(|validator| validator.is_valid(value)),
            (Test::Text(test), Value::String(text)) => test(text),
            (Test::Number(test), Value::Number(number)) => test(number),
            _ => true,
        }
    }
}

/// Whether a number is an integer within bounds; `2.0` is an integer.
fn is_integer(number: &Number, least: i128, most: i128) -> bool {
    let integer = number.as_i128().or_else(|| {
        let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 1e30)?;
        Some(float as i128)
    });
    integer.is_some_and(|integer| (least..=most).contains(&integer))
}

fn is_within(number: &Number, most: f64) -> bool {
    number.as_f64().is_some_and(|float| float.is_finite() && float.abs() <= most)
}

/// Whether a text is base64: the last two characters of the alphabet are given, and padding may be absent.
fn is_base64(text: &str, last: &[u8; 2], is_padded: bool) -> bool {
    let digits = if is_padded { text.strip_suffix("==").or_else(|| text.strip_suffix('=')).unwrap_or(text) } else { text };
    digits.len() % 4 != 1 && digits.bytes().all(|byte| byte.is_ascii_alphanumeric() || last.contains(&byte))
}

/// The formats that are asserted. By default none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AssertedFormats(BTreeSet<&'static str>);

impl AssertedFormats {
    /// Every format that can be asserted.
    pub fn all() -> Self {
        Self(FORMATS.iter().map(|format| format.name).collect())
    }

    /// The formats with these names.
    ///
    /// # Errors
    /// A format cannot be asserted.
    pub fn of<'n>(names: impl IntoIterator<Item = &'n str>) -> Result<Self, UnknownFormat> {
        let known = |name: &str| Format::named(name).map(|format| format.name).ok_or_else(|| UnknownFormat(name.to_owned()));
        names.into_iter().map(known).collect::<Result<_, _>>().map(Self)
    }

    /// Whether no format is asserted.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The format with a name, if it is asserted.
    pub fn get(&self, name: &str) -> Option<&'static Format> {
        Format::named(name).filter(|format| self.0.contains(format.name))
    }
}

/// A format that cannot be asserted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownFormat(pub String);

impl std::error::Error for UnknownFormat {}

impl fmt::Display for UnknownFormat {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = || FORMATS.iter().map(|format| format.name);
        let nearest = suggest::nearest(&self.0, names()).map_or_else(|| ".".to_owned(), |nearest| format!("; {nearest}"));
        let known = names().collect::<Vec<_>>().join(", ");
        write!(formatter, "unknown format `{}`{nearest} The known formats are {known}", self.0)
    }
}

impl FromStr for AssertedFormats {
    type Err = UnknownFormat;

    /// `all`, `none`, or names with commas.
    fn from_str(text: &str) -> Result<Self, UnknownFormat> {
        match text {
            "all" => Ok(Self::all()),
            "none" => Ok(Self::default()),
            names => Self::of(names.split(',').map(str::trim)),
        }
    }
}

impl fmt::Display for AssertedFormats {
    /// As [`AssertedFormats::from_str`] reads it.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            none if none.is_empty() => formatter.write_str("none"),
            all if *all == Self::all() => formatter.write_str("all"),
            Self(names) => formatter.write_str(&names.iter().copied().collect::<Vec<_>>().join(",")),
        }
    }
}

impl Serialize for AssertedFormats {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            none if none.is_empty() => serializer.serialize_bool(false),
            all if *all == Self::all() => serializer.serialize_bool(true),
            Self(names) => serializer.collect_seq(names),
        }
    }
}

impl<'de> Deserialize<'de> for AssertedFormats {
    /// `true` is all formats, `false` is none, a list names them.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Setting;

        impl<'de> Visitor<'de> for Setting {
            type Value = AssertedFormats;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("true, false or a list of formats")
            }

            fn visit_bool<E>(self, all: bool) -> Result<AssertedFormats, E> {
                Ok(if all { AssertedFormats::all() } else { AssertedFormats::default() })
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<AssertedFormats, A::Error> {
                let mut names: Vec<String> = Vec::new();
                while let Some(name) = list.next_element()? {
                    names.push(name);
                }
                AssertedFormats::of(names.iter().map(String::as_str)).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_any(Setting)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_accepts_and_refuses() {
        let cases = [
            ("date-time", json!("2026-01-31T12:00:00Z"), json!("not-a-date")),
            ("date", json!("2024-02-29"), json!("2026-02-29")),
            ("time", json!("12:00:00Z"), json!("12:00")),
            ("duration", json!("P1DT12H"), json!("1 day")),
            ("email", json!("a@b.example"), json!("a.example")),
            ("idn-email", json!("ä@b.example"), json!("a")),
            ("hostname", json!("api.example"), json!("-a-")),
            ("idn-hostname", json!("bücher.example"), json!("a b")),
            ("ipv4", json!("192.0.2.1"), json!("192.0.2.256")),
            ("ipv6", json!("2001:db8::1"), json!("192.0.2.1")),
            ("uri", json!("https://a.example/b"), json!("/b")),
            ("uri-reference", json!("/b"), json!("a b")),
            ("iri", json!("https://bücher.example/"), json!("/b")),
            ("iri-reference", json!("/bücher"), json!("a b")),
            ("uuid", json!("2eb8aa08-aa98-11ea-b4aa-73b441d16380"), json!("no")),
            ("uri-template", json!("/books/{id}"), json!("/books/{id")),
            ("json-pointer", json!("/a/b"), json!("a/b")),
            ("relative-json-pointer", json!("1/a"), json!("/a")),
            ("regex", json!("^a+$"), json!("(")),
            ("int8", json!(-128), json!(128)),
            ("int16", json!(32767), json!(32768)),
            ("int32", json!(2147483647), json!(3000000000_u64)),
            ("int64", json!(i64::MIN), json!(u64::MAX)),
            ("uint8", json!(255.0), json!(-1)),
            ("uint16", json!(65535), json!(1.5)),
            ("uint32", json!(4294967295_u64), json!(4294967296_u64)),
            ("uint64", json!(u64::MAX), json!(1e20)),
            ("double-int", json!(9007199254740991_u64), json!(9007199254740992_u64)),
            ("float", json!(3.4e38), json!(3.5e38)),
            ("byte", json!("YQ=="), json!("YQ")),
            ("base64url", json!("YQ"), json!("Y+==")),
            ("char", json!("ü"), json!("ab")),
            ("http-date", json!("Sun, 06 Nov 1994 08:49:37 GMT"), json!("1994-11-06")),
        ];
        let known: BTreeSet<&str> = FORMATS.iter().map(|format| format.name).filter(|name| *name != "double").collect();
        assert_eq!(known, cases.iter().map(|(name, ..)| *name).collect());
        for (name, accepted, refused) in cases {
            let format = Format::named(name).expect(name);
            assert!(format.accepts(&accepted), "{name} refuses {accepted}");
            assert!(!format.accepts(&refused), "{name} accepts {refused}");
            let other = if format.applies_to() == "number" { json!("text") } else { json!(0) };
            assert!(format.accepts(&other) && format.accepts(&Value::Null), "{name} applies to another type");
        }
    }

    #[test]
    fn base64_is_padded_unless_it_is_for_urls() {
        let accepts = |name: &str, text: &str| Format::named(name).expect(name).accepts(&json!(text));
        for text in ["", "YWJj", "YWI=", "YQ==", "+/+/"] {
            assert!(accepts("byte", text), "{text}");
        }
        for text in ["YQ=", "Y===", "YWJj\n", "-_-_", "=YQ=", "YWJ"] {
            assert!(!accepts("byte", text), "{text}");
        }
        assert!(accepts("base64url", "-_-_") && accepts("base64url", "YQ==") && accepts("base64url", "YWI"));
        assert!(!accepts("base64url", "Y") && !accepts("base64url", "YQ="));
    }

    #[test]
    fn an_unknown_format_names_the_known_ones() {
        let error = "date-time,datetime".parse::<AssertedFormats>().expect_err("an unknown format").to_string();
        assert!(
            error.starts_with("unknown format `datetime`; did you mean `date-time`? The known formats are date-time, date,"),
            "{error}"
        );
        let error = "passport".parse::<AssertedFormats>().expect_err("an unknown format").to_string();
        assert!(error.starts_with("unknown format `passport`. The known formats are date-time,"), "{error}");
        assert_eq!("all".parse(), Ok(AssertedFormats::all()));
        assert_eq!("none".parse(), Ok(AssertedFormats::default()));
        let two: AssertedFormats = "uuid, date".parse().expect("two formats");
        assert_eq!(serde_json::to_value(&two).expect("JSON"), json!(["date", "uuid"]));
    }
}
