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
        let wanted: BTreeSet<String> = references(&String::from_utf8_lossy(bytes)).map(|file| relative(name, &unescape(&file))).collect();
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
fn references(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("$ref").filter_map(|(at, word)| {
        let rest = text[at + word.len()..].trim_start_matches(['"', '\'']).trim_start().strip_prefix(':')?.trim_start();
        let reference = match rest.chars().next()? {
            quote @ ('"' | '\'') => rest[1..].split(quote).next()?,
            _ => rest.split(['\n', '\r', ',', '}', ' ']).next()?,
        };
        let file = reference.split('#').next().filter(|file| !file.is_empty() && !is_uri(file))?;
        Some(file.replace("\\/", "/"))
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
        let found: Vec<String> = references(text).collect();
        assert_eq!(found, ["a.json", "b%20c.json", "../d.json", "1", "g.yaml", "./h.yaml", "j.yaml", "m n.yaml", "q.yaml"]);
    }
}
