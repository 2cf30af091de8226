//! Compares two contracts: operations, schemas, and the effect on each body.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use charter_contract::objects::Object;
use charter_contract::{Contract, Keywords, Level, Location, ParameterPlace, SchemaId};
use serde::Serialize;
use serde_json::Value;

use crate::change::{Change, Evidence, OperationChange, Position, Proof, Verdict};
use crate::compare::{Differences, FoundChange, Note, has_no_common_type};
use crate::document::{Claims, NotCompared, Rest, Written, rest};
use crate::judge::{Joined, judge};
use crate::operations::{Body, OperationPair, Operations, add_other_places, operations, use_references};
use crate::policy::Policy;
use crate::progress::{Progress, Stage};
use crate::settings::settings;
use crate::side::Side;
use crate::{components, lift, prove};

/// How contracts are compared.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// The ids of the operations to compare; empty for all.
    pub operations: Vec<String>,
    /// Whether the settings (`charter.toml`) are not compared: an OpenAPI document alone has none.
    pub without_settings: bool,
    /// Where the comparison records its progress.
    pub progress: Arc<Progress>,
}

/// The differences of two contracts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Diff {
    /// Changes of operations.
    pub operations: Vec<OperationChange>,
    /// Changes of schemas.
    pub schemas: Vec<SchemaChange>,
    /// Bodies of both contracts whose schemas differ semantically.
    pub bodies: Vec<BodyVerdict>,
    /// Differences without an effect on validation: descriptions, titles, names.
    pub notes: Vec<Note>,
    /// Differences of the documents that no comparison judges. They count as unknown.
    pub not_compared: Vec<NotCompared>,
    /// The number of schemas that are written differently and proved equal.
    pub equal: usize,
    /// The counts.
    pub totals: Totals,
}

/// A change of a schema, and its effect on clients and servers.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SchemaChange {
    /// The change.
    #[serde(flatten)]
    pub change: Change,
    /// The operations that use the schema. A schema without a use counts as part of a response.
    pub uses: Vec<Use>,
    /// For a strict client of the old contract.
    pub client: Verdict,
    /// For a tolerant client of the old contract: it accepts unknown keys and unknown strings of enumerations.
    pub tolerant_client: Verdict,
    /// For a tolerant client of the old contract, if both parties send only keys that their contract describes.
    pub described_client: Verdict,
    /// For a server of the old contract.
    pub server: Verdict,
    /// For a server of the old contract, if both parties send only keys that their contract describes.
    pub described_server: Verdict,
    /// The verdict in the reading and for the party of the report.
    pub verdict: Verdict,
    /// The weight of the change.
    pub level: Level,
    /// The reason why the change is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accepted: Option<String>,
    /// The position of the change, or of the part that contained a removed one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<Position>,
    /// The old and the new schema that contain the change.
    #[serde(skip)]
    pub ids: (SchemaId, SchemaId),
}

/// A use of a schema by an operation.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Use {
    /// The operationId.
    pub operation: String,
    /// `request` or `response`.
    pub direction: Direction,
}

/// The direction of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Direction {
    /// From client to server.
    Request,
    /// From server to client.
    Response,
}

impl Direction {
    /// The name in reports.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Response => "response",
        }
    }
}

/// The effect of all changes on one body.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct BodyVerdict {
    /// The operationId.
    pub operation: String,
    /// The body: `200 application/json`, `request application/json`, `query.limit`.
    pub body: String,
    /// The direction.
    pub direction: Direction,
    /// Whether the new contract accepts documents that the old one refuses.
    pub accepts_more: Evidence,
    /// Whether the new contract refuses documents that the old one accepts.
    pub accepts_less: Evidence,
}

/// Counts by verdict.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Totals {
    /// Changes of operations and schemas.
    pub changes: usize,
    /// Changes that break a strict client.
    pub breaking_client: usize,
    /// Changes that break a tolerant client.
    pub breaking_tolerant_client: usize,
    /// Changes that break a tolerant client, if both parties send only keys that their contract describes.
    pub breaking_described_client: usize,
    /// Changes that break a server.
    pub breaking_server: usize,
    /// Changes whose effect on a client is unknown.
    pub unknown_client: usize,
    /// Differences without an effect on validation.
    pub notes: usize,
    /// Differences of the documents that no comparison judges.
    pub not_compared: usize,
}

/// Compares two contracts.
pub fn diff(old: &Contract, new: &Contract, options: &Options) -> Diff {
    match components::with_operations(old, new) {
        Some((old, new)) => {
            let mut found = components::without_operations(compared(&old, &new, options));
            let mut totals = totals(&found.operations, &found.schemas, found.notes.len());
            totals.not_compared = found.not_compared.len();
            found.totals = totals;
            found
        }
        None => compared(old, new, options),
    }
}

fn compared(old: &Contract, new: &Contract, options: &Options) -> Diff {
    let (old, new, tolerant) = (Side::new(old), Side::new(new), Side::tolerant(old));
    options.progress.start(Stage::Operations, 0);
    let Operations { mut pairs, changes: mut operation_changes, texts } = operations(&old, &new);
    use_references(&mut operation_changes, &pairs, old.contract(), new.contract());
    if !options.operations.is_empty() {
        pairs.retain(|pair| options.operations.contains(&pair.id));
        operation_changes.retain(|change| options.operations.contains(&change.operation));
    }
    let named = if options.operations.is_empty() { named(old.contract(), new.contract()) } else { Vec::new() };
    let Joined { mut schemas, mut bodies, annotated, mut differences } =
        judge((&old, &new, &tolerant), &pairs, &named, &texts, &options.progress);
    operation_changes.extend(annotated);
    let written = (Written::new(old.contract()), Written::new(new.contract()));
    use_written_places(&mut operation_changes, &mut schemas, &mut differences, &written);
    bodies.retain(|body| !body.accepts_more.is_excluded() || !body.accepts_less.is_excluded());
    let mut not_compared = Vec::new();
    let mut further = Vec::new();
    if options.operations.is_empty() {
        options.progress.start(Stage::Documents, 0);
        let mut rest = complete((old.contract(), &written.0), (new.contract(), &written.1), &pairs, &operation_changes, &differences);
        operation_changes.append(&mut rest.changes);
        further.append(&mut rest.notes);
        not_compared.append(&mut rest.not_compared);
        if !options.without_settings {
            let (changes, notes) = settings(&old, &new);
            operation_changes.extend(changes);
            further.extend(notes);
        }
    }
    add_other_places(&mut operation_changes, &pairs, old.contract(), new.contract());
    let equal = differences.iter().flat_map(|differences| &differences.equal_pairs).collect::<BTreeSet<_>>().len();
    let mut notes: Vec<Note> = differences.into_iter().flat_map(|differences| differences.notes).chain(further).collect();
    let mut known = HashSet::new();
    notes.retain(|note| known.insert(note.id.clone()));
    let mut totals = totals(&operation_changes, &schemas, notes.len());
    totals.not_compared = not_compared.len();
    let mut diff = Diff { operations: operation_changes, schemas, bodies, notes, not_compared, equal, totals };
    Policy::default().apply(&mut diff);
    diff
}

/// Replaces the places of the rewritten form of older versions by those in the documents.
fn use_written_places(
    operations: &mut [OperationChange],
    schemas: &mut [SchemaChange],
    differences: &mut [Differences],
    (old, new): &(Written<'_>, Written<'_>),
) {
    let place = |written: &Written<'_>, location: &mut Location, key: Option<&str>| {
        if let Some(found) = written.place(location, key) {
            *location = found;
        }
    };
    for change in operations {
        change.old_location.iter_mut().for_each(|location| place(old, location, None));
        change.new_location.iter_mut().for_each(|location| place(new, location, None));
    }
    let found = differences.iter_mut().flat_map(|differences| &mut differences.changes).map(|found| &mut found.change);
    for change in schemas.iter_mut().map(|change| &mut change.change).chain(found) {
        let key = change.new.clone().or_else(|| change.old.clone());
        let key = key.as_ref().and_then(Value::as_str);
        change.old_location.iter_mut().for_each(|location| place(old, location, key));
        change.new_location.iter_mut().for_each(|location| place(new, location, key));
    }
    for note in differences.iter_mut().flat_map(|differences| &mut differences.notes) {
        place(old, &mut note.old_location, None);
        place(new, &mut note.new_location, None);
    }
}

/// The differences of the documents that the comparison of operations and schemas does not cover.
fn complete(
    (old, old_written): (&Contract, &Written<'_>),
    (new, new_written): (&Contract, &Written<'_>),
    pairs: &[OperationPair],
    operations: &[OperationChange],
    differences: &[Differences],
) -> Rest {
    let changes = || differences.iter().flat_map(|differences| &differences.changes);
    let mut claims = Claims::default();
    for change in operations {
        // As a change, an annotation is at its keyword; as a note, at the schema.
        let is_keyword = ["format-changed", "parameter-default-"].iter().any(|kind| change.kind.0.starts_with(kind));
        claims.add(if is_keyword { "" } else { &change.kind.0 }, change.old_location.as_ref(), change.new_location.as_ref());
        claims.add_related(&change.kind.0, change.old_location.as_ref(), change.new_location.as_ref());
        // The media types of Swagger 2.0 are those of the operation or of the document.
        if change.kind.0.contains("-media-type-") {
            let pair = pairs.iter().find(|pair| pair.id == change.operation);
            let (one, other) = pair.map_or((None, None), |pair| (Some(&pair.locations.0), Some(&pair.locations.1)));
            let root = |location: Option<&Location>| location.map(|location| Location::root(location.document()));
            claims.add(&change.kind.0, one, other);
            claims.add(&change.kind.0, root(one).as_ref(), root(other).as_ref());
        }
        // Operations without requirements have those of the document.
        if matches!(change.kind.0.as_str(), "credentials-required" | "credentials-optional" | "security-requirements-changed") {
            let root = |location: &Option<Location>| location.as_ref().map(|location| Location::root(location.document()));
            claims.add(&change.kind.0, root(&change.old_location).as_ref(), root(&change.new_location).as_ref());
        }
    }
    for found in changes() {
        let (one, other) = found.change.places();
        let is_keyword = other.and_then(Location::last_token).is_some_and(|token| matches!(token.as_str(), "readOnly" | "writeOnly"));
        claims.add(if is_keyword { "" } else { &found.change.kind.0 }, one, other);
        // A condition that is changed in place has branches of its own.
        if found.change.kind.0 != "condition-changed" || found.change.old.is_none() || found.change.new.is_none() {
            claims.add_related(&found.change.kind.0, one, other);
        }
    }
    for found in changes().filter(|found| found.change.kind.0 == "type-changed") {
        if has_no_common_type(found.change.old.as_ref(), found.change.new.as_ref()) {
            let (one, other) = found.change.places();
            claims.add_replaced(one, other);
        }
    }
    for note in differences.iter().flat_map(|differences| &differences.notes) {
        claims.add(&note.kind.0, Some(&note.old_location), Some(&note.new_location));
    }
    // Objects at other locations correspond as well.
    let mut moved: Vec<(Object, Location, Location)> = Vec::new();
    for (one, other) in renamed_path_parameters(old, new, pairs) {
        claims.add_renamed(&one, &other);
        if one.pointer() != other.pointer() {
            moved.push((Object::Parameter, one, other));
        }
    }
    for pair in pairs {
        let (one, other) = &pair.locations;
        if one.pointer() != other.pointer() {
            moved.push((Object::Operation, one.clone(), other.clone()));
        }
    }
    let mut schemas: Vec<(&Location, &Location)> = differences
        .iter()
        .flat_map(Differences::compared)
        .map(|(one, other)| (&old.schema(one).location, &new.schema(other).location))
        .collect();
    schemas.sort();
    schemas.dedup();
    for (one, other) in schemas {
        claims.add_schemas(one, other);
        let renamed = |location: &Location| location.tokens().count() == 3 && location.pointer().starts_with("/components/schemas/");
        let stays = || new.schemas().at(&Location::new(other.document(), one.pointer())).is_some();
        if one.pointer() != other.pointer() && renamed(one) && renamed(other) && !stays() {
            moved.push((Object::Schema, one.clone(), other.clone()));
        }
    }
    for (one, other) in differences.iter().flat_map(|differences| &differences.equal_pairs) {
        claims.add_equal(&old.schema(*one).location, &new.schema(*other).location);
    }
    // A reference is compared as its target.
    claims.add_references(old, new);
    let moved_paths = operations.iter().filter(|change| change.kind.0 == "path-prefix-moved").count();
    let same_urls = moved_paths > 0 && moved_paths == pairs.len();
    rest((old, old_written), (new, new_written), &claims, &moved, same_urls)
}

/// The locations of the path parameters that have another name. They correspond by their position in the path.
fn renamed_path_parameters(old: &Contract, new: &Contract, pairs: &[OperationPair]) -> BTreeSet<(Location, Location)> {
    let operation = |contract: &Contract, location: &Location| {
        let all = contract.operations().iter().chain(contract.webhooks());
        all.into_iter().find(|operation| operation.location == *location).cloned()
    };
    let names = |path: &str| -> Vec<String> {
        let segments = path.split('/').filter_map(|segment| segment.strip_prefix('{')?.strip_suffix('}'));
        segments.map(str::to_owned).collect()
    };
    let mut found = BTreeSet::new();
    for pair in pairs {
        let (Some(one), Some(other)) = (operation(old, &pair.locations.0), operation(new, &pair.locations.1)) else { continue };
        let place = |operation: &charter_contract::Operation, name: &str| {
            let of_path = |parameter: &&charter_contract::Parameter| parameter.place == ParameterPlace::Path && parameter.name == name;
            operation.parameters.iter().find(of_path).map(|parameter| parameter.location.clone())
        };
        let renamed = names(&one.path.0).into_iter().zip(names(&other.path.0)).filter(|(before, after)| before != after);
        found.extend(renamed.filter_map(|(before, after)| place(&one, &before).zip(place(&other, &after))));
    }
    found
}

/// The schemas with the same location or the same name in both contracts.
fn named(old: &Contract, new: &Contract) -> Vec<(SchemaId, SchemaId)> {
    let (before, after) = (old.entries(), new.entries());
    let mut pairs = Vec::new();
    for (one, name) in &before {
        let location = &old.schema(*one).location;
        let same_location = new.schemas().at(location).filter(|id| after.iter().any(|(other, _)| other == id));
        let same_name = || after.iter().find(|(_, other)| other == name).map(|(id, _)| *id);
        pairs.extend(same_location.or_else(same_name).map(|other| (*one, other)));
    }
    // The only documents of both contracts correspond, whatever their names.
    if let ([one], [other]) = (old.roots(), new.roots())
        && !pairs.contains(&(*one, *other))
        && (before.len(), after.len()) != (0, 0)
        && old.operations().is_empty()
    {
        pairs.push((*one, *other));
    }
    pairs
}

/// By use: whether a body may accept more than before, and whether it may accept less.
pub(crate) type Possible = HashMap<Use, (bool, bool)>;

/// The operations that use each body: by pair of schemas.
pub(crate) type Uses = HashMap<usize, Vec<Use>>;

/// The uses of the pairs of bodies.
pub(crate) fn uses(differences: &Differences, pairs: &[OperationPair]) -> Uses {
    let mut uses = Uses::new();
    for pair in pairs {
        for (direction, list) in [(Direction::Request, &pair.requests), (Direction::Response, &pair.responses)] {
            for index in list.iter().filter_map(|body| differences.index_of(body.old, body.new)) {
                let use_ = Use { operation: pair.id.clone(), direction };
                let known = uses.entry(index).or_default();
                if !known.contains(&use_) {
                    known.push(use_);
                }
            }
        }
    }
    uses
}

pub(crate) fn schema_change(
    found: &FoundChange,
    differences: &Differences,
    uses: &Uses,
    possible: &Possible,
    (old, new, tolerant): (&Side<'_>, &Side<'_>, &Side<'_>),
) -> SchemaChange {
    let change = found.change.clone();
    // The bodies whose comparison leads to the change, from pair to pair.
    let above = differences.above(&found.pairs);
    let users: BTreeSet<Use> = above.iter().filter_map(|pair| uses.get(pair)).flatten().cloned().collect();
    let uses_of_both: Vec<Use> = users.into_iter().collect();
    // A part may accept more although the body does not, because another part accepted it before. A proof for the body decides.
    let may = |direction: Direction| {
        let uses = uses_of_both.iter().filter(|use_| use_.direction == direction);
        uses.filter_map(|use_| possible.get(use_)).fold((false, false), |all, one| (all.0 || one.0, all.1 || one.1))
    };
    let (read, written) = (may(Direction::Response), may(Direction::Request));
    let unless = |hidden: bool, verdict: Verdict| if hidden && !uses_of_both.is_empty() { Verdict::Compatible } else { verdict };
    let (more, less) = (Verdict::of(&change.accepts_more), Verdict::of(&change.accepts_less));
    let tolerated = if is_tolerated(&change, found, tolerant) { Verdict::Compatible } else { more };
    // In the reading "described", a key that a contract does not describe is not sent.
    let (undescribed_before, undescribed_after) = undescribed(&change, found, old.contract(), new.contract());
    let sent = |absent: bool, verdict: Verdict| if absent { Verdict::Compatible } else { verdict };
    let reads = uses_of_both.is_empty() || uses_of_both.iter().any(|use_| use_.direction == Direction::Response);
    let writes = uses_of_both.iter().any(|use_| use_.direction == Direction::Request);
    let worst = |read: Verdict, written: Verdict| match (reads, writes) {
        (true, true) => read.max(written),
        (true, false) => read,
        _ => written,
    };
    SchemaChange {
        client: worst(unless(!read.0, more), unless(!written.1, less)),
        tolerant_client: worst(unless(!read.0, tolerated), unless(!written.1, less)),
        described_client: worst(unless(!read.0, sent(undescribed_after, tolerated)), unless(!written.1, sent(undescribed_before, less))),
        server: worst(unless(!read.1, less), unless(!written.0, more)),
        described_server: worst(unless(!read.1, sent(undescribed_before, less)), unless(!written.0, sent(undescribed_after, more))),
        verdict: Verdict::Compatible,
        level: Level::Info,
        accepted: None,
        position: None,
        uses: uses_of_both,
        ids: (found.old, found.new),
        change,
    }
}

/// Whether only messages with a key that the old contract (then the new one) does not describe show the effect of a change.
fn undescribed(change: &Change, found: &FoundChange, old: &Contract, new: &Contract) -> (bool, bool) {
    let one = &old.schema(found.cores.0).keywords;
    let other = &new.schema(found.cores.1).keywords;
    let key = |location: &Option<Location>| location.as_ref().and_then(Location::last_token).unwrap_or_default();
    match change.kind.0.as_str() {
        "property-added" => {
            let key = key(&change.new_location);
            // An object without properties is a map: its keys are described as a whole.
            let is_map = one.properties.is_empty();
            (!is_map && !other.required.contains(&key) && !describes(old, found.cores.0, one, &key), false)
        }
        "property-removed" => {
            let key = key(&change.old_location);
            (false, !one.required.contains(&key) && !describes(new, found.cores.1, other, &key))
        }
        _ => (false, false),
    }
}

/// Whether an object has no schema for other keys than its properties.
fn is_open_object(contract: &Contract, keywords: &Keywords) -> bool {
    let is_free = |id: Option<SchemaId>| id.is_none_or(|id| contract.schema(id).keywords == Keywords::default());
    keywords.pattern_properties.is_empty() && is_free(keywords.additional_properties) && is_free(keywords.unevaluated_properties)
}

/// Whether a contract describes a key of an object, in the schema itself or in another part of its `allOf`.
fn describes(contract: &Contract, id: SchemaId, keywords: &Keywords, key: &str) -> bool {
    if !is_open_object(contract, keywords) {
        return true;
    }
    let location = &contract.schema(id).location;
    let mut tokens: Vec<String> = location.tokens().map(|token| token.to_string()).collect();
    if tokens.len() < 2 || tokens[tokens.len() - 2] != "allOf" {
        return false;
    }
    tokens.truncate(tokens.len() - 2);
    let mut pointer = String::new();
    for token in &tokens {
        charter_contract::push_token(&mut pointer, token);
    }
    let Some(above) = contract.schemas().at(&Location::new(location.document(), pointer.as_str())) else { return false };
    let above = &contract.schema(above).keywords;
    let has = |keywords: &Keywords| keywords.properties.contains_key(key);
    has(above) || above.all_of.iter().any(|part| *part != id && has(&contract.schema(contract.target(*part)).keywords))
}

/// Whether a tolerant client accepts an addition: by the kind of the change, and by the tolerant validator.
fn is_tolerated(change: &Change, found: &FoundChange, tolerant: &Side<'_>) -> bool {
    let Evidence::Yes { witness } = &change.accepts_more else { return false };
    let by_kind = match change.kind.0.as_str() {
        "property-added" | "additional-properties-allowed" | "unevaluated-properties-allowed" => true,
        "enum-value-added" => change.new.as_ref().is_some_and(Value::is_string),
        _ => false,
    };
    if !by_kind || tolerant.accepts(found.old, witness).is_none() {
        return false;
    }
    // Other changes of the object may refuse the witness, too. They are changes of their own.
    let key = change.new_location.as_ref().and_then(charter_contract::Location::last_token).unwrap_or_default();
    let mut below = String::new();
    charter_contract::push_token(&mut below, &key);
    let errors = tolerant.errors(found.old, witness);
    let is_own = |path: &str| match change.kind.0.as_str() {
        "property-added" => path == below || path.starts_with(&format!("{below}/")),
        _ => true,
    };
    !errors.iter().any(|(_, path, _)| is_own(path))
}

/// The maximum number of changes whose witnesses are embedded into one body.
const INSIDE: usize = 24;
/// The number of witnesses of a body that suffice. The smallest one is reported.
const ENOUGH: usize = 4;

/// The effect of the changes on one body; `None` if it is proved by structure that there is none.
pub(crate) fn effect(old: &Side<'_>, new: &Side<'_>, differences: &Differences, body: &Body) -> Option<(Evidence, Evidence)> {
    let (may_more, may_less) = differences.may_differ(body.old, body.new)?;
    if !may_more && !may_less {
        return None;
    }
    let below = differences.below(body.old, body.new);
    let inside: Vec<&FoundChange> =
        differences.changes.iter().filter(|found| found.pairs.iter().any(|pair| below.contains(pair))).take(INSIDE).collect();
    let evidence = |may: bool, more: bool| -> Evidence {
        if !may {
            return Evidence::No { proof: Proof::Structure };
        }
        let (accepting, refusing) = if more { ((new, body.new), (old, body.old)) } else { ((old, body.old), (new, body.new)) };
        if prove::covers(refusing.0, refusing.1, accepting.0, accepting.1) {
            return Evidence::No { proof: Proof::Algebra };
        }
        let mut tried = 0;
        let mut witnesses: BTreeMap<(usize, String), Value> = BTreeMap::new();
        for found in &inside {
            let (evidence, part) =
                if more { (&found.change.accepts_more, found.cores.1) } else { (&found.change.accepts_less, found.cores.0) };
            let Some(witness) = evidence.witness() else { continue };
            tried += 1;
            if let Some(whole) = lift::lift(accepting, refusing, part, witness) {
                witnesses.insert(crate::sample::size(&whole), whole);
                if witnesses.len() == ENOUGH {
                    break;
                }
            }
        }
        match witnesses.into_iter().next() {
            Some((_, witness)) => Evidence::Yes { witness },
            None => Evidence::Unknown { tried },
        }
    };
    Some((evidence(may_more, true), evidence(may_less, false)))
}

fn totals(operations: &[OperationChange], schemas: &[SchemaChange], notes: usize) -> Totals {
    let all = operations
        .iter()
        .map(|change| (change.client, change.tolerant_client, change.described_client, change.server))
        .chain(schemas.iter().map(|change| (change.client, change.tolerant_client, change.described_client, change.server)));
    let mut totals = Totals { notes, ..Totals::default() };
    for (client, tolerant, described, server) in all {
        totals.changes += 1;
        totals.breaking_client += usize::from(client == Verdict::Breaking);
        totals.breaking_tolerant_client += usize::from(tolerant == Verdict::Breaking);
        totals.breaking_described_client += usize::from(described == Verdict::Breaking);
        totals.breaking_server += usize::from(server == Verdict::Breaking);
        totals.unknown_client += usize::from(client == Verdict::Unknown);
    }
    totals
}
