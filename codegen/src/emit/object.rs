//! Objects: keys are read in any order and written in the order of the schema, without absent keys.

use std::collections::HashSet;
use std::fmt::Write as _;

use super::Emit;
use super::text::{quoted, type_text};
use crate::shape::{Others, PatternProperty, Property, Shape, TypeId, TypeKind, Use};

/// A constructor has at most this number of parameters. The builder has no limit.
const MOST_PARAMETERS: usize = 7;

pub(super) fn ability(
    emit: &Emit<'_>,
    id: TypeId,
    properties: &[Property],
    patterns: &[PatternProperty],
    additional: Option<&Use>,
) -> String {
    let name = emit.names.type_(id);
    if properties.is_empty() && patterns.is_empty() && additional.is_none() {
        return format!("support::object! {{\n    {name} {{}}\n}}\n");
    }
    let mut members = emit.names.members(id).iter();
    let mut text = format!("support::object! {{\n    {name} {{\n");
    for (property, member) in properties.iter().zip(members.by_ref()) {
        let _ = writeln!(
            text,
            "        {member}: {} {} = {},",
            presence(emit, property),
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
    construction(emit, id, properties, &mut text);
    text.push_str("}\n");
    text
}

/// The builder, the constructor and the defaults.
fn construction(emit: &Emit<'_>, id: TypeId, properties: &[Property], text: &mut String) {
    let names = emit.names.members(id);
    if emit.has_builder(id) {
        let mut build = "build".to_owned();
        while names.contains(&build) {
            build.push('_');
        }
        let _ = writeln!(text, "    builder {} {build}", emit.names.builder(id));
    }
    let defaults = defaults(properties, names);
    let required: Vec<(&Property, &String)> =
        properties.iter().zip(names).filter(|(property, _)| property.required && presence(emit, property) != "tag").collect();
    if required.len() <= MOST_PARAMETERS {
        let parameters: Vec<String> = required
            .iter()
            .map(|(property, member)| format!("{member}: {} {}", class(emit, &property.use_), type_text(emit.use_(&property.use_))))
            .collect();
        let _ = write!(text, "    new({})", parameters.join(", "));
        let known = |member: &String| defaults.iter().find(|default| default.member == member);
        let arguments: Option<Vec<String>> =
            required.iter().map(|(_, member)| Some(format!("Self::{}()", known(member)?.function))).collect();
        if let Some(arguments) = arguments {
            let _ = write!(text, " default ({})", arguments.join(", "));
        }
        text.push('\n');
    }
    if !defaults.is_empty() {
        text.push_str("    defaults {\n");
        for Default { property, member, function, effective, json } in defaults {
            let word = if property.required { "required" } else { "optional" };
            let type_ = type_text(emit.use_(&property.use_));
            let _ =
                writeln!(text, "        {member} {function} {effective}: {word} {type_} = {} {},", quoted(&property.key), quoted(&json));
        }
        text.push_str("    }\n");
    }
}

/// A property with a default.
struct Default<'e> {
    property: &'e Property,
    member: &'e String,
    /// The function of the default.
    function: String,
    /// The method of the value or the default.
    effective: String,
    json: String,
}

fn defaults<'e>(properties: &'e [Property], names: &'e [String]) -> Vec<Default<'e>> {
    let mut taken = HashSet::from(["new".to_owned(), "builder".to_owned()]);
    let of_property = |(property, member): (&'e Property, &'e String)| {
        let json = property.default.as_ref()?.to_string();
        let stem = member.trim_end_matches('_');
        let (function, effective) = (format!("default_{stem}"), format!("{stem}_or_default"));
        let is_free = taken.insert(function.clone()) & taken.insert(effective.clone());
        is_free.then_some(Default { property, member, function, effective, json })
    };
    properties.iter().zip(names).filter_map(of_property).collect()
}

/// How a parameter of a constructor is passed: `plain` by its type, or `into` if other types convert to it without an error.
fn class(emit: &Emit<'_>, use_: &Use) -> &'static str {
    let converts = match &use_.shape {
        _ if use_.nullable => true,
        Shape::String | Shape::Text(_) | Shape::Integer | Shape::Number | Shape::Any | Shape::Own(_) | Shape::Boxed(_) => true,
        Shape::Named(id) => matches!(emit.shapes.types[id.0].kind, TypeKind::Union { .. }),
        _ => false,
    };
    if converts { "into" } else { "plain" }
}

/// The word of the macro for a property: whether its key can be absent and its value null, and how it is constructed.
pub(crate) fn presence(emit: &Emit<'_>, property: &Property) -> &'static str {
    let is_list = matches!(property.use_.shape, Shape::List(_));
    match (property.required, property.use_.nullable) {
        (true, true) => "nullable",
        (true, false) if is_list => "list",
        (true, false) if is_tag(emit, &property.use_.shape) => "tag",
        (true, false) => "required",
        (false, true) => "field",
        (false, false) if is_list => "optional_list",
        (false, false) => "optional",
    }
}

/// Whether a type has one known value, which is its value by `Default`.
fn is_tag(emit: &Emit<'_>, shape: &Shape) -> bool {
    let Shape::Named(id) = shape else { return false };
    match &emit.shapes.types[id.0].kind {
        TypeKind::Enumeration { values, others, .. } => values.len() == 1 && *others != Others::Valid,
        TypeKind::Values { values, .. } => values.len() == 1,
        _ => false,
    }
}
