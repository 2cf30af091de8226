//! Shapes and names to files: for each schema document its types, their implementations, and their `schemars` schemas.

mod ability;
mod constrained;
mod convert;
mod docs;
mod documents;
mod enumeration;
mod merged;
mod object;
mod schema;
mod text;
mod tokens;
mod types;
mod union;
mod values;

pub(crate) use docs::{inline_code, paragraphs};
pub(crate) use object::presence;

use charter_contract::{Contract, Direction, Location};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::context::Emit;
use crate::direction::Directions;
use crate::name::Names;
use crate::render::{Header, Piece};
use crate::shape::{Check, Entry, Shapes, TypeDef, TypeId, TypeKind};
use crate::{Error, Options, ReaderScope, Schemars, SourceFile};

/// Emits the Rust files of a contract, and the scope of the compiled reader.
pub(crate) fn emit(
    contract: &Contract,
    directions: &Directions<'_>,
    shapes: &Shapes,
    names: &Names,
    options: &Options,
) -> Result<(Vec<SourceFile>, Option<ReaderScope>), Error> {
    let derives = options.derives.iter().map(|path| {
        syn::parse_str(path).map_err(|_| Error::Setting {
            location: Location::new("charter.toml", "/generate/derives"),
            keyword: path.clone(),
            remedy: "is not a Rust path: write one, such as my_crate::Trait".to_owned(),
        })
    });
    let emit = Emit {
        contract,
        directions,
        shapes,
        names,
        derives: derives.collect::<Result<_, Error>>()?,
        non_exhaustive: options.non_exhaustive,
        map: options.map,
    };
    let support: syn::Path = syn::parse_str(&options.support).map_err(|_| Error::Setting {
        location: Location::new("charter.toml", "/generate/support"),
        keyword: "support".to_owned(),
        remedy: "is not a Rust path: write one, such as ::charter_runtime".to_owned(),
    })?;
    // Generated code names the runtime `support`, whatever its path.
    let is_named = support.segments.last().is_some_and(|segment| segment.ident == "support");
    let support = if is_named { quote!(#support) } else { quote!(#support as support) };
    let use_support = format!("use {};\n", text::type_text(support.clone()));
    let render = |path: &str, document: &str, header, tokens| {
        crate::render::render(path, document, header, vec![Piece::Tokens(tokens)], &options.command)
    };
    let mut files = Vec::new();
    let mut modules = TokenStream::new();
    let mut with_builders = Vec::new();
    for document in names.documents() {
        let types: Vec<(TypeId, &TypeDef)> = shapes
            .types
            .iter()
            .enumerate()
            .filter(|(_, type_)| type_.location.document() == document)
            .map(|(index, type_)| (TypeId(index), type_))
            .collect();
        let aliases: Vec<Piece> = emit.aliases(document);
        if types.is_empty() && aliases.is_empty() {
            continue;
        }
        let module = names.module(document);
        // The underscore of a reserved word is not needed before a suffix.
        let trimmed = module.trim_end_matches('_');
        let is_taken = |name: String| names.documents().any(|other| names.module(other) == name);
        let stem = if is_taken(format!("{trimmed}_impl")) || is_taken(format!("{trimmed}_schema")) { module } else { trimmed };
        let (name, ability, schema) = (format_ident!("{module}"), format_ident!("{stem}_impl"), format_ident!("{stem}_schema"));
        let definitions: Vec<Piece> = types.iter().map(|(id, type_)| types::definition(&emit, *id, type_)).chain(aliases).collect();
        let mut uses = String::new();
        if definitions.iter().any(|piece| piece.says("support::")) {
            uses.push_str(&use_support);
        }
        if emit.names_types_of_others(&types, document) {
            uses.push_str("use super::*;\n");
        }
        let pieces = (!uses.is_empty()).then_some(Piece::Text(uses)).into_iter().chain(definitions).collect();
        files.push(crate::render::render(&format!("{module}.rs"), document, Header::Types, pieces, &options.command)?);
        let complex = types
            .iter()
            .any(|(_, type_)| tokens::has_tuple(&type_.kind))
            .then(|| quote!(#[allow(clippy::type_complexity, reason = "the type of a tuple lists its items")]));
        let (mut can, mut given_back) = (TokenStream::new(), TokenStream::new());
        if types.iter().any(|(_, type_)| object::has_builder(&type_.kind)) {
            with_builders.push(ability.clone());
        }
        if !types.is_empty() {
            let mut abilities = vec![Piece::Text(format!("{use_support}use super::*;\n"))];
            types.iter().for_each(|(id, type_)| ability::ability(&emit, *id, type_, &mut abilities));
            let path = format!("{stem}_impl.rs");
            files.push(crate::render::render(&path, document, Header::Abilities, abilities, &options.command)?);
            can = quote! {
                #[allow(dead_code, clippy::pedantic, clippy::type_complexity, reason = "generated code")]
                mod #ability;
            };
        }
        if options.schemars == Schemars::Feature && !types.is_empty() {
            let schemas: TokenStream = types.iter().map(|(id, type_)| schema::schema(&emit, *id, type_)).collect();
            files.push(render(&format!("{stem}_schema.rs"), document, Header::Schemas, quote!(use #support; use super::*; #schemas))?);
            given_back = quote! {
                #[cfg(feature = "schemars")]
                #[allow(clippy::pedantic, reason = "generated code")]
                mod #schema;
            };
        }
        modules.extend(quote! {
            #[allow(
                dead_code,
                clippy::doc_markdown,
                clippy::struct_excessive_bools,
                clippy::wildcard_imports,
                reason = "names and descriptions come from the contract"
            )]
            #complex
            mod #name;
            #can
            #given_back
            #[allow(unused_imports, reason = "names come from the contract")]
            pub use #name::*;
        });
    }
    if !with_builders.is_empty() {
        let name = format_ident!("{}", emit.free_module("builder"));
        modules.extend(quote! {
            /// The builders of objects.
            #[allow(unused_imports, reason = "a program may use no builder")]
            pub mod #name {
                #(pub use super::#with_builders::*;)*
            }
        });
    }
    if emit.asks_reference(None) || emit.asks_reference(Some(Direction::Request)) {
        let documents = documents::documents(&emit);
        files.push(render("documents.rs", "the contract", Header::Documents, quote!(use #support; #documents))?);
        modules.extend(quote!(
            mod documents;
        ));
    }
    let mut scope = None;
    // Client types accept more than the contract, so that a reader of them could not check it.
    if let Some(path) = options.reader.as_ref().filter(|_| options.mode == crate::Mode::Strict) {
        let path: syn::Path = syn::parse_str(path).map_err(|_| Error::Setting {
            location: Location::new("charter.toml", "/generate/reader"),
            keyword: "reader".to_owned(),
            remedy: "is not a Rust path: write one, such as charter_reader".to_owned(),
        })?;
        if let Some((tokens, read)) = crate::fast::fast(&emit, &path) {
            scope = Some(read);
            let name = emit.free_module("reader");
            files.push(render(&format!("{name}.rs"), "the contract", Header::Reader, tokens)?);
            let module = format_ident!("{name}");
            modules.extend(quote! {
                #[cfg(feature = "reader")]
                #[allow(clippy::pedantic, reason = "generated code")]
                pub mod #module;
            });
        }
    }
    let client = options.client.then(|| emit.free_module("client"));
    let mut of_operations = Vec::new();
    if let Some(name) = &client {
        of_operations.extend(crate::client::client(&emit, name, &use_support, &options.command)?);
    }
    if options.server {
        let name = emit.free_module("server");
        of_operations.extend(crate::server::server(&emit, &name, client.as_deref(), &use_support, &options.command)?);
    }
    for file in of_operations {
        let module = format_ident!("{}", file.path.file_stem().unwrap_or_default());
        files.push(file);
        modules.extend(quote! {
            #[allow(
                clippy::doc_markdown,
                clippy::similar_names,
                clippy::wildcard_imports,
                reason = "names and descriptions come from the contract"
            )]
            pub mod #module;
        });
    }
    files.push(render("mod.rs", "the contract", Header::Map, modules)?);
    Ok((files, scope))
}

impl Emit<'_> {
    /// A module name that no document has.
    fn free_module(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.names.documents().any(|document| self.names.module(document) == name) {
            name.push('_');
        }
        name
    }

    /// Whether types of one document use types of another.
    fn names_types_of_others(&self, types: &[(TypeId, &TypeDef)], document: &str) -> bool {
        let aliased = self.aliased(document).map(|(_, entry, _)| entry);
        types
            .iter()
            .flat_map(|(_, type_)| tokens::named(&type_.kind))
            .chain(aliased.flat_map(|entry| tokens::named_in(&entry.use_.shape)))
            .any(|id| self.shapes.types[id.0].location.document() != document)
    }

    /// The entries of a document that have an alias, with their indices and aliases.
    fn aliased(&self, document: &str) -> impl Iterator<Item = (usize, &Entry, &str)> {
        let entries = self.shapes.entries.iter().enumerate();
        let entries = entries.filter(move |(_, entry)| self.contract.schema(entry.schema).location.document() == document);
        entries.filter_map(|(index, entry)| Some((index, entry, self.names.alias(index)?)))
    }

    /// The aliases of a document.
    fn aliases(&self, document: &str) -> Vec<Piece> {
        self.aliased(document).map(|(index, entry, name)| types::alias(self, index, entry, name)).collect()
    }

    /// The name of the type of an entry in the messages of the other direction.
    fn counterpart_of_entry(&self, index: usize) -> Option<&str> {
        let entry = &self.shapes.entries[index];
        let is_other = |other: &Entry| other.schema == entry.schema && other.direction != entry.direction;
        let other = self.shapes.entries.iter().position(is_other)?;
        Some(self.names.entry(other, &self.shapes.entries[other].use_))
    }

    /// Whether the `jsonschema` crate checks some types, either those for requests or all others.
    pub(crate) fn asks_reference(&self, direction: Option<Direction>) -> bool {
        let request = Some(Direction::Request);
        self.shapes
            .types
            .iter()
            .filter(|type_| (type_.direction == request) == (direction == request))
            .any(|type_| matches!(&type_.kind, TypeKind::Constrained { checks, .. } if checks.iter().any(Check::is_reference)))
    }
}
