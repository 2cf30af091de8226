//! Parameters and forms as text.
//!
//! # Source
//! OpenAPI, "Style Values" and "Style Examples", and RFC 6570.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;

use crate::error::RequestError;

/// How a value is serialised. `true` is `explode`, where the style depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Style {
    /// `1,2`, in paths and header fields.
    Simple(bool),
    /// `.1.2`, in paths.
    Label(bool),
    /// `;id=1;id=2`, in paths.
    Matrix(bool),
    /// `id=1&id=2`, in queries, forms and cookies.
    Form(bool),
    /// `id=1%202`, in queries.
    SpaceDelimited,
    /// `id=1%7C2`, in queries.
    PipeDelimited,
    /// `id=1%092`, in queries.
    TabDelimited,
    /// `id[a]=1&id[b]=2`, in queries.
    DeepObject,
    /// `id=1; id=2` without percent-encoding, in cookies.
    Cookie(bool),
    /// The value as JSON.
    Json,
}

/// Which characters a text may contain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Text {
    /// Reserved characters are percent-encoded.
    Encoded,
    /// Reserved characters that do not end the part of the URL stay (`allowReserved`).
    Reserved,
    /// All characters stay: in header fields.
    Plain,
}

const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
const RESERVED: &AsciiSet = &UNRESERVED
    .remove(b':')
    .remove(b'/')
    .remove(b'@')
    .remove(b'!')
    .remove(b'$')
    .remove(b'\'')
    .remove(b'(')
    .remove(b')')
    .remove(b'*')
    .remove(b',')
    .remove(b';');

impl Text {
    pub(crate) fn encode(self, text: &str) -> String {
        match self {
            Self::Encoded => utf8_percent_encode(text, UNRESERVED).to_string(),
            Self::Reserved => utf8_percent_encode(text, RESERVED).to_string(),
            Self::Plain => text.to_owned(),
        }
    }
}

/// A value without nesting. Texts are encoded.
enum Flat {
    One(String),
    List(Vec<String>),
    Object(Vec<(String, String)>),
}

fn scalar(name: &str, value: &Value, text: Text) -> Result<String, RequestError> {
    match value {
        Value::String(value) => Ok(text.encode(value)),
        Value::Null => Ok(String::new()),
        Value::Bool(_) | Value::Number(_) => Ok(text.encode(&value.to_string())),
        Value::Array(_) | Value::Object(_) => Err(RequestError::Nested { name: name.to_owned() }),
    }
}

fn flat(name: &str, value: &Value, text: Text) -> Result<Flat, RequestError> {
    Ok(match value {
        Value::Array(items) => Flat::List(items.iter().map(|item| scalar(name, item, text)).collect::<Result<_, _>>()?),
        Value::Object(members) => {
            let member = |(key, value): (&String, &Value)| Ok((text.encode(key), scalar(name, value, text)?));
            Flat::Object(members.iter().map(member).collect::<Result<_, RequestError>>()?)
        }
        _ => Flat::One(scalar(name, value, text)?),
    })
}

/// Pairs as one list: `a,1,b,2`.
fn alternating(members: &[(String, String)]) -> String {
    members.iter().map(|(key, value)| format!("{key},{value}")).collect::<Vec<_>>().join(",")
}

/// Pairs with `=` between name and value.
fn assigned(members: &[(String, String)], separator: &str) -> String {
    members.iter().map(|(key, value)| format!("{key}={value}")).collect::<Vec<_>>().join(separator)
}

/// A value as one text: in a path or a header field.
pub(crate) fn in_text(name: &str, style: Style, text: Text, value: &Value) -> Result<String, RequestError> {
    if style == Style::Json {
        return Ok(text.encode(&value.to_string()));
    }
    let flat = flat(name, value, text)?;
    let name = text.encode(name);
    Ok(match (style, flat) {
        (Style::Label(_), Flat::One(value)) => format!(".{value}"),
        (Style::Label(explode), Flat::List(items)) => format!(".{}", items.join(if explode { "." } else { "," })),
        (Style::Label(true), Flat::Object(members)) => format!(".{}", assigned(&members, ".")),
        (Style::Label(false), Flat::Object(members)) => format!(".{}", alternating(&members)),
        (Style::Matrix(_), Flat::One(value)) => format!(";{name}={value}"),
        (Style::Matrix(true), Flat::List(items)) => items.iter().map(|item| format!(";{name}={item}")).collect(),
        (Style::Matrix(false), Flat::List(items)) => format!(";{name}={}", items.join(",")),
        (Style::Matrix(true), Flat::Object(members)) => format!(";{}", assigned(&members, ";")),
        (Style::Matrix(false), Flat::Object(members)) => format!(";{name}={}", alternating(&members)),
        (_, Flat::One(value)) => value,
        (_, Flat::List(items)) => items.join(","),
        (Style::Simple(true), Flat::Object(members)) => assigned(&members, ","),
        (_, Flat::Object(members)) => alternating(&members),
    })
}

/// A value as pairs of encoded names and values: in a query, a form or a cookie. An empty list has no pair.
pub(crate) fn in_pairs(name: &str, style: Style, text: Text, value: &Value) -> Result<Vec<(String, String)>, RequestError> {
    let text = if matches!(style, Style::Cookie(_)) { Text::Plain } else { text };
    let encoded = text.encode(name);
    if style == Style::Json {
        return Ok(vec![(encoded, text.encode(&value.to_string()))]);
    }
    if style == Style::DeepObject && value.is_object() {
        let mut pairs = Vec::new();
        deep(name.to_owned(), value, text, &mut pairs)?;
        return Ok(pairs);
    }
    let separator = match style {
        Style::SpaceDelimited => "%20",
        Style::PipeDelimited => "%7C",
        Style::TabDelimited => "%09",
        _ => ",",
    };
    let explode = matches!(style, Style::Form(true) | Style::Cookie(true));
    Ok(match flat(name, value, text)? {
        Flat::One(value) => vec![(encoded, value)],
        Flat::List(items) if explode => items.into_iter().map(|item| (encoded.clone(), item)).collect(),
        Flat::List(items) if items.is_empty() => Vec::new(),
        Flat::List(items) => vec![(encoded, items.join(separator))],
        Flat::Object(members) if explode => members,
        Flat::Object(members) if members.is_empty() => Vec::new(),
        Flat::Object(members) => {
            let words: Vec<String> = members.into_iter().flat_map(|(key, value)| [key, value]).collect();
            vec![(encoded, words.join(separator))]
        }
    })
}

fn deep(name: String, value: &Value, text: Text, pairs: &mut Vec<(String, String)>) -> Result<(), RequestError> {
    match value {
        Value::Object(members) => members.iter().try_for_each(|(key, value)| deep(format!("{name}[{key}]"), value, text, pairs)),
        Value::Array(items) => items.iter().try_for_each(|item| {
            let item = scalar(&name, item, text)?;
            pairs.push((text.encode(&name), item));
            Ok(())
        }),
        value => {
            pairs.push((text.encode(&name), scalar(&name, value, text)?));
            Ok(())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// The table of OpenAPI 3.1.1, "Style Examples".
    #[test]
    fn the_examples_of_the_standard_are_written() {
        let (one, list, object) = (json!("blue"), json!(["blue", "black", "brown"]), json!({"R": 100, "G": 200, "B": 150}));
        let text = |style, value| in_text("color", style, Text::Encoded, value).expect("a text");
        for (style, values) in [
            (Style::Matrix(false), [";color=blue", ";color=blue,black,brown", ";color=R,100,G,200,B,150"]),
            (Style::Matrix(true), [";color=blue", ";color=blue;color=black;color=brown", ";R=100;G=200;B=150"]),
            (Style::Label(false), [".blue", ".blue,black,brown", ".R,100,G,200,B,150"]),
            (Style::Label(true), [".blue", ".blue.black.brown", ".R=100.G=200.B=150"]),
            (Style::Simple(false), ["blue", "blue,black,brown", "R,100,G,200,B,150"]),
            (Style::Simple(true), ["blue", "blue,black,brown", "R=100,G=200,B=150"]),
        ] {
            assert_eq!([text(style, &one), text(style, &list), text(style, &object)], values, "{style:?}");
        }
        let pairs = |style, value: &Value| assigned(&in_pairs("color", style, Text::Encoded, value).expect("pairs"), "&");
        for (style, values) in [
            (Style::Form(false), ["color=blue", "color=blue,black,brown", "color=R,100,G,200,B,150"]),
            (Style::Form(true), ["color=blue", "color=blue&color=black&color=brown", "R=100&G=200&B=150"]),
            (Style::SpaceDelimited, ["color=blue", "color=blue%20black%20brown", "color=R%20100%20G%20200%20B%20150"]),
            (Style::PipeDelimited, ["color=blue", "color=blue%7Cblack%7Cbrown", "color=R%7C100%7CG%7C200%7CB%7C150"]),
        ] {
            assert_eq!([pairs(style, &one), pairs(style, &list), pairs(style, &object)], values, "{style:?}");
        }
        assert_eq!(pairs(Style::DeepObject, &object), "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150");
        assert_eq!(pairs(Style::Form(true), &json!([])), "");
        assert_eq!(pairs(Style::Json, &json!({"a": [1]})), "color=%7B%22a%22%3A%5B1%5D%7D");
    }

    #[test]
    fn reserved_characters_stay_only_where_they_are_allowed() {
        let value = json!("a/b?c&d e");
        assert_eq!(in_text("path", Style::Simple(false), Text::Encoded, &value).expect("a text"), "a%2Fb%3Fc%26d%20e");
        assert_eq!(in_text("path", Style::Simple(false), Text::Reserved, &value).expect("a text"), "a/b%3Fc%26d%20e");
        assert!(matches!(in_text("x", Style::Simple(false), Text::Encoded, &json!([[1]])), Err(RequestError::Nested { .. })));
    }
}
