//! One document from an OpenAPI document of any version and the files that it refers to: afterwards every reference is a reference to a
//! component.

use std::collections::{BTreeMap, VecDeque};

use charter_contract::load::Documents;
use charter_contract::objects::{Object, children_mut};
use charter_contract::{Location, pointer_fragment, resolve, stem};
use serde_json::{Map, Value, json};

use super::error::Error;
use super::swagger;

/// The maximum length of a chain of references to path items and operations.
const CHAIN_LIMIT: usize = 64;

/// Bundles the document called `main`.
///
/// Path items and operations replace the references to them. Any other target outside the components of the document becomes a component.
pub(super) fn bundle(documents: &Documents, main: &str) -> Result<Value, Error> {
    let source = documents.value(main).cloned().ok_or(Error::NoOpenApi)?;
    let is_swagger = source.get("swagger").is_some();
    let mut value = if is_swagger { swagger::upgraded(documents, main, &source) } else { source };
    let mut bundler = Bundler { documents, main, is_swagger, names: BTreeMap::new(), taken: BTreeMap::new(), open: VecDeque::new() };
    for (kind, entries) in value.get("components").and_then(Value::as_object).into_iter().flatten() {
        let names = entries.as_object().into_iter().flatten().map(|(name, _)| (kind.clone(), name.clone()));
        bundler.taken.extend(names.map(|key| (key, ())));
    }
    bundler.settle(&mut value, Object::Document, main)?;
    let mut added: Vec<(&'static str, String, Value)> = Vec::new();
    while let Some((object, name, location)) = bundler.open.pop_front() {
        let (Some(kind), Some(target)) = (object.component_key(), documents.at(&location)) else { continue };
        let mut target = target.clone();
        if is_swagger {
            swagger::upgrade_object(&mut target, object, documents, location.document());
        }
        bundler.settle(&mut target, object, location.document())?;
        added.push((kind, name, target));
    }
    if let Value::Object(root) = &mut value {
        root.shift_remove("$self");
        if !added.is_empty() {
            let components = root.entry("components").or_insert_with(|| json!({}));
            for (kind, name, target) in added {
                if let Value::Object(components) = &mut *components
                    && let Value::Object(entries) = components.entry(kind).or_insert_with(|| Value::Object(Map::new()))
                {
                    entries.insert(name, target);
                }
            }
        }
    }
    Ok(value)
}

struct Bundler<'d> {
    documents: &'d Documents,
    main: &'d str,
    is_swagger: bool,
    /// The component that each target became.
    names: BTreeMap<(Object, Location), String>,
    /// The kinds and names of all components.
    taken: BTreeMap<(String, String), ()>,
    /// The new components that are not settled yet.
    open: VecDeque<(Object, String, Location)>,
}

impl Bundler<'_> {
    /// Settles the references of an object and of the objects below it; `base` is the document that they are relative to.
    fn settle(&mut self, value: &mut Value, object: Object, base: &str) -> Result<(), Error> {
        let mut base = base.to_owned();
        if matches!(object, Object::PathItem | Object::Operation) {
            for _ in 0..CHAIN_LIMIT {
                let Some(reference) = value.get("$ref").and_then(Value::as_str).map(str::to_owned) else { break };
                let location = self.resolve(&base, &reference)?;
                self.replace(value, object, &base, &location)?;
                base = location.document().to_owned();
            }
            if let Some(reference) = value.get("$ref").and_then(Value::as_str) {
                return Err(Error::Reference(reference.to_owned()));
            }
        } else if let Value::Object(members) = value {
            if let Some(Value::String(reference)) = members.get_mut("$ref") {
                *reference = self.component(&base, reference, object)?;
            }
            if object == Object::Schema
                && let Some(Value::Object(mapping)) = members.get_mut("discriminator").and_then(|one| one.get_mut("mapping"))
            {
                for mapped in mapping.values_mut() {
                    // A mapping can also be the name of a component.
                    if let Value::String(reference) = mapped
                        && reference.contains(['/', '.', '#'])
                        && let Ok(component) = self.component(&base, reference, object)
                    {
                        *reference = component;
                    }
                }
            }
        }
        let mut result = Ok(());
        children_mut(value, object, &mut |child, object| {
            if result.is_ok() {
                result = self.settle(child, object, &base);
            }
        });
        result
    }

    /// Replaces a reference by its target. The members next to the reference stay.
    fn replace(&mut self, value: &mut Value, object: Object, base: &str, location: &Location) -> Result<(), Error> {
        let mut target = self.documents.at(location).cloned().unwrap_or(Value::Null);
        if self.is_swagger {
            swagger::upgrade_object(&mut target, object, self.documents, location.document());
        }
        let Value::Object(own) = value else { return Ok(()) };
        own.shift_remove("$ref");
        if !own.is_empty() {
            // These members are relative to their own document.
            let mut settled = Value::Object(std::mem::take(own));
            let mut result = Ok(());
            children_mut(&mut settled, object, &mut |child, object| {
                if result.is_ok() {
                    result = self.settle(child, object, base);
                }
            });
            result?;
            if let Value::Object(settled) = settled {
                *own = settled;
            }
        }
        for (key, member) in target.as_object().into_iter().flatten() {
            own.entry(key).or_insert_with(|| member.clone());
        }
        Ok(())
    }

    /// The reference to the component that a reference means, which is created if necessary.
    fn component(&mut self, base: &str, reference: &str, object: Object) -> Result<String, Error> {
        let Some(kind) = object.component_key() else { return Err(Error::Reference(reference.to_owned())) };
        let location = self.resolve(base, reference)?;
        let own = format!("/components/{kind}/");
        if location.document() == self.main && location.pointer().starts_with(&own) {
            return Ok(pointer_fragment(location.pointer()));
        }
        let key = (object, location);
        let name = match self.names.get(&key) {
            Some(name) => name.clone(),
            None => {
                let name = self.free_name(kind, &key.1);
                self.taken.insert((kind.to_owned(), name.clone()), ());
                self.names.insert(key.clone(), name.clone());
                self.open.push_back((object, name.clone(), key.1));
                name
            }
        };
        let mut pointer = format!("/components/{kind}");
        charter_contract::push_token(&mut pointer, &name);
        Ok(pointer_fragment(&pointer))
    }

    fn resolve(&self, base: &str, reference: &str) -> Result<Location, Error> {
        resolve(self.documents, &Location::root(base), reference).map_err(|problem| Error::Contract((*problem).into()))
    }

    /// A name for a new component: the last token of its pointer or the name of its file, and a number if that is taken.
    fn free_name(&self, kind: &str, location: &Location) -> String {
        // The schema of a parameter has the name of the parameter.
        let named = location.pointer().strip_suffix("/schema").unwrap_or(location.pointer());
        let last = Location::new(location.document(), named).last_token().unwrap_or_else(|| stem(location.document()));
        let name: String = last.chars().map(|one| if one.is_ascii_alphanumeric() || "._-".contains(one) { one } else { '_' }).collect();
        let mut numbered = (2..).map(|number| format!("{name}{number}"));
        let is_free = |name: &String| !self.taken.contains_key(&(kind.to_owned(), name.clone()));
        if is_free(&name) { name } else { numbered.find(is_free).unwrap_or_default() }
    }
}
