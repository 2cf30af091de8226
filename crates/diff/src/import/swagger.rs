//! Swagger 2.0 documents as OpenAPI 3.0. The loader has added the members of 3.0; this removes the members of 2.0.

use charter_contract::load::Documents;
use charter_contract::objects::{Object, visit_mut};
use charter_contract::{Location, pointer_fragment, resolve};
use serde_json::{Map, Value, json};

/// A document of Swagger 2.0 without the members that 3.0 does not have. References to definitions stay.
pub(super) fn upgraded(documents: &Documents, main: &str, source: &Value) -> Value {
    let mut value = source.clone();
    if let Value::Object(root) = &mut value {
        let former = [
            "swagger",
            "host",
            "basePath",
            "schemes",
            "consumes",
            "produces",
            "definitions",
            "parameters",
            "responses",
            "securityDefinitions",
        ];
        root.retain(|key, _| !former.contains(&key.as_str()));
        // Requirements name the schemes, so they must be components of these names.
        if let Some(schemes) = source.get("securityDefinitions").and_then(Value::as_object) {
            let mut schemes = schemes.clone();
            for scheme in schemes.values_mut().filter_map(Value::as_object_mut) {
                scheme.retain(|key, _| !["flow", "authorizationUrl", "tokenUrl", "scopes"].contains(&key.as_str()));
            }
            root.insert("components".to_owned(), json!({ "securitySchemes": schemes }));
        }
    }
    upgrade_object(&mut value, Object::Document, documents, main);
    value
}

/// Upgrades an object of a document, and the objects below it. Their references are relative to the document.
pub(super) fn upgrade_object(value: &mut Value, object: Object, documents: &Documents, document: &str) {
    let parts = Parts { documents, document };
    visit_mut(value, object, &mut |object, members| match object {
        Object::PathItem => parts.remove_bodies(members),
        Object::Operation => {
            members.retain(|key, _| !["consumes", "produces", "schemes"].contains(&key.as_str()));
            parts.remove_bodies(members);
            if let Some(body) = members.get_mut("requestBody")
                && let Some((location, Value::Object(parameter))) = parts.target(body)
                // The references of a parameter in another document are relative to that document: it becomes a component.
                && location.document() == document
            {
                *body = Value::Object(request_body(parameter));
            }
        }
        Object::RequestBody => *members = request_body(members),
        Object::Parameter | Object::Header => {
            let own = ["name", "in", "description", "required", "allowEmptyValue", "style", "explode", "schema", "$ref"];
            members.retain(|key, _| own.contains(&key.as_str()) || key.starts_with("x-"));
        }
        Object::Response => {
            members.shift_remove("schema");
            members.shift_remove("examples");
        }
        // The loader's references to the schemas of bodies.
        Object::MediaType => {
            if let Some(schema) = members.get_mut("schema")
                && schema.get("$ref").and_then(Value::as_str).is_some_and(|reference| reference.ends_with("/schema"))
                && let Some((location, inner)) = parts.target(schema)
            {
                if location.document() == document {
                    *schema = inner.clone();
                } else if let Some(reference) = parts.reference_of(&location, inner) {
                    *schema = json!({ "$ref": reference });
                }
            }
        }
        Object::Schema => {
            // A field of a form refers to the schema of its parameter, which has no references.
            for field in members.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
                if let Some((location, inner)) = parts.target(field)
                    && location.pointer().ends_with("/schema")
                    && parts.is_parameter(&location)
                {
                    *field = inner.clone();
                }
            }
        }
        _ => {}
    });
}

/// The members of a request body, which the loader has added to a parameter.
fn request_body(parameter: &Map<String, Value>) -> Map<String, Value> {
    let keys = ["$ref", "description", "required", "content"];
    keys.iter().filter_map(|key| Some(((*key).to_owned(), parameter.get(*key)?.clone()))).collect()
}

/// The targets of the references of a document.
struct Parts<'d> {
    documents: &'d Documents,
    document: &'d str,
}

impl<'d> Parts<'d> {
    /// The target of a reference.
    fn target(&self, value: &Value) -> Option<(Location, &'d Value)> {
        let reference = value.get("$ref").and_then(Value::as_str)?;
        let location = resolve(self.documents, &Location::root(self.document), reference).ok()?;
        self.documents.at(&location).map(|target| (location, target))
    }

    /// The reference that a reference in another document means, relative to this document.
    fn reference_of(&self, at: &Location, value: &Value) -> Option<String> {
        let members = value.as_object().filter(|members| members.len() == 1)?;
        let location = resolve(self.documents, &Location::root(at.document()), members.get("$ref")?.as_str()?).ok()?;
        let up = "../".repeat(self.document.matches('/').count());
        let is_file = |name: &str| !name.contains(':');
        let file = format!("{up}{}{}", location.document(), pointer_fragment(location.pointer()));
        (is_file(self.document) && is_file(location.document())).then_some(file)
    }

    /// Whether a location is that of the schema of a parameter.
    fn is_parameter(&self, schema: &Location) -> bool {
        let above = schema.pointer().rsplit_once('/').map_or("", |(above, _)| above);
        let parameter = self.documents.at(&Location::new(schema.document(), above));
        parameter.is_some_and(|parameter| {
            parameter.get("in").is_some_and(Value::is_string) && parameter.get("name").is_some_and(Value::is_string)
        })
    }

    /// Removes the parameters that are part of the request body.
    fn remove_bodies(&self, members: &mut Map<String, Value>) {
        if let Some(Value::Array(parameters)) = members.get_mut("parameters") {
            parameters.retain(|parameter| {
                let shared = self.target(parameter).map(|(_, target)| target);
                let place = shared.unwrap_or(parameter).get("in").and_then(Value::as_str);
                !matches!(place, Some("body" | "formData"))
            });
        }
    }
}
