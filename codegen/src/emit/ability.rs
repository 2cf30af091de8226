//! What a type can do: be read, written, made.

use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, constrained, enumeration, object, union, values};
use crate::shape::{TypeDef, TypeId, TypeKind};

/// The implementations of a type.
pub(super) fn ability(emit: &Emit<'_>, id: TypeId, type_: &TypeDef) -> TokenStream {
    let own = match &type_.kind {
        TypeKind::Struct { properties, patterns, additional } => object::ability(emit, id, properties, patterns, additional.as_ref()),
        TypeKind::Enumeration { values, open } => enumeration::ability(emit, id, values, *open),
        TypeKind::Values { values } => values::ability(emit, id, values),
        TypeKind::Union { branches, dispatch, keyword } => union::ability(emit, id, branches, dispatch, keyword),
        TypeKind::Constrained { inner, checks } => constrained::ability(emit, id, inner, checks),
    };
    let name = emit.ident(id);
    quote! {
        #own

        impl<'de> ::serde::Deserialize<'de> for #name {
            fn deserialize<__D: ::serde::Deserializer<'de>>(deserializer: __D) -> Result<Self, __D::Error> {
                <Self as support::Read>::read(deserializer, &support::At::Root)
            }
        }
    }
}
