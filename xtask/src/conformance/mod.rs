//! `conformance`: runs the unmodified official suite against generated types. Every group becomes a module, and every test a document
//! that the module's root type reads and writes.

mod keywords;
mod program;
mod random;
mod reader;
mod source;
mod suite;
mod table;

use std::collections::BTreeSet;

use camino::Utf8PathBuf;

use crate::arguments::Conformance;
use charter_cli::{exit, output};
use program::Verdict;
use reader::Reading;
use suite::Group;

/// The groups that are known to fail, as `draft/file: description`.
const KNOWN: &str = include_str!("known.txt");

/// The result of one group.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Why no types were generated.
    refused: Option<String>,
    /// The number of schemas, and of those that types alone enforce.
    census: (usize, usize),
    compiled: bool,
    verdicts: Vec<Verdict>,
    reading: Reading,
}

impl Outcome {
    /// The number of valid documents that the compiled reader decided.
    fn decided(&self, group: &Group) -> usize {
        let Reading::Read(decided) = &self.reading else { return 0 };
        group.tests.iter().zip(decided).filter(|(test, decided)| test.valid && **decided).count()
    }

    /// The first failure, if there is one.
    fn fault(&self, group: &Group) -> Option<String> {
        if let Some(message) = &self.refused {
            return Some(format!("not generated: {message}"));
        }
        if !self.compiled {
            return Some("does not compile".to_owned());
        }
        let wrong = group.tests.iter().zip(&self.verdicts).find_map(|(test, verdict)| {
            let what = match (test.valid, verdict) {
                (true, Verdict::Unchanged) | (false, Verdict::Refused(_)) => return None,
                (true, Verdict::Refused(error)) => format!("refused: {error}"),
                (true, Verdict::Changed(back)) => format!("written back as {back}"),
                (false, _) => "accepted".to_owned(),
                (_, Verdict::Crashed) => "crashed".to_owned(),
            };
            Some(format!("{:?}: {what}", test.description))
        });
        wrong.or_else(|| (self.verdicts.len() != group.tests.len()).then(|| "crashed".to_owned())).or_else(|| reader::fault(group, self))
    }
}

pub(crate) fn run(arguments: &Conformance) -> u8 {
    let groups = match (arguments.random, &arguments.schemas) {
        (Some(count), _) => random::groups(arguments.seed, count),
        (_, Some(path)) => match random::of_schemas(path, arguments.seed) {
            Ok(groups) => groups,
            Err(message) => {
                output::message(&format!("error: {message}"));
                return exit::UNREADABLE;
            }
        },
        _ => match official(arguments) {
            Ok(groups) => groups,
            Err(code) => return code,
        },
    };
    let work = arguments.work.clone().unwrap_or_else(|| "target/conformance".into());
    let outcomes = match program::run(&groups, &work) {
        Ok(outcomes) => outcomes,
        Err(message) => {
            output::message(&format!("error: {message}"));
            return exit::UNREADABLE;
        }
    };
    let code = output::print(&table::render(&groups, &outcomes));
    if code != exit::SUCCESS {
        return code;
    }
    conclude(&groups, &outcomes, arguments)
}

/// The selected groups of the suite.
fn official(arguments: &Conformance) -> Result<Vec<Group>, u8> {
    let data = std::env::var_os("CHARTER_TEST_DATA").and_then(|data| Utf8PathBuf::from_path_buf(data.into()).ok());
    let Some(folder) = arguments.suite.clone().or_else(|| data.map(|data| data.join("json-schema-test-suite"))) else {
        output::message(
            "error: no suite given; give its folder, or set CHARTER_TEST_DATA to the folder that contains json-schema-test-suite",
        );
        return Err(exit::USAGE);
    };
    suite::read(&folder, &arguments.draft, &arguments.only, arguments.optional).map_err(|message| {
        output::message(&format!("error: {message}"));
        exit::UNREADABLE
    })
}

/// Prints the failures that are not known, and returns the exit code.
fn conclude(groups: &[Group], outcomes: &[Outcome], arguments: &Conformance) -> u8 {
    let known: BTreeSet<&str> = KNOWN.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let mut failures = 0;
    for (group, outcome) in groups.iter().zip(outcomes) {
        let is_known = known.contains(group.name().as_str());
        match outcome.fault(group) {
            Some(fault) if !is_known || arguments.verbose => {
                output::message(&format!("{}: {fault}", group.name()));
                failures += usize::from(!is_known);
            }
            None if is_known => {
                output::message(&format!("{}: passes; remove it from known.txt", group.name()));
                failures += 1;
            }
            _ => {}
        }
    }
    let idle = keywords::idle(groups, outcomes);
    for file in &idle {
        output::message(&format!("{file}: the compiled reader decided no document, although the Run contract uses this keyword"));
    }
    if failures > 0 && !arguments.optional {
        output::message(&format!("{failures} of {} groups failed", groups.len()));
        return exit::VIOLATIONS;
    }
    if idle.is_empty() { exit::SUCCESS } else { exit::VIOLATIONS }
}
