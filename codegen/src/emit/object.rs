//! Objects: keys are read in any order and written in the order of the schema, without absent keys.

use std::fmt::Write as _;

use super::Emit;
use super::text::{quoted, type_text};
use crate::shape::{PatternProperty, Property, TypeId, Use};

pub(super) fn ability(
    emit: &Emit<'_>,
    id: TypeId,
    properties: &[Property],
    patterns: &[PatternProperty],
    additional: Option<&Use>,
) -> String {
    let name = emit.names.type_(id);
    let mut members = emit.names.members(id).iter();
    if properties.is_empty() && patterns.is_empty() && additional.is_none() {
        return format!("support::object! {{\n    {name} {{}}\n}}\n");
    }
    let mut text = format!("support::object! {{\n    {name} {{\n");
    for (property, member) in properties.iter().zip(members.by_ref()) {
        let _ = writeln!(
            text,
            "        {member}: {} {} = {},",
            presence(property),
            type_text(emit.use_(&property.use_)),
            quoted(&property.key)
        );
    }
    text.push_str("    }\n");
    if !patterns.is_empty() {
        text.push_str("    matching {\n");
        for (pattern, member) in patterns.iter().zip(members.by_ref()) {
            let map = type_text(emit.map(&pattern.use_));
            let _ = writeln!(text, "        {member}: {map} = support::Pattern({}),", quoted(&pattern.pattern));
        }
        text.push_str("    }\n");
    }
    if let Some((additional, member)) = additional.zip(members.next()) {
        let _ = writeln!(text, "    others {{ {member}: {} }}", type_text(emit.map(additional)));
    }
    text.push_str("}\n");
    text
}

/// The word of the macro for a property: whether its key can be absent and its value null.
pub(super) fn presence(property: &Property) -> &'static str {
    match (property.required, property.use_.nullable) {
        (true, _) => "required",
        (false, true) => "field",
        (false, false) => "optional",
    }
}
