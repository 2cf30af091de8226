//! The contract as it applies to the messages of each direction. In OpenAPI 3.0 and Swagger 2.0, `required` depends on the direction.

use std::collections::{BTreeSet, HashMap};

use charter_contract::{Contract, Direction, SchemaId};

/// A contract, and the same contract for the messages of each direction.
pub(crate) struct Directions<'c> {
    contract: &'c Contract,
    responses: Option<Contract>,
    requests: Option<Contract>,
    /// The schemas from which a schema with other required keys in requests than in responses can be reached.
    differing: BTreeSet<SchemaId>,
}

impl<'c> Directions<'c> {
    pub(crate) fn of(contract: &'c Contract) -> Self {
        let responses = contract.for_messages(Direction::Response);
        let requests = contract.for_messages(Direction::Request);
        let mut directions = Self { contract, responses, requests, differing: BTreeSet::new() };
        directions.differing = directions.find_differing();
        directions
    }

    /// The contract as it applies to the messages of a direction.
    pub(crate) fn contract(&self, direction: Direction) -> &Contract {
        let directed = match direction {
            Direction::Request => &self.requests,
            Direction::Response => &self.responses,
        };
        directed.as_ref().unwrap_or(self.contract)
    }

    /// The contract that a type is for. A type for both directions has the same schema in both.
    pub(crate) fn contract_of(&self, direction: Option<Direction>) -> &Contract {
        self.contract(direction.unwrap_or(Direction::Response))
    }

    /// Whether a schema can accept other values in requests than in responses.
    pub(crate) fn differs(&self, id: SchemaId) -> bool {
        self.differing.contains(&id)
    }

    fn find_differing(&self) -> BTreeSet<SchemaId> {
        let required = |direction, id| &self.contract(direction).schema(id).keywords.required;
        let differs = |id: &SchemaId| required(Direction::Request, *id) != required(Direction::Response, *id);
        let open: Vec<SchemaId> = self.contract.schemas().iter().map(|(id, _)| id).filter(differs).collect();
        if open.is_empty() { BTreeSet::new() } else { above(self.contract, open) }
    }
}

/// The given schemas, and every schema from which one of them can be reached.
pub(crate) fn above(contract: &Contract, mut open: Vec<SchemaId>) -> BTreeSet<SchemaId> {
    let mut above: HashMap<SchemaId, Vec<SchemaId>> = HashMap::new();
    for (id, schema) in contract.schemas().iter() {
        for below in schema.keywords.in_place().chain(schema.keywords.parts()) {
            above.entry(below).or_default().push(id);
        }
    }
    let mut found = BTreeSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            open.extend(above.get(&id).into_iter().flatten());
        }
    }
    found
}
