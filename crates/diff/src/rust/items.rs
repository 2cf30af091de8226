//! The public items of generated files.

use std::collections::{BTreeMap, BTreeSet};

use super::chunks::differing;
use charter_codegen::SourceFile;
use syn::{Attribute, Fields, ImplItem, TraitItem, Type, Visibility};

/// Items by name.
pub type Items = BTreeMap<String, Item>;

/// A public type or trait.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    /// The kind of type and its parts.
    pub shape: Shape,
    /// `#[non_exhaustive]`
    pub non_exhaustive: bool,
    /// Whether a field is private, which excludes struct literals.
    pub hidden: bool,
    /// The implemented traits, as written.
    pub traits: BTreeSet<String>,
    /// The derived traits.
    pub derived: BTreeSet<String>,
    /// Public methods by name, with their signatures.
    pub methods: BTreeMap<String, String>,
}

/// The kind of a type and its parts.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// A struct with named fields.
    Struct {
        /// The types of public fields.
        fields: BTreeMap<String, String>,
    },
    /// A tuple struct.
    Tuple {
        /// The types of its fields.
        inner: String,
    },
    /// An enum.
    Enum {
        /// The types in each variant.
        variants: BTreeMap<String, String>,
    },
    /// A type alias.
    Alias(String),
    /// A trait, such as that of a server.
    Trait {
        /// The methods without a body, which every implementation must have.
        required: BTreeSet<String>,
    },
}

impl Shape {
    /// The name in reports.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Struct { .. } => "a struct",
            Self::Tuple { .. } => "a newtype",
            Self::Enum { .. } => "an enum",
            Self::Alias(_) => "an alias",
            Self::Trait { .. } => "a trait",
        }
    }
}

/// The public items of generated files, except those of optional features.
pub fn items(files: &[SourceFile]) -> Items {
    let parsed: Vec<syn::File> = sources(files).iter().filter_map(|file| syn::parse_file(&file.text).ok()).collect();
    of(&parsed)
}

/// The public items of both sides that can have changed.
pub(super) fn items_of_both(before: &[SourceFile], after: &[SourceFile]) -> (Items, Items) {
    let (before, after) = (sources(before), sources(after));
    let (old, new) = differing(&before, &after);
    let parsed = |texts: &[String]| texts.iter().map(|text| syn::parse_file(text)).collect::<Result<Vec<syn::File>, _>>();
    match (parsed(&old), parsed(&new)) {
        (Ok(old), Ok(new)) => (of(&old), of(&new)),
        // A raw string can have lines that look like the end of an item.
        _ => (items(&before), items(&after)),
    }
}

/// The Rust files, except those of optional features.
fn sources(files: &[SourceFile]) -> Vec<SourceFile> {
    let is_source = |file: &&SourceFile| file.path.extension() == Some("rs") && !file.path.as_str().ends_with("_schema.rs");
    files.iter().filter(is_source).cloned().collect()
}

fn of(parsed: &[syn::File]) -> Items {
    let mut items = Items::new();
    for item in parsed.iter().flat_map(|file| &file.items) {
        match item {
            syn::Item::Struct(item) if public(&item.vis) => {
                let shape = match &item.fields {
                    Fields::Named(fields) => {
                        let named = fields.named.iter().filter(|field| public(&field.vis));
                        let fields = named.filter_map(|field| Some((field.ident.as_ref()?.to_string(), text(&field.ty))));
                        Shape::Struct { fields: fields.collect() }
                    }
                    Fields::Unnamed(fields) => {
                        let inner: Vec<String> = fields.unnamed.iter().map(|field| text(&field.ty)).collect();
                        Shape::Tuple { inner: inner.join(", ") }
                    }
                    Fields::Unit => Shape::Struct { fields: BTreeMap::new() },
                };
                let hidden = item.fields.iter().any(|field| !public(&field.vis));
                items.insert(item.ident.to_string(), made(shape, &item.attrs, hidden));
            }
            syn::Item::Enum(item) if public(&item.vis) => {
                let variants = item.variants.iter().map(|variant| {
                    let held: Vec<String> = variant.fields.iter().map(|field| text(&field.ty)).collect();
                    (variant.ident.to_string(), held.join(", "))
                });
                let shape = Shape::Enum { variants: variants.collect() };
                items.insert(item.ident.to_string(), made(shape, &item.attrs, false));
            }
            syn::Item::Type(item) if public(&item.vis) => {
                items.insert(item.ident.to_string(), made(Shape::Alias(text(&item.ty)), &item.attrs, false));
            }
            syn::Item::Trait(item) if public(&item.vis) => {
                let functions = || {
                    item.items.iter().filter_map(|inner| match inner {
                        TraitItem::Fn(function) => Some(function),
                        _ => None,
                    })
                };
                let required = functions().filter(|function| function.default.is_none());
                let shape = Shape::Trait { required: required.map(|function| function.sig.ident.to_string()).collect() };
                let mut made = made(shape, &item.attrs, false);
                made.methods = functions().map(|function| (function.sig.ident.to_string(), text(&function.sig))).collect();
                items.insert(item.ident.to_string(), made);
            }
            _ => {}
        }
    }
    for item in parsed.iter().flat_map(|file| &file.items) {
        let syn::Item::Impl(block) = item else { continue };
        let Type::Path(path) = &*block.self_ty else { continue };
        let Some(item) = path.path.segments.last().and_then(|segment| items.get_mut(&segment.ident.to_string())) else { continue };
        match &block.trait_ {
            Some((trait_, _)) => {
                item.traits.insert(text(trait_));
            }
            None => {
                for inner in &block.items {
                    if let ImplItem::Fn(function) = inner
                        && public(&function.vis)
                    {
                        item.methods.insert(function.sig.ident.to_string(), text(&function.sig));
                    }
                }
            }
        }
    }
    items
}

fn made(shape: Shape, attributes: &[Attribute], hidden: bool) -> Item {
    let mut derived = BTreeSet::new();
    for attribute in attributes.iter().filter(|attribute| attribute.path().is_ident("derive")) {
        let listed = attribute.parse_args_with(syn::punctuated::Punctuated::<syn::Path, syn::Token![,]>::parse_terminated);
        derived.extend(listed.into_iter().flatten().map(|path| text(&path)));
    }
    let non_exhaustive = attributes.iter().any(|attribute| attribute.path().is_ident("non_exhaustive"));
    Item { shape, non_exhaustive, hidden, traits: derived.clone(), derived, methods: BTreeMap::new() }
}

fn public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

/// Tokens as text, without the extra spaces of `TokenStream`.
fn text(tokens: &impl quote::ToTokens) -> String {
    let text = tokens.to_token_stream().to_string();
    let mut out = String::new();
    for piece in text.split(' ') {
        let glued = out.ends_with(['<', '(', '&', '\'', ':', '[']) || piece.starts_with(['<', '>', '(', ')', ',', ':', ';', ']', '?']);
        if !out.is_empty() && (!glued || out.ends_with(',')) {
            out.push(' ');
        }
        out.push_str(piece);
    }
    out.replace(" ::", "::").replace(":: ", "::")
}
