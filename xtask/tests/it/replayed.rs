//! Every rule over HTTP: a server replays the bundled recording that violates the rule, and the probe finds only that rule. Recordings
//! without violations are replayed without a finding.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::common::{Reply, Server, finding_ids, judge, plan, text_report};
use charter_engine::Judge;
use charter_probe::{Plan, Sections, probe};
use charter_report::Report;
use charter_traffic::exchange::{Body, Exchange};
use charter_traffic::read::{Limits, Source, read};
use url::Url;

const RECORDINGS: &str = "../contract-tests/recordings";

fn exchanges(path: &Path) -> Vec<Exchange> {
    let mut exchanges = Vec::new();
    // Entries that are not exchanges cannot be replayed.
    let _ = read(&Source::File(path.to_owned()), &Limits::default(), &mut |entry| {
        exchanges.extend(entry);
        ControlFlow::Continue(())
    });
    exchanges
}

/// The id and the sections of an exchange, if it is a request for a run with a key and has a response.
fn requested(exchange: &Exchange) -> Option<(String, Vec<String>)> {
    let request = exchange.request.as_ref()?;
    let url = Url::parse("https://host").and_then(|base| base.join(&request.url)).ok()?;
    let id = url.path().strip_prefix("/api/v1/runs/").filter(|id| !id.contains('/'))?;
    let with_key = !request.headers().get_all("authorization").is_empty();
    let whole = exchange.response.as_ref()?.body().bytes().is_some();
    let (mut sections, mut readable) = (Vec::new(), true);
    for (name, value) in request.query() {
        readable &= name == "expand";
        sections.extend(value.split(',').map(|section| section.trim().to_owned()));
    }
    readable &= sections.iter().all(|section| ["input", "usage", "execution", "debug"].contains(&section.as_str()));
    (request.method == "GET" && with_key && whole && readable && exchange.provoked.is_none()).then(|| (id.to_owned(), sections))
}

/// Replays exchanges one after another; `None` if a probe sends no such requests.
fn replay(judge: &Judge, exchanges: Vec<Exchange>) -> Option<Report> {
    let requests: Vec<_> = exchanges.iter().map(requested).collect::<Option<_>>()?;
    let (_, sections) = requests.first()?.clone();
    if requests.iter().any(|(_, other)| *other != sections) {
        return None;
    }
    let replies = exchanges.into_iter().filter_map(|exchange| {
        let response = exchange.response?;
        let Body::Bytes { bytes, .. } = response.message.body else { return None };
        // The server sets the length and the connection itself.
        let own = |name: &str| ["content-length", "connection", "transfer-encoding"].iter().any(|own| name.eq_ignore_ascii_case(own));
        let headers = response.message.headers.fields.into_iter().filter(|(name, _)| !own(name)).collect();
        Some(Reply::Response { status: response.status, headers, body: bytes })
    });
    let replies = Mutex::new(replies.collect::<std::collections::VecDeque<_>>());
    let server = Server::start(move |_| replies.lock().expect("the replies").pop_front().unwrap_or(Reply::Silence));
    let ids: Vec<&str> = requests.iter().map(|(id, _)| id.as_str()).collect();
    let mut plan: Plan = plan(server.url(), &ids);
    plan.sections = if sections.is_empty() { Sections::None } else { Sections::Named(sections) };
    plan.sending.concurrency = 1;
    plan.sending.retries = 0;
    Some(probe(judge, &plan).expect("a report"))
}

fn recordings(folder: &str) -> BTreeMap<String, PathBuf> {
    let entries = std::fs::read_dir(format!("{RECORDINGS}/{folder}")).expect("the recordings");
    let paths =
        entries.map(|entry| entry.expect("an entry").path()).filter(|path| path.extension().is_some_and(|extension| extension == "ndjson"));
    paths.map(|path| (path.file_stem().expect("a name").to_string_lossy().into_owned(), path)).collect()
}

#[test]
fn only_the_violated_rule_is_found() {
    let judge = judge();
    let rules: Vec<String> = judge.contract().invariants().invariants.iter().map(|rule| rule.id.clone()).collect();
    let broken = recordings("broken");
    let (mut replayed, mut skipped) = (0, BTreeSet::new());
    for rule in &rules {
        match broken.get(rule).and_then(|path| replay(&judge, exchanges(path))) {
            Some(report) => {
                assert_eq!(finding_ids(&report), std::slice::from_ref(rule), "{rule}\n{}", text_report(&report));
                replayed += 1;
            }
            None => {
                skipped.insert(rule.as_str());
            }
        }
    }
    // Other tests cover rules over time and rules of other operations.
    let compared = |rule: &str| judge.contract().invariants().get(rule).is_some_and(|rule| rule.earlier.is_some());
    assert!(skipped.iter().all(|rule| compared(rule) || !rule.starts_with("run.")), "{skipped:?}");
    assert!(replayed >= 85, "{replayed} of {} rules; skipped: {skipped:?}", rules.len());
}

#[test]
fn recordings_without_violations_have_no_finding_over_http() {
    let judge = judge();
    let mut replayed = 0;
    for (name, path) in recordings("kept") {
        for exchange in exchanges(&path) {
            if let Some(report) = replay(&judge, vec![exchange]) {
                assert!(report.groups.is_empty(), "{name}\n{}", text_report(&report));
                replayed += report.summary.kept;
            }
        }
    }
    assert!(replayed >= 40, "{replayed} exchanges replayed");
}
