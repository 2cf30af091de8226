//! `charter probe` against servers on loopback whose APIs have other conventions.

use std::io::Write as _;
use std::path::Path;
use std::process::Output;

use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter_test_server::{ReceivedRequest, Reply, Server, json_response};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// A contract in a folder of its own.
struct Contract(TempDir);

impl Contract {
    fn new(document: &Value, settings: &str) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        std::fs::write(folder.path().join("openapi.json"), document.to_string()).expect("a file");
        std::fs::write(folder.path().join("charter.toml"), settings).expect("a file");
        Self(folder)
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.0.path().join(name)
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    /// Runs `probe` with these environment variables.
    fn probe(&self, base_url: &str, arguments: &[&str], variables: &[(&str, &str)]) -> Output {
        let mut command = Command::cargo_bin("charter").expect("the command is built");
        command.current_dir(self.0.path()).env_remove("CHARTER_API_KEY").env("CI", "1").envs(variables.iter().copied());
        command.args(["probe", "--contract", ".", "--base-url", base_url]).args(arguments);
        command.output().expect("it runs")
    }

    /// Runs `probe`, asserts the exit code, and returns what it printed.
    fn check(&self, base_url: &str, arguments: &[&str], code: i32) -> String {
        let output = self.probe(base_url, arguments, &[]);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {text}");
        text
    }
}

fn text(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// A document with `GET` operations: the path, the operationId, the schema of the response, and other members of the operation.
fn document(operations: &[(&str, &str, Value, Value)]) -> Value {
    let mut paths = json!({});
    for (path, id, schema, more) in operations {
        let parameters = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        let parameters: Vec<Value> =
            parameters.map(|name| json!({"name": name, "in": "path", "required": true, "schema": {"type": "integer"}})).collect();
        let mut operation = json!({"operationId": id, "parameters": parameters,
            "responses": {"200": {"description": "d", "content": {"application/json": {"schema": schema}}}}});
        for (name, value) in more.as_object().into_iter().flatten() {
            match (name.as_str(), value) {
                ("parameters", Value::Array(more)) => operation["parameters"].as_array_mut().expect("a list").extend(more.clone()),
                _ => operation[name] = value.clone(),
            }
        }
        paths[path] = json!({"get": operation});
    }
    json!({"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": paths})
}

fn query(name: &str) -> Value {
    json!({"name": name, "in": "query", "schema": {"type": "string"}})
}

fn item() -> Value {
    json!({"type": "object", "required": ["id"], "properties": {"id": {"type": "integer"}, "price": {"type": "number", "minimum": 0}}})
}

/// The paths of the requests, sorted.
fn paths(server: &Server) -> Vec<String> {
    let mut paths: Vec<String> = server.requests().iter().map(|request| request.path().to_owned()).collect();
    paths.sort();
    paths
}

fn id_of(request: &ReceivedRequest) -> u64 {
    request.path().rsplit('/').next().and_then(|id| id.parse().ok()).unwrap_or_default()
}

#[test]
fn a_probe_without_a_request_exits_with_3() {
    let server = Server::start(|_| json_response(200, &json!({"data": []})));
    let only_item = Contract::new(&document(&[("/books/{id}", "books.get", item(), json!({}))]), "");
    let printed = only_item.check(&server.url(), &["--all"], 3);
    assert!(printed.contains("no request was sent") && printed.contains("no value of the path parameter `id`"), "{printed}");
    assert!(server.requests().is_empty());
    let only_item = only_item.check(&server.url(), &["--operation", "books.get"], 3);
    assert!(only_item.contains("books.get"), "{only_item}");
    let operations = [("/books", "books.list", json!({"type": "object"}), json!({})), ("/books/{id}", "books.get", item(), json!({}))];
    let listed = Contract::new(
        &document(&operations),
        "[probe]\noperation = \"books.get\"\n[probe.list]\noperation = \"books.list\"\nids = \"/data/*/id\"",
    );
    let printed = listed.check(&server.url(), &["--list"], 3);
    assert!(printed.contains("no id at /data/*/id, so that no resource was requested"), "{printed}");
}

#[test]
fn parameters_and_header_fields_are_sent() {
    let server = Server::start(|request| json_response(200, &json!({"id": id_of(request)})));
    let parameters = json!({"parameters": [
        query("sort"),
        {"name": "lang", "in": "query", "required": true, "schema": {"enum": ["en", "de"]}},
        {"name": "X-Region", "in": "header", "required": true, "schema": {"type": "string"}},
        {"name": "view", "in": "cookie", "required": true, "schema": {"type": "string"}}]});
    let contract = Contract::new(
        &document(&[("/shops/{shop}/books/{book}", "books.get", item(), parameters)]),
        "[probe.parameters]\nshop = \"1\"\n\"books.get.sort\" = \"a b\"\n[probe.headers]\nX-Trace = \"on\"",
    );
    let missing = contract.check(&server.url(), &["--operation", "books.get", "--param", "book=7"], 3);
    assert!(missing.contains("header parameter `X-Region`"), "{missing}");
    let arguments = [
        "--operation",
        "books.get",
        "--param",
        "book=7",
        "--param",
        "shop=2",
        "--param",
        "X-Region=north",
        "--param",
        "view=all",
        "--header",
        "X-Plain=1=2",
        "--header-env",
        "X-Secret=PROBE_TEST_SECRET",
        "--record",
        "a.ndjson",
    ];
    let output = contract.probe(&server.url(), &arguments, &[("PROBE_TEST_SECRET", "hidden-value-1")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let requests = server.requests();
    let [request] = &requests[..] else { panic!("{requests:?}") };
    // The flag takes precedence over the setting, and a required parameter without a value has the first documented one.
    assert_eq!(request.target, "/shops/2/books/7?sort=a%20b&lang=en");
    for (name, value) in
        [("x-region", "north"), ("cookie", "view=all"), ("x-plain", "1=2"), ("x-secret", "hidden-value-1"), ("x-trace", "on")]
    {
        assert_eq!(request.header(name), Some(value), "{name}");
    }
    assert!(!contract.read("a.ndjson").contains("hidden-value-1"));
    for (arguments, why) in [
        (["--header-env", "X-Secret=PROBE_TEST_UNSET"], "--header-env X-Secret: the environment variable is not set"),
        (["--credential", "none=PROBE_TEST_SECRET"], "no security scheme `none`"),
        (["--param", "book"], "expected NAME=VALUE"),
    ] {
        let output = contract.probe(&server.url(), &[&["--all"][..], &arguments].concat(), &[("PROBE_TEST_SECRET", "hidden-value-1")]);
        assert!(output.status.code() == Some(2) && text(&output).contains(why), "{}", text(&output));
    }
}

#[test]
fn content_codings_are_requested_and_decoded() {
    let body = br#"{"id": 3, "price": -1}"#.to_vec();
    let gzip = {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        encoder.write_all(&body).and_then(|()| encoder.finish()).expect("gzip")
    };
    // Brotli: an uncompressed last block, RFC 7932, section 9.2.
    let brotli = [&b"\x8b\x0a\x80"[..], br#"{"id": 3, "price": -1}"#, b"\x03"].concat();
    for (coding, coded) in [("gzip", gzip), ("br", brotli), ("zstd", zstd::encode_all(&body[..], 3).expect("zstd")), ("identity", body)] {
        let server = Server::start(move |_| Reply::Response {
            status: 200,
            headers: [("content-type", "application/json"), ("content-encoding", coding)]
                .map(|(a, b)| (a.to_owned(), b.to_owned()))
                .to_vec(),
            body: coded.clone(),
        });
        let contract = Contract::new(&document(&[("/book", "books.get", item(), json!({}))]), "");
        let printed = contract.check(&server.url(), &["--all"], 1);
        assert!(printed.contains("schema.minimum") && printed.contains("1 error"), "{coding}: {printed}");
        assert_eq!(server.requests()[0].header("accept-encoding"), Some("gzip, deflate, br, zstd"), "{coding}");
    }
    let server = Server::start(|_| json_response(200, &json!({"id": 3})).header("content-encoding", "gzip"));
    let contract = Contract::new(&document(&[("/book", "books.get", item(), json!({}))]), "");
    let printed = contract.check(&server.url(), &["--all"], 3);
    assert!(printed.contains("the body is not in the content coding `gzip`"), "{printed}");
}

#[test]
fn the_path_of_the_base_url_is_a_base_path() {
    let server = Server::start(|request| json_response(200, &json!({"id": id_of(request)})));
    let mut document = document(&[("/books/{id}", "books.get", item(), json!({}))]);
    document["servers"] = json!([{"url": "https://api.example/v1"}]);
    let contract = Contract::new(&document, "");
    for base in ["", "/", "/staging", "/staging/", "/v1"] {
        let printed = contract.check(&format!("{}{base}", server.url()), &["7"], 0);
        assert!(printed.contains("kept: 1 exchange"), "{printed}");
        let target = server.requests().last().expect("a request").target.clone();
        assert_eq!(target, format!("{}/books/7", base.trim_end_matches('/')));
    }
}

/// The response of a list with three items on two pages, which follow each other in one way.
type Page = fn(&ReceivedRequest) -> Reply;

/// The ways in which pages follow each other: the settings of the list, and its responses.
fn pagings() -> [(&'static str, Page); 6] {
    fn items(ids: &[u64]) -> Value {
        json!({"items": ids.iter().map(|id| json!({"id": id})).collect::<Vec<_>>()})
    }
    fn page(ids: &[u64], member: &str, value: Value) -> Reply {
        let mut page = items(ids);
        page[member] = value;
        json_response(200, &page)
    }
    fn numbered(request: &ReceivedRequest, parameter: &str, second: &str) -> Reply {
        match request.target.split_once(&format!("{parameter}=")).map(|(_, value)| value) {
            None => json_response(200, &items(&[1, 2])),
            Some(value) if value == second => json_response(200, &items(&[3])),
            Some(_) => json_response(200, &items(&[])),
        }
    }
    [
        ("next = \"/next\"\ncursor = \"after\"", |request| {
            if request.target.contains("after=c%2B1") { page(&[3], "next", Value::Null) } else { page(&[1, 2], "next", "c+1".into()) }
        }),
        ("next-url = \"/links/next\"", |request| {
            let next = json!({"next": format!("{}?token=2", request.path())});
            if request.target.contains("token=2") { page(&[3], "links", json!({})) } else { page(&[1, 2], "links", next) }
        }),
        ("link-header = true", |request| {
            if request.target.contains("p=2") {
                return json_response(200, &items(&[3]));
            }
            json_response(200, &items(&[1, 2])).header("link", "<?p=1>; rel=first, <?p=2>; rel=\"next\"")
        }),
        ("page = \"page\"", |request| numbered(request, "page", "2")),
        ("page = \"page\"\nfirst-page = 0", |request| numbered(request, "page", "1")),
        ("offset = \"offset\"", |request| numbered(request, "offset", "2")),
    ]
}

#[test]
fn pages_follow_each_other_in_every_way_below_other_items() {
    let names = ["after", "token", "p", "page", "offset"];
    let queries = json!({"parameters": names.map(query)});
    let operations = [
        // Items before lists: the order of the document is not that of the requests.
        ("/shops/{shopId}/books/{bookId}", "books.get", item(), json!({})),
        ("/shops/{shopId}/books", "books.list", json!({"type": "object"}), queries.clone()),
        ("/shops/{shopId}", "shops.get", item(), json!({})),
        ("/shops", "shops.list", json!({"type": "object"}), queries),
    ];
    for (settings, page) in pagings() {
        let server = Server::start(move |request| match request.path().trim_matches('/').split('/').count() {
            1 | 3 => page(request),
            // The fault: the price of the last book of the last shop.
            _ if request.path() == "/shops/3/books/3" => json_response(200, &json!({"id": 3, "price": -1})),
            _ => json_response(200, &json!({"id": id_of(request)})),
        });
        let table = |operation: &str| format!("[[probe.lists]]\noperation = \"{operation}\"\nids = \"/items/*/id\"\n{settings}\n");
        let contract = Contract::new(&document(&operations), &format!("{}{}", table("shops.list"), table("books.list")));
        let printed = contract.check(&server.url(), &["--all"], 1);
        assert!(printed.contains("/shops/3/books/3") && printed.contains("; 1 error"), "{settings}: {printed}");
        let mut paths = paths(&server);
        paths.retain(|path| !path.ends_with("s"));
        let wanted: Vec<String> = (1..=3)
            .flat_map(|shop| {
                std::iter::once(format!("/shops/{shop}")).chain((1..=3).map(move |book| format!("/shops/{shop}/books/{book}")))
            })
            .collect();
        assert_eq!(paths, wanted, "{settings}");
        let list = |path: &str| server.requests().iter().position(|request| request.path() == path);
        assert!(list("/shops") < list("/shops/1") && list("/shops/1/books") < list("/shops/1/books/1"), "{settings}");
    }
}

#[test]
fn an_endless_list_ends() {
    let server = Server::start(|request| match request.path() {
        "/books" => json_response(200, &json!({"items": [{"id": 1}], "next": "x"})),
        _ => json_response(200, &json!({"id": 1})),
    });
    let operations = [
        ("/books", "books.list", json!({"type": "object"}), json!({"parameters": [query("after")]})),
        ("/books/{id}", "books.get", item(), json!({})),
    ];
    let settings = "[probe]\noperation = \"books.get\"\n[probe.list]\noperation = \"books.list\"\nids = \"/items/*/id\"\nnext = \"/next\"\ncursor = \"after\"";
    let contract = Contract::new(&document(&operations), settings);
    for arguments in [["--all"], ["--list"]] {
        let printed = contract.check(&server.url(), &arguments, 3);
        assert!(printed.contains("a page repeats an earlier cursor"), "{printed}");
    }
}

#[test]
fn a_resource_is_finished_by_any_expression() {
    for (finished, last) in [
        ("self.status in ['done', 'failed']", json!({"id": 1, "status": "failed"})),
        ("has(self.steps) && self.steps.all(step, step.left == 0)", json!({"id": 1, "steps": [{"left": 0}]})),
        ("/done", json!({"id": 1, "done": true})),
    ] {
        let server = Server::start(move |request| {
            json_response(200, &if request.number < 2 { json!({"id": 1, "status": "open"}) } else { last.clone() })
        });
        let settings = format!("[probe]\nfinished = {}", json!(finished));
        let contract = Contract::new(&document(&[("/jobs/{id}", "jobs.get", item(), json!({}))]), &settings);
        contract.check(&server.url(), &["1", "--until-finished", "--interval", "10ms", "--wait", "20s"], 0);
        assert_eq!(server.requests().len(), 3, "{finished}");
    }
    let server = Server::start(|_| json_response(200, &json!({"id": 1})));
    let contract = Contract::new(&document(&[("/jobs/{id}", "jobs.get", item(), json!({}))]), "[probe]\nfinished = \"self.id\"");
    let printed = contract.check(&server.url(), &["1", "--until-finished", "--interval", "10ms", "--wait", "50ms"], 3);
    assert!(printed.contains("`finished` under [probe] is not a boolean"), "{printed}");
}

/// The credentials of each security scheme: its name, its description, and the secret that the environment variable has.
fn schemes() -> [(&'static str, Value, &'static str); 7] {
    [
        ("header", json!({"type": "apiKey", "in": "header", "name": "X-Entry"}), "hd/Aq+7Zs=91"),
        ("query", json!({"type": "apiKey", "in": "query", "name": "entry"}), "qr/Bq+7Zs=92"),
        ("cookie", json!({"type": "apiKey", "in": "cookie", "name": "entry"}), "ckCq7Zs9300"),
        ("basic", json!({"type": "http", "scheme": "basic"}), "ann:bsDq7Zs9400"),
        ("bearer", json!({"type": "http", "scheme": "bearer"}), "brEq7Zs9500"),
        ("openid", json!({"type": "openIdConnect", "openIdConnectUrl": "https://id.example"}), "oiGq7Zs9700"),
        (
            "oauth",
            json!({"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "/token", "scopes": {}}}}),
            "shop-client:oaFq7Zs9600",
        ),
    ]
}

const TOKEN: &str = "tkHq7Zs9800";

/// Whether a request has the credentials of the scheme that its path names.
fn is_authorized(request: &ReceivedRequest) -> bool {
    let scheme = request.path().trim_matches('/');
    let secret = schemes().into_iter().find(|(name, ..)| *name == scheme).map(|(.., secret)| secret).unwrap_or_default();
    let authorization = request.header("authorization").unwrap_or_default();
    match scheme {
        "header" => request.header("x-entry") == Some(secret),
        "query" => request.target.ends_with(&format!("entry={}", utf8_percent_encode(secret, NON_ALPHANUMERIC))),
        "cookie" => request.header("cookie") == Some(&format!("entry={secret}")),
        "basic" => authorization == format!("Basic {}", STANDARD.encode(secret)),
        "oauth" => authorization == format!("Bearer {TOKEN}"),
        _ => authorization == format!("Bearer {secret}"),
    }
}

#[test]
fn every_security_scheme_is_sent_and_no_secret_is_written() {
    let server = Server::start(|request| {
        if request.path() == "/token" {
            let client = request.header("authorization") == Some(&format!("Basic {}", STANDARD.encode("shop%2Dclient:oaFq7Zs9600")));
            return if client { json_response(200, &json!({"access_token": TOKEN})) } else { json_response(401, &json!({})) };
        }
        // The server repeats every secret, in places that findings quote.
        let fields: Vec<String> = request.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
        let authorization = request.header("authorization").unwrap_or_default();
        let decoded = authorization.strip_prefix("Basic ").and_then(|text| STANDARD.decode(text).ok()).unwrap_or_default();
        let decoded = String::from_utf8_lossy(&decoded).into_owned();
        let echo = json!([request.target, fields, decoded]);
        let status = if is_authorized(request) { 200 } else { 401 };
        let cookie = format!("last={}", authorization.replace(' ', "-"));
        json_response(status, &json!({"id": echo, "price": decoded, authorization: fields}))
            .header("x-echo", &fields.join("; "))
            .header("set-cookie", &cookie)
    });
    let operations = schemes().map(|(name, ..)| {
        let responses =
            json!({"200": {"description": "d", "content": {"application/json": {"schema": item()}}}, "401": {"description": "d"}});
        (format!("/{name}"), name, json!({"security": [{name: []}], "responses": responses}))
    });
    let operations: Vec<_> = operations.iter().map(|(path, id, more)| (path.as_str(), *id, item(), more.clone())).collect();
    let mut document = document(&operations);
    document["components"] = json!({"securitySchemes": schemes().into_iter().map(|(name, scheme, _)| (name.to_owned(), scheme)).collect::<serde_json::Map<_, _>>()});
    // Half of the credentials are named by the settings, the others by flags.
    let settings = "[probe.credentials]\nheader = \"PROBE_HEADER\"\nquery = \"PROBE_QUERY\"\ncookie = \"PROBE_COOKIE\"\n";
    let contract = Contract::new(&document, settings);
    let variables: Vec<(String, &str)> =
        schemes().into_iter().map(|(name, _, secret)| (format!("PROBE_{}", name.to_uppercase()), secret)).collect();
    let mut variables: Vec<(&str, &str)> = variables.iter().map(|(name, secret)| (name.as_str(), *secret)).collect();
    variables.push(("PROBE_EXTRA", "xtIq7Zs9900"));
    let reports = ["json=r.json", "html=r.html", "junit=r.xml", "sarif=r.sarif", "markdown=r.md", "gitlab=r.gitlab"];
    let mut arguments =
        vec!["--all", "--errors", "-v", "--record", "r.ndjson", "--record-har", "r.har", "--header-env", "X-Extra=PROBE_EXTRA"];
    arguments.extend(["--credential", "basic=PROBE_BASIC", "--credential", "bearer=PROBE_BEARER"]);
    arguments.extend(["--credential", "openid=PROBE_OPENID", "--credential", "oauth=PROBE_OAUTH", "--samples", "all"]);
    arguments.extend(reports.iter().flat_map(|report| ["--report", report]));
    let output = contract.probe(&server.url(), &arguments, &variables);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    for (name, ..) in schemes() {
        let authorized = server.requests().iter().filter(|request| request.path() == format!("/{name}") && is_authorized(request)).count();
        assert_eq!(authorized, 1, "{name}: {:?}", server.requests());
    }
    let mut planted = vec![TOKEN.to_owned(), "xtIq7Zs9900".to_owned()];
    for (.., secret) in schemes() {
        planted.push(secret.split_once(':').map_or(secret, |(_, password)| password).to_owned());
        planted.extend([STANDARD.encode(secret), utf8_percent_encode(secret, NON_ALPHANUMERIC).to_string()]);
        planted.push(secret.replace('/', "\\/"));
    }
    let is_clean = |name: &str, text: &str| {
        for secret in &planted {
            assert!(!text.contains(secret.as_str()), "{name} contains {secret}");
        }
    };
    is_clean("the output", &text(&output));
    let files = ["r.json", "r.html", "r.xml", "r.sarif", "r.md", "r.gitlab", "r.ndjson", "r.har"];
    for name in files {
        is_clean(name, &contract.read(name));
    }
    assert!(contract.read("r.ndjson").contains("***"));
    // A check of the recording has no secrets to look for, and finds the same.
    let groups = |path: &Path| {
        let report: Value = serde_json::from_str(&std::fs::read_to_string(path).expect("a report")).expect("JSON");
        let groups =
            report["groups"].as_array().expect("groups").iter().map(|group| (group["fingerprint"].to_string(), group["count"].to_string()));
        groups.collect::<Vec<_>>()
    };
    let mut check = Command::cargo_bin("charter").expect("the command is built");
    check.current_dir(contract.0.path()).args(["check", "r.ndjson", "--contract", ".", "--quiet", "--report", "json=c.json"]);
    assert_eq!(check.output().expect("it runs").status.code(), Some(1));
    assert_eq!(groups(&contract.path("r.json")), groups(&contract.path("c.json")));
    is_clean("c.json", &contract.read("c.json"));
}

#[test]
fn messages_about_credentials_and_tokens_have_no_secret() {
    let server =
        Server::start(|request| json_response(if request.path() == "/token" { 401 } else { 200 }, &json!({"error": "oaFq7Zs9600"})));
    let oauth = schemes().into_iter().find(|(name, ..)| *name == "oauth").expect("it exists").1;
    let mut document = document(&[("/oauth", "oauth", item(), json!({"security": [{"oauth": []}]}))]);
    document["components"] = json!({"securitySchemes": {"oauth": oauth}});
    let contract = Contract::new(&document, "");
    let variables = [("PROBE_OAUTH", "shop-client:oaFq7Zs9600"), ("PROBE_SHORT", "abc")];
    for (arguments, code, why) in [
        (["--credential", "oauth=PROBE_OAUTH"], 3, "the access token of the security scheme `oauth`"),
        (["--credential", "oauth=PROBE_SHORT"], 2, "too short"),
        (["--header", "X-Api-Key=oaFq7Zs9600"], 2, "other users of this machine can read arguments"),
    ] {
        let output = contract.probe(&server.url(), &[&["--all"][..], &arguments].concat(), &variables);
        let printed = text(&output);
        assert!(output.status.code() == Some(code) && printed.contains(why), "{arguments:?}: {:?} {printed}", output.status.code());
        assert!(!printed.contains("oaFq7Zs9600"), "{printed}");
    }
}

#[test]
fn a_server_that_ignores_the_page_ends_the_list() {
    let server = Server::start(|request| match request.path() {
        "/books" => json_response(200, &json!({"items": [{"id": 1}, {"id": 2}]})),
        _ => json_response(200, &json!({"id": id_of(request)})),
    });
    let operations = [
        ("/books", "books.list", json!({"type": "object"}), json!({"parameters": [query("page"), query("from")]})),
        ("/books/{id}", "books.get", item(), json!({})),
    ];
    for paging in ["page = \"page\"", "offset = \"from\""] {
        let settings =
            format!("[probe]\noperation = \"books.get\"\n[probe.list]\noperation = \"books.list\"\nids = \"/items/*/id\"\n{paging}");
        let contract = Contract::new(&document(&operations), &settings);
        for arguments in [&["--all"][..], &["--list"], &["--all", "--limit", "20"]] {
            let printed = contract.check(&server.url(), arguments, 3);
            assert!(printed.contains("a page repeats the ids of earlier pages"), "{printed}");
        }
    }
}

#[test]
fn a_next_page_on_another_server_is_reported() {
    let server = Server::start(|request| match request.path() {
        "/books" => json_response(200, &json!([{"id": 1}])).header("link", "<http://books.example/books?page=2>; rel=\"next\""),
        _ => json_response(200, &json!({"id": id_of(request)})),
    });
    let operations = [("/books", "books.list", json!({"type": "array"}), json!({})), ("/books/{id}", "books.get", item(), json!({}))];
    let printed = Contract::new(&document(&operations), "").check(&server.url(), &["--all"], 0);
    assert!(printed.contains("not judged: books.list: the next page is not requested"), "{printed}");
}

/// A document with one apiKey scheme, in a query that the operation `books.get` also describes as a parameter, and a public operation.
fn keyed() -> Value {
    let parameter = json!({"name": "entry", "in": "query", "required": true, "schema": {"type": "string"}, "example": "demo-entry-1"});
    let mut document = document(&[
        ("/books", "books.get", item(), json!({"parameters": [parameter], "security": [{"entry": []}]})),
        ("/health", "health", json!({}), json!({})),
    ]);
    document["components"] = json!({"securitySchemes": {"entry": {"type": "apiKey", "in": "query", "name": "entry"}}});
    document
}

#[test]
fn a_key_is_sent_to_the_operations_that_require_it_alone() {
    let server = Server::start(|_| json_response(200, &json!({"id": 1})));
    let contract = Contract::new(&keyed(), "");
    let output = contract.probe(&server.url(), &["--all"], &[("CHARTER_API_KEY", "Kq7Zs9300a")]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let requests = server.requests();
    let target = |path: &str| requests.iter().find(|request| request.path() == path).expect("a request").target.clone();
    // The key, not the example of the parameter.
    assert_eq!(target("/books"), "/books?entry=Kq7Zs9300a");
    assert_eq!(target("/health"), "/health");
    assert!(requests.iter().all(|request| request.header("authorization").is_none()));
}

#[test]
fn a_missing_key_is_not_a_success() {
    let server = Server::start(|_| json_response(200, &json!({"id": 1})));
    let contract = Contract::new(&keyed(), "[probe.credentials]\nentry = \"PROBE_TEST_UNSET\"");
    let printed = contract.check(&server.url(), &["--all"], 3);
    assert!(printed.contains("books.get"), "{printed}");
    // Without a request for it, the key is not needed.
    contract.check(&server.url(), &["--operation", "health"], 0);
    let misspelled = Contract::new(&keyed(), "[probe.credentials]\nentri = \"PROBE_TEST_UNSET\"");
    let printed = misspelled.check(&server.url(), &["--all"], 2);
    assert!(printed.contains("no security scheme `entri`"), "{printed}");
}

#[test]
fn secrets_in_the_place_of_names_are_not_printed() {
    let server = Server::start(|_| json_response(200, &json!({"id": 1})));
    let contract = Contract::new(&keyed(), "");
    for arguments in [["--all", "--credential", "entry=Kq7Zs9300a"], ["--all", "--header-env", "X-Entry=Kq7Zs9300a"]] {
        let printed = contract.check(&server.url(), &arguments, 2);
        assert!(printed.contains("the environment variable is not set") && !printed.contains("Kq7Zs9300a"), "{printed}");
    }
    // A header field is sent as given.
    let output = contract.probe(
        &server.url(),
        &["--operation", "health", "--header-env", "Authorization=PROBE_TEST_FIELD"],
        &[("PROBE_TEST_FIELD", "Bearer Kq7Zs9300a")],
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    assert_eq!(
        server.requests().last().and_then(|request| request.header("authorization").map(str::to_owned)).as_deref(),
        Some("Bearer Kq7Zs9300a")
    );
}

#[test]
fn values_are_sent_by_the_style_of_their_parameter() {
    let server = Server::start(|_| json_response(200, &json!({"id": 1})));
    let parameters = json!({"parameters": [
        {"name": "status", "in": "query", "required": true, "schema": {"type": "array", "items": {"type": "string"}, "default": ["a", "b"]}},
        {"name": "filter", "in": "query", "required": true, "content": {"application/json": {"schema": {"default": {"a": 1}}}}},
        {"name": "view", "in": "cookie", "required": true, "schema": {"const": "all"}}]});
    let mut document = document(&[("/books/{id}", "books.get", item(), parameters)]);
    document["paths"]["/books/{id}"]["get"]["parameters"][0]["style"] = json!("label");
    let responses = json!({"200": {"description": "d", "content": {"application/vnd.books+json": {"schema": item()}}}});
    document["paths"]["/books/{id}"]["get"]["responses"] = responses;
    let contract = Contract::new(&document, "");
    let ran = contract.probe(&server.url(), &["--operation", "books.get", "--param", "id=2", "--header", "Cookie=s=1"], &[]);
    let request = server.requests().pop().unwrap_or_else(|| panic!("{}", text(&ran)));
    assert_eq!(request.target, "/books/.2?status=a&status=b&filter=%7B%22a%22%3A1%7D");
    assert_eq!(request.header("cookie"), Some("view=all; s=1"));
    assert_eq!(request.header("accept"), Some("application/vnd.books+json"));
    assert!(!text(&ran).contains("request."), "{}", text(&ran));
}

#[test]
fn unknown_names_are_refused() {
    let contract = Contract::new(&document(&[("/books", "books.list", json!({}), json!({"parameters": [query("page")]}))]), "");
    let printed = contract.check("http://127.0.0.1:9", &["--all", "--param", "pgae=2"], 2);
    assert!(printed.contains("no GET operation has a parameter `pgae`; did you mean `page`?"), "{printed}");
    let printed = contract.check("http://127.0.0.1:9", &["--operation", "books.lst"], 2);
    assert!(printed.contains("did you mean `books.list`?"), "{printed}");
}
