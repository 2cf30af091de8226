//! Responses: statuses, header fields and bodies.

use charter_contract::{Content, HeaderSpec, Operation, ResponseSpec, StatusRange};

use super::changes::Comparison;
use super::media;
use super::pair::{Body, OperationPair, body};
use crate::change::Verdict;
use crate::wire::{Sketch, filled};

const KINDS: [&str; 3] = ["response-header-type-generalized", "response-header-type-narrowed", "response-header-type-changed"];

impl Comparison<'_, '_, '_> {
    pub(super) fn statuses(&mut self, one: &Operation, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible};
        let id = &pair.id.clone();
        let sketch = |operation: &Operation, status: StatusRange| Sketch {
            method: operation.method.0.clone(),
            path: filled(operation),
            status: Some(sample_status(operation, status)),
            headers: operation.responses.iter().filter(|response| response.status == status).flat_map(required).collect(),
            ..Sketch::default()
        };
        // A change of a status that a wider range covers in the other contract.
        let covered =
            |this: &mut Self, pair: &mut OperationPair, kind: &str, status: StatusRange, left: &ResponseSpec, right: &ResponseSpec| {
                let added = kind == "status-added";
                let (what, wide) = if added { ("added", left.status) } else { ("removed", right.status) };
                let equal = this.is_same_response(left, right);
                let succeeds = status.is_success();
                let summary = format!("the status {status} is {what}; `{wide}` {} it", if added { "covered" } else { "covers" });
                // Without another success, `default` describes the successes of the old contract.
                let is_only = added && !one.responses.iter().any(|response| response.status.is_success());
                let corresponds = !succeeds || wide.is_success() || is_only;
                let (client, server) = match (corresponds, added) {
                    (true, _) => (Compatible, Compatible),
                    // A client that waits for the removed success never gets it.
                    (false, false) => (Breaking, if equal { Compatible } else { Breaking }),
                    (false, true) if !equal => (Breaking, Compatible),
                    (false, true) => (Compatible, Compatible),
                };
                let at = if added { (None, Some(&right.location)) } else { (Some(&left.location), None) };
                this.push_unwitnessed(kind, id, at, summary, client, server);
                // A success and an error do not correspond.
                if !equal && corresponds {
                    this.response(left, right, other, pair);
                }
            };
        for left in &one.responses {
            if let Some(right) = other.responses.iter().find(|response| response.status == left.status) {
                self.response(left, right, other, pair);
            } else if let Some(right) = covering(other, left.status) {
                covered(self, pair, "status-removed", left.status, left, right);
            } else {
                let rest: Vec<String> = other.responses.iter().filter(|right| is_within(right.status, left.status)).map(shown).collect();
                let client = if left.status.is_success() && rest.is_empty() { Breaking } else { Compatible };
                let summary = match &rest[..] {
                    [] => format!("the status {} is removed", left.status),
                    rest => format!("the status {} is removed; {} remains", left.status, rest.join(", ")),
                };
                let witness = sketch(one, left.status);
                self.push("status-removed", id, (Some(&left.location), None), summary, client, Breaking, witness);
            }
        }
        for right in &other.responses {
            if one.responses.iter().any(|response| response.status == right.status) {
                continue;
            }
            if let Some(left) = covering(one, right.status) {
                covered(self, pair, "status-added", right.status, left, right);
            } else {
                let summary = format!("the status {} is added", right.status);
                let witness = sketch(other, right.status);
                self.push("status-added", id, (None, Some(&right.location)), summary, Breaking, Compatible, witness);
            }
        }
    }

    /// Whether two responses are described in the same way, apart from descriptions.
    fn is_same_response(&self, left: &ResponseSpec, right: &ResponseSpec) -> bool {
        let content = |side: &crate::side::Side<'_>, response: &ResponseSpec| -> Vec<(String, Option<serde_json::Value>)> {
            let schema = |id: charter_contract::SchemaId| side.contract().schema(side.contract().target(id)).source().clone();
            response.content.iter().map(|(media_type, described)| (media_type.clone(), described.schema.map(schema))).collect()
        };
        content(self.old, left) == content(self.new, right) && required(left) == required(right)
    }

    fn response(&mut self, left: &ResponseSpec, right: &ResponseSpec, other: &Operation, pair: &mut OperationPair) {
        use Verdict::{Breaking, Compatible, Unknown};
        let id = &pair.id.clone();
        let locations = (Some(&left.location), Some(&right.location));
        let status = sample_status(other, right.status);
        let sketch = |media_type: Option<&String>, headers: Vec<String>| Sketch {
            method: other.method.0.clone(),
            path: filled(other),
            status: Some(status),
            media_type: media_type.map(|media_type| media::example(media_type)),
            headers,
            ..Sketch::default()
        };
        let has = |content: &Content, media_type: &str| media::is_same(content, media_type);
        for (media_type, described) in left.content.iter() {
            match media::covering(&right.content, media_type) {
                Some(new) => {
                    self.form(id, media_type, described, new, false);
                    let name = format!("{} {media_type} item", right.status);
                    pair.responses.extend(body(name, described.item_schema, new.item_schema));
                    pair.responses.extend(body(format!("{} {media_type}", right.status), described.schema, new.schema));
                    if !has(&right.content, media_type) {
                        let summary = match media::named_covering(&right.content, media_type) {
                            Some((name, _)) if !media::is_range(name) => {
                                format!(
                                    "the media type {name} of the status {} replaces {media_type}: a parameter is dropped",
                                    right.status
                                )
                            }
                            _ => format!("a range of the status {} replaces the media type {media_type}", right.status),
                        };
                        self.push_unwitnessed("response-media-type-generalized", id, locations, summary, Breaking, Compatible);
                    }
                }
                None if right.content.keys().any(|other| media::is_within(other, media_type)) => {
                    let summary = if media::is_range(media_type) {
                        format!("media types of the range {media_type} of the status {} replace the range", right.status)
                    } else {
                        format!("the media type {media_type} of the status {} has a parameter now", right.status)
                    };
                    self.push_unwitnessed("response-media-type-specialized", id, locations, summary, Compatible, Breaking);
                }
                None => {
                    let summary = format!("the media type {media_type} of the status {} is removed", right.status);
                    let witness = sketch(Some(media_type), required(left));
                    self.push("response-media-type-removed", id, locations, summary, Breaking, Breaking, witness);
                }
            }
        }
        for (media_type, described) in right.content.iter() {
            if let Some(old) = media::covering(&left.content, media_type) {
                // A range of the old contract covers it.
                if !has(&left.content, media_type) {
                    pair.responses.extend(body(format!("{} {media_type}", right.status), old.schema, described.schema));
                }
                continue;
            }
            // A range that replaces media types is reported with them.
            if left.content.keys().any(|other| media::is_within(other, media_type) && !has(&right.content, other)) {
                continue;
            }
            let summary =
                format!("the media type {media_type} of the status {} is added; clients without `Accept` may receive it", right.status);
            let witness = sketch(Some(media_type), required(right));
            self.push("response-media-type-added", id, locations, summary, Unknown, Compatible, witness);
        }
        // OpenAPI ignores the definition of `Content-Type`: the media types describe it.
        for header in left.headers.iter().filter(|header| !header.is_ignored()) {
            let found = right.headers.iter().find(|other| other.name.eq_ignore_ascii_case(&header.name));
            let at = (Some(&header.location), found.map(|found| &found.location));
            match found {
                None => {
                    let client = if header.required { Breaking } else { Compatible };
                    let summary = format!("the header field {} of the status {} is removed", header.name, right.status);
                    self.push("response-header-removed", id, at, summary, client, Compatible, sketch(None, required(right)));
                }
                Some(found) => {
                    if header.required && !found.required {
                        let summary = format!("the header field {} of the status {} is now optional", header.name, right.status);
                        self.push("response-header-optional", id, at, summary, Breaking, Compatible, sketch(None, required(right)));
                    } else if !header.required && found.required {
                        let summary = format!("the header field {} of the status {} is now required", header.name, right.status);
                        self.push("response-header-required", id, at, summary, Compatible, Breaking, sketch(None, required(left)));
                    }
                    let what = format!("the header field {} of the status {}", found.name, right.status);
                    let contents = ((&header.location, &header.content), (&found.location, &found.content));
                    let schemas = self.content(id, &what, contents.0, contents.1, false);
                    let name = format!("{} header {}", right.status, found.name);
                    pair.responses.extend(schemas.map(|(old, new)| Body { name, old, new }));
                    if let (Some(old), Some(new)) = (header.schema, found.schema)
                        && !self.texts(KINDS, id, &what, (old, new), false)
                    {
                        self.fields(id, (old, new), false, &|_, _| true);
                        pair.responses.push(Body { name: format!("{} header {}", right.status, found.name), old, new });
                    }
                }
            }
        }
        let is_new = |header: &&HeaderSpec| !left.headers.iter().any(|other| other.name.eq_ignore_ascii_case(&header.name));
        for header in right.headers.iter().filter(is_new).filter(|header| !header.is_ignored()) {
            let server = if header.required { Breaking } else { Compatible };
            let summary = format!("the header field {} of the status {} is added", header.name, right.status);
            self.push(
                "response-header-added",
                id,
                (None, Some(&header.location)),
                summary,
                Compatible,
                server,
                sketch(None, required(left)),
            );
        }
    }
}

/// The required header fields of a response.
fn required(response: &ResponseSpec) -> Vec<String> {
    response.headers.iter().filter(|header| header.required && !header.is_ignored()).map(|header| header.name.clone()).collect()
}

/// The response with a wider status range that covers a status.
fn covering(operation: &Operation, status: StatusRange) -> Option<&ResponseSpec> {
    match status {
        StatusRange::Exact(status) => operation.response_for(status),
        StatusRange::Class(_) => operation.responses.iter().find(|response| response.status == StatusRange::Default),
        StatusRange::Default => None,
    }
}

/// Whether a status is one of a class.
fn is_within(status: StatusRange, range: StatusRange) -> bool {
    matches!((status, range), (StatusRange::Exact(status), StatusRange::Class(class)) if status / 100 == u16::from(class))
}

fn shown(response: &ResponseSpec) -> String {
    response.status.to_string()
}

/// A status in a range that no narrower range covers.
fn sample_status(operation: &Operation, range: StatusRange) -> u16 {
    let free = |status: &u16| operation.response_for(*status).is_some_and(|response| response.status == range);
    match range {
        StatusRange::Exact(status) => status,
        StatusRange::Class(class) => (u16::from(class) * 100..u16::from(class) * 100 + 100).find(free).unwrap_or(u16::from(class) * 100),
        StatusRange::Default => (200..600).find(free).unwrap_or(599),
    }
}
