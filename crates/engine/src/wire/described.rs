//! What a schema says about the types of an instance and of its parts, through references and in-place applicators.

use charter_contract::{JsonType, SchemaId, Schemas};
use serde_json::Value;

/// The maximum number of alternatives by `anyOf`, `oneOf`, `then` and `else`. Further ones restrict no type.
const MAX_ALTERNATIVES: usize = 64;
/// The maximum number of schemas that are visited for one instance.
const MAX_STEPS: usize = 4096;

/// A set of JSON types. Integers count as numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Types(u8);

impl Types {
    /// No type.
    pub(crate) const NONE: Self = Self(0);
    /// Every type: the schema does not restrict it.
    pub(crate) const ANY: Self = Self(0b11_1111);
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOLEAN: Self = Self(1 << 1);
    pub(crate) const NUMBER: Self = Self(1 << 2);
    pub(crate) const STRING: Self = Self(1 << 3);
    pub(crate) const ARRAY: Self = Self(1 << 4);
    pub(crate) const OBJECT: Self = Self(1 << 5);

    /// Whether the set contains every type of another set.
    pub(crate) fn has(self, types: Self) -> bool {
        self.0 & types.0 == types.0
    }

    /// Whether the set contains a type that is neither array nor object.
    pub(crate) fn has_primitive(self) -> bool {
        self.0 & !(Self::ARRAY.0 | Self::OBJECT.0) != 0
    }

    fn of(type_: JsonType) -> Self {
        match type_ {
            JsonType::Null => Self::NULL,
            JsonType::Boolean => Self::BOOLEAN,
            JsonType::Integer | JsonType::Number => Self::NUMBER,
            JsonType::String => Self::STRING,
            JsonType::Array => Self::ARRAY,
            JsonType::Object => Self::OBJECT,
        }
    }

    /// The type of a value.
    pub(crate) fn of_value(value: &Value) -> Self {
        match value {
            Value::Null => Self::NULL,
            Value::Bool(_) => Self::BOOLEAN,
            Value::Number(_) => Self::NUMBER,
            Value::String(_) => Self::STRING,
            Value::Array(_) => Self::ARRAY,
            Value::Object(_) => Self::OBJECT,
        }
    }

    fn of_all(types: impl IntoIterator<Item = JsonType>) -> Self {
        types.into_iter().fold(Self::NONE, |all, type_| all.or(Self::of(type_)))
    }

    fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// The schemas of one instance: alternatives, each with the schemas that apply together.
#[derive(Clone, Debug)]
pub(crate) struct Described<'c> {
    schemas: &'c Schemas,
    alternatives: Vec<Vec<SchemaId>>,
}

impl<'c> Described<'c> {
    /// What a schema says; without a schema, nothing.
    pub(crate) fn new(schemas: &'c Schemas, schema: Option<SchemaId>) -> Self {
        Self { schemas, alternatives: alternatives_of(schemas, schema.into_iter().collect()) }
    }

    /// The types that the schemas allow. A schema without a type restriction whose keywords apply to some types only counts as a schema
    /// of these types. [`Types::ANY`] if nothing is known.
    pub(crate) fn types(&self) -> Types {
        let types = self.alternatives.iter().fold(Types::NONE, |all, alternative| all.or(self.types_of(alternative)));
        if types == Types::NONE { Types::ANY } else { types }
    }

    /// What the schemas say about an item of an array.
    pub(crate) fn item(&self, index: usize) -> Self {
        self.part(Types::ARRAY, |schema| {
            let keywords = &self.schemas[schema].keywords;
            keywords.prefix_items.get(index).copied().or(keywords.items).into_iter().collect()
        })
    }

    /// What the schemas say about a property: nothing, if pattern properties may apply to it.
    pub(crate) fn property(&self, name: &str) -> Self {
        self.part(Types::OBJECT, |schema| {
            let keywords = &self.schemas[schema].keywords;
            match keywords.properties.get(name) {
                Some(declared) => vec![*declared],
                None if keywords.pattern_properties.is_empty() => keywords.additional_properties.into_iter().collect(),
                None => Vec::new(),
            }
        })
    }

    /// Whether `properties` names a property.
    pub(crate) fn declares(&self, name: &str) -> bool {
        self.all_schemas().any(|schema| self.schemas[schema].keywords.properties.contains_key(name))
    }

    /// The names in `properties`, in order.
    pub(crate) fn property_names(&self) -> Vec<&'c str> {
        let mut names: Vec<&str> = Vec::new();
        for name in self.all_schemas().flat_map(|schema| self.schemas[schema].keywords.properties.keys()) {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        names
    }

    /// Whether the schemas describe properties of any name: by `additionalProperties` or `patternProperties`, or because they name none.
    pub(crate) fn is_free_form(&self) -> bool {
        let names_some = self.all_schemas().any(|schema| !self.schemas[schema].keywords.properties.is_empty());
        let is_open = |schema: SchemaId| {
            let keywords = &self.schemas[schema].keywords;
            let additional = keywords.additional_properties.is_some_and(|additional| !self.schemas[additional].keywords.never);
            additional || !keywords.pattern_properties.is_empty()
        };
        !names_some || self.all_schemas().any(is_open)
    }

    fn all_schemas(&self) -> impl Iterator<Item = SchemaId> + '_ {
        self.alternatives.iter().flatten().copied()
    }

    /// The schemas of a part, in the alternatives that allow a type.
    fn part(&self, of: Types, schemas_of: impl Fn(SchemaId) -> Vec<SchemaId>) -> Self {
        let mut alternatives = Vec::new();
        for alternative in self.alternatives.iter().filter(|alternative| self.types_of(alternative).has(of)) {
            let parts = alternative.iter().flat_map(|schema| schemas_of(*schema)).collect();
            for of_part in alternatives_of(self.schemas, parts) {
                if !alternatives.contains(&of_part) && alternatives.len() < MAX_ALTERNATIVES {
                    alternatives.push(of_part);
                }
            }
        }
        if alternatives.is_empty() {
            alternatives.push(Vec::new());
        }
        Self { schemas: self.schemas, alternatives }
    }

    fn types_of(&self, alternative: &[SchemaId]) -> Types {
        let all = alternative.iter().map(|schema| &self.schemas[*schema].keywords);
        let types = all.clone().fold(Types::ANY, |types, keywords| {
            let own = keywords.types.as_ref().map_or(Types::ANY, |types| Types::of_all(types.iter().copied()));
            let of_values = |values: &[Value]| Types::of_all(values.iter().map(JsonType::of));
            let enumeration = keywords.enumeration.as_deref().map_or(Types::ANY, of_values);
            let constant = keywords.constant.as_ref().map_or(Types::ANY, |value| Types::of(JsonType::of(value)));
            let never = if keywords.never { Types::NONE } else { Types::ANY };
            types.and(own).and(enumeration).and(constant).and(never)
        });
        if types != Types::ANY {
            return types;
        }
        let implied = all.fold(Types::NONE, |implied, keywords| implied.or(implied_by(keywords)));
        if implied == Types::NONE { Types::ANY } else { implied }
    }
}

/// The types to which the keywords of a schema apply, apart from keywords for every type.
fn implied_by(keywords: &charter_contract::Keywords) -> Types {
    let object = !keywords.properties.is_empty()
        || !keywords.required.is_empty()
        || keywords.additional_properties.is_some()
        || !keywords.pattern_properties.is_empty()
        || keywords.min_properties.or(keywords.max_properties).is_some();
    let array = keywords.items.is_some()
        || !keywords.prefix_items.is_empty()
        || keywords.unique_items
        || keywords.contains.is_some()
        || keywords.min_items.or(keywords.max_items).is_some();
    let bounds = [&keywords.minimum, &keywords.maximum, &keywords.exclusive_minimum, &keywords.exclusive_maximum, &keywords.multiple_of];
    let number = bounds.iter().any(|bound| bound.is_some());
    let string = keywords.min_length.or(keywords.max_length).is_some() || keywords.pattern.is_some();
    let families = [(object, Types::OBJECT), (array, Types::ARRAY), (number, Types::NUMBER), (string, Types::STRING)];
    families.into_iter().filter(|(applies, _)| *applies).fold(Types::NONE, |all, (_, types)| all.or(types))
}

/// Every alternative of schemas that apply to one instance.
fn alternatives_of(schemas: &Schemas, seed: Vec<SchemaId>) -> Vec<Vec<SchemaId>> {
    let mut finished = Vec::new();
    // Schemas that are visited, and those still to visit.
    let mut open = vec![(Vec::new(), seed)];
    let mut steps = 0;
    while let Some((mut visited, mut todo)) = open.pop() {
        let Some(schema) = todo.pop() else {
            visited.sort_unstable();
            finished.push(visited);
            continue;
        };
        steps += 1;
        if visited.contains(&schema) || steps > MAX_STEPS {
            open.push((visited, todo));
            continue;
        }
        visited.push(schema);
        let keywords = &schemas[schema].keywords;
        todo.extend(keywords.reference.into_iter().chain(keywords.all_of.iter().copied()));
        let conditional = keywords.if_.is_some() && (keywords.then.is_some() || keywords.else_.is_some());
        let choices = [
            keywords.any_of.iter().copied().map(Some).collect::<Vec<_>>(),
            keywords.one_of.iter().copied().map(Some).collect(),
            if conditional { vec![keywords.then, keywords.else_] } else { Vec::new() },
        ];
        let mut branches = vec![todo];
        for choice in choices.iter().filter(|choice| !choice.is_empty()) {
            if branches.len() * choice.len() + open.len() + finished.len() > MAX_ALTERNATIVES {
                continue;
            }
            let add = |todo: &Vec<SchemaId>, option: &Option<SchemaId>| todo.iter().copied().chain(*option).collect::<Vec<_>>();
            branches = branches.iter().flat_map(|todo| choice.iter().map(move |option| add(todo, option))).collect();
        }
        // The last one is visited first.
        open.extend(branches.into_iter().rev().map(|todo| (visited.clone(), todo)));
    }
    finished
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::testing::contract_of;
    use super::*;

    const STRING_OR_NUMBER: Types = Types(Types::STRING.0 | Types::NUMBER.0);
    const NUMBER_OR_NULL: Types = Types(Types::NUMBER.0 | Types::NULL.0);

    #[test]
    fn the_types_of_a_schema_are_found_through_references_and_applicators() {
        let cases = [
            (json!({"type": "integer"}), Types::NUMBER),
            (json!({"type": ["integer", "string"]}), STRING_OR_NUMBER),
            (json!({"$ref": "#/components/schemas/N"}), Types::NUMBER),
            (json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}), NUMBER_OR_NULL),
            (json!({"oneOf": [{"$ref": "#/components/schemas/N"}, {"type": "null"}]}), NUMBER_OR_NULL),
            (json!({"allOf": [{"$ref": "#/components/schemas/N"}, {"maximum": 9}]}), Types::NUMBER),
            (json!({"allOf": [{"type": ["integer", "string"]}, {"anyOf": [{"type": "string"}, {"type": "null"}]}]}), Types::STRING),
            (json!({"enum": [1, 2]}), Types::NUMBER),
            (json!({"enum": ["1", 2]}), STRING_OR_NUMBER),
            (json!({"const": true}), Types::BOOLEAN),
            (json!({"if": {"minimum": 3}, "then": {"type": "integer"}, "else": {"type": "string"}}), STRING_OR_NUMBER),
            // A cycle through an array ends.
            (json!({"$ref": "#/components/schemas/Tree"}), Types::ARRAY),
            // Implied by keywords.
            (json!({"minimum": 3}), Types::NUMBER),
            (json!({"items": {}}), Types::ARRAY),
            (json!({"properties": {"a": {}}}), Types::OBJECT),
            (json!({"pattern": "a"}), Types::STRING),
            // Nothing is known.
            (json!({}), Types::ANY),
            (json!(true), Types::ANY),
            (json!({"not": {"type": "string"}}), Types::ANY),
            (json!(false), Types::ANY),
        ];
        for (schema, types) in cases {
            let (contract, id) = contract_of(&schema);
            assert_eq!(Described::new(contract.schemas(), Some(id)).types(), types, "{schema}");
        }
    }

    #[test]
    fn parts_have_types_of_their_own() {
        let schema = json!({"oneOf": [
            {"type": "object", "properties": {"a": {"type": "integer"}}, "additionalProperties": {"type": "boolean"}},
            {"type": "object", "properties": {"a": {"type": "string"}}, "additionalProperties": false},
            {"type": "array", "prefixItems": [{"type": "string"}], "items": {"$ref": "#/components/schemas/N"}}]});
        let (contract, id) = contract_of(&schema);
        let described = Described::new(contract.schemas(), Some(id));
        assert_eq!(described.property("a").types(), STRING_OR_NUMBER);
        assert_eq!(described.property("b").types(), Types::BOOLEAN);
        assert_eq!(described.item(0).types(), Types::STRING);
        assert_eq!(described.item(7).types(), Types::NUMBER);
        assert_eq!(described.item(0).item(0).types(), Types::ANY);
        assert_eq!((described.property_names(), described.is_free_form()), (vec!["a"], true));
        assert!(described.declares("a") && !described.declares("b"));
    }

    #[test]
    fn many_branches_end_in_time() {
        let branch: Vec<Value> = (0..40).map(|index| json!({"type": "integer", "minimum": index})).collect();
        let all: Vec<Value> = (0..40).map(|_| json!({"anyOf": branch})).collect();
        let (contract, id) = contract_of(&json!({"allOf": all}));
        assert_eq!(Described::new(contract.schemas(), Some(id)).types(), Types::NUMBER);
    }
}
