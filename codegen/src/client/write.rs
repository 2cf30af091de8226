//! The code of the client.

use std::collections::BTreeMap;

use charter_contract::{Content, ParameterPlace, SecurityKind, StatusRange, is_json};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

use super::pages::pages_method;
use crate::context::Emit;
use crate::emit::inline_code;
use crate::operation::{
    Argument, Body, BodyKind, Call, Operations, Outcome, Received, Scheme, Side, describe, docs, error_type, ident, items_impl, statuses,
    style_of, success_type,
};
use crate::tags::Condition;

/// The client. Its field is visible to the files of the features.
pub(super) fn client(emit: &Emit<'_>, model: &Operations<'_>, methods: &[TokenStream], types: &[TokenStream]) -> TokenStream {
    let name = ident(&model.client);
    let credentials = model.schemes.iter().map(credential);
    let mut with_items: BTreeMap<_, Condition> = BTreeMap::new();
    for (index, call) in model.calls.iter().enumerate() {
        if let Some(id) = call.pages.as_ref().and_then(|pages| pages.items) {
            let condition = emit.operation_condition(index);
            let known = with_items.remove(&id);
            with_items.insert(id, known.map_or(condition.clone(), |known| known.or(condition)));
        }
    }
    let items = with_items.into_iter().filter_map(|(id, condition)| {
        let (attribute, items) = (emit.attribute_tokens(&condition), items_impl(emit, id)?);
        Some(quote!(#attribute #items))
    });
    let visibility = emit.tags.is_some().then(|| quote!(pub(super)));
    let methods = (!methods.is_empty() || emit.tags.is_none()).then(|| implementation(&name, methods));
    quote! {
        #[doc(no_inline)]
        pub use ::charter_client;
        /// A client with one method per operation. Cheap to clone.
        #[derive(Clone, Debug)]
        pub struct #name {
            #visibility transport: ::charter_client::Transport,
        }
        impl #name {
            /// A client for a base URL, such as the URL of a server.
            ///
            /// # Errors
            /// The URL is not an absolute URL of HTTP.
            pub fn new(base_url: &str) -> Result<Self, ::charter_client::BaseUrlError> {
                ::charter_client::Transport::new(base_url).map(Self::with_transport)
            }
            /// A client with a transport.
            #[must_use]
            pub fn with_transport(transport: ::charter_client::Transport) -> Self {
                Self { transport }
            }
            /// The client with an HTTP client of the program, such as one that [`client_builder`](::charter_client::client_builder) makes.
            #[must_use]
            pub fn with_client(self, client: ::charter_client::reqwest::Client) -> Self {
                Self { transport: self.transport.with_client(client) }
            }
            /// The client with a time limit for each attempt, from sending to the end of the body.
            #[must_use]
            pub fn with_timeout(self, timeout: ::std::time::Duration) -> Self {
                Self { transport: self.transport.with_timeout(timeout) }
            }
            /// The client with retries of requests with idempotent methods.
            #[must_use]
            pub fn with_retry(self, retry: ::charter_client::Retry) -> Self {
                Self { transport: self.transport.with_retry(retry) }
            }
            /// The client with an observer, which gets each exchange.
            #[must_use]
            pub fn with_observer(self, observer: impl ::charter_client::Observer + 'static) -> Self {
                Self { transport: self.transport.with_observer(observer) }
            }
            /// The client whose calls go to the target of a link, such as that of the next page. Links to other hosts are refused.
            #[must_use]
            pub fn at(&self, link: &str) -> Self {
                Self { transport: self.transport.at(link) }
            }
            #(#credentials)*
        }
        #methods
        #(#types)*
        #(#items)*
    }
}

/// The methods of operations.
pub(super) fn implementation(name: &Ident, methods: &[TokenStream]) -> TokenStream {
    quote! {
        #[allow(clippy::too_many_arguments, clippy::too_many_lines, reason = "the document defines the parameters and the statuses")]
        impl #name {
            #(#methods)*
        }
    }
}

fn credential(scheme: &Scheme) -> TokenStream {
    let (name, method) = (&scheme.name, ident(&scheme.method));
    let (arguments, value, what) = match &scheme.kind {
        SecurityKind::ApiKey { place, name } => {
            let place = match place {
                ParameterPlace::Query => quote!(Query),
                ParameterPlace::Cookie => quote!(Cookie),
                _ => quote!(Header),
            };
            (quote!(key: &str), quote!(::charter_client::Credential::#place { name: #name, key: key.to_owned() }), "an API key")
        }
        SecurityKind::Http { scheme } if scheme == "basic" => {
            (quote!(user: &str, password: &str), quote!(::charter_client::Credential::basic(user, password)), "a user name and a password")
        }
        _ => (quote!(token: &str), quote!(::charter_client::Credential::bearer(token)), "a token"),
    };
    let docs = docs([format!("The client with {what} for the security scheme {}.", inline_code(name))]);
    quote! {
        #docs
        #[must_use]
        pub fn #method(self, #arguments) -> Self {
            Self { transport: self.transport.with_credential(#name, #value) }
        }
    }
}

/// The method of an operation, and one for each other media type of its body.
pub(super) fn methods(emit: &Emit<'_>, model: &Operations<'_>, call: &Call<'_>) -> Vec<TokenStream> {
    let first = method(emit, model, call, &call.method, call.body.as_ref());
    let others = call.alternatives.iter().map(|(name, body)| method(emit, model, call, name, Some(body)));
    let pages = call.pages.as_ref().map(|pages| pages_method(call, pages));
    std::iter::once(first).chain(others).chain(pages).collect()
}

fn method(emit: &Emit<'_>, model: &Operations<'_>, call: &Call<'_>, name: &str, body: Option<&Body>) -> TokenStream {
    let operation = call.operation;
    let (name, verb, path) = (ident(name), &operation.method.0, &operation.path.0);
    let mut arguments = Vec::new();
    for argument in &call.required {
        let (name, type_) = (ident(&argument.name), borrowed(argument));
        arguments.push(quote!(#name: #type_));
    }
    // An optional body is given as it is, as `Some`, or as `None`.
    let is_reference = |body: &&Body| !body.required && !matches!(body.kind, BodyKind::Text | BodyKind::Bytes);
    let lifetime = body.filter(is_reference).map(|_| quote!('body));
    let generics = lifetime.as_ref().map(|lifetime| quote!(<#lifetime>));
    if let Some(body) = body {
        let name = ident(&body.argument);
        let type_ = match &body.kind {
            BodyKind::Json(type_) | BodyKind::Form(type_) => quote!(&#lifetime #type_),
            BodyKind::Multipart => quote!(&#lifetime ::charter_client::Multipart),
            BodyKind::Text if body.required => quote!(impl Into<String>),
            BodyKind::Text => quote!(String),
            BodyKind::Bytes if body.required => quote!(impl Into<::charter_client::Bytes>),
            BodyKind::Bytes => quote!(::charter_client::Bytes),
        };
        arguments.push(match &body.kind {
            _ if body.required => quote!(#name: #type_),
            BodyKind::Json(_) | BodyKind::Form(_) | BodyKind::Multipart => quote!(#name: impl Into<Option<#type_>>),
            BodyKind::Text | BodyKind::Bytes => quote!(#name: Option<#type_>),
        });
    }
    if !call.optional.is_empty() {
        let (name, type_) = (ident(&call.options_argument), ident(&call.options));
        arguments.push(quote!(#name: &#type_));
    }
    let steps = call.required.iter().map(|argument| step(call, argument, true));
    let steps = steps.chain(call.optional.iter().map(|argument| step(call, argument, false)));
    let body_step = body.map(|body| {
        let (name, media_type) = (ident(&body.argument), &body.media_type);
        let value = match &body.kind {
            BodyKind::Text if body.required => quote!(Some(Into::<String>::into(#name))),
            BodyKind::Bytes if body.required => quote!(Some(Into::<::charter_client::Bytes>::into(#name))),
            _ if body.required => quote!(Some(#name)),
            BodyKind::Json(type_) | BodyKind::Form(type_) => quote!(Into::<Option<&#type_>>::into(#name)),
            BodyKind::Multipart => quote!(Into::<Option<&::charter_client::Multipart>>::into(#name)),
            BodyKind::Text | BodyKind::Bytes => quote!(#name),
        };
        match &body.kind {
            BodyKind::Json(_) => quote!(.json(#media_type, #value)),
            BodyKind::Form(_) => {
                let styles = body.styles.iter().map(|(name, style)| quote!((#name, #style)));
                quote!(.form(&[#(#styles),*], #value))
            }
            BodyKind::Multipart => quote!(.multipart(#value)),
            BodyKind::Text | BodyKind::Bytes => quote!(.bytes(#media_type, #value)),
        }
    });
    let accept = accepted(operation.responses.iter().map(|response| &response.content));
    let accept = accept.map(|accept| quote!(.accept(#accept)));
    let alternatives: Vec<Vec<&String>> = operation.security.iter().map(|requirement| requirement.0.keys().collect()).collect();
    // Schemes that the client has no credential for, such as client certificates, are left to the HTTP client.
    let sent = |scheme: &&&String| model.schemes.iter().any(|known| known.name == ***scheme);
    let alternatives: Vec<Vec<&&String>> = alternatives.iter().map(|schemes| schemes.iter().filter(sent).collect()).collect();
    let alternatives: Vec<_> = alternatives.iter().filter(|schemes| !schemes.is_empty()).collect();
    let security = (!alternatives.is_empty()).then(|| {
        let alternatives = alternatives.iter().map(|schemes| quote!(&[#(#schemes),*]));
        quote!(.security(&[#(#alternatives),*]))
    });
    let success = success_type(&call.successes, Side::Client);
    let error = error_type(&call.errors);
    let receive = receive(call);
    let docs = method_docs(emit, call, body);
    let deprecated = operation.deprecated.then(|| quote!(#[deprecated = "the document says so"]));
    quote! {
        #docs
        #deprecated
        pub async fn #name #generics(&self, #(#arguments),*) -> Result<::charter_client::Response<#success>, ::charter_client::Error<#error>> {
            let call = ::charter_client::Call::new(#verb, #path) #(#steps)* #body_step #accept #security;
            #receive
        }
    }
}

fn method_docs(emit: &Emit<'_>, call: &Call<'_>, body: Option<&Body>) -> TokenStream {
    let mut lines = describe(emit, call);
    if let Some(body) = body.filter(|_| !call.alternatives.is_empty()) {
        lines.push(String::new());
        lines.push(format!("The body is sent as {}.", inline_code(&body.media_type)));
    }
    lines.push(String::new());
    lines.push(format!("Success: {}.", statuses(&call.successes)));
    lines.push(String::new());
    lines.push("# Errors".to_owned());
    lines.push(format!("Documented statuses: {}. Every other status, and failures to send, receive or decode.", statuses(&call.errors)));
    docs(lines)
}

/// The type of an argument.
pub(super) fn borrowed(argument: &Argument<'_>) -> TokenStream {
    let type_ = &argument.type_;
    match type_.to_string().as_str() {
        _ if argument.is_copied => quote!(#type_),
        "String" => quote!(&str),
        text if text.starts_with("Vec <") => {
            let Ok(syn::Type::Path(path)) = syn::parse2::<syn::Type>(type_.clone()) else { return quote!(&#type_) };
            let Some(syn::PathArguments::AngleBracketed(inner)) = path.path.segments.last().map(|segment| &segment.arguments) else {
                return quote!(&#type_);
            };
            let inner = &inner.args;
            quote!(&[#inner])
        }
        _ => quote!(&#type_),
    }
}

/// The step that sends a parameter.
fn step(call: &Call<'_>, argument: &Argument<'_>, required: bool) -> TokenStream {
    let parameter = argument.parameter;
    let (key, name) = (&parameter.name, ident(&argument.name));
    let options = ident(&call.options_argument);
    let style = if parameter.content.is_empty() {
        style_of(Side::Client, parameter.style, parameter.explode)
    } else if parameter.content.json().next().is_some() {
        quote!(::charter_client::Style::Json)
    } else {
        quote!(::charter_client::Style::Simple(false))
    };
    let text = if parameter.allows_reserved { quote!(::charter_client::Text::Reserved) } else { quote!(::charter_client::Text::Encoded) };
    let reference = if argument.is_copied { quote!(&#name) } else { quote!(#name) };
    let value = if required { quote!(Some(#reference)) } else { quote!(#options.#name.as_ref()) };
    match parameter.place {
        ParameterPlace::Path if required => quote!(.path(#key, #style, #text, #reference)),
        ParameterPlace::Path => quote!(),
        ParameterPlace::Query => quote!(.query(#key, #style, #text, #value)),
        ParameterPlace::QueryString => quote!(.query_string(#value)),
        ParameterPlace::Header => quote!(.header(#key, #style, #value)),
        ParameterPlace::Cookie => quote!(.cookie(#key, #style, #value)),
    }
}

/// The media types of `Accept`: of each response the one that is decoded, first those of JSON.
fn accepted<'c>(contents: impl Iterator<Item = &'c Content>) -> Option<String> {
    let mut all: Vec<&str> = Vec::new();
    for content in contents {
        let chosen = content.keys().find(|key| is_json(key)).or_else(|| content.keys().next());
        all.extend(chosen.map(String::as_str).filter(|chosen| chosen.bytes().all(|byte| (b' '..=b'~').contains(&byte))));
    }
    let mut seen = std::collections::HashSet::new();
    all.retain(|media_type| seen.insert(*media_type));
    (!all.is_empty()).then(|| all.join(", "))
}

/// The code that receives the response: first the arms for bodies that are not received as a whole, then those for all other bodies.
fn receive(call: &Call<'_>) -> TokenStream {
    let arms = arms(call);
    // The order of precedence is the order of the arms, which only exact statuses do not depend on.
    let (open, complete): (Vec<Arm>, Vec<Arm>) = arms.into_iter().partition(|arm| arm.is_open && arm.is_exact);
    let is_open = complete.iter().any(|arm| arm.is_open);
    let is_closed = complete.iter().any(|arm| arm.is_default);
    let unexpected = (!is_closed).then(|| quote!(_ => Err(response.unexpected()),));
    let decode = if is_open || complete.is_empty() {
        let unexpected = (!is_closed).then(|| quote!(_ => Err(response.unexpected().await),));
        let open = open.iter().map(|arm| arm.code(&arm.result));
        let complete = complete.iter().map(|arm| arm.code(if is_open { &arm.alone } else { &arm.result }));
        quote!(match response.status() { #(#open)* #(#complete)* #unexpected })
    } else {
        let decode = match complete.as_slice() {
            [arm] if is_closed => arm.result.clone(),
            _ => {
                let complete = complete.iter().map(|arm| arm.code(&arm.result));
                quote!(match response.status() { #(#complete)* #unexpected })
            }
        };
        let receive = quote! {
            let response = response.received().await?;
            #decode
        };
        match open.as_slice() {
            [] => {
                return quote! {
                    let response = self.transport.receive(call).await?;
                    #decode
                };
            }
            [Arm { pattern, result, .. }] => quote!(if response.status() == #pattern { #result } else { #receive }),
            _ => {
                let open = open.iter().map(|arm| arm.code(&arm.result));
                quote!(match response.status() { #(#open)* _ => { #receive } })
            }
        }
    };
    quote! {
        let response = self.transport.send(call).await?;
        #decode
    }
}

/// The arm for a status.
struct Arm {
    /// Whether the pattern is one status.
    is_exact: bool,
    /// Whether the pattern is every status.
    is_default: bool,
    /// Whether the body is not received as a whole.
    is_open: bool,
    pattern: TokenStream,
    /// The result for a response whose body is complete, unless the arm is open.
    result: TokenStream,
    /// The result for a response whose body is not yet read.
    alone: TokenStream,
}

impl Arm {
    fn code(&self, result: &TokenStream) -> TokenStream {
        let pattern = &self.pattern;
        quote!(#pattern => #result,)
    }
}

/// The arms for the statuses of a response, in the order of precedence.
fn arms(call: &Call<'_>) -> Vec<Arm> {
    let mut all: Vec<(&Outcome, bool)> = call.successes.list.iter().map(|outcome| (outcome, true)).collect();
    all.extend(call.errors.list.iter().map(|outcome| (outcome, false)));
    all.sort_by_key(|(outcome, is_success)| (outcome.status, !is_success));
    let mut arms = Vec::new();
    if call.successes.list.is_empty() {
        // The document describes no success, so that the type of its body is not known.
        arms.push(Arm {
            is_exact: false,
            is_default: false,
            is_open: false,
            pattern: quote!(200..=299),
            result: quote!(Ok(response.bytes())),
            alone: quote!(Ok(response.bytes().await?)),
        });
    }
    for (outcome, is_success) in all {
        let pattern = match outcome.status {
            StatusRange::Exact(status) => {
                let status = Literal::u16_unsuffixed(status);
                quote!(#status)
            }
            StatusRange::Class(class) => {
                let (from, to) = (Literal::u16_unsuffixed(u16::from(class) * 100), Literal::u16_unsuffixed(u16::from(class) * 100 + 99));
                quote!(#from..=#to)
            }
            StatusRange::Default if is_success => quote!(200..=299),
            StatusRange::Default => quote!(_),
        };
        let is_exact = matches!(outcome.status, StatusRange::Exact(_));
        let is_default = !is_success && outcome.status == StatusRange::Default;
        let is_open =
            matches!(outcome.received, Received::Events | Received::Stream) || (is_success && matches!(outcome.received, Received::Empty));
        let outcomes = if is_success { &call.successes } else { &call.errors };
        let has_enum = !is_success || outcomes.list.len() > 1;
        let variant = has_enum.then(|| {
            let (name, variant) = (ident(&outcomes.name), ident(&outcome.variant));
            quote!(#name::#variant)
        });
        let result = |wait: bool| {
            let end = if wait { quote!(.await?) } else { quote!() };
            let question = if wait { quote!(.await?) } else { quote!(?) };
            if !is_success && !wait {
                return match &outcome.received {
                    Received::Json(_) => quote!(Err(response.json_error(#variant))),
                    Received::Text => quote!(Err(response.text_error(#variant))),
                    Received::Empty => quote!(Err(response.empty_error(#variant))),
                    _ => quote!(Err(response.bytes_error(#variant))),
                };
            }
            let received = match &outcome.received {
                // A response dereferences to its body: the type must be known before a method is called.
                Received::Json(type_) if has_enum => quote!(response.json::<#type_>()#question),
                Received::Json(_) => quote!(response.json()#question),
                Received::Text => quote!(response.text()#question),
                Received::Events => quote!(response.events()),
                Received::Stream => quote!(response.stream()),
                Received::Bytes => quote!(response.bytes()#end),
                Received::Empty => quote!(response.empty()),
            };
            let value = match &outcome.received {
                _ if !has_enum => received,
                Received::Empty => quote!(#received.map(|()| #variant)),
                _ => quote!(#received.map(#variant)),
            };
            if is_success { quote!(Ok(#value)) } else { quote!(Err(::charter_client::Error::documented(#value))) }
        };
        let (result, alone) = (result(is_open), result(true));
        arms.push(Arm { is_exact, is_default, is_open, pattern, result, alone });
    }
    arms
}
