//! The code that a client and a server have in common.

use charter_contract::{ParameterPlace, StatusRange};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

use super::model::{Call, Outcomes, Received, Side};
use crate::context::Emit;
use crate::emit::{inline_code, paragraphs};

pub(crate) fn ident(name: &str) -> Ident {
    format_ident!("{name}")
}

/// Doc comment lines.
pub(crate) fn docs(lines: impl IntoIterator<Item = String>) -> TokenStream {
    let lines = lines.into_iter().map(|line| if line.is_empty() { line } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// The summary, the description and the path of an operation.
pub(crate) fn describe(emit: &Emit<'_>, call: &Call<'_>) -> Vec<String> {
    let operation = call.operation;
    let source = emit.contract.documents().at(&operation.location);
    let text = |key: &str| source.and_then(|source| source.get(key)).and_then(serde_json::Value::as_str).unwrap_or_default();
    let mut lines = Vec::new();
    for key in ["summary", "description"] {
        for line in paragraphs(text(key)) {
            if lines.is_empty() || key == "description" && !lines.contains(&line) {
                if !lines.is_empty() && !line.is_empty() {
                    lines.push(String::new());
                }
                lines.push(line);
            }
        }
        lines.dedup();
    }
    if !lines.is_empty() {
        lines.push(String::new());
    }
    lines.push(inline_code(&format!("{} {}", operation.method, operation.path)));
    lines
}

/// The documented statuses, as a list.
pub(crate) fn statuses(outcomes: &Outcomes) -> String {
    let statuses: Vec<String> = outcomes.list.iter().map(|outcome| outcome.status.to_string()).collect();
    if statuses.is_empty() { "none".to_owned() } else { statuses.join(", ") }
}

/// The type of the body of a success.
pub(crate) fn success_type(successes: &Outcomes, side: Side) -> TokenStream {
    match (successes.list.as_slice(), side) {
        ([], Side::Client) => quote!(::charter_client::Bytes),
        ([], Side::Server) => quote!(::std::convert::Infallible),
        ([one], _) => one.received.type_(side),
        _ => {
            let name = ident(&successes.name);
            quote!(#name)
        }
    }
}

/// The type of the body of an error.
pub(crate) fn error_type(errors: &Outcomes) -> TokenStream {
    if errors.list.is_empty() {
        return quote!(::std::convert::Infallible);
    }
    let name = ident(&errors.name);
    quote!(#name)
}

/// The options and the enums of an operation. `with_shared` is whether those that a client and a server have in common are among them.
pub(crate) fn types(call: &Call<'_>, side: Side, with_shared: bool) -> Vec<TokenStream> {
    let method = inline_code(&call.method);
    let options = (!call.optional.is_empty() && with_shared).then(|| {
        let name = ident(&call.options);
        let docs_of = docs([format!("The optional parameters of {method}.")]);
        let fields = call.optional.iter().map(|argument| {
            let (name, type_) = (ident(&argument.name), &argument.type_);
            let parameter = argument.parameter;
            let docs = docs([format!("The parameter {} in {}.", inline_code(&parameter.name), place_name(parameter.place))]);
            quote!(#docs pub #name: Option<#type_>,)
        });
        quote! {
            #docs_of
            #[derive(Clone, Debug, Default, PartialEq)]
            pub struct #name { #(#fields)* }
        }
    });
    let is_written = |outcomes: &&Outcomes| with_shared || !outcomes.is_shared();
    let successes = Some(&call.successes).filter(|outcomes| outcomes.list.len() > 1).filter(is_written);
    let successes = successes.map(|outcomes| enumeration(outcomes, side, &format!("The successes of {method}.")));
    let errors = Some(&call.errors).filter(|outcomes| !outcomes.list.is_empty()).filter(is_written);
    let errors = errors.map(|outcomes| enumeration(outcomes, side, &format!("The documented errors of {method}.")));
    options.into_iter().chain(successes).chain(errors).collect()
}

fn place_name(place: ParameterPlace) -> &'static str {
    match place {
        ParameterPlace::Path => "the path",
        ParameterPlace::Query => "the query",
        ParameterPlace::QueryString => "the query as a whole",
        ParameterPlace::Header => "the header",
        ParameterPlace::Cookie => "a cookie",
    }
}

fn enumeration(outcomes: &Outcomes, side: Side, about: &str) -> TokenStream {
    let name = ident(&outcomes.name);
    let about = docs([about.to_owned()]);
    let variants = outcomes.list.iter().map(|outcome| {
        let variant = ident(&outcome.variant);
        let docs = docs([match outcome.status {
            StatusRange::Default => "Every other status.".to_owned(),
            status => format!("The status {status}."),
        }]);
        match outcome.received {
            Received::Empty => quote!(#docs #variant,),
            _ => {
                let type_ = outcome.received.type_(side);
                quote!(#docs #variant(#type_),)
            }
        }
    });
    quote! {
        #about
        #[derive(Debug)]
        #[allow(clippy::large_enum_variant, reason = "variants hold the types of the contract unboxed")]
        pub enum #name { #(#variants)* }
    }
}
