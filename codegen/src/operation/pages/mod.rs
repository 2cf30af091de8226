//! Operations that return pages. OpenAPI has no description of pages, so that they are found by the names and types of a query parameter, or
//! of a property of the request body, and of properties of the response.
//!
//! | module | owns |
//! |---|---|
//! | `words` | the names that parameters and properties of pages usually have |
//! | `page` | the list, the cursor and the flag of a page, as expressions |

mod page;
mod words;

use charter_contract::{Direction, JsonType, ParameterPlace, SchemaId};
use proc_macro2::TokenStream;
use quote::quote;

use super::model::{Argument, BodyKind, Call, Received};
use super::types::generated_use;
use crate::context::Emit;
use crate::emit::presence;
use crate::shape::{Property, Shape, TypeId, TypeKind, Use};
pub(crate) use page::items_impl;
use words::{CURSORS, ID_CURSORS, NUMBERS, OFFSETS, plain};

/// How the pages of an operation are requested.
pub(crate) struct Pages {
    /// The name of the method.
    pub(crate) name: String,
    /// What selects a page in a request.
    pub(crate) selector: Selector,
    pub(crate) kind: PagesKind,
    /// The type of a page that has a list of items.
    pub(crate) items: Option<TypeId>,
}

/// What selects a page in a request.
#[derive(Clone)]
pub(crate) enum Selector {
    /// The optional parameter with an index.
    Parameter(usize),
    /// A property of the request body.
    Property(Target),
    /// The URL of the page, which replaces that of the operation.
    Url,
}

/// A property of the request body.
#[derive(Clone)]
pub(crate) struct Target {
    pub(crate) key: String,
    pub(crate) member: String,
    pub(crate) presence: &'static str,
    pub(crate) type_: TokenStream,
    shape: Shape,
}

/// How a page is selected.
pub(crate) enum PagesKind {
    /// By a cursor that the page before has.
    Cursor(Next),
    /// By the URL that the page before has.
    Link(Next),
    /// By the number of items before the page.
    Offset,
    /// By the number of the page, from the first on.
    Number(usize),
}

/// The cursor of the next page, from the page before, which is named `__page`. Each value is an expression.
pub(crate) struct Next {
    /// An `Option` of a reference to the cursor.
    pub(crate) cursor: TokenStream,
    /// An `Option<bool>`: whether the page says that more pages follow.
    pub(crate) has_more: TokenStream,
    /// Whether the page has no items.
    pub(crate) is_empty: TokenStream,
}

/// The pages of an operation, if its parameters, its request body and its response describe them.
pub(crate) fn pages(emit: &Emit<'_>, call: &Call<'_>) -> Option<Pages> {
    let [success] = call.successes.list.as_slice() else { return None };
    if !matches!(success.received, Received::Json(_)) {
        return None;
    }
    if call.body.as_ref().is_some_and(|body| !matches!(body.kind, BodyKind::Json(_) | BodyKind::Form(_))) {
        return None;
    }
    let schema = call.operation.responses.iter().find(|response| response.status == success.status)?.content.json().next()?.schema?;
    let page = Page::of(emit, schema)?;
    let selectors = selectors(emit, call);
    if let Some((selector, next)) = by_cursor(emit, &selectors, &page) {
        return Some(Pages { name: String::new(), selector, kind: PagesKind::Cursor(next), items: page.with_list() });
    }
    // The number of items is not known without a list.
    if !page.has_list {
        return None;
    }
    let named = |names: &[&str]| {
        selectors.iter().find(|candidate| candidate.type_ == Some(JsonType::Integer) && names.contains(&candidate.name.as_str()))
    };
    let made =
        |selector: &Candidate, kind| Pages { name: String::new(), selector: selector.selector.clone(), kind, items: page.with_list() };
    if let Some(found) = named(&OFFSETS) {
        return Some(made(found, PagesKind::Offset));
    }
    if let Some(found) = named(&NUMBERS) {
        return Some(made(found, PagesKind::Number(first_number(emit, found.schema))));
    }
    // The number of a page or a cursor is used rather than its URL: behind a proxy, the URL may have another host.
    let steps = page::link(emit, page.object?).filter(|_| call.operation.method.0 == "GET")?;
    let next = page.next(emit, page::option(&quote!(__page.body), &steps));
    Some(Pages { name: String::new(), selector: Selector::Url, kind: PagesKind::Link(next), items: page.with_list() })
}

/// The number of the first page: the default of the parameter or its minimum, or else 1.
fn first_number(emit: &Emit<'_>, schema: SchemaId) -> usize {
    let schema = emit.contract.schema(emit.contract.target(schema));
    let source = emit.contract.documents().at(&schema.location);
    let default = source.and_then(|source| source.get("default")).and_then(serde_json::Value::as_u64);
    let minimum = schema.keywords.minimum.as_ref().and_then(serde_json::Number::as_u64);
    default.or(minimum).and_then(|first| usize::try_from(first).ok()).unwrap_or(1)
}

/// A parameter or a property of a request that can select a page.
struct Candidate {
    selector: Selector,
    /// The name in lower case without punctuation.
    name: String,
    schema: SchemaId,
    type_: Option<JsonType>,
}

/// The optional query parameters, then the properties of the request body that need no value.
fn selectors(emit: &Emit<'_>, call: &Call<'_>) -> Vec<Candidate> {
    let candidate = |selector, name: &str, schema| Candidate { selector, name: plain(name), schema, type_: only_type(emit, schema) };
    let parameter = |(index, argument): (usize, &Argument<'_>)| {
        let schema = argument.parameter.value_schema()?;
        let is_query = argument.parameter.place == ParameterPlace::Query;
        is_query.then(|| candidate(Selector::Parameter(index), &argument.parameter.name, schema))
    };
    let mut found: Vec<Candidate> = call.optional.iter().enumerate().filter_map(parameter).collect();
    let body = call.body.as_ref().and_then(|body| generated_use(emit, Direction::Request, body.schema?));
    if let Some(Use { shape: Shape::Named(id), nullable: false }) = body {
        for (property, member) in properties(emit, *id) {
            let presence = presence(emit, property);
            if matches!(presence, "optional" | "field" | "nullable") {
                let shape = property.use_.shape.clone();
                let type_ = emit.use_(&Use { shape: shape.clone(), nullable: false });
                let target = Target { key: property.key.clone(), member: member.clone(), presence, type_, shape };
                found.push(candidate(Selector::Property(target), &property.key, property.schema));
            }
        }
    }
    found
}

/// The selector of pages by a cursor, and that cursor.
fn by_cursor(emit: &Emit<'_>, selectors: &[Candidate], page: &Page) -> Option<(Selector, Next)> {
    let id = page.object?;
    let accepts = |candidate: &Candidate, property: &Property| {
        let type_ = only_type(emit, property.schema);
        let is_same = matches!(&candidate.selector, Selector::Property(target) if target.shape == property.use_.shape);
        is_same || (type_.is_some() && type_ == candidate.type_)
    };
    let is_text = |candidate: &Candidate| candidate.type_ != Some(JsonType::Integer);
    let of = |selector: &Candidate, cursor| Some((selector.selector.clone(), page.next(emit, cursor)));
    for names in CURSORS {
        for candidate in selectors.iter().filter(|candidate| names.parameters.contains(&candidate.name.as_str())) {
            // A page is a number in most APIs, and a number is not a cursor then.
            if candidate.name == "page" && !is_text(candidate) {
                continue;
            }
            if let Some(steps) = page::next(emit, id, names.properties, &|property| accepts(candidate, property), 2) {
                return of(candidate, page::option(&quote!(__page.body), &steps));
            }
        }
    }
    // The id of the last item, if the page says whether more items follow.
    page::has_more(emit, id)?;
    let candidate = selectors.iter().find(|candidate| ID_CURSORS.contains(&candidate.name.as_str()) && !is_time(emit, candidate.schema))?;
    let (_, item) = page::list(emit, id)?;
    let (Shape::Named(item) | Shape::Boxed(item)) = item.shape.clone() else { return None };
    let found = properties(emit, item).into_iter().find(|(property, _)| property.key == "id" && accepts(candidate, property))?;
    let last = quote!(::charter_client::Items::items(&__page.body).last());
    let steps = vec![page::step(emit, found.0, found.1)];
    let id = page::option(&quote!(__item), &steps);
    // A required id needs no second `Option`.
    let cursor = match page::required(&quote!(__item), &steps) {
        Some(id) => quote!(#last.map(|__item| #id)),
        None => quote!(#last.and_then(|__item| #id)),
    };
    of(candidate, cursor)
}

/// The body of a response that may be a page.
struct Page {
    /// The type of an object; `None` if the body is a list.
    object: Option<TypeId>,
    has_list: bool,
}

impl Page {
    fn of(emit: &Emit<'_>, schema: SchemaId) -> Option<Self> {
        let list = Some(Self { object: None, has_list: true });
        match generated_use(emit, Direction::Response, schema) {
            Some(Use { shape: Shape::List(_), nullable: false }) => list,
            Some(Use { shape: Shape::Named(id) | Shape::Boxed(id), nullable: false }) => {
                matches!(emit.shapes.types[id.0].kind, TypeKind::Struct { .. })
                    .then(|| Self { object: Some(*id), has_list: page::list(emit, *id).is_some() })
            }
            Some(_) => None,
            None => list.filter(|_| only_type(emit, schema) == Some(JsonType::Array)),
        }
    }

    /// The type that implements `Items`.
    fn with_list(&self) -> Option<TypeId> {
        self.object.filter(|_| self.has_list)
    }

    fn next(&self, emit: &Emit<'_>, cursor: TokenStream) -> Next {
        if self.has_list {
            let has_more = quote!(::charter_client::Items::has_more(&__page.body));
            return Next { cursor, has_more, is_empty: quote!(::charter_client::Items::items(&__page.body).is_empty()) };
        }
        let has_more = self.object.and_then(|id| page::has_more(emit, id)).map(|flag| flag.expression(&quote!(__page.body)));
        Next { cursor, has_more: has_more.unwrap_or_else(|| quote!(None)), is_empty: quote!(false) }
    }
}

/// Whether a schema describes a time, such as `after` that selects items by their date.
fn is_time(emit: &Emit<'_>, schema: SchemaId) -> bool {
    let value = crate::shape::parameter::value_of(emit.contract, schema);
    let keywords = &emit.contract.schema(emit.contract.target(value)).keywords;
    keywords.format.as_deref().is_some_and(|format| matches!(format, "date" | "date-time" | "time"))
}

/// The only type of a schema, apart from null.
fn only_type(emit: &Emit<'_>, schema: SchemaId) -> Option<JsonType> {
    let value = crate::shape::parameter::value_of(emit.contract, schema);
    let keywords = &emit.contract.schema(emit.contract.target(value)).keywords;
    let mut types = keywords.types.iter().flatten().filter(|type_| **type_ != JsonType::Null);
    types.next().copied().filter(|_| types.next().is_none())
}

/// The properties of an object with the names of their members.
fn properties<'e>(emit: &'e Emit<'_>, id: TypeId) -> Vec<(&'e Property, &'e String)> {
    match &emit.shapes.types[id.0].kind {
        TypeKind::Struct { properties, .. } => properties.iter().zip(emit.names.members(id)).collect(),
        _ => Vec::new(),
    }
}
