//! The Rust types of parameters and bodies. An inline schema without a type of its own has the type of its `type` and `items`.

use charter_contract::{Direction, JsonType, Keywords, SchemaId};
use proc_macro2::TokenStream;
use quote::quote;

use super::Side;
use crate::context::Emit;
use crate::shape::parameter::{allows_null, value_of};
use crate::shape::{Shape, Use, standing};

/// The type of the value of a parameter that may be absent. It is not null: a parameter without a value is absent.
pub(crate) fn type_of_parameter(emit: &Emit<'_>, side: Side, schema: SchemaId) -> TokenStream {
    let schema = value_of(emit.contract, schema);
    if let Some(use_) = generated_use(emit, Direction::Request, schema) {
        return emit.use_(&Use { nullable: false, ..use_.clone() });
    }
    let keywords = &emit.contract.schema(schema).keywords;
    let types = keywords.types.as_deref().unwrap_or_default();
    match types.iter().filter(|type_| **type_ != JsonType::Null).collect::<Vec<_>>().as_slice() {
        [JsonType::Array] if keywords.reference.is_none() => match keywords.items {
            Some(items) => {
                // An item may be null: its place in the list is its value.
                let items = match allows_null(emit.contract, items) {
                    true => nullable(emit, side, items),
                    false => type_of_parameter(emit, side, items),
                };
                quote!(Vec<#items>)
            }
            None => type_of(emit, side, Direction::Request, schema),
        },
        [type_] => scalar(**type_, keywords).unwrap_or_else(|| type_of(emit, side, Direction::Request, schema)),
        _ => type_of(emit, side, Direction::Request, schema),
    }
}

/// The type of a value of a parameter that may be null.
pub(crate) fn nullable(emit: &Emit<'_>, side: Side, schema: SchemaId) -> TokenStream {
    let keywords = &emit.contract.schema(schema).keywords;
    let types = keywords.types.as_deref().unwrap_or_default().iter().filter(|type_| **type_ != JsonType::Null);
    match (generated(emit, Direction::Request, schema), types.collect::<Vec<_>>().as_slice()) {
        (None, [type_]) => match scalar(**type_, keywords) {
            Some(type_) => quote!(Option<#type_>),
            None => type_of(emit, side, Direction::Request, schema),
        },
        _ => type_of(emit, side, Direction::Request, schema),
    }
}

/// The type of a scalar without a type of its own.
fn scalar(type_: JsonType, keywords: &Keywords) -> Option<TokenStream> {
    let composed = !keywords.all_of.is_empty() || !keywords.any_of.is_empty() || !keywords.one_of.is_empty();
    match type_ {
        _ if composed => None,
        JsonType::String => Some(quote!(String)),
        JsonType::Boolean => Some(quote!(bool)),
        JsonType::Integer if is_unsigned(keywords) => Some(quote!(u64)),
        JsonType::Integer => Some(quote!(i64)),
        JsonType::Number => Some(quote!(f64)),
        _ => None,
    }
}

/// Whether the format of an integer is unsigned, and the schema excludes negative numbers.
fn is_unsigned(keywords: &Keywords) -> bool {
    let has_format = keywords.format.as_deref().is_some_and(|format| matches!(format, "uint64" | "uint32" | "uint16" | "uint8" | "uint"));
    has_format && keywords.minimum.as_ref().and_then(serde_json::Number::as_f64).is_some_and(|minimum| minimum >= 0.0)
}

/// The type of a schema in the messages of a direction.
pub(crate) fn type_of(emit: &Emit<'_>, side: Side, direction: Direction, schema: SchemaId) -> TokenStream {
    if let Some(type_) = generated(emit, direction, schema) {
        return type_;
    }
    let library = side.library();
    let keywords = &emit.contract.schema(schema).keywords;
    let composed = !keywords.all_of.is_empty() || !keywords.any_of.is_empty() || !keywords.one_of.is_empty();
    match keywords.types.as_deref() {
        Some([JsonType::Array]) if !composed && keywords.reference.is_none() => match keywords.items {
            Some(items) => {
                let items = type_of(emit, side, direction, items);
                quote!(Vec<#items>)
            }
            None => quote!(Vec<#library::Value>),
        },
        Some([type_]) => scalar(*type_, keywords).unwrap_or_else(|| quote!(#library::Value)),
        _ => quote!(#library::Value),
    }
}

/// The type of a schema that has one of its own: it accepts exactly what the schema accepts.
pub(crate) fn generated(emit: &Emit<'_>, direction: Direction, schema: SchemaId) -> Option<TokenStream> {
    generated_use(emit, direction, schema).map(|use_| emit.use_(use_))
}

pub(super) fn generated_use<'e>(emit: &'e Emit<'_>, direction: Direction, schema: SchemaId) -> Option<&'e Use> {
    if direction == Direction::Request {
        let target = emit.contract.target(schema);
        let of_requests = |id| emit.shapes.request_uses.get(&id);
        if let Some(use_) = of_requests(schema).or_else(|| of_requests(target)) {
            return Some(use_);
        }
    }
    standing(emit.contract, emit.shapes, schema)
}

/// Whether arguments are passed by value: Rust's numbers, checked numbers and enumerations.
pub(crate) fn is_copied(emit: &Emit<'_>, schema: Option<SchemaId>, type_: &TokenStream) -> bool {
    let text = type_.to_string();
    let text = text.strip_prefix("Option < ").and_then(|text| text.strip_suffix(" >")).unwrap_or(&text);
    if matches!(text, "bool" | "i64" | "f64" | "u64" | "i32" | "u32" | "i16" | "u16" | "i8" | "u8") {
        return true;
    }
    let use_ = schema.and_then(|schema| generated_use(emit, Direction::Request, value_of(emit.contract, schema)));
    match use_.map(|use_| &use_.shape) {
        Some(Shape::Named(id)) => emit.shapes.types[id.0].is_copied(),
        Some(Shape::Integer | Shape::Number) => true,
        _ => false,
    }
}
