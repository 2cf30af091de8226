//! Secrets and addresses in all places and encodings that the book lists: none is in the output of `scrub`, `check` or `drift`, the
//! verdicts before and after `scrub` are equal, and a second `scrub` changes nothing.
//!
//! No string here is a secret: the values are built at run time, so that no scanner of keys reports them.

mod drift;
mod kinds;
mod more;
mod places;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{Read, Write};
use std::path::Path;
use std::sync::LazyLock;

use assert_cmd::Command;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The key that `scrub` is given.
const KEY: &str = "kQ9+vT2/xW7=Lp4mZr8s";

/// A secret that is known by its name only.
fn secret(number: usize) -> String {
    format!("Zq{number:03}vK8x{number:03}Wm2p")
}

fn address(number: usize) -> String {
    format!("ann{number}.person@mail{number}.corp.example")
}

#[derive(Clone)]
struct Message {
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

/// An exchange, and what its recording must not contain after masking.
#[derive(Clone)]
struct Case {
    name: String,
    method: &'static str,
    url: String,
    request: Message,
    response: Message,
    planted: Vec<String>,
}

impl Case {
    fn new(name: impl Into<String>, planted: impl Into<String>) -> Self {
        let json = ("content-type".to_owned(), "application/json".to_owned());
        Self {
            name: name.into(),
            method: "GET",
            url: "https://api.example/orders/o1".to_owned(),
            request: Message { headers: vec![("accept".to_owned(), "*/*".to_owned())], body: Vec::new() },
            response: Message { headers: vec![json], body: b"{\"id\":\"o1\"}".to_vec() },
            planted: vec![planted.into()],
        }
    }

    fn url(mut self, url: impl Into<String>) -> Self {
        self.url = url.into();
        self
    }

    fn request_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.request.headers.push((name.to_owned(), value.into()));
        self
    }

    fn response_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.response.headers.push((name.to_owned(), value.into()));
        self
    }

    fn post(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        (self.method, self.url) = ("POST", "https://api.example/login".to_owned());
        self.request.headers.push(("content-type".to_owned(), content_type.to_owned()));
        self.request.body = body.into();
        self
    }

    fn response(mut self, content_type: &str, body: impl Into<Vec<u8>>) -> Self {
        self.response.headers[0].1 = content_type.to_owned();
        self.response.body = body.into();
        self
    }

    fn json(self, body: Value) -> Self {
        self.response("application/json", body.to_string())
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("gzip")
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::default());
    encoder.write_all(bytes).and_then(|()| encoder.finish()).expect("zlib")
}

/// One uncompressed meta-block of Brotli, RFC 7932, section 9.2, and the empty last block.
fn brotli(bytes: &[u8]) -> Vec<u8> {
    let header: u32 = ((bytes.len() as u32 - 1) << 4) | (1 << 20);
    [&header.to_le_bytes()[..3], bytes, &[0x03]].concat()
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect()
}

fn all_percent(text: &str) -> String {
    text.bytes().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "%{byte:02X}");
        out
    })
}

fn each(text: &str, form: fn(u32) -> String) -> String {
    text.chars().map(|character| form(u32::from(character))).collect()
}

/// Lines of 76 characters.
fn in_lines(text: &str) -> String {
    let lines = text.as_bytes().chunks(76).map(|line| String::from_utf8_lossy(line).into_owned());
    lines.collect::<Vec<_>>().join("\r\n")
}

/// Base32 with padding, RFC 4648.
fn base32(bytes: &[u8]) -> String {
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |bits: &[u8]| {
        let bits = String::from_utf8_lossy(bits);
        let value = usize::from_str_radix(&format!("{bits:0<5}"), 2).expect("five bits");
        char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[value])
    };
    let digits: String = bits.as_bytes().chunks(5).map(digit).collect();
    format!("{digits:=<width$}", width = digits.len().next_multiple_of(8))
}

/// A text in every encoding, with its name.
fn encodings(text: &str) -> Vec<(&'static str, String)> {
    let json = Value::from(text).to_string();
    vec![
        ("plain", text.to_owned()),
        ("percent", utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()),
        ("percent, all", all_percent(text)),
        ("percent, twice", all_percent(&utf8_percent_encode(text, NON_ALPHANUMERIC).to_string())),
        ("decimal entities", each(text, |unit| format!("&#{unit};"))),
        ("hexadecimal entities", each(text, |unit| format!("&#x{unit:X};"))),
        ("named entities", text.replace('+', "&plus;").replace('/', "&sol;").replace('=', "&equals;").replace('@', "&commat;")),
        ("JSON escapes", each(text, |unit| format!("\\u{unit:04x}"))),
        ("JavaScript escapes", each(text, |unit| format!("\\x{unit:02x}"))),
        ("JSON", json[1..json.len() - 1].replace('/', "\\/")),
        ("base64", STANDARD.encode(text)),
        ("base64 in a text", STANDARD.encode(format!("user:{text}"))),
        ("base64url", URL_SAFE_NO_PAD.encode(text)),
        ("base64, twice", STANDARD.encode(STANDARD.encode(text))),
        ("base64 of gzip", STANDARD.encode(gzip(text.as_bytes()))),
        ("base64 of JSON", STANDARD.encode(json!({"a": text}).to_string())),
        ("percent in base64", STANDARD.encode(all_percent(text))),
        ("base64 in percent", all_percent(&STANDARD.encode(text))),
        ("base64 in lines", in_lines(&STANDARD.encode(format!("{}{text}", "Good day to you, dear reader. ".repeat(5))))),
        ("base32", base32(text.as_bytes())),
        ("base32 in lower case", base32(text.as_bytes()).trim_end_matches('=').to_lowercase()),
        ("hexadecimal digits", text.bytes().map(|byte| format!("{byte:02X}")).collect()),
        ("quoted-printable", text.bytes().map(|byte| format!("={byte:02X}")).collect()),
        ("quoted-printable in lines", text.replace('=', "=3D").replace('@', "=40=\r\n").replace("T2", "T=\r\n2")),
    ]
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut number = 0;
    let mut next = || {
        number += 1;
        secret(number)
    };
    for header in [
        "Authorization",
        "Proxy-Authorization",
        "X-Api-Key",
        "X-Goog-Api-Key",
        "Ocp-Apim-Subscription-Key",
        "PRIVATE-TOKEN",
        "X-Vault-Token",
        "X-Access-Token",
        "apikey",
        "X-Shopify-Access-Token",
        "Cf-Access-Jwt-Assertion",
        "X-Amzn-Oidc-Data",
        "X-Forwarded-Authorization",
        "DPoP",
        "X-Refresh-Token",
        "x-csrf-token",
        "X-Client-Secret",
        "x-amz-security-token",
    ] {
        let planted = next();
        cases.push(Case::new(format!("header {header}"), &planted).request_header(header, &planted));
    }
    for (header, value) in [
        ("authorization", "Bearer §"),
        ("Authorization", "Basic §"),
        ("X-Original-Authorization", "Token §"),
        ("cookie", "sid=§; theme=dark"),
        ("cookie", "§"),
        ("referer", "https://h/?access_token=§"),
        ("sec-websocket-protocol", "chat, bearer.§"),
    ] {
        let planted = next();
        cases.push(Case::new(format!("{header}: {value}"), &planted).request_header(header, value.replace('§', &planted)));
    }
    for (header, value) in [
        ("set-cookie", "sid=§; Path=/; HttpOnly"),
        ("set-cookie", "a=b; Path=/?token=§"),
        ("location", "https://h/cb#access_token=§&state=1"),
        ("location", "/cb?code=§"),
        ("link", "<https://h/?api_key=§>; rel=next"),
        ("x-auth-token", "§"),
        ("x-echo", "password=§"),
    ] {
        let planted = next();
        cases.push(Case::new(format!("response {header}: {value}"), &planted).response_header(header, value.replace('§', &planted)));
    }
    for query in [
        "?token=§",
        "?a=1&api_key=§",
        "?apikey=§",
        "?access_token=§&x=1",
        "?client_secret=§",
        "?sig=§",
        "?X-Amz-Signature=§",
        "?X-Amz-Credential=§",
        "?code=§&state=1",
        "#id_token=§",
        "?x=1#/cb?refresh_token=§",
        "?password=§",
        "?a[password]=§",
        "?to=https%3A%2F%2Fh%2F%3Ftoken%3DS",
        "?variables=%7B%22password%22%3A%22§%22%7D",
        "?TOKEN=§",
        "?sessionid=§",
    ] {
        let planted = next();
        cases.push(
            Case::new(format!("URL {query}"), &planted).url(format!("https://api.example/orders/o1{}", query.replace('§', &planted))),
        );
    }
    let planted = next();
    cases.push(Case::new("URL user", &planted).url(format!("https://user:{planted}@api.example/orders/o1")));
    for name in ["password", "client_secret", "refresh_token", "code_verifier", "otp", "user[password]", "assertion", "apiKey"] {
        let planted = format!("{}&+ {}", next(), number_suffix(name));
        let encoded = utf8_percent_encode(&planted, NON_ALPHANUMERIC).to_string().replace("%20", "+");
        let mut case = Case::new(format!("form {name}"), &planted)
            .post("application/x-www-form-urlencoded", format!("{name}={encoded}&grant_type=x&note=ok"));
        case.planted.push(encoded);
        cases.push(case);
    }
    for name in ["password", "api_key", "token"] {
        let planted = next();
        let body = format!(
            "--b\r\nContent-Disposition: form-data; name=\"note\"\r\n\r\nok\r\n--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{planted}\r\n--b--\r\n"
        );
        cases.push(Case::new(format!("multipart {name}"), &planted).post("multipart/form-data; boundary=b", body));
    }
    for name in [
        "password",
        "newPassword",
        "access_token",
        "refreshToken",
        "id_token",
        "client_secret",
        "clientSecret",
        "apiKey",
        "api_key",
        "API_KEY",
        "privateKey",
        "secret",
        "otp",
        "passphrase",
        "aws_secret_access_key",
        "csrfToken",
        "webhook_secret",
        "jwt",
        "Authorization",
        "pwd",
        "credentials",
        "pass",
        "mfaCode",
        "verification_code",
    ] {
        let planted = next();
        cases.push(Case::new(format!("member {name}"), &planted).json(json!({"id": "o1", "more": {name: planted}})));
        let planted = next();
        cases.push(
            Case::new(format!("request member {name}"), &planted).post("application/json", json!({"a": [{name: planted}]}).to_string()),
        );
    }
    let planted = next();
    cases.push(Case::new("JSON in JSON", &planted).json(json!({"id": "o1", "raw": json!({"password": planted}).to_string()})));
    let planted = next();
    cases.push(
        Case::new("JSON in JSON in JSON", &planted)
            .json(json!({"id": "o1", "raw": json!({"raw": json!({"token": planted}).to_string()}).to_string()})),
    );
    let planted = next();
    let graphql = json!({"query": "mutation($i: I!) { login(input: $i) { id } }", "variables": {"input": {"password": planted}}});
    cases.push(Case::new("GraphQL variables", &planted).post("application/json", graphql.to_string()));
    let planted = next();
    let graphql = json!({"query": format!("mutation {{ login(user: \"a\", password: \"{planted}\") {{ id }} }}")});
    cases.push(Case::new("GraphQL literal", &planted).post("application/json", graphql.to_string()));
    let planted = next();
    cases.push(Case::new("list of tokens", &planted).json(json!({"id": "o1", "tokens": [planted]})));
    let planted = next();
    cases.push(Case::new("echoed header list", &planted).json(json!({"id": "o1", "headers": [{"name": "X-Api-Key", "value": planted}]})));
    let planted = next();
    cases.push(
        Case::new("GraphQL block string", &planted)
            .post("application/json", json!({"query": format!("{{ login(password: \"\"\"{planted}\"\"\") {{ id }} }}")}).to_string()),
    );
    let planted = next();
    cases.push(Case::new("nested secrets", &planted).json(json!({"id": "o1", "secrets": {"db": planted}})));
    for text in [
        "<input type=\"password\" name=\"password\" value=\"§\">",
        "<meta name='csrf-token' content='§'>",
        "<r><apiKey>§</apiKey></r>",
        "<script>var c = {\"apiKey\":\"§\"}</script>",
        "<script>token = '§';</script>",
        "Server=db;Password=§;Database=x",
        "postgres://u:§@db/x",
        "GET /?token=§ HTTP/1.1",
        "Authorization: Bearer §",
        "api_key: §",
        "{\"access_token\":\"§\", broken",
        "export API_KEY=§",
        "{\\\"password\\\":\\\"§\\\"}",
        "log: user a logged in with token=§ from h",
        "<password>§</password>",
    ] {
        let planted = next();
        let body = text.replace('§', &planted);
        cases.push(Case::new(format!("text {text}"), &planted).response("text/html", body));
    }
    // Names of ordinary values too, with values that look random.
    for name in
        ["key", "sas", "session", "sessionId", "sid", "signature", "sig", "salt", "auth", "code", "app_key", "keyMaterial", "license"]
    {
        let planted = next();
        cases.push(Case::new(format!("ambiguous member {name}"), &planted).json(json!({"id": "o1", "more": {name: planted}})));
    }
    for query in ["?key=§", "?sas=§", "?salt=§", "?app_key=§", ";jsessionid=§", "/reset/§", "/token/§/x"] {
        let planted = next();
        cases.push(
            Case::new(format!("ambiguous URL {query}"), &planted)
                .url(format!("https://api.example/orders/o1{}", query.replace('§', &planted))),
        );
    }
    for list in [
        json!(["password", "§"]),
        json!([["x-api-key", "§"], ["accept", "*/*"]]),
        json!([{"value": "§", "name": "password"}]),
        json!([{"header": "x-api-key", "value": "§"}]),
        json!({"token": {"value": "§"}}),
    ] {
        let planted = next();
        let list: Value = serde_json::from_str(&list.to_string().replace('§', &planted)).expect("JSON");
        cases.push(Case::new(format!("list {list}"), &planted).json(json!({"id": "o1", "more": list})));
    }
    for text in [
        "<p>curl -u ann:§ https://h</p>",
        "docker login -u ann -p § h",
        "machine h login ann password §",
        "mytool --password § run",
        "headers=[('X-Api-Key', '§')]",
        "<param name=\"password\">§</param>",
        "<param><name>password</name><value>§</value></param>",
        "api key: §",
    ] {
        let planted = next();
        cases.push(Case::new(format!("text {text}"), &planted).response("text/html", text.replace('§', &planted)));
    }
    // Keys that are known by their shapes.
    let run = |length: usize| -> String { (0..length).map(|at| char::from(b"aZ3kQ9mX7bT1rW5"[at % 15])).collect() };
    let jwt = format!("eyJ{}.eyJ{}.{}", URL_SAFE_NO_PAD.encode("hbGciOiJIUzI1NiJ9"), URL_SAFE_NO_PAD.encode(secret(900)), run(43));
    // The prefixes are in parts, so that no scanner of keys reports them.
    let prefixes: [(&[&str], usize); 13] = [
        (&["gh", "p_"], 36),
        (&["github", "_pat_"], 60),
        (&["glp", "at-"], 20),
        (&["xo", "xb-", "123456789012-"], 24),
        (&["sk_", "live_"], 24),
        (&["wh", "sec_"], 32),
        (&["AI", "za"], 35),
        (&["ya", "29."], 60),
        (&["np", "m_"], 36),
        (&["sk", "-proj-"], 40),
        (&["hf", "_"], 34),
        (&["hv", "s."], 24),
        (&["SG", ".abcdefgh12345678abcdef."], 43),
    ];
    let keys = prefixes.iter().map(|(prefix, length)| prefix.concat() + &run(*length));
    let keys: Vec<String> = keys.chain([jwt, ["AKI", "A", "Q7ZK2MBT4WRX9PLE"].concat()]).collect();
    for key in &keys {
        cases.push(Case::new(format!("key {}", &key[..4]), key).json(json!({"id": "o1", "note": format!("use {key} now")})));
        cases.push(Case::new(format!("key {} in a path", &key[..4]), key).url(format!("https://api.example/orders/{key}")));
        cases.push(Case::new(format!("key {} in a field", &key[..4]), key).response_header("x-debug", format!("saw {key}")));
    }
    let pem = format!("-----BEGIN {} KEY-----\n{}\n{}\n-----END {} KEY-----\n", "PRIVATE", run(64), run(40), "PRIVATE");
    cases.push(Case::new("PEM", run(40)).json(json!({"id": "o1", "note": pem})));
    cases.push(Case::new("PEM as text", run(40)).response("text/plain", pem));
    // A given secret in every encoding and place.
    for (encoding, text) in encodings(KEY) {
        let mut list = vec![
            Case::new(format!("given, {encoding}, JSON"), &text).json(json!({"id": "o1", "note": format!("saw {text} today")})),
            Case::new(format!("given, {encoding}, text"), &text).response("text/html", format!("<p>{text}</p>")),
        ];
        if !text.contains(['\\', '&', ';', '\r']) && !encoding.starts_with("quoted") {
            list.push(Case::new(format!("given, {encoding}, field"), &text).response_header("x-echo", &text));
            list.push(
                Case::new(format!("given, {encoding}, query"), &text)
                    .url(format!("https://api.example/orders/o1?q={}", text.replace('+', "%2B"))),
            );
        }
        for case in &mut list {
            case.planted.push(KEY.to_owned());
        }
        cases.extend(list);
    }
    let upper = KEY.to_uppercase();
    cases.push(Case::new("given, upper case", &upper).json(json!({"id": "o1", "note": upper})));
    cases.push(Case::new("given, name of a member", KEY).json(json!({"id": "o1", "more": {KEY: 1}})));
    cases.push(
        Case::new("given, hexadecimal", "")
            .json(json!({"id": "o1", "note": KEY.bytes().map(|byte| format!("{byte:02x}")).collect::<String>()})),
    );
    // Addresses in every encoding and place.
    for (index, (encoding, _)) in encodings("").into_iter().enumerate() {
        let address = address(index);
        let text = encodings(&address).swap_remove(index).1;
        let mut case = Case::new(format!("address, {encoding}"), &address).json(json!({"id": "o1", "note": format!("by {text} today")}));
        case.planted.push(text.clone());
        cases.push(case);
        cases.push(Case::new(format!("address, {encoding}, text"), &address).response("text/html", format!("<p>{text}</p>")));
    }
    let a = |index: usize| address(100 + index);
    cases.extend([
        Case::new("address in a path", a(1)).url(format!("https://api.example/orders/{}", a(1))),
        Case::new("address in a query", a(2))
            .url(format!("https://api.example/orders/o1?ref={}", utf8_percent_encode(&a(2), NON_ALPHANUMERIC))),
        Case::new("address in a field", a(3)).response_header("x-user", a(3)),
        Case::new("address in a form", a(4)).post("application/x-www-form-urlencoded", format!("email={}", a(4).replace('@', "%40"))),
        Case::new("address in HTML", a(5)).response("text/html", format!("<a href=\"mailto:{}\">", a(5))),
        Case::new("address of other letters", "jürgen.müller@").json(json!({"id": "o1", "note": "jürgen.müller@exämple.de"})),
        Case::new("quoted address", "john doe").json(json!({"id": "o1", "note": "\"john doe\"@corp.example"})),
        Case::new("address of a host", "opera@").json(json!({"id": "o1", "note": "opera@[10.0.0.1]"})),
        Case::new("name of a member", a(6)).json(json!({"id": "o1", "more": {a(6): true}})),
    ]);
    // Content codings and character encodings.
    type Encode = fn(&[u8]) -> Vec<u8>;
    let codings: [(&str, Encode); 5] = [
        ("gzip", gzip),
        ("deflate", zlib),
        ("br", brotli),
        ("zstd", |bytes| zstd::stream::encode_all(bytes, 0).expect("zstd")),
        ("", gzip),
    ];
    for (coding, encode) in codings {
        let planted = next();
        let body = encode(json!({"id": "o1", "more": {"password": planted}, "by": address(300)}).to_string().as_bytes());
        let case = Case::new(format!("content coding {coding}"), &planted).response("application/json", body);
        let mut case = if coding.is_empty() {
            case.response("application/octet-stream", case_body(&planted))
        } else {
            case.response_header("content-encoding", coding)
        };
        case.planted.push(address(300));
        cases.push(case);
    }
    let planted = next();
    cases.push(Case::new("UTF-16", &planted).response("text/plain", utf16(&format!("password=\"{planted}\""))));
    let planted = next();
    let latin = [&b"M\xfcller password="[..], planted.as_bytes(), b"\n"].concat();
    cases.push(Case::new("Latin-1", &planted).response("text/plain", latin));
    let planted = next();
    let binary = [&b"\x89PNG\r\n\x1a\n\x00\x01"[..], KEY.as_bytes(), b"\x00\xff"].concat();
    cases.push(Case::new("binary", KEY).response("image/png", binary).request_header("x-api-key", planted));
    cases.extend(places::cases());
    cases.extend(more::cases());
    cases.extend(more::addresses());
    cases
}

/// gzip without `content-encoding`.
fn case_body(planted: &str) -> Vec<u8> {
    gzip(json!({"password": planted, "by": address(300)}).to_string().as_bytes())
}

fn number_suffix(name: &str) -> String {
    format!("é{}", name.len())
}

/// The members of a body in a recording of this program.
fn recorded(body: &[u8]) -> Vec<(&'static str, Value)> {
    match std::str::from_utf8(body) {
        _ if body.is_empty() => vec![],
        Ok(text) => match serde_json::from_str::<Value>(text) {
            Ok(value) => vec![("body", value)],
            Err(_) => vec![("bodyText", text.into())],
        },
        Err(_) => vec![("bodyBase64", STANDARD.encode(body).into())],
    }
}

fn fields(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| json!({"name": name, "value": value})).collect()
}

fn line(case: &Case) -> String {
    let side = |message: &Message, mut value: Value| {
        value["headers"] = fields(&message.headers);
        for (name, body) in recorded(&message.body) {
            value[name] = body;
        }
        value
    };
    let request = side(&case.request, json!({"method": case.method, "url": case.url}));
    let response = side(&case.response, json!({"status": 200}));
    json!({"format": "charter-exchange/1", "request": request, "response": response, "headersComplete": true}).to_string()
}

fn entry(case: &Case) -> Value {
    let body = |message: &Message| match std::str::from_utf8(&message.body) {
        Ok(text) => json!({"mimeType": "", "text": text}),
        Err(_) => json!({"mimeType": "", "text": STANDARD.encode(&message.body), "encoding": "base64"}),
    };
    let url = url::Url::parse(&case.url).expect("a URL");
    let query: Value = url.query_pairs().map(|(name, value)| json!({"name": name, "value": value})).collect();
    let mut entry = json!({
        "startedDateTime": "2026-07-14T11:20:10Z", "time": 1,
        "request": {"method": case.method, "url": case.url, "headers": fields(&case.request.headers), "queryString": query, "cookies": [], "bodySize": case.request.body.len()},
        "response": {"status": 200, "headers": fields(&case.response.headers), "cookies": [], "content": body(&case.response)},
    });
    if !case.request.body.is_empty() {
        entry["request"]["postData"] = body(&case.request);
        let kind = case.request.headers.iter().find(|(name, _)| name == "content-type").map(|(_, value)| value.clone());
        entry["request"]["postData"]["mimeType"] = kind.into();
    }
    entry
}

const CONTRACT: &str = r##"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
    "/orders/{id}": {"get": {"operationId": "getOrder", "parameters": [
        {"name": "id", "in": "path", "required": true, "schema": {"type": "string", "minLength": 2}},
        {"name": "token", "in": "query", "schema": {"type": "string", "minLength": 8}}],
        "responses": {"200": {"description": "d", "headers": {"x-auth-token": {"schema": {"type": "string", "pattern": "^[A-Za-z0-9]{16}$"}}}, "content": {
            "application/json": {"schema": {"$ref": "#/components/schemas/Order"}}, "text/html": {"schema": {"type": "string"}}, "text/plain": {}, "image/png": {}, "application/octet-stream": {}}}}}},
    "/login": {"post": {"operationId": "login", "requestBody": {"content": {
        "application/json": {"schema": {"type": "object"}},
        "application/x-www-form-urlencoded": {"schema": {"type": "object", "properties": {"password": {"type": "string", "minLength": 20, "maxLength": 30}}}},
        "multipart/form-data": {"schema": {"type": "object", "properties": {"password": {"type": "string", "minLength": 16, "maxLength": 16}}}}}},
        "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Order"}}}}}}}},
  "components": {"schemas": {"Order": {"type": "object", "required": ["id"], "properties": {"id": {"type": "string"},
    "more": {"type": "object", "properties": {"password": {"type": "string", "pattern": "^[A-Za-z]{2}[0-9]{3}", "minLength": 16, "maxLength": 16}, "apiKey": {"type": "integer"}}}}}}}}"##;

/// Nearly every value violates this contract, so that reports show it.
const STRICT: &str = r##"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {
    "/orders/{id}": {"get": {"operationId": "getOrder", "parameters": [
        {"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}},
        {"name": "token", "in": "query", "schema": {"type": "integer"}}, {"name": "q", "in": "query", "schema": {"type": "integer"}},
        {"name": "X-Api-Key", "in": "header", "schema": {"type": "integer"}}, {"name": "sid", "in": "cookie", "schema": {"type": "integer"}}],
        "responses": {"200": {"description": "d", "headers": {"x-auth-token": {"schema": {"type": "integer"}}, "x-echo": {"schema": {"type": "integer"}}, "location": {"schema": {"type": "integer"}}},
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Strict"}}, "text/html": {"schema": {"type": "integer"}}, "text/plain": {"schema": {"type": "integer"}}}}}}},
    "/login": {"post": {"operationId": "login", "requestBody": {"content": {
        "application/json": {"schema": {"$ref": "#/components/schemas/Strict"}},
        "application/x-www-form-urlencoded": {"schema": {"type": "object", "additionalProperties": {"type": "integer"}}},
        "multipart/form-data": {"schema": {"type": "object", "additionalProperties": {"type": "integer"}}}}},
        "responses": {"200": {"description": "d", "content": {"application/json": {"schema": {"type": "integer"}}}}}}}},
  "components": {"schemas": {"Strict": {"type": "object", "propertyNames": {"maxLength": 1}, "additionalProperties": {"anyOf": [{"type": "integer"},
    {"type": "object", "additionalProperties": {"anyOf": [{"type": "integer"}, {"type": "object", "additionalProperties": {"type": "integer"}}]}},
    {"type": "array", "items": {"type": "object", "additionalProperties": {"type": "integer"}}}]}}}}}"##;

/// Every text that is encoded in a file: JSON strings, base64, gzip.
fn decoded(bytes: &[u8], depth: usize, out: &mut Vec<String>) {
    if depth > 6 {
        return;
    }
    if bytes.starts_with(&[0x1f, 0x8b]) {
        let mut inner = Vec::new();
        if flate2::read::GzDecoder::new(bytes).read_to_end(&mut inner).is_ok() {
            decoded(&inner, depth + 1, out);
        }
    }
    if bytes.starts_with(&[0x28, 0xb5, 0x2f, 0xfd])
        && let Ok(inner) = zstd::stream::decode_all(bytes)
    {
        decoded(&inner, depth + 1, out);
    }
    let mut inner = Vec::new();
    if bytes.first() == Some(&0x78) && flate2::read::ZlibDecoder::new(bytes).read_to_end(&mut inner).is_ok() {
        decoded(&inner, depth + 1, out);
    }
    let text = String::from_utf8_lossy(bytes).into_owned();
    if bytes.contains(&0) {
        out.push(text.replace('\0', ""));
    }
    let is_part = |character: char| character.is_ascii_alphanumeric() || matches!(character, '+' | '/' | '-' | '_' | '=');
    for run in text.split(|character| !is_part(character)).filter(|run| run.len() >= 12) {
        let run = run.trim_end_matches('=').replace('-', "+").replace('_', "/");
        if let Ok(bytes) = base64::engine::general_purpose::STANDARD_NO_PAD.decode(&run)
            && (bytes.starts_with(&[0x1f, 0x8b])
                || bytes.starts_with(&[0x28, 0xb5])
                || bytes.starts_with(&[0x78])
                || bytes.starts_with(&[0xff, 0xfe])
                || std::str::from_utf8(&bytes).is_ok()
                || bytes.len() > 60)
        {
            decoded(&bytes, depth + 1, out);
        }
    }
    let mut plain = text.clone();
    static NUMBER: LazyLock<regex::Regex> = LazyLock::new(|| {
        let text = r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})|&#x([0-9a-fA-F]{1,5});|&#([0-9]{1,6});|%([0-9a-fA-F]{2})";
        regex::Regex::new(text).expect("a pattern")
    });
    for _ in 0..4 {
        plain = NUMBER
            .replace_all(&plain, |found: &regex::Captures<'_>| {
                let unit = [(1, 16), (2, 16), (3, 16), (4, 10), (5, 16)]
                    .iter()
                    .find_map(|(group, radix)| u32::from_str_radix(found.get(*group)?.as_str(), *radix).ok());
                unit.and_then(char::from_u32).map(String::from).unwrap_or_default()
            })
            .replace("\\\\", "\\")
            .replace("\\/", "/")
            .replace("&plus;", "+")
            .replace("&sol;", "/")
            .replace("&equals;", "=")
            .replace("&commat;", "@");
    }
    static LINES: LazyLock<[regex::Regex; 3]> = LazyLock::new(|| {
        let texts = [r"([A-Za-z0-9+/]{60,76})(?:\\r\\n|\r\n)", r"=(?:\\r\\n|\r\n)", r"=([0-9A-F]{2})"];
        texts.map(|text| regex::Regex::new(text).expect("a pattern"))
    });
    let [base64_lines, soft_break, quoted] = &*LINES;
    let joined = base64_lines.replace_all(&plain, "$1").into_owned();
    if joined != plain {
        decoded(joined.as_bytes(), depth + 1, out);
    }
    let joined = soft_break.replace_all(&plain, "").into_owned();
    out.push(
        quoted
            .replace_all(&joined, |found: &regex::Captures<'_>| u8::from_str_radix(&found[1], 16).map_or('?', char::from).to_string())
            .into_owned(),
    );
    for (digits, bits) in [("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", 5), ("0123456789ABCDEF", 4)] {
        for run in text.split(|character: char| !character.is_ascii_alphanumeric()).filter(|run| run.len() >= 16) {
            let values: Option<Vec<usize>> = run.to_ascii_uppercase().chars().map(|digit| digits.find(digit)).collect();
            let all: String = values.unwrap_or_default().iter().map(|value| format!("{value:0bits$b}")).collect();
            let bytes = all.as_bytes().chunks_exact(8).filter_map(|bits| u8::from_str_radix(std::str::from_utf8(bits).ok()?, 2).ok());
            out.extend(String::from_utf8(bytes.collect()));
        }
    }
    out.extend([text, plain]);
}

/// The cases whose planted values occur in a file, in any encoding.
fn leaks(bytes: &[u8], cases: &[Case]) -> Vec<String> {
    let mut texts = Vec::new();
    decoded(bytes, 0, &mut texts);
    let all = texts.join("\n").to_lowercase();
    let mut found: Vec<String> = cases
        .iter()
        .filter(|case| case.planted.iter().any(|planted| !planted.is_empty() && all.contains(&planted.to_lowercase())))
        .map(|case| case.name.clone())
        .collect();
    let hexadecimal: String = KEY.bytes().map(|byte| format!("{byte:02x}")).collect();
    if all.contains(&hexadecimal) {
        found.push("the key in hexadecimal digits".to_owned());
    }
    found
}

fn charter(folder: &Path, arguments: &[&str]) -> (i32, Vec<u8>, String) {
    let mut command = Command::cargo_bin("charter").expect("the command is built");
    let output = command.current_dir(folder).args(arguments).env("NO_COLOR", "1").env("CHARTER_API_KEY", KEY).output().expect("it runs");
    (output.status.code().expect("a code"), output.stdout, String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The exit code, the number of exchanges, and the findings with their exchanges.
fn verdict(folder: &Path, file: &str) -> (i32, Value, BTreeMap<String, u64>) {
    let (code, report, errors) = charter(folder, &["check", "--contract", "openapi.json", file, "--report", "json", "--samples", "all"]);
    let report: Value = serde_json::from_slice(&report).unwrap_or_else(|_| panic!("{file}: {errors}"));
    let mut findings = BTreeMap::new();
    for group in report["groups"].as_array().expect("groups") {
        for sample in group["samples"].as_array().expect("samples") {
            let at = format!("{} {} {} {}", group["rule"], group["keyword"], group["operation"], sample["exchange"]["index"]);
            *findings.entry(at).or_default() += 1;
        }
    }
    (code, report["summary"].clone(), findings)
}

fn har(cases: &[Case]) -> String {
    let entries: Vec<Value> = cases.iter().map(entry).collect();
    json!({"log": {"version": "1.2", "creator": {"name": "b", "version": "1"}, "entries": entries}}).to_string()
}

#[test]
fn no_planted_secret_is_in_any_output() {
    let cases = cases();
    assert!(cases.len() >= 120, "{}", cases.len());
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("openapi.json"), CONTRACT).expect("a file");
    let lines: String = cases.iter().map(|case| line(case) + "\n").collect();
    std::fs::write(at("in.ndjson"), &lines).expect("a file");
    std::fs::write(at("in.har"), har(&cases)).expect("a file");
    std::fs::write(at("strict.json"), STRICT).expect("a file");
    let mut secrets = cases.clone();
    secrets.iter_mut().for_each(|case| case.planted.retain(|planted| !case.name.contains("address") && !planted.contains("corp.example")));
    // An excerpt may end within an encoded secret, so that a part of the secret stays in the report.
    secrets.retain(|case| !more::is_part(case));
    let mut failures = Vec::new();
    for (input, output) in [("in.ndjson", "out.ndjson"), ("in.har", "out.har")] {
        let before = leaks(&std::fs::read(at(input)).expect("a file"), &cases);
        assert!(before.len() >= cases.len() - 12, "the test finds what it planted: {} of {}", before.len(), cases.len());
        let (code, _, errors) = charter(folder.path(), &["scrub", "--contract", "openapi.json", input, "-o", output]);
        assert_eq!(code, 0, "{errors}");
        assert!(errors.contains("members") && errors.contains("e-mail addresses"), "{errors}");
        let masked = std::fs::read(at(output)).expect("a file");
        failures.extend(leaks(&masked, &cases).into_iter().map(|name| format!("{output}: {name}")));
        let (wanted, found) = (verdict(folder.path(), input), verdict(folder.path(), output));
        if wanted != found {
            failures.push(format!("verdicts of {output}: {wanted:?} {found:?}"));
        }
        let (code, _, errors) = charter(folder.path(), &["scrub", "--contract", "openapi.json", output, "-o", "again"]);
        assert_eq!(code, 0, "{errors}");
        let again = std::fs::read(at("again")).expect("a file");
        if again != masked {
            let (masked, again) = (String::from_utf8_lossy(&masked), String::from_utf8_lossy(&again));
            let differing = masked.lines().zip(again.lines()).find(|(one, other)| one != other);
            let at = differing.map(|(one, other)| one.bytes().zip(other.bytes()).take_while(|(one, other)| one == other).count());
            let around = |line: &str| {
                at.map(|at| String::from_utf8_lossy(&line.as_bytes()[at.saturating_sub(300)..(at + 80).min(line.len())]).into_owned())
            };
            failures.push(format!("a second scrub changes {output}: {:?}", differing.map(|(one, other)| (around(one), around(other)))));
        }
        // The reports of the unmasked input. Addresses are not masked in reports.
        let reports: &[&str] =
            if input == "in.har" { &["json"] } else { &["text", "json", "sarif", "junit", "html", "markdown", "github"] };
        for report in reports {
            let (code, out, errors) =
                charter(folder.path(), &["check", "--contract", "strict.json", input, "--report", report, "--samples", "all", "-v"]);
            assert_eq!(code, 1, "{errors}");
            let found = leaks(&[out, errors.into_bytes()].concat(), &secrets);
            failures.extend(found.into_iter().map(|name| format!("{report} of {input}: {name}")));
        }
        for report in ["text", "json"].iter().filter(|_| input != "in.har") {
            let (_, out, errors) = charter(folder.path(), &["drift", "--contract", "strict.json", input, "--report", report, "--seen"]);
            let found = leaks(&[out, errors.into_bytes()].concat(), &secrets);
            failures.extend(found.into_iter().map(|name| format!("drift, {report}, of {input}: {name}")));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// A body as text; `None` if it is not UTF-8.
fn text(message: &Message) -> Option<&str> {
    std::str::from_utf8(&message.body).ok()
}

/// The fields as an object of lists.
fn object(headers: &[(String, String)]) -> Value {
    headers.iter().map(|(name, value)| (name.clone(), json!([value]))).collect::<serde_json::Map<_, _>>().into()
}

/// Header fields with one value each, and bodies that are text: what every format can record.
fn simple() -> Vec<Case> {
    let is_simple = |case: &Case| {
        text(&case.request).is_some()
            && text(&case.response).is_some()
            && !case.response.headers.iter().any(|(name, _)| name == "content-encoding")
    };
    cases().into_iter().filter(is_simple).collect()
}

/// A cassette of vcrpy.
fn cassette(cases: &[Case]) -> Value {
    let interactions: Value = cases
        .iter()
        .map(|case| {
            json!({"request": {"method": case.method, "uri": case.url, "body": text(&case.request), "headers": object(&case.request.headers)},
                "response": {"status": {"code": 200, "message": "OK"}, "headers": object(&case.response.headers), "body": {"string": text(&case.response)}}})
        })
        .collect();
    json!({"version": 1, "interactions": interactions})
}

/// The same in YAML: block scalars where the text allows them, else quoted ones.
fn yaml(cases: &[Case]) -> String {
    let quoted = |text: &str| Value::from(text).to_string();
    let mut out = "version: 1\ninteractions:\n".to_owned();
    let fields = |out: &mut String, headers: &[(String, String)]| {
        for (name, value) in headers {
            let _ = write!(out, "      {}:\n      - {}\n", quoted(name), quoted(value));
        }
    };
    for case in cases {
        let _ = write!(
            out,
            "- request:\n    method: {}\n    uri: {}\n    body: {}\n    headers:\n",
            case.method,
            quoted(&case.url),
            quoted(text(&case.request).expect("text"))
        );
        fields(&mut out, &case.request.headers);
        let body = text(&case.response).expect("text");
        let is_block = !body.is_empty() && body.bytes().all(|byte| (b' '..=b'~').contains(&byte)) && !body.starts_with(' ');
        let _ = match is_block {
            true => write!(out, "  response:\n    body:\n      string: |-\n        {body}\n    headers:\n"),
            false => write!(out, "  response:\n    body:\n      string: {}\n    headers:\n", quoted(body)),
        };
        fields(&mut out, &case.response.headers);
        out.push_str("    status:\n      code: 200\n      message: OK\n");
    }
    out
}

fn nock(cases: &[Case]) -> Value {
    cases
        .iter()
        .map(|case| {
            let raw: Vec<&str> = case.response.headers.iter().flat_map(|(name, value)| [name.as_str(), value.as_str()]).collect();
            let request: serde_json::Map<_, _> = case.request.headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
            let body = |message: &Message| serde_json::from_slice(&message.body).unwrap_or_else(|_| Value::from(text(message)));
            json!({"scope": "https://api.example:443", "method": case.method, "path": case.url.trim_start_matches("https://api.example"), "body": body(&case.request),
                "status": 200, "response": body(&case.response), "rawHeaders": raw, "reqheaders": request, "responseIsBinary": false})
        })
        .collect()
}

fn postman(cases: &[Case]) -> Value {
    let fields =
        |headers: &[(String, String)]| -> Value { headers.iter().map(|(name, value)| json!({"key": name, "value": value})).collect() };
    let items: Value = cases
        .iter()
        .map(|case| {
            let mut request = json!({"method": case.method, "url": {"raw": case.url}, "header": fields(&case.request.headers)});
            if !case.request.body.is_empty() {
                request["body"] = json!({"mode": "raw", "raw": text(&case.request)});
            }
            json!({"name": "one", "request": request, "response": [{"name": "saved", "originalRequest": request, "code": 200, "header": fields(&case.response.headers), "body": text(&case.response)}]})
        })
        .collect();
    json!({"info": {"name": "c", "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"}, "item": items})
}

fn mockserver(cases: &[Case]) -> Value {
    cases
        .iter()
        .map(|case| {
            let url = url::Url::parse(&case.url).expect("a URL");
            let mut query = serde_json::Map::new();
            for (name, value) in url.query_pairs() {
                query.insert(name.into_owned(), json!([value]));
            }
            json!({"httpRequest": {"method": case.method, "path": url.path(), "queryStringParameters": query, "headers": object(&case.request.headers), "body": text(&case.request)},
                "httpResponse": {"statusCode": 200, "headers": object(&case.response.headers), "body": text(&case.response)}})
        })
        .collect()
}

fn wiremock(cases: &[Case]) -> Value {
    let fields = |headers: &[(String, String)]| -> Value {
        headers.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect::<serde_json::Map<_, _>>().into()
    };
    let requests: Value = cases
        .iter()
        .map(|case| {
            json!({"request": {"url": case.url.trim_start_matches("https://api.example"), "absoluteUrl": case.url, "method": case.method, "headers": fields(&case.request.headers),
                    "bodyAsBase64": STANDARD.encode(&case.request.body), "body": text(&case.request)},
                "response": {"status": 200, "headers": fields(&case.response.headers), "bodyAsBase64": STANDARD.encode(&case.response.body), "body": text(&case.response)}, "responseDefinition": {"status": 200}, "wasMatched": true})
        })
        .collect();
    json!({"requests": requests})
}

fn otlp(cases: &[Case]) -> Value {
    let spans: Value = cases
        .iter()
        .map(|case| {
            let mut attributes = vec![
                json!({"key": "http.request.method", "value": {"stringValue": case.method}}),
                json!({"key": "url.full", "value": {"stringValue": case.url}}),
                json!({"key": "http.response.status_code", "value": {"intValue": "200"}}),
                json!({"key": "http.response.body", "value": {"stringValue": text(&case.response)}}),
            ];
            if !case.request.body.is_empty() {
                attributes.push(json!({"key": "http.request.body", "value": {"stringValue": text(&case.request)}}));
            }
            for (side, message) in [("request", &case.request), ("response", &case.response)] {
                for (name, value) in &message.headers {
                    attributes.push(json!({"key": format!("http.{side}.header.{}", name.to_lowercase()), "value": {"arrayValue": {"values": [{"stringValue": value}]}}}));
                }
            }
            json!({"traceId": "a", "spanId": "b", "name": "GET", "kind": "SPAN_KIND_CLIENT", "startTimeUnixNano": "1795901857062512204", "endTimeUnixNano": "1795901857068189342", "attributes": attributes})
        })
        .collect();
    json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]})
}

/// A flow file of mitmproxy.
fn mitmproxy(cases: &[Case]) -> Vec<u8> {
    let string = |bytes: &[u8], tag: u8| [format!("{}:", bytes.len()).as_bytes(), bytes, &[tag]].concat();
    let dict = |members: Vec<(&str, Vec<u8>)>| {
        let inner: Vec<u8> = members.into_iter().flat_map(|(name, value)| [string(name.as_bytes(), b';'), value].concat()).collect();
        string(&inner, b'}')
    };
    let headers = |message: &Message| {
        let fields = message
            .headers
            .iter()
            .map(|(name, value)| string(&[string(name.as_bytes(), b','), string(value.as_bytes(), b',')].concat(), b']'));
        string(&fields.collect::<Vec<_>>().concat(), b']')
    };
    let one = |case: &Case| {
        let request = dict(vec![
            ("method", string(case.method.as_bytes(), b',')),
            ("scheme", string(b"https", b',')),
            ("host", string(b"api.example", b';')),
            ("port", b"3:443#".to_vec()),
            ("path", string(case.url.trim_start_matches("https://api.example").as_bytes(), b',')),
            ("headers", headers(&case.request)),
            ("content", string(&case.request.body, b',')),
            ("timestamp_start", b"12:1795901857.5^".to_vec()),
        ]);
        let response = dict(vec![
            ("status_code", b"3:200#".to_vec()),
            ("headers", headers(&case.response)),
            ("content", string(&case.response.body, b',')),
        ]);
        dict(vec![("type", string(b"http", b';')), ("request", request), ("response", response)])
    };
    cases.iter().flat_map(one).collect()
}

#[test]
fn no_planted_secret_is_in_a_masked_recording_of_another_program() {
    let (all, cases) = (cases(), simple());
    let folder = TempDir::new().expect("a folder");
    let at = |name: &str| folder.path().join(name);
    std::fs::write(at("openapi.json"), CONTRACT).expect("a file");
    let pretty = |value: Value| serde_json::to_vec_pretty(&value).expect("JSON");
    let files: [(&str, &[Case], Vec<u8>); 9] = [
        ("cassette.json", &cases, pretty(cassette(&cases))),
        ("cassette.yaml", &cases, yaml(&cases).into_bytes()),
        ("nock.json", &cases, pretty(nock(&cases))),
        ("postman.json", &cases, pretty(postman(&cases))),
        ("mockserver.json", &cases, pretty(mockserver(&cases))),
        ("wiremock.json", &cases, pretty(wiremock(&cases))),
        ("otlp.json", &cases, pretty(otlp(&cases))),
        ("flows.mitm", &all, mitmproxy(&all)),
        ("pretty.har", &all, pretty(serde_json::from_str(&har(&all)).expect("JSON"))),
    ];
    let mut failures = Vec::new();
    for (name, cases, bytes) in files {
        std::fs::write(at(name), &bytes).expect("a file");
        let before = leaks(&bytes, cases).len();
        assert!(before + 14 >= cases.len(), "{name}: the test finds what it planted: {before} of {}", cases.len());
        let wanted = verdict(folder.path(), name);
        assert_eq!(wanted.1["exchanges"], cases.len(), "{name}");
        let (code, _, errors) = charter(folder.path(), &["scrub", "--contract", "openapi.json", name, "--in-place"]);
        if code != 0 {
            failures.push(format!("{name}: {errors}"));
            continue;
        }
        let masked = std::fs::read(at(name)).expect("a file");
        failures.extend(leaks(&masked, cases).into_iter().map(|leak| format!("{name}: {leak}")));
        let found = verdict(folder.path(), name);
        if wanted != found {
            failures.push(format!("verdicts of {name}: {wanted:?} {found:?}"));
        }
        let (code, _, errors) = charter(folder.path(), &["scrub", "--contract", "openapi.json", name, "--check"]);
        if code != 0 || std::fs::read(at(name)).expect("a file") != masked {
            failures.push(format!("{name}: a second scrub: {errors}"));
        }
    }
    assert!(failures.is_empty(), "{} failures:\n{}", failures.len(), failures.join("\n"));
}

/// What is not a secret stays: each byte of the file.
#[test]
fn values_that_only_look_like_secrets_stay() {
    let body = json!({
        "id": "o1", "logo": "https://cdn.example/img/logo@2x.png", "package": "react@18.2.0", "scoped": "@scope/pkg@1.2.3-beta.1", "clone": "git@github.com:a/b.git",
        "usage": {"prompt_tokens": 1200, "completion_tokens": 3400, "total_tokens": 4600, "max_tokens": 99999}, "nextPageToken": "CAUQAA12345678901234",
        "key": "color", "session": "morning", "signature": "Ann Example", "sort_key": "created-at-2026", "salt": "sea",
        "options": ["password", "username"], "steps": [{"key": "password", "label": "a1b2c3d4"}], "run": "docker run -u 1000:1000 -p 8080:80",
        "token_type": "bearer", "expires_in": 3600, "password_changed_at": "2026-07-14T09:12:31Z", "passwordPolicy": "at least 12 characters", "error_code": "E1234567",
        "code": "invalid_grant_12", "digest": "sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "uuid": "0b3c7a52-88c1-4d0e-9a8b-0f1e2d3c4b5a",
        "etag": "W/\"33a64df551425fcc55e4d42a148795d9f25f89d4\"", "image": STANDARD.encode((0_u8..=255).collect::<Vec<_>>()), "words": STANDARD.encode("some plain words of a text"),
        "text": "the password: must have a digit; Basic authentication and bearer tokens", "author": "Ann", "keyboard": "qwerty-12345678", "public_key": "ssh-ed25519 AAAAC3Nza",
        "time": "12:30:45", "ratio": "16:9", "math": "a=b&c=d", "token": null, "secret": true, "pin": 12, "state": "token", "tokens": ["the", "cat"],
    });
    let headers = json!([{"name": "etag", "value": "\"abc123def456\""}, {"name": "idempotency-key", "value": "8e03978e-40d5-43dd-bc93-6894a57f9324"},
        {"name": "x-ratelimit-remaining-tokens", "value": "149984"}, {"name": "www-authenticate", "value": "Bearer realm=\"orders1\", error=\"invalid_token\""}]);
    let line = json!({"format": "charter-exchange/1", "request": {"method": "GET", "url": "/orders/o1?page=2&sort=-id&q=a%20b", "headers": []},
        "response": {"status": 200, "headers": headers, "body": body}, "headersComplete": true});
    let folder = TempDir::new().expect("a folder");
    std::fs::write(folder.path().join("in.ndjson"), format!("{line}\n")).expect("a file");
    let (code, out, errors) = charter(folder.path(), &["scrub", "in.ndjson", "-o", "-"]);
    assert_eq!((code, String::from_utf8_lossy(&out).into_owned()), (0, format!("{line}\n")), "{errors}");
    for value in kinds::texts("ordinaryValues") {
        let line = format!("{{\"id\": \"o1\", \"more\": {value}}}");
        std::fs::write(folder.path().join("in.ndjson"), format!("{line}\n")).expect("a file");
        let (code, out, errors) = charter(folder.path(), &["scrub", "in.ndjson", "-o", "-"]);
        assert_eq!((code, String::from_utf8_lossy(&out).into_owned()), (0, format!("{line}\n")), "{errors}");
    }
    let line = places::ORDINARY.replace("\n    ", "");
    std::fs::write(folder.path().join("in.ndjson"), format!("{line}\n")).expect("a file");
    let (code, out, errors) = charter(folder.path(), &["scrub", "in.ndjson", "-o", "-"]);
    assert_eq!((code, String::from_utf8_lossy(&out).into_owned()), (0, format!("{line}\n")), "{errors}");
}

#[test]
fn a_file_is_replaced_only_on_request() {
    let folder = TempDir::new().expect("a folder");
    let path = folder.path().join("in.ndjson");
    let line = "{\"by\": \"ann@corp.example\", \"password\": \"correct horse 7\"}\n";
    std::fs::write(&path, line).expect("a file");
    let (code, _, errors) = charter(folder.path(), &["scrub", "in.ndjson"]);
    assert!(code == 2 && errors.contains("--in-place"), "{errors}");
    let (code, _, errors) = charter(folder.path(), &["scrub", "in.ndjson", "--check"]);
    assert!(code == 1 && errors.contains("1 of 1 documents have to be masked: 1 member, 1 e-mail address"), "{errors}");
    assert_eq!(std::fs::read_to_string(&path).expect("a file"), line);
    let (code, _, errors) = charter(folder.path(), &["scrub", "in.ndjson", "--in-place"]);
    assert!(code == 0 && !std::fs::read_to_string(&path).expect("a file").contains("horse"), "{errors}");
}
