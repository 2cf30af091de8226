//! Recording formats are detected by content; malformed input is reported with its position and the rest is checked.

use std::io::Write;
use std::ops::ControlFlow;
use std::sync::{Arc, LazyLock};

use charter_contract_tests::exchange::Body;
use charter_contract_tests::read::{Entry, Limits, ReadError, Source, SourceSummary, read, sources};
use charter_contract_tests::report::Report;
use charter_contract_tests::{Exchange, Judge, Judgeable};
use charter_simulator::corpus;
use proptest::prelude::*;

static JUDGE: LazyLock<Judge> = LazyLock::new(|| Judge::load("../schema").unwrap_or_else(|error| panic!("{error}")));

fn source(bytes: impl Into<Vec<u8>>) -> Source {
    Source::Bytes { name: "<test>".into(), bytes: Arc::from(bytes.into()) }
}

fn read_with(bytes: impl Into<Vec<u8>>, limits: &Limits) -> (Vec<Entry>, Result<SourceSummary, ReadError>) {
    let mut entries = Vec::new();
    let result = read(&source(bytes), limits, &mut |entry| {
        entries.push(entry);
        ControlFlow::Continue(())
    });
    (entries, result)
}

fn read_all(bytes: impl Into<Vec<u8>>) -> Vec<Entry> {
    let (entries, result) = read_with(bytes, &Limits::default());
    result.unwrap_or_else(|error| panic!("{error}"));
    entries
}

fn read_error(bytes: impl Into<Vec<u8>>) -> String {
    read_with(bytes, &Limits::default()).1.map(|_| ()).expect_err("unreadable").to_string()
}

fn report(bytes: impl Into<Vec<u8>>) -> Report {
    source(bytes).report(&JUDGE)
}

fn body(exchange: &Exchange) -> &[u8] {
    match exchange.response.as_ref().expect("a response").body() {
        Body::Bytes { bytes, .. } => bytes,
        other => panic!("no body: {other:?}"),
    }
}

fn bodies(count: usize) -> Vec<String> {
    corpus(3).varied().take(count).map(|specimen| specimen.body).collect()
}

/// A valid body over several lines.
fn pretty() -> String {
    let body: serde_json::Value = serde_json::from_str(&bodies(1)[0]).expect("JSON");
    serde_json::to_string_pretty(&body).expect("JSON")
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).expect("gzip");
    encoder.finish().expect("gzip")
}

#[test]
fn the_format_is_detected_by_content() {
    let pretty = pretty();
    let lines = bodies(3).join("\n");
    for (bytes, wanted) in [
        (pretty.clone().into_bytes(), 1),
        (format!("\u{feff}{pretty}").into_bytes(), 1),
        (bodies(1).remove(0).into_bytes(), 1),
        (format!("{}\n", bodies(1).remove(0)).into_bytes(), 1),
        (lines.clone().into_bytes(), 3),
        (format!("\n\n{lines}\n\n").into_bytes(), 3),
        (lines.replace('\n', "\r\n").into_bytes(), 3),
        (gzip(lines.as_bytes()), 3),
        (zstd::encode_all(lines.as_bytes(), 3).expect("zstd"), 3),
        ([gzip(bodies(1)[0].as_bytes()), gzip(b"\n"), gzip(bodies(2)[1].as_bytes())].concat(), 2),
        (b"[\n{\"a\": 1}\n]".to_vec(), 1),
        (b"7".to_vec(), 1),
        (b"".to_vec(), 0),
        (b" \n\t\n".to_vec(), 0),
    ] {
        let entries = read_all(bytes.clone());
        assert_eq!(entries.len(), wanted, "{}", String::from_utf8_lossy(&bytes[..bytes.len().min(80)]));
        assert!(entries.iter().all(Result::is_ok));
    }
}

#[test]
fn a_malformed_line_is_reported_with_its_position_and_the_rest_is_checked() {
    for broken in [0, 1, 3] {
        let mut lines = bodies(5);
        lines[broken].truncate(30);
        let before: usize = lines[..broken].iter().map(|line| line.len() + 1).sum();
        let entries = read_all(lines.join("\n"));
        assert_eq!(entries.len(), 5);
        for (index, entry) in entries.iter().enumerate() {
            match entry {
                Ok(exchange) => assert_eq!((exchange.origin.index, exchange.origin.line), (index, Some(index + 1))),
                Err(error) => {
                    assert_eq!((index, error.index, error.line), (broken, broken, Some(broken + 1)));
                    assert_eq!((error.position.line, error.position.byte), (broken + 1, before + error.position.column - 1));
                }
            }
        }
        let report = report(lines.join("\n"));
        assert_eq!((report.summary.exchanges, report.summary.kept, report.summary.broken), (5, 4, 1));
        assert_eq!(report.groups[0].rule.as_deref(), Some("syntax.entry"));
    }
}

#[test]
fn invalid_json_is_a_finding_with_its_position() {
    let good = bodies(1).remove(0);
    let id = good.find("\"type\"").expect("a key");
    for (bad, message) in [
        (format!("{}\"id\":1,{}", &good[..id], &good[id..]), "duplicate key \"id\""),
        (good.replacen("\"sampleRank\":0", "\"sampleRank\":1e999,\"x\":0", 1), "number out of range"),
        (format!("{{\"a\": {}{}}}", "[".repeat(10_000), "]".repeat(10_000)), "nested more than 127 levels deep"),
    ] {
        let report = report(format!("{good}\n{bad}\n{good}"));
        assert_eq!((report.summary.exchanges, report.summary.kept, report.summary.broken), (3, 2, 1), "{message}");
        let [group] = report.groups.as_slice() else { panic!("{:?}", report.groups) };
        assert_eq!(group.rule.as_deref(), Some("syntax.json"));
        let sample = &group.samples[0];
        assert!(sample.message.contains(message), "{}", sample.message);
        assert_eq!((sample.position.map(|position| position.line), sample.exchange.line), (Some(2), Some(2)), "{message}");
    }
    let mut bytes = format!("{good}\n").into_bytes();
    bytes.extend(b"{\"id\": \"\xff\"}\n");
    bytes.extend(good.as_bytes());
    let report = report(bytes);
    assert_eq!((report.summary.kept, report.summary.broken), (2, 1));
    assert!(report.groups[0].samples[0].message.contains("invalid unicode code point"), "{:?}", report.groups[0].samples[0]);
}

#[test]
fn findings_point_into_the_original_bytes() {
    // NDJSON, a recording, and a HAR in which the body is an escaped string behind multi-byte characters.
    let bad = r#"{"ünïcode": 1, "finished": 7}"#;
    let exchange = format!(
        r#"{{"format": "charter-exchange/1", "request": {{"method": "GET", "url": "/api/v1/runs/a"}}, "response": {{"status": 200, "headers": [], "body": {bad}}}}}"#
    );
    let har = format!(
        "\u{feff}{{\"log\": {{\"version\": \"1.2\", \"comment\": \"ü\",\n \"entries\": [{{\"request\": {{\"method\": \"GET\", \"url\": \"https://studio.eigenpal.com/api/v1/runs/a\"}},\n  \"response\": {{\"status\": 200, \"content\": {{\"text\": {}}}}}}}]}}}}",
        serde_json::Value::from(bad)
    );
    for text in [format!("\n{bad}\n{bad}"), format!("{{}}\n{exchange}"), har.clone(), har.replace('ü', "\\u00fc")] {
        let report = report(text.clone());
        let found = report.groups.iter().flat_map(|group| &group.samples).filter(|sample| sample.instance_location == "/finished");
        let mut count = 0;
        for sample in found {
            let position = sample.position.unwrap_or_else(|| panic!("no position in\n{text}"));
            assert_eq!(&text.as_bytes()[position.byte..position.byte + 1], b"7", "{text}");
            let line = text.lines().nth(position.line - 1).expect("a line");
            let line = if position.line == 1 { line.trim_start_matches('\u{feff}') } else { line };
            assert_eq!(line.chars().nth(position.column - 1), Some('7'), "{position:?}\n{text}");
            count += 1;
        }
        assert!(count > 0, "{text}");
    }
}

fn har(entries: &str) -> String {
    format!(r#"{{"log": {{"version": "1.2", "creator": {{"name": "t", "version": "1"}}, "entries": [{entries}]}}}}"#)
}

fn har_entry(response: &str) -> String {
    format!(
        r#"{{"startedDateTime": "2026-07-14T10:00:00Z", "request": {{"method": "GET", "url": "https://studio.eigenpal.com/api/v1/runs/a", "headers": []}}, "response": {response}}}"#
    )
}

#[test]
fn a_har_is_read_entry_by_entry() {
    let envelope = r#"{\"issues\": [], \"requestId\": \"r\"}"#;
    let response = format!(
        r#"{{"status": 404, "headers": [{{"name": "Content-Type", "value": "application/json"}}], "content": {{"text": "{envelope}"}}}}"#
    );
    let encoded = r#"{"status": 404, "headers": [], "content": {"mimeType": "application/json", "encoding": "base64", "text": "eyJpc3N1ZXMiOiBbXSwgInJlcXVlc3RJZCI6ICJyIn0="}}"#;
    let entries = read_all(har(&format!("{}, {}", har_entry(&response), har_entry(encoded))));
    let read: Vec<&[u8]> = entries.iter().map(|entry| body(entry.as_ref().expect("an exchange"))).collect();
    assert_eq!(read, [br#"{"issues": [], "requestId": "r"}"#; 2]);
    // A HAR without bodies fails: nothing was checked.
    let report = report(har(&har_entry(r#"{"status": 404, "headers": [], "content": {"size": 10}}"#)));
    assert_eq!((report.summary.unreadable, report.is_kept()), (1, false));
    assert!(report.inputs[0].error.as_deref().expect("an error").contains("record with response bodies"));
    // A request without a response, invalid base64, an unknown encoding.
    let entries = read_all(har(&har_entry(r#"{"status": 0, "_error": "net::ERR_ABORTED", "content": {}}"#)));
    assert_eq!(entries[0].as_ref().expect("an exchange").error.as_deref(), Some("net::ERR_ABORTED"));
    for (content, message) in [
        (r#"{"text": "%%", "encoding": "base64"}"#, "not valid base64"),
        (r#"{"text": "a", "encoding": "rot13"}"#, "unknown encoding `rot13`"),
    ] {
        let entries =
            read_all(har(&format!("{}, {}", har_entry(&format!(r#"{{"status": 200, "content": {content}}}"#)), har_entry(&response))));
        assert!(entries[0].as_ref().expect_err(message).message.contains(message) && entries[1].is_ok());
    }
    // Header fields that browsers omit make rules on them not applicable, never failed.
    let kept = std::fs::read("recordings/kept/browser.har").expect("the recording");
    let report = self::report(kept);
    let rule = report.rules.iter().find(|rule| rule.id == "runs.get.needs-a-key").expect("the rule");
    assert_eq!((rule.failed, rule.reasons.get("headers-incomplete")), (0, Some(&2)));
}

#[test]
fn a_damaged_har_gives_the_entries_before_the_damage() {
    let response = har_entry(r#"{"status": 404, "headers": [], "content": {"text": "{}"}}"#);
    let whole = har(&format!("{response},\n{response},\n{response}"));
    let cut = &whole[..whole.len() - 40];
    let (entries, result) = read_with(cut, &Limits::default());
    assert_eq!(entries.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, true]);
    let error = result.expect_err("the cut").to_string();
    assert!(error.contains("the HAR breaks off") && error.contains("line 3"), "{error}");
    assert!(read_error(r#"{"log": {"entries": [{"#).contains("malformed"));
    assert!(read_error(r#"{"log": {"version": "1.2"}}"#).contains("a HAR without entries"));
}

#[test]
fn a_last_line_that_breaks_off_is_an_error_of_the_input() {
    for count in [2, 5, 3_000] {
        let whole = bodies(count).join("\n");
        // Without its last bracket.
        let (entries, result) = read_with(&whole[..whole.len() - 1], &Limits::default());
        assert!(entries.len() == count - 1 && entries.iter().all(Result::is_ok), "{count}");
        let error = result.expect_err("the cut").to_string();
        assert!(error.contains("the last line breaks off") && error.contains(&format!("line {count}, ")), "{error}");
        let report = report(&whole[..whole.len() - 1]);
        assert_eq!((report.summary.exchanges, report.summary.broken), (count as u64 - 1, 0));
        assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("breaks off")), "{:?}", report.inputs);
    }
    // A line break shows that the line is complete.
    let (entries, result) = read_with(bodies(2).join("\n") + "\n{\"id\": \n", &Limits::default());
    assert!(result.is_ok() && entries.len() == 3 && entries[2].is_err());
}

#[test]
fn the_line_format_is_read_strictly() {
    let line = |response: &str| {
        format!(r#"{{"format": "charter-exchange/1", "request": {{"method": "GET", "url": "/api/v1/runs/a"}}, "response": {response}}}"#)
    };
    let one = |text: &str| read_all(format!("{text}\n{{}}")).remove(0);
    assert_eq!(body(&one(&line(r#"{"status": 200, "body": {"a":  1}}"#)).expect("an exchange")), br#"{"a":  1}"#);
    assert_eq!(body(&one(&line(r#"{"status": 200, "body": null}"#)).expect("an exchange")), b"null");
    assert_eq!(body(&one(&line(r#"{"status": 200, "bodyText": "a\n\u00e9"}"#)).expect("an exchange")), "a\né".as_bytes());
    assert_eq!(body(&one(&line(r#"{"status": 200, "bodyBase64": "YQ=="}"#)).expect("an exchange")), b"a");
    for (response, message) in [
        (r#"{"status": 200, "body": 1, "bodyText": "1"}"#, "more than one of body, bodyText"),
        (r#"{"status": 200, "bodyDigest": "sha256:00"}"#, "requires bodySize"),
        (r#"{"status": 200, "colour": "red"}"#, "unknown field `colour`"),
        (r#"{"status": "200"}"#, "invalid type"),
        (r#"{"status": 200, "status": 201}"#, "duplicate field"),
    ] {
        let error = one(&line(response)).expect_err(message);
        assert!(error.message.contains(message), "{}", error.message);
    }
    let newer = line(r#"{"status": 200}"#).replace("exchange/1", "exchange/2");
    assert!(one(&newer).expect_err("a newer format").message.contains("unknown format `charter-exchange/2`"));
    for (response, reason) in [
        (r#"{"status": 200}"#, "holds no body"),
        (r#"{"status": 200, "bodyDigest": "x", "bodySize": 1}"#, "only a digest"),
        (r#"{"status": 200, "body": 1, "bodyTruncated": true}"#, "longer than the recorder"),
    ] {
        let report = report(line(response));
        assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains(reason)), "{:?}", report.inputs);
    }
}

#[test]
fn a_json_text_sequence_is_checked_and_a_broken_text_is_reported() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = folder.path().join("archive.json-seq");
    let bodies = bodies(2);
    std::fs::write(&path, format!("\x1e{}\n\x1e{{\"id\": \n\x1e{}\n", bodies[0], bodies[1])).expect("a file");
    let report = Source::File(path).report(&JUDGE);
    assert_eq!((report.summary.exchanges, report.summary.kept, report.summary.broken), (3, 2, 1));
    let [group] = report.groups.as_slice() else { panic!("{:?}", report.groups) };
    assert_eq!(group.rule.as_deref(), Some("syntax.entry"));
    assert_eq!((group.samples[0].position.map(|position| position.line), group.samples[0].exchange.line), (Some(2), Some(2)));
}

#[test]
fn limits_are_enforced_and_reported() {
    let lines = bodies(3);
    let limits = Limits { max_body: 64, ..Limits::default() };
    let (entries, result) = read_with(format!("{{}}\n{}\n{{}}", lines.join("\n")), &limits);
    assert!(result.is_ok());
    assert_eq!(entries.iter().map(Result::is_ok).collect::<Vec<_>>(), [true, false, false, false, true]);
    assert!(entries[1].as_ref().expect_err("too long").remedy.expect("a remedy").contains("--max-body"));
    let pretty = pretty();
    assert!(matches!(read_with(pretty, &limits).1, Err(ReadError::Limit(_))));
    let entry = har_entry(&format!(r#"{{"status": 404, "content": {{"text": "{}"}}}}"#, "x".repeat(500)));
    assert!(matches!(read_with(har(&entry), &limits).1, Err(ReadError::Limit(_))));
    let bomb = gzip(&vec![b' '; 64 << 20]);
    let error = read_with(bomb.clone(), &Limits::default()).1.expect_err("a bomb");
    assert!(matches!(error, ReadError::Limit(_)) && error.remedy().expect("a remedy").contains("--max-ratio"), "{error}");
    let trusted = Limits { max_body: 1 << 30, max_ratio: 10_000 };
    assert!(read_with(bomb, &trusted).1.is_ok());
}

#[test]
fn damaged_compression_is_reported() {
    let whole = gzip(bodies(50).join("\n").as_bytes());
    assert!(read_error(&whole[..whole.len() / 2]).contains("gzip stream is damaged"));
    let whole = zstd::encode_all(bodies(50).join("\n").as_bytes(), 3).expect("zstd");
    assert!(read_error(&whole[..whole.len() / 2]).contains("zstd stream is damaged"));
    assert!(read_error([0x1f, 0x8b, 9, 9, 9, 9, 9, 9, 9, 9, 9, 9]).contains("gzip stream is damaged"));
}

#[test]
fn paths_are_found_in_order() {
    let folder = tempfile::TempDir::new().expect("a folder");
    let path = |name: &str| folder.path().join(name);
    std::fs::create_dir(path("inner")).expect("a folder");
    for name in ["b.json", "a.ndjson", "inner/c.har", "README.md", "x.snap", ".hidden"] {
        std::fs::write(path(name), "{}").expect("a file");
    }
    let names = |argument: &str| {
        let found = sources(argument).unwrap_or_else(|error| panic!("{argument}: {error}"));
        found.iter().map(|source| source.name().rsplit('/').next().expect("a name").to_owned()).collect::<Vec<_>>()
    };
    let root = folder.path().to_string_lossy().into_owned();
    assert_eq!(names(&root), ["a.ndjson", "b.json", "c.har"]);
    assert_eq!(names(&format!("{root}/*.*json")), ["a.ndjson", "b.json"]);
    assert_eq!(names(&format!("{root}/**/*.har")), ["c.har"]);
    assert_eq!(names(&format!("{root}/.hidden")), [".hidden"]);
    assert!(matches!(sources(&format!("{root}/*.gz")), Err(ReadError::NoMatch)));
    assert!(matches!(sources(&format!("{root}/none")), Err(ReadError::Missing { .. })));
    std::fs::create_dir(path("empty")).expect("a folder");
    assert!(matches!(sources(&format!("{root}/empty")), Err(ReadError::EmptyFolder)));
    // A file that cannot be opened is reported; the others are checked.
    std::os::unix::fs::symlink(path("gone"), path("dangling")).expect("a link");
    let dangling = sources(&path("dangling").to_string_lossy()).expect("a source");
    assert!(read(&dangling[0], &Limits::default(), &mut |_| ControlFlow::Continue(())).is_err());
}

#[cfg(unix)]
#[test]
fn an_unreadable_file_is_reported() {
    use std::os::unix::fs::PermissionsExt;
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::set_permissions(file.path(), std::fs::Permissions::from_mode(0o000)).expect("permissions");
    if std::fs::File::open(file.path()).is_ok() {
        println!("skipped: this user may read every file");
        return;
    }
    let source = Source::File(file.path().to_owned());
    assert!(matches!(read(&source, &Limits::default(), &mut |_| ControlFlow::Continue(())), Err(ReadError::Io(_))));
}

#[test]
fn a_sink_that_stops_is_not_called_again() {
    for text in [bodies(5).join("\n"), har(&vec![har_entry(r#"{"status": 404, "content": {"text": "{}"}}"#); 5].join(","))] {
        let mut seen = 0;
        let summary = read(&source(text), &Limits::default(), &mut |_| {
            seen += 1;
            if seen == 2 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        assert_eq!((seen, summary.expect("a summary").digest), (2, None));
    }
}

fn mutated() -> impl Strategy<Value = Vec<u8>> {
    (0u64..50, prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6), any::<bool>()).prop_map(
        |(seed, edits, recording)| {
            let corpus = corpus(seed).varied();
            let mut corpus = if recording { corpus.exchanges() } else { corpus };
            let mut bytes = corpus.next().map_or_else(Vec::new, |specimen| specimen.body.into_bytes());
            for (at, byte) in edits {
                let at = at.index(bytes.len());
                bytes[at] = byte;
            }
            bytes
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, ..ProptestConfig::default() })]

    /// Every input gives a report with consistent counts.
    #[test]
    fn no_input_causes_a_panic(lines in prop::collection::vec(prop_oneof![prop::collection::vec(any::<u8>(), 0..200), mutated()], 0..6)) {
        let report = report(lines.join(&b'\n'));
        let summary = &report.summary;
        prop_assert_eq!(summary.exchanges, summary.kept + summary.broken + summary.unreadable + summary.out_of_scope);
        prop_assert_eq!(report.groups.iter().map(|group| group.count).sum::<u64>(), summary.errors + summary.warnings);
    }
}
