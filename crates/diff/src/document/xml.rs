//! The schemas of bodies in XML. The `xml` object of a schema has an effect on them alone.

use std::collections::HashSet;

use charter_contract::{Contract, Location, SchemaId};

use super::members::Class;
use crate::change::Verdict;

/// Whether a schema describes a body in XML.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum IsXml {
    No,
    /// The media type is a range.
    Maybe,
    Yes,
}

impl IsXml {
    /// The class of a change of an `xml` object.
    pub(super) fn judged(self, summary: String) -> Class {
        let change = |verdict| Class::Change { kind: "xml-changed", client: verdict, server: verdict, summary: summary.clone() };
        match self {
            // Another name or position is another document.
            Self::Yes => change(Verdict::Breaking),
            Self::Maybe => change(Verdict::Unknown),
            Self::No => Class::Note("annotation-changed", format!("{summary}; the schema describes no body in XML")),
        }
    }
}

/// The schemas of bodies in XML, with all their parts.
pub(super) struct XmlSchemas<'c> {
    contract: &'c Contract,
    certain: HashSet<SchemaId>,
    possible: HashSet<SchemaId>,
}

impl<'c> XmlSchemas<'c> {
    pub(super) fn of(contract: &'c Contract) -> Self {
        let all = contract.operations().iter().chain(contract.webhooks());
        let bodies = all.flat_map(|operation| {
            let request = operation.request_body.iter().map(|body| &body.content);
            request.chain(operation.responses.iter().map(|response| &response.content))
        });
        let (mut certain, mut possible) = (Vec::new(), Vec::new());
        for (media_type, described) in bodies.flat_map(|content| content.iter()) {
            match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase() {
                name if name.ends_with("/xml") || name.ends_with("+xml") => certain.extend(described.schema),
                name if matches!(name.as_str(), "*/*" | "application/*" | "text/*") => possible.extend(described.schema),
                _ => {}
            }
        }
        Self { contract, certain: reached(contract, certain), possible: reached(contract, possible) }
    }

    /// Whether the schema at a location describes a body in XML.
    pub(super) fn class(&self, location: &Location) -> IsXml {
        match self.contract.schemas().at(location) {
            Some(id) if self.certain.contains(&id) => IsXml::Yes,
            Some(id) if self.possible.contains(&id) => IsXml::Maybe,
            _ => IsXml::No,
        }
    }
}

/// The schemas that some schemas reach.
fn reached(contract: &Contract, mut open: Vec<SchemaId>) -> HashSet<SchemaId> {
    let mut found = HashSet::new();
    while let Some(id) = open.pop() {
        if found.insert(id) {
            let keywords = &contract.schema(id).keywords;
            open.extend(keywords.in_place().chain(keywords.parts()));
        }
    }
    found
}
