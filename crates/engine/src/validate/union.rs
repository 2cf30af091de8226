//! Which branch of a violated union is explained, and how branches are named.
//!
//! A branch is chosen by its tag: the `discriminator`, or a property that `const` or `enum` distinguishes between branches. Without a
//! matching tag, the branch with the fewest and deepest violations is chosen.

use std::cmp::Reverse;

use charter_contract::{Contract, Location, SchemaId};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::location::absolute_location;

/// The maximum depth of references, `allOf` and nested unions in which tags are searched.
const DEPTH: usize = 16;

/// The weight of a violated single value, such as the tag of an object.
const TAG_WEIGHT: usize = 3;

/// The errors of each branch, in the order of the branches.
pub(super) type Branches = [Vec<ValidationError<'static>>];

/// What explains that no branch of a union is valid.
#[derive(Debug, PartialEq)]
pub(super) enum Choice<'c> {
    /// The violations of one branch.
    Branch(usize),
    /// No branch allows the value of the property that distinguishes the branches.
    UnknownTag {
        /// The property.
        property: String,
        /// The values that the branches allow.
        values: Vec<Value>,
    },
    /// Every branch with the type of the instance consists of values, and the instance is none of these.
    UnknownValue(Vec<&'c Value>),
    /// No branch has the type of the instance.
    NoBranch,
}

/// A union of the contract.
pub(super) struct Union<'c> {
    contract: &'c Contract,
    /// The schema that has the keyword `anyOf` or `oneOf`.
    owner: Option<SchemaId>,
    branches: &'c [SchemaId],
}

impl<'c> Union<'c> {
    /// The union that an error is about. It has no branches if the contract does not have the location of the error.
    pub(super) fn of(contract: &'c Contract, error: &ValidationError<'_>) -> Self {
        let owner = absolute_location(error).and_then(|location| {
            let (document, pointer) = location.split_once('#')?;
            contract.schemas().at(&Location::new(document, pointer.rsplit_once('/')?.0))
        });
        let branches = owner.map(|owner| {
            let keywords = &contract.schema(owner).keywords;
            if error.kind().keyword() == "anyOf" { &keywords.any_of } else { &keywords.one_of }
        });
        Self { contract, owner, branches: branches.map_or(&[], Vec::as_slice) }
    }

    /// What explains that no branch is valid for `instance`, which is at the instance location `at`.
    pub(super) fn choose<'e>(&self, instance: &Value, at: &str, errors: &'e Branches) -> Choice<'e> {
        let mut open: Vec<usize> =
            (0..errors.len()).filter(|index| !errors[*index].is_empty() && !has_other_type(&errors[*index], at)).collect();
        if open.is_empty() {
            return Choice::NoBranch;
        }
        let discriminated = self.discriminated(instance);
        if let Discriminated::Branch(index) = discriminated
            && open.contains(&index)
        {
            return Choice::Branch(index);
        }
        let tags = self.tags(instance);
        let matches = |index: usize| tags.iter().filter(|tag| tag.allows(index) == Some(true)).count();
        let mismatches = |index: usize| tags.iter().filter(|tag| tag.allows(index) == Some(false)).count();
        if open.iter().all(|index| matches(*index) == 0) {
            if let Some(tag) = tags.iter().find(|tag| open.iter().all(|index| tag.allows(*index) == Some(false))) {
                return Choice::UnknownTag { property: tag.property.to_owned(), values: tag.values() };
            }
            if let Discriminated::Unknown { property, values } = discriminated {
                // Documents often have no mapping, and enumerate the values in the branches.
                let sets = self.branches.iter().map(|branch| property_values(self.contract, *branch, &property, DEPTH)).collect();
                let tag = Tag { property: &property, found: instance.get(&property).unwrap_or(&Value::Null), sets };
                open.retain(|index| tag.allows(*index) == Some(true));
                if open.is_empty() {
                    let values = if tag.sets.iter().all(Option::is_some) { tag.values() } else { values };
                    return Choice::UnknownTag { property, values };
                }
            }
        }
        if open.len() > 1
            && let Some(values) = open.iter().map(|index| allowed_values(&errors[*index], at)).collect::<Option<Vec<_>>>()
        {
            return Choice::UnknownValue(values.concat());
        }
        let closest = open.into_iter().min_by_key(|index| {
            let errors = &errors[*index];
            let keys: usize = errors.iter().filter(|error| error.instance_path().as_str() == at).map(differing_keys).sum();
            (mismatches(*index), Reverse(matches(*index)), keys, weight(errors), Reverse(depth(errors)), *index)
        });
        closest.map_or(Choice::NoBranch, Choice::Branch)
    }

    /// The names of branches in messages: the title, else the last segment of the reference, else the keyword and index.
    pub(super) fn names(&self, keyword: &str, indexes: &[usize]) -> Vec<String> {
        let names: Vec<Option<String>> = indexes.iter().map(|index| self.branches.get(*index).and_then(|id| self.name(*id))).collect();
        let is_unique = |name: &Option<String>| names.iter().filter(|other| *other == name).count() == 1;
        let named = names.iter().zip(indexes).map(|(name, index)| match name {
            Some(text) if is_unique(name) => text.clone(),
            Some(text) => format!("{text} ({keyword}/{index})"),
            None => format!("{keyword}/{index}"),
        });
        named.collect()
    }

    fn name(&self, branch: SchemaId) -> Option<String> {
        let target = self.contract.target(branch);
        let titles = [branch, target].into_iter().filter_map(|id| self.contract.schema(id).title());
        let title = titles.map(str::trim).find(|title| !title.is_empty()).map(str::to_owned);
        title.or_else(|| if target == branch { None } else { Some(last_segment(&self.contract.schema(target).location)) })
    }

    /// The branch that the `discriminator` of the union selects.
    fn discriminated(&self, instance: &Value) -> Discriminated {
        let discriminator = self.owner.and_then(|owner| self.contract.schema(owner).source().get("discriminator"));
        let property = discriminator.and_then(|discriminator| discriminator.get("propertyName")?.as_str());
        let (Some(discriminator), Some(property)) = (discriminator, property) else { return Discriminated::Absent };
        let Some(found) = instance.get(property).and_then(Value::as_str) else { return Discriminated::Absent };
        let mapping = discriminator.get("mapping").and_then(Value::as_object);
        let target = mapping.and_then(|mapping| mapping.get(found)?.as_str()).unwrap_or(found);
        if let Some(index) = self.branch_of(target) {
            return Discriminated::Branch(index);
        }
        // Without names for all branches, the value may be that of a branch.
        let implicit: Option<Vec<String>> = self.branches.iter().map(|branch| self.component(*branch)).collect();
        let Some(implicit) = implicit.filter(|names| !names.is_empty()) else { return Discriminated::Absent };
        let mapped: Vec<(&String, Option<usize>)> = mapping
            .into_iter()
            .flatten()
            .map(|(value, target)| (value, target.as_str().and_then(|target| self.branch_of(target))))
            .collect();
        let rest = implicit.into_iter().enumerate().filter(|(index, _)| !mapped.iter().any(|(_, branch)| branch == &Some(*index)));
        let values = mapped.iter().map(|(value, _)| (*value).clone()).chain(rest.map(|(_, name)| name)).map(Value::from).collect();
        Discriminated::Unknown { property: property.to_owned(), values }
    }

    /// The branch of a mapping's value: the name of a component, or a reference.
    fn branch_of(&self, target: &str) -> Option<usize> {
        let written = self.branches.iter().position(|branch| self.written_reference(*branch) == Some(target));
        let name = written.or_else(|| self.branches.iter().position(|branch| self.component(*branch).as_deref() == Some(target)));
        name.or_else(|| {
            let owner = &self.contract.schema(self.owner?).location;
            let (file, fragment) = target.split_once('#').unwrap_or((target, ""));
            let document = if file.is_empty() { owner.document() } else { file.strip_prefix("./").unwrap_or(file) };
            let id = self.contract.schemas().at(&Location::new(document, fragment))?;
            let through = |branch: &SchemaId| self.contract.in_place([*branch]).contains(&id);
            self.branches.iter().position(|branch| self.contract.target(*branch) == id).or_else(|| {
                let mut reached = self.branches.iter().enumerate().filter(|(_, branch)| through(branch));
                let first = reached.next().map(|(index, _)| index);
                first.filter(|_| reached.next().is_none())
            })
        })
    }

    fn written_reference(&self, branch: SchemaId) -> Option<&'c str> {
        self.contract.schema(branch).source().get("$ref")?.as_str()
    }

    /// The implicit discriminator value of a branch: the last segment of its reference.
    fn component(&self, branch: SchemaId) -> Option<String> {
        let reference = self.contract.schema(branch).keywords.reference?;
        Some(last_segment(&self.contract.schema(reference).location))
    }

    /// The properties of the instance that distinguish the branches.
    fn tags<'i>(&self, instance: &'i Value) -> Vec<Tag<'i, 'c>> {
        let properties = instance.as_object().into_iter().flatten();
        properties
            .map(|(property, found)| {
                let sets = self.branches.iter().map(|branch| property_values(self.contract, *branch, property, DEPTH)).collect();
                Tag { property, found, sets }
            })
            .filter(Tag::distinguishes)
            .collect()
    }
}

/// What a `discriminator` says of an instance.
enum Discriminated {
    /// The union has no discriminator, or the instance has no value for it.
    Absent,
    Branch(usize),
    /// Neither the mapping nor a name of a branch has the value.
    Unknown {
        property: String,
        values: Vec<Value>,
    },
}

/// A property of the instance, and the values that each branch allows for it.
struct Tag<'i, 'c> {
    property: &'i str,
    found: &'i Value,
    sets: Vec<Option<Vec<&'c Value>>>,
}

impl Tag<'_, '_> {
    /// Whether a branch allows the found value; `None` if the branch does not enumerate the values.
    fn allows(&self, branch: usize) -> Option<bool> {
        self.sets.get(branch)?.as_ref().map(|values| values.contains(&self.found))
    }

    /// The values that any branch allows, each once.
    fn values(&self) -> Vec<Value> {
        let mut values: Vec<Value> = Vec::new();
        for value in self.sets.iter().flatten().flatten() {
            if !values.contains(value) {
                values.push((*value).clone());
            }
        }
        values
    }

    /// Whether the sets are equal or disjoint, and not all equal. A single set counts only if it is the found string: other branches may
    /// allow any value.
    fn distinguishes(&self) -> bool {
        let sets: Vec<&Vec<&Value>> = self.sets.iter().flatten().collect();
        let [first, rest @ ..] = sets.as_slice() else { return false };
        if rest.is_empty() {
            return self.found.is_string() && first.as_slice() == [self.found];
        }
        let is_within = |left: &[&Value], right: &[&Value]| left.iter().all(|value| right.contains(value));
        let is_disjoint = |left: &[&Value], right: &[&Value]| !left.iter().any(|value| right.contains(value));
        let equal = |left: &[&Value], right: &[&Value]| is_within(left, right) && is_within(right, left);
        let pairs = sets.iter().enumerate().flat_map(|(index, left)| sets[index + 1..].iter().map(move |right| (left, right)));
        rest.iter().any(|other| !equal(first, other))
            && pairs.into_iter().all(|(left, right)| equal(left, right) || is_disjoint(left, right))
    }
}

/// The values that a schema allows for a property of the instance; `None` if it does not enumerate them.
fn property_values<'c>(contract: &'c Contract, id: SchemaId, property: &str, depth: usize) -> Option<Vec<&'c Value>> {
    let depth = depth.checked_sub(1)?;
    let keywords = &contract.schema(id).keywords;
    let own = keywords.properties.get(property).and_then(|property| values(contract, *property, depth));
    let parts = keywords.reference.iter().chain(&keywords.all_of).filter_map(|part| property_values(contract, *part, property, depth));
    intersection(own.into_iter().chain(parts)).or_else(|| {
        let below = |branches: &[SchemaId]| all_of(branches, |branch| property_values(contract, branch, property, depth));
        below(&keywords.one_of).or_else(|| below(&keywords.any_of))
    })
}

/// The values that a schema allows; `None` if it does not enumerate them.
fn values(contract: &Contract, id: SchemaId, depth: usize) -> Option<Vec<&Value>> {
    let depth = depth.checked_sub(1)?;
    let keywords = &contract.schema(id).keywords;
    let constant = keywords.constant.as_ref().map(|value| vec![value]);
    let enumeration = keywords.enumeration.as_ref().map(|values| values.iter().collect());
    let parts = keywords.reference.iter().chain(&keywords.all_of).filter_map(|part| values(contract, *part, depth));
    intersection(constant.into_iter().chain(enumeration).chain(parts)).or_else(|| {
        let below = |branches: &[SchemaId]| all_of(branches, |branch| values(contract, branch, depth));
        below(&keywords.one_of).or_else(|| below(&keywords.any_of))
    })
}

fn intersection<'c>(sets: impl Iterator<Item = Vec<&'c Value>>) -> Option<Vec<&'c Value>> {
    sets.reduce(|left, right| left.into_iter().filter(|value| right.contains(value)).collect())
}

/// The values of all branches; `None` without branches, or if a branch does not enumerate its values.
fn all_of<'c>(branches: &[SchemaId], values: impl Fn(SchemaId) -> Option<Vec<&'c Value>>) -> Option<Vec<&'c Value>> {
    let sets: Vec<Vec<&Value>> = branches.iter().map(|branch| values(*branch)).collect::<Option<_>>()?;
    (!sets.is_empty()).then(|| sets.concat())
}

/// The last token of a location; the name of the document at its root.
fn last_segment(location: &Location) -> String {
    location.last_token().unwrap_or_else(|| {
        let file = location.document().rsplit('/').next().unwrap_or_default();
        file.split('.').next().unwrap_or(file).to_owned()
    })
}

/// Whether a branch requires another type than that of the instance at `at`.
fn has_other_type(errors: &[ValidationError<'_>], at: &str) -> bool {
    errors.iter().filter(|error| error.instance_path().as_str() == at).any(|error| match error.kind() {
        ValidationErrorKind::Type { .. } => true,
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            context.iter().all(|branch| has_other_type(branch, at))
        }
        _ => false,
    })
}

/// The values of a branch that only enumerates values; `None` for any other branch.
fn allowed_values<'e>(errors: &'e [ValidationError<'_>], at: &str) -> Option<Vec<&'e Value>> {
    match errors {
        [error] if error.instance_path().as_str() == at => match error.kind() {
            ValidationErrorKind::Constant { expected_value } => Some(vec![expected_value]),
            ValidationErrorKind::Enum { options } => Some(options.as_array()?.iter().collect()),
            _ => None,
        },
        _ => None,
    }
}

/// The number of violations; a nested union counts as its best branch of the instance's type.
fn weight(errors: &[ValidationError<'_>]) -> usize {
    let one = |error: &ValidationError<'_>| match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let at = error.instance_path().as_str();
            let same_type = context.iter().filter(|branch| !has_other_type(branch, at));
            same_type.map(|branch| weight(branch)).min().unwrap_or(1).max(1)
        }
        // Another tag means another kind of object: it counts more than a missing key.
        ValidationErrorKind::Constant { .. } => TAG_WEIGHT,
        ValidationErrorKind::Enum { options } if options.as_array().is_some_and(|options| options.len() == 1) => TAG_WEIGHT,
        _ => differing_keys(error).max(1),
    };
    errors.iter().map(one).sum()
}

/// The number of tokens of the violation that is nearest to the root.
fn depth(errors: &[ValidationError<'_>]) -> usize {
    errors.iter().map(|error| error.instance_path().as_str().matches('/').count()).min().unwrap_or_default()
}

/// The number of keys in which the instance differs from the branch.
fn differing_keys(error: &ValidationError<'_>) -> usize {
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            unexpected.len()
        }
        // A missing key counts more than an additional one, which a newer server may have added.
        ValidationErrorKind::Required { .. } => 2,
        ValidationErrorKind::Constant { .. } => 1,
        _ => 0,
    }
}
