//! The worked example of a rule: about the first response that has a suitable property, and loaded with the documents before it is used.

use charter_contract::{Contract, JsonType, Keywords, SchemaId, StatusRange, from_documents};

/// The text of an invariants file with one rule; `None` if no response has a suitable property.
pub(super) fn example(contract: &Contract, documents: &[(String, Vec<u8>)]) -> Option<String> {
    for operation in contract.operations() {
        for response in &operation.responses {
            let StatusRange::Exact(status) = response.status else { continue };
            let Some(schema) = response.content.iter().find_map(|(_, media_type)| media_type.schema) else { continue };
            if !(200..300).contains(&status) {
                continue;
            }
            let keywords = resolved(contract, schema);
            for (name, property) in keywords.properties.iter() {
                let Some(condition) = condition(contract, keywords, name, *property) else { continue };
                let text = file(&operation.id, status, name, &condition);
                let mut files = documents.to_vec();
                files.push(("api.invariants.yaml".to_owned(), text.clone().into_bytes()));
                if from_documents(files).and_then(charter_rules::with_invariants).is_ok() {
                    return Some(text);
                }
            }
        }
    }
    None
}

/// The keywords of a schema behind references.
fn resolved(contract: &Contract, mut schema: SchemaId) -> &Keywords {
    // A cycle of references has no properties.
    for _ in 0..32 {
        match contract.schema(schema).keywords.reference {
            Some(target) => schema = target,
            None => break,
        }
    }
    &contract.schema(schema).keywords
}

/// A condition on a property, with a value that passes and one that fails.
struct Condition {
    expression: String,
    meaning: &'static str,
    pass: &'static str,
    fail: &'static str,
}

/// A condition that the schema does not express: a required text is not empty, a required number is not negative.
fn condition(contract: &Contract, object: &Keywords, name: &str, property: SchemaId) -> Option<Condition> {
    let is_name =
        name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_') && !name.starts_with(|first: char| first.is_ascii_digit());
    if !is_name || !object.required.iter().any(|required| required == name) {
        return None;
    }
    let keywords = resolved(contract, property);
    let only = |type_: JsonType| keywords.types.as_ref().is_some_and(|types| types.iter().eq(&[type_]));
    if keywords.enumeration.is_some() {
        return None;
    }
    let (operator, meaning, pass, fail) = if only(JsonType::String) {
        ("!= ''", "is not empty", "a", "")
    } else if only(JsonType::Integer) {
        (">= 0", "is not negative", "0", "-1")
    } else if only(JsonType::Number) {
        (">= 0.0", "is not negative", "0.0", "-1.0")
    } else {
        return None;
    };
    Some(Condition { expression: format!("self.{name} {operator}"), meaning, pass, fail })
}

fn file(operation: &str, status: u16, name: &str, condition: &Condition) -> String {
    let id: String = operation.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    let property: String = name.chars().map(|c| if c == '_' { '-' } else { c.to_ascii_lowercase() }).collect();
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let value = |text: &str| if condition.expression.ends_with("''") { quoted(text) } else { text.to_owned() };
    include_str!("invariants.yaml")
        .replace("{id}", &format!("{id}.{property}-{}", condition.meaning.replace(' ', "-")))
        .replace("{on}", &format!("{{operation: {}, status: {status}}}", quoted(operation)))
        .replace("{rule}", &quoted(&condition.expression))
        .replace("{message}", &quoted(&format!("`{name}` violates the rule: {{{{ self.{name} }}}}")))
        .replace(
            "{promise}",
            &format!("{{kind: implied, where: the first review, quote: {}}}", quoted(&format!("{name} {}", condition.meaning))),
        )
        .replace("{pass}", &format!("{{self: {{{name}: {}}}}}", value(condition.pass)))
        .replace("{fail}", &format!("{{self: {{{name}: {}}}}}", value(condition.fail)))
}
