//! Table-driven cases of OpenAPI and HTTP: small contracts, exchanges, and the ids of the findings that the standard demands. Each case
//! cites its clause.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use charter_engine::Judge;
use charter_traffic::exchange::{Body, Exchange, Headers, Message, Request, Response};
use serde::Deserialize;
use serde_json::Value;

/// One file: a contract and its cases.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    /// The part of an exchange that the cases are about.
    #[serde(default)]
    part: Part,
    /// The OpenAPI document.
    contract: Value,
    /// Other documents of the contract, by name.
    #[serde(default)]
    documents: BTreeMap<String, Value>,
    /// `charter.toml`
    #[serde(default)]
    settings: String,
    cases: Vec<Case>,
}

/// The part of an exchange that a case is about.
#[derive(Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Part {
    /// The operation that it belongs to.
    #[default]
    Operation,
    Request,
    Response,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    /// The part of the exchange, if it is not that of the table.
    part: Option<Part>,
    /// What holds.
    case: String,
    /// The clause of the standard that says so.
    clause: String,
    /// The method and the URL.
    request: String,
    /// Header fields of the request, as `name: value`; by default `content-type: application/json` if there is a body.
    request_headers: Option<Vec<String>>,
    /// The request body: a string is sent as it is, every other value as JSON; `{base64: …}` as bytes. `{recorded: false}` is a body that
    /// the recording does not have.
    request_body: Option<Value>,
    /// The status; 0 if no response arrived.
    #[serde(default = "ok")]
    status: u16,
    /// Header fields of the response, as `name: value`; by default `content-type: application/json` if there is a body.
    headers: Option<Vec<String>>,
    /// The response body, as `request_body`.
    body: Option<Value>,
    /// The ids of the findings, in order; none if the exchange keeps the contract.
    #[serde(default)]
    finds: Vec<String>,
    /// The operation that the exchange belongs to, if the case is about it.
    operation: Option<String>,
    /// Text that the messages of the findings contain, if the case is about it.
    #[serde(default)]
    says: Vec<String>,
    /// The part and a piece of the reason for what is not judged, as `part: reason`.
    #[serde(default)]
    not_judged: Vec<String>,
    /// A piece of the reason why the exchange is out of scope.
    out_of_scope: Option<String>,
}

fn ok() -> u16 {
    200
}

fn bytes(body: &Value) -> Vec<u8> {
    use base64::Engine as _;
    match body {
        Value::String(text) => text.clone().into_bytes(),
        Value::Object(object) if object.len() == 1 && object.contains_key("base64") => {
            let text = object["base64"].as_str().expect("base64 text");
            base64::engine::general_purpose::STANDARD.decode(text).expect("base64")
        }
        // `null` in a table means that there is no body, so JSON null is written as the string `null`.
        other => serde_json::to_vec(other).expect("JSON"),
    }
}

fn message(fields: Option<&Vec<String>>, body: Option<&Value>) -> Message {
    let is_recorded = body.is_none_or(|body| *body != serde_json::json!({"recorded": false}));
    let default = vec!["content-type: application/json".to_owned()];
    let fields = fields.cloned().unwrap_or_else(|| body.filter(|_| is_recorded).map(|_| default).unwrap_or_default());
    let field = |field: &String| {
        let (name, value) = field.split_once(": ").or_else(|| field.strip_suffix(':').map(|name| (name, ""))).expect("`name: value`");
        (name.to_owned(), value.to_owned())
    };
    let body = if is_recorded { Body::from_bytes(body.map(bytes).unwrap_or_default()) } else { Body::Missing };
    Message { headers: Headers::complete(fields.iter().map(field).collect()), body }
}

fn exchange(case: &Case) -> Exchange {
    let (method, url) = case.request.split_once(' ').expect("a method and a URL");
    let request = message(case.request_headers.as_ref(), case.request_body.as_ref());
    let response = message(case.headers.as_ref(), case.body.as_ref());
    let mut exchange = Exchange::request(method, url);
    exchange.request = Some(Request::new(method, url, request));
    exchange.response = (case.status > 0).then(|| Response::new(case.status, response));
    exchange
}

/// What is wrong with a case; empty if nothing is.
fn faults(judge: &Judge, case: &Case) -> String {
    let exchange = exchange(case);
    let judgement = judge.judge(&exchange);
    let ids: Vec<String> = judgement
        .findings
        .iter()
        .map(|finding| finding.rule.clone().unwrap_or_else(|| format!("schema.{}", finding.keyword.as_deref().unwrap_or("?"))))
        .collect();
    let mut text = String::new();
    if ids != case.finds {
        let messages: Vec<&str> = judgement.findings.iter().map(|finding| finding.message.as_str()).collect();
        let _ = writeln!(text, "  found {ids:?}, expected {:?}; {messages:?}", case.finds);
    }
    if case.operation.is_some() && judgement.operation != case.operation {
        let _ = writeln!(text, "  operation {:?}, expected {:?}", judgement.operation, case.operation);
    }
    for piece in &case.says {
        if !judgement.findings.iter().any(|finding| format!("{} {}", finding.message, finding.promised).contains(piece)) {
            let messages: Vec<(&str, &str)> =
                judgement.findings.iter().map(|finding| (finding.message.as_str(), finding.promised.as_str())).collect();
            let _ = writeln!(text, "  no finding says {piece:?}: {messages:?}");
        }
    }
    let parts: Vec<String> = judgement.not_judged.iter().map(|part| format!("{}: {}", part.part, part.reason)).collect();
    let missing = case.not_judged.iter().any(|piece| {
        let (part, reason) = piece.split_once(": ").expect("`part: reason`");
        !parts.iter().any(|found| found.starts_with(part) && found.contains(reason))
    });
    if missing || parts.len() != case.not_judged.len() {
        let _ = writeln!(text, "  not judged {parts:?}, expected {:?}", case.not_judged);
    }
    let out_of_scope = judgement.out_of_scope.as_ref().map(ToString::to_string);
    let fits = match (&out_of_scope, &case.out_of_scope) {
        (Some(found), Some(piece)) => found.contains(piece),
        (found, piece) => found.is_none() && piece.is_none(),
    };
    if !fits {
        let _ = writeln!(text, "  out of scope {out_of_scope:?}, expected {:?}", case.out_of_scope);
    }
    if let Some(reason) = &judgement.unreadable {
        let _ = writeln!(text, "  unreadable: {reason}");
    }
    text
}

fn tables() -> Vec<(PathBuf, Table)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/http");
    let files = std::fs::read_dir(folder).expect("the folder of tables").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    let read = |path: PathBuf| {
        let text = std::fs::read_to_string(&path).expect("a table");
        let table = serde_saphyr::from_str_with_options(&text, serde_saphyr::options! { strict_booleans: true })
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        (path, table)
    };
    files.into_iter().map(read).collect()
}

#[test]
fn every_case_has_the_findings_that_its_clause_demands() {
    let mut failures = String::new();
    for (path, table) in tables() {
        let mut documents = vec![("openapi.json".to_owned(), serde_json::to_vec(&table.contract).expect("JSON"))];
        documents.extend(table.documents.iter().map(|(name, value)| (name.clone(), serde_json::to_vec(value).expect("JSON"))));
        documents.push(("charter.toml".to_owned(), table.settings.clone().into_bytes()));
        let contract = charter_contract::from_documents(documents).unwrap_or_else(|error| panic!("{}: {error:?}", path.display()));
        let judge = Judge::new(&contract).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        for case in &table.cases {
            assert!(!case.clause.trim().is_empty(), "{}: {}: a case cites its clause", path.display(), case.case);
            let faults = faults(&judge, case);
            if !faults.is_empty() {
                let file = path.file_name().unwrap_or_default().to_string_lossy();
                let _ = writeln!(failures, "{file}: {}\n{faults}", case.case);
            }
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn requests_and_responses_have_at_least_150_cases_each() {
    for part in [Part::Request, Part::Response] {
        let cases = tables()
            .iter()
            .map(|(_, table)| table.cases.iter().filter(|case| case.part.unwrap_or(table.part) == part).count())
            .sum::<usize>();
        assert!(cases >= 150, "{cases} cases");
    }
}
