//! The places that the semantic comparison has judged.

use std::collections::{BTreeMap, HashSet};

use charter_contract::objects::Object;
use charter_contract::{Contract, Location};

use super::walk::Difference;

/// What a change or a note judges.
#[derive(Clone, Copy, Debug)]
enum Claim {
    /// Everything at its location and below.
    Whole,
    /// Some members of the object at its location.
    Members(&'static [&'static str]),
}

/// The judged places of both contracts.
#[derive(Debug, Default)]
pub(crate) struct Claims {
    old: BTreeMap<Location, Vec<Claim>>,
    new: BTreeMap<Location, Vec<Claim>>,
    /// The locations of the schemas that were compared.
    schemas: (HashSet<Location>, HashSet<Location>),
    /// The locations of the schemas that are written differently and proved equal, with all of their parts.
    equal: (HashSet<Location>, HashSet<Location>),
}

impl Claims {
    /// Adds the places of a change or a note.
    pub(crate) fn add(&mut self, kind: &str, old: Option<&Location>, new: Option<&Location>) {
        let claim = claim(kind);
        for (side, location) in [(&mut self.old, old), (&mut self.new, new)] {
            if let Some(location) = location {
                side.entry(location.clone()).or_default().push(claim);
            }
        }
    }

    /// Adds the members of the same schema that belong to a change.
    pub(crate) fn add_related(&mut self, kind: &str, old: Option<&Location>, new: Option<&Location>) {
        let (levels, members): (usize, &'static [&'static str]) = match kind {
            // A required property is added or removed with its key in `required`.
            "property-added" | "property-removed" | "property-renamed" => (2, &["required"]),
            // A bound is exchanged for an exclusive one.
            "exclusive-minimum-added" | "exclusive-minimum-removed" => (1, &["minimum"]),
            "exclusive-maximum-added" | "exclusive-maximum-removed" => (1, &["maximum"]),
            // Parameters of the path item.
            "path-parameter-renamed" => (1, &["parameters"]),
            "condition-changed" => (1, &["then", "else"]),
            _ => return,
        };
        for (side, location) in [(&mut self.old, old), (&mut self.new, new)] {
            let above = location.and_then(|location| above(location, levels));
            if let Some(above) = above {
                side.entry(above).or_default().push(Claim::Members(members));
            }
        }
    }

    /// Adds a pair of schemas that were compared.
    pub(crate) fn add_schemas(&mut self, old: &Location, new: &Location) {
        self.schemas.0.insert(old.clone());
        self.schemas.1.insert(new.clone());
    }

    /// Adds a pair of schemas that are proved equal. Their parts were not compared one by one.
    pub(crate) fn add_equal(&mut self, old: &Location, new: &Location) {
        self.equal.0.insert(old.clone());
        self.equal.1.insert(new.clone());
    }

    /// Adds the references to schemas that were compared.
    pub(crate) fn add_references(&mut self, old: &Contract, new: &Contract) {
        for (contract, known) in [(old, &mut self.schemas.0), (new, &mut self.schemas.1)] {
            let references = contract.schemas().iter().filter(|(_, schema)| schema.keywords.reference.is_some());
            let compared = references.filter(|(id, _)| known.contains(&contract.schema(contract.target(*id)).location));
            let added: Vec<Location> = compared.map(|(_, schema)| schema.location.clone()).collect();
            known.extend(added);
        }
    }

    /// Whether the schemas that have a member were compared.
    pub(super) fn compared(&self, difference: &Difference<'_>) -> bool {
        let has = |(old, new): (&Location, &Location)| self.schemas.0.contains(old) && self.schemas.1.contains(new);
        if difference.object != Object::Schema || has((&difference.at.0, &difference.at.1)) {
            return true;
        }
        if is_below(&difference.at.0, &self.equal.0) && is_below(&difference.at.1, &self.equal.1) {
            return true;
        }
        // Branches that are equal are not compared one by one.
        let (mut old, mut new) = (difference.at.0.clone(), difference.at.1.clone());
        while let (Some(one), Some(other)) = (union_of(&old), union_of(&new)) {
            if has((&one, &other)) {
                return true;
            }
            (old, new) = (one, other);
        }
        false
    }

    /// Whether a change or a note judges a difference.
    pub(super) fn cover(&self, difference: &Difference<'_>) -> bool {
        let old = difference.before.is_some() || difference.after.is_none();
        let new = difference.after.is_some() || difference.before.is_none();
        old && covered(&self.old, &difference.old, &difference.at.0, &difference.member)
            || new && covered(&self.new, &difference.new, &difference.at.1, &difference.member)
    }
}

/// Whether a location is one of some others, or below one.
fn is_below(location: &Location, others: &HashSet<Location>) -> bool {
    let mut pointer = location.pointer();
    loop {
        if others.contains(&Location::new(location.document(), pointer)) {
            return true;
        }
        match pointer.rfind('/') {
            Some(end) => pointer = &pointer[..end],
            None => return false,
        }
    }
}

/// The location some tokens above.
fn above(location: &Location, levels: usize) -> Option<Location> {
    let mut pointer = location.pointer();
    for _ in 0..levels {
        pointer = pointer.rsplit_once('/')?.0;
    }
    Some(Location::new(location.document(), pointer))
}

/// The schema whose branch or part is at a location.
fn union_of(location: &Location) -> Option<Location> {
    let (list, _) = location.pointer().rsplit_once('/')?;
    let (schema, keyword) = list.rsplit_once('/')?;
    matches!(keyword, "anyOf" | "oneOf" | "allOf").then(|| Location::new(location.document(), schema))
}

fn covered(claims: &BTreeMap<Location, Vec<Claim>>, place: &Location, object: &Location, member: &str) -> bool {
    let is_below = |location: &Location| {
        location.document() == place.document()
            && location.pointer().strip_prefix(place.pointer()).is_some_and(|rest| rest.starts_with('/'))
    };
    // A claim below the difference.
    if claims.range(place.clone()..).skip_while(|(location, _)| *location == place).take(1).any(|(location, _)| is_below(location)) {
        return true;
    }
    let here = claims.get(object).into_iter().flatten();
    if here.into_iter().any(|claim| matches!(claim, Claim::Members(members) if members.contains(&member))) {
        return true;
    }
    let mut pointer = place.pointer();
    loop {
        let at = Location::new(place.document(), pointer);
        if claims.get(&at).is_some_and(|claims| claims.iter().any(|claim| matches!(claim, Claim::Whole))) {
            return true;
        }
        match pointer.rfind('/') {
            Some(end) => pointer = &pointer[..end],
            None => return false,
        }
    }
}

/// The members that a change or a note of this kind judges.
fn claim(kind: &str) -> Claim {
    Claim::Members(match kind {
        "null-allowed" | "null-refused" => &["type", "anyOf", "oneOf", "allOf", "enum", "const", "$ref", "nullable", "x-nullable", ""],
        "union-exclusiveness-changed" => &["anyOf", "oneOf"],
        "union-branch-added" | "union-branch-removed" | "all-of-part-added" | "all-of-part-removed" => return Claim::Whole,
        "schema-renamed" => &["$ref"],
        "schema-replaced" => &["$ref"],
        "description-changed" => &["description"],
        "title-changed" => &["title"],
        "default-changed" | "parameter-default-changed" => &["default"],
        "format-changed" => &["format"],
        "deprecated-added" | "deprecated-removed" | "operation-deprecated" | "operation-restored" => &["deprecated"],
        "read-only-added" | "read-only-removed" => &["readOnly"],
        "write-only-added" | "write-only-removed" => &["writeOnly"],
        "operation-renamed" => &["operationId"],
        "operation-moved" | "path-prefix-moved" => &[],
        "path-parameter-renamed" => &["parameters"],
        "credentials-required" | "credentials-optional" | "security-requirements-changed" => &["security"],
        "parameter-required" | "parameter-optional" | "request-body-required" | "request-body-optional" => &["required"],
        "response-header-optional" | "response-header-required" => &["required"],
        "request-media-type-added" | "request-media-type-removed" => &["content", "consumes"],
        "response-media-type-added"
        | "response-media-type-removed"
        | "response-media-type-generalized"
        | "response-media-type-specialized" => &["content", "schema", "produces"],
        "parameter-serialisation-changed" => &["style", "explode", "allowReserved", "allowEmptyValue", "collectionFormat"],
        _ => return Claim::Whole,
    })
}
