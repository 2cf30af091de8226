//! The Rust types of parameters and bodies. An inline schema without a type of its own has the type that its `type` and `items` say.

use charter_contract::{Direction, JsonType, SchemaId};
use proc_macro2::TokenStream;
use quote::quote;

use super::Side;
use crate::context::Emit;
use crate::shape::standing;

/// The type of a schema in the messages of a direction.
pub(crate) fn type_of(emit: &Emit<'_>, side: Side, direction: Direction, schema: SchemaId) -> TokenStream {
    if let Some(type_) = generated(emit, direction, schema) {
        return type_;
    }
    let library = side.library();
    let keywords = &emit.contract.schema(schema).keywords;
    let composed = !keywords.all_of.is_empty() || !keywords.any_of.is_empty() || !keywords.one_of.is_empty();
    match keywords.types.as_deref() {
        Some([JsonType::String]) if !composed => quote!(String),
        Some([JsonType::Boolean]) if !composed => quote!(bool),
        Some([JsonType::Integer]) if !composed => quote!(i64),
        Some([JsonType::Number]) if !composed => quote!(f64),
        Some([JsonType::Array]) if !composed && keywords.reference.is_none() => match keywords.items {
            Some(items) => {
                let items = type_of(emit, side, direction, items);
                quote!(Vec<#items>)
            }
            None => quote!(Vec<#library::Value>),
        },
        _ => quote!(#library::Value),
    }
}

/// The type of a schema that has one of its own: it accepts exactly what the schema accepts.
pub(crate) fn generated(emit: &Emit<'_>, direction: Direction, schema: SchemaId) -> Option<TokenStream> {
    if direction == Direction::Request {
        let target = emit.contract.target(schema);
        let of_requests = |id| emit.shapes.request_uses.get(&id);
        if let Some(use_) = of_requests(schema).or_else(|| of_requests(target)) {
            return Some(emit.use_(use_));
        }
    }
    standing(emit.contract, emit.shapes, schema).map(|use_| emit.use_(use_))
}

/// Whether arguments of a type are passed by value.
pub(crate) fn is_copied(type_: &TokenStream) -> bool {
    matches!(type_.to_string().as_str(), "bool" | "i64" | "f64" | "u64" | "i32" | "u32" | "i16" | "u16" | "i8" | "u8")
}
