//! Loads a contract from a folder, a file, standard input or a git revision.

use std::convert::Infallible;
use std::io::Read as _;
use std::process::Command;

use camino::Utf8Path;
use charter_contract::load::{add_referenced, openapi_documents, read_folder};
use charter_contract::{Contract, Error, Sources, foreign_file, from_documents, from_sources};

use crate::progress::Step;
use crate::{exit, output};

/// A contract without its rules, and the documents it was read from.
pub(crate) struct Loaded {
    pub(crate) contract: Contract,
    /// Whether it is a folder. A document alone has no rules and no settings.
    pub(crate) is_folder: bool,
    files: Vec<(String, Vec<u8>)>,
}

impl Loaded {
    /// Whether there are invariants files.
    pub(crate) fn has_rules(&self) -> bool {
        self.files.iter().any(|(name, _)| is_rules(name))
    }

    /// Whether this contract has every document of the other, so that the rules of the other can be loaded with it.
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

/// Loads the contract that `spec` names, or prints the error and returns the exit code.
pub(crate) fn load<'f>(spec: &str, folder: &dyn Fn() -> &'f Utf8Path) -> Result<Loaded, u8> {
    let path = Utf8Path::new(spec);
    if spec == "-" {
        let mut bytes = Vec::new();
        if let Err(error) = std::io::stdin().lock().read_to_end(&mut bytes) {
            output::message(&format!("error: cannot read standard input: {error}"));
            return Err(exit::UNREADABLE);
        }
        return single(spec, vec![("openapi".to_owned(), bytes)]);
    }
    if path.is_dir() {
        let files = read_folder(path).map_err(|error| output::print_problems(path, &error))?;
        return whole(spec, files);
    }
    if path.exists() {
        let files = read_folder(path).map_err(|error| {
            output::print_problems(path, &error);
            exit::UNREADABLE
        })?;
        return single(spec, files);
    }
    from_git(spec, folder)
}

fn whole(spec: &str, files: Vec<(String, Vec<u8>)>) -> Result<Loaded, u8> {
    let step = Step::new(format!("loading {spec}"));
    let loaded = from_documents(files.clone());
    drop(step);
    let contract = loaded.map_err(|error| output::print_problems(Utf8Path::new(spec), &error))?;
    Ok(Loaded { contract, is_folder: true, files })
}

/// Prints an error if a file is not a document of schemas: compared with another one, it would have no change, and its types would accept everything.
pub(crate) fn refuse_foreign(spec: &Utf8Path, files: &[(String, Vec<u8>)]) -> Result<(), u8> {
    let Some(foreign) = foreign_file(files) else { return Ok(()) };
    let (name, help) = match spec.is_dir() {
        true => (spec.join(foreign), "move it out of the folder, or name the documents one by one"),
        false => (
            spec.to_owned(),
            "name a document that begins with `openapi: 3.1.0`, or a schema with a keyword such as `type`, `properties` or `$defs`",
        ),
    };
    output::message(&format!("error: {name} is neither a schema nor an OpenAPI document: its root has no keyword of JSON Schema"));
    output::message(&format!("help: {help}"));
    Err(exit::USAGE)
}

/// A document and the files that it refers to.
fn single(spec: &str, files: Vec<(String, Vec<u8>)>) -> Result<Loaded, u8> {
    refuse_foreign(spec.into(), &files)?;
    let step = Step::new(format!("loading {spec}"));
    let loaded = from_sources(Sources::new(files.clone()));
    drop(step);
    let contract = loaded.map_err(|error| output::print_problems(Utf8Path::new(spec), &error))?;
    Ok(Loaded { contract, is_folder: false, files })
}

/// Loads from git: a revision alone means the contract's folder at it; `REVISION:PATH` names a folder or a file.
fn from_git<'f>(spec: &str, folder: &dyn Fn() -> &'f Utf8Path) -> Result<Loaded, u8> {
    let not_found = |why: &str| {
        output::message(&format!(
            "error: `{spec}` is not a file, a folder or a git revision{why}; give a path, a revision such as HEAD~1, or REVISION:PATH"
        ));
        exit::USAGE
    };
    let (revision, path) = match spec.split_once(':') {
        Some((revision, path)) => (revision.to_owned(), path.trim_end_matches('/').to_owned()),
        None => {
            (spec.to_owned(), in_repository(folder()).ok_or_else(|| not_found(", and the contract's folder is not in a git repository"))?)
        }
    };
    // git would parse it as a flag.
    if revision.starts_with('-') || revision.is_empty() {
        return Err(not_found(""));
    }
    let object = format!("{revision}:{path}");
    let kind = git(&["cat-file", "-t", &object]).ok_or_else(|| not_found(&format!(" that contains `{path}`")))?;
    match String::from_utf8_lossy(&kind).trim() {
        "tree" => {
            let list = git(&["ls-tree", "-z", "--name-only", &object]).ok_or_else(|| not_found(""))?;
            let names = String::from_utf8_lossy(&list).into_owned();
            let mut names: Vec<String> = names.split('\0').filter(|name| !name.is_empty()).map(str::to_owned).collect();
            names.sort();
            let at = |name: &str| if path.is_empty() { format!("{object}{name}") } else { format!("{object}/{name}") };
            // A folder is not a blob.
            let Ok(openapi) =
                openapi_documents(&names, |name| Ok::<_, Infallible>(git(&["cat-file", "blob", &at(name)]).unwrap_or_default()));
            if openapi.len() > 1 {
                output::message(&format!(
                    "error: `{object}` contains several OpenAPI documents: {}; name one of them, such as {}",
                    openapi.join(", "),
                    at(&openapi[0])
                ));
                return Err(exit::USAGE);
            }
            let mut files: Vec<(String, Vec<u8>)> = Vec::new();
            for name in names.iter().filter(|name| openapi.contains(name) || is_document(name)) {
                files.push((name.clone(), git(&["cat-file", "blob", &at(name)]).ok_or_else(|| not_found(""))?));
            }
            if files.is_empty() {
                output::message(&format!("error: `{object}` contains no OpenAPI document and no schema (*.schema.json)"));
                return Err(exit::USAGE);
            }
            let Ok(()) = add_referenced(&mut files, |name| blob(&revision, Utf8Path::new(&path), name));
            whole(spec, files)
        }
        _ => {
            let bytes = git(&["cat-file", "blob", &object]).ok_or_else(|| not_found(""))?;
            let path = Utf8Path::new(&path);
            let mut files = vec![(path.file_name().unwrap_or("document").to_owned(), bytes)];
            let Ok(()) = add_referenced(&mut files, |name| blob(&revision, path.parent().unwrap_or(Utf8Path::new("")), name));
            single(spec, files)
        }
    }
}

/// A file at a revision, by its path relative to a folder; `None` if it does not exist.
fn blob(revision: &str, folder: &Utf8Path, name: &str) -> Result<Option<Vec<u8>>, Infallible> {
    Ok(git(&["cat-file", "blob", &format!("{revision}:{}", output::normalize(&folder.join(name)))]))
}

fn is_document(name: &str) -> bool {
    name == "charter.toml" || name.ends_with(".schema.json") || is_rules(name)
}

/// The path of a folder relative to the root of its repository.
fn in_repository(folder: &Utf8Path) -> Option<String> {
    let prefix = git(&["rev-parse", "--show-prefix"])?;
    let prefix = String::from_utf8_lossy(&prefix).trim().to_owned();
    let joined = output::normalize(&Utf8Path::new(&prefix).join(folder));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_loaded_without_the_folder_of_the_contract() {
        let path = std::env::temp_dir().join(format!("charter-load-{}.json", std::process::id()));
        std::fs::write(&path, r#"{"openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": {}}"#).expect("a file");
        let folder = || -> &'static Utf8Path { unreachable!("only revisions need the folder of the contract") };
        let loaded = load(path.to_str().expect("a path in UTF-8"), &folder);
        std::fs::remove_file(&path).expect("the file");
        assert!(loaded.is_ok());
    }
}
