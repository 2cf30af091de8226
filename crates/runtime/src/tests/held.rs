//! Held values.

use crate::held::{Given, Held};
use crate::{At, Read};

fn hold(text: &str) -> Result<String, String> {
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let held = Held::read(&mut deserializer, &At::Root).map_err(|error| error.to_string())?;
    let value = serde_json::Value::read(Given::<serde_json::Error>::new(&held), &At::Root).map_err(|error| error.to_string())?;
    Ok(value.to_string())
}

#[test]
fn what_is_held_is_handed_over_as_it_was() {
    let text = r#"{"b":[1,-2,18446744073709551615,0.5,null,true],"a":{"text":"plain","escaped":"a\nb\"","":{}}}"#;
    assert_eq!(hold(text), Ok(text.to_owned()));
}

#[test]
fn a_repeated_key_is_refused_among_few_and_among_many() {
    assert!(hold(r#"{"x":{"a":1,"b":2,"a":3}}"#).is_err_and(|error| error.contains(r#"at "/x": the key "a" is repeated"#)));
    for last in [0, 7, 39] {
        let entries: Vec<String> = (0..40).chain([last]).map(|index| format!(r#""k{index}":{index}"#)).collect();
        let error = hold(&format!("{{{}}}", entries.join(","))).expect_err("a repeated key");
        assert!(error.contains(&format!("the key \"k{last}\" is repeated")), "{error}");
    }
}
