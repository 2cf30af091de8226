//! Masks the documents of other programs, in JSON and YAML: cassettes, collections, mappings, spans.
//!
//! Every string is masked. Header fields, cookies and parameters are recognised by the member that holds them, in each of the forms
//! in use: an object of names, a list of pairs, a flat list of names and values.

use std::collections::HashSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use charter_json::edit::{self, Edits, json_string};

use super::document::hex;
use super::is_instant;
use super::tree::{Kind, Node, Syntax};
use crate::mask::{Known, Masked, Masker};

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
    let mut walk = Walk { masker, text, syntax, edits: Edits::default(), is_complete: true, cells };
    walk.visit(root, "", Zone::Other, How::Content);
    if !walk.is_complete {
        return None;
    }
    let masked = walk.edits.apply(text);
    match syntax {
        Syntax::Json => Some(masker.keys(&masked).unwrap_or(masked)),
        Syntax::Yaml => {
            let masked = yaml_names(masker, masked);
            // A comment, or a name that is a block scalar.
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

struct Walk<'w> {
    masker: &'w Masker,
    text: &'w str,
    syntax: Syntax,
    edits: Edits,
    is_complete: bool,
    /// Where the values begin that are secret by names in other parts of the document.
    cells: HashSet<usize>,
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
                if let Masked::Bytes(bytes) = self.masker.body_bytes(bytes, &[], &Known::default()) {
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
            if let (Masked::Bytes(bytes), Some(data)) = (self.masker.body_bytes(&bytes, &[], &Known::default()), node.get("data")) {
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
            _ => (Vec::new(), None),
        };
        let pair = name.map(|name| self.pair(name, value_of(), key, zone));
        for (index, (member, value)) in members.iter().enumerate() {
            let inner = Zone::of(member);
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
    }

    /// Of the parameters of a query or a form: those whose names are in other ones, and the masked variables of a query of GraphQL.
    fn paired<'n>(&self, node: &'n Node, members: &[(String, Node)]) -> (Vec<usize>, Option<(&'n Node, String)>) {
        let pairs: Vec<(String, String)> = members.iter().map(|(name, value)| (name.clone(), first_string(value).to_owned())).collect();
        let query = node.get("query").map(first_string);
        let variables = node.get("variables").map(|value| value.items().first().unwrap_or(value)).filter(|value| value.as_str().is_some());
        let masked = query
            .zip(variables)
            .and_then(|(query, variables)| Some((variables, self.masker.masked_variables(query, variables.as_str().unwrap_or_default())?)));
        (self.masker.paired_secrets(&pairs), masked)
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
            // Postman writes an API key as the pairs `key` and `value`.
            Zone::Other if key == "apikey" && name == "value" => How::Secret,
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
        if let Some(bytes) = hex_chunks(items) {
            if let (Masked::Bytes(bytes), Some((first, rest))) =
                (self.masker.body_bytes(&bytes, &[], &Known::default()), items.split_first())
            {
                let digits: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                self.replace(first, &digits);
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
                match decoded.map(|bytes| self.masker.body_bytes(&bytes, &[], &known)) {
                    Some(Masked::Bytes(bytes)) => Some(STANDARD.encode(bytes)),
                    Some(_) => None,
                    None => self.masker.body_text(text, &known),
                }
            }
        }
    }

    /// Replaces a string.
    fn replace(&mut self, node: &Node, masked: &str) {
        // The value of an alias is written at its anchor.
        if node.range.is_empty() {
            return;
        }
        if self.syntax == Syntax::Json {
            self.edits.set(node.range.clone(), masked);
            return;
        }
        let raw = &self.text[node.range.clone()];
        // The range of a block scalar ends at the next token.
        let after = &raw[raw.trim_end().len()..];
        let line = self.text[..node.range.start].rfind('\n').map_or(0, |at| at + 1);
        let is_indented = self.text[line..node.range.start].bytes().all(|byte| byte == b' ');
        let header = self.text[..line].trim_end();
        let token = header.rfind([' ', ':', '-']).map_or(0, |at| at + 1);
        // A dash may be the chomping indicator.
        let token = header[..token].rfind([' ', ':']).filter(|_| header[..token].ends_with(['|', '>', '-'])).map_or(token, |at| at + 1);
        let is_block = is_indented && header[token..].starts_with(['|', '>']);
        if is_block {
            self.edits.push(token..node.range.end, format!("{}{after}", json_string(masked)));
        } else if is_indented && line > 0 && header.ends_with(['|', '>', '+']) {
            self.is_complete = false;
        } else {
            self.edits.push(node.range.clone(), format!("{}{after}", json_string(masked)));
        }
    }
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

/// The bytes of a list of hexadecimal texts that begins with the signature of gzip.
fn hex_chunks(items: &[Node]) -> Option<Vec<u8>> {
    items.first()?.as_str().filter(|first| first.starts_with("1f8b"))?;
    let chunks = items.iter().map(|item| hex(item.as_str()?)).collect::<Option<Vec<_>>>()?;
    Some(chunks.concat())
}
