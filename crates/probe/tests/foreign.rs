//! A probe of a contract with other conventions: credentials by the security schemes of the document, integer ids, and pages in each form.

use std::ops::ControlFlow;

use charter_engine::{CheckOptions, Judge, check};
use charter_probe::{Credential, Plan, Subjects, probe};
use charter_test_server::{KEY, ReceivedRequest, Reply, Server, finding_ids, json_response, plan, text_report};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

/// A shop with one security scheme and one form of pages.
fn judge(scheme: &Value, list: &str) -> Judge {
    let folder = tempfile::tempdir().expect("a folder");
    let book = json!({"type": "object", "required": ["id", "price"], "properties": {"id": {"type": "integer"}, "price": {"type": "number", "minimum": 0}}});
    let ok = |schema: Value| json!({"200": {"description": "d", "content": {"application/json": {"schema": schema}}}});
    let document = json!({"openapi": "3.1.0", "info": {"title": "shop", "version": "1"}, "security": [{"key": []}],
        "components": {"securitySchemes": {"key": scheme}},
        "paths": {
            "/shops/{shop}/books": {"get": {"operationId": "list", "parameters": list_parameters(),
                "responses": ok(json!({"type": "object"}))}},
            "/shops/{shop}/books/{id}": {"get": {"operationId": "get", "parameters": [{"name": "shop", "in": "path", "required": true, "schema": {"type": "string"}},
                {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}], "responses": ok(book)}}}});
    std::fs::write(folder.path().join("openapi.json"), document.to_string()).expect("a file");
    let settings = format!("[probe]\noperation = \"get\"\n[probe.list]\noperation = \"list\"\nids = \"/data/*/id\"\n{list}\n");
    std::fs::write(folder.path().join("charter.toml"), settings).expect("a file");
    Judge::load(folder.path().to_str().expect("a path")).unwrap_or_else(|error| panic!("{error}"))
}

/// The parameters of the list: the path parameter, and the queries of all forms of pages.
fn list_parameters() -> Vec<Value> {
    let queries = ["after", "token", "p", "page", "offset"].map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}}));
    let shop = json!({"name": "shop", "in": "path", "required": true, "schema": {"type": "string"}});
    [shop].into_iter().chain(queries).collect()
}

/// The response to a request for a page.
type Page = fn(&ReceivedRequest) -> Reply;

fn listed(server: &Server) -> Plan {
    let mut plan = plan(server.url(), &[]);
    plan.subjects = Subjects::Listed { limit: None };
    plan.parameters = vec![("shop".to_owned(), "a b".to_owned())];
    plan
}

fn book(request: &ReceivedRequest) -> Reply {
    let id: u64 = request.path().rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or_default();
    // The third book violates the contract.
    json_response(200, &json!({"id": id, "price": if id == 3 { -1 } else { 1 }}))
}

fn books(ids: &[u64]) -> Value {
    json!({"data": ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()})
}

#[test]
fn the_key_is_sent_as_the_security_scheme_says() {
    let basic = {
        use base64::Engine as _;
        format!("Basic {}", base64::engine::general_purpose::STANDARD.encode(KEY))
    };
    let encoded = utf8_percent_encode(KEY, NON_ALPHANUMERIC).to_string();
    type Sent = Box<dyn Fn(&ReceivedRequest) -> bool>;
    let cases: [(Value, Sent); 5] = [
        (json!({"type": "apiKey", "in": "header", "name": "X-API-Key"}), Box::new(|request| request.header("x-api-key") == Some(KEY))),
        (
            json!({"type": "apiKey", "in": "query", "name": "key"}),
            Box::new(move |request| {
                request.target.to_lowercase().contains(&format!("key={encoded}").replace("%2E", ".").replace("%5F", "_").to_lowercase())
            }),
        ),
        (
            json!({"type": "apiKey", "in": "cookie", "name": "sid"}),
            Box::new(|request| request.header("cookie") == Some(&format!("sid={KEY}"))),
        ),
        (json!({"type": "http", "scheme": "basic"}), Box::new(move |request| request.header("authorization") == Some(&basic))),
        (json!({"type": "oauth2", "flows": {}}), Box::new(|request| request.header("authorization") == Some(&format!("Bearer {KEY}")))),
    ];
    for (scheme, is_sent) in cases {
        let server = Server::start(book);
        let mut plan = listed(&server);
        plan.subjects = Subjects::Ids(vec!["1".to_owned()]);
        plan.headers = vec![("X-Tenant".to_owned(), "north".to_owned())];
        let folder = tempfile::tempdir().expect("a folder");
        plan.record = Some(folder.path().join("a.ndjson"));
        let report = probe(&judge(&scheme, ""), &plan).expect("a report");
        assert!(report.is_kept() && report.groups.is_empty(), "{scheme}: {}", text_report(&report));
        let requests = server.requests();
        assert!(requests.len() == 1 && is_sent(&requests[0]), "{scheme}: {requests:?}");
        assert_eq!((requests[0].path(), requests[0].header("x-tenant")), ("/shops/a%20b/books/1", Some("north")));
        let recording = std::fs::read_to_string(folder.path().join("a.ndjson")).expect("a recording");
        assert!(!recording.contains("7f+Qz") && !recording.contains("7f%2BQz") && recording.contains("***"), "{recording}");
    }
}

#[test]
fn pages_are_followed_in_each_form_and_integer_ids_are_requested() {
    let header = json!({"type": "apiKey", "in": "header", "name": "X-API-Key"});
    let first = |target: &str| !target.contains('?');
    let forms: [(&str, Page); 5] = [
        ("next = \"/next\"\ncursor = \"after\"", |request| match request.target.split_once("after=") {
            None => {
                let mut page = books(&[1, 2]);
                page["next"] = json!(7);
                json_response(200, &page)
            }
            Some(_) => json_response(200, &books(&[3])),
        }),
        ("next-url = \"/links/next\"", |request| match request.target.contains("token") {
            false => {
                let mut page = books(&[1, 2]);
                page["links"] = json!({"next": "/shops/a%20b/books?token=x"});
                json_response(200, &page)
            }
            true => json_response(200, &books(&[3])),
        }),
        ("link-header = true", |request| match request.target.contains("?p=2") {
            false => json_response(200, &books(&[1, 2])).header("link", "</shops/a%20b/books?p=1>; rel=\"first\", <?p=2>; rel=\"next\""),
            true => json_response(200, &books(&[3])),
        }),
        ("page = \"page\"", |request| match request.target.split_once("page=").map(|(_, page)| page) {
            None => json_response(200, &books(&[1, 2])),
            Some("2") => json_response(200, &books(&[3])),
            _ => json_response(200, &books(&[])),
        }),
        ("offset = \"offset\"", |request| match request.target.split_once("offset=").map(|(_, offset)| offset) {
            None => json_response(200, &books(&[1, 2])),
            Some("2") => json_response(200, &books(&[3])),
            _ => json_response(200, &books(&[])),
        }),
    ];
    assert!(first("/a"));
    for (form, page) in forms {
        let server = Server::start(move |request| if request.path().ends_with("/books") { page(request) } else { book(request) });
        let report = probe(&judge(&header, form), &listed(&server)).expect("a report");
        let keyword = report.groups.iter().map(|group| group.keyword.clone().unwrap_or_default()).collect::<Vec<_>>();
        assert_eq!(keyword, ["minimum"], "{form}: {}", text_report(&report));
        let mut ids: Vec<String> = server
            .requests()
            .iter()
            .filter(|request| !request.path().ends_with("/books"))
            .map(|request| request.path().to_owned())
            .collect();
        ids.sort();
        assert_eq!(ids, [1, 2, 3].map(|id| format!("/shops/a%20b/books/{id}")), "{form}");
    }
}

/// Lists with the usual queries of one kind, and items.
fn usual(queries: &[&str]) -> Judge {
    let folder = tempfile::tempdir().expect("a folder");
    let ok = json!({"200": {"description": "d", "content": {"application/json": {"schema": {"type": "object"}}}}});
    let queries: Vec<Value> = queries.iter().map(|name| json!({"name": name, "in": "query", "schema": {"type": "string"}})).collect();
    let document = json!({"openapi": "3.1.0", "info": {"title": "shop", "version": "1"}, "paths": {
        "/books": {"get": {"operationId": "list", "parameters": queries, "responses": ok}},
        "/books/{id}": {"get": {"operationId": "get", "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}],
            "responses": ok}}}});
    std::fs::write(folder.path().join("openapi.json"), document.to_string()).expect("a file");
    Judge::load(folder.path().to_str().expect("a path")).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn pages_are_followed_without_settings_or_a_note_says_why_not() {
    /// The value of a query parameter.
    fn value<'r>(request: &'r ReceivedRequest, name: &str) -> Option<&'r str> {
        let (_, query) = request.target.split_once('?')?;
        query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
    }
    fn with(mut page: Value, members: Value) -> Reply {
        members.as_object().expect("members").iter().for_each(|(name, value)| page[name] = value.clone());
        json_response(200, &page)
    }
    let forms: [(&[&str], Page); 6] = [
        (&["cursor", "limit"], |request| match value(request, "cursor") {
            None => with(books(&[1, 2]), json!({"next_cursor": "c2"})),
            Some(_) => with(books(&[3]), json!({"next_cursor": null})),
        }),
        (&["page_token"], |request| match value(request, "page_token") {
            None => with(books(&[1, 2]), json!({"nextPageToken": "t"})),
            Some(_) => json_response(200, &books(&[3])),
        }),
        (&["page"], |request| match value(request, "page") {
            None => with(books(&[1, 2]), json!({"total_pages": 2})),
            Some("2") => with(books(&[3]), json!({"total_pages": 2})),
            _ => json_response(404, &json!({})),
        }),
        // Pages from 0, and a server that repeats the last page.
        (&["page", "size"], |request| match value(request, "page") {
            None => with(books(&[1, 2]), json!({"number": 0})),
            Some(_) => with(books(&[3]), json!({"number": 1})),
        }),
        (&["offset"], |request| match value(request, "offset") {
            None => with(books(&[1, 2]), json!({"total": 3})),
            Some("2") => with(books(&[3]), json!({"total": 3})),
            _ => json_response(404, &json!({})),
        }),
        (&["skip"], |request| match value(request, "skip") {
            None => json_response(200, &books(&[1, 2])),
            Some("2") => json_response(200, &books(&[3])),
            _ => json_response(200, &books(&[])),
        }),
    ];
    let all = |judge: &Judge, server: &Server| {
        let mut plan = plan(server.url(), &[]);
        plan.subjects = Subjects::Operations { ids: Vec::new(), limit: None };
        probe(judge, &plan).expect("a report")
    };
    for (queries, page) in forms {
        let server = Server::start(move |request| if request.path() == "/books" { page(request) } else { book(request) });
        let report = all(&usual(queries), &server);
        let mut ids: Vec<String> =
            server.requests().iter().filter_map(|request| request.path().strip_prefix("/books/").map(str::to_owned)).collect();
        ids.sort();
        assert_eq!((ids, report.is_kept()), (["1", "2", "3"].map(str::to_owned).to_vec(), true), "{queries:?}: {}", text_report(&report));
    }
    for members in [json!({"next_cursor": "c2"}), json!({"has_more": true}), json!({"total": 9})] {
        let server =
            Server::start(move |request| if request.path() == "/books" { with(books(&[1, 2]), members.clone()) } else { book(request) });
        let report = all(&usual(&["limit"]), &server);
        assert!(text_report(&report).contains("no query parameter of the operation has a usual name"), "{}", text_report(&report));
    }
}

#[test]
fn settings_that_do_not_fit_the_contract_are_found_without_a_server() {
    let folder = tempfile::tempdir().expect("a folder");
    let document = json!({"openapi": "3.1.0", "info": {"title": "shop", "version": "1"},
        "components": {"securitySchemes": {"ApiKey": {"type": "apiKey", "in": "header", "name": "x"}}},
        "paths": {"/books": {"get": {"operationId": "list", "responses": {}}, "post": {"operationId": "add", "responses": {}}}}});
    std::fs::write(folder.path().join("openapi.json"), document.to_string()).expect("a file");
    let settings = "[probe]\noperation = \"add\"\nfinished = \"self.x in [\"\n[probe.parameters]\nshop = \"a\"\n[probe.headers]\n\"a b\" = \"c\"\n\
        [probe.credentials]\nApiKei = \"K\"\n[probe.list]\noperation = \"lst\"\nids = \"data\"\ncursor = \"after\"\n\
        [[probe.lists]]\noperation = \"list\"\nids = \"/data/*/id\"\npage = \"p\"\nparameter = \"id\"\n";
    std::fs::write(folder.path().join("charter.toml"), settings).expect("a file");
    let contract = Judge::load(folder.path().to_str().expect("a path")).expect("a contract");
    let problems = charter_probe::setting_problems(contract.contract());
    let found: Vec<String> =
        problems.iter().map(|problem| format!("{} {}", if problem.is_error { "error" } else { "warning" }, problem.message)).collect();
    let wanted = [
        "error `operation` under [probe] names `add`, a POST operation",
        "error `finished` under [probe] is neither",
        "warning [probe.parameters]: no GET operation has a parameter `shop`",
        "error `a b` under [probe.headers]",
        "error the contract has no security scheme `ApiKei`",
        "error `operation` under [probe.list] names the operation `lst`",
        "error `ids` under [probe.list] is not a JSON Pointer",
        "warning `cursor` under [probe.list] has no effect without `next`",
        "warning `page` under [[probe.lists]]: `list` has no query parameter `p`",
        "warning `parameter` under [[probe.lists]]: no operation has a path parameter `id`",
    ];
    assert_eq!(found.len(), wanted.len(), "{found:#?}");
    for (found, wanted) in found.iter().zip(wanted) {
        assert!(found.starts_with(wanted), "{found}\n{wanted}");
    }
}

#[test]
fn a_list_without_usable_ids_is_not_a_success() {
    let header = json!({"type": "apiKey", "in": "header", "name": "X-API-Key"});
    for (page, why) in
        [(books(&[]), "no id at /data/*/id"), (json!({"data": [{"id": true}]}), "1 of 1 ids"), (json!({"items": []}), "no id at")]
    {
        let server = Server::start(move |_| json_response(200, &page));
        let report = probe(&judge(&header, ""), &listed(&server)).expect("a report");
        assert!(report.inputs[0].error.as_deref().is_some_and(|error| error.contains(why)), "{}", text_report(&report));
    }
}

/// Lists, items and the parts of items; a token of OAuth 2.0.
fn library() -> Judge {
    let folder = tempfile::tempdir().expect("a folder");
    let ok = |schema: Value| json!({"200": {"description": "d", "content": {"application/json": {"schema": schema}}}});
    let id = |name: &str| json!({"name": name, "in": "path", "required": true, "schema": {"type": "integer"}});
    let item = json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "title": {"type": "string"}}});
    let list = json!({"type": "array", "items": item});
    let document = json!({"openapi": "3.1.0", "info": {"title": "library", "version": "1"}, "security": [{"access": []}],
        "components": {"securitySchemes": {"access": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {"read": "r"}}}}}},
        "paths": {
            "/books": {"get": {"operationId": "books.list", "responses": ok(list.clone())}},
            "/books/{bookId}": {"get": {"operationId": "books.get", "parameters": [id("bookId")], "responses": ok(item.clone())}},
            "/books/{bookId}/copies": {"get": {"operationId": "copies.list", "parameters": [id("bookId")], "responses": ok(list)}},
            "/books/{bookId}/copies/{copyId}": {"get": {"operationId": "copies.get", "parameters": [id("bookId"), id("copyId")], "responses": ok(item)}},
            "/authors/{name}": {"get": {"operationId": "authors.get", "parameters": [{"name": "name", "in": "path", "required": true, "schema": {"type": "string"}}],
                "responses": ok(json!({"type": "object"}))}}}});
    std::fs::write(folder.path().join("openapi.json"), document.to_string()).expect("a file");
    Judge::load(folder.path().to_str().expect("a path")).unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn all_operations_are_requested_from_lists_to_items_with_a_requested_token() {
    let server = Server::start(|request| {
        if request.path() == "/token" {
            return json_response(200, &json!({"access_token": "tok_1234567890", "token_type": "bearer"}));
        }
        if request.header("authorization") != Some("Bearer tok_1234567890") {
            return json_response(401, &json!({}));
        }
        match request.path() {
            "/books" => json_response(200, &json!([{"id": 1}, {"id": 2}])),
            path if path.ends_with("/copies") => json_response(200, &json!([{"id": 7}])),
            // The fault: a title that is a number.
            "/books/2/copies/7" => json_response(200, &json!({"id": 7, "title": 5})),
            path => json_response(200, &json!({"id": path.rsplit('/').next().and_then(|id| id.parse::<u64>().ok())})),
        }
    });
    let mut plan = plan(server.url(), &[]);
    plan.key = None;
    plan.credentials = vec![Credential::new("access", charter_traffic::mask::Secret::new("client:secret_1234567890").expect("a secret"))];
    plan.subjects = Subjects::Operations { ids: Vec::new(), limit: None };
    let report = probe(&library(), &plan).expect("a report");
    let found: Vec<_> = report.groups.iter().map(|group| group.samples[0].exchange.url.clone().unwrap_or_default()).collect();
    assert!(found.len() == 1 && found[0].ends_with("/books/2/copies/7"), "{found:?} {}", text_report(&report));
    let paths: Vec<String> = server.requests().iter().map(|request| request.path().to_owned()).collect();
    for path in ["/token", "/books", "/books/1", "/books/2", "/books/1/copies", "/books/2/copies", "/books/1/copies/7", "/books/2/copies/7"]
    {
        assert_eq!(paths.iter().filter(|known| *known == path).count(), 1, "{path}: {paths:?}");
    }
    // The author has no list: the operation is named as not requested.
    assert!(text_report(&report).contains("authors.get"), "{}", text_report(&report));
    assert!(!serde_json::to_string(&report).expect("JSON").contains("secret_1234567890"));
}

#[test]
fn a_page_that_is_not_json_is_a_finding() {
    let header = json!({"type": "apiKey", "in": "header", "name": "X-API-Key"});
    let server = Server::start(|_| Reply::Response {
        status: 200,
        headers: vec![("content-type".to_owned(), "application/json".to_owned())],
        body: br#"{"data": [{"id": 1}, {"#.to_vec(),
    });
    let report = probe(&judge(&header, ""), &listed(&server)).expect("a report");
    assert_eq!(
        (report.inputs[0].error.as_deref(), finding_ids(&report)),
        (None, vec!["syntax.json".to_owned()]),
        "{}",
        text_report(&report)
    );
}

#[test]
fn retries_of_one_request_are_one_exchange_with_attempts() {
    let header = json!({"type": "apiKey", "in": "header", "name": "X-API-Key"});
    let server = Server::start(|request| match request.number {
        0 => json_response(503, &json!({})).header("retry-after", "0"),
        1 => Reply::Reset(Vec::new()),
        _ => book(request),
    });
    let mut plan = listed(&server);
    plan.subjects = Subjects::Ids(vec!["1".to_owned()]);
    plan.sending.retries = 3;
    let folder = tempfile::tempdir().expect("a folder");
    (plan.record, plan.record_har) = (Some(folder.path().join("a.ndjson")), Some(folder.path().join("a.har")));
    let judge = judge(&header, "");
    let report = probe(&judge, &plan).expect("a report");
    assert!(report.is_kept() && report.groups.is_empty() && report.summary.exchanges == 1, "{}", text_report(&report));
    let not_judged: Vec<_> = report.not_judged.iter().map(|part| (part.part.as_str(), part.reason.as_str(), part.count)).collect();
    assert_eq!(not_judged, [("get", "retried after status 503", 1)]);
    let recording = std::fs::read_to_string(folder.path().join("a.ndjson")).expect("a recording");
    let line: Value = serde_json::from_str(&recording).expect("one line");
    let attempts = line["attempts"].as_array().expect("attempts");
    assert!(attempts.len() == 2 && attempts.iter().all(|attempt| attempt["startedDateTime"].is_string()), "{line}");
    assert_eq!((&attempts[0]["status"], &attempts[1]["error"]["kind"]), (&json!(503), &json!("connection reset")));
    let har: Value = serde_json::from_str(&std::fs::read_to_string(folder.path().join("a.har")).expect("a HAR")).expect("JSON");
    assert_eq!(har["log"]["entries"][0]["_attempts"][0]["status"], json!(503));
    let files = [folder.path().join("a.ndjson").to_str().expect("a path").to_owned()];
    let checked = check(&judge, &files, &CheckOptions::default(), &mut |_| ControlFlow::Continue(()));
    assert!(checked.is_kept() && checked.summary.exchanges == 1, "{}", text_report(&checked));
}
