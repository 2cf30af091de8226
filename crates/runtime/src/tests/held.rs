//! Buffered values.

use crate::held::{Given, Held};
use crate::{At, Read};

fn hold(text: &str) -> Result<String, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let held = Held::read(&mut deserializer, &At::Root).map_err(|error| error.to_string())?;
    let value = serde_json::Value::read(Given::<serde_json::Error>::new(&held), &At::Root).map_err(|error| error.to_string())?;
    Ok(value.to_string())
}

#[test]
fn buffered_values_are_unchanged() {
    let text = r#"{"b":[1,-2,18446744073709551615,0.5,null,true],"a":{"text":"plain","escaped":"a\nb\"","":{}}}"#;
    assert_eq!(hold(text), Ok(text.to_owned()));
}

#[test]
fn duplicate_keys_are_errors_in_small_and_large_objects() {
    assert!(hold(r#"{"x":{"a":1,"b":2,"a":3}}"#).is_err_and(|error| error.contains(r#"at "/x": duplicate key "a""#)));
    for last in [0, 7, 39] {
        let entries: Vec<String> = (0..40).chain([last]).map(|index| format!(r#""k{index}":{index}"#)).collect();
        let error = hold(&format!("{{{}}}", entries.join(","))).expect_err("a duplicate key");
        assert!(error.contains(&format!("duplicate key \"k{last}\"")), "{error}");
    }
}
