//! Values that are checked where they are made: a value that is held is a valid one.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Number;

use super::Emit;
use super::docs::words;
use crate::shape::{Check, Limit, Machine, Shape, TypeId};

pub(super) fn ability(emit: &Emit<'_>, id: TypeId, inner: &Shape, checks: &[Check]) -> TokenStream {
    let name = emit.ident(id);
    let type_ = emit.shape(inner);
    let json = checks.iter().any(|check| needs_json(inner, check)).then(|| match inner {
        Shape::Any => quote!(let json = &value;),
        _ => quote!(let json = &support::json(&value)?;),
    });
    let checks = checks.iter().map(|check| emit_check(emit, inner, check));
    let get = match inner {
        Shape::String => quote! {
            /// The text.
            pub fn get(&self) -> &str {
                &self.0
            }
        },
        Shape::List(item) => {
            let item = emit.use_(item);
            quote! {
                /// The items.
                pub fn get(&self) -> &[#item] {
                    &self.0
                }
            }
        }
        Shape::Integer | Shape::Integer64 | Shape::Machine(_) | Shape::Number | Shape::Double => quote! {
            /// The number.
            pub const fn get(&self) -> #type_ {
                self.0
            }
        },
        _ => quote! {
            /// The value.
            pub fn get(&self) -> &#type_ {
                &self.0
            }
        },
    };
    quote! {
        impl #name {
            /// Checks a value.
            ///
            /// # Errors
            /// The value breaks the schema.
            pub fn new(value: #type_) -> Result<Self, support::Violation> {
                #json
                #(#checks)*
                Ok(Self(value))
            }

            #get

            /// The value itself.
            pub fn into_inner(self) -> #type_ {
                self.0
            }
        }

        impl TryFrom<#type_> for #name {
            type Error = support::Violation;

            fn try_from(value: #type_) -> Result<Self, support::Violation> {
                Self::new(value)
            }
        }

        impl<'de> support::Read<'de> for #name {
            fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                let value = <#type_ as support::Read>::read(deserializer, at)?;
                Self::new(value).map_err(|violation| violation.at(at))
            }
        }

        impl ::serde::Serialize for #name {
            fn serialize<__S: ::serde::Serializer>(&self, serializer: __S) -> Result<__S::Ok, __S::Error> {
                self.0.serialize(serializer)
            }
        }
    }
}

/// Whether a check looks at the value as JSON.
fn needs_json(inner: &Shape, check: &Check) -> bool {
    match &check.limit {
        Limit::Unique | Limit::Keys { .. } | Limit::Schema(_) => true,
        Limit::Count(_) => !matches!(inner, Shape::String | Shape::Text(_) | Shape::List(_) | Shape::Map(_)),
        Limit::Number(_) | Limit::Pattern { .. } => false,
    }
}

fn emit_check(emit: &Emit<'_>, inner: &Shape, check: &Check) -> TokenStream {
    let (keyword, promised) = (check.keyword, words(check));
    let operator = match keyword {
        "minimum" | "minLength" | "minItems" | "minProperties" => quote!(<),
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => quote!(>),
        // Nothing of the type lies beyond its own edge.
        "exclusiveMinimum" | "exclusiveMaximum" if is_edge(inner, &check.limit) => quote!(==),
        "exclusiveMinimum" => quote!(<=),
        _ => quote!(>=),
    };
    let (value, limit, found) = match (inner, &check.limit) {
        (_, Limit::Number(limit)) if keyword == "multipleOf" => {
            let number = match inner {
                Shape::Integer64 => quote!(support::Number::from(value)),
                Shape::Machine(Machine::U64) => quote!(support::Number::from(value)),
                Shape::Machine(_) => quote!(support::Number::from(i64::from(value))),
                Shape::Double => quote!(support::Number::bound(value)),
                Shape::Integer => quote!(value.as_number()),
                _ => quote!(value),
            };
            let limit = any(limit);
            return quote! {
                if !#number.is_multiple_of(&#limit) {
                    return Err(support::Violation::new(#keyword, #promised, value));
                }
            };
        }
        (Shape::Integer64 | Shape::Machine(_), Limit::Number(limit)) => (quote!(value), integer(limit), quote!(value)),
        (Shape::Double, Limit::Number(limit)) => (quote!(value), double(limit), quote!(value)),
        (Shape::Integer, Limit::Number(limit)) => (quote!(value.as_number()), any(limit), quote!(value)),
        (_, Limit::Number(limit)) => (quote!(value), any(limit), quote!(value)),
        (Shape::String | Shape::Text(_), Limit::Count(limit)) => {
            let limit = Literal::u64_unsuffixed(*limit);
            (quote!((value.chars().count() as u64)), quote!(#limit), quote!(format_args!("{value:?}")))
        }
        (Shape::List(_), Limit::Count(limit)) => {
            let limit = Literal::u64_unsuffixed(*limit);
            (quote!((value.len() as u64)), quote!(#limit), quote!(format_args!("{} items", value.len())))
        }
        (Shape::Map(_), Limit::Count(limit)) => {
            let limit = Literal::u64_unsuffixed(*limit);
            (quote!((value.len() as u64)), quote!(#limit), quote!(format_args!("{} keys", value.len())))
        }
        (_, Limit::Count(limit)) => {
            let limit = Literal::u64_unsuffixed(*limit);
            (quote!(support::count(json)), quote!(#limit), quote!(support::count(json)))
        }
        (_, Limit::Pattern { pattern, .. }) => {
            return quote! {
                {
                    static PATTERN: support::Pattern = support::Pattern::new(#pattern);
                    if !PATTERN.is_match(&value) {
                        return Err(support::Violation::new(#keyword, #promised, format_args!("{value:?}")));
                    }
                }
            };
        }
        (_, Limit::Unique) => return quote!(support::unique_items(json)?;),
        (_, Limit::Keys { key, needs }) => return quote!(support::needs(json, #key, &[#(#needs),*])?;),
        (_, Limit::Schema(id)) => {
            let address = emit.contract.address(*id);
            return quote! {
                {
                    static SCHEMA: support::Reference = support::Reference::new(&super::documents::DOCUMENTS, #address);
                    SCHEMA.check(json)?;
                }
            };
        }
    };
    // A negated comparison would let NaN pass; the values compared here are never NaN once they are read.
    let refuse_nan = matches!(inner, Shape::Double).then(|| quote!(value.is_nan() ||));
    quote! {
        if #refuse_nan #value #operator #limit {
            return Err(support::Violation::new(#keyword, #promised, #found));
        }
    }
}

/// Whether a bound is the least or the greatest integer of the type that holds the value.
fn is_edge(inner: &Shape, limit: &Limit) -> bool {
    let (Shape::Machine(machine), Limit::Number(limit)) = (inner, limit) else { return false };
    let (first, last) = machine.range();
    [first, last].iter().any(|edge| limit.as_i64().map(i128::from) == Some(*edge) || limit.as_u64().map(i128::from) == Some(*edge))
}

fn integer(limit: &Number) -> TokenStream {
    match limit.as_u64() {
        Some(limit) => {
            let limit = Literal::u64_unsuffixed(limit);
            quote!(#limit)
        }
        None => signed(limit.as_i64().unwrap_or_default()),
    }
}

fn signed(limit: i64) -> TokenStream {
    let digits = Literal::u64_unsuffixed(limit.unsigned_abs());
    if limit < 0 { quote!(-#digits) } else { quote!(#digits) }
}

fn double(limit: &Number) -> TokenStream {
    let limit = limit.as_f64().unwrap_or_default();
    let digits = Literal::f64_unsuffixed(limit.abs());
    if limit < 0.0 { quote!(-#digits) } else { quote!(#digits) }
}

fn any(limit: &Number) -> TokenStream {
    if let Some(limit) = limit.as_i64() {
        let digits = Literal::i64_suffixed(limit.saturating_abs());
        let limit = match limit {
            i64::MIN => quote!(i64::MIN),
            limit if limit < 0 => quote!(-#digits),
            _ => quote!(#digits),
        };
        quote!(support::Number::from(#limit))
    } else if let Some(limit) = limit.as_u64() {
        let limit = Literal::u64_suffixed(limit);
        quote!(support::Number::from(#limit))
    } else {
        let limit = double(limit);
        quote!(support::Number::bound(#limit))
    }
}
