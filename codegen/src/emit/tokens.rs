//! Shapes to the Rust types that stand at a place.

use proc_macro2::TokenStream;
use quote::quote;

use super::Emit;
use crate::shape::{Property, Shape, TypeId, TypeKind, Use};

impl Emit<'_> {
    /// The Rust type of what stands at a place.
    pub(crate) fn use_(&self, use_: &Use) -> TokenStream {
        let shape = self.shape(&use_.shape);
        if use_.nullable { quote!(support::Nullable<#shape>) } else { shape }
    }

    /// The Rust type of a shape.
    pub(crate) fn shape(&self, shape: &Shape) -> TokenStream {
        match shape {
            Shape::Any => quote!(support::Value),
            Shape::Boolean => quote!(bool),
            Shape::String => quote!(String),
            Shape::Integer64 => quote!(i64),
            Shape::Integer => quote!(support::Integer),
            Shape::Double => quote!(f64),
            Shape::Number => quote!(support::Number),
            Shape::List(item) => {
                let item = self.use_(item);
                quote!(Vec<#item>)
            }
            Shape::Map(value) => {
                let value = self.use_(value);
                quote!(support::Map<#value>)
            }
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

    /// The Rust type of a property: presence and null are two facts.
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

/// Every type that a type names directly.
pub(crate) fn named(kind: &TypeKind) -> Vec<TypeId> {
    fn of(shape: &Shape, found: &mut Vec<TypeId>) {
        match shape {
            Shape::Named(id) | Shape::Boxed(id) => found.push(*id),
            Shape::List(inner) | Shape::Map(inner) => of(&inner.shape, found),
            _ => {}
        }
    }
    let mut found = Vec::new();
    match kind {
        TypeKind::Struct { properties, additional } => {
            properties.iter().map(|property| &property.use_).chain(additional).for_each(|use_| of(&use_.shape, &mut found));
        }
        TypeKind::Union { branches, .. } => branches.iter().for_each(|branch| of(&branch.shape, &mut found)),
        TypeKind::Constrained { inner, .. } => of(inner, &mut found),
        TypeKind::Enumeration { .. } => {}
    }
    found
}
