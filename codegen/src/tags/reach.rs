//! The types that the operations of each feature use.

use std::collections::{BTreeSet, HashMap, HashSet};

use charter_contract::{Operation, SchemaId};
use proc_macro2::TokenStream;

use super::{Condition, identifiers};
use crate::Schemars;
use crate::context::Emit;
use crate::emit::{code_of_type, named_in};

/// The conditions of the types, and whether no operation uses some of them. `features` is the number of the features of tags, and the index
/// of the feature for the types that no operation uses.
pub(super) fn types(
    emit: &Emit<'_>,
    features: usize,
    operations: &[Condition],
    code: &[TokenStream],
    schemars: Schemars,
) -> (Vec<Condition>, bool) {
    let count = emit.shapes.types.len();
    let by_name: HashMap<&str, usize> = (0..count).map(|index| (emit.names.type_(crate::shape::TypeId(index)), index)).collect();
    let used_in = |code: TokenStream| {
        let mut used = BTreeSet::new();
        identifiers(code, &mut |name| used.extend(by_name.get(name)));
        used
    };
    let edges: Vec<BTreeSet<usize>> = (0..count).map(|index| used_in(code_of_type(emit, index, schemars))).collect();
    let seeds: Vec<BTreeSet<usize>> = emit
        .contract
        .operations()
        .iter()
        .enumerate()
        .map(|(index, operation)| {
            let mut used = of_schemas(emit, operation);
            used.extend(code.get(index).cloned().map(used_in).unwrap_or_default());
            used
        })
        .collect();
    let with = |is_wanted: &dyn Fn(&Condition) -> bool| {
        let wanted = operations.iter().zip(&seeds).filter(|(condition, _)| is_wanted(condition));
        closure(&edges, wanted.flat_map(|(_, seeds)| seeds.iter().copied()))
    };
    let always = with(&|condition| *condition == Condition::Always);
    let mut sets: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); count];
    for feature in 0..features {
        for index in with(&|condition| matches!(condition, Condition::Any(features) if features.contains(&feature))) {
            sets[index].insert(feature);
        }
    }
    let unused: Vec<usize> = (0..count).filter(|index| sets[*index].is_empty() && !always.contains(index)).collect();
    for index in closure(&edges, unused.iter().copied()) {
        sets[index].insert(features);
    }
    let condition = |(index, set)| if always.contains(&index) { Condition::Always } else { Condition::Any(set) };
    (sets.into_iter().enumerate().map(condition).collect(), !unused.is_empty())
}

/// What is reached through any number of edges.
fn closure(edges: &[BTreeSet<usize>], seeds: impl Iterator<Item = usize>) -> HashSet<usize> {
    let mut reached = HashSet::new();
    let mut open: Vec<usize> = seeds.collect();
    while let Some(index) = open.pop() {
        if reached.insert(index) {
            open.extend(&edges[index]);
        }
    }
    reached
}

/// The types of the schemas of an operation, and of those that they contain or refer to.
fn of_schemas(emit: &Emit<'_>, operation: &Operation) -> BTreeSet<usize> {
    let (mut used, mut seen) = (BTreeSet::new(), HashSet::new());
    let mut open: Vec<SchemaId> = operation.schemas().collect();
    while let Some(schema) = open.pop() {
        if seen.insert(schema) {
            let uses = [emit.shapes.uses.get(&schema), emit.shapes.request_uses.get(&schema)];
            used.extend(uses.into_iter().flatten().flat_map(|use_| named_in(&use_.shape)).map(|id| id.0));
            let keywords = &emit.contract.schema(schema).keywords;
            open.extend(keywords.in_place().chain(keywords.parts()));
        }
    }
    used
}
