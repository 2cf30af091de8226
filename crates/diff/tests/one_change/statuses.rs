//! Statuses and ranges of statuses, and the requests that the API sends.

use serde_json::{Value, json};

use super::{api, assert_lines, every_line};

fn described(schema: &Value) -> Value {
    json!({"description": "d", "content": {"application/json": {"schema": schema}}})
}

fn with(responses: &Value) -> Value {
    api(responses, &json!({}))
}

#[test]
fn a_range_and_a_status_of_its_class_correspond() {
    let (text, short) = (described(&json!({"type": "string"})), described(&json!({"type": "string", "maxLength": 9})));
    let at = "/paths/~1parcels/get/responses";
    let schema = "content/application~1json/schema/maxLength";
    for (range, status) in [("2XX", "200"), ("4XX", "404")] {
        let old = with(&json!({range: text, "503": text}));
        let new = with(&json!({status: text, "503": text}));
        assert_eq!(
            every_line(&old, &new),
            [format!("status-removed {at}/{range} compatible"), format!("status-added {at}/{status} compatible")]
        );
        let new = with(&json!({status: short, "503": text}));
        let lines = every_line(&old, &new);
        assert_eq!(lines[2], format!("max-length-added {at}/{status}/{schema} compatible"));
        let lines = every_line(&new, &old);
        assert_eq!(lines[0], format!("status-removed {at}/{status} compatible"));
        assert_eq!(lines[2], format!("max-length-removed {at}/{range}/{schema} breaking"));
    }
    // Another status of the class is another success.
    let (old, new) = (with(&json!({"2XX": text})), with(&json!({"302": text})));
    assert_eq!(every_line(&old, &new)[0], format!("status-removed {at}/2XX breaking"));
}

#[test]
fn default_describes_the_successes_that_nothing_else_describes() {
    let (text, list) = (described(&json!({"type": "string"})), described(&json!({"type": "array"})));
    let at = "/paths/~1parcels/get/responses";
    let old = with(&json!({"default": text, "404": text}));
    let new = with(&json!({"200": list, "default": text, "404": text}));
    assert_eq!(
        every_line(&old, &new),
        [format!("status-added {at}/200 compatible"), format!("type-changed {at}/200/content/application~1json/schema/type breaking")]
    );
    // Next to another success, `default` describes errors.
    let old = with(&json!({"201": list, "default": text}));
    let new = with(&json!({"200": list, "201": list, "default": text}));
    assert_eq!(every_line(&old, &new), [format!("status-added {at}/200 compatible")]);
}

#[test]
fn the_receiver_of_a_webhook_ignores_what_is_sent_in_addition() {
    let parameter = |required: bool| json!({"name": "n", "in": "query", "required": required, "schema": {"type": "string"}});
    let body = |required: bool| json!({"required": required, "content": {"application/json": {"schema": {"type": "string"}}}});
    let mut base = with(&json!({"200": {"description": "d"}}));
    base["webhooks"] = json!({"sent": {"post": {"operationId": "sent", "parameters": [], "responses": {"200": {"description": "d"}}}}});
    let at = "/webhooks/sent/post";
    for (required, needed, back) in [(true, "required", "breaking"), (false, "optional", "compatible")] {
        let edit = |document: &mut Value| document["webhooks"]["sent"]["post"]["parameters"] = json!([parameter(required)]);
        assert_lines(
            &base,
            edit,
            &[&format!("{needed}-parameter-added {at}/parameters/0 compatible")],
            &[&format!("parameter-removed {at}/parameters/0 {back}")],
        );
        let edit = |document: &mut Value| document["webhooks"]["sent"]["post"]["requestBody"] = body(required);
        assert_lines(
            &base,
            edit,
            &[&format!("{needed}-request-body-added {at}/requestBody compatible")],
            &[&format!("request-body-removed {at}/requestBody {back}")],
        );
    }
}
