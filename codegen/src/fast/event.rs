//! The events that a compiled reader counts: one number for each kind of value at a place.

use charter_contract::SchemaId;
use indexmap::{IndexMap, IndexSet};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};

use super::place::Place;

/// A kind of value at a place, as coverage distinguishes them.
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

/// The meaning of a list of strings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum List {
    Keys,
    Values,
}

/// The events of a contract, by their numbers.
#[derive(Debug, Default)]
pub(crate) struct Events {
    schemas: IndexSet<SchemaId>,
    rows: Vec<(Vec<usize>, Kind, Vec<usize>)>,
    /// The first number of the events of each place, so that a place that is read twice has its events once.
    known: IndexMap<(Place, Vec<Kind>), u32>,
    /// Lists of strings, without duplicates.
    lists: IndexSet<(List, Vec<String>)>,
}

impl Events {
    /// The index of a schema.
    pub(crate) fn schema(&mut self, id: SchemaId) -> usize {
        self.schemas.insert_full(id).0
    }

    /// The number of the first event of a place; the numbers of its other events follow.
    pub(crate) fn run(&mut self, place: &Place, kinds: impl IntoIterator<Item = Kind>) -> u32 {
        let kinds: Vec<Kind> = kinds.into_iter().collect();
        let key = (place.clone(), kinds);
        if let Some(first) = self.known.get(&key) {
            return *first;
        }
        let first = self.len();
        let at: Vec<usize> = place.roots.iter().map(|id| self.schema(*id)).collect();
        let taken: Vec<usize> = place.taken.iter().map(|id| self.schema(*id)).collect();
        self.rows.extend(key.1.iter().map(|kind| (at.clone(), kind.clone(), taken.clone())));
        self.known.insert(key, first);
        first
    }

    /// The number of events.
    pub(crate) fn len(&self) -> u32 {
        self.rows.len() as u32
    }

    pub(crate) fn schemas(&self) -> impl Iterator<Item = SchemaId> + '_ {
        self.schemas.iter().copied()
    }

    pub(crate) fn rows(&self) -> Vec<TokenStream> {
        let row = |(at, kind, taken): &(Vec<usize>, Kind, Vec<usize>)| {
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
            let [at, taken] = [at, taken].map(|indices| indices.iter().map(|index| Literal::usize_unsuffixed(*index)));
            quote!(Event::new(&[#(#at),*], #kind, &[#(#taken),*]))
        };
        self.rows.iter().map(row).collect()
    }

    /// The lists as `static` items.
    pub(crate) fn lists(&self) -> impl Iterator<Item = TokenStream> + '_ {
        self.lists.iter().enumerate().map(|(index, (list, strings))| {
            let name = list.name(index);
            match list {
                List::Keys => quote!(static #name: Keys = keys![#(#strings),*];),
                List::Values => quote!(static #name: Values = values![#(#strings),*];),
            }
        })
    }

    /// The name of the `static` item for a list.
    pub(crate) fn list(&mut self, list: List, strings: Vec<String>) -> Ident {
        list.name(self.lists.insert_full((list, strings)).0)
    }
}

impl List {
    fn name(self, index: usize) -> Ident {
        match self {
            Self::Keys => format_ident!("KEYS_{index}"),
            Self::Values => format_ident!("VALUES_{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn schemas_beyond_65536_keep_their_index() {
        let properties: serde_json::Map<String, serde_json::Value> =
            (0..70_000).map(|index| (format!("p{index}"), serde_json::Value::Bool(true))).collect();
        let schema = serde_json::json!({"type": "object", "properties": properties}).to_string();
        let contract = charter_contract::from_documents(vec![("a.schema.json".to_owned(), schema.into_bytes())]).expect("a contract");
        let mut events = Events::default();
        for (index, (id, _)) in contract.schemas().iter().enumerate() {
            assert_eq!(events.schema(id), index);
        }
        let (last, _) = contract.schemas().iter().last().expect("schemas");
        events.run(&[last].into(), [Kind::Null]);
        let row = events.rows().iter().map(ToString::to_string).collect::<String>();
        assert!(row.contains("70000"), "{row}");
    }
}
