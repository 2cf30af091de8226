//! Values of header fields with parameters: `text/plain; charset=utf-8`, `form-data; name="photo"`. RFC 9110, section 5.6.6.
//!
//! The crates `mime` and `mediatype` read RFC 6838 names only and refuse empty parameters, which RFC 9110 allows.

/// A value and its parameters. Names are in lower case; quoted values are without quotes and escapes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameterised {
    /// The value before the first parameter, as written.
    pub(crate) value: String,
    /// The parameters, in order.
    pub(crate) parameters: Vec<(String, String)>,
}

impl Parameterised {
    /// The first parameter with a name in lower case.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// Parses a value with parameters; `None` if its parameters are malformed.
pub(crate) fn parse(field: &str) -> Option<Parameterised> {
    let (value, mut rest) = field.split_at(field.find(';').unwrap_or(field.len()));
    let mut parameters = Vec::new();
    // parameters = *( OWS ";" OWS [ parameter ] )
    while let Some(after) = trim_start(rest).strip_prefix(';') {
        rest = trim_start(after);
        if rest.is_empty() || rest.starts_with(';') {
            continue;
        }
        let (name, after) = rest.split_once('=')?;
        let value;
        (value, rest) = match after.strip_prefix('"') {
            Some(quoted) => unquote(quoted)?,
            None => {
                let end = after.find(|char| !is_token_char(char)).unwrap_or(after.len());
                (after[..end].to_owned(), &after[end..])
            }
        };
        // An empty unquoted value is not a token, but common senders write it.
        if !is_token(name) {
            return None;
        }
        parameters.push((name.to_ascii_lowercase(), value));
    }
    trim_start(rest).is_empty().then(|| Parameterised { value: trim(value).to_owned(), parameters })
}

/// The text of a quoted string after its opening quote, and what follows the string. RFC 9110, section 5.6.4.
fn unquote(quoted: &str) -> Option<(String, &str)> {
    let mut text = String::new();
    let mut chars = quoted.char_indices();
    while let Some((at, char)) = chars.next() {
        match char {
            '"' => return Some((text, &quoted[at + 1..])),
            '\\' => text.push(chars.next()?.1),
            char => text.push(char),
        }
    }
    None
}

/// Whether a text is a token, RFC 9110, section 5.6.2.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.chars().all(is_token_char)
}

fn is_token_char(char: char) -> bool {
    char.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(char)
}

/// A text without optional white space (OWS) at its ends.
pub(crate) fn trim(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

fn trim_start(text: &str) -> &str {
    text.trim_start_matches([' ', '\t'])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    type Case = (&'static str, &'static str, &'static [(&'static str, &'static str)]);

    #[test]
    fn parameters_are_read_as_rfc_9110_writes_them() {
        let cases: [Case; 9] = [
            ("text/plain", "text/plain", &[]),
            ("text/plain; charset=utf-8", "text/plain", &[("charset", "utf-8")]),
            ("text/plain ;\tCharset=\"utf-8\" ", "text/plain", &[("charset", "utf-8")]),
            // Empty parameters, section 5.6.6.
            ("text/plain;;charset=utf-8;", "text/plain", &[("charset", "utf-8")]),
            // A quoted pair, and delimiters in quotes, section 5.6.4.
            (r#"form-data; name="a\"b;c=d"; filename=x"#, "form-data", &[("name", "a\"b;c=d"), ("filename", "x")]),
            // Characters of a token that are not in RFC 6838 names.
            ("a/b; c=~|`", "a/b", &[("c", "~|`")]),
            ("a/b; c=", "a/b", &[("c", "")]),
            ("a/b; c=1; c=2", "a/b", &[("c", "1"), ("c", "2")]),
            ("", "", &[]),
        ];
        for (field, value, parameters) in cases {
            let parsed = parse(field).unwrap_or_else(|| panic!("{field}"));
            let expected: Vec<(String, String)> = parameters.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
            assert_eq!((&*parsed.value, parsed.parameters), (value, expected), "{field}");
        }
    }

    #[test]
    fn malformed_parameters_are_refused() {
        for field in ["a/b; c", "a/b; c=\"d", "a/b; c d=e", "a/b; c=d e", "a/b; =d", "a/b; c=\"d\"e", "a/b; c=\"d\\"] {
            assert_eq!(parse(field), None, "{field}");
        }
    }

    proptest! {
        #[test]
        fn no_text_causes_a_panic(field in "[a-z/;=\"\\\\ \u{e9}]{0,40}|\\PC{0,40}") {
            let _ = parse(&field);
        }
    }
}
