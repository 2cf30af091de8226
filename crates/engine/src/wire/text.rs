//! One text as each type that a schema allows, and the decoding of percent-encoded text.

use charter_contract::json;
use percent_encoding::percent_decode_str;
use serde_json::Value;

use super::Malformed;
use super::candidates::Candidates;
use super::described::Types;

/// How characters are escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Escape {
    /// Not at all: header fields, cookies of the style `cookie`, multipart bodies.
    None,
    /// Percent-encoding, RFC 3986, section 2.1: paths, and cookies of the style `form`.
    Percent,
    /// Percent-encoding, and `+` for a space: queries and forms, WHATWG URL, section 5.
    Form,
}

impl Escape {
    /// The unescaped text.
    pub(super) fn decode(self, raw: &str) -> Result<String, Malformed> {
        let spaces = match self {
            Self::None => return Ok(raw.to_owned()),
            Self::Percent => raw.into(),
            Self::Form => raw.replace('+', " "),
        };
        let mut rest = &*spaces;
        while let Some((_, after)) = rest.split_once('%') {
            if !after.as_bytes().get(..2).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit)) {
                let found: String = after.chars().take(2).collect();
                return Err(Malformed::new(format!("`%{found}` is not a percent-encoded byte"), "RFC 3986, section 2.1"));
            }
            rest = after;
        }
        let decoded = percent_decode_str(&spaces).decode_utf8();
        let decoded = decoded.map_err(|_| Malformed::new("the percent-encoded bytes are not valid UTF-8", "RFC 3986, section 2.5"))?;
        Ok(decoded.into_owned())
    }
}

/// A text as each type that is allowed: number, boolean, null, then string. If no type is known, the string is the first. If no type
/// fits, the text is a string.
///
/// # Source
/// OpenAPI 3.1.1, Appendix B: the types of serialised values are not standardised. Numbers, `true`, `false` and `null` are written as in
/// RFC 8259. An empty text is null if null is allowed, see "Style Examples", column `undefined`.
pub(super) fn leaf(text: &str, types: Types) -> Candidates {
    let number = || json::parse(text.as_bytes()).ok().filter(Value::is_number);
    let begins = text.starts_with(|char: char| char == '-' || char.is_ascii_digit()) && text.ends_with(|char: char| char.is_ascii_digit());
    let mut values = Vec::new();
    if types.has(Types::NUMBER) && begins {
        values.extend(number());
    }
    if types.has(Types::BOOLEAN)
        && let Ok(boolean) = text.parse::<bool>()
    {
        values.push(boolean.into());
    }
    if types.has(Types::NULL) && text == "null" {
        values.push(Value::Null);
    }
    let string = Value::from(text);
    match types {
        Types::ANY => values.insert(0, string),
        types if types.has(Types::STRING) => values.push(string),
        _ => {}
    }
    if types.has(Types::NULL) && text.is_empty() {
        values.push(Value::Null);
    }
    if values.is_empty() {
        values.push(text.into());
    }
    Candidates::Leaf(values)
}

/// A text as each type that is allowed, arrays and objects written as JSON included.
pub(super) fn leaf_or_json(text: &str, types: Types) -> Candidates {
    let parsed = || json::parse(text.as_bytes()).ok();
    let structured = match text.trim_start().as_bytes().first() {
        Some(b'[') if types.has(Types::ARRAY) => parsed(),
        Some(b'{') if types.has(Types::OBJECT) => parsed(),
        _ => None,
    };
    match (structured, leaf(text, types)) {
        (Some(value), Candidates::Leaf(values)) if types == Types::ANY => Candidates::Leaf(values.into_iter().chain([value]).collect()),
        (Some(value), Candidates::Leaf(values)) if types.has(Types::STRING) => {
            Candidates::Leaf([value].into_iter().chain(values).collect())
        }
        (Some(value), _) => Candidates::one(value),
        (None, leaf) => leaf,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::super::described::Described;
    use super::super::testing::contract_of;
    use super::*;

    #[test]
    fn a_text_is_read_as_each_type_that_the_schema_allows() {
        let cases = [
            (json!({"type": "integer"}), "5", json!([5])),
            (json!({"type": "integer"}), "-0", json!([-0.0])),
            (json!({"type": "number"}), "1.50", json!([1.5])),
            (json!({"type": "number"}), "1e3", json!([1000.0])),
            (json!({"type": "integer"}), "1.0", json!([1.0])),
            // RFC 8259, section 6: none of these is a number.
            (json!({"type": "integer"}), "+5", json!(["+5"])),
            (json!({"type": "integer"}), "007", json!(["007"])),
            (json!({"type": "integer"}), "0x1f", json!(["0x1f"])),
            (json!({"type": "integer"}), " 5", json!([" 5"])),
            (json!({"type": "integer"}), "5 ", json!(["5 "])),
            (json!({"type": "integer"}), "1.", json!(["1."])),
            (json!({"type": "integer"}), "", json!([""])),
            (json!({"type": "integer"}), "three", json!(["three"])),
            (json!({"type": "integer"}), "9007199254740993", json!([9_007_199_254_740_993_u64])),
            (json!({"type": "boolean"}), "true", json!([true])),
            (json!({"type": "boolean"}), "True", json!(["True"])),
            (json!({"type": "boolean"}), "1", json!(["1"])),
            (json!({"type": "string"}), "5", json!(["5"])),
            (json!({"type": "string"}), "", json!([""])),
            (json!({"type": "string"}), "null", json!(["null"])),
            (json!({"type": ["integer", "string"]}), "5", json!([5, "5"])),
            (json!({"type": ["boolean", "string"]}), "true", json!([true, "true"])),
            (json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), "5", json!([5])),
            (json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), "null", json!([null])),
            (json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), "", json!([null])),
            (json!({"type": ["string", "null"]}), "", json!(["", null])),
            (json!({"enum": [1, 2]}), "1", json!([1])),
            (json!({"enum": ["1", 2]}), "1", json!([1, "1"])),
            (json!({}), "1", json!(["1", 1])),
            (json!({}), "false", json!(["false", false])),
        ];
        for (schema, text, expected) in cases {
            let (contract, id) = contract_of(&schema);
            let found = leaf(text, Described::new(contract.schemas(), Some(id)).types()).all();
            assert_eq!(Value::Array(found), expected, "{text:?} of {schema}");
        }
    }

    #[test]
    fn json_is_read_where_arrays_and_objects_are_allowed() {
        let cases = [
            (Types::OBJECT, r#"{"a":1}"#, json!([{"a": 1}])),
            (Types::OBJECT, "a", json!(["a"])),
            (Types::OBJECT, "{", json!(["{"])),
            (Types::ARRAY, "[1]", json!([[1]])),
            (Types::STRING, "[1]", json!(["[1]"])),
            (Types::ANY, "[1]", json!(["[1]", [1]])),
        ];
        for (types, text, expected) in cases {
            assert_eq!(Value::Array(leaf_or_json(text, types).all()), expected, "{text}");
        }
    }

    #[test]
    fn text_is_decoded_once() {
        // RFC 3986, section 2.4: "Implementations must not percent-encode or decode the same string more than once".
        let cases = [
            (Escape::Percent, "a%20b+c", Ok("a b+c")),
            (Escape::Form, "a%20b+c%2B", Ok("a b c+")),
            (Escape::None, "a%20b+c", Ok("a%20b+c")),
            (Escape::Percent, "%2541", Ok("%41")),
            (Escape::Percent, "di%E1%B9%85n%C4%81ga", Ok("di\u{1e45}n\u{101}ga")),
            (Escape::Percent, "100%", Err("`%` is not a percent-encoded byte")),
            (Escape::Form, "%zz", Err("`%zz` is not a percent-encoded byte")),
            (Escape::Percent, "%\u{e9}1", Err("`%\u{e9}1` is not a percent-encoded byte")),
            (Escape::Percent, "%FF", Err("the percent-encoded bytes are not valid UTF-8")),
        ];
        for (escape, raw, expected) in cases {
            let found = escape.decode(raw).map_err(|error| error.message);
            assert_eq!(found.as_deref().map_err(String::as_str), expected, "{raw}");
        }
    }

    proptest! {
        #[test]
        fn no_text_causes_a_panic(text in "[%+0-9a-f\u{e9}]{0,20}|\\PC{0,20}") {
            for escape in [Escape::None, Escape::Percent, Escape::Form] {
                let _ = escape.decode(&text);
            }
            for types in [Types::ANY, Types::NUMBER, Types::OBJECT, Types::NONE] {
                prop_assert!(!leaf_or_json(&text, types).all().is_empty());
            }
        }
    }
}
