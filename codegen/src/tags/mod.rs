//! Cargo features by tag: which operations and types of a package each feature compiles.
//!
//! | module | owns |
//! |---|---|
//! | `condition` | when an item is compiled, and its `#[cfg]` |
//! | `feature` | the features: their names, and those of the files |
//! | `reach` | the types that the operations of each feature use |
//!
//! An operation is compiled with one of its tags, and always if it has none. A type is compiled with every operation that uses it, through
//! any number of references. The types that no operation uses have a feature of their own. What has one feature is in files of its own.

mod condition;
mod feature;
mod reach;

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};

pub(crate) use condition::Condition;
pub use feature::TagFeature;

use crate::Schemars;
use crate::context::Emit;

/// The features of a package, and when its operations and types are compiled.
pub(crate) struct Tags {
    features: Vec<TagFeature>,
    /// The conditions of the operations, in the order of the contract.
    operations: Vec<Condition>,
    /// The conditions of the types, by their indices.
    types: Vec<Condition>,
}

impl Tags {
    /// The features of the tags of a contract; `None` if no operation has a tag. `code` is the code of each operation.
    pub(crate) fn of(emit: &Emit<'_>, code: &[TokenStream], schemars: Schemars) -> Option<Self> {
        let (mut features, operations) = feature::features(emit.contract);
        if features.is_empty() {
            return None;
        }
        let (types, has_others) = reach::types(emit, features.len(), &operations, code, schemars);
        if has_others {
            features.push(feature::others(&features));
        }
        Some(Self { features, operations, types })
    }

    /// The features, in the order of the tags of the document.
    pub(crate) fn features(&self) -> &[TagFeature] {
        &self.features
    }

    /// The part of the names of the files of a feature.
    pub(crate) fn stem(&self, feature: usize) -> String {
        self.features[feature].name.replace('-', "_")
    }

    /// The attribute for a condition, as lines of code.
    pub(crate) fn attribute(&self, condition: &Condition) -> String {
        condition.attribute(&self.features)
    }
}

impl Emit<'_> {
    /// When an operation is compiled, by its position in the contract.
    pub(crate) fn operation_condition(&self, operation: usize) -> Condition {
        self.tags.as_ref().map_or(Condition::Always, |tags| tags.operations[operation].clone())
    }

    /// When a type is compiled.
    pub(crate) fn type_condition(&self, id: crate::shape::TypeId) -> Condition {
        self.tags.as_ref().map_or(Condition::Always, |tags| tags.types[id.0].clone())
    }

    /// The attribute of an operation in a file that is not that of its feature.
    pub(crate) fn attribute_of_operation(&self, operation: usize) -> TokenStream {
        let condition = self.operation_condition(operation);
        if condition.single().is_some() { TokenStream::new() } else { self.attribute_tokens(&condition) }
    }

    /// The operations that one feature compiles, and all others.
    pub(crate) fn features_of_operations(&self) -> BTreeMap<Option<usize>, Vec<usize>> {
        let mut operations: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for operation in 0..self.contract.operations().len() {
            operations.entry(self.operation_condition(operation).single()).or_default().push(operation);
        }
        operations
    }

    /// The module for the operations of a feature, next to the one for all operations.
    pub(crate) fn module_of_feature(&self, module: &str, feature: usize) -> String {
        let stem = self.tags.as_ref().map(|tags| tags.stem(feature)).unwrap_or_default();
        self.free_module(&format!("{module}_{stem}"))
    }

    /// The attribute for a condition, as lines of code.
    pub(crate) fn attribute(&self, condition: &Condition) -> String {
        self.tags.as_ref().map_or_else(String::new, |tags| tags.attribute(condition))
    }

    /// The attribute for a condition, as tokens.
    pub(crate) fn attribute_tokens(&self, condition: &Condition) -> TokenStream {
        self.attribute(condition).parse().unwrap_or_default()
    }

    /// The attribute for a feature, as tokens.
    pub(crate) fn feature_tokens(&self, feature: usize) -> TokenStream {
        self.attribute_tokens(&Condition::Any(BTreeSet::from([feature])))
    }
}

/// Calls a function with every identifier of some code.
pub(super) fn identifiers(code: TokenStream, see: &mut impl FnMut(&str)) {
    for tree in code {
        match tree {
            TokenTree::Ident(ident) => see(&ident.to_string()),
            TokenTree::Group(group) => identifiers(group.stream(), see),
            TokenTree::Punct(_) | TokenTree::Literal(_) => {}
        }
    }
}
