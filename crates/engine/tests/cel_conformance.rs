//! The public conformance cases of CEL, as far as they are about values of JSON, instants and durations.
//!
//! `CEL_SPEC_TESTDATA` names the folder `tests/simple/testdata` of <https://github.com/google/cel-spec>. Without it the test passes at once. Cases
//! about protocol buffers, namespaces and the type checker are left out. The table of `docs/book/src/conformance.md` is printed and compared.

use std::fmt::Write as _;
use std::path::Path;

use charter_engine::{CelValue, EvaluationError, evaluate};

/// The sections, and how many cases have the expected result, another result, and are not accepted by the parser of rules.
const SECTIONS: [(&str, [usize; 3]); 14] = [
    ("basic", [43, 0, 0]),
    ("comparisons", [334, 0, 0]),
    ("conversions", [109, 0, 0]),
    ("fields", [55, 0, 0]),
    ("fp_math", [30, 0, 0]),
    ("integer_math", [64, 0, 0]),
    ("lists", [39, 0, 0]),
    ("logic", [30, 0, 0]),
    ("macros", [44, 0, 0]),
    ("macros2", [34, 12, 0]),
    ("parse", [193, 0, 0]),
    ("plumbing", [5, 0, 0]),
    ("string", [51, 0, 0]),
    ("timestamps", [76, 0, 0]),
];

/// A message in the text format of protocol buffers, as far as the cases use it.
#[derive(Clone, Debug)]
enum Text {
    Message(Vec<(String, Text)>),
    Bytes(Vec<u8>),
    Word(String),
}

impl Text {
    fn fields<'t>(&'t self, name: &'t str) -> impl Iterator<Item = &'t Self> {
        let fields = if let Self::Message(fields) = self { fields.as_slice() } else { &[] };
        fields.iter().filter(move |(found, _)| found == name).map(|(_, value)| value)
    }

    fn field(&self, name: &str) -> Option<&Self> {
        if let Self::Message(fields) = self { fields.iter().find(|(found, _)| found == name).map(|(_, value)| value) } else { None }
    }

    fn text(&self) -> String {
        match self {
            Self::Bytes(bytes) => String::from_utf8_lossy(bytes).into_owned(),
            Self::Word(word) => word.clone(),
            Self::Message(_) => String::new(),
        }
    }

    fn number<T: std::str::FromStr + Default>(&self, name: &str) -> T {
        self.field(name).and_then(|word| word.text().parse().ok()).unwrap_or_default()
    }
}

struct Reader<'t> {
    rest: &'t [u8],
}

impl Reader<'_> {
    fn space(&mut self) {
        loop {
            match self.rest {
                [b' ' | b'\t' | b'\n' | b'\r' | b',' | b';', rest @ ..] => self.rest = rest,
                [b'#', rest @ ..] => self.rest = &rest[rest.iter().position(|byte| *byte == b'\n').unwrap_or(rest.len())..],
                _ => return,
            }
        }
    }

    fn message(&mut self) -> Text {
        let mut fields = Vec::new();
        loop {
            self.space();
            match self.rest {
                [] => return Text::Message(fields),
                [b'}', rest @ ..] => {
                    self.rest = rest;
                    return Text::Message(fields);
                }
                _ => {}
            }
            let name = self.word();
            self.space();
            if let [b':', rest @ ..] = self.rest {
                self.rest = rest;
                self.space();
            }
            fields.push((name, self.value()));
        }
    }

    fn word(&mut self) -> String {
        let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r' | b':' | b'{' | b'}' | b',' | b';');
        let end = self.rest.iter().position(is_end).unwrap_or(self.rest.len());
        let word = String::from_utf8_lossy(&self.rest[..end]).into_owned();
        assert!(!word.is_empty(), "no word before {:?}", String::from_utf8_lossy(&self.rest[..self.rest.len().min(40)]));
        self.rest = &self.rest[end..];
        word
    }

    fn value(&mut self) -> Text {
        match self.rest {
            [b'{', rest @ ..] => {
                self.rest = rest;
                self.message()
            }
            [b'"' | b'\'', ..] => {
                let mut bytes = Vec::new();
                while let [quote @ (b'"' | b'\''), rest @ ..] = self.rest {
                    self.rest = rest;
                    self.quoted(*quote, &mut bytes);
                    self.space();
                }
                Text::Bytes(bytes)
            }
            _ => Text::Word(self.word()),
        }
    }

    fn quoted(&mut self, quote: u8, bytes: &mut Vec<u8>) {
        while let [byte, rest @ ..] = self.rest {
            self.rest = rest;
            match byte {
                byte if *byte == quote => return,
                b'\\' => self.escape(bytes),
                byte => bytes.push(*byte),
            }
        }
    }

    fn escape(&mut self, bytes: &mut Vec<u8>) {
        let [escape, rest @ ..] = self.rest else { return };
        let (escape, after) = (*escape, rest);
        let digits = |from: &[u8], most: usize, radix: u32| {
            let count = from.iter().take(most).take_while(|byte| char::from(**byte).is_digit(radix)).count();
            (u32::from_str_radix(&String::from_utf8_lossy(&from[..count]), radix).unwrap_or(0), count)
        };
        self.rest = after;
        match escape {
            b'n' => bytes.push(b'\n'),
            b't' => bytes.push(b'\t'),
            b'r' => bytes.push(b'\r'),
            b'a' => bytes.push(7),
            b'b' => bytes.push(8),
            b'f' => bytes.push(12),
            b'v' => bytes.push(11),
            b'x' => {
                let (value, count) = digits(after, 2, 16);
                bytes.push(value as u8);
                self.rest = &after[count..];
            }
            b'u' | b'U' => {
                let (value, count) = digits(after, if escape == b'u' { 4 } else { 8 }, 16);
                let mut buffer = [0; 4];
                bytes.extend(char::from_u32(value).unwrap_or('\u{fffd}').encode_utf8(&mut buffer).as_bytes());
                self.rest = &after[count..];
            }
            b'0'..=b'7' => {
                let whole: Vec<u8> = std::iter::once(escape).chain(after.iter().copied()).take(3).collect();
                let (value, count) = digits(&whole, 3, 8);
                bytes.push(value as u8);
                self.rest = &after[count - 1..];
            }
            other => bytes.push(other),
        }
    }
}

/// The value of a case; `None` for values of protocol buffers.
fn value(text: &Text) -> Option<CelValue> {
    let Text::Message(fields) = text else { return None };
    let (kind, content) = fields.first()?;
    Some(match kind.as_str() {
        "null_value" => CelValue::Null,
        "bool_value" => CelValue::Bool(content.text() == "true"),
        "int64_value" => CelValue::Int(integer(&content.text())?.try_into().ok()?),
        "uint64_value" => CelValue::Uint(integer(&content.text())?.try_into().ok()?),
        "double_value" => CelValue::Double(content.text().to_lowercase().replace("infinity", "inf").parse().ok()?),
        "string_value" => CelValue::String(content.text()),
        "bytes_value" => CelValue::Bytes(if let Text::Bytes(bytes) = content { bytes.clone() } else { return None }),
        "type_value" => CelValue::String(content.text()),
        "list_value" => CelValue::List(content.fields("values").map(value).collect::<Option<_>>()?),
        "map_value" => {
            let entries = content.fields("entries").map(|entry| Some((value(entry.field("key")?)?, value(entry.field("value")?)?)));
            CelValue::Map(entries.collect::<Option<_>>()?)
        }
        "object_value" => {
            let Text::Message(fields) = content else { return None };
            let (name, content) = fields.first()?;
            let (seconds, nanos): (i64, i32) = (content.number("seconds"), content.number("nanos"));
            match name.as_str() {
                "[type.googleapis.com/google.protobuf.Timestamp]" => CelValue::Timestamp(jiff::Timestamp::new(seconds, nanos).ok()?),
                "[type.googleapis.com/google.protobuf.Duration]" => CelValue::Duration(jiff::SignedDuration::new(seconds, nanos)),
                _ => return None,
            }
        }
        _ => return None,
    })
}

fn integer(text: &str) -> Option<i128> {
    match text.strip_prefix("0x") {
        Some(digits) => i128::from_str_radix(digits, 16).ok(),
        None => text.parse().ok(),
    }
}

fn same(left: &CelValue, right: &CelValue) -> bool {
    match (left, right) {
        (CelValue::Double(left), CelValue::Double(right)) => left == right || (left.is_nan() && right.is_nan()),
        (CelValue::List(left), CelValue::List(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, right)| same(left, right))
        }
        (CelValue::Map(left), CelValue::Map(right)) => {
            left.len() == right.len()
                && left.iter().all(|(key, value)| right.iter().any(|(other, content)| same(key, other) && same(value, content)))
        }
        _ => left == right,
    }
}

/// Whether a case is about JSON values, instants and durations.
fn is_about_json(case: &Text, expression: &str) -> bool {
    let foreign = [
        "TestAllTypes",
        "google.protobuf",
        "google.api",
        "proto2",
        "proto3",
        "Wrapper",
        "cel.expr",
        "optional",
        "GlobalEnum",
        "NestedEnum",
    ];
    case.field("container").is_none()
        && case.field("check_only").is_none()
        && !foreign.iter().any(|word| expression.contains(word))
        && case.fields("bindings").all(|binding| binding.field("key").is_some_and(|key| !key.text().contains('.')))
}

#[test]
fn the_public_conformance_cases_have_the_documented_results() {
    let Some(folder) = std::env::var_os("CEL_SPEC_TESTDATA") else { return };
    let (mut table, mut others, mut expected) = (String::new(), String::new(), String::new());
    for (section, counts) in SECTIONS {
        let text =
            std::fs::read(Path::new(&folder).join(format!("{section}.textproto"))).unwrap_or_else(|error| panic!("{section}: {error}"));
        let file = Reader { rest: &text }.message();
        let mut found = [0usize; 3];
        for (group, case) in file.fields("section").flat_map(|group| group.fields("test").map(move |case| (group, case))) {
            let expression = case.field("expr").map(Text::text).unwrap_or_default();
            if !is_about_json(case, &expression) {
                continue;
            }
            let bindings = case.fields("bindings").map(|binding| {
                let content = binding.field("value").and_then(|expression| expression.field("value")).and_then(value);
                Some((binding.field("key")?.text(), content?))
            });
            let Some(bindings) = bindings.collect::<Option<Vec<_>>>() else { continue };
            let wanted = match (case.field("value"), case.field("eval_error")) {
                (Some(wanted), _) => match value(wanted) {
                    Some(wanted) => Some(wanted),
                    None => continue,
                },
                (None, Some(_)) => None,
                // Without a value, the result is true.
                (None, None) => Some(CelValue::Bool(true)),
            };
            let result = evaluate(&expression, bindings.iter().map(|(name, value)| (name.as_str(), value.clone())));
            let outcome = match (&result, &wanted) {
                (Err(EvaluationError::Parse(_) | EvaluationError::Compile(_)), _) => 2,
                (Ok(found), Some(wanted)) if same(found, wanted) => 0,
                (Err(_), None) => 0,
                _ => 1,
            };
            found[outcome] += 1;
            if outcome > 0 {
                let name = |text: &Text| text.field("name").map(Text::text).unwrap_or_default();
                let _ = writeln!(others, "{section} {} {}: {expression}: {result:?}, not {wanted:?}", name(group), name(case));
            }
        }
        let _ = writeln!(table, "| {section} | {} | {} | {} |", found[0], found[1], found[2]);
        let _ = writeln!(expected, "| {section} | {} | {} | {} |", counts[0], counts[1], counts[2]);
    }
    println!("{others}\n{table}");
    assert_eq!(table, expected);
}
