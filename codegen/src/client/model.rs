//! Operations with their names, arguments and outcomes.

use std::collections::HashSet;

use charter_contract::{Content, Direction, Operation, Parameter, ParameterPlace, SecurityKind, StatusRange, Style, is_json};
use proc_macro2::TokenStream;
use quote::quote;

use super::types::{is_copied, type_of};
use crate::context::Emit;
use crate::name::{field, type_name, unique};

/// The client of a contract.
pub(super) struct Client<'c> {
    pub(super) name: String,
    pub(super) calls: Vec<Call<'c>>,
    pub(super) schemes: Vec<Scheme>,
}

/// A security scheme that a program passes a credential for.
pub(super) struct Scheme {
    /// The name in the document.
    pub(super) name: String,
    pub(super) method: String,
    pub(super) kind: SecurityKind,
}

/// The method of an operation.
pub(super) struct Call<'c> {
    pub(super) operation: &'c Operation,
    pub(super) method: String,
    /// The arguments of the method: the required parameters.
    pub(super) required: Vec<Argument<'c>>,
    /// The optional parameters, and the name of their struct.
    pub(super) optional: Vec<Argument<'c>>,
    pub(super) options: String,
    /// The name of the argument for the options.
    pub(super) options_argument: String,
    pub(super) body: Option<Body>,
    pub(super) successes: Outcomes,
    pub(super) errors: Outcomes,
}

/// A parameter.
pub(super) struct Argument<'c> {
    pub(super) parameter: &'c Parameter,
    pub(super) name: String,
    pub(super) type_: TokenStream,
    pub(super) is_copied: bool,
}

/// A request body.
pub(super) struct Body {
    pub(super) argument: String,
    pub(super) required: bool,
    pub(super) media_type: String,
    pub(super) kind: BodyKind,
    /// The styles of the fields of a form that have one.
    pub(super) styles: Vec<(String, TokenStream)>,
}

/// How a request body is sent.
pub(super) enum BodyKind {
    Json(TokenStream),
    Form(TokenStream),
    Multipart,
    Text,
    Bytes,
}

/// The outcomes of one side: success or error.
#[derive(Default)]
pub(super) struct Outcomes {
    /// The name of the enum, if there is one.
    pub(super) name: String,
    pub(super) list: Vec<Outcome>,
}

/// A documented response.
pub(super) struct Outcome {
    pub(super) status: StatusRange,
    pub(super) variant: String,
    pub(super) received: Received,
}

/// How the body of a response is received.
pub(super) enum Received {
    Json(TokenStream),
    Text,
    Events,
    Stream,
    Bytes,
    Empty,
}

impl Received {
    /// The Rust type.
    pub(super) fn type_(&self) -> TokenStream {
        match self {
            Self::Json(type_) => type_.clone(),
            Self::Text => quote!(String),
            Self::Events => quote!(::charter_client::Events),
            Self::Stream => quote!(::charter_client::Body),
            Self::Bytes => quote!(::charter_client::Bytes),
            Self::Empty => quote!(()),
        }
    }
}

pub(super) fn model<'c>(emit: &Emit<'c>) -> Client<'c> {
    let mut types: HashSet<String> = emit.names.all().map(str::to_owned).collect();
    types.extend(["Option", "Vec", "Box", "String", "Result", "Ok", "Err", "Some", "None", "Self", "Default"].map(str::to_owned));
    let name = unique("Client".to_owned(), &mut types);
    let mut methods: HashSet<String> = ["new", "with_client", "with_timeout", "with_retry", "with_transport"].map(str::to_owned).into();
    let mut schemes = Vec::new();
    for (name, scheme) in emit.contract.security_schemes() {
        let sends = match &scheme.kind {
            SecurityKind::ApiKey { place, .. } => matches!(place, ParameterPlace::Header | ParameterPlace::Query | ParameterPlace::Cookie),
            SecurityKind::Http { scheme } => matches!(scheme.as_str(), "basic" | "bearer"),
            SecurityKind::Bearer => true,
            _ => false,
        };
        if sends {
            let method = unique(format!("with_{}", field(name).trim_end_matches('_')), &mut methods);
            schemes.push(Scheme { name: name.clone(), method, kind: scheme.kind.clone() });
        }
    }
    let calls = emit.contract.operations().iter().map(|operation| call(emit, operation, &mut methods, &mut types)).collect();
    Client { name, calls, schemes }
}

fn call<'c>(emit: &Emit<'c>, operation: &'c Operation, methods: &mut HashSet<String>, types: &mut HashSet<String>) -> Call<'c> {
    let stem = type_name(&operation.id);
    let stem = stem.trim_end_matches('_');
    let mut arguments: HashSet<String> = ["self", "call", "response", "body", "options"].map(str::to_owned).into();
    let (mut required, mut optional) = (Vec::new(), Vec::new());
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.is_ignored()) {
        let name = unique(field(&parameter.name), &mut arguments);
        let type_ = match parameter.value_schema() {
            Some(schema) => type_of(emit, Direction::Request, schema),
            None => quote!(String),
        };
        let is_copied = is_copied(&type_);
        let argument = Argument { parameter, name, type_, is_copied };
        if parameter.required { required.push(argument) } else { optional.push(argument) }
    }
    let options = if optional.is_empty() { String::new() } else { unique(format!("{stem}Options"), types) };
    let body = operation.request_body.as_ref().and_then(|body| request_body(emit, &body.content, body.required));
    let (successes, errors) = outcomes(emit, operation, stem, types);
    Call {
        operation,
        method: unique(field(&operation.id), methods),
        required,
        optional,
        options,
        options_argument: "options".to_owned(),
        body,
        successes,
        errors,
    }
}

/// The media type of a body that is sent: JSON, else a form, else multipart, else text, else the first.
fn request_body(emit: &Emit<'_>, content: &Content, required: bool) -> Option<Body> {
    let main = |key: &str| key.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let rank = |key: &str| match main(key).as_str() {
        _ if is_json(key) => 0,
        "application/x-www-form-urlencoded" => 1,
        "multipart/form-data" => 2,
        text if text.starts_with("text/") => 3,
        _ => 4,
    };
    let (media_type, described) = content.iter().min_by_key(|(key, _)| rank(key))?;
    let of_schema = || match described.schema {
        Some(schema) => type_of(emit, Direction::Request, schema),
        None => quote!(::charter_client::Value),
    };
    let kind = match rank(media_type) {
        0 => BodyKind::Json(of_schema()),
        1 => BodyKind::Form(of_schema()),
        2 => BodyKind::Multipart,
        3 => BodyKind::Text,
        _ => BodyKind::Bytes,
    };
    let styled = |(name, encoding): (&String, &charter_contract::Encoding)| {
        if encoding.style.is_none() && encoding.explode.is_none() {
            let json = encoding.content_type.as_deref().is_some_and(is_json);
            return json.then(|| (name.clone(), quote!(::charter_client::Style::Json)));
        }
        let style = encoding.style.unwrap_or(Style::Form);
        Some((name.clone(), style_of(style, encoding.explode.unwrap_or(style == Style::Form))))
    };
    let styles = described.encoding.iter().filter_map(styled).collect();
    // A request needs a media type; `image/*` is a range.
    let media_type = if media_type.contains('*') { "application/octet-stream".to_owned() } else { media_type.clone() };
    Some(Body { argument: "body".to_owned(), required, media_type, kind, styles })
}

/// The style as an expression.
pub(super) fn style_of(style: Style, explode: bool) -> TokenStream {
    let style = match style {
        Style::Simple => quote!(Simple(#explode)),
        Style::Label => quote!(Label(#explode)),
        Style::Matrix => quote!(Matrix(#explode)),
        Style::Cookie => quote!(Cookie(#explode)),
        Style::DeepObject => quote!(DeepObject),
        Style::SpaceDelimited if !explode => quote!(SpaceDelimited),
        Style::PipeDelimited if !explode => quote!(PipeDelimited),
        Style::TabDelimited if !explode => quote!(TabDelimited),
        _ => quote!(Form(#explode)),
    };
    quote!(::charter_client::Style::#style)
}

/// The documented successes and errors. If `default` is the only response, it describes both.
fn outcomes(emit: &Emit<'_>, operation: &Operation, stem: &str, types: &mut HashSet<String>) -> (Outcomes, Outcomes) {
    let (mut successes, mut errors) = (Outcomes::default(), Outcomes::default());
    let has_success = operation.responses.iter().any(|response| response.status.is_success());
    // Exact statuses first, then classes, then `default`: the order of precedence.
    let mut responses: Vec<_> = operation.responses.iter().collect();
    responses.sort_by_key(|response| response.status);
    for response in responses {
        let is_default = response.status == StatusRange::Default;
        let outcome = |streams| Outcome {
            status: response.status,
            variant: if is_default { "Default".to_owned() } else { format!("Status{}", response.status) },
            received: received(emit, &response.content, streams),
        };
        if response.status.is_success() || (is_default && !has_success) {
            successes.list.push(outcome(true));
        }
        if !response.status.is_success() {
            errors.list.push(outcome(false));
        }
    }
    if successes.list.len() > 1 {
        successes.name = unique(format!("{stem}Success"), types);
    }
    if !errors.list.is_empty() {
        errors.name = unique(format!("{stem}Error"), types);
    }
    (successes, errors)
}

/// How a body is received: JSON if it is documented, else events, text or bytes. Bytes of errors are not streamed.
fn received(emit: &Emit<'_>, content: &Content, streams: bool) -> Received {
    if let Some(described) = content.json().next() {
        return Received::Json(match described.schema {
            Some(schema) => type_of(emit, Direction::Response, schema),
            None => quote!(::charter_client::Value),
        });
    }
    let Some((media_type, _)) = content.first() else { return Received::Empty };
    match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
        "text/event-stream" if streams => Received::Events,
        text if text.starts_with("text/") => Received::Text,
        _ if streams => Received::Stream,
        _ => Received::Bytes,
    }
}
