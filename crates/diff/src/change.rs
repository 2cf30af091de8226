//! What a comparison comes to: changes, each with its place, what it does to either direction, and the evidence for that.

use charter_contract::Location;
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::wire::Sketch;

/// The kind of a change, by a name that stays: `enum-value-added`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Kind(pub String);

impl Kind {
    /// A kind by its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self(name.into())
    }
}

/// Whether one side accepts what the other refuses.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "answer", rename_all = "camelCase")]
pub enum Evidence {
    /// It does: a document that shows it, asked of both validators.
    Yes {
        /// The document.
        witness: Value,
    },
    /// It does not, and that is proved.
    No {
        /// How: by the set algebra of the `jsonschema` crate, or by the structure of the schemas.
        proof: Proof,
    },
    /// No document was found, and no proof.
    Unknown {
        /// How many documents were tried.
        tried: usize,
    },
}

/// How an absence of documents was proved.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Proof {
    /// The set algebra of the `jsonschema` crate.
    Algebra,
    /// The two schemas are built alike, and no part of them differs in that direction.
    Structure,
}

/// Whether somebody who keeps to the old contract can go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It is proved, or plain, that they can.
    Compatible,
    /// Nobody knows.
    Unknown,
    /// They cannot, and something shows it.
    Breaking,
}

impl Verdict {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Compatible => "compatible",
            Self::Unknown => "unknown",
            Self::Breaking => "breaking",
        }
    }

    /// What evidence of something unwanted comes to.
    pub fn of(evidence: &Evidence) -> Self {
        match evidence {
            Evidence::Yes { .. } => Self::Breaking,
            Evidence::No { .. } => Self::Compatible,
            Evidence::Unknown { .. } => Self::Unknown,
        }
    }
}

impl Proof {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Algebra => "the set algebra of jsonschema",
            Self::Structure => "structure",
        }
    }
}

impl Evidence {
    /// The document, where there is one.
    pub fn witness(&self) -> Option<&Value> {
        match self {
            Self::Yes { witness } => Some(witness),
            _ => None,
        }
    }

    /// Whether a proof says no.
    pub fn is_no(&self) -> bool {
        matches!(self, Self::No { .. })
    }
}

/// One change of a schema.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// Stays the same from run to run, and when other changes come and go: 12 hexadecimal digits.
    pub id: String,
    /// What kind of change.
    pub kind: Kind,
    /// The place in the old contract; `None` for what is new.
    pub old_location: Option<Location>,
    /// The place in the new contract; `None` for what is gone.
    pub new_location: Option<Location>,
    /// What was said.
    pub old: Option<Value>,
    /// What is said.
    pub new: Option<Value>,
    /// In words.
    pub summary: String,
    /// Whether the new schema accepts what the old one refuses.
    pub accepts_more: Evidence,
    /// Whether the new schema refuses what the old one accepts.
    pub accepts_less: Evidence,
}

/// One change of an operation, schemas aside.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct OperationChange {
    /// Stays the same from run to run: 12 hexadecimal digits.
    pub id: String,
    /// What kind of change.
    pub kind: Kind,
    /// The operationId, in the new contract where it is there.
    pub operation: String,
    /// The place in the old contract.
    pub old_location: Option<Location>,
    /// The place in the new contract.
    pub new_location: Option<Location>,
    /// In words.
    pub summary: String,
    /// For a client that keeps to the old contract and reads strictly.
    pub client: Verdict,
    /// The same for a client that reads tolerantly.
    pub tolerant_client: Verdict,
    /// For a server that keeps to the old contract.
    pub server: Verdict,
    /// An exchange in outline that one contract promises and the other does not.
    pub witness: Option<Sketch>,
    /// Which contract promises it: `old` or `new`.
    pub promised_by: Option<String>,
}

/// A fingerprint of some parts: 12 hexadecimal digits.
pub fn fingerprint<'p>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(part.as_bytes());
        hasher.update([0]);
    }
    hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
