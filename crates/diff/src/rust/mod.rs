//! The effect on the generated Rust API: compares the public items of both sides and determines the step of semantic versioning.
//!
//! A change names the lint of `cargo semver-checks` that finds it. There are no lints for types of fields, signatures and run-time
//! behaviour.

mod chunks;
mod items;

use std::collections::BTreeMap;

use charter_codegen::{Options, generate_with};
use charter_contract::load::{is_described, parse_value};
use charter_contract::{Contract, Mode};
use serde::Serialize;

pub use items::{Item, Items, Shape, items};

use crate::change::{Evidence, fingerprint};
use crate::diff::SchemaChange;

/// A step of semantic versioning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Step {
    /// No visible change.
    #[default]
    None,
    /// Documentation, or the bodies of functions.
    Patch,
    /// An addition.
    Minor,
    /// Programs may no longer compile, or values are refused.
    Major,
}

impl Step {
    /// The name in reports.
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
#[non_exhaustive]
pub struct ApiChange {
    /// Stable between runs: 12 hexadecimal digits.
    pub id: String,
    /// The kind, such as `variant-added`.
    pub kind: &'static str,
    /// The item: `OrderState::Open`.
    pub item: String,
    /// A sentence for readers.
    pub summary: String,
    /// The step that the change requires.
    pub step: Step,
    /// The lint of `cargo semver-checks` that finds it.
    pub lint: Option<&'static str>,
}

/// The effect on the generated crate.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RustApi {
    /// The changes, by item.
    pub changes: Vec<ApiChange>,
    /// The step that the signatures require.
    pub api_step: Step,
    /// The step that `cargo semver-checks` is expected to require: that of the changes with a lint.
    pub linted_step: Step,
    /// The step that the accepted values require.
    pub behaviour_step: Step,
    /// The larger of the two.
    pub step: Step,
    /// Why types could not be generated.
    pub problem: Option<String>,
}

/// Compares the generated types of two contracts. Names of the old types are locked, as `generate` does.
pub fn rust_api(old: &Contract, new: &Contract, mode: Mode, schemas: &[SchemaChange]) -> RustApi {
    // One document under two names does not change its types.
    let renamed = renamed(old, new);
    let old = renamed.as_ref().unwrap_or(old);
    if old.digest() == new.digest() {
        return RustApi::default();
    }
    let mut options = Options::of(new);
    options.mode = mode;
    let before = match generate_with(old, &options) {
        Ok(output) => output,
        Err(error) => return RustApi { problem: Some(format!("the old contract: {error}")), ..RustApi::default() },
    };
    // The lock identifies schemas by location: if most locations differ, it would rename every type.
    if share_locations(old, new)
        && let Some(names) = before.files.iter().find(|file| file.path == charter_codegen::NAMES)
        && let Ok(lock) = charter_codegen::name::NameLock::parse(&names.text)
    {
        options.names = lock;
    }
    let after = match generate_with(new, &options) {
        Ok(output) => output,
        Err(error) => return RustApi { problem: Some(format!("the new contract: {error}")), ..RustApi::default() },
    };
    let (one, other) = items::items_of_both(&before.files, &after.files);
    let mut changes = compare(&one, &other);
    debug_assert_eq!(changes, compare(&items(&before.files), &items(&after.files)), "items that were not read have changed");
    let words = |files: &[charter_codegen::SourceFile]| -> Vec<String> {
        files.iter().filter(|file| file.path.extension() == Some("rs")).map(|file| file.text.clone()).collect()
    };
    if changes.is_empty() && words(&before.files) != words(&after.files) {
        let id = fingerprint(["documentation-changed"]);
        let summary = "documentation or bodies of functions are changed".to_owned();
        changes.push(ApiChange { id, kind: "inside-changed", item: String::new(), summary, step: Step::Patch, lint: None });
    }
    let api_step = changes.iter().map(|change| change.step).max().unwrap_or_default();
    let linted_step = changes.iter().filter(|change| change.lint.is_some()).map(|change| change.step).max().unwrap_or_default();
    let behaviour_step = schemas.iter().map(behaviour).max().unwrap_or_default();
    RustApi { changes, api_step, linted_step, behaviour_step, step: api_step.max(behaviour_step), problem: None }
}

/// The old contract with its main document under the name of the new one: the OpenAPI document, or the only schema document.
fn renamed(old: &Contract, new: &Contract) -> Option<Contract> {
    let name = |contract: &Contract| -> Option<String> {
        let documents = contract.documents();
        let mut described = documents.names().filter(|name| documents.value(name).is_some_and(is_described));
        match (described.next(), contract.roots()) {
            (Some(main), _) => described.next().is_none().then(|| main.to_string()),
            (None, [root]) => Some(contract.schema(*root).location.document().to_owned()),
            _ => None,
        }
    };
    let (before, after) = (name(old)?, name(new)?);
    let documents = old.documents();
    // Rules and other files refer to the name.
    if before == after || documents.value(&after).is_some() || !old.invariants().invariants.is_empty() {
        return None;
    }
    let files = documents.names().filter_map(|name| {
        let text = documents.text(name)?.as_bytes().to_vec();
        if **name != *before {
            return Some((name.to_string(), text));
        }
        // The name decides whether a document is JSON or YAML, and JSON is YAML.
        let is_json = after.ends_with(".json") && !name.ends_with(".json");
        let text = if is_json { parse_value(name, text).ok()?.to_string().into_bytes() } else { text };
        Some((after.clone(), text))
    });
    charter_contract::from_documents(files.collect()).ok()
}

/// Whether most named schemas have the same location in both contracts.
fn share_locations(old: &Contract, new: &Contract) -> bool {
    let entries = old.entries();
    let shared = entries.iter().filter(|(id, _)| new.schemas().at(&old.schema(*id).location).is_some()).count();
    shared * 2 >= entries.len()
}

/// A type that accepts less requires a major step, one that accepts more a minor step.
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
                    Shape::Trait { .. } => Some("trait_missing"),
                    Shape::Alias(_) => None,
                };
                found.push("item-removed", name, "is removed".to_owned(), Step::Major, lint);
            }
            Some(other) => found.item(name, one, other),
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        found.push("item-added", name, "is added".to_owned(), Step::Minor, None);
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
                    self.push("inner-type-changed", name, format!("contains `{after}`, previously `{before}`"), Step::Major, None);
                }
            }
            (Shape::Alias(before), Shape::Alias(after)) => {
                if before != after {
                    self.push("alias-changed", name, format!("is an alias of `{after}`, previously of `{before}`"), Step::Major, None);
                }
            }
            // Their methods are compared below.
            (Shape::Trait { .. }, Shape::Trait { .. }) => {}
            (before, after) => {
                let lint = match (before, after) {
                    (Shape::Struct { .. } | Shape::Tuple { .. }, Shape::Enum { .. }) => Some("struct_missing"),
                    (Shape::Enum { .. }, Shape::Struct { .. } | Shape::Tuple { .. }) => Some("enum_missing"),
                    (Shape::Struct { .. }, Shape::Alias(_)) | (Shape::Tuple { .. }, Shape::Alias(_)) => Some("struct_missing"),
                    (Shape::Enum { .. }, Shape::Alias(_)) => Some("enum_missing"),
                    _ => None,
                };
                let summary = format!("is {}, previously {}", after.word(), before.word());
                self.push("kind-of-item-changed", name, summary, Step::Major, lint);
            }
        }
        match (one.non_exhaustive, other.non_exhaustive) {
            (false, true) => {
                let lint =
                    if matches!(one.shape, Shape::Enum { .. }) { "enum_marked_non_exhaustive" } else { "struct_marked_non_exhaustive" };
                self.push("marked-non-exhaustive", name, "is now non-exhaustive".to_owned(), Step::Major, Some(lint));
            }
            (true, false) => self.push("exhaustive", name, "is no longer non-exhaustive".to_owned(), Step::Minor, None),
            _ => {}
        }
        for trait_ in one.traits.difference(&other.traits) {
            let lint = one.derived.contains(trait_).then_some("derive_trait_impl_removed");
            self.push("trait-removed", name, format!("no longer implements `{trait_}`"), Step::Major, lint);
        }
        for trait_ in other.traits.difference(&one.traits) {
            self.push("trait-added", name, format!("implements `{trait_}`"), Step::Minor, None);
        }
        let is_trait = matches!(one.shape, Shape::Trait { .. });
        for (method, signature) in &one.methods {
            let place = format!("{name}::{method}");
            match other.methods.get(method) {
                None => {
                    let lint = if is_trait { "trait_method_missing" } else { "inherent_method_missing" };
                    self.push("method-removed", &place, "is removed".to_owned(), Step::Major, Some(lint));
                }
                Some(now) if now != signature => {
                    self.push("method-changed", &place, format!("is `{now}`, previously `{signature}`"), Step::Major, None);
                }
                Some(_) => {}
            }
        }
        for method in other.methods.keys().filter(|method| !one.methods.contains_key(*method)) {
            // Every implementation of a trait must have its methods without a body.
            let is_required = matches!(&other.shape, Shape::Trait { required } if required.contains(method));
            let (step, lint) = if is_trait && is_required { (Step::Major, Some("trait_method_added")) } else { (Step::Minor, None) };
            self.push("method-added", &format!("{name}::{method}"), "is added".to_owned(), step, lint);
        }
    }

    fn fields(&mut self, name: &str, one: &Item, before: &BTreeMap<String, String>, other: &Item, after: &BTreeMap<String, String>) {
        for (field, type_) in before {
            let place = format!("{name}.{field}");
            match after.get(field) {
                None => self.push("field-removed", &place, "is removed".to_owned(), Step::Major, Some("struct_pub_field_missing")),
                Some(now) if now != type_ => {
                    self.push("field-type-changed", &place, format!("is `{now}`, previously `{type_}`"), Step::Major, None);
                }
                Some(_) => {}
            }
        }
        for (field, type_) in after.iter().filter(|(field, _)| !before.contains_key(*field)) {
            let place = format!("{name}.{field}");
            let constructible = !one.non_exhaustive && !one.hidden && !other.hidden;
            let (step, lint) = if constructible { (Step::Major, Some("constructible_struct_adds_field")) } else { (Step::Minor, None) };
            self.push("field-added", &place, format!("of type `{type_}` is added"), step, lint);
        }
    }

    fn variants(&mut self, name: &str, one: &Item, before: &BTreeMap<String, String>, after: &BTreeMap<String, String>) {
        for (variant, payload) in before {
            let place = format!("{name}::{variant}");
            match after.get(variant) {
                None => self.push("variant-removed", &place, "is removed".to_owned(), Step::Major, Some("enum_variant_missing")),
                Some(now) if now != payload => {
                    self.push("variant-changed", &place, format!("contains `{now}`, previously `{payload}`"), Step::Major, None);
                }
                Some(_) => {}
            }
        }
        for variant in after.keys().filter(|variant| !before.contains_key(*variant)) {
            let place = format!("{name}::{variant}");
            let (step, lint) = if one.non_exhaustive { (Step::Minor, None) } else { (Step::Major, Some("enum_variant_added")) };
            self.push("variant-added", &place, "is added".to_owned(), step, lint);
        }
    }
}
