//! The server of the operations: the file `server.rs`, which depends on the types and on the crate `charter-server`. With features by tag, the
//! operations of each tag are in a file of their own; the trait is one.
//!
//! | module | owns |
//! |---|---|
//! | `kind` | the JSON types that texts of parameters may mean |
//! | `check` | the keywords of inline schemas, which no type enforces |
//! | `write` | the code |

mod check;
mod kind;
mod write;

use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use crate::Error;
use crate::context::Emit;
use crate::operation::{OperationFile, Operations, Side, ident, model, operation_file, types};
use crate::render::Header;

/// The code of a server, by operation.
pub(crate) struct Code<'c> {
    model: Operations<'c>,
    calls: Vec<CallCode>,
}

/// The code of an operation.
struct CallCode {
    /// The method of the trait.
    method: TokenStream,
    handler: TokenStream,
    types: Vec<TokenStream>,
    /// The enum of the bodies.
    bodies: Option<TokenStream>,
}

impl<'c> Code<'c> {
    /// The code; `None` if the contract has no operations. `has_client` is whether a client has the types that both use.
    pub(crate) fn of(emit: &Emit<'c>, has_client: bool) -> Option<Self> {
        if emit.contract.operations().is_empty() {
            return None;
        }
        let model = model(emit, Side::Server);
        let code = model.calls.iter().map(|call| CallCode {
            method: write::method(emit, call),
            handler: write::handler(emit, &model, call),
            types: types(call, Side::Server, !has_client),
            bodies: write::bodies(call),
        });
        Some(Self { calls: code.collect(), model })
    }

    /// The code of an operation, by its position in the contract.
    pub(crate) fn of_operation(&self, operation: usize) -> TokenStream {
        let CallCode { method, handler, types, bodies } = &self.calls[operation];
        quote!(#method #handler #(#types)* #bodies)
    }

    /// The files: first that of the server, and of the operations that do not have one tag. `client` is the module of a generated client.
    pub(crate) fn files(
        &self,
        emit: &Emit<'_>,
        module: &str,
        client: Option<&str>,
        use_support: &str,
        command: &str,
    ) -> Result<Vec<OperationFile>, Error> {
        let with_features = emit.tags.is_some();
        let mut of_features = emit.features_of_operations();
        let others = of_features.remove(&None).unwrap_or_default();
        let methods = self.model.calls.iter().zip(&self.calls).enumerate().map(|(index, (_, code))| {
            let (attribute, method) = (emit.attribute_tokens(&emit.operation_condition(index)), &code.method);
            quote!(#attribute #method)
        });
        let methods: Vec<_> = methods.collect();
        let routes = |operations: &[usize]| -> Vec<(TokenStream, TokenStream)> {
            let route = |operation: &usize| (emit.attribute_of_operation(*operation), write::route(&self.model.calls[*operation]));
            operations.iter().map(route).collect()
        };
        // The functions of all features have different names, because the file of the server imports them together.
        let adding = |module: &str| format_ident!("add_{module}");
        let modules: Vec<_> = of_features
            .keys()
            .flatten()
            .map(|feature| {
                let module = emit.module_of_feature(module, *feature);
                (emit.feature_tokens(*feature), format_ident!("{module}"), adding(&module))
            })
            .collect();
        let uses = modules.iter().map(|(cfg, module, _)| {
            quote! {
                #cfg
                #[allow(unused_imports, reason = "a tag may have operations without types of their own")]
                pub use super::#module::*;
            }
        });
        let routing = if with_features {
            let features = modules.iter().map(|(cfg, module, add)| quote!(#cfg let routes = super::#module::#add(routes);));
            let others = routes(&others);
            let others = others.iter().map(|(cfg, route)| quote!(#cfg let routes = routes #route;));
            write::Routing::Conditional(quote!(#(#features)* #(#others)*))
        } else {
            write::Routing::Plain(routes(&others).into_iter().map(|(_, route)| route).collect())
        };
        let shared = self.shared(emit, client, &others);
        let items = self.items(emit, &others);
        let code = write::server(&self.model, &methods, &routing, &shared);
        let file = |path: &str, code| operation_file(path, Header::Server, code, use_support, with_features, command);
        let mut files = vec![OperationFile { file: file(module, quote!(#(#uses)* #code #items))?, feature: None }];
        let (name, parent) = (ident(&self.model.server), ident(module));
        for (feature, operations) in of_features {
            let Some(feature) = feature else { continue };
            let (shared, items) = (self.shared(emit, client, &operations), self.items(emit, &operations));
            let routes = routes(&operations).into_iter().map(|(_, route)| route);
            let path = emit.module_of_feature(module, feature);
            let add = adding(&path);
            let code = quote! {
                #(#shared)*
                use super::#parent::#name;
                /// Adds the operations of the tag.
                #[allow(clippy::too_many_lines, reason = "the document defines the operations")]
                pub(super) fn #add<S: #name>(routes: ::charter_server::Routes<S>) -> ::charter_server::Routes<S> {
                    routes #(#routes)*
                }
                #items
            };
            files.push(OperationFile { file: file(&path, code)?, feature: Some(feature) });
        }
        Ok(files)
    }

    /// The imports of the types of a client that some operations use.
    fn shared(&self, emit: &Emit<'_>, client: Option<&str>, operations: &[usize]) -> Vec<TokenStream> {
        let Some(client) = client else { return Vec::new() };
        let names = |operation: &usize| write::shared(&self.model.calls[*operation]);
        // One import, except for operations with attributes of their own.
        let (plain, with): (Vec<usize>, Vec<usize>) =
            operations.iter().partition(|operation| emit.attribute_of_operation(**operation).is_empty());
        let client = ident(client);
        let import = |attribute: TokenStream, names: Vec<proc_macro2::Ident>| {
            (!names.is_empty()).then(|| quote!(#attribute pub use super::#client::{#(#names),*};))
        };
        let plain = import(TokenStream::new(), plain.iter().flat_map(names).collect());
        let with = with.iter().filter_map(|operation| import(emit.attribute_of_operation(*operation), names(operation)));
        plain.into_iter().chain(with).collect()
    }

    /// The handlers and types of some operations, with the attributes of those that have several tags.
    fn items(&self, emit: &Emit<'_>, operations: &[usize]) -> TokenStream {
        let code = || operations.iter().map(|operation| (emit.attribute_of_operation(*operation), &self.calls[*operation]));
        let handlers = code().map(|(attribute, code)| {
            let handler = &code.handler;
            quote!(#attribute #handler)
        });
        let types = code().flat_map(|(attribute, code)| code.types.iter().map(move |type_| quote!(#attribute #type_)));
        let bodies = code().filter_map(|(attribute, code)| code.bodies.as_ref().map(|bodies| quote!(#attribute #bodies)));
        quote!(#(#handlers)* #(#types)* #(#bodies)*)
    }
}
