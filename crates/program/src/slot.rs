//! Paths from the root of a body, or from the items of its arrays, whose values a program locates.

use charter_contract::SchemaId;

/// Paths of keys from the root of a body, and from the items of arrays. The slot of a path is its index.
#[derive(Clone, Debug, Default)]
pub struct SlotPaths {
    paths: Vec<Vec<String>>,
    items: Vec<ItemPaths>,
    nodes: Vec<PathNode>,
}

/// The paths from the items that a schema describes.
#[derive(Clone, Debug)]
struct ItemPaths {
    schema: SchemaId,
    root: u32,
    paths: Vec<Vec<String>>,
}

/// A node of the tree of paths.
#[derive(Clone, Debug, Default)]
struct PathNode {
    slot: Option<u32>,
    /// Whether the slot belongs to an item.
    is_of_item: bool,
    children: Vec<(String, u32)>,
}

impl SlotPaths {
    /// Paths, without duplicates.
    pub fn new<K: Into<String>>(paths: impl IntoIterator<Item = impl IntoIterator<Item = K>>) -> Self {
        let mut all = Self { paths: Vec::new(), items: Vec::new(), nodes: vec![PathNode::default()] };
        all.paths = all.add_all(0, paths);
        all
    }

    /// Adds paths from the items of arrays that a schema describes, without duplicates.
    #[must_use]
    pub fn with_items<K: Into<String>>(mut self, schema: SchemaId, paths: impl IntoIterator<Item = impl IntoIterator<Item = K>>) -> Self {
        if self.nodes.is_empty() {
            self.nodes.push(PathNode::default());
        }
        let root = self.nodes.len();
        self.nodes.push(PathNode { is_of_item: true, ..PathNode::default() });
        let paths = self.add_all(root, paths);
        self.items.push(ItemPaths { schema, root: root as u32, paths });
        self
    }

    fn add_all<K: Into<String>>(&mut self, root: usize, paths: impl IntoIterator<Item = impl IntoIterator<Item = K>>) -> Vec<Vec<String>> {
        let mut added = Vec::new();
        for path in paths {
            self.add(root, path.into_iter().map(Into::into).collect(), &mut added);
        }
        added
    }

    fn add(&mut self, root: usize, path: Vec<String>, added: &mut Vec<Vec<String>>) {
        let (mut at, is_of_item) = (root, self.nodes[root].is_of_item);
        for key in &path {
            let known = self.nodes[at].children.iter().find(|(known, _)| known == key).map(|(_, child)| *child as usize);
            at = known.unwrap_or_else(|| {
                let child = self.nodes.len();
                self.nodes.push(PathNode { is_of_item, ..PathNode::default() });
                self.nodes[at].children.push((key.clone(), child as u32));
                child
            });
        }
        if self.nodes[at].slot.is_none() {
            self.nodes[at].slot = Some(added.len() as u32);
            added.push(path);
        }
    }

    /// The paths from the root of a body, by slot.
    pub fn paths(&self) -> &[Vec<String>] {
        &self.paths
    }

    /// The paths from an item that a schema describes, by slot.
    pub fn paths_of_item(&self, schema: SchemaId) -> Option<&[Vec<String>]> {
        self.items.iter().find(|item| item.schema == schema).map(|item| item.paths.as_slice())
    }

    /// Whether items of arrays have slots.
    pub(crate) fn has_items(&self) -> bool {
        !self.items.is_empty()
    }

    /// The node of an item that one of the schemas describes.
    pub(crate) fn item(&self, mut is_described: impl FnMut(SchemaId) -> bool) -> Option<u32> {
        self.items.iter().find(|item| is_described(item.schema)).map(|item| item.root)
    }

    /// The schema of the items that a node is the root of, and the number of their slots.
    pub(crate) fn item_of(&self, node: Option<u32>) -> Option<(SchemaId, u32)> {
        let root = node?;
        self.items.iter().find(|item| item.root == root).map(|item| (item.schema, item.paths.len() as u32))
    }

    /// Whether the slot of a node belongs to an item.
    pub(crate) fn is_of_item(&self, node: Option<u32>) -> bool {
        node.and_then(|node| self.nodes.get(node as usize)).is_some_and(|node| node.is_of_item)
    }

    /// The node of the root.
    pub(crate) fn root(&self) -> Option<u32> {
        (!self.paths.is_empty()).then_some(0)
    }

    /// The slot of a node.
    pub(crate) fn slot(&self, node: Option<u32>) -> Option<u32> {
        self.nodes.get(node? as usize)?.slot
    }

    /// The node of a key below a node.
    pub(crate) fn child(&self, node: Option<u32>, key: &str) -> Option<u32> {
        self.nodes.get(node? as usize)?.children.iter().find(|(known, _)| known == key).map(|(_, child)| *child)
    }

    /// The keys below a node.
    pub(crate) fn keys(&self, node: Option<u32>) -> impl Iterator<Item = &str> {
        let node = node.and_then(|node| self.nodes.get(node as usize));
        node.into_iter().flat_map(|node| &node.children).map(|(key, _)| key.as_str())
    }
}
