//! The objects of an OpenAPI document by position: which members of an object contain further objects, and of which kind.
//!
//! The position of a value decides its kind, never the name of its key: a property, a response or a component may be called `default`,
//! `example` or `x-note`. All code that walks an OpenAPI document uses this table.

use charter_json::{push_token, unescape_token};
use serde_json::{Map, Value};

/// The kind of an object, as the OpenAPI Specification names them. Objects without references, such as `info`, are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Object {
    /// The root of an OpenAPI document.
    Document,
    /// The value of `components`.
    Components,
    /// A path item, also of `webhooks` and of a callback.
    PathItem,
    /// An operation.
    Operation,
    /// A parameter. In Swagger 2.0 it may be a body.
    Parameter,
    /// A request body.
    RequestBody,
    /// A response.
    Response,
    /// A header field.
    Header,
    /// A media type.
    MediaType,
    /// The encoding of a part of a body.
    Encoding,
    /// A link.
    Link,
    /// A callback.
    Callback,
    /// An example.
    Example,
    /// A security scheme.
    SecurityScheme,
    /// A JSON Schema.
    Schema,
}

/// The objects that a member contains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Member {
    /// An object.
    One(Object),
    /// An object or a list of objects.
    List(Object),
    /// Objects by name. Every key is a name.
    Named(Object),
    /// Objects by a patterned key, such as a path or a status. Keys that begin with `x-` are extensions.
    Patterned(Object),
}

impl Member {
    fn object(self) -> Object {
        match self {
            Self::One(object) | Self::List(object) | Self::Named(object) | Self::Patterned(object) => object,
        }
    }
}

impl Object {
    /// The objects that a member of an object contains. `None` if the member is a plain value, an extension or unknown.
    ///
    /// Covers Swagger 2.0 and OpenAPI 3.0 to 3.2; the versions do not contradict each other.
    pub fn member(self, key: &str) -> Option<Member> {
        use Member::{List, Named, One, Patterned};
        use Object::{
            Callback, Components, Document, Encoding, Example, Header, Link, MediaType, Operation, Parameter, PathItem, RequestBody,
            Response, Schema, SecurityScheme,
        };
        Some(match (self, key) {
            (Document, "paths") => Patterned(PathItem),
            (Document, "webhooks") => Named(PathItem),
            (Document, "components") => One(Components),
            // Swagger 2.0.
            (Document, "definitions") => Named(Schema),
            (Document, "parameters") => Named(Parameter),
            (Document, "responses") => Named(Response),
            (Document, "securityDefinitions") => Named(SecurityScheme),

            (Components, "schemas") => Named(Schema),
            (Components, "responses") => Named(Response),
            (Components, "parameters") => Named(Parameter),
            (Components, "examples") => Named(Example),
            (Components, "requestBodies") => Named(RequestBody),
            (Components, "headers") => Named(Header),
            (Components, "securitySchemes") => Named(SecurityScheme),
            (Components, "links") => Named(Link),
            (Components, "callbacks") => Named(Callback),
            (Components, "pathItems") => Named(PathItem),
            (Components, "mediaTypes") => Named(MediaType),

            (PathItem, "get" | "put" | "post" | "delete" | "options" | "head" | "patch" | "trace" | "query") => One(Operation),
            (PathItem, "additionalOperations") => Named(Operation),
            (PathItem | Operation, "parameters") => List(Parameter),
            (Operation, "requestBody") => One(RequestBody),
            (Operation, "responses") => Patterned(Response),
            (Operation, "callbacks") => Named(Callback),
            (Callback, expression) if !is_extension(expression) && expression != "$ref" => One(PathItem),

            // `schema` of a response: Swagger 2.0.
            (Parameter | Header | MediaType | Response, "schema") => One(Schema),
            (MediaType, "itemSchema") => One(Schema),
            (Parameter | Header | MediaType, "examples") => Named(Example),
            (Parameter | Header | RequestBody | Response, "content") => Named(MediaType),
            (Response, "headers") => Named(Header),
            (Response, "links") => Named(Link),
            (MediaType, "encoding") => Named(Encoding),
            (MediaType, "prefixEncoding") => List(Encoding),
            (MediaType, "itemEncoding") => One(Encoding),
            (Encoding, "headers") => Named(Header),
            (Encoding, "encoding") => Named(Encoding),
            (Encoding, "prefixEncoding") => List(Encoding),
            (Encoding, "itemEncoding") => One(Encoding),

            (Schema, "properties" | "patternProperties" | "dependentSchemas" | "dependencies" | "$defs" | "definitions") => Named(Schema),
            (Schema, "allOf" | "anyOf" | "oneOf" | "prefixItems" | "items") => List(Schema),
            (
                Schema,
                "additionalProperties"
                | "unevaluatedProperties"
                | "propertyNames"
                | "additionalItems"
                | "unevaluatedItems"
                | "contains"
                | "contentSchema"
                | "not"
                | "if"
                | "then"
                | "else",
            ) => One(Schema),
            _ => return None,
        })
    }

    /// The key of its objects in `components`.
    pub fn component_key(self) -> Option<&'static str> {
        Some(match self {
            Self::Schema => "schemas",
            Self::Response => "responses",
            Self::Parameter => "parameters",
            Self::Example => "examples",
            Self::RequestBody => "requestBodies",
            Self::Header => "headers",
            Self::SecurityScheme => "securitySchemes",
            Self::Link => "links",
            Self::Callback => "callbacks",
            Self::PathItem => "pathItems",
            Self::MediaType => "mediaTypes",
            Self::Document | Self::Components | Self::Operation | Self::Encoding => return None,
        })
    }

    /// The kind of the object at a pointer below an object of this kind. `None` if the position does not contain an object.
    pub fn at(self, pointer: &str) -> Option<Self> {
        let (mut object, mut within) = (self, None);
        for token in pointer.split('/').skip(1) {
            let token = unescape_token(token);
            let is_index = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit());
            match within.take() {
                Some(Member::Patterned(_)) if is_extension(&token) => return None,
                Some(Member::Named(inner) | Member::Patterned(inner)) => object = inner,
                Some(Member::List(_)) if is_index => {}
                _ => match object.member(&token)? {
                    Member::One(inner) => object = inner,
                    // The value may be a single object.
                    Member::List(inner) => {
                        object = inner;
                        within = Some(Member::List(inner));
                    }
                    member => within = Some(member),
                },
            }
        }
        match within {
            Some(Member::Named(_) | Member::Patterned(_)) => None,
            _ => Some(object),
        }
    }
}

/// Whether a key of an object with fixed fields is an extension.
pub fn is_extension(key: &str) -> bool {
    key.starts_with("x-")
}

/// Called for every object with its JSON Pointer, its kind and its members.
pub type Visitor<'f, 'v> = dyn FnMut(&str, Object, &'v Map<String, Value>) + 'f;

/// Visits an object and all objects below it, the outer ones first, each with its pointer. References are not followed.
pub fn visit<'v>(value: &'v Value, object: Object, see: &mut Visitor<'_, 'v>) {
    below(value, object, &mut String::new(), see);
}

fn below<'v>(value: &'v Value, object: Object, pointer: &mut String, see: &mut Visitor<'_, 'v>) {
    let Value::Object(members) = value else { return };
    see(pointer, object, members);
    let length = pointer.len();
    for (key, value) in members {
        let Some(member) = object.member(key) else { continue };
        push_token(pointer, key);
        let inner = pointer.len();
        match (member, value) {
            (Member::Named(object) | Member::Patterned(object), Value::Object(entries)) => {
                for (name, value) in entries {
                    if matches!(member, Member::Patterned(_)) && is_extension(name) {
                        continue;
                    }
                    push_token(pointer, name);
                    below(value, object, pointer, see);
                    pointer.truncate(inner);
                }
            }
            (Member::List(object), Value::Array(items)) => {
                for (index, value) in items.iter().enumerate() {
                    push_token(pointer, index);
                    below(value, object, pointer, see);
                    pointer.truncate(inner);
                }
            }
            (Member::One(object) | Member::List(object), value) => below(value, object, pointer, see),
            _ => {}
        }
        pointer.truncate(length);
    }
}

/// Like [`visit`], and lets the function change each object before the objects below it are visited.
pub fn visit_mut(value: &mut Value, object: Object, see: &mut dyn FnMut(Object, &mut Map<String, Value>)) {
    let Value::Object(members) = value else { return };
    see(object, members);
    children_mut(value, object, &mut |child, object| visit_mut(child, object, see));
}

/// Calls a function with each object directly below an object.
pub fn children_mut(value: &mut Value, object: Object, see: &mut dyn FnMut(&mut Value, Object)) {
    let Value::Object(members) = value else { return };
    for (key, value) in members {
        let Some(member) = object.member(key) else { continue };
        let object = member.object();
        match (member, value) {
            (Member::Named(_), Value::Object(entries)) => entries.values_mut().for_each(|value| see(value, object)),
            (Member::Patterned(_), Value::Object(entries)) => {
                entries.iter_mut().filter(|(name, _)| !is_extension(name)).for_each(|(_, value)| see(value, object));
            }
            (Member::List(_), Value::Array(items)) => items.iter_mut().for_each(|value| see(value, object)),
            (Member::One(_) | Member::List(_), value) => see(value, object),
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_position_decides_the_kind() {
        for (pointer, expected) in [
            ("", Some(Object::Document)),
            ("/paths/~1orders", Some(Object::PathItem)),
            ("/paths/x-note", None),
            ("/paths", None),
            ("/paths/~1orders/get/responses/default", Some(Object::Response)),
            ("/paths/~1orders/get/responses/x-note", None),
            ("/paths/~1orders/get/parameters/0/schema", Some(Object::Schema)),
            ("/components/schemas/x-note", Some(Object::Schema)),
            ("/components/schemas/default/properties/example/items", Some(Object::Schema)),
            ("/components/schemas/default/properties/enum/items/0/oneOf/1", Some(Object::Schema)),
            ("/components/schemas/Order/default", None),
            ("/components/schemas/Order/x-note/properties/a", None),
            ("/components/examples/Order", Some(Object::Example)),
            ("/components/examples/Order/value", None),
            ("/components/callbacks/paid/{$request.body#~1url}/post", Some(Object::Operation)),
            ("/x-parts/Order", None),
        ] {
            assert_eq!(Object::Document.at(pointer), expected, "{pointer}");
        }
    }

    #[test]
    fn both_visits_see_the_same_objects_at_their_positions() {
        let mut document = json!({
            "paths": {
                "x-note": {"get": {}},
                "/orders": {"get": {"x-note": {"schema": {}}, "responses": {"default": {"content": {"application/json": {
                    "schema": {"properties": {"x-note": {"enum": [{"allOf": [{}]}]}, "items": {"items": [{}, true]}}},
                    "example": {"properties": {"a": {}}},
                }}}}}},
            },
        });
        let (mut seen, mut changed) = (Vec::new(), Vec::new());
        visit(&document, Object::Document, &mut |pointer, object, members| {
            assert_eq!(Object::Document.at(pointer), Some(object), "{pointer}");
            assert_eq!(document.pointer(pointer).and_then(Value::as_object), Some(members), "{pointer}");
            seen.push(object);
        });
        visit_mut(&mut document, Object::Document, &mut |object, _| changed.push(object));
        assert_eq!(seen, changed);
        assert_eq!(seen.iter().filter(|object| **object == Object::Schema).count(), 4);
    }
}
