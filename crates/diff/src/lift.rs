//! Embeds a witness for a part into a document for the whole body.

use std::collections::{HashMap, VecDeque};

use charter_contract::SchemaId;
use serde_json::Value;

use crate::sample::{Pool, Sampler, Step};
use crate::side::Side;
use crate::witness::{is_confirmed, shows, shrink};

/// A witness for the whole schema that contains `inner` at the schema `part`.
pub(crate) fn lift(accepting: (&Side<'_>, SchemaId), refusing: (&Side<'_>, SchemaId), part: SchemaId, inner: &Value) -> Option<Value> {
    let (side, whole) = accepting;
    let path = path(side, whole, part)?;
    let mut pool = Pool::default();
    pool.collect(side, whole);
    let built = Sampler::new(side, &pool).embed(whole, &path, inner)?;
    let is_witness = |value: &Value| shows(accepting, refusing, value);
    let found = is_witness(&built).then(|| shrink(built, &is_witness))?;
    is_confirmed(accepting, refusing, &found).then_some(found)
}

/// The shortest path from a schema to one of its parts.
fn path(side: &Side<'_>, from: SchemaId, to: SchemaId) -> Option<Vec<Step>> {
    let contract = side.contract();
    let mut before: HashMap<SchemaId, (SchemaId, Step)> = HashMap::new();
    let mut open = VecDeque::from([from]);
    while let Some(id) = open.pop_front() {
        if id == to {
            let (mut path, mut at) = (Vec::new(), id);
            while let Some((previous, step)) = before.get(&at).filter(|_| at != from) {
                path.push(step.clone());
                at = *previous;
            }
            path.reverse();
            return Some(path);
        }
        let keywords = &contract.schema(id).keywords;
        let same = keywords.reference.iter().chain(&keywords.all_of).chain(&keywords.any_of).chain(&keywords.one_of);
        let same = same.chain(&keywords.then).chain(&keywords.else_).chain(keywords.dependent_schemas.values());
        let mut steps: Vec<Step> = same.map(|next| Step::Same(*next)).collect();
        steps.extend(keywords.properties.iter().map(|(key, next)| Step::Key(key.clone(), *next)));
        steps.extend(keywords.prefix_items.iter().enumerate().map(|(index, next)| Step::Item(index, *next)));
        steps.extend(keywords.items.map(|next| Step::Item(keywords.prefix_items.len(), next)));
        steps.extend(keywords.contains.map(|next| Step::Item(0, next)));
        steps.extend(keywords.additional_properties.map(|next| Step::Key("extra".to_owned(), next)));
        for step in steps {
            let (Step::Same(next) | Step::Key(_, next) | Step::Item(_, next)) = &step;
            let next = *next;
            if next != from && !before.contains_key(&next) {
                before.insert(next, (id, step));
                open.push_back(next);
            }
        }
    }
    None
}
