//! Compares the operations of two contracts: which correspond, what differs, and the schemas to compare.

mod changes;
mod pair;
mod pairing;
mod request;
mod response;
mod sketch;

pub use pair::{Body, OperationPair, Operations};
pub use pairing::operations;
