//! The types that convert to a union: those of its branches, the literals and lists that convert to one of these, and what converts to a
//! branch that is a union itself.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::Emit;
use super::text::type_text;
use crate::shape::{Branch, Machine, Others, Shape, TypeId, TypeKind, Use};

/// A union has at most this number of conversions from types that are not the type of a branch.
const MOST: usize = 48;
/// Branches of branches are followed to this depth.
const DEEPEST: usize = 3;

/// A type that converts to another one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Given {
    /// The type itself.
    Type(String),
    /// Lists and arrays of the type.
    ListOf(String),
}

/// A conversion to a type.
#[derive(Clone, Debug)]
struct Source {
    given: Given,
    /// Whether it always succeeds.
    certain: bool,
    /// The generated type, if it is one.
    id: Option<TypeId>,
}

/// A conversion to a union.
struct Conversion {
    source: Source,
    /// The branch, by its index.
    branch: usize,
    /// Whether the source is the type of the branch, up to a box.
    is_own: bool,
}

/// The arguments of the macro `union`: the conversions to a union.
pub(super) fn of_union(emit: &Emit<'_>, id: TypeId, branches: &[Branch]) -> String {
    let members = emit.names.members(id);
    let all = conversions(emit, id, branches, 0);
    let unboxed = |branch: usize| match &branches[branch].shape {
        Shape::Boxed(of) => emit.names.type_(*of).to_owned(),
        shape => type_text(emit.shape(shape)),
    };
    let [mut from, mut through, mut each, mut fallible, mut fallible_each] = [const { String::new() }; 5];
    for Conversion { source, branch, is_own } in &all {
        let (member, target) = (&members[*branch], unboxed(*branch));
        let _ = match (&source.given, source.certain) {
            (Given::Type(type_), true) if *is_own => writeln!(from, "        {member}({type_}),"),
            (Given::Type(type_), true) => writeln!(through, "        {member}({type_}) of {target},"),
            // The branch is a list: a list that converts to a branch in the branch has another form.
            (Given::ListOf(item), true) if matches!(branches[*branch].shape, Shape::List(_)) => writeln!(each, "        {member}({item}),"),
            (Given::Type(type_), false) => writeln!(fallible, "        {member}({type_}) of {target},"),
            (Given::ListOf(item), _) => writeln!(fallible_each, "        {member}({item}) of {target},"),
        };
    }
    let mut text = format!("    }} from {{\n{from}    }}");
    for (word, list) in [("through", through), ("each", each), ("try", fallible), ("try each", fallible_each)] {
        if !list.is_empty() {
            let _ = write!(text, " {word} {{\n{list}    }}");
        }
    }
    text.push_str("\n}\n");
    text
}

/// The arguments of the macro `constrained` for a type that checks a union: what converts to the union, except the type itself.
pub(super) fn of_checked(emit: &Emit<'_>, id: TypeId, union: TypeId) -> Option<String> {
    let TypeKind::Union { branches, .. } = &emit.shapes.types[union.0].kind else { return None };
    let (mut of, mut each) = (String::new(), String::new());
    for Conversion { source, .. } in conversions(emit, union, branches, 0) {
        if source.id.is_some_and(|from| from == id || checks(emit, from, id)) {
            continue;
        }
        match &source.given {
            Given::Type(type_) => of.push_str(&format!("    {type_},\n")),
            Given::ListOf(item) => each.push_str(&format!("    {item},\n")),
        }
    }
    let union = emit.names.type_(union);
    (!of.is_empty() || !each.is_empty()).then(|| format!("; union {union}: {{\n{of}}} each {{\n{each}}}"))
}

/// Whether a type checks values of another one, which then has a conversion from it.
fn checks(emit: &Emit<'_>, id: TypeId, inner: TypeId) -> bool {
    matches!(&emit.shapes.types[id.0].kind, TypeKind::Constrained { inner: Shape::Named(of) | Shape::Boxed(of), .. } if *of == inner)
}

/// The conversions to a union. A type of a branch converts to the first branch of this type. Every other type converts if it converts to
/// one branch only: the choice between several would be arbitrary.
fn conversions(emit: &Emit<'_>, id: TypeId, branches: &[Branch], depth: usize) -> Vec<Conversion> {
    let mut taken: HashMap<Given, usize> = HashMap::new();
    let mut all = Vec::new();
    let of_branches: Vec<Vec<Source>> = branches.iter().map(|branch| sources(emit, &branch.shape, depth)).collect();
    let has_already = |source: &Source| source.id.is_some_and(|from| from == id || checks(emit, from, id));
    for (branch, sources) in of_branches.iter().enumerate() {
        for source in sources.iter().take(own(&branches[branch].shape)) {
            // A conversion of a type to itself exists already.
            if source.id != Some(id) && !taken.contains_key(&source.given) {
                taken.insert(source.given.clone(), branch);
                all.push(Conversion { source: source.clone(), branch, is_own: true });
            }
        }
    }
    let mut offers: HashMap<&Given, usize> = HashMap::new();
    let others = || of_branches.iter().zip(branches).map(|(sources, branch)| sources.iter().skip(own(&branch.shape)));
    others().flatten().for_each(|source| *offers.entry(&source.given).or_default() += 1);
    for (branch, sources) in others().enumerate() {
        for source in sources {
            let is_wanted = !taken.contains_key(&source.given) && offers[&source.given] == 1 && !has_already(source);
            if is_wanted && all.len() < MOST + branches.len() {
                all.push(Conversion { source: source.clone(), branch, is_own: false });
            }
        }
    }
    all
}

/// How many of the first sources of a shape are the type itself.
fn own(shape: &Shape) -> usize {
    match shape {
        Shape::Never | Shape::Any | Shape::Own(_) => 0,
        Shape::String => 2,
        _ => 1,
    }
}

/// The types that convert to a shape, the type itself first.
fn sources(emit: &Emit<'_>, shape: &Shape, depth: usize) -> Vec<Source> {
    let source = |type_: &str, certain| Source { given: Given::Type(type_.to_owned()), certain, id: None };
    let own = || source(&type_text(emit.shape(shape)), true);
    let list = |certain: &[&str], fallible: &[&str]| {
        let certain = certain.iter().map(|type_| source(type_, true));
        certain.chain(fallible.iter().map(|type_| source(type_, false))).collect()
    };
    match shape {
        Shape::Never | Shape::Any | Shape::Own(_) => Vec::new(),
        Shape::String => list(&["String", "&str"], &[]),
        Shape::Integer => list(&["support::Integer", "i32", "i64", "u32", "u64"], &[]),
        Shape::Number => list(&["support::Number", "i32", "i64", "u32", "u64"], &["f64", "f32"]),
        Shape::Integer64 | Shape::Machine(Machine::I64) => list(&["i64", "i32", "u32"], &[]),
        Shape::Text(_) => [vec![own()], list(&["String", "&str"], &[])].concat(),
        Shape::Boolean | Shape::Machine(_) | Shape::Double | Shape::Tuple { .. } => vec![own()],
        Shape::List(item) => of_items(emit, item, depth),
        Shape::Map(value) => {
            let value = type_text(emit.use_(value));
            let own = own();
            let others = ["HashMap", "BTreeMap"].map(|map| source(&format!("::std::collections::{map}<String, {value}>"), false));
            let others = others.into_iter().filter(|other| other.given != own.given);
            [own.clone()].into_iter().chain(others).collect()
        }
        Shape::Named(id) | Shape::Boxed(id) => {
            let own = Source { given: Given::Type(emit.names.type_(*id).to_owned()), certain: true, id: Some(*id) };
            if depth >= DEEPEST { vec![own] } else { [vec![own], of_type(emit, *id, depth + 1)].concat() }
        }
    }
}

/// The types that convert to a list, the list itself first.
fn of_items(emit: &Emit<'_>, item: &Use, depth: usize) -> Vec<Source> {
    let own = type_text(emit.use_(item));
    let list = |item: &str, certain| Source { given: Given::ListOf(item.to_owned()), certain, id: None };
    let mut all = vec![list(&own, true)];
    if item.nullable {
        return all;
    }
    for source in sources(emit, &item.shape, depth) {
        // A list of items whose conversion is not one of the standard library is converted as a whole, which can fail.
        let (item, certain) = match &source.given {
            Given::Type(item) => (item.clone(), source.certain),
            Given::ListOf(item) => (format!("Vec<{item}>"), false),
        };
        if item != own {
            all.push(list(&item, certain));
        }
    }
    all
}

/// The types that convert to a generated type, without the type itself.
fn of_type(emit: &Emit<'_>, id: TypeId, depth: usize) -> Vec<Source> {
    let text = |certain| Source { given: Given::Type("&str".to_owned()), certain, id: None };
    match &emit.shapes.types[id.0].kind {
        TypeKind::Union { branches, .. } => conversions(emit, id, branches, depth)
            .into_iter()
            .map(|conversion| {
                let Conversion { source, branch, .. } = conversion;
                // The conversion from a list to the union fails if the branch converts it as a whole.
                let certain =
                    source.certain && (matches!(source.given, Given::Type(_)) || matches!(branches[branch].shape, Shape::List(_)));
                Source { certain, ..source }
            })
            .collect(),
        TypeKind::Enumeration { others: Others::Valid, .. } => {
            vec![text(true), Source { given: Given::Type("String".to_owned()), certain: true, id: None }]
        }
        TypeKind::Enumeration { .. } => vec![text(false)],
        TypeKind::Constrained { inner: Shape::Named(of) | Shape::Boxed(of), .. } => match &emit.shapes.types[of.0].kind {
            // The branches of the union that is checked; a program does not have the union itself.
            TypeKind::Union { branches, .. } => {
                let all = conversions(emit, *of, branches, depth).into_iter();
                let all = all.filter(|conversion| conversion.source.id.is_none_or(|from| from != id && !checks(emit, from, id)));
                all.map(|conversion| Source { certain: false, ..conversion.source }).collect()
            }
            _ => Vec::new(),
        },
        TypeKind::Constrained { inner, .. } => {
            let is_text = matches!(inner, Shape::String | Shape::Text(_));
            let fails = sources(emit, inner, depth).into_iter().map(|source| Source { certain: false, ..source });
            // The generated type converts from these types of numbers, and from both types of texts.
            fails.filter(|source| is_text || !matches!(&source.given, Given::Type(type_) if type_ == "f32")).collect()
        }
        _ => Vec::new(),
    }
}
