//! Sources from command-line arguments: files, folders, patterns, standard input.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use charter_contract::missing_path;
use walkdir::WalkDir;

use super::ReadError;
use super::object::Object;
use super::remote::{self, RemoteObject};

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
    /// An object of a store or of a web server.
    Remote {
        /// Its URL.
        url: Arc<str>,
        /// Its size, if it is known.
        size: Option<u64>,
    },
    /// Bytes held in memory, under a name for reports.
    Bytes {
        /// The name.
        name: Arc<str>,
        /// The bytes.
        bytes: Arc<[u8]>,
    },
    /// Content of a store, which is read by ranges.
    Object(Object),
}

impl Source {
    /// The size in bytes, before decompression; `None` if it is not known in advance.
    pub fn size(&self) -> Option<u64> {
        match self {
            Self::Stdin | Self::Live { .. } => None,
            Self::File(path) => std::fs::metadata(path).ok().filter(|metadata| metadata.is_file()).map(|metadata| metadata.len()),
            Self::Remote { size, .. } => *size,
            Self::Bytes { bytes, .. } => Some(bytes.len() as u64),
            Self::Object(object) => Some(object.size()),
        }
    }

    /// The name in reports: the path as given, with forward slashes, the URL without its query, or `<stdin>`.
    pub fn name(&self) -> Arc<str> {
        match self {
            Self::Stdin => "<stdin>".into(),
            Self::File(path) => path.to_string_lossy().replace('\\', "/").into(),
            Self::Remote { url, .. } => remote::shown(url).into(),
            Self::Live { name, .. } | Self::Bytes { name, .. } => name.clone(),
            Self::Object(object) => object.name(),
        }
    }
}

/// The sources of an argument.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The sources, in order.
    pub sources: Vec<Source>,
    /// Whether the argument is a folder. Files of a folder that have no known form are skipped.
    pub is_folder: bool,
    /// Files of the folder that are not read, in order: hidden files and folders, `*.md`, snapshots and OpenAPI documents.
    pub skipped_files: Vec<SkippedFile>,
}

/// A file that is not read.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct SkippedFile {
    /// Its name, as [`Source::name`].
    pub source: Arc<str>,
    /// The reason.
    pub reason: String,
}

impl From<Vec<Source>> for Found {
    fn from(sources: Vec<Source>) -> Self {
        Self { sources, ..Self::default() }
    }
}

/// The sources of an argument, as [`find`] returns them.
///
/// # Errors
/// There is no such file, or a folder cannot be listed.
pub fn sources(argument: &str) -> Result<Vec<Source>, ReadError> {
    find(argument).map(|found| found.sources)
}

/// The sources of an argument: `-` is standard input, a folder is all its files in the order of their names (without hidden
/// files, `*.md` and snapshots), a pattern is all files that match. A URL is an object, or all objects below a slash at its end.
///
/// # Errors
/// There is no such file, a folder cannot be listed, or this program cannot read URLs.
pub fn find(argument: &str) -> Result<Found, ReadError> {
    if argument == "-" {
        return Ok(vec![Source::Stdin].into());
    }
    if remote::is_remote(argument) {
        let objects = remote::list(argument)?;
        return if remote::shown(argument).ends_with('/') {
            prefix(objects)
        } else {
            Ok(objects.into_iter().map(object).collect::<Vec<_>>().into())
        };
    }
    let path = Path::new(argument);
    if path.is_dir() {
        return folder(path);
    }
    // The name of a file may look like a pattern.
    if path.exists() || path.is_symlink() {
        return Ok(vec![Source::File(path.to_owned())].into());
    }
    if !argument.contains(['*', '?', '[']) || argument.starts_with("http://") {
        return Err(ReadError::Missing { remedy: missing_path(argument) });
    }
    let paths = glob::glob(argument).map_err(|error| ReadError::Pattern(error.to_string()))?;
    let files = paths.filter_map(Result::ok).filter(|path| path.is_file()).map(Source::File).collect::<Vec<_>>();
    if files.is_empty() { Err(ReadError::NoMatch) } else { Ok(files.into()) }
}

/// Why a file of a folder is not read, by its name; `None` if it is read.
pub fn reason_to_skip(name: &str) -> Option<&'static str> {
    if name.starts_with('.') {
        return Some("a hidden file");
    }
    const CONTRACT: &str = "an OpenAPI document; name it to read its examples";
    let others = [
        (".md", "documentation"),
        (".snap", "a snapshot"),
        (".snap.new", "a snapshot"),
        ("openapi.json", CONTRACT),
        ("openapi.yaml", CONTRACT),
        ("openapi.yml", CONTRACT),
    ];
    others.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, reason)| *reason)
}

fn object(object: RemoteObject) -> Source {
    Source::Remote { url: object.url.into(), size: object.size }
}

/// The objects below a prefix, as the files of a folder.
fn prefix(objects: Vec<RemoteObject>) -> Result<Found, ReadError> {
    let mut found = Found { is_folder: true, ..Found::default() };
    for source in objects.into_iter().map(object) {
        let name = source.name();
        match reason_to_skip(name.rsplit('/').next().unwrap_or_default()) {
            Some(reason) => found.skipped_files.push(SkippedFile { source: name, reason: reason.to_owned() }),
            None => found.sources.push(source),
        }
    }
    if found.sources.is_empty() { Err(ReadError::EmptyFolder) } else { Ok(found) }
}

fn folder(path: &Path) -> Result<Found, ReadError> {
    let mut found = Found { is_folder: true, ..Found::default() };
    let mut entries = WalkDir::new(path).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = entry.map_err(std::io::Error::from)?;
        let name = entry.file_name().to_string_lossy();
        let reason = match entry.file_type() {
            kind if kind.is_dir() => (entry.depth() > 0 && name.starts_with('.')).then_some("a hidden folder"),
            kind if kind.is_file() => reason_to_skip(&name),
            _ => name.starts_with('.').then_some("a hidden file"),
        };
        match reason {
            Some(reason) => {
                if entry.file_type().is_dir() {
                    entries.skip_current_dir();
                }
                found.skipped_files.push(SkippedFile { source: Source::File(entry.into_path()).name(), reason: reason.to_owned() });
            }
            None if entry.file_type().is_dir() => {}
            None if entry.file_type().is_file() => found.sources.push(Source::File(entry.into_path())),
            None => found
                .skipped_files
                .push(SkippedFile { source: Source::File(entry.into_path()).name(), reason: "a link, a pipe or a device".to_owned() }),
        }
    }
    if found.sources.is_empty() { Err(ReadError::EmptyFolder) } else { Ok(found) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_that_are_not_recordings_are_skipped_and_listed() {
        let objects = |names: &[&str]| {
            names.iter().map(|name| RemoteObject { url: format!("s3://traffic/july/{name}"), size: Some(1) }).collect::<Vec<_>>()
        };
        let found = prefix(objects(&[".index", "README.md", "a.ndjson", "b/openapi.yaml", "b/c.har"])).expect("objects");
        let names: Vec<_> = found.sources.iter().map(Source::name).collect();
        assert_eq!(names, ["s3://traffic/july/a.ndjson".into(), "s3://traffic/july/b/c.har".into()]);
        let skipped: Vec<_> = found.skipped_files.iter().map(|file| (&*file.source, &*file.reason)).collect();
        let wanted = [
            ("s3://traffic/july/.index", "a hidden file"),
            ("s3://traffic/july/README.md", "documentation"),
            ("s3://traffic/july/b/openapi.yaml", "an OpenAPI document; name it to read its examples"),
        ];
        assert_eq!(skipped, wanted);
        assert!(matches!(prefix(objects(&["README.md"])), Err(ReadError::EmptyFolder)));
    }
}
