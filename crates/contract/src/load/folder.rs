//! The documents of a contract: a folder, or a single document with the files that it refers to.

use camino::{Utf8Path, Utf8PathBuf};

use super::closure::add_from_folder;
use super::is_described;
use crate::error::{Error, Fault, Problem};
use crate::location::Location;

/// Reads the documents of a contract.
///
/// - A folder: at its top the OpenAPI document, `*.schema.json`, `*.invariants.{yaml,yml}` and `charter.toml`. The OpenAPI document is
///   `openapi.{yaml,yml,json}`, or the only OpenAPI document there. Other files are ignored.
/// - A file: an OpenAPI document or a JSON Schema of any name.
///
/// Files that these documents refer to by relative paths are read as well; their names are relative to the folder.
///
/// # Errors
/// The folder or a document cannot be read, the folder contains no contract, or it contains several OpenAPI documents.
pub fn read_folder(path: &Utf8Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if path.is_file() {
        return read_file(path);
    }
    let mut names = Vec::new();
    for entry in path.read_dir_utf8().map_err(|error| unreadable(path, error))? {
        let entry = entry.map_err(|error| unreadable(path, error))?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_owned());
        }
    }
    names.sort();
    let main = openapi_document(path, &names)?;
    let is_document =
        |name: &String| Some(name) == main.as_ref() || name.ends_with(".schema.json") || is_invariants(name) || name == "charter.toml";
    let documents: Vec<&String> = names.iter().filter(|name| is_document(name)).collect();
    if main.is_none() && !documents.iter().any(|name| name.ends_with(".schema.json")) {
        return Err(problem(path, Fault::NoContract)
            .with_remedy("name an OpenAPI document or its folder with --contract".to_owned())
            .into());
    }
    let mut files = Vec::new();
    for name in documents {
        let path: Utf8PathBuf = path.join(name);
        let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
        files.push((name.clone(), bytes));
    }
    add_from_folder(path, &mut files)?;
    Ok(files)
}

/// Reads a document and the files that it refers to.
pub(super) fn read_file(path: &Utf8Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let bytes = std::fs::read(path).map_err(|error| unreadable(path, error))?;
    let mut files = vec![(path.file_name().unwrap_or("document.json").to_owned(), bytes)];
    add_from_folder(path.parent().unwrap_or(Utf8Path::new("")), &mut files)?;
    Ok(files)
}

/// The name of the OpenAPI document among the files of a folder.
fn openapi_document(folder: &Utf8Path, names: &[String]) -> Result<Option<String>, Error> {
    let mut candidates: Vec<&String> = names.iter().filter(|name| is_openapi(name)).collect();
    if candidates.is_empty() {
        for name in names.iter().filter(|name| may_be_openapi(name)) {
            let path = folder.join(name);
            let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
            if is_openapi_document(name, bytes) {
                candidates.push(name);
            }
        }
    }
    match candidates.as_slice() {
        [] => Ok(None),
        [name] => Ok(Some((*name).clone())),
        several => {
            let list: Vec<&str> = several.iter().map(|name| name.as_str()).collect();
            let fault = Fault::Form(format!("contains several OpenAPI documents: {}", list.join(", ")));
            let remedy = format!("name one of them, such as --contract {}", folder.join(list[0]));
            Err(problem(folder, fault).with_remedy(remedy).into())
        }
    }
}

/// Whether a name can be that of an OpenAPI document.
fn may_be_openapi(name: &str) -> bool {
    let has_extension = [".json", ".yaml", ".yml"].iter().any(|extension| name.ends_with(extension));
    let is_other = [".schema.json", ".overlay.json", ".overlay.yaml", ".overlay.yml"].iter().any(|ending| name.ends_with(ending));
    has_extension && !is_other && !is_invariants(name) && !name.starts_with('.')
}

/// Whether a file is an OpenAPI document. A file with a syntax error is not.
fn is_openapi_document(name: &str, bytes: Vec<u8>) -> bool {
    // Most files of a folder can be excluded without parsing them.
    let contains = |word: &[u8]| bytes.windows(word.len()).any(|window| window == word);
    (contains(b"openapi") || contains(b"swagger"))
        && super::parse_value(name, bytes).is_ok_and(|value| is_described(&value) && value.get("overlay").is_none())
}

pub(super) fn unreadable(path: &Utf8Path, error: std::io::Error) -> Error {
    problem(path, Fault::Unreadable(error)).with_remedy("name a contract's folder with --contract".to_owned()).into()
}

fn problem(path: &Utf8Path, fault: Fault) -> Problem {
    Problem::new(fault, Location::root(path.as_str()))
}

/// Whether a name is the usual name of an OpenAPI document.
pub(crate) fn is_openapi(name: &str) -> bool {
    matches!(name, "openapi.yaml" | "openapi.yml" | "openapi.json")
}

/// Whether a document is an invariants file.
pub fn is_invariants(name: &str) -> bool {
    name.ends_with(".invariants.yaml") || name.ends_with(".invariants.yml")
}
