//! How each place is read: shapes to the steps of the reader's library.

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
use crate::shape::{Check, Dispatch, Limit, Machine, Property, Shape, TypeId, TypeKind, Use};

/// Integers that a double holds exactly.
const EXACT: i128 = 1 << 53;
/// Notes that a rule has: passed, vacuous, skipped.
const OUTCOMES: usize = 3;

impl Fast<'_, '_> {
    /// What reads a value: an expression of `FastPath<…>`, of the value's view where rules want it.
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
            return self.leave(place, "any value, of which coverage asks more than that it is there");
        }
        let note = self.events.run(place, [Kind::Anything]);
        quote!(read::any(cursor, counters, #note))
    }

    fn shape(&mut self, place: &Place, shape: &Shape, wanted: bool) -> TokenStream {
        match shape {
            Shape::Any => self.anything(place),
            Shape::Never => self.leave(place, "nothing: no value is allowed"),
            Shape::Boolean => {
                let note = self.events.run(place, [Kind::False, Kind::True]);
                quote!(read::boolean(cursor, counters, #note))
            }
            Shape::String => self.text(place, wanted),
            Shape::Integer64 | Shape::Integer => {
                let note = self.events.run(place, [Kind::Whole]);
                quote!(read::integer(cursor, counters, #note))
            }
            Shape::Machine(machine) => self.machine(place, *machine),
            Shape::Double | Shape::Number => {
                let note = self.events.run(place, [Kind::Whole, Kind::Fraction]);
                quote!(read::number(cursor, counters, #note))
            }
            Shape::List(item) => self.list(place, item, wanted),
            Shape::Map(value) => {
                let note = self.events.run(place, [Kind::Object]);
                let values = place.values(self.emit.contract);
                let value = self.read(&values, value, false);
                quote!(read::map(cursor, counters, #note, |cursor, counters| #value))
            }
            Shape::Named(id) | Shape::Boxed(id) => self.named(place, *id, wanted),
            Shape::Tuple { .. } => self.leave(place, "a list whose items differ"),
            Shape::Text(_) => self.leave(place, "a text that is read as another type"),
            Shape::Own(_) => self.leave(place, "a type of one's own"),
        }
    }

    fn text(&mut self, place: &Place, wanted: bool) -> TokenStream {
        let note = self.events.run(place, [Kind::Text]);
        if !wanted {
            return quote!(read::any_text(cursor, counters, #note));
        }
        let binds = &self.emit.contract.invariants().binds;
        let bound = place.schemas(self.emit.contract, JsonType::String).iter().find_map(|id| binds.get(id).copied());
        match bound {
            Some(BindAs::DateTime) => quote!(read::instant(cursor, counters, #note)),
            Some(BindAs::CommaList) => self.leave(place, "a text that rules see as a list"),
            None => quote!(read::text(cursor, counters, #note)),
        }
    }

    fn machine(&mut self, place: &Place, machine: Machine) -> TokenStream {
        let (least, most) = machine.range();
        if least < -EXACT || most > EXACT {
            return self.leave(place, "an integer of 64 bits with bounds of its own");
        }
        self.bounded_integer(place, least as f64, most as f64)
    }

    fn bounded_integer(&mut self, place: &Place, least: f64, most: f64) -> TokenStream {
        let note = self.events.run(place, [Kind::Number(number(least)), Kind::Number(number(most)), Kind::Whole]);
        quote!(read::bounded_integer(cursor, counters, &Bounds { minimum: #least, maximum: #most, ..Bounds::NONE }, #note))
    }

    fn list(&mut self, place: &Place, item: &Use, wanted: bool) -> TokenStream {
        let note = self.events.run(place, [Kind::Empty, Kind::Items]);
        let items = place.items(self.emit.contract);
        let keeps = wanted
            && matches!(self.views.of(self.emit, &Use { shape: Shape::List(Box::new(item.clone())), nullable: false }), View::List(_));
        let item_read = self.read(&items, item, keeps);
        if !keeps {
            return quote!(read::any_list(cursor, counters, #note, |cursor, counters| #item_read));
        }
        let object = matches!(self.views.of(self.emit, item), View::Object(_));
        let item_read =
            if object { quote!(match #item_read? { Member::Present(item) => Ok(item), _ => Err(Fallback) }) } else { item_read };
        quote!(read::list(cursor, counters, #note, |cursor, counters| #item_read))
    }

    fn named(&mut self, place: &Place, id: TypeId, wanted: bool) -> TokenStream {
        if self.open.contains(&id) {
            return self.leave(place, "a value that contains itself by no object");
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
            TypeKind::Enumeration { values, open: false } => {
                let note = self.events.run(place, values.iter().map(|value| Kind::Value(value.clone())));
                let values = self.events.list(List::Values, values.clone());
                quote!(read::choice(cursor, counters, &#values, #note))
            }
            TypeKind::Enumeration { .. } => self.leave(place, "an enumeration that takes other values, too"),
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

    /// An object: its kind is noted where it stands, its parts by the function of its type.
    fn object(&mut self, place: &Place, id: TypeId) -> TokenStream {
        let Some((note, read)) = self.part(place, id) else { return super::left() };
        let view = Views::name(self.emit, id);
        let read = match self.views.fields(self.emit, id) {
            Some(_) => quote!(read::object(|part: &mut #view<'_>| #read(cursor, counters, part))),
            None => quote!(#read(cursor, counters)),
        };
        quote!({ counters.count(#note); #read })
    }

    /// The same where its view is part of another and is filled where it stands.
    fn object_within(&mut self, place: &Place, id: TypeId, field: &Ident) -> TokenStream {
        let Some((note, read)) = self.part(place, id) else { return super::left() };
        quote!({ counters.count(#note); view.#field.fill(|part| #read(cursor, counters, part)) })
    }

    /// The note that an object makes, and the function that reads it.
    fn part(&mut self, place: &Place, id: TypeId) -> Option<(u32, Ident)> {
        let type_ = &self.emit.shapes.types[id.0];
        let own = |schema: &SchemaId| type_.of.iter().any(|part| part.id == *schema);
        let here = place.schemas(self.emit.contract, JsonType::Object);
        if here.iter().any(|schema| self.sites.contains(schema) && !own(schema)) {
            self.leave(place, "an object that rules are about by a schema that its type does not answer for");
            return None;
        }
        let note = self.events.run(place, [Kind::Object]);
        self.types.insert(id);
        Some((note, self.reader(id)))
    }

    /// One of several objects, tried in turn: their types exclude each other.
    fn objects(&mut self, place: &Place, id: TypeId) -> TokenStream {
        if self.emit.shapes.types[id.0].of.iter().any(|part| self.sites.contains(&part.id)) {
            return self.leave(place, "a union that rules are about");
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

    /// Values of different kinds: the first byte tells.
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
            _ => self.leave(place, "a value with checks beside its shape"),
        }
    }

    fn bounded(&mut self, place: &Place, inner: &Shape, checks: &[Check]) -> TokenStream {
        let (mut least, mut most) = (None, None);
        let (mut above, mut below) = (f64::NEG_INFINITY, f64::INFINITY);
        for check in checks {
            let Limit::Number(limit) = &check.limit else { return self.leave(place, "a number with checks beside its bounds") };
            let Some(limit) = exact(limit) else { return self.leave(place, "a number with a bound that no double holds") };
            match check.keyword {
                "minimum" => least = Some(least.map_or(limit, |least: f64| least.max(limit))),
                "maximum" => most = Some(most.map_or(limit, |most: f64| most.min(limit))),
                "exclusiveMinimum" => above = above.max(limit),
                "exclusiveMaximum" => below = below.min(limit),
                _ => return self.leave(place, "a number with checks beside its bounds"),
            }
        }
        let bound = |bound: Option<f64>| Kind::Number(bound.map_or_else(|| "0.5".to_owned(), number));
        let kinds = [bound(least), bound(most), Kind::Whole, Kind::Fraction];
        let integer = matches!(inner, Shape::Integer | Shape::Integer64);
        let note = self.events.run(place, kinds.into_iter().take(if integer { 3 } else { 4 }));
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
        quote!(#read(cursor, counters, &Bounds { #(#given,)* ..Bounds::NONE }, #note))
    }

    fn sized(&mut self, place: &Place, checks: &[Check]) -> TokenStream {
        let (mut least, mut most) = (0, u64::MAX);
        for check in checks {
            let Limit::Count(limit) = check.limit else { return self.leave(place, "a text with checks beside its length") };
            match check.keyword {
                "minLength" => least = least.max(limit),
                _ => most = most.min(limit),
            }
        }
        if self.emit.contract.invariants().binds.keys().any(|id| place.schemas(self.emit.contract, JsonType::String).contains(id)) {
            return self.leave(place, "a text of limited length that rules see as something else");
        }
        let note = self.events.run(place, [Kind::Length(least), Kind::Text, Kind::Length(most)]);
        let (least, most) = (usize::try_from(least).unwrap_or(usize::MAX), usize::try_from(most).unwrap_or(usize::MAX));
        let most = if most == usize::MAX { quote!(usize::MAX) } else { quote!(#most) };
        quote!(read::sized_text(cursor, counters, (#least, #most), #note))
    }

    /// The name of the function that reads a type.
    fn reader(&self, id: TypeId) -> proc_macro2::Ident {
        let name = |id: &TypeId| crate::name::field(self.emit.names.type_(*id));
        // Names that differ in case alone are told apart by a number.
        match self.types.iter().take_while(|other| **other != id).filter(|other| name(other) == name(&id)).count() {
            0 => format_ident!("read_{}", name(&id)),
            others => format_ident!("read_{}_{others}", name(&id)),
        }
    }

    /// The function that reads an object's parts and judges the rules about it.
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
            let left = self.leave(&whole, "an object with keys by pattern, with too many keys, or whose rules are about a union around it");
            return quote! {
                #[doc = #doc]
                #[expect(unused_variables, reason = "it is left to the reference reader")]
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
            let note = self.events.run(&whole, lacks);
            quote!(read::missing(counters, seen, #optional, #note);)
        });
        let seen = match (required.is_some() || lacking.is_some(), other.is_some()) {
            (false, _) => quote!(let _ =),
            (true, false) => quote!(let seen =),
            // An open object says how many keys it has, too.
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

    /// The sites that an object is, and the rules about them.
    fn judged(&mut self, id: TypeId, parts: &[SchemaId], rules: &Rules<'_>) -> TokenStream {
        let mut tokens = TokenStream::new();
        let viewed = self.views.fields(self.emit, id).is_some();
        for (index, site) in self.sites.iter().enumerate().filter(|(_, site)| parts.contains(site)) {
            let index = index as u32;
            let (bit, note) = (Literal::u32_unsuffixed(index), beyond("SITES", index));
            tokens.extend(quote!(counters.site(#bit, #note);));
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
    /// A rule as a function of the view of its site.
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

/// A number behind a constant.
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

/// A bound as a double, where a double holds it.
fn exact(number: &Number) -> Option<f64> {
    let double = number.as_f64()?;
    match number.as_i128() {
        Some(integer) => (-EXACT..=EXACT).contains(&integer).then_some(double),
        None => Some(double),
    }
}
