//! Types from schemas: the alternatives of a value, from the schemas that describe it.
//!
//! A schema with unions has several cases. A case is a set of schemas that hold together, with one branch chosen of every union.

use std::cell::RefCell;
use std::collections::{BTreeSet, HashMap};

use charter_contract::invariant::{Alternative, BindAs, Items, List, Type};
use charter_contract::{Contract, JsonType, Keywords, SchemaId};
use serde_json::Value;

/// The maximum number of cases of one schema location; a union that would exceed it stays open.
const CASE_LIMIT: usize = 64;

/// A key of an object according to the object's schemas.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Key {
    /// Declared, with these schemas.
    Declared { schemas: BTreeSet<SchemaId>, required: bool },
    /// Undeclared; the object can have additional keys of this type.
    Undeclared(Type),
    /// The object cannot have the key.
    Impossible,
}

/// Schemas to types.
pub(crate) struct Typer<'c> {
    pub(crate) contract: &'c Contract,
    binds: &'c indexmap::IndexMap<SchemaId, BindAs>,
    /// Cached types by their schemas: many rules read the same values.
    known: RefCell<HashMap<BTreeSet<SchemaId>, Type>>,
}

impl<'c> Typer<'c> {
    pub(crate) fn new(contract: &'c Contract, binds: &'c indexmap::IndexMap<SchemaId, BindAs>) -> Self {
        Self { contract, binds, known: RefCell::default() }
    }

    /// The type of an instance to which all of these schemas apply.
    pub(crate) fn instance(&self, schemas: &BTreeSet<SchemaId>) -> Type {
        if let Some(known) = self.known.borrow().get(schemas) {
            return known.clone();
        }
        let type_ = self.instance_of(schemas);
        self.known.borrow_mut().insert(schemas.clone(), type_.clone());
        type_
    }

    fn instance_of(&self, schemas: &BTreeSet<SchemaId>) -> Type {
        self.type_of(schemas, self.cases(schemas))
    }

    /// The type of an instance to which one of these schemas applies.
    pub(crate) fn one_of(&self, schemas: &BTreeSet<SchemaId>) -> Type {
        self.type_of(schemas, schemas.iter().flat_map(|id| self.cases(&[*id].into())).collect())
    }

    /// The type of an instance, from all schemas that may apply and their cases.
    fn type_of(&self, schemas: &BTreeSet<SchemaId>, cases: Vec<BTreeSet<SchemaId>>) -> Type {
        let everything = self.contract.in_place(schemas.iter().copied());
        let bind = everything.iter().find_map(|id| self.binds.get(id)).copied();
        let declares = |type_| everything.iter().any(|id| self.keywords(*id).types.as_deref().is_some_and(|types| types.contains(&type_)));
        // The binder decides once for all branches: if one branch has a non-integer number, all numbers are doubles.
        let (number, integer) = (declares(JsonType::Number), declares(JsonType::Integer));
        let mut type_ = Type::default();
        for case in cases {
            for alternative in self.alternatives(&case, bind, number, integer) {
                type_.add(alternative);
            }
        }
        type_.is_date_time_text = bind.is_none() && everything.iter().any(|id| self.keywords(*id).format.as_deref() == Some("date-time"));
        type_
    }

    fn keywords(&self, id: SchemaId) -> &'c Keywords {
        &self.contract.schema(id).keywords
    }

    /// The sets of schemas that can apply together, with one branch of each union.
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
            // A branch can contain unions, so each choice is expanded recursively.
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
                // Without a type, numbers are bound as written.
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
    pub(crate) fn item(&self, list: &List) -> Type {
        match &list.items {
            Items::Type(type_) => (**type_).clone(),
            Items::Schemas(sets) => {
                sets.iter().fold(Type::default(), |type_, set| type_.or(if set.is_empty() { Type::any() } else { self.instance(set) }))
            }
        }
    }

    /// A key according to the object's schemas.
    pub(crate) fn key(&self, case: &BTreeSet<SchemaId>, name: &str) -> Key {
        let mut schemas = BTreeSet::new();
        let mut declared = false;
        for id in case {
            let keywords = self.keywords(*id);
            match keywords.properties.get(name) {
                Some(property) => {
                    declared = true;
                    schemas.insert(*property);
                }
                // `patternProperties` can match the name, so only other schemas determine the type.
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

    /// The type of the values of an object: of all its declared and additional properties.
    pub(crate) fn values(&self, case: &BTreeSet<SchemaId>) -> Type {
        let keywords = || case.iter().map(|id| self.keywords(*id));
        let declared = keywords().flat_map(|keywords| keywords.properties.values().copied());
        let by_pattern = keywords().flat_map(|keywords| keywords.pattern_properties.values().copied());
        let mut type_ = declared.chain(by_pattern).map(|id| self.instance(&[id].into())).fold(Type::default(), Type::or);
        let additional: BTreeSet<SchemaId> = keywords().filter_map(|keywords| keywords.additional_properties).collect();
        if additional.is_empty() {
            return Type::any();
        }
        if !additional.iter().any(|id| self.keywords(*id).never) {
            type_ = type_.or(self.instance(&additional));
        }
        type_
    }

    /// Every name that an object's schemas declare.
    pub(crate) fn names(&self, case: &BTreeSet<SchemaId>) -> Vec<&'c str> {
        case.iter().flat_map(|id| self.keywords(*id).properties.keys()).map(String::as_str).collect()
    }
}

/// A list of strings.
pub(crate) fn text_list() -> List {
    List { items: Items::Type(Box::new(Type::text())), min: 0, max: None }
}
