//! What a reader notes: one number for each thing that may stand at a place.

use charter_schema::SchemaId;
use indexmap::{IndexMap, IndexSet};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

use super::place::Place;

/// What may stand at a place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Anything,
    Null,
    False,
    True,
    Whole,
    Fraction,
    Number(String),
    Text,
    Length(u64),
    Value(String),
    Empty,
    Items,
    Object,
    Lacks(String),
}

/// The events of a contract, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Events {
    schemas: IndexSet<SchemaId>,
    rows: Vec<(Vec<u16>, Kind, Vec<u16>)>,
    /// Runs of events by their place, so that one place read twice has one run.
    known: IndexMap<(Place, Vec<Kind>), u32>,
    /// Lists of strings, each once.
    lists: IndexSet<Vec<String>>,
}

impl Events {
    /// The index of a schema.
    pub(crate) fn schema(&mut self, id: SchemaId) -> u16 {
        self.schemas.insert_full(id).0 as u16
    }

    /// The number of the first of some events of one place, which follow one another.
    pub(crate) fn run(&mut self, place: &Place, kinds: impl IntoIterator<Item = Kind>) -> u32 {
        let kinds: Vec<Kind> = kinds.into_iter().collect();
        let key = (place.clone(), kinds);
        if let Some(first) = self.known.get(&key) {
            return *first;
        }
        let first = self.len();
        let at: Vec<u16> = place.roots.iter().map(|id| self.schema(*id)).collect();
        let taken: Vec<u16> = place.taken.iter().map(|id| self.schema(*id)).collect();
        self.rows.extend(key.1.iter().map(|kind| (at.clone(), kind.clone(), taken.clone())));
        self.known.insert(key, first);
        first
    }

    /// How many there are.
    pub(crate) fn len(&self) -> u32 {
        self.rows.len() as u32
    }

    pub(crate) fn schemas(&self) -> impl Iterator<Item = SchemaId> + '_ {
        self.schemas.iter().copied()
    }

    pub(crate) fn rows(&self) -> Vec<TokenStream> {
        let row = |(at, kind, taken): &(Vec<u16>, Kind, Vec<u16>)| {
            let kind = match kind {
                Kind::Anything => quote!(Kind::Anything),
                Kind::Null => quote!(Kind::Null),
                Kind::False => quote!(Kind::False),
                Kind::True => quote!(Kind::True),
                Kind::Whole => quote!(Kind::Whole),
                Kind::Fraction => quote!(Kind::Fraction),
                Kind::Number(number) => quote!(Kind::Number(#number)),
                Kind::Text => quote!(Kind::Text),
                Kind::Length(length) => quote!(Kind::Length(#length)),
                Kind::Value(value) => quote!(Kind::Value(#value)),
                Kind::Empty => quote!(Kind::Empty),
                Kind::Items => quote!(Kind::Items),
                Kind::Object => quote!(Kind::Object),
                Kind::Lacks(key) => quote!(Kind::Lacks(#key)),
            };
            let at = at.iter().map(|index| proc_macro2::Literal::u16_unsuffixed(*index));
            let taken = taken.iter().map(|index| proc_macro2::Literal::u16_unsuffixed(*index));
            quote!(Event::new(&[#(#at),*], #kind, &[#(#taken),*]))
        };
        self.rows.iter().map(row).collect()
    }

    /// The lists as statics.
    pub(crate) fn lists(&self) -> impl Iterator<Item = TokenStream> + '_ {
        self.lists.iter().enumerate().map(|(index, strings)| {
            let keys = format_ident!("KEYS_{index}");
            quote!(static #keys: Keys = keys![#(#strings),*];)
        })
    }

    /// What finds the strings of a list: keys or values.
    pub(crate) fn keys(&mut self, strings: Vec<String>) -> proc_macro2::Ident {
        format_ident!("KEYS_{}", self.lists.insert_full(strings).0)
    }
}
