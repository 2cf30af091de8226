//! `conformance`: the official suite, as it is, against generated types. Every group becomes a module, every test a document
//! that its root type reads and writes.

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

/// Groups that are known to fail, by draft, file and description.
const KNOWN: &str = include_str!("known.txt");

/// How one group came out.
#[derive(Default)]
pub(crate) struct Outcome {
    /// Why nothing was generated.
    refused: Option<String>,
    /// How many schemas it has, and how many of them types say by themselves.
    census: (usize, usize),
    compiled: bool,
    verdicts: Vec<Verdict>,
    reading: Reading,
}

impl Outcome {
    /// Valid documents that the compiled reader decided.
    fn decided(&self, group: &Group) -> usize {
        let Reading::Read(sure) = &self.reading else { return 0 };
        group.tests.iter().zip(sure).filter(|(test, sure)| test.valid && **sure).count()
    }

    /// What went wrong, where something did.
    fn fault(&self, group: &Group) -> Option<String> {
        if let Some(message) = &self.refused {
            return Some(format!("not generated: {message}"));
        }
        if !self.compiled {
            return Some("does not compile".to_owned());
        }
        let wrong = group.tests.iter().zip(&self.verdicts).find_map(|(test, verdict)| {
            let what = match (test.valid, verdict) {
                (true, Verdict::Kept) | (false, Verdict::Refused(_)) => return None,
                (true, Verdict::Refused(error)) => format!("refused: {error}"),
                (true, Verdict::Changed(back)) => format!("came back as {back}"),
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
                output::complain(&format!("error: {message}"));
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
            output::complain(&format!("error: {message}"));
            return exit::UNREADABLE;
        }
    };
    let code = output::text(&table::render(&groups, &outcomes));
    if code != exit::KEPT {
        return code;
    }
    judge(&groups, &outcomes, arguments)
}

/// The groups of the suite that are asked for.
fn official(arguments: &Conformance) -> Result<Vec<Group>, u8> {
    let data = std::env::var_os("CHARTER_TEST_DATA").and_then(|data| Utf8PathBuf::from_path_buf(data.into()).ok());
    let Some(folder) = arguments.suite.clone().or_else(|| data.map(|data| data.join("json-schema-test-suite"))) else {
        output::complain("error: name the suite's folder, or set CHARTER_TEST_DATA to the folder that holds json-schema-test-suite");
        return Err(exit::USAGE);
    };
    suite::read(&folder, &arguments.draft, &arguments.only, arguments.optional).map_err(|message| {
        output::complain(&format!("error: {message}"));
        exit::UNREADABLE
    })
}

/// Names what failed, and compares it with what is known to fail.
fn judge(groups: &[Group], outcomes: &[Outcome], arguments: &Conformance) -> u8 {
    let known: BTreeSet<&str> = KNOWN.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    let mut broken = 0;
    for (group, outcome) in groups.iter().zip(outcomes) {
        let is_known = known.contains(group.name().as_str());
        match outcome.fault(group) {
            Some(fault) if !is_known || arguments.verbose => {
                output::complain(&format!("{}: {fault}", group.name()));
                broken += usize::from(!is_known);
            }
            None if is_known => {
                output::complain(&format!("{}: holds, and is still named as a known failure", group.name()));
                broken += 1;
            }
            _ => {}
        }
    }
    let idle = keywords::idle(groups, outcomes);
    for file in &idle {
        output::complain(&format!("{file}: the compiled reader decided nothing, of a keyword that the repository's contract uses"));
    }
    if broken > 0 && !arguments.optional {
        output::complain(&format!("{broken} of {} groups failed", groups.len()));
        return exit::BROKEN;
    }
    if idle.is_empty() { exit::KEPT } else { exit::BROKEN }
}
