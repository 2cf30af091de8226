//! `generate`: the generated files, compared with what stands there or written. Nothing generated is needed to run it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use similar::TextDiff;

use crate::cli::Generate;
use crate::{exit, output};

/// What happens to a difference.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Write,
    Check,
    DryRun,
}

pub(crate) fn run(arguments: &Generate, name: &str) -> u8 {
    let mode = match (arguments.check, arguments.dry_run) {
        (true, _) => Mode::Check,
        (_, true) => Mode::DryRun,
        _ => Mode::Write,
    };
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = match output::load_schemas(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let generated = match charter_codegen::generate(&contract) {
        Ok(generated) => generated,
        Err(error) => {
            output::complain(&format!("error: {error}"));
            return exit::USAGE;
        }
    };
    let out = arguments.out.clone().unwrap_or_else(|| output::normal(&folder.join(&contract.config().generate.out)));
    let wanted: BTreeMap<Utf8PathBuf, String> = generated.files.into_iter().map(|file| (out.join(&file.path), file.text)).collect();
    if let Err(error) = contract.with_invariants() {
        let problems = error.problems().len();
        output::complain(&format!("warning: the rules do not fit the schemas ({problems} problem(s)); `lint` says where"));
    }
    match compare_or_write(&out, &wanted, mode) {
        Ok(differences) => finish(&differences, wanted.len(), mode, arguments.quiet, name),
        Err(message) => {
            output::complain(&format!("error: {message}"));
            exit::UNREADABLE
        }
    }
}

/// One file that is not as it should be.
struct Difference {
    path: Utf8PathBuf,
    /// The unified diff.
    diff: String,
}

/// Compares every file, and in the mode that asks for it writes those that differ and removes those no longer generated.
fn compare_or_write(out: &Utf8Path, wanted: &BTreeMap<Utf8PathBuf, String>, mode: Mode) -> Result<Vec<Difference>, String> {
    let mut differences = Vec::new();
    for (path, text) in wanted {
        let found = read(path)?;
        if found.as_deref() != Some(text.as_str()) {
            differences.push(Difference { path: path.clone(), diff: diff(path, found.as_deref().unwrap_or_default(), text) });
            if mode == Mode::Write {
                output::write(path, text).map_err(|error| format!("{path} cannot be written: {error}"))?;
            }
        }
    }
    for path in abandoned(out, wanted)? {
        let found = read(&path)?.unwrap_or_default();
        differences.push(Difference { diff: diff(&path, &found, ""), path: path.clone() });
        if mode == Mode::Write {
            std::fs::remove_file(&path).map_err(|error| format!("{path} cannot be removed: {error}"))?;
        }
    }
    Ok(differences)
}

fn read(path: &Utf8Path) -> Result<Option<String>, String> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("{path} cannot be read: {error}")),
    }
}

/// Rust files of the folder that bear the mark of the generator and are no longer generated.
fn abandoned(out: &Utf8Path, wanted: &BTreeMap<Utf8PathBuf, String>) -> Result<Vec<Utf8PathBuf>, String> {
    let entries = match out.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(format!("{out} cannot be read: {error}")),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| format!("{out} cannot be read: {error}"))?.into_path();
        let marked = path.extension() == Some("rs") && read(&path)?.is_some_and(|text| text.starts_with(charter_codegen::MARK));
        if marked && !wanted.contains_key(&path) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn diff(path: &Utf8Path, found: &str, wanted: &str) -> String {
    let (from, to) = (format!("a/{path}"), if wanted.is_empty() { "/dev/null".to_owned() } else { format!("b/{path}") });
    TextDiff::from_lines(found, wanted).unified_diff().context_radius(3).header(&from, &to).to_string()
}

fn finish(differences: &[Difference], files: usize, mode: Mode, quiet: bool, name: &str) -> u8 {
    let mut text = String::new();
    if mode != Mode::Write {
        for difference in differences {
            text.push_str(&difference.diff);
        }
    }
    let written = if mode == Mode::Write { "written" } else { "stale" };
    let mut summary = String::new();
    for difference in differences {
        let _ = writeln!(summary, "{written}: {}", difference.path);
    }
    let _ = write!(summary, "{} of {files} files {written}", differences.len());
    let stale = mode == Mode::Check && !differences.is_empty();
    if stale {
        let _ = write!(summary, "; run `{name} generate`");
    }
    let code = output::text(&text);
    if !quiet || stale {
        output::complain(&summary);
    }
    match code {
        exit::KEPT if stale => exit::STALE,
        code => code,
    }
}
