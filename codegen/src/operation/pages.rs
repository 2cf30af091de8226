//! Operations that return pages. OpenAPI has no description of pages, so that they are found by the names and types of a query parameter and
//! of a property of the response.

use charter_contract::{JsonType, ParameterPlace, SchemaId};
use proc_macro2::TokenStream;
use quote::quote;

use super::model::{Argument, Call, Received};
use super::types::generated_use;
use super::write::ident;
use crate::context::Emit;
use crate::emit::presence;
use crate::shape::{Property, Shape, TypeId, TypeKind, Use};

/// Parameters for a cursor, in lower case and without punctuation.
const CURSORS: [&str; 14] = [
    "cursor",
    "pagecursor",
    "nextcursor",
    "startcursor",
    "pagetoken",
    "nextpagetoken",
    "nexttoken",
    "continuationtoken",
    "continuation",
    "paginationtoken",
    "pagingtoken",
    "marker",
    "after",
    "page",
];
/// Properties with the cursor of the next page, those with the most specific names first.
const NEXT: [&str; 12] = [
    "nextcursor",
    "nextpagetoken",
    "nextpagecursor",
    "nexttoken",
    "nextmarker",
    "endcursor",
    "continuationtoken",
    "paginationtoken",
    "pagingtoken",
    "after",
    "nextpage",
    "next",
];
/// Properties with an object about the page.
const CONTAINERS: [&str; 9] =
    ["pagination", "paging", "pageinfo", "meta", "metadata", "cursors", "responsemetadata", "searchmetadata", "links"];
const OFFSETS: [&str; 4] = ["offset", "skip", "startindex", "start"];
const NUMBERS: [&str; 3] = ["page", "pagenumber", "pageno"];

/// How the pages of an operation are requested.
pub(crate) struct Pages {
    /// The name of the method.
    pub(crate) name: String,
    /// The optional parameter that selects a page, by its index.
    pub(crate) argument: usize,
    pub(crate) kind: PagesKind,
}

/// What selects a page.
pub(crate) enum PagesKind {
    /// A cursor in the page before: an expression of an `Option` for the property in `page.body`.
    Cursor(TokenStream),
    /// The number of items before the page, by an expression for the number of items in `page.body`.
    Offset(TokenStream),
    /// The number of the page, from the first on, by an expression for the number of items in `page.body`.
    Number(usize, TokenStream),
}

/// The pages of an operation, if its parameters and its response describe them.
pub(crate) fn pages(emit: &Emit<'_>, call: &Call<'_>) -> Option<Pages> {
    let [success] = call.successes.list.as_slice() else { return None };
    if call.body.is_some() || !matches!(success.received, Received::Json(_)) {
        return None;
    }
    let schema = call.operation.responses.iter().find(|response| response.status == success.status)?.content.json().next()?.schema?;
    let body = body(emit, schema)?;
    let named = |names: &[&str], type_: JsonType| {
        let is_page = |argument: &Argument<'_>| {
            let parameter = argument.parameter;
            parameter.place == ParameterPlace::Query
                && names.contains(&plain(&parameter.name).as_str())
                && parameter.value_schema().is_some_and(|schema| only_type(emit, schema) == Some(type_))
        };
        call.optional.iter().position(is_page)
    };
    let made = |argument, kind| Some(Pages { name: String::new(), argument, kind });
    for type_ in [JsonType::String, JsonType::Integer] {
        // A page is a number in most APIs, and a number is not a cursor then.
        let names = if type_ == JsonType::String { &CURSORS[..] } else { &CURSORS[..CURSORS.len() - 1] };
        if let Some(argument) = named(names, type_)
            && let Body::Object(id) = body
            && let Some(next) = next(emit, id, type_, 2)
        {
            return made(argument, PagesKind::Cursor(expression(&next)));
        }
    }
    let items = match body {
        Body::List => quote!(page.body.len()),
        Body::Object(id) => {
            let list = expression(&list(emit, id)?);
            quote!(#list.map_or(0, Vec::len))
        }
    };
    if let Some(argument) = named(&OFFSETS, JsonType::Integer) {
        return made(argument, PagesKind::Offset(items));
    }
    let argument = named(&NUMBERS, JsonType::Integer)?;
    let schema = call.optional[argument].parameter.value_schema()?;
    let schema = emit.contract.schema(emit.contract.target(schema));
    let source = emit.contract.documents().at(&schema.location);
    let default = source.and_then(|source| source.get("default")).and_then(serde_json::Value::as_u64);
    let minimum = schema.keywords.minimum.as_ref().and_then(serde_json::Number::as_u64);
    let first = default.or(minimum).and_then(|first| usize::try_from(first).ok()).unwrap_or(1);
    made(argument, PagesKind::Number(first, items))
}

enum Body {
    List,
    Object(TypeId),
}

fn body(emit: &Emit<'_>, schema: SchemaId) -> Option<Body> {
    match generated_use(emit, charter_contract::Direction::Response, schema) {
        Some(Use { shape: Shape::List(_), nullable: false }) => Some(Body::List),
        Some(Use { shape: Shape::Named(id) | Shape::Boxed(id), nullable: false }) => Some(Body::Object(*id)),
        Some(_) => None,
        None => (only_type(emit, schema) == Some(JsonType::Array)).then_some(Body::List),
    }
}

/// The only type of a schema, apart from null.
fn only_type(emit: &Emit<'_>, schema: SchemaId) -> Option<JsonType> {
    let value = crate::shape::parameter::value_of(emit.contract, schema);
    let keywords = &emit.contract.schema(emit.contract.target(value)).keywords;
    let mut types = keywords.types.iter().flatten().filter(|type_| **type_ != JsonType::Null);
    types.next().copied().filter(|_| types.next().is_none())
}

/// The steps from an object to one of its properties.
type Steps = Vec<(String, &'static str)>;

/// The properties of an object with the names of their members.
fn properties<'e>(emit: &'e Emit<'_>, id: TypeId) -> Vec<(&'e Property, &'e String)> {
    match &emit.shapes.types[id.0].kind {
        TypeKind::Struct { properties, .. } => properties.iter().zip(emit.names.members(id)).collect(),
        _ => Vec::new(),
    }
}

fn step(emit: &Emit<'_>, property: &Property, member: &str) -> (String, &'static str) {
    (member.to_owned(), presence(emit, property))
}

/// The property with the cursor of the next page.
fn next(emit: &Emit<'_>, id: TypeId, type_: JsonType, depth: usize) -> Option<Steps> {
    let properties = properties(emit, id);
    for name in NEXT {
        for (property, member) in &properties {
            let keywords = &emit.contract.schema(emit.contract.target(property.schema)).keywords;
            let is_link = keywords.format.as_deref().is_some_and(|format| format.starts_with("ur"));
            let has_type = only_type(emit, property.schema) == Some(type_);
            if plain(&property.key) == name && has_type && !is_link {
                return Some(vec![step(emit, property, member)]);
            }
        }
    }
    let inside = properties.iter().filter(|(property, _)| depth > 0 && CONTAINERS.contains(&plain(&property.key).as_str()));
    inside.into_iter().find_map(|(property, member)| {
        let (Shape::Named(inner) | Shape::Boxed(inner)) = property.use_.shape else { return None };
        let mut steps = vec![step(emit, property, member)];
        steps.extend(next(emit, inner, type_, depth - 1)?);
        Some(steps)
    })
}

/// The only list of an object.
fn list(emit: &Emit<'_>, id: TypeId) -> Option<Steps> {
    let properties = properties(emit, id);
    let mut lists = properties.iter().filter(|(property, _)| matches!(property.use_.shape, Shape::List(_)));
    let (property, member) = lists.next()?;
    lists.next().is_none().then(|| vec![step(emit, property, member)])
}

/// An expression for an `Option` of a reference to a property of `page.body`.
fn expression(steps: &Steps) -> TokenStream {
    let mut steps = steps.iter();
    let of = |value: TokenStream, (member, presence): &(String, &'static str)| {
        let member = ident(member);
        match *presence {
            "optional" | "optional_list" => (quote!(#value.#member.as_ref()), true),
            "nullable" | "field" => (quote!(#value.#member.value()), true),
            _ => (quote!(&#value.#member), false),
        }
    };
    let Some(first) = steps.next() else { return quote!(None) };
    let (first, is_option) = of(quote!(page.body), first);
    let mut expression = if is_option { first } else { quote!(Some(#first)) };
    for next in steps {
        let (inside, is_option) = of(quote!(inner), next);
        expression = if is_option { quote!(#expression.and_then(|inner| #inside)) } else { quote!(#expression.map(|inner| #inside)) };
    }
    expression
}

/// A name in lower case without punctuation.
fn plain(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|letter| letter.to_ascii_lowercase()).collect()
}
