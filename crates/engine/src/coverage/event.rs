//! The cases of an event of a compiled reader: the same cases that `walk` finds for such a value.

use charter_contract::{JsonType, Keywords, SchemaId};
use charter_reader::Kind;
use serde_json::{Number, Value};

use super::plan::{Bound, Case, Node, Plan, is_ambiguous};
use super::walk::is_equal;

/// Maximum depth of schemas that apply to the same instance, as in `walk`.
const MAX_IN_PLACE: usize = 64;

impl Plan {
    /// The cases of a value of some kind, described by the schemas `at`. `taken` are the union branches that the value matches, where its
    /// type alone does not determine them.
    pub(crate) fn cases_of(&self, at: &[SchemaId], kind: &Kind, taken: &[SchemaId]) -> Vec<Case> {
        let mut cases = Vec::new();
        if let Kind::Lacks(key) = kind {
            let nodes = at.iter().filter_map(|id| Some((self.nodes[id.index()].as_ref()?, &self.contract.schema(*id).keywords)));
            cases.extend(nodes.filter_map(|(node, keywords)| node.absent(keywords.properties.get_index_of(*key)?)));
            return cases;
        }
        for id in at {
            self.add_cases(*id, kind, taken, 0, &mut cases);
        }
        cases
    }

    fn add_cases(&self, id: SchemaId, kind: &Kind, taken: &[SchemaId], in_place: usize, cases: &mut Vec<Case>) {
        let Some(node) = self.nodes[id.index()].as_ref().filter(|_| in_place < MAX_IN_PLACE) else { return };
        let keywords = &self.contract.schema(id).keywords;
        cases.push(node.seen);
        cases.extend(kind_of(node, keywords, kind));
        cases.extend(node.values(keywords).filter(|(known, _)| is_value(known, kind)).map(|(_, case)| case));
        cases.extend(node.bounds.iter().filter(|(bound, _)| touches(bound, kind)).map(|(_, case)| case));
        for next in keywords.reference.iter().chain(&keywords.all_of) {
            self.add_cases(*next, kind, taken, in_place + 1, cases);
        }
        let Some(type_) = type_of(kind) else { return };
        for union in &*node.unions {
            for branch in union.iter().filter(|branch| branch.types.contains(&type_)) {
                let rivals = is_ambiguous(branch, union) && union.iter().filter(|other| other.types.contains(&type_)).count() > 1;
                if !rivals || taken.contains(&branch.schema) {
                    cases.push(branch.case);
                    self.add_cases(branch.schema, kind, taken, in_place + 1, cases);
                }
            }
        }
    }
}

fn type_of(kind: &Kind) -> Option<JsonType> {
    Some(match kind {
        Kind::Anything | Kind::Lacks(_) => return None,
        Kind::Null => JsonType::Null,
        Kind::False | Kind::True => JsonType::Boolean,
        Kind::Whole | Kind::Fraction | Kind::Number(_) => JsonType::Number,
        Kind::Text | Kind::Length(_) | Kind::Value(_) => JsonType::String,
        Kind::Empty | Kind::Items | Kind::Count(_) => JsonType::Array,
        Kind::Object => JsonType::Object,
    })
}

fn kind_of(node: &Node, keywords: &Keywords, kind: &Kind) -> Option<Case> {
    let type_ = type_of(kind)?;
    if type_ != JsonType::Number {
        return node.kind(keywords, type_);
    }
    let whole = match kind {
        Kind::Number(text) => number(text).and_then(|number| number.as_f64()).is_some_and(|number| number.fract() == 0.0),
        kind => *kind == Kind::Whole,
    };
    match (node.kind(keywords, JsonType::Integer), node.kind(keywords, JsonType::Number)) {
        (Some(integer), _) if whole => Some(integer),
        (_, number) => number,
    }
}

fn is_value(known: &Value, kind: &Kind) -> bool {
    match kind {
        Kind::Null => known.is_null(),
        Kind::False => *known == Value::Bool(false),
        Kind::True => *known == Value::Bool(true),
        Kind::Value(text) => known.as_str() == Some(text),
        _ => false,
    }
}

fn touches(bound: &Bound, kind: &Kind) -> bool {
    match (bound, kind) {
        (Bound::Empty, Kind::Empty) => true,
        (Bound::NotEmpty, Kind::Items) => true,
        (Bound::NotEmpty, Kind::Count(count)) => *count > 0,
        (Bound::Items(bound), Kind::Count(count)) => bound == count,
        (Bound::Number(bound), Kind::Number(text)) => number(text).is_some_and(|number| is_equal(bound, &number)),
        (Bound::Length(bound), Kind::Length(length)) => bound == length,
        _ => false,
    }
}

fn number(text: &str) -> Option<Number> {
    serde_json::from_str(text).ok()
}
