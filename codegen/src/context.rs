//! What the emitter of types and the generator of the compiled reader both read. Neither depends on the other's modules.

use std::collections::HashSet;

use charter_contract::{Contract, MapType};
use quote::format_ident;

use crate::direction::Directions;
use crate::name::Names;
use crate::shape::{Shapes, TypeId, TypeKind};
use crate::tags::Tags;

/// The input of the emitter and of the compiled reader.
pub(crate) struct Emit<'e> {
    pub(crate) contract: &'e Contract,
    /// The contract as it applies to the messages of each direction.
    pub(crate) directions: &'e Directions<'e>,
    pub(crate) shapes: &'e Shapes,
    pub(crate) names: &'e Names,
    /// Additional traits that every type derives.
    pub(crate) derives: Vec<syn::Path>,
    /// Whether the structs of open objects are `#[non_exhaustive]`.
    pub(crate) non_exhaustive: bool,
    /// The map type of objects without known keys.
    pub(crate) map: MapType,
    /// The types that have a builder if they are objects; `None` for all.
    pub(crate) with_builders: Option<HashSet<TypeId>>,
    /// The features of the package, if its operations and types have some.
    pub(crate) tags: Option<Tags>,
}

impl Emit<'_> {
    /// The name of a type.
    pub(crate) fn ident(&self, id: TypeId) -> proc_macro2::Ident {
        format_ident!("{}", self.names.type_(id))
    }

    /// Whether a type has a builder: objects with members that the program builds.
    pub(crate) fn has_builder(&self, id: TypeId) -> bool {
        let is_built = self.with_builders.as_ref().is_none_or(|types| types.contains(&id));
        is_built
            && matches!(&self.shapes.types[id.0].kind, TypeKind::Struct { properties, patterns, additional }
                if !properties.is_empty() || !patterns.is_empty() || additional.is_some())
    }

    /// The names of a type's fields or variants.
    pub(crate) fn members(&self, id: TypeId) -> Vec<proc_macro2::Ident> {
        self.names.members(id).iter().map(|name| format_ident!("{name}")).collect()
    }
}
