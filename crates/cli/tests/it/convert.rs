//! `charter convert`.

use tempfile::TempDir;

use crate::recordings::{REFERENCE, SAME, charter, check, fixture, folder, verdicts};

#[test]
fn converted_recordings_have_the_same_verdicts() {
    let out = TempDir::new().expect("a folder");
    for name in SAME.iter().copied().chain([REFERENCE, "schemathesis/{}.ndjson"]) {
        for form in ["kept", "broken"] {
            let file = fixture(name, form);
            let expected = check(&file);
            for ending in ["har", "ndjson"] {
                let path = out.path().join(format!("out.{ending}"));
                let path = path.to_str().expect("a path");
                let (code, _, errors) = charter(&folder(), &["convert", &file, "-o", path]);
                assert_eq!(code, 0, "{file}: {errors}");
                assert!(errors.contains("converted"), "{errors}");
                let (found, report) = check(path);
                assert_eq!((found, verdicts(&report)), (expected.0, verdicts(&expected.1)), "{file} as {ending}");
            }
        }
    }
}

#[test]
fn a_conversion_without_a_known_form_or_with_a_malformed_entry_writes_nothing() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    let write = |name: &str, text: &str| std::fs::write(root.join(name), text).expect("a file");
    write("body.json", "{\"a\": 1}");
    write(
        "broken.ndjson",
        "{\"format\": \"charter-exchange/1\", \"request\": {\"method\": \"GET\", \"url\": \"/\"}}\n{\"format\": \"charter-exchange/1\", \"x\": 1}\n",
    );
    write("out.har", "before");
    for (arguments, code, message) in [
        (&["convert", "body.json", "-o", "out.har"][..], 3, "the form of this JSON document is not known"),
        (&["convert", "broken.ndjson", "-o", "out.har"], 3, "broken.ndjson: entry 1: unknown field"),
        (&["convert", "none", "-o", "out.har"], 3, "there is no such file"),
        (&["convert", "body.json", "-o", "out.txt"], 2, "give --to har or --to ndjson"),
    ] {
        let (found, _, errors) = charter(root, arguments);
        assert!(found == code && errors.contains(message), "{arguments:?}: {found} {errors}");
        assert_eq!(std::fs::read_to_string(root.join("out.har")).expect("a file"), "before");
    }
}

#[test]
fn conversion_to_standard_output_is_read_by_check() {
    let (code, text, _) = charter(&folder(), &["convert", "nock/kept.json", "vcrpy/kept.yaml", "--to", "ndjson", "-o", "-"]);
    let text = String::from_utf8(text).expect("text");
    assert_eq!((code, text.lines().count()), (0, 6));
    assert!(text.lines().all(|line| line.starts_with("{\"format\":\"charter-exchange/1\"")), "{text}");
}
