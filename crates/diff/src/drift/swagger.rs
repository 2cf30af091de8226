//! Proposed edits in the terms of Swagger 2.0: a body is a parameter, media types are `consumes` and `produces`, and a parameter has the
//! keywords of its schema. The novelties refer to the converted document.

use charter_contract::{Contract, Location, push_token};
use serde_json::{Map, Value, json};

use super::body::is_form;
use super::report::Edit;
use crate::document::Written;

/// The edits of a document of Swagger 2.0 for an edit of its converted form.
pub(super) fn edits(contract: &Contract, document: &Value, edit: &Edit) -> Vec<Edit> {
    let tokens: Vec<String> = Location::new(edit.document.as_str(), edit.path.as_str()).tokens().collect();
    let context = Context { document, edit, tokens: &tokens };
    let words: Vec<&str> = tokens.iter().map(String::as_str).collect();
    let value = edit.value.clone().unwrap_or_default();
    match words[..] {
        ["paths", _, method] if is_method(method) && edit.op == "add" => vec![context.at(&tokens, operation(value))],
        ["paths", _, method, "requestBody"] if is_method(method) && edit.op == "add" => {
            let types = types_of(&value);
            let mut edits = context.add_types("consumes", &types);
            edits.extend(context.add_parameters(body_parameters(value)));
            edits
        }
        // The fields of a form are parameters.
        ["paths", _, method, "requestBody", "content", _, "schema", ref below @ ..] if is_method(method) && context.has_form() => {
            context.field(contract, below)
        }
        // The media types of an operation apply to all its bodies.
        ["paths", _, method, "requestBody", "content"] if is_method(method) => Vec::new(),
        ["paths", _, method, "responses", _, "content"] if is_method(method) => Vec::new(),
        ["paths", _, method, "requestBody", "content", media_type] if is_method(method) => {
            context.add_types("consumes", &[media_type.to_owned()])
        }
        ["paths", _, method, "responses", _, "content", media_type] if is_method(method) => {
            let mut edits = context.add_types("produces", &[media_type.to_owned()]);
            let response = &tokens[..5];
            if let Some(schema) = value.get("schema")
                && context.value(response).is_some_and(|response| response.get("schema").is_none())
            {
                edits.push(context.at(&[response, &["schema".to_owned()]].concat(), schema.clone()));
            }
            edits
        }
        ["paths", _, method, "responses", _] if is_method(method) && edit.op == "add" => {
            let types = types_of(&value);
            let mut edits = context.add_types("produces", &types);
            edits.push(context.at(&tokens, response(value)));
            edits
        }
        ["paths", .., "parameters"] | ["paths", .., "parameters", "-"] if edit.op == "add" => {
            let value = match value {
                Value::Array(list) => list.into_iter().map(parameter).collect(),
                one => parameter(one),
            };
            vec![context.at(&tokens, value)]
        }
        _ => vec![context.place(contract)],
    }
}

struct Context<'e> {
    /// As written.
    document: &'e Value,
    edit: &'e Edit,
    tokens: &'e [String],
}

impl Context<'_> {
    fn value(&self, tokens: &[String]) -> Option<&Value> {
        self.document.pointer(&pointer(tokens))
    }

    fn at(&self, tokens: &[String], value: Value) -> Edit {
        Edit { document: self.edit.document.clone(), op: "add", path: pointer(tokens), value: Some(value) }
    }

    /// The edit at the place in the document as written.
    fn place(&self, contract: &Contract) -> Edit {
        let location = Location::new(self.edit.document.as_str(), self.edit.path.as_str());
        let place = Written::new(contract).place(&location, None);
        Edit { path: place.unwrap_or(location).pointer().to_owned(), ..self.edit.clone() }
    }

    fn operation(&self) -> &[String] {
        &self.tokens[..3]
    }

    fn member(&self, name: &str) -> Vec<String> {
        [self.operation(), &[name.to_owned()]].concat()
    }

    /// Adds media types to those of the operation, or to a copy of those of the document.
    fn add_types(&self, member: &str, types: &[String]) -> Vec<Edit> {
        let place = self.member(member);
        let own = self.value(&place).and_then(Value::as_array);
        let known = own.or_else(|| self.document.get(member).and_then(Value::as_array));
        let has = |type_: &&String| known.is_some_and(|known| known.iter().any(|one| one == *type_));
        let missing: Vec<&String> = types.iter().filter(|type_| !has(type_)).collect();
        match own {
            _ if missing.is_empty() => Vec::new(),
            Some(_) => missing.into_iter().map(|type_| self.at(&[place.as_slice(), &["-".to_owned()]].concat(), json!(type_))).collect(),
            None => {
                let all = known.into_iter().flatten().cloned().chain(missing.into_iter().map(|type_| json!(type_)));
                vec![self.at(&place, all.collect())]
            }
        }
    }

    fn add_parameters(&self, parameters: Vec<Value>) -> Vec<Edit> {
        let place = self.member("parameters");
        match self.value(&place) {
            _ if parameters.is_empty() => Vec::new(),
            Some(_) => {
                let end = [place.as_slice(), &["-".to_owned()]].concat();
                parameters.into_iter().map(|parameter| self.at(&end, parameter)).collect()
            }
            None => vec![self.at(&place, Value::Array(parameters))],
        }
    }

    /// Whether the request body is a form in the document as written.
    fn has_form(&self) -> bool {
        let lists = [self.operation(), &self.operation()[..2]].map(|owner| [owner, &["parameters".to_owned()]].concat());
        let mut entries = lists.iter().filter_map(|list| self.value(list)?.as_array()).flatten();
        entries.any(|entry| {
            let name = entry.get("$ref").and_then(Value::as_str).and_then(|text| text.strip_prefix('#'));
            let target = name.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(entry);
            target.get("in").and_then(Value::as_str) == Some("formData")
        })
    }

    /// The edits for an edit of the schema of a form. `below` is the place in the schema.
    fn field(&self, contract: &Contract, below: &[&str]) -> Vec<Edit> {
        match below {
            ["properties", name] if self.edit.op == "add" => {
                let schema = self.edit.value.clone().unwrap_or_default();
                self.add_parameters(vec![form_parameter(name, schema, false)])
            }
            ["properties", _, ..] => vec![self.place(contract)],
            ["required", index] if self.edit.op == "remove" => {
                let location = Location::new(self.edit.document.as_str(), self.edit.path.as_str());
                let name = contract.documents().at(&location).and_then(Value::as_str);
                let required = name.map(|name| {
                    let pointer = self.edit.path.strip_suffix(&format!("required/{index}")).unwrap_or_default();
                    let mut property = format!("{pointer}properties");
                    push_token(&mut property, name);
                    let property = Location::new(self.edit.document.as_str(), property);
                    let parameter = Written::new(contract).place(&property, None);
                    parameter.map(|parameter| Edit { path: parameter.child("required").pointer().to_owned(), ..self.edit.clone() })
                });
                required.flatten().into_iter().collect()
            }
            // Members that a form has no place for.
            _ => Vec::new(),
        }
    }
}

/// An operation of OpenAPI 3.0 as one of Swagger 2.0.
fn operation(mut operation: Value) -> Value {
    let Value::Object(members) = &mut operation else { return operation };
    let body = members.shift_remove("requestBody");
    if let Some(Value::Array(parameters)) = members.get_mut("parameters") {
        parameters.iter_mut().for_each(|one| *one = parameter(one.take()));
    }
    let consumes = body.as_ref().map(types_of).unwrap_or_default();
    let fields = body.map(body_parameters).unwrap_or_default();
    if !fields.is_empty()
        && let Some(list) = members.entry("parameters").or_insert_with(|| json!([])).as_array_mut()
    {
        list.extend(fields);
    }
    let mut produces: Vec<String> = Vec::new();
    for one in members.get_mut("responses").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
        produces.extend(types_of(one).into_iter().filter(|type_| !produces.contains(type_)).collect::<Vec<_>>());
        *one = response(one.take());
    }
    for (member, types) in [("consumes", consumes), ("produces", produces)] {
        if !types.is_empty() {
            members.insert(member.to_owned(), json!(types));
        }
    }
    operation
}

/// The media types of a body.
fn types_of(body: &Value) -> Vec<String> {
    body.get("content").and_then(Value::as_object).into_iter().flat_map(Map::keys).cloned().collect()
}

/// The first schema of a body.
fn schema_of(body: &Value) -> Option<Value> {
    let content = body.get("content").and_then(Value::as_object)?;
    content.values().find_map(|described| described.get("schema")).cloned()
}

/// A request body as parameters: the fields of a form, or the body.
fn body_parameters(body: Value) -> Vec<Value> {
    let types = types_of(&body);
    if types.is_empty() || !types.iter().all(|media_type| is_form(media_type)) {
        return body_parameter(body).into_iter().collect();
    }
    let schema = schema_of(&body).unwrap_or_default();
    let required: Vec<&str> = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect();
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    properties.map(|(name, property)| form_parameter(name, property.clone(), required.contains(&name.as_str()))).collect()
}

/// A field of a form. Swagger 2.0 has no unions and no objects there: such a field is a text.
fn form_parameter(name: &str, schema: Value, is_required: bool) -> Value {
    let mut members = Map::from_iter([("name".to_owned(), json!(name)), ("in".to_owned(), json!("formData"))]);
    if is_required {
        members.insert("required".to_owned(), json!(true));
    }
    let is_plain = |type_: &str| matches!(type_, "string" | "integer" | "number" | "boolean" | "array");
    match schema {
        Value::Object(schema) if schema.get("type").and_then(Value::as_str).is_some_and(is_plain) => members.extend(schema),
        _ => drop(members.insert("type".to_owned(), json!("string"))),
    }
    Value::Object(members)
}

fn body_parameter(body: Value) -> Option<Value> {
    let is_required = body.get("required") == Some(&Value::Bool(true));
    let mut parameter = json!({"name": "body", "in": "body"});
    if is_required {
        parameter["required"] = json!(true);
    }
    parameter["schema"] = schema_of(&body).unwrap_or_else(|| json!({}));
    body.is_object().then_some(parameter)
}

fn response(mut response: Value) -> Value {
    let schema = schema_of(&response);
    if let Value::Object(members) = &mut response {
        members.shift_remove("content");
        if let Some(schema) = schema {
            members.entry("schema").or_insert(schema);
        }
        for field in members.get_mut("headers").and_then(Value::as_object_mut).into_iter().flat_map(Map::values_mut) {
            *field = without_added(field.take());
        }
    }
    response
}

/// A parameter with the keywords of its schema.
fn parameter(mut value: Value) -> Value {
    if let Value::Object(members) = &mut value
        && let Some(Value::Object(schema)) = members.shift_remove("schema")
    {
        members.extend(schema);
    }
    value
}

/// A header field without the members that the conversion adds.
fn without_added(mut field: Value) -> Value {
    if let Value::Object(members) = &mut field
        && members.contains_key("type")
    {
        ["schema", "style", "explode"].iter().for_each(|key| drop(members.shift_remove(*key)));
    }
    field
}

fn is_method(key: &str) -> bool {
    matches!(key, "get" | "put" | "post" | "delete" | "options" | "head" | "patch")
}

fn pointer(tokens: &[String]) -> String {
    let mut pointer = String::new();
    tokens.iter().for_each(|token| push_token(&mut pointer, token));
    pointer
}
