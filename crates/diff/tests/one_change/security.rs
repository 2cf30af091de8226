//! Requirements of credentials, and the members of security schemes.

use serde_json::{Value, json};

use super::{api, assert_lines, every_line};

const AT: &str = "/components/securitySchemes";

/// A document whose operation has these alternatives of credentials.
fn document(security: &Value) -> Value {
    let mut document = api(&json!({"200": {"description": "d"}}), &json!({}));
    document["paths"]["/parcels"]["get"]["security"] = security.clone();
    document["components"]["securitySchemes"] = json!({
        "key": {"type": "apiKey", "in": "header", "name": "X-Key"},
        "token": {"type": "http", "scheme": "bearer"},
        "login": {"type": "oauth2", "flows": {"clientCredentials": {"tokenUrl": "https://a.test/t", "scopes": {"read": "", "write": ""}}}},
    });
    document
}

#[test]
fn requirements_with_the_same_effect_have_a_note() {
    let note = "security-written-differently /paths/~1parcels/get/security note";
    for (old, new) in [
        (json!([{"key": []}, {"token": []}]), json!([{"token": []}, {"key": []}])),
        (json!([{"key": []}]), json!([{"key": []}, {"key": [], "token": []}])),
        (json!([{"login": ["read", "write"]}]), json!([{"login": ["write", "read"]}])),
    ] {
        assert_eq!(every_line(&document(&old), &document(&new)), [note]);
        assert_eq!(every_line(&document(&new), &document(&old)), [note]);
    }
}

#[test]
fn a_scheme_with_another_name_is_the_same_scheme() {
    let base = document(&json!([{"key": []}, {"login": ["read"]}]));
    let rename = |members: Value| {
        move |document: &mut Value| {
            let schemes = document["components"]["securitySchemes"].as_object_mut().expect("schemes");
            let mut scheme = schemes.remove("login").expect("a scheme");
            scheme.as_object_mut().expect("a scheme").extend(members.as_object().expect("members").clone());
            schemes.insert("account".to_owned(), scheme);
            document["paths"]["/parcels"]["get"]["security"] = json!([{"key": []}, {"account": ["read"]}]);
        }
    };
    let names = |there: &str, back: &str| {
        [
            format!("security-scheme-removed {AT}/{there} note"),
            format!("security-scheme-added {AT}/{back} note"),
            "security-written-differently /paths/~1parcels/get/security note".to_owned(),
        ]
    };
    for members in [json!({}), json!({"description": "d"})] {
        let mut changed = base.clone();
        rename(members)(&mut changed);
        let sorted = |mut lines: Vec<String>| {
            lines.sort();
            lines
        };
        assert_eq!(sorted(every_line(&base, &changed)), sorted(names("login", "account").to_vec()));
        assert_eq!(sorted(every_line(&changed, &base)), sorted(names("account", "login").to_vec()));
    }
    let mut other = base.clone();
    rename(json!({"flows": {"clientCredentials": {"tokenUrl": "https://b.test/t", "scopes": {"read": ""}}}}))(&mut other);
    assert_eq!(every_line(&base, &other)[0], "security-requirements-changed /paths/~1parcels/get breaking");
}

#[test]
fn letter_case_has_no_effect_on_a_scheme() {
    let base = document(&json!([{"key": []}, {"token": []}]));
    for (scheme, member, value) in [("key", "name", "x-key"), ("token", "scheme", "Bearer")] {
        let edit = |document: &mut Value| document["components"]["securitySchemes"][scheme][member] = json!(value);
        let line = format!("security-scheme-written-differently {AT}/{scheme}/{member} note");
        assert_lines(&base, edit, &[&line], &[&line]);
    }
    // The names of query parameters and cookies are case-sensitive.
    let mut base = base;
    base["components"]["securitySchemes"]["key"]["in"] = json!("query");
    let edit = |document: &mut Value| document["components"]["securitySchemes"]["key"]["name"] = json!("x-key");
    let line = format!("security-scheme-changed {AT}/key/name breaking");
    assert_lines(&base, edit, &[&line], &[&line]);
}

#[test]
fn a_scheme_that_no_operation_requires_has_notes() {
    let base = document(&json!([{"token": []}]));
    let note = |place: &str| format!("security-scheme-written-differently {AT}/{place} note");
    let edit = |document: &mut Value| document["components"]["securitySchemes"]["key"]["in"] = json!("cookie");
    assert_lines(&base, edit, &[&note("key/in")], &[&note("key/in")]);
    let edit = |document: &mut Value| {
        document["components"]["securitySchemes"]["login"]["flows"]["clientCredentials"]["tokenUrl"] = json!("https://b.test/t");
    };
    assert_lines(&base, edit, &[&note("login/flows")], &[&note("login/flows")]);
    // Other documents use the components of a document without operations.
    let mut base = base;
    base.as_object_mut().expect("a document").shift_remove("paths");
    let edit = |document: &mut Value| document["components"]["securitySchemes"]["key"]["in"] = json!("cookie");
    let line = format!("security-scheme-changed {AT}/key/in breaking");
    assert_lines(&base, edit, &[&line], &[&line]);
}

#[test]
fn flows_are_compared_member_by_member() {
    let base = document(&json!([{"login": ["read"]}]));
    let flows = format!("{AT}/login/flows");
    let edits = |place: &'static str, value: Value| {
        move |document: &mut Value| {
            let (above, name) = place.rsplit_once('/').unwrap_or(("", place));
            let at = if above.is_empty() { format!("{AT}/login/flows") } else { format!("{AT}/login/flows/{above}") };
            document.pointer_mut(&at).expect("a place")[name] = value.clone();
        }
    };
    let code = json!({"authorizationUrl": "https://a.test/a", "tokenUrl": "https://a.test/t", "scopes": {}});
    for (place, value, kind, there, back) in [
        ("authorizationCode", code, "security-flow-changed", "compatible", "breaking"),
        ("clientCredentials/scopes/admin", json!("d"), "security-flow-changed", "compatible", "unknown"),
        ("clientCredentials/scopes/read", json!("d"), "description-changed", "note", "note"),
        ("clientCredentials/tokenUrl", json!("https://b.test/t"), "security-flow-changed", "unknown", "unknown"),
        ("clientCredentials/refreshUrl", json!("https://b.test/t"), "security-flow-changed", "compatible", "unknown"),
        ("clientCredentials/x-note", json!(1), "extension-changed", "note", "note"),
    ] {
        let line = |verdict: &str| format!("{kind} {flows}/{place} {verdict}");
        assert_lines(&base, edits(place, value), &[&line(there)], &[&line(back)]);
    }
}
