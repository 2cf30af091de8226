//! The report of a comparison as data.

use charter_contract::{Contract, Error, Level, Location, Mode};
use serde::Serialize;

use crate::change::{Position, Verdict};
use crate::diff::{Diff, Options, diff};
use crate::policy::{Applied, Policy};
use crate::progress::Stage;
use crate::recordings::{Recordings, recordings};
use crate::rules::{RuleImpact, all_removed, restated, rules};
use crate::rust::{RustApi, rust_api};

/// The contracts to compare.
pub struct Sides<'s> {
    /// The name of the old contract, as the user wrote it.
    pub old_name: String,
    /// The old contract, with its rules if they fit.
    pub old: &'s Contract,
    /// The name of the new contract, as the user wrote it.
    pub new_name: String,
    /// The new contract.
    pub new: &'s Contract,
    /// The result of type-checking the rules against the new schemas.
    pub rules: Option<Result<&'s Contract, &'s Error>>,
    /// Whether the new contract could have rules and has none: it is a folder. Rules of the old contract are removed then.
    pub without_rules: bool,
}

/// Options of a report.
#[derive(Clone, Debug, Default)]
pub struct ReportOptions {
    /// Options of the comparison.
    pub diff: Options,
    /// The mode of the generated code.
    pub mode: Mode,
    /// The levels of changes.
    pub policy: Policy,
    /// Recordings to check under both contracts.
    pub recordings: Vec<String>,
}

/// The report, in the format `charter-diff/1`. Members may be added, but not changed.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Report {
    /// `charter-diff/1`
    pub format: &'static str,
    /// The old contract.
    pub old: SideInfo,
    /// The new contract.
    pub new: SideInfo,
    /// The mode of the generated code: `strict` or `client`.
    pub mode: &'static str,
    /// The reading, the party and the accepted changes.
    pub policy: Applied,
    /// Operations, schemas, bodies, notes.
    #[serde(flatten)]
    pub diff: Diff,
    /// The generated Rust API.
    pub rust: RustApi,
    /// The affected rules.
    pub rules: Vec<RuleImpact>,
    /// The recordings, if there are any.
    pub recordings: Option<Recordings>,
}

/// One contract.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct SideInfo {
    /// The name, as the user wrote it.
    pub name: String,
    /// The contract's digest.
    pub digest: String,
}

/// Compares two contracts.
pub fn report(sides: &Sides<'_>, options: &ReportOptions) -> Report {
    let mut diff = diff(sides.old, sides.new, &options.diff);
    let policy = options.policy.apply(&mut diff);
    for change in &mut diff.operations {
        change.position = position(sides, change.new_location.as_ref(), change.old_location.as_ref());
    }
    for change in &mut diff.schemas {
        change.position = position(sides, change.change.new_location.as_ref(), change.change.old_location.as_ref());
    }
    options.diff.progress.start(Stage::Code, 0);
    let rust = rust_api(sides.old, sides.new, options.mode, &diff.schemas);
    options.diff.progress.start(Stage::Rules, 0);
    let mut impacts = match sides.rules {
        Some(fit) => rules(sides.old, fit, &diff.schemas),
        None => Vec::new(),
    };
    if sides.without_rules {
        impacts.splice(..0, all_removed(sides.old, sides.rules.is_some()));
    }
    let with_rules = match sides.rules {
        Some(Ok(fit)) => fit,
        _ => sides.old,
    };
    let is_changed = |location: &Location| {
        let at = |place: &Option<Location>| place.as_ref().is_some_and(|place| *place == *location || is_below(place, location));
        diff.schemas.iter().any(|change| at(&change.change.old_location) || at(&change.change.new_location))
            || diff.notes.iter().any(|note| note.old_location == *location || note.new_location == *location)
    };
    impacts.extend(restated(with_rules, is_changed));
    let new_with_rules = match sides.rules {
        Some(Ok(fit)) => fit,
        _ => sides.new,
    };
    let recordings = (!options.recordings.is_empty()).then(|| recordings(sides.old, new_with_rules, &options.recordings));
    Report {
        format: "charter-diff/1",
        old: SideInfo { name: sides.old_name.clone(), digest: sides.old.digest() },
        new: SideInfo { name: sides.new_name.clone(), digest: sides.new.digest() },
        mode: options.mode.as_str(),
        policy,
        diff,
        rust,
        rules: impacts,
        recordings,
    }
}

/// The position of a change in the new contract; for a removed part, that of the nearest part around it.
fn position(sides: &Sides<'_>, new: Option<&Location>, old: Option<&Location>) -> Option<Position> {
    let at = |side: &'static str, contract: &Contract, location: &Location| {
        let position = contract.position(location)?;
        Some(Position { side, document: location.document().to_owned(), line: position.line, column: position.column })
    };
    if let Some(found) = new.and_then(|location| at("new", sides.new, location)) {
        return Some(found);
    }
    let old = old?;
    let mut pointer = old.pointer();
    while let Some(end) = pointer.rfind('/') {
        let around = Location::new(old.document(), pointer);
        if sides.new.documents().at(&around).is_some() {
            return at("new", sides.new, &around);
        }
        pointer = &pointer[..end];
    }
    at("old", sides.old, old)
}

fn is_below(location: &Location, above: &Location) -> bool {
    location.document() == above.document() && location.pointer().starts_with(&format!("{}/", above.pointer()))
}

impl Report {
    /// The greatest level of the changes that are not accepted.
    pub fn worst_level(&self) -> Option<Level> {
        let operations = self.diff.operations.iter().filter(|change| change.accepted.is_none()).map(|change| change.level);
        let schemas = self.diff.schemas.iter().filter(|change| change.accepted.is_none()).map(|change| change.level);
        operations.chain(schemas).chain(self.is_not_compared().then_some(Level::Warning)).max()
    }

    /// Whether the effect of a change that is not accepted is unknown.
    pub fn has_unknown(&self) -> bool {
        let is_open = |verdict: Verdict, level: Level, accepted: &Option<String>| {
            verdict == Verdict::Unknown && level > Level::Info && accepted.is_none()
        };
        self.diff.operations.iter().any(|change| is_open(change.verdict, change.level, &change.accepted))
            || self.diff.schemas.iter().any(|change| is_open(change.verdict, change.level, &change.accepted))
            || self.is_not_compared()
    }

    fn is_not_compared(&self) -> bool {
        self.diff.not_compared.iter().any(|one| one.accepted.is_none())
    }

    /// Whether there are no semantic differences.
    pub fn is_empty(&self) -> bool {
        self.diff.operations.is_empty() && self.diff.schemas.is_empty() && self.diff.not_compared.is_empty()
    }
}
