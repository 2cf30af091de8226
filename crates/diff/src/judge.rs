//! Compares the schemas of the operations: once, or once for each direction if `required` depends on it.

use std::collections::{BTreeSet, HashMap, HashSet};

use charter_contract::SchemaId;
use indexmap::IndexMap;

use crate::annotations;
use crate::change::OperationChange;
use crate::compare::{Differences, FoundChange, compare_with};
use crate::diff::{BodyVerdict, Direction, Possible, SchemaChange, Use, effect, schema_change, uses};
use crate::directions::Directed;
use crate::operations::OperationPair;
use crate::progress::{Progress, Stage};
use crate::side::Side;

/// The results of both directions.
pub(crate) struct Joined {
    pub(crate) schemas: Vec<SchemaChange>,
    pub(crate) bodies: Vec<BodyVerdict>,
    /// Annotations with an effect.
    pub(crate) annotated: Vec<OperationChange>,
    pub(crate) differences: Vec<Differences>,
}

/// Compares the schemas of some operations, and further pairs of schemas. The third side is the old one of a tolerant client.
pub(crate) fn judge(
    (old, new, tolerant): (&Side<'_>, &Side<'_>, &Side<'_>),
    pairs: &[OperationPair],
    named: &[(SchemaId, SchemaId)],
    texts: &HashSet<(SchemaId, SchemaId)>,
    progress: &Progress,
) -> Joined {
    let mut passes = Vec::new();
    match Directed::of(old.contract(), new.contract()) {
        None => {
            let differences = differences((old, new), pairs, named, texts, progress);
            passes.push(judge_differences(differences, (old, new, tolerant), pairs, progress));
        }
        Some(directions) => {
            for directed in &directions {
                passes.push(judge_directed(directed, (old, new, tolerant), pairs, named, texts, passes.first(), progress));
            }
        }
    }
    joined(passes, pairs)
}

/// The comparison of the schemas of both directions, or of one.
struct Judged {
    differences: Differences,
    schemas: Vec<SchemaChange>,
    bodies: Vec<BodyVerdict>,
    /// Annotations with an effect, by the ids of their notes.
    annotated: Vec<(String, OperationChange)>,
    /// The ids of notes that changes replace.
    replaced: HashSet<String>,
}

/// Compares the messages of one direction. `requests` are those of the other direction, if they are judged.
fn judge_directed(
    directed: &Directed,
    (old, new, tolerant): (&Side<'_>, &Side<'_>, &Side<'_>),
    pairs: &[OperationPair],
    named: &[(SchemaId, SchemaId)],
    texts: &HashSet<(SchemaId, SchemaId)>,
    requests: Option<&Judged>,
    progress: &Progress,
) -> Judged {
    let pairs = directed.pairs(pairs);
    let own = (directed.old.as_ref().map(Side::new), directed.new.as_ref().map(Side::new), directed.old.as_ref().map(Side::tolerant));
    let sides = (own.0.as_ref().unwrap_or(old), own.1.as_ref().unwrap_or(new), own.2.as_ref().unwrap_or(tolerant));
    // Schemas without a use count as parts of responses.
    let named = if directed.direction == Direction::Response { named } else { &[] };
    let mut found = differences((sides.0, sides.1), &pairs, named, texts, progress);
    if let Some(requests) = requests {
        let uses = uses(&found, &pairs);
        let is_used = |change: &FoundChange| found.above(&change.pairs).iter().any(|pair| uses.contains_key(pair));
        let is_of_requests = |change: &FoundChange| requests.differences.index_of(change.old, change.new).is_some();
        let kept: Vec<bool> = found.changes.iter().map(|change| is_used(change) || !is_of_requests(change)).collect();
        let mut kept = kept.into_iter();
        found.changes.retain(|_| kept.next().unwrap_or(true));
    }
    let replaced = directed.name_changes(&mut found, old.contract(), new.contract());
    Judged { replaced, ..judge_differences(found, sides, &pairs, progress) }
}

fn differences(
    (old, new): (&Side<'_>, &Side<'_>),
    pairs: &[OperationPair],
    named: &[(SchemaId, SchemaId)],
    texts: &HashSet<(SchemaId, SchemaId)>,
    progress: &Progress,
) -> Differences {
    let bodies = pairs.iter().flat_map(|pair| pair.requests.iter().chain(&pair.responses)).map(|body| (body.old, body.new));
    let schemas: Vec<(SchemaId, SchemaId)> = bodies.chain(named.iter().copied()).collect();
    progress.start(Stage::Schemas, 0);
    compare_with((old, new), &schemas, texts, progress)
}

fn judge_differences(
    mut differences: Differences,
    (old, new, tolerant): (&Side<'_>, &Side<'_>, &Side<'_>),
    pairs: &[OperationPair],
    progress: &Progress,
) -> Judged {
    let uses = uses(&differences, pairs);
    let (mut bodies, mut possible, mut effects) = (Vec::new(), Possible::new(), HashMap::new());
    progress.start(Stage::Bodies, pairs.len());
    for pair in pairs {
        progress.advance();
        for (direction, list) in [(Direction::Request, &pair.requests), (Direction::Response, &pair.responses)] {
            let use_ = Use { operation: pair.id.clone(), direction };
            let mut may = (false, false);
            for body in list {
                // Many operations have the same bodies.
                let known = effects.entry((body.old, body.new)).or_insert_with(|| effect(old, new, &differences, body));
                let Some((accepts_more, accepts_less)) = known.clone() else { continue };
                let verdict = BodyVerdict { operation: pair.id.clone(), body: body.name.clone(), direction, accepts_more, accepts_less };
                may = (may.0 || !verdict.accepts_more.is_excluded(), may.1 || !verdict.accepts_less.is_excluded());
                bodies.push(verdict);
            }
            possible.insert(use_, may);
        }
    }
    let schemas =
        differences.changes.iter().map(|found| schema_change(found, &differences, &uses, &possible, (old, new, tolerant))).collect();
    let annotated = annotations::with_effect(&mut differences, &uses, pairs, old.contract(), new.contract());
    Judged { differences, schemas, bodies, annotated, replaced: HashSet::new() }
}

fn joined(passes: Vec<Judged>, pairs: &[OperationPair]) -> Joined {
    let mut joined = Joined { schemas: Vec::new(), bodies: Vec::new(), annotated: Vec::new(), differences: Vec::new() };
    let (mut notes, is_alone) = (HashSet::new(), passes.len() == 1);
    let mut annotated: IndexMap<String, OperationChange> = IndexMap::new();
    for pass in passes {
        for change in pass.schemas {
            match joined.schemas.iter_mut().find(|known| known.change.id == change.change.id).filter(|_| !is_alone) {
                Some(known) => known.join(change),
                None => joined.schemas.push(change),
            }
        }
        for (note, change) in pass.annotated {
            match annotated.get_mut(&note) {
                Some(known) => known.join(change),
                None => drop(annotated.insert(note, change)),
            }
        }
        notes.extend(pass.replaced);
        joined.bodies.extend(pass.bodies);
        joined.differences.push(pass.differences);
    }
    notes.extend(annotated.keys().cloned());
    for differences in &mut joined.differences {
        differences.notes.retain(|note| !notes.contains(&note.id));
    }
    joined.annotated.extend(annotated.into_values());
    if !is_alone {
        let order: HashMap<&str, usize> = pairs.iter().enumerate().map(|(index, pair)| (pair.id.as_str(), index)).collect();
        joined.bodies.sort_by_key(|body| (order.get(body.operation.as_str()).copied(), body.direction));
    }
    joined
}

impl SchemaChange {
    /// Adds the uses and the effect of the same change in the other direction.
    fn join(&mut self, other: Self) {
        // The evidence and the sentence of the direction that breaks.
        if other.client > self.client || other.client == self.client && other.server > self.server {
            self.change = other.change;
        }
        self.client = self.client.max(other.client);
        self.tolerant_client = self.tolerant_client.max(other.tolerant_client);
        self.described_client = self.described_client.max(other.described_client);
        self.server = self.server.max(other.server);
        self.described_server = self.described_server.max(other.described_server);
        let uses: BTreeSet<Use> = self.uses.drain(..).chain(other.uses).collect();
        self.uses = uses.into_iter().collect();
    }
}
