//! Assigns schemas to documents. A schema with the title of a document is its root; the schemas that the root reaches are in its
//! `$defs`; all others are in the `$defs` of one common document.

use std::collections::{BTreeMap, BTreeSet};

use charter_contract::objects::Object;
use serde_json::{Map, Value, json};

use super::document::read;
use super::reference::{Component, component, references, remove_extensions_with_references, rewrite};

/// The common document.
const REST: &str = "api.schema.json";

/// The document of each schema.
pub(super) struct Layout {
    /// By name: the document, and whether the schema is its root.
    places: BTreeMap<String, (String, bool)>,
}

impl Layout {
    pub(super) fn of(document: &Value, reached: &BTreeSet<Component>, present: &[(String, Vec<u8>)]) -> Self {
        let schemas: BTreeSet<&String> = reached.iter().filter(|(kind, _)| kind == "schemas").map(|(_, name)| name).collect();
        let mut places: BTreeMap<String, (String, bool)> = BTreeMap::new();
        let mut roots = Vec::new();
        for (name, bytes) in present.iter().filter(|(name, _)| name.ends_with(".schema.json") && name != REST) {
            let title = read(name, bytes).and_then(|value| value.get("title").and_then(Value::as_str).map(str::to_owned));
            if let Some(title) = title.filter(|title| schemas.contains(title) && !places.contains_key(title)) {
                places.insert(title.clone(), (name.clone(), true));
                roots.push((title, name.clone()));
            }
        }
        for (root, name) in roots {
            let mut open = vec![("schemas".to_owned(), root)];
            let mut seen = BTreeSet::new();
            while let Some(next) = open.pop() {
                if next.0 != "schemas" || !seen.insert(next.clone()) {
                    continue;
                }
                // The root of another document belongs there, with the schemas that it reaches.
                if places.get(&next.1).is_some_and(|(document, is_root)| *is_root && *document != name) {
                    continue;
                }
                places.entry(next.1.clone()).or_insert_with(|| (name.clone(), false));
                if let Some(value) = schema(document, &next.1) {
                    // Cannot fail: `reach` has checked these references.
                    let _ = references(value, Object::Schema, &mut open);
                }
            }
        }
        for name in schemas {
            places.entry(name.clone()).or_insert_with(|| (REST.to_owned(), false));
        }
        Self { places }
    }

    /// Rewrites references to the documents of their schemas; `own` is the document of the value.
    pub(super) fn rewrite(&self, value: &mut Value, object: Object, own: Option<&str>) {
        rewrite(value, object, &|reference| self.moved(reference, own));
    }

    fn moved(&self, reference: &str, own: Option<&str>) -> Option<String> {
        let ((kind, name), rest) = component(reference)?;
        let (document, is_root) = self.places.get(&name).filter(|_| kind == "schemas")?;
        let file = if own == Some(document) { "" } else { document.as_str() };
        let mut pointer = String::new();
        if !is_root {
            pointer.push_str("/$defs");
            charter_contract::push_token(&mut pointer, &name);
        }
        pointer.push_str(&rest);
        Some(match (file.is_empty(), pointer.is_empty()) {
            (false, true) => file.to_owned(),
            _ => format!("{file}{}", charter_contract::pointer_fragment(&pointer)),
        })
    }

    /// The schema documents.
    pub(super) fn documents(&self, source: &Value) -> Vec<(String, Value)> {
        let mut documents: BTreeMap<&str, (Option<&str>, Map<String, Value>)> = BTreeMap::new();
        for (name, (document, is_root)) in &self.places {
            let entry = documents.entry(document).or_default();
            let Some(mut value) = schema(source, name).cloned() else { continue };
            if *is_root {
                entry.0 = Some(name);
            } else {
                self.rewrite(&mut value, Object::Schema, Some(document));
                entry.1.insert(name.clone(), value);
            }
        }
        let made = documents.into_iter().map(|(document, (root, definitions))| {
            let mut whole = Map::new();
            whole.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
            if let Some(root) = root
                && let Some(mut value) = schema(source, root).cloned()
            {
                self.rewrite(&mut value, Object::Schema, Some(document));
                whole.insert("title".to_owned(), json!(root));
                match value {
                    Value::Object(keywords) => {
                        let rest = keywords.into_iter().filter(|(keyword, _)| keyword != "title" && keyword != "$defs");
                        whole.extend(rest);
                    }
                    other => {
                        whole.insert("allOf".to_owned(), json!([other]));
                    }
                }
            }
            if !definitions.is_empty() {
                whole.insert("$defs".to_owned(), Value::Object(definitions));
            }
            let mut whole = Value::Object(whole);
            remove_extensions_with_references(&mut whole, Object::Schema);
            (document.to_owned(), whole)
        });
        made.collect()
    }
}

fn schema<'d>(document: &'d Value, name: &str) -> Option<&'d Value> {
    document.get("components")?.get("schemas")?.get(name)
}
