//! Discriminators by their meaning: the schema that each value of the property selects.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// The meaning of a discriminator.
#[derive(PartialEq)]
pub(super) struct Meaning {
    /// The references of the schemas, by the values of the property.
    targets: BTreeMap<String, String>,
    /// The members except `mapping`, such as the name of the property.
    others: Map<String, Value>,
}

impl Meaning {
    /// Whether every value of an earlier discriminator selects the schema that it selected.
    pub(super) fn gains(&self, before: &Self) -> bool {
        let stays = |(value, target): (&String, &String)| self.targets.get(value) == Some(target);
        self.others == before.others && !before.targets.is_empty() && before.targets.iter().all(stays)
    }
}

/// The meaning of the discriminator of a schema. A value without an entry of `mapping` is the name of a branch.
pub(super) fn meaning(schema: &Value) -> Option<Meaning> {
    let mut others = schema.get("discriminator")?.as_object()?.clone();
    let mapping = others.shift_remove("mapping").unwrap_or_default();
    let target = |(value, target): (&String, &Value)| {
        let target = target.as_str()?;
        // A name has no slash and no file extension.
        let is_name = !target.contains(['/', '.', '#']);
        Some((value.clone(), if is_name { format!("#/components/schemas/{target}") } else { target.to_owned() }))
    };
    let mut targets: BTreeMap<String, String> = mapping.as_object().into_iter().flatten().filter_map(target).collect();
    for branch in super::branch_names(schema) {
        let is_mapped = targets.values().any(|target| target == branch);
        if let (false, Some(name)) = (is_mapped, branch.rsplit('/').next()) {
            targets.entry(name.to_owned()).or_insert_with(|| branch.to_owned());
        }
    }
    Some(Meaning { targets, others })
}
