//! Binding: the types of values in rules. The schema decides, not the JSON text: an `integer` is an int, a `number` a double.

use std::collections::{BTreeSet, HashMap};

use charter_contract::invariant::BindAs;
use charter_contract::{Contract, JsonType, Operation, ParameterPlace, SchemaId};
use foldhash::fast::RandomState;

/// The bindings of all schema locations, built once for a contract.
#[derive(Debug)]
pub(crate) struct Binder {
    nodes: Vec<BindNode>,
    by_schema: HashMap<SchemaId, NodeId, RandomState>,
    requests: HashMap<String, NodeId, RandomState>,
}

/// A binding, by its index in the binder.
pub(crate) type NodeId = usize;

/// The node of a value that no schema describes.
pub(crate) const OPEN: NodeId = 0;

#[derive(Debug, Default)]
struct BindNode {
    properties: HashMap<String, NodeId, RandomState>,
    additional: NodeId,
    items: NodeId,
    scalar: Scalar,
}

/// The binding of numbers and strings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Scalar {
    /// By the JSON text: an integer is an int, another number a double, a string a string.
    #[default]
    AsWritten,
    /// Numbers as int.
    Integer,
    /// Numbers as double.
    Double,
    /// Strings as instants; a string that is not an instant stays a string.
    DateTime,
    /// Strings as lists, split at commas.
    CommaList,
}

impl Binder {
    /// Builds the bindings below the given schemas.
    pub(crate) fn new(contract: &Contract, roots: impl IntoIterator<Item = SchemaId>) -> Self {
        let mut builder = Builder { contract, nodes: vec![BindNode::default()], known: HashMap::new() };
        let by_schema = roots.into_iter().map(|id| (id, builder.node([id].into()))).collect();
        let operations = contract.operations().iter();
        let requests = operations.map(|operation| (operation.id.clone(), builder.request(operation))).collect();
        Self { nodes: builder.nodes, by_schema, requests }
    }

    /// The binding of `request` at an operation.
    pub(crate) fn request(&self, operation: &str) -> NodeId {
        self.requests.get(operation).copied().unwrap_or(OPEN)
    }

    /// A binder that knows no schema.
    pub(crate) fn open() -> Self {
        Self { nodes: vec![BindNode::default()], by_schema: HashMap::default(), requests: HashMap::default() }
    }

    /// The binding of a schema.
    pub(crate) fn root(&self, schema: SchemaId) -> NodeId {
        self.by_schema.get(&schema).copied().unwrap_or(OPEN)
    }

    pub(crate) fn property(&self, node: NodeId, key: &str) -> NodeId {
        let node = &self.nodes[node];
        node.properties.get(key).copied().unwrap_or(node.additional)
    }

    pub(crate) fn item(&self, node: NodeId) -> NodeId {
        self.nodes[node].items
    }

    pub(crate) fn scalar(&self, node: NodeId) -> Scalar {
        self.nodes[node].scalar
    }
}

struct Builder<'c> {
    contract: &'c Contract,
    nodes: Vec<BindNode>,
    known: HashMap<BTreeSet<SchemaId>, NodeId>,
}

impl Builder<'_> {
    /// The binding of `request`: its parameters by location, each by its schema, and its JSON body.
    fn request(&mut self, operation: &Operation) -> NodeId {
        let mut request = BindNode::default();
        for (place, name) in [(ParameterPlace::Path, "path"), (ParameterPlace::Query, "query"), (ParameterPlace::Cookie, "cookies")] {
            let mut node = BindNode::default();
            for parameter in operation.parameters.iter().filter(|parameter| parameter.place == place) {
                let schema = parameter.schema.map_or(OPEN, |schema| self.node([schema].into()));
                node.properties.insert(parameter.name.clone(), schema);
            }
            request.properties.insert(name.to_owned(), self.nodes.len());
            self.nodes.push(node);
        }
        // A media type without a schema leaves the body open.
        let body: Option<BTreeSet<SchemaId>> = operation.json_requests().map(|media_type| media_type.schema).collect();
        let body = self.node(body.unwrap_or_default());
        request.properties.insert("body".to_owned(), body);
        self.nodes.push(request);
        self.nodes.len() - 1
    }

    /// The binding of all schemas that apply to one instance.
    fn node(&mut self, schemas: BTreeSet<SchemaId>) -> NodeId {
        let parts = self.contract.in_place(schemas);
        if parts.is_empty() {
            return OPEN;
        }
        if let Some(id) = self.known.get(&parts) {
            return *id;
        }
        let id = self.nodes.len();
        self.nodes.push(BindNode::default());
        self.known.insert(parts.clone(), id);
        let mut node = BindNode { scalar: self.scalar(&parts), ..BindNode::default() };
        let keywords = parts.iter().map(|id| &self.contract.schema(*id).keywords);
        let (mut properties, mut additional, mut items): (HashMap<String, BTreeSet<SchemaId>>, BTreeSet<_>, BTreeSet<_>) =
            Default::default();
        for keywords in keywords {
            for (name, child) in &keywords.properties {
                properties.entry(name.clone()).or_default().insert(*child);
            }
            additional.extend(keywords.additional_properties);
            items.extend(keywords.items);
        }
        node.additional = self.node(additional);
        node.items = self.node(items);
        for (name, children) in properties {
            node.properties.insert(name, self.node(children));
        }
        self.nodes[id] = node;
        id
    }

    fn scalar(&self, parts: &BTreeSet<SchemaId>) -> Scalar {
        let binds = &self.contract.invariants().binds;
        if let Some(bind) = parts.iter().find_map(|id| binds.get(id)) {
            return match bind {
                BindAs::DateTime => Scalar::DateTime,
                BindAs::CommaList => Scalar::CommaList,
            };
        }
        let has =
            |type_| parts.iter().any(|id| self.contract.schema(*id).keywords.types.as_deref().is_some_and(|types| types.contains(&type_)));
        match (has(JsonType::Number), has(JsonType::Integer)) {
            (true, _) => Scalar::Double,
            (false, true) => Scalar::Integer,
            _ => Scalar::AsWritten,
        }
    }
}
