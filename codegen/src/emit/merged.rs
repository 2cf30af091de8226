//! Unions of closed objects whose branch is determined by a key: read in one pass for all branches. A value is buffered only if its
//! key has different types in different branches.

use std::collections::HashSet;
use std::fmt::Write as _;

use indexmap::IndexMap;

use super::Emit;
use super::object::presence;
use super::text::{quoted, type_text};
use crate::shape::{Branch, Dispatch, Property, Shape, TypeId, TypeKind};

/// The value of a key before the branch is known.
struct Slot {
    name: String,
    /// Its type, if all branches with this key agree on it.
    type_: Option<String>,
}

/// The implementation of reading; `None` if the union is of another kind.
pub(super) fn reading(emit: &Emit<'_>, id: TypeId, branches: &[Branch], dispatch: &Dispatch) -> Option<String> {
    let Dispatch::Keys { decisions, otherwise } = dispatch else { return None };
    let objects: Vec<(TypeId, &[Property])> = branches.iter().map(|branch| closed_object(emit, branch)).collect::<Option<_>>()?;
    let slots = slots(emit, &objects);
    let mut text = format!("support::merged! {{\n    {} {{\n", emit.names.type_(id));
    for (key, slot) in &slots {
        let type_ = slot.type_.as_deref().unwrap_or("support::Later<'de>");
        let _ = writeln!(text, "        {}: {type_} = {},", slot.name, quoted(key));
    }
    text.push_str("    }\n");
    let variants = emit.names.members(id);
    let branch = |index: usize, text: &mut String| {
        let (object, properties) = objects[index];
        let _ = writeln!(text, "        {}({}) {{", variants[index], emit.names.type_(object));
        for (property, member) in properties.iter().zip(emit.names.members(object)) {
            let slot = &slots[property.key.as_str()];
            let _ = write!(text, "            {member}: {} {}", presence(emit, property), slot.name);
            if slot.type_.is_none() {
                let _ = write!(text, " as {}", type_text(emit.use_(&property.use_)));
            }
            text.push_str(",\n");
        }
        let known: HashSet<&str> = properties.iter().map(|property| property.key.as_str()).collect();
        let others = slots.iter().filter(|(key, _)| !known.contains(*key)).map(|(_, slot)| slot.name.as_str());
        let _ = write!(text, "        }} without {{ {} }}\n    }}\n", others.collect::<Vec<_>>().join(" "));
    };
    for (index, key) in decisions {
        let _ = writeln!(text, "    if {} {{", slots[key.as_str()].name);
        branch(*index, &mut text);
    }
    text.push_str("    else {\n");
    branch(*otherwise, &mut text);
    text.push_str("}\n");
    Some(text)
}

/// The properties of a branch that is a closed object.
fn closed_object<'e>(emit: &Emit<'e>, branch: &Branch) -> Option<(TypeId, &'e [Property])> {
    let Shape::Named(id) = branch.shape else { return None };
    match &emit.shapes.types[id.0].kind {
        TypeKind::Struct { properties, patterns, additional: None } if patterns.is_empty() => Some((id, properties)),
        _ => None,
    }
}

/// A slot for each key of every branch, in the order of first occurrence.
fn slots<'e>(emit: &Emit<'e>, objects: &[(TypeId, &'e [Property])]) -> IndexMap<&'e str, Slot> {
    let mut slots: IndexMap<&str, Slot> = IndexMap::new();
    let mut taken = HashSet::new();
    for (object, properties) in objects {
        for (property, member) in properties.iter().zip(emit.names.members(*object)) {
            let type_ = type_text(emit.use_(&property.use_));
            let slot = slots.entry(property.key.as_str()).or_insert_with(|| {
                // Different keys of two branches can have the same field name.
                let mut name = member.clone();
                while !taken.insert(name.clone()) {
                    name.push('_');
                }
                Slot { name, type_: Some(type_.clone()) }
            });
            slot.type_ = slot.type_.take().filter(|known| *known == type_);
        }
    }
    slots
}
