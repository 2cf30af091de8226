//! Before OpenAPI 3.1, `required` depends on the direction of a message: a required property that is read-only is required of responses
//! alone, and one that is write-only of requests alone. If it makes a difference, each direction is compared with the contracts that
//! apply to its messages.

use std::collections::HashSet;

use charter_contract::{Contract, Location, SchemaId};
use serde_json::Value;

use crate::change::{Change, Kind};
use crate::compare::Differences;
use crate::diff::Direction;
use crate::operations::OperationPair;

/// The contracts for the messages of one direction. `None` if the contract is the same for them.
pub(crate) struct Directed {
    pub(crate) direction: Direction,
    pub(crate) old: Option<Contract>,
    pub(crate) new: Option<Contract>,
}

impl Directed {
    /// The contracts for requests and for responses. `None` if the direction makes no difference.
    pub(crate) fn of(old: &Contract, new: &Contract) -> Option<[Self; 2]> {
        let directed = |direction: Direction, of: charter_contract::Direction| {
            let (old, new) = (old.for_messages(of), new.for_messages(of));
            Self { direction, old, new }
        };
        let both = [
            directed(Direction::Request, charter_contract::Direction::Request),
            directed(Direction::Response, charter_contract::Direction::Response),
        ];
        both.iter().any(|one| one.old.is_some() || one.new.is_some()).then_some(both)
    }

    /// The pairs of operations with the schemas of this direction alone.
    pub(crate) fn pairs(&self, pairs: &[OperationPair]) -> Vec<OperationPair> {
        let mut pairs = pairs.to_vec();
        for pair in &mut pairs {
            match self.direction {
                Direction::Request => pair.responses.clear(),
                Direction::Response => pair.requests.clear(),
            }
        }
        pairs
    }

    /// Names the changes of `required` that the direction alone causes, and gives other changes the values of the documents. Returns the
    /// ids of the notes that the changes replace.
    pub(crate) fn name_changes(&self, differences: &mut Differences, old: &Contract, new: &Contract) -> HashSet<String> {
        let mut replaced = HashSet::new();
        for found in &mut differences.changes {
            let sides = (Side { contract: old, id: found.cores.0 }, Side { contract: new, id: found.cores.1 });
            let change = &mut found.change;
            restore(self.old.as_ref(), old, change.old_location.as_ref(), &mut change.old);
            restore(self.new.as_ref(), new, change.new_location.as_ref(), &mut change.new);
            if let Some(key) = key_of(change)
                && sides.0.requires(&key)
                && sides.1.requires(&key)
                && let Some(place) = self.name(change, &key, &sides)
            {
                let notes = differences.notes.iter().filter(|note| note.kind == change.kind && note.new_location == place);
                replaced.extend(notes.map(|note| note.id.clone()));
            }
            change.id = Change::id_of(&change.kind.0, change.places(), (&change.old, &change.new));
        }
        replaced
    }

    /// Names a change of a property that both contracts require. Returns the place of the property in the new contract.
    fn name(&self, change: &mut Change, key: &str, (old, new): &(Side<'_>, Side<'_>)) -> Option<Location> {
        let (keyword, kind, message) = match self.direction {
            Direction::Request => ("readOnly", "read-only", "a request"),
            Direction::Response => ("writeOnly", "write-only", "a response"),
        };
        let is_optional = change.kind.0 == "property-optional";
        let is_later = |side: &Side<'_>| side.contract.openapi_version().is_none_or(|version| version >= (3, 1));
        if is_later(old) != is_later(new) {
            change.summary = if is_optional {
                format!("`{key}` is `{keyword}`: before OpenAPI 3.1, {message} need not contain it")
            } else {
                format!("`{key}` is `{keyword}`: since OpenAPI 3.1, {message} must contain it")
            };
            return None;
        }
        let (suffix, is, may) = if is_optional { ("added", "now", "need not") } else { ("removed", "no longer", "must") };
        change.summary = format!("`{key}` is {is} `{keyword}`: {message} {may} contain it");
        let (one, other) = (old.property(key)?, new.property(key)?);
        let is_marked = |side: &Side<'_>, id: SchemaId| side.contract.schema(id).source().get(keyword) == Some(&Value::Bool(true));
        // A reference may lead to the keyword.
        let is_here = is_marked(old, one) || is_marked(new, other);
        let place = |side: &Side<'_>, id: SchemaId| {
            let location = &side.contract.schema(id).location;
            if is_here { location.child(keyword) } else { location.clone() }
        };
        change.kind = Kind::new(format!("{kind}-{suffix}"));
        (change.old_location, change.new_location) = (Some(place(old, one)), Some(place(new, other)));
        Some(new.contract.schema(other).location.clone())
    }
}

/// A schema of a contract without a direction.
struct Side<'c> {
    contract: &'c Contract,
    id: SchemaId,
}

impl Side<'_> {
    fn requires(&self, key: &str) -> bool {
        let family = self.contract.family(self.id);
        family.iter().any(|id| self.contract.schema(*id).keywords.required.iter().any(|name| name == key))
    }

    fn property(&self, key: &str) -> Option<SchemaId> {
        let family = self.contract.family(self.id);
        family.iter().find_map(|id| self.contract.schema(*id).keywords.properties.get(key).copied())
    }
}

/// The property of a change of `required`.
fn key_of(change: &Change) -> Option<String> {
    let is_required = matches!(change.kind.0.as_str(), "property-required" | "property-optional");
    change.old.as_ref().or(change.new.as_ref()).filter(|_| is_required)?.as_str().map(str::to_owned)
}

/// Replaces a schema of the contract of a direction by that of the document.
fn restore(directed: Option<&Contract>, contract: &Contract, location: Option<&Location>, value: &mut Option<Value>) {
    let (Some(directed), Some(location), Some(Value::Object(_))) = (directed, location, &value) else { return };
    if directed.documents().at(location) == value.as_ref()
        && let Some(written) = contract.documents().at(location)
    {
        *value = Some(written.clone());
    }
}
