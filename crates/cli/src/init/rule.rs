//! The worked example of a rule: about the first response that has a suitable property, and loaded with the documents before it is used.

use charter_contract::{Contract, JsonType, Keywords, Operation, SchemaId, StatusRange, from_documents};

/// The text of an invariants file with one rule; `None` if no JSON response has a suitable property.
pub(super) fn example(contract: &Contract, documents: &[(String, Vec<u8>)]) -> Option<String> {
    let rules = || contract.operations().iter().flat_map(|operation| rules(contract, operation));
    // A rule about a required property is the simplest.
    let simple = rules().filter(|rule| rule.form == Form::Required);
    let others = rules().filter(|rule| rule.form != Form::Required);
    // A rule that does not fit the schemas is not the last chance, but each attempt loads the contract.
    simple.chain(others).take(ATTEMPTS).map(|rule| rule.file()).find(|text| {
        let mut files = documents.to_vec();
        files.push(("api.invariants.yaml".to_owned(), text.clone().into_bytes()));
        from_documents(files).and_then(charter_rules::with_invariants).is_ok()
    })
}

/// The maximum number of rules that are tried.
const ATTEMPTS: usize = 5;
/// The maximum depth of references and `allOf`.
const DEPTH: usize = 32;

/// How a rule reads its property.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A required property of the body.
    Required,
    /// A property of the body that may be absent.
    Optional,
    /// A required property of each item of the body.
    Items,
}

/// A condition on a property that the schema does not express, with a value that passes and one that fails.
struct Rule {
    operation: String,
    status: u16,
    form: Form,
    property: String,
    operator: &'static str,
    meaning: &'static str,
    pass: &'static str,
    fail: &'static str,
}

/// The rules about the successful JSON responses of an operation.
fn rules(contract: &Contract, operation: &Operation) -> Vec<Rule> {
    let mut rules = Vec::new();
    for response in &operation.responses {
        let StatusRange::Exact(status) = response.status else { continue };
        let Some(schema) = response.content.json().find_map(|media_type| media_type.schema) else { continue };
        if !(200..300).contains(&status) {
            continue;
        }
        let body = objects(contract, schema);
        let items = body.iter().find_map(|keywords| keywords.items).map(|items| objects(contract, items)).unwrap_or_default();
        for (objects, of_items) in [(body, false), (items, true)] {
            let is_required = |name: &str| objects.iter().any(|object| object.required.iter().any(|required| required == name));
            for (name, property) in objects.iter().flat_map(|object| object.properties.iter()) {
                let form = match (of_items, is_required(name)) {
                    (false, true) => Form::Required,
                    (false, false) => Form::Optional,
                    (true, true) => Form::Items,
                    (true, false) => continue,
                };
                if let Some((operator, meaning, pass, fail)) = condition(contract, name, *property) {
                    let (operation, property) = (operation.id.clone(), name.clone());
                    rules.push(Rule { operation, status, form, property, operator, meaning, pass, fail });
                }
            }
        }
    }
    rules
}

/// The keywords that describe an instance of a schema: its own, and those behind references and `allOf`.
fn objects(contract: &Contract, schema: SchemaId) -> Vec<&Keywords> {
    let (mut found, mut open, mut depth) = (Vec::new(), vec![schema], 0);
    while let Some(id) = open.pop() {
        depth += 1;
        if depth > DEPTH {
            break;
        }
        let keywords = &contract.schema(id).keywords;
        found.push(keywords);
        open.extend(keywords.all_of.iter().rev().chain(&keywords.reference));
    }
    found
}

/// The operator of a condition, its meaning, and the values: a text is not empty, a number is not negative.
fn condition(contract: &Contract, name: &str, property: SchemaId) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    let is_name =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.starts_with(|first: char| first.is_ascii_digit());
    let keywords = objects(contract, property);
    if !is_name || keywords.iter().any(|keywords| keywords.enumeration.is_some()) {
        return None;
    }
    let only = |type_: JsonType| {
        let mut types = keywords.iter().filter_map(|keywords| keywords.types.as_ref()).peekable();
        types.peek().is_some() && types.all(|types| types.iter().eq(&[type_]))
    };
    if only(JsonType::String) {
        Some(("!= ''", "is not empty", "\"a\"", "\"\""))
    } else if only(JsonType::Integer) {
        Some((">= 0", "is not negative", "0", "-1"))
    } else if only(JsonType::Number) {
        Some((">= 0.0", "is not negative", "0.0", "-1.0"))
    } else {
        None
    }
}

impl Rule {
    fn file(&self) -> String {
        let Self { operation, status, property, operator, meaning, pass, fail, .. } = self;
        let lowercase = |text: &str| -> String {
            let text: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
            text.trim_matches('-').to_owned()
        };
        let quoted = |text: &str| serde_json::Value::from(text).to_string();
        let (rule, message, pass, fail) = match self.form {
            Form::Required => (
                format!("self.{property} {operator}"),
                format!("`{property}` violates the rule: {{{{ self.{property} }}}}"),
                format!("{{self: {{{property}: {pass}}}}}"),
                format!("{{self: {{{property}: {fail}}}}}"),
            ),
            Form::Optional => (
                format!("!has(self.{property}) || self.{property} {operator}"),
                format!("`{property}` violates the rule: {{{{ self.{property} }}}}"),
                format!("{{self: {{{property}: {pass}}}}}, {{self: {{}}}}"),
                format!("{{self: {{{property}: {fail}}}}}"),
            ),
            Form::Items => (
                format!("self.all(item, item.{property} {operator})"),
                format!("`{property}` of an item violates the rule"),
                format!("{{self: [{{{property}: {pass}}}]}}"),
                format!("{{self: [{{{property}: {pass}}}, {{{property}: {fail}}}]}}"),
            ),
        };
        include_str!("invariants.yaml")
            .replace("{id}", &format!("{}.{}-{}", lowercase(operation), lowercase(property), meaning.replace(' ', "-")))
            .replace("{on}", &format!("{{operation: {}, status: {status}}}", quoted(operation)))
            .replace("{rule}", &quoted(&rule))
            .replace("{message}", &quoted(&message))
            .replace(
                "{promise}",
                &format!("{{kind: implied, where: the first review, quote: {}}}", quoted(&format!("{property} {meaning}"))),
            )
            .replace("{pass}", &pass)
            .replace("{fail}", &fail)
    }
}
