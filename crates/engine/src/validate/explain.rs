//! An error of the validator → findings: one per missing or unknown key. Unions are explained by their closest branch.

use charter_contract::invariant::{PromiseKind, Severity};
use charter_contract::{Contract, push_token};
use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::Value;

use super::location::absolute_location;
use charter_report::{Finding, FindingKind, PromiseSource, counted, snippet};

/// Adds the findings of one error. `branch` is the union branch that the error belongs to.
pub(super) fn explain(contract: &Contract, body: &Value, error: &ValidationError<'_>, branch: Option<&str>, findings: &mut Vec<Finding>) {
    let at = error.instance_path().as_str();
    match error.kind() {
        ValidationErrorKind::AnyOf { context } | ValidationErrorKind::OneOfNotValid { context } => {
            match closest(body, at, context) {
                Some(index) => {
                    let keyword = error.kind().keyword();
                    let name = format!("{}/{index}", absolute_location(error).unwrap_or_else(|| format!("{at}/{keyword}")));
                    for inner in &context[index] {
                        explain(contract, body, inner, Some(&name), findings);
                    }
                }
                None => findings.push(union(body, error, context, branch)),
            };
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
            finding.promised = promised(kind);
            finding.message = format!("{}, expected {}", snippet(error.instance()), finding.promised);
            finding.found = Some(error.instance().clone().into_owned());
            findings.push(finding);
        }
    }
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

/// The finding of a union without a close branch.
fn union(body: &Value, error: &ValidationError<'_>, context: &[Vec<ValidationError<'static>>], branch: Option<&str>) -> Finding {
    let mut finding = finding(error, branch);
    let mut types: Vec<String> = Vec::new();
    for inner in context.iter().flatten() {
        if let ValidationErrorKind::Type { .. } = inner.kind() {
            let type_ = promised(inner.kind());
            if !types.contains(&type_) {
                types.push(type_);
            }
        }
    }
    finding.promised = if types.is_empty() { "a value that matches one of the branches".to_owned() } else { types.join(" or ") };
    let found = body.pointer(&finding.instance_location);
    finding.message = format!("{}, expected {}", snippet(found.unwrap_or(&Value::Null)), finding.promised);
    finding.found = found.cloned();
    finding
}

/// The closest branch: its type matches the instance, and it has the fewest missing or unknown keys, then the fewest errors, then the
/// lowest index. `None` if no branch has the type of the instance.
fn closest(body: &Value, at: &str, context: &[Vec<ValidationError<'static>>]) -> Option<usize> {
    let wrong_type =
        |error: &ValidationError<'_>| error.instance_path().as_str() == at && matches!(error.kind(), ValidationErrorKind::Type { .. });
    context
        .iter()
        .enumerate()
        .filter(|(_, errors)| !errors.is_empty() && !errors.iter().any(wrong_type))
        .min_by_key(|(index, errors)| {
            let keys: usize = errors.iter().filter(|error| error.instance_path().as_str() == at).map(|error| misfits(error)).sum();
            (keys, errors.iter().map(|error| misfits(error).max(1)).sum::<usize>(), *index)
        })
        .map(|(index, _)| index)
        .filter(|_| body.pointer(at).is_some())
}

/// Number of keys that differ between the instance and the branch.
fn misfits(error: &ValidationError<'_>) -> usize {
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected } => unexpected.len(),
        // A missing key counts more than an additional one, which a newer server may have added.
        ValidationErrorKind::Required { .. } => 2,
        ValidationErrorKind::Constant { .. } => 1,
        _ => 0,
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
            Some(options) => format!("one of {}", options.iter().map(Value::to_string).collect::<Vec<_>>().join(", ")),
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
        ValidationErrorKind::Format { format } => format!("the format {format}"),
        ValidationErrorKind::UniqueItems => "unique items".to_owned(),
        ValidationErrorKind::FalseSchema => "no value".to_owned(),
        other => format!("a value that satisfies `{}`", other.keyword()),
    }
}

fn quoted(key: &str) -> String {
    Value::String(key.to_owned()).to_string()
}
