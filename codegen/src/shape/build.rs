//! Schemas to shapes, from every document's root and definitions inwards.

use charter_schema::{Contract, JsonType, Keywords, SchemaId};
use serde_json::Value;

use super::check::unsupported;
use super::{Check, Origin, Property, Shape, Shapes, TypeDef, TypeId, TypeKind, Use, check, recursion, union};
use crate::Error;

/// Shapes every schema document of a contract.
///
/// # Errors
/// A schema that cannot be shaped exactly.
pub fn shape(contract: &Contract) -> Result<Shapes, Error> {
    let mut builder = Builder { contract, shapes: Shapes::default(), open: Vec::new() };
    for root in contract.roots() {
        let schema = contract.schema(*root);
        let stem = schema.location.document().trim_end_matches(".schema.json").to_owned();
        builder.use_of(*root, &Origin::Given(schema.keywords.title.clone().unwrap_or(stem)))?;
        for (id, definition) in contract.schemas().iter() {
            let mut tokens = definition.location.tokens();
            let is_definition = definition.location.document() == schema.location.document() && tokens.next().as_deref() == Some("$defs");
            if let (true, Some(key), None) = (is_definition, tokens.next(), tokens.next()) {
                builder.use_of(id, &Origin::Given(key))?;
            }
        }
    }
    let mut shapes = builder.shapes;
    sort(contract, &mut shapes);
    recursion::box_cycles(&mut shapes);
    Ok(shapes)
}

pub(super) struct Builder<'c> {
    pub(super) contract: &'c Contract,
    pub(super) shapes: Shapes,
    /// Schemas being shaped that will not have a type of their own: meeting one again would never end.
    open: Vec<SchemaId>,
}

impl Builder<'_> {
    /// What stands at a schema. `origin` names the type it may become.
    pub(super) fn use_of(&mut self, id: SchemaId, origin: &Origin) -> Result<Use, Error> {
        if let Some(known) = self.shapes.uses.get(&id) {
            return Ok(known.clone());
        }
        let schema = self.contract.schema(id);
        refuse_unmodelled(self.contract, id)?;
        let keywords = &schema.keywords;
        if keywords.never {
            return Err(Error::Unsatisfiable { location: schema.location.clone() });
        }
        if self.open.contains(&id) {
            return Err(Error::Unsupported {
                location: schema.location.clone(),
                keyword: "$ref".to_owned(),
                remedy: "a schema that contains itself needs an object with properties, or a union, on the way",
            });
        }
        self.open.push(id);
        let use_ = self.build(id, keywords, origin)?;
        self.open.pop();
        self.shapes.uses.insert(id, use_.clone());
        Ok(use_)
    }

    fn build(&mut self, id: SchemaId, keywords: &Keywords, origin: &Origin) -> Result<Use, Error> {
        let location = &self.contract.schema(id).location;
        if let Some(target) = keywords.reference {
            if let Some(sibling) = assertion_beside_reference(keywords) {
                return Err(unsupported(location, sibling));
            }
            let name = self
                .contract
                .schema(target)
                .location
                .last_token()
                .unwrap_or_else(|| self.contract.schema(target).location.document().to_owned());
            return self.use_of(target, &Origin::Given(self.contract.schema(target).keywords.title.clone().unwrap_or(name)));
        }
        if !keywords.all_of.is_empty() {
            return Err(unsupported(location, "allOf"));
        }
        for (keyword, branches) in [("anyOf", &keywords.any_of), ("oneOf", &keywords.one_of)] {
            if !branches.is_empty() {
                return union::shape(self, id, keyword, branches, origin);
            }
        }
        if let Some(values) = &keywords.enumeration {
            return self.enumeration(id, values, origin);
        }
        if let Some(value) = &keywords.constant {
            return self.enumeration(id, std::slice::from_ref(value), origin);
        }
        let Some(types) = &keywords.types else {
            return match says_nothing(keywords) {
                true => Ok(Use { shape: Shape::Any, nullable: false }),
                // A keyword without `type` lets every other type pass: a union that is not built yet.
                false => Err(unsupported(location, first_assertion(keywords))),
            };
        };
        let nullable = types.contains(&JsonType::Null);
        let others: Vec<JsonType> = types.iter().copied().filter(|type_| *type_ != JsonType::Null).collect();
        match others.as_slice() {
            [type_] => Ok(Use { shape: self.typed(id, *type_, origin)?, nullable }),
            [JsonType::Integer, JsonType::Number] | [JsonType::Number, JsonType::Integer] => {
                Ok(Use { shape: self.typed(id, JsonType::Number, origin)?, nullable })
            }
            _ => Err(unsupported(location, "type")),
        }
    }

    /// The shape of a schema for one type; keywords for other types say nothing.
    fn typed(&mut self, id: SchemaId, type_: JsonType, origin: &Origin) -> Result<Shape, Error> {
        match type_ {
            JsonType::Null => Err(unsupported(&self.contract.schema(id).location, "type")),
            JsonType::Boolean => Ok(Shape::Boolean),
            JsonType::String => {
                let checks = check::string(self.contract, id)?;
                Ok(self.constrained(id, Shape::String, checks, origin))
            }
            JsonType::Integer | JsonType::Number => {
                let (shape, checks) = check::number(self.contract, id, type_ == JsonType::Integer)?;
                Ok(self.constrained(id, shape, checks, origin))
            }
            JsonType::Array => self.array(id, origin),
            JsonType::Object => self.object(id, origin),
        }
    }

    fn constrained(&mut self, id: SchemaId, inner: Shape, checks: Vec<Check>, origin: &Origin) -> Shape {
        if checks.is_empty() {
            return inner;
        }
        let type_ = self.reserve(id, origin);
        self.shapes.types[type_.0].kind = TypeKind::Constrained { inner, checks };
        Shape::Named(type_)
    }

    fn array(&mut self, id: SchemaId, origin: &Origin) -> Result<Shape, Error> {
        let checks = check::list(self.contract, id)?;
        let items = self.contract.schema(id).keywords.items;
        // A constrained list is a type, and its items are parts of that; else they are parts of what the list is a part of.
        let (type_, item_origin) = if checks.is_empty() {
            (None, inside(origin, "item"))
        } else {
            let type_ = self.reserve(id, origin);
            (Some(type_), Origin::Part { of: type_, word: "item".to_owned() })
        };
        let item = match items {
            Some(items) => self.use_of(items, &item_origin)?,
            None => Use { shape: Shape::Any, nullable: false },
        };
        let list = Shape::List(Box::new(item));
        let Some(type_) = type_ else { return Ok(list) };
        self.shapes.types[type_.0].kind = TypeKind::Constrained { inner: list, checks };
        Ok(Shape::Named(type_))
    }

    fn object(&mut self, id: SchemaId, origin: &Origin) -> Result<Shape, Error> {
        let schema = self.contract.schema(id);
        let keywords = &schema.keywords;
        let limits = [("minProperties", keywords.min_properties.is_some()), ("maxProperties", keywords.max_properties.is_some())];
        if let Some((keyword, _)) = limits.iter().find(|(_, given)| *given) {
            return Err(unsupported(&schema.location, keyword));
        }
        if let Some(missing) = keywords.required.iter().position(|key| !keywords.properties.contains_key(key)) {
            return Err(Error::Unsupported {
                location: schema.location.child("required").child(missing),
                keyword: "required".to_owned(),
                remedy: "describe the key under `properties`",
            });
        }
        let additional = keywords.additional_properties;
        let closed = additional.is_some_and(|additional| self.contract.schema(additional).keywords.never);
        if keywords.properties.is_empty() && !closed {
            let value = match additional {
                Some(additional) => self.use_of(additional, &inside(origin, "value"))?,
                None => Use { shape: Shape::Any, nullable: false },
            };
            return Ok(Shape::Map(Box::new(value)));
        }
        let type_ = self.reserve(id, origin);
        // From here on a reference back to this schema finds its type.
        self.shapes.uses.insert(
            id,
            Use { shape: Shape::Named(type_), nullable: keywords.types.as_ref().is_some_and(|types| types.contains(&JsonType::Null)) },
        );
        let mut properties = Vec::new();
        for (key, property) in &keywords.properties {
            let part = Origin::Part { of: type_, word: key.clone() };
            let use_ = self.use_of(*property, &part)?;
            let schema = self.contract.schema(*property);
            let target = self.contract.schema(self.contract.target(*property));
            properties.push(Property {
                key: key.clone(),
                required: keywords.required.contains(key),
                use_,
                schema: *property,
                location: schema.location.clone(),
                description: schema.keywords.description.clone().or_else(|| target.keywords.description.clone()),
                deprecated: schema.keywords.deprecated,
            });
        }
        let additional = match (closed, additional) {
            (true, _) => None,
            (false, None) => Some(Use { shape: Shape::Any, nullable: false }),
            (false, Some(additional)) => Some(self.use_of(additional, &Origin::Part { of: type_, word: "additional".to_owned() })?),
        };
        self.shapes.types[type_.0].kind = TypeKind::Struct { properties, additional };
        Ok(Shape::Named(type_))
    }

    fn enumeration(&mut self, id: SchemaId, values: &[Value], origin: &Origin) -> Result<Use, Error> {
        let schema = self.contract.schema(id);
        let allowed = |type_| schema.keywords.types.as_ref().is_none_or(|types| types.contains(&type_));
        let mut strings: Vec<String> = Vec::new();
        let mut nullable = false;
        for value in values {
            match value {
                Value::Null => nullable |= allowed(JsonType::Null),
                Value::String(text) if !allowed(JsonType::String) || strings.contains(text) => {}
                Value::String(text) => strings.push(text.clone()),
                _ => return Err(unsupported(&schema.location, if schema.keywords.constant.is_some() { "const" } else { "enum" })),
            }
        }
        let checks = check::string(self.contract, id)?;
        if let Some(check) = checks.first() {
            return Err(unsupported(&schema.location, check.keyword));
        }
        if strings.is_empty() {
            return Err(Error::Unsatisfiable { location: schema.location.clone() });
        }
        let type_ = self.reserve(id, origin);
        self.shapes.types[type_.0].kind = TypeKind::Enumeration { values: strings };
        Ok(Use { shape: Shape::Named(type_), nullable })
    }

    /// Gives a schema its type, to be filled in.
    pub(super) fn reserve(&mut self, id: SchemaId, origin: &Origin) -> TypeId {
        let schema = self.contract.schema(id);
        let type_ = TypeId(self.shapes.types.len());
        self.shapes.types.push(TypeDef {
            schema: id,
            location: schema.location.clone(),
            origin: origin.clone(),
            description: schema.keywords.description.clone(),
            deprecated: schema.keywords.deprecated,
            kind: TypeKind::Enumeration { values: Vec::new() },
        });
        type_
    }
}

/// The origin of what stands inside something without a type of its own.
fn inside(origin: &Origin, part: &str) -> Origin {
    match origin {
        Origin::Given(name) => Origin::Given(format!("{name} {part}")),
        Origin::Part { of, word } => Origin::Part { of: *of, word: format!("{word} {part}") },
    }
}

/// Puts the types into the order of the documents.
fn sort(contract: &Contract, shapes: &mut Shapes) {
    let mut order: Vec<usize> = (0..shapes.types.len()).collect();
    order.sort_by_key(|index| {
        let type_ = &shapes.types[*index];
        let root = contract.roots().iter().position(|root| contract.schema(*root).location.document() == type_.location.document());
        (root, type_.schema)
    });
    let mut place = vec![TypeId(0); order.len()];
    for (new, old) in order.iter().enumerate() {
        place[*old] = TypeId(new);
    }
    let types = std::mem::take(&mut shapes.types);
    let mut types: Vec<Option<TypeDef>> = types.into_iter().map(Some).collect();
    shapes.types = order.iter().filter_map(|old| types[*old].take()).collect();
    let moved = |id: &mut TypeId| *id = place[id.0];
    for type_ in &mut shapes.types {
        if let Origin::Part { of, .. } = &mut type_.origin {
            moved(of);
        }
        recursion::each_use(&mut type_.kind, &mut |shape| recursion::each_type(shape, &moved));
    }
    for use_ in shapes.uses.values_mut() {
        recursion::each_type(&mut use_.shape, &moved);
    }
}

fn refuse_unmodelled(contract: &Contract, id: SchemaId) -> Result<(), Error> {
    let schema = contract.schema(id);
    let keywords = &schema.keywords;
    let given = [
        ("not", keywords.not.is_some()),
        ("patternProperties", !keywords.pattern_properties.is_empty()),
        ("propertyNames", keywords.property_names.is_some()),
    ];
    let named = given.iter().find(|(_, given)| *given).map(|(keyword, _)| *keyword);
    match named.or_else(|| keywords.unmodelled.first().map(String::as_str)) {
        Some(keyword) => Err(unsupported(&schema.location, keyword)),
        None => Ok(()),
    }
}

/// A keyword beside `$ref` that asserts something.
fn assertion_beside_reference(keywords: &Keywords) -> Option<&'static str> {
    (!says_nothing(&Keywords { reference: None, ..keywords.clone() })).then(|| first_assertion(keywords))
}

/// Whether no keyword asserts anything.
fn says_nothing(keywords: &Keywords) -> bool {
    first_assertion(keywords).is_empty()
}

/// The first keyword that asserts something; empty where none does.
fn first_assertion(keywords: &Keywords) -> &'static str {
    let given = [
        ("type", keywords.types.is_some()),
        ("enum", keywords.enumeration.is_some()),
        ("const", keywords.constant.is_some()),
        ("properties", !keywords.properties.is_empty()),
        ("required", !keywords.required.is_empty()),
        ("additionalProperties", keywords.additional_properties.is_some()),
        ("minProperties", keywords.min_properties.is_some()),
        ("maxProperties", keywords.max_properties.is_some()),
        ("items", keywords.items.is_some()),
        ("prefixItems", !keywords.prefix_items.is_empty()),
        ("minItems", keywords.min_items.is_some()),
        ("maxItems", keywords.max_items.is_some()),
        ("uniqueItems", keywords.unique_items),
        ("minimum", keywords.minimum.is_some()),
        ("maximum", keywords.maximum.is_some()),
        ("exclusiveMinimum", keywords.exclusive_minimum.is_some()),
        ("exclusiveMaximum", keywords.exclusive_maximum.is_some()),
        ("multipleOf", keywords.multiple_of.is_some()),
        ("minLength", keywords.min_length.is_some()),
        ("maxLength", keywords.max_length.is_some()),
        ("pattern", keywords.pattern.is_some()),
        ("allOf", !keywords.all_of.is_empty()),
        ("anyOf", !keywords.any_of.is_empty()),
        ("oneOf", !keywords.one_of.is_empty()),
    ];
    given.iter().find(|(_, given)| *given).map_or("", |(keyword, _)| keyword)
}
