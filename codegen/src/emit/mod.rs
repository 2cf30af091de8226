//! Shapes and names to files: for each schema document its types, their implementations, and their `schemars` schemas.

mod ability;
mod constrained;
mod convert;
mod docs;
mod document;
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
pub(crate) use tokens::{named, named_in};

use charter_contract::{Builders, Contract, Direction, Location};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::context::Emit;
use crate::direction::Directions;
use crate::name::Names;
use crate::operation::OperationFile;
use crate::render::{Header, Piece};
use crate::shape::{Check, Entry, Shapes, TypeId, TypeKind};
use crate::tags::Tags;
use crate::{Error, Options, ReaderScope, Schemars, SourceFile, TagFeature};

/// What is emitted.
pub(crate) struct Emitted {
    pub(crate) files: Vec<SourceFile>,
    /// The scope of the compiled reader.
    pub(crate) reader: Option<ReaderScope>,
    /// The features by tag.
    pub(crate) tag_features: Vec<TagFeature>,
}

/// Emits the Rust files of a contract.
pub(crate) fn emit(
    contract: &Contract,
    directions: &Directions<'_>,
    shapes: &Shapes,
    names: &Names,
    builders: Builders,
    options: &Options,
) -> Result<Emitted, Error> {
    let derives = options.derives.iter().map(|path| {
        syn::parse_str(path).map_err(|_| Error::Setting {
            location: Location::new("charter.toml", "/generate/derives"),
            keyword: path.clone(),
            remedy: "is not a Rust path: write one, such as my_crate::Trait".to_owned(),
        })
    });
    let mut emit = Emit {
        contract,
        directions,
        shapes,
        names,
        derives: derives.collect::<Result<_, Error>>()?,
        non_exhaustive: options.non_exhaustive,
        map: options.map,
        with_builders: (builders == Builders::Requests).then(|| crate::requests::types(contract, shapes)),
        tags: None,
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
    let client_code = options.client.then(|| crate::client::Code::of(&emit)).flatten();
    let client = client_code.as_ref().map(|_| emit.free_module("client"));
    let server_code = options.server.then(|| crate::server::Code::of(&emit, client.is_some())).flatten();
    if options.tag_features {
        let code = contract.operations().iter().enumerate().map(|(index, _)| {
            let of_client = client_code.as_ref().map(|code| code.of_operation(index));
            let of_server = server_code.as_ref().map(|code| code.of_operation(index));
            of_client.into_iter().chain(of_server).collect()
        });
        emit.tags = Tags::of(&emit, &code.collect::<Vec<TokenStream>>(), options.schemars);
    }
    let mut written = document::Written::default();
    let writer = document::Writer { emit: &emit, support: support.clone(), schemars: options.schemars, command: &options.command };
    for document in names.documents() {
        writer.document(document, &mut written)?;
    }
    let document::Written { mut files, mut modules, with_builders, .. } = written;
    if !with_builders.is_empty() {
        let name = format_ident!("{}", emit.free_module("builder"));
        let uses = with_builders.iter().map(|(cfg, module)| quote!(#cfg pub use super::#module::*;));
        modules.extend(quote! {
            /// The builders of objects.
            #[allow(unused_imports, reason = "a program may use no builder")]
            pub mod #name {
                #(#uses)*
            }
        });
    }
    if emit.asks_reference(None) || emit.asks_reference(Some(Direction::Request)) {
        let documents = documents::documents(&emit);
        files.push(render("documents.rs", "the contract", Header::Documents, quote!(use #support; #documents))?);
        let allow = emit.tags.as_ref().map(|_| quote!(#[allow(dead_code, reason = "the features decide which types are compiled")]));
        modules.extend(quote! {
            #allow
            mod documents;
        });
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
    let mut of_operations = Vec::new();
    if let (Some(code), Some(module)) = (&client_code, &client) {
        of_operations.extend(code.files(&emit, module, &use_support, &options.command)?);
    }
    if let Some(code) = &server_code {
        let name = emit.free_module("server");
        of_operations.extend(code.files(&emit, &name, client.as_deref(), &use_support, &options.command)?);
    }
    for OperationFile { file, feature } in of_operations {
        let module = format_ident!("{}", file.path.file_stem().unwrap_or_default());
        files.push(file);
        let cfg = feature.map(|feature| emit.feature_tokens(feature));
        // The module of all operations exports those of a feature.
        let visibility = feature.is_none().then(|| quote!(pub));
        modules.extend(quote! {
            #cfg
            #[allow(
                clippy::doc_markdown,
                clippy::similar_names,
                clippy::wildcard_imports,
                reason = "names and descriptions come from the contract"
            )]
            #visibility mod #module;
        });
    }
    files.push(render("mod.rs", "the contract", Header::Map, modules)?);
    let tag_features = emit.tags.as_ref().map(|tags| tags.features().to_vec()).unwrap_or_default();
    Ok(Emitted { files, reader: scope, tag_features })
}

/// The code of a type, its implementations and its `schemars` schema.
pub(crate) fn code_of_type(emit: &Emit<'_>, index: usize, schemars: Schemars) -> TokenStream {
    let (id, type_) = (TypeId(index), &emit.shapes.types[index]);
    let mut pieces = vec![types::definition(emit, id, type_)];
    ability::ability(emit, id, type_, &mut pieces);
    if schemars == Schemars::Feature {
        pieces.push(Piece::Tokens(schema::schema(emit, id, type_)));
    }
    pieces.into_iter().map(Piece::tokens).collect()
}

impl Emit<'_> {
    /// A module name that no document has.
    pub(crate) fn free_module(&self, name: &str) -> String {
        let mut name = name.to_owned();
        while self.names.documents().any(|document| self.names.module(document) == name) {
            name.push('_');
        }
        name
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
