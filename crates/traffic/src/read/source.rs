//! Sources from command-line arguments: files, folders, patterns, standard input.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use walkdir::WalkDir;

use super::ReadError;

/// A source of exchanges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// Standard input.
    Stdin,
    /// A file.
    File(PathBuf),
    /// The recording of a live server, under the server's name.
    Live {
        /// The name.
        name: Arc<str>,
        /// The path of the recording.
        path: PathBuf,
    },
    /// Bytes held in memory, under a name for reports.
    Bytes {
        /// The name.
        name: Arc<str>,
        /// The bytes.
        bytes: Arc<[u8]>,
    },
}

impl Source {
    /// The size in bytes, before decompression; `None` if it is not known in advance.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Stdin | Self::Live { .. } => None,
            Self::File(path) => std::fs::metadata(path).ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len()),
            Self::Bytes { bytes, .. } => Some(bytes.len() as u64),
        }
    }

    /// The name in reports: the path as given, with forward slashes, or `<stdin>`.
    pub fn name(&self) -> Arc<str> {
        match self {
            Self::Stdin => "<stdin>".into(),
            Self::File(path) => path.to_string_lossy().replace('\\', "/").into(),
            Self::Live { name, .. } | Self::Bytes { name, .. } => name.clone(),
        }
    }
}

/// The sources of an argument: `-` is standard input, a folder is all its files in the order of their names (without hidden
/// files, `*.md` and snapshots), a pattern is all files that match.
///
/// # Errors
/// There is no such file, or a folder cannot be listed.
pub fn sources(argument: &str) -> Result<Vec<Source>, ReadError> {
    if argument == "-" {
        return Ok(vec![Source::Stdin]);
    }
    let path = Path::new(argument);
    if path.is_dir() {
        return folder(path);
    }
    // The name of a file may look like a pattern.
    if path.exists() || path.is_symlink() {
        return Ok(vec![Source::File(path.to_owned())]);
    }
    if !argument.contains(['*', '?', '[']) {
        return Err(ReadError::Missing);
    }
    let paths = glob::glob(argument).map_err(|error| ReadError::Pattern(error.to_string()))?;
    let files = paths.filter_map(Result::ok).filter(|path| path.is_file()).map(Source::File).collect::<Vec<_>>();
    if files.is_empty() { Err(ReadError::NoMatch) } else { Ok(files) }
}

fn folder(path: &Path) -> Result<Vec<Source>, ReadError> {
    let mut files = Vec::new();
    let hidden = |name: &std::ffi::OsStr| name.to_string_lossy().starts_with('.');
    for entry in WalkDir::new(path).sort_by_file_name().into_iter().filter_entry(|entry| entry.depth() == 0 || !hidden(entry.file_name())) {
        let entry = entry.map_err(std::io::Error::from)?;
        let name = entry.file_name().to_string_lossy();
        let other = [".md", ".snap", ".snap.new"].iter().any(|ending| name.ends_with(ending));
        if entry.file_type().is_file() && !other {
            files.push(Source::File(entry.into_path()));
        }
    }
    if files.is_empty() { Err(ReadError::EmptyFolder) } else { Ok(files) }
}
