//! The list, the cursor and the flag of a page, as expressions. Their local names begin with two underscores, which no parameter has.

use proc_macro2::TokenStream;
use quote::quote;

use super::super::write::ident;
use super::properties;
use super::words::{CONTAINERS, LAST, LINKS, LIST_CONTAINERS, LISTS, MORE, plain};
use crate::context::Emit;
use crate::emit::presence;
use crate::shape::{Property, Shape, TypeId, TypeKind, Use};

/// The steps from an object to one of its properties: the member, and its presence.
pub(crate) type Steps = Vec<(String, &'static str)>;

pub(super) fn step(emit: &Emit<'_>, property: &Property, member: &str) -> (String, &'static str) {
    (member.to_owned(), presence(emit, property))
}

/// The property with the cursor of the next page: one of `names` that is accepted.
pub(super) fn next(emit: &Emit<'_>, id: TypeId, names: &[&str], accepts: &dyn Fn(&Property) -> bool, depth: usize) -> Option<Steps> {
    let properties = properties(emit, id);
    for name in names {
        for (property, member) in &properties {
            if plain(&property.key) == *name && !is_link(emit, property) && accepts(property) {
                return Some(vec![step(emit, property, member)]);
            }
        }
    }
    within(emit, id, &CONTAINERS, depth, |inner| next(emit, inner, names, accepts, depth - 1))
}

/// Whether the schema of a property says that it is a URL.
fn is_link(emit: &Emit<'_>, property: &Property) -> bool {
    let value = crate::shape::parameter::value_of(emit.contract, property.schema);
    let keywords = &emit.contract.schema(emit.contract.target(value)).keywords;
    keywords.format.as_deref().is_some_and(|format| format.starts_with("ur"))
}

/// The property with the URL of the next page, which is absent, null or empty on the last page.
pub(super) fn link(emit: &Emit<'_>, id: TypeId) -> Option<Steps> {
    fn find(emit: &Emit<'_>, id: TypeId, depth: usize) -> Option<Steps> {
        let is_next = |property: &Property| {
            let name = plain(&property.key);
            let is_named = ["url", "uri", "link"].iter().any(|word| name.ends_with(word));
            LINKS.contains(&name.as_str()) && (is_named || is_link(emit, property)) && property.use_.shape == Shape::String
        };
        let found = properties(emit, id).into_iter().find(|(property, _)| is_next(property));
        let here = found.map(|(property, member)| vec![step(emit, property, member)]);
        here.or_else(|| within(emit, id, &CONTAINERS, depth, |inner| find(emit, inner, depth - 1)))
    }
    find(emit, id, 1)
}

/// The steps that `find` returns for one of the objects in an object.
fn within(emit: &Emit<'_>, id: TypeId, names: &[&str], depth: usize, find: impl Fn(TypeId) -> Option<Steps>) -> Option<Steps> {
    let properties = properties(emit, id);
    let inside = properties.iter().filter(|(property, _)| depth > 0 && names.contains(&plain(&property.key).as_str()));
    inside.into_iter().find_map(|(property, member)| {
        let (Shape::Named(inner) | Shape::Boxed(inner)) = property.use_.shape else { return None };
        let mut steps = vec![step(emit, property, member)];
        steps.extend(find(inner)?);
        Some(steps)
    })
}

/// A property that says whether more pages follow.
pub(super) struct Flag {
    steps: Steps,
    kind: FlagKind,
}

enum FlagKind {
    /// More pages follow if it is true.
    More,
    /// More pages follow if it is false.
    Last,
    /// More pages follow if it has a value.
    Link,
}

impl Flag {
    /// An expression for an `Option<bool>`: whether more pages follow.
    pub(super) fn expression(&self, root: &TokenStream) -> TokenStream {
        let flag = option(root, &self.steps);
        match self.kind {
            FlagKind::More => quote!(#flag.copied()),
            FlagKind::Last => quote!(#flag.map(|__last| !__last)),
            FlagKind::Link => quote!(Some(#flag.is_some_and(|__link| !__link.is_empty()))),
        }
    }
}

/// The flag of a page.
pub(super) fn has_more(emit: &Emit<'_>, id: TypeId) -> Option<Flag> {
    let named = |names: &'static [&'static str]| {
        fn find(emit: &Emit<'_>, id: TypeId, names: &[&str], depth: usize) -> Option<Steps> {
            let is_flag = |property: &Property| property.use_.shape == Shape::Boolean && names.contains(&plain(&property.key).as_str());
            let found = properties(emit, id).into_iter().find(|(property, _)| is_flag(property));
            let here = found.map(|(property, member)| vec![step(emit, property, member)]);
            here.or_else(|| within(emit, id, &CONTAINERS, depth, |inner| find(emit, inner, names, depth - 1)))
        }
        find(emit, id, names, 1)
    };
    let more = named(&MORE).map(|steps| Flag { steps, kind: FlagKind::More });
    let flag = more.or_else(|| named(&LAST).map(|steps| Flag { steps, kind: FlagKind::Last }));
    flag.or_else(|| link(emit, id).map(|steps| Flag { steps, kind: FlagKind::Link }))
}

/// The list of a page and its items: the only list of the object, or the one with a usual name.
pub(super) fn list(emit: &Emit<'_>, id: TypeId) -> Option<(Steps, Use)> {
    fn find(emit: &Emit<'_>, id: TypeId, depth: usize) -> Option<(Steps, Use)> {
        let properties = properties(emit, id);
        let lists = properties.iter().filter_map(|(property, member)| Some((*property, *member, item(emit, &property.use_.shape)?)));
        let mut lists: Vec<_> = lists.collect();
        if lists.len() > 1 {
            let rank = |property: &Property| LISTS.iter().position(|name| *name == plain(&property.key));
            lists.retain(|(property, ..)| rank(property).is_some());
            lists.sort_by_key(|(property, ..)| rank(property));
            lists.truncate(1);
        } else if lists.is_empty() {
            let inside = properties.iter().filter(|(property, _)| depth > 0 && LIST_CONTAINERS.contains(&plain(&property.key).as_str()));
            return inside.into_iter().find_map(|(property, member)| {
                let (Shape::Named(inner) | Shape::Boxed(inner)) = property.use_.shape else { return None };
                let (rest, item) = find(emit, inner, depth - 1)?;
                let mut steps = vec![step(emit, property, member)];
                steps.extend(rest);
                Some((steps, item))
            });
        }
        let (property, member, item) = lists.pop()?;
        Some((vec![step(emit, property, member)], item.clone()))
    }
    find(emit, id, 1)
}

/// The items of a list, which may be checked.
fn item<'e>(emit: &'e Emit<'_>, shape: &'e Shape) -> Option<&'e Use> {
    match shape {
        Shape::List(item) => Some(item),
        Shape::Named(id) => match &emit.shapes.types[id.0].kind {
            TypeKind::Constrained { inner: Shape::List(item), .. } => Some(item),
            _ => None,
        },
        _ => None,
    }
}

/// The implementation of `Items` of the type of a page.
pub(crate) fn items_impl(emit: &Emit<'_>, id: TypeId) -> Option<TokenStream> {
    let (steps, item) = list(emit, id)?;
    let (name, item) = (emit.ident(id), emit.use_(&item));
    let list = option(&quote!(self), &steps);
    let items = required(&quote!(self), &steps).unwrap_or_else(|| quote!(#list.map_or(&[], |__list| &__list[..])));
    let has_more = has_more(emit, id).map(|flag| {
        let flag = flag.expression(&quote!(self));
        quote!(fn has_more(&self) -> Option<bool> { #flag })
    });
    Some(quote! {
        impl ::charter_client::Items for #name {
            type Item = #item;
            fn items(&self) -> &[#item] { #items }
            #has_more
        }
    })
}

/// An expression for a reference to a property of `root` that is never absent or null.
pub(super) fn required(root: &TokenStream, steps: &Steps) -> Option<TokenStream> {
    let members = steps.iter().map(|(member, presence)| (!is_optional(presence)).then(|| ident(member)));
    let members = members.collect::<Option<Vec<_>>>()?;
    Some(quote!(&#root #(.#members)*))
}

fn is_optional(presence: &str) -> bool {
    matches!(presence, "optional" | "optional_list" | "nullable" | "field")
}

/// An expression for an `Option` of a reference to a property of `root`.
pub(super) fn option(root: &TokenStream, steps: &Steps) -> TokenStream {
    let of = |value: &TokenStream, (member, presence): &(String, &'static str)| {
        let member = ident(member);
        match *presence {
            "optional" | "optional_list" => quote!(#value.#member.as_ref()),
            "nullable" | "field" => quote!(#value.#member.value()),
            _ => quote!(&#value.#member),
        }
    };
    let mut steps = steps.iter();
    let Some(first) = steps.next() else { return quote!(None) };
    let start = of(root, first);
    let mut expression = if is_optional(first.1) { start } else { quote!(Some(#start)) };
    for next in steps {
        let inside = of(&quote!(__inner), next);
        expression =
            if is_optional(next.1) { quote!(#expression.and_then(|__inner| #inside)) } else { quote!(#expression.map(|__inner| #inside)) };
    }
    expression
}
