//! Live traffic is judged as its recording is, also if nothing keeps a recording.

use std::ops::ControlFlow;
use std::path::Path;

use charter_contract::MaskConfig;
use charter_engine::{CheckOptions, Judge, Judgement, observe_live};
use charter_traffic::exchange::Exchange;
use charter_traffic::mask::Masker;
use charter_traffic::record::Recorder;
use charter_traffic::{Live, Next};
use serde_json::{Value, json};

const CONTRACT: &str = r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {"/orders/{id}": {"get": {
    "operationId": "orders.get", "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "string"}}],
    "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object", "required": ["id"]}}}}}}}}}"#;

/// The report of exchanges that arrive in pairs, and those that were observed, by their indexes.
fn report(judge: &Judge, exchanges: &[Exchange], lines: Option<&Path>) -> (Value, Vec<(usize, String)>) {
    let masker = Masker::new(&MaskConfig::default(), &[]).expect("a masker");
    let mut recorder = Recorder::new(masker, lines, None).expect("a recorder");
    let mut left = exchanges.iter();
    let mut idle = false;
    let mut next = || {
        idle = !idle;
        match left.len() {
            0 => Next::End,
            left if idle && left % 2 == 0 => Next::Idle,
            _ => left.next().map_or(Next::End, |exchange| Next::Exchange(Box::new(exchange.clone()))),
        }
    };
    let mut observed = Vec::new();
    let report = observe_live(
        judge,
        Live { name: "server".into(), recorder: &mut recorder, next: &mut next, unseen: &mut || None },
        &CheckOptions::default().with_samples(None),
        &mut |exchange: &Exchange, _: &Judgement| {
            observed.push((exchange.origin.index, format!("{exchange:?}")));
        },
        &mut |_| ControlFlow::Continue(()),
    );
    let mut report = serde_json::to_value(report.expect("a recording")).expect("JSON");
    // Only a recording of all exchanges has a digest. Without a file, plans decide exchanges that are not recorded.
    assert_eq!(report["inputs"][0]["digest"].is_string(), lines.is_some());
    report["inputs"][0]["digest"] = Value::Null;
    report["reader"] = Value::Null;
    // The position of a byte is that in the lines that were recorded.
    for group in report["groups"].as_array_mut().into_iter().flatten() {
        for sample in group["samples"].as_array_mut().into_iter().flatten() {
            sample["position"]["byte"] = Value::Null;
        }
    }
    (report, observed)
}

#[test]
fn the_report_does_not_depend_on_a_recording() {
    let contract = charter_rules::from_documents([("openapi.json".to_owned(), CONTRACT.into())].into()).expect("a contract");
    let judge = Judge::new(&contract).expect("a judge");
    let exchange = |number: usize| {
        let body = if number % 5 == 4 { json!({"no": number}) } else { json!({"id": number.to_string()}) };
        Exchange::request("GET", format!("/orders/{number}"))
            .request_header("Authorization", "Bearer t0psecret")
            .response(200, body.to_string())
    };
    let exchanges: Vec<Exchange> = (0..40).map(exchange).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("a.ndjson");
    let (recorded, observed) = report(&judge, &exchanges, Some(&path));
    let (other, also_observed) = report(&judge, &exchanges, None);
    assert_eq!(recorded, other);
    assert_eq!(recorded["summary"]["broken"], 8, "{recorded}");
    let indexes = |observed: &[(usize, String)]| observed.iter().map(|(index, _)| *index).collect::<Vec<_>>();
    assert_eq!(indexes(&observed), indexes(&also_observed));
    assert_eq!(indexes(&observed), (0..40).filter(|number| number % 5 == 4).collect::<Vec<_>>());
    assert!(
        !other.to_string().contains("t0psecret") && also_observed.iter().all(|(_, exchange)| !exchange.contains("t0psecret")),
        "secrets are masked"
    );
}
