//! `check --split` and `check --over-time`: a run in parts, each of which reads a part of the bytes.

use camino::Utf8Path;
use charter_engine::{Contract, Judge, ObservationsFile, SplitError, SplitPlan, judge_split, over_time as evaluate};
use charter_report::Partition;
use charter_traffic::read::Limits;

use crate::arguments::Check;
use crate::masking::ReportMasker;
use crate::subject::Subject;
use crate::{exit, output, reporting};

/// The ending of files with observations.
pub(crate) const OBSERVATIONS: &str = ".observations";

/// Judges a split of the inputs and stores its observations.
pub(crate) fn judge(judge: &Judge, contract: &Contract, arguments: &Check, split: Partition, paths: &[String], folder: &Utf8Path) -> u8 {
    let plan = SplitPlan::new(paths);
    if plan.has_stdin() {
        output::message("error: --split cannot read standard input: give files, folders or patterns, or use --partition");
        return exit::USAGE;
    }
    let Some(observations) = &arguments.observations else { return exit::USAGE };
    let file = observations.join(format!("{}-of-{}{OBSERVATIONS}", split.number(), split.of()));
    let limits = Limits { max_body: arguments.max_body.0, max_ratio: arguments.max_ratio };
    let masker = ReportMasker::new(Some(contract));
    let subject = Subject::new(folder, Some(contract)).with_flags(arguments);
    let checked = reporting::run(&arguments.reporting, &arguments.judging, Some(split), &subject, limits, &masker, |options, progress| {
        let judged = judge_split(judge, &plan, split, &options.clone().with_examples(arguments.examples), progress)?;
        // The observations of an interrupted split are not complete.
        if judged.report.complete {
            output::write_with(&file, |out| judged.observations.write(out))
                .map_err(|error| std::io::Error::new(error.kind(), format!("cannot write {file}: {error}")))?;
        }
        Ok::<_, std::io::Error>(judged.report)
    });
    checked.unwrap_or_else(|error| {
        output::message(&format!("error: {error}"));
        exit::UNREADABLE
    })
}

/// Evaluates the rules over time across all splits, for a share of the resources.
pub(crate) fn over_time(judge: &Judge, contract: &Contract, arguments: &Check, share: Partition, folder: &Utf8Path) -> u8 {
    let [observations] = arguments.paths.as_slice() else {
        output::message("error: --over-time needs one path: the folder that --split --observations wrote");
        return exit::USAGE;
    };
    let masker = ReportMasker::new(Some(contract));
    let subject = Subject::new(folder, Some(contract)).with_flags(arguments);
    let limits = Limits::default();
    let checked = reporting::run(&arguments.reporting, &arguments.judging, Some(share), &subject, limits, &masker, |_, _| {
        let evaluated = evaluate(judge, files(observations)?, share)?;
        for source in &evaluated.missing_sources {
            output::message(&format!(
                "warning: {source} cannot be read: its findings over time have no positions; run --over-time where the paths of --split exist"
            ));
        }
        Ok::<_, SplitError>(evaluated.report)
    });
    checked.unwrap_or_else(|error| {
        output::message(&format!("error: {error}"));
        if error.is_incomplete() { exit::UNREADABLE } else { exit::USAGE }
    })
}

/// The files with observations in a folder.
fn files(folder: &str) -> Result<Vec<ObservationsFile>, SplitError> {
    let failed = |name: &str| {
        let name = name.to_owned();
        move |source| SplitError::Io { name, source }
    };
    let mut paths = Vec::new();
    for entry in std::fs::read_dir(folder).map_err(failed(folder))? {
        let path = entry.map_err(failed(folder))?.path();
        if path.to_string_lossy().ends_with(OBSERVATIONS) {
            paths.push(path);
        }
    }
    ObservationsFile::open_all(&paths)
}
