//! The documents that the `jsonschema` crate checks with, as part of the generated code.

use proc_macro2::TokenStream;
use quote::quote;

use super::Emit;
use super::tokens::raw;

pub(super) fn documents(emit: &Emit<'_>) -> TokenStream {
    let bundle = emit.contract.bundle();
    let documents = bundle.documents.iter().map(|(uri, value)| {
        let text = raw(&value.to_string());
        quote!((#uri, #text))
    });
    let made = if emit.contract.config().generate.formats.assert { quote!(asserting_formats) } else { quote!(new) };
    quote! {
        /// The schema documents of the checks by the `jsonschema` crate.
        pub(super) static DOCUMENTS: support::Documents = support::Documents::#made(&[#(#documents),*]);
    }
}
