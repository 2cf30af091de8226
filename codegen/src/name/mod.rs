//! Every Rust identifier, resolved last and the same from run to run: from titles, definitions' keys and properties' names.

mod ident;

use std::collections::HashSet;

use charter_schema::Contract;
use indexmap::IndexMap;

pub use ident::{field, type_name, variant};

use crate::shape::{Origin, Shapes, TypeId, TypeKind};

/// The names of a contract's types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    types: Vec<String>,
    members: Vec<Vec<String>>,
    modules: IndexMap<String, String>,
}

impl Names {
    /// The name of a type.
    pub fn type_(&self, id: TypeId) -> &str {
        &self.types[id.0]
    }

    /// The names of a type's fields or variants, in its order; an open object's other keys come last.
    pub fn members(&self, id: TypeId) -> &[String] {
        &self.members[id.0]
    }

    /// The module of a schema document.
    pub fn module(&self, document: &str) -> &str {
        self.modules.get(document).map_or("", String::as_str)
    }
}

/// Names that generated code uses for something else.
const TAKEN: [&str; 16] = [
    "Option",
    "Vec",
    "Box",
    "String",
    "Result",
    "Ok",
    "Err",
    "Some",
    "None",
    "Self",
    "Clone",
    "Debug",
    "Default",
    "PartialEq",
    "Eq",
    "Copy",
];

/// Names everything.
pub fn name(contract: &Contract, shapes: &Shapes) -> Names {
    let mut names = Names::default();
    let mut taken: HashSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    names.types = vec![String::new(); shapes.types.len()];
    // Given names go first, so that a part never takes the name of a definition.
    for given in [true, false] {
        for index in 0..shapes.types.len() {
            if matches!(shapes.types[index].origin, Origin::Given(_)) == given {
                let wanted = wanted(shapes, &names.types, TypeId(index));
                names.types[index] = unique(wanted, &mut taken);
            }
        }
    }
    for type_ in &shapes.types {
        let mut taken = HashSet::new();
        let members = match &type_.kind {
            TypeKind::Struct { properties, additional } => {
                let mut members: Vec<String> = properties.iter().map(|property| unique(field(&property.key), &mut taken)).collect();
                if additional.is_some() {
                    members.push(unique("additional".to_owned(), &mut taken));
                }
                members
            }
            TypeKind::Enumeration { values } => values.iter().map(|value| unique(variant(value), &mut taken)).collect(),
            TypeKind::Union { branches, .. } => branches.iter().map(|branch| unique(variant(&branch.word), &mut taken)).collect(),
            TypeKind::Constrained { .. } => Vec::new(),
        };
        names.members.push(members);
    }
    let mut modules = HashSet::new();
    for root in contract.roots() {
        let document = contract.schema(*root).location.document();
        let stem = document.trim_end_matches(".schema.json");
        names.modules.insert(document.to_owned(), unique(field(stem), &mut modules));
    }
    names
}

/// The name a type would have if no other had it.
fn wanted(shapes: &Shapes, known: &[String], id: TypeId) -> String {
    match &shapes.types[id.0].origin {
        Origin::Given(name) => type_name(name),
        Origin::Part { of, word } => {
            let parent = if known[of.0].is_empty() { wanted(shapes, known, *of) } else { known[of.0].clone() };
            format!("{parent}{}", type_name(word))
        }
    }
}

/// The name, with a number behind it where it is taken.
fn unique(wanted: String, taken: &mut HashSet<String>) -> String {
    if taken.insert(wanted.clone()) {
        return wanted;
    }
    // An underscore set a word of Rust apart, which the number does as well.
    let stem = wanted.trim_end_matches('_');
    let mut number = 2;
    loop {
        let candidate = format!("{stem}{number}");
        if taken.insert(candidate.clone()) {
            return candidate;
        }
        number += 1;
    }
}
