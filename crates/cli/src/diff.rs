//! `diff`: compares two contracts and reports the changes.

use std::cell::OnceCell;
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use charter_contract::{DiffConfig, Level, Mode, Reading, nearest};
use charter_diff::Progress;
use charter_diff::policy::{Party, Policy};
use charter_diff::report::{Report, ReportOptions, Sides, changelog, github, html, markdown, report, sarif, text};

use crate::arguments::{Diff, DiffFormat, FailOnChange, ModeName, PartyName, ReadingName};
use crate::contract::{Loaded, load};
use crate::progress::wait;
use crate::{exit, output};

pub(crate) fn run(arguments: &Diff) -> u8 {
    // The search for the folder reads every document of the current folder, and only revisions need it.
    let known = OnceCell::new();
    let folder = || known.get_or_init(|| output::contract_folder(arguments.contract.contract.as_ref())).as_path();
    let (old, new) = match (load(&arguments.old, &folder), load(&arguments.new, &folder)) {
        (Ok(old), Ok(new)) => (old, new),
        (Err(code), _) | (_, Err(code)) => return code,
    };
    for id in &arguments.operation {
        if old.contract.operation(id).is_none() && new.contract.operation(id).is_none() {
            let operations = old.contract.operations().iter().chain(new.contract.operations());
            let meant =
                nearest(id, operations.map(|operation| operation.id.as_str())).map_or_else(String::new, |meant| format!("{meant} "));
            output::message(&format!(
                "error: unknown operation `{id}`: it is in neither contract; {meant}`charter diff` without --operation lists the changed operations"
            ));
            return exit::USAGE;
        }
    }
    let policy = match policy(arguments, &new) {
        Ok(policy) => policy,
        Err(code) => return code,
    };
    // The comparison recurses into deep schemas, so it needs a larger stack than the main thread may have.
    let compared = std::thread::scope(|scope| {
        let builder = std::thread::Builder::new().stack_size(1 << 29);
        let progress = Arc::new(Progress::default());
        let recorded = Arc::clone(&progress);
        let thread = builder.spawn_scoped(scope, || compare(arguments, policy, &old, &new, recorded)).ok()?;
        wait(|| thread.is_finished(), || progress.to_string());
        thread.join().ok()
    });
    match compared {
        Some(report) => print(arguments, &report, &folder),
        None => {
            output::message("error: cannot compare the contracts: the comparison panicked; please report this");
            exit::UNREADABLE
        }
    }
}

/// The file with the policy in the current folder.
const POLICY: &str = ".charter-diff.toml";

/// The policy: the settings of the new contract, those of the policy file, and the flags.
fn policy(arguments: &Diff, new: &Loaded) -> Result<Policy, u8> {
    let mut config = new.contract.config().diff.clone();
    let mut name = "[diff] in charter.toml".to_owned();
    let file = arguments.policy.clone().or_else(|| std::path::Path::new(POLICY).is_file().then(|| POLICY.into()));
    if let Some(file) = file {
        let text = std::fs::read_to_string(&file).map_err(|error| {
            output::message(&format!("error: cannot read {file}: {error}"));
            exit::UNREADABLE
        })?;
        let own = DiffConfig::parse(&text).map_err(|error| {
            output::message(&format!("error: {file}: {error}"));
            exit::USAGE
        })?;
        config.reading = own.reading.or(config.reading);
        config.levels.extend(own.levels);
        config.accept.extend(own.accept);
        name = file.to_string();
    }
    let reading = match (arguments.reading, arguments.mode, config.reading) {
        (Some(ReadingName::Strict), ..) => Some(Reading::Strict),
        (Some(ReadingName::Tolerant), ..) => Some(Reading::Tolerant),
        (Some(ReadingName::Described), ..) => Some(Reading::Described),
        (None, _, Some(reading)) => Some(reading),
        (None, Some(ModeName::Strict), None) => Some(Reading::Strict),
        (None, Some(ModeName::Client), None) => Some(Reading::Tolerant),
        (None, None, None) => None,
    };
    let party = match arguments.party {
        PartyName::Client => Party::Client,
        PartyName::Server => Party::Server,
        PartyName::Both => Party::Both,
    };
    let now = jiff::Timestamp::now().to_string();
    let today = now.split('T').next().unwrap_or(&now);
    Policy::new(reading, party, config, today).map_err(|error| {
        output::message(&output::with_program_name(&format!("error: {name}: {error}")));
        exit::USAGE
    })
}

fn compare(arguments: &Diff, policy: Policy, old: &Loaded, new: &Loaded, progress: Arc<Progress>) -> Report {
    let mode = match arguments.mode {
        Some(ModeName::Strict) => Mode::Strict,
        Some(ModeName::Client) => Mode::Client,
        None => new.contract.config().generate.mode,
    };
    let options = ReportOptions {
        diff: charter_diff::Options {
            operations: arguments.operation.clone(),
            without_settings: !old.is_folder || !new.is_folder,
            progress,
        },
        mode,
        policy,
        recordings: arguments.recordings.clone(),
    };
    let before = charter_rules::with_invariants(old.contract.clone()).unwrap_or_else(|_| old.contract.clone());
    // If the new contract has no rules, the old rules must fit its schemas.
    let fit = if new.has_rules() {
        Some(charter_rules::with_invariants(new.contract.clone()))
    } else if old.has_rules() && new.has_documents_of(old) {
        Some(new.with_rules_of(old))
    } else {
        None
    };
    let sides = Sides {
        old_name: arguments.old.clone(),
        old: &before,
        new_name: arguments.new.clone(),
        new: &new.contract,
        rules: fit.as_ref().map(|fit| fit.as_ref()),
        without_rules: new.is_folder && !new.has_rules(),
    };
    report(&sides, &options)
}

fn print<'f>(arguments: &Diff, report: &Report, folder: &dyn Fn() -> &'f Utf8Path) -> u8 {
    let mut code = exit::SUCCESS;
    let path = |side: &str, document: &str| path_of(if side == "old" { &arguments.old } else { &arguments.new }, folder, document);
    for target in &arguments.report {
        let rendered = match target.format {
            DiffFormat::Text => text(report, arguments.verbose),
            DiffFormat::Markdown => markdown(report),
            DiffFormat::Html => html(report),
            DiffFormat::Sarif => format!("{}\n", serde_json::to_string_pretty(&sarif(report, &path)).unwrap_or_default()),
            DiffFormat::Github => github(report, &path),
            DiffFormat::Json => format!("{}\n", serde_json::to_string_pretty(report).unwrap_or_default()),
        };
        let written = match &target.file {
            Some(file) => write(file, &rendered),
            None => output::print(&rendered),
        };
        code = code.max(written);
    }
    if let Some(file) = &arguments.changelog {
        code = code.max(add_entry(file, report));
    }
    if code != exit::SUCCESS {
        return code;
    }
    // Recordings without an exchange check nothing.
    if let Some(recordings) = &report.recordings
        && (recordings.problem.is_some() || recordings.exchanges == 0)
    {
        output::message("error: --recordings: some recordings cannot be read, or they contain no exchange; see the report");
        return exit::UNREADABLE;
    }
    let worst = report.worst_level();
    let fails = match arguments.fail_on {
        FailOnChange::Never => false,
        FailOnChange::Breaking => worst == Some(Level::Error),
        FailOnChange::Unknown => worst == Some(Level::Error) || report.has_unknown(),
        FailOnChange::Warning => worst >= Some(Level::Warning),
    };
    if fails { exit::VIOLATIONS } else { exit::SUCCESS }
}

/// The path of a document of a contract that a specification names, for annotations.
fn path_of<'f>(spec: &str, folder: &dyn Fn() -> &'f Utf8Path, document: &str) -> String {
    let path = Utf8Path::new(spec);
    let base = if path.is_dir() {
        path.to_owned()
    } else if path.exists() {
        path.parent().unwrap_or(Utf8Path::new("")).to_owned()
    } else {
        // A revision has the paths of the working tree.
        match spec.split_once(':') {
            Some((_, inside)) if inside.ends_with(document) => return inside.to_owned(),
            Some((_, inside)) => inside.into(),
            None if folder().is_dir() => folder().to_owned(),
            None => folder().parent().unwrap_or(Utf8Path::new("")).to_owned(),
        }
    };
    let path = base.join(document);
    // Annotations are relative to the root of the repository.
    let here = std::env::current_dir().ok().and_then(|here| Utf8PathBuf::from_path_buf(here).ok());
    here.as_ref().and_then(|here| path.strip_prefix(here).ok()).unwrap_or(&path).to_string()
}

fn write(file: &Utf8PathBuf, text: &str) -> u8 {
    match output::write(file, text) {
        Ok(()) => exit::SUCCESS,
        Err(error) => {
            output::message(&format!("error: cannot write {file}: {error}"));
            exit::UNREADABLE
        }
    }
}

/// Adds an entry to a changelog, between the heading and the earlier entries. An entry that is already there is not added again.
fn add_entry(file: &Utf8PathBuf, report: &Report) -> u8 {
    let now = jiff::Timestamp::now().to_string();
    let today = now.split('T').next().unwrap_or(&now).to_owned();
    let entry = changelog(report, &today);
    let known = match std::fs::read_to_string(file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => "# Changelog\n\n".to_owned(),
        Err(error) => {
            output::message(&format!("error: cannot read {file}: {error}"));
            return exit::UNREADABLE;
        }
    };
    if known.contains(entry.trim_end()) {
        return exit::SUCCESS;
    }
    let at = if known.starts_with("## ") { 0 } else { known.find("\n## ").map_or(known.len(), |at| at + 1) };
    let (above, below) = known.split_at(at);
    let gap = if above.is_empty() || above.ends_with("\n\n") { "" } else { "\n" };
    write(file, &format!("{above}{gap}{}\n{below}", entry.trim_end().to_owned() + "\n"))
}
