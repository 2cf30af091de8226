//! The types that parameters and bodies of requests contain.

use std::collections::HashSet;

use charter_contract::{Contract, Operation, SchemaId};

use crate::emit::{named, named_in};
use crate::shape::{Shapes, TypeId};

/// The types of the requests of all operations, and those that they contain.
pub(crate) fn types(contract: &Contract, shapes: &Shapes) -> HashSet<TypeId> {
    let (mut types, mut schemas) = (Vec::new(), HashSet::new());
    let mut open: Vec<SchemaId> = contract.operations().iter().flat_map(of_request).collect();
    while let Some(schema) = open.pop() {
        if schemas.insert(schema) {
            let use_ = shapes.request_uses.get(&schema).or_else(|| shapes.uses.get(&schema));
            types.extend(use_.into_iter().flat_map(|use_| named_in(&use_.shape)));
            let keywords = &contract.schema(schema).keywords;
            open.extend(keywords.in_place().chain(keywords.parts()));
        }
    }
    let mut found = HashSet::new();
    while let Some(id) = types.pop() {
        if found.insert(id) {
            types.extend(named(&shapes.types[id.0].kind));
        }
    }
    found
}

/// The schemas of the parameters and of the body of a request.
fn of_request(operation: &Operation) -> impl Iterator<Item = SchemaId> + '_ {
    let parameters = operation.parameters.iter().flat_map(|one| one.schema.into_iter().chain(one.content.all_schemas()));
    parameters.chain(operation.request_body.iter().flat_map(|body| body.content.all_schemas()))
}
