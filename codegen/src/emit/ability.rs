//! What a type can do: be read, written, made.

use proc_macro2::TokenStream;

use super::{Emit, constrained, enumeration, object, union};
use crate::shape::{TypeDef, TypeId, TypeKind};

/// The implementations of a type.
pub(super) fn ability(emit: &Emit<'_>, id: TypeId, type_: &TypeDef) -> TokenStream {
    match &type_.kind {
        TypeKind::Struct { properties, additional } => object::ability(emit, id, properties, additional.as_ref()),
        TypeKind::Enumeration { values } => enumeration::ability(emit, id, values),
        TypeKind::Union { branches, dispatch, keyword } => union::ability(emit, id, branches, dispatch, keyword),
        TypeKind::Constrained { inner, checks } => constrained::ability(emit, id, inner, checks),
    }
}
