//! What a change does to the generated Rust API: the public items of both sides, read from the generated files, and the step of
//! semantic versioning that the difference demands.
//!
//! Where `cargo semver-checks` has a lint for a change, the change names it. It sees no types of fields, no signatures, and nothing
//! that only running code would show: those changes name none.

mod items;

use std::collections::BTreeMap;

use charter_codegen::{Options, generate_with};
use charter_contract::{Contract, Mode};
use serde::Serialize;

pub use items::{Item, Items, Shape, items};

use crate::change::{Evidence, fingerprint};
use crate::diff::SchemaChange;

/// A step of semantic versioning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// Nothing that a user of the types could see.
    #[default]
    None,
    /// Words alone.
    Patch,
    /// Something is there that was not.
    Minor,
    /// Programs that compiled may not, or what they did is refused.
    Major,
}

impl Step {
    /// The word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Patch => "patch",
            Self::Minor => "minor",
            Self::Major => "major",
        }
    }
}

/// One change of the generated API.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ApiChange {
    /// Stays the same from run to run: 12 hexadecimal digits.
    pub id: String,
    /// What kind: `enum-variant-added`.
    pub kind: &'static str,
    /// The item: `RunType::Service`.
    pub item: String,
    /// In words.
    pub summary: String,
    /// The step that it demands.
    pub step: Step,
    /// The lint of `cargo semver-checks` that finds it.
    pub lint: Option<&'static str>,
}

/// What the generated crate comes to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RustApi {
    /// The changes, by item.
    pub changes: Vec<ApiChange>,
    /// The step that the signatures demand.
    pub api_step: Step,
    /// The step that `cargo semver-checks` is expected to ask for: that of the changes for which it has a lint.
    pub linted_step: Step,
    /// The step that the values demand which types take or refuse.
    pub behaviour_step: Step,
    /// The larger of the two.
    pub step: Step,
    /// Why there is nothing to compare, where types could not be generated.
    pub problem: Option<String>,
}

/// Compares the types that two contracts are generated to, the names of the old ones kept as `generate` keeps them.
pub fn rust_api(old: &Contract, new: &Contract, mode: Mode, schemas: &[SchemaChange]) -> RustApi {
    let mut options = Options::of(new);
    options.mode = mode;
    let before = match generate_with(old, &options) {
        Ok(output) => output,
        Err(error) => return RustApi { problem: Some(format!("the old contract: {error}")), ..RustApi::default() },
    };
    // Where most schemas stand elsewhere, names that go with places would give every type a second name.
    if share_places(old, new)
        && let Some(names) = before.files.iter().find(|file| file.path == charter_codegen::NAMES)
        && let Ok(lock) = charter_codegen::name::NameLock::parse(&names.text)
    {
        options.names = lock;
    }
    let after = match generate_with(new, &options) {
        Ok(output) => output,
        Err(error) => return RustApi { problem: Some(format!("the new contract: {error}")), ..RustApi::default() },
    };
    let mut changes = compare(&items(&before.files), &items(&after.files));
    let words = |files: &[charter_codegen::SourceFile]| -> Vec<String> {
        files.iter().filter(|file| file.path.extension() == Some("rs")).map(|file| file.text.clone()).collect()
    };
    if changes.is_empty() && words(&before.files) != words(&after.files) {
        let id = fingerprint(["documentation-changed"]);
        let summary = "documentation or the inside of functions has changed".to_owned();
        changes.push(ApiChange { id, kind: "inside-changed", item: String::new(), summary, step: Step::Patch, lint: None });
    }
    let api_step = changes.iter().map(|change| change.step).max().unwrap_or_default();
    let linted_step = changes.iter().filter(|change| change.lint.is_some()).map(|change| change.step).max().unwrap_or_default();
    let behaviour_step = schemas.iter().map(behaviour).max().unwrap_or_default();
    RustApi { changes, api_step, linted_step, behaviour_step, step: api_step.max(behaviour_step), problem: None }
}

/// Whether most named schemas of the old contract stand at the same place in the new one.
fn share_places(old: &Contract, new: &Contract) -> bool {
    let entries = old.entries();
    let kept = entries.iter().filter(|(id, _)| new.schemas().at(&old.schema(*id).location).is_some()).count();
    kept * 2 >= entries.len()
}

/// A type that refuses what it took breaks whoever made it; one that takes more has something new.
fn behaviour(change: &SchemaChange) -> Step {
    match (&change.change.accepts_less, &change.change.accepts_more) {
        (Evidence::Yes { .. } | Evidence::Unknown { .. }, _) => Step::Major,
        (_, Evidence::Yes { .. } | Evidence::Unknown { .. }) => Step::Minor,
        _ => Step::None,
    }
}

fn compare(before: &Items, after: &Items) -> Vec<ApiChange> {
    let mut found = Found::default();
    for (name, one) in before {
        match after.get(name) {
            None => {
                let lint = match one.shape {
                    Shape::Enum { .. } => Some("enum_missing"),
                    Shape::Struct { .. } | Shape::Tuple { .. } => Some("struct_missing"),
                    Shape::Alias(_) => None,
                };
                found.push("item-removed", name, "is gone".to_owned(), Step::Major, lint);
            }
            Some(other) => found.item(name, one, other),
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        found.push("item-added", name, "is new".to_owned(), Step::Minor, None);
    }
    found.0
}

#[derive(Default)]
struct Found(Vec<ApiChange>);

impl Found {
    fn push(&mut self, kind: &'static str, item: &str, summary: String, step: Step, lint: Option<&'static str>) {
        let id = fingerprint([kind, item, &summary]);
        self.0.push(ApiChange { id, kind, item: item.to_owned(), summary, step, lint });
    }

    fn item(&mut self, name: &str, one: &Item, other: &Item) {
        match (&one.shape, &other.shape) {
            (Shape::Struct { fields: before }, Shape::Struct { fields: after }) => self.fields(name, one, before, other, after),
            (Shape::Enum { variants: before }, Shape::Enum { variants: after }) => self.variants(name, one, before, after),
            (Shape::Tuple { inner: before }, Shape::Tuple { inner: after }) => {
                if before != after {
                    self.push("inner-type-changed", name, format!("holds `{after}` instead of `{before}`"), Step::Major, None);
                }
            }
            (Shape::Alias(before), Shape::Alias(after)) => {
                if before != after {
                    self.push("alias-changed", name, format!("stands for `{after}` instead of `{before}`"), Step::Major, None);
                }
            }
            (before, after) => {
                let lint = match (before, after) {
                    (Shape::Struct { .. } | Shape::Tuple { .. }, Shape::Enum { .. }) => Some("struct_missing"),
                    (Shape::Enum { .. }, Shape::Struct { .. } | Shape::Tuple { .. }) => Some("enum_missing"),
                    (Shape::Struct { .. }, Shape::Alias(_)) | (Shape::Tuple { .. }, Shape::Alias(_)) => Some("struct_missing"),
                    (Shape::Enum { .. }, Shape::Alias(_)) => Some("enum_missing"),
                    _ => None,
                };
                let summary = format!("was {}, and is {} now", before.word(), after.word());
                self.push("kind-of-item-changed", name, summary, Step::Major, lint);
            }
        }
        match (one.non_exhaustive, other.non_exhaustive) {
            (false, true) => {
                let lint =
                    if matches!(one.shape, Shape::Enum { .. }) { "enum_marked_non_exhaustive" } else { "struct_marked_non_exhaustive" };
                self.push("marked-non-exhaustive", name, "may grow, and must be matched with `..`".to_owned(), Step::Major, Some(lint));
            }
            (true, false) => self.push("exhaustive", name, "may be made and matched whole".to_owned(), Step::Minor, None),
            _ => {}
        }
        for trait_ in one.traits.difference(&other.traits) {
            let lint = one.derived.contains(trait_).then_some("derive_trait_impl_removed");
            self.push("trait-removed", name, format!("does not implement `{trait_}` any more"), Step::Major, lint);
        }
        for trait_ in other.traits.difference(&one.traits) {
            self.push("trait-added", name, format!("implements `{trait_}`"), Step::Minor, None);
        }
        for (method, signature) in &one.methods {
            let place = format!("{name}::{method}");
            match other.methods.get(method) {
                None => self.push("method-removed", &place, "is gone".to_owned(), Step::Major, Some("inherent_method_missing")),
                Some(now) if now != signature => {
                    self.push("method-changed", &place, format!("was `{signature}`, is `{now}`"), Step::Major, None);
                }
                Some(_) => {}
            }
        }
        for method in other.methods.keys().filter(|method| !one.methods.contains_key(*method)) {
            self.push("method-added", &format!("{name}::{method}"), "is new".to_owned(), Step::Minor, None);
        }
    }

    fn fields(&mut self, name: &str, one: &Item, before: &BTreeMap<String, String>, other: &Item, after: &BTreeMap<String, String>) {
        for (field, type_) in before {
            let place = format!("{name}.{field}");
            match after.get(field) {
                None => self.push("field-removed", &place, "is gone".to_owned(), Step::Major, Some("struct_pub_field_missing")),
                Some(now) if now != type_ => {
                    self.push("field-type-changed", &place, format!("is `{now}` instead of `{type_}`"), Step::Major, None);
                }
                Some(_) => {}
            }
        }
        for (field, type_) in after.iter().filter(|(field, _)| !before.contains_key(*field)) {
            let place = format!("{name}.{field}");
            let constructible = !one.non_exhaustive && !one.hidden && !other.hidden;
            let (step, lint) = if constructible { (Step::Major, Some("constructible_struct_adds_field")) } else { (Step::Minor, None) };
            self.push("field-added", &place, format!("`{type_}` is new"), step, lint);
        }
    }

    fn variants(&mut self, name: &str, one: &Item, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) {
        for (variant, payload) in before {
            let place = format!("{name}::{variant}");
            match after.get(variant) {
                None => self.push("variant-removed", &place, "is gone".to_owned(), Step::Major, Some("enum_variant_missing")),
                Some(now) if now != payload => {
                    self.push("variant-changed", &place, format!("holds `{now}` instead of `{payload}`"), Step::Major, None);
                }
                Some(_) => {}
            }
        }
        for variant in after.keys().filter(|variant| !before.contains_key(*variant)) {
            let place = format!("{name}::{variant}");
            let (step, lint) = if one.non_exhaustive { (Step::Minor, None) } else { (Step::Major, Some("enum_variant_added")) };
            self.push("variant-added", &place, "is new".to_owned(), step, lint);
        }
    }
}
