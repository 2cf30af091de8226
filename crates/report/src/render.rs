//! What a report format implements, and the options of rendering.

use std::fmt;
use std::io;

use crate::model::Report;
use crate::run::RunFacts;

/// A report format.
pub trait ReportFormat: fmt::Debug + Sync {
    /// The name in `--report NAME=FILE`.
    fn name(&self) -> &'static str;

    /// What the format is for, in a few words.
    fn help(&self) -> &'static str;

    /// Whether the report is a message for the user at a terminal. Such a report is not printed with `--quiet`, and it leaves standard
    /// output to other formats. Every other report is data.
    fn is_for_terminals(&self) -> bool {
        false
    }

    /// A job summary to append to: the environment variable that names its file, and the format of its text.
    fn job_summary(&self) -> Option<(&'static str, &'static dyn ReportFormat)> {
        None
    }

    /// Whether the report shows the date, the command and the revision of the run.
    fn has_run_facts(&self) -> bool {
        false
    }

    /// Whether the report contains the checksum of the contract, or positions in its documents.
    fn has_contract_details(&self) -> bool {
        false
    }

    /// Renders the report.
    ///
    /// # Errors
    /// The format cannot represent the report, or the writer fails.
    fn render(&self, report: &Report, options: &RenderOptions, out: &mut dyn io::Write) -> Result<(), RenderError>;
}

/// Why a report cannot be rendered.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RenderError {
    /// The report contains text that XML cannot represent.
    #[error("cannot render the JUnit report: {0}")]
    Junit(#[from] quick_junit::SerializeError),
    /// The writer failed.
    #[error("cannot write the report: {0}")]
    Write(#[from] io::Error),
}

/// How reports are rendered. Each format uses the options that concern it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct RenderOptions {
    /// How the report for terminals is printed.
    pub text: TextOptions,
    /// The contract's folder, relative to the repository's root.
    pub folder: String,
    /// Facts about the run.
    pub run: RunFacts,
}

impl RenderOptions {
    /// Sets how the report for terminals is printed.
    #[must_use]
    pub fn with_text(self, text: TextOptions) -> Self {
        Self { text, ..self }
    }

    /// Sets the contract's folder, relative to the repository's root.
    #[must_use]
    pub fn with_folder(self, folder: impl Into<String>) -> Self {
        Self { folder: folder.into(), ..self }
    }

    /// Sets the facts about the run.
    #[must_use]
    pub fn with_run(self, run: RunFacts) -> Self {
        Self { run, ..self }
    }
}

/// How the report for terminals is printed.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct TextOptions {
    /// Use terminal colours.
    pub colour: bool,
    /// Print every rule and every accepted finding.
    pub verbose: bool,
    /// Omit the coverage and the note about rules that were never exercised. Both change whenever the contract grows, so that a
    /// snapshot of a report should not have them.
    pub without_coverage: bool,
    /// The width of the terminal in columns, which excerpts fit in. Without it, excerpts are not shortened.
    pub width: Option<u16>,
}

impl TextOptions {
    /// Sets whether to use terminal colours.
    #[must_use]
    pub fn with_colour(self, colour: bool) -> Self {
        Self { colour, ..self }
    }

    /// Sets the width of the terminal in columns.
    #[must_use]
    pub fn with_width(self, width: Option<u16>) -> Self {
        Self { width, ..self }
    }

    /// Sets whether to print every rule and every accepted finding.
    #[must_use]
    pub fn with_verbose(self, verbose: bool) -> Self {
        Self { verbose, ..self }
    }

    /// Omits the coverage and the note about rules that were never exercised.
    #[must_use]
    pub fn without_coverage(self) -> Self {
        Self { without_coverage: true, ..self }
    }
}
