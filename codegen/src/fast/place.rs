//! A place in a body: the schemas that describe its value, in the order of coverage.

use std::collections::BTreeSet;

use charter_contract::{Contract, JsonType, SchemaId};

/// A place in a body.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(crate) struct Place {
    /// The schemas that directly describe it.
    pub(crate) roots: Vec<SchemaId>,
    /// The branches of unions that the value is known to match.
    pub(crate) taken: Vec<SchemaId>,
}

impl<const N: usize> From<[SchemaId; N]> for Place {
    fn from(roots: [SchemaId; N]) -> Self {
        Self { roots: roots.into(), taken: Vec::new() }
    }
}

impl Place {
    /// The same place, for values that match a branch.
    pub(crate) fn taking(&self, branch: SchemaId) -> Self {
        let mut place = self.clone();
        place.taken.push(branch);
        place
    }

    /// Every schema that describes a value of a JSON type here: through references, `allOf` and the branches that it matches.
    pub(crate) fn schemas(&self, contract: &Contract, kind: JsonType) -> Vec<SchemaId> {
        let (mut all, mut open) = (Vec::new(), self.roots.clone());
        open.reverse();
        while let Some(id) = open.pop() {
            if all.contains(&id) {
                continue;
            }
            all.push(id);
            let keywords = &contract.schema(id).keywords;
            for union in [&keywords.any_of, &keywords.one_of] {
                let fits: Vec<SchemaId> = union.iter().filter(|branch| contract.types_of(**branch).contains(&kind)).copied().collect();
                match fits.as_slice() {
                    [one] => open.push(*one),
                    _ => open.extend(fits.iter().filter(|branch| self.taken.contains(branch))),
                }
            }
            open.extend(keywords.reference.iter().chain(&keywords.all_of));
        }
        all
    }

    /// The place of the items of an array.
    pub(crate) fn items(&self, contract: &Contract) -> Self {
        let schemas = self.schemas(contract, JsonType::Array);
        let roots = schemas.iter().filter_map(|id| contract.schema(*id).keywords.items).filter(|id| !contract.schema(*id).keywords.never);
        Self { roots: unique(roots), taken: Vec::new() }
    }

    /// The place of an object's values under keys that `properties` does not list.
    pub(crate) fn values(&self, contract: &Contract) -> Self {
        let schemas = self.schemas(contract, JsonType::Object);
        let roots = schemas.iter().filter_map(|id| contract.schema(*id).keywords.additional_properties);
        Self { roots: unique(roots.filter(|id| !contract.schema(*id).keywords.never)), taken: Vec::new() }
    }

    /// Whether no schema here distinguishes kinds of value.
    pub(crate) fn is_plain(&self, contract: &Contract) -> bool {
        self.roots.iter().all(|id| {
            let schema = &contract.schema(*id).keywords;
            let none = schema.reference.is_none() && schema.types.is_none() && schema.enumeration.is_none() && schema.constant.is_none();
            let alone = schema.all_of.is_empty() && schema.any_of.is_empty() && schema.one_of.is_empty();
            let bound = [&schema.minimum, &schema.maximum].into_iter().all(Option::is_none) && schema.min_length.is_none();
            none && alone && bound && schema.max_length.is_none() && schema.parts().next().is_none()
        })
    }
}

/// The place of a known key in an object that several schemas describe.
pub(crate) fn property(contract: &Contract, parts: impl IntoIterator<Item = SchemaId>, key: &str) -> Place {
    let roots = parts.into_iter().filter_map(|id| {
        let keywords = &contract.schema(id).keywords;
        keywords.properties.get(key).copied().or(keywords.additional_properties)
    });
    Place { roots: unique(roots.filter(|id| !contract.schema(*id).keywords.never)), taken: Vec::new() }
}

fn unique(ids: impl Iterator<Item = SchemaId>) -> Vec<SchemaId> {
    let mut known = BTreeSet::new();
    ids.filter(|id| known.insert(*id)).collect()
}
