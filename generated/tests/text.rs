//! The fast path of the runtime gives the same verdicts, values and messages as `serde_json`.

use charter_generated::{ApiErrorEnvelope, Run, RunArtifactSize, RunSampleRank};
use charter_runtime::{self as support, Read, Value};
use serde::Serialize;
use serde::de::DeserializeOwned;

mod common;

/// Compares both readers on one text. Returns whether it was accepted.
fn check<T: DeserializeOwned + for<'t> Read<'t> + Serialize>(text: &[u8]) -> bool {
    let written = |read: serde_json::Result<T>| {
        read.map(|value| serde_json::to_string(&value).expect("JSON")).map_err(|error| (error.to_string(), error.line(), error.column()))
    };
    let theirs = written(serde_json::from_slice(text));
    let shown = String::from_utf8_lossy(text);
    assert_eq!(written(support::from_slice(text)), theirs, "{shown}");
    if let Ok(text) = str::from_utf8(text) {
        assert_eq!(written(support::from_str(text)), written(serde_json::from_str(text)), "{shown}");
    }
    theirs.is_ok()
}

/// Pseudo-random numbers with a fixed seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % limit as u64) as usize
    }
}

#[test]
fn recorded_bodies_and_their_mutations_are_read_alike() {
    let (mut accepted, mut refused) = (0, 0);
    for (_, status, body) in common::bundled() {
        // Only every seventeenth: there are tens of thousands.
        for value in common::mutations(&body).into_iter().map(|(_, mutated)| mutated).step_by(17).chain([body]) {
            for text in [value.to_string(), format!("{value:#}\n")] {
                match if status == 200 { check::<Run>(text.as_bytes()) } else { check::<ApiErrorEnvelope>(text.as_bytes()) } {
                    true => accepted += 1,
                    false => refused += 1,
                }
            }
        }
    }
    assert!(accepted > 1_000 && refused > 1_000, "{accepted} accepted, {refused} refused");
}

#[test]
fn edited_texts_are_read_alike() {
    const PIECES: [&str; 22] = [
        "\"", "\\", ",", ":", "{", "}", "[", "]", " ", "\n", "0", "-", ".", "e", "1e999", "null", "\\u0061", "\\ud83d", "\u{1}", "ü",
        "\"id\":", "9",
    ];
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let bodies: Vec<String> = common::bundled().into_iter().filter(|body| body.1 == 200).map(|(_, _, body)| body.to_string()).collect();
    let mut accepted = 0;
    for _ in 0..6_000 {
        let mut text = bodies[random.below(bodies.len())].clone().into_bytes();
        for _ in 0..=random.below(2) {
            let (from, length) = (random.below(text.len() + 1), random.below(3));
            let piece = PIECES[random.below(PIECES.len())].as_bytes();
            let piece = if random.below(3) == 0 { &[] } else { piece };
            text.splice(from..(from + length).min(text.len()), piece.iter().copied());
        }
        accepted += usize::from(check::<Run>(&text));
    }
    assert!(accepted > 50, "{accepted}");
}

#[test]
fn values_of_every_spelling_are_read_alike() {
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let many = |last: usize| format!("{{{}}}", (0..40).chain([last]).map(|key| format!("\"k{key}\":{key}")).collect::<Vec<_>>().join(","));
    let accepted = [
        "0",
        "-0",
        "-0.0",
        "1",
        "-1",
        "10",
        "0.1",
        "1e5",
        "1E+5",
        "1e-5",
        "1e-999",
        "0e0",
        "18446744073709551615",
        "-9223372036854775808",
        "9223372036854775808",
        "-9223372036854775809",
        "18446744073709551616",
        "123456789012345678901234567890",
        "0.30000000000000004",
        "1.7976931348623157e308",
        "5e-324",
        "2.2250738585072011e-308",
        "9007199254740993",
        "123456789.12345678901234567890",
        "null",
        " true ",
        "\t\r\n[ ]",
        "{ }",
        "\"\"",
        r#""\"\\\/\b\f\n\r\t\u0041\ud83d\ude00""#,
        "\"ü數😀\u{7f}\"",
        r#"{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}"#,
        r#"{"\u0061":1,"b\"":2}"#,
        r#"[1,[2,{"c":[3]}],"a long text of more than one word, with \"quotes\" in it"]"#,
        &many(40),
        &deep(127),
        &format!("[{}[]]", "[[]],".repeat(200)),
        &format!("{}.5", "1".repeat(308)),
        &"7".repeat(308),
    ];
    let refused = [
        "",
        " ",
        "-",
        "+1",
        "01",
        "-01",
        "00",
        "1.",
        ".5",
        "1.e5",
        "1e",
        "1e+",
        "0x1",
        "1e999",
        "-1e999",
        "NaN",
        "nul",
        "nulll",
        "True",
        "tru",
        "[",
        "]",
        "[1",
        "[1,",
        "[,1]",
        "[1,]",
        "[1 2]",
        "[1],",
        "{",
        "{\"a\"",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "{,}",
        "{a:1}",
        "{1:1}",
        "{\"a\" 1}",
        "{\"a\":1 \"b\":2}",
        "\"",
        "\"\\",
        "\"\\\"",
        "\"\n\"",
        "\"\\x\"",
        "\"\\u12\"",
        r#""\ud800""#,
        r#""\udc00\ud800""#,
        "'a'",
        "{} {}",
        "\u{feff}1",
        "\u{a0}1",
        "1\u{b}",
        r#"{"a":1,"a":2}"#,
        r#"{"a":1,"\u0061":2}"#,
        r#"[{"x":{"b":1,"c":2,"b":3}}]"#,
        &many(7),
        &deep(128),
        &deep(100_000),
        &"7".repeat(309),
    ];
    for text in accepted {
        assert!(check::<Value>(text.as_bytes()), "{text}");
        assert_eq!(
            *support::from_str::<Value>(text).expect("a value"),
            serde_json::from_str::<serde_json::Value>(text).expect("a value"),
            "{text}"
        );
        check::<Value>(format!("[{text},{text}]").as_bytes());
        check::<Value>(format!("{{\"a\":{text}}}").as_bytes());
        check::<support::Number>(text.as_bytes());
        check::<support::Integer>(text.as_bytes());
        check::<RunArtifactSize>(text.as_bytes());
        check::<RunSampleRank>(text.as_bytes());
    }
    for text in refused {
        assert!(!check::<Value>(text.as_bytes()), "{text}");
        assert!(!check::<Value>(format!("[{text}]").as_bytes()) || text.trim().is_empty(), "{text}");
    }
    for bytes in [&b"\"\xff\""[..], b"\"\xed\xa0\x80\"", b"[1]\0", b"\xff", b"{\"\xc3\":1}"] {
        assert!(!check::<Value>(bytes));
    }
}

#[test]
fn an_open_value_is_equal_before_and_after_parsing() {
    let text = r#"{"z":[1.50,18446744073709551615],"a":{"y":null}}"#;
    let value: Value = support::from_str(text).expect("a value");
    let untouched = value.clone();
    assert_eq!(value["z"][1].as_u64(), Some(u64::MAX));
    assert_eq!(value, untouched);
    assert_eq!(untouched.to_string(), r#"{"z":[1.5,18446744073709551615],"a":{"y":null}}"#);
    assert_eq!(format!("{untouched:?}"), format!("{:?}", untouched.clone().into_json()));
    assert_eq!(Value::from(untouched.into_json()), value);
    assert_eq!(Value::default(), serde_json::Value::Null);
}
