//! The compiled reader of a contract, a fast path: one pass over the bytes accepts a valid body and counts events, or falls back to the
//! reference path.
//!
//! rules → views (the members of each type that rules read) → steps (how each place is read) → tables (the meaning of each event).

mod event;
mod place;
mod rule;
mod step;
mod view;

use charter_contract::invariant::Site;
use charter_contract::{Contract, SchemaId};
use indexmap::IndexSet;
use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::ReaderScope;
use crate::context::Emit;
use crate::shape::TypeId;
use event::Events;
use rule::Rules;
use view::Views;

/// The state of the generator of a compiled reader.
pub(crate) struct Fast<'f, 'e> {
    pub(crate) emit: &'f Emit<'e>,
    pub(crate) events: Events,
    pub(crate) views: Views,
    /// The schemas that rules are on.
    pub(crate) sites: IndexSet<SchemaId>,
    /// Types that have a function of their own, in the order in which they were found.
    pub(crate) types: IndexSet<TypeId>,
    /// Places that the compiled reader does not read, and the reasons.
    pub(crate) left: Vec<(String, &'static str)>,
    /// Types that are being inlined, each inside the previous one.
    pub(crate) open: Vec<TypeId>,
}

/// The file of the compiled reader; `None` if the operations of the contract have no bodies.
pub(crate) fn fast(emit: &Emit<'_>, reader: &syn::Path) -> Option<(TokenStream, ReaderScope)> {
    let contract = emit.contract;
    let bodies = bodies(contract);
    if bodies.is_empty() {
        return None;
    }
    let invariants = &contract.invariants().invariants;
    let sites = invariants.iter().filter_map(|invariant| match invariant.on {
        Site::Schema(id) => Some(id),
        Site::Response { .. } => None,
    });
    // Twice: the first pass determines the views, and the second compiles the rules with them.
    let mut views = Views::default();
    Rules::compile(emit, &mut views);
    let rules = Rules::compile(emit, &mut views.settled());
    let (views, sites) = (views.settled(), sites.collect());
    let mut fast = Fast { emit, events: Events::default(), views, sites, types: IndexSet::new(), left: Vec::new(), open: Vec::new() };
    let (mut readers, mut scope) = (Vec::new(), ReaderScope::default());
    let mut functions = TokenStream::new();
    for body in bodies {
        // The schema of a body is usually a reference to the root of a document.
        let Some(use_) = crate::shape::standing(contract, emit.shapes, body) else {
            fast.leave(&[body].into(), "a body whose schema has no type");
            continue;
        };
        let read = fast.read(&[body].into(), use_, false);
        if is_left(&read) {
            continue;
        }
        let name = format_ident!("body_{}", readers.len());
        let doc = format!(" `{}`", contract.schema(body).location);
        functions.extend(quote! {
            #[doc = #doc]
            fn #name(cursor: &mut Cursor<'_>, counters: &mut Counters) -> FastPath<()> { #read.map(|_| ()) }
        });
        let schema = Literal::usize_unsuffixed(fast.events.schema(body));
        readers.push(quote!((#schema, #name)));
        scope.bodies.push(contract.schema(body).location.clone());
    }
    let mut next = 0;
    while let Some(id) = fast.types.get_index(next).copied() {
        functions.extend(fast.function(id, &rules));
        next += 1;
    }
    functions.extend(rules.compiled.iter().enumerate().map(|(number, rule)| fast.rule(number, rule)));
    let structs: TokenStream = fast.views.types().filter_map(|id| fast.structure(id)).collect();
    let values: TokenStream = fast.events.lists().collect();
    let tables = fast.tables(&rules, &readers);
    let left: String = fast.left.iter().map(|(place, why)| format!("\n- `{place}`: {why}")).collect();
    let doc = if left.is_empty() { String::new() } else { format!(" The reference path reads:{left}") };
    let doc = (!doc.is_empty()).then(|| quote!(#![doc = #doc]));
    scope.left = std::mem::take(&mut fast.left);
    let tokens = quote! {
        #doc
        use std::cmp::Ordering;
        use #reader::read::{self, Bounds};
        use #reader::{
            Compiled, Counters, Cursor, Event, Fallback, FastPath, Keys, Kind, Member, Outcome, Pattern, Val, Values, keys, values,
        };
        #tables
        #structs
        #functions
        #values
    };
    Some((tokens, scope))
}

/// The code for a place that the compiled reader does not read.
fn left() -> TokenStream {
    quote!(Err::<Val<'_>, Fallback>(Fallback))
}

fn is_left(tokens: &TokenStream) -> bool {
    tokens.to_string() == left().to_string()
}

/// The schemas of all response bodies.
fn bodies(contract: &Contract) -> IndexSet<SchemaId> {
    let responses = contract.operations().iter().flat_map(|operation| &operation.responses);
    responses.flat_map(|response| response.content.schemas()).collect()
}

impl Fast<'_, '_> {
    /// Records that the compiled reader does not read a place, and the reason.
    pub(crate) fn leave(&mut self, place: &place::Place, why: &'static str) -> TokenStream {
        let location = place.roots.first().map_or_else(String::new, |id| self.emit.contract.schema(*id).location.to_string());
        if !self.left.iter().any(|(known, _)| *known == location) {
            self.left.push((location, why));
        }
        left()
    }

    /// The struct with the members of a type that rules read.
    fn structure(&self, id: TypeId) -> Option<TokenStream> {
        let fields = self.views.fields(self.emit, id)?;
        let name = Views::name(self.emit, id);
        let fields = fields.into_iter().map(|(_, ident, view)| {
            let type_ = self.views.type_(self.emit, &view);
            quote!(#ident: #type_,)
        });
        let doc = format!(" The members of `{}` that rules read.", self.emit.shapes.types[id.0].location);
        Some(quote! {
            #[doc = #doc]
            #[derive(Debug, Default)]
            struct #name<'a> { #(#fields)* }
        })
    }

    fn tables(&mut self, rules: &Rules<'_>, readers: &[TokenStream]) -> TokenStream {
        let contract = self.emit.contract;
        let sites: Vec<Literal> = self.sites.iter().map(|id| Literal::usize_unsuffixed(self.events.schema(*id))).collect();
        let digest = contract.digest();
        let schemas = self.events.schemas().map(|id| contract.schema(id).location.to_string()).collect::<Vec<_>>();
        let events = self.events.rows();
        let (sites_from, rules_from) = self.bases();
        let ids = rules.compiled.iter().map(|rule| &rule.invariant.id);
        let interpreted = rules.interpreted.iter().map(|(id, why)| quote!((#id, #why)));
        quote! {
            /// The number of the first event of a schema with rules.
            const SITES: u32 = #sites_from;
            /// The number of the first event of a rule.
            const RULES: u32 = #rules_from;

            /// The compiled reader.
            pub static COMPILED: Compiled = Compiled {
                contract: #digest,
                schemas: &[#(#schemas),*],
                readers: &[#(#readers),*],
                events: &[#(#events),*],
                rules_from: RULES,
                rules: &[#(#ids),*],
                sites_from: SITES,
                sites: &[#(#sites),*],
                interpreted: &[#(#interpreted),*],
            };
        }
    }

    /// The numbers of the first events of schemas with rules and of rules. They are known after every place is compiled.
    fn bases(&self) -> (u32, u32) {
        let sites_from = self.events.len();
        (sites_from, sites_from + self.sites.len() as u32)
    }
}
