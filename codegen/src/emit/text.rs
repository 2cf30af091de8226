//! Code that is written as text: the arguments of the runtime's macros.

use proc_macro2::{Delimiter, Literal, TokenStream, TokenTree};

/// A string literal.
pub(super) fn quoted(text: &str) -> String {
    Literal::string(text).to_string()
}

/// A type with usual spacing: `support::Nullable<Vec<Order>>`.
pub(super) fn type_text(tokens: TokenStream) -> String {
    let mut text = String::new();
    add(tokens, &mut text);
    text
}

fn add(tokens: TokenStream, text: &mut String) {
    // Adjacent words need a space between them.
    let mut after_word = false;
    // The number of commas at this level, without those between angle brackets.
    let (mut commas, mut angles, mut after_dash) = (0_usize, 0_usize, false);
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::None => ("", ""),
                };
                text.push_str(open);
                add(group.stream(), text);
                text.push_str(close);
                after_word = false;
            }
            TokenTree::Punct(punct) => {
                let character = punct.as_char();
                match character {
                    ',' if angles == 0 => commas += 1,
                    '<' => angles += 1,
                    '>' if !after_dash => angles = angles.saturating_sub(1),
                    _ => {}
                }
                after_dash = character == '-';
                if after_word && character == '\'' {
                    text.push(' ');
                }
                match character {
                    ',' | ';' => {
                        text.push(character);
                        text.push(' ');
                    }
                    '+' | '=' => {
                        text.push(' ');
                        text.push(character);
                        text.push(' ');
                    }
                    _ => text.push(character),
                }
                after_word = false;
            }
            word => {
                if after_word {
                    text.push(' ');
                }
                text.push_str(&word.to_string());
                after_word = true;
            }
        }
    }
    // A trailing comma has a meaning only in a tuple of one item.
    if text.ends_with(", ") {
        text.truncate(text.len() - if commas == 1 { 1 } else { 2 });
    }
}

#[cfg(test)]
mod tests {
    use quote::{ToTokens as _, quote};

    use super::*;

    #[test]
    fn a_type_is_written_without_needless_spaces() {
        let types = [
            (quote!(support::Nullable<Vec<Run>>), "support::Nullable<Vec<Run>>"),
            (quote!((i64, String,)), "(i64, String)"),
            (quote!((Map<String, i64>,)), "(Map<String, i64>,)"),
            (quote!(((i64, i64,), fn(i64) -> i64,)), "((i64, i64), fn(i64)->i64)"),
            (quote!((i64,)), "(i64,)"),
            (quote!(::std::collections::BTreeMap<String, r#type>), "::std::collections::BTreeMap<String, r#type>"),
            (quote!(Box<dyn Own + 'static>), "Box<dyn Own + 'static>"),
            (quote!(Cow<'static, [u8; 4]>), "Cow<'static, [u8; 4]>"),
        ];
        for (tokens, wanted) in types {
            let written = type_text(tokens.clone());
            assert_eq!(written, wanted);
            // The trailing comma of a tuple is not part of the type.
            let parsed =
                |tokens: TokenStream| syn::parse2::<syn::Type>(tokens).expect("a type").into_token_stream().to_string().replace(" ,)", ")");
            assert_eq!(parsed(written.parse().expect("Rust")), parsed(tokens));
        }
    }
}
