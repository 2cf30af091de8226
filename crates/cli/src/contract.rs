//! A contract from wherever the user says it is: a folder, a file, standard input, a revision in git.

use std::io::Read as _;
use std::process::Command;

use camino::Utf8Path;
use charter_contract::load::read_folder;
use charter_contract::{Contract, Error, Sources, from_documents, from_sources};

use crate::{exit, output};

/// A contract without its rules, and the documents that it was read from.
pub(crate) struct Loaded {
    pub(crate) contract: Contract,
    files: Vec<(String, Vec<u8>)>,
}

impl Loaded {
    /// Whether rules stand beside the schemas.
    pub(crate) fn has_rules(&self) -> bool {
        self.files.iter().any(|(name, _)| is_rules(name))
    }

    /// Whether every document that another has stands here, too, so that its rules can be read by it.
    pub(crate) fn has_documents_of(&self, other: &Self) -> bool {
        let schemas = other.files.iter().map(|(name, _)| name).filter(|name| !is_rules(name) && *name != "charter.toml");
        schemas.into_iter().all(|name| self.files.iter().any(|(own, _)| own == name))
    }

    /// This contract with the rules of another.
    pub(crate) fn with_rules_of(&self, other: &Self) -> Result<Contract, Error> {
        let mut files = self.files.clone();
        files.extend(other.files.iter().filter(|(name, _)| is_rules(name)).cloned());
        charter_rules::with_invariants(from_documents(files)?)
    }
}

fn is_rules(name: &str) -> bool {
    name.ends_with(".invariants.yaml") || name.ends_with(".invariants.yml")
}

/// Loads what a user names; prints why it cannot be.
pub(crate) fn load(spec: &str, folder: &Utf8Path) -> Result<Loaded, u8> {
    let path = Utf8Path::new(spec);
    if spec == "-" {
        let mut bytes = Vec::new();
        if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
            output::complain(&format!("standard input cannot be read: {error}"));
            return Err(exit::UNREADABLE);
        }
        return single(spec, "openapi", bytes);
    }
    if path.is_dir() {
        let files = read_folder(path).map_err(|error| output::refuse(path, &error))?;
        return whole(spec, files);
    }
    if path.exists() {
        let bytes = std::fs::read(path).map_err(|error| {
            output::complain(&format!("{path} cannot be read: {error}"));
            exit::UNREADABLE
        })?;
        return single(spec, path.file_name().unwrap_or("document"), bytes);
    }
    from_git(spec, folder)
}

fn whole(spec: &str, files: Vec<(String, Vec<u8>)>) -> Result<Loaded, u8> {
    let contract = from_documents(files.clone()).map_err(|error| output::refuse(Utf8Path::new(spec), &error))?;
    Ok(Loaded { contract, files })
}

fn single(spec: &str, name: &str, bytes: Vec<u8>) -> Result<Loaded, u8> {
    let files = vec![(name.to_owned(), bytes.clone())];
    let contract = from_sources(Sources::of(name, bytes)).map_err(|error| output::refuse(Utf8Path::new(spec), &error))?;
    Ok(Loaded { contract, files })
}

/// A revision means the contract's folder in it; `REVISION:PATH` names a folder or a file.
fn from_git(spec: &str, folder: &Utf8Path) -> Result<Loaded, u8> {
    let absent = |why: &str| {
        output::complain(&format!(
            "`{spec}` is neither a file, a folder nor a revision of git{why}; write a path, a revision such as HEAD~1, or REVISION:PATH"
        ));
        exit::UNREADABLE
    };
    let (revision, path) = match spec.split_once(':') {
        Some((revision, path)) => (revision.to_owned(), path.trim_end_matches('/').to_owned()),
        None => (spec.to_owned(), in_repository(folder).ok_or_else(|| absent(", and the contract's folder is in no repository"))?),
    };
    // What begins with a dash would be read as a flag.
    if revision.starts_with('-') || revision.is_empty() {
        return Err(absent(""));
    }
    let object = format!("{revision}:{path}");
    let kind = git(&["cat-file", "-t", &object]).ok_or_else(|| absent(&format!(" that holds `{path}`")))?;
    match String::from_utf8_lossy(&kind).trim() {
        "tree" => {
            let list = git(&["ls-tree", "-z", "--name-only", &object]).ok_or_else(|| absent(""))?;
            let names = String::from_utf8_lossy(&list).into_owned();
            let wanted = names.split('\0').filter(|name| is_document(name));
            let mut files: Vec<(String, Vec<u8>)> = Vec::new();
            for name in wanted {
                let at = if path.is_empty() { format!("{object}{name}") } else { format!("{object}/{name}") };
                files.push((name.to_owned(), git(&["cat-file", "blob", &at]).ok_or_else(|| absent(""))?));
            }
            files.sort();
            if files.is_empty() {
                output::complain(&format!("`{object}` holds neither an OpenAPI document nor a schema (*.schema.json)"));
                return Err(exit::USAGE);
            }
            whole(spec, files)
        }
        _ => {
            let bytes = git(&["cat-file", "blob", &object]).ok_or_else(|| absent(""))?;
            single(spec, Utf8Path::new(&path).file_name().unwrap_or("document"), bytes)
        }
    }
}

fn is_document(name: &str) -> bool {
    matches!(name, "openapi.yaml" | "openapi.yml" | "openapi.json" | "charter.toml") || name.ends_with(".schema.json") || is_rules(name)
}

/// The path of a folder as its repository knows it.
fn in_repository(folder: &Utf8Path) -> Option<String> {
    let prefix = git(&["rev-parse", "--show-prefix"])?;
    let prefix = String::from_utf8_lossy(&prefix).trim().to_owned();
    let joined = output::normal(&Utf8Path::new(&prefix).join(folder));
    match folder.is_absolute() {
        false => Some(joined.as_str().to_owned()),
        true => {
            let top = git(&["rev-parse", "--show-toplevel"])?;
            let top = String::from_utf8_lossy(&top).trim().to_owned();
            folder.strip_prefix(&top).ok().map(|path| path.as_str().to_owned())
        }
    }
}

fn git(arguments: &[&str]) -> Option<Vec<u8>> {
    let output = Command::new("git").args(arguments).output().ok()?;
    output.status.success().then_some(output.stdout)
}
