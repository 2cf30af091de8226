//! The documents as written. The loader rewrites older versions of OpenAPI: it replaces `nullable`, drops the members next to `$ref`, and
//! adds the members of OpenAPI 3.0 to Swagger 2.0.

use std::collections::BTreeMap;

use charter_contract::{Contract, Location, push_token, resolve};
use serde_json::Value;

use super::is_openapi;

/// The values of the documents of a contract, as written.
pub(crate) struct Written<'c> {
    contract: &'c Contract,
    older: BTreeMap<String, Value>,
}

impl<'c> Written<'c> {
    pub(crate) fn new(contract: &'c Contract) -> Self {
        let documents = contract.documents();
        // The loader rewrites the files that a document of an older version refers to, too.
        let is_older = documents.names().any(|name| documents.value(name).is_some_and(is_rewritten));
        let names = documents.names().filter(|name| is_older && !name.ends_with(".toml"));
        let parsed = names.filter_map(|name| {
            let text = documents.text(name)?;
            let value = charter_contract::load::parse_value(name, text.as_bytes().to_vec()).ok()?;
            (documents.value(name) != Some(&value)).then(|| (name.to_string(), value))
        });
        Self { contract, older: parsed.collect() }
    }

    pub(super) fn value(&self, name: &str) -> Option<&Value> {
        self.older.get(name).or_else(|| self.contract.documents().value(name))
    }

    pub(super) fn at(&self, location: &Location) -> Option<&Value> {
        match self.older.get(location.document()) {
            Some(value) => value.pointer(location.pointer()),
            None => self.contract.documents().at(location),
        }
    }

    /// The place in a document as written that a place of its rewritten form stands for. `key` is the property that a change is about.
    /// `None` if the document has the place.
    pub(crate) fn place(&self, location: &Location, key: Option<&str>) -> Option<Location> {
        let written = self.older.get(location.document())?;
        if written.pointer(location.pointer()).is_some() {
            return None;
        }
        let mut tokens: Vec<String> = location.tokens().map(|token| token.to_string()).collect();
        let is_swagger = written.get("swagger").is_some();
        match tokens.first().map(String::as_str)? {
            "servers" if is_swagger => {
                let member = ["basePath", "host", "schemes"].into_iter().find(|member| written.get(member).is_some());
                tokens = vec![member.unwrap_or("swagger").to_owned()];
            }
            "components" if is_swagger => {
                tokens.remove(0);
                if let Some(first) = tokens.first_mut().filter(|first| *first == "securitySchemes") {
                    *first = "securityDefinitions".to_owned();
                }
            }
            _ => {}
        }
        if let Some(operation) = added_body(written, &tokens) {
            tokens = self.in_request_body(location.document(), operation, &tokens, key);
        }
        let place = Location::new(location.document(), pointer(&without_added(written, tokens)));
        (place != *location).then_some(place)
    }

    /// The place of a part of a request body: a parameter, or the list of parameters. `length` is the number of tokens of the operation.
    fn in_request_body(&self, name: &str, length: usize, tokens: &[String], key: Option<&str>) -> Vec<String> {
        let documents = self.contract.documents();
        let operation = &tokens[..length];
        let at = |tokens: &[String]| documents.value(name)?.pointer(&pointer(tokens));
        let lists = [operation, &operation[..length - 1]].map(|owner| [owner, &["parameters".to_owned()]].concat());
        let target = |entry: &Value| -> Option<Value> {
            let Some(reference) = entry.get("$ref").and_then(Value::as_str) else { return Some(entry.clone()) };
            documents.at(&resolve(documents, &Location::root(name), reference).ok()?).cloned()
        };
        let find = |fits: &dyn Fn(&Value) -> bool| {
            lists.iter().find_map(|list| {
                let entries = at(list)?.as_array()?;
                let index = entries.iter().position(|entry| target(entry).is_some_and(|entry| fits(&entry)))?;
                Some([list.as_slice(), &[index.to_string()]].concat())
            })
        };
        let has = |entry: &Value, member: &str, text: &str| entry.get(member).and_then(Value::as_str) == Some(text);
        // `requestBody`, `content`, a media type, `schema`, and the rest.
        let below = tokens.get(length + 4..).unwrap_or_default();
        let (name, rest, member) = match below {
            [properties, name, rest @ ..] if properties == "properties" => (Some(name.as_str()), rest, None),
            [required] if required == "required" => (key, &[][..], Some("required")),
            _ => (None, below, None),
        };
        if let Some(found) = find(&|entry| has(entry, "in", "body")) {
            // The members of the body are those of its parameter.
            return [found, tokens.get(length + 3..).unwrap_or_default().to_vec()].concat();
        }
        let field = name.and_then(|name| find(&|entry| has(entry, "in", "formData") && has(entry, "name", name)));
        match field {
            Some(found) => {
                let member = member.filter(|member| at(&[found.as_slice(), &[(*member).to_owned()]].concat()).is_some());
                [found, rest.to_vec(), member.map(str::to_owned).into_iter().collect()].concat()
            }
            None => lists.into_iter().find(|list| at(list).is_some()).unwrap_or_else(|| operation.to_vec()),
        }
    }
}

/// Whether the loader rewrites a document.
fn is_rewritten(document: &Value) -> bool {
    let is_old = |version: &Value| version.as_str().is_some_and(|version| version.starts_with("3.0"));
    is_openapi(Some(document)) && (document.get("swagger").is_some() || document.get("openapi").is_some_and(is_old))
}

/// The number of tokens of an operation whose request body the conversion has added. `None` if the tokens lead elsewhere.
fn added_body(written: &Value, tokens: &[String]) -> Option<usize> {
    let length = tokens.iter().position(|token| token == "requestBody").filter(|length| *length > 0)?;
    let operation = written.pointer(&pointer(&tokens[..length]))?;
    (operation.get("responses").is_some() && operation.get("requestBody").is_none()).then_some(length)
}

/// The tokens without the members that the conversion adds to parameters, header fields, responses and schemas.
fn without_added(written: &Value, tokens: Vec<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut here = Some(written);
    let mut rest = tokens.into_iter().peekable();
    while let Some(token) = rest.next() {
        let text = |key: &str| here.and_then(|here| here.get(key)).and_then(Value::as_str);
        let next = here.and_then(|here| here.pointer(&pointer(std::slice::from_ref(&token))));
        let is_value = text("type").is_some() && here.is_some_and(|here| here.get("schema").is_none());
        match token.as_str() {
            _ if next.is_some() => {
                found.push(token);
                here = next;
            }
            // The keywords of a parameter or header field are its members.
            "schema" if is_value => {}
            "style" | "explode" if is_value => {
                found.push("collectionFormat".to_owned());
                here = None;
            }
            "content" if here.is_some_and(|here| here.get("schema").is_some()) => {
                rest.next();
                if rest.peek().is_none() {
                    found.push("schema".to_owned());
                }
            }
            // A part of `allOf` that null is added to.
            "anyOf" if found.iter().nth_back(1).is_some_and(|keyword| keyword == "allOf") => drop(rest.next()),
            _ => {
                found.push(token);
                found.extend(rest);
                break;
            }
        }
    }
    found
}

fn pointer(tokens: &[String]) -> String {
    let mut pointer = String::new();
    tokens.iter().for_each(|token| push_token(&mut pointer, token));
    pointer
}
