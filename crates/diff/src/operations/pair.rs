//! Operations of both contracts that correspond, and the schemas to compare.

use std::collections::HashSet;

use charter_contract::{Location, SchemaId};

use crate::change::OperationChange;

/// Two operations that correspond, and their schemas to compare.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct OperationPair {
    /// The id in the new contract.
    pub id: String,
    /// The locations of the operations.
    pub locations: (Location, Location),
    /// Schemas of requests: bodies and parameters.
    pub requests: Vec<Body>,
    /// Schemas of responses: bodies and header fields.
    pub responses: Vec<Body>,
}

/// The two schemas of a body, a parameter or a header field.
#[derive(Clone, Debug)]
pub struct Body {
    /// The name: `200 application/json`, `request application/json`, `query.limit`.
    pub name: String,
    /// In the old contract.
    pub old: SchemaId,
    /// In the new contract.
    pub new: SchemaId,
}

/// The result of comparing operations.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Operations {
    /// The operations in both contracts.
    pub pairs: Vec<OperationPair>,
    /// The changes, except those of schemas.
    pub changes: Vec<OperationChange>,
    /// The pairs of schemas whose values are texts on the wire: `changes` has their changes.
    pub(crate) texts: HashSet<(SchemaId, SchemaId)>,
}

pub(super) fn body(name: String, old: Option<SchemaId>, new: Option<SchemaId>) -> Option<Body> {
    Some(Body { name, old: old?, new: new? })
}
