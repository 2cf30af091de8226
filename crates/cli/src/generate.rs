//! `generate`: writes the generated files, or compares them with the existing ones. It needs no generated code itself.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use camino::{Utf8Path, Utf8PathBuf};
use charter_codegen::name::NameLock;
use charter_codegen::{Options, Runtime, Schemars, SourceFile, package};
use charter_contract::{Contract, Draft, LayoutOfCode, Mode, Sources};
use similar::TextDiff;

use crate::arguments::{ClientName, DraftName, Generate, Layout, ModeName, ServerName};
use crate::progress::Step;
use crate::{exit, output};

/// What to do with differences.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Action {
    Write,
    Check,
    DryRun,
}

pub(crate) fn run(arguments: &Generate, name: &str) -> u8 {
    let mode = match (arguments.check, arguments.dry_run) {
        (true, _) => Action::Check,
        (_, true) => Action::DryRun,
        _ => Action::Write,
    };
    let job = match &arguments.schema {
        Some(schema) if is_contract(schema) && arguments.config.is_none() => contract(schema, arguments, name),
        Some(schema) => own_schemas(schema, arguments, name),
        None => contract(&output::contract_folder(arguments.contract.contract.as_ref()), arguments, name),
    };
    let job = match job {
        Ok(job) => job,
        Err(code) => return code,
    };
    if let (Some(path), Some(census)) = (&arguments.census, &job.census)
        && let Err(error) = output::write(path, census)
    {
        output::message(&format!("error: cannot write {path}: {error}"));
        return exit::UNREADABLE;
    }
    if !job.has_types && !arguments.quiet {
        output::message(NO_TYPES);
    }
    let wanted: BTreeMap<Utf8PathBuf, String> =
        job.files.into_iter().map(|file| (output::normalize(&job.out.join(&file.path)), file.text)).collect();
    match compare_or_write(&job.out, &wanted, mode) {
        Ok(differences) => finish(&differences, wanted.len(), mode, arguments.quiet, name),
        Err(message) => {
            output::message(&format!("error: {message}"));
            exit::UNREADABLE
        }
    }
}

/// The files to write, and where.
struct Job {
    out: Utf8PathBuf,
    files: Vec<SourceFile>,
    census: Option<String>,
    has_types: bool,
}

/// The warning for a contract without named schemas.
const NO_TYPES: &str = "warning: 0 types: the documents define no schema by name, and no operation has a JSON body; \
    inline schemas of parameters get no type, so name them under `components/schemas`";

/// Whether a folder is that of a contract, not of schemas: it has settings.
fn is_contract(folder: &Utf8Path) -> bool {
    folder.join("charter.toml").is_file()
}

/// The types of the contract.
fn contract(folder: &Utf8Path, arguments: &Generate, name: &str) -> Result<Job, u8> {
    let schemas = output::load_schemas(folder)?;
    let contract = match charter_rules::with_invariants(schemas.clone()) {
        Ok(contract) => contract,
        Err(error) => {
            let problems = error.problems().len();
            output::message(&format!(
                "warning: the rules do not fit the schemas ({}); `charter lint` lists them",
                charter_report::counted(problems as u64, "problem")
            ));
            schemas
        }
    };
    let out =
        arguments.out.clone().unwrap_or_else(|| output::normalize(&output::base_folder(folder).join(&contract.config().generate.out)));
    let mut options = Options::of(&contract);
    let is_packaged = layout_of(arguments, &contract).is_some() || vendors(arguments, &contract);
    if is_packaged || arguments.runtime_path.is_some() || arguments.schema.is_some() {
        if options.reader.is_some() && !arguments.quiet {
            output::message(NO_READER);
        }
        let job = packaged(&contract, out, options, arguments, name);
        output::leak(contract);
        return job;
    }
    options.tag_features = tag_features(arguments, options.tag_features, false)?;
    options.command = format!("{name} generate");
    options.mode = mode_of(arguments, &contract);
    options.client |= arguments.client == Some(ClientName::Reqwest);
    options.server |= arguments.server == Some(ServerName::Axum);
    options.names = names(&out)?;
    let generated = generated(&contract, &options)?;
    let census = arguments.census.as_ref().map(|_| format!("{:#}\n", generated.census));
    output::leak(contract);
    let has_types = !generated.entries.is_empty();
    let test = arguments.snapshot_test.then(|| snapshot_test(&generated, &out)).transpose()?;
    Ok(Job { out, has_types, files: generated.files.into_iter().chain(test).collect(), census })
}

/// The warning for a setting that modules and crates do not use.
const NO_READER: &str = "warning: `reader` under [generate] in charter.toml does not apply to modules and crates (--layout, --vendor, \
    --runtime-path): no compiled reader is written";

/// The types of schemas without a contract folder, with their support library.
fn own_schemas(schema: &Utf8Path, arguments: &Generate, name: &str) -> Result<Job, u8> {
    let print_all = |error: &charter_contract::Error| output::print_problems(schema, error);
    let mut files = if schema == "-" {
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut std::io::stdin(), &mut bytes).map_err(|error| {
            output::message(&format!("error: cannot read standard input: {error}"));
            exit::UNREADABLE
        })?;
        vec![("schema".to_owned(), bytes)]
    } else {
        charter_contract::read_schemas(schema).map_err(|error| print_all(&error))?
    };
    crate::contract::refuse_foreign(schema, &files)?;
    if let Some(config) = &arguments.config {
        let bytes = std::fs::read(config).map_err(|error| {
            output::message(&format!("error: cannot read {config}: {error}"));
            exit::UNREADABLE
        })?;
        files.push(("charter.toml".to_owned(), bytes));
    }
    let mut remotes = Vec::new();
    for entry in &arguments.map {
        let Some((uri, path)) = entry.rsplit_once('=') else {
            output::message(&format!("error: --map {entry}: expected URI=PATH"));
            return Err(exit::USAGE);
        };
        remotes.extend(charter_contract::read_map(uri, path.into()).map_err(|error| print_all(&error))?);
    }
    let draft = match arguments.draft {
        DraftName::Draft4 => Draft::Draft4,
        DraftName::Draft6 => Draft::Draft6,
        DraftName::Draft7 => Draft::Draft7,
        DraftName::Draft201909 => Draft::Draft201909,
        DraftName::Draft202012 => Draft::Draft202012,
    };
    let sources = Sources::new(files).with_remotes(remotes).with_draft(draft);
    let contract = charter_contract::from_sources(sources).map_err(|error| print_all(&error))?;
    let out = arguments.out.clone().unwrap_or_else(|| "generated".into());
    let options = Options::of(&contract);
    packaged(&contract, out, options, arguments, name)
}

/// The test of the generated code, in the package that contains the folder. Its path is relative to the folder.
fn snapshot_test(generated: &charter_codegen::Output, out: &Utf8Path) -> Result<SourceFile, u8> {
    let absolute = camino::absolute_utf8(out).map_err(|error| {
        output::message(&format!("error: cannot find {out}: {error}"));
        exit::UNREADABLE
    })?;
    let absolute = output::normalize(&absolute);
    let Some(package) = absolute.ancestors().find(|folder| folder.join("Cargo.toml").is_file()) else {
        output::message(&format!("error: --snapshot-test writes a test of a package, and no folder above {out} has a Cargo.toml"));
        return Err(exit::USAGE);
    };
    let inside = absolute.strip_prefix(package).unwrap_or(&absolute);
    let test = package::snapshot_test(generated, inside);
    let up: Utf8PathBuf = inside.components().map(|_| "..").collect();
    Ok(SourceFile::new(up.join(test.path), test.text))
}

/// The name of the crate: by the flag, else after the title of the document, else after the folder.
fn crate_name(arguments: &Generate, contract: &Contract, out: &Utf8Path) -> Result<String, u8> {
    if let Some(name) = &arguments.name {
        let legal = package::crate_name(name);
        if legal != *name {
            output::message(&format!("error: --name {name}: Cargo or Rust does not accept the name of the crate; try {legal}"));
            return Err(exit::USAGE);
        }
        return Ok(legal);
    }
    let documents = contract.documents();
    let info = documents.names().find_map(|name| documents.value(name)?.pointer("/info/title")?.as_str());
    let title = match (info, contract.roots()) {
        (None, [root]) => contract.schema(*root).title(),
        (info, _) => info,
    };
    let title = title.filter(|title| title.chars().any(|character| character.is_ascii_alphanumeric()));
    Ok(package::crate_name(title.or(out.file_name()).unwrap_or_default()))
}

/// Types as a module or a crate, with the lines of Cargo.toml that they need.
fn packaged(contract: &Contract, out: Utf8PathBuf, mut options: Options, arguments: &Generate, name: &str) -> Result<Job, u8> {
    let layout = layout_of(arguments, contract).unwrap_or(Layout::Module);
    options.tag_features = tag_features(arguments, options.tag_features, layout == Layout::Crate)?;
    let (locked, vendored) = match layout {
        Layout::Module => (out.clone(), "super::support"),
        Layout::Crate => (out.join("src/generated"), "crate::support"),
    };
    options.runtime = match &arguments.runtime_path {
        Some(path) => Runtime::Path(path.clone()),
        None if vendors(arguments, contract) => Runtime::Vendored,
        None => Runtime::Version,
    };
    if options.runtime == Runtime::Vendored {
        options.support = vendored.to_owned();
    }
    options.schemars = match layout {
        Layout::Module => Schemars::Never,
        Layout::Crate => Schemars::Feature,
    };
    // The compiled reader needs a crate that a package of types does not depend on.
    options.reader = None;
    options.command = format!("{name} generate");
    options.mode = mode_of(arguments, contract);
    options.client |= arguments.client == Some(ClientName::Reqwest);
    options.server |= arguments.server == Some(ServerName::Axum);
    options.snapshot_test = arguments.snapshot_test;
    options.names = names(&locked)?;
    let generated = generated(contract, &options)?;
    if options.tag_features && generated.tag_features.is_empty() && !arguments.quiet {
        output::message("warning: no operation has a tag: no cargo features are written");
    }
    let census = arguments.census.as_ref().map(|_| format!("{:#}\n", generated.census));
    let files = match layout {
        Layout::Crate => package::package(&crate_name(arguments, contract, &out)?, &generated, &options),
        Layout::Module => {
            let mut files = package::module(&generated, &options);
            if arguments.snapshot_test {
                files.push(snapshot_test(&generated, &out)?);
            }
            files
        }
    };
    Ok(Job { out, has_types: !generated.entries.is_empty(), files, census })
}

/// Whether tags are cargo features. Only a crate has a Cargo.toml to declare them in.
fn tag_features(arguments: &Generate, configured: bool, is_crate: bool) -> Result<bool, u8> {
    if is_crate {
        return Ok(arguments.tag_features || configured);
    }
    if arguments.tag_features {
        output::message("error: --tag-features needs --layout crate: the features are declared in the Cargo.toml of the crate");
        return Err(exit::USAGE);
    }
    if configured && !arguments.quiet {
        output::message(
            "warning: `tag-features` under [generate] in charter.toml applies to the layout crate only: no cargo features are written",
        );
    }
    Ok(false)
}

/// The layout. The flag takes precedence over the configuration.
fn layout_of(arguments: &Generate, contract: &Contract) -> Option<Layout> {
    arguments.layout.or_else(|| {
        contract.config().generate.layout.map(|layout| match layout {
            LayoutOfCode::Module => Layout::Module,
            LayoutOfCode::Crate => Layout::Crate,
        })
    })
}

/// Whether the source of the runtime is copied: by the flag or by the configuration.
fn vendors(arguments: &Generate, contract: &Contract) -> bool {
    arguments.vendor || contract.config().generate.vendor
}

/// The mode. The flag takes precedence over the configuration.
fn mode_of(arguments: &Generate, contract: &Contract) -> Mode {
    match arguments.mode {
        Some(ModeName::Strict) => Mode::Strict,
        Some(ModeName::Client) => Mode::Client,
        None => contract.config().generate.mode,
    }
}

/// The names of the last generation; empty if there was none.
fn names(out: &Utf8Path) -> Result<NameLock, u8> {
    let path = out.join(charter_codegen::NAMES);
    let text = read(&path).map_err(|message| {
        output::message(&format!("error: {message}"));
        exit::UNREADABLE
    })?;
    let Some(text) = text else { return Ok(NameLock::default()) };
    NameLock::parse(&text).map_err(|message| {
        output::message(&format!("error: cannot read {path}: {message}"));
        output::message("help: the file preserves the names of types; restore it, or remove it to choose all names again");
        exit::USAGE
    })
}

/// The generated code of a contract, or the exit code.
fn generated(contract: &Contract, options: &Options) -> Result<charter_codegen::Output, u8> {
    let step = Step::new("generating the code");
    let generated = charter_codegen::generate_with(contract, options);
    drop(step);
    generated.map_err(|error| refuse(&error))
}

fn refuse(error: &charter_codegen::Error) -> u8 {
    output::message(&format!("error: {error}"));
    exit::USAGE
}

/// A file that differs from the generated one.
struct Difference {
    path: Utf8PathBuf,
    /// Whether the file is no longer generated.
    is_abandoned: bool,
    /// The unified diff.
    diff: String,
}

/// Compares every file. With [`Action::Write`], writes files that differ and removes files that are no longer generated.
fn compare_or_write(out: &Utf8Path, wanted: &BTreeMap<Utf8PathBuf, String>, mode: Action) -> Result<Vec<Difference>, String> {
    let mut differences = Vec::new();
    for (path, text) in wanted {
        let found = read(path)?;
        if !found.as_deref().is_some_and(|found| is_same(found, text)) {
            let diff = diff(path, found.as_deref().unwrap_or_default(), text);
            differences.push(Difference { path: path.clone(), is_abandoned: false, diff });
            if mode == Action::Write {
                output::write(path, text).map_err(|error| format!("cannot write {path}: {error}"))?;
            }
        }
    }
    for path in abandoned(out, wanted)? {
        let found = read(&path)?.unwrap_or_default();
        differences.push(Difference { diff: diff(&path, &found, ""), is_abandoned: true, path: path.clone() });
        if mode == Action::Write {
            std::fs::remove_file(&path).map_err(|error| format!("cannot remove {path}: {error}"))?;
        }
    }
    Ok(differences)
}

/// Whether two texts are equal, apart from the program that their headers name: `charter` and `cargo xtask` generate the same code.
fn is_same(found: &str, wanted: &str) -> bool {
    let without_header = |text: &str| match text.split_once('\n') {
        Some((header, rest)) if header.starts_with(charter_codegen::MARK) => rest.to_owned(),
        _ => text.to_owned(),
    };
    found == wanted || (found.starts_with(charter_codegen::MARK) && without_header(found) == without_header(wanted))
}

fn read(path: &Utf8Path) -> Result<Option<String>, String> {
    match std::fs::read(path) {
        Ok(bytes) => Ok(Some(String::from_utf8_lossy(&bytes).into_owned())),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(format!("cannot read {path}: {error}")),
    }
}

/// Rust files with the generator's header that are no longer generated, in the folders of generated code. A folder of tests has tests of
/// other generated modules.
fn abandoned(out: &Utf8Path, wanted: &BTreeMap<Utf8PathBuf, String>) -> Result<Vec<Utf8PathBuf>, String> {
    let out = output::normalize(out);
    let within = wanted.keys().filter_map(|path| path.parent()).filter(|folder| folder.starts_with(&out) && !folder.ends_with("tests"));
    let folders: BTreeSet<&Utf8Path> = within.chain([out.as_path()]).collect();
    let mut paths = Vec::new();
    for folder in folders {
        abandoned_in(folder, wanted, &mut paths)?;
    }
    paths.sort();
    Ok(paths)
}

fn abandoned_in(folder: &Utf8Path, wanted: &BTreeMap<Utf8PathBuf, String>, paths: &mut Vec<Utf8PathBuf>) -> Result<(), String> {
    let named = if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder };
    let entries = match named.read_dir_utf8() {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(format!("cannot read {folder}: {error}")),
    };
    for entry in entries {
        let path = output::normalize(entry.map_err(|error| format!("cannot read {folder}: {error}"))?.path());
        let marked = path.extension() == Some("rs") && read(&path)?.is_some_and(|text| text.starts_with(charter_codegen::MARK));
        if marked && !wanted.contains_key(&path) {
            paths.push(path);
        }
    }
    Ok(())
}

fn diff(path: &Utf8Path, found: &str, wanted: &str) -> String {
    let (from, to) = (format!("a/{path}"), if wanted.is_empty() { "/dev/null".to_owned() } else { format!("b/{path}") });
    TextDiff::from_lines(found, wanted).unified_diff().context_radius(3).header(&from, &to).to_string()
}

fn finish(differences: &[Difference], files: usize, mode: Action, quiet: bool, name: &str) -> u8 {
    let mut text = String::new();
    if mode != Action::Write {
        for difference in differences {
            text.push_str(&difference.diff);
        }
    }
    let (written, removed) = if mode == Action::Write { ("written", "removed") } else { ("stale", "no longer generated") };
    let mut summary = String::new();
    for difference in differences {
        let _ = writeln!(summary, "{}: {}", if difference.is_abandoned { removed } else { written }, difference.path);
    }
    let abandoned = differences.iter().filter(|difference| difference.is_abandoned).count();
    let _ = write!(summary, "{} of {files} files {written}", differences.len() - abandoned);
    if abandoned > 0 {
        let _ = write!(summary, ", {abandoned} {removed}");
    }
    let stale = mode == Action::Check && !differences.is_empty();
    if stale {
        let _ = write!(summary, "; run `{name} generate`");
    }
    let code = output::print(&text);
    if !quiet || stale {
        output::message(&summary);
    }
    match code {
        exit::SUCCESS if stale => exit::STALE,
        code => code,
    }
}

#[cfg(test)]
mod tests {
    use super::is_same;

    #[test]
    fn the_program_in_the_header_does_not_make_a_file_stale() {
        let file = |program: &str, code: &str| format!("{}`{program} generate`; do not edit by hand.\n{code}", charter_codegen::MARK);
        assert!(is_same(&file("cargo xtask", "struct A;\n"), &file("charter", "struct A;\n")));
        assert!(!is_same(&file("charter", "struct A;\n"), &file("charter", "struct B;\n")));
        assert!(!is_same("struct A;\n", &file("charter", "struct A;\n")), "a file without its header is stale");
        assert!(!is_same("[package]\na\n", "[package]\nb\n"));
    }
}
