//! Hostile documents of other programs: reading and masking them takes linear time. A search that reads a long line again at each of its parts does not end here.

use std::ops::ControlFlow;

use charter_contract::MaskConfig;
use charter_traffic::mask::Masker;
use charter_traffic::read::{Forms, Limits, Source, read_known};
use charter_traffic::scrub;

/// The number of repeated parts.
const COUNT: usize = 60_000;

/// Reads and masks a document. Both may fail.
fn survives(text: String) {
    let source = Source::Bytes { name: "x".into(), bytes: text.into_bytes().into() };
    let forms = Forms { accepts_bare: true, columns: None };
    let _ = read_known(&source, &Limits::default(), &forms, &mut |_| ControlFlow::Continue(()));
    let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
    let _ = scrub(&masker, &source, &Limits::default(), &mut Vec::new());
}

/// A cassette in YAML with the body of a response.
fn cassette(body: &str) -> String {
    format!(
        "{{version: 1, interactions: [{{request: {{method: GET, uri: https://api.example/a, body: '', headers: {{}}}}, response: {{body: {{string: {body}}}, headers: {{}}, status: {{code: 200}}}}}}]}}\n"
    )
}

#[test]
fn a_long_line_of_yaml_is_read_once() {
    let keys: Vec<String> = (0..COUNT).map(|number| format!("k{number}: 1")).collect();
    survives(cassette(&format!("{{{}}}", keys.join(", "))));
    let passwords: Vec<String> = (0..COUNT / 4).map(|number| format!("{{password: hunter{number}}}")).collect();
    survives(cassette(&format!("[{}]", passwords.join(", "))));
    let bodies: Vec<String> = (0..COUNT / 8)
        .map(|_| "{request: {method: GET, uri: /a}, response: {body: {string: 'a b'}, status: {code: 200}}}".to_owned())
        .collect();
    survives(format!("{{version: 1, interactions: [{}]}}\n", bodies.join(", ")));
}

#[test]
fn escapes_and_blanks_of_a_long_string_are_read_once() {
    survives(cassette(&format!("\"{}\"", "\\x41".repeat(4 * COUNT))));
    survives(cassette(&format!("\"a{}b\"", " ".repeat(8 * COUNT))));
    survives(cassette(&format!("\"{}\"", "a \\\n   ".repeat(COUNT))));
}

#[test]
fn many_short_documents_are_read_once() {
    survives("{}".repeat(4 * COUNT));
    survives("{}\n\n".repeat(2 * COUNT));
}
