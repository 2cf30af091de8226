//! Bodies in files of their own, next to the recording that names them.

use std::path::{Component, Path};

use crate::read::Limits;

/// The content of a file below one of these folders, which are relative to the folder of the recording. `None` if it cannot be read, is
/// larger than a body may be, or if its name leads out of the folder.
pub(super) fn attachment(source: &str, folders: &[&str], file: &str) -> Option<Vec<u8>> {
    let (source, file) = (Path::new(source), Path::new(file));
    if !source.is_file() || !file.components().all(|component| matches!(component, Component::Normal(_) | Component::CurDir)) {
        return None;
    }
    let folder = source.parent()?;
    let path = folders.iter().map(|name| folder.join(name).join(file)).find(|path| path.is_file())?;
    let is_small = std::fs::metadata(&path).ok()?.len() <= Limits::default().max_body;
    is_small.then(|| std::fs::read(path).ok()).flatten()
}
