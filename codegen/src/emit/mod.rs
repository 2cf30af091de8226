//! Shapes and names to files: for each schema document its types, what they can do, and their schemas.

mod ability;
mod constrained;
mod docs;
mod enumeration;
mod object;
mod schema;
mod tokens;
mod types;
mod union;

use charter_schema::{Contract, Location};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::name::Names;
use crate::render::{Header, render};
use crate::shape::{Shapes, TypeDef, TypeId};
use crate::{Error, SourceFile};

/// What every part of the emitter reads.
pub(crate) struct Emit<'e> {
    pub(crate) contract: &'e Contract,
    pub(crate) shapes: &'e Shapes,
    pub(crate) names: &'e Names,
}

/// Emits the Rust files of a contract.
pub(crate) fn emit(contract: &Contract, shapes: &Shapes, names: &Names) -> Result<Vec<SourceFile>, Error> {
    let emit = Emit { contract, shapes, names };
    let support: syn::Path = syn::parse_str(&contract.config().generate.support).map_err(|_| Error::Unsupported {
        location: Location::new("charter.toml", "/generate/support"),
        keyword: "support".to_owned(),
        remedy: "write a Rust path, such as crate::support",
    })?;
    let mut files = Vec::new();
    let mut modules = TokenStream::new();
    for root in contract.roots() {
        let document = contract.schema(*root).location.document();
        let types: Vec<(TypeId, &TypeDef)> = shapes
            .types
            .iter()
            .enumerate()
            .filter(|(_, type_)| type_.location.document() == document)
            .map(|(index, type_)| (TypeId(index), type_))
            .collect();
        if types.is_empty() {
            continue;
        }
        let module = names.module(document);
        let (name, ability, schema) = (format_ident!("{module}"), format_ident!("{module}_impl"), format_ident!("{module}_schema"));
        let definitions: TokenStream = types.iter().map(|(id, type_)| types::definition(&emit, *id, type_)).collect();
        let others = if emit.names_types_of_others(&types, document) {
            quote!(
                use super::*;
            )
        } else {
            TokenStream::new()
        };
        let uses_support = definitions.to_string().contains("support ::").then(|| quote!(use #support;));
        files.push(render(&format!("{module}.rs"), document, Header::Types, quote!(#uses_support #others #definitions))?);
        let abilities: TokenStream = types.iter().map(|(id, type_)| ability::ability(&emit, *id, type_)).collect();
        let list = types.iter().map(|(id, _)| emit.ident(*id));
        files.push(render(
            &format!("{module}_impl.rs"),
            document,
            Header::Abilities,
            quote! {
                use #support;
                use super::*;
                #abilities
                support::deserialize_by_reading!(#(#list),*);
            },
        )?);
        let schemas: TokenStream = types.iter().map(|(id, type_)| schema::schema(&emit, *id, type_)).collect();
        files.push(render(&format!("{module}_schema.rs"), document, Header::Schemas, quote!(use #support; use super::*; #schemas))?);
        modules.extend(quote! {
            mod #name;
            mod #ability;
            #[cfg(feature = "schemars")]
            mod #schema;
            pub use #name::*;
        });
    }
    files.push(render("mod.rs", "the contract", Header::Map, modules)?);
    Ok(files)
}

impl Emit<'_> {
    /// The name of a type.
    pub(crate) fn ident(&self, id: TypeId) -> proc_macro2::Ident {
        format_ident!("{}", self.names.type_(id))
    }

    /// The names of a type's fields or variants.
    pub(crate) fn members(&self, id: TypeId) -> Vec<proc_macro2::Ident> {
        self.names.members(id).iter().map(|name| format_ident!("{name}")).collect()
    }

    /// Whether types of one document name types of another.
    fn names_types_of_others(&self, types: &[(TypeId, &TypeDef)], document: &str) -> bool {
        types.iter().flat_map(|(_, type_)| tokens::named(&type_.kind)).any(|id| self.shapes.types[id.0].location.document() != document)
    }
}
