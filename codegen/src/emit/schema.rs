//! `schemars::JsonSchema`: the schema as the contract has it, with a hole for each reference, which `schemars` fills.

use charter_contract::{Contract, Direction, Draft, SchemaId, push_token};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Value, json};

use super::Emit;
use super::tokens::raw;
use crate::shape::{Origin, Part, Shape, TypeDef, TypeId, Use};

/// The `JsonSchema` of a type.
pub(super) fn schema(emit: &Emit<'_>, id: TypeId, type_: &TypeDef) -> TokenStream {
    let name = emit.ident(id);
    let text = emit.names.type_(id);
    let (source, holes) = whole(emit, type_);
    let source = raw(&serde_json::to_string_pretty(&source).unwrap_or_default());
    let holes = holes.iter().map(|(pointer, target)| {
        let target = emit.ident(*target);
        quote!((#pointer, support::subschema::<#target>))
    });
    let inline = matches!(type_.origin, Origin::Part { .. }).then(|| {
        quote! {
            fn inline_schema() -> bool {
                true
            }
        }
    });
    quote! {
        impl ::schemars::JsonSchema for #name {
            #inline

            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                #text.into()
            }

            fn schema_id() -> ::std::borrow::Cow<'static, str> {
                concat!(module_path!(), "::", #text).into()
            }

            fn json_schema(generator: &mut ::schemars::SchemaGenerator) -> ::schemars::Schema {
                support::json_schema(generator, #source, &[#(#holes),*])
            }
        }
    }
}

/// The schemas of a type as one schema, with its references as holes.
fn whole(emit: &Emit<'_>, type_: &TypeDef) -> (Value, Vec<(String, TypeId)>) {
    let mut holes = Vec::new();
    let plain = type_.only.is_none() && type_.of.iter().all(|part| *part == Part::whole(part.id));
    let own = plain && type_.of.iter().all(|part| emit.contract.in_place([type_.schema]).contains(&part.id));
    let contract = emit.directions.contract_of(type_.direction);
    let mut giver = Giver { emit, contract, direction: type_.direction, open: Vec::new(), holes: &mut holes };
    let source = if own {
        giver.schema(type_.schema, &mut String::new())
    } else {
        type_.of.iter().enumerate().map(|(index, part)| giver.part(*part, &mut format!("/allOf/{index}"))).collect::<Option<Vec<_>>>().map(
            |parts| match type_.only {
                Some(kind) => json!({ "type": kind.as_str(), "allOf": parts }),
                None => json!({ "allOf": parts }),
            },
        )
    };
    match source {
        Some(mut source) => {
            if type_.only.is_none() && emit.shapes.use_in(type_.direction, type_.schema).is_some_and(|use_| use_.nullable) {
                // The type itself excludes null: nullability belongs to each use.
                without_null(&mut source, &mut holes);
            }
            (source, holes)
        }
        None => (bundled(emit, type_), Vec::new()),
    }
}

/// The schema as a reference into its documents, which are included: dynamic references depend on the whole document.
fn bundled(emit: &Emit<'_>, type_: &TypeDef) -> Value {
    let mut definitions = serde_json::Map::new();
    for (uri, mut document) in emit.directions.contract_of(type_.direction).bundle().documents {
        if let Value::Object(keywords) = &mut document {
            keywords.entry("$id").or_insert_with(|| json!(uri));
        }
        definitions.insert(uri, document);
    }
    json!({ "$ref": emit.contract.address(type_.schema), "$defs": definitions })
}

/// Writes schemas in the keywords of draft 2020-12.
struct Giver<'g> {
    emit: &'g Emit<'g>,
    /// The contract as it applies to the messages that the type is for.
    contract: &'g Contract,
    direction: Option<Direction>,
    /// The schemas that are being inlined. A schema that contains itself cannot be inlined.
    open: Vec<SchemaId>,
    holes: &'g mut Vec<(String, TypeId)>,
}

impl Giver<'_> {
    /// A part of a conjunction, without `$ref` and `allOf`: those are separate parts.
    fn part(&mut self, part: Part, pointer: &mut String) -> Option<Value> {
        let mut source = self.keywords(part.id, pointer)?;
        if let Value::Object(keywords) = &mut source {
            keywords.shift_remove("$ref");
            keywords.shift_remove("allOf");
            let distributed = [("anyOf", part.without_any_of), ("oneOf", part.without_one_of)];
            for (keyword, _) in distributed.iter().filter(|(_, distributed)| *distributed) {
                keywords.shift_remove(*keyword);
            }
            let gone: Vec<String> = ["$ref", "allOf"]
                .into_iter()
                .chain(distributed.iter().filter(|(_, distributed)| *distributed).map(|(keyword, _)| *keyword))
                .map(|keyword| format!("{pointer}/{keyword}"))
                .collect();
            self.holes.retain(|(hole, _)| !gone.iter().any(|gone| hole == gone || hole.starts_with(&format!("{gone}/"))));
            self.holes.retain(|(hole, _)| hole != pointer);
        }
        Some(source)
    }

    /// A schema with its references as holes. A reference to a schema without a type of its own is inlined.
    fn schema(&mut self, id: SchemaId, pointer: &mut String) -> Option<Value> {
        let mut source = self.keywords(id, pointer)?;
        let Some(target) = self.contract.schema(id).keywords.reference else { return Some(source) };
        if let Some(Use { shape: Shape::Named(type_) | Shape::Boxed(type_), nullable: false }) =
            self.emit.shapes.use_in(self.direction, target)
            && self.emit.shapes.types[type_.0].schema == self.contract.target(target)
        {
            self.holes.push((pointer.clone(), *type_));
            return Some(source);
        }
        let Value::Object(keywords) = &mut source else { return Some(source) };
        keywords.shift_remove("$ref");
        if keywords.is_empty() {
            return self.schema(target, pointer);
        }
        let index = keywords.get("allOf").and_then(Value::as_array).map_or(0, Vec::len);
        let part = self.below(target, pointer, &["allOf", &index.to_string()])?;
        match keywords.get_mut("allOf").and_then(Value::as_array_mut) {
            Some(parts) => parts.push(part),
            None => {
                keywords.insert("allOf".to_owned(), json!([part]));
            }
        }
        Some(source)
    }

    fn below(&mut self, id: SchemaId, pointer: &mut String, tokens: &[&str]) -> Option<Value> {
        let length = pointer.len();
        tokens.iter().for_each(|token| push_token(pointer, token));
        let inner = self.schema(id, pointer);
        pointer.truncate(length);
        inner
    }

    /// The keywords of a schema in the form of draft 2020-12, with its subschemas converted.
    fn keywords(&mut self, id: SchemaId, pointer: &mut String) -> Option<Value> {
        let schema = self.contract.schema(id);
        if self.open.contains(&id) || schema.keywords.dynamic {
            return None;
        }
        let Value::Object(mut written) = schema.source().clone() else { return Some(schema.source().clone()) };
        let legacy = schema.draft <= Draft::Draft7;
        if legacy && written.contains_key("$ref") {
            return Some(json!({ "$ref": "" }));
        }
        let names = ["$schema", "$defs", "definitions", "$id", "$anchor", "$dynamicAnchor", "$recursiveAnchor", "$vocabulary"];
        names.iter().for_each(|keyword| drop(written.shift_remove(*keyword)));
        for dynamic in ["$dynamicRef", "$recursiveRef"] {
            if written.shift_remove(dynamic).is_some() {
                written.insert("$ref".to_owned(), json!(""));
            }
        }
        if schema.draft == Draft::Draft4 {
            written.shift_remove("id");
            for (flag, bound) in [("exclusiveMinimum", "minimum"), ("exclusiveMaximum", "maximum")] {
                if written.shift_remove(flag) == Some(Value::Bool(true))
                    && let Some(limit) = written.shift_remove(bound)
                {
                    written.insert(flag.to_owned(), limit);
                }
            }
        }
        written.retain(|keyword, value| !charter_contract::keywords::is_ignored(keyword, value, schema.draft));
        written.shift_remove("dependencies").filter(|_| legacy);
        let keywords = &schema.keywords;
        if legacy && !keywords.dependent_required.is_empty() {
            written.insert("dependentRequired".to_owned(), json!(keywords.dependent_required));
        }
        if schema.draft <= Draft::Draft201909 {
            written.shift_remove("additionalItems");
        }
        self.open.push(id);
        let one = [
            ("additionalProperties", keywords.additional_properties),
            ("propertyNames", keywords.property_names),
            ("unevaluatedProperties", keywords.unevaluated_properties),
            ("contains", keywords.contains),
            ("unevaluatedItems", keywords.unevaluated_items),
            ("not", keywords.not),
            ("if", keywords.if_),
            ("then", keywords.then),
            ("else", keywords.else_),
        ];
        for (keyword, child) in one {
            if let Some(child) = child {
                let inner = self.below(child, pointer, &[keyword])?;
                written.insert(keyword.to_owned(), inner);
            }
        }
        match keywords.items {
            Some(items) => {
                let inner = self.below(items, pointer, &["items"])?;
                written.insert("items".to_owned(), inner);
            }
            None => drop(written.shift_remove("items")),
        }
        let lists = [
            ("prefixItems", &keywords.prefix_items),
            ("allOf", &keywords.all_of),
            ("anyOf", &keywords.any_of),
            ("oneOf", &keywords.one_of),
        ];
        for (keyword, children) in lists {
            if !children.is_empty() {
                let mut inner = Vec::new();
                for (index, child) in children.iter().enumerate() {
                    inner.push(self.below(*child, pointer, &[keyword, &index.to_string()])?);
                }
                written.insert(keyword.to_owned(), Value::Array(inner));
            }
        }
        let named = [
            ("properties", &*keywords.properties),
            ("patternProperties", &keywords.pattern_properties),
            ("dependentSchemas", &keywords.dependent_schemas),
        ];
        for (keyword, children) in named {
            if !children.is_empty() {
                let mut inner = serde_json::Map::new();
                for (name, child) in children {
                    inner.insert(name.clone(), self.below(*child, pointer, &[keyword, name])?);
                }
                written.insert(keyword.to_owned(), Value::Object(inner));
            }
        }
        self.open.pop();
        Some(Value::Object(written))
    }
}

/// Removes null from the values that a schema accepts.
fn without_null(source: &mut Value, holes: &mut [(String, TypeId)]) {
    let Value::Object(keywords) = source else { return };
    if let Some(Value::Array(types)) = keywords.get_mut("type") {
        types.retain(|type_| type_ != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            keywords.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = keywords.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    for keyword in ["anyOf", "oneOf"] {
        let Some(Value::Array(branches)) = keywords.get_mut(keyword) else { continue };
        // A removed branch shifts the indices of later branches and of their holes.
        let kept: Vec<usize> = (0..branches.len()).filter(|index| branches[*index].get("type") != Some(&json!("null"))).collect();
        for (new, old) in kept.iter().enumerate() {
            let (mut from, mut to) = (format!("/{keyword}"), format!("/{keyword}"));
            push_token(&mut from, old);
            push_token(&mut to, new);
            for (pointer, _) in holes.iter_mut() {
                if let Some(rest) = pointer.strip_prefix(&from).filter(|rest| rest.is_empty() || rest.starts_with('/')) {
                    *pointer = format!("{to}{rest}");
                }
            }
        }
        let mut index = 0;
        branches.retain(|_| {
            index += 1;
            kept.contains(&(index - 1))
        });
    }
}
