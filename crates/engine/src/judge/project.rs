//! Projection: the parts of a value that rules over time read. Observations store nothing else.
//!
//! A part that is only compared as a whole is stored as a checksum, unless it is a short scalar.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use charter_contract::invariant::{BinaryOperator, Invariant, Literal, Node, NodeKind, Site};
use charter_contract::{SchemaId, unescape_token};
use serde_json::Value;

use super::checksum::digest;
use super::evaluate::{Json, Shape};

/// Maximum bytes of a string that is stored as it is.
const SHORT: usize = 64;

/// The parts of a value that are read.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Projection {
    /// The whole value is read.
    pub(super) whole: bool,
    /// The value is only compared as a whole.
    pub(super) compared: bool,
    /// A value that is only tested for its presence or for null is not read as a whole.
    is_shallow: bool,
    pub(super) keys: BTreeMap<String, Projection>,
    pub(super) items: Option<Box<Projection>>,
}

/// A step from a value to a part of it.
#[derive(Clone, Debug, PartialEq)]
enum Step {
    Key(String),
    Items,
}

/// How an expression uses a value.
#[derive(Clone, Copy, PartialEq)]
enum Use {
    Whole,
    Compared,
    Structure,
}

/// The projection that reads nothing.
static NOTHING: Projection = Projection { whole: false, compared: false, is_shallow: false, keys: BTreeMap::new(), items: None };

impl Projection {
    /// Adds the parts of `self` and `oldSelf` that an expression reads.
    pub(crate) fn read(&mut self, node: &Node) {
        self.visit(node, &HashMap::new(), Use::Whole, is_self);
    }

    /// Adds the parts of `self` or of `oldSelf` that an expression reads.
    pub(crate) fn read_below(&mut self, node: &Node, variable: &str) {
        let is_root = if variable == "self" { is_current } else { is_old };
        self.is_shallow = true;
        self.visit(node, &HashMap::new(), Use::Whole, is_root);
    }

    /// Whether nothing is read.
    pub(crate) fn is_empty(&self) -> bool {
        !self.whole && !self.compared && self.keys.is_empty() && self.items.is_none()
    }

    /// Adds the parts of `request.body` that an expression reads.
    pub(crate) fn read_request_body(&mut self, node: &Node) {
        self.visit(node, &HashMap::new(), Use::Whole, is_request_body);
    }

    /// Adds a part by JSON Pointer, for findings. They show what is stored of it: the whole of an object would be stored in vain.
    pub(crate) fn blame(&mut self, pointer: &str) {
        let steps = pointer.split('/').skip(1).map(|token| Step::Key(unescape_token(token)));
        self.add(&steps.collect::<Vec<_>>(), Use::Structure);
    }

    fn add(&mut self, path: &[Step], use_: Use) {
        let mut at = self;
        for step in path {
            at = match step {
                Step::Key(key) => at.keys.entry(key.clone()).or_default(),
                Step::Items => at.items.get_or_insert_default(),
            };
        }
        match use_ {
            Use::Whole => at.whole = true,
            Use::Compared => at.compared = true,
            Use::Structure => {}
        }
    }

    fn visit(&mut self, node: &Node, bound: &HashMap<String, Vec<Step>>, use_: Use, is_root: fn(&Node) -> bool) {
        if let NodeKind::Index { key, .. } = &node.kind {
            self.visit(key, bound, Use::Whole, is_root);
        }
        if let Some(path) = path(node, bound, is_root) {
            return self.add(&path, use_);
        }
        match &node.kind {
            NodeKind::Has { of, field } => match path(of, bound, is_root) {
                Some(mut path) => {
                    path.push(Step::Key(field.clone()));
                    self.add(&path, if self.is_shallow { Use::Structure } else { Use::Compared });
                }
                None => self.visit(of, bound, Use::Whole, is_root),
            },
            NodeKind::Binary { operator: BinaryOperator::Equal | BinaryOperator::NotEqual, left, right } => {
                let null = |node: &Node| node.literal() == Some(Literal::Null);
                let plain = |node: &Node| null(node) || path(node, bound, is_root).is_some();
                let use_ = match plain(left) && plain(right) {
                    true if self.is_shallow && (null(left) || null(right)) => Use::Structure,
                    true => Use::Compared,
                    false => Use::Whole,
                };
                self.visit(left, bound, use_, is_root);
                self.visit(right, bound, use_, is_root);
            }
            NodeKind::Quantified { range, variable, value, body, mapped, .. } => {
                self.visit(range, bound, Use::Structure, is_root);
                let mut inside = bound.clone();
                match path(range, bound, is_root) {
                    Some(mut path) => {
                        path.push(Step::Items);
                        self.add(&path, Use::Structure);
                        if let Some(value) = value {
                            inside.insert(value.clone(), path.clone());
                        }
                        inside.insert(variable.clone(), path);
                    }
                    None => {
                        inside.remove(variable);
                        value.iter().for_each(|value| drop(inside.remove(value)));
                    }
                }
                self.visit(body, &inside, Use::Whole, is_root);
                if let Some(mapped) = mapped {
                    self.visit(mapped, &inside, Use::Whole, is_root);
                }
            }
            _ => {
                for child in node.children() {
                    self.visit(child, bound, Use::Whole, is_root);
                }
            }
        }
    }

    /// Whether a fault can change what an expression reads. The tokens are those of its JSON Pointer. A missing key is a fault of that key only.
    pub(crate) fn meets(&self, tokens: &[String]) -> bool {
        let mut at = self;
        for token in tokens {
            // Items are elements of an array, or values of an object at keys that are not known.
            let next = at.keys.get(token).or(at.items.as_deref());
            match next {
                _ if at.whole || at.compared => return true,
                Some(part) => at = part,
                None => return false,
            }
        }
        true
    }

    /// Writes the parts of a value that are read, as JSON text. The members of objects are sorted by their keys.
    pub(crate) fn write(&self, value: Json<'_>, out: &mut String) {
        let structured = !self.keys.is_empty() || self.items.is_some();
        if self.whole || (structured && self.compared) {
            return write_whole(value, out);
        }
        match value.shape() {
            Shape::Object if structured => self.write_members(value, out),
            Shape::Array if structured => {
                let part = self.items.as_deref().unwrap_or(&NOTHING);
                out.push('[');
                for (index, item) in value.items().enumerate() {
                    out.push_str(if index == 0 { "" } else { "," });
                    part.write(item, out);
                }
                out.push(']');
            }
            Shape::Text(text) if text.len() > SHORT => write_checksum(value, out),
            Shape::Object | Shape::Array => write_checksum(value, out),
            _ => write_whole(value, out),
        }
    }

    /// The parts of a value that are read, as JSON text.
    pub(crate) fn of(&self, value: Json<'_>) -> String {
        let mut text = String::new();
        self.write(value, &mut text);
        text
    }

    /// Writes the members that are read.
    fn write_members(&self, value: Json<'_>, out: &mut String) {
        let mut members: Vec<(Cow<'_, str>, Json<'_>, &Self)> = Vec::new();
        for (key, member) in value.members() {
            // An expression that iterates over the keys, or reads a key that is not known, reads every member.
            if let Some(part) = self.keys.get(&*key).or(self.items.as_deref()) {
                members.push((key, member, part));
            }
        }
        members.sort_by(|(left, ..), (right, ..)| left.cmp(right));
        out.push('{');
        for (index, (key, member, part)) in members.into_iter().enumerate() {
            out.push_str(if index == 0 { "" } else { "," });
            write_text(&key, out);
            out.push(':');
            part.write(member, out);
        }
        out.push('}');
    }
}

impl Projection {
    /// The keys that lead to the parts that are located by keys.
    pub(super) fn paths(&self) -> Vec<Vec<String>> {
        let mut paths = Vec::new();
        for (key, part) in &self.keys {
            paths.push(vec![key.clone()]);
            paths.extend(part.paths().into_iter().map(|path| [vec![key.clone()], path].concat()));
        }
        paths
    }
}

/// Writes a value as JSON text.
fn write_whole(value: Json<'_>, out: &mut String) {
    match value {
        Json::Raw(text) => out.push_str(text),
        Json::Tree(tree) => out.push_str(&tree.to_string()),
    }
}

/// Writes a string as JSON text.
pub(super) fn write_text(text: &str, out: &mut String) {
    if text.bytes().any(|byte| byte < b' ' || matches!(byte, b'"' | b'\\')) {
        out.push_str(&Value::from(text).to_string());
    } else {
        out.push('"');
        out.push_str(text);
        out.push('"');
    }
}

fn write_checksum(value: Json<'_>, out: &mut String) {
    out.push('"');
    out.push_str(&digest(value));
    out.push('"');
}

/// The schemas whose instances a rule applies to or compares with.
pub(super) fn sites(invariant: &Invariant) -> impl Iterator<Item = SchemaId> {
    let on = match invariant.on {
        Site::Schema(id) => Some(id),
        Site::Response { .. } => None,
    };
    on.into_iter().chain(invariant.earlier)
}

/// The projections by schema. Schemas whose instances are compared with each other share one projection, so that equal values stay
/// equal.
pub(super) fn projections(over_time: &[&Invariant]) -> HashMap<SchemaId, Projection> {
    let linked: BTreeSet<SchemaId> =
        over_time.iter().filter(|invariant| invariant.earlier.is_some()).flat_map(|invariant| sites(invariant)).collect();
    let (mut shared, mut projections) = (Projection::default(), HashMap::<SchemaId, Projection>::new());
    for invariant in over_time {
        for schema in sites(invariant) {
            let own = projections.entry(schema).or_default();
            let projection = if linked.contains(&schema) { &mut shared } else { own };
            for (_, expression) in invariant.expressions() {
                projection.read(&expression.root);
            }
            projection.blame(&invariant.path);
        }
    }
    for schema in linked {
        projections.insert(schema, shared.clone());
    }
    projections
}

/// The projection of request bodies; `None` if no rule over time reads them.
pub(super) fn request_body_projection(over_time: &[&Invariant]) -> Option<Projection> {
    let mut projection = None;
    for invariant in over_time.iter().filter(|invariant| invariant.reads_request_body()) {
        let projection = projection.get_or_insert_with(Projection::default);
        for (_, expression) in invariant.expressions() {
            projection.read_request_body(&expression.root);
        }
    }
    projection
}

fn is_self(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Variable(name) if matches!(name.as_str(), "self" | "oldSelf"))
}

fn is_current(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Variable(name) if name == "self")
}

fn is_old(node: &Node) -> bool {
    matches!(&node.kind, NodeKind::Variable(name) if name == "oldSelf")
}

fn is_request_body(node: &Node) -> bool {
    let is_member = matches!(&node.kind, NodeKind::Select { .. } | NodeKind::Index { .. });
    is_member && node.reading("request", "body").is_some_and(|found| std::ptr::eq(found, node))
}

/// The path that a node reads below a root or a bound variable.
fn path(node: &Node, bound: &HashMap<String, Vec<Step>>, is_root: fn(&Node) -> bool) -> Option<Vec<Step>> {
    match &node.kind {
        NodeKind::Variable(name) if bound.contains_key(name) => bound.get(name).cloned(),
        _ if is_root(node) => Some(Vec::new()),
        NodeKind::Select { of, field } => {
            let mut path = path(of, bound, is_root)?;
            path.push(Step::Key(field.clone()));
            Some(path)
        }
        NodeKind::Index { of, key } => {
            let mut path = path(of, bound, is_root)?;
            path.push(match key.literal() {
                Some(Literal::String(name)) => Step::Key(name),
                _ => Step::Items,
            });
            Some(path)
        }
        _ => None,
    }
}

#[cfg(test)]
pub(in crate::judge) mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_parts_that_are_read_are_stored() {
        let mut projection = Projection::default();
        let rule = "self.output == oldSelf.output && has(oldSelf.a.b) && oldSelf.files.all(f, self.files.exists(g, g.path == f.path))";
        projection.read(&rule_of(rule));
        let body = json!({"output": {"x": 1}, "a": {"b": [1], "c": 2}, "files": [{"path": "p", "size": 3}], "more": 1});
        let text = projection.of((&body).into());
        assert_eq!(text, projection.of(Json::Raw(&body.to_string())));
        let stored: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(stored["files"], json!([{"path": "p"}]));
        assert!(stored["output"].as_str().is_some_and(|text| text.starts_with("sha256:")), "{stored}");
        assert!(stored["a"]["b"].is_string() && stored["a"].get("c").is_none() && stored.get("more").is_none(), "{stored}");
    }

    #[test]
    fn a_finding_about_a_whole_value_does_not_store_it() {
        let body = json!({"a": {"b": 1, "c": "more"}, "d": "more", "e": {"f": "g"}});
        for (path, wanted) in [("", json!({"a": {"b": 1}})), ("/a", json!({"a": {"b": 1}})), ("/d", json!({"a": {"b": 1}, "d": "more"}))] {
            let mut projection = Projection::default();
            projection.read(&rule_of("has(self.a.b) == has(oldSelf.a.b)"));
            projection.blame(path);
            assert_eq!(serde_json::from_str::<Value>(&projection.of((&body).into())).expect("JSON"), wanted, "{path}");
        }
        // Nothing else of the value is read: its checksum is stored.
        let mut projection = Projection::default();
        projection.blame("/e");
        assert!(projection.of((&body).into()).starts_with("{\"e\":\"sha256:"));
    }

    #[test]
    fn a_fault_meets_only_what_is_read() {
        let mut projection = Projection::default();
        projection.read_below(&rule_of("has(self.a.b) && self.output == oldSelf.output && self.files.all(f, f.path != '')"), "self");
        for (pointer, missing, meets) in [
            ("", None, true),
            ("/a", None, true),
            ("/a/b", None, true),
            ("/a/b/deeper", None, false),
            ("/a/c", None, false),
            ("/id", None, false),
            ("", Some("a"), true),
            ("", Some("id"), false),
            ("/a", Some("c"), false),
            ("/files", None, true),
            ("/files/3/path", None, true),
            ("/files/3/size", None, false),
            ("/files/3", Some("path"), true),
            ("/output/x", None, true),
        ] {
            let tokens: Vec<String> = pointer.split('/').skip(1).chain(missing).map(str::to_owned).collect();
            assert_eq!(projection.meets(&tokens), meets, "{pointer} {missing:?}");
        }
    }

    pub(in crate::judge) fn rule_of(rule: &str) -> Node {
        let invariants = format!(
            "format: charter-invariants/1\nresources: [{{schema: a.schema.json, identity: /id}}]\ninvariants:\n  - {{id: a, on: a.schema.json, rule: \"{rule}\", message: m, severity: warning, promise: {{kind: implied, where: w, quote: q}}}}\n"
        );
        let schema = r#"{"type": "object", "required": ["output", "a", "files", "id"], "properties": {"id": {"type": "string"}, "output": true, "a": {"type": "object", "properties": {"b": true}}, "files": {"type": "array", "maxItems": 9, "items": {"type": "object", "required": ["path"], "properties": {"path": {"type": "string"}}}}}}"#;
        let files =
            vec![("a.schema.json".to_owned(), schema.as_bytes().to_vec()), ("a.invariants.yaml".to_owned(), invariants.into_bytes())];
        let contract = charter_rules::from_documents(files).unwrap_or_else(|error| panic!("{error}"));
        contract.invariants().invariants[0].rule.root.clone()
    }
}
