//! Collects the changes of operations.

use charter_contract::{Level, Location};

use super::pair::OperationPair;
use crate::change::{Kind, OperationChange, Verdict, fingerprint};
use crate::side::Side;
use crate::wire::{Sketch, promises};

pub(super) struct Comparison<'f, 'o, 'n> {
    pub(super) old: &'f Side<'o>,
    pub(super) new: &'f Side<'n>,
    pub(super) changes: Vec<OperationChange>,
    pub(super) pairs: Vec<OperationPair>,
}

pub(super) type Locations<'p> = (Option<&'p Location>, Option<&'p Location>);

impl Comparison<'_, '_, '_> {
    /// Adds a change. The witness is kept only if exactly one contract allows it.
    #[expect(clippy::too_many_arguments, reason = "one argument for each member of a change")]
    pub(super) fn push(
        &mut self,
        kind: &str,
        operation: &str,
        locations: Locations<'_>,
        summary: String,
        client: Verdict,
        server: Verdict,
        sketch: Option<Sketch>,
    ) {
        let witness = sketch.filter(|sketch| {
            let (one, other) = (promises(self.old, sketch), promises(self.new, sketch));
            one.is_some() && other.is_some() && one != other
        });
        let promised_by = witness.as_ref().map(|sketch| if promises(self.new, sketch) == Some(true) { "new" } else { "old" });
        // A tolerant client treats an unknown status like the first of its class (RFC 9110).
        let tolerant_client = if kind == "status-added" && client == Verdict::Breaking { Verdict::Compatible } else { client };
        let location = locations.1.or(locations.0).map(ToString::to_string).unwrap_or_default();
        let id = fingerprint([kind, operation, &location, &summary]);
        self.changes.push(OperationChange {
            id,
            kind: Kind::new(kind),
            operation: operation.to_owned(),
            old_location: locations.0.cloned(),
            new_location: locations.1.cloned(),
            is_removal: false,
            summary,
            client,
            tolerant_client,
            // A client that knows only the media types of its contract lists them in `Accept`.
            described_client: if kind == "response-media-type-added" { Verdict::Compatible } else { tolerant_client },
            server,
            verdict: tolerant_client,
            level: Level::Info,
            accepted: None,
            witness,
            promised_by: promised_by.map(str::to_owned),
            position: None,
        });
    }
}
