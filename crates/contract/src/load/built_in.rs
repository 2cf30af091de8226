//! The meta-schemas of the drafts, built in.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use referencing::meta;
use serde_json::Value;

use super::{Document, Role};

static DOCUMENTS: LazyLock<BTreeMap<Arc<str>, Document>> = LazyLock::new(|| {
    let all: [&Arc<Value>; 19] = [
        &meta::DRAFT4,
        &meta::DRAFT6,
        &meta::DRAFT7,
        &meta::DRAFT201909,
        &meta::DRAFT201909_APPLICATOR,
        &meta::DRAFT201909_CONTENT,
        &meta::DRAFT201909_CORE,
        &meta::DRAFT201909_FORMAT,
        &meta::DRAFT201909_META_DATA,
        &meta::DRAFT201909_VALIDATION,
        &meta::DRAFT202012,
        &meta::DRAFT202012_APPLICATOR,
        &meta::DRAFT202012_CONTENT,
        &meta::DRAFT202012_CORE,
        &meta::DRAFT202012_FORMAT_ANNOTATION,
        &meta::DRAFT202012_FORMAT_ASSERTION,
        &meta::DRAFT202012_META_DATA,
        &meta::DRAFT202012_UNEVALUATED,
        &meta::DRAFT202012_VALIDATION,
    ];
    let named = all.into_iter().filter_map(|value| {
        let id = value.get("$id").or_else(|| value.get("id"))?.as_str()?.trim_end_matches('#');
        let text = serde_json::to_string_pretty(&**value).ok()?.into();
        Some((id.into(), Document { text, value: value.clone(), positions: None, searched: Arc::default(), role: Role::Remote }))
    });
    named.collect()
});

/// The meta-schema with a URI, and that URI.
pub(super) fn document(uri: &str) -> Option<(&'static Arc<str>, &'static Document)> {
    DOCUMENTS.get_key_value(uri.trim_end_matches('#'))
}
