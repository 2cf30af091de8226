//! Recordings of other programs. The fixtures are made by `crates/traffic/tests/formats/generate`; docs/book/src/recordings.md says which program made each.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use serde_json::Value;
use tempfile::TempDir;

/// Recordings of the same three exchanges, by tool. The path has `{}` for `kept` and `broken`.
pub(crate) const SAME: &[&str] = &[
    "vcrpy/{}.yaml",
    "vcrpy/{}.json",
    "vcr/{}.yml",
    "vcr/{}.json",
    "betamax/{}.json",
    "nock/{}.json",
    "postman/{}.json",
    "newman/{}.json",
    "pact/v2/{}.json",
    "pact/v3/{}.json",
    "pact/v4/{}.json",
    "mitmproxy/{}.flow",
    "otlp/{}.json",
    "wiremock/mappings-{}.json",
    "wiremock/journal-{}.json",
    "mockserver/expectations-{}.json",
    "mockserver/log-{}.json",
    "openapi/{}.yaml",
];
pub(crate) const REFERENCE: &str = "polly/{}.har";

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../traffic/tests/formats")
}

pub(crate) fn fixture(name: &str, form: &str) -> String {
    name.replace("{}", form)
}

pub(crate) fn charter(folder: &Path, arguments: &[&str]) -> (i32, Vec<u8>, String) {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let output = command.current_dir(folder).args(arguments).env("NO_COLOR", "1").output().expect("it runs");
    (output.status.code().expect("a code"), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The exit code and the report of `check`.
pub(crate) fn check(file: &str) -> (i32, Value) {
    let contract = folder().join("openapi.yaml");
    let arguments = ["check", "--contract", contract.to_str().expect("a path"), "--report", "json", file];
    let (code, report, errors) = charter(&folder(), &arguments);
    (code, serde_json::from_slice(&report).unwrap_or_else(|_| panic!("{file}: {errors}")))
}

/// The findings by rule, operation, exchange and location, and the counts.
pub(crate) fn verdicts(report: &Value) -> (Vec<String>, Value) {
    let mut findings = Vec::new();
    for group in report["groups"].as_array().expect("groups").iter().filter(|group| group["severity"] == "error") {
        for sample in group["samples"].as_array().expect("samples") {
            let name = group["rule"].as_str().or(group["keyword"].as_str()).unwrap_or_default();
            let (operation, index, at) = (&group["operation"], &sample["exchange"]["index"], &sample["instanceLocation"]);
            findings.push(format!("{name} {operation} {index} {at} {}", sample["found"]));
        }
    }
    findings.sort();
    let summary = &report["summary"];
    (findings, serde_json::json!([summary["exchanges"], summary["kept"], summary["broken"], summary["unreadable"], summary["errors"]]))
}

#[test]
fn every_format_has_the_verdicts_of_the_same_exchanges_as_har() {
    for form in ["kept", "broken"] {
        let (code, reference) = check(&fixture(REFERENCE, form));
        assert_eq!(code, i32::from(form == "broken"), "{reference:#}");
        let expected = verdicts(&reference);
        assert_eq!(expected.0.len(), if form == "kept" { 0 } else { 2 }, "{expected:?}");
        for name in SAME {
            let (found, report) = check(&fixture(name, form));
            assert_eq!((found, verdicts(&report)), (code, expected.clone()), "{name} {form}: {:#}", report["inputs"]);
        }
    }
}

#[test]
fn bodies_with_a_content_coding_have_the_same_verdicts() {
    for form in ["kept", "broken"] {
        let (code, reference) = check(&fixture(REFERENCE, form));
        let names = [
            "polly/{}-gzip.har",
            "nock/{}-gzip.json",
            "betamax/{}-gzip.json",
            "mitmproxy/{}-gzip.flow",
            "vcrpy/{}-gzip.yaml",
            "vcrpy/{}-gzip.json",
        ];
        for name in names {
            let (found, report) = check(&fixture(name, form));
            assert_eq!((found, verdicts(&report)), (code, verdicts(&reference)), "{name} {form}: {:#}", report["inputs"]);
        }
    }
}

/// Files of Playwright and WireMock, as these programs write them: the order of their exchanges is not that of the other recordings.
#[test]
fn recordings_with_bodies_in_files_of_their_own_have_the_same_verdicts() {
    let without_index = |(findings, counts): (Vec<String>, Value)| {
        let mut findings: Vec<String> = findings
            .iter()
            .map(|finding| finding.split(' ').filter(|part| part.parse::<u8>().is_err()).collect::<Vec<_>>().join(" "))
            .collect();
        findings.sort();
        (findings, counts)
    };
    for form in ["kept", "broken"] {
        let (code, reference) = check(&fixture(REFERENCE, form));
        let names = [
            format!("playwright/{form}.har"),
            format!("playwright/attached-{form}/{form}.har"),
            format!("wiremock/folder-{form}/mappings"),
            format!("wiremock/recorded-mappings-{form}.json"),
            format!("wiremock/recorded-journal-{form}.json"),
        ];
        for name in names {
            let (found, report) = check(&name);
            assert_eq!((found, without_index(verdicts(&report))), (code, without_index(verdicts(&reference))), "{name}");
        }
    }
}

#[test]
fn compressed_recordings_have_the_same_verdicts() {
    for form in ["kept", "broken"] {
        let (code, reference) = check(&fixture(REFERENCE, form));
        for ending in ["gz", "bz2", "xz", "br"] {
            let (found, report) = check(&format!("compressed/{form}.json.{ending}"));
            assert_eq!((found, verdicts(&report)), (code, verdicts(&reference)), "{ending} {form}: {:#}", report["inputs"]);
        }
    }
}

/// As `pzstd` writes: a skippable frame with the size of the next frame before each frame.
#[test]
fn a_zstandard_file_that_begins_with_a_skippable_frame_has_the_same_verdicts() {
    let recording = std::fs::read(folder().join(fixture(SAME[5], "broken"))).expect("a fixture");
    let mut bytes = Vec::new();
    for part in recording.chunks(1_000) {
        let frame = zstd::encode_all(part, 3).expect("memory");
        bytes.extend([0x50, 0x2a, 0x4d, 0x18, 4, 0, 0, 0]);
        bytes.extend((frame.len() as u32).to_le_bytes());
        bytes.extend(frame);
    }
    let written = TempDir::new().expect("a folder");
    let file = written.path().join("broken.json.zst");
    std::fs::write(&file, bytes).expect("written");
    let (code, reference) = check(&fixture(REFERENCE, "broken"));
    let (found, report) = check(file.to_str().expect("a path"));
    assert_eq!((found, verdicts(&report)), (code, verdicts(&reference)), "{:#}", report["inputs"]);
}

/// A folder with the contract and the columns of the logs.
fn contract_with_columns() -> TempDir {
    let contract = TempDir::new().expect("a folder");
    for (name, target) in [("openapi.yaml", "openapi.yaml"), ("columns.toml", "charter.toml")] {
        std::fs::copy(folder().join(name), contract.path().join(target)).expect("a copy");
    }
    contract
}

#[test]
fn logs_and_parquet_files_have_the_verdicts_of_the_same_exchanges_as_har() {
    let contract = contract_with_columns();
    for form in ["kept", "broken"] {
        let (code, reference) = check(&fixture(REFERENCE, form));
        let parquet = ["", "-zstd", "-gzip", "-lz4", "-none"].map(|codec| format!("columns/{form}{codec}.parquet"));
        for file in parquet.into_iter().chain([format!("columns/{form}.ndjson")]) {
            let of = |file: &str| {
                let path = contract.path().to_str().expect("a path");
                let (found, report, errors) = charter(&folder(), &["check", "--contract", path, "--report", "json", file]);
                let report: Value = serde_json::from_slice(&report).unwrap_or_else(|_| panic!("{file}: {errors}"));
                (found, verdicts(&report))
            };
            assert_eq!(of(&file), (code, verdicts(&reference)), "{file}");
            // The converted file as well.
            let converted = contract.path().join("converted.har");
            let converted = converted.to_str().expect("a path");
            let arguments = ["convert", "--contract", contract.path().to_str().expect("a path"), &file, "-o", converted];
            let (code_of_convert, _, errors) = charter(&folder(), &arguments);
            assert_eq!((code_of_convert, of(converted)), (0, (code, verdicts(&reference))), "{file}: {errors}");
        }
    }
}

#[test]
fn a_parquet_file_needs_the_columns_of_the_url_and_the_status() {
    let contract = contract_with_columns();
    let path = contract.path().to_str().expect("a path").to_owned();
    let errors_of = |file: &str| {
        let (code, output, _) = charter(&folder(), &["check", "--contract", &path, file]);
        let output = String::from_utf8_lossy(&output).into_owned();
        assert_eq!(code, 3, "{output}");
        output
    };
    let errors = errors_of("columns/kept-flat.parquet");
    assert!(errors.contains("has no column `http`") && errors.contains("`time`, `verb`, `uri`, `code`"), "{errors}");
    let flat = "[traffic.columns]\nurl = \"uri\"\nstatus = \"code\"\nmethod = \"verb\"\ntime = \"time\"\nresponse-headers = \"fields\"\nresponse-body = \"body\"\n";
    let with_request = format!("{flat}request-headers = \"fields\"\nrequest-body = \"sent\"\n");
    std::fs::write(contract.path().join("charter.toml"), with_request).expect("a file");
    for form in ["kept", "broken"] {
        let (code, _, errors) = charter(&folder(), &["check", "--contract", &path, &format!("columns/{form}-flat.parquet")]);
        assert_eq!(code, i32::from(form == "broken"), "{errors}");
    }
    std::fs::write(contract.path().join("charter.toml"), "").expect("a file");
    let errors = errors_of("columns/kept.parquet");
    assert!(errors.contains("it is a Parquet file: name its columns under [traffic.columns]"), "{errors}");
    let (code, _, errors) = charter(&folder(), &["scrub", "columns/kept.parquet", "-o", "-"]);
    assert!(code == 3 && errors.contains("a Parquet file cannot be masked"), "{errors}");
}

#[test]
fn a_damaged_parquet_file_is_an_error() {
    let contract = contract_with_columns();
    let path = contract.path().to_str().expect("a path").to_owned();
    let bytes = std::fs::read(folder().join("columns/kept.parquet")).expect("a fixture");
    for part in [1, 4, 6, 9] {
        let cut = contract.path().join("cut.parquet");
        std::fs::write(&cut, &bytes[..bytes.len() * part / 10]).expect("a file");
        let (code, output, _) = charter(&folder(), &["check", "--contract", &path, cut.to_str().expect("a path")]);
        let output = String::from_utf8_lossy(&output);
        assert!(code == 3 && output.contains("the Parquet stream is damaged"), "{output}");
    }
}

#[test]
fn the_reports_of_schemathesis_have_the_verdicts_of_its_har() {
    for form in ["kept", "broken"] {
        let of = |ending: &str| {
            let (code, report) = check(&format!("schemathesis/{form}.{ending}"));
            let (findings, counts) = verdicts(&report);
            let mut findings: Vec<String> = findings
                .iter()
                .map(|finding| finding.split(' ').filter(|part| part.parse::<u8>().is_err()).collect::<Vec<_>>().join(" "))
                .collect();
            findings.sort();
            (code, findings, counts)
        };
        let har = of("har");
        assert_eq!(har.0, i32::from(form == "broken"), "{har:?}");
        assert_eq!(of("ndjson"), har, "{form}");
        assert_eq!(of("yaml"), har, "{form}");
    }
}

#[test]
fn a_finding_has_the_position_of_its_value_and_of_its_exchange() {
    for name in SAME.iter().copied().chain([REFERENCE]) {
        let file = fixture(name, "broken");
        let bytes = std::fs::read(folder().join(&file)).expect("a fixture");
        let text = String::from_utf8_lossy(&bytes);
        let (_, report) = check(&file);
        let samples: Vec<&Value> = report["groups"]
            .as_array()
            .expect("groups")
            .iter()
            .filter(|group| group["severity"] == "error")
            .flat_map(|group| group["samples"].as_array().expect("samples"))
            .collect();
        assert_eq!(samples.len(), 2, "{file}");
        for sample in samples {
            let wanted = if sample["instanceLocation"] == "/status" { "lost" } else { "25" };
            let line = text.split('\n').nth(sample["exchange"]["line"].as_u64().expect("a line") as usize - 1).expect("a line");
            let column = sample["exchange"]["column"].as_u64().expect("a column") as usize;
            let at = line.chars().skip(column - 1).collect::<String>();
            let begins = at.starts_with(['{', '"']) || at.starts_with("request:") || at.starts_with(|first: char| first.is_ascii_digit());
            assert!(begins, "{file}: the exchange begins with {:?}", at.chars().take(20).collect::<String>());
            let Some(position) = sample["position"].as_object() else {
                let is_encoded =
                    ["newman", "openapi/broken.yaml", "vcr/broken.yml", "wiremock/journal"].iter().any(|tool| file.contains(tool));
                assert!(is_encoded, "{file}: {sample:#}");
                continue;
            };
            let line = text.split('\n').nth(position["line"].as_u64().expect("a line") as usize - 1).expect("a line");
            let at = line.chars().skip(position["column"].as_u64().expect("a column") as usize - 1).collect::<String>();
            assert!(
                at.trim_start_matches(['\\', '"']).starts_with(wanted),
                "{file}: {wanted} at {:?}",
                at.chars().take(20).collect::<String>()
            );
        }
    }
}

/// These recordings have no secrets, so that masking changes no byte. Newman adds a field `Postman-Token`.
#[test]
fn recordings_of_other_programs_are_masked_in_their_form() {
    let out = TempDir::new().expect("a folder");
    for form in ["kept", "broken"] {
        let names = SAME.iter().copied().filter(|name| !name.starts_with("newman"));
        for name in names.chain([REFERENCE, "schemathesis/{}.ndjson"]) {
            let file = folder().join(fixture(name, form));
            let masked = out.path().join("masked");
            let (code, _, errors) = charter(out.path(), &["scrub", file.to_str().expect("a path"), "-o", "masked"]);
            assert_eq!(code, 0, "{name}: {errors}");
            let bytes = std::fs::read(&file).expect("a fixture");
            assert!(std::fs::read(&masked).expect("a file") == bytes, "{name} {form}");
        }
    }
}

/// A cut recording is never read as a whole one.
#[test]
fn a_truncated_recording_is_an_error() {
    let out = TempDir::new().expect("a folder");
    for name in SAME {
        let file = fixture(name, "kept");
        let bytes = std::fs::read(folder().join(&file)).expect("a fixture");
        for part in [1, 3, 5, 7, 9] {
            let path = out.path().join("cut");
            std::fs::write(&path, &bytes[..bytes.len() * part / 10]).expect("a file");
            let (code, report) = check(path.to_str().expect("a path"));
            assert_eq!(code, 3, "{file} {part}: {:#}", report["inputs"]);
            assert!(report["inputs"][0]["error"].as_str().is_some_and(|error| !error.is_empty()));
        }
    }
}
