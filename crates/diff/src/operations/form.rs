//! The fields of forms and the properties of parameters: their values are texts on the wire.

use std::collections::{BTreeSet, HashSet};

use charter_contract::{Contract, Encoding, MediaTypeSpec, SchemaId};

use super::changes::Comparison;
use super::pair::{Body, OperationPair};
use crate::texts::{Relation, relation};

/// A field that has other texts in the two contracts.
pub(super) struct Field {
    operation: String,
    name: String,
    is_request: bool,
    old: SchemaId,
    new: SchemaId,
    relation: Relation,
}

/// The fields of one body or parameter.
pub(super) struct Form {
    /// The schemas of the whole.
    whole: (SchemaId, SchemaId),
    fields: Vec<Field>,
}

const KINDS: [&str; 3] = ["form-field-type-generalized", "form-field-type-narrowed", "form-field-type-changed"];

impl Comparison<'_, '_, '_> {
    /// Collects the fields of a form.
    pub(super) fn form(&mut self, operation: &str, media_type: &str, left: &MediaTypeSpec, right: &MediaTypeSpec, is_request: bool) {
        let is_multipart = match media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/x-www-form-urlencoded" => false,
            "multipart/form-data" => true,
            _ => return,
        };
        let (Some(one), Some(other)) = (left.schema, right.schema) else { return };
        let (old, new) = (self.old.contract(), self.new.contract());
        let is_text = |contract: &Contract, described: &MediaTypeSpec, name: &str, id: SchemaId| {
            let is_plain = described.encoding.get(name).is_none_or(is_plain);
            // The type of the content of a part depends on the encoding of its string.
            is_plain && !(is_multipart && has_encoding(contract, id))
        };
        self.fields(operation, (one, other), is_request, &|name, (before, after)| {
            is_text(old, left, name, before) && is_text(new, right, name, after)
        });
    }

    /// Collects the properties of an object whose values are texts.
    pub(super) fn fields(
        &mut self,
        operation: &str,
        whole: (SchemaId, SchemaId),
        is_request: bool,
        is_text: &dyn Fn(&str, (SchemaId, SchemaId)) -> bool,
    ) {
        let (old, new) = (self.old.contract(), self.new.contract());
        let properties = |contract: &Contract, id: SchemaId| -> Vec<(String, SchemaId)> {
            let family = contract.family(id).into_iter();
            family.flat_map(|id| contract.schema(id).keywords.properties.iter().map(|(name, id)| (name.clone(), *id))).collect()
        };
        let others = properties(new, whole.1);
        let mut fields = Vec::new();
        for (name, before) in properties(old, whole.0) {
            for (_, after) in others.iter().filter(|(other, _)| *other == name) {
                if is_text(&name, (before, *after))
                    && let Some(relation) = relation((self.old, before), (self.new, *after))
                {
                    let (operation, name) = (operation.to_owned(), name.clone());
                    fields.push(Field { operation, name, is_request, old: before, new: *after, relation });
                }
            }
        }
        self.forms.push(Form { whole, fields });
    }

    /// Adds the changes of fields whose schemas no other body has. Returns the pairs of schemas whose texts are compared.
    pub(super) fn compare_fields(&mut self, written: &HashSet<(SchemaId, SchemaId)>) {
        for field in self.forms.iter().flat_map(|form| &form.fields).filter(|field| written.contains(&(field.old, field.new))) {
            let at = (self.old.contract().schema(field.old).location.clone(), self.new.contract().schema(field.new).location.clone());
            let summary = format!("the field `{}` {}", field.name, field.relation.summary);
            let kind = field.relation.kind(KINDS);
            let (client, server) = field.relation.verdicts(field.is_request);
            self.changes.push(crate::change::OperationChange::unwitnessed(
                kind,
                &field.operation,
                (Some(&at.0), Some(&at.1)),
                summary,
                client,
                server,
            ));
        }
    }
}

/// Whether the encoding of a field leaves its value a text of one form.
fn is_plain(encoding: &Encoding) -> bool {
    let is_text = encoding.content_type.as_deref().is_none_or(|content_type| content_type.trim().starts_with("text/plain"));
    is_text && encoding.style.is_none() && encoding.explode.is_none()
}

fn has_encoding(contract: &Contract, id: SchemaId) -> bool {
    let source = contract.schema(contract.target(id)).source();
    let is_encoded = |format: &str| matches!(format, "binary" | "byte");
    source.get("format").and_then(serde_json::Value::as_str).is_some_and(is_encoded)
        || ["contentEncoding", "contentMediaType"].iter().any(|keyword| source.get(*keyword).is_some())
}

/// The pairs of schemas of fields that are texts wherever they are used. A schema that a body of JSON has, too, is compared as JSON.
pub(super) fn texts(forms: &[&Form], pairs: &[&OperationPair], (old, new): (&Contract, &Contract)) -> HashSet<(SchemaId, SchemaId)> {
    let fields: Vec<&Field> = forms.iter().flat_map(|form| &form.fields).collect();
    if fields.is_empty() {
        return HashSet::new();
    }
    let wholes: HashSet<(SchemaId, SchemaId)> = forms.iter().map(|form| form.whole).collect();
    let bodies = || pairs.iter().flat_map(|pair| pair.requests.iter().chain(&pair.responses));
    let others: Vec<&Body> = bodies().filter(|body| !wholes.contains(&(body.old, body.new))).collect();
    let no_fields = BTreeSet::new();
    let reached = |contract: &Contract, side: &dyn Fn(&Body) -> SchemaId, wholes: Vec<SchemaId>, fields: BTreeSet<SchemaId>| {
        let mut all = reached(contract, others.iter().map(|body| side(body)).collect(), &no_fields);
        all.extend(reached(contract, wholes, &fields));
        all
    };
    let one = reached(old, &|body| body.old, wholes.iter().map(|whole| whole.0).collect(), fields.iter().map(|field| field.old).collect());
    let other =
        reached(new, &|body| body.new, wholes.iter().map(|whole| whole.1).collect(), fields.iter().map(|field| field.new).collect());
    let pairs = fields.iter().flat_map(|field| [(field.old, field.new), (old.target(field.old), new.target(field.new))]);
    pairs.filter(|pair| !(one.contains(&pair.0) && other.contains(&pair.1))).collect()
}

/// The schemas that some schemas reach, except through some others.
fn reached(contract: &Contract, mut open: Vec<SchemaId>, except: &BTreeSet<SchemaId>) -> HashSet<SchemaId> {
    let mut all = HashSet::new();
    while let Some(id) = open.pop() {
        if !except.contains(&id) && all.insert(id) {
            let keywords = &contract.schema(id).keywords;
            open.extend(keywords.in_place().chain(keywords.parts()));
        }
    }
    all
}
