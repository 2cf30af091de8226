//! Types whose constructor checks the value.

use charter_contract::Direction;
use proc_macro2::{Literal, TokenStream};
use quote::quote;
use serde_json::Number;

use super::docs::words;
use super::text::type_text;
use super::{Emit, convert, documents};
use crate::render::Piece;
use crate::shape::{Check, Limit, Machine, Shape, TypeId, TypeKind};

/// The constructor with its checks, and the trait implementations.
pub(super) fn ability(emit: &Emit<'_>, id: TypeId, inner: &Shape, checks: &[Check]) -> [Piece; 2] {
    let name = emit.ident(id);
    let type_ = emit.shape(inner);
    let json = checks.iter().any(|check| needs_json(inner, check)).then(|| match inner {
        Shape::Any => quote!(let json = &value;),
        _ => quote!(let json = &support::json(&value)?;),
    });
    let direction = emit.shapes.types[id.0].direction;
    let checks = checks.iter().map(|check| emit_check(emit, direction, inner, check));
    let kind = match inner {
        Shape::String => "text".to_owned(),
        Shape::List(item) => format!("list {}", type_text(emit.use_(item))),
        Shape::Integer64 | Shape::Machine(Machine::I32 | Machine::I64 | Machine::U32 | Machine::U64) => "integer".to_owned(),
        Shape::Number => "decimal".to_owned(),
        Shape::Integer => "exact".to_owned(),
        Shape::Machine(_) | Shape::Double => "number".to_owned(),
        Shape::Text(_) => "written".to_owned(),
        Shape::Map(_) => "map".to_owned(),
        Shape::Boxed(of) => format!("boxed {}", emit.names.type_(*of)),
        _ => "value".to_owned(),
    };
    let mut extras = String::new();
    // A union that contains this type has the conversion in the other direction.
    let is_branch = |shape: &Shape| matches!(shape, Shape::Named(of) | Shape::Boxed(of) if *of == id);
    let is_own_branch = match inner {
        Shape::Named(of) | Shape::Boxed(of) => match &emit.shapes.types[of.0].kind {
            TypeKind::Union { branches, .. } => branches.iter().any(|branch| is_branch(&branch.shape)),
            _ => false,
        },
        _ => false,
    };
    if !is_own_branch {
        extras.push_str(", from");
    }
    if let Shape::Named(of) | Shape::Boxed(of) = inner
        && emit.has_builder(*of)
    {
        extras.push_str(&format!("; builder {}", emit.names.builder(*of)));
    }
    let is_union = |of: TypeId| matches!(emit.shapes.types[of.0].kind, TypeKind::Union { .. });
    if let Shape::Named(of) | Shape::Boxed(of) = inner
        && let Some(sources) = convert::of_checked(emit, id, *of)
    {
        extras.push_str(&sources);
    }
    let (parameter, convert) = match inner {
        Shape::String => (quote!(impl ::std::convert::Into<String>), Some(quote!(let value: String = value.into();))),
        Shape::Integer => (quote!(impl ::std::convert::Into<#type_>), Some(quote!(let value: #type_ = value.into();))),
        // A double may be infinite or `NaN`, which are not numbers in JSON.
        Shape::Number => (
            quote!(impl ::std::convert::TryInto<#type_, Error: ::std::convert::Into<support::Violation>>),
            Some(quote!(let value: #type_ = value.try_into().map_err(::std::convert::Into::into)?;)),
        ),
        // A branch converts to its union.
        Shape::Named(of) if is_union(*of) => (quote!(impl ::std::convert::Into<#type_>), Some(quote!(let value: #type_ = value.into();))),
        Shape::Boxed(of) => {
            let inner = emit.ident(*of);
            let parameter = if is_union(*of) { quote!(impl ::std::convert::Into<#inner>) } else { quote!(#inner) };
            let convert = if is_union(*of) { quote!(value.into()) } else { quote!(value) };
            (parameter, Some(quote!(let value: #type_ = Box::new(#convert);)))
        }
        _ => (type_.clone(), None),
    };
    let new = quote! {
        impl #name {
            /// Checks a value.
            ///
            /// # Errors
            /// The value breaks the schema.
            pub fn new(value: #parameter) -> Result<Self, support::Violation> {
                #convert
                #json
                #(#checks)*
                Ok(Self(value))
            }
        }
    };
    [Piece::Tokens(new), Piece::Text(format!("support::constrained!({name}({}) as {kind}{extras});\n", type_text(type_)))]
}

/// Whether a check needs the value as JSON.
fn needs_json(inner: &Shape, check: &Check) -> bool {
    match &check.limit {
        Limit::Unique | Limit::Keys { .. } | Limit::Schema(_) => true,
        Limit::Count(_) => !matches!(inner, Shape::String | Shape::Text(_) | Shape::List(_) | Shape::Map(_)),
        Limit::Number(_) | Limit::Pattern { .. } => false,
    }
}

fn emit_check(emit: &Emit<'_>, direction: Option<Direction>, inner: &Shape, check: &Check) -> TokenStream {
    let (keyword, expected) = (check.keyword, words(check));
    let operator = match keyword {
        "minimum" | "minLength" | "minItems" | "minProperties" => quote!(<),
        "maximum" | "maxLength" | "maxItems" | "maxProperties" => quote!(>),
        // No value of the type lies beyond the type's smallest and largest value.
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
                Shape::Double => quote!(support::Number::try_from(value)?),
                Shape::Integer => quote!(value.as_number()),
                _ => quote!(value),
            };
            let limit = any(limit);
            return quote! {
                if !#number.is_multiple_of(&#limit) {
                    return Err(support::Violation::new(#keyword, #expected, value));
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
                        return Err(support::Violation::new(#keyword, #expected, format_args!("{value:?}")));
                    }
                }
            };
        }
        (_, Limit::Unique) => return quote!(support::unique_items(json)?;),
        (_, Limit::Keys { key, needs }) => return quote!(support::dependent_required(json, #key, &[#(#needs),*])?;),
        (_, Limit::Schema(id)) => {
            let address = emit.contract.address(*id);
            let documents = documents::name(direction);
            return quote! {
                {
                    static SCHEMA: support::Reference = support::Reference::new(&super::documents::#documents, #address);
                    SCHEMA.check(json)?;
                }
            };
        }
    };
    // Every comparison with NaN is false, so that a NaN from a caller would pass. A value from JSON is never NaN.
    let refuse_nan = matches!(inner, Shape::Double).then(|| quote!(value.is_nan() ||));
    quote! {
        if #refuse_nan #value #operator #limit {
            return Err(support::Violation::new(#keyword, #expected, #found));
        }
    }
}

/// Whether a bound is the smallest or largest value of the type.
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
