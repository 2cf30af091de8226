//! A macro that generates types, and a client or a server, where it is called.
//!
//! The package depends on this crate under the name `charter`:
//!
//! ```toml
//! [dependencies]
//! charter = { package = "charter-import", version = "0.1" }
//! charter-client = "0.1"    # with `client = "reqwest"`
//! charter-runtime = { version = "0.1", features = ["pattern"] }
//! charter-server = "0.1"    # with `server = "axum"`
//! serde = { version = "1", features = ["derive"] }
//! ```
//!
//! ```ignore
//! mod orders {
//!     charter::import!("openapi.yaml", client = "reqwest");
//! }
//! ```

use camino::Utf8PathBuf;
use charter_codegen::Build;
use proc_macro::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Ident, LitStr, Token};

/// The types of a JSON Schema, of an OpenAPI document or of a folder of schemas. The path is relative to the folder of Cargo.toml. Options:
/// `client = "reqwest"` and `server = "axum"`. The types are generated again when a file of the document changes.
#[proc_macro]
pub fn import(input: TokenStream) -> TokenStream {
    let arguments = syn::parse_macro_input!(input as Arguments);
    let folder = std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default();
    let path = Utf8PathBuf::from(folder).join(arguments.path.value());
    let mut build = Build::of(path);
    if arguments.client {
        build = build.client();
    }
    if arguments.server {
        build = build.server();
    }
    let error = |message: String| syn::Error::new(arguments.path.span(), message).into_compile_error().into();
    let (text, files) = match build.generate() {
        Ok(generated) => generated,
        Err(failed) => return error(failed.to_string()),
    };
    let code: proc_macro2::TokenStream = match text.parse() {
        Ok(code) => code,
        Err(failed) => return error(failed.to_string()),
    };
    // Cargo compiles the package again when a file changes that the compiler has read.
    let files = files.iter().filter(|file| file.is_file()).map(|file| file.as_str());
    quote!(#(const _: &[u8] = include_bytes!(#files);)* #code).into()
}

/// The arguments of the macro.
struct Arguments {
    path: LitStr,
    client: bool,
    server: bool,
}

impl Parse for Arguments {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut arguments = Self { path: input.parse()?, client: false, server: false };
        while !input.is_empty() {
            input.parse::<Token![,]>()?;
            if input.is_empty() {
                break;
            }
            let option: Ident = input.parse()?;
            input.parse::<Token![=]>()?;
            let library: LitStr = input.parse()?;
            match (option.to_string().as_str(), library.value().as_str()) {
                ("client", "reqwest") => arguments.client = true,
                ("server", "axum") => arguments.server = true,
                ("client", _) => return Err(syn::Error::new(library.span(), "expected \"reqwest\"")),
                ("server", _) => return Err(syn::Error::new(library.span(), "expected \"axum\"")),
                _ => return Err(syn::Error::new(option.span(), "expected `client` or `server`")),
            }
        }
        Ok(arguments)
    }
}
