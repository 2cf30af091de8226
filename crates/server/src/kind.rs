//! The JSON types that a text may mean.

/// The JSON types of a value that is serialised as text. A text does not show its type: `5` may be a number or a string.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// A string.
    Text,
    /// A number, if the text has the form of one.
    Number,
    /// A boolean, if the text is `true` or `false`.
    Boolean,
    /// Null, if the text is empty.
    Null,
    /// A list of values of a kind.
    List(&'static Kind),
    /// An object: the kinds of its members by name, and the kind of all others, if there may be others.
    Object(&'static [(&'static str, Kind)], Option<&'static Kind>),
    /// The first of these kinds that the text has the form of.
    OneOf(&'static [Kind]),
}

impl Kind {
    /// The kind of a value without a schema: a boolean or a number if the text has the form of one, else a string.
    pub const UNKNOWN: Self = Self::OneOf(&[Self::Boolean, Self::Number, Self::Text]);

    /// The lists and objects among the alternatives.
    pub(crate) fn structures(&self) -> Vec<&Self> {
        match self {
            Self::List(_) | Self::Object(..) => vec![self],
            Self::OneOf(kinds) => kinds.iter().flat_map(Self::structures).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether a value of the kind may be a single text.
    pub(crate) fn is_scalar(&self) -> bool {
        match self {
            Self::List(_) | Self::Object(..) => false,
            Self::OneOf(kinds) => kinds.iter().any(Self::is_scalar),
            _ => true,
        }
    }

    /// The kind of a member of an object.
    pub(crate) fn member(&self, name: &str) -> &Self {
        match self {
            Self::Object(members, others) => {
                let declared = members.iter().find(|(of, _)| *of == name).map(|(_, kind)| kind);
                declared.or(*others).unwrap_or(&Self::UNKNOWN)
            }
            _ => &Self::UNKNOWN,
        }
    }

    /// A text as a JSON value. A text without the form of the kind is a string, so that the type reports it.
    pub(crate) fn scalar(&self, text: &str) -> String {
        self.form(text).unwrap_or_else(|| string(text))
    }

    fn form(&self, text: &str) -> Option<String> {
        match self {
            Self::Text => Some(string(text)),
            Self::Number => is_number(text).then(|| text.to_owned()),
            Self::Boolean => matches!(text, "true" | "false").then(|| text.to_owned()),
            Self::Null => text.is_empty().then(|| "null".to_owned()),
            Self::OneOf(kinds) => kinds.iter().find_map(|kind| kind.form(text)),
            Self::List(_) | Self::Object(..) => None,
        }
    }
}

/// A JSON string.
pub(crate) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A JSON object of names and JSON values.
pub(crate) fn object(members: &[(String, String)]) -> String {
    let members: Vec<String> = members.iter().map(|(name, value)| format!("{}:{value}", string(name))).collect();
    format!("{{{}}}", members.join(","))
}

/// A JSON array of JSON values.
pub(crate) fn array(items: &[String]) -> String {
    format!("[{}]", items.join(","))
}

/// Whether a text is a number of JSON. Its digits stay as sent, so that no precision is lost.
fn is_number(text: &str) -> bool {
    text.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        && text.ends_with(|last: char| last.is_ascii_digit())
        && serde_json::from_str::<serde_json::Number>(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_has_the_first_kind_whose_form_it_has() {
        for (kind, text, json) in [
            (Kind::UNKNOWN, "5", "5"),
            (Kind::UNKNOWN, "true", "true"),
            (Kind::UNKNOWN, "05", "\"05\""),
            (Kind::Text, "5", "\"5\""),
            (Kind::Number, "123456789012345678901234567890", "123456789012345678901234567890"),
            (Kind::Number, "-1.5e3", "-1.5e3"),
            (Kind::Number, " 5", "\" 5\""),
            (Kind::Number, "five", "\"five\""),
            (Kind::OneOf(&[Kind::Number, Kind::Null]), "", "null"),
        ] {
            assert_eq!(kind.scalar(text), json, "{kind:?}");
        }
    }
}
