use charter_contract::Operation;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::super::testing::{only, operation};
use super::*;

/// An operation with parameters.
fn contract(parameters: &Value) -> Contract {
    let path = parameters.as_array().into_iter().flatten().filter(|parameter| parameter["in"] == "path");
    let path: String = path.map(|parameter| format!("/{{{}}}", parameter["name"].as_str().unwrap_or_default())).collect();
    operation(&format!("/p{path}"), &json!({"parameters": parameters}))
}

/// A parameter without its schema, and with it.
fn with_schema(mut parameter: Value, schema: &Value) -> Value {
    parameter["schema"] = schema.clone();
    parameter["name"] = json!("color");
    if parameter["in"] == "path" {
        parameter["required"] = json!(true);
    }
    parameter
}

/// The reading of the only parameter. `raw` is a segment of a path, a query, a value of a header field, or a value of `Cookie`.
fn read(contract: &Contract, raw: &str) -> Reading {
    let parameters = &only(contract).parameters;
    let parameter = &parameters[0];
    match parameter.place {
        ParameterPlace::Path => decode_path(contract, parameter, raw),
        ParameterPlace::Query | ParameterPlace::QueryString => decode_query(contract, parameters, raw).readings.remove(0).1,
        ParameterPlace::Header => decode_request_header(contract, parameter, &[raw]),
        ParameterPlace::Cookie => decode_cookies(contract, parameters, &[raw]).remove(0).1,
    }
}

/// The valid value, or the one to show and the word `invalid`.
fn judged(reading: Reading, schema: &Value) -> Value {
    match reading {
        Reading::Value(candidates) => match candidates.choose(|value| jsonschema::is_valid(schema, value)) {
            Ok(value) => value,
            Err(natural) => json!({"invalid": natural}),
        },
        Reading::Malformed(malformed) => json!({"malformed": malformed.message}),
        Reading::Absent => json!("absent"),
        Reading::Empty => json!("empty"),
        Reading::NotJudged(reason) => json!({"not judged": reason}),
    }
}

fn check(parameter: Value, schema: &Value, raw: &str, expected: Value) {
    let parameter = with_schema(parameter, schema);
    let contract = contract(&json!([parameter]));
    assert_eq!(judged(read(&contract, raw), schema), expected, "{raw:?} of {parameter}");
}

fn text() -> Value {
    json!({"type": "string"})
}

fn texts() -> Value {
    json!({"type": "array", "items": {"type": "string"}})
}

fn integers() -> Value {
    json!({"type": "array", "items": {"type": "integer"}})
}

fn rgb() -> Value {
    let integer = json!({"type": "integer"});
    json!({"type": "object", "properties": {"R": integer, "G": integer, "B": integer}, "required": ["R", "G", "B"]})
}

/// OpenAPI 3.2.1, "Style Examples": each row, with values of each type.
#[test]
fn style_examples_of_the_standard() {
    let array = || json!(["blue", "black", "brown"]);
    let object = || json!({"R": 100, "G": 200, "B": 150});
    let cases = [
        ("path", "matrix", false, text(), ";color=blue", json!("blue")),
        ("path", "matrix", false, texts(), ";color=blue,black,brown", array()),
        ("path", "matrix", false, rgb(), ";color=R,100,G,200,B,150", object()),
        ("path", "matrix", true, text(), ";color=blue", json!("blue")),
        ("path", "matrix", true, texts(), ";color=blue;color=black;color=brown", array()),
        ("path", "matrix", true, rgb(), ";R=100;G=200;B=150", object()),
        ("path", "label", false, text(), ".blue", json!("blue")),
        ("path", "label", false, texts(), ".blue,black,brown", array()),
        ("path", "label", false, rgb(), ".R,100,G,200,B,150", object()),
        ("path", "label", true, text(), ".blue", json!("blue")),
        ("path", "label", true, texts(), ".blue.black.brown", array()),
        ("path", "label", true, rgb(), ".R=100.G=200.B=150", object()),
        ("path", "simple", false, text(), "blue", json!("blue")),
        ("path", "simple", false, texts(), "blue,black,brown", array()),
        ("path", "simple", false, rgb(), "R,100,G,200,B,150", object()),
        ("path", "simple", true, text(), "blue", json!("blue")),
        ("path", "simple", true, texts(), "blue,black,brown", array()),
        ("path", "simple", true, rgb(), "R=100,G=200,B=150", object()),
        ("header", "simple", false, text(), "blue", json!("blue")),
        ("header", "simple", false, texts(), "blue,black,brown", array()),
        ("header", "simple", false, rgb(), "R,100,G,200,B,150", object()),
        ("header", "simple", true, rgb(), "R=100,G=200,B=150", object()),
        ("query", "form", false, text(), "color=", json!("")),
        ("query", "form", false, text(), "color=blue", json!("blue")),
        ("query", "form", false, texts(), "color=blue,black,brown", array()),
        ("query", "form", false, rgb(), "color=R,100,G,200,B,150", object()),
        ("query", "form", true, text(), "color=", json!("")),
        ("query", "form", true, text(), "color=blue", json!("blue")),
        ("query", "form", true, texts(), "color=blue&color=black&color=brown", array()),
        ("query", "form", true, rgb(), "R=100&G=200&B=150", object()),
        ("query", "spaceDelimited", false, texts(), "color=blue%20black%20brown", array()),
        ("query", "spaceDelimited", false, rgb(), "color=R%20100%20G%20200%20B%20150", object()),
        ("query", "pipeDelimited", false, texts(), "color=blue%7Cblack%7Cbrown", array()),
        ("query", "pipeDelimited", false, rgb(), "color=R%7C100%7CG%7C200%7CB%7C150", object()),
        ("query", "deepObject", true, rgb(), "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150", object()),
        ("query", "deepObject", false, rgb(), "color[R]=100&color[G]=200&color[B]=150", object()),
        ("cookie", "form", true, text(), "color=blue", json!("blue")),
        ("cookie", "form", false, texts(), "color=blue,black,brown", array()),
        ("cookie", "form", true, texts(), "color=blue&color=black&color=brown", array()),
        ("cookie", "form", true, rgb(), "R=100&G=200&B=150", object()),
        ("cookie", "cookie", true, text(), "color=blue", json!("blue")),
        ("cookie", "cookie", true, texts(), "color=blue; color=black; color=brown", array()),
        ("cookie", "cookie", true, rgb(), "R=100; G=200; B=150", object()),
        // 3.0.0 to 3.0.3 and 3.1.0 write these rows with other delimiters.
        ("path", "label", false, integers(), ".1.2.3", json!([1, 2, 3])),
        ("path", "label", false, rgb(), ".R.100.G.200.B.150", object()),
        ("query", "spaceDelimited", false, texts(), "color=blue+black+brown", array()),
        ("query", "pipeDelimited", false, texts(), "color=blue|black|brown", array()),
        ("query", "spaceDelimited", true, texts(), "color=blue&color=black&color=brown", array()),
        ("query", "pipeDelimited", true, texts(), "color=blue&color=black&color=brown", array()),
    ];
    for (place, style, explode, schema, raw, expected) in cases {
        check(json!({"in": place, "style": style, "explode": explode}), &schema, raw, expected);
    }
}

#[test]
fn path_parameters() {
    let simple = || json!({"in": "path"});
    let styled = |style: &str, explode: bool| json!({"in": "path", "style": style, "explode": explode});
    let no_matrix = json!({"malformed": "the segment does not begin with `;color`, as the style `matrix` requires"});
    // RFC 6570, section 3.2.2; OpenAPI, Appendix B for types.
    check(simple(), &json!({"type": "integer"}), "7", json!(7));
    check(simple(), &json!({"type": "integer"}), "seven", json!({"invalid": "seven"}));
    check(simple(), &json!({"type": "integer", "minimum": 8}), "7", json!({"invalid": 7}));
    check(simple(), &json!({"type": ["integer", "null"]}), "null", json!(null));
    check(simple(), &json!({"type": "boolean"}), "yes", json!({"invalid": "yes"}));
    check(simple(), &json!({"enum": [1, 2]}), "2", json!(2));
    check(simple(), &json!({"anyOf": [{"type": "integer", "maximum": 5}, {"type": "string", "pattern": "^7$"}]}), "7", json!("7"));
    // RFC 3986, section 2.4: split before decoding, decode once; `+` is not a space in paths.
    check(simple(), &texts(), "a%2Cb,c%20d,e+f,%2541", json!(["a,b", "c d", "e+f", "%41"]));
    check(simple(), &text(), "%E4", json!({"malformed": "the percent-encoded bytes are not valid UTF-8"}));
    check(simple(), &text(), "100%", json!({"malformed": "`%` is not a percent-encoded byte"}));
    check(simple(), &integers(), "1,b", json!({"invalid": [1, "b"]}));
    check(simple(), &rgb(), "R,100,G", json!({"invalid": "R,100,G"}));
    // RFC 6570, section 3.2.7.
    check(styled("matrix", false), &text(), ";color", json!(""));
    check(styled("matrix", false), &text(), "blue", no_matrix.clone());
    check(styled("matrix", false), &text(), ";colour=blue", no_matrix.clone());
    check(styled("matrix", false), &texts(), ";color=blue;color=black", no_matrix.clone());
    check(styled("matrix", true), &texts(), ";color=blue;size=1", no_matrix);
    check(styled("matrix", true), &integers(), ";color=1", json!([1]));
    check(styled("matrix", true), &text(), ";c%6Flor=a%3Bb", json!("a;b"));
    // RFC 6570, section 3.2.5.
    check(styled("label", false), &json!({"type": "number"}), ".1.5", json!(1.5));
    check(styled("label", false), &text(), ".a.b", json!("a.b"));
    check(styled("label", false), &json!({"type": "array", "items": {"type": "number"}}), ".1.5,2", json!([1.5, 2]));
    check(styled("label", true), &integers(), ".1.2", json!([1, 2]));
    check(
        styled("label", true),
        &text(),
        "blue",
        json!({"malformed": "the segment does not begin with `.`, as the style `label` requires"}),
    );
}

#[test]
fn query_parameters() {
    let query = || json!({"in": "query"});
    let styled = |style: &str, explode: bool| json!({"in": "query", "style": style, "explode": explode});
    let integer = json!({"type": "integer"});
    check(query(), &integer, "color=5", json!(5));
    check(query(), &integer, "", json!("absent"));
    check(query(), &integer, "other=5", json!("absent"));
    check(query(), &integer, "color=", json!({"invalid": ""}));
    // WHATWG URL, section 5.1: a name without `=` has an empty value; empty pairs are skipped; `+` is a space.
    check(query(), &text(), "color", json!(""));
    check(query(), &text(), "&&color=a+b%2Bc&", json!("a b+c"));
    check(query(), &text(), "color=a=b", json!("a=b"));
    check(query(), &text(), "c%6Flor=blue", json!("blue"));
    check(query(), &text(), "color=%zz", json!({"malformed": "`%zz` is not a percent-encoded byte"}));
    // A name that cannot be decoded spoils no other one.
    check(query(), &text(), "100%=x&color=blue", json!("blue"));
    // `allowReserved` concerns the sender: reserved characters are read unchanged either way.
    check(json!({"in": "query", "allowReserved": true}), &text(), "color=a/b?c:d@e%2Ff", json!("a/b?c:d@e/f"));
    check(query(), &text(), "color=a/b?c", json!("a/b?c"));
    // A repeated name is an array.
    check(query(), &integer, "color=1&color=2", json!({"invalid": [1, 2]}));
    check(query(), &integers(), "color=1&color=2", json!([1, 2]));
    check(query(), &integers(), "color=1", json!([1]));
    check(query(), &integers(), "color=1,2", json!({"invalid": ["1,2"]}));
    check(query(), &texts(), "color=1,2", json!(["1,2"]));
    check(query(), &integers(), "color=", json!([]));
    check(query(), &json!({"anyOf": [{"type": "integer"}, integers()]}), "color=1", json!(1));
    check(query(), &json!({"anyOf": [{"type": "integer"}, integers()]}), "color=1&color=2", json!([1, 2]));
    // RFC 6570, section 3.2.8, without the explode modifier.
    check(styled("form", false), &integers(), "color=1,2", json!([1, 2]));
    check(styled("form", false), &texts(), "color=a%2Cb,c", json!(["a,b", "c"]));
    check(styled("form", false), &integers(), "color=", json!([]));
    check(
        styled("form", false),
        &integers(),
        "color=1&color=2",
        json!({"malformed": "`color` occurs 2 times, but its style has one value without `explode`"}),
    );
    check(styled("form", false), &text(), "color=a,b", json!("a,b"));
    check(styled("form", false), &json!({"anyOf": [text(), integers()]}), "color=1,b", json!("1,b"));
    check(styled("pipeDelimited", false), &integers(), "color=1|2%7c3", json!([1, 2, 3]));
    check(styled("spaceDelimited", false), &integers(), "color=1", json!([1]));
    check(styled("spaceDelimited", false), &integers(), "color=1,2", json!({"invalid": ["1,2"]}));
    // Objects.
    check(query(), &rgb(), "R=1&G=2&B=x", json!({"invalid": {"R": 1, "G": 2, "B": "x"}}));
    check(query(), &rgb(), "R=1", json!({"invalid": {"R": 1}}));
    check(query(), &rgb(), "color=1", json!("absent"));
    check(query(), &json!({"type": "object", "additionalProperties": integer}), "a=1&b=2", json!({"a": 1, "b": 2}));
    check(styled("deepObject", true), &rgb(), "color[R]=1&color[G]=2&color[B]=3&color[X]=y", json!({"R": 1, "G": 2, "B": 3, "X": "y"}));
    check(styled("deepObject", true), &rgb(), "color=1", json!("absent"));
    check(styled("deepObject", true), &rgb(), "color[R]=1&color[R]=2", json!({"invalid": {"R": [1, 2]}}));
    // Nested names of a deep object are not standardised; the common forms are read.
    let nested = json!({"type": "object", "properties": {
        "a": {"type": "object", "properties": {"b": {"type": "integer"}}}, "c": integers(),
        "d": {"type": "array", "items": {"type": "object", "properties": {"e": {"type": "boolean"}}}}}});
    check(
        styled("deepObject", true),
        &nested,
        "color[a][b]=1&color[c][]=1&color[c][]=2&color[d][0][e]=true",
        json!({"a": {"b": 1}, "c": [1, 2], "d": [{"e": true}]}),
    );
    check(styled("deepObject", true), &nested, "color[c]=1&color[c]=2", json!({"c": [1, 2]}));
    check(styled("deepObject", true), &nested, "color[a]=1&color[a][b]=1", json!({"malformed": "`a` has a value and members"}));
}

#[test]
fn an_empty_value_may_stand_for_no_value() {
    // OpenAPI, "Parameter Object", `allowEmptyValue`.
    let parameter = || json!({"in": "query", "allowEmptyValue": true});
    let integer = json!({"type": "integer"});
    check(parameter(), &integer, "color=", json!("empty"));
    check(parameter(), &integer, "color", json!("empty"));
    check(parameter(), &integer, "color=5", json!(5));
    check(parameter(), &integer, "color=&color=5", json!({"invalid": ["", 5]}));
    check(parameter(), &integer, "", json!("absent"));
}

#[test]
fn parameters_of_a_query_share_its_names() {
    let parameters = json!([
        {"name": "ids", "in": "query", "schema": integers()},
        {"name": "filter", "in": "query", "style": "deepObject", "schema": {"type": "object"}},
        {"name": "page", "in": "query", "schema": {"type": "object", "properties": {"size": {"type": "integer"}, "ids": {}}}},
        {"name": "q", "in": "query", "content": {"application/json": {"schema": {"type": "object"}}}},
    ]);
    let contract = contract(&parameters);
    let query = decode_query(&contract, &only(&contract).parameters, "ids=1&size=5&filter[a]=b&debug&q=%7B%7D&filter=x&debug=1&filter[a");
    let values: Vec<Value> = query.readings.into_iter().map(|(_, reading)| judged(reading, &json!(true))).collect();
    assert_eq!(values, [json!([1]), json!({"a": "b"}), json!({"size": 5}), json!({})]);
    assert_eq!(query.undeclared, ["debug", "filter", "filter[a"]);
}

#[test]
fn an_object_of_any_properties_reads_every_other_name() {
    // OpenAPI, "Parameter Object Examples": "A free-form query parameter".
    let parameters = json!([
        {"name": "freeForm", "in": "query", "schema": {"type": "object", "additionalProperties": {"type": "integer"}}},
        {"name": "page", "in": "query", "schema": {"type": "integer"}},
    ]);
    let contract = contract(&parameters);
    let query = decode_query(&contract, &only(&contract).parameters, "page=4&pageSize=50");
    let values: Vec<Value> = query.readings.into_iter().map(|(_, reading)| judged(reading, &json!(true))).collect();
    assert_eq!((values, query.undeclared), (vec![json!({"pageSize": 50}), json!(4)], Vec::new()));
}

#[test]
fn parameters_with_content() {
    let of = |place: &str, media_type: &str, schema: Value| json!([{"name": "color", "in": place, "required": true, "content": {media_type: {"schema": schema}}}]);
    let object = json!({"type": "object", "required": ["lat"], "properties": {"lat": {"type": "number"}}});
    let form = json!({"type": "object", "properties": {"foo": {"type": "string"}, "bar": {"type": "boolean"}}});
    let cases = [
        // OpenAPI 3.2.1, "Parameter Object Examples".
        (of("query", "application/json", object.clone()), "color=%7B%22lat%22%3A40.6%7D", json!({"lat": 40.6})),
        (of("query", "application/json", object.clone()), "color=%7B%7D", json!({"invalid": {}})),
        (
            of("query", "application/json", object.clone()),
            "color=1&color=2",
            json!({"malformed": "`color` occurs 2 times, but it has one value"}),
        ),
        (of("path", "application/json", object.clone()), "%7B%22lat%22%3A1%7D", json!({"lat": 1})),
        (of("header", "application/json", object.clone()), "{\"lat\":1}", json!({"lat": 1})),
        (of("cookie", "application/json", object.clone()), "a=b; color=%7B%22lat%22%3A1%7D", json!({"lat": 1})),
        (of("query", "text/plain", text()), "color=a+b", json!("a b")),
        (
            of("query", "application/xml", object.clone()),
            "color=x",
            json!({"not judged": "a body of the media type application/xml is judged by its media type only"}),
        ),
        // `in: querystring`.
        (of("querystring", "application/x-www-form-urlencoded", form), "foo=a+%2B+b&bar=true", json!({"foo": "a + b", "bar": true})),
        (of("querystring", "application/json", object.clone()), "%7B%22lat%22%3A1%7D", json!({"lat": 1})),
        (
            of("querystring", "application/jsonpath", text()),
            "%24.a",
            json!({"not judged": "a body of the media type application/jsonpath is judged by its media type only"}),
        ),
        (of("querystring", "application/json", object), "", json!("absent")),
    ];
    for (parameters, raw, expected) in cases {
        let contract = contract(&parameters);
        let schema = parameters[0]["content"].as_object().and_then(|content| content.values().next()).map(|spec| &spec["schema"]);
        assert_eq!(judged(read(&contract, raw), schema.unwrap_or(&json!(true))), expected, "{raw} of {parameters}");
    }
    let contract = contract(&of("query", "application/json", text()));
    assert!(matches!(read(&contract, "color=%7B"), Reading::Malformed(malformed) if malformed.message.starts_with("invalid JSON")));
}

#[test]
fn cookie_parameters() {
    let form = || json!({"in": "cookie"});
    let cookie = || json!({"in": "cookie", "style": "cookie"});
    // RFC 6265, section 4.2.1.
    check(form(), &json!({"type": "integer"}), "a=b; color=5;c=d", json!(5));
    check(form(), &text(), "a=b", json!("absent"));
    check(form(), &text(), "color=a=b&c", json!("a=b&c"));
    check(form(), &text(), "a=%zz; color=x", json!("x"));
    // OpenAPI 3.2.1, "Parameter Object Examples" and Appendix D: `form` is percent-encoded, `cookie` is not.
    check(form(), &text(), "color=Hello%2C%20world%21", json!("Hello, world!"));
    check(cookie(), &text(), "color=Hello%2C%20world!", json!("Hello%2C%20world!"));
    check(form(), &text(), "color=a+b", json!("a+b"));
    check(
        cookie(),
        &json!({"type": "object", "properties": {"greeting": text(), "code": {"type": "integer"}}}),
        "greeting=Hello%2C%20world!; code=42",
        json!({"greeting": "Hello%2C%20world!", "code": 42}),
    );
}

#[test]
fn header_fields() {
    let cases: [(&str, Value, &[&str], Value); 25] = [
        ("X-A", json!({"schema": {"type": "integer"}}), &["5"], json!([5])),
        ("X-A", json!({"schema": {"type": "integer"}}), &[" 5\t"], json!([5])),
        ("X-A", json!({"schema": {"type": "integer"}}), &[], json!(["absent"])),
        // RFC 9110, section 5.3: lines of one field are one list.
        ("X-A", json!({"schema": {"type": "integer"}}), &["5", "6"], json!([{"invalid": "5, 6"}])),
        ("X-A", json!({"schema": integers()}), &["1,2, 3"], json!([[1, 2, 3]])),
        ("X-A", json!({"schema": integers()}), &["1", "2"], json!([[1, 2]])),
        ("X-A", json!({"schema": integers()}), &["1,b"], json!([{"invalid": [1, "b"]}])),
        ("X-A", json!({"schema": integers()}), &["1"], json!([[1]])),
        // RFC 9110, section 5.6.1.2: empty elements are ignored.
        ("X-A", json!({"schema": integers()}), &["1,,2,"], json!([[1, 2]])),
        ("X-A", json!({"schema": integers()}), &[""], json!([[]])),
        ("X-A", json!({"schema": rgb()}), &["R,1,G,2,B,3"], json!([{"R": 1, "G": 2, "B": 3}])),
        ("X-A", json!({"schema": rgb(), "explode": true}), &["R=1,G=2", "B=3"], json!([{"R": 1, "G": 2, "B": 3}])),
        ("X-A", json!({"schema": rgb(), "explode": true}), &["R=1"], json!([{"invalid": {"R": 1}}])),
        ("X-A", json!({"schema": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}), &["5"], json!([5])),
        ("X-A", json!({"schema": {"allOf": [{"type": "integer"}, {"maximum": 9}]}}), &["5"], json!([5])),
        ("X-A", json!({"schema": {"enum": [1, 2]}}), &["1"], json!([1])),
        // OpenAPI, Appendix D: quotes are part of the value, and percent-encoding stays.
        ("ETag", json!({"schema": {"type": "string", "pattern": "^\""}}), &["\"a%20b\""], json!(["\"a%20b\""])),
        ("Last-Modified", json!({"schema": text()}), &["Wed, 09 Jun 2027 10:18:14 GMT"], json!(["Wed, 09 Jun 2027 10:18:14 GMT"])),
        // OpenAPI, "Representing the `Set-Cookie` Header"; RFC 9110, section 5.3.
        (
            "Set-Cookie",
            json!({"schema": text()}),
            &["a=1; Expires=Wed, 09 Jun 2027", "b=2"],
            json!(["a=1; Expires=Wed, 09 Jun 2027", "b=2"]),
        ),
        (
            "set-cookie",
            json!({"schema": texts()}),
            &["a=1; Expires=Wed, 09 Jun 2027", "b=2"],
            json!([["a=1; Expires=Wed, 09 Jun 2027", "b=2"]]),
        ),
        ("Set-Cookie", json!({"schema": {"type": "array", "minItems": 2}}), &["a=1, b=2"], json!([{"invalid": ["a=1, b=2"]}])),
        (
            "Set-Cookie",
            json!({"explode": true, "schema": {"type": "object", "required": ["lang"]}}),
            &["lang=en; Path=/", "foo=bar"],
            json!([{"lang": "en; Path=/", "foo": "bar"}]),
        ),
        ("Set-Cookie", json!({"content": {"text/plain": {"schema": text()}}}), &["a=1", "b=2"], json!(["a=1\nb=2"])),
        // `content`.
        (
            "X-A",
            json!({"content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}),
            &["{\"a\":1}"],
            json!([{"a": 1}]),
        ),
        (
            "X-A",
            json!({"content": {"application/json": {"schema": {"type": "object", "required": ["a"]}}}}),
            &["{}"],
            json!([{"invalid": {}}]),
        ),
    ];
    for (name, header, lines, expected) in cases {
        let contract = operation("/p", &json!({"responses": {"200": {"description": "ok", "headers": {name: header}}}}));
        let schema = header.pointer("/schema").or_else(|| header["content"].as_object()?.values().next()?.get("schema"));
        let spec = &only(&contract).responses[0].headers[0];
        let found: Vec<Value> =
            decode_header(&contract, spec, lines).into_iter().map(|reading| judged(reading, schema.unwrap_or(&json!(true)))).collect();
        assert_eq!(Value::Array(found), expected, "{lines:?} of {header}");
    }
}

/// Parameters of every place and style.
fn every_style() -> Contract {
    let mut parameters = Vec::new();
    let styles = [
        ("path", "matrix"),
        ("path", "label"),
        ("path", "simple"),
        ("query", "form"),
        ("query", "spaceDelimited"),
        ("query", "pipeDelimited"),
        ("query", "deepObject"),
        ("header", "simple"),
        ("cookie", "form"),
        ("cookie", "cookie"),
    ];
    let either = json!({"anyOf": [text(), integers(), rgb(), {"type": "null"}]});
    for (place, style) in styles {
        for explode in [false, true] {
            for schema in [&rgb(), &integers(), &either, &json!({})] {
                let name = format!("a{}", parameters.len());
                let required = place == "path";
                parameters
                    .push(json!({"name": name, "in": place, "style": style, "explode": explode, "schema": schema, "required": required}));
            }
        }
    }
    contract(&Value::Array(parameters))
}

fn read_all(contract: &Contract, operation: &Operation, text: &str) {
    for parameter in &operation.parameters {
        let reading = match parameter.place {
            ParameterPlace::Path => decode_path(contract, parameter, text),
            ParameterPlace::Header => decode_request_header(contract, parameter, &[text]),
            _ => continue,
        };
        judged(reading, &json!(false));
    }
    for (_, reading) in decode_query(contract, &operation.parameters, text).readings {
        judged(reading, &json!(false));
    }
    for (_, reading) in decode_cookies(contract, &operation.parameters, &[text]) {
        judged(reading, &json!(false));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_text_causes_a_panic(texts in proptest::collection::vec("(a[0-9]{1,2}|R|G|[;.,=&%+| \\[\\]\u{e9}\"]|%20|%7C|%5B|[0-9]){0,16}", 8)) {
        let contract = every_style();
        for text in texts {
            read_all(&contract, only(&contract), &text);
        }
    }
}
