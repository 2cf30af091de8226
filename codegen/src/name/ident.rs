//! Any text to a legal identifier: `heck` sets the case, illegal characters are removed, keywords get an underscore.

use heck::{ToSnakeCase, ToUpperCamelCase};

/// The name of a type for a text.
pub fn type_name(text: &str) -> String {
    legal(&text.to_upper_camel_case(), "Value")
}

/// The name of a variant for a text.
pub fn variant(text: &str) -> String {
    match text {
        "" => "Empty".to_owned(),
        text => legal(&spelled(text).to_upper_camel_case(), "Value"),
    }
}

/// The name of a field or module for a text.
pub fn field(text: &str) -> String {
    match text {
        "" => "empty".to_owned(),
        text => legal(&spelled(text).to_snake_case(), "value"),
    }
}

/// The text with its symbols as words, if it has no letter.
fn spelled(text: &str) -> String {
    if text.chars().any(char::is_alphabetic) { text.to_owned() } else { with_signs(text) }
}

/// The text with its symbols as words. A hyphen after a letter or a digit separates words.
pub(super) fn with_signs(text: &str) -> String {
    let mut before = None;
    text.chars().fold(String::new(), |words, character| {
        let separates = before.replace(character).is_some_and(char::is_alphanumeric) && character == '-';
        match word(character).filter(|_| !separates) {
            Some(word) => format!("{words} {word} "),
            None => format!("{words}{character}"),
        }
    })
}

/// The word for an ASCII symbol.
fn word(symbol: char) -> Option<&'static str> {
    Some(match symbol {
        '!' => "not",
        '#' => "hash",
        '$' => "dollar",
        '%' => "percent",
        '&' => "and",
        '*' => "star",
        '+' => "plus",
        '-' => "minus",
        '/' => "slash",
        '<' => "less",
        '=' => "equal",
        '>' => "greater",
        '?' => "question",
        '@' => "at",
        '^' => "caret",
        '|' => "pipe",
        '~' => "tilde",
        _ => return None,
    })
}

fn legal(text: &str, filler: &str) -> String {
    let mut name: String = text.chars().filter(|character| unicode_ident::is_xid_continue(*character)).collect();
    if !name.chars().next().is_some_and(unicode_ident::is_xid_start) {
        name = if name.chars().all(|character| character == '_') { filler.to_owned() } else { format!("{filler}{name}") };
    }
    // Reserved words of every edition get an underscore.
    if syn::parse_str::<syn::Ident>(&name).is_err() || matches!(name.as_str(), "union" | "macro_rules" | "gen") {
        name.push('_');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_has_a_name() {
        for (text, type_wanted, field_wanted) in [
            ("createdAt", "CreatedAt", "created_at"),
            ("type", "Type", "type_"),
            ("self", "Self_", "self_"),
            ("wont_fix", "WontFix", "wont_fix"),
            ("200", "Value200", "value200"),
            ("größe", "Größe", "größe"),
            ("✨", "Value", "value"),
            ("a b/c~d", "ABCD", "a_b_c_d"),
            ("$ref", "Ref", "ref_"),
            ("async", "Async", "async_"),
            ("gen", "Gen", "gen_"),
        ] {
            assert_eq!((type_name(text).as_str(), field(text).as_str()), (type_wanted, field_wanted), "{text}");
        }
        for (text, wanted) in [("+1", "Plus1"), ("-1", "Minus1"), ("1", "Value1"), ("*", "Star"), ("<=", "LessEqual"), ("a+b", "AB")] {
            assert_eq!(variant(text), wanted, "{text}");
        }
        assert_eq!((field("+1").as_str(), field("-1").as_str(), field("*").as_str()), ("plus_1", "minus_1", "star"));
        assert_eq!(variant(&with_signs("-created_at")), "MinusCreatedAt");
        assert_eq!(variant(&with_signs("c++ x-y -z")), "CPlusPlusXYMinusZ");
        assert_eq!((variant("").as_str(), field("").as_str()), ("Empty", "empty"));
    }
}
