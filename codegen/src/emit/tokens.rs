//! Shapes to Rust types, as tokens.

use charter_contract::MapType;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use super::{Emit, docs};
use crate::shape::{Property, Shape, TextType, TypeId, TypeKind, Use};

impl Emit<'_> {
    /// The Rust type of a use.
    pub(crate) fn use_(&self, use_: &Use) -> TokenStream {
        let shape = self.shape(&use_.shape);
        if use_.nullable { quote!(support::Nullable<#shape>) } else { shape }
    }

    /// The Rust type of an object without known keys.
    pub(crate) fn map(&self, value: &Use) -> TokenStream {
        let value = self.use_(value);
        match self.map {
            MapType::Index => quote!(support::Map<#value>),
            MapType::BTree => quote!(::std::collections::BTreeMap<String, #value>),
            MapType::Hash => quote!(::std::collections::HashMap<String, #value>),
        }
    }

    /// The Rust type of a shape.
    pub(crate) fn shape(&self, shape: &Shape) -> TokenStream {
        match shape {
            Shape::Any => quote!(support::Value),
            Shape::Never => quote!(support::Never),
            Shape::Boolean => quote!(bool),
            Shape::String => quote!(String),
            Shape::Text(text) => {
                let text = text_type(*text);
                quote!(support::Written<#text>)
            }
            Shape::Integer64 => quote!(i64),
            Shape::Machine(machine) => {
                let name = format_ident!("{}", machine.as_str());
                quote!(#name)
            }
            // The path was validated when the types were shaped.
            Shape::Own(path) => {
                let path: TokenStream = path.parse().unwrap_or_default();
                quote!(support::Own<#path>)
            }
            Shape::Integer => quote!(support::Integer),
            Shape::Double => quote!(f64),
            Shape::Number => quote!(support::Number),
            Shape::List(item) => {
                let item = self.use_(item);
                quote!(Vec<#item>)
            }
            Shape::Map(value) => self.map(value),
            Shape::Tuple { items, required, rest } => self.tuple(items, *required, rest.as_deref()),
            Shape::Named(id) => {
                let name = self.ident(*id);
                quote!(#name)
            }
            Shape::Boxed(id) => {
                let name = self.ident(*id);
                quote!(Box<#name>)
            }
        }
    }

    /// A Rust tuple if the length is fixed; else a chain of items.
    fn tuple(&self, items: &[Use], required: usize, rest: Option<&Use>) -> TokenStream {
        let types: Vec<TokenStream> = items.iter().map(|item| self.use_(item)).collect();
        if rest.is_none() && required == items.len() && (1..=LONGEST_TUPLE).contains(&items.len()) {
            return quote!((#(#types,)*));
        }
        let end = match rest {
            Some(rest) => {
                let rest = self.use_(rest);
                quote!(Vec<#rest>)
            }
            None => quote!(support::End),
        };
        let chain = types.iter().enumerate().rev().fold(end, |behind, (index, item)| match index < required {
            true => quote!(support::Then<#item, #behind>),
            false => quote!(support::Perhaps<#item, #behind>),
        });
        quote!(support::Items<#chain>)
    }

    /// The Rust type of a property, which depends on presence and on nullability.
    pub(crate) fn property(&self, property: &Property) -> TokenStream {
        match (property.required, property.use_.nullable) {
            (true, _) => self.use_(&property.use_),
            (false, false) => {
                let shape = self.shape(&property.use_.shape);
                quote!(Option<#shape>)
            }
            (false, true) => {
                let shape = self.shape(&property.use_.shape);
                quote!(support::Field<#shape>)
            }
        }
    }
}

/// The longest tuple that implements the needed traits.
const LONGEST_TUPLE: usize = 12;

/// A raw string literal: readable in the generated file.
pub(super) fn raw(text: &str) -> TokenStream {
    // Invisible characters are written with JSON's own escapes.
    let visible = |character: char| {
        if docs::is_hidden(character) || character == '\r' { format!("\\u{:04x}", u32::from(character)) } else { character.to_string() }
    };
    let text: &str = &text.chars().map(visible).collect::<String>();
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    match format!("r{hashes}\"{text}\"{hashes}").parse::<Literal>() {
        Ok(literal) => quote!(#literal),
        Err(_) => quote!(#text),
    }
}

/// The Rust type that a string with a `format` is parsed as.
fn text_type(text: TextType) -> TokenStream {
    match text {
        TextType::JiffTimestamp => quote!(::jiff::Timestamp),
        TextType::JiffDate => quote!(::jiff::civil::Date),
        TextType::ChronoDateTime => quote!(::chrono::DateTime<::chrono::FixedOffset>),
        TextType::ChronoDate => quote!(::chrono::NaiveDate),
        TextType::TimeDateTime => quote!(::time::OffsetDateTime),
        TextType::TimeDate => quote!(::time::Date),
        TextType::Uuid => quote!(::uuid::Uuid),
        TextType::Ipv4 => quote!(::std::net::Ipv4Addr),
        TextType::Ipv6 => quote!(::std::net::Ipv6Addr),
    }
}

/// Every type that a shape names.
pub(crate) fn named_in(shape: &Shape) -> Vec<TypeId> {
    let mut found = Vec::new();
    of(shape, &mut found);
    found
}

fn of(shape: &Shape, found: &mut Vec<TypeId>) {
    match shape {
        Shape::Named(id) | Shape::Boxed(id) => found.push(*id),
        Shape::List(inner) | Shape::Map(inner) => of(&inner.shape, found),
        Shape::Tuple { items, rest, .. } => {
            items.iter().for_each(|item| of(&item.shape, found));
            rest.iter().for_each(|rest| of(&rest.shape, found));
        }
        _ => {}
    }
}

/// Every type that a type names directly.
pub(crate) fn named(kind: &TypeKind) -> Vec<TypeId> {
    let mut found = Vec::new();
    match kind {
        TypeKind::Struct { properties, patterns, additional } => {
            let uses = properties.iter().map(|property| &property.use_).chain(patterns.iter().map(|pattern| &pattern.use_));
            uses.chain(additional).for_each(|use_| of(&use_.shape, &mut found));
        }
        TypeKind::Union { branches, .. } => branches.iter().for_each(|branch| of(&branch.shape, &mut found)),
        TypeKind::Constrained { inner, .. } => of(inner, &mut found),
        TypeKind::Enumeration { .. } | TypeKind::Values { .. } => {}
    }
    found
}

/// Whether a type contains a tuple.
pub(crate) fn has_tuple(kind: &TypeKind) -> bool {
    fn within(shape: &Shape) -> bool {
        match shape {
            Shape::Tuple { .. } => true,
            Shape::List(inner) | Shape::Map(inner) => within(&inner.shape),
            _ => false,
        }
    }
    match kind {
        TypeKind::Struct { properties, patterns, additional } => {
            let uses = properties.iter().map(|property| &property.use_).chain(patterns.iter().map(|pattern| &pattern.use_));
            uses.chain(additional).any(|use_| within(&use_.shape))
        }
        TypeKind::Union { branches, .. } => branches.iter().any(|branch| within(&branch.shape)),
        TypeKind::Constrained { inner, .. } => within(inner),
        TypeKind::Enumeration { .. } | TypeKind::Values { .. } => false,
    }
}
