//! URIs of documents, and references between them.

/// The base URI of documents whose name is not a URI.
pub(crate) const BASE: &str = "charter:///";

/// The retrieval URI of a document.
pub(crate) fn uri_of(name: &str) -> String {
    match is_uri(name) {
        true => name.trim_end_matches('#').to_owned(),
        false => format!("{BASE}{}", percent_encoding::utf8_percent_encode(name, NAME)),
    }
}

/// The characters that a path must percent-encode.
const NAME: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'?')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}')
    .add(b':');

/// Whether a name is a URI: the text before its first colon is a scheme.
pub(crate) fn is_uri(name: &str) -> bool {
    name.split_once(':').is_some_and(|(scheme, rest)| {
        !rest.is_empty()
            && scheme.len() > 1
            && scheme.chars().all(|character| character.is_ascii_alphanumeric() || "+-.".contains(character))
    })
}

/// A reference without a fragment, resolved against a base.
pub(crate) fn join(base: &str, reference: &str) -> Option<String> {
    if reference.is_empty() {
        return Some(base.to_owned());
    }
    let base = referencing::uri::from_str(base).ok()?;
    let joined = referencing::uri::resolve_against(&base.borrow(), reference).ok()?;
    Some(joined.as_str().trim_end_matches('#').to_owned())
}

/// Decodes the percent escapes of a URI part.
pub(crate) fn unescape(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8_lossy().into_owned()
}
