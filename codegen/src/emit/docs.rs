//! Descriptions to doc comments: the text escaped for rustdoc, the constraints and the source.

use charter_contract::{Contract, Direction, Location};
use serde_json::Value;

use crate::shape::{Check, Limit};

/// Adds the doc comment of a type or a member.
#[expect(clippy::too_many_arguments, reason = "each is one part of the comment")]
pub(super) fn docs(
    text: &mut String,
    indent: &str,
    description: Option<&str>,
    fallback: impl FnOnce() -> String,
    constraints: &[String],
    notes: &[String],
    deprecated: bool,
    source: Option<&Location>,
) {
    let lines = match description.filter(|text| !text.trim().is_empty()) {
        Some(description) => paragraphs(description),
        None => paragraphs(&fallback()),
    };
    lines.iter().for_each(|paragraph| line(text, indent, paragraph));
    let mut part = |paragraph: &str| {
        line(text, indent, "");
        line(text, indent, paragraph);
    };
    match constraints {
        [] => {}
        [one] => part(&format!("Constraint: {one}.")),
        all => part(&format!("Constraints: {}.", all.join(", "))),
    }
    if !notes.is_empty() {
        part(&harmless(&notes.join(" ").split_whitespace().collect::<Vec<_>>().join(" ")));
    }
    if deprecated {
        part("Deprecated by the contract.");
    }
    if let Some(source) = source {
        part("# Source");
        part(&inline_code(&source.to_string()));
    }
}

/// Adds one line of a doc comment.
pub(super) fn line(text: &mut String, indent: &str, words: &str) {
    text.push_str(indent);
    text.push_str("///");
    if !words.is_empty() {
        text.push(' ');
        text.push_str(words);
    }
    text.push('\n');
}

/// A check in words, as errors show it.
pub(super) fn words(check: &Check) -> String {
    let unit = match check.keyword {
        "minLength" | "maxLength" => " characters",
        "minItems" | "maxItems" => " items",
        "minProperties" | "maxProperties" => " keys",
        _ => "",
    };
    let relation = match check.keyword {
        "minimum" | "minLength" | "minItems" | "minProperties" => "at least",
        "exclusiveMinimum" => "more than",
        "exclusiveMaximum" => "less than",
        "multipleOf" => "a multiple of",
        _ => "at most",
    };
    match &check.limit {
        Limit::Number(number) => format!("{relation} {number}{unit}"),
        Limit::Count(count) => format!("{relation} {count}{unit}"),
        Limit::Pattern { written, .. } => format!("text that matches {}", inline_code(written)),
        Limit::Unique => "no item twice".to_owned(),
        Limit::Keys { key, needs } => {
            let needs: Vec<String> = needs.iter().map(|key| inline_code(key)).collect();
            format!("{} only together with {}", inline_code(key), needs.join(", "))
        }
        Limit::Schema(_) => inline_code(check.keyword),
    }
}

/// A check in words, as the docs of a type show it.
pub(super) fn constraint(contract: &Contract, check: &Check) -> String {
    match check.limit {
        Limit::Schema(id) => match contract.schema(id).source().get(check.keyword) {
            Some(Value::String(operand)) => inline_code(&format!("{}: {operand}", check.keyword)),
            _ => inline_code(check.keyword),
        },
        _ => words(check),
    }
}

/// The messages that a type is for, if it is not for all, and the type for the other messages.
///
/// # Source
/// OpenAPI 3.0.4, Schema Object, `readOnly` and `writeOnly`.
pub(super) fn direction_note(direction: Option<Direction>, counterpart: Option<&str>) -> Vec<String> {
    let (messages, others, keyword) = match direction {
        None => return Vec::new(),
        Some(Direction::Response) => ("responses", "requests", "writeOnly"),
        Some(Direction::Request) => ("requests", "responses", "readOnly"),
    };
    let rule = format!(
        "The type for {messages}. A property that is `{keyword}` is required in {others} only (OpenAPI 3.0.4, Schema Object, `{keyword}`)."
    );
    let counterpart = counterpart.map(|name| format!("The type for {others} is {}.", inline_code(name)));
    [Some(rule), counterpart].into_iter().flatten().collect()
}

/// What a schema without a description is.
pub(super) fn fallback(location: &Location) -> String {
    let mut tokens = location.pointer().rsplit('/');
    let (last, parent) = (location.last_token(), tokens.nth(1));
    if last.as_deref() == Some("schema") && tokens.next() == Some("parameters") {
        return "A parameter.".to_owned();
    }
    match (parent, last) {
        (Some(union @ ("anyOf" | "oneOf")), Some(index)) => format!("`{union}` variant {index}."),
        (Some("allOf"), Some(index)) => format!("`allOf` part {index}."),
        (Some("prefixItems"), Some(index)) => format!("Item {index}."),
        (Some("properties"), Some(key)) => format!("The property {}.", inline_code(&key)),
        (Some(_), Some(keyword)) if keyword == "items" => "An item.".to_owned(),
        (Some(_), Some(keyword)) if keyword == "additionalProperties" => "The value of another property.".to_owned(),
        (Some(media_type), Some(keyword)) if keyword == "schema" => format!("A body in {}.", inline_code(&unescaped(media_type))),
        (_, Some(name)) => format!("The schema {}.", inline_code(&name)),
        (_, None) => format!("The schema {}.", inline_code(location.document())),
    }
}

/// A token of a JSON Pointer without its escapes.
fn unescaped(token: &str) -> String {
    token.replace("~1", "/").replace("~0", "~")
}

/// Puts each paragraph on one line, so that no text begins a list, a heading, a table or a code block.
pub(crate) fn paragraphs(text: &str) -> Vec<String> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let paragraphs = text
        .split("\n\n")
        .map(|paragraph| paragraph.split_whitespace().collect::<Vec<_>>().join(" "))
        .filter(|paragraph| !paragraph.is_empty());
    let mut lines = Vec::new();
    for paragraph in paragraphs {
        if !lines.is_empty() {
            lines.push(String::new());
        }
        lines.push(harmless(&paragraph));
    }
    lines
}

/// Escapes links, HTML, fences and leading marks. Inline code keeps its meaning.
fn harmless(line: &str) -> String {
    let code = line.matches('`').count().is_multiple_of(2) && !line.contains("``");
    let mut inside = false;
    let mut escaped = String::with_capacity(line.len());
    for (index, character) in line.chars().enumerate() {
        match character {
            '`' if code => {
                inside = !inside;
                escaped.push('`');
            }
            hidden if hidden.is_control() || is_hidden(hidden) => escaped.push('\u{fffd}'),
            _ if inside => escaped.push(character),
            '`' | '[' | ']' | '<' | '>' | '*' | '_' | '\\' | '|' | '~' => {
                escaped.push('\\');
                escaped.push(character);
            }
            '#' | '-' | '+' | '=' if index == 0 => {
                escaped.push('\\');
                escaped.push(character);
            }
            _ => escaped.push(character),
        }
    }
    // `1. text` would begin a list.
    let digits = escaped.chars().take_while(char::is_ascii_digit).count();
    if digits > 0 && matches!(escaped.as_bytes().get(digits), Some(b'.' | b')')) {
        escaped.insert(digits, '\\');
    }
    if inside { line.replace('`', "'") } else { linked(&escaped) }
}

/// Whether a character is invisible and changes how the text around it is displayed.
pub(super) fn is_hidden(character: char) -> bool {
    matches!(character, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A text as inline code of a doc comment.
pub(crate) fn inline_code(text: &str) -> String {
    let visible: String =
        text.chars().map(|character| if character.is_control() || is_hidden(character) { '\u{fffd}' } else { character }).collect();
    format!("`{}`", visible.replace('`', "'"))
}

/// Bare URLs between angle brackets.
fn linked(line: &str) -> String {
    line.split(' ')
        .map(|word| {
            let scheme = ["https://", "http://"].into_iter().find(|scheme| word.starts_with(scheme));
            match scheme {
                Some(_) => {
                    let end = word.trim_end_matches(['.', ',', ';', ':', ')']).len();
                    format!("<{}>{}", word[..end].replace('\\', ""), &word[end..])
                }
                None => word.to_owned(),
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_descriptions_become_text() {
        assert_eq!(paragraphs("a\nb\n\n    ```rust\nfn main() {}\n```"), ["a b", "", r"\`\`\`rust fn main() {} \`\`\`"]);
        assert_eq!(paragraphs("see [Foo] and <b>, `[x]`"), [r"see \[Foo\] and \<b\>, `[x]`"]);
        assert_eq!(paragraphs("# not a heading"), [r"\# not a heading"]);
        assert_eq!(paragraphs("1. not a list"), [r"1\. not a list"]);
        assert_eq!(paragraphs("at https://example.com/a_b."), ["at <https://example.com/a_b>."]);
        assert_eq!(paragraphs("*/ \u{202e}evil"), ["\\*/ \u{fffd}evil"]);
        assert_eq!(paragraphs(" \n "), Vec::<String>::new());
    }
}
