//! Variables of GraphQL that are secret by the arguments that they are passed to: `login(password: $p)`.

use charter_json::edit::{Edits, Node};

use super::Masker;
use super::count::Kind;
use super::detect::Found;
use super::named::{Assignment, Ends};
use super::names::{Place, Reach};

/// The most variables of a query.
const MOST: usize = 8;

impl Masker {
    /// The variables of a query whose arguments have secret names.
    pub(super) fn secret_variables<'q>(&self, query: &'q str) -> Vec<&'q str> {
        let mut found = Vec::new();
        for at in memchr::memchr_iter(b'$', query.as_bytes()) {
            let before = query[..at].trim_end_matches([' ', '\t', '\n', '\r', '+']);
            let Some(before) = before.strip_suffix(':') else { continue };
            let argument = &before[before.rfind(|character: char| !is_part(character)).map_or(0, |end| end + 1)..];
            let variable = &query[at + 1..];
            let variable = &variable[..variable.find(|character: char| !is_part(character)).unwrap_or(variable.len())];
            let is_secret = !variable.is_empty() && self.names.reach(argument, Place::Member).is_some_and(Reach::is_certain);
            if is_secret && !found.contains(&variable) && found.len() < MOST {
                found.push(variable);
            }
        }
        found
    }

    /// Masks the JSON of variables that are secret by the query; `None` if nothing was masked.
    pub(crate) fn masked_variables(&self, query: &str, variables: &str) -> Option<String> {
        let secret = self.secret_variables(query);
        let root = Node::parse(variables).filter(|_| !secret.is_empty())?;
        let mut edits = Edits::default();
        for name in secret {
            if let Some((value, masked)) = root.get(name).and_then(|value| Some((value, self.secret(value.as_str()?)?))) {
                edits.set(value.range.clone(), &masked);
            }
        }
        (!edits.is_empty()).then(|| edits.apply(variables))
    }

    /// The defaults of such variables, and their values in JSON: `query=…&variables={"p": "…"}`.
    pub(super) fn variables(&self, text: &str, out: &mut Found) {
        if memchr::memchr(b'$', text.as_bytes()).is_none() {
            return;
        }
        for variable in self.secret_variables(text) {
            for name in [format!("${variable}"), format!("\"{variable}\"")] {
                let (mut ends, mut read) = (Ends::default(), 0);
                for at in memchr::memmem::find_iter(text.as_bytes(), name.as_bytes()) {
                    let after = at + name.len();
                    if at < read || text[after..].starts_with(is_part) {
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

fn is_part(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '_'
}
