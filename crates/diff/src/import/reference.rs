//! References to components.

use charter_contract::objects::{Object, is_extension, visit, visit_mut};
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

/// Appends the components that an object and the objects below it refer to.
pub(super) fn references(value: &Value, object: Object, found: &mut Vec<Component>) -> Result<(), Error> {
    let mut outside = None;
    visit(value, object, &mut |_, object, members| {
        for keyword in reference_keywords(object) {
            let Some(reference) = members.get(*keyword).and_then(Value::as_str) else { continue };
            match component(reference) {
                Some((component, _)) => found.push(component),
                // An anchor needs no component: its schema is in the same resource.
                None if *keyword != "$ref" => {}
                None => outside = Some(reference.to_owned()),
            }
        }
        if object == Object::Schema {
            let mapping = members.get("discriminator").and_then(|one| one.get("mapping")).and_then(Value::as_object);
            let mapped = mapping.into_iter().flatten().filter_map(|(_, reference)| component(reference.as_str()?));
            found.extend(mapped.map(|(component, _)| component));
        }
    });
    outside.map_or(Ok(()), |reference| Err(Error::Reference(reference)))
}

/// Rewrites the references of an object and of the objects below it; `moved` returns the new reference.
pub(super) fn rewrite(value: &mut Value, object: Object, moved: &dyn Fn(&str) -> Option<String>) {
    let replace = |value: &mut Value| {
        if let Value::String(reference) = value
            && let Some(moved) = moved(reference)
        {
            *reference = moved;
        }
    };
    visit_mut(value, object, &mut |object, members| {
        for keyword in reference_keywords(object) {
            members.get_mut(*keyword).into_iter().for_each(&replace);
        }
        if object == Object::Schema
            && let Some(Value::Object(mapping)) = members.get_mut("discriminator").and_then(|one| one.get_mut("mapping"))
        {
            mapping.values_mut().for_each(&replace);
        }
    });
}

/// Removes the extensions that contain references: extensions are not followed, so their targets may be missing.
pub(super) fn remove_extensions_with_references(value: &mut Value, object: Object) {
    visit_mut(value, object, &mut |_, members| {
        members.retain(|key, value| !is_extension(key) || !has_reference(value));
    });
}

fn has_reference(value: &Value) -> bool {
    match value {
        Value::Array(items) => items.iter().any(has_reference),
        Value::Object(members) => members.get("$ref").is_some_and(Value::is_string) || members.values().any(has_reference),
        _ => false,
    }
}

fn reference_keywords(object: Object) -> &'static [&'static str] {
    match object {
        Object::Schema => &["$ref", "$dynamicRef"],
        _ => &["$ref"],
    }
}
