//! The places of changes.

use serde_json::json;

use super::{echo, every_line};

#[test]
fn a_change_of_types_is_at_the_keyword_that_states_them() {
    let at = "/paths/~1things/put/responses/200/content/application~1json/schema";
    for (old, new, place, back) in [
        (json!({"const": 1}), json!({"const": true}), "const", "const"),
        (json!({"enum": [1]}), json!({"enum": ["a"]}), "enum", "enum"),
        (json!({"type": "integer"}), json!({"const": "a"}), "const", "type"),
        (json!({"enum": [1, 2]}), json!({"type": "string"}), "type", "enum"),
    ] {
        let (old, new) = (echo(&json!({}), &old), echo(&json!({}), &new));
        assert_eq!(every_line(&old, &new), [format!("type-changed {at}/{place} breaking")]);
        assert_eq!(every_line(&new, &old), [format!("type-changed {at}/{back} breaking")]);
    }
}
