//! The types themselves: what a reviewer reads.

use charter_schema::{MapType, SchemaId};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::Emit;
use super::docs::{docs, inline_code};
use crate::shape::{Shape, TypeDef, TypeId, TypeKind, Use};

/// The definition of a type.
pub(super) fn definition(emit: &Emit<'_>, id: TypeId, type_: &TypeDef) -> TokenStream {
    let name = emit.ident(id);
    let members = emit.members(id);
    let checks = match &type_.kind {
        TypeKind::Constrained { checks, .. } => checks.as_slice(),
        _ => &[],
    };
    let doc = docs(
        type_.description.as_deref(),
        &format!("The schema `{}`.", type_.location.last_token().unwrap_or_else(|| type_.location.document().to_owned()).replace('`', "'")),
        checks,
        &[],
        type_.deprecated,
        Some(&type_.location),
    );
    let derives = &emit.derives;
    let doc = if derives.is_empty() { doc } else { quote!(#doc #[derive(#(#derives),*)]) };
    match &type_.kind {
        TypeKind::Struct { properties, patterns, additional } => {
            let fields = properties.iter().zip(&members).map(|(property, member)| {
                let doc = docs(
                    property.description.as_deref(),
                    &format!("The key {}.", inline_code(&property.key)),
                    &[],
                    &property.notes,
                    property.deprecated,
                    None,
                );
                let type_ = emit.property(property);
                quote!(#doc pub #member: #type_,)
            });
            let order = if emit.map == MapType::Index { ", in the order read" } else { "" };
            let matching = patterns.iter().zip(&members[properties.len()..]).map(|(pattern, member)| {
                let doc = format!(" The keys that match {}{order}.", inline_code(&pattern.written));
                let map = emit.map(&pattern.use_);
                quote!(#[doc = #doc] pub #member: #map,)
            });
            let rest = additional.as_ref().map(|additional| {
                let (member, map) = (&members[properties.len() + patterns.len()], emit.map(additional));
                let doc = format!(" Every other key{order}.");
                quote! {
                    #[doc = #doc]
                    pub #member: #map,
                }
            });
            let open = additional.as_ref().map(|_| quote!(#[non_exhaustive]));
            // An open object may gain keys; a default lets it be built all the same where nothing is required.
            quote! {
                #doc
                #[derive(Clone, Debug, PartialEq)]
                #open
                pub struct #name { #(#fields)* #(#matching)* #rest }
            }
        }
        TypeKind::Enumeration { values, open } => {
            let unknown = open.then(|| {
                let member = &members[values.len()];
                quote! {
                    /// A value that the contract does not know yet.
                    #member(support::Unknown),
                }
            });
            let copy = (!open).then(|| quote!(Copy,));
            let variants = values.iter().zip(&members).map(|(value, member)| {
                let doc = format!(" {}", inline_code(value));
                quote!(#[doc = #doc] #member,)
            });
            quote! {
                #doc
                #[derive(Clone, #copy Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
                pub enum #name { #(#variants)* #unknown }
            }
        }
        TypeKind::Values { values } => {
            let variants = values.iter().zip(&members).map(|(value, member)| {
                let doc = format!(" {}", inline_code(&value.to_string()));
                quote!(#[doc = #doc] #member,)
            });
            quote! {
                #doc
                #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
                pub enum #name { #(#variants)* }
            }
        }
        TypeKind::Union { branches, .. } => {
            let variants = branches.iter().zip(&members).map(|(branch, member)| {
                let schema = emit.contract.schema(emit.contract.target(branch.schema));
                let doc = docs(
                    schema.keywords.description.as_deref(),
                    &format!("The branch {}.", inline_code(&branch.word)),
                    &[],
                    &[],
                    false,
                    None,
                );
                let shape = emit.shape(&branch.shape);
                quote!(#doc #member(#shape),)
            });
            quote! {
                #doc
                #[derive(Clone, Debug, PartialEq)]
                #[allow(clippy::large_enum_variant, reason = "variants hold what the contract describes, without a detour")]
                pub enum #name { #(#variants)* }
            }
        }
        TypeKind::Constrained { inner, .. } => {
            let derives = match inner {
                Shape::Integer64 | Shape::Machine(_) => quote!(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash),
                Shape::Double | Shape::Number | Shape::Integer => quote!(Clone, Copy, Debug, PartialEq, PartialOrd),
                Shape::String | Shape::Text(_) => quote!(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash),
                _ => quote!(Clone, Debug, PartialEq),
            };
            let inner = emit.shape(inner);
            quote! {
                #doc
                #[derive(#derives)]
                pub struct #name(pub(super) #inner);
            }
        }
    }
}

/// Another name for what stands at an entry of the contract.
pub(super) fn alias(emit: &Emit<'_>, id: SchemaId, name: &str, use_: &Use) -> TokenStream {
    let schema = emit.contract.schema(id);
    let target = emit.contract.schema(emit.contract.target(id));
    let description = schema.keywords.description.as_deref().or(target.keywords.description.as_deref());
    let place = schema.location.last_token().unwrap_or_else(|| schema.location.document().to_owned()).replace('`', "'");
    let doc = docs(description, &format!("The schema `{place}`."), &[], &[], schema.keywords.deprecated, Some(&schema.location));
    let (name, use_) = (format_ident!("{name}"), emit.use_(use_));
    quote!(#doc pub type #name = #use_;)
}
