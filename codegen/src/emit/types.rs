//! The type definitions. They are written as text, in the style of `prettyplease`.

use std::fmt::Write as _;

use charter_contract::MapType;
use quote::ToTokens as _;

use super::Emit;
use super::docs::{constraint, direction_note, docs, fallback, inline_code, line};
use super::text::type_text;
use crate::render::Piece;
use crate::shape::{Documentation, Entry, Others, Shape, TypeDef, TypeId, TypeKind};

/// The indentation of members.
const MEMBER: &str = "    ";

/// A variant for a listed value, with the value and its documentation.
fn variant(text: &mut String, value: &str, documentation: Option<&Documentation>, member: &str) {
    if let Some(description) = documentation.and_then(Documentation::text) {
        docs(text, MEMBER, Some(description), String::new, &[], &[], false, None);
        line(text, MEMBER, "");
    }
    line(text, MEMBER, &inline_code(value));
    let _ = writeln!(text, "{MEMBER}{member},");
}

/// The definition of a type.
pub(super) fn definition(emit: &Emit<'_>, id: TypeId, type_: &TypeDef) -> Piece {
    let name = emit.names.type_(id);
    let members = emit.names.members(id);
    let constraints: Vec<String> = match &type_.kind {
        TypeKind::Constrained { checks, .. } => checks.iter().map(|check| constraint(emit.contract, check)).collect(),
        _ => Vec::new(),
    };
    let mut text = String::new();
    let mut notes = direction_note(type_.direction, emit.names.counterpart(id).map(|other| emit.names.type_(other)));
    if type_.places > 1 {
        notes.push(format!("{} places of the contract have this type.", type_.places));
    }
    docs(
        &mut text,
        "",
        type_.description.as_deref(),
        || fallback(&type_.location),
        &constraints,
        &notes,
        type_.deprecated,
        Some(&type_.location),
    );
    if !emit.derives.is_empty() {
        let derives: Vec<String> = emit.derives.iter().map(|path| type_text(path.to_token_stream())).collect();
        let _ = writeln!(text, "#[derive({})]", derives.join(", "));
    }
    let of_values = "Debug, PartialEq, Eq, PartialOrd, Ord, Hash";
    match &type_.kind {
        TypeKind::Struct { properties, patterns, additional } => {
            text.push_str("#[derive(Clone, Debug, PartialEq)]\n");
            // An open object can gain properties.
            if additional.is_some() && emit.non_exhaustive {
                text.push_str("#[non_exhaustive]\n");
            }
            let _ = write!(text, "pub struct {name} {{");
            let mut members = members.iter();
            open(&mut text, properties.len() + patterns.len() + usize::from(additional.is_some()));
            for (property, member) in properties.iter().zip(members.by_ref()) {
                let fallback = || format!("The property {}.", inline_code(&property.key));
                docs(&mut text, MEMBER, property.description.as_deref(), fallback, &[], &property.notes, property.deprecated, None);
                let _ = writeln!(text, "{MEMBER}pub {member}: {},", type_text(emit.property(property)));
            }
            let order = if emit.map == MapType::Index { ", in input order" } else { "" };
            for (pattern, member) in patterns.iter().zip(members.by_ref()) {
                line(&mut text, MEMBER, &format!("The properties whose names match {}{order}.", inline_code(&pattern.written)));
                let _ = writeln!(text, "{MEMBER}pub {member}: {},", type_text(emit.map(&pattern.use_)));
            }
            for (additional, member) in additional.iter().zip(members) {
                line(&mut text, MEMBER, &format!("All other properties{order}."));
                let _ = writeln!(text, "{MEMBER}pub {member}: {},", type_text(emit.map(additional)));
            }
        }
        TypeKind::Enumeration { values, documentation, others, .. } => {
            let copy = if *others == Others::Refused { "Copy, " } else { "" };
            let _ = write!(text, "#[derive(Clone, {copy}{of_values})]\npub enum {name} {{");
            open(&mut text, members.len());
            for (index, (value, member)) in values.iter().zip(members).enumerate() {
                variant(&mut text, value, documentation.get(index), member);
            }
            for unknown in &members[values.len()..] {
                line(
                    &mut text,
                    MEMBER,
                    if *others == Others::Valid { "Any other string." } else { "A value that is not in the contract." },
                );
                let _ = writeln!(text, "{MEMBER}{unknown}(support::Unknown),");
            }
        }
        TypeKind::Values { values, documentation, .. } => {
            let _ = write!(text, "#[derive(Clone, Copy, {of_values})]\npub enum {name} {{");
            open(&mut text, members.len());
            for (index, (value, member)) in values.iter().zip(members).enumerate() {
                variant(&mut text, &value.to_string(), documentation.get(index), member);
            }
        }
        TypeKind::Union { branches, .. } => {
            text.push_str("#[derive(Clone, Debug, PartialEq)]\n");
            text.push_str(
                "#[allow(\n    clippy::large_enum_variant,\n    reason = \"variants hold the types of the contract unboxed\"\n)]\n",
            );
            let _ = write!(text, "pub enum {name} {{");
            open(&mut text, members.len());
            for (branch, member) in branches.iter().zip(members) {
                let schema = emit.contract.schema(emit.contract.target(branch.schema));
                let fallback = || format!("The variant {}.", inline_code(&branch.word));
                docs(&mut text, MEMBER, schema.description(), fallback, &[], &[], false, None);
                let _ = writeln!(text, "{MEMBER}{member}({}),", type_text(emit.shape(&branch.shape)));
            }
        }
        TypeKind::Constrained { inner, .. } => {
            let derives = match inner {
                Shape::Integer64 | Shape::Machine(_) | Shape::Integer | Shape::Number => &format!("Clone, Copy, {of_values}"),
                Shape::Double => "Clone, Copy, Debug, PartialEq, PartialOrd",
                Shape::String | Shape::Text(_) => &format!("Clone, {of_values}"),
                _ => "Clone, Debug, PartialEq",
            };
            let _ = writeln!(text, "#[derive({derives})]\npub struct {name}(pub(super) {});", type_text(emit.shape(inner)));
            return Piece::Code(text);
        }
    }
    text.push_str("}\n");
    Piece::Code(text)
}

/// A line break after an opening bracket, unless the type has no members.
fn open(text: &mut String, members: usize) {
    if members > 0 {
        text.push('\n');
    }
}

/// An alias for the type of an entry of the contract.
pub(super) fn alias(emit: &Emit<'_>, index: usize, entry: &Entry, name: &str) -> Piece {
    let schema = emit.contract.schema(entry.schema);
    let target = emit.contract.schema(emit.contract.target(entry.schema));
    let description = schema.description().or(target.description());
    let mut text = String::new();
    let notes = direction_note(entry.direction, emit.counterpart_of_entry(index));
    docs(&mut text, "", description, || fallback(&schema.location), &[], &notes, schema.keywords.deprecated, Some(&schema.location));
    let _ = writeln!(text, "pub type {name} = {};", type_text(emit.use_(&entry.use_)));
    Piece::Code(text)
}
