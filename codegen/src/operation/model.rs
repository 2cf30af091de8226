//! Operations with their names, arguments and outcomes.

use std::collections::HashSet;

use charter_contract::{
    Content, Direction, MediaTypeSpec, Operation, Parameter, ParameterPlace, SchemaId, SecurityKind, StatusRange, Style, is_json,
};
use proc_macro2::TokenStream;
use quote::quote;

use super::pages::{Pages, pages};
use super::types::{is_copied, nullable, type_of, type_of_parameter};
use crate::context::Emit;
use crate::name::{field, type_name, unique};
use crate::shape::parameter::allows_null;

/// Which library the code depends on: `charter-client` or `charter-server`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Side {
    Client,
    Server,
}

impl Side {
    /// The path of the library.
    pub(crate) fn library(self) -> TokenStream {
        match self {
            Self::Client => quote!(::charter_client),
            Self::Server => quote!(::charter_server),
        }
    }
}

/// The operations of a contract.
pub(crate) struct Operations<'c> {
    /// The name of the client.
    pub(crate) client: String,
    /// The name of the trait of the server.
    pub(crate) server: String,
    pub(crate) calls: Vec<Call<'c>>,
    pub(crate) schemes: Vec<Scheme>,
}

/// A security scheme that a program passes a credential for.
pub(crate) struct Scheme {
    /// The name in the document.
    pub(crate) name: String,
    pub(crate) method: String,
    pub(crate) kind: SecurityKind,
}

/// The method of an operation.
pub(crate) struct Call<'c> {
    pub(crate) operation: &'c Operation,
    pub(crate) method: String,
    /// The arguments of the method: the required parameters.
    pub(crate) required: Vec<Argument<'c>>,
    /// The optional parameters, and the name of their struct.
    pub(crate) optional: Vec<Argument<'c>>,
    pub(crate) options: String,
    /// The name of the argument for the options.
    pub(crate) options_argument: String,
    /// The body that the method of a client sends.
    pub(crate) body: Option<Body>,
    /// Methods of a client that send other kinds of bodies.
    pub(crate) alternatives: Vec<(String, Body)>,
    /// The bodies of all media types, in document order, and the name of their enum, if there are several.
    pub(crate) bodies: Vec<Body>,
    pub(crate) bodies_name: String,
    /// Names of variables that no argument has: the head of a request, the request, the server.
    pub(crate) head: String,
    pub(crate) incoming: String,
    pub(crate) server: String,
    pub(crate) successes: Outcomes,
    pub(crate) errors: Outcomes,
    /// The method of a client that returns a stream of pages.
    pub(crate) pages: Option<Pages>,
}

/// A parameter.
pub(crate) struct Argument<'c> {
    pub(crate) parameter: &'c Parameter,
    pub(crate) name: String,
    pub(crate) type_: TokenStream,
    pub(crate) is_copied: bool,
}

/// A request body.
pub(crate) struct Body {
    pub(crate) argument: String,
    pub(crate) required: bool,
    /// The media type of a body that is sent, and the media type or range as written.
    pub(crate) media_type: String,
    pub(crate) range: String,
    /// The variant of the enum of bodies.
    pub(crate) variant: String,
    pub(crate) schema: Option<SchemaId>,
    pub(crate) kind: BodyKind,
    /// The styles of the fields of a form that have one.
    pub(crate) styles: Vec<(String, TokenStream)>,
}

/// How a request body is serialised.
pub(crate) enum BodyKind {
    Json(TokenStream),
    Form(TokenStream),
    Multipart,
    Text,
    Bytes,
}

impl BodyKind {
    /// The suffix of the method of a client that sends this kind of body, if it is not the first kind of the operation.
    fn suffix(&self) -> &'static str {
        match self {
            Self::Json(_) => "json",
            Self::Form(_) => "form",
            Self::Multipart => "multipart",
            Self::Text => "text",
            Self::Bytes => "bytes",
        }
    }

    /// The Rust type of a received body.
    pub(crate) fn owned(&self) -> TokenStream {
        match self {
            Self::Json(type_) | Self::Form(type_) => type_.clone(),
            Self::Multipart => quote!(::charter_server::Multipart),
            Self::Text => quote!(String),
            Self::Bytes => quote!(::charter_server::Bytes),
        }
    }
}

/// The outcomes of one side: success or error.
#[derive(Default)]
pub(crate) struct Outcomes {
    /// The name of the enum, if there is one.
    pub(crate) name: String,
    pub(crate) list: Vec<Outcome>,
}

/// A documented response.
pub(crate) struct Outcome {
    pub(crate) status: StatusRange,
    pub(crate) variant: String,
    pub(crate) received: Received,
    /// The media type of a body that is sent.
    pub(crate) media_type: String,
}

/// How the body of a response is received.
pub(crate) enum Received {
    Json(TokenStream),
    Text,
    Events,
    Stream,
    Bytes,
    Empty,
}

impl Received {
    /// The Rust type.
    pub(crate) fn type_(&self, side: Side) -> TokenStream {
        let library = side.library();
        match self {
            Self::Json(type_) => type_.clone(),
            Self::Text => quote!(String),
            Self::Events => quote!(#library::Events),
            Self::Stream => quote!(#library::Body),
            Self::Bytes => quote!(#library::Bytes),
            Self::Empty => quote!(()),
        }
    }

    /// Whether a client and a server have different types of it.
    fn differs(&self) -> bool {
        matches!(self, Self::Events | Self::Stream)
    }
}

impl Outcomes {
    /// Whether a server can use the enum of the client.
    pub(crate) fn is_shared(&self) -> bool {
        !self.list.iter().any(|outcome| outcome.received.differs())
    }
}

/// Names that no method of an operation has: the methods of every client and server, and those of traits that programs call on a client or
/// on a server, because a method of the type has precedence over a method of a trait.
const RESERVED: [&str; 24] = [
    "new",
    "with_client",
    "with_timeout",
    "with_retry",
    "with_transport",
    "with_observer",
    "at",
    "reject",
    "clone",
    "clone_from",
    "clone_into",
    "to_owned",
    "borrow",
    "borrow_mut",
    "as_ref",
    "as_mut",
    "into",
    "try_into",
    "from",
    "try_from",
    "fmt",
    "drop",
    "eq",
    "type_id",
];

/// The operations. Both sides have the same names.
pub(crate) fn model<'c>(emit: &Emit<'c>, side: Side) -> Operations<'c> {
    let mut types: HashSet<String> = emit.names.all().map(str::to_owned).collect();
    types.extend(["Option", "Vec", "Box", "String", "Result", "Ok", "Err", "Some", "None", "Self", "Default"].map(str::to_owned));
    let name = unique("Client".to_owned(), &mut types);
    let mut methods: HashSet<String> = RESERVED.iter().map(|name| (*name).to_owned()).collect();
    let mut schemes = Vec::new();
    for (name, scheme) in emit.contract.security_schemes() {
        let sends = match &scheme.kind {
            SecurityKind::ApiKey { place, .. } => matches!(place, ParameterPlace::Header | ParameterPlace::Query | ParameterPlace::Cookie),
            SecurityKind::Http { scheme } => matches!(scheme.as_str(), "basic" | "bearer"),
            SecurityKind::Bearer => true,
            _ => false,
        };
        if sends {
            let method = unique(format!("with_{}", field(&name.replace("OAuth", "Oauth")).trim_end_matches('_')), &mut methods);
            schemes.push(Scheme { name: name.clone(), method, kind: scheme.kind.clone() });
        }
    }
    let calls = emit.contract.operations().iter().map(|operation| call(emit, side, operation, &mut methods, &mut types));
    let mut calls: Vec<Call<'_>> = calls.collect();
    for call in &mut calls {
        // The first method of every operation keeps its name.
        let mut kinds: HashSet<&str> = call.body.iter().map(|body| body.kind.suffix()).collect();
        for (method, body) in &mut call.alternatives {
            let kind = body.kind.suffix();
            // A further media type of the same kind is named after its subtype.
            let suffix = if kinds.insert(kind) { kind.to_owned() } else { subtype(&body.range) };
            *method = unique(format!("{}_{suffix}", call.method.trim_end_matches('_')), &mut methods);
        }
    }
    if side == Side::Client {
        for call in &mut calls {
            let found = pages(emit, call);
            call.pages =
                found.map(|found| Pages { name: unique(format!("{}_pages", call.method.trim_end_matches('_')), &mut methods), ..found });
        }
    }
    let server = unique("Server".to_owned(), &mut types);
    for call in calls.iter_mut().filter(|call| call.bodies.len() > 1) {
        call.bodies_name = unique(std::mem::take(&mut call.bodies_name), &mut types);
    }
    Operations { client: name, server, calls, schemes }
}

fn call<'c>(emit: &Emit<'c>, side: Side, operation: &'c Operation, methods: &mut HashSet<String>, types: &mut HashSet<String>) -> Call<'c> {
    let stem = type_name(&operation.id);
    let stem = stem.trim_end_matches('_');
    let mut arguments: HashSet<String> = ["self", "call", "response", "body", "options"].map(str::to_owned).into();
    let (mut required, mut optional) = (Vec::new(), Vec::new());
    for parameter in operation.parameters.iter().filter(|parameter| !parameter.is_ignored()) {
        let name = unique(field(&parameter.name), &mut arguments);
        let type_ = match parameter.value_schema() {
            // A required parameter is never absent, so that it keeps null.
            Some(schema) if parameter.content.is_empty() && parameter.required && allows_null(emit.contract, schema) => {
                nullable(emit, side, schema)
            }
            Some(schema) if parameter.content.is_empty() => type_of_parameter(emit, side, schema),
            Some(schema) => type_of(emit, side, Direction::Request, schema),
            None => quote!(String),
        };
        let is_copied = is_copied(emit, parameter.value_schema(), &type_);
        let argument = Argument { parameter, name, type_, is_copied };
        if parameter.required { required.push(argument) } else { optional.push(argument) }
    }
    let options = if optional.is_empty() { String::new() } else { unique(format!("{stem}Options"), types) };
    let bodies = operation.request_body.as_ref().map(|body| request_bodies(emit, side, &body.content, body.required));
    let bodies = bodies.unwrap_or_default();
    let sent = operation.request_body.as_ref().map(|body| request_bodies(emit, side, &body.content, body.required));
    let sent = sent.unwrap_or_default();
    let mut sent = distinct_media_types(sent);
    // JSON first, else a form, else multipart, else text, else bytes.
    sent.sort_by_key(|body| (rank(&body.range), essence(&body.range) != "application/json"));
    let mut sent = sent.into_iter();
    let body = sent.next();
    let (successes, errors) = outcomes(emit, side, operation, stem, types);
    Call {
        operation,
        method: unique(field(&operation.id), methods),
        required,
        optional,
        options,
        options_argument: "options".to_owned(),
        body,
        alternatives: sent.map(|body| (String::new(), body)).collect(),
        bodies,
        bodies_name: format!("{stem}Body"),
        head: unique("head".to_owned(), &mut arguments),
        incoming: unique("incoming".to_owned(), &mut arguments),
        server: unique("server".to_owned(), &mut arguments),
        successes,
        errors,
        pages: None,
    }
}

/// A media type or range without parameters, in lower case.
fn essence(media_type: &str) -> String {
    media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

/// The subtype of a media type as a part of a name: `merge_patch_json` of `application/merge-patch+json`.
fn subtype(media_type: &str) -> String {
    let essence = essence(media_type);
    let subtype = essence.split_once('/').map_or(essence.as_str(), |(_, subtype)| subtype);
    field(subtype.trim_start_matches("x-").trim_start_matches("vnd.")).trim_end_matches('_').to_owned()
}

/// The bodies that a client sends differently: without parameters of media types, and without ranges and `text/json` if a media type of the
/// same kind has a name of its own.
fn distinct_media_types(bodies: Vec<Body>) -> Vec<Body> {
    let is_vague = |body: &Body| body.range.contains('*') || essence(&body.range) == "text/json";
    let named: HashSet<u8> = bodies.iter().filter(|body| !is_vague(body)).map(|body| rank(&body.range)).collect();
    let (mut seen, mut vague) = (HashSet::new(), HashSet::new());
    let mut is_distinct = |body: &Body| {
        let rank = rank(&body.range);
        // Ranges of one kind are sent in the same way.
        if is_vague(body) { !named.contains(&rank) && vague.insert(rank) } else { seen.insert(essence(&body.range)) }
    };
    bodies.into_iter().filter(|body| is_distinct(body)).collect()
}

/// The order in which a client chooses the kind of a body.
fn rank(media_type: &str) -> u8 {
    match essence(media_type).as_str() {
        _ if is_json(media_type) => 0,
        "application/x-www-form-urlencoded" => 1,
        "multipart/form-data" => 2,
        text if text.starts_with("text/") => 3,
        _ => 4,
    }
}

/// The media type of a body that is sent: a message needs one, and `image/*` is a range.
fn sent_as(media_type: &str) -> String {
    match media_type.split_once('/') {
        _ if !media_type.contains('*') => media_type.to_owned(),
        Some(("text", _)) => "text/plain".to_owned(),
        _ => "application/octet-stream".to_owned(),
    }
}

/// The bodies of all media types, in document order.
fn request_bodies(emit: &Emit<'_>, side: Side, content: &Content, required: bool) -> Vec<Body> {
    let mut variants = HashSet::new();
    let library = side.library();
    let body = |(range, described): (&String, &MediaTypeSpec)| {
        let of_schema = || match described.schema {
            Some(schema) => type_of(emit, side, Direction::Request, schema),
            None => quote!(#library::Value),
        };
        let kind = match rank(range) {
            0 => BodyKind::Json(of_schema()),
            1 => BodyKind::Form(of_schema()),
            2 => BodyKind::Multipart,
            3 => BodyKind::Text,
            _ => BodyKind::Bytes,
        };
        let styled = |(name, encoding): (&String, &charter_contract::Encoding)| {
            if encoding.style.is_none() && encoding.explode.is_none() {
                let json = encoding.content_type.as_deref().is_some_and(is_json);
                return json.then(|| (name.clone(), quote!(#library::Style::Json)));
            }
            let style = encoding.style.unwrap_or(Style::Form);
            Some((name.clone(), style_of(side, style, encoding.explode.unwrap_or(style == Style::Form))))
        };
        let styles = described.encoding.iter().filter_map(styled).collect();
        let variant = match kind.suffix() {
            "json" if essence(range) == "application/json" => "Json".to_owned(),
            "form" => "Form".to_owned(),
            "multipart" => "Multipart".to_owned(),
            _ => type_name(&essence(range).replace('*', "any")).trim_end_matches('_').to_owned(),
        };
        Body {
            argument: "body".to_owned(),
            required,
            media_type: sent_as(range),
            range: range.clone(),
            variant: unique(variant, &mut variants),
            schema: described.schema,
            kind,
            styles,
        }
    };
    content.iter().map(body).collect()
}

/// The style as an expression.
pub(crate) fn style_of(side: Side, style: Style, explode: bool) -> TokenStream {
    let library = side.library();
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
    quote!(#library::Style::#style)
}

/// The documented successes and errors. If `default` is the only response, it describes both.
fn outcomes(emit: &Emit<'_>, side: Side, operation: &Operation, stem: &str, types: &mut HashSet<String>) -> (Outcomes, Outcomes) {
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
            received: received(emit, side, &response.content, streams),
            media_type: media_type_of(&response.content),
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
fn received(emit: &Emit<'_>, side: Side, content: &Content, streams: bool) -> Received {
    let library = side.library();
    if let Some(described) = content.json().next() {
        return Received::Json(match described.schema {
            Some(schema) => type_of(emit, side, Direction::Response, schema),
            None => quote!(#library::Value),
        });
    }
    let Some((media_type, _)) = content.first() else { return Received::Empty };
    match essence(media_type).as_str() {
        "text/event-stream" if streams => Received::Events,
        text if text.starts_with("text/") => Received::Text,
        _ if streams => Received::Stream,
        _ => Received::Bytes,
    }
}

/// The media type of the body of a response: JSON if it is documented, else the first.
fn media_type_of(content: &Content) -> String {
    let chosen = content.keys().find(|key| is_json(key)).or_else(|| content.keys().next());
    chosen.map(|chosen| sent_as(chosen)).unwrap_or_default()
}
