//! Whether a schema accepts all that another accepts, as far as the set algebra of the `jsonschema` crate can say.

use std::panic::{AssertUnwindSafe, catch_unwind};

use charter_contract::SchemaId;
use jsonschema::canonical::Containment;

use crate::Side;

/// Whether it is proved that `wide` accepts everything that `narrow` accepts.
pub(crate) fn covers(wide: &Side<'_>, wide_id: SchemaId, narrow: &Side<'_>, narrow_id: SchemaId) -> bool {
    let (Some(wide), Some(narrow)) = (wide.canonical(wide_id), narrow.canonical(narrow_id)) else {
        return false;
    };
    // Experimental code: a panic in it is one more way not to know.
    catch_unwind(AssertUnwindSafe(|| wide.covers(&narrow).ok())).ok().flatten() == Some(Containment::Yes)
}
