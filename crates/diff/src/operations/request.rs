//! Requests: their parameters and bodies.

use charter_contract::{Operation, Parameter, ParameterPlace};
use indexmap::IndexMap;
use serde_json::json;

use super::{Body, Found, OperationPair, body, named, with_needs};
use crate::change::Verdict;
use crate::wire::Sketch;

impl Found<'_, '_, '_> {
    pub(super) fn parameters(&mut self, one: &Operation, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible, Unknown};
        let id = &pair.id.clone();
        let key = |parameter: &Parameter, operation: &Operation| match parameter.place {
            // Parameters of a path are told by where they stand in it.
            ParameterPlace::Path => {
                let name = format!("{{{}}}", parameter.name);
                let mut segments = operation.path.0.split('/').filter(|segment| segment.starts_with('{'));
                format!("path.{}", segments.position(|segment| segment == name).unwrap_or(usize::MAX))
            }
            ParameterPlace::Header => named(parameter).to_lowercase(),
            _ => named(parameter),
        };
        let map = |operation: &Operation| -> IndexMap<String, Parameter> {
            operation.parameters.iter().map(|parameter| (key(parameter, operation), parameter.clone())).collect()
        };
        let (before, after) = (map(one), map(other));
        let mut gone: Vec<&Parameter> =
            before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, parameter)| parameter).collect();
        let mut fresh: Vec<&Parameter> =
            after.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, parameter)| parameter).collect();
        // The same name in another place, then one that looks renamed.
        for moved in gone.clone() {
            let same_name = fresh.iter().position(|parameter| parameter.name == moved.name);
            let alone = gone.len() == 1 && fresh.len() == 1 && fresh[0].place == moved.place && fresh[0].required == moved.required;
            let Some(index) = same_name.or(alone.then_some(0)) else { continue };
            let to = fresh.remove(index);
            gone.retain(|parameter| !std::ptr::eq(*parameter, moved));
            let (kind, summary) = if to.name == moved.name {
                ("parameter-moved", format!("the parameter `{}` has become `{}`", named(moved), named(to)))
            } else {
                ("parameter-renamed", format!("the parameter `{}` looks renamed to `{}`", named(moved), named(to)))
            };
            let sketch = with_needs(self.old, one);
            self.push(kind, id, (Some(&moved.location), Some(&to.location)), summary, Breaking, Breaking, Some(sketch));
        }
        for parameter in gone {
            let summary = format!("the parameter `{}` is gone: sending it may be refused or do nothing", named(parameter));
            self.push("parameter-removed", id, (Some(&parameter.location), None), summary, Unknown, Compatible, None);
        }
        for parameter in fresh {
            let (needed, client) = if parameter.required { ("required", Breaking) } else { ("optional", Compatible) };
            let summary = format!("the {needed} parameter `{}` is new", named(parameter));
            let sketch = with_needs(self.old, one);
            let kind = if parameter.required { "required-parameter-added" } else { "optional-parameter-added" };
            self.push(kind, id, (None, Some(&parameter.location)), summary, client, Breaking, Some(sketch));
        }
        for (key, left) in &before {
            let Some(right) = after.get(key) else { continue };
            let places = (Some(&left.location), Some(&right.location));
            match (left.required, right.required) {
                (false, true) if left.place != ParameterPlace::Path => {
                    let summary = format!("the parameter `{}` is required now", named(right));
                    let sketch = with_needs(self.old, one);
                    self.push("parameter-required", id, places, summary, Breaking, Compatible, Some(sketch));
                }
                (true, false) if left.place != ParameterPlace::Path => {
                    let summary = format!("the parameter `{}` may be left out now", named(right));
                    let sketch = with_needs(self.new, other);
                    self.push("parameter-optional", id, places, summary, Compatible, Breaking, Some(sketch));
                }
                _ => {}
            }
            if let (Some(old), Some(new)) = (left.schema, right.schema) {
                pair.requests.push(Body { name: named(right), old, new });
            }
        }
    }

    pub(super) fn request_body(&mut self, one: &Operation, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible, Unknown};
        let id = &pair.id.clone();
        match (&one.request_body, &other.request_body) {
            (None, None) => {}
            (None, Some(body)) => {
                let (kind, needed, client) = if body.required {
                    ("required-request-body-added", "required ", Breaking)
                } else {
                    ("optional-request-body-added", "optional ", Compatible)
                };
                let sketch = with_needs(if body.required { self.old } else { self.new }, if body.required { one } else { other });
                self.push(kind, id, (None, Some(&body.location)), format!("a {needed}body is new"), client, Breaking, Some(sketch));
            }
            (Some(body), None) => {
                let summary = "no body is described any more: sending one may be refused or do nothing".to_owned();
                self.push(
                    "request-body-removed",
                    id,
                    (Some(&body.location), None),
                    summary,
                    Unknown,
                    Compatible,
                    Some(with_needs(self.old, one)),
                );
            }
            (Some(left), Some(right)) => {
                let places = (Some(&left.location), Some(&right.location));
                if left.required != right.required {
                    let (kind, summary, client, server, sketch) = if right.required {
                        ("request-body-required", "a body must be sent now", Breaking, Compatible, with_needs(self.old, one))
                    } else {
                        ("request-body-optional", "the body may be left out now", Compatible, Breaking, with_needs(self.new, other))
                    };
                    self.push(kind, id, places, summary.to_owned(), client, server, Some(sketch));
                }
                for (media_type, schema) in &left.content {
                    match right.content.get(media_type) {
                        Some(new) => pair.requests.extend(body(format!("request {media_type}"), *schema, *new)),
                        None => {
                            let sample = schema.and_then(|schema| crate::witness::minimal(self.old, schema)).unwrap_or(json!({}));
                            let sketch = Sketch { media_type: Some(media_type.clone()), body: Some(sample), ..with_needs(self.old, one) };
                            let summary = format!("a body of {media_type} is not taken any more");
                            self.push("request-media-type-removed", id, places, summary, Breaking, Compatible, Some(sketch));
                        }
                    }
                }
                for (media_type, schema) in right.content.iter().filter(|(media_type, _)| !left.content.contains_key(*media_type)) {
                    let sample = schema.and_then(|schema| crate::witness::minimal(self.new, schema)).unwrap_or(json!({}));
                    let sketch = Sketch { media_type: Some(media_type.clone()), body: Some(sample), ..with_needs(self.new, other) };
                    self.push(
                        "request-media-type-added",
                        id,
                        places,
                        format!("a body of {media_type} is taken, too"),
                        Compatible,
                        Breaking,
                        Some(sketch),
                    );
                }
            }
        }
    }
}
