//! Damaged and hostile recordings: reading ends with an error, never with a panic.

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use charter_traffic::read::{Entry, Limits, ReadError, Source, SourceSummary, read};

fn fixtures() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true if path.ends_with("generate") => {}
                true => folders.push(path),
                false if path.extension().is_some_and(|ending| ending == "yaml") && path.ends_with("openapi.yaml") => {}
                false => files.push(path),
            }
        }
    }
    files.sort();
    files
}

fn read_bytes(name: &str, bytes: Vec<u8>) -> (Vec<Entry>, Result<SourceSummary, ReadError>) {
    read_within(&Limits::default(), name, bytes)
}

fn read_within(limits: &Limits, name: &str, bytes: Vec<u8>) -> (Vec<Entry>, Result<SourceSummary, ReadError>) {
    let mut entries = Vec::new();
    let source = Source::Bytes { name: name.into(), bytes: bytes.into() };
    let summary = read(&source, limits, &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    });
    (entries, summary)
}

/// A generator of numbers, so that every run has the same mutations.
struct Random(u64);

impl Random {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }
}

#[test]
fn mutated_recordings_do_not_panic_and_have_ascending_indexes() {
    let mut random = Random(1);
    for path in fixtures() {
        let whole = std::fs::read(&path).expect("a fixture");
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        for _ in 0..60 {
            let mut bytes = whole.clone();
            for _ in 0..1 + random.below(3) {
                let at = random.below(bytes.len());
                match random.below(5) {
                    0 => bytes.truncate(at),
                    1 => drop(bytes.drain(at..(at + random.below(40)).min(bytes.len()))),
                    2 => bytes.insert(at, b"{}[]\",:\n'0-!&*|>"[random.below(16)]),
                    3 => bytes[at] = random.below(256) as u8,
                    _ => {
                        let copy = bytes[at..(at + random.below(60)).min(bytes.len())].to_vec();
                        let to = random.below(bytes.len());
                        bytes.splice(to..to, copy);
                    }
                }
                if bytes.is_empty() {
                    break;
                }
            }
            let (entries, _) = read_bytes(&name, bytes);
            let index = |entry: &Entry| entry.as_ref().map_or_else(|error| error.index, |exchange| exchange.origin.index);
            assert!(entries.windows(2).all(|pair| index(&pair[0]) < index(&pair[1])), "{name}");
        }
    }
}

#[test]
fn hostile_content_is_an_error() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(100_000), close.repeat(100_000));
    let cases = [
        ("999999999999:9:websocket;".to_owned(), "larger than"),
        ("99999:9:websocket;0:~".to_owned(), "in the middle of a flow"),
        (format!("{{\"http_interactions\": {}}}", deep("[", "]")), ""),
        (format!("http_interactions: {}\n", deep("[", "]")), "recursion limit"),
        ("http_interactions: &a [*a]\n".to_owned(), ""),
        (
            format!("http_interactions:\na: &a [{}]\nb: &b [{}]\nc: [{}]\n", "1,".repeat(900), "*a,".repeat(900), "*b,".repeat(900)),
            "too many values",
        ),
        ("http_interactions: [".to_owned(), ""),
        ("interactions:\n- request:\n    uri: x\n    method: GET\n".to_owned(), "cut off"),
    ];
    for (text, message) in cases {
        let beginning = text.chars().take(60).collect::<String>();
        match read_bytes("a", text.into_bytes()) {
            (_, Err(error)) => assert!(error.to_string().contains(message), "{beginning}: {error}"),
            // A document that is too deep for a tree is a body.
            (entries, Ok(_)) => assert!(entries.iter().all(|entry| entry.as_ref().is_ok_and(|exchange| exchange.bare)), "{beginning}"),
        }
    }
}

#[test]
fn a_malformed_exchange_does_not_prevent_the_others() {
    let one =
        |request: &str, response: &str| format!(r#"{{"request": {{"uri": "/a", "method": "get"{request}}}, "response": {{{response}}}}}"#);
    let good = one("", r#""status": {"code": 200}"#);
    let bad = [
        one("", r#""status": {"code": 70000}"#),
        one("", r#""status": {}"#),
        one("", r#""status": {"code": 200}, "body": {"base64_string": "%"}"#),
    ];
    for bad in bad {
        let (entries, summary) = read_bytes("a", format!(r#"{{"http_interactions": [{bad}, {good}], "version": 1}}"#).into_bytes());
        assert!(summary.is_ok() && entries[0].is_err() && entries[1].is_ok(), "{entries:?}");
    }
}

#[test]
fn damaged_compression_is_reported() {
    for ending in ["gz", "bz2", "xz", "br"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats/compressed").join(format!("kept.json.{ending}"));
        let bytes = std::fs::read(path).expect("a fixture");
        let name = format!("kept.json.{ending}");
        assert_eq!(read_bytes(&name, bytes.clone()).0.len(), 3, "{name}");
        let error = read_bytes(&name, bytes[..bytes.len() / 2].to_vec()).1.expect_err("an error");
        assert!(error.to_string().contains("damaged"), "{name}: {error}");
    }
}

#[test]
fn blank_lines_without_an_end_are_an_error_after_the_lines_before() {
    for (text, lines) in [("{}\n{}\n", 2), ("", 0)] {
        let mut bytes = text.as_bytes().to_vec();
        bytes.resize(66 << 20, b'\n');
        let limits = Limits { max_body: 1 << 20, ..Limits::default() };
        let (entries, summary) = read_within(&limits, "a", bytes);
        assert_eq!(entries.len(), lines);
        assert!(summary.expect_err("an error").to_string().contains("bytes of blank lines"));
    }
}
