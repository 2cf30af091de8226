//! `check` on other machines: they judge splits and compare over time, and this process merges their reports.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use charter_contract::load::read_contract;
use charter_engine::{CheckOptions, Contract, Judge};
use charter_report::{Report, merge};
use charter_traffic::read::Limits;
use serde::{Deserialize, Serialize};

use crate::arguments::Check;
use crate::flags::JudgeFlags;
use crate::masking::ReportMasker;
use crate::program::Program;
use crate::subject::Subject;
use crate::{check, exit, memory, output, reporting};

/// What other machines need to judge as this process does: the documents of the contract and the flags.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RemoteRun {
    documents: Vec<(String, String)>,
    flags: JudgeFlags,
    samples: Option<u64>,
    max_body: u64,
    max_ratio: u64,
    examples: bool,
    memory: Option<u64>,
}

impl RemoteRun {
    /// The judge and the options of the run, on a machine that has got it. One thread judges.
    ///
    /// # Errors
    /// The contract is not valid here, for example because the versions of the programs differ.
    pub fn judge(&self, program: &Program) -> Result<(Judge, CheckOptions), String> {
        let documents = self.documents.iter().map(|(name, text)| (name.clone(), text.clone().into_bytes())).collect();
        let contract = charter_contract::from_documents_with(documents, charter_contract::Strictness::Lenient)
            .and_then(charter_rules::with_invariants)
            .map_err(|error| error.to_string())?;
        let judge = self.flags.judge(&self.flags.contract(contract)?, program)?;
        let options = CheckOptions::default()
            .with_samples(self.samples)
            .with_limits(Limits { max_body: self.max_body, max_ratio: self.max_ratio })
            .with_examples(self.examples)
            .with_memory(self.memory.unwrap_or_else(memory::default_budget));
        Ok((judge, options))
    }
}

/// Why other machines did not judge the inputs.
#[derive(Debug)]
#[non_exhaustive]
pub enum RemoteError {
    /// The arguments are wrong.
    Usage(String),
    /// The run failed.
    Failed(String),
    /// The run was stopped by Ctrl-C.
    Interrupted,
}

/// Runs `check` with other machines: `run` gets the run, its paths, and whether Ctrl-C was pressed. It returns the reports of all splits and shares with their names.
/// Returns the exit code.
pub fn check_remotely(
    arguments: &Check,
    program: &Program,
    run: impl FnOnce(&RemoteRun, &[String], &dyn Fn() -> bool) -> Result<Vec<(String, Report)>, RemoteError>,
) -> u8 {
    output::set_program_name(program.name);
    crate::progress::set_quiet(arguments.reporting.quiet);
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    let contract = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let prepared = prepare(arguments, program, &folder, contract);
    let (remote, contract, paths) = match prepared {
        Ok(prepared) => prepared,
        Err(message) => {
            output::message(&format!("error: {message}"));
            return exit::USAGE;
        }
    };
    let masker = ReportMasker::new(Some(&contract));
    let subject = Subject::new(&folder, Some(&contract)).with_flags(arguments);
    let limits = Limits { max_body: remote.max_body, max_ratio: remote.max_ratio };
    let interrupted = Arc::new(AtomicBool::new(false));
    let checked = reporting::run_interruptibly(
        &arguments.reporting,
        &arguments.judging,
        None,
        &subject,
        limits,
        &masker,
        interrupted.clone(),
        |_, _| {
            let reports = run(&remote, &paths, &|| interrupted.load(Ordering::Relaxed))?;
            let merged = merge(reports).map_err(|error| RemoteError::Failed(error.to_string()))?;
            if merged.cut {
                output::message(
                    "warning: the report has fewer samples than requested; all counts are exact; run `charter check` with fewer --samples",
                );
            }
            Ok::<_, RemoteError>(merged.report)
        },
    );
    checked.unwrap_or_else(|error| match error {
        RemoteError::Usage(message) => {
            output::message(&format!("error: {message}"));
            exit::USAGE
        }
        RemoteError::Failed(message) => {
            output::message(&format!("error: {message}"));
            exit::UNREADABLE
        }
        RemoteError::Interrupted => {
            output::message("error: interrupted; there is no report");
            exit::INTERRUPTED
        }
    })
}

fn prepare(
    arguments: &Check,
    program: &Program,
    folder: &camino::Utf8Path,
    contract: Contract,
) -> Result<(RemoteRun, Contract, Vec<String>), String> {
    if arguments.partition.is_some() || arguments.split.is_some() || arguments.over_time.is_some() {
        return Err("--partition, --split and --over-time divide a run by hand; a cluster divides it itself".to_owned());
    }
    let flags = JudgeFlags::of(arguments);
    let contract = flags.contract(contract)?;
    // Errors of usage are reported here, not by every machine.
    flags.judge(&contract, program)?;
    let files = read_contract(folder).map_err(|error| error.to_string())?;
    let documents = files.into_iter().filter_map(|(name, bytes)| Some((name, String::from_utf8(bytes).ok()?))).collect();
    let paths = check::recordings(arguments, &contract, folder)?;
    if paths.iter().any(|path| path == "-") {
        return Err("a cluster cannot read standard input; give files, folders, patterns or objects".to_owned());
    }
    let remote = RemoteRun {
        documents,
        flags,
        samples: arguments.judging.samples.0,
        max_body: arguments.max_body.0,
        max_ratio: arguments.max_ratio,
        examples: arguments.examples,
        memory: arguments.memory.map(|memory| memory.0),
    };
    Ok((remote, contract, paths))
}
