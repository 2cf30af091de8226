//! Compiles shapes to calls of the functions in `charter_reader::read`.

use charter_contract::invariant::BindAs;
use charter_contract::{JsonType, SchemaId};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Number;

use super::event::{Kind, List};
use super::place::{Place, property};
use super::rule::{Rule, Rules};
use super::view::{View, Views, branches};
use super::{Fast, is_left};
use crate::shape::{Check, Dispatch, Limit, Machine, Others, Property, Shape, TypeId, TypeKind, Use};

/// The limit up to which a double represents every integer.
const EXACT: i128 = 1 << 53;
/// The number of events of a rule: passed, vacuous, skipped.
const OUTCOMES: usize = 3;

impl Fast<'_, '_> {
    /// The expression that reads a value: a `FastPath<…>`, of the value's view if `wanted`.
    pub(crate) fn read(&mut self, place: &Place, use_: &Use, wanted: bool) -> TokenStream {
        if use_.shape == Shape::Any {
            return self.anything(place);
        }
        let value = self.shape(place, &use_.shape, wanted);
        let value = match is_left(&value) && wanted && self.views.of(self.emit, use_) != View::Val {
            true => quote!(Err(Fallback)),
            false => value,
        };
        if !use_.nullable {
            return value;
        }
        let null = self.events.run(place, [Kind::Null]);
        quote!(read::nullable(cursor, counters, #null, |cursor, counters| #value))
    }

    fn anything(&mut self, place: &Place) -> TokenStream {
        if place.roots.is_empty() {
            return quote!(read::skip(cursor));
        }
        if !place.is_plain(self.emit.contract) {
            return self.leave(place, "any value, if coverage distinguishes kinds of it");
        }
        let event = self.events.run(place, [Kind::Anything]);
        quote!(read::any(cursor, counters, #event))
    }

    fn shape(&mut self, place: &Place, shape: &Shape, wanted: bool) -> TokenStream {
        match shape {
            Shape::Any => self.anything(place),
            Shape::Never => self.leave(place, "a schema without valid values"),
            Shape::Boolean => {
                let event = self.events.run(place, [Kind::False, Kind::True]);
                quote!(read::boolean(cursor, counters, #event))
            }
            Shape::String => self.text(place, wanted),
            Shape::Integer64 | Shape::Integer => {
                let event = self.events.run(place, [Kind::Whole]);
                quote!(read::integer(cursor, counters, #event))
            }
            Shape::Machine(machine) => self.machine(place, *machine),
            Shape::Double | Shape::Number => {
                let event = self.events.run(place, [Kind::Whole, Kind::Fraction]);
                quote!(read::number(cursor, counters, #event))
            }
            Shape::List(item) => self.list(place, item, wanted),
            Shape::Map(value) => {
                let event = self.events.run(place, [Kind::Object]);
                let values = place.values(self.emit.contract);
                let value = self.read(&values, value, false);
                quote!(read::map(cursor, counters, #event, |cursor, counters| #value))
            }
            Shape::Named(id) | Shape::Boxed(id) => self.named(place, *id, wanted),
            Shape::Tuple { .. } => self.leave(place, "a tuple"),
            Shape::Text(_) => self.leave(place, "a string that is parsed as another type"),
            Shape::Own(_) => self.leave(place, "a type of the user"),
        }
    }

    fn text(&mut self, place: &Place, wanted: bool) -> TokenStream {
        let event = self.events.run(place, [Kind::Text]);
        if !wanted {
            return quote!(read::any_text(cursor, counters, #event));
        }
        let binds = &self.emit.contract.invariants().binds;
        let bound = place.schemas(self.emit.contract, JsonType::String).iter().find_map(|id| binds.get(id).copied());
        match bound {
            Some(BindAs::DateTime) => quote!(read::instant(cursor, counters, #event)),
            Some(BindAs::CommaList) => self.leave(place, "a string that rules read as a list"),
            None => quote!(read::text(cursor, counters, #event)),
        }
    }

    fn machine(&mut self, place: &Place, machine: Machine) -> TokenStream {
        let (least, most) = machine.range();
        if least < -EXACT || most > EXACT {
            return self.leave(place, "a bounded integer beyond 2^53");
        }
        self.bounded_integer(place, least as f64, most as f64)
    }

    fn bounded_integer(&mut self, place: &Place, least: f64, most: f64) -> TokenStream {
        let event = self.events.run(place, [Kind::Number(number(least)), Kind::Number(number(most)), Kind::Whole]);
        quote!(read::bounded_integer(cursor, counters, &Bounds { minimum: #least, maximum: #most, ..Bounds::NONE }, #event))
    }

    fn list(&mut self, place: &Place, item: &Use, wanted: bool) -> TokenStream {
        let event = self.events.run(place, [Kind::Empty, Kind::Items]);
        let items = place.items(self.emit.contract);
        let keeps = wanted
            && matches!(self.views.of(self.emit, &Use { shape: Shape::List(Box::new(item.clone())), nullable: false }), View::List(_));
        let item_read = self.read(&items, item, keeps);
        if !keeps {
            return quote!(read::any_list(cursor, counters, #event, |cursor, counters| #item_read));
        }
        let object = matches!(self.views.of(self.emit, item), View::Object(_));
        let item_read =
            if object { quote!(match #item_read? { Member::Present(item) => Ok(item), _ => Err(Fallback) }) } else { item_read };
        quote!(read::list(cursor, counters, #event, |cursor, counters| #item_read))
    }

    fn named(&mut self, place: &Place, id: TypeId, wanted: bool) -> TokenStream {
        if self.open.contains(&id) {
            return self.leave(place, "a type that contains itself without an object in between");
        }
        self.open.push(id);
        let read = self.of_type(place, id, wanted);
        self.open.pop();
        read
    }

    fn of_type(&mut self, place: &Place, id: TypeId, wanted: bool) -> TokenStream {
        let type_ = &self.emit.shapes.types[id.0];
        match &type_.kind {
            TypeKind::Struct { .. } => self.object(place, id),
            TypeKind::Enumeration { union: Some(_), .. } => self.leave(place, "an enumeration that the branches of a union list"),
            TypeKind::Enumeration { values, others: Others::Refused, .. } => {
                let event = self.events.run(place, values.iter().map(|value| Kind::Value(value.clone())));
                let values = self.events.list(List::Values, values.clone());
                quote!(read::choice(cursor, counters, &#values, #event))
            }
            TypeKind::Enumeration { .. } => self.leave(place, "an enumeration that accepts other values"),
            TypeKind::Values { .. } => self.leave(place, "values that are not all strings"),
            TypeKind::Union { branches, dispatch, .. } => match dispatch {
                Dispatch::Try => self.leave(place, "a union whose branches are not proved to exclude each other"),
                _ if super::view::branches(self.emit, id).is_some() => self.objects(place, id),
                Dispatch::Type(types) => {
                    let branches: Vec<(SchemaId, Shape)> = branches.iter().map(|branch| (branch.schema, branch.shape.clone())).collect();
                    self.kinds(place, &branches, types, wanted)
                }
                _ => self.leave(place, "a union of objects and other values"),
            },
            TypeKind::Constrained { inner, checks } => self.constrained(place, inner, checks, wanted),
        }
    }

    /// Reads an object: the event of the place is counted here; the function of its type reads the members.
    fn object(&mut self, place: &Place, id: TypeId) -> TokenStream {
        let Some((event, read)) = self.part(place, id) else { return super::left() };
        let view = Views::name(self.emit, id);
        let read = match self.views.fields(self.emit, id) {
            Some(_) => quote!(read::object(|part: &mut #view<'_>| #read(cursor, counters, part))),
            None => quote!(#read(cursor, counters)),
        };
        quote!({ counters.count(#event); #read })
    }

    /// Reads an object whose view is a field of another view, which it fills in place.
    fn object_within(&mut self, place: &Place, id: TypeId, field: &Ident) -> TokenStream {
        let Some((event, read)) = self.part(place, id) else { return super::left() };
        quote!({ counters.count(#event); view.#field.fill(|part| #read(cursor, counters, part)) })
    }

    /// The event of an object, and the function that reads it.
    fn part(&mut self, place: &Place, id: TypeId) -> Option<(u32, Ident)> {
        let type_ = &self.emit.shapes.types[id.0];
        let own = |schema: &SchemaId| type_.of.iter().any(|part| part.id == *schema);
        let here = place.schemas(self.emit.contract, JsonType::Object);
        if here.iter().any(|schema| self.sites.contains(schema) && !own(schema)) {
            self.leave(place, "an object with rules on a schema that its type does not include");
            return None;
        }
        let event = self.events.run(place, [Kind::Object]);
        self.types.insert(id);
        Some((event, self.reader(id)))
    }

    /// Reads one of several objects. The branches are tried in turn; at most one of them can match.
    fn objects(&mut self, place: &Place, id: TypeId) -> TokenStream {
        if self.emit.shapes.types[id.0].of.iter().any(|part| self.sites.contains(&part.id)) {
            return self.leave(place, "a union with rules");
        }
        let TypeKind::Union { branches: all, .. } = &self.emit.shapes.types[id.0].kind else { return super::left() };
        let fields = self.views.fields(self.emit, id);
        let name = Views::name(self.emit, id);
        let tried: Vec<TokenStream> = all
            .iter()
            .zip(branches(self.emit, id).unwrap_or_default())
            .map(|(branch, branch_id)| {
                let read = self.object(&place.taking(branch.schema), branch_id);
                let value = match &fields {
                    None => quote!(#read.map(|_| Val::Opaque)),
                    Some(fields) => {
                        let given = fields.iter().filter_map(|(key, ident, _)| {
                            let own = Views::ident(self.emit, branch_id, key)?;
                            self.views.has(branch_id, key).then(|| quote!(#ident: branch.#own))
                        });
                        let given: Vec<TokenStream> = given.collect();
                        let rest = (given.len() < fields.len()).then(|| quote!(..#name::default()));
                        let view = match given.is_empty() {
                            true => quote!(_ => Ok(Member::Present(#name::default()))),
                            false => {
                                quote!(Member::Present(branch) => Ok(Member::Present(#name { #(#given,)* #rest })), _ => Err(Fallback))
                            }
                        };
                        quote!(match #read? { #view })
                    }
                };
                quote!(read::branch(cursor, counters, |cursor, counters| #value))
            })
            .collect();
        let mut tried = tried.into_iter();
        let first = tried.next().unwrap_or_else(|| quote!(Err(Fallback)));
        tried.fold(first, |before, next| quote!(#before.or_else(|_| #next)))
    }

    /// Reads a value of one of several JSON types. The first byte determines the type.
    fn kinds(&mut self, place: &Place, branches: &[(SchemaId, Shape)], types: &[Vec<&'static str>], wanted: bool) -> TokenStream {
        let arms: Vec<TokenStream> = branches
            .iter()
            .zip(types)
            .map(|((schema, shape), types)| {
                let read = self.shape(&place.taking(*schema), shape, wanted);
                let bytes = types.iter().map(|type_| match *type_ {
                    "string" => quote!(b'"'),
                    "object" => quote!(b'{'),
                    "array" => quote!(b'['),
                    "boolean" => quote!(b't' | b'f'),
                    "null" => quote!(b'n'),
                    _ => quote!(b'-' | b'0'..=b'9'),
                });
                quote!(#(#bytes)|* => #read.map(|value| value.val()))
            })
            .collect();
        quote!(match cursor.peek() { #(#arms,)* _ => Err(Fallback) })
    }

    fn constrained(&mut self, place: &Place, inner: &Shape, checks: &[Check], wanted: bool) -> TokenStream {
        match inner {
            Shape::Double | Shape::Number | Shape::Integer | Shape::Integer64 => self.bounded(place, inner, checks),
            Shape::String => self.sized(place, checks),
            _ if checks.is_empty() => self.shape(place, inner, wanted),
            _ => self.leave(place, "a value with checks other than its shape"),
        }
    }

    fn bounded(&mut self, place: &Place, inner: &Shape, checks: &[Check]) -> TokenStream {
        let (mut least, mut most) = (None, None);
        let (mut above, mut below) = (f64::NEG_INFINITY, f64::INFINITY);
        for check in checks {
            let Limit::Number(limit) = &check.limit else { return self.leave(place, "a number with checks other than bounds") };
            let Some(limit) = exact(limit) else { return self.leave(place, "a number with a bound that is not a double") };
            match check.keyword {
                "minimum" => least = Some(least.map_or(limit, |least: f64| least.max(limit))),
                "maximum" => most = Some(most.map_or(limit, |most: f64| most.min(limit))),
                "exclusiveMinimum" => above = above.max(limit),
                "exclusiveMaximum" => below = below.min(limit),
                _ => return self.leave(place, "a number with checks other than bounds"),
            }
        }
        let bound = |bound: Option<f64>| Kind::Number(bound.map_or_else(|| "0.5".to_owned(), number));
        let kinds = [bound(least), bound(most), Kind::Whole, Kind::Fraction];
        let integer = matches!(inner, Shape::Integer | Shape::Integer64);
        let event = self.events.run(place, kinds.into_iter().take(if integer { 3 } else { 4 }));
        let mut given = Vec::new();
        let mut give = |name: &str, value: f64| {
            let name = format_ident!("{name}");
            given.push(quote!(#name: #value));
        };
        least.into_iter().for_each(|value| give("minimum", value));
        most.into_iter().for_each(|value| give("maximum", value));
        [("exclusive_minimum", above), ("exclusive_maximum", below)]
            .into_iter()
            .filter(|(_, value)| value.is_finite())
            .for_each(|(name, value)| give(name, value));
        let read = if integer { quote!(read::bounded_integer) } else { quote!(read::bounded) };
        quote!(#read(cursor, counters, &Bounds { #(#given,)* ..Bounds::NONE }, #event))
    }

    fn sized(&mut self, place: &Place, checks: &[Check]) -> TokenStream {
        let (mut least, mut most) = (0, u64::MAX);
        for check in checks {
            let Limit::Count(limit) = check.limit else { return self.leave(place, "a string with checks other than its length") };
            match check.keyword {
                "minLength" => least = least.max(limit),
                _ => most = most.min(limit),
            }
        }
        if self.emit.contract.invariants().binds.keys().any(|id| place.schemas(self.emit.contract, JsonType::String).contains(id)) {
            return self.leave(place, "a string of limited length that rules read as another type");
        }
        let event = self.events.run(place, [Kind::Length(least), Kind::Text, Kind::Length(most)]);
        let (least, most) = (usize::try_from(least).unwrap_or(usize::MAX), usize::try_from(most).unwrap_or(usize::MAX));
        let most = if most == usize::MAX { quote!(usize::MAX) } else { quote!(#most) };
        quote!(read::sized_text(cursor, counters, (#least, #most), #event))
    }

    /// The name of the function that reads a type.
    fn reader(&self, id: TypeId) -> proc_macro2::Ident {
        let name = |id: &TypeId| crate::name::field(self.emit.names.type_(*id));
        // A number distinguishes names that differ in case only.
        match self.types.iter().take_while(|other| **other != id).filter(|other| name(other) == name(&id)).count() {
            0 => format_ident!("read_{}", name(&id)),
            others => format_ident!("read_{}_{others}", name(&id)),
        }
    }

    /// The function that reads an object's members and evaluates the rules on it.
    pub(crate) fn function(&mut self, id: TypeId, rules: &Rules<'_>) -> TokenStream {
        let type_ = &self.emit.shapes.types[id.0];
        let TypeKind::Struct { properties, patterns, additional } = &type_.kind else { return TokenStream::new() };
        let parts: Vec<SchemaId> = type_.of.iter().map(|part| part.id).collect();
        let whole = Place { roots: parts.clone(), taken: Vec::new() };
        let fields = self.views.fields(self.emit, id);
        let (name, view) = (self.reader(id), Views::name(self.emit, id));
        let doc = format!(" `{}`", type_.location);
        let (given, returned) = match fields {
            Some(_) => (quote!(, view: &mut #view<'a>), quote!(())),
            None => (TokenStream::new(), quote!(Val<'a>)),
        };
        let counted = type_.of.iter().any(|part| (part.without_any_of || part.without_one_of) && self.sites.contains(&part.id));
        if !patterns.is_empty() || properties.len() > 128 || counted {
            let left = self
                .leave(&whole, "an object with `patternProperties`, with more than 128 keys, or with rules on a union that contains it");
            return quote! {
                #[doc = #doc]
                #[expect(unused_variables, reason = "the reference path reads it")]
                fn #name<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters #given) -> FastPath<#returned> { #left.map(|_| Default::default()) }
            };
        }
        let keys = self.events.list(List::Keys, properties.iter().map(|property| property.key.clone()).collect());
        let arms: Vec<TokenStream> = properties.iter().enumerate().map(|(index, one)| self.property(id, &parts, index, one)).collect();
        let other = additional.as_ref().map(|use_| {
            let values = whole.values(self.emit.contract);
            self.read(&values, use_, false)
        });
        let bits = |test: &dyn Fn(&Property) -> bool| {
            properties.iter().enumerate().filter(|(_, property)| test(property)).fold(0_u128, |bits, (index, _)| bits | 1 << index)
        };
        let (required, optional) = (bits(&|property| property.required), bits(&|property| !property.required));
        let required = (required != 0).then(|| quote!(read::required(seen, #required)?;));
        let lacking = (optional != 0).then(|| {
            let lacks = properties.iter().filter(|property| !property.required).map(|property| Kind::Lacks(property.key.clone()));
            let event = self.events.run(&whole, lacks);
            quote!(read::missing(counters, seen, #optional, #event);)
        });
        let seen = match (required.is_some() || lacking.is_some(), other.is_some()) {
            (false, _) => quote!(let _ =),
            (true, false) => quote!(let seen =),
            // The reader of an open object also returns the number of its keys.
            (true, true) => quote!(let (seen, _) =),
        };
        let read = match other {
            None => quote!(cursor.object(&#keys, |cursor, key| { match key { #(#arms)* _ => return Err(Fallback) } Ok(()) })?),
            Some(other) => quote! {
                cursor.open_object(&#keys, |cursor, key| { match key { Ok(key) => match key { #(#arms)* _ => return Err(Fallback) }, Err(_) => { #other?; } } Ok(()) })?
            },
        };
        let judged = self.judged(id, &parts, rules);
        let end = if fields.is_some() { quote!(Ok(())) } else { quote!(Ok(Val::Opaque)) };
        quote! {
            #[doc = #doc]
            fn #name<'a>(cursor: &mut Cursor<'a>, counters: &mut Counters #given) -> FastPath<#returned> {
                #seen #read;
                #required
                #lacking
                #judged
                #end
            }
        }
    }

    fn property(&mut self, id: TypeId, parts: &[SchemaId], index: usize, one: &Property) -> TokenStream {
        let place = property(self.emit.contract, parts.iter().copied(), &one.key);
        let wanted = self.views.has(id, &one.key);
        let Some(field) = Views::ident(self.emit, id, &one.key).filter(|_| wanted) else {
            let read = self.read(&place, &one.use_, false);
            return quote!(#index => { #read?; });
        };
        if let Shape::Named(part) = one.use_.shape
            && matches!(self.emit.shapes.types[part.0].kind, TypeKind::Struct { .. })
            && self.views.of(self.emit, &one.use_) != View::Val
        {
            let read = self.object_within(&place, part, &field);
            if !one.use_.nullable {
                return quote!(#index => #read?,);
            }
            let null = self.events.run(&place, [Kind::Null]);
            return quote!(#index => if read::null(cursor, counters, #null)? { view.#field = Member::Null; } else { #read?; });
        }
        let read = self.read(&place, &one.use_, true);
        quote!(#index => view.#field = #read?,)
    }

    /// The events of the schemas with rules that an object matches, and the evaluation of the rules.
    fn judged(&mut self, id: TypeId, parts: &[SchemaId], rules: &Rules<'_>) -> TokenStream {
        let mut tokens = TokenStream::new();
        let viewed = self.views.fields(self.emit, id).is_some();
        for (index, site) in self.sites.iter().enumerate().filter(|(_, site)| parts.contains(site)) {
            let index = index as u32;
            let (bit, event) = (Literal::u32_unsuffixed(index), beyond("SITES", index));
            tokens.extend(quote!(counters.site(#bit, #event);));
            let own: Vec<usize> = rules.about(*site).collect();
            let Some(first) = own.first() else { continue };
            let first = beyond("RULES", (first * OUTCOMES) as u32);
            let own = own.iter().map(|number| {
                let rule = format_ident!("rule_{number}");
                if viewed { quote!(#rule(view)?) } else { quote!(#rule()?) }
            });
            tokens.extend(quote!(counters.outcomes(#first, [#(#own),*]);));
        }
        tokens
    }
}

impl Fast<'_, '_> {
    /// A rule as a function of its site's view.
    pub(crate) fn rule(&self, number: usize, rule: &Rule<'_>) -> TokenStream {
        let (name, doc) = (format_ident!("rule_{number}"), format!(" `{}`", rule.invariant.id));
        let Rule { when, rule, interest, site, .. } = rule;
        let at = self.views.fields(self.emit, *site).map(|_| {
            let view = Views::name(self.emit, *site);
            quote!(at: &#view<'_>,)
        });
        quote! {
            #[doc = #doc]
            #[inline(always)]
            fn #name(#at) -> FastPath<Outcome> {
                read::rule(|| #when, || #rule, || #interest)
            }
        }
    }
}

/// A number relative to a constant.
fn beyond(constant: &str, number: u32) -> TokenStream {
    let constant = format_ident!("{constant}");
    let number = (number > 0).then(|| {
        let number = Literal::u32_unsuffixed(number);
        quote!(+ #number)
    });
    quote!(#constant #number)
}

fn number(value: f64) -> String {
    serde_json::Value::from(value).to_string()
}

/// A bound as a double; `None` if it is not a double.
fn exact(number: &Number) -> Option<f64> {
    let double = number.as_f64()?;
    match number.as_i128() {
        Some(integer) => (-EXACT..=EXACT).contains(&integer).then_some(double),
        None => Some(double),
    }
}
