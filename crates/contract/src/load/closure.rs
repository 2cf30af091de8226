//! Adds the files that documents refer to, directly or through other files. Nothing is fetched.

use std::collections::BTreeSet;

use camino::Utf8Path;

use super::folder::unreadable;
use crate::error::Error;
use crate::uri::{is_uri, relative, unescape};

/// Appends every file of a folder that the documents refer to, by a relative path. A missing file is not an error here: the reference
/// is reported when it is resolved, with its location.
///
/// # Errors
/// A file exists and cannot be read.
pub(super) fn add_from_folder(folder: &Utf8Path, files: &mut Vec<(String, Vec<u8>)>) -> Result<(), Error> {
    add_referenced(files, |name| {
        let path = folder.join(name);
        match path.is_file() {
            true => std::fs::read(&path).map(Some).map_err(|error| unreadable(&path, error)),
            false => Ok(None),
        }
    })
}

/// Appends every file that the documents refer to. `read` returns the bytes of a file by its path relative to the contract's folder, or
/// `None` if it does not exist.
///
/// # Errors
/// The error of `read`.
pub fn add_referenced<E>(files: &mut Vec<(String, Vec<u8>)>, mut read: impl FnMut(&str) -> Result<Option<Vec<u8>>, E>) -> Result<(), E> {
    let mut known: BTreeSet<String> = files.iter().map(|(name, _)| name.clone()).collect();
    let mut next = 0;
    while let Some((name, bytes)) = files.get(next) {
        next += 1;
        if name.ends_with(".toml") {
            continue;
        }
        let wanted: BTreeSet<String> = references(bytes).map(|file| relative(name, &unescape(&file))).collect();
        for name in wanted {
            if !known.insert(name.clone()) {
                continue;
            }
            if let Some(bytes) = read(&name)? {
                files.push((name, bytes));
            }
        }
    }
    Ok(())
}

/// The relative files that follow `$ref` in a text. A search is enough to find files: a `$ref` in a comment or in an example adds at most
/// a file that is not used. Parsing a large document twice would take longer than all other work of a short run.
fn references(text: &[u8]) -> impl Iterator<Item = String> {
    memchr::memmem::find_iter(text, "$ref").filter_map(|at| {
        let mut rest = &text[at + "$ref".len()..];
        while let [b'"' | b'\'', after @ ..] = rest {
            rest = after;
        }
        let rest = rest.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start();
        let (reference, ends): (_, &[u8]) = match rest.first()? {
            quote @ (b'"' | b'\'') => (&rest[1..], std::slice::from_ref(quote)),
            _ => (rest, b"\n\r,} "),
        };
        // The file ends before the fragment.
        let length = reference.iter().position(|byte| *byte == b'#' || ends.contains(byte)).unwrap_or(reference.len());
        let file = String::from_utf8_lossy(&reference[..length]);
        (!file.is_empty() && !is_uri(&file)).then(|| file.replace("\\/", "/"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn references_are_found_in_json_and_yaml() {
        let text = r##"{"$ref":"a.json", "$ref" : "b%20c.json#/x", "$ref": "..\/d.json", "$ref": "#/e", "$ref": "https://a.test/f.json", "$ref": 1}
$ref: g.yaml
- $ref: './h.yaml#/i' # note
- {$ref: j.yaml, k: l}
- $ref: "m n.yaml"
$ref: #/o
$refs: p.yaml
'$ref': q.yaml"##;
        let found: Vec<String> = references(text.as_bytes()).collect();
        assert_eq!(found, ["a.json", "b%20c.json", "../d.json", "1", "g.yaml", "./h.yaml", "j.yaml", "m n.yaml", "q.yaml"]);
    }
}
