//! The instances that a schema describes: a walk over body and schema together, through references and unions.

use std::collections::{BTreeSet, HashMap};

use charter_contract::{Contract, SchemaId, push_token, unescape_token};
use serde_json::Value;

use crate::validate::Validators;

/// The schemas that lead to the target of a rule. The walk visits no other schemas.
#[derive(Debug, Default)]
pub(crate) struct Instances {
    leads: BTreeSet<SchemaId>,
    /// By target, the schemas that lead to it.
    leads_to: HashMap<SchemaId, BTreeSet<SchemaId>>,
}

/// An instance: its location, value, and schema.
pub(crate) struct Instance<'v> {
    pub(crate) pointer: String,
    /// The JSON Pointer with items of keyed lists identified by their keys.
    pub(crate) identity: String,
    pub(crate) value: &'v Value,
    pub(crate) schema: SchemaId,
}

impl Instances {
    /// Finds the schemas that lead to the targets.
    pub(crate) fn new(contract: &Contract, targets: &BTreeSet<SchemaId>) -> Self {
        // Without rules, no schema leads to a target, and a large contract has many schemas.
        if targets.is_empty() {
            return Self::default();
        }
        let mut parents: Vec<Vec<SchemaId>> = vec![Vec::new(); contract.schemas().len()];
        for (id, schema) in contract.schemas().iter() {
            for child in schema.keywords.children() {
                parents[child.index()].push(id);
            }
        }
        let leads_to: HashMap<SchemaId, BTreeSet<SchemaId>> =
            targets.iter().map(|target| (*target, ancestors(*target, &parents))).collect();
        let leads = leads_to.values().flatten().copied().collect();
        Self { leads, leads_to }
    }

    /// The schemas below which a fault in a body can hide instances: the walk does not enter values of another type, absent keys, and union branches that do
    /// not match. `missing` is the key that the value at the pointer lacks.
    pub(crate) fn hidden(&self, contract: &Contract, root: SchemaId, pointer: &str, missing: Option<&str>) -> BTreeSet<SchemaId> {
        let tokens = pointer.split('/').skip(1).map(unescape_token).chain(missing.map(str::to_owned));
        let mut hidden = BTreeSet::new();
        let mut schemas = contract.in_place([root]);
        for token in tokens {
            let keywords: Vec<_> = schemas.iter().map(|id| &contract.schema(*id).keywords).collect();
            hidden.extend(keywords.iter().flat_map(|keywords| keywords.any_of.iter().chain(&keywords.one_of)));
            let index = token.parse::<usize>().ok();
            let below = keywords.iter().flat_map(|keywords| {
                let member = keywords.properties.get(&token).copied().or(keywords.additional_properties);
                let item = index.and_then(|index| keywords.prefix_items.get(index).copied().or(keywords.items));
                member.into_iter().chain(item)
            });
            schemas = contract.in_place(below.collect::<BTreeSet<_>>());
        }
        hidden.extend(schemas);
        hidden
    }

    /// Whether an instance of a target may be below one of the schemas.
    pub(crate) fn is_below(&self, target: SchemaId, schemas: &BTreeSet<SchemaId>) -> bool {
        self.leads_to.get(&target).is_some_and(|leads| schemas.iter().any(|schema| leads.contains(schema)))
    }

    /// The union branches on the way to a target. The walk needs their validators.
    pub(crate) fn branches(&self, contract: &Contract) -> Vec<SchemaId> {
        if self.leads.is_empty() {
            return Vec::new();
        }
        let branches = contract.schemas().iter().flat_map(|(_, schema)| schema.keywords.any_of.iter().chain(&schema.keywords.one_of));
        branches.filter(|id| self.leads.contains(id)).copied().collect()
    }

    /// Every instance of a target in a body, each once, in the order of the schema.
    pub(crate) fn walk<'v>(
        &self,
        contract: &Contract,
        validators: &Validators,
        root: SchemaId,
        body: &'v Value,
        targets: &BTreeSet<SchemaId>,
    ) -> Vec<Instance<'v>> {
        let mut walk = Walk { instances: self, contract, validators, targets, found: Vec::new() };
        walk.visit(root, body, &mut Path::default());
        walk.found
    }
}

/// A schema and all schemas that lead to it.
fn ancestors(target: SchemaId, parents: &[Vec<SchemaId>]) -> BTreeSet<SchemaId> {
    let (mut all, mut open) = (BTreeSet::new(), vec![target]);
    while let Some(id) = open.pop() {
        if all.insert(id) {
            open.extend(&parents[id.index()]);
        }
    }
    all
}

struct Walk<'w, 'v> {
    instances: &'w Instances,
    contract: &'w Contract,
    validators: &'w Validators,
    targets: &'w BTreeSet<SchemaId>,
    found: Vec<Instance<'v>>,
}

impl<'v> Walk<'_, 'v> {
    fn visit(&mut self, id: SchemaId, value: &'v Value, path: &mut Path) {
        if !self.instances.leads.contains(&id) {
            return;
        }
        if self.targets.contains(&id) && !self.found.iter().any(|instance| instance.schema == id && instance.pointer == path.pointer) {
            self.found.push(Instance { pointer: path.pointer.clone(), identity: path.identity.clone(), value, schema: id });
        }
        let keywords = &self.contract.schema(id).keywords;
        for next in keywords.reference.iter().chain(&keywords.all_of) {
            self.visit(*next, value, path);
        }
        for branch in keywords.any_of.iter().chain(&keywords.one_of) {
            if self.instances.leads.contains(branch) && self.validators.is_valid(*branch, value) {
                self.visit(*branch, value, path);
            }
        }
        match value {
            Value::Object(entries) => {
                for (key, child) in entries {
                    let next = keywords.properties.get(key).copied().or(keywords.additional_properties);
                    if let Some(next) = next {
                        self.descend(next, child, key, None, path);
                    }
                }
            }
            Value::Array(items) => {
                let key = self.contract.invariants().lists.iter().find(|list| list.at == id).map(|list| list.key.as_str());
                for (index, child) in items.iter().enumerate() {
                    if let Some(next) = keywords.prefix_items.get(index).copied().or(keywords.items) {
                        let key = key.and_then(|key| child.pointer(key)).map(Value::to_string);
                        self.descend(next, child, index, key, path);
                    }
                }
            }
            _ => {}
        }
    }

    fn descend(&mut self, id: SchemaId, value: &'v Value, token: impl std::fmt::Display, key: Option<String>, path: &mut Path) {
        if self.instances.leads.contains(&id) {
            let lengths = (path.pointer.len(), path.identity.len());
            push_token(&mut path.pointer, &token);
            match key {
                Some(key) => push_token(&mut path.identity, format_args!("[{key}]")),
                None => push_token(&mut path.identity, &token),
            }
            self.visit(id, value, path);
            path.pointer.truncate(lengths.0);
            path.identity.truncate(lengths.1);
        }
    }
}

/// The current position of a walk.
#[derive(Default)]
struct Path {
    pointer: String,
    identity: String,
}
