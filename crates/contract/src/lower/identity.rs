//! Identifiers of schemas: the URIs of resources, and their anchors.

use std::collections::HashMap;
use std::sync::Arc;

use crate::load::Documents;
use crate::location::Location;
use crate::uri::{join, uri_of};

/// All targets of references.
#[derive(Debug, Default)]
pub(super) struct Identities {
    resources: HashMap<String, Location>,
    anchors: HashMap<(Arc<str>, String), Location>,
    /// The locations of each `$dynamicAnchor`.
    dynamic: HashMap<String, Vec<Location>>,
    /// The roots of resources with `$recursiveAnchor`.
    recursive: Vec<Location>,
    /// Documents by their retrieval URI, and by the `$id` of their root.
    documents: HashMap<String, Arc<str>>,
}

impl Identities {
    pub(super) fn new(documents: &Documents) -> Self {
        let mut known = HashMap::new();
        for name in documents.every_name() {
            let id = documents.value(name).and_then(|value| value.get("$id").or_else(|| value.get("id"))).and_then(|id| id.as_str());
            if let Some(id) = id.and_then(|id| join(&uri_of(name), id.trim_end_matches('#'))) {
                known.entry(id).or_insert_with(|| name.clone());
            }
        }
        for name in documents.every_name() {
            known.insert(uri_of(name), name.clone());
        }
        Self { documents: known, ..Self::default() }
    }

    pub(super) fn resource(&self, uri: &str) -> Option<&Location> {
        self.resources.get(uri)
    }

    pub(super) fn add_resource(&mut self, uri: &str, location: &Location) {
        self.resources.entry(uri.to_owned()).or_insert_with(|| location.clone());
    }

    /// The document with a URI.
    pub(super) fn document(&self, uri: &str) -> Option<&Arc<str>> {
        self.documents.get(uri)
    }

    pub(super) fn anchor(&self, base: &Arc<str>, name: &str) -> Option<&Location> {
        self.anchors.get(&(base.clone(), name.to_owned()))
    }

    pub(super) fn add_anchor(&mut self, base: &Arc<str>, name: &str, location: &Location) {
        self.anchors.entry((base.clone(), name.to_owned())).or_insert_with(|| location.clone());
    }

    pub(super) fn add_dynamic(&mut self, name: &str, location: &Location) {
        self.dynamic.entry(name.to_owned()).or_default().push(location.clone());
    }

    pub(super) fn add_recursive(&mut self, location: &Location) {
        self.recursive.push(location.clone());
    }

    /// Whether a `$dynamicRef` to this anchor can have another target.
    pub(super) fn is_dynamic(&self, name: &str, target: &Location) -> bool {
        self.dynamic.get(name).is_some_and(|places| places.len() > 1 && places.contains(target))
    }

    /// Whether a `$recursiveRef` to this root can have another target.
    pub(super) fn is_recursive(&self, target: &Location) -> bool {
        self.recursive.len() > 1 && self.recursive.contains(target)
    }
}
