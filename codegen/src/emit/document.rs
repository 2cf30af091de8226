//! The files of one schema document. With features by tag, what one feature compiles is in files of its own.

use std::collections::{BTreeMap, HashSet};

use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::{Emit, ability, schema, text, tokens, types};
use crate::render::{Header, Piece, render};
use crate::shape::{Entry, TypeDef, TypeId};
use crate::tags::Condition;
use crate::{Error, Schemars, SourceFile};

/// The settings of all documents.
pub(super) struct Writer<'w> {
    pub(super) emit: &'w Emit<'w>,
    /// The path of the runtime, or its path and its name in generated code.
    pub(super) support: TokenStream,
    pub(super) schemars: Schemars,
    pub(super) command: &'w str,
}

/// Files, and what the root of the generated code says about them.
#[derive(Default)]
pub(super) struct Written {
    pub(super) files: Vec<SourceFile>,
    pub(super) modules: TokenStream,
    /// The modules with builders, and their attributes.
    pub(super) with_builders: Vec<(TokenStream, Ident)>,
    /// The modules of features.
    of_features: HashSet<String>,
}

/// The reason in the attribute of imports that may have no effect.
const UNUSED: &str = "the features decide which items are compiled";

/// The aliases of a document and when they are compiled: with all types that they name.
type Aliases = Vec<(Vec<Condition>, Piece)>;

/// The types and aliases of the files of one feature.
type Group<'g> = (Vec<(TypeId, &'g TypeDef)>, Aliases);

impl Writer<'_> {
    /// The files of a document.
    pub(super) fn document(&self, document: &str, written: &mut Written) -> Result<(), Error> {
        let emit = self.emit;
        let all = emit.shapes.types.iter().enumerate().filter(|(_, type_)| type_.location.document() == document);
        let all = all.map(|(index, type_)| (TypeId(index), type_));
        let aliases = emit.aliases(document);
        let mut groups: BTreeMap<Option<usize>, Group<'_>> = BTreeMap::new();
        for (id, type_) in all {
            groups.entry(emit.type_condition(id).single()).or_default().0.push((id, type_));
        }
        for (conditions, piece) in aliases {
            let feature = if let [one] = conditions.as_slice() { one.single() } else { None };
            groups.entry(feature).or_default().1.push((conditions, piece));
        }
        for (feature, (types, aliases)) in groups {
            self.group(document, feature, &types, aliases, written)?;
        }
        Ok(())
    }

    /// The files of the types that one feature compiles, or of all others.
    fn group(
        &self,
        document: &str,
        feature: Option<usize>,
        types: &[(TypeId, &TypeDef)],
        aliases: Aliases,
        written: &mut Written,
    ) -> Result<(), Error> {
        let emit = self.emit;
        let support = &self.support;
        let use_support = format!("use {};\n", text::type_text(support.clone()));
        let [name, ability, schema] = self.modules(document, feature, &mut written.of_features);
        let cfg = feature.map(|feature| emit.feature_tokens(feature));
        // In a file for one feature, the root has the attribute.
        let attribute = |condition: &Condition| if feature.is_some() { String::new() } else { emit.attribute(condition) };
        let of_type = |id: TypeId| attribute(&emit.type_condition(id));
        let with_features = emit.tags.is_some();
        let definitions = types.iter().map(|(id, type_)| types::definition(emit, *id, type_).with(of_type(*id)));
        let definitions = definitions.chain(aliases.into_iter().map(|(conditions, piece)| {
            let attributes: String = conditions.iter().map(attribute).collect();
            piece.with(attributes)
        }));
        let definitions: Vec<Piece> = definitions.collect();
        let allowed = |uses: &str| match with_features {
            true => uses.lines().map(|line| format!("#[allow(unused_imports, reason = {UNUSED:?})]\n{line}\n")).collect(),
            false => uses.to_owned(),
        };
        let mut uses = String::new();
        if definitions.iter().any(|piece| piece.says("support::")) {
            uses.push_str(&use_support);
        }
        if with_features || emit.names_types_of_others(types, document) {
            uses.push_str("use super::*;\n");
        }
        let pieces = (!uses.is_empty()).then(|| Piece::Text(allowed(&uses))).into_iter().chain(definitions).collect();
        written.files.push(render(&format!("{name}.rs"), document, Header::Types, pieces, self.command)?);
        let complex = types
            .iter()
            .any(|(_, type_)| tokens::has_tuple(&type_.kind))
            .then(|| quote!(#[allow(clippy::type_complexity, reason = "the type of a tuple lists its items")]));
        let (mut can, mut given_back) = (TokenStream::new(), TokenStream::new());
        if types.iter().any(|(id, _)| emit.has_builder(*id)) {
            written.with_builders.push((cfg.clone().unwrap_or_default(), ability.clone()));
        }
        if !types.is_empty() {
            let mut abilities = vec![Piece::Text(allowed(&format!("{use_support}use super::*;\n")))];
            for (id, type_) in types {
                let mut pieces = Vec::new();
                ability::ability(emit, *id, type_, &mut pieces);
                abilities.extend(pieces.into_iter().map(|piece| piece.with(of_type(*id))));
            }
            written.files.push(render(&format!("{ability}.rs"), document, Header::Abilities, abilities, self.command)?);
            can = quote! {
                #cfg
                #[allow(dead_code, clippy::pedantic, clippy::type_complexity, reason = "generated code")]
                mod #ability;
            };
        }
        if self.schemars == Schemars::Feature && !types.is_empty() {
            let schemas = types.iter().map(|(id, type_)| {
                let attribute: TokenStream = of_type(*id).parse().unwrap_or_default();
                let schema = schema::schema(emit, *id, type_);
                quote!(#attribute #schema)
            });
            let allow = with_features.then(|| quote!(#[allow(unused_imports, reason = #UNUSED)]));
            let code = quote!(#allow use #support; #allow use super::*; #(#schemas)*);
            written.files.push(render(&format!("{schema}.rs"), document, Header::Schemas, vec![Piece::Tokens(code)], self.command)?);
            given_back = quote! {
                #cfg
                #[cfg(feature = "schemars")]
                #[allow(clippy::pedantic, reason = "generated code")]
                mod #schema;
            };
        }
        written.modules.extend(quote! {
            #cfg
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
            #cfg
            #[allow(unused_imports, reason = "names come from the contract")]
            pub use #name::*;
        });
        Ok(())
    }

    /// The modules of types, of their implementations and of their `schemars` schemas.
    fn modules(&self, document: &str, feature: Option<usize>, taken: &mut HashSet<String>) -> [Ident; 3] {
        let names = self.emit.names;
        let module = names.module(document);
        // The underscore of a reserved word is not needed before a suffix.
        let trimmed = module.trim_end_matches('_');
        let is_taken = |name: &str| names.documents().any(|other| names.module(other) == name);
        let suffix = |stem: &str, suffix: &str| format_ident!("{stem}_{suffix}");
        if let Some(stem) = feature.and_then(|feature| Some(self.emit.tags.as_ref()?.stem(feature))) {
            // The words `impl` and `schema` at the end are those of other files.
            let mut stem = format!("{trimmed}_{stem}");
            let is_document = |stem: &str| ["", "_impl", "_schema"].iter().any(|end| is_taken(&format!("{stem}{end}")));
            while is_document(&stem) || ends_as_others(&stem) || !taken.insert(stem.clone()) {
                stem.push('_');
            }
            return [format_ident!("{stem}"), suffix(&stem, "impl"), suffix(&stem, "schema")];
        }
        let stem = if is_taken(&format!("{trimmed}_impl")) || is_taken(&format!("{trimmed}_schema")) { module } else { trimmed };
        [format_ident!("{module}"), suffix(stem, "impl"), suffix(stem, "schema")]
    }
}

/// Whether a file has the name of one with implementations or schemas.
fn ends_as_others(stem: &str) -> bool {
    stem.ends_with("_impl") || stem.ends_with("_schema")
}

impl Emit<'_> {
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

    /// The aliases of a document. Their conditions are those of the types that they name, each once.
    fn aliases(&self, document: &str) -> Aliases {
        let alias = |(index, entry, name): (usize, &Entry, &str)| {
            let mut conditions: Vec<Condition> = Vec::new();
            for id in tokens::named_in(&entry.use_.shape) {
                let condition = self.type_condition(id);
                if condition != Condition::Always && !conditions.contains(&condition) {
                    conditions.push(condition);
                }
            }
            (conditions, types::alias(self, index, entry, name))
        };
        self.aliased(document).map(alias).collect()
    }
}
