//! `merge`: reports of parts to one, and to an exit code.

use charter_report::{Report, merge};
use charter_traffic::read::{ReadError, Source, sources};

use crate::arguments::Merge;
use crate::{exit, output, reporting};

pub(crate) fn run(arguments: &Merge) -> u8 {
    let baseline = match reporting::usage(&arguments.reporting) {
        Ok(baseline) => baseline,
        Err(message) => {
            output::complain(&format!("error: {message}"));
            return exit::USAGE;
        }
    };
    let mut reports = Vec::new();
    for argument in &arguments.reports {
        match read(argument) {
            Ok(read) => reports.extend(read),
            Err(message) => {
                output::complain(&format!("error: {message}"));
                return exit::UNREADABLE;
            }
        }
    }
    let merged = match merge(reports) {
        Ok(merged) => merged,
        Err(error) => {
            output::complain(&format!("error: {error}"));
            return if error.is_incomplete() { exit::UNREADABLE } else { exit::USAGE };
        }
    };
    if merged.cut {
        output::complain(
            "warning: a part had no room for all samples that were asked for, so that the whole shows fewer; every count is exact; \
             judge with fewer --samples",
        );
    }
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    reporting::conclude(merged.report, &arguments.reporting, &folder, baseline.as_ref())
}

/// The reports that an argument names, by their files.
fn read(argument: &str) -> Result<Vec<(String, Report)>, String> {
    let told = |error: &ReadError| error.remedy().map_or_else(|| error.to_string(), |remedy| format!("{error}; {remedy}"));
    let sources = sources(argument).map_err(|error| format!("{argument}: {}", told(&error)))?;
    let one = |source: &Source| {
        let name = source.name().to_string();
        let bytes = match source {
            Source::File(path) => std::fs::read(path),
            _ => {
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut std::io::stdin().lock(), &mut bytes).map(|_| bytes)
            }
        };
        let bytes = bytes.map_err(|error| format!("{name} cannot be read: {error}"))?;
        let report = Report::parse(&bytes).map_err(|error| format!("{name} cannot be joined: {error}"))?;
        Ok((name, report))
    };
    sources.iter().map(one).collect()
}
