//! Every Rust identifier, resolved last and the same from run to run: from titles, definitions' keys and properties' names.

mod ident;

use std::collections::HashSet;

use charter_schema::{Contract, SchemaId, stem};
use indexmap::IndexMap;

pub use ident::{field, type_name, variant};

use crate::shape::{Origin, Shape, Shapes, TypeId, TypeKind, Use};

/// The names of a contract's types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    types: Vec<String>,
    members: Vec<Vec<String>>,
    modules: IndexMap<String, String>,
    aliases: Vec<(SchemaId, String)>,
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

    /// The names of entries that are no types of their own, or may be null.
    pub fn aliases(&self) -> &[(SchemaId, String)] {
        &self.aliases
    }

    /// The name that an entry is read by.
    pub fn entry(&self, id: SchemaId, use_: &Use) -> &str {
        let alias = self.aliases.iter().find(|(alias, _)| *alias == id).map(|(_, name)| name.as_str());
        match (alias, &use_.shape) {
            (Some(alias), _) => alias,
            (None, Shape::Named(type_) | Shape::Boxed(type_)) => self.type_(*type_),
            (None, _) => "",
        }
    }

    /// The documents that have a module, in order.
    pub fn documents(&self) -> impl Iterator<Item = &str> {
        self.modules.keys().map(String::as_str)
    }

    /// The module of a schema document.
    pub fn module(&self, document: &str) -> &str {
        self.modules.get(document).map_or("", String::as_str)
    }
}

/// Names that generated code uses for something else.
const TAKEN: [&str; 18] = [
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
    "From",
    "TryFrom",
];

/// Characters of a name.
const LONGEST: usize = 100;

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
            TypeKind::Struct { properties, patterns, additional } => {
                let mut members: Vec<String> = properties.iter().map(|property| unique(field(&property.key), &mut taken)).collect();
                members.extend(patterns.iter().map(|_| unique("matching".to_owned(), &mut taken)));
                if additional.is_some() {
                    members.push(unique("additional".to_owned(), &mut taken));
                }
                members
            }
            TypeKind::Enumeration { values } => values.iter().map(|value| unique(variant(value), &mut taken)).collect(),
            TypeKind::Union { branches, .. } => branches.iter().map(|branch| unique(variant(&branch.word), &mut taken)).collect(),
            TypeKind::Values { values } => values.iter().map(|value| unique(variant(&value_words(value)), &mut taken)).collect(),
            TypeKind::Constrained { .. } => Vec::new(),
        };
        names.members.push(members);
    }
    // Entries that are no types of their own get an alias each.
    for (id, name, use_) in &shapes.entries {
        let own = match use_.shape {
            Shape::Named(type_) | Shape::Boxed(type_) => shapes.types[type_.0].schema == *id,
            _ => false,
        };
        if use_.nullable || !own {
            let wanted = if own { format!("{}OrNull", type_name(name)) } else { type_name(name) };
            names.aliases.push((*id, unique(wanted, &mut taken)));
        }
    }
    let mut modules: HashSet<String> = HashSet::new();
    let documents = shapes.entries.iter().map(|(id, _, _)| contract.schema(*id).location.document());
    for document in documents.chain(shapes.types.iter().map(|type_| type_.location.document())) {
        if !names.modules.contains_key(document) {
            names.modules.insert(document.to_owned(), unique(field(&stem(document)), &mut modules));
        }
    }
    names
}

/// A value in words that a name can be made of.
fn value_words(value: &serde_json::Value) -> String {
    use serde_json::Value;
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(value) => value.to_string(),
        Value::Number(number) => number.to_string().replace('-', "minus ").replace('.', " point "),
        Value::String(text) => text.clone(),
        Value::Array(_) => "array".to_owned(),
        Value::Object(_) => "object".to_owned(),
    }
}

/// The name a type would have if no other had it.
fn wanted(shapes: &Shapes, known: &[String], id: TypeId) -> String {
    match &shapes.types[id.0].origin {
        Origin::Given(name) => type_name(name),
        Origin::Part { of, word } => {
            let parent = if known[of.0].is_empty() { wanted(shapes, known, *of) } else { known[of.0].clone() };
            let name = format!("{parent}{}", type_name(word));
            // Deep inside, the way from the outermost name says less than the last steps.
            match name.chars().count() {
                length if length > LONGEST => {
                    let (start, end) = (name.chars().take(LONGEST / 2), name.chars().skip(length - LONGEST / 2));
                    start.chain(end).collect()
                }
                _ => name,
            }
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
