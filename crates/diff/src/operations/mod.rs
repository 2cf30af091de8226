//! Compares the operations of two contracts: which correspond, what differs, and the schemas to compare.

mod changes;
mod form;
mod media;
mod pair;
mod pairing;
mod places;
mod request;
mod response;
mod security;
mod sketch;

pub(crate) use media::{Relation, covering, relation};
pub use pair::{Body, OperationPair, Operations};
pub use pairing::operations;
pub(crate) use places::{add_other_places, use_references};
pub(crate) use security::scheme_meaning;
