//! The documents that the reference reader judges by, as the generated code carries them.

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
        /// The schemas that some checks are read from.
        pub(super) static DOCUMENTS: support::Documents = support::Documents::#made(&[#(#documents),*]);
    }
}
