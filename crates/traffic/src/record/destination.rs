//! Where the bytes of an output go: a regular file is replaced as a whole, everything else is written through.

use std::fs::{File, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The destination of an output path.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Destination {
    /// A regular file, or none yet: written to a temporary file in the same folder, which is then renamed. A link stays; its target is replaced.
    Replace(PathBuf),
    /// A device, a pipe or an open file descriptor: opened and written.
    Through(PathBuf),
}

impl Destination {
    /// The destination of a path.
    ///
    /// ```
    /// use charter_traffic::record::Destination;
    ///
    /// assert_eq!(Destination::of("out.json".as_ref()), Destination::Replace("out.json".into()));
    /// ```
    pub fn of(path: &Path) -> Self {
        // Renaming onto `/dev/stdout` would replace the link, and onto its target the file that the shell has opened.
        let is_descriptor = ["/dev", "/proc"].iter().any(|folder| path.starts_with(folder));
        match std::fs::metadata(path) {
            Ok(metadata) if metadata.is_dir() => Self::Replace(path.to_owned()),
            Ok(metadata) if is_descriptor || !metadata.is_file() => Self::Through(path.to_owned()),
            Ok(_) if path.is_symlink() => Self::Replace(std::fs::canonicalize(path).unwrap_or_else(|_| path.to_owned())),
            // A link whose target does not exist yet.
            Err(_) if path.is_symlink() => Self::Through(path.to_owned()),
            _ => Self::Replace(path.to_owned()),
        }
    }
}

/// Opens a path that is written through.
///
/// # Errors
/// It cannot be opened for writing.
pub fn open_through(path: &Path) -> io::Result<File> {
    match std::fs::metadata(path) {
        Ok(metadata) if metadata.is_file() => OpenOptions::new().append(true).open(path),
        Ok(_) => OpenOptions::new().write(true).open(path),
        Err(_) => File::create(path),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn links_stay_and_devices_are_written_through() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("file"), "").expect("a file");
        std::os::unix::fs::symlink(path("file"), path("link")).expect("a link");
        std::os::unix::fs::symlink(path("none"), path("dangling")).expect("a link");
        std::os::unix::fs::symlink("/dev/null", path("null")).expect("a link");
        let real = std::fs::canonicalize(path("file")).expect("a path");
        assert_eq!(Destination::of(&path("link")), Destination::Replace(real));
        for through in [path("dangling"), path("null"), "/dev/null".into(), "/dev/stdout".into()] {
            assert_eq!(Destination::of(&through), Destination::Through(through.clone()));
        }
        for replaced in [path("file"), path("new")] {
            assert_eq!(Destination::of(&replaced), Destination::Replace(replaced.clone()));
        }
        open_through(&path("dangling")).expect("a file");
        assert!(path("none").is_file() && path("dangling").is_symlink());
    }
}
