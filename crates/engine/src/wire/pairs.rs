//! Names and values of a query, a form or a cookie header field, shared among several parameters.

use charter_contract::Style;
use indexmap::IndexMap;

use super::Malformed;
use super::candidates::Candidates;
use super::described::{Described, Types};
use super::style::{Delimited, members, repeated};
use super::text::Escape;

/// More brackets of a `deepObject` name are not read.
const MAX_BRACKETS: usize = 16;

/// Names and values, of which each name is read by one parameter.
#[derive(Debug)]
pub(super) struct Pairs<'r> {
    /// The values by unescaped name, in order of the first value.
    names: IndexMap<String, Values<'r>>,
    escape: Escape,
}

#[derive(Debug, Default)]
struct Values<'r> {
    /// The values of the name, still escaped.
    raws: Vec<&'r str>,
    is_claimed: bool,
}

/// A parameter or a property that is serialised by a style.
#[derive(Debug)]
pub(super) struct Field<'f, 'c> {
    pub(super) name: &'f str,
    pub(super) style: Style,
    pub(super) explode: bool,
    pub(super) described: Described<'c>,
}

impl<'r> Pairs<'r> {
    /// The pairs of a text. Empty pairs are skipped. WHATWG URL, section 5.1. A name that cannot be unescaped is read as written, so
    /// that it spoils no other name.
    pub(super) fn parse(text: &'r str, separator: char, escape: Escape) -> Self {
        let mut names: IndexMap<String, Values<'_>> = IndexMap::new();
        for raw in text.split(separator) {
            let raw = if separator == ';' { super::fields::trim(raw) } else { raw };
            if raw.is_empty() {
                continue;
            }
            let (name, value) = raw.split_once('=').unwrap_or((raw, ""));
            let name = escape.decode(name).unwrap_or_else(|_| name.to_owned());
            names.entry(name).or_default().raws.push(value);
        }
        Self { names, escape }
    }

    /// Pairs that are not escaped.
    pub(super) fn unescaped(pairs: impl IntoIterator<Item = (&'r str, &'r str)>) -> Self {
        let mut names: IndexMap<String, Values<'_>> = IndexMap::new();
        for (name, value) in pairs {
            names.entry(name.to_owned()).or_default().raws.push(value);
        }
        Self { names, escape: Escape::None }
    }

    /// The pairs, whose values are escaped in another way than their names.
    pub(super) fn with_escape(self, escape: Escape) -> Self {
        Self { escape, ..self }
    }

    /// Whether a name occurs once, with an empty value.
    pub(super) fn is_empty_value(&self, name: &str) -> bool {
        self.names.get(name).is_some_and(|values| !values.is_claimed && values.raws == [""])
    }

    /// Claims the values of a name, still escaped.
    pub(super) fn take(&mut self, name: &str) -> Vec<&'r str> {
        let Some(values) = self.names.get_mut(name).filter(|values| !values.is_claimed) else { return Vec::new() };
        values.is_claimed = true;
        values.raws.clone()
    }

    /// The names that are not claimed, in order.
    pub(super) fn rest(&self) -> Vec<String> {
        self.names.iter().filter(|(_, values)| !values.is_claimed).map(|(name, _)| name.clone()).collect()
    }

    /// The value of each field; `None` if it is absent. Exact names are claimed first, then brackets, then properties of exploded
    /// objects, then every other name by the first object of any properties.
    pub(super) fn decode(&mut self, fields: &[Field<'_, '_>]) -> Vec<Option<Result<Candidates, Malformed>>> {
        let mut values: Vec<Option<Result<Candidates, Malformed>>> = fields.iter().map(|_| None).collect();
        for (field, value) in fields.iter().zip(&mut values) {
            if field.style != Style::DeepObject && !(field.is_spread() && field.described.types() == Types::OBJECT) {
                let raws = self.take(field.name);
                *value = (!raws.is_empty()).then(|| field.decode(&raws, self.escape));
            }
        }
        for (field, value) in fields.iter().zip(&mut values) {
            if field.style == Style::DeepObject {
                let claimed = self.take_where(|name| brackets(field.name, name).is_some());
                *value = (!claimed.is_empty()).then(|| deep_object(field, &claimed, self.escape));
            }
        }
        let mut claimed: Vec<Vec<(String, &str)>> = fields.iter().map(|_| Vec::new()).collect();
        let open = |(_, value): &(&Field<'_, '_>, &Option<_>)| value.is_none();
        let is_free = |field: &Field<'_, '_>| field.described.is_free_form();
        for (index, (field, _)) in fields.iter().zip(&values).enumerate().filter(|(_, pair)| pair.0.is_spread() && open(pair)) {
            claimed[index] = self.take_where(|name| field.described.declares(name));
        }
        if let Some((index, _)) =
            fields.iter().zip(&values).enumerate().find(|(_, pair)| pair.0.is_spread() && open(pair) && is_free(pair.0))
        {
            claimed[index].extend(self.take_where(|_| true));
        }
        for ((field, value), pairs) in fields.iter().zip(&mut values).zip(&claimed) {
            if !pairs.is_empty() {
                *value = Some(members(pairs, &field.described, self.escape));
            }
        }
        values
    }

    /// Claims the names that fulfil a condition; each value with its name.
    fn take_where(&mut self, is_wanted: impl Fn(&str) -> bool) -> Vec<(String, &'r str)> {
        let mut pairs = Vec::new();
        for (name, values) in self.names.iter_mut().filter(|(name, values)| !values.is_claimed && is_wanted(name)) {
            values.is_claimed = true;
            pairs.extend(values.raws.iter().map(|raw| (name.clone(), *raw)));
        }
        pairs
    }
}

impl Field<'_, '_> {
    /// Whether each property of the object has a name of its own (`explode`).
    fn is_spread(&self) -> bool {
        let types = self.described.types();
        self.explode && self.style != Style::DeepObject && types != Types::ANY && types.has(Types::OBJECT)
    }

    /// The value of the values with the name of the field. There is at least one.
    fn decode(&self, raws: &[&str], escape: Escape) -> Result<Candidates, Malformed> {
        if self.explode {
            return repeated(raws, &self.described, escape);
        }
        let [raw] = raws else {
            let message = format!("`{}` occurs {} times, but its style has one value without `explode`", self.name, raws.len());
            return Err(Malformed::new(message, "OpenAPI, \"Style Examples\""));
        };
        let delimiters = Delimited::delimiters_of(self.style, escape);
        Delimited { delimiters, assigned: false, escape, list_field: false }.decode(raw, &self.described)
    }
}

/// The names in brackets after the name of a `deepObject`: `["a", "b"]` of `name[a][b]`.
fn brackets<'n>(field: &str, name: &'n str) -> Option<Vec<&'n str>> {
    let mut rest = name.strip_prefix(field)?;
    let mut names = Vec::new();
    while !rest.is_empty() && names.len() < MAX_BRACKETS {
        let (inside, after) = rest.strip_prefix('[')?.split_once(']')?;
        names.push(inside);
        rest = after;
    }
    (rest.is_empty() && !names.is_empty()).then_some(names)
}

/// Values and members below one name of a `deepObject`.
#[derive(Default)]
struct Node<'r> {
    raws: Vec<&'r str>,
    members: IndexMap<String, Node<'r>>,
}

/// The object of names with brackets. More than one pair of brackets, and arrays, are not standardised; they are read as most senders
/// write them: `a[b][c]=1`, `a[b][]=1`, `a[b][0]=1`, `a[b]=1&a[b]=2`.
fn deep_object(field: &Field<'_, '_>, pairs: &[(String, &str)], escape: Escape) -> Result<Candidates, Malformed> {
    let mut root = Node::default();
    for (name, raw) in pairs {
        let names = brackets(field.name, name).unwrap_or_default();
        let node = names.into_iter().fold(&mut root, |node, name| node.members.entry(name.to_owned()).or_default());
        node.raws.push(raw);
    }
    root.decode(field.name, &field.described, escape)
}

impl Node<'_> {
    fn decode(&self, name: &str, described: &Described<'_>, escape: Escape) -> Result<Candidates, Malformed> {
        if self.members.is_empty() {
            return repeated(&self.raws, described, escape);
        }
        if !self.raws.is_empty() {
            return Err(Malformed::new(format!("`{name}` has a value and members"), "OpenAPI, \"Style Values\", `deepObject`"));
        }
        let types = described.types();
        let is_index = |name: &String| name.is_empty() || name.bytes().all(|byte| byte.is_ascii_digit());
        if (types == Types::ANY || !types.has(Types::OBJECT)) && types.has(Types::ARRAY) && self.members.keys().all(is_index) {
            let mut items = Vec::new();
            for (name, member) in &self.members {
                if name.is_empty() && member.members.is_empty() {
                    // `a[]=1&a[]=2` has one item for each value.
                    for raw in &member.raws {
                        items.push(repeated(&[raw], &described.item(items.len()), escape)?);
                    }
                } else {
                    items.push(member.decode(name, &described.item(items.len()), escape)?);
                }
            }
            return Ok(Candidates::Array(items));
        }
        let member = |(name, member): (&String, &Self)| Ok((name.clone(), member.decode(name, &described.property(name), escape)?));
        Ok(Candidates::Object(self.members.iter().map(member).collect::<Result<_, Malformed>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_deep_object_are_in_brackets() {
        let cases: [(&str, Option<&[&str]>); 8] = [
            ("color[R]", Some(&["R"])),
            ("color[a][b]", Some(&["a", "b"])),
            ("color[]", Some(&[""])),
            ("color", None),
            ("color[R", None),
            ("color[R]x", None),
            ("colors[R]", None),
            ("colorR]", None),
        ];
        for (name, expected) in cases {
            assert_eq!(brackets("color", name).as_deref(), expected, "{name}");
        }
        assert_eq!(brackets("color", &format!("color{}", "[a]".repeat(1000))), None);
    }
}
