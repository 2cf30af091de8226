//! Projections of objects whose values a program locates.

use super::evaluate::Json;
use super::project::{Projection, write_text};

/// A projection of an object whose values a program locates.
#[derive(Debug)]
pub(super) struct LocatedProjection {
    /// In the order of their keys.
    members: Vec<LocatedMember>,
}

#[derive(Debug)]
struct LocatedMember {
    key: String,
    slot: usize,
    /// The parts of its value.
    projection: Projection,
    /// The same, if the value is an object and a program locates its parts.
    located: Option<LocatedProjection>,
}

impl Projection {
    /// The projection by the slots of its values. `path` are the keys that lead to it. `None` if a value has no slot or a part is not located by keys.
    pub(super) fn located<'p>(&'p self, path: &mut Vec<&'p str>, slot_of: &dyn Fn(&[&str]) -> Option<usize>) -> Option<LocatedProjection> {
        if self.whole || self.compared || self.items.is_some() || self.keys.is_empty() {
            return None;
        }
        let mut members = Vec::new();
        for (key, part) in &self.keys {
            path.push(key);
            let slot = slot_of(path);
            let located = part.located(path, slot_of);
            path.pop();
            members.push(LocatedMember { key: key.clone(), slot: slot?, projection: part.clone(), located });
        }
        Some(LocatedProjection { members })
    }
}

/// Ends each value that [`LocatedProjection::write_values`] writes. No JSON text has this character.
pub(super) const END: char = '\u{1}';

impl LocatedProjection {
    /// Writes the values of the members that [`Projection::write`] writes of an object, without their keys. `value_of` returns the text of the value of a
    /// slot.
    pub(super) fn write_values<'t>(&self, value_of: &dyn Fn(usize) -> Option<&'t str>, out: &mut String) {
        for LocatedMember { slot, projection, located, .. } in &self.members {
            match (value_of(*slot), located) {
                (None, _) => out.push(END),
                (Some(text), Some(located)) if text.starts_with('{') => {
                    out.push('{');
                    out.push(END);
                    located.write_values(value_of, out);
                }
                (Some(text), _) => {
                    projection.write(Json::Raw(text), out);
                    out.push(END);
                }
            }
        }
    }

    /// Writes what [`Projection::write`] writes of an object, from its values. `None` if values are missing.
    pub(super) fn write<'t>(&self, values: &mut impl Iterator<Item = &'t str>, out: &mut String) -> Option<()> {
        out.push('{');
        let start = out.len();
        for LocatedMember { key, located, .. } in &self.members {
            let value = values.next()?;
            if value.is_empty() {
                continue;
            }
            out.push_str(if out.len() == start { "" } else { "," });
            write_text(key, out);
            out.push(':');
            match located {
                Some(located) if value == "{" => located.write(values, out)?,
                _ => out.push_str(value),
            }
        }
        out.push('}');
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use serde_json::json;

    use super::*;
    use crate::judge::project::tests::rule_of;

    #[test]
    fn a_located_projection_writes_the_same_text() {
        let mut projection = Projection::default();
        projection.read(&rule_of("self.output == oldSelf.output && has(oldSelf.a.b) && self.id != ''"));
        let paths: [&[&str]; 4] = [&["output"], &["a"], &["a", "b"], &["id"]];
        let located = projection.located(&mut Vec::new(), &|path| paths.iter().position(|known| *known == path)).expect("slots");
        for body in [
            json!({"output": {"x": [1.5, 2]}, "a": {"c": 1, "b": null}, "id": "i", "more": 1}),
            json!({"a": [1], "id": "a\"b"}),
            json!({"a": "x"}),
        ] {
            let texts: HashMap<usize, String> = (0..paths.len())
                .filter_map(|slot| Some((slot, body.pointer(&format!("/{}", paths[slot].join("/")))?.to_string())))
                .collect();
            let (mut values, mut text) = (String::new(), String::new());
            located.write_values(&|slot| texts.get(&slot).map(String::as_str), &mut values);
            let mut parts = values.split(END);
            located.write(&mut parts, &mut text).expect("every value");
            assert_eq!(text, projection.of((&body).into()));
            assert_eq!(parts.collect::<Vec<_>>(), [""], "each value is read");
            let cut = values.trim_end_matches(END).rsplit_once(END).map_or("", |(cut, _)| cut);
            assert!(located.write(&mut cut.split(END), &mut text).is_none());
        }
        assert!(projection.located(&mut Vec::new(), &|_| None).is_none());
    }
}
