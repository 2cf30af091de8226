//! `merge`: merges the reports of partitions, or of splits and their rules over time.

use charter_report::{Report, merge};
use std::io::Read as _;

use charter_traffic::read::{Decoded, Limits, ReadError, Source, sources};

use crate::arguments::Merge;
use crate::masking::ReportMasker;
use crate::progress::Step;
use crate::subject::Subject;
use crate::{exit, output, reporting};

pub(crate) fn run(arguments: &Merge) -> u8 {
    let baseline = match reporting::usage(&arguments.reporting) {
        Ok(baseline) => baseline,
        Err(message) => {
            output::message(&format!("error: {message}"));
            return exit::USAGE;
        }
    };
    let step = Step::new("merging the reports");
    let mut reports = Vec::new();
    for argument in &arguments.reports {
        match read(argument) {
            Ok(read) => reports.extend(read),
            Err(message) => {
                drop(step);
                output::message(&format!("error: {message}"));
                return exit::UNREADABLE;
            }
        }
    }
    let merged = merge(reports);
    drop(step);
    let merged = match merged {
        Ok(merged) => merged,
        Err(error) => {
            output::message(&format!("error: {error}"));
            return if error.is_incomplete() { exit::UNREADABLE } else { exit::USAGE };
        }
    };
    if merged.cut {
        output::message(
            "warning: the merged report has fewer samples than requested, because a partition reached its limit; all counts are exact; \
             run `charter check` with fewer --samples",
        );
    }
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    reporting::conclude(merged.report, &arguments.reporting, &Subject::new(&folder, None), baseline.as_ref(), &ReportMasker::new(None))
}

/// The reports that an argument names, with the names of their files.
fn read(argument: &str) -> Result<Vec<(String, Report)>, String> {
    let describe = |error: &ReadError| error.remedy().map_or_else(|| error.to_string(), |remedy| format!("{error}; {remedy}"));
    let sources = sources(argument).map_err(|error| format!("{argument}: {}", describe(&error)))?;
    let one = |source: &Source| {
        let name = source.name().to_string();
        let bytes = match source {
            Source::File(path) => std::fs::read(path),
            Source::Remote { .. } => {
                let mut bytes = Vec::new();
                let mut decoded = Decoded::open(source, &Limits::default()).map_err(|error| format!("{name}: {}", describe(&error)))?;
                decoded.read_to_end(&mut bytes).map(|_| bytes)
            }
            _ => {
                let mut bytes = Vec::new();
                std::io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
            }
        };
        let bytes = bytes.map_err(|error| format!("cannot read {name}: {error}"))?;
        let report = Report::parse(&bytes).map_err(|error| format!("cannot merge {name}: {error}"))?;
        Ok((name, report))
    };
    // The folder of --observations also has the observations.
    let reports = sources.iter().filter(|source| !source.name().ends_with(crate::split::OBSERVATIONS));
    reports.map(one).collect()
}
