//! The servers of a document, a path item or an operation, compared by their URLs.

use std::collections::BTreeSet;

use charter_contract::objects::{Object, is_extension};
use charter_contract::{Contract, Location, Server, ServerVariable};
use indexmap::IndexMap;
use serde_json::Value;

use super::members::Class;
use super::walk::Difference;
use crate::change::Verdict::{Compatible, Unknown};

/// The greatest number of URLs that the values of the variables of one server result in. The variables of a larger server have any value.
const URLS: usize = 64;
/// The number of servers that a summary names.
const NAMED: usize = 4;

/// Whether a member has an effect on the servers.
pub(super) fn is_of_servers(difference: &Difference<'_>) -> bool {
    match (difference.object, difference.member.as_str()) {
        (Object::Document | Object::PathItem | Object::Operation, "servers") => true,
        // Swagger 2.0. `schemes` of an operation replaces that of the document.
        (Object::Document, "host" | "basePath" | "schemes") | (Object::Operation, "schemes") => true,
        _ => false,
    }
}

/// The class of a difference of servers. `same_urls` says that all operations have the URLs that they had.
pub(super) fn judged(old: &Contract, new: &Contract, difference: &Difference<'_>, same_urls: bool) -> Class {
    if difference.object == Object::Operation && difference.member == "schemes" {
        let (before, after) = (schemes(old, difference.before), schemes(new, difference.after));
        return class("schemes", &before, &after, same_urls);
    }
    let effective = |contract: &Contract, at: &Location| effective(contract, at, difference.object);
    let (before, after) = (effective(old, &difference.at.0), effective(new, &difference.at.1));
    let described =
        |value: Option<&Value>| value.and_then(Value::as_array).map(|list| list.iter().map(without_descriptions).collect::<Vec<_>>());
    if difference.member == "servers" && difference.before.is_some() && described(difference.before) == described(difference.after) {
        return Class::Note("description-changed", "the descriptions of `servers` are changed".to_owned());
    }
    let (one, other) = (urls(&before), urls(&after));
    let defaults = |servers: &[Server]| servers.iter().map(default_url).collect::<BTreeSet<String>>();
    if one == other && defaults(&before) != defaults(&after) {
        let summary = format!("the defaults of variables result in {}, previously {}", named(defaults(&after)), named(defaults(&before)));
        return Class::Change { kind: "servers-changed", client: Compatible, server: Compatible, summary };
    }
    class("servers", &one, &other, same_urls)
}

fn class(what: &str, before: &BTreeSet<String>, after: &BTreeSet<String>, same_urls: bool) -> Class {
    if before == after {
        return Class::Note("written-differently", format!("`{what}` is written differently; the URLs are the same"));
    }
    // A client of the old contract uses a server of the old contract.
    let stays = before.iter().all(|url| after.iter().any(|other| covers(other, url)));
    let verdict = if same_urls || stays { Compatible } else { Unknown };
    let summary = format!("the {what} are {}, previously {}", named(after.clone()), named(before.clone()));
    Class::Change { kind: "servers-changed", client: verdict, server: verdict, summary }
}

/// The servers that apply to the object at a location: its own, or those of the objects around it. Without any, the server is `/`.
fn effective(contract: &Contract, at: &Location, object: Object) -> Vec<Server> {
    let own = servers_of(contract, at);
    if !own.is_empty() {
        return own;
    }
    let of_path_item = || {
        let (above, _) = at.pointer().rsplit_once('/').filter(|_| object == Object::Operation)?;
        Some(servers_of(contract, &Location::new(at.document(), above))).filter(|servers| !servers.is_empty())
    };
    let of_document = || Some(contract.servers().to_vec()).filter(|servers| !servers.is_empty() && object != Object::Document);
    // OpenAPI, "OpenAPI Object", `servers`.
    of_path_item().or_else(of_document).unwrap_or_else(|| vec![Server::new("/", IndexMap::new(), at.clone())])
}

fn servers_of(contract: &Contract, at: &Location) -> Vec<Server> {
    let list = contract.documents().at(at).and_then(|object| object.get("servers")).and_then(Value::as_array);
    let server = |value: &Value| {
        let variables = value.get("variables").and_then(Value::as_object).into_iter().flatten();
        let variables = variables.map(|(name, variable)| {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            let values = variable.get("enum").and_then(Value::as_array).into_iter().flatten().filter_map(text).collect();
            let default = variable.get("default").and_then(text).unwrap_or_default();
            let mut known = ServerVariable::default();
            (known.default, known.values) = (default, values);
            (name.clone(), known)
        });
        Some(Server::new(value.get("url")?.as_str()?, variables.collect(), at.clone()))
    };
    list.into_iter().flatten().filter_map(server).collect()
}

/// The schemes of an operation of Swagger 2.0, or those of the document.
fn schemes(contract: &Contract, own: Option<&Value>) -> BTreeSet<String> {
    let strings = |value: &Value| -> BTreeSet<String> {
        value.as_array().into_iter().flatten().filter_map(|item| item.as_str().map(str::to_owned)).collect()
    };
    let documents = contract.documents();
    let mut of_document = documents.names().filter_map(|name| Some(strings(documents.value(name)?.get("schemes")?)));
    own.map(strings).filter(|schemes| !schemes.is_empty()).or_else(|| of_document.next()).unwrap_or_default()
}

/// The URLs of some servers in a normal form. A variable with any value is `{}`.
fn urls(servers: &[Server]) -> BTreeSet<String> {
    servers.iter().flat_map(expanded).collect()
}

fn expanded(server: &Server) -> Vec<String> {
    let mut urls = vec![server.url.clone()];
    for (name, variable) in &server.variables {
        let place = format!("{{{name}}}");
        let is_listed = !variable.values.is_empty() && urls.len() * variable.values.len() <= URLS;
        if is_listed && server.url.contains(&place) {
            urls = urls.iter().flat_map(|url| variable.values.iter().map(|value| url.replace(&place, value))).collect();
        }
    }
    urls.iter().map(|url| normal(&any_value(url))).collect()
}

/// The URL with the defaults of its variables.
fn default_url(server: &Server) -> String {
    let filled =
        server.variables.iter().fold(server.url.clone(), |url, (name, variable)| url.replace(&format!("{{{name}}}"), &variable.default));
    normal(&any_value(&filled))
}

/// A URL without the names of its variables.
fn any_value(url: &str) -> String {
    let (mut text, mut rest) = (String::new(), url);
    while let Some((before, after)) = rest.split_once('{')
        && let Some((_, after)) = after.split_once('}')
    {
        text.push_str(before);
        text.push_str("{}");
        rest = after;
    }
    text.push_str(rest);
    text
}

/// A URL with its scheme and host in lower case, without the usual port and the last slash. A path without its first dot.
fn normal(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("//").filter(|(scheme, _)| scheme.is_empty() || scheme.ends_with(':')) else {
        let path = url.strip_prefix("./").unwrap_or(if url == "." { "" } else { url });
        let path = path.trim_end_matches('/');
        return if path.is_empty() { "/".to_owned() } else { path.to_owned() };
    };
    let scheme = scheme.to_ascii_lowercase();
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let host = host.to_ascii_lowercase();
    let port = match scheme.as_str() {
        "https:" | "wss:" => ":443",
        "http:" | "ws:" => ":80",
        _ => "",
    };
    let host = host.strip_suffix(port).unwrap_or(&host);
    format!("{scheme}//{host}{}", path.trim_end_matches('/'))
}

/// Whether each URL of one normal form is one of another.
fn covers(wide: &str, narrow: &str) -> bool {
    let Some((before, after)) = wide.split_once("{}") else { return wide == narrow };
    let Some(rest) = narrow.strip_prefix(before) else { return false };
    let end = rest.find('/').unwrap_or(rest.len());
    (1..=end).any(|end| rest.is_char_boundary(end) && covers(after, &rest[end..]))
}

/// A server without its descriptions.
fn without_descriptions(server: &Value) -> Value {
    let mut server = server.clone();
    let variables = server.get_mut("variables").and_then(Value::as_object_mut).into_iter().flatten().map(|(_, variable)| variable);
    for object in variables.filter_map(Value::as_object_mut) {
        object.retain(|key, _| key != "description" && !is_extension(key));
    }
    if let Value::Object(members) = &mut server {
        members.retain(|key, _| key != "description" && key != "name" && !is_extension(key));
    }
    server
}

/// Some URLs for readers.
fn named(urls: BTreeSet<String>) -> String {
    let more = urls.len().saturating_sub(NAMED);
    let mut list: Vec<String> = urls.into_iter().take(NAMED).map(|url| format!("`{url}`")).collect();
    if more > 0 {
        list.push(format!("{more} more"));
    }
    if list.is_empty() { "not stated".to_owned() } else { list.join(", ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_have_a_normal_form() {
        for (one, other) in [
            ("https://A.test:443/v1/", "https://a.test/v1"),
            ("HTTP://a.test:80", "http://a.test/"),
            ("/", ""),
            ("./v1", "v1/"),
            ("//a.test/v1/", "//A.test/v1"),
        ] {
            assert_eq!(normal(one), normal(other), "{one}");
        }
        for (one, other) in [("http://a.test", "https://a.test"), ("/v1", "./v1"), ("https://a.test:80", "https://a.test"), ("/V1", "/v1")]
        {
            assert_ne!(normal(one), normal(other), "{one}");
        }
    }

    #[test]
    fn a_variable_covers_the_values_of_one_segment() {
        assert!(covers("https://{}.a.test/{}", "https://eu.a.test/v1") && covers("https://{}.a.test", "https://{}.a.test"));
        assert!(!covers("https://{}.a.test", "https://a.test") && !covers("https://a.test/{}", "https://a.test/v1/x"));
        assert_eq!(any_value("https://{region}.a.test/{v}"), "https://{}.a.test/{}");
    }
}
