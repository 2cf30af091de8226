//! Terminal output and files: errors as listings, colour on terminals only, atomic writes.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use camino::{Utf8Path, Utf8PathBuf};
use charter_contract::{Contract, Error, Fault, Listing};
use charter_report::counted;
use charter_traffic::record::{Destination, open_through};
use miette::{GraphicalReportHandler, GraphicalTheme};

use crate::exit;
use crate::progress::Step;

/// Whether to write colour to standard output or standard error.
pub fn colour(stream: &impl IsTerminal) -> bool {
    let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !refused && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// The width of the terminal of standard output, or of standard error; `None` if it is not a terminal.
pub fn width(on_stderr: bool) -> Option<u16> {
    let size = if on_stderr { terminal_size::terminal_size_of(io::stderr()) } else { terminal_size::terminal_size_of(io::stdout()) };
    size.map(|(terminal_size::Width(width), _)| width)
}

/// Prints to standard output and returns the exit code. A closed pipe is not an error.
pub fn print(text: &str) -> u8 {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            message(&format!("error: cannot write to standard output: {error}"));
            exit::UNREADABLE
        }
        _ => exit::SUCCESS,
    }
}

/// The name of this program. Libraries write `charter` in their remedies.
static PROGRAM: OnceLock<&'static str> = OnceLock::new();

/// Sets the name that remedies print. Only the first call has an effect.
pub(crate) fn set_program_name(name: &'static str) {
    let _ = PROGRAM.set(name);
}

/// The name of this program, as users type it.
pub(crate) fn program_name() -> &'static str {
    PROGRAM.get().copied().unwrap_or("charter")
}

/// Replaces the program's name in remedies: "`charter lint`" becomes "`cargo xtask lint`" in that program.
pub(crate) fn with_program_name(text: &str) -> Cow<'_, str> {
    match PROGRAM.get() {
        Some(name) if *name != "charter" && text.contains("`charter ") => text.replace("`charter ", &format!("`{name} ")).into(),
        _ => text.into(),
    }
}

/// Prints one line to standard error.
pub fn message(line: &str) {
    let _ = writeln!(io::stderr(), "{}", with_program_name(line));
}

/// The message of an error and of its causes, on one line.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

/// The contract that the flag names, or that is found without it.
pub fn contract_folder(flag: Option<&Utf8PathBuf>) -> Utf8PathBuf {
    crate::discover::contract(flag)
}

/// The folder that the files of a contract are relative to: the contract's folder, or the folder of its document.
pub fn base_folder(contract: &Utf8Path) -> Utf8PathBuf {
    match contract.parent() {
        Some(parent) if contract.is_file() => parent.to_owned(),
        _ => contract.to_owned(),
    }
}

/// Loads a contract, or prints its problems and returns the exit code.
pub fn load(folder: &Utf8Path) -> Result<Contract, u8> {
    let step = Step::new("loading the contract");
    let loaded = charter_rules::load(folder);
    drop(step);
    loaded.map_err(|error| print_problems(folder, &error))
}

/// Loads a contract without its rules: types can be generated while rules do not fit the schemas.
pub fn load_schemas(folder: &Utf8Path) -> Result<Contract, u8> {
    let step = Step::new("loading the contract");
    let loaded = charter_contract::load(folder);
    drop(step);
    loaded.map_err(|error| print_problems(folder, &error))
}

/// Leaks a value. Dropping a contract takes longer than checking a small file, and the process is about to exit.
pub fn leak<T>(value: T) {
    std::mem::forget(value);
}

/// Prints the problems of a contract as listings of the documents and returns the exit code.
pub fn print_problems(folder: &Utf8Path, error: &Error) -> u8 {
    if folder == "schema" && !folder.exists() {
        message(
            "error: there is no contract here; name one with --contract or CHARTER_CONTRACT, or start one: `charter init openapi.yaml`, or \
             `charter init --from-traffic traffic.har`",
        );
        return exit::USAGE;
    }
    let theme = if colour(&io::stderr()) { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_links(false);
    for problem in error.problems() {
        let mut listing = String::new();
        if handler.render_report(&mut listing, &Listing::new(problem)).is_err() {
            listing = problem.to_string();
        }
        message(listing.trim_end());
    }
    let problems = error.problems();
    if problems.iter().any(|problem| !matches!(problem.fault, Fault::Unreadable(_))) {
        message(&format!("error: the contract in {folder} is invalid: {}", counted(problems.len() as u64, "problem")));
    }
    exit::USAGE
}

/// Removes `.` and `..` from a path without reading the file system.
pub fn normalize(path: &Utf8Path) -> Utf8PathBuf {
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

/// Writes a file atomically: to a temporary file, which is then renamed. Missing folders are created. Devices and pipes are written through.
pub fn write(path: &Utf8Path, text: &str) -> io::Result<()> {
    write_with(path, |out| out.write_all(text.as_bytes()))
}

/// Like [`write()`], for content that is produced step by step. If `content` fails, the file is unchanged; a device or a pipe may have got a part.
pub fn write_with(path: &Utf8Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
    match Destination::of(path.as_std_path()) {
        Destination::Replace(target) => replace(Utf8Path::from_path(&target).unwrap_or(path), content),
        _ => {
            let mut out = io::BufWriter::new(open_through(path.as_std_path())?);
            content(&mut out)?;
            out.flush()
        }
    }
}

fn replace(path: &Utf8Path, content: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> io::Result<()> {
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
        // Temporary files are private; the replaced file keeps its permissions.
        let mode = std::fs::metadata(path).map_or(0o644, |metadata| metadata.permissions().mode());
        file.as_file().set_permissions(std::fs::Permissions::from_mode(mode))?;
    }
    file.persist(path).map(|_| ()).map_err(|error| error.error)
}
