//! Requirements of credentials, compared by the schemes that they name.

use charter_contract::{Contract, SecurityRequirement};
use serde_json::{Map, Value};

/// Whether each alternative of some requirements is sufficient for an alternative of other ones.
pub(super) fn suffice(
    (given_by, given): (&Contract, &[SecurityRequirement]),
    (wanted_by, wanted): (&Contract, &[SecurityRequirement]),
) -> bool {
    // A scheme of the same name is compared as a component. A scheme of another name is the same one if it has the same meaning.
    let is_same = |one: &str, other: &str| {
        one == other || {
            let (left, right) = (meaning(given_by, one), meaning(wanted_by, other));
            left.is_some() && left == right
        }
    };
    let suffices = |given: &SecurityRequirement, wanted: &SecurityRequirement| {
        wanted.0.iter().all(|(scheme, scopes)| {
            let has = |(name, known): (&String, &Vec<String>)| is_same(name, scheme) && scopes.iter().all(|scope| known.contains(scope));
            given.0.iter().any(has)
        })
    };
    given.iter().all(|given| wanted.iter().any(|wanted| suffices(given, wanted)))
}

fn meaning(contract: &Contract, name: &str) -> Option<Map<String, Value>> {
    let scheme = contract.security_schemes().get(name)?;
    contract.documents().at(&scheme.location).map(scheme_meaning)
}

/// The members of a security scheme that have an effect on messages, with letter case only where it matters.
pub(crate) fn scheme_meaning(scheme: &Value) -> Map<String, Value> {
    let mut members = scheme.as_object().cloned().unwrap_or_default();
    let is_header = members.get("in").and_then(Value::as_str) == Some("header");
    members.retain(|name, _| !matches!(name.as_str(), "description" | "bearerFormat") && !name.starts_with("x-"));
    for (name, value) in &mut members {
        if let (true, Some(text)) = (name == "scheme" || name == "name" && is_header, value.as_str()) {
            *value = text.to_ascii_lowercase().into();
        }
    }
    members
}
