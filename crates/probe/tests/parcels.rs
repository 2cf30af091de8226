//! The effect of a contract's settings on a probe: lists, downloads, related operations, and where the key is sent.

use std::collections::BTreeSet;

use charter_engine::Judge;
use charter_probe::{Plan, Subjects, probe};
use charter_test_server::{KEY, ReceivedRequest, Reply, Server, finding_ids, json_response, plan, text_report};
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
    json_response(200, &json!({"number": number, "delivered": true, "recipient": "Ann Example", "photos": photos}))
}

/// Three pages of two parcels, each with one photo.
fn depot(request: &ReceivedRequest) -> Reply {
    let page = |first: u32, after: serde_json::Value| {
        json_response(200, &json!({"parcels": [{"number": format!("p{first}")}, {"number": format!("p{}", first + 1)}], "after": after}))
    };
    match request.target.as_str() {
        "/v2/parcels" => page(1, json!("a b&c")),
        "/v2/parcels?after=a%20b%26c" => page(3, json!("last")),
        "/v2/parcels?after=last" => page(5, json!(null)),
        target if target.ends_with("/journey") => json_response(200, &json!([])),
        target if target.contains("/photos/") => Reply::Response {
            status: 200,
            headers: vec![("content-type".to_owned(), "image/png".to_owned())],
            body: b"\x89PNG\x00".to_vec(),
        },
        _ => parcel(
            request.path().rsplit('/').next().unwrap_or_default(),
            json!([{"file": "front/1.png", "bytes": 5, "media": "image/png"}]),
        ),
    }
}

#[test]
fn a_list_is_followed_to_its_end_or_its_limit() {
    let server = Server::start(depot);
    let report = probe(&judge(), &listed(&server, None)).expect("a report");
    assert!(report.is_kept() && report.groups.is_empty(), "{}", text_report(&report));
    assert_eq!(report.summary.exchanges, 3 + 6);
    let server = Server::start(depot);
    let report = probe(&judge(), &listed(&server, Some(3))).expect("a report");
    assert_eq!(report.summary.exchanges, 2 + 3, "{}", text_report(&report));
}

#[test]
fn a_list_with_a_repeated_cursor_ends() {
    let server = Server::start(|request| match request.path() {
        "/v2/parcels" => json_response(200, &json!({"parcels": [{"number": "p1"}], "after": "x"})),
        _ => parcel("p1", json!([])),
    });
    let report = probe(&judge(), &listed(&server, None)).expect("a report");
    assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains("repeats an earlier cursor")), "{}", text_report(&report));
    assert_eq!(server.requests().iter().filter(|request| request.path() == "/v2/parcels").count(), 2);
}

#[test]
fn artifacts_and_related_operations_are_requested() {
    let server = Server::start(depot);
    let mut plan = plan(format!("{}/v2", server.url()), &["p1"]);
    plan.artifacts = true;
    plan.related = true;
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.is_kept() && report.groups.is_empty(), "{}", text_report(&report));
    let targets: BTreeSet<String> = server.requests().into_iter().map(|request| request.target).collect();
    assert_eq!(targets, ["/v2/parcels/p1", "/v2/parcels/p1/journey", "/v2/parcels/p1/photos/front%2F1.png"].map(str::to_owned).into());
}

#[test]
fn an_artifact_that_differs_from_its_description_is_a_finding() {
    let server = Server::start(|request| {
        if !request.target.contains("/photos/") {
            let photo = |name: &str| json!({"file": name, "bytes": 5, "media": "image/png; q=1"});
            return parcel("p1", json!([photo("gone"), photo("longer"), photo("other"), photo("renamed"), photo("as/stated")]));
        }
        let reply = |kind: &str, body: &[u8]| Reply::Response {
            status: 200,
            headers: vec![("content-type".to_owned(), kind.to_owned())],
            body: body.to_vec(),
        };
        match request.path().rsplit('/').next().unwrap_or_default() {
            "gone" => Reply::Response { status: 404, headers: Vec::new(), body: Vec::new() },
            "longer" => reply("image/png", b"123456"),
            "other" => reply("text/plain", b"12345"),
            "renamed" => reply("IMAGE/PNG", b"12345").header("content-disposition", "attachment; filename=\"b.png\""),
            _ => reply("image/png;x=y", b"12345").header("content-disposition", "attachment; filename*=UTF-8''stated"),
        }
    });
    let mut plan = plan(format!("{}/v2", server.url()), &["p1"]);
    plan.artifacts = true;
    let report = probe(&judge(), &plan).expect("a report");
    assert_eq!(
        finding_ids(&report),
        ["artifact.missing", "artifact.length", "artifact.content-type", "artifact.name"],
        "{}",
        text_report(&report)
    );
    assert!(report.groups.iter().all(|group| group.kind.as_str() == "artifact" && group.count == 1));
    assert_eq!((report.summary.errors, report.summary.warnings), (1, 3));
}

#[test]
fn a_download_from_another_server_is_requested_without_the_key() {
    let other = Server::start(|_| Reply::Response {
        status: 200,
        headers: vec![("content-type".to_owned(), "image/png".to_owned())],
        body: b"12345".to_vec(),
    });
    let away = format!("{}/bucket/1.png?X-Amz-Signature=abcdef", other.url());
    let server = Server::start(move |request| match request.target.as_str() {
        target if target.ends_with("/here") => {
            Reply::Response { status: 307, headers: vec![("location".to_owned(), "../moved".to_owned())], body: Vec::new() }
        }
        target if target.ends_with("/moved") => {
            Reply::Response { status: 302, headers: vec![("location".to_owned(), away.clone())], body: Vec::new() }
        }
        _ => parcel("p1", json!([{"file": "here", "bytes": 5, "media": "image/png"}])),
    });
    let mut plan = plan(format!("{}/v2", server.url()), &["p1"]);
    plan.artifacts = true;
    let report = probe(&judge(), &plan).expect("a report");
    assert!(report.is_kept() && report.groups.is_empty(), "{}", text_report(&report));
    let requests = other.requests();
    assert!(requests.len() == 1 && requests[0].header("authorization").is_none(), "{requests:?}");
    assert!(requests[0].headers.iter().all(|(_, value)| !value.contains(KEY)));
    assert!(
        server.requests().iter().all(|request| request.header("authorization").is_some()),
        "requests to the server itself have the key"
    );
}

#[test]
fn redirects_to_plain_http_and_endless_redirects_are_not_followed() {
    for (location, why) in [
        ("http://plain.example/1.png", "a redirect to http: is not followed"),
        ("file:///etc/passwd", "a redirect to file:"),
        ("here", "more than 10 redirects"),
    ] {
        let server = Server::start(move |request| match request.target.as_str() {
            target if target.ends_with("/here") => {
                Reply::Response { status: 302, headers: vec![("location".to_owned(), location.to_owned())], body: Vec::new() }
            }
            _ => parcel("p1", json!([{"file": "here"}])),
        });
        let mut plan = plan(format!("{}/v2", server.url()), &["p1"]);
        plan.artifacts = true;
        let report = probe(&judge(), &plan).expect("a report");
        assert_eq!(finding_ids(&report), ["http.no-answer"], "{}", text_report(&report));
        assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains(why)), "{:?}", report.inputs);
        assert!(server.requests().len() <= 12);
    }
}

#[test]
fn a_redirect_of_a_json_response_is_not_followed() {
    let other = Server::start(depot);
    let away = format!("{}/v2/parcels/p1", other.url());
    let server =
        Server::start(move |_| Reply::Response { status: 307, headers: vec![("location".to_owned(), away.clone())], body: Vec::new() });
    let report = probe(&judge(), &plan(format!("{}/v2", server.url()), &["p1"])).expect("a report");
    assert_eq!(finding_ids(&report), ["http.undocumented-status"], "{}", text_report(&report));
    assert!(other.requests().is_empty());
}
