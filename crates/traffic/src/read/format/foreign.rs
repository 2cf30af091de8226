//! Masks the documents of other programs, in JSON and YAML: cassettes, collections, mappings, spans.
//!
//! Every string is masked. Header fields, cookies and parameters are recognised by the member that holds them, in each of the forms
//! in use: an object of names, a list of pairs, a flat list of names and values.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter_json::edit::{self, Edits, json_string};

use super::document::{fields, hex};
use super::is_instant;
use super::tree::{Kind, Node, Syntax};
use crate::mask::{Known, Masked, Masker};

/// The members of a parameter or a schema of OpenAPI that have a value.
const EXAMPLES: [&str; 4] = ["example", "examples", "default", "const"];
/// The mask of a value that is not validated.
const MASK: &str = "***";

/// What the members of a value are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zone {
    /// Bodies and everything else.
    Other,
    Headers,
    Cookies,
    /// Parameters of a URL.
    Query,
    /// Parameters of a form.
    Form,
}

impl Zone {
    /// The zone of a member of a message; `None` if the member is not special.
    fn of(name: &str) -> Option<Self> {
        Some(match &*name.to_ascii_lowercase().replace(['_', '-'], "") {
            "headers" | "header" | "requestheaders" | "responseheaders" | "reqheaders" | "rawheaders" => Self::Headers,
            "cookies" => Self::Cookies,
            "query" | "queryparameters" | "querystringparameters" | "querystring" | "params" => Self::Query,
            "urlencoded" | "formdata" | "formparameters" => Self::Form,
            _ => return None,
        })
    }
}

/// How a string is masked.
#[derive(Clone, Copy)]
enum How<'n> {
    /// By what it contains.
    Content,
    /// As a secret of the same shape.
    Secret,
    /// As the value of a header field with this name.
    Field(&'n str),
    /// Wholly.
    Whole,
}

/// Masks a document. `None` if a part of it cannot be replaced.
pub(super) fn masked(masker: &Masker, text: &str, root: &Node, syntax: Syntax) -> Option<String> {
    let mut cells = HashSet::new();
    if syntax == Syntax::Json
        && let Some(root) = edit::Node::parse(text)
    {
        masker.every_cell(&root, &mut cells);
    }
    let mut walk =
        Walk { masker, text, syntax, edits: Edits::default(), is_complete: true, cells, aliased: Vec::new(), codings: Vec::new() };
    walk.visit(root, "", Zone::Other, How::Content);
    if !walk.is_complete {
        return None;
    }
    let masked = walk.edits.apply(text);
    match syntax {
        Syntax::Json => Some(masker.keys(&masked).unwrap_or(masked)),
        Syntax::Yaml => {
            let masked = yaml_comments(masker, yaml_names(masker, masked));
            if walk.aliased.iter().any(|value| masked.contains(value.as_str())) {
                return None;
            }
            // A name that is a block scalar.
            (!masker.has_given_secret(&masked)).then_some(masked)
        }
    }
}

/// Masks the names of the members of a YAML text.
fn yaml_names(masker: &Masker, text: String) -> String {
    let mut edits = Edits::default();
    for (range, name) in Node::yaml_names(&text) {
        if let Some(masked) = masker.cleaned(&name, &Known::default()) {
            edits.push(range, json_string(&masked));
        }
    }
    if edits.is_empty() { text } else { edits.apply(&text) }
}

/// Masks the comments of a YAML text. A line of a block scalar may look like one, and is masked already.
fn yaml_comments(masker: &Masker, text: String) -> String {
    if memchr::memchr(b'#', text.as_bytes()).is_none() {
        return text;
    }
    let line = |line: &str| {
        let comment = line.match_indices('#').map(|(at, _)| at).find(|at| {
            let before = &line[..*at];
            let is_quoted = |quote: u8| !memchr::memchr_iter(quote, before.as_bytes()).count().is_multiple_of(2);
            before.is_empty() || before.ends_with([' ', '\t']) && !is_quoted(b'"') && !is_quoted(b'\'')
        });
        let masked = comment.and_then(|at| Some(format!("{}{}", &line[..at], masker.cleaned(&line[at..], &Known::default())?)));
        masked.unwrap_or_else(|| line.to_owned())
    };
    text.split_inclusive('\n').map(line).collect()
}

struct Walk<'w> {
    masker: &'w Masker,
    text: &'w str,
    syntax: Syntax,
    edits: Edits,
    is_complete: bool,
    /// Where the values begin that are secret by names in other parts of the document.
    cells: HashSet<usize>,
    /// The values of aliases that are secret by the names of the aliases.
    aliased: Vec<String>,
    /// The content codings of the message around the value.
    codings: Vec<String>,
}

impl Walk<'_> {
    fn visit(&mut self, node: &Node, key: &str, zone: Zone, how: How<'_>) {
        let is_cell = matches!(how, How::Content) && self.cells.contains(&node.range.start);
        let how = if is_cell { How::Secret } else { how };
        match &node.kind {
            Kind::Object(members) => self.object(node, members, key, zone, how),
            Kind::Array(items) => self.array(items, key, zone, how),
            Kind::String(text) => {
                let masked = self.string(text, key, how);
                if let Some(masked) = masked.filter(|masked| masked != text) {
                    self.replace(node, &masked);
                }
            }
            Kind::Binary(bytes) => {
                if let Masked::Bytes(bytes) = self.body(bytes) {
                    self.replace(node, &STANDARD.encode(bytes));
                }
            }
            Kind::Number(written) => {
                if matches!(how, How::Secret | How::Whole)
                    && let Some(masked) = self.masker.secret_number(written)
                    && !node.range.is_empty()
                {
                    self.edits.push(node.range.clone(), masked);
                }
            }
            Kind::Null | Kind::Bool(_) => {}
        }
    }

    fn object(&mut self, node: &Node, members: &[(String, Node)], key: &str, zone: Zone, how: How<'_>) {
        if let Some(bytes) = buffer(node) {
            if let (Masked::Bytes(bytes), Some(data)) = (self.body(&bytes), node.get("data")) {
                let list: Vec<String> = bytes.iter().map(u8::to_string).collect();
                self.edits.push(data.range.clone(), format!("[{}]", list.join(",")));
            }
            return;
        }
        let name = ["name", "key", "header", "field", "k", "param", "attribute", "variable"]
            .iter()
            .find_map(|member| node.str(member))
            .filter(|_| ["value", "values"].iter().any(|member| node.get(member).is_some()));
        // In some formats the name of a pair is an object with the comparison, such as `equalTo`.
        let value_of = || ["value", "values"].iter().find_map(|member| node.get(member)).map_or("", first_string);
        let (paired, variables) = match zone {
            Zone::Query | Zone::Form if name.is_none() => self.paired(node, members),
            Zone::Other if name.is_none() => (Vec::new(), self.variables(node)),
            _ => (Vec::new(), None),
        };
        let pair = name.map(|name| self.pair(name, value_of(), key, zone));
        let own = codings(members);
        let outer = if own.is_empty() { None } else { Some(std::mem::replace(&mut self.codings, own)) };
        let is_named = |values: &[&str]| {
            let value = values.iter().find_map(|member| node.get(member)).map_or("", first_string);
            zone == Zone::Other && node.str("name").is_some_and(|name| self.masker.is_secret_pair(name, value))
        };
        // A parameter of an OpenAPI document, and a part of a multipart body of WireMock.
        let is_parameter = node.get("in").is_some() && is_named(&["example"]);
        let is_part = node.get("bodyPatterns").is_some() && is_named(&[]);
        // nock writes bytes that are not text as hexadecimal digits.
        let is_binary = matches!(node.get("responseIsBinary").map(|node| &node.kind), Some(Kind::Bool(true)));
        for (index, (member, value)) in members.iter().enumerate() {
            let inner = Zone::of(member);
            if let Some(bytes) = value.as_str().filter(|_| is_binary && member == "response").and_then(hex) {
                if let Masked::Bytes(bytes) = self.body(&bytes) {
                    self.replace(value, &digits(&bytes));
                }
                continue;
            }
            match &**member {
                "schema" if is_parameter => {
                    for (name, value) in value.members() {
                        let how = if EXAMPLES.contains(&&**name) { How::Secret } else { How::Content };
                        self.visit(value, name, Zone::Other, how);
                    }
                    continue;
                }
                "bodyPatterns" if is_part => {
                    self.visit(value, member, Zone::Other, How::Secret);
                    continue;
                }
                name if is_parameter && EXAMPLES.contains(&name) => {
                    self.visit(value, member, Zone::Other, How::Secret);
                    continue;
                }
                _ => {}
            }
            if let Some((node, masked)) = variables.as_ref().filter(|_| member == "variables") {
                let masked = self.masker.body_text(masked, &Known::default()).unwrap_or_else(|| masked.clone());
                self.replace(node, &masked);
                continue;
            }
            let (inner, how) = match (pair, zone) {
                (None, Zone::Query) if paired.contains(&index) => (Zone::Other, How::Whole),
                (None, Zone::Form) if paired.contains(&index) => (Zone::Other, How::Secret),
                (Some(how), _) if matches!(&**member, "value" | "values") => (Zone::Other, how),
                (Some(_), _) => (Zone::Other, How::Content),
                (None, Zone::Other) if self.masker.is_named_secret(member, first_string(value), |name| node.get(name).and_then(named)) => {
                    (Zone::Other, How::Secret)
                }
                (None, Zone::Headers) => match self.masker.is_secret_field(member, first_string(value)) {
                    true => (Zone::Other, How::Field(member)),
                    false => (Zone::Other, how),
                },
                (None, Zone::Cookies) => (Zone::Other, How::Whole),
                (None, Zone::Query) if self.masker.is_secret_parameter(member, first_string(value)) => (Zone::Other, How::Whole),
                (None, Zone::Form) if self.masker.is_secret_parameter(member, first_string(value)) => (Zone::Other, How::Secret),
                (None, _) if inner.is_none() && self.masker.is_secret_member(member, first_string(value)) => (Zone::Other, How::Secret),
                // A secret object, unless the member describes it.
                (None, _) => (inner.unwrap_or(Zone::Other), if inner.is_some() { How::Content } else { how }),
            };
            self.visit(value, member, inner, how);
        }
        if let Some(outer) = outer {
            self.codings = outer;
        }
    }

    /// Masks a body of bytes. Some recorders decode a body and keep the field with its content coding.
    fn body(&self, bytes: &[u8]) -> Masked {
        let codings: Vec<&str> = self.codings.iter().map(String::as_str).collect();
        match self.masker.body_bytes(bytes, &codings, &Known::default()) {
            Masked::Undecodable if !codings.is_empty() => self.masker.body_bytes(bytes, &[], &Known::default()),
            masked => masked,
        }
    }

    /// Of the parameters of a query or a form: those whose names are in other ones, and the masked variables of a query of GraphQL.
    fn paired<'n>(&self, node: &'n Node, members: &[(String, Node)]) -> (Vec<usize>, Option<(&'n Node, String)>) {
        let pairs: Vec<(String, String)> = members.iter().map(|(name, value)| (name.clone(), first_string(value).to_owned())).collect();
        (self.masker.paired_secrets(&pairs), self.variables(node))
    }

    /// The masked variables of a query of GraphQL that are a text.
    fn variables<'n>(&self, node: &'n Node) -> Option<(&'n Node, String)> {
        let query = node.get("query").map(first_string)?;
        let variables =
            node.get("variables").map(|value| value.items().first().unwrap_or(value)).filter(|value| value.as_str().is_some())?;
        Some((variables, self.masker.masked_variables(query, variables.as_str().unwrap_or_default())?))
    }

    /// How the value of a pair is masked.
    fn pair<'n>(&self, name: &'n str, value: &str, key: &str, zone: Zone) -> How<'n> {
        let field = name.rsplit_once(".header.").map_or(name, |(_, field)| field);
        match zone {
            Zone::Headers if self.masker.is_secret_field(field, value) => How::Field(field),
            Zone::Cookies => How::Whole,
            Zone::Query if self.masker.is_secret_parameter(name, value) => How::Whole,
            Zone::Form if self.masker.is_secret_parameter(name, value) => How::Secret,
            Zone::Other if field != name && self.masker.is_secret_field(field, value) => How::Field(field),
            // Postman writes an API key as the pairs `key` and `value`, or as one pair.
            Zone::Other if key == "apikey" && !matches!(name, "key" | "in" | "addTo") => How::Secret,
            Zone::Other if self.masker.is_secret_pair(name, value) => How::Secret,
            _ => How::Content,
        }
    }

    fn array(&mut self, items: &[Node], key: &str, zone: Zone, how: How<'_>) {
        let is_tokens = zone == Zone::Other && matches!(how, How::Content) && key.to_ascii_lowercase().ends_with("tokens");
        let is_flat = zone == Zone::Headers && items.len().is_multiple_of(2) && items.iter().all(|item| item.as_str().is_some());
        if is_flat {
            for pair in items.chunks_exact(2) {
                let name = pair[0].as_str().unwrap_or_default();
                let how =
                    if self.masker.is_secret_field(name, pair[1].as_str().unwrap_or_default()) { How::Field(name) } else { How::Content };
                self.visit(&pair[0], "", Zone::Other, How::Content);
                self.visit(&pair[1], name, Zone::Other, how);
            }
            return;
        }
        // nock writes a compressed body as hexadecimal chunks.
        if let Some(bytes) = hex_chunks(items, !self.codings.is_empty()) {
            if let (Masked::Bytes(bytes), Some((first, rest))) = (self.body(&bytes), items.split_first()) {
                self.replace(first, &digits(&bytes));
                rest.iter().for_each(|item| self.replace(item, ""));
            }
            return;
        }
        // Names and values by turns, or one of each.
        let is_list = zone == Zone::Other && items.len().is_multiple_of(2) && items.iter().all(|item| item.as_str().is_some());
        for (index, item) in items.iter().enumerate() {
            let name = index.checked_sub(1).filter(|before| is_list && before.is_multiple_of(2)).and_then(|before| items[before].as_str());
            if name.is_some_and(|name| self.masker.is_listed_secret(name, item.as_str().unwrap_or_default())) {
                self.visit(item, key, zone, How::Secret);
                continue;
            }
            let option = index.checked_sub(1).and_then(|before| items[before].as_str());
            if option.zip(item.as_str()).is_some_and(|(option, value)| self.masker.is_secret_argument(option, value)) {
                self.visit(item, key, zone, How::Secret);
                continue;
            }
            let is_long = item.as_str().is_some_and(|text| text.len() >= 16 && !text.contains(char::is_whitespace));
            self.visit(item, key, zone, if is_tokens && is_long { How::Secret } else { how });
        }
    }

    fn string(&self, text: &str, key: &str, how: How<'_>) -> Option<String> {
        let known = Known::default();
        match how {
            How::Whole => (!text.trim_matches('*').is_empty()).then(|| MASK.to_owned()),
            How::Field(name) => {
                let masked = self.masker.masked_field(name, text, &known);
                Some(self.masker.cleaned(&masked, &known).unwrap_or(masked))
            }
            How::Secret => self.masker.secret_text(text, &known),
            How::Content if is_instant(text) => None,
            How::Content => {
                let is_base64 = matches!(key, "base64_string" | "bodyAsBase64" | "base64Body" | "rawBytes" | "$base64" | "base64Bytes");
                let decoded = is_base64.then(|| STANDARD.decode(text.split_ascii_whitespace().collect::<String>()).ok()).flatten();
                match decoded.map(|bytes| self.body(&bytes)) {
                    Some(Masked::Bytes(bytes)) => Some(STANDARD.encode(bytes)),
                    Some(_) => None,
                    None => self.masker.body_text(text, &known),
                }
            }
        }
    }

    /// Replaces a string.
    fn replace(&mut self, node: &Node, masked: &str) {
        // The value of an alias is written at its anchor, under another name.
        if node.range.is_empty() {
            self.aliased.extend(node.as_str().map(str::to_owned));
            return;
        }
        if self.syntax == Syntax::Json {
            self.edits.set(node.range.clone(), masked);
            return;
        }
        // A tag and an anchor stay.
        let start = node.range.start + properties(&self.text[node.range.clone()]);
        let raw = &self.text[start..node.range.end];
        // The range of a block scalar ends at the next token.
        let after = &raw[raw.trim_end().len()..];
        let before = self.text[..node.range.start].trim_end_matches(' ');
        let line = before.len();
        let is_indented = before.is_empty() || before.ends_with('\n');
        if !is_indented || start > node.range.start {
            self.edits.push(start..node.range.end, format!("{}{after}", json_string(masked)));
            return;
        }
        let header = self.text[..line].trim_end();
        let token = header.rfind([' ', ':', '-']).map_or(0, |at| at + 1);
        // A dash may be the chomping indicator.
        let token = header[..token].rfind([' ', ':']).filter(|_| header[..token].ends_with(['|', '>', '-'])).map_or(token, |at| at + 1);
        let is_block = header[token..].starts_with(['|', '>']);
        if is_block {
            self.edits.push(token..node.range.end, format!("{}{after}", json_string(masked)));
        } else if line > 0 && header.ends_with(['|', '>', '+']) {
            self.is_complete = false;
        } else {
            self.edits.push(node.range.clone(), format!("{}{after}", json_string(masked)));
        }
    }
}

/// The length of the tag and the anchor before the content of a YAML node.
fn properties(raw: &str) -> usize {
    let mut rest = raw;
    while rest.starts_with(['&', '!']) {
        rest = rest[rest.find(char::is_whitespace).unwrap_or(rest.len())..].trim_start();
    }
    raw.len() - rest.len()
}

/// The content codings of a message, by its header fields.
fn codings(members: &[(String, Node)]) -> Vec<String> {
    let headers = members.iter().filter(|(name, _)| Zone::of(name) == Some(Zone::Headers));
    let fields = headers.flat_map(|(_, headers)| fields(Some(headers)));
    fields.filter(|(name, _)| name.eq_ignore_ascii_case("content-encoding")).map(|(_, value)| value).collect()
}

/// The string, or the first string of a list.
fn first_string(node: &Node) -> &str {
    node.as_str().or_else(|| node.items().first()?.as_str()).unwrap_or_default()
}

/// The name that a member has: a string, or the last string of a list.
fn named(node: &Node) -> Option<&str> {
    node.as_str().or_else(|| node.items().iter().rev().find_map(Node::as_str))
}

/// The bytes of a buffer of Node.js: `{"type": "Buffer", "data": [123, 125]}`.
fn buffer(node: &Node) -> Option<Vec<u8>> {
    let data = node.get("data").filter(|data| data.is_array() && node.str("type") == Some("Buffer"))?;
    data.items().iter().map(|item| u8::try_from(item.integer()?).ok()).collect()
}

/// The bytes of a list of hexadecimal texts that has a content coding, or begins with the signature of gzip.
fn hex_chunks(items: &[Node], is_coded: bool) -> Option<Vec<u8>> {
    items.first()?.as_str().filter(|first| is_coded || first.starts_with("1f8b"))?;
    let chunks = items.iter().map(|item| hex(item.as_str()?)).collect::<Option<Vec<_>>>()?;
    Some(chunks.concat())
}

/// Hexadecimal digits of bytes.
fn digits(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
