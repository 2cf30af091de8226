//! The implementations of a type: reading, writing, construction.

use super::{Emit, constrained, enumeration, object, union, values};
use crate::render::Piece;
use crate::shape::{TypeDef, TypeId, TypeKind};

/// The implementations of a type.
pub(super) fn ability(emit: &Emit<'_>, id: TypeId, type_: &TypeDef, pieces: &mut Vec<Piece>) {
    match &type_.kind {
        TypeKind::Struct { properties, patterns, additional } => {
            pieces.push(Piece::Text(object::ability(emit, id, properties, patterns, additional.as_ref())));
        }
        TypeKind::Enumeration { values, others, union, .. } => {
            pieces.push(Piece::Text(enumeration::ability(emit, id, values, *others, *union)))
        }
        TypeKind::Values { values, union, .. } => pieces.push(Piece::Text(values::ability(emit, id, values, *union))),
        TypeKind::Union { branches, dispatch, keyword } => pieces.extend(union::ability(emit, id, branches, dispatch, keyword)),
        TypeKind::Constrained { inner, checks } => pieces.extend(constrained::ability(emit, id, inner, checks)),
    }
}
