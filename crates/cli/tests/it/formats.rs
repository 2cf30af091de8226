//! `check --formats` and `[check] formats`.

use std::path::Path;

use assert_cmd::Command;
use tempfile::TempDir;

const DOCUMENT: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/parcels/{id}": {"get": {"operationId": "parcels.get",
  "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object", "properties": {
    "at": {"type": "string", "format": "date-time"}, "id": {"type": "string", "format": "uuid"}}}}}}}}}}}"#;

/// The exit code and the output of `check` with these flags.
fn check(folder: &Path, flags: &[&str]) -> (Option<i32>, String) {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let command = command.current_dir(folder).args(["check", "--contract", "api", "body.json"]).args(flags);
    let output = command.env("NO_COLOR", "1").output().expect("it runs");
    (output.status.code(), format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr)))
}

#[test]
fn the_flag_overrides_the_setting() {
    let folder = TempDir::new().expect("a folder");
    let root = folder.path();
    std::fs::create_dir(root.join("api")).expect("a folder");
    std::fs::write(root.join("api/openapi.json"), DOCUMENT).expect("a file");
    std::fs::write(root.join("body.json"), r#"{"at": "yesterday", "id": "7"}"#).expect("a file");
    let check_findings = |flags: &[&str], names: &[&str]| {
        let (code, text) = check(root, flags);
        assert_eq!(code, Some(i32::from(!names.is_empty())), "{flags:?}: {text}");
        for name in ["date-time", "uuid"] {
            let message = format!(", expected the format {name}: ");
            assert_eq!(text.contains(&message), names.contains(&name), "{flags:?}: {text}");
        }
    };
    check_findings(&[], &[]);
    check_findings(&["--formats"], &["date-time", "uuid"]);
    check_findings(&["--formats=all"], &["date-time", "uuid"]);
    check_findings(&["--formats=uuid,ipv4"], &["uuid"]);
    std::fs::write(root.join("api/charter.toml"), "[check]\nformats = [\"date-time\"]\n").expect("a file");
    check_findings(&[], &["date-time"]);
    check_findings(&["--formats=uuid"], &["uuid"]);
    check_findings(&["--formats=none"], &[]);
    let (code, text) = check(root, &["--formats=guid"]);
    assert!(
        code == Some(2) && text.contains("unknown format `guid`; did you mean `uuid`? The known formats are date-time, date,"),
        "{text}"
    );
}
