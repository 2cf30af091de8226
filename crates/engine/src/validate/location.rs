//! Keyword locations as the contract writes them.

use jsonschema::ValidationError;

/// The base URI that documents are registered under. References resolve among the contract's documents only.
pub(super) const BASE: &str = "charter:///";

/// The absolute keyword location of an error: document and JSON Pointer.
pub(super) fn absolute_location(error: &ValidationError<'_>) -> Option<String> {
    let uri = error.absolute_keyword_location()?.as_str();
    let uri = uri.strip_prefix(BASE).unwrap_or(uri).to_owned();
    Some(percent_encoding::percent_decode_str(&uri).decode_utf8_lossy().into_owned())
}
