//! Swagger 2.0 documents as OpenAPI 3.0. The loader has added the members of 3.0; this removes the members of 2.0.

use charter_contract::objects::{Object, visit_mut};
use serde_json::{Map, Value};

/// A document of Swagger 2.0 without the members that 3.0 does not have. References to definitions stay.
pub(super) fn upgraded(source: &Value) -> Value {
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
            root.insert("components".to_owned(), serde_json::json!({ "securitySchemes": schemes }));
        }
    }
    upgrade_object(&mut value, Object::Document, source);
    value
}

/// Upgrades an object and the objects below it. `source` is the document that their references point to.
pub(super) fn upgrade_object(value: &mut Value, object: Object, source: &Value) {
    visit_mut(value, object, &mut |object, members| match object {
        Object::PathItem => remove_bodies(members, source),
        Object::Operation => {
            members.retain(|key, _| !["consumes", "produces", "schemes"].contains(&key.as_str()));
            remove_bodies(members, source);
            if let Some(body) = members.get_mut("requestBody") {
                let parameter = body.get("$ref").and_then(Value::as_str).and_then(|reference| target(source, reference));
                if let Some(Value::Object(parameter)) = parameter {
                    let keys = ["description", "required", "content"];
                    let fields = keys.iter().filter_map(|key| Some(((*key).to_owned(), parameter.get(*key)?.clone())));
                    *body = Value::Object(fields.collect());
                }
            }
        }
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
                && let Some(reference) = schema.get("$ref").and_then(Value::as_str).filter(|reference| reference.ends_with("/schema"))
                && let Some(inner) = target(source, reference)
            {
                *schema = inner.clone();
            }
        }
        Object::Schema => {
            // A field of a form refers to the schema of its parameter.
            for field in members.get_mut("properties").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
                let reference = field.get("$ref").and_then(Value::as_str);
                if let Some(reference) = reference.filter(|text| text.contains("/parameters/") && text.ends_with("/schema"))
                    && let Some(inner) = target(source, reference)
                {
                    *field = inner.clone();
                }
            }
        }
        _ => {}
    });
}

/// Removes the parameters that are part of the request body.
fn remove_bodies(members: &mut Map<String, Value>, source: &Value) {
    if let Some(Value::Array(parameters)) = members.get_mut("parameters") {
        parameters.retain(|parameter| {
            let shared = parameter.get("$ref").and_then(Value::as_str).and_then(|reference| target(source, reference));
            let place = shared.unwrap_or(parameter).get("in").and_then(Value::as_str);
            !matches!(place, Some("body" | "formData"))
        });
    }
}

fn target<'s>(source: &'s Value, reference: &str) -> Option<&'s Value> {
    let pointer = percent_encoding::percent_decode_str(reference.strip_prefix('#')?).decode_utf8_lossy();
    source.pointer(&pointer)
}
