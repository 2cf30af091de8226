//! The cases of the facts that a program counts: the same cases that `walk` finds.

use charter_contract::SchemaId;
use charter_program::Reached;

use super::plan::{Case, Plan};

impl Plan {
    /// The cases of a row of a program.
    pub(crate) fn cases_of_row(&self, row: &[Reached]) -> Vec<Case> {
        row.iter().filter_map(|fact| self.case_of_fact(fact)).collect()
    }

    fn case_of_fact(&self, fact: &Reached) -> Option<Case> {
        let node = |id: &SchemaId| self.nodes.get(id.index())?.as_ref();
        let keywords = |id: &SchemaId| &self.contract.schema(*id).keywords;
        match fact {
            Reached::Seen(id) => Some(node(id)?.seen),
            Reached::Kind(id, type_) => node(id)?.kind(keywords(id), *type_),
            Reached::Absent(owner, property) => {
                let index = keywords(owner).properties.values().position(|known| known == property)?;
                node(owner)?.absent(index)
            }
            Reached::Value(id, index) => node(id)?.values(keywords(id)).nth(*index).map(|(_, case)| case),
            Reached::Branch(owner, branch) => {
                let mut branches = node(owner)?.unions.iter().flatten();
                branches.find(|known| known.schema == *branch).map(|known| known.case)
            }
            Reached::Bound(id, word) => {
                let mut cases = node(id)?.bounds.iter().map(|(_, case)| *case);
                cases.find(|case| self.cases.get(*case as usize).is_some_and(|(.., known)| known == word))
            }
            _ => None,
        }
    }
}
