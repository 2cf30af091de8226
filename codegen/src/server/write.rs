//! The code of the server.

use charter_contract::{ParameterPlace, SecurityKind, StatusRange};
use heck::ToShoutySnakeCase as _;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::check::unenforced;
use super::kind::kind_of;
use crate::context::Emit;
use crate::emit::inline_code;
use crate::operation::{
    Argument, Body, BodyKind, Call, Operations, Outcome, Outcomes, Received, Side, describe, docs, error_type, ident, statuses, style_of,
    success_type,
};

/// How the operations are added to a router.
pub(super) enum Routing {
    /// Calls of a method, one after the other.
    Plain(Vec<TokenStream>),
    /// Statements, each compiled with features.
    Conditional(TokenStream),
}

pub(super) fn server(model: &Operations<'_>, methods: &[TokenStream], routing: &Routing, shared: &[TokenStream]) -> TokenStream {
    let name = ident(&model.server);
    let routes = match routing {
        Routing::Plain(routes) => quote! {
            ::charter_server::Routes::new(server, <S as #name>::reject)
                #(#routes)*
                .into_router()
        },
        Routing::Conditional(statements) => quote! {
            let routes = ::charter_server::Routes::new(server, <S as #name>::reject);
            #statements
            routes.into_router()
        },
    };
    quote! {
        #(#shared)*
        /// The operations, one method each. A request has the credentials that its operation requires; the program decides whether they are
        /// valid.
        ///
        /// The result of a method is a documented success or a documented error. `into` makes a [`Reply`](::charter_server::Reply)
        /// of it, which can have more header fields.
        #[allow(clippy::too_many_arguments, clippy::type_complexity, reason = "the document defines the parameters and the statuses")]
        pub trait #name: Send + Sync + 'static {
            #(#methods)*
            /// The response to a request that no method gets: problem details (RFC 9457).
            fn reject(&self, rejection: ::charter_server::Rejection) -> ::charter_server::Response {
                ::charter_server::axum::response::IntoResponse::into_response(rejection)
            }
        }
        /// The router of a server. Its paths are those of the document, without the base path of a server: `Router::nest` adds one.
        #[allow(clippy::too_many_lines, reason = "the document defines the operations")]
        pub fn router<S: #name>(server: S) -> ::charter_server::axum::Router {
            #routes
        }
    }
}

/// The types of an operation that a server has in common with a client.
pub(super) fn shared(call: &Call<'_>) -> Vec<Ident> {
    let mut names = Vec::new();
    if !call.optional.is_empty() {
        names.push(ident(&call.options));
    }
    if call.successes.list.len() > 1 && call.successes.is_shared() {
        names.push(ident(&call.successes.name));
    }
    if !call.errors.list.is_empty() && call.errors.is_shared() {
        names.push(ident(&call.errors.name));
    }
    names
}

/// The Rust types of the arguments of a method.
fn arguments(call: &Call<'_>) -> Vec<(String, TokenStream)> {
    let mut arguments: Vec<_> = call.required.iter().map(|argument| (argument.name.clone(), argument.type_.clone())).collect();
    if let Some(body) = call.bodies.first() {
        let type_ = body_type(call);
        arguments.push((body.argument.clone(), if body.required { type_ } else { quote!(Option<#type_>) }));
    }
    if !call.optional.is_empty() {
        let options = ident(&call.options);
        arguments.push((call.options_argument.clone(), quote!(#options)));
    }
    arguments
}

fn body_type(call: &Call<'_>) -> TokenStream {
    match call.bodies.as_slice() {
        [one] => one.kind.owned(),
        _ => {
            let name = ident(&call.bodies_name);
            quote!(#name)
        }
    }
}

pub(super) fn method(emit: &Emit<'_>, call: &Call<'_>) -> TokenStream {
    let name = ident(&call.method);
    let head = ident(&call.head);
    let arguments = arguments(call).into_iter().map(|(name, type_)| {
        let name = ident(&name);
        quote!(#name: #type_)
    });
    let (success, error) = (success_type(&call.successes, Side::Server), error_type(&call.errors));
    let mut lines = describe(emit, call);
    lines.push(String::new());
    lines.push(format!("Success: {}. Errors: {}.", statuses(&call.successes), statuses(&call.errors)));
    let docs = docs(lines);
    let deprecated = call.operation.deprecated.then(|| quote!(#[deprecated = "the document says so"]));
    quote! {
        #docs
        #deprecated
        fn #name(
            &self,
            #head: ::charter_server::Head,
            #(#arguments),*
        ) -> impl ::std::future::Future<Output = Result<::charter_server::Reply<#success>, ::charter_server::Reply<#error>>> + Send;
    }
}

fn handler_name(call: &Call<'_>) -> proc_macro2::Ident {
    format_ident!("handle_{}", call.method.trim_start_matches("r#").trim_end_matches('_'))
}

/// The path template. A last parameter that allows reserved characters matches the rest of the path.
fn template(call: &Call<'_>) -> String {
    let path = call.operation.path.0.clone();
    let rest = call.operation.parameters.iter().find(|parameter| {
        let is_reserved = parameter.place == ParameterPlace::Path && parameter.allows_reserved;
        is_reserved && path.ends_with(&format!("{{{}}}", parameter.name))
    });
    match rest {
        Some(parameter) => path.replace(&format!("{{{}}}", parameter.name), &format!("{{*{}}}", parameter.name)),
        None => path,
    }
}

pub(super) fn route(call: &Call<'_>) -> TokenStream {
    let operation = call.operation;
    let (id, method, path, handler) = (&operation.id, &operation.method.0, template(call), handler_name(call));
    quote!(.route(::charter_server::Operation { id: #id, method: #method, path: #path }, #handler::<S>))
}

pub(super) fn handler(emit: &Emit<'_>, model: &Operations<'_>, call: &Call<'_>) -> TokenStream {
    let (handler, trait_name, method) = (handler_name(call), ident(&model.server), ident(&call.method));
    let (server, incoming, head) = (ident(&call.server), ident(&call.incoming), ident(&call.head));
    let mut checks = Vec::new();
    let secured = security(model, call).map(|alternatives| quote!(#incoming.secured(#alternatives);));
    let required: Vec<_> = call
        .required
        .iter()
        .map(|argument| {
            let (name, type_) = (ident(&argument.name), &argument.type_);
            let read = read(emit, call, argument, &mut checks);
            quote!(let #name: Option<#type_> = #read;)
        })
        .collect();
    let optional = (!call.optional.is_empty()).then(|| {
        let (name, type_) = (ident(&call.options_argument), ident(&call.options));
        let fields = call.optional.iter().map(|argument| {
            let (name, read) = (ident(&argument.name), read(emit, call, argument, &mut checks));
            quote!(#name: #read)
        });
        let fields: Vec<_> = fields.collect();
        quote!(let #name = #type_ { #(#fields),* };)
    });
    let body = call.bodies.first().map(|first| read_body(emit, call, first));
    let mut needed: Vec<_> = call.required.iter().map(|argument| ident(&argument.name)).collect();
    needed.extend(call.bodies.first().filter(|body| body.required).map(|body| ident(&body.argument)));
    let unwrapped = match needed.as_slice() {
        [] => quote!(),
        [one] => quote!(let Some(#one) = #one else { return <S as #trait_name>::reject(&#server, #incoming.rejection()); };),
        several => quote! {
            let (#(Some(#several)),*) = (#(#several),*) else { return <S as #trait_name>::reject(&#server, #incoming.rejection()); };
        },
    };
    let names = arguments(call).into_iter().map(|(name, _)| ident(&name));
    let success = encode(&call.successes, true);
    let error = encode(&call.errors, false);
    let responses = if call.successes.list.is_empty() && call.errors.list.is_empty() {
        quote!(Ok(reply) | Err(reply) => reply.respond(#success),)
    } else {
        quote!(Ok(reply) => reply.respond(#success), Err(reply) => reply.respond(#error),)
    };
    let is_used = secured.is_some() || !call.required.is_empty() || optional.is_some() || body.is_some();
    let (mutable, rejected) = if is_used {
        (quote!(mut), quote!(if let Some(rejection) = #incoming.rejected() { return <S as #trait_name>::reject(&#server, rejection); }))
    } else {
        (quote!(), quote!())
    };
    let deprecated = call.operation.deprecated.then(|| quote!(#[allow(deprecated, reason = "the document says so")]));
    quote! {
        #deprecated
        #[allow(clippy::too_many_lines, reason = "the document defines the parameters and the statuses")]
        async fn #handler<S: #trait_name>(
            #server: ::std::sync::Arc<S>,
            #mutable #incoming: ::charter_server::Incoming,
        ) -> ::charter_server::Response {
            #(#checks)*
            #secured
            #(#required)*
            #optional
            #body
            #rejected
            #unwrapped
            let #head = #incoming.into_head();
            match <S as #trait_name>::#method(&#server, #head, #(#names),*).await {
                #responses
            }
        }
    }
}

/// The alternatives of credentials; `None` if no credentials are required, or if the server cannot see those of an alternative.
fn security(model: &Operations<'_>, call: &Call<'_>) -> Option<TokenStream> {
    let mut alternatives = Vec::new();
    for requirement in &call.operation.security {
        let mut credentials = Vec::new();
        for name in requirement.0.keys() {
            let scheme = model.schemes.iter().find(|scheme| scheme.name == *name)?;
            credentials.push(match &scheme.kind {
                SecurityKind::ApiKey { place, name } => {
                    let place = match place {
                        ParameterPlace::Query => quote!(Query),
                        ParameterPlace::Cookie => quote!(Cookie),
                        _ => quote!(Header),
                    };
                    quote!(::charter_server::Credential::#place(#name))
                }
                SecurityKind::Http { scheme } if scheme == "basic" => quote!(::charter_server::Credential::Authorization("Basic")),
                _ => quote!(::charter_server::Credential::Authorization("Bearer")),
            });
        }
        if credentials.is_empty() {
            return None;
        }
        alternatives.push(quote!(&[#(#credentials),*]));
    }
    (!alternatives.is_empty()).then(|| quote!(&[#(#alternatives),*]))
}

/// The expression that reads a parameter. A schema that its type does not enforce becomes a static of the handler.
fn read(emit: &Emit<'_>, call: &Call<'_>, argument: &Argument<'_>, checks: &mut Vec<TokenStream>) -> TokenStream {
    let parameter = argument.parameter;
    let (name, incoming) = (&parameter.name, ident(&call.incoming));
    let style = if parameter.content.is_empty() {
        style_of(Side::Server, parameter.style, parameter.explode)
    } else if parameter.content.json().next().is_some() {
        quote!(::charter_server::Style::Json)
    } else {
        quote!(::charter_server::Style::Simple(false))
    };
    let schema = parameter.value_schema();
    let kind = if parameter.content.json().next().is_some() { quote!(::charter_server::Kind::UNKNOWN) } else { kind_of(emit, schema) };
    let required = parameter.required.then(|| quote!(.required()));
    let checked = schema.and_then(|schema| unenforced(emit, schema)).map(|schema| {
        let (name, text) = (format_ident!("SCHEMA_{}", argument.name.to_shouty_snake_case()), schema.to_string());
        checks.push(quote!(static #name: ::charter_server::Schema = ::charter_server::Schema::new(#text);));
        quote!(.checked(&#name))
    });
    // The members of an exploded object are parameters of their own.
    let spreads = kind.to_string().contains("Kind :: Object") && parameter.explode && parameter.place != ParameterPlace::Path;
    let among = spreads.then(|| {
        let others = call.operation.parameters.iter().filter(|other| other.place == parameter.place && other.name != parameter.name);
        let others = others.map(|other| &other.name);
        quote!(.among(&[#(#others),*]))
    });
    let read = match parameter.place {
        ParameterPlace::Path => quote!(path),
        ParameterPlace::Query => quote!(query),
        ParameterPlace::QueryString => quote!(query_string),
        ParameterPlace::Header => quote!(header),
        ParameterPlace::Cookie => quote!(cookie),
    };
    quote!(#incoming.#read(const { &::charter_server::Parameter::new(#name, #style, #kind) #required #checked #among }))
}

/// The statement that reads a body by its media type.
fn read_body(emit: &Emit<'_>, call: &Call<'_>, first: &Body) -> TokenStream {
    let (name, incoming, required) = (ident(&first.argument), ident(&call.incoming), first.required);
    let ranges = call.bodies.iter().map(|body| &body.range);
    let arms = call.bodies.iter().enumerate().map(|(index, body)| {
        let index = Literal::usize_unsuffixed(index);
        let read = match &body.kind {
            BodyKind::Json(type_) => quote!(#incoming.json::<#type_>().await),
            BodyKind::Form(type_) => {
                let kind = kind_of(emit, body.schema);
                let styles = body.styles.iter().map(|(name, style)| quote!((#name, #style)));
                quote!(#incoming.form::<#type_>(const { &#kind }, &[#(#styles),*]).await)
            }
            BodyKind::Multipart => quote!(#incoming.multipart().await),
            BodyKind::Text => quote!(#incoming.text().await),
            BodyKind::Bytes => quote!(#incoming.bytes().await),
        };
        let wrapped = (call.bodies.len() > 1).then(|| {
            let (name, variant) = (ident(&call.bodies_name), ident(&body.variant));
            quote!(.map(#name::#variant))
        });
        quote!(Some(#index) => #read #wrapped,)
    });
    quote! {
        let #name = match #incoming.media_type(&[#(#ranges),*], #required) {
            #(#arms)*
            _ => None,
        };
    }
}

/// The enum of the bodies of an operation, if they have several media types.
pub(super) fn bodies(call: &Call<'_>) -> Option<TokenStream> {
    if call.bodies.len() < 2 {
        return None;
    }
    let name = ident(&call.bodies_name);
    let about = docs([format!("The bodies of {}, by media type.", inline_code(&call.method))]);
    let variants = call.bodies.iter().map(|body| {
        let (variant, type_) = (ident(&body.variant), body.kind.owned());
        let docs = docs([inline_code(&body.range)]);
        quote!(#docs #variant(#type_),)
    });
    Some(quote! {
        #about
        #[derive(Debug)]
        #[allow(clippy::large_enum_variant, reason = "variants hold the types of the contract unboxed")]
        pub enum #name { #(#variants)* }
    })
}

/// The function that encodes the body of an outcome.
fn encode(outcomes: &Outcomes, is_success: bool) -> TokenStream {
    match outcomes.list.as_slice() {
        [] => quote!(::charter_server::Encoded::never),
        [one] if is_success => {
            let encoded = encoded(one, is_success);
            if matches!(one.received, Received::Empty) { quote!(|()| #encoded) } else { quote!(|body| #encoded) }
        }
        several => {
            let name = ident(&outcomes.name);
            let arms = several.iter().map(|outcome| {
                let (variant, encoded) = (ident(&outcome.variant), encoded(outcome, is_success));
                if matches!(outcome.received, Received::Empty) {
                    quote!(#name::#variant => #encoded,)
                } else {
                    quote!(#name::#variant(body) => #encoded,)
                }
            });
            quote!(|body| match body { #(#arms)* })
        }
    }
}

fn encoded(outcome: &Outcome, is_success: bool) -> TokenStream {
    let statuses = match outcome.status {
        StatusRange::Exact(status) => {
            let status = Literal::u16_unsuffixed(status);
            quote!(Exact(#status))
        }
        StatusRange::Class(class) => {
            let class = Literal::u8_unsuffixed(class);
            quote!(Class(#class))
        }
        StatusRange::Default if is_success => quote!(OtherSuccess),
        StatusRange::Default => quote!(Other),
    };
    let (statuses, media_type) = (quote!(::charter_server::Statuses::#statuses), &outcome.media_type);
    match outcome.received {
        Received::Json(_) => quote!(::charter_server::Encoded::json(#statuses, #media_type, &body)),
        Received::Text => quote!(::charter_server::Encoded::text(#statuses, #media_type, body)),
        Received::Events => quote!(::charter_server::Encoded::events(#statuses, #media_type, body)),
        Received::Stream => quote!(::charter_server::Encoded::stream(#statuses, #media_type, body)),
        Received::Bytes => quote!(::charter_server::Encoded::bytes(#statuses, #media_type, body)),
        Received::Empty => quote!(::charter_server::Encoded::empty(#statuses)),
    }
}
