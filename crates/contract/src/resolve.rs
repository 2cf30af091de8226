//! References: resolves a `$ref` to a location in a document of the contract.

use serde_json::Value;

use crate::error::{Fault, Problem};
use crate::load::Documents;
use crate::location::Location;
use crate::suggest;
use crate::uri::{is_uri, relative, unescape};

/// The maximum length of a chain of references; a longer chain is treated as cyclic.
const CHAIN_LIMIT: usize = 64;

const REMOTE_REMEDY: &str = "save the document into the contract's folder and refer to it by a relative path, or give it to \
    `charter generate` with --map";

/// The target of the reference at `at`, relative to its document; the fragment is a JSON Pointer.
///
/// # Errors
/// The target is outside the contract or does not exist.
pub fn resolve(documents: &Documents, at: &Location, reference: &str) -> Result<Location, Box<Problem>> {
    let refuse = |fault, remedy: Option<String>| Box::new(Problem { remedy, ..documents.problem(at, fault) });
    let (file, fragment) = reference.split_once('#').unwrap_or((reference, ""));
    let Some(name) = documents.target(at.document(), file) else {
        if is_uri(file) {
            return Err(refuse(Fault::Remote(reference.to_owned()), Some(REMOTE_REMEDY.to_owned())));
        }
        let name = relative(at.document(), &unescape(file));
        let resolved = format!("no document is called `{name}`");
        let nearest = suggest::nearest(&name, documents.names().map(AsRef::as_ref));
        let remedy = nearest.map_or_else(
            || format!("{resolved}: the path is relative to the document with the reference"),
            |nearest| format!("{resolved}; {nearest}"),
        );
        return Err(refuse(Fault::Dangling(reference.to_owned()), Some(remedy)));
    };
    let pointer = unescape(fragment);
    let target = Location::new(name.clone(), pointer);
    if documents.at(&target).is_some() {
        return Ok(target);
    }
    Err(dangling(documents, at, reference, &target, fragment))
}

/// The problem of a reference whose fragment does not exist in its document.
pub(crate) fn dangling(documents: &Documents, at: &Location, reference: &str, target: &Location, fragment: &str) -> Box<Problem> {
    let siblings =
        target.pointer().rsplit_once('/').and_then(|(parent, _)| documents.value(target.document())?.pointer(parent)?.as_object());
    let remedy = match (siblings, target.last_token()) {
        (Some(siblings), Some(token)) => suggest::nearest(&token, siblings.keys().map(String::as_str)),
        _ if !fragment.is_empty() && !fragment.starts_with('/') => {
            Some("no schema there has this anchor; a JSON Pointer is written #/$defs/Name".to_owned())
        }
        _ => None,
    };
    Box::new(Problem { remedy, ..documents.problem(at, Fault::Dangling(reference.to_owned())) })
}

/// Follows the `$ref`s of an OpenAPI object, the value at a location, to the component.
pub(crate) fn follow<'d>(documents: &'d Documents, start: &Location, value: &'d Value) -> Result<(Location, &'d Value), Box<Problem>> {
    let (mut at, mut target) = (start.clone(), value);
    for _ in 0..CHAIN_LIMIT {
        let Some(reference) = target.get("$ref").and_then(Value::as_str) else { return Ok((at, target)) };
        at = resolve(documents, &at.child("$ref"), reference)?;
        target = documents.at(&at).unwrap_or(&Value::Null);
    }
    let reference = value.get("$ref").and_then(Value::as_str).unwrap_or_default();
    Err(Box::new(documents.problem(&start.child("$ref"), Fault::Cyclic(reference.to_owned()))))
}
