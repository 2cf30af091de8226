//! Schemas from anywhere: files and folders of any name, and the documents that their references may lead to.

use camino::Utf8Path;
use serde_json::Value;
use walkdir::WalkDir;

use super::{Documents, Role};
use crate::Draft;
use crate::Location;
use crate::error::{Error, Fault, Place, Problem};

/// What schemas are read from.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// The documents, by name: JSON Schemas, or an OpenAPI document; JSON or YAML.
    pub files: Vec<(String, Vec<u8>)>,
    /// Documents that references may lead to, by URI. Nothing is ever fetched.
    pub remotes: Vec<(String, Vec<u8>)>,
    /// The draft of documents that name none.
    pub draft: Draft,
}

impl Sources {
    /// One document.
    pub fn of(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self { files: vec![(name.into(), bytes.into())], ..Self::default() }
    }

    pub(crate) fn parse(self) -> Result<Documents, Error> {
        let mut documents = Documents::read(self.files, |name, value| match name {
            "charter.toml" => Role::Other,
            _ if value.get("openapi").is_some_and(Value::is_string) || value.get("swagger").is_some_and(Value::is_string) => Role::OpenApi,
            _ => Role::Schema,
        })?;
        let remotes = Documents::read(self.remotes, |_, _| Role::Remote)?;
        for (name, document) in remotes.documents {
            documents.documents.entry(name).or_insert(document);
        }
        Ok(documents)
    }
}

/// Reads a schema file, or every schema file of a folder: `*.json`, `*.yaml`, `*.yml`, hidden ones aside.
///
/// # Errors
/// The file or folder cannot be read, or the folder holds no schema.
pub fn read_schemas(path: &Utf8Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if !path.is_dir() {
        let bytes = std::fs::read(path).map_err(|error| problem(path, Fault::Unreadable(error)))?;
        return Ok(vec![(path.file_name().unwrap_or("schema.json").to_owned(), bytes)]);
    }
    let files = read_tree(path)?;
    if files.is_empty() {
        return Err(problem(path, Fault::NoContract).into());
    }
    Ok(files)
}

/// Reads documents that references may lead to: `prefix` stands for the folder, or for the file itself.
///
/// # Errors
/// The file or folder cannot be read.
pub fn read_map(prefix: &str, path: &Utf8Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if !path.is_dir() {
        let bytes = std::fs::read(path).map_err(|error| problem(path, Fault::Unreadable(error)))?;
        return Ok(vec![(prefix.trim_end_matches('#').to_owned(), bytes)]);
    }
    let prefix = prefix.trim_end_matches('/');
    Ok(read_tree(path)?.into_iter().map(|(name, bytes)| (format!("{prefix}/{name}"), bytes)).collect())
}

fn read_tree(folder: &Utf8Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    let mut files = Vec::new();
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    let walk = WalkDir::new(folder).sort_by_file_name().into_iter();
    for entry in walk.filter_entry(|entry| entry.depth() == 0 || !hidden(entry.file_name())) {
        let entry = entry.map_err(|error| problem(folder, Fault::Unreadable(error.into())))?;
        let Some(path) = Utf8Path::from_path(entry.path()) else { continue };
        if !path.is_file() || !matches!(path.extension(), Some("json" | "yaml" | "yml")) {
            continue;
        }
        let bytes = std::fs::read(path).map_err(|error| problem(path, Fault::Unreadable(error)))?;
        let name = path.strip_prefix(folder).unwrap_or(path).as_str().replace('\\', "/");
        files.push((name, bytes));
    }
    Ok(files)
}

fn problem(path: &Utf8Path, fault: Fault) -> Problem {
    Problem { fault, place: Place { location: Some(Location::root(path.as_str())), ..Place::default() }, remedy: None }
}
