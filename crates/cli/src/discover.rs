//! Finds the contract if no flag names it.

use camino::{Utf8Path, Utf8PathBuf};
use charter_contract::load::openapi_documents;

/// The environment variable that names the contract.
pub(crate) const VARIABLE: &str = "CHARTER_CONTRACT";
const SETTINGS: &str = "charter.toml";
/// Larger files are recordings, not documents that were left without a name.
const MAX_DOCUMENT: u64 = 32 << 20;

/// The contract, by the first of these: the flag; the environment variable; the nearest folder upwards with `charter.toml`; `schema`; the only
/// OpenAPI document of the current folder; `schema` in the workspace of the running package. If there is none, `schema`, which does not exist.
pub(crate) fn contract(flag: Option<&Utf8PathBuf>) -> Utf8PathBuf {
    if let Some(path) = flag {
        return path.clone();
    }
    if let Some(path) = std::env::var(VARIABLE).ok().filter(|path| !path.is_empty()) {
        return path.into();
    }
    let usual = Utf8PathBuf::from("schema");
    let here = std::env::current_dir().ok().and_then(|path| Utf8PathBuf::from_path_buf(path).ok());
    if let Some(here) = &here {
        if let Some(folder) = upwards(here) {
            return folder;
        }
        if !usual.is_dir()
            && let Some(document) = only_document(here)
        {
            return document;
        }
    }
    match std::env::var("CARGO_MANIFEST_DIR") {
        Ok(manifest) if !usual.is_dir() => crate::output::normalize(&Utf8PathBuf::from(manifest).join("../schema")),
        _ => usual,
    }
}

/// The nearest folder with settings, relative to the current one: each folder up to the root of the git repository, and the folders in the
/// current folder and in that root, if exactly one of them has settings.
fn upwards(here: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut relative = Utf8PathBuf::new();
    for folder in here.ancestors() {
        let is_root = folder.join(".git").exists();
        if folder.join(SETTINGS).is_file() {
            return Some(if relative.as_str().is_empty() { Utf8PathBuf::from(".") } else { relative });
        }
        if (is_root || folder == here)
            && let Some(name) = only_folder_with_settings(folder)
        {
            return Some(relative.join(name));
        }
        if is_root {
            return None;
        }
        relative.push("..");
    }
    None
}

fn only_folder_with_settings(folder: &Utf8Path) -> Option<String> {
    let mut found = None;
    for entry in folder.read_dir_utf8().ok()?.flatten() {
        let name = entry.file_name();
        if name.starts_with('.') || name == "target" || name == "node_modules" || !entry.path().join(SETTINGS).is_file() {
            continue;
        }
        if found.replace(name.to_owned()).is_some() {
            return None;
        }
    }
    found
}

/// The only OpenAPI document of a folder.
fn only_document(folder: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut names = Vec::new();
    for entry in folder.read_dir_utf8().ok()?.flatten() {
        if entry.metadata().is_ok_and(|data| data.is_file() && data.len() <= MAX_DOCUMENT) {
            names.push(entry.file_name().to_owned());
        }
    }
    let mut found = openapi_documents(&names, |name| std::fs::read(folder.join(name))).ok()?;
    if found.len() == 1 { found.pop().map(Utf8PathBuf::from) } else { None }
}
