//! The client of the operations: the file `client.rs`, which depends on the types and on the crate `charter-client`. With features by tag, the
//! operations of each tag are in a file of their own.

mod pages;
mod write;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::Error;
use crate::context::Emit;
use crate::operation::{OperationFile, Operations, Side, ident, model, operation_file, types};
use crate::render::Header;

/// The code of a client, by operation.
pub(crate) struct Code<'c> {
    model: Operations<'c>,
    calls: Vec<CallCode>,
}

/// The code of an operation.
struct CallCode {
    methods: Vec<TokenStream>,
    types: Vec<TokenStream>,
}

impl<'c> Code<'c> {
    /// The code; `None` if the contract has no operations.
    pub(crate) fn of(emit: &Emit<'c>) -> Option<Self> {
        if emit.contract.operations().is_empty() {
            return None;
        }
        let model = model(emit, Side::Client);
        let code =
            model.calls.iter().map(|call| CallCode { methods: write::methods(emit, &model, call), types: types(call, Side::Client, true) });
        Some(Self { calls: code.collect(), model })
    }

    /// The code of an operation, by its position in the contract.
    pub(crate) fn of_operation(&self, operation: usize) -> TokenStream {
        let CallCode { methods, types } = &self.calls[operation];
        quote!(#(#methods)* #(#types)*)
    }

    /// The files: first that of the client, and of the operations that do not have one tag.
    pub(crate) fn files(&self, emit: &Emit<'_>, module: &str, use_support: &str, command: &str) -> Result<Vec<OperationFile>, Error> {
        let with_features = emit.tags.is_some();
        let mut of_features = emit.features_of_operations();
        let others = of_features.remove(&None).unwrap_or_default();
        let modules = of_features.keys().flatten().map(|feature| {
            let module = format_ident!("{}", emit.module_of_feature(module, *feature));
            let cfg = emit.feature_tokens(*feature);
            quote! {
                #cfg
                #[allow(unused_imports, reason = "a tag may have operations without types of their own")]
                pub use super::#module::*;
            }
        });
        let modules: Vec<_> = modules.collect();
        let methods = self.methods(emit, &others);
        let types = self.types(emit, &others);
        let code = write::client(emit, &self.model, &methods, &types);
        let file = |path: &str, code| operation_file(path, Header::Client, code, use_support, with_features, command);
        let mut files = vec![OperationFile { file: file(module, quote!(#(#modules)* #code))?, feature: None }];
        let name = ident(&self.model.client);
        let parent = ident(module);
        for (feature, operations) in of_features {
            let Some(feature) = feature else { continue };
            let (methods, types) = (self.methods(emit, &operations), self.types(emit, &operations));
            let methods = write::implementation(&name, &methods);
            let code = quote!(use super::#parent::#name; #methods #(#types)*);
            files.push(OperationFile { file: file(&emit.module_of_feature(module, feature), code)?, feature: Some(feature) });
        }
        Ok(files)
    }

    /// The methods of some operations, with the attributes of those that have several tags.
    fn methods(&self, emit: &Emit<'_>, operations: &[usize]) -> Vec<TokenStream> {
        self.each(emit, operations, |code| &code.methods)
    }

    fn types(&self, emit: &Emit<'_>, operations: &[usize]) -> Vec<TokenStream> {
        self.each(emit, operations, |code| &code.types)
    }

    fn each(&self, emit: &Emit<'_>, operations: &[usize], of: impl Fn(&CallCode) -> &Vec<TokenStream>) -> Vec<TokenStream> {
        let items = operations.iter().flat_map(|operation| {
            let attribute = emit.attribute_of_operation(*operation);
            of(&self.calls[*operation]).iter().map(move |item| quote!(#attribute #item))
        });
        items.collect()
    }
}
