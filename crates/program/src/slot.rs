//! Paths from the root of a body whose values a program locates.

/// Paths of keys from the root of a body. The slot of a path is its index.
#[derive(Clone, Debug, Default)]
pub struct SlotPaths {
    paths: Vec<Vec<String>>,
    nodes: Vec<PathNode>,
}

/// A node of the tree of paths.
#[derive(Clone, Debug, Default)]
struct PathNode {
    slot: Option<u32>,
    children: Vec<(String, u32)>,
}

impl SlotPaths {
    /// Paths, without duplicates.
    pub fn new<K: Into<String>>(paths: impl IntoIterator<Item = impl IntoIterator<Item = K>>) -> Self {
        let mut all = Self { paths: Vec::new(), nodes: vec![PathNode::default()] };
        for path in paths {
            all.add(path.into_iter().map(Into::into).collect());
        }
        all
    }

    fn add(&mut self, path: Vec<String>) {
        let mut at = 0;
        for key in &path {
            let known = self.nodes[at].children.iter().find(|(known, _)| known == key).map(|(_, child)| *child as usize);
            at = known.unwrap_or_else(|| {
                let child = self.nodes.len();
                self.nodes.push(PathNode::default());
                self.nodes[at].children.push((key.clone(), child as u32));
                child
            });
        }
        if self.nodes[at].slot.is_none() {
            self.nodes[at].slot = Some(self.paths.len() as u32);
            self.paths.push(path);
        }
    }

    /// The paths, by slot.
    pub fn paths(&self) -> &[Vec<String>] {
        &self.paths
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
