//! Problems of single operations and components: they do not matter until something that is judged reaches them.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::contract::Contract;
use crate::error::Problem;
use crate::location::Location;
use crate::model::{Operation, SchemaId, Schemas};

/// Which problems are errors on load.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Every problem. Types and comparisons need the whole contract.
    #[default]
    Strict,
    /// Problems that affect the whole contract. The others are in [`Contract::problems`].
    Lenient,
}

/// The problems of a contract that was not loaded strictly.
#[derive(Debug, Default)]
pub(crate) struct Problems {
    list: Vec<Problem>,
    /// The schemas that have a problem themselves.
    schemas: HashMap<SchemaId, BTreeSet<usize>>,
    /// The problems that an operation reaches, by its location.
    operations: HashMap<Location, BTreeSet<usize>>,
}

impl Problems {
    pub(crate) fn add_operation(&mut self, location: Location, problem: usize) {
        self.operations.entry(location).or_default().insert(problem);
    }

    pub(crate) fn add_schema(&mut self, id: SchemaId, problem: usize) {
        self.schemas.entry(id).or_default().insert(problem);
    }

    /// Adds the problems of the schemas that each operation reaches.
    pub(crate) fn settle<'o>(&mut self, list: Vec<Problem>, schemas: &Schemas, operations: impl Iterator<Item = &'o Operation>) {
        self.list = list;
        if self.list.is_empty() {
            return;
        }
        for operation in operations {
            let reached = self.reached(schemas, operation.schemas());
            if !reached.is_empty() {
                self.operations.entry(operation.location.clone()).or_default().extend(reached);
            }
        }
    }

    /// The problems of the schemas that the given schemas reach.
    fn reached(&self, schemas: &Schemas, from: impl IntoIterator<Item = SchemaId>) -> BTreeSet<usize> {
        let (mut open, mut seen, mut reached) = (from.into_iter().collect::<Vec<_>>(), HashSet::new(), BTreeSet::new());
        while let Some(id) = open.pop() {
            if seen.insert(id) {
                reached.extend(self.schemas.get(&id).into_iter().flatten());
                let keywords = &schemas[id].keywords;
                open.extend(keywords.in_place().chain(keywords.parts()));
            }
        }
        reached
    }
}

impl Contract {
    /// The problems of single operations and components; empty unless the contract was loaded with [`Strictness::Lenient`].
    pub fn problems(&self) -> &[Problem] {
        &self.problems.list
    }

    /// The problems that an operation reaches. An exchange of an operation with a problem cannot be judged.
    pub fn problems_of(&self, operation: &Operation) -> impl Iterator<Item = &Problem> {
        let indices = self.problems.operations.get(&operation.location);
        indices.into_iter().flatten().filter_map(|index| self.problems.list.get(*index))
    }

    /// The problems that no operation reaches.
    pub fn unreached_problems(&self) -> impl Iterator<Item = &Problem> {
        let reached: BTreeSet<usize> = self.problems.operations.values().flatten().copied().collect();
        self.problems.list.iter().enumerate().filter(move |(index, _)| !reached.contains(index)).map(|(_, problem)| problem)
    }

    /// Whether a schema reaches a problem.
    pub fn has_problem(&self, id: SchemaId) -> bool {
        !self.problems.list.is_empty() && !self.problems.reached(&self.schemas, [id]).is_empty()
    }
}
