//! The view of a type: the members that rules read. All other members are skipped.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use crate::context::Emit;
use crate::shape::{Shape, TypeId, TypeKind, Use};

/// The form of a value in views.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum View {
    /// A scalar, or a value whose presence and nullness alone are read.
    Val,
    /// An object whose members are read.
    Object(TypeId),
    /// A list whose items are read.
    List(Box<View>),
}

/// The keys that rules read, by type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Views {
    used: BTreeMap<TypeId, BTreeSet<String>>,
    /// Whether all used keys are known. A type without a used key is then a plain value.
    settled: bool,
}

impl Views {
    /// The same views; all used keys are known.
    pub(crate) fn settled(&self) -> Self {
        Self { settled: true, ..self.clone() }
    }

    /// Types whose members rules read.
    pub(crate) fn types(&self) -> impl Iterator<Item = TypeId> + '_ {
        self.used.keys().copied()
    }

    /// Marks a key of a type and of its branches as read.
    pub(crate) fn mark(&mut self, emit: &Emit<'_>, id: TypeId, key: &str) {
        self.used.entry(id).or_default().insert(key.to_owned());
        for branch in branches(emit, id).unwrap_or_default() {
            self.mark(emit, branch, key);
        }
    }

    /// The form of a value.
    pub(crate) fn of(&self, emit: &Emit<'_>, use_: &Use) -> View {
        self.shape(emit, &use_.shape)
    }

    fn shape(&self, emit: &Emit<'_>, shape: &Shape) -> View {
        match shape {
            Shape::Named(id) => match &emit.shapes.types[id.0].kind {
                TypeKind::Struct { .. } => self.object(*id),
                TypeKind::Union { .. } if branches(emit, *id).is_some() => self.object(*id),
                _ => View::Val,
            },
            Shape::List(item) => match self.of(emit, item) {
                View::Object(_) if item.nullable => View::Val,
                view => View::List(Box::new(view)),
            },
            _ => View::Val,
        }
    }

    fn object(&self, id: TypeId) -> View {
        if self.settled && !self.used.contains_key(&id) { View::Val } else { View::Object(id) }
    }

    /// The form of a member; `None` if the type does not have the key or its branches differ.
    pub(crate) fn member(&self, emit: &Emit<'_>, id: TypeId, key: &str) -> Option<View> {
        match &emit.shapes.types[id.0].kind {
            TypeKind::Struct { properties, .. } => {
                properties.iter().find(|property| property.key == key).map(|property| self.of(emit, &property.use_))
            }
            _ => {
                let mut views = branches(emit, id)?.into_iter().filter_map(|branch| self.member(emit, branch, key));
                let first = views.next()?;
                views.all(|view| view == first).then_some(first)
            }
        }
    }

    /// The name of a field.
    pub(crate) fn ident(emit: &Emit<'_>, id: TypeId, key: &str) -> Option<Ident> {
        match &emit.shapes.types[id.0].kind {
            TypeKind::Struct { properties, .. } => {
                let index = properties.iter().position(|property| property.key == key)?;
                emit.members(id).get(index).cloned()
            }
            _ => branches(emit, id)?.into_iter().find_map(|branch| Self::ident(emit, branch, key)),
        }
    }

    /// The fields of a view: key, name, form.
    pub(crate) fn fields(&self, emit: &Emit<'_>, id: TypeId) -> Option<Vec<(String, Ident, View)>> {
        let keys = self.used.get(&id)?;
        let field = |key: &String| Some((key.clone(), Self::ident(emit, id, key)?, self.member(emit, id, key)?));
        Some(keys.iter().filter_map(field).collect())
    }

    /// Whether rules read a key of a type.
    pub(crate) fn has(&self, id: TypeId, key: &str) -> bool {
        self.used.get(&id).is_some_and(|keys| keys.contains(key))
    }

    /// The name of a type's view. The suffix separates it from the names that a reader imports, such as `Event`.
    pub(crate) fn name(emit: &Emit<'_>, id: TypeId) -> Ident {
        format_ident!("{}View", emit.ident(id))
    }

    /// The Rust type of a form.
    pub(crate) fn type_(&self, emit: &Emit<'_>, view: &View) -> TokenStream {
        match view {
            View::Val => quote!(Val<'a>),
            View::Object(id) => {
                let name = Self::name(emit, *id);
                quote!(Member<#name<'a>>)
            }
            View::List(item) => match &**item {
                View::Object(id) => {
                    let name = Self::name(emit, *id);
                    quote!(Member<Vec<#name<'a>>>)
                }
                View::Val => quote!(Member<Vec<Val<'a>>>),
                View::List(_) => {
                    let item = self.type_(emit, item);
                    quote!(Member<Vec<#item>>)
                }
            },
        }
    }
}

/// The branches of a union; `None` unless all of them are objects.
pub(crate) fn branches(emit: &Emit<'_>, id: TypeId) -> Option<Vec<TypeId>> {
    let TypeKind::Union { branches, .. } = &emit.shapes.types[id.0].kind else { return None };
    let object = |shape: &Shape| match shape {
        Shape::Named(id) => matches!(emit.shapes.types[id.0].kind, TypeKind::Struct { .. }).then_some(*id),
        _ => None,
    };
    branches.iter().map(|branch| object(&branch.shape)).collect()
}
