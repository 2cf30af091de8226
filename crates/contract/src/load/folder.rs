//! The documents of a contract: a folder, or a single document with the files that it refers to.

use camino::{Utf8Path, Utf8PathBuf};

use super::closure::add_from_folder;
use super::is_described;
use crate::error::{Error, Fault, Problem};
use crate::location::Location;
use crate::suggest::missing_path;

/// The name of the settings.
const SETTINGS: &str = "charter.toml";

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
    let names = file_names(path)?;
    let main = openapi_document(path, &names)?;
    let is_document =
        |name: &String| Some(name) == main.as_ref() || name.ends_with(".schema.json") || is_invariants(name) || name == SETTINGS;
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
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| unreadable(&path, error))
    };
    let mut candidates = openapi_documents(names, read)?;
    if let [first, _, ..] = candidates.as_slice() {
        let fault = Fault::Form(format!("contains several OpenAPI documents: {}", candidates.join(", ")));
        let remedy = format!("name one of them, such as --contract {}", folder.join(first));
        return Err(problem(folder, fault).with_remedy(remedy).into());
    }
    Ok(candidates.pop())
}

/// The names of the OpenAPI documents among the files of a folder: `openapi.{yaml,yml,json}`, or all that are OpenAPI documents.
///
/// # Errors
/// The error of `read`.
pub fn openapi_documents<E>(names: &[String], mut read: impl FnMut(&str) -> Result<Vec<u8>, E>) -> Result<Vec<String>, E> {
    let usual: Vec<String> = names.iter().filter(|name| is_openapi(name)).cloned().collect();
    if !usual.is_empty() {
        return Ok(usual);
    }
    let mut found = Vec::new();
    for name in names.iter().filter(|name| may_be_openapi(name)) {
        if is_openapi_document(name, read(name)?) {
            found.push(name.clone());
        }
    }
    Ok(found)
}

/// The `charter.toml` in the folder of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Settings {
    /// There is none, or the path is not that of an OpenAPI document.
    Absent,
    /// The settings of the document: it is the only OpenAPI document of the folder.
    Used(Utf8PathBuf),
    /// The folder has several OpenAPI documents, so that the settings may belong to another.
    Unused(Utf8PathBuf),
}

/// The settings of a document. Those of a folder are among its documents.
///
/// # Errors
/// The folder or a document in it cannot be read.
pub fn settings_of(path: &Utf8Path) -> Result<Settings, Error> {
    let folder = match path.parent() {
        Some(folder) if folder.as_str().is_empty() => Utf8Path::new("."),
        Some(folder) => folder,
        None => return Ok(Settings::Absent),
    };
    let settings = path.with_file_name(SETTINGS);
    if !path.is_file() || !settings.is_file() {
        return Ok(Settings::Absent);
    }
    let read = |name: &str| {
        let path = folder.join(name);
        std::fs::read(&path).map_err(|error| unreadable(&path, error))
    };
    let documents = openapi_documents(&file_names(folder)?, read)?;
    Ok(match documents.as_slice() {
        [name] if path.file_name() == Some(name) => Settings::Used(settings),
        several if several.iter().any(|name| path.file_name() == Some(name)) => Settings::Unused(settings),
        _ => Settings::Absent,
    })
}

/// Reads the documents of a contract as [`read_folder`], and the settings of a document.
///
/// # Errors
/// As [`read_folder`], or the settings cannot be read.
pub fn read_contract(path: &Utf8Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut files = read_folder(path)?;
    if let Settings::Used(settings) = settings_of(path)? {
        let bytes = std::fs::read(&settings).map_err(|error| unreadable(&settings, error))?;
        files.push((SETTINGS.to_owned(), bytes));
    }
    Ok(files)
}

/// The names of the files of a folder, sorted.
fn file_names(folder: &Utf8Path) -> Result<Vec<String>, Error> {
    let mut names = Vec::new();
    for entry in folder.read_dir_utf8().map_err(|error| unreadable(folder, error))? {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        if entry.path().is_file() {
            names.push(entry.file_name().to_owned());
        }
    }
    names.sort();
    Ok(names)
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
    let is_missing = error.kind() == std::io::ErrorKind::NotFound;
    let meant = if is_missing { missing_path(path.as_str()) } else { None };
    let remedy = meant.unwrap_or_else(|| "name the contract's folder or its OpenAPI document with --contract".to_owned());
    problem(path, Fault::Unreadable(error)).with_remedy(remedy).into()
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
