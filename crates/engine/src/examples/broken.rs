//! Examples and defaults that violate their schemas.

use std::collections::{BTreeMap, BTreeSet};

use charter_contract::{Contract, Direction, Location, Position, SchemaId};
use charter_report::{Finding, counted};

use super::embedded::{Embedded, embedded};
use super::positions::Positions;
use crate::error::Error;
use crate::validate::{Compiler, findings_of};

/// An example or a default that violates its schema.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct BrokenExample {
    /// The location of the value.
    pub location: Location,
    /// Its position in the document.
    pub position: Option<Position>,
    /// What is wrong, without the location.
    pub message: String,
}

/// Every example and default of a contract that violates its schema, in the order of the documents. Schemas that cannot be compiled are
/// passed over. A required property that is `readOnly` or `writeOnly` may be missing where the version of OpenAPI says so.
///
/// # Errors
/// The documents of the contract have an invalid identifier.
pub fn broken_examples(contract: &Contract) -> Result<Vec<BrokenExample>, Error> {
    let mut by_schema: BTreeMap<SchemaId, Vec<Embedded<'_>>> = BTreeMap::new();
    for example in embedded(contract) {
        by_schema.entry(compiled_schema(contract, example.schema)).or_default().push(example);
    }
    let compiler = Compiler::new(contract);
    let registry = compiler.registry()?;
    let (exempt, positions) = (Exempt::of(contract), Positions::new(contract));
    let mut broken = Vec::new();
    for (schema, examples) in by_schema {
        // One validator at a time: a document can have examples for thousands of schemas.
        let Ok(validator) = compiler.validator(&registry, schema) else { continue };
        for example in examples {
            let findings = findings_of(contract, &validator, &example.value);
            let findings: Vec<Finding> =
                findings.into_iter().filter(|finding| !exempt.covers(contract, example.direction, finding)).collect();
            let Some((first, rest)) = findings.split_first() else { continue };
            let place = if first.instance_location.is_empty() { String::new() } else { format!("{}: ", first.instance_location) };
            let more = if rest.is_empty() { String::new() } else { format!(" (and {})", counted(rest.len() as u64, "more violation")) };
            let message = format!("the {} does not match its schema: {place}{}{more}", example.what, first.message);
            let position = positions.of(&example.location);
            broken.push(BrokenExample { location: example.location, position, message });
        }
    }
    broken.sort_by(|left, right| left.location.document().cmp(right.location.document()).then(left.position.cmp(&right.position)));
    Ok(broken)
}

/// The target of a schema that is only a reference, so that equal schemas are compiled once.
fn compiled_schema(contract: &Contract, id: SchemaId) -> SchemaId {
    let schema = contract.schema(id);
    match (schema.keywords.reference, schema.source().as_object()) {
        (Some(target), Some(keywords)) if keywords.len() == 1 => compiled_schema(contract, target),
        _ => id,
    }
}

/// The required keys that a message of a direction may lack.
struct Exempt {
    request: BTreeMap<SchemaId, BTreeSet<String>>,
    response: BTreeMap<SchemaId, BTreeSet<String>>,
}

impl Exempt {
    fn of(contract: &Contract) -> Self {
        Self { request: contract.not_required(Direction::Request), response: contract.not_required(Direction::Response) }
    }

    /// Whether a finding is about a key that an example of this direction may lack.
    fn covers(&self, contract: &Contract, direction: Option<Direction>, finding: &Finding) -> bool {
        let location = finding.absolute_keyword_location.as_deref().filter(|_| finding.keyword.as_deref() == Some("required"));
        let owner = location.and_then(|location| {
            let (document, pointer) = location.split_once('#')?;
            contract.schemas().at(&Location::new(document, pointer.rsplit_once('/')?.0))
        });
        let Some(owner) = owner else { return false };
        let key = finding.promised.strip_prefix("the key ").and_then(|key| serde_json::from_str::<String>(key).ok());
        let has = |exempt: &BTreeMap<SchemaId, BTreeSet<String>>| {
            exempt.get(&owner).zip(key.as_ref()).is_some_and(|(keys, key)| keys.contains(key))
        };
        match direction {
            Some(Direction::Request) => has(&self.request),
            Some(Direction::Response) => has(&self.response),
            None => has(&self.request) || has(&self.response),
        }
    }
}
