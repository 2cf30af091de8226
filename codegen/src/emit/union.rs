//! Unions: the branch is determined first, then the value is read as that branch.

use std::fmt::Write as _;

use proc_macro2::TokenStream;
use quote::quote;

use super::{Emit, convert, merged};
use crate::render::Piece;
use crate::shape::{Branch, Dispatch, TypeId};

pub(super) fn ability(emit: &Emit<'_>, id: TypeId, branches: &[Branch], dispatch: &Dispatch, keyword: &str) -> Vec<Piece> {
    let (name, members) = (emit.ident(id), emit.members(id));
    let mut pieces = match merged::reading(emit, id, branches, dispatch) {
        Some(text) => vec![Piece::Text(text)],
        None => {
            let choose = choose(emit, branches, &members, dispatch, keyword);
            let read = quote! {
                impl<'de> support::Read<'de> for #name {
                    fn read<__D: ::serde::Deserializer<'de>>(deserializer: __D, at: &support::At<'_>) -> Result<Self, __D::Error> {
                        let value = support::Buffered::read(deserializer, at)?;
                        #choose
                    }
                }
            };
            vec![Piece::Tokens(read), Piece::Text(format!("support::deserialize!({name});\n"))]
        }
    };
    let mut text = format!("support::union! {{\n    {name} {{\n");
    for member in &members {
        let _ = writeln!(text, "        {member},");
    }
    text.push_str(&convert::of_union(emit, id, branches));
    pieces.push(Piece::Text(text));
    pieces
}

fn choose(emit: &Emit<'_>, branches: &[Branch], members: &[proc_macro2::Ident], dispatch: &Dispatch, keyword: &str) -> TokenStream {
    match dispatch {
        Dispatch::Type(types) => {
            let arms = types.iter().zip(members).map(|(types, member)| quote!(#(#types)|* => value.into(at).map(Self::#member),));
            let expected = types.iter().flatten().copied().collect::<Vec<_>>().join(" or ");
            quote! {
                match value.type_() {
                    #(#arms)*
                    found => Err(support::refused(at, #keyword, #expected, found)),
                }
            }
        }
        Dispatch::Tag { key, values } => {
            let arms = values.iter().zip(members).map(|(values, member)| quote!(#(Some(#values))|* => value.into(at).map(Self::#member),));
            let expected = format!(
                "an object whose {key:?} is one of {}",
                values.iter().flatten().map(|value| format!("{value:?}")).collect::<Vec<_>>().join(", ")
            );
            quote! {
                match value.tag(#key) {
                    #(#arms)*
                    _ => Err(support::refused(at, #keyword, #expected, value.type_())),
                }
            }
        }
        Dispatch::Try => {
            let tries = branches.iter().zip(members).map(|(branch, member)| {
                let shape = emit.shape(&branch.shape);
                quote! {
                    match value.attempt::<#shape>(at) {
                        Ok(read) => return Ok(Self::#member(read)),
                        Err(error) => refusals.add(error),
                    }
                }
            });
            quote! {
                let mut refusals = support::Refusals::new(#keyword);
                #(#tries)*
                Err(refusals.into_error(at))
            }
        }
        Dispatch::Keys { decisions, otherwise } => {
            let tests = decisions.iter().map(|(branch, key)| {
                let member = &members[*branch];
                quote! {
                    if value.has_key(#key) {
                        return value.into(at).map(Self::#member);
                    }
                }
            });
            let last = &members[*otherwise];
            debug_assert_eq!(decisions.len() + 1, branches.len());
            quote! {
                #(#tests)*
                value.into(at).map(Self::#last)
            }
        }
    }
}
