//! Positions of many values of the same documents. A JSON document is read once, not once for each value.

use std::collections::HashMap;

use charter_contract::json::edit::Node;
use charter_contract::{Contract, Location, Position, unescape_token};

/// Positions in the documents of a contract.
#[derive(Debug)]
pub(crate) struct Positions<'c> {
    contract: &'c Contract,
    documents: HashMap<&'c str, JsonDocument<'c>>,
}

#[derive(Debug)]
struct JsonDocument<'c> {
    text: &'c str,
    root: Node<'c>,
    /// The byte at which each line begins.
    lines: Vec<usize>,
}

impl<'c> Positions<'c> {
    pub(crate) fn new(contract: &'c Contract) -> Self {
        let documents = contract.documents();
        let json = documents.names().filter_map(|name| {
            let text: &str = documents.text(name).filter(|text| text.trim_start().starts_with('{'))?;
            let root = Node::parse(text)?;
            let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
            Some((&**name, JsonDocument { text, root, lines }))
        });
        Self { contract, documents: json.collect() }
    }

    /// The position of the value at a location.
    pub(crate) fn of(&self, location: &Location) -> Option<Position> {
        match self.documents.get(location.document()) {
            Some(document) => document.position(location.pointer()),
            None => self.contract.position(location),
        }
    }
}

impl JsonDocument<'_> {
    fn position(&self, pointer: &str) -> Option<Position> {
        let mut node = &self.root;
        for token in pointer.split('/').skip(1) {
            node = node.get(&unescape_token(token)).or_else(|| node.items().get(token.parse::<usize>().ok()?))?;
        }
        let byte = node.range.start;
        let line = self.lines.partition_point(|start| *start <= byte);
        let column = self.text[self.lines[line - 1]..byte].chars().count() + 1;
        Some(Position { byte, line, column })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_are_those_of_the_contract() {
        let text =
            "{\"openapi\": \"3.1.0\", \"info\": {\"title\": \"é\", \"version\": \"1\"},\n \"paths\": {\"/a\": {\n\"x\": [1, {\"b\": 2}]}}}";
        let files = vec![("openapi.json".to_owned(), text.as_bytes().to_vec()), ("a.schema.json".to_owned(), b"{}".to_vec())];
        let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
        let positions = Positions::new(&contract);
        for pointer in ["", "/info", "/info/version", "/paths/~1a/x", "/paths/~1a/x/1/b", "/none"] {
            let location = Location::new("openapi.json", pointer);
            assert_eq!(positions.of(&location), contract.position(&location), "{pointer}");
        }
    }
}
