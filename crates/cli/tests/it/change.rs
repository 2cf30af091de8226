//! `diff`, `import` and `drift`: exit codes, written files and git revisions.

use std::path::Path;
use std::process::Command as Program;

use assert_cmd::Command;

const OLD: &str = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Thing", "type": "object",
  "properties": {"state": {"enum": ["open", "closed"]}}, "required": ["state"], "additionalProperties": false}"#;
const NEW: &str = r#"{"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "Thing", "type": "object",
  "properties": {"state": {"enum": ["open", "closed", "gone"]}}, "required": ["state"], "additionalProperties": false}"#;

fn charter(folder: &Path) -> Command {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    command.current_dir(folder).env("NO_COLOR", "1").env_remove("CARGO_MANIFEST_DIR");
    command
}

/// The exit code, standard output and standard error.
fn ran(folder: &Path, arguments: &[&str]) -> (i32, String, String) {
    let output = charter(folder).args(arguments).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (output.status.code().expect("a code"), text(&output.stdout), text(&output.stderr))
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
    std::fs::write(path, text).expect("a file");
}

fn git(folder: &Path, arguments: &[&str]) {
    let identity = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "commit.gpgsign=false"];
    let status = Program::new("git").current_dir(folder).args(identity).args(arguments).output().expect("git runs");
    assert!(status.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&status.stderr));
}

#[test]
fn fail_on_and_for_select_the_changes_that_fail() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("old.json"), OLD);
    write(&folder.path().join("new.json"), NEW);
    let (code, text, _) = ran(folder.path(), &["diff", "old.json", "new.json"]);
    assert_eq!(code, 0);
    assert!(
        text.contains("enum-value-added: the value \"gone\" is added") && text.contains("now accepted, previously refused: \"gone\""),
        "{text}"
    );
    let fails_on =
        |level: &str, more: &[&str]| ran(folder.path(), &[&["diff", "old.json", "new.json", "--fail-on", level], more].concat()).0;
    let with = |more: &[&str]| fails_on("breaking", more);
    assert_eq!(with(&[]), 0, "the default reading tolerates unknown values");
    assert_eq!(fails_on("warning", &[]), 1);
    assert_eq!(with(&["--reading", "strict"]), 1);
    assert_eq!(with(&["--mode", "strict"]), 1);
    assert_eq!(with(&["--mode", "client"]), 0, "a tolerant client accepts unknown values");
    assert_eq!(with(&["--for", "server"]), 0);
    assert_eq!(ran(folder.path(), &["diff", "new.json", "old.json", "--fail-on", "breaking", "--for", "both"]).0, 1);
    assert_eq!(ran(folder.path(), &["diff", "old.json", "old.json", "--fail-on", "unknown", "--for", "both"]).0, 0);
}

const API: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/books": {"post": {"operationId": "books.add",
  "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "properties": {"title": {"type": "string"}}}}}},
  "responses": {"201": {"description": "d", "content": {"application/json": {"schema": {"type": "object", "properties": {"id": {"type": "string"}}}}}}}}}}}"#;

#[test]
fn an_optional_key_is_compatible_unless_a_client_may_send_every_key() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("old.json"), API);
    write(
        &folder.path().join("request.json"),
        &API.replace(r#""properties": {"title""#, r#""properties": {"year": {"type": "integer"}, "title""#),
    );
    write(&folder.path().join("response.json"), &API.replace(r#"{"id": {"type": "string"}}"#, "{}"));
    let code = |new: &str, more: &[&str]| ran(folder.path(), &[&["diff", "old.json", new], more].concat()).0;
    assert_eq!(code("request.json", &["--fail-on", "warning"]), 0);
    assert_eq!(code("request.json", &["--fail-on", "breaking", "--reading", "tolerant"]), 1);
    assert_eq!(code("request.json", &["--fail-on", "breaking", "--reading", "strict"]), 1);
    assert_eq!(code("response.json", &["--fail-on", "breaking"]), 0);
    assert_eq!(code("response.json", &["--fail-on", "warning"]), 1);
    assert_eq!(code("response.json", &["--fail-on", "breaking", "--reading", "strict"]), 1);
}

#[test]
fn a_policy_sets_levels_and_accepts_changes_until_a_day() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("old.json"), OLD);
    write(&folder.path().join("new.json"), NEW);
    let file = folder.path().join(".charter-diff.toml");
    let diff = |policy: &str| {
        write(&file, policy);
        ran(folder.path(), &["diff", "old.json", "new.json", "--fail-on", "breaking"])
    };
    assert_eq!(diff("[levels]\nenum-value-added = \"error\"\n").0, 1);
    assert_eq!(diff("reading = \"strict\"\n").0, 1);
    let accept = |rest: &str| format!("reading = \"strict\"\n[[accept]]\nkind = \"enum-value-added\"\nreason = \"announced\"\n{rest}");
    assert_eq!(diff(&accept("")).0, 0);
    assert_eq!(diff(&accept("expires = \"2999-12-31\"\n")).0, 0);
    let (code, text, _) = diff(&accept("expires = \"2020-01-31\"\n"));
    assert!(code == 1 && text.contains("no longer accepted: enum-value-added, until 2020-01-31"), "{text}");
    let (code, _, error) = diff("[levels]\nenum-value-addd = \"error\"\n");
    assert!(code == 2 && error.contains("did you mean `enum-value-added`?"), "{error}");
    assert_eq!(diff(&accept("expires = \"tomorrow\"\n")).0, 2);
    assert_eq!(diff("[[accept]]\nkind = \"enum-value-added\"\nreason = \" \"\n").0, 2);
    // The file of --policy has precedence over the file of the current folder.
    write(&folder.path().join("other.toml"), "");
    assert_eq!(ran(folder.path(), &["diff", "old.json", "new.json", "--fail-on", "breaking", "--policy", "other.toml"]).0, 0);
}

#[test]
fn invalid_arguments_are_reported() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("old.json"), OLD);
    write(&folder.path().join("broken.json"), r#"{"type": "strange"}"#);
    let (code, _, error) = ran(folder.path(), &["diff", "old.json", "nowhere.json"]);
    assert_eq!(code, 2);
    assert!(error.contains("error: `nowhere.json` is not a file, a folder or a git revision"), "{error}");
    assert_eq!(ran(folder.path(), &["diff", "old.json", "broken.json"]).0, 2);
    assert_eq!(ran(folder.path(), &["diff", "old.json", "old.json", "--operation", "unknown"]).0, 2);
    assert_eq!(ran(folder.path(), &["diff", "old.json", "old.json", "--report", "pdf"]).0, 2);
}

#[test]
fn git_revisions_are_contracts_and_a_changelog_entry_is_added_once() {
    let folder = tempfile::tempdir().expect("a folder");
    let root = folder.path();
    git(root, &["init", "-q"]);
    write(&root.join("api/thing.schema.json"), OLD);
    git(root, &["add", "-A"]);
    git(root, &["commit", "-qm", "one"]);
    write(&root.join("api/thing.schema.json"), NEW);
    git(root, &["commit", "-qam", "two"]);
    let arguments =
        ["diff", "HEAD~1", "HEAD", "--contract", "api", "--reading", "strict", "--fail-on", "breaking", "--changelog", "CHANGELOG.md"];
    let (code, text, error) = ran(root, &arguments);
    assert_eq!(code, 1, "{error}");
    assert!(text.contains("at thing.schema.json#/properties/state/enum"), "{text}");
    let written = std::fs::read_to_string(root.join("CHANGELOG.md")).expect("a changelog");
    assert!(
        written.starts_with("# Changelog\n\n## ") && written.contains("### Breaking for clients\n\n- the value \"gone\" is added"),
        "{written}"
    );
    ran(root, &arguments);
    assert_eq!(std::fs::read_to_string(root.join("CHANGELOG.md")).expect("a changelog"), written);
    // A path at a revision, and changes that are not committed.
    assert_eq!(ran(root, &["diff", "HEAD~1:api/thing.schema.json", "api/thing.schema.json", "--fail-on", "warning"]).0, 1);
    assert_eq!(ran(root, &["diff", "HEAD", "api", "--contract", "api", "--fail-on", "unknown"]).0, 0);
    // An argument that git would parse as a flag is refused.
    assert_eq!(ran(root, &["diff", "--", "--output=x:api", "HEAD"]).0, 2);
}

#[test]
fn standard_output_has_only_the_json_report() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("old.json"), OLD);
    write(&folder.path().join("new.json"), NEW);
    let (code, text, _) = ran(folder.path(), &["diff", "old.json", "new.json", "--report", "json"]);
    let report: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, report["format"].as_str()), (0, Some("charter-diff/1")));
    assert_eq!(report["schemas"][0]["acceptsMore"]["witness"], "gone");
    assert_eq!(report["rust"]["step"], "major");
    let (_, text, _) = ran(folder.path(), &["diff", "old.json", "new.json", "--report", "markdown"]);
    assert!(text.contains("` enum-value-added: the value \"gone\" is added (a strict client: breaking) |"), "{text}");
}

#[test]
fn imports_are_reproducible_and_dry_runs_write_nothing() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = "openapi: 3.0.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a.get\n      responses:\n        '200': {description: d, content: {application/json: {schema: {$ref: '#/components/schemas/A'}}}}\ncomponents:\n  schemas:\n    A: {type: string, nullable: true}\n";
    let import = |more: &[&str]| {
        let arguments = [&["import", "-", "--contract", "api"], more].concat();
        charter(folder.path()).args(arguments).write_stdin(document).output().expect("it runs")
    };
    let dry = import(&["--dry-run"]);
    assert_eq!(dry.status.code(), Some(0), "{}", String::from_utf8_lossy(&dry.stderr));
    assert!(String::from_utf8_lossy(&dry.stdout).contains("+openapi:") && !folder.path().join("api/openapi.yaml").exists());
    assert_eq!(import(&[]).status.code(), Some(0));
    let files = || ["openapi.yaml", "api.schema.json"].map(|name| std::fs::read(folder.path().join("api").join(name)).expect(name));
    let first = files();
    assert!(String::from_utf8_lossy(&import(&[]).stdout).contains("no changes"));
    assert_eq!(first, files());
    assert_eq!(import(&["--operation", "b.get"]).status.code(), Some(2));
    assert_eq!(ran(folder.path(), &["lint", "--contract", "api"]).0, 0);
}

#[test]
fn drift_fails_until_its_edits_are_applied() {
    let folder = tempfile::tempdir().expect("a folder");
    let api = folder.path().join("api");
    write(&api.join("thing.schema.json"), OLD);
    write(
        &api.join("openapi.json"),
        r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/things/{id}": {"get": {"operationId": "things.get",
          "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "thing.schema.json"}}}}}}}}}"#,
    );
    write(&folder.path().join("seen.ndjson"), "{\"state\": \"gone\", \"since\": 3}\n{\"state\": \"open\"}\n");
    let drift = |more: &[&str]| ran(folder.path(), &[&["drift", "seen.ndjson", "--contract", "api"], more].concat());
    let (code, text, _) = drift(&[]);
    assert_eq!(code, 1);
    assert!(text.contains("the key `since` is unknown") && text.contains("the value \"gone\" is not listed"), "{text}");
    assert_eq!(drift(&["--apply"]).0, 0);
    assert_eq!(drift(&[]).0, 0);
    assert_eq!(ran(folder.path(), &["check", "seen.ndjson", "--contract", "api"]).0, 0);
    assert_eq!(ran(folder.path(), &["drift", "nowhere.ndjson", "--contract", "api"]).0, 3);
}

const PARCELS: &str = r"# The parcels API.
openapi: 3.0.3
info: {title: Parcels, version: '1'}   # one line
servers:
- url: https://api.example.com/v1
paths:
  /parcels/{id}:
    get:
      operationId: getParcel
      parameters:
      - {name: id, in: path, required: true, schema: {type: string}}
      responses:
        '200':
          description: 'a parcel'
          content:
            application/json:
              schema: {$ref: '#/components/schemas/Parcel'}
  /parcels:
    post:
      operationId: addParcel
      requestBody:
        required: true
        content:
          application/json:
            schema:
              type: object
              properties:
                weight: {type: integer}  # grams
      responses:
        '201': {description: d}
components:
  schemas:
    # One parcel.
    Parcel:
      type: object
      required: [id]
      properties:
        id: {type: string}
        state:
          type: string
          enum:
          - sent  # first
          - received
        note:
          type: string
";

/// An entry of a HAR file.
fn entry(method: &str, path: &str, sent: Option<&str>, status: u16, media_type: &str, text: &str) -> serde_json::Value {
    let mut request = serde_json::json!({"method": method, "url": format!("https://api.example.com/v1{path}"), "httpVersion": "HTTP/1.1",
        "headers": [], "queryString": [], "cookies": [], "headersSize": -1, "bodySize": -1});
    if let Some(sent) = sent {
        request["postData"] = serde_json::json!({"mimeType": "application/json", "text": sent});
        request["headers"] = serde_json::json!([{"name": "content-type", "value": "application/json"}]);
    }
    serde_json::json!({"startedDateTime": "2026-01-01T00:00:00Z", "time": 1, "request": request, "cache": {}, "timings": {"send": 0, "wait": 0, "receive": 0},
        "response": {"status": status, "statusText": "", "httpVersion": "HTTP/1.1", "headers": [{"name": "content-type", "value": media_type}],
            "cookies": [], "redirectURL": "", "headersSize": -1, "bodySize": -1, "content": {"size": text.len(), "mimeType": media_type, "text": text}}})
}

fn har(entries: &[serde_json::Value]) -> String {
    serde_json::json!({"log": {"version": "1.2", "creator": {"name": "t", "version": "1"}, "entries": entries}}).to_string()
}

#[test]
fn drift_proposes_operations_and_edits_the_document_in_place() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = folder.path().join("api/openapi.yaml");
    write(&document, PARCELS);
    let entries = [
        entry("GET", "/parcels/p1", None, 200, "application/json", r#"{"id": "p1", "state": "lost", "size": 3, "note": null}"#),
        entry("GET", "/parcels/p2?verbose=true", None, 200, "application/json", r#"{"id": "p2", "state": "late", "size": 4}"#),
        entry("GET", "/parcels/p3", None, 200, "text/csv", "id\np3\n"),
        entry("DELETE", "/parcels/p3", None, 204, "application/json", ""),
        entry("GET", "/labels/17", None, 200, "application/json", r#"{"text": "a"}"#),
        entry("GET", "/labels/18", None, 200, "application/json", r#"{"text": "b"}"#),
        entry("POST", "/parcels", Some(r#"{"weight": 3, "fragile": true}"#), 201, "application/json", r#"{"id": "p9"}"#),
        entry("GET", "/typo", None, 404, "application/json", "{}"),
    ];
    write(&folder.path().join("traffic.har"), &har(&entries));
    let drift = |more: &[&str]| ran(folder.path(), &[&["drift", "traffic.har", "--contract", "api"], more].concat());
    let (code, text, error) = drift(&[]);
    assert_eq!(code, 1, "{text}{error}");
    for part in [
        "the key `size` is unknown",
        "the value \"lost\" is not listed",
        "the media type `text/csv` is not described",
        "DELETE /parcels/{id} is not described",
        "GET /labels/{id} is not described",
        "the query parameter `verbose` is not described",
        "the key `fragile` is unknown",
        "passed over: 1 with an unknown path that the server does not have",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_eq!(drift(&["--fail-on", "never"]).0, 0);
    let (code, text, error) = drift(&["--apply"]);
    assert_eq!(code, 0, "{text}{error}");
    let edited = std::fs::read_to_string(&document).expect("a document");
    let lost: Vec<&str> = PARCELS.lines().filter(|line| !edited.lines().any(|other| other == *line)).collect();
    assert!(lost.iter().all(|line| line.contains("note:") || line.contains("'201'")), "{lost:?}\n{edited}");
    assert!(edited.contains("nullable: true") && edited.contains("- sent  # first\n          - received\n"), "{edited}");
    let (code, text, error) = drift(&[]);
    assert_eq!(code, 0, "{text}{error}\n{edited}");
    let (code, text, error) = ran(folder.path(), &["check", "traffic.har", "--contract", "api"]);
    assert!(code == 1 && text.contains("http.unknown-path") && !text.contains("schema."), "{text}{error}");
    assert_eq!(ran(folder.path(), &["lint", "--contract", "api"]).0, 0);
}

#[test]
fn a_contract_is_started_from_traffic() {
    let folder = tempfile::tempdir().expect("a folder");
    write(&folder.path().join("traffic.har"), &har(&[entry("GET", "/labels/17", None, 200, "application/json", r#"{"text": "a"}"#)]));
    let new = ["drift", "traffic.har", "--new", "api/openapi.yaml"];
    std::fs::create_dir(folder.path().join("api")).expect("a folder");
    let (code, text, error) = ran(folder.path(), &new);
    assert!(code == 0 && text.contains("1 operations of api.example.com"), "{text}{error}");
    assert_eq!(ran(folder.path(), &["check", "traffic.har", "--contract", "api"]).0, 0);
    assert_eq!(ran(folder.path(), &["drift", "traffic.har", "--contract", "api"]).0, 0);
    assert_eq!(ran(folder.path(), &new).0, 2, "the file exists");
}

#[test]
fn drift_describes_the_body_of_a_new_status_and_edits_flow_mappings() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).expect("a file");
    write(
        "openapi.yaml",
        "# The API.\nopenapi: 3.1.0\ninfo: {title: t, version: '1'}\npaths:\n  /a:\n    get:\n      operationId: a\n      responses:\n        '200':\n          description: d\n          content:\n            application/json:\n              schema:\n                type: object\n                properties:\n                  id: {type: string, maxLength: 4}   # short\n",
    );
    let exchange = |status: u16, media_type: &str, body: &str| {
        serde_json::json!({"format": "charter-exchange/1", "startedDateTime": "2026-01-01T00:00:00Z", "time": 5,
            "request": {"method": "GET", "url": "https://api.example.test/a", "headers": []},
            "response": {"status": status, "headers": [{"name": "Content-Type", "value": media_type}], "body": serde_json::from_str::<serde_json::Value>(body).expect("JSON")},
            "error": null, "masked": [], "headersComplete": true})
        .to_string()
    };
    let lines = [exchange(200, "application/json", r#"{"id": "12345"}"#), exchange(404, "application/problem+json", r#"{"title": "t"}"#)];
    write("seen.ndjson", &lines.join("\n"));
    let drift = |more: &[&str]| ran(folder.path(), &[&["drift", "seen.ndjson", "--contract", "openapi.yaml"], more].concat());
    assert_eq!(drift(&[]).0, 1);
    let (code, text, error) = drift(&["--apply", "--loosen"]);
    assert_eq!(code, 0, "{text}{error}");
    let edited = std::fs::read_to_string(folder.path().join("openapi.yaml")).expect("a file");
    assert!(edited.starts_with("# The API.\n") && edited.contains("id: {type: string, maxLength: 5}   # short\n"), "{edited}");
    let (code, text, _) = drift(&[]);
    assert!(code == 0 && text.contains("0 novelties"), "{text}");
    assert_eq!(ran(folder.path(), &["check", "seen.ndjson", "--contract", "openapi.yaml"]).0, 0);
}
