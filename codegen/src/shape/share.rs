//! Equal types of different places: one type serves all of them.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use charter_contract::{Location, SchemaId};

use super::{Check, Limit, Origin, Shape, Shapes, TypeDef, TypeId, TypeKind, pairs, recursion};

/// Above this number of types, equal types are shared unless the configuration forbids it: each type costs compile time.
pub(crate) const MANY: usize = 2_000;

/// Words for parts that say nothing about their values.
const VAGUE: [&str; 8] = ["additional", "item", "items", "key", "object", "unchecked", "value", "values"];

/// Replaces types of parts by equal types. A type that `is_fixed` has a published name, and stays.
///
/// Two types are equal if they accept the same values, have the same members and the same documentation of members, and describe
/// parts of the same name. The name does not matter for bounded strings and numbers.
pub(crate) fn merge(shapes: &mut Shapes, is_fixed: &dyn Fn(TypeId) -> bool) {
    let own: HashSet<TypeId> = shapes.entries.iter().filter_map(|entry| own(shapes, entry)).collect();
    let types = shapes.types.iter().enumerate();
    let of_part: Vec<bool> =
        types.map(|(index, type_)| matches!(type_.origin, Origin::Part { .. }) && !own.contains(&TypeId(index))).collect();
    let is_part = |id: TypeId| of_part[id.0];
    let mut groups: BTreeMap<usize, Vec<TypeId>> = BTreeMap::new();
    for (index, class) in classes(shapes).into_iter().enumerate() {
        groups.entry(class).or_default().push(TypeId(index));
    }
    let mut equal = BTreeMap::new();
    for group in groups.into_values().filter(|group| group.len() > 1) {
        // The published name of a part comes first, because a definition can be new.
        let rank = |id: &TypeId| match (is_part(*id), is_fixed(*id)) {
            (true, true) => 0,
            (false, true) => 1,
            (false, false) => 2,
            (true, false) => 3,
        };
        let Some(first) = group.iter().copied().min_by_key(|id| (rank(id), *id)) else { continue };
        let others: Vec<TypeId> = group.iter().copied().filter(|id| *id != first && is_part(*id) && !is_fixed(*id)).collect();
        if !others.is_empty() && is_part(first) {
            describe(shapes, first, &others);
        }
        equal.extend(others.into_iter().map(|id| (id, first)));
    }
    name(shapes, &equal);
    pairs::replace(shapes, &equal);
}

/// The type of an entry that is its own.
fn own(shapes: &Shapes, entry: &super::Entry) -> Option<TypeId> {
    match entry.use_.shape {
        Shape::Named(id) | Shape::Boxed(id) if shapes.types[id.0].schema == entry.schema => Some(id),
        _ => None,
    }
}

/// A description that only some of the places have is not that of the type.
fn describe(shapes: &mut Shapes, first: TypeId, others: &[TypeId]) {
    let is_same = others.iter().all(|other| shapes.types[other.0].description == shapes.types[first.0].description);
    let type_ = &mut shapes.types[first.0];
    if !is_same {
        type_.description = None;
    }
    type_.places = others.len() + 1;
}

/// Names shared types after their part alone, if no other part has a different type of the same name.
fn name(shapes: &mut Shapes, equal: &BTreeMap<TypeId, TypeId>) {
    let mut owners: HashMap<String, BTreeSet<TypeId>> = HashMap::new();
    for (index, type_) in shapes.types.iter().enumerate() {
        if let Origin::Part { word, .. } = &type_.origin {
            let id = TypeId(index);
            owners.entry(crate::name::type_name(word)).or_default().insert(*equal.get(&id).unwrap_or(&id));
        }
    }
    let shared: BTreeSet<TypeId> = equal.values().copied().filter(|id| shapes.types[id.0].places > 1).collect();
    for id in shared {
        let type_ = &mut shapes.types[id.0];
        let Origin::Part { word, .. } = &type_.origin else { continue };
        type_.short_name = match &type_.kind {
            TypeKind::Constrained { inner, checks } if is_bounded(inner, checks) => Some(bounds(inner, checks)),
            _ => {
                let is_vague = VAGUE.contains(&word.as_str()) || word.starts_with("branch ");
                let is_only = owners.get(&crate::name::type_name(word)).is_some_and(|owners| owners.len() == 1);
                (!is_vague && is_only).then(|| word.clone())
            }
        };
    }
}

/// Whether a type is a string or a number with bounds alone.
fn is_bounded(inner: &Shape, checks: &[Check]) -> bool {
    let is_scalar = matches!(inner, Shape::String | Shape::Integer64 | Shape::Machine(_) | Shape::Integer | Shape::Double | Shape::Number);
    is_scalar && checks.iter().all(|check| matches!(check.limit, Limit::Count(_) | Limit::Number(_)))
}

/// The words for a bounded string or number: `text 1 to 64`, `integer from 1`.
fn bounds(inner: &Shape, checks: &[Check]) -> String {
    let mut words = match inner {
        Shape::String => "text".to_owned(),
        Shape::Integer64 | Shape::Machine(_) | Shape::Integer => "integer".to_owned(),
        _ => "number".to_owned(),
    };
    for check in checks {
        let limit = match &check.limit {
            Limit::Count(limit) => limit.to_string(),
            Limit::Number(limit) => limit.to_string().replace('-', "minus ").replace('.', " point "),
            _ => continue,
        };
        let word = match check.keyword {
            "minLength" | "minimum" => "from",
            "exclusiveMinimum" => "above",
            "exclusiveMaximum" => "below",
            "multipleOf" => "multiple of",
            _ => "to",
        };
        words.push_str(&format!(" {word} {limit}"));
    }
    words
}

/// The class of each type: two types of one class are equal. All types that look alike are taken to be equal until their parts differ.
fn classes(shapes: &Shapes) -> Vec<usize> {
    let Some(any) = shapes.types.first().map(|type_| type_.schema) else { return Vec::new() };
    let mut looks: HashMap<String, usize> = HashMap::new();
    let mut classes: Vec<usize> = Vec::with_capacity(shapes.types.len());
    let mut parts: Vec<Vec<TypeId>> = Vec::with_capacity(shapes.types.len());
    for type_ in &shapes.types {
        let (look, named) = look(type_, any);
        let next = looks.len();
        classes.push(*looks.entry(look).or_insert(next));
        parts.push(named);
    }
    let mut count = looks.len();
    loop {
        let mut next: HashMap<(usize, Vec<usize>), usize> = HashMap::new();
        let refined: Vec<usize> = parts
            .iter()
            .enumerate()
            .map(|(index, parts)| {
                let key = (classes[index], parts.iter().map(|part| classes[part.0]).collect());
                let number = next.len();
                *next.entry(key).or_insert(number)
            })
            .collect();
        classes = refined;
        if next.len() == count {
            return classes;
        }
        count = next.len();
    }
}

/// A type as text, without the types that it names and without locations, and those types. All schemas are replaced by `any`.
fn look(type_: &TypeDef, any: SchemaId) -> (String, Vec<TypeId>) {
    let mut kind = type_.kind.clone();
    let named = std::cell::RefCell::new(Vec::new());
    recursion::each_use(&mut kind, &mut |shape| {
        recursion::each_type(shape, &|id| {
            named.borrow_mut().push(*id);
            *id = TypeId(0);
        });
    });
    let nowhere = Location::root("");
    match &mut kind {
        TypeKind::Struct { properties, .. } => properties.iter_mut().for_each(|property| {
            property.schema = any;
            property.location = nowhere.clone();
        }),
        TypeKind::Union { branches, .. } => branches.iter_mut().for_each(|branch| branch.schema = any),
        TypeKind::Constrained { checks, .. } => checks.iter_mut().for_each(|check| check.location = nowhere.clone()),
        TypeKind::Enumeration { .. } | TypeKind::Values { .. } => {}
    }
    let word = match (&type_.origin, &type_.kind) {
        (_, TypeKind::Constrained { inner, checks }) if is_bounded(inner, checks) => None,
        (Origin::Part { word, .. }, _) => Some(crate::name::type_name(word)),
        // A definition is equal to a part of any name.
        (Origin::Given(name) | Origin::Body(name), _) => Some(crate::name::type_name(name)),
    };
    let text = serde_json::to_string(&(kind, word, type_.direction, type_.deprecated)).unwrap_or_default();
    (text, named.into_inner())
}
