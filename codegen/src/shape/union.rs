//! `anyOf` and `oneOf`: distributed over the sibling keywords. Each branch is a variant; the branch of a value is determined by its
//! type, a tag or a key if the branches provably exclude each other.

use std::collections::BTreeSet;

use charter_contract::{Contract, SchemaId};
use serde_json::Value;

use super::build::{Builder, Subject, target_words};
use super::conjunction::{Conjunction, Kind, Kinds, Part, on_arrays, on_numbers, on_objects, on_strings, same_json};
use super::{Branch, Dispatch, Origin, Shape, TypeKind};
use crate::Error;

/// A union that would multiply its siblings into more variants than this becomes a check.
const WIDEST: usize = 600;

/// How a union is expressed.
pub(super) enum Planned {
    /// There is no union.
    Nothing,
    /// By a check of the `jsonschema` crate: a type could not express its branches.
    Check(Part, &'static str),
    /// By variants.
    Union(Plan),
}

/// The branches of a union, and how the branch of a value is determined.
pub(super) struct Plan {
    pub(super) part: Part,
    pub(super) keyword: &'static str,
    branches: Vec<(SchemaId, Conjunction)>,
    dispatch: Dispatch,
    /// Whether the variants accept exactly what the keyword accepts.
    pub(super) exact: bool,
}

/// The union that becomes variants: the first one found.
pub(super) fn candidate(contract: &Contract, all: &Conjunction) -> Option<(Part, &'static str)> {
    all.parts.iter().find_map(|part| {
        let keyword = ["oneOf", "anyOf"].into_iter().find(|keyword| !part.branches(contract, keyword).is_empty())?;
        Some((*part, keyword))
    })
}

/// A conjunction without its unions.
pub(super) fn without_unions(contract: &Contract, all: &Conjunction) -> Conjunction {
    let mut base = Conjunction::default();
    for part in &all.parts {
        base.keep(contract, part.without("anyOf").without("oneOf"));
    }
    base
}

pub(super) fn plan(contract: &Contract, all: &Conjunction) -> Planned {
    let Some((part, keyword)) = candidate(contract, all) else { return Planned::Nothing };
    // Further unions become checks: distributed as well, they would multiply.
    let base = without_unions(contract, all);
    let ids = part.branches(contract, keyword);
    let alone: Vec<Conjunction> = ids.iter().map(|id| Conjunction::of(contract, [*id])).collect();
    if !alone.iter().any(|branch| shows_something(contract, branch)) {
        return Planned::Check(part, keyword);
    }
    let width: usize = base.keywords(contract).map(|(_, keywords)| keywords.properties.len() + keywords.prefix_items.len()).sum();
    if width * ids.len() > WIDEST {
        return Planned::Check(part, keyword);
    }
    let mut branches: Vec<(SchemaId, Conjunction)> = Vec::new();
    let mut only_null = false;
    for (id, branch) in ids.iter().zip(alone) {
        let mut together = base.clone();
        together.extend(&branch);
        let kinds = together.kinds(contract);
        if kinds.without(Kinds::NULL).is_empty() || (is_object(contract, &together) && together.lacks_value(contract)) {
            only_null |= kinds.has(Kinds::NULL);
            continue;
        }
        if together.is_open(contract) {
            // An open branch restricts nothing and would accept the values of the other branches.
            return Planned::Check(part, keyword);
        }
        let plain = plain(contract, &together);
        if keyword == "anyOf" && plain.is_some() && branches.iter().any(|(_, known)| self::plain(contract, known) == plain) {
            continue;
        }
        branches.push((*id, together));
    }
    let dispatch = dispatch(contract, &branches);
    // Null is valid under two branches if one is null and another accepts null.
    let null_twice = only_null && branches.iter().any(|(_, branch)| branch.kinds(contract).has(Kinds::NULL));
    let exact = keyword == "anyOf" || (!null_twice && (dispatch != Dispatch::Try || disjoint(contract, &branches)));
    Planned::Union(Plan { part, keyword, branches, dispatch, exact })
}

/// The shape of a planned union.
pub(super) fn shape(builder: &mut Builder<'_>, subject: &Subject<'_>, plan: Plan) -> Result<Shape, Error> {
    let contract = builder.contract;
    match plan.branches.as_slice() {
        [] => return Ok(Shape::Never),
        [(id, only)] => {
            return branch(builder, *id, only, subject.origin);
        }
        _ => {}
    }
    let type_ = builder.reserve(subject)?;
    let words = plan.branches.iter().enumerate().map(|(index, (id, all))| {
        let tag = match &plan.dispatch {
            Dispatch::Tag { values, .. } => values[index].first().cloned(),
            _ => None,
        };
        word(contract, *id, all, tag, index)
    });
    let words: Vec<String> = words.collect();
    let mut shaped = Vec::new();
    for (index, (id, all)) in plan.branches.iter().enumerate() {
        let label = label(contract, &plan.branches, &words, index);
        let word = words[index].clone();
        let shape = branch(builder, *id, all, &Origin::Part { of: type_, word: label.clone().unwrap_or_else(|| word.clone()) })?;
        shaped.push(Branch { shape, schema: *id, word, label });
    }
    builder.shapes.types[type_.0].kind = TypeKind::Union { branches: shaped, dispatch: plan.dispatch, keyword: plan.keyword };
    Ok(Shape::Named(type_))
}

fn branch(builder: &mut Builder<'_>, id: SchemaId, all: &Conjunction, origin: &Origin) -> Result<Shape, Error> {
    let use_ =
        if *all == Conjunction::of(builder.contract, [id]) { builder.use_of(id, origin)? } else { builder.conjunction(all, id, origin)? };
    Ok(use_.shape)
}

impl Conjunction {
    /// Adds a part whose references are included already.
    fn keep(&mut self, contract: &Contract, part: Part) {
        let keywords = &contract.schema(part.id).keywords;
        self.never |= keywords.never;
        let mut alone = Self::default();
        alone.add(contract, part, 0);
        if alone.parts.contains(&part) && !self.parts.contains(&part) {
            self.parts.push(part);
        }
    }
}

/// Whether a branch has an assertion that its type can express.
pub(super) fn shows_something(contract: &Contract, branch: &Conjunction) -> bool {
    branch.kinds(contract) != Kinds::ALL
        || branch.keywords(contract).any(|(_, keywords)| {
            !keywords.properties.is_empty()
                || keywords.items.is_some()
                || !keywords.prefix_items.is_empty()
                || keywords.additional_properties.is_some()
                || !keywords.pattern_properties.is_empty()
                || !keywords.any_of.is_empty()
                || !keywords.one_of.is_empty()
        })
}

/// Whether every string is valid.
pub(super) fn is_any_string(contract: &Contract, all: &Conjunction) -> bool {
    all.kinds(contract).has(Kinds::STRING) && !all.never && is_silent(contract, all)
}

/// Whether `type` is the only assertion.
pub(super) fn is_silent(contract: &Contract, all: &Conjunction) -> bool {
    all.keywords(contract).all(|(part, keywords)| {
        !on_objects(keywords)
            && !on_arrays(keywords)
            && !on_numbers(keywords)
            && !on_strings(keywords)
            && super::conjunction::values(keywords).is_none()
            && keywords.not.is_none()
            && keywords.if_.is_none()
            && part.branches(contract, "anyOf").is_empty()
            && part.branches(contract, "oneOf").is_empty()
    })
}

/// The kind of value that a conjunction allows, if it allows one kind and asserts nothing else.
fn plain(contract: &Contract, all: &Conjunction) -> Option<Kind> {
    match (is_silent(contract, all), all.kinds(contract).kinds().as_slice()) {
        (true, [kind]) => Some(*kind),
        _ => None,
    }
}

/// The name of a branch whose schema has no name: its tag or its type.
fn word(contract: &Contract, id: SchemaId, all: &Conjunction, tag: Option<String>, index: usize) -> String {
    let target = contract.schema(contract.target(id));
    let own = contract.schema(id).title();
    let given = own
        .or_else(|| target.title())
        .filter(|title| !title.trim().is_empty())
        .map(str::to_owned)
        .or_else(|| (contract.target(id) != id).then(|| target_words(&target.location)).flatten());
    let kinds = all.kinds(contract).kinds();
    let kind = if let [kind] = kinds.as_slice() { Some(kind.as_str().to_owned()) } else { None };
    given.or(tag).or(kind).unwrap_or_else(|| format!("branch {index}"))
}

/// The words for a branch whose word is that of another branch: what only this one of them has.
fn label(contract: &Contract, branches: &[(SchemaId, Conjunction)], words: &[String], index: usize) -> Option<String> {
    let name = crate::name::type_name(&words[index]);
    let others: Vec<&Conjunction> = (0..words.len())
        .filter(|other| *other != index && crate::name::type_name(&words[*other]) == name)
        .map(|other| &branches[other].1)
        .collect();
    if others.is_empty() {
        return None;
    }
    let own = &branches[index].1;
    if let Some(key) = own_key(contract, own, &others) {
        let is_kind = words[index] == Kind::Object.as_str();
        return Some(if is_kind { format!("with {key}") } else { format!("{} with {key}", words[index]) });
    }
    let is_own = |trait_: &dyn Fn(&Conjunction) -> Option<String>| {
        trait_(own).filter(|own| is_named(own) && others.iter().all(|other| trait_(other).as_ref() != Some(own)))
    };
    let format = |all: &Conjunction| all.keywords(contract).find_map(|(_, keywords)| keywords.format.clone());
    let value = |all: &Conjunction| finite(contract, all)?.iter().find_map(Value::as_str).map(str::to_owned);
    let tag = |all: &Conjunction| {
        let required = all.required(contract);
        required.into_iter().find_map(|key| all.values_at(contract, key)?.iter().find_map(|value| value.as_str().map(str::to_owned)))
    };
    let items = |all: &Conjunction| item_word(contract, all);
    let of_items = || is_own(&items).map(|item| format!("{} of {item}", words[index]));
    is_own(&format).or_else(|| is_own(&value)).or_else(|| is_own(&tag)).or_else(of_items)
}

/// The word for the items of an array: the name of their definition, or their only type.
fn item_word(contract: &Contract, all: &Conjunction) -> Option<String> {
    let item = all.keywords(contract).find_map(|(_, keywords)| keywords.items)?;
    let target = contract.target(item);
    let name = (target != item).then(|| target_words(&contract.schema(target).location)).flatten();
    name.or_else(|| match Conjunction::of(contract, [item]).kinds(contract).kinds().as_slice() {
        [Kind::Array] => {
            let inner = item_word(contract, &Conjunction::of(contract, [item]));
            Some(inner.map_or_else(|| "array".to_owned(), |inner| format!("array of {inner}")))
        }
        [kind] => Some(kind.as_str().to_owned()),
        _ => None,
    })
}

/// A key that only one of several objects has, or requires.
fn own_key(contract: &Contract, own: &Conjunction, others: &[&Conjunction]) -> Option<String> {
    let keys = |all: &Conjunction| -> Vec<String> {
        let known = all.keywords(contract).flat_map(|(_, keywords)| keywords.properties.keys().cloned());
        all.required(contract).into_iter().map(str::to_owned).chain(known).collect()
    };
    let required = |all: &Conjunction| -> Vec<String> { all.required(contract).into_iter().map(str::to_owned).collect() };
    let known: BTreeSet<String> = others.iter().flat_map(|other| keys(other)).collect();
    let demanded: BTreeSet<String> = others.iter().flat_map(|other| required(other)).collect();
    let key = keys(own).into_iter().find(|key| is_named(key) && !known.contains(key));
    key.or_else(|| required(own).into_iter().find(|key| is_named(key) && !demanded.contains(key)))
}

fn is_named(text: &str) -> bool {
    text.chars().any(char::is_alphanumeric)
}

/// How the branch of a value is determined.
fn dispatch(contract: &Contract, branches: &[(SchemaId, Conjunction)]) -> Dispatch {
    let all: Vec<&Conjunction> = branches.iter().map(|(_, all)| all).collect();
    by_type(contract, &all).or_else(|| by_tag(contract, &all)).or_else(|| by_keys(contract, &all)).unwrap_or(Dispatch::Try)
}

/// Each branch accepts JSON types that no other branch accepts.
fn by_type(contract: &Contract, branches: &[&Conjunction]) -> Option<Dispatch> {
    let mut seen = Kinds::NONE;
    let mut types = Vec::new();
    for branch in branches {
        let kinds = branch.kinds(contract).without(Kinds::NULL);
        if seen.has(kinds) {
            return None;
        }
        seen = seen.or(kinds);
        types.push(kinds.words());
    }
    Some(Dispatch::Type(types))
}

fn is_object(contract: &Contract, branch: &Conjunction) -> bool {
    branch.kinds(contract).without(Kinds::NULL) == Kinds::OBJECT
}

/// A key that every branch requires, with strings that no two branches share.
fn by_tag(contract: &Contract, branches: &[&Conjunction]) -> Option<Dispatch> {
    let first = branches.first()?;
    if !branches.iter().all(|branch| is_object(contract, branch)) {
        return None;
    }
    first.required(contract).into_iter().find_map(|key| {
        let mut seen = BTreeSet::new();
        let mut values = Vec::new();
        for branch in branches {
            if !branch.required(contract).contains(&key) {
                return None;
            }
            let of_branch: Option<Vec<String>> =
                branch.values_at(contract, key)?.iter().map(|value| value.as_str().map(str::to_owned)).collect();
            let mut of_branch = of_branch?;
            of_branch.dedup();
            debug_assert!(!of_branch.is_empty(), "a branch without a value for a required key was removed");
            for text in &of_branch {
                seen.insert(text.clone()).then_some(())?;
            }
            values.push(of_branch);
        }
        Some(Dispatch::Tag { key: key.to_owned(), values })
    })
}

/// For each branch in turn, a key that it requires and that all remaining branches refuse.
fn by_keys(contract: &Contract, branches: &[&Conjunction]) -> Option<Dispatch> {
    if !branches.iter().all(|branch| is_object(contract, branch)) {
        return None;
    }
    let mut left: Vec<usize> = (0..branches.len()).collect();
    let mut decisions = Vec::new();
    while left.len() > 1 {
        let decided = left.iter().find_map(|index| {
            let required = branches[*index].required(contract);
            let key =
                required.into_iter().find(|key| left.iter().all(|other| other == index || branches[*other].refuses_key(contract, key)))?;
            Some((*index, key.to_owned()))
        })?;
        left.retain(|index| *index != decided.0);
        decisions.push(decided);
    }
    Some(Dispatch::Keys { decisions, otherwise: *left.first()? })
}

/// Whether no value except null is valid under two branches. Each pair is proved separately.
fn disjoint(contract: &Contract, branches: &[(SchemaId, Conjunction)]) -> bool {
    branches.iter().enumerate().all(|(index, (_, one))| branches.iter().skip(index + 1).all(|(_, other)| apart(contract, one, other)))
}

fn apart(contract: &Contract, one: &Conjunction, other: &Conjunction) -> bool {
    let shared = one.kinds(contract).and(other.kinds(contract)).without(Kinds::NULL);
    if shared.is_empty() {
        return true;
    }
    if let (Some(one), Some(other)) = (finite(contract, one), finite(contract, other))
        && !overlap(&one, &other)
    {
        return true;
    }
    if shared != Kinds::OBJECT {
        return false;
    }
    let (first, second) = (one.required(contract), other.required(contract));
    first.iter().any(|key| other.refuses_key(contract, key))
        || second.iter().any(|key| one.refuses_key(contract, key))
        || first.iter().filter(|key| second.contains(key)).any(|key| {
            matches!((one.values_at(contract, key), other.values_at(contract, key)), (Some(one), Some(other)) if !overlap(&one, &other))
        })
}

fn finite(contract: &Contract, all: &Conjunction) -> Option<Vec<Value>> {
    all.keywords(contract).find_map(|(_, keywords)| super::conjunction::values(keywords)).map(<[Value]>::to_vec)
}

fn overlap(one: &[Value], other: &[Value]) -> bool {
    one.iter().any(|value| other.iter().any(|known| same_json(value, known)))
}
