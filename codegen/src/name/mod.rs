//! Every Rust identifier: from titles, keys of definitions and names of properties. The result is the same in every run.

mod ident;
mod lock;
mod rename;

use std::collections::{BTreeMap, HashSet};

use charter_contract::{Contract, Direction, Location, stem};
use indexmap::IndexMap;

pub use ident::{field, type_name, variant};
use lock::LockedType;
pub(crate) use lock::set_keys;
pub use lock::{LockError, NameLock};
pub(crate) use rename::renamed;

use crate::shape::{Branch, Entry, Origin, Others, Shape, Shapes, TypeDef, TypeId, TypeKind, Use};

/// The names of a contract's types.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    types: Vec<String>,
    members: Vec<Vec<String>>,
    modules: IndexMap<String, String>,
    /// By the index of the entry.
    aliases: BTreeMap<usize, String>,
    counterparts: Vec<Option<TypeId>>,
    /// The names of the builders of objects; empty for all other types.
    builders: Vec<String>,
    lock: NameLock,
}

impl Names {
    /// The name of a type.
    pub fn type_(&self, id: TypeId) -> &str {
        &self.types[id.0]
    }

    /// The names of all types, builders and aliases.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        self.types.iter().chain(&self.builders).chain(self.aliases.values()).map(String::as_str)
    }

    /// Every name, for the lock file.
    pub fn lock(&self) -> &NameLock {
        &self.lock
    }

    /// The names of a type's fields or variants, in its order. The field for the other keys of an open object is the last.
    pub fn members(&self, id: TypeId) -> &[String] {
        &self.members[id.0]
    }

    /// The name of the builder of an object.
    pub fn builder(&self, id: TypeId) -> &str {
        &self.builders[id.0]
    }

    /// The alias of an entry that has no type of its own, or that may be null. Entries are given by their index.
    pub fn alias(&self, entry: usize) -> Option<&str> {
        self.aliases.get(&entry).map(String::as_str)
    }

    /// The type for responses of a type for requests, and the reverse.
    pub fn counterpart(&self, id: TypeId) -> Option<TypeId> {
        self.counterparts[id.0]
    }

    /// The name of the type of an entry, which is given by its index.
    pub fn entry(&self, entry: usize, use_: &Use) -> &str {
        match (self.alias(entry), &use_.shape) {
            (Some(alias), _) => alias,
            (None, Shape::Named(type_) | Shape::Boxed(type_)) => self.type_(*type_),
            (None, _) => "",
        }
    }

    /// Adds the alias of an entry without a type of its own.
    fn add_alias(
        &mut self,
        contract: &Contract,
        shapes: &Shapes,
        lock: &NameLock,
        (index, entry): (usize, &Entry),
        taken: &mut HashSet<String>,
    ) {
        let own = match entry.use_.shape {
            Shape::Named(type_) | Shape::Boxed(type_) => {
                let type_ = &shapes.types[type_.0];
                type_.schema == entry.schema && type_.direction == entry.direction
            }
            _ => false,
        };
        if !entry.use_.nullable && own {
            return;
        }
        let key = lock::entry_key(contract, entry);
        let name = match entry.direction {
            Some(Direction::Request) if !entry.is_body => type_name(&format!("{} request", entry.name)),
            _ => type_name(&entry.name),
        };
        let wanted = if own { format!("{name}OrNull") } else { name };
        let locked = lock.aliases.get(&key).cloned();
        // The type of a part of the entry can have the entry's own name.
        let is_named_so = matches!(entry.use_.shape, Shape::Named(type_) | Shape::Boxed(type_) if self.types[type_.0] == wanted);
        if locked.is_none() && is_named_so && !entry.use_.nullable {
            return;
        }
        let role = if entry.is_body { inline_role(&contract.schema(entry.schema).location) } else { DEFINITION };
        let alias = locked.unwrap_or_else(|| distinct(wanted, role, taken));
        self.lock.aliases.insert(key, alias.clone());
        self.aliases.insert(index, alias);
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

/// Names that generated code uses with their meaning in Rust.
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

/// The maximum number of characters of a name that is made of several names or of a text. A definition keeps its name.
const LONGEST: usize = 64;

/// The order in which names are given: a name belongs to the first that wants it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Rank {
    Given,
    Body,
    Part,
}

impl Rank {
    fn of(origin: &Origin) -> Self {
        match origin {
            Origin::Given(_) => Self::Given,
            Origin::Body(_) => Self::Body,
            Origin::Part { .. } => Self::Part,
        }
    }
}

/// Names everything. A locked name never changes, and no other name equals it.
pub fn name(contract: &Contract, shapes: &Shapes, lock: &NameLock) -> Names {
    let mut names = Names::default();
    let mut taken: HashSet<String> = TAKEN.iter().map(|name| (*name).to_owned()).collect();
    taken.extend(lock.types.values().map(|type_| type_.name.clone()).filter(|name| !name.is_empty()));
    taken.extend(lock.aliases.values().cloned());
    // The builders of locked types keep their names as well.
    taken.extend(lock.types.values().map(|type_| builder_name(&type_.name)));
    let of_lock = |(index, type_): (usize, &TypeDef)| {
        let key = &type_.key;
        let locked = lock.types.get(key).map(|type_| type_.name.clone());
        // A definition that was an alias has a type of its own now, with the same name.
        let alias = || lock.aliases.get(key).filter(|_| is_own(shapes, TypeId(index))).cloned();
        locked.filter(|name| !name.is_empty()).or_else(alias).unwrap_or_default()
    };
    names.types = shapes.types.iter().enumerate().map(of_lock).collect();
    names.counterparts = lock::counterparts(shapes);
    // Types for requests last, so that they never take the name of another type or alias.
    for of_requests in [false, true] {
        let is_of_requests = |direction: Option<Direction>| (direction == Some(Direction::Request)) == of_requests;
        // Titles and definitions first, so that no body or part takes the name of a definition, then bodies.
        // A definition whose name is free keeps it, also if it is the distinct name of another one: `VecType` next to `Vec`.
        for (rank, is_free) in [(Rank::Given, true), (Rank::Given, false), (Rank::Body, false), (Rank::Part, false)] {
            for (index, type_) in shapes.types.iter().enumerate().filter(|(_, type_)| is_of_requests(type_.direction)) {
                if names.types[index].is_empty() && Rank::of(&type_.origin) == rank {
                    if is_free && taken.contains(&wanted(shapes, &names.types, TypeId(index))) {
                        continue;
                    }
                    let short = type_.short_name.as_deref().map(type_name).filter(|name| taken.insert(name.clone()));
                    names.types[index] = short.unwrap_or_else(|| {
                        let wanted = wanted(shapes, &names.types, TypeId(index));
                        distinct(wanted, role(shapes, type_), &mut taken)
                    });
                }
            }
            let is_of_rank = |entry: &Entry| !is_free && rank == if entry.is_body { Rank::Body } else { Rank::Given };
            let entries = shapes.entries.iter().enumerate().filter(|(_, entry)| is_of_requests(entry.direction) && is_of_rank(entry));
            entries.for_each(|entry| names.add_alias(contract, shapes, lock, entry, &mut taken));
        }
    }
    names.builders = builders(shapes, &names);
    for (index, type_) in shapes.types.iter().enumerate() {
        let key = &type_.key;
        let known = lock::member_keys(contract, shapes, TypeId(index));
        let locked = lock.types.get(key).map(|type_| &type_.members);
        let members = members(&shapes.types[index].kind, &known, locked);
        let of_lock = LockedType { name: names.types[index].clone(), members: known.into_iter().zip(members.iter().cloned()).collect() };
        names.lock.types.insert(key.clone(), of_lock);
        names.members.push(members);
    }
    let mut modules: HashSet<String> = HashSet::new();
    let documents = shapes.entries.iter().map(|entry| contract.schema(entry.schema).location.document());
    for document in documents.chain(shapes.types.iter().map(|type_| type_.location.document())) {
        if !names.modules.contains_key(document) {
            names.modules.insert(document.to_owned(), unique(field(&stem(document)), &mut modules));
        }
    }
    names
}

/// Whether a type is that of an entry without an alias.
fn is_own(shapes: &Shapes, id: TypeId) -> bool {
    let type_ = &shapes.types[id.0];
    shapes.entries.iter().any(|entry| {
        let is_named = matches!(entry.use_.shape, Shape::Named(named) | Shape::Boxed(named) if named == id);
        is_named && !entry.use_.nullable && entry.schema == type_.schema && entry.direction == type_.direction
    })
}

/// The names of all builders. They differ from the names of types and aliases.
fn builders(shapes: &Shapes, names: &Names) -> Vec<String> {
    let mut taken: HashSet<String> = names.types.iter().chain(names.aliases.values()).cloned().collect();
    let of_type = |(index, type_): (usize, &TypeDef)| match (&type_.kind, &type_.origin) {
        // The builder of an object with checks makes the checked type.
        (TypeKind::Struct { .. }, Origin::Part { of, word }) if word == "unchecked" => unique(builder_name(&names.types[of.0]), &mut taken),
        (TypeKind::Struct { .. }, _) => unique(builder_name(&names.types[index]), &mut taken),
        _ => String::new(),
    };
    shapes.types.iter().enumerate().map(of_type).collect()
}

fn builder_name(name: &str) -> String {
    format!("{}Builder", name.trim_end_matches('_'))
}

/// The names of a type's fields or variants. Locked names take precedence.
fn members(kind: &TypeKind, keys: &[String], locked: Option<&BTreeMap<String, String>>) -> Vec<String> {
    let wanted: Vec<String> = match kind {
        TypeKind::Struct { properties, patterns, additional } => {
            let known = distinguished(properties.iter().map(|property| property.key.as_str()), field).into_iter();
            known.chain(patterns.iter().map(|_| "matching".to_owned())).chain(additional.iter().map(|_| "additional".to_owned())).collect()
        }
        TypeKind::Enumeration { values, others, .. } => {
            let other = match others {
                Others::Refused => None,
                Others::Later => Some("Unknown".to_owned()),
                Others::Valid => Some("Other".to_owned()),
            };
            let known = distinguished(values.iter().map(String::as_str), |value| shortened(variant(value)));
            distinguished_by_case(values, known).into_iter().chain(other).collect()
        }
        TypeKind::Union { branches, .. } => {
            branches.iter().map(|branch| shortened(variant(branch.label.as_ref().unwrap_or(&branch.word)))).collect()
        }
        TypeKind::Values { values, documentation, .. } => {
            let title = |index: usize| documentation.get(index).and_then(|known| known.title.as_deref());
            let word =
                |(index, value)| title(index).filter(|title| !title.trim().is_empty()).map_or_else(|| value_words(value), str::to_owned);
            values.iter().enumerate().map(|value| shortened(variant(&word(value)))).collect()
        }
        TypeKind::Constrained { .. } => Vec::new(),
    };
    let mut taken: HashSet<String> = locked.into_iter().flat_map(BTreeMap::values).cloned().collect();
    let mut used = HashSet::new();
    let names = wanted.into_iter().zip(keys).map(|(wanted, key)| match locked.and_then(|locked| locked.get(key)) {
        // Two branches may have the same key; the lock holds only one of them.
        Some(name) if used.insert(name.clone()) => name.clone(),
        _ => unique(wanted, &mut taken),
    });
    names.collect()
}

/// The names of texts. The symbols of texts with the same name are spelled: `-created` is `MinusCreated` next to `created`.
fn distinguished<'t>(texts: impl Iterator<Item = &'t str> + Clone, name: impl Fn(&str) -> String) -> Vec<String> {
    let names: Vec<String> = texts.clone().map(&name).collect();
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    names.iter().for_each(|name| *uses.entry(name).or_default() += 1);
    let of = |(text, known): (&str, &String)| if uses[known.as_str()] > 1 { name(&ident::with_signs(text)) } else { known.clone() };
    texts.zip(&names).map(of).collect()
}

/// The names of texts. A text that differs from an earlier one only in case has its case in its name: `ASC` is `AscUppercase` after `asc`.
fn distinguished_by_case(texts: &[String], names: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let of = |(text, name): (&String, String)| {
        let folded = text.to_lowercase();
        let capitalized: String = text.chars().take(1).chain(folded.chars().skip(1)).collect();
        let is_lowercase = *text == folded;
        if seen.insert((folded, name.clone())) {
            return name;
        }
        let case = match text {
            _ if is_lowercase => "Lowercase",
            text if *text == text.to_uppercase() => "Uppercase",
            text if *text == capitalized => "Capitalized",
            _ => "MixedCase",
        };
        format!("{}{case}", name.trim_end_matches('_'))
    };
    texts.iter().zip(names).map(of).collect()
}

/// A value as words for a name.
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

/// What distinguishes a definition from another one with the same name, and from a type of Rust.
const DEFINITION: &str = "Type";

/// What distinguishes a body or a parameter from a definition of the same name.
fn inline_role(location: &Location) -> &'static str {
    if location.pointer().contains("/parameters/") { "Parameter" } else { "Body" }
}

/// The name, followed by the role of its type if it is taken.
fn distinct(wanted: String, role: &str, taken: &mut HashSet<String>) -> String {
    let wanted = if taken.contains(&wanted) { format!("{}{role}", wanted.trim_end_matches('_')) } else { wanted };
    unique(wanted, taken)
}

/// What distinguishes a type from a definition of the same name. Branches with the same words are numbered instead.
fn role(shapes: &Shapes, type_: &TypeDef) -> &'static str {
    let (of, word) = match &type_.origin {
        Origin::Given(_) => return DEFINITION,
        Origin::Body(_) => return inline_role(&type_.location),
        Origin::Part { of, word } => (of, word),
    };
    let TypeKind::Union { branches, .. } = &shapes.types[of.0].kind else { return "Value" };
    let is_same = |branch: &&Branch| type_name(branch.label.as_ref().unwrap_or(&branch.word)) == type_name(word);
    if branches.iter().filter(is_same).count() > 1 { "" } else { "Variant" }
}

/// The name of a type before collisions are resolved.
fn wanted(shapes: &Shapes, known: &[String], id: TypeId) -> String {
    let name_of = |of: TypeId| match (&known[of.0], &shapes.types[of.0].short_name) {
        (name, _) if !name.is_empty() => name.clone(),
        (_, Some(short)) => type_name(short),
        _ => wanted(shapes, known, of),
    };
    match &shapes.types[id.0].origin {
        Origin::Given(name) => type_name(name),
        Origin::Body(name) => shortened(type_name(name)),
        Origin::Part { of, word } => {
            // Parts of a checked type are named after it, not after the type of its unchecked values.
            let of = match &shapes.types[of.0].origin {
                Origin::Part { of: checked, word: unchecked } if unchecked == "unchecked" => *checked,
                _ => *of,
            };
            shortened(format!("{}{}", name_of(of), type_name(word)))
        }
    }
}

/// A long name without the words in its middle, which are the least informative.
fn shortened(name: String) -> String {
    if name.chars().count() <= LONGEST {
        return name;
    }
    let words = camel_words(&name);
    let fitting = |words: &mut dyn Iterator<Item = &String>| {
        let mut length = 0;
        words
            .take_while(|word| {
                length += word.chars().count();
                length <= LONGEST / 2
            })
            .count()
    };
    let (start, end) = (fitting(&mut words.iter()), fitting(&mut words.iter().rev()));
    if start == 0 {
        // One word is longer than the name may be.
        return name.chars().take(LONGEST).collect();
    }
    words[..start].iter().chain(&words[words.len() - end..]).map(String::as_str).collect()
}

/// The words of a name in camel case.
fn camel_words(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut is_upper = true;
    for character in name.chars() {
        match words.last_mut() {
            Some(word) if is_upper || !character.is_uppercase() => word.push(character),
            _ => words.push(character.to_string()),
        }
        is_upper = character.is_uppercase();
    }
    words
}

/// The name, followed by a number if it is taken.
pub(crate) fn unique(wanted: String, taken: &mut HashSet<String>) -> String {
    if taken.insert(wanted.clone()) {
        return wanted;
    }
    // The underscore of a reserved word is not needed before a number.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_differ_only_in_case_have_their_case_in_their_names() {
        let named = |values: &[&str]| {
            let values: Vec<String> = values.iter().map(|value| (*value).to_owned()).collect();
            let keys = values.clone();
            let kind = TypeKind::Enumeration { values, documentation: Vec::new(), others: Others::Refused, union: None };
            members(&kind, &keys, None).join(" ")
        };
        assert_eq!(named(&["asc", "desc", "ASC", "DESC"]), "Asc Desc AscUppercase DescUppercase");
        assert_eq!(named(&["ASC", "asc", "Asc", "aSc", "aSC"]), "Asc AscLowercase AscCapitalized ASc AScMixedCase");
        assert_eq!(named(&["self", "Self"]), "Self_ SelfCapitalized");
        assert_eq!(named(&["a b", "a-b"]), "AB AB2", "these differ in more than case");
    }

    #[test]
    fn long_names_lose_whole_words() {
        assert_eq!(shortened("OrderLine".to_owned()), "OrderLine");
        let long = "ResponseEventStreamingCompletionMessageContentPartFileSearchUncheckedStrategyStatic";
        assert_eq!(shortened(long.to_owned()), "ResponseEventStreamingCompletionSearchUncheckedStrategyStatic");
        assert_eq!(shortened("a".repeat(80)), "a".repeat(LONGEST));
        assert_eq!(camel_words("HTTPErrorX2é"), ["HTTPError", "X2é"]);
    }
}
