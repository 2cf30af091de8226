use charter_contract::Contract;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::testing::{only, operation};
use super::*;

const LIMIT: usize = 1 << 20;

fn contract(media_type: &str, spec: &Value) -> Contract {
    operation("/p", &json!({"requestBody": {"content": {media_type: spec}}}))
}

fn decode(contract: &Contract, content_type: &str, bytes: &[u8]) -> Result<Content, Undecoded> {
    let body = only(contract).request_body.as_ref().expect("a request body");
    let (_, spec) = body.content.first().expect("a media type");
    decode_body(contract.schemas(), spec, &MediaType::parse(content_type).expect(content_type), bytes, Stored::Bytes, LIMIT)
}

/// The valid value, or why there is none.
fn judged(decoded: Result<Content, Undecoded>, schema: &Value) -> Value {
    match decoded.and_then(Content::into_value) {
        Ok(value) => match value.choose(|value| jsonschema::is_valid(schema, value)) {
            Ok(value) => value,
            Err(natural) => json!({"invalid": natural}),
        },
        Err(Undecoded::Malformed(malformed)) => json!({"malformed": malformed.message, "offset": malformed.offset}),
        Err(Undecoded::NotJudged(reason)) => json!({"not judged": reason}),
    }
}

fn check(content_type: &str, spec: Value, bytes: impl AsRef<[u8]>, expected: Value) {
    let key = content_type.split(';').next().unwrap_or_default();
    let contract = contract(key, &spec);
    let found = judged(decode(&contract, content_type, bytes.as_ref()), &spec["schema"]);
    assert_eq!(found, expected, "{} of {spec}", String::from_utf8_lossy(bytes.as_ref()));
}

#[test]
fn bodies_are_judged_by_kind() {
    let string = || json!({"schema": {"type": "string"}});
    let by_media_type = |name: &str| json!({"not judged": format!("a body of the media type {name} is judged by its media type only")});
    check("application/json", json!({"schema": {"type": "object"}}), "{\"a\":1}", json!({"a": 1}));
    check(
        "application/json",
        json!({"schema": {}}),
        "{\"a\":",
        json!({"malformed": "invalid JSON: EOF while parsing a value", "offset": 4}),
    );
    // A text is one string. OpenAPI, "Media Type Registry", Text.
    check("text/plain", string(), "42", json!("42"));
    check("text/plain", json!({"schema": {"type": "string", "maxLength": 3}}), "abcd", json!({"invalid": "abcd"}));
    check("text/plain; charset=iso-8859-1", json!({"schema": {"type": "string", "maxLength": 1}}), b"\xfc", json!("\u{fc}"));
    check("text/html", string(), "<p>", json!("<p>"));
    check("text/csv", json!({"schema": {"type": "string", "pattern": "^id,"}}), "id,name\n", json!("id,name\n"));
    check("text/plain", json!({"schema": {"type": "integer"}}), "42", json!(42));
    check("text/plain", json!({"schema": {"type": "string", "enum": ["OK"]}}), "KO", json!({"invalid": "KO"}));
    check("text/plain", string(), "", json!(""));
    // Other media types.
    check("image/png", json!({"schema": {"type": "string", "format": "binary"}}), b"\x89PNG", by_media_type("image/png"));
    check("application/xml", json!({"schema": {"type": "object"}}), "<a/>", by_media_type("application/xml"));
    check("application/octet-stream", json!({"schema": {}}), b"\0", by_media_type("application/octet-stream"));
    // Streams. OpenAPI 3.2, "Sequential Media Types": the items are an array.
    check("application/x-ndjson", json!({"schema": {"type": "array", "items": {"type": "object"}}}), "{}\n{}\n", json!([{}, {}]));
    check("application/json-seq", json!({"schema": {"type": "array"}}), "\x1e{}\n\x1e[]\n", json!([{}, []]));
    check("text/event-stream", json!({"schema": {"type": "array"}}), "data: a\n\n", json!([{"data": "a"}]));
    check("text/event-stream", json!({"schema": {}}), "data: a\n\n", json!([{"data": "a"}]));
    // Other schemas describe the text, or something that no version defines.
    check("text/event-stream", string(), "data: a\n\n", json!("data: a\n\n"));
    let undefined = json!({"not judged": "the schema of the stream describes neither an array of its items nor a text"});
    check("application/x-ndjson", json!({"schema": {"type": "object"}}), "{}\n", undefined);
    check("application/x-ndjson", json!({"schema": {}, "itemSchema": {"type": "object"}}), "{}\n", json!([{}]));
}

#[test]
fn a_body_in_a_json_string_is_stored_as_text() {
    let start = json::Position { byte: 0, line: 1, column: 1 };
    let escaped = Body::Bytes { bytes: b"a".to_vec(), location: BodyLocation::Escaped { start, raw: "a".into() } };
    let encoded = Body::Bytes { bytes: b"a".to_vec(), location: BodyLocation::Encoded };
    assert_eq!(
        [Stored::of(&escaped), Stored::of(&encoded), Stored::of(&Body::from_bytes("a"))],
        [Stored::Text, Stored::Bytes, Stored::Bytes]
    );
}

#[test]
fn a_body_above_the_limit_is_not_judged() {
    let contract = contract("text/plain", &json!({"schema": {"type": "string"}}));
    let (_, spec) = only(&contract).request_body.as_ref().and_then(|body| body.content.first()).expect("a media type");
    let media_type = MediaType::parse("text/plain").expect("a media type");
    let decoded = decode_body(contract.schemas(), spec, &media_type, b"12345", Stored::Bytes, 4);
    assert_eq!(decoded.err(), Some(Undecoded::NotJudged("the body is larger than 4 bytes".to_owned())));
}

const FORM: &str = "application/x-www-form-urlencoded";

#[test]
fn forms_are_objects() {
    let integer = json!({"type": "integer"});
    let object = |properties: Value| json!({"type": "object", "properties": properties});
    let of = |properties: Value| json!({"schema": object(properties)});
    // OpenAPI 3.2.1, "Example: URL Encoded Form with JSON Values".
    check(
        FORM,
        of(json!({"id": {"type": "string"}, "address": {"type": "object", "required": ["zip"]}})),
        "id=f81d4fae&address=%7B%22streetAddress%22%3A%22123+Example+Dr.%22%2C%22zip%22%3A%2299999%2B1234%22%7D",
        json!({"id": "f81d4fae", "address": {"streetAddress": "123 Example Dr.", "zip": "99999+1234"}}),
    );
    check(
        FORM,
        json!({"schema": object(json!({"id": {"type": "string"}})), "encoding": {"id": {"contentType": "application/json"}}}),
        "id=%22f81d4fae%22",
        json!({"id": "f81d4fae"}),
    );
    check(
        FORM,
        json!({"schema": object(json!({"id": {}})), "encoding": {"id": {"contentType": "application/json"}}}),
        "id=f81d",
        json!({"malformed": "invalid JSON: expected ident", "offset": 1}),
    );
    check(FORM, of(json!({"a": integer, "b": {"type": "boolean"}})), "a=1&b=true", json!({"a": 1, "b": true}));
    check(FORM, of(json!({"a": integer})), "a=x", json!({"invalid": {"a": "x"}}));
    check(FORM, of(json!({"a": integer})), "a=%zz", json!({"malformed": "`%zz` is not a percent-encoded byte", "offset": 0}));
    check(FORM, of(json!({"a": integer})), b"a=\xff", json!({"malformed": "the form is not valid UTF-8", "offset": 2}));
    check(FORM, of(json!({"a": integer})), "", json!({}));
    check(FORM, json!({"schema": {"type": "object", "required": ["a"]}}), "", json!({"invalid": {}}));
    // "Encoding By Name": one value for each item.
    check(FORM, of(json!({"a": {"type": "array", "items": integer}})), "a=1&a=2", json!({"a": [1, 2]}));
    check(FORM, of(json!({"a": {"type": "array", "items": integer}})), "a=1", json!({"a": [1]}));
    check(FORM, of(json!({"a": {"type": "array", "items": {"type": "object"}}})), "a={}&a=%7B%22b%22:1%7D", json!({"a": [{}, {"b": 1}]}));
    check(FORM, of(json!({"a": integer})), "a=1&a=2", json!({"invalid": {"a": [1, 2]}}));
    // Names that the schema does not describe.
    check(FORM, of(json!({"a": integer})), "a=1&x=2", json!({"a": 1, "x": "2"}));
    let closed = json!({"type": "object", "properties": {"a": integer}, "additionalProperties": false});
    check(FORM, json!({"schema": closed}), "a=1&x=2", json!({"invalid": {"a": 1, "x": "2"}}));
    check(FORM, json!({"schema": {"type": "object", "additionalProperties": integer}}), "x=2", json!({"x": 2}));
    // "Encoding Object": with `style`, `explode` or `allowReserved`, properties are serialised as query parameters.
    let styled = |encoding: Value| {
        json!({"schema": object(json!({"c": object(json!({"R": integer, "G": integer})), "i": {"type": "array", "items": integer}})),
               "encoding": encoding})
    };
    check(FORM, styled(json!({"c": {"style": "deepObject"}})), "c[R]=1&c%5BG%5D=2", json!({"c": {"R": 1, "G": 2}}));
    check(FORM, styled(json!({"c": {"explode": true}})), "R=1&G=2", json!({"c": {"R": 1, "G": 2}}));
    check(FORM, styled(json!({"i": {"style": "form", "explode": false}})), "i=1,2", json!({"i": [1, 2]}));
    check(FORM, styled(json!({"i": {"style": "pipeDelimited"}})), "i=1%7C2", json!({"i": [1, 2]}));
    check(FORM, styled(json!({"i": {"style": "spaceDelimited"}})), "i=1+2", json!({"i": [1, 2]}));
    check(FORM, styled(json!({"i": {"allowReserved": true}})), "i=1&i=2", json!({"i": [1, 2]}));
    check(FORM, styled(json!({"i": {"style": "deepObject", "explode": true}})), "i[0]=1&i[1]=2", json!({"i": [1, 2]}));
    check(FORM, json!({"schema": {"type": "string"}}), "a=1", json!("a=1"));
}

const MULTIPART: &str = "multipart/form-data; boundary=b";

/// A body of parts: the parameters of `Content-Disposition`, other header fields, and the body of each.
fn multipart(parts: &[(&str, &str, &str)]) -> String {
    let parts = parts.iter().map(|(name, fields, body)| {
        let fields = if fields.is_empty() { String::new() } else { format!("{fields}\r\n") };
        format!("--b\r\nContent-Disposition: form-data; {name}\r\n{fields}\r\n{body}\r\n")
    });
    parts.chain(["--b--\r\n".to_owned()]).collect()
}

#[test]
fn multipart_forms_are_objects() {
    let of = |properties: Value| json!({"schema": {"type": "object", "properties": properties}});
    let integer = json!({"type": "integer"});
    // RFC 7578, section 4.4: a part without a media type is text.
    check(MULTIPART, of(json!({"id": {"type": "string"}})), multipart(&[("name=\"id\"", "", "42")]), json!({"id": "42"}));
    check(MULTIPART, of(json!({"id": integer})), multipart(&[("name=id", "", "42")]), json!({"id": 42}));
    check(
        MULTIPART,
        of(json!({"id": integer})),
        multipart(&[("name=id", "Content-Type: text/plain", "x")]),
        json!({"invalid": {"id": "x"}}),
    );
    // OpenAPI, "Encoding Object": the default of an object is JSON.
    check(MULTIPART, of(json!({"a": {"type": "object"}})), multipart(&[("name=a", "", "{\"b\":1}")]), json!({"a": {"b": 1}}));
    check(MULTIPART, of(json!({"a": {}})), multipart(&[("name=a", "content-type: application/json", "[1]")]), json!({"a": [1]}));
    check(
        MULTIPART,
        of(json!({"a": {}})),
        multipart(&[("name=a", "Content-Type: application/json", "[1")]),
        json!({"malformed": "invalid JSON: EOF while parsing a list", "offset": 80}),
    );
    // A string is the text of the part, also if the part is labelled as JSON, unless the encoding promises JSON.
    let json = "Content-Type: application/json";
    check(MULTIPART, of(json!({"s": {"type": "string"}})), multipart(&[("name=s", json, "{\"b\":1}")]), json!({"s": "{\"b\":1}"}));
    check(MULTIPART, of(json!({"s": {"type": "string"}})), multipart(&[("name=s", json, "\"b\"")]), json!({"s": "b"}));
    check(
        MULTIPART,
        of(json!({"s": {"type": ["string", "array"], "maxItems": 0}})),
        multipart(&[("name=s", json, "[1]")]),
        json!({"invalid": {"s": [1]}}),
    );
    let mut promised = of(json!({"s": {"type": "string"}}));
    promised["encoding"] = json!({"s": {"contentType": "application/json"}});
    check(MULTIPART, promised, multipart(&[("name=s", json, "{\"b\":1}")]), json!({"invalid": {"s": {"b": 1}}}));
    // RFC 7578, section 4.3: several values of one field.
    check(
        MULTIPART,
        of(json!({"i": {"type": "array", "items": integer}})),
        multipart(&[("name=i", "", "1"), ("name=i", "", "2")]),
        json!({"i": [1, 2]}),
    );
    check(MULTIPART, of(json!({"i": {"type": "array", "items": integer}})), multipart(&[("name=i", "", "1")]), json!({"i": [1]}));
    check(
        MULTIPART,
        of(json!({"i": {"type": "array", "items": integer}})),
        multipart(&[("name=i", "Content-Type: application/json", "[1,2]")]),
        json!({"i": [1, 2]}),
    );
    // "Encoding Object", `style`: without percent-encoding. OpenAPI 3.0 ignores it.
    let styled = |encoding: Value| {
        let integers = json!({"type": "array", "items": integer});
        let properties = json!({"i": integers, "c": {"type": "object", "properties": {"R": integer}, "required": ["R"]}});
        json!({"schema": {"type": "object", "properties": properties}, "encoding": encoding})
    };
    check(MULTIPART, styled(json!({"i": {"explode": false}})), multipart(&[("name=i", "", "1,2")]), json!({"i": [1, 2]}));
    check(MULTIPART, styled(json!({"i": {"style": "pipeDelimited"}})), multipart(&[("name=i", "", "1|2")]), json!({"i": [1, 2]}));
    check(
        MULTIPART,
        styled(json!({"i": {"explode": false}})),
        multipart(&[("name=i", "", "1"), ("name=i", "", "2")]),
        json!({"i": [1, 2]}),
    );
    check(MULTIPART, styled(json!({"i": {"explode": true}})), multipart(&[("name=i", "", "1"), ("name=i", "", "2")]), json!({"i": [1, 2]}));
    check(MULTIPART, styled(json!({"c": {"style": "form"}})), multipart(&[("name=c", "", "{\"R\":1}")]), json!({"c": {"R": 1}}));
    // A file.
    let png = ("name=\"photo\"; filename=\"a.png\"", "Content-Type: image/png", "\u{1}PNG");
    check(MULTIPART, of(json!({"photo": {"type": "string", "format": "binary"}})), multipart(&[png]), json!({"photo": "\u{1}PNG"}));
    check(MULTIPART, of(json!({"photo": {}})), multipart(&[png]), json!({"photo": "\u{1}PNG"}));
    check(
        MULTIPART,
        of(json!({"photo": {"type": "object"}})),
        multipart(&[png]),
        json!({"not judged": "a part of the media type image/png is judged by its media type only"}),
    );
    // The length of bytes that are not text is their number.
    let bytes = [b"--b\r\nContent-Disposition: form-data; name=f\r\n\r\n".as_slice(), b"\xff\x00\xfe", b"\r\n--b--"].concat();
    check(MULTIPART, of(json!({"f": {"type": "string", "maxLength": 3}})), bytes, json!({"f": "\u{ff}\0\u{fe}"}));
    check(MULTIPART, json!({"schema": {"type": "object", "required": ["id"]}}), "--b--\r\n", json!({"invalid": {}}));
    // RFC 2046, section 5.1.1.
    check("multipart/form-data", of(json!({})), "--b--", json!({"malformed": "the media type has no boundary", "offset": 0}));
    check(MULTIPART, of(json!({})), "id=1", json!({"malformed": "no line is the delimiter `--b`", "offset": 0}));
    check("multipart/form-data; boundary=\"b\"", of(json!({"id": integer})), multipart(&[("name=id", "", "1")]), json!({"id": 1}));
}

#[test]
fn other_multipart_bodies_are_arrays() {
    // OpenAPI 3.2.1, "Encoding By Position".
    let body = "--b\r\nContent-Type: application/json\r\n\r\n{\"a\":1}\r\n--b\r\nContent-Type: text/plain\r\n\r\n7\r\n--b--";
    let schema = json!({"type": "array", "prefixItems": [{"type": "object"}, {"type": "integer"}]});
    check("multipart/mixed; boundary=b", json!({"schema": schema}), body, json!([{"a": 1}, 7]));
}

#[test]
fn parts_are_encoded_by_position() {
    // OpenAPI 3.2.0, "Media Type Object", `prefixEncoding` and `itemEncoding`.
    let prefix = json!([{"contentType": "application/json"}, {}]);
    let item = json!({"contentType": "image/png, image/*"});
    let parts = |types: [&str; 3]| -> String {
        let parts = types.iter().map(|field| format!("--b\r\n{field}\r\n\r\n1\r\n"));
        parts.chain(["--b--\r\n".to_owned()]).collect()
    };
    let json = "Content-Type: application/json";
    let wrong =
        |index: usize, found: &str, allowed: &str| format!("the part `{index}` has the media type {found}; its encoding allows {allowed}");
    for (with_prefix, with_item, types, expected) in [
        (true, true, [json, "Content-Type: text/plain", "Content-Type: image/gif"], vec![]),
        (true, false, ["Content-Type: text/plain", "Content-Type: text/plain", json], vec![wrong(0, "text/plain", "application/json")]),
        (true, true, [json, json, json], vec![wrong(2, "application/json", "image/png, image/*")]),
        (
            false,
            true,
            [json, "Content-Type: image/png", "Content-Type: text/csv"],
            vec![wrong(0, "application/json", "image/png, image/*"), wrong(2, "text/csv", "image/png, image/*")],
        ),
        (true, true, ["X: 1", "X: 1", "X: 1"], vec![]),
    ] {
        let mut spec = json!({"schema": {"type": "array"}});
        if with_prefix {
            spec["prefixEncoding"] = prefix.clone();
        }
        if with_item {
            spec["itemEncoding"] = item.clone();
        }
        let contract = contract("multipart/mixed", &spec);
        let decoded = decode(&contract, "multipart/mixed; boundary=b", parts(types).as_bytes());
        let Ok(Content::Parts { violations, .. }) = decoded else { panic!("no parts") };
        let found: Vec<String> = violations.into_iter().map(|violation| violation.message).collect();
        assert_eq!(found, expected, "{types:?}");
    }
}

#[test]
fn a_part_without_a_media_type_has_that_of_its_position() {
    let body = "--b\r\n\r\n{\"a\":1}\r\n--b\r\n\r\n7\r\n--b--";
    let schema = json!({"type": "array", "prefixItems": [{"type": "object"}, {"type": ["integer", "string"]}]});
    let spec = json!({"schema": schema, "prefixEncoding": [{"contentType": "application/json"}], "itemEncoding": {"contentType": "application/json"}});
    check("multipart/mixed; boundary=b", spec, body, json!([{"a": 1}, 7]));
    let broken = "--b\r\n\r\n{\r\n--b--";
    let spec = json!({"schema": {"type": "array"}, "itemEncoding": {"contentType": "application/json"}});
    check("multipart/mixed; boundary=b", spec, broken, json!({"malformed": "invalid JSON: EOF while parsing an object", "offset": 7}));
}

#[test]
fn parts_have_names_header_fields_and_bytes() {
    let spec = json!({"schema": {"type": "object"}, "encoding": {"photo": {"contentType": "image/png, image/jpeg"}}});
    let contract = contract("multipart/form-data", &spec);
    let body = multipart(&[
        ("name=\"photo\"; filename=\"a;b.png\"", "Content-Type: image/gif\r\nX-Rate: 1", "GIF"),
        ("name=photo", "Content-Type: IMAGE/JPEG", "JPEG"),
        ("filename=x", "", "no name"),
    ]);
    let Ok(Content::Parts { parts, violations, .. }) = decode(&contract, MULTIPART, body.as_bytes()) else { panic!("no parts") };
    let found: Vec<(Option<&str>, usize, &str)> =
        parts.iter().map(|part| (part.name.as_deref(), part.headers.len(), &body[part.body.clone()])).collect();
    assert_eq!((parts[0].header("x-rate"), parts[1].header("x-rate")), (vec!["1"], vec![]));
    assert_eq!(found, [(Some("photo"), 3, "GIF"), (Some("photo"), 2, "JPEG"), (None, 1, "no name")]);
    let found: Vec<(&str, &str)> =
        violations.iter().map(|violation| (violation.message.as_str(), &body[violation.offset..violation.offset + 3])).collect();
    assert_eq!(
        found,
        [
            ("the part `photo` has the media type image/gif; its encoding allows image/png, image/jpeg", "GIF"),
            ("a part has no `Content-Disposition: form-data` with a name", "no "),
        ]
    );
}

proptest! {
    #[test]
    fn no_bytes_cause_a_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80), pieces in proptest::collection::vec(0..10_usize, 0..12)) {
        let spec = json!({
            "schema": {"type": "object", "properties": {"a": {"type": "array"}, "c": {"type": "object"}}},
            "encoding": {"c": {"style": "deepObject"}, "a": {"explode": false}}});
        let contract = contract("*/*", &spec);
        let all: [&[u8]; 10] = [
            b"--b\r\n", b"Content-Disposition: form-data; name=a\r\n", b"\r\n", b"--b--", b"a=1&", b"c[x]=", b"{\"a\":1}", b"\x1e", b"data: x\n", &bytes,
        ];
        let bytes: Vec<u8> = pieces.into_iter().flat_map(|piece| all[piece].to_vec()).collect();
        for content_type in [
            "application/json", "application/jsonl", "application/json-seq", "text/event-stream", FORM, MULTIPART, "multipart/mixed; boundary=b",
            "text/plain", "text/plain; charset=utf-16", "image/png",
        ] {
            judged(decode(&contract, content_type, &bytes), &json!(false));
        }
    }
}

/// Time grows with the size of a body, not with its square.
#[test]
fn large_bodies_end_in_time() {
    let form: String = (0..50_000).map(|index| format!("n{index}=1&")).collect();
    let spec = json!({"schema": {"type": "object", "additionalProperties": {"type": ["integer", "string"]}}});
    let contract = contract(FORM, &spec);
    let Ok(Content::Value(value)) = decode(&contract, FORM, form.as_bytes()) else { panic!("no value") };
    assert!(value.choose(|_| false).is_err());
    let parts: String = (0..9_000).map(|index| format!("--b\r\nContent-Disposition: form-data; name=n{index}\r\n\r\n1\r\n")).collect();
    assert!(decode(&contract, MULTIPART, format!("{parts}--b--").as_bytes()).is_ok());
}
