//! Responses that the proxy writes itself, as RFC 9457 describes them.

use charter_report::Finding;
use charter_traffic::mask::Masker;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, Response, StatusCode};
use serde_json::{Value, json};

/// A problem with a status.
pub(crate) fn problem(status: StatusCode, title: &str, detail: &str) -> Response<Vec<u8>> {
    response(status, &json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail}))
}

/// Status 502 with findings. The values that violate the contract are not in it.
pub(crate) fn violation(findings: &[&Finding], masker: &Masker) -> Response<Vec<u8>> {
    let masked = |text: &str| masker.text(text).into_owned();
    let list: Vec<Value> = findings.iter().map(|finding| one(finding, &masked)).collect();
    let status = StatusCode::BAD_GATEWAY;
    let body = json!({
        "type": "about:blank",
        "title": "The exchange violates the contract",
        "status": status.as_u16(),
        "detail": findings.first().map(|finding| masked(&finding.message)),
        "findings": list,
    });
    response(status, &body)
}

fn one(finding: &Finding, masked: &dyn Fn(&str) -> String) -> Value {
    json!({
        "rule": finding.rule,
        "keyword": finding.keyword,
        "operation": finding.operation,
        "direction": finding.direction,
        "instanceLocation": masked(&finding.instance_location),
        "schemaLocation": finding.absolute_keyword_location,
        "message": masked(&finding.message),
        "promised": masked(&finding.promised),
    })
}

fn response(status: StatusCode, body: &Value) -> Response<Vec<u8>> {
    let mut response = Response::new(body.to_string().into_bytes());
    *response.status_mut() = status;
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    response
}
