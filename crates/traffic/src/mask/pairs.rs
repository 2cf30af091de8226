//! The members of objects that have a name and the value of the name.

use charter_json::edit::Node;

use super::Masker;

/// The members of a pair that have its name.
const PAIR_NAMES: [&str; 10] = ["name", "key", "Name", "Key", "header", "field", "k", "param", "attribute", "variable"];
/// The members of a pair that have its value.
pub(super) const PAIR_VALUES: [&str; 10] = ["value", "values", "Value", "val", "v", "stringValue", "#text", "$t", "_", "content"];

/// The members of an object that name a place in another value, or a kind of input: those of errors, patches and forms.
const PLACE_NAMES: [&str; 17] = [
    "type",
    "id",
    "label",
    "title",
    "path",
    "loc",
    "location",
    "instancePath",
    "dataPath",
    "propertyPath",
    "pointer",
    "property",
    "fieldName",
    "field_name",
    "parameter",
    "setting",
    // WireMock: `{"expression": "$.password", "equalTo": …}`.
    "expression",
];
/// The members of an error that have the value that was found.
const FOUND_VALUES: [&str; 8] = ["input", "rejectedValue", "rejected_value", "invalidValue", "received", "actual", "data", "equalTo"];
/// Ends of the names of members of a pair, such as `ParameterKey` and `ParameterValue`.
const NAME_ENDS: [&str; 6] = ["Name", "Key", "_name", "_key", "name", "key"];
const VALUE_ENDS: [&str; 3] = ["_value", "Value", "value"];

/// The name that a member has: a string, or the last string of a list, such as the place of an error.
pub(super) fn named<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    node.as_str().or_else(|| node.items().iter().rev().find_map(Node::as_str))
}

/// The string, or the first string of a list.
pub(super) fn first_string<'n>(node: &'n Node<'_>) -> &'n str {
    node.as_str().or_else(|| node.items().first()?.as_str()).unwrap_or_default()
}

impl Masker {
    /// Whether the value of a member is secret by the names of other members of its object. `named` gives the names of a member: a string, or those of a list.
    pub(crate) fn is_named_secret<'n>(&self, member: &str, value: &str, named: impl Fn(&str) -> Option<&'n str>) -> bool {
        let is_value = PAIR_VALUES.contains(&member);
        let prefix = VALUE_ENDS.iter().find_map(|end| member.strip_suffix(end)).filter(|prefix| !prefix.is_empty() && !is_value);
        if let Some(prefix) = prefix
            && let Some(name) = NAME_ENDS.iter().find_map(|end| named(&format!("{prefix}{end}")))
        {
            return self.is_secret_pair(name, value);
        }
        if !is_value && !FOUND_VALUES.contains(&member) {
            return false;
        }
        let pair = PAIR_NAMES.iter().find_map(|name| named(name));
        let places = PLACE_NAMES.iter().filter_map(|name| named(name)?.rsplit(['/', '.']).next());
        pair.is_some_and(|name| is_value && self.is_secret_pair(name, value))
            || pair.into_iter().chain(places).any(|name| self.is_listed_secret(name, value))
    }

    /// Whether an argument of a command is secret by the option before it.
    pub(crate) fn is_secret_argument(&self, option: &str, value: &str) -> bool {
        let name = option.strip_prefix('-').map(|name| name.trim_start_matches('-'));
        name.is_some_and(|name| value.len() >= 4 && !value.starts_with('-') && self.is_secret_member(name, value))
    }
}
