//! The JSON types that texts of parameters may mean.

use charter_contract::{JsonType, SchemaId};
use indexmap::IndexMap;
use proc_macro2::TokenStream;
use quote::quote;

use crate::context::Emit;

/// How deep objects and lists are described; the members of deeper ones have the type that their text has the form of.
const DEPTH: usize = 4;

/// The kind of a schema as an expression.
pub(super) fn kind_of(emit: &Emit<'_>, schema: Option<SchemaId>) -> TokenStream {
    match schema {
        Some(schema) => kind(emit, schema, 0),
        None => quote!(::charter_server::Kind::UNKNOWN),
    }
}

/// What schemas of one instance assert together.
#[derive(Default)]
struct Facts {
    types: Option<Vec<JsonType>>,
    items: Option<SchemaId>,
    properties: IndexMap<String, SchemaId>,
    additional: Option<SchemaId>,
    is_closed: bool,
}

impl Facts {
    /// Another schema of the same instance.
    fn and(&mut self, other: Self) {
        self.types = match (self.types.take(), other.types) {
            (Some(own), Some(other)) => Some(own.into_iter().filter(|type_| allows(&other, *type_)).collect()),
            (own, other) => own.or(other),
        };
        self.is_closed |= other.is_closed;
        self.merge(other.items, other.properties, other.additional);
    }

    /// An alternative schema of the same instance.
    fn or(&mut self, other: Self) {
        self.types = match (self.types.take(), other.types) {
            (Some(mut own), Some(other)) => {
                own.extend(other);
                Some(own)
            }
            _ => None,
        };
        self.is_closed &= other.is_closed;
        self.merge(other.items, other.properties, other.additional);
    }

    fn merge(&mut self, items: Option<SchemaId>, properties: IndexMap<String, SchemaId>, additional: Option<SchemaId>) {
        self.items = self.items.or(items);
        self.additional = self.additional.or(additional);
        for (name, schema) in properties {
            self.properties.entry(name).or_insert(schema);
        }
    }

    /// The JSON types; those that the keywords suggest if no `type` is written.
    fn has(&self, type_: JsonType) -> bool {
        match &self.types {
            Some(types) => allows(types, type_),
            None if !self.properties.is_empty() || self.additional.is_some() => type_ == JsonType::Object,
            None if self.items.is_some() => type_ == JsonType::Array,
            None => matches!(type_, JsonType::Boolean | JsonType::Number | JsonType::String),
        }
    }
}

/// Whether types contain a type. Integers are numbers.
fn allows(types: &[JsonType], type_: JsonType) -> bool {
    types.iter().any(|one| *one == type_ || (type_ == JsonType::Number && *one == JsonType::Integer))
        || (type_ == JsonType::Integer && types.contains(&JsonType::Number))
}

fn facts(emit: &Emit<'_>, schema: SchemaId, depth: usize) -> Facts {
    let keywords = &emit.contract.schema(schema).keywords;
    let of_values = |values: &[serde_json::Value]| values.iter().map(JsonType::of).collect::<Vec<_>>();
    let mut types = keywords.types.as_deref().map(<[JsonType]>::to_vec);
    types = types.or_else(|| keywords.enumeration.as_deref().map(of_values));
    types = types.or_else(|| keywords.constant.as_ref().map(|value| vec![JsonType::of(value)]));
    let additional = keywords.additional_properties;
    let is_closed = additional.is_some_and(|schema| emit.contract.schema(schema).keywords.never);
    let mut found = Facts {
        types,
        items: keywords.items,
        properties: keywords.properties.iter().map(|(name, schema)| (name.clone(), *schema)).collect(),
        additional: additional.filter(|_| !is_closed),
        is_closed,
    };
    // References may form a cycle.
    if depth < 16 {
        for schema in keywords.reference.iter().chain(&keywords.all_of) {
            found.and(facts(emit, *schema, depth + 1));
        }
        for branches in [&keywords.any_of, &keywords.one_of] {
            let mut branches = branches.iter().map(|schema| facts(emit, *schema, depth + 1));
            if let Some(mut any) = branches.next() {
                branches.for_each(|branch| any.or(branch));
                found.and(any);
            }
        }
    }
    found
}

fn kind(emit: &Emit<'_>, schema: SchemaId, depth: usize) -> TokenStream {
    if depth >= DEPTH {
        return quote!(::charter_server::Kind::UNKNOWN);
    }
    let facts = facts(emit, schema, 0);
    let mut kinds = Vec::new();
    if facts.has(JsonType::Array) {
        let items = facts.items.map_or_else(|| quote!(::charter_server::Kind::UNKNOWN), |items| kind(emit, items, depth + 1));
        kinds.push(quote!(::charter_server::Kind::List(&#items)));
    }
    if facts.has(JsonType::Object) {
        let members = facts.properties.iter().map(|(name, schema)| {
            let kind = kind(emit, *schema, depth + 1);
            quote!((#name, #kind))
        });
        let others = match facts.additional {
            Some(schema) => {
                let kind = kind(emit, schema, depth + 1);
                quote!(Some(&#kind))
            }
            None if facts.is_closed => quote!(None),
            None => quote!(Some(&::charter_server::Kind::UNKNOWN)),
        };
        kinds.push(quote!(::charter_server::Kind::Object(&[#(#members),*], #others)));
    }
    let mut scalars = [
        (JsonType::Boolean, quote!(Boolean)),
        (JsonType::Number, quote!(Number)),
        (JsonType::String, quote!(Text)),
        (JsonType::Null, quote!(Null)),
    ];
    // The empty text is null where the schema refuses the empty string.
    let keywords = &emit.contract.schema(emit.contract.target(schema)).keywords;
    let without_empty = keywords.enumeration.as_ref().is_some_and(|values| !values.iter().any(|value| value == ""));
    if without_empty || keywords.min_length.is_some_and(|least| least > 0) {
        scalars.swap(2, 3);
    }
    for (type_, name) in scalars {
        if facts.has(type_) {
            kinds.push(quote!(::charter_server::Kind::#name));
        }
    }
    match kinds.as_slice() {
        [] => quote!(::charter_server::Kind::UNKNOWN),
        [one] => one.clone(),
        several => quote!(::charter_server::Kind::OneOf(&[#(#several),*])),
    }
}
