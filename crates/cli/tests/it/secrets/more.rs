//! The secrets of [`kinds`](super::kinds) as exchanges, and secrets in encoded texts that were cut off.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;

use super::{Case, KEY, all_percent, encodings, gzip, kinds, secret};

/// A short password.
fn short(number: usize) -> String {
    format!("hunt{number:03}er")
}

/// The token of a link.
fn token(number: usize) -> String {
    format!("aB{number:03}dE5fG7h")
}

/// A form of a text that is cut off.
type Cut = fn(&str) -> String;

/// The last characters of a text are missing.
fn without(text: &str, count: usize) -> String {
    text[..text.len() - count].to_owned()
}

const CUTS: [(&str, Cut); 9] = [
    ("base64, 1 missing", |text| without(&STANDARD.encode(text), 1)),
    ("base64, 2 missing", |text| without(&STANDARD.encode(text), 2)),
    ("base64, 3 missing", |text| without(&STANDARD.encode(text), 3)),
    ("base64 of other letters", |text| without(&STANDARD.encode(format!("{text} ü")), 2)),
    ("base64 of gzip without its end", |text| {
        let bytes = gzip(text.as_bytes());
        STANDARD.encode(&bytes[..bytes.len() - 8])
    }),
    ("base64 of gzip, cut twice", |text| {
        let bytes = gzip(format!("{text} and then some more of it").as_bytes());
        without(&STANDARD.encode(&bytes[..bytes.len() - 9]), 1)
    }),
    ("percent-encoding", |text| without(&all_percent(text), 1)),
    ("hexadecimal digits", |text| without(&text.bytes().map(|byte| format!("{byte:02x}")).collect::<String>(), 1)),
    ("base64, twice", |text| without(&STANDARD.encode(without(&STANDARD.encode(text), 1)), 1)),
];

pub(super) fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    let mut number = 700;
    let mut next = |kind: fn(usize) -> String| {
        number += 1;
        kind(number)
    };
    for kind in [secret as fn(usize) -> String, short] {
        for text in kinds::texts("members") {
            let planted = next(kind);
            let body = format!(r#"{{"id": "o1", "more": {}}}"#, text.replace('§', &planted));
            cases.push(Case::new(format!("member {text}"), &planted).response("application/json", body));
        }
        for text in kinds::texts("texts") {
            let planted = next(kind);
            cases.push(Case::new(format!("text {text}"), &planted).response("text/html", text.replace('§', &planted)));
        }
        for name in ["password", "user[password]"] {
            let planted = next(kind);
            let body = format!("--b\r\nContent-Disposition: form-data; name*=UTF-8''{name}\r\n\r\n{planted}\r\n--b--\r\n");
            cases.push(Case::new(format!("part {name}"), &planted).post("multipart/form-data; boundary=b", body));
        }
        let planted = next(kind);
        let form = format!("query=mutation($p:String!){{login(password:$p){{id}}}}&variables=%7B%22p%22%3A%22{planted}%22%7D");
        cases.push(Case::new("GraphQL in a form", &planted).post("application/x-www-form-urlencoded", form));
    }
    for text in kinds::texts("links") {
        let planted = next(secret);
        cases.push(Case::new(format!("link {text}"), &planted).json(json!({"id": "o1", "note": text.replace('§', &planted)})));
    }
    for text in kinds::texts("shortLinks") {
        let planted = next(token);
        cases.push(Case::new(format!("link {text}"), &planted).json(json!({"id": "o1", "note": text.replace('§', &planted)})));
    }
    for text in kinds::texts("urls") {
        let planted = next(secret);
        cases.push(Case::new(format!("URL {text}"), &planted).url(format!("https://api.example/orders/o1{}", text.replace('§', &planted))));
    }
    for (name, value) in kinds::fields() {
        let planted = next(secret);
        cases.push(Case::new(format!("field {name}: {value}"), &planted).response_header(name, value.replace('§', &planted)));
    }
    for (name, cut) in CUTS {
        let planted = next(secret);
        let text = cut(&format!("{{\"user\": \"ann\", \"password\": \"{planted}\", \"note\": \"ok\""));
        cases.push(Case::new(format!("cut off, {name}"), &planted).json(json!({"id": "o1", "note": format!("saw {text}")})));
    }
    for (length, form) in [(12, "plain"), (13, "plain"), (17, "plain"), (12, "percent"), (15, "JSON"), (12, "hexadecimal digits")] {
        let (beginning, end) = (&KEY[..length], &KEY[KEY.len() - length..]);
        for part in [beginning, end] {
            let text = encodings(part).into_iter().find(|(name, _)| *name == form).map(|(_, text)| text).expect("an encoding");
            cases.push(
                Case::new(format!("given, {length} characters, {form}"), part)
                    .json(json!({"id": "o1", "note": format!("saw {text}… today")})),
            );
        }
        cases.push(
            Case::new(format!("given, {length} characters of a field"), beginning)
                .response_header("x-echo", format!("key {beginning}... refused")),
        );
    }
    let planted = next(secret);
    let bytes = gzip(json!({"password": planted, "note": "a note that is cut off"}).to_string().as_bytes());
    cases.push(Case::new("cut off, gzip", &planted).response("application/octet-stream", &bytes[..bytes.len() - 10]));
    cases
}

/// Whether a part of the given secret is planted.
pub(super) fn is_part(case: &Case) -> bool {
    case.planted.iter().all(|planted| (1..KEY.len()).contains(&planted.len()) && KEY.contains(planted.as_str()))
}

/// Addresses in other forms.
pub(super) fn addresses() -> Vec<Case> {
    let addresses = [
        ("ann+tag@corp.example", "ann+tag"),
        ("o'brien@corp.example", "o'brien"),
        ("ANN.PERSON2@CORP.EXAMPLE", "ANN.PERSON2"),
        ("ann.person3@xn--exmple-cua.example", "ann.person3"),
        ("opera@[IPv6:2001:db8::1]", "opera@["),
        ("<ann.person4@sub.corp.co.example>;", "ann.person4"),
        ("mailto:ann.person5%2Btag@corp.example?cc=bob.person5@corp.example", "bob.person5"),
        ("ann.person6@corp.example,bob.person6@corp.example", "bob.person6"),
        ("用户7@例子.example", "用户7"),
    ];
    addresses
        .map(|(text, planted)| Case::new(format!("address {text}"), planted).json(json!({"id": "o1", "note": format!("by {text} x")})))
        .into()
}
