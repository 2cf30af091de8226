//! A place in a body: the schemas that describe its value.

use charter_contract::{Contract, Draft, JsonType, SchemaId};
use serde_json::Value;

/// How a schema applies to a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Use {
    pub(crate) schema: SchemaId,
    /// Whether the value must be valid under it.
    pub(crate) validates: bool,
    /// Whether coverage counts it.
    pub(crate) counts: bool,
}

/// The key of a node: the schemas that directly describe a value, and the node of its slots.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    pub(crate) uses: Vec<Use>,
    pub(crate) slots: Option<u32>,
    /// Whether it is the place of an item with slots of its own. The branches of a union share them.
    pub(crate) is_item: bool,
}

/// Every schema that describes a value of one JSON type at a place.
#[derive(Debug, Default)]
pub(crate) struct Flat {
    pub(crate) uses: Vec<Use>,
    /// The unions with several candidate branches.
    pub(crate) unions: Vec<Ambiguous>,
    /// The branches that the type selects: the schema with the union, and the branch.
    pub(crate) taken: Vec<(SchemaId, SchemaId)>,
    /// Whether no value of the type is valid.
    pub(crate) never: bool,
    /// Whether there is a union, whose branches depend on the type of the value. Else the schemas are the same for every type.
    pub(crate) has_union: bool,
}

/// A union with several branches for a JSON type.
#[derive(Debug)]
pub(crate) struct Ambiguous {
    pub(crate) owner: Use,
    pub(crate) one: bool,
    pub(crate) branches: Vec<SchemaId>,
}

/// The largest depth of schemas that apply to the same value. Coverage stops there, too.
const MAX_DEPTH: usize = 60;
/// The largest number of schemas that apply to the same value.
const MAX_SCHEMAS: usize = 1_000;

/// Finds the schemas that describe a value of a JSON type. Integers count as numbers.
///
/// # Errors
/// The reason why the program cannot decide such values.
pub(crate) fn flatten(contract: &Contract, place: &Place, type_: JsonType) -> Result<Flat, (SchemaId, &'static str)> {
    let mut flat = Flat::default();
    for use_ in &place.uses {
        add(contract, *use_, type_, 0, &mut flat).map_err(|reason| (use_.schema, reason))?;
    }
    Ok(flat)
}

fn add(contract: &Contract, use_: Use, type_: JsonType, depth: usize, flat: &mut Flat) -> Result<(), &'static str> {
    let schema = contract.schema(use_.schema);
    let keywords = &schema.keywords;
    if keywords.never {
        flat.never |= use_.validates;
        return Ok(());
    }
    if depth > MAX_DEPTH || flat.uses.len() > MAX_SCHEMAS {
        return Err("a chain of references that is too long");
    }
    if use_.validates
        && let Some(reason) = unsupported(contract, use_.schema)
    {
        return Err(reason);
    }
    flat.uses.push(use_);
    for next in keywords.reference.iter().chain(&keywords.all_of) {
        add(contract, Use { schema: *next, ..use_ }, type_, depth + 1, flat)?;
    }
    for (one, union) in [(false, &keywords.any_of), (true, &keywords.one_of)] {
        flat.has_union |= !union.is_empty();
        let is_candidate = |branch: &&SchemaId| !contract.schema(**branch).keywords.never && contract.types_of(**branch).contains(&type_);
        let candidates: Vec<SchemaId> = union.iter().filter(is_candidate).copied().collect();
        match candidates.as_slice() {
            [] => flat.never |= use_.validates && !union.is_empty(),
            [branch] => {
                if use_.counts {
                    flat.taken.push((use_.schema, *branch));
                }
                add(contract, Use { schema: *branch, ..use_ }, type_, depth + 1, flat)?;
            }
            _ => flat.unions.push(Ambiguous { owner: use_, one, branches: candidates }),
        }
    }
    Ok(())
}

/// Why a program cannot decide the values of a schema. The keywords of other types do not matter for a value, but they are rare.
fn unsupported(contract: &Contract, id: SchemaId) -> Option<&'static str> {
    let schema = contract.schema(id);
    let keywords = &schema.keywords;
    if contract.has_problem(id) {
        return Some("an invalid schema");
    }
    if keywords.dynamic {
        return Some("`$dynamicRef`");
    }
    if keywords.unevaluated_properties.is_some_and(|other| !is_trivial(contract, other)) {
        return Some("`unevaluatedProperties`");
    }
    if keywords.unevaluated_items.is_some_and(|other| !is_trivial(contract, other)) {
        return Some("`unevaluatedItems`");
    }
    // The reference validator knows these keywords in drafts that do not define them, or asserts them in old drafts alone.
    let Value::Object(source) = schema.source() else { return None };
    let has = |keyword: &str| source.contains_key(keyword);
    match schema.draft {
        Draft::Draft4 | Draft::Draft6 | Draft::Draft7 if keywords.reference.is_some() => None,
        Draft::Draft6 | Draft::Draft7 if has("contentEncoding") || has("contentMediaType") => Some("`contentEncoding` of an old draft"),
        Draft::Draft201909 | Draft::Draft202012 if has("dependencies") => Some("`dependencies` of an old draft"),
        Draft::Draft202012 if has("additionalItems") => Some("`additionalItems` of an old draft"),
        _ => None,
    }
}

/// Whether a schema accepts every value, as `true` and `{}` do.
pub(crate) fn is_trivial(contract: &Contract, id: SchemaId) -> bool {
    match contract.schema(id).source() {
        Value::Bool(accepts) => *accepts,
        Value::Object(keywords) => keywords.keys().all(|keyword| ["description", "title", "$comment"].contains(&keyword.as_str())),
        _ => false,
    }
}
