//! The reference reader accepts every text that the cursor accepts, and both read the same value: random texts, and texts known to be hard for parsers.

use charter_json::{parse, roundings};
use charter_reader::{Cursor, FastPath, Keys, instant, keys};
use charter_rules::parse_instant;
use proptest::prelude::*;
use serde_json::{Map, Value};

/// Reads a value with the cursor.
fn read(cursor: &mut Cursor<'_>) -> FastPath<Value> {
    static NONE: Keys = keys![];
    Ok(match cursor.peek() {
        b'n' => cursor.null().map(|()| Value::Null)?,
        b't' | b'f' => cursor.boolean()?.into(),
        b'"' => {
            let text = cursor.string()?;
            let value = text.value()?.into_owned();
            assert_eq!(text.length(), Ok(value.chars().count()));
            value.into()
        }
        b'[' => {
            let mut items = Vec::new();
            cursor.array(|cursor, index| {
                assert_eq!(index, items.len());
                items.push(read(cursor)?);
                Ok(())
            })?;
            items.into()
        }
        b'{' => {
            let mut object = Map::new();
            cursor.open_object(&NONE, |cursor, key| {
                let value = read(cursor)?;
                let name = key.expect_err("no key is known");
                // A duplicate key is detected at the end of the object.
                object.insert(name.plain()?.to_owned(), value);
                Ok(())
            })?;
            object.into()
        }
        _ => {
            let number = cursor.number()?;
            assert_eq!(number.is_whole(), number.as_f64().fract() == 0.0);
            match number
                .as_i64()
                .filter(|_| !number.written().iter().any(|byte| matches!(byte, b'.' | b'e' | b'E')) && number.written() != b"-0")
            {
                Some(integer) => integer.into(),
                None => number.as_f64().into(),
            }
        }
    })
}

fn skipped(text: &[u8]) -> FastPath<()> {
    let mut cursor = Cursor::from_bytes(text)?;
    cursor.skip()?;
    cursor.finish()
}

fn whole(text: &[u8]) -> FastPath<Value> {
    let mut cursor = Cursor::from_bytes(text)?;
    let value = read(&mut cursor)?;
    cursor.finish().map(|()| value)
}

/// Whether a value has an integer that only 64 bits without a sign can represent.
fn has_unsigned(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_u64() && !number.is_i64(),
        Value::Array(items) => items.iter().any(has_unsigned),
        Value::Object(members) => members.values().any(has_unsigned),
        _ => false,
    }
}

/// Reading and skipping accept the same texts, and none that the reference reader refuses or rounds. Only skipping accepts integers of 64 bits without a sign, because
/// [`charter_reader::Number`] has a sign. Returns whether the text is read.
fn check(text: &[u8]) -> bool {
    let (value, is_skipped) = (whole(text), skipped(text).is_ok());
    let shown = String::from_utf8_lossy(text);
    let parsed = parse(text);
    let is_unsigned = parsed.as_ref().is_ok_and(has_unsigned);
    assert_eq!(value.is_ok(), is_skipped && !is_unsigned, "{shown}");
    assert!(!is_skipped || (parsed.is_ok() && roundings(text).is_empty()), "{shown}");
    let Ok(value) = value else { return false };
    assert_eq!(Ok(&value), parsed.as_ref(), "{shown}");
    true
}

fn json() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        any::<i64>().prop_map(|number| number.to_string()),
        any::<i16>().prop_map(|number| number.to_string()),
        any::<f64>().prop_filter("finite", |number| number.is_finite()).prop_map(|number| format!("{number:?}")),
        (0.0..1.0).prop_map(|number: f64| number.to_string()),
        r"-?(0|[1-9][0-9]{0,20})(\.[0-9]{1,20})?([eE][+-]?[0-9]{1,3})?".prop_map(|number| number),
    ];
    let string = prop_oneof![
        any::<String>().prop_map(|text| Value::String(text).to_string()),
        "[a-z ]{0,40}".prop_map(|text| format!("\"{text}\"")),
        r#"([a-z]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4}|é|😀){0,20}"#.prop_map(|text| format!("\"{text}\"")),
    ];
    let key = prop_oneof![6 => "[a-d]{1,2}", 1 => "[a-z_]{8,30}", 1 => any::<String>()].prop_map(|key| Value::String(key).to_string());
    let space = prop_oneof![6 => Just(""), 1 => Just(" "), 1 => Just("\n\t\r ")];
    let leaf = prop_oneof![Just("null".to_owned()), Just("true".to_owned()), Just("false".to_owned()), number, string];
    leaf.prop_recursive(6, 60, 8, move |inner| {
        let items = prop::collection::vec(inner.clone(), 0..8);
        let entries = prop::collection::vec((key.clone(), inner), 0..8);
        prop_oneof![
            (items, space.clone()).prop_map(|(items, space)| format!("[{space}{}{space}]", items.join(&format!("{space},{space}")))),
            (entries, space.clone()).prop_map(|(entries, space)| {
                let entries: Vec<String> = entries.iter().map(|(key, value)| format!("{key}{space}:{space}{value}")).collect();
                format!("{{{space}{}{space}}}", entries.join(&format!("{space},{space}")))
            }),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_accepted_text_has_the_value_of_the_reference_reader(text in json()) {
        check(text.as_bytes());
    }

    #[test]
    fn changed_bytes_do_not_make_an_invalid_text_accepted(
        text in json(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..4u8), 1..4),
    ) {
        const LIKELY: &[u8] = b"\"\\{}[],:0123456789.eE+-ntfu \n\t\0\x1f\x7f\xc3\xed\xa0";
        let mut bytes = text.into_bytes();
        for (at, byte, kind) in edits {
            let at = at.index(bytes.len() + 1);
            let byte = if byte < 200 { LIKELY[usize::from(byte) % LIKELY.len()] } else { byte };
            match kind {
                0 => bytes.insert(at, byte),
                1 if at < bytes.len() => drop(bytes.remove(at)),
                2 if at < bytes.len() => bytes[at] = byte,
                _ => bytes.truncate(at),
            }
        }
        check(&bytes);
    }

    #[test]
    fn plain_documents_are_accepted(values in prop::collection::btree_map("[a-z]{1,20}", (any::<i32>(), "[ -!#-\\[\\]-~]{0,50}", 0.0..1.0), 0..40)) {
        let object: Map<String, Value> = values.into_iter().map(|(key, (a, b, c))| (key, serde_json::json!([a, b, c, null, true]))).collect();
        assert!(check(Value::Object(object).to_string().as_bytes()));
    }

    #[test]
    fn instants_equal_those_of_the_interpreter(
        text in r"[0-2][0-9]{3}-(0[0-9]|1[0-3])-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{0,10})?([Zz]|[+-][0-2][0-9]:[0-6][0-9]|[+-]0000|)",
    ) {
        check_instant(&text);
    }

    #[test]
    fn valid_instants_equal_those_of_the_interpreter(
        text in r"(000[1-9]|[0-9][1-9][0-9]{2})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](\.[0-9]{1,9})?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])",
    ) {
        check_instant(&text);
    }

    #[test]
    fn changed_instants_equal_those_of_the_interpreter(at in 0..32usize, byte in any::<char>()) {
        let text: String = "2024-02-29T23:59:59.123456+05:30".chars().enumerate().map(|(index, old)| if index == at { byte } else { old }).collect();
        check_instant(&text);
    }
}

fn check_instant(text: &str) {
    if let Ok(found) = instant(text) {
        assert_eq!(found, parse_instant(text).map(jiff::Timestamp::as_nanosecond), "{text}");
    } else {
        assert!(text.starts_with("9999") || text.ends_with("-00:00"), "{text}");
    }
}

#[test]
fn texts_that_are_hard_for_parsers() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    for text in [
        "[-0]",
        "[1E22]",
        "[1e-2]",
        "[123.456e78]",
        "[0.4e00669999999999999999999999999999999999999999999999999999999999999999999999999969999999006]",
        "[-1e-9999]",
        "[1.5e+9999]",
        "[1e308]",
        "[2e308]",
        "[17976931348623157e292]",
        "[0e+1]",
        "[0.1e]",
        "[2.e3]",
        "[-2.]",
        "[.1]",
        "[- 1]",
        "[1 000.0]",
        "[0x42]",
        "[1a]",
        "[-012]",
        "[012]",
        "[\"\\u0000\"]",
        "[\"\\uD800\\u0041\"]",
        "[\"\\ud834\\udd1e\"]",
        "[\"\\uDBFF\\uDFFF\"]",
        "[\"\\u00A\"]",
        "[\"\\U0041\"]",
        "[\"\\a\"]",
        "[\"\\\u{1F300}\"]",
        "[\"\u{2028}\u{2029}\u{7f}\"]",
        "[\"a\u{0}a\"]",
        "[\"tab\there\"]",
        "[\u{c}]",
        "[\u{2060}]",
        "\u{feff}[]",
        "[1]\u{0}",
        "[1,,2]",
        "[1:2]",
        "[*]",
        "{\"a\":/*c*/1}",
        "{\"a\":1}#",
        "{\"a\":1,,}",
        "{\"a\":1 ,}",
        "{\"a\",\"b\"}",
        "{\"\":0}",
        "{\"a\":1,\"\\u0061\":2}",
        "{\"a\\u0000b\":1}",
        "\"\\",
        "\"\\u",
        "\"\\u0",
        "tRue",
        "nul",
        "[nulll]",
        "[truth]",
        "\n",
        "18446744073709551615",
        "9223372036854775807",
        "9223372036854775808",
        "0.12345678901234567890",
        "123456789012345678",
        "1234567890123456789",
        "[\"12345678901234567890123\", 1.5]",
        "1e-400",
        "0.000000000000000000000000000000001",
    ] {
        check(text.as_bytes());
        for before in 1..40 {
            check(format!("{}{text}", " ".repeat(before)).as_bytes());
            check(format!("[\"{}\",{text}]", "x".repeat(before)).as_bytes());
            check(format!("{{\"{}\":{text}}}", "x".repeat(before)).as_bytes());
        }
    }
    assert!(check(deep(127).as_bytes()) && !check(deep(128).as_bytes()));
    for bytes in [
        &b"[\"\xe5\"]"[..],
        b"[\"\xc0\xaf\"]",
        b"[\"\xf4\xbf\xbf\xbf\"]",
        b"\xff",
        b"{\"\xb9\":\"0\"}",
        b"[\"\xed\xa0\x80\"]",
        b"\xef\xbb\xbf{}",
    ] {
        assert!(!check(bytes));
    }
}

#[test]
fn numbers_of_common_programs_are_accepted() {
    for text in [
        "0.9276341233333457",
        "0.012345678901234567",
        "1700000000000",
        "-0.5",
        "1e100",
        "4.9e-324",
        "1.7976931348623157e308",
        "12345678.9012345",
    ] {
        assert!(check(text.as_bytes()), "{text}");
    }
}

#[test]
fn a_truncated_text_falls_back() {
    let text =
        r#"{"id":"run_1","n":[1,2.5,-3e2,0.1234567890123],"ü":"ä\n\u00e4","o":{"a":{},"b":[],"c":[[],{}]},"t":true,"f":false,"z":null}"#;
    assert!(check(text.as_bytes()));
    for end in 0..text.len() {
        assert!(!check(&text.as_bytes()[..end]), "{end}");
    }
}
