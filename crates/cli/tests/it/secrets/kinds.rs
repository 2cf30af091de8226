//! The secrets and the ordinary values of `crates/traffic/tests/masking_kinds.json`.

use std::path::Path;
use std::sync::LazyLock;

use serde_json::Value;

static KINDS: LazyLock<Value> = LazyLock::new(|| {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../traffic/tests/masking_kinds.json");
    serde_json::from_slice(&std::fs::read(path).expect("a file")).expect("JSON")
});

/// The texts of a list, with `§` instead of a secret.
pub(super) fn texts(list: &str) -> impl Iterator<Item = &'static str> + use<> {
    KINDS[list].as_array().expect("a list").iter().map(|text| text.as_str().expect("a text"))
}

/// Header fields of a response.
pub(super) fn fields() -> impl Iterator<Item = (&'static str, &'static str)> + use<> {
    let text = |value: &'static Value| value.as_str().expect("a text");
    KINDS["fields"].as_array().expect("a list").iter().map(move |field| (text(&field[0]), text(&field[1])))
}
