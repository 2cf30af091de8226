//! The places that the semantic comparison has judged.

use std::collections::{BTreeMap, HashSet};

use charter_contract::objects::Object;
use charter_contract::{Contract, Location};
use serde_json::Value;

use super::members::is_value_keyword;
use super::walk::Difference;

/// What a change or a note judges.
#[derive(Clone, Copy, Debug)]
enum Claim {
    /// Everything at its location and below.
    Whole,
    /// Some members of the object at its location.
    Members(&'static [&'static str]),
    /// That its location is in one contract alone.
    Presence,
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
                let claims = side.entry(location.clone()).or_default();
                claims.push(claim);
                if kind == "schema-renamed" {
                    claims.push(Claim::Presence);
                }
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

    /// Adds the places of a path parameter with another name, which may be in a library.
    pub(crate) fn add_renamed(&mut self, old: &Location, new: &Location) {
        for (side, location) in [(&mut self.old, old), (&mut self.new, new)] {
            side.entry(location.clone()).or_default().extend([Claim::Members(&["name"]), Claim::Presence]);
        }
    }

    /// Adds the schemas of a change of the type that has replaced a schema as a whole. A component may have other uses.
    pub(crate) fn add_replaced(&mut self, old: Option<&Location>, new: Option<&Location>) {
        let same = old.zip(new).is_some_and(|(old, new)| old.pointer() == new.pointer());
        for (side, location) in [(&mut self.old, old), (&mut self.new, new)] {
            let schema = location.and_then(|location| above(location, 1));
            if let Some(schema) = schema.filter(|schema| same || !schema.pointer().starts_with("/components/schemas/")) {
                side.entry(schema).or_default().push(Claim::Whole);
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
        // In Swagger 2.0, a parameter or header field has the keywords of its schema.
        if matches!(difference.object, Object::Parameter | Object::Header) && is_value_keyword(&difference.member) {
            return has((&difference.at.0.child("schema"), &difference.at.1.child("schema")));
        }
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

    /// Whether the targets of both references are schemas that are replaced or renamed.
    fn covers_targets(&self, difference: &Difference<'_>) -> bool {
        let has = |claims: &BTreeMap<Location, Vec<Claim>>, at: &Location, reference: Option<&Value>| {
            let pointer = reference.and_then(Value::as_str).and_then(|reference| reference.strip_prefix('#'));
            let target = pointer.map(|pointer| Location::new(at.document(), pointer));
            let is_reference = |claim: &Claim| matches!(claim, Claim::Members(members) if members.contains(&"$ref"));
            target.and_then(|target| claims.get(&target)).is_some_and(|claims| claims.iter().any(is_reference))
        };
        has(&self.old, &difference.at.0, difference.before) && has(&self.new, &difference.at.1, difference.after)
    }

    /// Whether a change or a note judges a difference.
    pub(super) fn cover(&self, difference: &Difference<'_>) -> bool {
        // A reference is exchanged for a schema with a change of its own.
        if difference.object == Object::Schema
            && difference.member == "$ref"
            && (has_below(&self.new, &difference.at.1) || has_below(&self.old, &difference.at.0) || self.covers_targets(difference))
        {
            return true;
        }
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

/// Whether a change is at a location or below it. Notes have claims of single members.
fn has_below(claims: &BTreeMap<Location, Vec<Claim>>, location: &Location) -> bool {
    let is_within = |other: &Location| {
        other.document() == location.document()
            && other.pointer().strip_prefix(location.pointer()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let found = claims.range(location.clone()..).take_while(|(other, _)| other.pointer().starts_with(location.pointer()));
    found.into_iter().any(|(other, claims)| is_within(other) && claims.iter().any(|claim| matches!(claim, Claim::Whole)))
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
    if claims.get(place).is_some_and(|claims| claims.iter().any(|claim| matches!(claim, Claim::Presence))) {
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
        "operation-moved" | "path-prefix-moved" => return Claim::Presence,
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
