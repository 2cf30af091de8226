//! Header fields whose definition OpenAPI ignores: `Accept`, `Content-Type` and `Authorization` of requests, and `Content-Type` of responses
//! and parts. Other members describe them.

use charter_contract::objects::Object;
use charter_contract::{Contract, Location, resolve};
use serde_json::Value;

use super::walk::Difference;
use super::written::Written;

/// The name of an ignored header field, and the places of its definition in both documents.
pub(super) struct Ignored {
    pub(super) name: String,
    pub(super) places: (Location, Location),
}

/// The ignored header field that a difference is about. `None` if one of the documents does not ignore it.
pub(super) fn ignored(
    (old, one): (&Contract, &Written<'_>),
    (new, other): (&Contract, &Written<'_>),
    difference: &Difference<'_>,
) -> Option<Ignored> {
    let before = around((old, one), difference.object, &difference.old, difference.before);
    let after = around((new, other), difference.object, &difference.new, difference.after);
    // Only one document has an entry that is added or removed.
    match (before, after, difference.is_entry) {
        (Some((name, one)), Some((_, other)), _) => Some(Ignored { name, places: (one, other) }),
        (Some((name, one)), None, true) if difference.after.is_none() => Some(Ignored { name, places: (one, difference.new.clone()) }),
        (None, Some((name, other)), true) if difference.before.is_none() => Some(Ignored { name, places: (difference.old.clone(), other) }),
        _ => None,
    }
}

/// The ignored header field whose definition is at a location or around it.
fn around(
    (contract, written): (&Contract, &Written<'_>),
    object: Object,
    at: &Location,
    value: Option<&Value>,
) -> Option<(String, Location)> {
    // A list of parameters has references, too.
    if matches!(object, Object::Operation | Object::PathItem)
        && let Some(reference) = value.and_then(|value| value.get("$ref")).and_then(Value::as_str)
    {
        let target = resolve(contract.documents(), at, reference).ok()?;
        return name_of(&target, written.at(&target)?).map(|name| (name, at.clone()));
    }
    let mut at = at.clone();
    loop {
        if let Some(name) = written.at(&at).and_then(|value| name_of(&at, value)) {
            return Some((name, at));
        }
        let (above, _) = at.pointer().rsplit_once('/')?;
        at = Location::new(at.document(), above);
    }
}

/// The name of the header field that a value defines, if OpenAPI ignores the definition.
fn name_of(at: &Location, value: &Value) -> Option<String> {
    let text = |key: &str| value.get(key).and_then(Value::as_str);
    if text("in") == Some("header")
        && let Some(name) = text("name")
        && ["accept", "content-type", "authorization"].iter().any(|ignored| name.eq_ignore_ascii_case(ignored))
    {
        return Some(name.to_owned());
    }
    let (above, _) = at.pointer().rsplit_once('/')?;
    let name = at.last_token()?;
    let is_field = above.ends_with("/headers") && !above.ends_with("/properties/headers") && !above.ends_with("/components/headers");
    (is_field && name.eq_ignore_ascii_case("content-type")).then_some(name)
}
