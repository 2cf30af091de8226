//! Tags to features.

use std::collections::{BTreeSet, HashSet};

use charter_contract::{Contract, Operation};
use heck::ToKebabCase as _;
use indexmap::IndexMap;
use serde_json::Value;

use super::Condition;

/// The names of the features that a package has without tags.
const RESERVED: [&str; 2] = ["default", "schemars"];

/// A cargo feature of a package.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TagFeature {
    /// The name of the feature.
    pub name: String,
    /// The tag; `None` if the feature is for the types that no operation uses.
    pub tag: Option<String>,
    /// The number of the operations with the tag.
    pub operations: usize,
}

/// The features of the tags that operations have, first in the order of the `tags` of the documents. The conditions of the operations.
pub(super) fn features(contract: &Contract) -> (Vec<TagFeature>, Vec<Condition>) {
    let tags: Vec<Vec<&str>> = contract.operations().iter().map(|operation| tags_of(contract, operation)).collect();
    let mut counts: IndexMap<&str, usize> = listed(contract).into_iter().map(|tag| (tag, 0)).collect();
    for tag in tags.iter().flatten() {
        *counts.entry(*tag).or_default() += 1;
    }
    counts.retain(|_, operations| *operations > 0);
    let mut taken: HashSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
    let features = counts
        .iter()
        .map(|(tag, operations)| TagFeature { name: unique(name(tag), &mut taken), tag: Some((*tag).to_owned()), operations: *operations })
        .collect();
    let condition = |tags: &Vec<&str>| match tags.as_slice() {
        [] => Condition::Always,
        tags => Condition::Any(tags.iter().filter_map(|tag| counts.get_index_of(tag)).collect::<BTreeSet<_>>()),
    };
    (features, tags.iter().map(condition).collect())
}

/// The feature for the types that no operation uses.
pub(super) fn others(features: &[TagFeature]) -> TagFeature {
    let mut taken = features.iter().map(|feature| feature.name.clone()).collect();
    TagFeature { name: unique("other-types".to_owned(), &mut taken), tag: None, operations: 0 }
}

/// The tags of the documents, in their order.
fn listed(contract: &Contract) -> Vec<&str> {
    let documents = contract.documents();
    let lists = documents.names().filter_map(|name| documents.value(name)?.get("tags")?.as_array());
    lists.flatten().filter_map(|tag| tag.get("name")?.as_str()).collect()
}

/// The tags of an operation.
fn tags_of<'c>(contract: &'c Contract, operation: &Operation) -> Vec<&'c str> {
    let tags = contract.documents().at(&operation.location).and_then(|source| source.get("tags")).and_then(Value::as_array);
    tags.into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The name of the feature of a tag, which is also a part of the names of files: ASCII, in lower case.
fn name(tag: &str) -> String {
    let ascii: String = tag.chars().map(|character| if character.is_ascii() { character } else { ' ' }).collect();
    let name = ascii.to_kebab_case();
    if name.is_empty() { "tag".to_owned() } else { name }
}

fn unique(wanted: String, taken: &mut HashSet<String>) -> String {
    let candidates = (2..).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.clone()).chain(candidates).find(|candidate| taken.insert(candidate.clone())).unwrap_or(wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_features_are_ascii_in_lower_case() {
        assert_eq!(name("Code scanning"), "code-scanning");
        assert_eq!(name("codeScanning"), "code-scanning");
        assert_eq!(name("2FA"), "2fa");
        assert_eq!(name("type"), "type");
        assert_eq!(name("用户"), "tag");
        assert_eq!(name("Zahlung für \"x\"\n"), "zahlung-f-r-x");
        assert_eq!(name(""), "tag");
    }

    #[test]
    fn features_have_different_names() {
        let mut taken = HashSet::from(["default".to_owned()]);
        assert_eq!(unique("default".to_owned(), &mut taken), "default-2");
        assert_eq!(unique("default".to_owned(), &mut taken), "default-3");
        assert_eq!(unique("repos".to_owned(), &mut taken), "repos");
    }
}
