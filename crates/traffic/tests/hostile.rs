//! Damaged and hostile recordings: reading ends with an error, never with a panic.

use std::collections::BTreeMap;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use charter_contract::{MaskConfig, TrafficColumns};
use charter_traffic::mask::Masker;
use charter_traffic::read::{Entry, Forms, Limits, ReadError, Source, SourceSummary, read_known};
use charter_traffic::scrub;

fn fixtures() -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            match path.is_dir() {
                true if path.ends_with("generate") => {}
                true => folders.push(path),
                false if path.ends_with("openapi.yaml") || path.ends_with("columns.toml") => {}
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

/// The columns of `tests/formats/columns.toml`.
fn columns() -> &'static TrafficColumns {
    static COLUMNS: LazyLock<TrafficColumns> = LazyLock::new(|| {
        let columns = serde_json::json!({
            "url": "/http/uri", "status": "code", "method": "/http/verb", "time": "ts", "duration": "ms", "request-headers": "/http/fields",
            "response-headers": "/reply/fields", "request-body": "/http/body", "response-body": "/reply/body",
        });
        serde_json::from_value(columns).expect("columns")
    });
    &COLUMNS
}

fn read_within(limits: &Limits, name: &str, bytes: Vec<u8>) -> (Vec<Entry>, Result<SourceSummary, ReadError>) {
    let mut entries = Vec::new();
    let source = Source::Bytes { name: name.into(), bytes: bytes.into() };
    let forms = Forms { accepts_bare: true, columns: Some(columns()) };
    let summary = read_known(&source, limits, &forms, &mut |entry| {
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

/// Texts that formats read in a special way, or that are at the bounds of a type.
const TOKENS: [&str; 24] = [
    "null",
    "true",
    "{}",
    "[]",
    "\"\"",
    "-1",
    "0",
    "70000",
    "99999999999999999999",
    "1e999",
    "\\ud800",
    "\\u0000",
    "%",
    "!!binary ",
    "&a ",
    "*a",
    "---\n",
    "? ",
    "|\n  ",
    ": ",
    "\u{1e}",
    "\r\n",
    "\u{feff}",
    "9999999:",
];

/// Changes a recording in one to four places.
fn mutated(whole: &[u8], other: &[u8], random: &mut Random) -> Vec<u8> {
    let mut bytes = whole.to_vec();
    for _ in 0..1 + random.below(4) {
        if bytes.is_empty() {
            break;
        }
        let at = random.below(bytes.len());
        let part = |bytes: &[u8], at: usize, length: usize| bytes[at..(at + length).min(bytes.len())].to_vec();
        match random.below(10) {
            0 => bytes.truncate(at),
            1 => drop(bytes.drain(at..(at + random.below(40)).min(bytes.len()))),
            2 => bytes.insert(at, b"{}[]\",:\n'0-!&*|>"[random.below(16)]),
            3 => bytes[at] = random.below(256) as u8,
            4 => {
                let copy = part(&bytes, at, random.below(60));
                let to = random.below(bytes.len());
                bytes.splice(to..to, copy);
            }
            5 => drop(bytes.splice(at..at, TOKENS[random.below(TOKENS.len())].bytes())),
            // A token of the recording becomes another one.
            6 => {
                let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
                let end = at + bytes[at..].iter().take_while(|byte| is_part(byte)).count();
                bytes.splice(at..end, TOKENS[random.below(TOKENS.len())].bytes());
            }
            7 => {
                let from = random.below(other.len());
                bytes.splice(at..at, part(other, from, random.below(400)));
            }
            // Nested or repeated.
            8 => {
                let copy = part(&bytes, at, 1 + random.below(12)).repeat(1 + random.below(300));
                bytes.splice(at..at, copy);
            }
            _ => {
                let (from, length) = (random.below(bytes.len()), random.below(80));
                let moved: Vec<u8> = bytes.drain(from..(from + length).min(bytes.len())).collect();
                let to = random.below(bytes.len() + 1);
                bytes.splice(to..to, moved);
            }
        }
    }
    bytes
}

/// The longest time for a small input.
const PATIENCE: Duration = Duration::from_secs(20);

/// Reads and masks an input. Reading ends, and its indexes ascend.
fn survives(name: &str, bytes: Vec<u8>) {
    let started = Instant::now();
    let (entries, _) = read_bytes(name, bytes.clone());
    let index = |entry: &Entry| entry.as_ref().map_or_else(|error| error.index, |exchange| exchange.origin.index);
    assert!(entries.windows(2).all(|pair| index(&pair[0]) < index(&pair[1])), "{name}");
    let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
    let source = Source::Bytes { name: name.into(), bytes: bytes.into() };
    let _ = scrub(&masker, &source, &Limits::default(), &mut Vec::new());
    assert!(started.elapsed() < PATIENCE, "{name}: {:?}", started.elapsed());
}

/// `CHARTER_MUTATION_SECONDS` is the time for the recordings of each program, `CHARTER_MUTATION_SEED` the first seed. Without them, each
/// recording is changed 60 times. `crates/traffic/tests/mutate.sh` runs it longer.
#[test]
fn mutated_recordings_do_not_panic_and_have_ascending_indexes() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let seconds = number("CHARTER_MUTATION_SECONDS");
    let mut random = Random(number("CHARTER_MUTATION_SEED").unwrap_or(1));
    let mut programs: BTreeMap<String, Vec<(String, Vec<u8>)>> = BTreeMap::new();
    for path in fixtures() {
        let program = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/formats")).expect("a fixture");
        let program = program.components().next().expect("a folder").as_os_str().to_string_lossy().into_owned();
        let name = path.file_name().expect("a name").to_string_lossy().into_owned();
        programs.entry(program).or_default().push((name, std::fs::read(&path).expect("a fixture")));
    }
    let all: Vec<&Vec<u8>> = programs.values().flatten().map(|(_, bytes)| bytes).collect();
    for (program, files) in &programs {
        let (started, mut count) = (Instant::now(), 0);
        let is_over = |count: usize| match seconds {
            Some(seconds) => started.elapsed() >= Duration::from_secs(seconds),
            None => count >= 60 * files.len(),
        };
        while !is_over(count) {
            let (name, whole) = &files[count % files.len()];
            let seed = random.0;
            let bytes = mutated(whole, all[random.below(all.len())], &mut random);
            if let Err(panic) = std::panic::catch_unwind(|| survives(name, bytes)) {
                eprintln!("{program}/{name}: CHARTER_MUTATION_SEED={seed}");
                std::panic::resume_unwind(panic);
            }
            count += 1;
        }
        if seconds.is_some() {
            println!("{program}: {count} inputs");
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
