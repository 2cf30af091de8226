//! The pairs of another tool's tests: every pair that it calls an error is an error here, or has an argument.
//!
//! `CHARTER_DIFF_PAIRS` names the folder; `published/extract.py` writes its `pairs.json`. Without the variable, nothing is tested.

use std::path::PathBuf;

use charter_contract::{Level, Sources};
use charter_diff::{Options, diff};
use serde_json::Value;

/// The tests whose pairs have another level here, and why.
const ARGUED: &[(&str, &str)] = &[
    ("TestTransitionClaims_RealChangeAlongsideTransitionStillReported", "every listed value is still a string, which a branch accepts"),
    ("TestWebhookOperationChangesDetected", "the API sends the body of a webhook, so a required body breaks no receiver"),
    ("TestBreaking_RequestPropertyAllOfAdded", "the additional part equals an existing one"),
    ("TestBreaking_RequestPropertyAnyOfRemoved", "the removed branch equals a remaining one"),
    ("TestBreaking_StabilityLevelDecreased_WithSources", "the extension `x-stability-level` has no effect on messages"),
    ("TestRequestBodyAnyOfMultiMediaTypeDetails", "the branch has another name and the same content"),
    ("TestRequestBodyMaxContainsDecreased", "`contains` is absent or the type has no items: the keyword has no effect"),
    ("TestRequestBodyMinContainsIncreased", "`contains` is absent or the type has no items: the keyword has no effect"),
    ("TestResponseBodyMaxContainsIncreased", "`contains` is absent or the type has no items: the keyword has no effect"),
    ("TestResponseBodyMinContainsDecreased", "`contains` is absent or the type has no items: the keyword has no effect"),
    ("TestRequestPropertyAllOfAdded_AnnotationOnly_AtProperty_EmitsInfo", "the additional part has annotations only"),
    ("TestRequestPropertyAllOfAdded_AnnotationOnly_EmitsInfo", "the additional part has annotations only"),
    ("TestBreaking_RequestPropertyOneOfRemoved", "the branches are equal, so `oneOf` refused every object before: a warning"),
    ("TestNotSubSchemaTraversalAddedProperty", "a required key below `not` accepts more; the rest is a warning"),
    ("TestNotSubSchemaTraversalModifiedProperty", "a bound below `not` has the reverse effect; the rest is a warning"),
    ("TestRequestPropertyAnyOfInlineEnumRefactorToRef", "the branch becomes a reference to an equal component"),
    ("TestBreaking_ReqBodyBecameEnumAndTypeChanged", "the document is not valid: the loader refuses it"),
    ("TestListOfTypesIntegration_EdgeCases", "the document is not valid: the loader refuses it"),
];

#[test]
fn every_published_error_is_an_error_or_is_argued() {
    let Some(folder) = std::env::var_os("CHARTER_DIFF_PAIRS").map(PathBuf::from) else { return };
    let text = std::fs::read_to_string(folder.join("pairs.json")).expect("pairs.json");
    let pairs: Vec<Value> = serde_json::from_str(&text).expect("a list of pairs");
    let (mut missed, mut silent, mut errors) = (Vec::new(), Vec::new(), 0);
    for pair in &pairs {
        let member = |name: &str| pair[name].as_str().expect("a string");
        let load = |name: &str| {
            let path = camino::Utf8PathBuf::from_path_buf(folder.join(member(name))).ok()?;
            let files = charter_contract::load::read_folder(&path).ok()?;
            charter_contract::from_sources(Sources::new(files)).ok()
        };
        let level = match (load("old"), load("new")) {
            (Some(old), Some(new)) => {
                let found = diff(&old, &new, &Options::default());
                if found.operations.is_empty() && found.schemas.is_empty() && found.notes.is_empty() && found.not_compared.is_empty() {
                    silent.push(member("name").to_owned());
                }
                found.operations.iter().map(|change| change.level).chain(found.schemas.iter().map(|change| change.level)).max()
            }
            _ => None,
        };
        if member("level") == "ERR" {
            errors += 1;
            if level != Some(Level::Error) && !ARGUED.iter().any(|(name, _)| *name == member("name")) {
                missed.push(format!("{}: {level:?}", member("name")));
            }
        }
    }
    assert!(errors > 80, "{errors} errors in {} pairs", pairs.len());
    assert_eq!(missed, Vec::<String>::new());
    println!("{} pairs, {errors} errors, without any line: {silent:?}", pairs.len());
}
