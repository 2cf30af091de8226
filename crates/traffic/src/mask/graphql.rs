//! Variables of GraphQL that are secret by the arguments that they are passed to: `login(password: $p)`.

use charter_json::edit::{Edits, Node, NodeKind};

use super::Masker;
use super::count::Kind;
use super::detect::{Context, Found};
use super::known::Known;
use super::list::items_after;
use super::named::{Assignment, Ends};
use super::names::{Place, Reach, describes};

/// The most variables of a query.
const MOST: usize = 32;

impl Masker {
    /// The variables of a query whose arguments have secret names, and how much of their values is secret.
    pub(super) fn secret_variables<'q>(&self, query: &'q str) -> Vec<(&'q str, Reach)> {
        let mut found: Vec<(&str, Reach)> = Vec::new();
        for at in memchr::memchr_iter(b'$', query.as_bytes()) {
            let before = query[..at].trim_end_matches([' ', '\t', '\n', '\r', '+']);
            let Some(before) = before.strip_suffix(':') else { continue };
            let argument = &before[before.rfind(|character: char| !is_part(character)).map_or(0, |end| end + 1)..];
            let variable = &query[at + 1..];
            let variable = &variable[..variable.find(|character: char| !is_part(character)).unwrap_or(variable.len())];
            let reach = self.names.reach(argument, Place::Member).filter(|reach| reach.is_certain() && !variable.is_empty());
            if let Some(reach) = reach.filter(|_| !found.iter().any(|(known, _)| *known == variable) && found.len() < MOST) {
                found.push((variable, reach));
            }
        }
        found
    }

    /// Masks the JSON of variables that are secret by the query; `None` if nothing was masked.
    pub(crate) fn masked_variables(&self, query: &str, variables: &str) -> Option<String> {
        let secret = self.secret_variables(query);
        let root = Node::parse(variables).filter(|_| !secret.is_empty())?;
        let mut edits = Edits::default();
        for (name, reach) in secret {
            let mut parts = Vec::new();
            root.get(name).into_iter().for_each(|value| secret_parts(value, reach, &mut parts));
            for (value, masked) in parts.into_iter().filter_map(|value| Some((value, self.secret(value.as_str()?)?))) {
                edits.set(value.range.clone(), &masked);
            }
        }
        (!edits.is_empty()).then(|| edits.apply(variables))
    }

    /// Masks the variables of a request that are a text of JSON; `None` if they are not, or the query has no secret variable.
    pub(super) fn text_variables(&self, request: &Node<'_>, variables: &Node<'_>, known: &Known, context: Context) -> Option<String> {
        let masked = self.masked_variables(request.get("query")?.as_str()?, variables.as_str()?)?;
        Some(self.text_at(&masked, known, context).unwrap_or(masked))
    }

    /// The defaults of such variables, and their values in JSON: `query=…&variables={"p": "…"}`.
    pub(super) fn variables(&self, text: &str, out: &mut Found) {
        if memchr::memchr(b'$', text.as_bytes()).is_none() {
            return;
        }
        for (variable, _) in self.secret_variables(text) {
            for name in [format!("${variable}"), format!("\"{variable}\"")] {
                let (mut ends, mut read) = (Ends::default(), 0);
                for at in memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()) {
                    let after = at + name.len();
                    if at < read || text[after..].starts_with(is_part) {
                        continue;
                    }
                    if let Some((items, end)) = items_after(text, after) {
                        read = end;
                        items.into_iter().for_each(|item| self.item(text, item, out));
                        continue;
                    }
                    let value = Assignment::after(text, after, false, false, &mut ends).filter(|assignment| assignment.is_quoted);
                    if let Some(Assignment { value, .. }) = value.filter(|assignment| !assignment.value.is_empty()) {
                        let secret = self.secret(&text[value.clone()]);
                        read = value.end;
                        out.add_secret(value, secret, Kind::Member);
                    }
                }
            }
        }
    }
}

/// The strings and numbers of a value that are secret: those of its lists, and those of its members if the name is one of several secrets.
pub(super) fn secret_parts<'n, 't>(value: &'n Node<'t>, reach: Reach, out: &mut Vec<&'n Node<'t>>) {
    match &value.kind {
        NodeKind::Array(items) => items.iter().for_each(|item| secret_parts(item, reach, out)),
        NodeKind::Object(members) if reach == Reach::Strings => {
            let secret = members.iter().filter(|(name, _)| !name.as_str().is_some_and(describes));
            secret.for_each(|(_, value)| secret_parts(value, reach, out));
        }
        NodeKind::String(_) | NodeKind::Number => out.push(value),
        NodeKind::Object(_) | NodeKind::Literal => {}
    }
}

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}
