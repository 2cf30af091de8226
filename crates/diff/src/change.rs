//! The changes of a comparison: location, effect in each direction, and evidence.

use charter_contract::{Level, Location};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::wire::Sketch;

/// The kind of a change by its stable name, such as `enum-value-added`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Kind(pub String);

impl Kind {
    /// A kind by its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

/// Whether one side accepts a document that the other refuses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "camelCase")]
pub enum Evidence {
    /// Yes. Both validators confirm the witness.
    Yes {
        /// The witness.
        witness: Value,
    },
    /// No, by a proof.
    No {
        /// The method of the proof.
        proof: Proof,
    },
    /// Neither a witness nor a proof was found.
    Unknown {
        /// How many documents were tried.
        tried: usize,
    },
}

/// The method of a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The set algebra of the `jsonschema` crate.
    Algebra,
    /// The two schemas have the same structure, and no part differs in that direction.
    Structure,
}

/// Whether a party that follows the old contract still works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It works, by a proof or by definition.
    Compatible,
    /// Not known.
    Unknown,
    /// It does not work; a witness shows it.
    Breaking,
}

impl Verdict {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Unknown => "unknown",
            Self::Breaking => "breaking",
        }
    }

    /// The verdict, if the evidence is about an unwanted effect.
    pub fn of(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Yes { .. } => Self::Breaking,
            Evidence::No { .. } => Self::Compatible,
            Evidence::Unknown { .. } => Self::Unknown,
        }
    }
}

impl Proof {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Algebra => "the set algebra of jsonschema",
            Self::Structure => "structure",
        }
    }
}

impl Evidence {
    /// The witness, if there is one.
    pub fn witness(&self) -> Option<&Value> {
        match self {
            Self::Yes { witness } => Some(witness),
            _ => None,
        }
    }

    /// Whether a proof excludes the effect.
    pub fn is_excluded(&self) -> bool {
        matches!(self, Self::No { .. })
    }
}

/// One change of a schema.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Change {
    /// Stable between runs, and independent of other changes: 12 hexadecimal digits.
    pub id: String,
    /// The kind of the change.
    pub kind: Kind,
    /// The location in the old contract; for an addition, the schema that lacks it.
    pub old_location: Option<Location>,
    /// The location in the new contract; for a removal, the schema that lacks it.
    pub new_location: Option<Location>,
    /// Whether only the old contract has the place.
    #[serde(skip)]
    pub is_removal: bool,
    /// The value in the old contract.
    pub old: Option<Value>,
    /// The value in the new contract.
    pub new: Option<Value>,
    /// A sentence for readers.
    pub summary: String,
    /// Whether the new schema accepts documents that the old one refuses.
    pub accepts_more: Evidence,
    /// Whether the new schema refuses documents that the old one accepts.
    pub accepts_less: Evidence,
}

impl Change {
    /// The place of the change: in the new contract, or in the old one for a removal.
    pub fn place(&self) -> Option<&Location> {
        if self.is_removal { self.old_location.as_ref() } else { self.new_location.as_ref() }
    }

    /// The id of a change at these places. Schemas at several places may have become one schema, so the old place is a part of it.
    pub(crate) fn id_of(
        kind: &str,
        (old_location, new_location): (Option<&Location>, Option<&Location>),
        (old, new): (&Option<Value>, &Option<Value>),
    ) -> String {
        let json = |value: &Option<Value>| value.as_ref().map(Value::to_string).unwrap_or_default();
        let place = new_location.or(old_location).map(ToString::to_string).unwrap_or_default();
        let moved = old_location.zip(new_location).filter(|(one, other)| one.pointer() != other.pointer());
        let from = moved.map(|(one, _)| one.pointer().to_owned());
        let parts = [kind, &place, &json(old), &json(new)].map(str::to_owned);
        fingerprint(parts.iter().chain(&from).map(String::as_str))
    }

    /// The places that a change is about, without the schemas that lack it.
    pub(crate) fn places(&self) -> (Option<&Location>, Option<&Location>) {
        // Both contracts have the list of an added value.
        let is_addition = self.kind.0.ends_with("-added") && self.kind.0 != "enum-value-added";
        let added = self.old.is_none() && !self.is_removal && is_addition && self.old_location != self.new_location;
        (self.old_location.as_ref().filter(|_| !added), self.new_location.as_ref().filter(|_| !self.is_removal))
    }
}

/// One change of an operation, except changes of its schemas.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct OperationChange {
    /// Stable between runs: 12 hexadecimal digits.
    pub id: String,
    /// The kind of the change.
    pub kind: Kind,
    /// The operationId in the new contract, or in the old one if the operation is removed.
    pub operation: String,
    /// The location in the old contract; for an addition, the nearest part around it.
    pub old_location: Option<Location>,
    /// The location in the new contract; for a removal, the nearest part around it.
    pub new_location: Option<Location>,
    /// Whether only the old contract has the place.
    #[serde(skip)]
    pub is_removal: bool,
    /// A sentence for readers.
    pub summary: String,
    /// For a strict client of the old contract.
    pub client: Verdict,
    /// For a tolerant client of the old contract.
    pub tolerant_client: Verdict,
    /// For a tolerant client of the old contract, if both parties send only what their contract describes.
    pub described_client: Verdict,
    /// For a server of the old contract.
    pub server: Verdict,
    /// The verdict in the reading and for the party of the report.
    pub verdict: Verdict,
    /// The weight of the change.
    pub level: Level,
    /// The reason why the change is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
    /// The outline of an exchange that only one of the contracts allows.
    pub witness: Option<Sketch>,
    /// The contract that allows the witness: `old` or `new`.
    pub promised_by: Option<String>,
    /// The position of the change, or of the part that contained a removed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
}

impl OperationChange {
    /// A change without a witness: no exchange shows it alone, because it is not about one message, or because a text, a credential or a
    /// server makes the difference. Its verdict is the same for all clients.
    pub(crate) fn unwitnessed(
        kind: &str,
        operation: &str,
        locations: (Option<&Location>, Option<&Location>),
        summary: String,
        client: Verdict,
        server: Verdict,
    ) -> Self {
        let location = locations.1.or(locations.0).map(ToString::to_string).unwrap_or_default();
        Self {
            id: fingerprint([kind, operation, &location, &summary]),
            kind: Kind::new(kind),
            operation: operation.to_owned(),
            old_location: locations.0.cloned(),
            new_location: locations.1.cloned(),
            is_removal: false,
            summary,
            client,
            tolerant_client: client,
            described_client: client,
            server,
            verdict: client,
            level: Level::Info,
            accepted: None,
            witness: None,
            promised_by: None,
            position: None,
        }
    }

    /// Adds the effect of the same change in the other direction.
    pub(crate) fn join(&mut self, other: Self) {
        self.client = self.client.max(other.client);
        self.tolerant_client = self.tolerant_client.max(other.tolerant_client);
        self.described_client = self.described_client.max(other.described_client);
        self.server = self.server.max(other.server);
        self.operation = std::mem::take(&mut self.operation).min(other.operation);
    }

    /// The place of the change: in the new contract, or in the old one for a removal.
    pub fn place(&self) -> Option<&Location> {
        if self.is_removal { self.old_location.as_ref() } else { self.new_location.as_ref().or(self.old_location.as_ref()) }
    }
}

/// The position of a change in a document, for annotations.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Position {
    /// The contract of the document: `new`, or `old` if the new one has no such document.
    pub side: &'static str,
    /// The name of the document in its contract.
    pub document: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1.
    pub column: usize,
}

/// A hash of some texts: 12 hexadecimal digits.
pub fn fingerprint<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
