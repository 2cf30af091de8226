//! The assertion keywords in the response schemas of the contract.

use std::collections::{BTreeSet, HashSet};

use charter_contract_tests::Contract;
use charter_contract_tests::schema::SchemaId;

/// The assertion keywords of 2020-12.
const ASSERTIONS: [&str; 26] = [
    "additionalProperties",
    "anyOf",
    "const",
    "contains",
    "dependentRequired",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "propertyNames",
    "required",
    "type",
    "uniqueItems",
];

/// Every keyword that a response body can violate.
pub(crate) fn of_responses(contract: &Contract) -> BTreeSet<String> {
    let responses = contract.operations().iter().flat_map(|operation| &operation.responses);
    let mut waiting: Vec<SchemaId> = responses.flat_map(|response| response.content.schemas()).collect();
    let (mut seen, mut found) = (HashSet::new(), BTreeSet::new());
    while let Some(id) = waiting.pop() {
        if !seen.insert(id) {
            continue;
        }
        let schema = contract.schema(id);
        let asserted = ASSERTIONS.iter().filter(|keyword| schema.source().get(**keyword).is_some());
        found.extend(asserted.map(|keyword| (*keyword).to_owned()));
        waiting.extend(schema.keywords.in_place().chain(schema.keywords.parts()));
    }
    found
}
