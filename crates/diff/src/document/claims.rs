//! The places that the semantic comparison has judged.

use std::collections::{BTreeMap, HashSet};

use charter_contract::Location;
use charter_contract::objects::Object;

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

    /// Adds a pair of schemas that were compared.
    pub(crate) fn add_schemas(&mut self, old: &Location, new: &Location) {
        self.schemas.0.insert(old.clone());
        self.schemas.1.insert(new.clone());
    }

    /// Whether the schemas that have a member were compared.
    pub(super) fn compared(&self, difference: &Difference<'_>) -> bool {
        difference.object != Object::Schema || self.schemas.0.contains(&difference.at.0) && self.schemas.1.contains(&difference.at.1)
    }

    /// Whether a change or a note judges a difference.
    pub(super) fn cover(&self, difference: &Difference<'_>) -> bool {
        let old = difference.before.is_some() || difference.after.is_none();
        let new = difference.after.is_some() || difference.before.is_none();
        old && covered(&self.old, &difference.old, &difference.at.0, &difference.member)
            || new && covered(&self.new, &difference.new, &difference.at.1, &difference.member)
    }
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
        "null-allowed" | "null-refused" => &["type", "anyOf", "oneOf", "allOf", "enum", "const", "$ref", "nullable", ""],
        "union-exclusiveness-changed" => &["anyOf", "oneOf"],
        "union-branch-added" | "union-branch-removed" | "all-of-part-added" | "all-of-part-removed" => return Claim::Whole,
        "schema-renamed" => &["$ref"],
        "schema-replaced" => &["$ref"],
        "description-changed" => &["description"],
        "title-changed" => &["title"],
        "default-changed" => &["default"],
        "format-changed" => &["format"],
        "deprecated-added" | "deprecated-removed" | "operation-deprecated" | "operation-restored" => &["deprecated"],
        "read-only-added" | "read-only-removed" => &["readOnly"],
        "write-only-added" | "write-only-removed" => &["writeOnly"],
        "operation-renamed" => &["operationId"],
        "operation-moved" | "path-parameter-renamed" | "path-prefix-moved" => &[],
        "credentials-required" | "credentials-optional" | "security-requirements-changed" => &["security"],
        "parameter-required" | "parameter-optional" | "request-body-required" | "request-body-optional" => &["required"],
        "response-header-optional" | "response-header-required" => &["required"],
        "request-media-type-added" | "request-media-type-removed" => &["content"],
        "response-media-type-added" | "response-media-type-removed" => &["content"],
        "parameter-serialisation-changed" => &["style", "explode", "allowReserved", "allowEmptyValue", "collectionFormat"],
        _ => return Claim::Whole,
    })
}
