//! An error of the validator → findings: one per missing or unknown key. A union is explained by the branch that `union` chooses.

use charter_contract::invariant::{PromiseKind, Severity};
use charter_contract::{Contract, Format, push_token};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::location::absolute_location;
use super::union::{Branches, Choice, Union};
use charter_report::{Finding, FindingKind, PromiseSource, counted, snippet};

/// Adds the findings of one error. `branch` is the union branch that the error belongs to.
pub(super) fn explain(contract: &Contract, body: &Value, error: &ValidationError<'_>, branch: Option<&str>, findings: &mut Vec<Finding>) {
    let at = error.instance_path().as_str();
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            let Some(instance) = body.pointer(at) else {
                findings.push(no_branch(error, context, branch));
                return;
            };
            match Union::of(contract, error).choose(instance, at, context) {
                Choice::Branch(index) => {
                    let keyword = error.kind().keyword();
                    let name = format!("{}/{index}", absolute_location(error).unwrap_or_else(|| format!("{at}/{keyword}")));
                    for inner in &context[index] {
                        explain(contract, body, inner, Some(&name), findings);
                    }
                }
                Choice::UnknownTag { property, values } => {
                    let mut finding = finding(error, branch);
                    push_token(&mut finding.instance_location, &property);
                    expect(&mut finding, instance.get(&property).unwrap_or(&Value::Null), one_of(&values));
                    findings.push(finding);
                }
                Choice::UnknownValue(values) => {
                    let mut finding = finding(error, branch);
                    expect(&mut finding, instance, one_of(values));
                    findings.push(finding);
                }
                Choice::NoBranch => findings.push(no_branch(error, context, branch)),
            }
        }
        ValidationErrorKind::OneOfMultipleValid { context } => {
            let valid: Vec<usize> = (0..context.len()).filter(|index| context[*index].is_empty()).collect();
            let names = Union::of(contract, error).names("oneOf", &valid);
            let mut finding = finding(error, branch);
            finding.message = format!("matches {}; exactly one may match", listed(&names, "and"));
            finding.promised = "a value that matches exactly one branch".to_owned();
            finding.found = Some(error.instance().clone().into_owned());
            findings.push(finding);
        }
        ValidationErrorKind::AdditionalProperties { unexpected } | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let promised = known_keys(contract, error);
            for key in unexpected {
                let mut place = at.to_owned();
                push_token(&mut place, key);
                let mut finding = finding(error, branch);
                finding.message = format!("the key {} is not documented; a newer version of the contract may define it", quoted(key));
                finding.found = body.pointer(&place).cloned();
                finding.promised = promised.clone();
                finding.instance_location = place;
                findings.push(finding);
            }
        }
        ValidationErrorKind::Required { property } => {
            let mut finding = finding(error, branch);
            finding.message = format!("the key {property} is missing");
            finding.promised = format!("the key {property}");
            findings.push(finding);
        }
        kind => {
            let mut finding = finding(error, branch);
            expect(&mut finding, error.instance(), promised(kind));
            findings.push(finding);
        }
    }
}

/// The key that an object lacks, of a finding of `required`.
pub(crate) fn missing_key(finding: &Finding) -> Option<String> {
    let key = finding.promised.strip_prefix("the key ").filter(|_| finding.keyword.as_deref() == Some("required"))?;
    serde_json::from_str(key).ok()
}

/// Sets the found and the promised value of a finding, and its message.
fn expect(finding: &mut Finding, found: &Value, promised: String) {
    finding.message = format!("{}, expected {promised}", snippet(found));
    finding.promised = promised;
    finding.found = Some(found.clone());
}

fn finding(error: &ValidationError<'_>, branch: Option<&str>) -> Finding {
    let absolute = absolute_location(error);
    // The evaluation path begins at a generated reference to the schema; the rest is the contract's.
    let evaluated = error.evaluation_path().as_str();
    let promise = PromiseSource { kind: PromiseKind::Documented, where_: absolute.clone().unwrap_or_default() };
    let mut finding = Finding::new(FindingKind::Schema, Severity::Error, promise, "");
    finding.keyword = Some(error.kind().keyword().to_owned());
    finding.keyword_location = Some(evaluated.strip_prefix("/$ref").unwrap_or(evaluated).to_owned());
    finding.absolute_keyword_location = absolute;
    finding.instance_location = error.instance_path().as_str().to_owned();
    finding.branch = branch.map(str::to_owned);
    finding
}

/// The finding of a union without a branch that has the type of the instance.
fn no_branch(error: &ValidationError<'_>, context: &Branches, branch: Option<&str>) -> Finding {
    let mut finding = finding(error, branch);
    let mut types: Vec<String> = Vec::new();
    collect_types(context, &mut types);
    let promised = if types.is_empty() { "a value that matches one of the branches".to_owned() } else { types.join(" or ") };
    expect(&mut finding, error.instance(), promised);
    finding
}

/// Adds the types that the branches require, those of nested unions included.
fn collect_types(context: &Branches, types: &mut Vec<String>) {
    for error in context.iter().flatten() {
        match error.kind() {
            ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => collect_types(context, types),
            kind @ ValidationErrorKind::Type { .. } => {
                let type_ = promised(kind);
                if !types.contains(&type_) {
                    types.push(type_);
                }
            }
            _ => {}
        }
    }
}

/// Values as the text after "expected".
fn one_of<'v>(values: impl IntoIterator<Item = &'v Value>) -> String {
    let values: Vec<String> = values.into_iter().map(Value::to_string).collect();
    match values.as_slice() {
        [value] => value.clone(),
        values => format!("one of {}", values.join(", ")),
    }
}

/// Names with commas, and a word before the last one.
fn listed(names: &[String], word: &str) -> String {
    match names {
        [rest @ .., last] if !rest.is_empty() => format!("{} {word} {last}", rest.join(", ")),
        names => names.join(""),
    }
}

/// The keys that a closed object allows.
fn known_keys(contract: &Contract, error: &ValidationError<'_>) -> String {
    let keys = absolute_location(error).and_then(|location| {
        let (document, pointer) = location.split_once('#')?;
        let parent = pointer.rsplit_once('/')?.0;
        let properties = contract.documents().value(document)?.pointer(parent)?.get("properties")?.as_object()?;
        Some(properties.keys().map(|key| quoted(key)).collect::<Vec<_>>().join(", "))
    });
    keys.map_or_else(|| "no other key".to_owned(), |keys| format!("only the keys {keys}"))
}

fn promised(kind: &ValidationErrorKind) -> String {
    use jsonschema::error::TypeKind;
    match kind {
        ValidationErrorKind::Type { kind: TypeKind::Single(type_) } => type_.to_string(),
        ValidationErrorKind::Type { kind: TypeKind::Multiple(types) } => {
            types.iter().map(|type_| type_.to_string()).collect::<Vec<_>>().join(" or ")
        }
        ValidationErrorKind::Enum { options } => match options.as_array() {
            Some(options) => one_of(options),
            None => options.to_string(),
        },
        ValidationErrorKind::Constant { expected_value } => expected_value.to_string(),
        ValidationErrorKind::Minimum { limit } => format!("at least {limit}"),
        ValidationErrorKind::Maximum { limit } => format!("at most {limit}"),
        ValidationErrorKind::ExclusiveMinimum { limit } => format!("more than {limit}"),
        ValidationErrorKind::ExclusiveMaximum { limit } => format!("less than {limit}"),
        ValidationErrorKind::MinLength { limit } => format!("at least {}", counted(*limit, "character")),
        ValidationErrorKind::MaxLength { limit } => format!("at most {}", counted(*limit, "character")),
        ValidationErrorKind::MinItems { limit } => format!("at least {}", counted(*limit, "item")),
        ValidationErrorKind::MaxItems { limit } => format!("at most {}", counted(*limit, "item")),
        ValidationErrorKind::MinProperties { limit } => format!("at least {}", counted(*limit, "key")),
        ValidationErrorKind::MaxProperties { limit } => format!("at most {}", counted(*limit, "key")),
        ValidationErrorKind::MultipleOf { multiple_of } => format!("a multiple of {multiple_of}"),
        ValidationErrorKind::Pattern { pattern } => format!("a string that matches {pattern}"),
        ValidationErrorKind::Custom { keyword, message } if keyword == "multipleOf" => format!("a multiple of {message}"),
        ValidationErrorKind::Custom { keyword, message } if keyword == "format" => match Format::named(message) {
            Some(format) => format!("the format {}: {}", format.name, format.meaning),
            None => format!("the format {message}"),
        },
        ValidationErrorKind::UniqueItems => "unique items".to_owned(),
        ValidationErrorKind::FalseSchema => "no value".to_owned(),
        other => format!("a value that satisfies `{}`", other.keyword()),
    }
}

fn quoted(key: &str) -> String {
    Value::String(key.to_owned()).to_string()
}
