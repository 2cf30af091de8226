//! The verdict for each member that only the comparison of documents judges.

use charter_contract::objects::{Object, is_extension};
use serde_json::Value;

use super::walk::Difference;
use super::{discriminator, encoding};
use crate::change::Verdict::{self, Breaking, Compatible, Unknown};
use crate::operations::{Relation, relation};

/// How a difference is reported.
pub(super) enum Class {
    /// It has no effect on messages.
    Note(&'static str, String),
    /// It is judged here.
    Change { kind: &'static str, client: Verdict, server: Verdict, summary: String },
    /// An `xml` object, which has an effect on bodies in XML.
    Xml(String),
    /// A member of a security scheme, which has an effect if a requirement names the scheme.
    SecurityScheme(String),
    /// No comparison judges it.
    NotCompared(String),
}

/// The class of a difference that the semantic comparison does not judge. `compared` says whether it has compared the schema, and
/// `ignored` whether the member is next to a `$ref` that hides it.
pub(super) fn classify(difference: &Difference<'_>, compared: bool, ignored: bool) -> Class {
    let member = difference.member.as_str();
    let (added, removed) = (difference.before.is_none(), difference.after.is_none());
    let what = match (added, removed) {
        (true, false) => "is added",
        (false, true) => "is removed",
        _ => "is changed",
    };
    let name = if difference.is_entry {
        let location = if added { &difference.new } else { &difference.old };
        format!("`{}` of `{member}`", location.last_token().unwrap_or_default())
    } else {
        format!("`{member}`")
    };
    let summary = || format!("{name} {what}");
    let note = |kind: &'static str| Class::Note(kind, summary());
    let change = |kind: &'static str, client: Verdict, server: Verdict| Class::Change { kind, client, server, summary: summary() };
    if member == "x-extensible-enum" {
        // A removed value is refused or never sent; clients of an extensible enumeration expect additional values.
        let values = |value: Option<&Value>| value.and_then(Value::as_array).cloned().unwrap_or_default();
        let (before, after) = (values(difference.before), values(difference.after));
        let verdict = if before.iter().all(|value| after.contains(value)) { Compatible } else { Breaking };
        return change("extensible-enum-changed", verdict, verdict);
    }
    if member == "x-sunset" && difference.object != Object::Schema {
        // Clients plan for the date: an earlier one, or none, takes time from them.
        let date = |value: Option<&Value>| value.and_then(Value::as_str).map(str::to_owned);
        let is_later = match (date(difference.before), date(difference.after)) {
            (None, _) => true,
            (Some(before), Some(after)) => after >= before,
            (Some(_), None) => false,
        };
        let verdict = if is_later { Compatible } else { Unknown };
        return change("sunset-changed", verdict, Compatible);
    }
    if is_extension(member) {
        return note("extension-changed");
    }
    if difference.object == Object::Example {
        return note("example-changed");
    }
    // The parts of an object are those of the target of a reference in the other document.
    let refers = |owner: &Value| owner.get("$ref").is_some_and(Value::is_string);
    if difference.object != Object::Schema && (added && refers(difference.owners.0) || removed && refers(difference.owners.1)) {
        return note("reference-changed");
    }
    match (difference.object, member) {
        (_, "description" | "summary" | "externalDocs" | "$comment" | "title") => note("description-changed"),
        (_, "example" | "examples") => note("example-changed"),
        (_, "tags") => note("tags-changed"),
        _ if ignored => Class::Note("written-differently", format!("{} next to `$ref`, which hides it in this version", summary())),
        (_, "xml") => Class::Xml(summary()),
        (Object::Schema, _) => schema(difference, compared, &summary),
        (_, "$ref") => note("reference-changed"),
        (_, "deprecated") => {
            note(if removed || difference.after == Some(&Value::Bool(false)) { "deprecated-removed" } else { "deprecated-added" })
        }
        // Swagger 2.0. The comparison of operations judges the media types and the values of parameters.
        (Object::Document | Object::Operation, "consumes" | "produces") => note("written-differently"),
        (Object::Parameter, "name" | "in") => note("written-differently"),
        (Object::Parameter | Object::Header, member) if is_value_keyword(member) && !compared => Class::NotCompared(summary()),
        (Object::Parameter | Object::Header, member) if is_value_keyword(member) => note(if member == "format" {
            "format-changed"
        } else if member == "default" {
            "default-changed"
        } else {
            "written-differently"
        }),
        (Object::RequestBody | Object::Response, "content") if counterpart(difference).is_some() => note("written-differently"),
        (Object::Parameter | Object::Header, "content") if difference.is_entry => {
            let is_request = difference.object == Object::Parameter || is_in_request(difference);
            let (client, server) = match (counterpart(difference), is_request) {
                (Some(Relation::Same), _) => return note("written-differently"),
                (Some(Relation::Wider), true) | (Some(Relation::Narrower), false) => (Compatible, Breaking),
                (Some(Relation::Narrower), true) | (Some(Relation::Wider), false) => (Breaking, Compatible),
                (None, _) => (Unknown, Unknown),
            };
            change("parameter-content-changed", client, server)
        }
        (Object::Document, "info") => note("info-changed"),
        (Object::Document, "openapi" | "swagger" | "$self") => note("version-changed"),
        (Object::Document | Object::Operation, "security") => note("security-written-differently"),
        (Object::Document, "webhooks") => change(
            match (added, removed) {
                (true, _) => "webhook-added",
                (_, true) => "webhook-removed",
                _ => "webhook-changed",
            },
            if added { Compatible } else { Breaking },
            Compatible,
        ),
        (Object::Operation, "callbacks") | (Object::Callback, _) => change(
            match (added, removed) {
                (true, _) => "callback-added",
                (_, true) => "callback-removed",
                _ => "callback-changed",
            },
            if added { Compatible } else { Breaking },
            Compatible,
        ),
        (Object::Components, "securitySchemes") | (Object::Document, "securityDefinitions") if difference.is_entry => {
            // Only the requirements of operations have an effect, and they are compared.
            note(if added { "security-scheme-added" } else { "security-scheme-removed" })
        }
        (Object::Components, _) | (Object::Document, "components" | "definitions" | "parameters" | "responses") => {
            note(if removed { "component-removed" } else { "component-added" })
        }
        (Object::SecurityScheme, _) => Class::SecurityScheme(summary()),
        (Object::PathItem, _) if difference.at.1.tokens().any(|token| token == "callbacks") => {
            change(if added { "callback-added" } else { "callback-removed" }, if added { Compatible } else { Breaking }, Compatible)
        }
        (Object::PathItem, _) if difference.at.1.pointer().starts_with("/webhooks/") => {
            change(if added { "webhook-added" } else { "webhook-removed" }, if added { Compatible } else { Breaking }, Compatible)
        }
        // The names of header fields are case-insensitive.
        (Object::Response | Object::Encoding, "headers") if !added && !removed => note("written-differently"),
        (Object::Parameter | Object::Header, "content" | "schema") => change("parameter-content-changed", Unknown, Unknown),
        (Object::Header, "style" | "explode") => change("header-serialisation-changed", Unknown, Unknown),
        (Object::Parameter, "style" | "explode" | "allowReserved" | "allowEmptyValue" | "collectionFormat") => note("written-differently"),
        (Object::Parameter | Object::Header, "required") => note("written-differently"),
        (Object::Encoding, "contentType") if !added && !removed => {
            let (loses, gains) = content_types(difference);
            let verdict = |is: bool| if is { Breaking } else { Compatible };
            let (client, server) = if is_in_request(difference) { (loses, gains) } else { (gains, loses) };
            match (loses, gains) {
                (false, false) => note("written-differently"),
                _ => change("encoding-changed", verdict(client), verdict(server)),
            }
        }
        (Object::MediaType, "encoding" | "prefixEncoding" | "itemEncoding") | (Object::Encoding, _) => {
            change("encoding-changed", Unknown, Unknown)
        }
        (Object::MediaType, "schema" | "itemSchema") => {
            // Without a schema, every body is allowed.
            let (client, server) = match (added, removed, is_in_request(difference)) {
                (true, _, true) | (_, true, false) => (Breaking, Compatible),
                (true, _, false) | (_, true, true) => (Compatible, Breaking),
                _ => (Unknown, Unknown),
            };
            change("body-schema-changed", client, server)
        }
        (Object::Response, "links") | (Object::Link, _) => {
            change(if added { "link-added" } else { "link-changed" }, if added { Compatible } else { Unknown }, Compatible)
        }
        // The comparison of operations judges each parameter by its name.
        (Object::PathItem | Object::Operation, "parameters") => note("written-differently"),
        _ => Class::NotCompared(summary()),
    }
}

fn schema(difference: &Difference<'_>, compared: bool, summary: &dyn Fn() -> String) -> Class {
    let member = difference.member.as_str();
    match member {
        "discriminator" => {
            let meanings = discriminator::meaning(difference.owners.0).zip(discriminator::meaning(difference.owners.1));
            if meanings.as_ref().is_some_and(|(before, after)| before == after) {
                return Class::Note("written-differently", format!("{}; each value has the same schema", summary()));
            }
            let gains = meanings.is_some_and(|(before, after)| after.gains(&before));
            let verdict = if difference.before.is_none() || gains { Compatible } else { Unknown };
            Class::Change { kind: "discriminator-changed", client: verdict, server: verdict, summary: summary() }
        }
        "contentEncoding" | "contentMediaType" if encoding::is_same(difference.owners.0, difference.owners.1) => {
            Class::Note("written-differently", format!("{}; `format` had or has the same meaning", summary()))
        }
        "contentEncoding" | "contentMediaType" | "contentSchema" => {
            // Both parties decode the text, so another encoding is another value.
            Class::Change { kind: "content-encoding-changed", client: Breaking, server: Breaking, summary: summary() }
        }
        // No validator applies the schema of a decoded text.
        _ if !compared && difference.at.1.tokens().any(|token| token == "contentSchema") => {
            Class::Change { kind: "content-encoding-changed", client: Breaking, server: Breaking, summary: summary() }
        }
        "$ref" => Class::Note("reference-changed", summary()),
        "$defs" | "definitions" => Class::Note(if difference.after.is_none() { "component-removed" } else { "component-added" }, summary()),
        "$id" | "id" | "$anchor" => Class::Note("identifier-changed", summary()),
        "format" => Class::Note("format-changed", summary()),
        "default" => Class::Note("default-changed", summary()),
        "deprecated" | "readOnly" | "writeOnly" => Class::Note("annotation-changed", summary()),
        _ if compared && (is_compared(member) || member.is_empty()) => {
            Class::Note("written-differently", format!("{}; the comparison finds no effect on validation", summary()))
        }
        _ => Class::NotCompared(summary()),
    }
}

/// Whether an object is a part of a request body.
fn is_in_request(difference: &Difference<'_>) -> bool {
    difference.at.1.tokens().any(|token| matches!(token.as_str(), "requestBody" | "requestBodies"))
}

/// Whether a part may no longer have one of its media types, and whether it may have another one.
fn content_types(difference: &Difference<'_>) -> (bool, bool) {
    let list = |value: Option<&Value>| -> Vec<String> {
        let text = value.and_then(Value::as_str).unwrap_or_default();
        text.split(',').map(|one| one.trim().to_owned()).filter(|one| !one.is_empty()).collect()
    };
    let (before, after) = (list(difference.before), list(difference.after));
    let covers = |other: &String, one: &String| matches!(relation(one, other), Some(Relation::Same | Relation::Wider));
    let lacks = |one: &[String], others: &[String]| one.iter().any(|one| !others.iter().any(|other| covers(other, one)));
    (lacks(&before, &after), lacks(&after, &before))
}

/// How a media type that only one document has corresponds to a media type or range of the other one.
fn counterpart(difference: &Difference<'_>) -> Option<Relation> {
    if !difference.is_entry {
        return None;
    }
    let is_old = difference.before.is_some();
    let (location, other) = if is_old { (&difference.old, difference.owners.1) } else { (&difference.new, difference.owners.0) };
    let name = location.last_token().unwrap_or_default();
    let others = other.get("content").and_then(Value::as_object).into_iter().flat_map(serde_json::Map::keys);
    others.into_iter().find_map(|other| if is_old { relation(&name, other) } else { relation(other, &name) })
}

/// Whether a member of a parameter or header field of Swagger 2.0 is a keyword of the schema of its value.
pub(super) fn is_value_keyword(member: &str) -> bool {
    is_compared(member) && !matches!(member, "required" | "content") || matches!(member, "format" | "default")
}

/// Whether the comparison of schemas judges a keyword: each one that validators know, except those of the dialect.
fn is_compared(keyword: &str) -> bool {
    const FORMER: [&str; 3] = ["nullable", "additionalItems", "dependencies"];
    const DIALECT: [&str; 3] = ["$schema", "$vocabulary", "$dynamicAnchor"];
    FORMER.contains(&keyword) || charter_contract::keywords::is_known(keyword) && !DIALECT.contains(&keyword)
}
