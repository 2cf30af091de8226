//! `check`: checks recordings, documented examples and the simulator.

use camino::Utf8Path;
use charter_contract::load::{Settings, settings_of};
use charter_engine::{Contract, check};
use charter_traffic::read::Limits;

use crate::arguments::Check;
use crate::flags::JudgeFlags;
use crate::masking::ReportMasker;
use crate::program::{LiveError, Program};
use crate::progress::Step;
use crate::subject::Subject;
use crate::{exit, output, reporting, split};

pub(crate) fn run(arguments: &Check, program: &Program) -> u8 {
    let folder = output::contract_folder(arguments.contract.contract.as_ref());
    if arguments.reporting.verbose {
        settings(&folder);
    }
    let loaded = match output::load(&folder) {
        Ok(contract) => contract,
        Err(code) => return code,
    };
    let flags = JudgeFlags::of(arguments);
    let step = Step::new("compiling the schemas");
    let made = flags.contract(loaded).and_then(|contract| Ok((flags.judge(&contract, program)?, contract)));
    drop(step);
    let (judge, contract) = match made {
        Ok(made) => made,
        Err(message) => {
            output::message(&format!("error: {message}"));
            return exit::USAGE;
        }
    };
    if let Some(share) = arguments.over_time {
        let code = split::over_time(&judge, &contract, arguments, share, &folder);
        output::leak((judge, contract));
        return code;
    }
    let config = &contract.config().check;
    let (paths, simulator) = match (arguments.paths.as_slice(), &config.recordings, &config.simulator) {
        ([], ..) if arguments.examples => (Vec::new(), None),
        ([], None, None) => {
            output::message(NO_RECORDING);
            return exit::USAGE;
        }
        ([], recordings, simulator) => {
            (recordings.iter().map(|recordings| own_recordings(&folder, recordings)).collect(), simulator.as_ref())
        }
        (paths, _, _) => (paths.to_vec(), None),
    };
    if let Some(split) = arguments.split {
        let code = split::judge(&judge, &contract, arguments, split, &paths, &folder);
        output::leak((judge, contract));
        return code;
    }
    let live = program.live.zip(simulator);
    if simulator.is_some() && live.is_none() {
        output::message("note: [check.simulator] is ignored: this program has no simulator");
    }
    let limits = Limits { max_body: arguments.max_body.0, max_ratio: arguments.max_ratio };
    let memory = arguments.memory.map_or_else(crate::memory::default_budget, |memory| memory.0);
    let masker = ReportMasker::new(Some(&contract));
    let subject = Subject::new(&folder, Some(&contract)).with_flags(arguments);
    let checked: Result<u8, LiveError> =
        reporting::run(&arguments.reporting, &arguments.judging, arguments.partition, &subject, limits, &masker, |options, progress| {
            let options = options.clone().with_memory(memory);
            match live {
                Some((live, simulator)) => live(&judge, &paths, simulator, &options, progress),
                None => Ok(check(&judge, &paths, &options.with_examples(arguments.examples), progress)),
            }
        });
    let code = checked.unwrap_or_else(|error| {
        output::message(&format!("error: {error}"));
        if error.usage { exit::USAGE } else { exit::UNREADABLE }
    });
    output::leak((judge, contract));
    code
}

const NO_RECORDING: &str = "error: no recording given; give a path, or set `recordings` under [check] in charter.toml";

/// The path of the recordings that the contract names.
fn own_recordings(folder: &Utf8Path, recordings: &Utf8Path) -> String {
    output::normalize(&output::base_folder(folder).join(recordings)).into_string()
}

/// The paths of a run without a simulator.
pub(crate) fn recordings(arguments: &Check, contract: &Contract, folder: &Utf8Path) -> Result<Vec<String>, String> {
    match (arguments.paths.as_slice(), &contract.config().check.recordings) {
        ([], _) if arguments.examples => Ok(Vec::new()),
        ([], None) => Err(NO_RECORDING.trim_start_matches("error: ").to_owned()),
        ([], Some(recordings)) => Ok(vec![own_recordings(folder, recordings)]),
        (paths, _) => Ok(paths.to_vec()),
    }
}

/// Prints the settings of a document, or why it has none.
fn settings(path: &Utf8Path) {
    match settings_of(path) {
        Ok(Settings::Used(settings)) => output::message(&format!("settings: {settings}")),
        Ok(Settings::Unused(settings)) => {
            output::message(&format!("settings: {settings} is not used: the folder has several OpenAPI documents"));
        }
        // The load reports the error.
        Ok(_) | Err(_) => {}
    }
}
