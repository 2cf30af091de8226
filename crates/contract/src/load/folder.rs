//! The documents in a contract's folder.

use camino::{Utf8Path, Utf8PathBuf};

use crate::error::{Error, Fault, Problem};
use crate::location::Location;

/// Reads the documents at the top of a contract's folder: `openapi.{yaml,yml,json}`, `*.schema.json`, `*.invariants.{yaml,yml}`
/// and `charter.toml`. Other files are ignored.
///
/// # Errors
/// The folder or a document cannot be read, or the folder contains no contract.
pub fn read_folder(folder: &Utf8Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let unreadable = |path: &Utf8Path, error| {
        let mut found = problem(path, Fault::Unreadable(error));
        found.remedy = Some("name a contract's folder with --contract".to_owned());
        Error::from(found)
    };
    let mut names = Vec::new();
    for entry in folder.read_dir_utf8().map_err(|error| unreadable(folder, error))? {
        let entry = entry.map_err(|error| unreadable(folder, error))?;
        if is_document(entry.file_name()) && entry.path().is_file() {
            names.push(entry.file_name().to_owned());
        }
    }
    names.sort();
    if !names.iter().any(|name| is_openapi(name) || name.ends_with(".schema.json")) {
        return Err(problem(folder, Fault::NoContract).into());
    }
    let mut files = Vec::new();
    for name in names {
        let path: Utf8PathBuf = folder.join(&name);
        let bytes = std::fs::read(&path).map_err(|error| unreadable(&path, error))?;
        files.push((name, bytes));
    }
    Ok(files)
}

fn problem(path: &Utf8Path, fault: Fault) -> Problem {
    Problem::new(fault, Location::root(path.as_str()))
}

fn is_document(name: &str) -> bool {
    is_openapi(name) || name.ends_with(".schema.json") || is_invariants(name) || name == "charter.toml"
}

/// Whether a document is the OpenAPI document.
pub(crate) fn is_openapi(name: &str) -> bool {
    matches!(name, "openapi.yaml" | "openapi.yml" | "openapi.json")
}

/// Whether a document is an invariants file.
pub fn is_invariants(name: &str) -> bool {
    name.ends_with(".invariants.yaml") || name.ends_with(".invariants.yml")
}
