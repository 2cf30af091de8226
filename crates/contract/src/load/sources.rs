//! Schemas outside a contract's folder: files and folders of any name, and the documents that they refer to.

use camino::Utf8Path;
use serde_json::Value;
use walkdir::WalkDir;

use super::folder::read_file;
use super::{Documents, Role, is_described, parse_value, parts};
use crate::draft::Draft;
use crate::error::{Error, Fault, Problem};
use crate::keywords::is_known;
use crate::location::Location;

/// The documents of a contract without a folder.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Sources {
    /// The documents, by name: JSON Schemas, or an OpenAPI document; JSON or YAML.
    pub files: Vec<(String, Vec<u8>)>,
    /// Documents that references may name, by URI. Documents are never fetched.
    pub remotes: Vec<(String, Vec<u8>)>,
    /// The draft of documents without `$schema`.
    pub draft: Draft,
}

impl Sources {
    /// Documents without remotes, in the default draft.
    pub fn new(files: Vec<(String, Vec<u8>)>) -> Self {
        Self { files, ..Self::default() }
    }

    /// One document.
    pub fn of(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self::new(vec![(name.into(), bytes.into())])
    }

    /// Adds documents that references may name, by URI.
    #[must_use]
    pub fn with_remotes(mut self, remotes: Vec<(String, Vec<u8>)>) -> Self {
        self.remotes.extend(remotes);
        self
    }

    /// Sets the draft of documents without `$schema`.
    #[must_use]
    pub fn with_draft(mut self, draft: Draft) -> Self {
        self.draft = draft;
        self
    }

    pub(crate) fn parse(self) -> Result<Documents, Error> {
        let mut documents = Documents::read(self.files, |name, value| match name {
            "charter.toml" => Role::Other,
            _ if is_described(value) => Role::OpenApi,
            _ => Role::Schema,
        })?;
        let remotes = Documents::read(self.remotes, |_, _| Role::Remote)?;
        for (name, document) in remotes.documents {
            documents.documents.entry(name).or_insert(document);
        }
        parts::settle(&mut documents.documents);
        Ok(documents)
    }
}

/// Reads a schema file and the files that it refers to, or every schema file of a folder: `*.json`, `*.yaml` and `*.yml`, except hidden files.
///
/// # Errors
/// The file or folder cannot be read, or the folder contains no schema.
pub fn read_schemas(path: &Utf8Path) -> Result<Vec<(String, Vec<u8>)>, Error> {
    if !path.is_dir() {
        return read_file(path);
    }
    let files = read_tree(path)?;
    if files.is_empty() {
        return Err(problem(path, Fault::NoContract).into());
    }
    Ok(files)
}

/// The name of a file that is not a document of schemas: its root has unknown keys, and no keyword except annotations, and no other
/// file refers to it.
pub fn foreign_file(files: &[(String, Vec<u8>)]) -> Option<&str> {
    let is_foreign = |(name, bytes): &&(String, Vec<u8>)| {
        let Ok(Value::Object(members)) = parse_value(name, bytes.clone()) else { return false };
        let last = name.rsplit('/').next().unwrap_or(name);
        let refers = |(other, text): &(String, Vec<u8>)| other != name && String::from_utf8_lossy(text).contains(last);
        let has_unknown = members.keys().any(|key| !is_known(key));
        has_unknown && !members.keys().any(|key| begins_document(key)) && !files.iter().any(refers)
    };
    files.iter().find(is_foreign).map(|(name, _)| name.as_str())
}

/// Whether a key is one of the root of a schema or of an OpenAPI document, and rare in other documents.
pub(super) fn begins_document(key: &str) -> bool {
    let is_annotation = matches!(key, "title" | "description" | "default" | "examples" | "example" | "deprecated") || key.starts_with("x-");
    let is_other =
        matches!(key, "openapi" | "swagger" | "components" | "paths" | "definitions" | "id" | "dependencies" | "additionalItems");
    (is_known(key) && !is_annotation) || is_other
}

/// Reads documents that references may name. `prefix` is the URI of the folder or file.
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
    Problem::new(fault, Location::root(path.as_str()))
}
