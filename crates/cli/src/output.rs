//! Words to the terminal, files to the disk: errors as listings, colour only for people, files never half written.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use charter_contract::{Contract, Error, Listing};
use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::exit;

/// Whether standard output or error is a terminal that wants colour.
pub fn colour(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !refused && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Prints to standard output. A reader that has gone away is no failure of ours.
pub fn text(text: &str) -> u8 {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            complain(&format!("standard output cannot be written: {error}"));
            exit::UNREADABLE
        }
        _ => exit::KEPT,
    }
}

/// The name that users type for this program. Libraries write `charter` in their remedies.
static PROGRAM: OnceLock<&'static str> = OnceLock::new();

/// Sets the name that remedies print. The first call counts.
pub(crate) fn name_program(name: &'static str) {
    let _ = PROGRAM.set(name);
}

/// A text with the name of this program in its remedies: "`charter lint`" becomes "`cargo xtask lint`" in that program.
pub(crate) fn named(text: &str) -> Cow<'_, str> {
    match PROGRAM.get() {
        Some(name) if *name != "charter" && text.contains("`charter ") => text.replace("`charter ", &format!("`{name} ")).into(),
        _ => text.into(),
    }
}

/// Prints a line to standard error.
pub fn complain(line: &str) {
    let _ = writeln!(io::stderr(), "{}", named(line));
}

/// The message of an error and of its causes, on one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// The folder of the contract: the flag, else `schema` here, else that of the workspace this was built in.
pub fn contract_folder(flag: Option<&Utf8PathBuf>) -> Utf8PathBuf {
    if let Some(folder) = flag {
        return folder.clone();
    }
    let here = Utf8PathBuf::from("schema");
    match std::env::var("CARGO_MANIFEST_DIR") {
        Ok(manifest) if !here.is_dir() => normal(&Utf8PathBuf::from(manifest).join("../schema")),
        _ => here,
    }
}

/// Loads a contract, or prints why it cannot be.
pub fn load(folder: &Utf8Path) -> Result<Contract, u8> {
    charter_rules::load(folder).map_err(|error| refuse(folder, &error))
}

/// Loads what types are generated from: rules that no longer fit the schemas keep nobody from regenerating.
pub fn load_schemas(folder: &Utf8Path) -> Result<Contract, u8> {
    charter_contract::load(folder).map_err(|error| refuse(folder, &error))
}

/// Leaves to the end of the process what nobody needs any more: taking a contract apart piece by piece takes longer than judging
/// a small file by it.
pub fn leave<T>(held: T) {
    std::mem::forget(held);
}

/// Bytes of the longest line that is shown in a listing.
const WIDEST: usize = 4_000;

/// Prints what is wrong with a contract, each problem in its text.
pub fn refuse(folder: &Utf8Path, error: &Error) -> u8 {
    let theme = if colour(&io::stderr()) { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
    for problem in error.problems() {
        let mut listing = String::new();
        // A listing of a line beyond all width, such as a whole document on one, is no help, and more than the renderer can do.
        let is_wide = problem.place.text.as_ref().is_some_and(|text| text.lines().any(|line| line.len() > WIDEST));
        if is_wide || handler.render_report(&mut listing, &Listing::new(problem)).is_err() {
            listing = problem.to_string();
        }
        complain(listing.trim_end());
    }
    complain(&format!("the contract in {folder} is broken: {} problem(s)", error.problems().len()));
    exit::USAGE
}

/// A path without `.` and `..`, as far as names alone tell.
pub fn normal(path: &Utf8Path) -> Utf8PathBuf {
    let mut parts = Utf8PathBuf::new();
    for part in path.components() {
        match part.as_str() {
            "." => {}
            ".." if parts.file_name().is_some_and(|name| name != "..") => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts
}

/// Writes a file as a whole: beside its place first, then renamed. Folders are made.
pub fn write(path: &Utf8Path, text: &str) -> io::Result<()> {
    write_with(path, |out| out.write_all(text.as_bytes()))
}

/// The same for what is written bit by bit; where that fails, nothing is changed.
pub fn write_with(path: &Utf8Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    let folder = path.parent().filter(|parent| !parent.as_str().is_empty()).unwrap_or(Utf8Path::new("."));
    std::fs::create_dir_all(folder)?;
    let mut file = tempfile::Builder::new().prefix(".charter-").tempfile_in(folder)?;
    let mut buffered = io::BufWriter::new(&mut file);
    content(&mut buffered)?;
    buffered.flush()?;
    drop(buffered);
    file.as_file().sync_all()?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // Temporary files are private; what replaces a file of the repository is not.
        let mode = std::fs::metadata(path).map_or(0o644, |metadata| metadata.permissions().mode());
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}
