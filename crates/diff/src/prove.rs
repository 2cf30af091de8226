//! Proofs of containment between schemas, by the set algebra of the `jsonschema` crate.

use std::panic::{AssertUnwindSafe, catch_unwind};

use charter_contract::SchemaId;
use jsonschema::canonical::Containment;

use crate::side::Side;

/// Whether there is a proof that `wide` accepts every document of `narrow`.
pub(crate) fn covers(wide: &Side<'_>, wide_id: SchemaId, narrow: &Side<'_>, narrow_id: SchemaId) -> bool {
    let (Some(wide), Some(narrow)) = (wide.canonical(wide_id), narrow.canonical(narrow_id)) else {
        return false;
    };
    // The set algebra is experimental: a panic means that there is no proof.
    catch_unwind(AssertUnwindSafe(|| wide.covers(&narrow).ok())).ok().flatten() == Some(Containment::Yes)
}
