//! The contract itself: what both readers are given.

use std::collections::BTreeSet;

use serde::Serialize;

use super::{Config, Operation, Schema, SchemaId, Schemas, Server};
use crate::error::Error;
use crate::invariant::{self, InvariantSet};
use crate::load::Documents;
use crate::{Location, Position};

/// A contract, loaded, resolved and checked. Frozen: nothing changes it, and no reader opens a document again.
#[derive(Clone, Debug, Serialize)]
pub struct Contract {
    #[serde(skip)]
    pub(crate) documents: Documents,
    pub(crate) schemas: Schemas,
    pub(crate) roots: Vec<SchemaId>,
    pub(crate) servers: Vec<Server>,
    pub(crate) operations: Vec<Operation>,
    pub(crate) invariants: InvariantSet,
    pub(crate) config: Config,
}

impl Contract {
    /// The same contract with what its invariants files say.
    ///
    /// # Errors
    /// Everything wrong with the files: their form first, then ids and places, then what the rules say.
    pub fn with_invariants(mut self) -> Result<Self, Error> {
        self.invariants = invariant::load(&self)?;
        Ok(self)
    }

    /// The documents as loaded, by name.
    pub fn documents(&self) -> &Documents {
        &self.documents
    }

    /// Every schema.
    pub fn schemas(&self) -> &Schemas {
        &self.schemas
    }

    /// One schema.
    pub fn schema(&self, id: SchemaId) -> &Schema {
        &self.schemas[id]
    }

    /// The root schemas of the schema documents (`*.schema.json`), in the order of their names.
    pub fn roots(&self) -> &[SchemaId] {
        &self.roots
    }

    /// The servers, in the order written.
    pub fn servers(&self) -> &[Server] {
        &self.servers
    }

    /// The operations, in the order written.
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// The operation with an `operationId`.
    pub fn operation(&self, id: &str) -> Option<&Operation> {
        self.operations.iter().find(|operation| operation.id == id)
    }

    /// The invariants, in the order written.
    pub fn invariants(&self) -> &InvariantSet {
        &self.invariants
    }

    /// The configuration, defaults filled in.
    pub fn config(&self) -> &Config {
        &self.config
    }

    /// The schema at the end of a chain of `$ref`s that have no sibling keyword, the schema itself where there is none.
    pub fn target(&self, id: SchemaId) -> SchemaId {
        let mut at = id;
        // Resolution has refused a chain of references that comes back to itself.
        while let Some(next) = self.schemas[at].keywords.reference {
            at = next;
        }
        at
    }

    /// Every schema that applies to the same instance as the given ones: through references and applicators in place.
    pub fn in_place(&self, schemas: impl IntoIterator<Item = SchemaId>) -> BTreeSet<SchemaId> {
        let (mut all, mut open) = (BTreeSet::new(), schemas.into_iter().collect::<Vec<_>>());
        while let Some(id) = open.pop() {
            if all.insert(id) {
                let keywords = &self.schemas[id].keywords;
                open.extend(keywords.reference.iter().chain(&keywords.all_of).chain(&keywords.any_of).chain(&keywords.one_of));
            }
        }
        all
    }

    /// The schemas right below one: through references, applicators and the parts of instances.
    pub fn children(&self, id: SchemaId) -> Vec<SchemaId> {
        let keywords = &self.schemas[id].keywords;
        let one = [keywords.reference, keywords.additional_properties, keywords.items];
        let lists = [&keywords.all_of, &keywords.any_of, &keywords.one_of, &keywords.prefix_items];
        one.into_iter().flatten().chain(lists.into_iter().flatten().copied()).chain(keywords.properties.values().copied()).collect()
    }

    /// The value that a parameter has where a request leaves it out.
    pub fn parameter_default(&self, schema: SchemaId) -> Option<&serde_json::Value> {
        self.in_place([schema]).iter().find_map(|id| self.schemas[*id].keywords.default.as_ref())
    }

    /// The line and column where a location of the contract stands in its document.
    pub fn position(&self, location: &Location) -> Option<Position> {
        self.documents.position(location)
    }

    /// A digest of everything the contract promises, layout and comments aside: `sha256:` and 64 hexadecimal digits.
    pub fn digest(&self) -> String {
        self.documents.digest(|_| true)
    }

    /// A digest of what the generated types are made from: the schema documents alone.
    pub fn schema_digest(&self) -> String {
        self.documents.digest(|name| name.ends_with(".schema.json"))
    }
}
