//! Collects the changes of operations.

use charter_contract::{Content, Location, SchemaId};

use super::form::Form;
use super::media::{self, Relation};
use super::pair::OperationPair;
use crate::change::{OperationChange, Verdict};
use crate::side::Side;
use crate::wire::{Sketch, promises};

pub(super) struct Comparison<'f, 'o, 'n> {
    pub(super) old: &'f Side<'o>,
    pub(super) new: &'f Side<'n>,
    pub(super) changes: Vec<OperationChange>,
    pub(super) pairs: Vec<OperationPair>,
    /// Bodies and parameters with fields.
    pub(super) forms: Vec<Form>,
    /// Whether the API sends the requests: webhooks and callbacks.
    pub(super) is_sent: bool,
}

pub(super) type Locations<'p> = (Option<&'p Location>, Option<&'p Location>);

impl<'f, 'o, 'n> Comparison<'f, 'o, 'n> {
    pub(super) fn new(old: &'f Side<'o>, new: &'f Side<'n>, is_sent: bool) -> Self {
        Self { old, new, changes: Vec::new(), pairs: Vec::new(), forms: Vec::new(), is_sent }
    }

    /// Adds the change of a value with other texts, if its texts decide. The kinds are those of more, fewer and other texts.
    pub(super) fn texts(
        &mut self,
        kinds: [&str; 3],
        operation: &str,
        what: &str,
        (old, new): (SchemaId, SchemaId),
        is_request: bool,
    ) -> bool {
        let Some(relation) = crate::texts::relation((self.old, old), (self.new, new)) else { return false };
        let at = (self.old.contract().schema(old).location.clone(), self.new.contract().schema(new).location.clone());
        let (client, server) = relation.verdicts(is_request);
        let summary = format!("{what} {}", relation.summary);
        self.push_unwitnessed(relation.kind(kinds), operation, (Some(&at.0), Some(&at.1)), summary, client, server);
        true
    }

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
        sketch: Sketch,
    ) {
        let (one, other) = (promises(self.old, &sketch), promises(self.new, &sketch));
        self.push_unwitnessed(kind, operation, locations, summary, client, server);
        if let (Some(one), Some(other)) = (one, other)
            && one != other
            && let Some(change) = self.changes.last_mut()
        {
            change.promised_by = Some(if other { "new" } else { "old" }.to_owned());
            change.witness = Some(sketch);
        }
    }

    /// Adds a change that no exchange can show.
    pub(super) fn push_unwitnessed(
        &mut self,
        kind: &str,
        operation: &str,
        locations: Locations<'_>,
        summary: String,
        client: Verdict,
        server: Verdict,
    ) {
        let mut change = OperationChange::unwitnessed(kind, operation, locations, summary, client, server);
        // A tolerant client treats an unknown status like the first of its class (RFC 9110).
        if kind == "status-added" && client == Verdict::Breaking {
            change.tolerant_client = Verdict::Compatible;
        }
        change.described_client = change.tolerant_client;
        // A client that knows only the media types of its contract lists them in `Accept`.
        if kind == "response-media-type-added" {
            change.described_client = Verdict::Compatible;
        }
        change.verdict = change.tolerant_client;
        self.changes.push(change);
    }

    /// Compares the media type of the `content` of a parameter or header field. Returns its schemas, if they describe the same value.
    pub(super) fn content(
        &mut self,
        operation: &str,
        what: &str,
        (old, one): (&Location, &Content),
        (new, other): (&Location, &Content),
        is_request: bool,
    ) -> Option<(SchemaId, SchemaId)> {
        use Verdict::{Breaking, Compatible, Unknown};
        let found = media::counterparts(one, other)?;
        let (client, server) = match (found.relation, is_request) {
            (Some(Relation::Same), _) => (Compatible, Compatible),
            (Some(Relation::Wider), true) | (Some(Relation::Narrower), false) => (Compatible, Breaking),
            (Some(Relation::Narrower), true) | (Some(Relation::Wider), false) => (Breaking, Compatible),
            (None, _) => (Unknown, Unknown),
        };
        if found.relation != Some(Relation::Same) {
            let summary = format!("{what} is written as `{}`, previously as `{}`", found.names.1, found.names.0);
            let places = (old.child("content"), new.child("content"));
            let locations = (Some(&places.0), Some(&places.1));
            self.push_unwitnessed("parameter-content-changed", operation, locations, summary, client, server);
        }
        found.relation?;
        self.form(operation, found.names.1, found.described.0, found.described.1, is_request);
        found.described.0.schema.zip(found.described.1.schema)
    }
}
