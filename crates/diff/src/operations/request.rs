//! Requests: their parameters and bodies.

use std::collections::BTreeSet;

use charter_contract::{Contract, JsonType, Operation, Parameter, ParameterPlace, RequestBody, Style};
use indexmap::IndexMap;
use serde_json::json;

use super::changes::Comparison;
use super::media;
use super::pair::{Body, OperationPair, body};
use super::sketch::{minimal_request, named};
use crate::change::Verdict;
use crate::wire::Sketch;

const KINDS: [&str; 3] = ["parameter-type-generalized", "parameter-type-narrowed", "parameter-type-changed"];

impl Comparison<'_, '_, '_> {
    pub(super) fn parameters(&mut self, one: &Operation, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible, Unknown};
        let id = &pair.id.clone();
        let key = |parameter: &Parameter, operation: &Operation| match parameter.place {
            // Path parameters correspond by position.
            ParameterPlace::Path => {
                let name = format!("{{{}}}", parameter.name);
                let mut segments = operation.path.0.split('/').filter(|segment| segment.starts_with('{'));
                format!("path.{}", segments.position(|segment| segment == name).unwrap_or(usize::MAX))
            }
            ParameterPlace::Header => named(parameter).to_lowercase(),
            _ => named(parameter),
        };
        let map = |operation: &Operation| -> IndexMap<String, Parameter> {
            let described = operation.parameters.iter().filter(|parameter| !parameter.is_ignored());
            described.map(|parameter| (key(parameter, operation), parameter.clone())).collect()
        };
        let (before, after) = (map(one), map(other));
        let mut removed: Vec<&Parameter> =
            before.iter().filter(|(key, _)| !after.contains_key(*key)).map(|(_, parameter)| parameter).collect();
        let mut added: Vec<&Parameter> =
            after.iter().filter(|(key, _)| !before.contains_key(*key)).map(|(_, parameter)| parameter).collect();
        // A parameter of the same name in another location, else a possible rename.
        for moved in removed.clone() {
            let same_name = added.iter().position(|parameter| parameter.name == moved.name);
            let alone = removed.len() == 1 && added.len() == 1 && added[0].place == moved.place && added[0].required == moved.required;
            let Some(index) = same_name.or(alone.then_some(0)) else { continue };
            let to = added.remove(index);
            removed.retain(|parameter| !std::ptr::eq(*parameter, moved));
            let (kind, summary) = if to.name == moved.name {
                ("parameter-moved", format!("the parameter `{}` is moved to `{}`", named(moved), named(to)))
            } else {
                ("parameter-renamed", format!("the parameter `{}` may be renamed to `{}`", named(moved), named(to)))
            };
            let sketch = minimal_request(self.old, one);
            self.push(kind, id, (Some(&moved.location), Some(&to.location)), summary, Breaking, Breaking, sketch);
        }
        for parameter in removed {
            let (client, server, effect) = match (self.is_sent, parameter.required) {
                (false, _) => (Unknown, Compatible, "the server may refuse or ignore it"),
                // The receiver of a webhook or callback may rely on what is always sent.
                (true, true) => (Compatible, Breaking, "the receiver may rely on it"),
                (true, false) => (Compatible, Compatible, "it was optional"),
            };
            let summary = format!("the parameter `{}` is removed; {effect}", named(parameter));
            self.push_unwitnessed("parameter-removed", id, (Some(&parameter.location), None), summary, client, server);
        }
        for parameter in added {
            let (needed, client) = if parameter.required { ("required", Breaking) } else { ("optional", Compatible) };
            let summary = format!("the {needed} parameter `{}` is added", named(parameter));
            let sketch = minimal_request(self.old, one);
            let kind = if parameter.required { "required-parameter-added" } else { "optional-parameter-added" };
            // The receiver of a webhook or callback ignores what its contract does not describe.
            let server = if self.is_sent { Compatible } else { Breaking };
            self.push(kind, id, (None, Some(&parameter.location)), summary, client, server, sketch);
        }
        for (key, left) in &before {
            let Some(right) = after.get(key) else { continue };
            let locations = (Some(&left.location), Some(&right.location));
            match (left.required, right.required) {
                (false, true) if left.place != ParameterPlace::Path => {
                    let summary = format!("the parameter `{}` is now required", named(right));
                    let sketch = minimal_request(self.old, one);
                    self.push("parameter-required", id, locations, summary, Breaking, Compatible, sketch);
                }
                (true, false) if left.place != ParameterPlace::Path => {
                    let summary = format!("the parameter `{}` is now optional", named(right));
                    let sketch = minimal_request(self.new, other);
                    self.push("parameter-optional", id, locations, summary, Compatible, Breaking, sketch);
                }
                _ => {}
            }
            let written = |parameter: &Parameter| (parameter.style, parameter.explode, parameter.allows_reserved, parameter.allows_empty);
            if written(left) != written(right) {
                let types = |side: &crate::side::Side<'_>, parameter: &Parameter| {
                    parameter.schema.map(|id| side.contract().types_of(id)).unwrap_or_default()
                };
                let composite = |type_: &JsonType| matches!(type_, JsonType::Array | JsonType::Object);
                let (before, after) = (types(self.old, left), types(self.new, right));
                let has_scalars = |types: &BTreeSet<JsonType>| !types.is_empty() && !types.iter().any(composite);
                // A scalar that becomes a list has another type, whose effect is judged.
                let is_scalar = !before.iter().chain(&after).any(composite) || has_scalars(&before) || has_scalars(&after);
                let is_plain = |style: Style| matches!(style, Style::Simple | Style::Form);
                // One value has the same text with and without `explode`.
                let same_text = is_scalar && is_plain(left.style) && is_plain(right.style);
                let is_rewritten = (left.style, left.explode) != (right.style, right.explode) && !same_text;
                // Reserved characters have the same meaning with and without percent-encoding.
                let (client, server) = match (left.allows_empty, right.allows_empty) {
                    _ if is_rewritten => (Breaking, Breaking),
                    (false, true) => (Compatible, Breaking),
                    (true, false) => (Breaking, Compatible),
                    _ => (Compatible, Compatible),
                };
                let shown = |parameter: &Parameter| {
                    let mut text = format!("style {}, explode {}", parameter.style.as_str(), parameter.explode);
                    if left.allows_empty != right.allows_empty {
                        text.push_str(&format!(", allowEmptyValue {}", parameter.allows_empty));
                    }
                    if left.allows_reserved != right.allows_reserved {
                        text.push_str(&format!(", allowReserved {}", parameter.allows_reserved));
                    }
                    text
                };
                let summary = format!("the parameter `{}` is written in {}, previously {}", named(right), shown(right), shown(left));
                self.push_unwitnessed("parameter-serialisation-changed", id, locations, summary, client, server);
            }
            let what = format!("the parameter `{}`", named(right));
            if let (Some(old), Some(new)) = (left.schema, right.schema) {
                if self.texts(KINDS, id, &what, (old, new), true) {
                    continue;
                }
                self.fields(id, (old, new), true, &|_, _| true);
            }
            let contents = ((&left.location, &left.content), (&right.location, &right.content));
            let schemas = self.content(id, &what, contents.0, contents.1, true);
            pair.requests.extend(schemas.map(|(old, new)| Body { name: named(right), old, new }));
            if let (Some(old), Some(new)) = (left.schema, right.schema) {
                pair.requests.push(Body { name: named(right), old, new });
            }
        }
    }

    pub(super) fn request_body(&mut self, one: &Operation, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible};
        let id = &pair.id.clone();
        match (&one.request_body, &other.request_body) {
            (None, None) => {}
            (None, Some(body)) => {
                let (kind, needed, client) = if body.required {
                    ("required-request-body-added", "required ", Breaking)
                } else {
                    ("optional-request-body-added", "optional ", Compatible)
                };
                let sketch = minimal_request(if body.required { self.old } else { self.new }, if body.required { one } else { other });
                let server = if self.is_sent { Compatible } else { Breaking };
                self.push(kind, id, (None, Some(&body.location)), format!("a {needed}request body is added"), client, server, sketch);
            }
            (Some(body), None) => {
                let (client, server, effect) = match (self.is_sent, body.required) {
                    (false, _) => (Breaking, Compatible, "the server refuses or ignores it"),
                    (true, true) => (Compatible, Breaking, "the receiver may rely on it"),
                    (true, false) => (Compatible, Compatible, "it was optional"),
                };
                let summary = format!("the request body is removed; {effect}");
                self.push(
                    "request-body-removed",
                    id,
                    (Some(&body.location), None),
                    summary,
                    client,
                    server,
                    minimal_request(self.old, one),
                );
            }
            (Some(left), Some(right)) => {
                let locations = (Some(&left.location), Some(&right.location));
                // The form of Swagger 2.0 is required if one of its parameters is, which is a change of its own.
                let is_form = |contract: &Contract, body: &RequestBody| {
                    let documents = contract.documents();
                    let is_swagger = documents.value(body.location.document()).is_some_and(|document| document.get("swagger").is_some());
                    is_swagger
                        && body.content.iter().any(|(_, described)| {
                            described.schema.is_some_and(|id| contract.schema(id).location.pointer().contains("/requestBody/content/"))
                        })
                };
                let are_forms = is_form(self.old.contract(), left) && is_form(self.new.contract(), right);
                if left.required != right.required && !are_forms {
                    let (kind, summary, client, server, sketch) = if right.required {
                        ("request-body-required", "the request body is now required", Breaking, Compatible, minimal_request(self.old, one))
                    } else {
                        (
                            "request-body-optional",
                            "the request body is now optional",
                            Compatible,
                            Breaking,
                            minimal_request(self.new, other),
                        )
                    };
                    self.push(kind, id, locations, summary.to_owned(), client, server, sketch);
                }
                for (media_type, described) in left.content.iter() {
                    match media::covering(&right.content, media_type) {
                        Some(new) => {
                            self.form(id, media_type, described, new, true);
                            let name = format!("request {media_type} item");
                            pair.requests.extend(body(name, described.item_schema, new.item_schema));
                            pair.requests.extend(body(format!("request {media_type}"), described.schema, new.schema));
                        }
                        None => {
                            let sample = described.schema.and_then(|schema| crate::witness::minimal(self.old, schema)).unwrap_or(json!({}));
                            let example = Some(media::example(media_type));
                            let sketch = Sketch { media_type: example, body: Some(sample), ..minimal_request(self.old, one) };
                            let summary = format!("the media type {media_type} of the request is removed");
                            self.push("request-media-type-removed", id, locations, summary, Breaking, Compatible, sketch);
                        }
                    }
                }
                let is_new = |media_type: &str| media::covering(&left.content, media_type).is_none();
                for (media_type, described) in right.content.iter() {
                    if !is_new(media_type) {
                        // A range of the old contract covers it.
                        if !media::is_same(&left.content, media_type)
                            && let Some(old) = media::covering(&left.content, media_type)
                        {
                            pair.requests.extend(body(format!("request {media_type}"), old.schema, described.schema));
                        }
                        continue;
                    }
                    let sample = described.schema.and_then(|schema| crate::witness::minimal(self.new, schema)).unwrap_or(json!({}));
                    let sketch =
                        Sketch { media_type: Some(media::example(media_type)), body: Some(sample), ..minimal_request(self.new, other) };
                    self.push(
                        "request-media-type-added",
                        id,
                        locations,
                        format!("the media type {media_type} of the request is added"),
                        Compatible,
                        Breaking,
                        sketch,
                    );
                }
            }
        }
    }
}
