//! Enumerations of strings.

use std::fmt::Write as _;

use super::Emit;
use super::text::quoted;
use crate::shape::{Others, TypeId};

/// The clause for the value by `Default`: the default of the contract, or the only value of a tag.
pub(super) fn default<V: PartialEq<serde_json::Value>>(emit: &Emit<'_>, id: TypeId, values: &[V], is_tag: bool) -> String {
    let stated = emit.contract.schema(emit.shapes.types[id.0].schema).default_value();
    let index = match values {
        [_] if is_tag => Some(0),
        _ => stated.and_then(|default| values.iter().position(|value| value == default)),
    };
    index.map(|index| format!("    default {}\n", emit.names.members(id)[index])).unwrap_or_default()
}

pub(super) fn ability(emit: &Emit<'_>, id: TypeId, values: &[String], others: Others, union: Option<&str>) -> String {
    let members = emit.names.members(id);
    let expected = values.iter().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ");
    let expected = if values.len() == 1 { expected } else { format!("one of {expected}") };
    let stated = if emit.contract.schema(emit.shapes.types[id.0].schema).keywords.enumeration.is_some() { "enum" } else { "const" };
    let keyword = union.unwrap_or(stated);
    let mut text = format!("support::enumeration! {{\n    {}: {keyword:?} of {} {{\n", emit.names.type_(id), quoted(&expected));
    for (value, member) in values.iter().zip(members) {
        let _ = writeln!(text, "        {member} = {},", quoted(value));
    }
    text.push_str("    }\n");
    if let Some(other) = members.get(values.len()) {
        let word = if others == Others::Valid { "rest" } else { "others" };
        let _ = writeln!(text, "    {word} {other}");
    }
    text.push_str(&default(emit, id, values, others != Others::Valid));
    text.push_str("}\n");
    text
}
