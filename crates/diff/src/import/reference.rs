//! References to components.

use serde_json::Value;

use super::error::Error;

/// A component by its kind and name.
pub(super) type Component = (String, String);

/// The component that a reference names, and the rest of its pointer.
pub(super) fn component(reference: &str) -> Option<(Component, String)> {
    let rest = reference.strip_prefix("#/components/")?;
    let mut tokens = rest.splitn(3, '/');
    let (kind, name) = (tokens.next()?, tokens.next()?);
    let rest = tokens.next().map(|rest| format!("/{rest}")).unwrap_or_default();
    let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
    Some(((kind.to_owned(), charter_contract::unescape_token(&name)), rest))
}

/// Appends the components that a value refers to.
pub(super) fn references(value: &Value, found: &mut Vec<Component>) -> Result<(), Error> {
    match value {
        Value::Array(items) => items.iter().try_for_each(|item| references(item, found)),
        Value::Object(entries) => {
            if let Some(reference) = entries.get("$ref").and_then(Value::as_str) {
                match component(reference) {
                    Some((component, _)) => found.push(component),
                    None => return Err(Error::Reference(reference.to_owned())),
                }
            }
            for mapped in entries.get("discriminator").and_then(|one| one.get("mapping")).and_then(Value::as_object).into_iter().flatten() {
                found.extend(mapped.1.as_str().and_then(component).map(|(component, _)| component));
            }
            // A `$ref` in a plain value is not a reference.
            let values = entries.iter().filter(|(key, _)| !holds_values(key));
            values.map(|(_, value)| value).try_for_each(|value| references(value, found))
        }
        _ => Ok(()),
    }
}

/// Whether the value of a key is plain JSON, without references.
pub(super) fn holds_values(key: &str) -> bool {
    matches!(key, "example" | "examples" | "default" | "enum" | "const") || key.starts_with("x-")
}
