//! What a contract's settings make a probe do: list page by page, download, ask what else there is, and keep the key at home.

use std::collections::BTreeSet;

use charter_engine::Judge;
use charter_probe::{Plan, Subjects, probe};
use charter_test_server::{Asked, KEY, Reply, Server, answer, found, plan, shown};
use serde_json::json;

fn judge() -> Judge {
    Judge::load("tests/parcels").unwrap_or_else(|error| panic!("{error}"))
}

fn listed(server: &Server, limit: Option<usize>) -> Plan {
    let mut plan = plan(format!("{}/v2", server.url()), &[]);
    plan.subjects = Subjects::Listed { limit };
    plan
}

fn parcel(number: &str, photos: serde_json::Value) -> Reply {
    answer(200, &json!({"number": number, "delivered": true, "recipient": "Ann Example", "photos": photos}))
}

/// Three pages of two parcels, each with one photo.
fn depot(asked: &Asked) -> Reply {
    let page = |first: u32, after: serde_json::Value| {
        answer(200, &json!({"parcels": [{"number": format!("p{first}")}, {"number": format!("p{}", first + 1)}], "after": after}))
    };
    match asked.target.as_str() {
        "/v2/parcels" => page(1, json!("a b&c")),
        "/v2/parcels?after=a%20b%26c" => page(3, json!("last")),
        "/v2/parcels?after=last" => page(5, json!(null)),
        target if target.ends_with("/journey") => answer(200, &json!([])),
        target if target.contains("/photos/") => {
            Reply::Answer { status: 200, headers: vec![("content-type".to_owned(), "image/png".to_owned())], body: b"\x89PNG\x00".to_vec() }
        }
        _ => {
            parcel(asked.path().rsplit('/').next().unwrap_or_default(), json!([{"file": "front/1.png", "bytes": 5, "media": "image/png"}]))
        }
    }
}

#[test]
fn a_list_is_followed_to_its_end_or_its_limit() {
    let server = Server::start(depot);
    let report = probe(&judge(), &listed(&server, None)).expect("a report");
    assert!(report.is_kept() && report.groups.is_empty(), "{}", shown(&report));
    assert_eq!(report.summary.exchanges, 3 + 6);
    let server = Server::start(depot);
    let report = probe(&judge(), &listed(&server, Some(3))).expect("a report");
    assert_eq!(report.summary.exchanges, 2 + 3, "{}", shown(&report));
}

#[test]
fn a_list_that_leads_in_a_circle_ends() {
    let server = Server::start(|asked| match asked.path() {
        "/v2/parcels" => answer(200, &json!({"parcels": [{"number": "p1"}], "after": "x"})),
        _ => parcel("p1", json!([])),
    });
    let report = probe(&judge(), &listed(&server, None)).expect("a report");
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("repeats an earlier cursor")), "{}", shown(&report));
    assert_eq!(server.asked().iter().filter(|asked| asked.path() == "/v2/parcels").count(), 2);
}

#[test]
fn artifacts_are_downloaded_and_other_questions_asked() {
    let server = Server::start(depot);
    let mut plan = plan(format!("{}/v2", server.url()), &["p1"]);
    plan.artifacts = true;
    plan.related = true;
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.is_kept() && report.groups.is_empty(), "{}", shown(&report));
    let targets: BTreeSet<String> = server.asked().into_iter().map(|asked| asked.target).collect();
    assert_eq!(targets, ["/v2/parcels/p1", "/v2/parcels/p1/journey", "/v2/parcels/p1/photos/front%2F1.png"].map(str::to_owned).into());
}

#[test]
fn an_artifact_that_is_not_as_stated_is_found() {
    let server = Server::start(|asked| {
        if !asked.target.contains("/photos/") {
            let photo = |name: &str| json!({"file": name, "bytes": 5, "media": "image/png; q=1"});
            return parcel("p1", json!([photo("gone"), photo("longer"), photo("other"), photo("renamed"), photo("as/stated")]));
        }
        let reply = |kind: &str, body: &[u8]| Reply::Answer {
            status: 200,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.to_vec(),
        };
        match asked.path().rsplit('/').next().unwrap_or_default() {
            "gone" => answer(404, &json!({})),
            "longer" => reply("image/png", b"123456"),
            "other" => reply("text/plain", b"12345"),
            "renamed" => reply("IMAGE/PNG", b"12345").header("content-disposition", "attachment; filename=\"b.png\""),
            _ => reply("image/png;x=y", b"12345").header("content-disposition", "attachment; filename*=UTF-8''stated"),
        }
    });
    let mut plan = plan(format!("{}/v2", server.url()), &["p1"]);
    plan.artifacts = true;
    let report = probe(&judge(), &plan).expect("a report");
    assert_eq!(found(&report), ["artifact.missing", "artifact.length", "artifact.content-type", "artifact.name"], "{}", shown(&report));
    assert!(report.groups.iter().all(|group| group.kind.as_str() == "artifact" && group.count == 1));
    assert_eq!((report.summary.errors, report.summary.warnings), (1, 3));
}

#[test]
fn a_download_elsewhere_goes_without_the_key() {
    let other = Server::start(|_| Reply::Answer {
        status: 200,
        headers: vec![("content-type".to_owned(), "image/png".to_owned())],
        body: b"12345".to_vec(),
    });
    let away = format!("{}/bucket/1.png?X-Amz-Signature=abcdef", other.url());
    let server = Server::start(move |asked| match asked.target.as_str() {
        target if target.ends_with("/here") => {
            Reply::Answer { status: 307, headers: vec![("location".to_owned(), "../moved".to_owned())], body: Vec::new() }
        }
        target if target.ends_with("/moved") => {
            Reply::Answer { status: 302, headers: vec![("location".to_owned(), away.clone())], body: Vec::new() }
        }
        _ => parcel("p1", json!([{"file": "here", "bytes": 5, "media": "image/png"}])),
    });
    let mut plan = plan(format!("{}/v2", server.url()), &["p1"]);
    plan.artifacts = true;
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.is_kept() && report.groups.is_empty(), "{}", shown(&report));
    let there = other.asked();
    assert!(there.len() == 1 && there[0].header("authorization").is_none(), "{there:?}");
    assert!(there[0].headers.iter().all(|(_, value)| !value.contains(KEY)));
    assert!(server.asked().iter().all(|asked| asked.header("authorization").is_some()), "at home the key is needed");
}

#[test]
fn a_redirect_neither_climbs_down_to_plain_http_nor_goes_on_for_ever() {
    for (location, why) in [
        ("http://plain.example/1.png", "a redirect to http: is not followed"),
        ("file:///etc/passwd", "a redirect to file:"),
        ("here", "more than 10 redirects"),
    ] {
        let server = Server::start(move |asked| match asked.target.as_str() {
            target if target.ends_with("/here") => {
                Reply::Answer { status: 302, headers: vec![("location".to_owned(), location.to_owned())], body: Vec::new() }
            }
            _ => parcel("p1", json!([{"file": "here"}])),
        });
        let mut plan = plan(format!("{}/v2", server.url()), &["p1"]);
        plan.artifacts = true;
        let report = probe(&judge(), &plan).expect("a report");
        assert_eq!(found(&report), ["http.no-answer"], "{}", shown(&report));
        assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains(why)), "{:?}", report.inputs);
        assert!(server.asked().len() <= 12);
    }
}

#[test]
fn a_json_answer_that_leads_elsewhere_is_not_followed() {
    let other = Server::start(depot);
    let away = format!("{}/v2/parcels/p1", other.url());
    let server =
        Server::start(move |_| Reply::Answer { status: 307, headers: vec![("location".to_owned(), away.clone())], body: Vec::new() });
    let report = probe(&judge(), &plan(format!("{}/v2", server.url()), &["p1"])).expect("a report");
    assert_eq!(found(&report), ["http.undocumented-status"], "{}", shown(&report));
    assert!(other.asked().is_empty());
}
