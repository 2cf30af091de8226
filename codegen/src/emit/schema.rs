//! Schemas given back: the source as written, each reference a hole that the generator of schemas fills.

use charter_schema::{Location, SchemaId, push_token};
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::{Value, json};

use super::{Emit, docs};
use crate::shape::{Origin, Shape, TypeDef, TypeId};

/// The `JsonSchema` of a type.
pub(super) fn schema(emit: &Emit<'_>, id: TypeId, type_: &TypeDef) -> TokenStream {
    let name = emit.ident(id);
    let text = emit.names.type_(id);
    let mut holes = Vec::new();
    let mut source = given_back(emit, type_.schema, &mut String::new(), &mut holes);
    if emit.shapes.uses.get(&type_.schema).is_some_and(|use_| use_.nullable) {
        // The type itself is never null: that belongs to the places where it stands.
        without_null(&mut source, &mut holes);
    }
    let source = raw(&serde_json::to_string_pretty(&source).unwrap_or_default());
    let holes = holes.iter().map(|(pointer, target)| {
        let target = emit.ident(*target);
        quote!((#pointer, support::refer::<#target>))
    });
    let inline = matches!(type_.origin, Origin::Part { .. }).then(|| {
        quote! {
            fn inline_schema() -> bool {
                true
            }
        }
    });
    quote! {
        impl ::schemars::JsonSchema for #name {
            #inline

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                #text.into()
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", #text).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                support::give_back(generator, #source, &[#(#holes),*])
            }
        }
    }
}

/// The source of a schema with its references as holes. A reference to what has no type of its own is written out.
fn given_back(emit: &Emit<'_>, id: SchemaId, pointer: &mut String, holes: &mut Vec<(String, TypeId)>) -> Value {
    let schema = emit.contract.schema(id);
    let mut source = schema.source.clone();
    if let Value::Object(keywords) = &mut source {
        keywords.shift_remove("$schema");
        keywords.shift_remove("$defs");
    }
    if let Some(target) = schema.keywords.reference {
        return match emit.shapes.uses.get(&target) {
            Some(use_)
                if !use_.nullable
                    && let Shape::Named(type_) | Shape::Boxed(type_) = use_.shape =>
            {
                holes.push((pointer.clone(), type_));
                source
            }
            _ => {
                let Value::Object(keywords) = &mut source else { return source };
                keywords.shift_remove("$ref");
                if keywords.is_empty() {
                    return given_back(emit, target, pointer, holes);
                }
                let length = pointer.len();
                pointer.push_str("/allOf/0");
                let part = given_back(emit, target, pointer, holes);
                pointer.truncate(length);
                keywords.insert("allOf".to_owned(), json!([part]));
                source
            }
        };
    }
    for child in children(emit, &schema.location) {
        let location = &emit.contract.schema(child).location;
        let relative = location.pointer()[schema.location.pointer().len()..].to_owned();
        let length = pointer.len();
        pointer.push_str(&relative);
        let inner = given_back(emit, child, pointer, holes);
        pointer.truncate(length);
        if let Some(place) = source.pointer_mut(&relative) {
            *place = inner;
        }
    }
    source
}

/// The schemas right below a schema, definitions aside.
fn children(emit: &Emit<'_>, parent: &Location) -> Vec<SchemaId> {
    let Some(id) = emit.contract.schemas().at(parent) else { return Vec::new() };
    let keywords = &emit.contract.schema(id).keywords;
    let one = [keywords.additional_properties, keywords.items, keywords.property_names, keywords.not];
    let lists = [&keywords.all_of, &keywords.any_of, &keywords.one_of, &keywords.prefix_items];
    let named = keywords.properties.values().chain(keywords.pattern_properties.values());
    one.into_iter().flatten().chain(lists.into_iter().flatten().copied()).chain(named.copied()).collect()
}

/// Takes null out of what a schema accepts.
fn without_null(source: &mut Value, holes: &mut [(String, TypeId)]) {
    let Value::Object(keywords) = source else { return };
    if let Some(Value::Array(types)) = keywords.get_mut("type") {
        types.retain(|type_| type_ != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            keywords.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = keywords.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = keywords.get_mut(keyword) else { continue };
        // A branch that goes moves those behind it, and the holes in them.
        let kept: Vec<usize> = (0..branches.len()).filter(|index| branches[*index].get("type") != Some(&json!("null"))).collect();
        for (new, old) in kept.iter().enumerate() {
            let (mut from, mut to) = (format!("/{keyword}"), format!("/{keyword}"));
            push_token(&mut from, old);
            push_token(&mut to, new);
            for (pointer, _) in holes.iter_mut() {
                if let Some(rest) = pointer.strip_prefix(&from).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                    *pointer = format!("{to}{rest}");
                }
            }
        }
        let mut index = 0;
        branches.retain(|_| {
            index += 1;
            kept.contains(&(index - 1))
        });
    }
}

/// A raw string literal, so that the schema can be read in the file.
fn raw(text: &str) -> TokenStream {
    // JSON has an escape of its own for what must not stand in a source file unseen.
    let visible =
        |character: char| if docs::is_hidden(character) { format!("\\u{:04x}", u32::from(character)) } else { character.to_string() };
    let text: &str = &text.chars().map(visible).collect::<String>();
    let mut hashes = "#".to_owned();
    while text.contains(&format!("\"{hashes}")) {
        hashes.push('#');
    }
    match format!("r{hashes}\"{text}\"{hashes}").parse::<Literal>() {
        Ok(literal) => quote!(#literal),
        Err(_) => quote!(#text),
    }
}
