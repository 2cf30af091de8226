//! Properties that a message should not contain, because the other direction alone uses them: `readOnly` in requests, `writeOnly` in
//! responses.

use std::collections::BTreeSet;

use charter_contract::invariant::Severity;
use charter_contract::{Contract, Direction, SchemaId, push_token};
use charter_report::{Finding, FindingKind, PromiseSource};
use serde_json::Value;

use super::validators::Validators;

/// The schemas of a contract from which such a property can be reached.
#[derive(Debug)]
pub(crate) struct ForeignProperties {
    direction: Direction,
    /// Schemas below which a property is marked.
    reaching: BTreeSet<SchemaId>,
}

/// A property that a message should not contain.
#[derive(Debug)]
pub(crate) struct ForeignProperty {
    /// The location of the property in the body.
    pub(crate) instance_location: String,
    /// The schema with the keyword.
    pub(crate) schema: SchemaId,
}

impl ForeignProperties {
    pub(crate) fn new(contract: &Contract, direction: Direction) -> Self {
        let mut reaching: BTreeSet<SchemaId> = BTreeSet::new();
        let Some(is_foreign) = contract.foreign_schemas(direction) else { return Self { direction, reaching } };
        let mut parents: Vec<Vec<SchemaId>> = vec![Vec::new(); contract.schemas().len()];
        for (id, schema) in contract.schemas().iter() {
            if schema.keywords.properties.values().any(|property| is_foreign[property.index()]) {
                reaching.insert(id);
            }
            schema.keywords.children().for_each(|child| parents[child.index()].push(id));
        }
        // Schemas may be cyclic.
        let mut open: Vec<SchemaId> = reaching.iter().copied().collect();
        while let Some(id) = open.pop() {
            open.extend(parents[id.index()].iter().filter(|parent| reaching.insert(**parent)));
        }
        Self { direction, reaching }
    }

    /// Whether no schema of the contract has such a property.
    pub(crate) fn is_empty(&self) -> bool {
        self.reaching.is_empty()
    }

    /// The union branches that have to be compiled, because the walk asks whether they apply.
    pub(crate) fn branches(&self, contract: &Contract) -> Vec<SchemaId> {
        let unions = self.reaching.iter().flat_map(|id| {
            let keywords = &contract.schema(*id).keywords;
            keywords.any_of.iter().chain(&keywords.one_of)
        });
        unions.filter(|branch| self.reaching.contains(branch)).copied().collect()
    }

    /// The properties of a body that it should not contain.
    pub(crate) fn find(&self, contract: &Contract, validators: &Validators, schema: SchemaId, body: &Value) -> Vec<ForeignProperty> {
        let mut walk = Walk { all: self, contract, validators, found: Vec::new(), seen: BTreeSet::new() };
        walk.value(schema, body, &mut String::new());
        walk.found
    }
}

struct Walk<'w> {
    all: &'w ForeignProperties,
    contract: &'w Contract,
    validators: &'w Validators,
    found: Vec<ForeignProperty>,
    /// Schemas and locations that were visited.
    seen: BTreeSet<(SchemaId, String)>,
}

impl Walk<'_> {
    fn value(&mut self, id: SchemaId, value: &Value, at: &mut String) {
        if !self.all.reaching.contains(&id) || !(value.is_object() || value.is_array()) || !self.seen.insert((id, at.clone())) {
            return;
        }
        let contract = self.contract;
        let keywords = &contract.schema(id).keywords;
        for next in keywords.reference.iter().chain(&keywords.all_of) {
            self.value(*next, value, at);
        }
        for branch in keywords.any_of.iter().chain(&keywords.one_of).filter(|branch| self.all.reaching.contains(branch)) {
            if self.validators.is_valid(*branch, value) {
                self.value(*branch, value, at);
            }
        }
        let length = at.len();
        match value {
            Value::Object(object) => {
                for (name, member) in object {
                    push_token(at, name);
                    match keywords.properties.get(name) {
                        Some(property) => match contract.foreign_mark(*property, self.all.direction) {
                            Some(schema) if !self.found.iter().any(|known| known.instance_location == *at) => {
                                self.found.push(ForeignProperty { instance_location: at.clone(), schema });
                            }
                            Some(_) => {}
                            None => self.value(*property, member, at),
                        },
                        None => {
                            if let Some(additional) = keywords.additional_properties {
                                self.value(additional, member, at);
                            }
                        }
                    }
                    at.truncate(length);
                }
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    push_token(at, index);
                    let schema = keywords.prefix_items.get(index).copied().or(keywords.items);
                    if let Some(schema) = schema {
                        self.value(schema, item, at);
                    }
                    at.truncate(length);
                }
            }
            _ => {}
        }
    }
}

/// Warnings for properties that a message should not contain.
pub(crate) fn foreign_findings(contract: &Contract, direction: Direction, found: Vec<ForeignProperty>) -> Vec<Finding> {
    let (id, promised) = match direction {
        Direction::Request => ("request.read-only", "no readOnly property in a request"),
        Direction::Response => ("http.write-only", "no writeOnly property in a response"),
    };
    let finding = |property: ForeignProperty| {
        let keyword = direction.foreign_keyword();
        let location = contract.schema(property.schema).location.child(keyword);
        let message = format!("the property {} is {keyword}, but the {} contains it", property.instance_location, direction.as_str());
        let promise = PromiseSource::documented(&location);
        let mut finding = Finding::new(FindingKind::Http, Severity::Warning, promise, message);
        finding.rule = Some(id.to_owned());
        finding.promised = promised.to_owned();
        finding.absolute_keyword_location = Some(location.to_string());
        finding.instance_location = property.instance_location;
        finding.direction = direction;
        finding
    };
    found.into_iter().map(finding).collect()
}
