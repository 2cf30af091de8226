//! What a command checks, as reports name it: the contract, the flags that select exchanges, and the command line.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use charter_contract::Contract;
use charter_report::{RunFacts, Selection, shell_word};

use crate::arguments::{Check, Reporting};
use crate::{masking::ReportMasker, output};

/// The contract of a run and the flags that select exchanges.
#[derive(Clone, Debug)]
pub(crate) struct Subject {
    /// The folder of the contract, or its document.
    pub(crate) folder: Utf8PathBuf,
    info: Option<(String, String)>,
    selection: Selection,
}

impl Subject {
    /// A contract; `None` if the command does not load it.
    pub(crate) fn new(folder: &Utf8Path, contract: Option<&Contract>) -> Self {
        Self { folder: folder.to_owned(), info: contract.and_then(info), selection: Selection::default() }
    }

    /// Adds the flags of `check` that select exchanges.
    pub(crate) fn with_flags(mut self, arguments: &Check) -> Self {
        let selection = &mut self.selection;
        selection.operation.clone_from(&arguments.operation);
        let pattern = |members: [(&str, Option<&String>); 4]| {
            let members = members.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", value?)));
            members.collect::<Vec<_>>().join(",")
        };
        let traffic = |of: &charter_contract::TrafficPattern| {
            pattern([("name", None), ("host", of.host.as_ref()), ("path", of.path.as_ref()), ("method", of.method.as_ref())])
        };
        selection.include = arguments.include.iter().map(traffic).collect();
        selection.exclude = arguments.exclude.iter().map(traffic).collect();
        let webhook = |of: &charter_contract::WebhookPattern| {
            pattern([("name", Some(&of.name)), ("host", of.host.as_ref()), ("path", of.path.as_ref()), ("method", of.method.as_ref())])
        };
        selection.webhooks = arguments.webhook.iter().map(webhook).collect();
        selection.formats = arguments.formats.as_ref().map(ToString::to_string);
        selection.examples = arguments.examples;
        self
    }

    /// The facts about the run, for the reports that show them.
    pub(crate) fn facts(&self, reporting: &Reporting, masker: &ReportMasker) -> RunFacts {
        let mut facts = RunFacts::default();
        facts.program = Some(output::program_name().to_owned());
        facts.selection = self.selection.clone();
        let json = reporting.report.iter().find(|target| target.format.name() == "json");
        facts.json_report = json.and_then(|target| target.file.as_ref()).map(ToString::to_string);
        if reporting.report.iter().any(|target| target.format.has_run_facts()) {
            (facts.title, facts.version) = self.info.clone().unzip();
            facts.date = Some(jiff::Timestamp::now().strftime("%Y-%m-%d %H:%M UTC").to_string());
            facts.revision = revision(&self.folder);
            facts.command = Some(masker.text(&command_line()));
        }
        facts
    }
}

/// The title and the version of the OpenAPI document.
fn info(contract: &Contract) -> Option<(String, String)> {
    let documents = contract.documents();
    let infos = documents.names().filter_map(|name| documents.value(name)).filter(|document| document.get("openapi").is_some());
    let info = infos.filter_map(|document| document.get("info")).next()?;
    let text = |name: &str| info.get(name).and_then(|value| value.as_str()).unwrap_or_default().to_owned();
    Some((text("title"), text("version")))
}

/// The commit of the folder, with a plus sign if tracked files are changed.
fn revision(path: &Utf8Path) -> Option<String> {
    let folder = output::base_folder(path);
    let git = |arguments: &[&str]| {
        let output = Command::new("git").arg("-C").arg(&folder).args(arguments).output().ok()?;
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    };
    let commit = git(&["rev-parse", "--short=12", "HEAD"]).filter(|commit| !commit.is_empty())?;
    let is_changed = git(&["status", "--porcelain", "--untracked-files=no", "--", "."]).is_some_and(|changes| !changes.is_empty());
    Some(if is_changed { format!("{commit}+") } else { commit })
}

/// The command line, with the name of the program that users type.
fn command_line() -> String {
    let arguments = std::env::args().skip(1);
    let quoted = arguments.map(|argument| shell_word(&argument).into_owned());
    std::iter::once(output::program_name().to_owned()).chain(quoted).collect::<Vec<_>>().join(" ")
}
