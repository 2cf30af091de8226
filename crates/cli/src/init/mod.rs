//! `init`: the first files of a contract. All of them are made and loaded in memory before one is written.

mod rule;

use camino::{Utf8Path, Utf8PathBuf};
use charter_contract::load::{openapi_documents, read_folder};
use charter_contract::{Contract, from_documents, missing_path};
use charter_diff::drift::first_document;
use charter_report::counted;
use charter_traffic::read::Limits;

use crate::arguments::{Ci, Init};
use crate::progress::Step;
use crate::{discover, exit, output};

/// A file to write: its path and its text.
type File = (Utf8PathBuf, Vec<u8>);

/// The folder of a contract, and its documents by their names in it.
type Documents = (Utf8PathBuf, Vec<(String, Vec<u8>)>);

pub(crate) fn run(arguments: &Init) -> u8 {
    match files(arguments) {
        Ok((folder, files)) => write(arguments, &folder, &files),
        Err(code) => code,
    }
}

fn usage(message: &str) -> u8 {
    output::message(&format!("error: {message}"));
    exit::USAGE
}

fn already(folder: &Utf8Path) -> u8 {
    usage(&format!("{folder} is a contract already: it has charter.toml"))
}

/// A folder as it is printed: `.` for the current one.
fn shown(folder: &Utf8Path) -> Utf8PathBuf {
    if folder.as_str().is_empty() { ".".into() } else { folder.to_owned() }
}

/// The contract's folder and the files, in the order in which they are listed.
fn files(arguments: &Init) -> Result<(Utf8PathBuf, Vec<File>), u8> {
    let (folder, documents) = documents(arguments)?;
    if folder.join("charter.toml").exists() {
        return Err(already(&folder));
    }
    let contract = loaded(&folder, &documents)?;
    let mut files: Vec<File> = Vec::new();
    for (name, bytes) in &documents {
        let path = folder.join(name);
        if !path.exists() {
            files.push((output::normalize(&path), bytes.clone()));
        }
    }
    let module = if folder == "." { "src/api" } else { "../src/api" };
    files.push((output::normalize(&folder.join("charter.toml")), include_str!("charter.toml").replace("{out}", module).into_bytes()));
    match rule::example(&contract, &documents) {
        Some(rules) => files.push((output::normalize(&folder.join("api.invariants.yaml")), rules.into_bytes())),
        None => output::message(
            "note: no example of a rule is written: no JSON response has a string or a number as a property; `charter schema invariants` prints the \
             schema of files with rules",
        ),
    }
    let ci = match arguments.ci {
        Ci::Github => Some((".github/workflows/contract.yml", include_str!("github.yml"))),
        Ci::Gitlab => Some(("contract.gitlab-ci.yml", include_str!("gitlab.yml"))),
        Ci::None => None,
    };
    for (path, text) in ci.into_iter().chain([(".pre-commit-config.yaml", include_str!("pre-commit.yaml"))]) {
        let prefix = if folder == "." { String::new() } else { format!("{folder}/") };
        files.push((path.into(), text.replace("{contract}", folder.as_str()).replace("{prefix}", &prefix).into_bytes()));
    }
    let ignored = "# Recordings before `charter scrub` contain credentials.\n/recordings/raw/\n";
    files.push((".gitignore".into(), ignored.as_bytes().to_vec()));
    Ok((folder, files))
}

/// The folder of the contract and its documents, by their names in it.
fn documents(arguments: &Init) -> Result<Documents, u8> {
    let folder = arguments.contract.clone();
    if let Some(document) = &arguments.document {
        return existing(document, folder);
    }
    let folder = folder.map_or_else(|| "contract".into(), |folder| shown(&output::normalize(&folder)));
    if folder.join("charter.toml").exists() {
        return Err(already(&folder));
    }
    if folder.join("openapi.yaml").exists() {
        return Err(usage(&format!("{folder} has an openapi.yaml already; `charter init {folder}/openapi.yaml` uses it")));
    }
    let bytes = if arguments.from_traffic.is_empty() { include_str!("openapi.yaml").as_bytes().to_vec() } else { inferred(arguments)? };
    Ok((folder, vec![("openapi.yaml".to_owned(), bytes)]))
}

/// Why a path is not that of a document, and what to do.
fn not_a_file(document: &Utf8Path) -> String {
    if !document.is_dir() {
        let remedy = missing_path(document.as_str());
        let remedy = remedy.unwrap_or_else(|| "`charter init` without a document starts with an example".to_owned());
        return format!("the file does not exist; {remedy}");
    }
    let entries = document.read_dir_utf8().into_iter().flatten().flatten();
    let names: Vec<String> = entries.filter(|entry| entry.path().is_file()).map(|entry| entry.file_name().to_owned()).collect();
    match openapi_documents(&names, |name| std::fs::read(document.join(name))).unwrap_or_default().first() {
        Some(name) => format!("it is a folder; name the document in it: {}", document.join(name)),
        None => "it is a folder, and has no OpenAPI document".to_owned(),
    }
}

/// A document that exists: its folder is the contract, if it is below the current folder and no other folder is named.
fn existing(document: &Utf8Path, folder: Option<Utf8PathBuf>) -> Result<Documents, u8> {
    if !document.is_file() {
        output::message(&format!("error: cannot read {document}: {}", not_a_file(document)));
        return Err(exit::UNREADABLE);
    }
    let files = read_folder(document).map_err(|error| output::print_problems(document, &error))?;
    let own = output::normalize(document.parent().unwrap_or(Utf8Path::new("")));
    let is_below = own.is_relative() && !own.starts_with("..");
    let folder = match folder {
        Some(folder) => output::normalize(&folder),
        None if is_below => own.clone(),
        None => "contract".into(),
    };
    if folder != own && files.iter().any(|(name, _)| name.starts_with("..") || Utf8Path::new(name).is_absolute()) {
        return Err(usage(&format!("{document} refers to files outside its folder; use it where it is, with --contract")));
    }
    if folder != own
        && let Some((name, _)) = files.iter().find(|(name, _)| folder.join(name).exists())
    {
        return Err(usage(&format!("{} exists already; choose another folder with --contract", folder.join(name))));
    }
    Ok((shown(&folder), files))
}

/// The document that recordings show.
fn inferred(arguments: &Init) -> Result<Vec<u8>, u8> {
    let step = Step::new("reading the recordings");
    let first = first_document(&arguments.from_traffic, &Limits::default(), arguments.host.as_deref());
    drop(step);
    for problem in &first.problems {
        output::message(&format!("error: {problem}"));
    }
    if !first.problems.is_empty() {
        return Err(exit::UNREADABLE);
    }
    for (reason, count) in &first.passed_over {
        output::message(&format!("note: {} not used: {reason}", counted(*count, "exchange")));
    }
    match &first.host {
        Some(host) => {
            let (operations, exchanges) = (counted(first.operations as u64, "operation"), counted(first.exchanges, "exchange"));
            output::message(&format!("{operations} of {host}, from {exchanges}"));
            Ok(first.yaml)
        }
        None => {
            output::message("error: the recordings have no exchange with a JSON body and a URL with a host; nothing was written");
            Err(exit::UNREADABLE)
        }
    }
}

/// The contract of the documents, or its problems.
fn loaded(folder: &Utf8Path, documents: &[(String, Vec<u8>)]) -> Result<Contract, u8> {
    let step = Step::new("loading the document");
    let loaded = from_documents(documents.to_vec());
    drop(step);
    loaded.map_err(|error| output::print_problems(folder, &error))
}

fn write(arguments: &Init, folder: &Utf8Path, files: &[File]) -> u8 {
    let mut text = String::new();
    for (path, bytes) in files {
        if path.exists() {
            text.push_str(&format!("exists, not changed: {path}\n"));
        } else if arguments.dry_run {
            text.push_str(&format!("would be written: {path}\n"));
        } else if let Err(error) = output::write(path, &String::from_utf8_lossy(bytes)) {
            output::message(&format!("error: cannot write {path}: {error}"));
            return exit::UNREADABLE;
        } else {
            text.push_str(&format!("written: {path}\n"));
        }
    }
    if !arguments.dry_run {
        let found = discover::contract(None);
        let flag = if found == folder { String::new() } else { format!(" --contract {folder}") };
        let traffic = arguments.from_traffic.first().map_or("traffic.har", String::as_str);
        let next = [
            (format!("charter lint{flag}"), "checks the document and the rules"),
            (format!("charter check {traffic}{flag}"), "checks recorded traffic"),
            (format!("charter generate{flag}"), "writes Rust types"),
        ];
        let width = next.iter().map(|(command, _)| command.chars().count()).max().unwrap_or(0);
        text.push_str("\nnext:\n");
        for (command, comment) in next {
            text.push_str(&format!("  {command:<width$}    # {comment}\n"));
        }
    }
    output::print(&text)
}
