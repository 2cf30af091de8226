//! The methods that return streams of pages.

use proc_macro2::{Literal, TokenStream};
use quote::quote;

use super::write::borrowed;
use crate::emit::inline_code;
use crate::operation::{BodyKind, Call, Pages, PagesKind, Selector, Side, docs, error_type, ident, success_type};

/// The method that returns a stream of pages. Its local names begin with two underscores, which no parameter has, and traits are named by
/// their paths, because an operation may have the name of one of their methods.
pub(super) fn pages_method(call: &Call<'_>, pages: &Pages) -> TokenStream {
    let (name, method) = (ident(&pages.name), ident(&call.method));
    let arguments = arguments(call, pages);
    let (parameters, owned, cloned, passed) = (
        arguments.iter().map(|argument| &argument.parameter),
        arguments.iter().map(|argument| &argument.owned),
        arguments.iter().map(|argument| &argument.cloned),
        arguments.iter().map(|argument| &argument.passed),
    );
    let (cloned, passed): (Vec<_>, Vec<_>) = (cloned.collect(), passed.collect());
    let fetch_by = |client: TokenStream, cursor: TokenStream, set: TokenStream| {
        quote! {
            move |#cursor| {
                let __client = #client;
                #(#cloned)*
                async move {
                    #set
                    __client.#method(#(#passed),*).await
                }
            }
        }
    };
    let fetch = |cursor, set| fetch_by(quote!(::std::clone::Clone::clone(&__client)), cursor, set);
    let place = place(call, &pages.selector);
    let set = |value: TokenStream| place.set(&value);
    let page = success_type(&call.successes, Side::Client);
    let page = quote!(::charter_client::Response<#page>);
    let start = |first: usize| {
        let (first, place) = (Literal::usize_unsuffixed(first), &place.expression);
        quote!(let __first = ::charter_client::page_number(&#place).unwrap_or(#first);)
    };
    let (about, stream) = match &pages.kind {
        PagesKind::Cursor(next) => {
            let set = set(quote!(__cursor));
            let fetch = fetch(quote!(__cursor: Option<::charter_client::Value>), quote!(if let Some(__cursor) = __cursor { #set }));
            let (has_more, is_empty, cursor) = (&next.has_more, &next.is_empty, &next.cursor);
            let next = quote!(|__page: &#page| ::charter_client::next_cursor(#has_more, #is_empty, #cursor));
            ("by the cursor of the page before", quote!(::charter_client::pages_by_cursor(#fetch, #next)))
        }
        PagesKind::Link(next) => {
            let client = quote! {
                match __link.as_ref().and_then(|__link| __link.as_str()) {
                    Some(__link) => __client.at(__link),
                    None => ::std::clone::Clone::clone(&__client),
                }
            };
            let fetch = fetch_by(client, quote!(__link: Option<::charter_client::Value>), TokenStream::new());
            let (has_more, is_empty, link) = (&next.has_more, &next.is_empty, &next.cursor);
            let next = quote!(|__page: &#page| ::charter_client::next_cursor(#has_more, #is_empty, #link));
            ("from the page before", quote!(::charter_client::pages_by_cursor(#fetch, #next)))
        }
        PagesKind::Offset => {
            let (start, fetch) = (start(0), fetch(quote!(__offset: usize), set(quote!(__offset.into()))));
            ("by the number of items before it", quote!(#start ::charter_client::pages_from_offset(__first, #fetch)))
        }
        PagesKind::Number(first) => {
            let (start, fetch) = (start(*first), fetch(quote!(__number: usize), set(quote!(__number.into()))));
            ("by its number", quote!(#start ::charter_client::pages_by_number(__first, #fetch)))
        }
    };
    let error = error_type(&call.errors);
    let docs = docs([
        format!("The pages of {}, as a stream. Each page is requested {about}, with {}.", inline_code(&call.method), place.words),
        String::new(),
        match pages.kind {
            PagesKind::Cursor(_) | PagesKind::Link(_) => {
                let repeated = if matches!(pages.kind, PagesKind::Link(_)) { "URL" } else { "cursor" };
                format!(
                    "The stream ends after the last page, after a page without items unless it says that more pages follow, or \
                    after an error, such as a {repeated} that an earlier page had."
                )
            }
            _ => {
                "The stream ends after the last page, before a page without items or with the items of the page before, or after an error."
                    .to_owned()
            }
        },
    ]);
    let deprecated = call
        .operation
        .deprecated
        .then(|| quote!(#[deprecated = "the document says so"] #[allow(deprecated, reason = "the stream calls the operation")]));
    quote! {
        #docs
        #deprecated
        pub fn #name(&self, #(#parameters),*) -> impl ::charter_client::Stream<
            Item = Result<#page, ::charter_client::Error<#error>>
        > + Unpin + use<> {
            let __client = ::std::clone::Clone::clone(self);
            #(#owned)*
            #stream
        }
    }
}

/// An argument of the method, and of the calls that the stream makes.
struct Passed {
    parameter: TokenStream,
    /// The statement that makes an owned value for the stream.
    owned: TokenStream,
    /// The statement that makes an owned value for a call.
    cloned: TokenStream,
    passed: TokenStream,
}

fn arguments(call: &Call<'_>, pages: &Pages) -> Vec<Passed> {
    let mut arguments = Vec::new();
    for argument in &call.required {
        let (name, type_, given) = (ident(&argument.name), &argument.type_, borrowed(argument));
        let parameter = quote!(#name: #given);
        arguments.push(if argument.is_copied {
            Passed { parameter, owned: quote!(), cloned: quote!(), passed: quote!(#name) }
        } else {
            let owned = quote!(let #name: #type_ = ::std::borrow::ToOwned::to_owned(#name););
            Passed { parameter, owned, cloned: quote!(let #name = ::std::clone::Clone::clone(&#name);), passed: quote!(&#name) }
        });
    }
    // A value of which the stream changes a property.
    let changed = |name: &str, type_: TokenStream, is_changed: bool| {
        let name = ident(name);
        let mutable = is_changed.then(|| quote!(mut));
        Passed {
            parameter: quote!(#name: &#type_),
            owned: quote!(let #name = ::std::clone::Clone::clone(#name);),
            cloned: quote!(let #mutable #name = ::std::clone::Clone::clone(&#name);),
            passed: quote!(&#name),
        }
    };
    let selects_by_body = matches!(pages.selector, Selector::Property(_));
    let selects_by_parameter = matches!(pages.selector, Selector::Parameter(_));
    if let Some(body) = &call.body
        && let BodyKind::Json(type_) | BodyKind::Form(type_) = &body.kind
    {
        let name = ident(&body.argument);
        arguments.push(if body.required || selects_by_body {
            changed(&body.argument, type_.clone(), selects_by_body)
        } else {
            Passed {
                parameter: quote!(#name: Option<&#type_>),
                owned: quote!(let #name: Option<#type_> = #name.cloned();),
                cloned: quote!(let #name = ::std::clone::Clone::clone(&#name);),
                passed: quote!(#name.as_ref()),
            }
        });
    }
    if !call.optional.is_empty() {
        let options = ident(&call.options);
        arguments.push(changed(&call.options_argument, quote!(#options), selects_by_parameter));
    }
    arguments
}

/// Where a request has the cursor, the number of items or the number of a page.
struct Place {
    expression: TokenStream,
    key: String,
    type_: TokenStream,
    /// The words for it in documentation.
    words: String,
    /// The wrapper of a value.
    some: TokenStream,
}

impl Place {
    fn set(&self, value: &TokenStream) -> TokenStream {
        let (place, key, type_, some) = (&self.expression, &self.key, &self.type_, &self.some);
        quote!(#place = #some(::charter_client::cursor_parameter::<#type_>(#key, #value)?);)
    }
}

fn place(call: &Call<'_>, selector: &Selector) -> Place {
    match selector {
        Selector::Parameter(index) => {
            let argument = &call.optional[*index];
            let (options, field) = (ident(&call.options_argument), ident(&argument.name));
            Place {
                expression: quote!(#options.#field),
                key: argument.parameter.name.clone(),
                type_: argument.type_.clone(),
                words: format!("the parameter {}", inline_code(&argument.parameter.name)),
                some: quote!(Some),
            }
        }
        Selector::Url => Place {
            expression: TokenStream::new(),
            key: String::new(),
            type_: TokenStream::new(),
            words: "its URL".to_owned(),
            some: TokenStream::new(),
        },
        Selector::Property(target) => {
            let body = ident(call.body.as_ref().map_or("body", |body| body.argument.as_str()));
            let member = ident(&target.member);
            Place {
                expression: quote!(#body.#member),
                key: target.key.clone(),
                type_: target.type_.clone(),
                words: format!("the property {} of the body", inline_code(&target.key)),
                some: match target.presence {
                    "field" => quote!(support::Field::Value),
                    "nullable" => quote!(support::Nullable::Value),
                    _ => quote!(Some),
                },
            }
        }
    }
}
