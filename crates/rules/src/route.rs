//! Reachability between schemas: whether a response body contains the site of a rule.

use std::cell::RefCell;
use std::collections::BTreeSet;

use charter_contract::invariant::ListKey;
use charter_contract::{Contract, SchemaId};
use foldhash::fast::RandomState;

/// Maps by numbers of schemas: every rule is compared with every response.
type HashMap<K, V> = std::collections::HashMap<K, V, RandomState>;

/// The reachable schemas of a contract, cached.
pub(crate) struct Routes<'c> {
    contract: &'c Contract,
    /// Arrays whose items have a key.
    keyed: BTreeSet<SchemaId>,
    found: RefCell<HashMap<(SchemaId, SchemaId), (bool, bool)>>,
    below: RefCell<HashMap<SchemaId, Below>>,
}

/// The schemas that are reachable from one schema.
struct Below {
    schemas: BTreeSet<SchemaId>,
    /// The direct predecessors of each reachable schema.
    parents: HashMap<SchemaId, Vec<SchemaId>>,
}

impl<'c> Routes<'c> {
    pub(crate) fn new(contract: &'c Contract, lists: &[ListKey]) -> Self {
        let keyed = lists.iter().map(|list| list.at).collect();
        Self { contract, keyed, found: RefCell::default(), below: RefCell::default() }
    }

    /// Whether a schema is reachable from another, and whether the way contains a list whose items have no key.
    pub(crate) fn between(&self, from: SchemaId, to: SchemaId) -> (bool, bool) {
        *self.found.borrow_mut().entry((from, to)).or_insert_with(|| {
            let mut below = self.below.borrow_mut();
            let below = below.entry(from).or_insert_with(|| Below::of(self.contract, from));
            (below.schemas.contains(&to), below.schemas.contains(&to) && self.is_unkeyed(below, to))
        })
    }

    fn is_unkeyed(&self, below: &Below, to: SchemaId) -> bool {
        let above = closure(to, |id| below.parents.get(&id).cloned().unwrap_or_default());
        let mut lists = below.schemas.iter().filter(|id| !self.keyed.contains(id));
        lists.any(|id| {
            let keywords = &self.contract.schema(*id).keywords;
            keywords.items.iter().chain(&keywords.prefix_items).any(|item| above.contains(item))
        })
    }
}

impl Below {
    fn of(contract: &Contract, from: SchemaId) -> Self {
        let mut parents: HashMap<SchemaId, Vec<SchemaId>> = HashMap::default();
        let schemas = closure(from, |id| {
            let children = contract.children(id);
            for child in &children {
                parents.entry(*child).or_default().push(id);
            }
            children
        });
        Self { schemas, parents }
    }
}

fn closure(start: SchemaId, mut next: impl FnMut(SchemaId) -> Vec<SchemaId>) -> BTreeSet<SchemaId> {
    let (mut all, mut open) = (BTreeSet::new(), vec![start]);
    while let Some(id) = open.pop() {
        if all.insert(id) {
            open.extend(next(id));
        }
    }
    all
}
