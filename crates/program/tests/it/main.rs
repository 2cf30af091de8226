//! Programs against the reference validator, with the official suite and with mutated documents.

mod mutated;
mod suite;
mod support;
