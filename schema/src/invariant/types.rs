//! What a value of a rule can be: a union of alternatives, read from the schema of its place.
//!
//! A schema with unions becomes its cases: each is a set of schemas that hold together, one branch chosen of every union.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt::Write as _;

use serde::Serialize;
use serde_json::Value;

use super::{BindAs, Literal};
use crate::model::{Contract, JsonType, SchemaId};

/// Cases of one place that are told apart; a union that would make more of them is left open.
const CASE_LIMIT: usize = 64;

/// What a value can be. No alternative means that there is no such value.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Type {
    /// One entry for each kind of value, several for objects and lists of different schemas.
    pub alternatives: Vec<Alternative>,
    /// The expression is wrong and has been reported: nothing that follows from it is.
    #[serde(skip)]
    pub(super) reported: bool,
}

/// One kind of value.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Alternative {
    /// Nothing is known of it.
    Any,
    /// `null`
    Null,
    /// A boolean, where only one is possible that one.
    Bool(Option<bool>),
    /// A signed integer of 64 bits.
    Int,
    /// An unsigned integer of 64 bits.
    Uint,
    /// A floating-point number of 64 bits.
    Double,
    /// Text; where the schema lists its values, one of these.
    String(Option<BTreeSet<String>>),
    /// Bytes.
    Bytes,
    /// An instant.
    Timestamp,
    /// A length of time.
    Duration,
    /// A list.
    List(List),
    /// An object that all of these schemas describe.
    Object(BTreeSet<SchemaId>),
    /// A record of ours: `request`, `response` and their parts.
    Record(BTreeMap<String, Field>),
    /// Keys of any name, all with values of one type.
    Map(Box<Type>),
}

/// A list: what its items are, and how many there are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct List {
    /// The items.
    pub items: Items,
    /// The least number of items.
    pub min: u64,
    /// The greatest number of items, where there is one.
    pub max: Option<u64>,
}

/// What the items of a list are.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub enum Items {
    /// Each is described by all the schemas of one of these sets.
    Schemas(Vec<BTreeSet<SchemaId>>),
    /// Each is of this type.
    Type(Box<Type>),
}

/// A key of a record of ours.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Field {
    /// Its value.
    pub type_: Type,
    /// Whether it is always there.
    pub required: bool,
}

/// What an object's schemas say of one key.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Key {
    /// It is declared, by these schemas together.
    Declared { schemas: BTreeSet<SchemaId>, required: bool },
    /// It is not, and objects may have further keys, of this type.
    Undeclared(Type),
    /// No such object has it.
    Impossible,
}

impl Type {
    pub(super) fn of(alternative: Alternative) -> Self {
        Self { alternatives: vec![alternative], reported: false }
    }

    pub(super) fn any() -> Self {
        Self::of(Alternative::Any)
    }

    pub(super) fn bool() -> Self {
        Self::of(Alternative::Bool(None))
    }

    pub(super) fn text() -> Self {
        Self::of(Alternative::String(None))
    }

    /// The type of what has been refused.
    pub(super) fn reported() -> Self {
        Self { alternatives: vec![Alternative::Any], reported: true }
    }

    pub(super) fn is_never(&self) -> bool {
        self.alternatives.is_empty()
    }

    /// Either of two types.
    pub(super) fn or(mut self, other: Self) -> Self {
        for alternative in other.alternatives {
            self.add(alternative);
        }
        self.reported |= other.reported;
        self
    }

    fn add(&mut self, new: Alternative) {
        for old in &mut self.alternatives {
            match (old, &new) {
                (Alternative::String(old), Alternative::String(values)) => {
                    *old = old.take().zip(values.clone()).map(|(old, new)| &old | &new);
                    return;
                }
                (Alternative::Bool(old), Alternative::Bool(value)) => {
                    *old = old.filter(|old| Some(*old) == *value);
                    return;
                }
                (old, new) if old == new => return,
                _ => {}
            }
        }
        self.alternatives.push(new);
    }

    /// The alternatives that a test keeps.
    pub(super) fn filter(&self, keep: impl Fn(&Alternative) -> bool) -> Self {
        Self { alternatives: self.alternatives.iter().filter(|alternative| keep(alternative)).cloned().collect(), reported: self.reported }
    }

    pub(super) fn has(&self, test: impl Fn(&Alternative) -> bool) -> bool {
        self.alternatives.iter().any(test)
    }

    pub(super) fn all(&self, test: impl Fn(&Alternative) -> bool) -> bool {
        self.reported || self.alternatives.iter().all(test)
    }

    pub(super) fn may_be_null(&self) -> bool {
        self.has(|alternative| matches!(alternative, Alternative::Null))
    }

    /// The values that text of this type can have, where the schema lists them.
    pub(super) fn values(&self) -> Option<BTreeSet<String>> {
        self.alternatives.iter().find_map(|alternative| match alternative {
            Alternative::String(values) => values.clone(),
            _ => None,
        })
    }

    /// What is left where the value equals a literal.
    pub(super) fn equal_to(&self, literal: &Literal) -> Self {
        let alternatives = self.alternatives.iter().filter_map(|alternative| match (alternative, literal) {
            (Alternative::Any, _) => Some(Alternative::Any),
            (Alternative::Null, Literal::Null) => Some(Alternative::Null),
            (Alternative::Bool(known), Literal::Bool(value)) => {
                known.is_none_or(|known| known == *value).then_some(Alternative::Bool(Some(*value)))
            }
            (Alternative::String(values), Literal::String(text)) => {
                values.as_ref().is_none_or(|values| values.contains(text)).then(|| Alternative::String(Some([text.clone()].into())))
            }
            (Alternative::Int | Alternative::Uint | Alternative::Double, Literal::Int(_) | Literal::Uint(_) | Literal::Double(_)) => {
                Some(alternative.clone())
            }
            (Alternative::Bytes, Literal::Bytes(_)) => Some(Alternative::Bytes),
            _ => None,
        });
        Self { alternatives: alternatives.collect(), reported: self.reported }
    }

    /// What is left where the value differs from a literal.
    pub(super) fn other_than(&self, literal: &Literal) -> Self {
        let alternatives = self.alternatives.iter().filter_map(|alternative| match (alternative, literal) {
            (Alternative::Null, Literal::Null) => None,
            (Alternative::Bool(known), Literal::Bool(value)) => {
                known.is_none_or(|known| known != *value).then_some(Alternative::Bool(Some(!*value)))
            }
            (Alternative::String(Some(values)), Literal::String(text)) => {
                let left: BTreeSet<String> = values.iter().filter(|value| *value != text).cloned().collect();
                (!left.is_empty()).then_some(Alternative::String(Some(left)))
            }
            _ => Some(alternative.clone()),
        });
        Self { alternatives: alternatives.collect(), reported: self.reported }
    }

    /// Whether a value of one type can equal one of the other. Numbers compare across kinds.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        let number = |alternative: &Alternative| matches!(alternative, Alternative::Int | Alternative::Uint | Alternative::Double);
        self.reported
            || other.reported
            || self.alternatives.iter().any(|left| {
                other.alternatives.iter().any(|right| match (left, right) {
                    (Alternative::Any, _) | (_, Alternative::Any) => true,
                    (Alternative::String(Some(left)), Alternative::String(Some(right))) => left.iter().any(|value| right.contains(value)),
                    (Alternative::Bool(Some(left)), Alternative::Bool(Some(right))) => left == right,
                    (left, right) if number(left) && number(right) => true,
                    (
                        Alternative::Object(_) | Alternative::Record(_) | Alternative::Map(_),
                        Alternative::Object(_) | Alternative::Record(_) | Alternative::Map(_),
                    ) => true,
                    (left, right) => std::mem::discriminant(left) == std::mem::discriminant(right),
                })
            })
    }

    /// The type in words: `null or text`.
    pub(super) fn words(&self) -> String {
        let mut words: Vec<&str> = Vec::new();
        for alternative in &self.alternatives {
            let word = alternative.word();
            if !words.contains(&word) {
                words.push(word);
            }
        }
        let mut text = String::new();
        for (index, word) in words.iter().enumerate() {
            let joint = if index == 0 {
                ""
            } else if index + 1 == words.len() {
                " or "
            } else {
                ", "
            };
            let _ = write!(text, "{joint}{word}");
        }
        if text.is_empty() { "no value".to_owned() } else { text }
    }
}

impl Alternative {
    pub(super) fn word(&self) -> &'static str {
        match self {
            Self::Any => "anything",
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int => "an int",
            Self::Uint => "a uint",
            Self::Double => "a double",
            Self::String(_) => "text",
            Self::Bytes => "bytes",
            Self::Timestamp => "an instant",
            Self::Duration => "a duration",
            Self::List(_) => "a list",
            Self::Object(_) | Self::Record(_) => "an object",
            Self::Map(_) => "a map",
        }
    }
}

/// Schemas to types.
pub(super) struct Typer<'c> {
    pub(super) contract: &'c Contract,
    binds: &'c indexmap::IndexMap<SchemaId, BindAs>,
    /// Types by the schemas that describe them: many rules read the same places.
    known: RefCell<HashMap<BTreeSet<SchemaId>, Type>>,
}

impl<'c> Typer<'c> {
    pub(super) fn new(contract: &'c Contract, binds: &'c indexmap::IndexMap<SchemaId, BindAs>) -> Self {
        Self { contract, binds, known: RefCell::default() }
    }

    /// The type of an instance that all of these schemas describe.
    pub(super) fn instance(&self, schemas: &BTreeSet<SchemaId>) -> Type {
        if let Some(known) = self.known.borrow().get(schemas) {
            return known.clone();
        }
        let type_ = self.instance_of(schemas);
        self.known.borrow_mut().insert(schemas.clone(), type_.clone());
        type_
    }

    fn instance_of(&self, schemas: &BTreeSet<SchemaId>) -> Type {
        let everything = self.contract.in_place(schemas.iter().copied());
        let bind = everything.iter().find_map(|id| self.binds.get(id)).copied();
        let declares = |type_| everything.iter().any(|id| self.keywords(*id).types.as_deref().is_some_and(|types| types.contains(&type_)));
        // The binder decides once for all branches: a number of any of them makes every number a double.
        let (number, integer) = (declares(JsonType::Number), declares(JsonType::Integer));
        let mut type_ = Type::default();
        for case in self.cases(schemas) {
            for alternative in self.alternatives(&case, bind, number, integer) {
                type_.add(alternative);
            }
        }
        type_
    }

    fn keywords(&self, id: SchemaId) -> &'c crate::model::Keywords {
        &self.contract.schemas[id].keywords
    }

    /// The sets of schemas that can hold together, one branch chosen of every union.
    fn cases(&self, schemas: &BTreeSet<SchemaId>) -> Vec<BTreeSet<SchemaId>> {
        let mut cases = vec![(BTreeSet::new(), schemas.iter().copied().collect::<Vec<_>>())];
        let mut done = Vec::new();
        while let Some((mut parts, mut open)) = cases.pop() {
            let mut unions: Vec<&Vec<SchemaId>> = Vec::new();
            while let Some(id) = open.pop() {
                if parts.insert(id) {
                    let keywords = self.keywords(id);
                    open.extend(keywords.reference.iter().chain(&keywords.all_of));
                    unions.extend([&keywords.any_of, &keywords.one_of].into_iter().filter(|branches| !branches.is_empty()));
                }
            }
            // Branches may hold unions of their own: each choice is opened like a case of its own.
            let mut choices: Vec<Vec<SchemaId>> = vec![Vec::new()];
            for branches in unions {
                if choices.len() * branches.len() + cases.len() + done.len() > CASE_LIMIT {
                    continue;
                }
                choices =
                    choices.iter().flat_map(|chosen| branches.iter().map(|branch| [chosen.as_slice(), &[*branch]].concat())).collect();
            }
            for chosen in choices {
                let fresh: Vec<SchemaId> = chosen.into_iter().filter(|id| !parts.contains(id)).collect();
                if fresh.is_empty() { done.push(parts.clone()) } else { cases.push((parts.clone(), fresh)) }
            }
        }
        done.reverse();
        done.dedup();
        done
    }

    fn alternatives(&self, case: &BTreeSet<SchemaId>, bind: Option<BindAs>, number: bool, integer: bool) -> Vec<Alternative> {
        if case.iter().any(|id| self.keywords(*id).never) {
            return Vec::new();
        }
        let allowed = |type_: JsonType| {
            case.iter().all(|id| {
                self.keywords(*id).types.as_deref().is_none_or(|types| {
                    types.contains(&type_)
                        || (type_ == JsonType::Number && types.contains(&JsonType::Integer))
                        || (type_ == JsonType::Integer && types.contains(&JsonType::Number))
                })
            })
        };
        let values: Option<Vec<&Value>> = case
            .iter()
            .filter_map(|id| {
                let keywords = self.keywords(*id);
                let constant = keywords.constant.as_ref().map(|value| vec![value]);
                constant.or_else(|| keywords.enumeration.as_ref().map(|values| values.iter().collect()))
            })
            .reduce(|left, right| left.into_iter().filter(|value| right.contains(value)).collect());
        let typed = case.iter().any(|id| self.keywords(*id).types.is_some());
        if !typed && values.is_none() && !case.iter().any(|id| !self.keywords(*id).properties.is_empty()) {
            return vec![Alternative::Any];
        }
        let listed = |test: fn(&Value) -> bool| values.as_ref().is_none_or(|values| values.iter().any(|value| test(value)));
        let mut found = Vec::new();
        if allowed(JsonType::Null) && listed(Value::is_null) {
            found.push(Alternative::Null);
        }
        if allowed(JsonType::Boolean) && listed(Value::is_boolean) {
            let known: BTreeSet<bool> = values.iter().flatten().filter_map(|value| value.as_bool()).collect();
            found.push(Alternative::Bool(if known.len() == 1 { known.first().copied() } else { None }));
        }
        if (allowed(JsonType::Number) || allowed(JsonType::Integer)) && listed(Value::is_number) {
            match (number, integer) {
                (true, _) => found.push(Alternative::Double),
                (false, true) => found.push(Alternative::Int),
                // Without a type numbers bind as they are written.
                (false, false) => found.extend([Alternative::Int, Alternative::Double]),
            }
        }
        if allowed(JsonType::String) && listed(Value::is_string) {
            match bind {
                Some(BindAs::DateTime) => found.extend([Alternative::Timestamp, Alternative::String(None)]),
                Some(BindAs::CommaList) => found.push(Alternative::List(text_list())),
                None => {
                    let texts = values.as_ref().map(|values| values.iter().filter_map(|value| value.as_str().map(str::to_owned)).collect());
                    found.push(Alternative::String(texts));
                }
            }
        }
        if allowed(JsonType::Array) && listed(Value::is_array) {
            found.push(Alternative::List(self.list(case)));
        }
        if allowed(JsonType::Object) && listed(Value::is_object) {
            found.push(Alternative::Object(case.clone()));
        }
        found
    }

    fn list(&self, case: &BTreeSet<SchemaId>) -> List {
        let items: BTreeSet<SchemaId> = case.iter().filter_map(|id| self.keywords(*id).items).collect();
        let mut sets: Vec<BTreeSet<SchemaId>> =
            case.iter().flat_map(|id| &self.keywords(*id).prefix_items).map(|id| BTreeSet::from([*id])).collect();
        sets.push(items);
        List {
            items: Items::Schemas(sets),
            min: case.iter().filter_map(|id| self.keywords(*id).min_items).max().unwrap_or(0),
            max: case.iter().filter_map(|id| self.keywords(*id).max_items).min(),
        }
    }

    /// The type of a list's items.
    pub(super) fn item(&self, list: &List) -> Type {
        match &list.items {
            Items::Type(type_) => (**type_).clone(),
            Items::Schemas(sets) => {
                sets.iter().fold(Type::default(), |type_, set| type_.or(if set.is_empty() { Type::any() } else { self.instance(set) }))
            }
        }
    }

    /// What an object's schemas say of a key.
    pub(super) fn key(&self, case: &BTreeSet<SchemaId>, name: &str) -> Key {
        let mut schemas = BTreeSet::new();
        let mut declared = false;
        for id in case {
            let keywords = self.keywords(*id);
            match keywords.properties.get(name) {
                Some(property) => {
                    declared = true;
                    schemas.insert(*property);
                }
                // Patterns may admit the name, so that nothing is known but what other schemas say.
                None if !keywords.pattern_properties.is_empty() => {}
                None => schemas.extend(keywords.additional_properties),
            }
        }
        if schemas.iter().any(|id| self.keywords(*id).never) {
            Key::Impossible
        } else if declared {
            Key::Declared { schemas, required: case.iter().any(|id| self.keywords(*id).required.iter().any(|required| required == name)) }
        } else {
            Key::Undeclared(if schemas.is_empty() { Type::any() } else { self.instance(&schemas) })
        }
    }

    /// Every name that an object's schemas declare.
    pub(super) fn names(&self, case: &BTreeSet<SchemaId>) -> Vec<&'c str> {
        case.iter().flat_map(|id| self.keywords(*id).properties.keys()).map(String::as_str).collect()
    }
}

/// A list of texts.
pub(super) fn text_list() -> List {
    List { items: Items::Type(Box::new(Type::text())), min: 0, max: None }
}
