//! OpenAPI Overlay 1.0: actions that update a document at the nodes of a JSONPath.

use serde_json::Value;
use serde_json_path::JsonPath;

use super::document::read;
use super::error::Error;

/// The effect of an overlay.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Applied {
    /// The name of the overlay.
    pub name: String,
    /// The number of changed nodes.
    pub places: usize,
    /// The targets without a node. The standard allows them, but they are probably mistakes.
    pub idle: Vec<String>,
}

/// Applies an overlay, YAML or JSON, to a document.
///
/// # Errors
/// The text is not an overlay of version 1.0, or a target is not a JSONPath.
pub fn apply(name: &str, bytes: &[u8], document: &mut Value) -> Result<Applied, Error> {
    let refuse = |message: String| Error::Overlay { name: name.to_owned(), message };
    let overlay = read(name, bytes).ok_or_else(|| refuse("not a YAML or JSON document".to_owned()))?;
    match overlay.get("overlay").and_then(Value::as_str) {
        Some(version) if version.starts_with("1.") => {}
        _ => return Err(refuse("`overlay: 1.0.0` is missing".to_owned())),
    }
    let actions = overlay.get("actions").and_then(Value::as_array).ok_or_else(|| refuse("`actions` is missing".to_owned()))?;
    let mut applied = Applied { name: name.to_owned(), places: 0, idle: Vec::new() };
    for (index, action) in actions.iter().enumerate() {
        let target = action.get("target").and_then(Value::as_str).ok_or_else(|| refuse(format!("action {index} has no `target`")))?;
        let path = JsonPath::parse(target).map_err(|error| refuse(format!("the target `{target}` of action {index}: {error}")))?;
        let mut places: Vec<String> = path.query_located(document).locations().map(|place| place.to_json_pointer()).collect();
        if places.is_empty() {
            applied.idle.push(target.to_owned());
        }
        if action.get("remove") == Some(&Value::Bool(true)) {
            // Removes items from the end of a list, so that the other locations stay valid.
            places.reverse();
            for place in &places {
                remove(document, place);
            }
        } else if let Some(update) = action.get("update") {
            for place in &places {
                if let Some(found) = document.pointer_mut(place) {
                    merge(found, update);
                }
            }
        } else {
            return Err(refuse(format!("action {index} has neither `update` nor `remove: true`")));
        }
        applied.places += places.len();
    }
    Ok(applied)
}

/// Merges objects by key, appends to lists, and replaces other values.
fn merge(target: &mut Value, update: &Value) {
    match (target, update) {
        (Value::Object(entries), Value::Object(more)) => {
            for (key, value) in more {
                match entries.get_mut(key) {
                    Some(found) => merge(found, value),
                    None => {
                        entries.insert(key.clone(), value.clone());
                    }
                }
            }
        }
        (Value::Array(items), Value::Array(more)) => items.extend(more.iter().cloned()),
        (Value::Array(items), one) => items.push(one.clone()),
        (target, value) => *target = value.clone(),
    }
}

fn remove(document: &mut Value, pointer: &str) {
    let Some((above, last)) = pointer.rsplit_once('/') else { return };
    let key = charter_contract::unescape_token(last);
    match document.pointer_mut(above) {
        Some(Value::Object(entries)) => {
            entries.shift_remove(&key);
        }
        Some(Value::Array(items)) => {
            if let Some(index) = key.parse::<usize>().ok().filter(|index| *index < items.len()) {
                items.remove(index);
            }
        }
        _ => {}
    }
}
