//! The key of a head: the parts of an exchange without its bodies that a judgement depends on. Exchanges with equal keys differ only in path
//! parameters, header fields that nothing reads, bodies and times.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use charter_contract::invariant::{BinaryOperator, Literal, Node, NodeKind};
use charter_contract::{Contract, Operation, ParameterPlace, SecurityKind};
use charter_rules::slots::static_path;
use charter_traffic::read::{ExchangeView, MessageView};

/// The largest key. Longer heads take the reference path.
const MAX_KEY: usize = 8 << 10;

/// Writes the keys of a contract's exchanges.
#[derive(Debug)]
pub(super) struct Keys {
    /// The literal segments of all paths, with their numbers.
    literals: HashMap<String, u32, foldhash::fast::RandomState>,
    /// The header fields that a judgement may depend on, in lower case.
    request_fields: Names,
    response_fields: Names,
}

type Names = HashSet<String, foldhash::fast::RandomState>;

/// Header fields that the standards give a meaning for every message.
const REQUEST_FIELDS: [&str; 10] = [
    "authorization",
    "content-encoding",
    "content-length",
    "content-range",
    "content-type",
    "cookie",
    "origin",
    "access-control-request-method",
    "accept",
    "transfer-encoding",
];
const RESPONSE_FIELDS: [&str; 6] =
    ["content-disposition", "content-encoding", "content-length", "content-range", "content-type", "transfer-encoding"];

impl Keys {
    /// The keys of a contract. `None` if its paths or rules read a head in a way that a key does not show.
    pub(super) fn new(contract: &Contract) -> Option<Self> {
        let traffic = &contract.config().traffic;
        if !traffic.webhooks.is_empty() {
            return None;
        }
        let mut literals = BTreeSet::new();
        for operation in contract.operations() {
            for segment in operation.path.0.split('/') {
                let is_parameter = segment.len() > 2 && segment.starts_with('{') && segment.find('}') == Some(segment.len() - 1);
                if !is_parameter {
                    literals.insert(plain(segment)?.to_owned());
                }
            }
        }
        let servers = contract.servers().iter().chain(contract.operations().iter().flat_map(|operation| &operation.servers));
        for server in servers.chain(contract.live_server()) {
            for segment in path_of(&server.url).split('/') {
                literals.insert(plain(segment)?.to_owned());
            }
        }
        for base in &contract.config().check.base_paths {
            for segment in base.split('/') {
                literals.insert(plain(segment)?.to_owned());
            }
        }
        for path in traffic.include.iter().chain(&traffic.exclude).filter_map(|pattern| pattern.path.as_ref()) {
            for segment in path.split('/').filter(|segment| !matches!(*segment, "*" | "**")) {
                if segment.contains(['*', '?', '[', ']']) {
                    return None;
                }
                literals.insert(segment.to_owned());
            }
        }
        let mut request_fields: Names = REQUEST_FIELDS.into_iter().map(str::to_owned).collect();
        let mut response_fields: Names = RESPONSE_FIELDS.into_iter().map(str::to_owned).collect();
        for operation in contract.operations() {
            let fields = operation.parameters.iter().filter(|parameter| parameter.place == ParameterPlace::Header);
            request_fields.extend(fields.map(|parameter| parameter.name.to_ascii_lowercase()));
            let fields = operation.responses.iter().flat_map(|response| &response.headers);
            response_fields.extend(fields.map(|field| field.name.to_ascii_lowercase()));
        }
        for scheme in contract.security_schemes().values() {
            if let SecurityKind::ApiKey { place: ParameterPlace::Header, name } = &scheme.kind {
                request_fields.insert(name.to_ascii_lowercase());
            }
        }
        // The header field that identifies a resource.
        let identities = contract.invariants().resources.iter().flat_map(|resource| resource.operations.values());
        request_fields.extend(identities.filter_map(|place| place.strip_prefix("headers.")).map(str::to_ascii_lowercase));
        for rule in &contract.invariants().invariants {
            for (_, expression) in rule.expressions() {
                read_fields(&expression.root, "request", &mut request_fields)?;
                read_fields(&expression.root, "response", &mut response_fields)?;
            }
        }
        let literals = literals.into_iter().zip(FIRST_LITERAL..).collect();
        Some(Self { literals, request_fields, response_fields })
    }

    /// Whether a segment of a path is none of the literals, and is equal to itself in a path.
    pub(super) fn is_other(&self, segment: &str) -> bool {
        !matches!(segment, "" | "." | "..") && plain(segment).is_some() && !segment.contains('/') && !self.literals.contains_key(segment)
    }

    /// Writes the key of an exchange. `false` if its head takes the reference path.
    pub(super) fn write(&self, view: &ExchangeView<'_>, out: &mut Vec<u8>) -> bool {
        out.clear();
        let Some(Url { authority, path, query }) = Url::split(view.url) else { return false };
        for text in [view.method, authority, query] {
            write_text(text, out);
        }
        for segment in path.split('/') {
            if matches!(segment, "." | "..") {
                return false;
            }
            let token = if segment.is_empty() { EMPTY } else { self.literals.get(segment).copied().unwrap_or(OTHER) };
            out.extend_from_slice(&token.to_be_bytes());
        }
        out.extend_from_slice(&END.to_be_bytes());
        out.extend_from_slice(&view.status.to_be_bytes());
        out.push(u8::from(view.started.is_some()));
        message(&view.request, &self.request_fields, out);
        message(&view.response, &self.response_fields, out);
        out.len() <= MAX_KEY
    }
}

/// The numbers of segments that are not literals of the contract.
const OTHER: u32 = 0;
const EMPTY: u32 = 1;
const FIRST_LITERAL: u32 = 2;
/// Ends the segments.
const END: u32 = u32::MAX;

/// Writes a text with its length, so that no two lists of texts are equal as bytes.
fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&text.len().to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn message(message: &MessageView<'_>, relevant: &Names, out: &mut Vec<u8>) {
    out.push(u8::from(message.is_complete));
    // An empty body, another one, or none.
    out.push(message.body.map_or(0, |body| if body.is_empty() { 1 } else { 2 }));
    for (name, value) in &message.fields {
        let mut buffer = [0; 64];
        let short = buffer.get_mut(..name.len()).map(|lower| {
            lower.copy_from_slice(name.as_bytes());
            lower.make_ascii_lowercase();
            &*lower
        });
        let lower = match short.map(std::str::from_utf8) {
            Some(Ok(lower)) => Cow::Borrowed(lower),
            _ => Cow::Owned(name.to_ascii_lowercase()),
        };
        if relevant.contains(&*lower) {
            write_text(&lower, out);
            write_text(value, out);
        }
    }
    // The length of a text is never this number.
    out.extend_from_slice(&usize::MAX.to_be_bytes());
}

/// The parts of a URL. The path and the query have no characters that a parser of URLs changes.
pub(super) struct Url<'u> {
    /// The scheme, the host and the port; empty for a path.
    pub(super) authority: &'u str,
    pub(super) path: &'u str,
    /// With its question mark.
    pub(super) query: &'u str,
}

impl<'u> Url<'u> {
    /// `None` if a parser of URLs may read other parts than these.
    pub(super) fn split(url: &'u str) -> Option<Self> {
        let (authority, rest) = match url.starts_with('/') {
            true if url.starts_with("//") => return None,
            true => ("", url),
            false => {
                let host = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://"))?;
                let at = url.len() - host.len() + host.find('/')?;
                let (authority, rest) = url.split_at(at);
                let is_plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'-' | b':' | b'/');
                if !authority.bytes().all(is_plain) {
                    return None;
                }
                (authority, rest)
            }
        };
        let end = rest.find('?').unwrap_or(rest.len());
        let (path, query) = rest.split_at(end);
        plain(path)?;
        let is_plain = |byte: u8| byte.is_ascii_graphic() && byte != b'#';
        query.bytes().all(is_plain).then_some(Self { authority, path, query })
    }

    /// A segment of the path, counted from its end.
    pub(super) fn segment(&self, from_end: usize) -> Option<&'u str> {
        self.path.rsplit('/').nth(from_end)
    }
}

/// The text, if it has only characters that mean themselves in a path.
fn plain(text: &str) -> Option<&str> {
    let is_plain =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'-' | b'.' | b'_' | b'~' | b':' | b'@' | b',' | b'+' | b'=');
    text.bytes().all(is_plain).then_some(text)
}

/// The path of a server's URL.
fn path_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    match rest.find('/') {
        _ if rest.len() == url.len() => url,
        Some(at) => &rest[at..],
        None => "",
    }
}

/// Adds the header fields that an expression reads. `None` if it reads a variable in a way that a key does not show: as a whole, or its path or its
/// header fields as a whole.
fn read_fields(node: &Node, variable: &str, fields: &mut Names) -> Option<()> {
    let is_headers = |node: &Node| static_path(node).is_some_and(|(name, path)| name == variable && path == ["headers"]);
    if let NodeKind::Binary { operator: BinaryOperator::In, left, right } = &node.kind
        && is_headers(right)
    {
        let Some(Literal::String(name)) = left.literal() else { return None };
        fields.insert(name.to_ascii_lowercase());
        return Some(());
    }
    if let Some((name, path)) = static_path(node) {
        if name != variable {
            return Some(());
        }
        return match path.as_slice() {
            ["headers", name, ..] => {
                fields.insert(name.to_ascii_lowercase());
                Some(())
            }
            ["headers" | "path"] => None,
            _ => Some(()),
        };
    }
    match &node.kind {
        NodeKind::Variable(name) if name == variable => None,
        _ => node.children().into_iter().try_for_each(|child| read_fields(child, variable, fields)),
    }
}

/// Whether a rule of the contract reads a path parameter.
pub(super) fn reads_path(contract: &Contract, operation: &Operation) -> bool {
    fn reads(node: &Node) -> bool {
        static_path(node).is_some_and(|(name, path)| name == "request" && path.first() == Some(&"path"))
            || node.children().into_iter().any(reads)
    }
    let named = contract.invariants().resources.iter().filter_map(|resource| resource.operations.get(&operation.id));
    named.into_iter().any(|parameter| parameter.starts_with("path."))
        || contract.invariants().invariants.iter().any(|rule| rule.expressions().any(|(_, expression)| reads(&expression.root)))
}
