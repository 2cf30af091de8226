//! The documents that the `jsonschema` crate checks with, as part of the generated code.

use charter_contract::Direction;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::Emit;
use super::tokens::raw;

pub(super) fn documents(emit: &Emit<'_>) -> TokenStream {
    [None, Some(Direction::Request)]
        .into_iter()
        .filter(|direction| emit.asks_reference(*direction))
        .map(|direction| of(emit, direction))
        .collect()
}

/// The name of the documents that the checks of a type use.
pub(super) fn name(direction: Option<Direction>) -> Ident {
    match direction {
        Some(Direction::Request) => format_ident!("REQUEST_DOCUMENTS"),
        _ => format_ident!("DOCUMENTS"),
    }
}

fn of(emit: &Emit<'_>, direction: Option<Direction>) -> TokenStream {
    let bundle = emit.directions.contract_of(direction).bundle();
    let documents = bundle.documents.iter().map(|(uri, value)| {
        let text = raw(&value.to_string());
        quote!((#uri, #text))
    });
    let made = if emit.contract.config().generate.formats.assert { quote!(asserting_formats) } else { quote!(new) };
    let name = name(direction);
    let doc = match direction {
        Some(_) => " The schema documents of the checks by the `jsonschema` crate, as they apply to requests.",
        None => " The schema documents of the checks by the `jsonschema` crate.",
    };
    quote! {
        #[doc = #doc]
        pub(super) static #name: support::Documents = support::Documents::#made(&[#(#documents),*]);
    }
}
