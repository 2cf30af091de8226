//! URIs of documents, and references between them.

/// The base URI of documents whose name is not a URI.
pub(crate) const BASE: &str = "charter:///";

/// The retrieval URI of a document.
pub(crate) fn uri_of(name: &str) -> String {
    if is_uri(name) {
        return name.trim_end_matches('#').to_owned();
    }
    // A URI cannot express a path above its root: the authority counts the levels.
    let (mut rest, mut levels) = (name, 0);
    while let Some(above) = rest.strip_prefix("../") {
        (rest, levels) = (above, levels + 1);
    }
    let path = percent_encoding::utf8_percent_encode(rest, NAME);
    if levels == 0 { format!("{BASE}{path}") } else { format!("charter://above-{levels}/{path}") }
}

/// The name of a file that a document refers to by a relative path. It begins with `../` if the file is outside the contract's folder.
pub(crate) fn relative(document: &str, file: &str) -> String {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    let mut parts: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in file.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            name => parts.push(name),
        }
    }
    parts.join("/")
}

/// The characters that a fragment must percent-encode, RFC 3986, section 3.5.
const FRAGMENT: &percent_encoding::AsciiSet = &percent_encoding::CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b']')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// The characters that a path must percent-encode; a colon in its first segment would end a scheme.
const NAME: &percent_encoding::AsciiSet = &FRAGMENT.add(b'?').add(b':');

/// A JSON Pointer as a URI fragment with its `#`, RFC 6901, section 6.
pub fn pointer_fragment(pointer: &str) -> String {
    format!("#{}", percent_encoding::utf8_percent_encode(pointer, FRAGMENT))
}

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
